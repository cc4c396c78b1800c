"""A PDF → the text that offsets refer to, by way of a process of its own."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources.layout import (
    awaits_value,
    breaks_header_name,
    header_ends,
    is_header_name,
    starts_with_header_name,
    with_header_tabs,
)
from cega_graph.sources.lists import parse_label
from cega_graph.sources.pdf.cells import with_whole_cells
from cega_graph.sources.pdf.columns import blocks_of_pages
from cega_graph.sources.pdf.glyphs import Answer
from cega_graph.sources.pdf.heads import without_heads
from cega_graph.sources.pdf.paragraphs import Words, text_of
from cega_graph.sources.pdf.pieces import Page
from cega_graph.vocabulary import reading_words

SECONDS: Final = 180.0
"""The time that reading a PDF may take; a book of 400 pages takes about ten."""

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from cega_graph.sources.pdf.glyphs import main; main(sys.argv[2])"
)


class PdfText(msgspec.Struct, frozen=True):
    """The text of a PDF, form feeds between pages, the hash of its UTF-8 form, and what was left out of it."""

    text: str
    sha256: str
    notes: tuple[str, ...]


def read_pdf(path: Path, *, seconds: float = SECONDS) -> PdfText:
    """Return the text of a PDF in reading order, without running heads and page numbers.

    Args:
        seconds: After them reading stops.

    Raises:
        UnreadableInput: pypdfium2 is not installed; or the file is encrypted, damaged, holds pictures
            of pages only, or needs more time or memory than any casebook does.
    """
    if importlib.util.find_spec("pypdfium2") is None:
        message = f"{path.name}: reading a PDF needs pypdfium2; install it with `pip install 'cega-graph[pdf]'`"
        raise UnreadableInput(message)
    pages = _pages(path, seconds)
    text, notes = arrange(pages)
    if not text.strip():
        message = (
            f"{path.name}: {len(pages)} pages without any text, most likely pictures of pages; "
            "run text recognition (OCR) on it first"
        )
        raise UnreadableInput(message)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PdfText(text=text, sha256=digest, notes=tuple(f"{path.name}: {note}" for note in notes))


def arrange(pages: Sequence[Page]) -> tuple[str, list[str]]:
    """Return the text of pages in reading order, and lines that say what was left out of it."""
    kept, n_heads = without_heads(pages, _is_meant)
    notes = []
    if n_heads:
        notes.append(f"{n_heads} running heads and page numbers are left out")
    if slanted := sum(page.slanted for page in pages):
        notes.append(f"{slanted} characters that stand aslant or across, such as a watermark, are left out")
    empty = [str(number) for number, page in enumerate(pages, start=1) if not page.pieces]
    if empty and len(empty) < len(pages):
        more = f" and {len(empty) - 10} more" if len(empty) > 10 else ""
        notes.append(f"pages without text, most likely pictures: {', '.join(empty[:10])}{more}")
    words = Words(
        begins=_is_meant, alone=_is_alone, is_header=starts_with_header_name, header_ends=header_ends,
        breaks_name=breaks_header_name, awaits=awaits_value, mend=with_header_tabs,
    )  # fmt: skip
    blocks = [[with_whole_cells(block, is_header_name) for block in page] for page in blocks_of_pages(kept)]
    return text_of(blocks, words), notes


def _is_meant(text: str) -> bool:
    """Tell whether a line is a label, heads a section or begins a header, so that it is no part of the line above."""
    return _is_alone(text) or starts_with_header_name(text)


def _is_alone(text: str) -> bool:
    """Tell whether a line is a label or heads a section, so that it stands by itself."""
    return parse_label(text) is not None or text in reading_words("section") or text in reading_words("partner_section")


def _pages(path: Path, seconds: float) -> Sequence[Page]:
    try:
        with path.open("rb"):
            pass
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-c", _START, json.dumps(sys.path), str(path.resolve())],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        message = (
            f"{path.name}: reading was stopped after {seconds:g} s; no casebook takes as long, the file may be hostile"
        )
        raise UnreadableInput(message) from None
    except OSError as error:
        message = f"{path.name}: cannot be read: {error.strerror}; check the path"
        raise UnreadableInput(message) from None
    try:
        answer = msgspec.msgpack.decode(done.stdout, type=Answer)
    except msgspec.DecodeError:
        message = (
            f"{path.name}: the PDF reader broke off ({done.returncode}): the file is damaged or takes more than 2 GiB; "
            "open it in a PDF reader and save it anew"
        )
        raise UnreadableInput(message) from None
    if answer.problem:
        message = f"{path.name}: {answer.problem}"
        raise UnreadableInput(message)
    return answer.pages
