"""A file → its text, with the offsets that all evidence refers to."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.model import Evidence

_BREAKS: Final = re.compile(r"[\r\n\f\v\x1c-\x1e\x85\u2028\u2029]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")


class SourceText(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a source: a BOM removed, line ends untouched; offsets count its code points.

    `is_paged` says that it was made from a PDF, with a form feed between any two pages.
    """

    text: str
    sha256: str
    notes: tuple[str, ...] = ()
    is_paged: bool = False


def unbroken(text: str) -> str:
    r"""Return a slice of a source as a `mention` holds it: without line breaks.

    >>> unbroken("陕\r\n西定边")
    '陕西定边'
    """
    return _BREAKS.sub("", text)


def read_text(path: Path) -> SourceText:
    """Return the text of a file in UTF-8 or, with a note that says so, in GB18030; or that of a PDF.

    Raises:
        UnreadableInput: The file is missing, empty, an office file, or in another encoding; or it is
            a PDF that cannot be read.
    """
    if is_pdf(path):
        from cega_graph.sources.pdf.read import read_pdf

        pdf = read_pdf(path)
        return SourceText(text=pdf.text, sha256=pdf.sha256, notes=pdf.notes, is_paged=True)
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"{path.name}: cannot be read: {error.strerror}; check the path"
        raise UnreadableInput(message) from None
    _refuse_other_formats(path.name, content)
    notes: list[str] = []
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _decode_chinese(path.name, content, error)
        notes.append(f"{path.name}: is not UTF-8; read as GB18030. Save it as UTF-8 if names look wrong")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        message = f"{path.name}: is empty; give the text of a casebook"
        raise UnreadableInput(message)
    if controls := _CONTROL.findall(text):
        first = _CONTROL.search(text)
        at = first.start() if first else 0
        notes.append(
            f"{path.name}:{at}: {len(controls)} control characters, the first U+{ord(controls[0]):04X}; "
            "they are kept in offsets and left out of names"
        )
    return SourceText(text=text, sha256=hashlib.sha256(content).hexdigest(), notes=tuple(notes))


def is_pdf(path: Path) -> bool:
    """Tell whether a file says that it is a PDF; a file that cannot be opened is none."""
    try:
        with path.open("rb") as file:
            return file.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")
    except OSError:
        return False


def _refuse_other_formats(name: str, content: bytes) -> None:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        message = f"{name}: is an office or zip file, not a text; save it as plain text in UTF-8"
        raise UnreadableInput(message)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = f"{name}: is UTF-16; save it as plain text in UTF-8"
        raise UnreadableInput(message)


def _decode_chinese(name: str, content: bytes, error: UnicodeDecodeError) -> str:
    """GB18030 takes nearly any bytes: accept it only if the outcome reads like Chinese."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    common = len(re.findall("[的和在了年月日中国项目]", text))
    letters = len(re.findall(r"[^\x00-\x7f]", text))
    if not letters or common * 50 < letters or "\x00" in text:
        message = f"{name}: byte {error.start} is neither UTF-8 nor GB18030; save it as plain text in UTF-8"
        raise UnreadableInput(message)
    return text


class Sentences:
    """The sentences around places of sources whose text is at hand.

    Args:
        texts: Source id → its text.
    """

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts: Final = texts

    def around(self, row: Evidence) -> str:
        """Return the sentence that holds the place of a row, or an empty text if its source is not at hand.

        A sentence goes from full stop, blank line or tab to the next; at most 300 characters of a
        longer one, around the place.
        """
        text = self._texts.get(row.source_id)
        if text is None or row.text_start is None or row.text_end is None:
            return ""
        start = max(
            (m.end() for m in _STOPS.finditer(text, max(0, row.text_start - 1500), row.text_start)),
            default=max(0, row.text_start - 1500),
        )
        stop = _STOPS.search(text, row.text_end)
        end = stop.end() if stop else len(text)
        start, end = max(start, row.text_start - 150), min(end, row.text_end + 150)
        return re.sub(r"\s+", " ", unbroken(text[start:end])).strip()


_STOPS: Final = re.compile(r"[。！？；\t]|(?:\r?\n[ \t]*){2,}|\f")
