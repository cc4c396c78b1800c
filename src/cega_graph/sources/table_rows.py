"""The rows of any table: CSV, XLSX, JSON lines or a JSON list of objects, Parquet."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources.files import MOST_COLUMNS, File
from cega_graph.sources.records import Original, Remark, SetAside

HEAD_ROWS: Final = 40
"""Rows among which the one with the titles is looked for."""

_JSON_HEAD: Final = 1000
"""Objects whose keys are the columns of a JSON table; keys that only later ones have go to extra with all."""


class TableRow(msgspec.Struct, frozen=True, array_like=True):
    """A row: its number as people count (the first row of a sheet or file is 1), its cells, the row as it stands."""

    locator: str
    cells: Sequence[str]
    original: Original


class Sheet(msgspec.Struct, frozen=True):
    """A table of a file: its columns and what stands below them.

    `preamble` are the rows above the titles; `rows` can be gone through once.
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    preamble: tuple[tuple[str, ...], ...]
    rows: Iterator[TableRow | SetAside | Remark]


def open_table(file: File, *, sheet: str = "", choose: Callable[[Sequence[Sequence[str]]], int]) -> Sheet:
    """Return a table of a file.

    Args:
        sheet: Of a workbook; its first one that is not empty if left out.
        choose: Returns which of the first rows holds the titles.

    Raises:
        UnreadableInput: It is no table, or is damaged.
    """
    if file.form == "json":
        return _json(file)
    if file.form == "parquet":
        return _parquet(file)
    if file.form == "text":
        return _cells(file, "", file.rows(), choose)
    if file.form in {"zip", "xls"}:
        return _cells(file, *_sheet(file, sheet), choose)
    message = f"{file.name}: is {file.form.upper()}, no table; give CSV, XLSX, JSON lines or Parquet"
    raise UnreadableInput(message)


def _sheet(file: File, wanted: str) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    names = file.sheets
    if wanted and wanted not in names:
        message = f"{file.name}: has no sheet {wanted!r}; there are {', '.join(map(repr, names))}"
        raise UnreadableInput(message)
    for name in [wanted] if wanted else names:
        rows = file.sheet(name)
        first = next(rows, None)
        if first is not None:
            return name, chain([first], rows)
    message = f"{file.name}: has no sheet with cells; give a file with grants"
    raise UnreadableInput(message)


def _cells(
    file: File, name: str, rows: Iterator[tuple[int, list[str]]], choose: Callable[[Sequence[Sequence[str]]], int]
) -> Sheet:
    head = list(islice(rows, HEAD_ROWS))
    if not head:
        message = f"{file.name}: is empty; give a file with grants"
        raise UnreadableInput(message)
    at = choose([cells for _, cells in head])
    header = titles(head[at][1])
    below = _padded(chain(head[at + 1 :], rows), len(header))
    encoding = file.encoding[1] if file.form == "text" else None
    started: Iterable[Remark] = (encoding,) if encoding else ()
    return Sheet(name, header, head[at][0], tuple(tuple(c) for _, c in head[:at]), chain(started, below))


def _padded(rows: Iterable[tuple[int, list[str]]], width: int) -> Iterator[TableRow | SetAside]:
    for number, cells in rows:
        original = tuple(cells)
        if len(cells) == width:
            yield TableRow(f"row={number}", cells, original)
        elif len(cells) < width:
            yield TableRow(f"row={number}", [*cells, *[""] * (width - len(cells))], original)
        elif any(cells[width:]):
            yield SetAside("ragged-row", f"row={number}", original, text=" | ".join(filter(None, cells[width:])))
        else:
            yield TableRow(f"row={number}", cells[:width], original)


def titles(cells: Sequence[str]) -> tuple[str, ...]:
    """Return the titles of columns, each its own: an empty one is called by its place, a repeated one numbered.

    >>> titles(["Name", "", "Name ", ""])
    ('Name', '#2', 'Name#2', '#4')
    """
    found: dict[str, None] = {}
    for place, cell in enumerate(cells, start=1):
        title = " ".join(cell.lstrip("\ufeff").split()) or f"#{place}"
        again = 2
        name = title
        while name in found:
            name = f"{title}#{again}"
            again += 1
        found[name] = None
    return tuple(found)


def _json(file: File) -> Sheet:
    lines = _json_list(file) if file.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") else _json_lines(file)
    head = list(islice(lines, _JSON_HEAD))
    keys: dict[str, None] = {}
    for one in head:
        if isinstance(one, tuple):
            keys |= dict.fromkeys(one[2])
    header = tuple(keys)
    if not header or len(header) > MOST_COLUMNS:
        message = f"{file.name}: is JSON without a list of objects that share keys; give one object a line"
        raise UnreadableInput(message)
    return Sheet("", header, 0, (), (_json_row(one, header) for one in chain(head, lines)))


def _json_row(one: tuple[str, bytes, dict[str, Any]] | SetAside, header: tuple[str, ...]) -> TableRow | SetAside:
    if not isinstance(one, tuple):
        return one
    locator, raw, values = one
    return TableRow(locator, [v if type(v) is str else _text(v) for v in map(values.get, header)], raw)


def _text(value: object) -> str:
    """Return a value of JSON or Parquet as a cell; a list of plain values as its members between semicolons."""
    if type(value) is str:
        return value
    if value is None or isinstance(value, bool):
        return _TRUTH[value]
    if isinstance(value, dict | list):
        if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
            return "; ".join(map(str, value))
        return msgspec.json.encode(value).decode()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


_TRUTH: Final = {None: "", True: "TRUE", False: "FALSE"}


_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode


def _object(raw: bytes, locator: str) -> tuple[str, bytes, dict[str, Any]] | SetAside:
    try:
        return locator, raw, _decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        is_other = isinstance(error, msgspec.ValidationError)
        return SetAside("not-an-object" if is_other else "unreadable-row", locator, raw, text=str(error)[:200])


def _json_lines(file: File) -> Iterator[tuple[str, bytes, dict[str, Any]] | SetAside]:
    number, rest = 0, b""
    mark = b"\xef\xbb\xbf"
    for chunk in chain(file.chunks(), [b"\n"]):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            raw = line.removeprefix(mark).strip() if number == 1 else line.strip()
            if raw:
                yield _object(raw, f"row={number}")


def _json_list(file: File) -> Iterator[tuple[str, bytes, dict[str, Any]] | SetAside]:
    try:
        found = msgspec.json.decode(file.read().removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        message = f"{file.name}: is not readable as JSON: {error}; if its end is missing, fetch it anew"
        raise UnreadableInput(message) from None
    for place, raw in enumerate(found):
        yield _object(bytes(raw), f"/{place}")


def _parquet(file: File) -> Sheet:
    if importlib.util.find_spec("pyarrow") is None:
        message = f"{file.name}: reading Parquet needs pyarrow; install it with `pip install 'cega-graph[parquet]'`"
        raise UnreadableInput(message)
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(file.path)
        header = tuple(table.schema_arrow.names)
    except (pa.ArrowException, OSError) as error:
        message = f"{file.name}: is not readable as Parquet: {' '.join(str(error).split())}; write it anew"
        raise UnreadableInput(message) from None
    return Sheet("", titles(header), 0, (), _parquet_rows(file, table))


def _parquet_rows(file: File, table: Any) -> Iterator[TableRow]:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    number = 0
    try:
        for batch in table.iter_batches(batch_size=10_000):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                number += 1
                cells = tuple(map(_text, values))
                yield TableRow(f"row={number}", cells, cells)
    except (pa.ArrowException, OSError) as error:
        message = f"{file.name}: is damaged behind row {number}: {' '.join(str(error).split())}; write it anew"
        raise UnreadableInput(message) from None
