"""A file as readers meet it: its form by content, its bytes, its text in whatever encoding, its sheets."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from cega_graph.errors import UnreadableInput
from cega_graph.sources.blocks import CHARACTERS, Block, block_of, iter_csv
from cega_graph.sources.records import Remark

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_HEAD: Final = 1 << 16
_CHUNK: Final = 1 << 20
MOST_COLUMNS: Final = 16_384
"""The columns of a sheet in Excel; a wider table is no list of grants."""
HEAD_ROWS: Final = 40
"""Rows among which the one with the titles is looked for."""
_SHEET_ROWS: Final = 512
"""Rows of a block of a sheet."""
_MOST_UNPACKED: Final = 1 << 30
"""Bytes that an XLSX file may unpack to: a million rows of grants stay below."""
_MOST_WHOLE: Final = 1 << 32
"""Bytes that are read in one piece."""


class File:
    """A file to be read.

    Args:
        path: Where it lies.
        mapping: A file that says which column is what, for readers that need one.
        tell: Called with the number of bytes read so far, now and then.

    Raises:
        UnreadableInput: It is missing, empty, or a folder.
    """

    def __init__(self, path: Path, *, mapping: Path | None = None, tell: Callable[[int], None] | None = None) -> None:
        self.path: Final = path
        self.name: Final = path.name
        self.mapping: Final = mapping
        self._parsed: dict[str, CalamineSheet] = {}
        self.n_valueless = 0
        self.tell: Callable[[int], None] = tell or (lambda _: None)
        try:
            self.size = path.stat().st_size
            with self.open() as opened:
                self.head = opened.read(_HEAD)
        except (OSError, EOFError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message = f"{self.name}: cannot be read: {reason}; check the path"
            raise UnreadableInput(message) from None
        if not self.head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
            message = f"{self.name}: is empty; give a file with grants"
            raise UnreadableInput(message)

    def open(self) -> io.BufferedIOBase:
        """Return the opened file, unpacked if it is gzipped."""
        with self.path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        return gzip.GzipFile(self.path) if packed else self.path.open("rb")

    def read(self) -> bytes:
        """Return all bytes.

        Raises:
            UnreadableInput: There are more than 4 GB of them.
        """
        with self.open() as opened:
            content = opened.read(_MOST_WHOLE + 1)
        if len(content) > _MOST_WHOLE:
            message = f"{self.name}: is larger than 4 GB in one piece; give it as JSON lines or CSV"
            raise UnreadableInput(message)
        return content

    def read_utf8(self) -> tuple[bytes, Remark | None]:
        """Return all bytes as UTF-8 without BOM, whatever the encoding of the file, and what to say of it."""
        content = self.read()
        if content.isascii() and not _by_mark(self.head):
            return content, None
        name, remark = self.encoding
        if remark is None:
            return content.removeprefix(b"\xef\xbb\xbf"), None
        return content.decode(name, errors="replace").encode(), remark

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes in pieces of a megabyte, and tell how far."""
        with self.open() as opened:
            while chunk := opened.read(_CHUNK):
                yield chunk
                self._tell(opened)

    def tell_of(self, opened: IO[str]) -> None:
        """Tell how far an opened text has been read."""
        self._tell(opened.buffer)  # type: ignore[attr-defined]

    def _tell(self, opened: io.BufferedIOBase) -> None:
        raw = getattr(opened, "fileobj", None) or opened
        self.tell(raw.tell())

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the file as it lies there, in hex."""
        with self.path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    @cached_property
    def form(self) -> str:
        """What the content is: `zip`, `xls`, `pdf`, `parquet`, `xml`, `json` or `text`."""
        for form, magic in _MAGIC.items():
            if self.head.startswith(magic):
                return form
        start = self.start.lstrip("\ufeff \t\r\n\x00")
        if start.startswith("<"):
            return "xml"
        return "json" if re.match(r"[\[{]\s*[\[{\"}\]]", start) else "text"

    @cached_property
    def start(self) -> str:
        """The beginning of the file as text, to recognise it by."""
        return self.head.decode(_by_mark(self.head) or "latin-1", errors="replace")

    @cached_property
    def root(self) -> str:
        """The name of the root element of an XML file, without prefix; else an empty text."""
        if self.form != "xml":
            return ""
        text = re.sub(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE.*?>", "", self.start, flags=re.DOTALL)
        match = re.search(r"<(?:[\w.-]+:)?([\w.-]+)", text)
        return match.group(1) if match else ""

    @cached_property
    def headers(self) -> dict[str, tuple[str, ...]]:
        """Sheet name (empty for a text table) → the cells of its first row that is not empty."""
        return {name: tuple(rows[0][1]) if rows else () for name, rows in self.tops.items()}

    @cached_property
    def tops(self) -> dict[str, list[tuple[int, Sequence[str]]]]:
        """Sheet name (empty for a text table) → its first rows that are not empty, with their numbers, 40 at most."""
        if self.form == "text":
            first = list(islice(self.rows(), HEAD_ROWS))
            return {"": first} if first else {}
        if self.form != "zip":
            return {}
        return {name: list(islice(self.sheet(name), HEAD_ROWS)) for name in self.sheets}

    @cached_property
    def encoding(self) -> tuple[str, Remark | None]:
        """The encoding of a text file, found by its mark or by decoding all of it, and what to say of it.

        A file with some bytes that are not UTF-8 is UTF-8 nonetheless if its mark or most of its other letters say so.
        """
        name = _by_mark(self.head)
        if name and name != "utf-8-sig":
            return name, Remark("encoding", "", name)
        at = self._first_not_utf8()
        if at < 0:
            return "utf-8-sig", None
        bad, letters = self._not_utf8()
        if name or letters >= _UTF8_LETTERS * bad:
            return "utf-8-sig", Remark("bad-bytes", f"line {self._line_of(at)}, byte {at}", str(bad))
        name = self._legacy()
        return name, Remark("encoding", f"byte {at}", name)

    def _first_not_utf8(self) -> int:
        decoder, passed = codecs.getincrementaldecoder("utf-8")(), 0
        chunks = [b""]
        try:
            with self.open() as opened:
                while chunks := [opened.read(_CHUNK)]:
                    decoder.decode(chunks[0], final=not chunks[0])
                    if not chunks[0]:
                        return -1
                    passed += len(chunks[0])
        except UnicodeDecodeError as error:
            return max(0, passed + error.start - (len(error.object) - len(chunks[0])))
        return -1

    def _not_utf8(self) -> tuple[int, int]:
        """How many bytes are not UTF-8, and how many letters beyond ASCII are."""
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        bad = letters = 0
        with self.open() as opened:
            chunk = b"-"
            while chunk:
                chunk = opened.read(_CHUNK)
                text = decoder.decode(chunk, final=not chunk)
                found = len(_ESCAPED.findall(text))
                bad, letters = bad + found, letters + len(_NOT_ASCII.findall(text)) - found
        return bad, letters

    def _line_of(self, at: int) -> int:
        """The number of the line that a byte stands in."""
        line = 1
        with self.open() as opened:
            while at > 0 and (chunk := opened.read(min(at, _CHUNK))):
                line += chunk.count(b"\n")
                at -= len(chunk)
        return line

    def _legacy(self) -> str:
        """GB18030 if all of it decodes so and what is not ASCII there is mostly common Chinese; else cp1252."""
        decoder = codecs.getincrementaldecoder("gb18030")()
        letters = common = 0
        try:
            with self.open() as opened:
                while chunk := opened.read(_CHUNK):
                    text = decoder.decode(chunk)
                    letters += len(_NOT_ASCII.findall(text))
                    common += len(_COMMON_HAN.findall(text))
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            letters = 0
        return "gb18030" if letters and common * 50 >= letters else "cp1252"

    def text(self) -> IO[str]:
        """Return the opened text of the file; bytes that its encoding does not know become U+FFFD."""
        return io.TextIOWrapper(cast("IO[bytes]", self.open()), encoding=self.encoding[0], errors="replace", newline="")

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield (number, cells) of each row of a text table that is not empty; the first row is number 1."""
        for block in self.blocks():
            yield from zip(block.numbers, block.rows, strict=True)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of a text table that are not empty.

        Raises:
            UnreadableInput: A row has more than 16,384 cells, or a cell more than 131,072 characters.
        """
        number = 1
        with self.text() as opened:
            try:
                for rows in iter_csv(opened, self.separator):
                    self.tell_of(opened)
                    for row in rows[-number % 1024 :: 1024]:
                        if len(row) > MOST_COLUMNS:
                            self._refuse_width(len(row))
                    yield block_of(number, rows)
                    number += len(rows)
            except csv.Error as error:
                message = f"{self.name}: behind row {number}: {error}; is a quote without its end?"
                raise UnreadableInput(message) from None

    @cached_property
    def separator(self) -> str:
        """The comma, semicolon, tab or bar that the first line of a text table holds most of.

        Raises:
            UnreadableInput: It holds more than 16,384.
        """
        with self.text() as opened:
            first = opened.readline(_HEAD * 16)
        separator = max(",;\t|", key=lambda sign: (first.count(sign), -",;\t|".index(sign)))
        if first.count(separator) >= MOST_COLUMNS:
            self._refuse_width(first.count(separator) + 1)
        return separator

    def line_blocks(self) -> Iterator[list[str]]:
        """Yield the lines of a text, some hundred at a time, with their ends."""
        with self.text() as opened:
            while lines := opened.readlines(CHARACTERS):
                yield lines

    def _refuse_width(self, width: int) -> None:
        message = f"{self.name}: a row has {width} columns; a list of grants has at most {MOST_COLUMNS}"
        raise UnreadableInput(message)

    @cached_property
    def _book(self) -> CalamineWorkbook:
        import python_calamine

        if self.form == "zip":
            self._refuse_bomb()
        try:
            return python_calamine.CalamineWorkbook.from_path(str(self.path))
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            message = f"{self.name}: is not readable as a spreadsheet: {error}; save it as XLSX or CSV"
            raise UnreadableInput(message) from None

    def _refuse_bomb(self) -> None:
        try:
            with zipfile.ZipFile(self.path) as packed:
                unpacked = sum(entry.file_size for entry in packed.infolist())
                if unpacked <= _MOST_UNPACKED:
                    self._look_through(packed)
        except (zipfile.BadZipFile, OSError) as error:
            message = f"{self.name}: is a damaged zip or spreadsheet file: {error}; save it anew"
            raise UnreadableInput(message) from None
        if unpacked > _MOST_UNPACKED:
            message = f"{self.name}: unpacks to {unpacked:,} bytes, more than the 1 GB that is read; save it as CSV"
            raise UnreadableInput(message)

    def _look_through(self, packed: zipfile.ZipFile) -> None:
        """Count cells without a value, and refuse a sheet whose filled cells lie too far apart.

        calamine holds all cells between, and there is no memory for that.
        """
        for entry in packed.infolist():
            if not _SHEET_FILE.fullmatch(entry.filename):
                continue
            with packed.open(entry) as sheet:
                seen = _seen(sheet)
            self.n_valueless += seen.valueless
            if seen.columns * seen.last <= _MOST_CELLS:
                continue
            with packed.open(entry) as sheet:
                first, last, columns = extent_of_cells(sheet)
            if (n := (last - first + 1) * columns) > _MOST_CELLS:
                message = f"{self.name}: {entry.filename} has filled cells from row {first} to {last}, up to column "
                message += (
                    f"{columns}, {n:,} with the empty ones between; delete what stands there alone, or save as CSV"
                )
                raise UnreadableInput(message)

    @property
    def sheets(self) -> list[str]:
        """The names of the sheets of a workbook.

        Raises:
            UnreadableInput: It is no workbook, or unpacks to more than 1 GB.
        """
        return list(self._book.sheet_names)

    def sheet(self, name: str) -> Iterator[tuple[int, Sequence[str]]]:
        """Yield (number, cells) of each row of a sheet that is not empty; see `sheet_blocks`."""
        for block in self.sheet_blocks(name):
            yield from zip(block.numbers, block.rows, strict=True)

    def sheet_blocks(self, name: str) -> Iterator[Block]:
        """Yield the rows of a sheet that are not empty; numbers as the spreadsheet shows them.

        Dates become ISO texts, whole numbers lose `.0`; of a formula the value is read that the
        file holds for it.
        """
        if name not in self._parsed:
            self._parsed[name] = self._book.get_sheet_by_name(name)
        sheet = self._parsed[name]
        if sheet.width > MOST_COLUMNS:
            self._refuse_width(sheet.width)
        number, rows = 1 + (sheet.start[0] if sheet.start else 0), sheet.iter_rows()
        while some := list(islice(rows, _SHEET_ROWS)):
            yield block_of(number, list(zip(*map(_texts, zip(*some, strict=True)), strict=True)))
            number += len(some)


_SHEET_FILE: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_FILLED: Final = re.compile(rb'<(?:\w+:)?c\s[^<>/]*?\br="([A-Z]{1,3})([0-9]{1,7})"[^<>/]*>')
_LAST_CELL: Final = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')
_MOST_CELLS: Final = 60_000_000
"""A full sheet of fifty columns; calamine takes some 30 bytes for each."""


class _Sheet(NamedTuple):
    columns: int
    last: int
    valueless: int


def _seen(sheet: IO[bytes]) -> _Sheet:
    """Look through a sheet's XML, row by row: the widest and the last row, by their last cells, filled or not.

    Counts the cells that hold an error, or a formula of which the file has no value.
    """
    columns: set[bytes] = set()
    last, valueless, left = 0, 0, b""
    while chunk := sheet.read(1 << 20):
        *rows, left = (left + chunk).split(b"</row>")
        for row in rows:
            if found := _LAST_CELL.match(row, row.rfind(b' r="')):
                columns.add(found[1])
                last = max(last, int(found[2]))
        valueless += sum(len(_VALUELESS.findall(row)) for row in rows if b"</f>" in row or b' t="e"' in row)
        if len(left) > _LONGEST_ROW:
            return _Sheet(_MOST_CELLS, 2, valueless)
    return _Sheet(max(map(_column_number, columns), default=0), last, valueless)


_VALUELESS: Final = re.compile(rb'</f>(?:<v\s*/>|<v></v>)?</c>|<c\s[^<>]* t="e"')
_LONGEST_ROW: Final = 1 << 24
"""Bytes of a row, at most, of sheets that programs write."""


def extent_of_cells(sheet: IO[bytes]) -> tuple[int, int, int]:
    """Return the first and last row of a sheet's XML that has a filled cell, and its columns; zeros if it has none."""
    columns: set[bytes] = set()
    first = last = 0
    left = b""
    while chunk := sheet.read(1 << 20):
        found = _FILLED.findall(left + chunk)
        left = (left + chunk)[-_LONGEST_TAG:]
        if found:
            columns.update(letters for letters, _ in found)
            first, last = first or int(found[0][1]), max(last, int(found[-1][1]))
    return first, last, max(map(_column_number, columns), default=0)


_LONGEST_TAG: Final = 200
"""Characters of a cell's tag, which two reads may divide."""


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


_MAGIC: Final = {"zip": b"PK\x03\x04", "xls": b"\xd0\xcf\x11\xe0", "pdf": b"%PDF-", "parquet": b"PAR1"}
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_ESCAPED: Final = re.compile("[\udc80-\udcff]")
_UTF8_LETTERS: Final = 2
"""Letters for each byte that is not UTF-8, from which a file is UTF-8 with faults.

Other encodings seldom look like UTF-8: a letter beyond ASCII has to be followed by one of 64 characters, which in
cp1252 are signs and in GB18030 a fifth of what follows, while most other bytes are faults.
"""
_COMMON_HAN: Final = re.compile("[的和在了年月日中国项目金会资助省市县]")


def _by_mark(head: bytes) -> str:
    """The encoding that a byte order mark names, or that NUL bytes in every second place give away."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[0:2000:2].count(0), head[1:2000:2].count(0)
    if len(head) >= 8 and max(even, odd) * 5 > len(head[:2000]):
        return "utf-16-be" if even > odd else "utf-16-le"
    return ""


def _texts(cells: Sequence[object]) -> Sequence[str]:
    return [cell if type(cell) is str else _cell(cell) for cell in cells]


def _cell(value: object) -> str:
    """Return a cell that is no text as one.

    >>> import datetime
    >>> _cell(30000.0), _cell(0.1), _cell(datetime.date(2021, 1, 26)), _cell(True), _cell(1e22)
    ('30000', '0.1', '2021-01-26', 'TRUE', '10000000000000000000000')
    """
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)
