"""PDF files made by hand, small and as odd as wanted."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Final

from cega_graph.sources.pdf.pieces import Page, Piece

_HEAD: Final = b"%PDF-1.7\n"


def pdf_of(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """Return a PDF of numbered objects; the first is its catalogue."""
    out = bytearray(_HEAD)
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer\n<</Size {len(objects) + 1} /Root 1 0 R {trailer}>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def stream(content: bytes, entries: str = "") -> bytes:
    """Return a stream object."""
    return f"<</Length {len(content)} {entries}>>\nstream\n".encode() + content + b"\nendstream"


def one_page(
    content: bytes, entries: str = "", trailer: str = "", others: Sequence[bytes] = (), use: str = ""
) -> bytes:
    """Return a PDF of one page with this content; `use` are resources besides the font."""
    return pdf_of(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
            f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            f"/Resources <</Font <</F 5 0 R>> {use}>>>>".encode(),
            stream(content, entries),
            b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
            *others,
        ],
        trailer,
    )


def shown(text: str) -> bytes:
    """Return the content of a page that prints a line."""
    return f"BT /F 12 Tf 72 700 Td ({text}) Tj ET".encode()


def swelling(megabytes: int) -> bytes:
    """Return a deflated stream of so many megabytes of spaces, some thousand times smaller."""
    packer = zlib.compressobj(9)
    begin = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + again * (megabytes - 1)


def forms_within_forms(depth: int) -> bytes:
    """Return a PDF whose page draws a form that draws ten forms, and so on; the last prints a letter."""
    forms = []
    for level in range(depth):
        inner = b"/X Do " * 10 if level < depth - 1 else shown("x")
        use = f"/XObject <</X {7 + level} 0 R>>" if level < depth - 1 else ""
        entries = f"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources <</Font <</F 5 0 R>> {use}>>"
        forms.append(stream(inner, entries))
    return one_page(b"/X Do", others=forms, use="/XObject <</X 6 0 R>>")


def laid_out(
    columns: Mapping[float, Sequence[str]], *, size: float = 10.0, top: float = 780.0, pitch: float = 16.0,
    gap: float = 8.0, head: str = "", foot: str = "",
) -> Page:  # fmt: skip
    """Return a page as pdfium would show it: columns of lines by their left edge; an empty line is a wider gap.

    Every character is a square, so that a line of n characters is n sizes wide.
    """
    pieces = []
    for left, lines in columns.items():
        y = top
        for line in lines:
            if not line:
                y -= gap
                continue
            x = left
            for part in line.split("\t"):
                pieces.append(Piece(part, x, x + size * len(part), y, size))
                x += size * len(part) + 20
            y -= pitch
    if head:
        pieces.append(Piece(head, 60, 60 + 8 * len(head), 820, 8))
    if foot:
        pieces.append(Piece(foot, 290, 290 + 8 * len(foot), 30, 8))
    return Page(595, 842, tuple(sorted(pieces, key=lambda p: (-p.y, p.x0))))
