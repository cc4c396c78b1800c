"""The process that opens a PDF: it bounds its memory and sends pages of pieces back.

A damaged or hostile file may take pdfium, which is native code, down or fill the memory; so it
runs apart. Run by `read.py` only: the path comes as the argument, msgpack goes to stdout.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

import msgspec

from cega_graph.names.normalize import plain_characters
from cega_graph.sources.pdf.pieces import Glyph, Page, is_wide, pieces_of

MEMORY: Final = 2 * 1024**3
"""Bytes of address space that reading a file may take."""

MAX_GLYPHS: Final = 20_000_000
"""No book has so many characters: fifty times the Bible."""

_PASSWORD: Final = 4
"""FPDF_ERR_PASSWORD of pdfium's `fpdfview.h`."""

_HYPHENS: Final = "\x02\ufffe"
"""What pdfium puts in the place of a hyphen at the end of a line."""


class Answer(msgspec.Struct):
    """What the process says: the pages, or why there are none."""

    pages: tuple[Page, ...] = ()
    problem: str = ""


def main(path: str) -> None:
    """Write the pages of a PDF to stdout."""
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever pdfium prints must not stand in the answer
    import pypdfium2  # noqa: F401 - before memory is bounded

    _bound_memory()
    try:
        answer = Answer(pages=tuple(_pages(path)))
    except _Refused as refused:
        answer = Answer(problem=str(refused))
    outgoing.write(msgspec.msgpack.encode(answer))
    outgoing.flush()


class _Refused(Exception):
    """Why a file is not read."""


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        used = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))


def _pages(path: str) -> list[Page]:
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        document = pdfium.PdfDocument(path)
        count = len(document)
    except pdfium.PdfiumError:
        if raw.FPDF_GetLastError() == _PASSWORD:
            message = "is encrypted and asks for a password; save a copy without one"
        else:
            message = "is damaged or no PDF; open it in a PDF reader and save it anew"
        raise _Refused(message) from None
    pages: list[Page] = []
    total = 0
    for index in range(count):
        try:
            page = document[index]
            glyphs, slanted = _glyphs(page, raw)
        except pdfium.PdfiumError:
            message = f"page {index + 1} is damaged; open the file in a PDF reader and save it anew"
            raise _Refused(message) from None
        total += len(glyphs)
        if total > MAX_GLYPHS:
            message = f"holds more than {MAX_GLYPHS:,} characters; no casebook does"
            raise _Refused(message)
        width, height = page.get_size()
        pages.append(Page(width, height, tuple(pieces_of(glyphs)), slanted))
        page.close()
    return pages


def _glyphs(page: Any, raw: Any) -> tuple[list[Glyph], int]:  # noqa: ANN401 - pypdfium2 has no types
    """Return the glyphs of a page, turned so that most lines run from left to right, and how many stand aslant."""
    text_page = page.get_textpage()
    found: list[tuple[str, float, float, float, float, int]] = []
    slanted = 0
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(text_page.count_chars()):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if raw.FPDFText_IsGenerated(text_page, index) == 1 or not code:
            continue
        char = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        char = "-" if char in _HYPHENS else plain_characters(char)
        if not (char.isprintable() or char.isspace()):
            continue
        raw.FPDFText_GetMatrix(text_page, index, matrix)
        raw.FPDFText_GetCharOrigin(text_page, index, x, y)
        raw.FPDFText_GetLooseCharBox(text_page, index, box)
        angle = math.degrees(math.atan2(matrix.b, matrix.a)) % 360
        turn = round(angle / 90) % 4
        if abs((angle - turn * 90 + 180) % 360 - 180) > 10:
            slanted += 1
            continue
        size = raw.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.a, matrix.b)
        edges = (box.left, box.right, box.bottom, box.top)
        found.append((char, *_upright(turn, x.value, y.value, edges), size, turn))
    text_page.close()
    main_turn = Counter(one[5] for one in found).most_common(1)[0][0] if found else 0
    glyphs = [_widened(Glyph(*one[:5], order)) for order, one in enumerate(found) if one[5] == main_turn]
    return glyphs, slanted + len(found) - len(glyphs)


def _upright(turn: int, x: float, y: float, edges: tuple[float, float, float, float]) -> tuple[float, float, float]:
    """Return left edge, right edge and baseline, as if the page had been turned until the line runs to the right."""
    left, right, bottom, top = edges
    if turn == 1:
        return y, top, -x
    if turn == 2:
        return -x, -left, -y
    if turn == 3:
        return -y, -bottom, x
    return x, right, y


def _widened(glyph: Glyph) -> Glyph:
    """A wide character takes a square, whatever box its outline has."""
    size = max(glyph.size, 0.1)
    if is_wide(glyph.char) or (glyph.char in "“”‘’" and glyph.x1 - glyph.x0 > 0.7 * size):
        return glyph._replace(x1=glyph.x0 + size, size=size)
    return glyph._replace(x1=max(glyph.x0, glyph.x1), size=size)
