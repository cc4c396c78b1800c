"""The rows of any table: CSV, XLSX, JSON lines or a JSON list of objects, Parquet."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, Final, cast

import msgspec
from msgspec.structs import astuple

from cega_graph.errors import UnreadableInput
from cega_graph.sources.blocks import Block
from cega_graph.sources.files import HEAD_ROWS, MOST_COLUMNS, File
from cega_graph.sources.records import Original, Remark, SetAside

_JSON_BLOCK: Final = 256
"""Objects, or rows of a Parquet file, that are read together."""

_JSON_HEAD: Final = 1000
"""Objects whose keys are the columns of a JSON table; keys that only later ones have go to extra with all."""


class Rows(msgspec.Struct, frozen=True):
    """Rows that follow each other: their numbers as people count, their cells by column, the rows as they stand.

    The first row of a sheet or file is `row=1`. Each column has a cell for each row.
    """

    locators: list[str]
    columns: Sequence[Sequence[str]]
    originals: Sequence[Original]

    def part(self, start: int, stop: int) -> Rows:
        """Return the rows from one to before another, counted from 0."""
        columns = [column[start:stop] for column in self.columns]
        return Rows(self.locators[start:stop], columns, self.originals[start:stop])


class Sheet(msgspec.Struct, frozen=True):
    """A table of a file: its columns and what stands below them.

    `preamble` are the rows above the titles; `rows` can be gone through once.
    """

    name: str
    header: tuple[str, ...]
    header_row: int
    preamble: tuple[tuple[str, ...], ...]
    rows: Iterator[Rows | SetAside | Remark]


Choose = Callable[[Sequence[Sequence[str]], Sequence[int]], int]
"""Given the first rows that are not empty, and their numbers, returns which of them holds the titles."""


def open_table(file: File, *, sheet: str = "", choose: Choose) -> Sheet:
    """Return a table of a file.

    Args:
        sheet: Of a workbook; its first one that is not empty if left out.
        choose: Finds the titles.

    Raises:
        UnreadableInput: It is no table, or is damaged.
    """
    if file.form == "json":
        return _json(file)
    if file.form == "parquet":
        return _parquet(file)
    if file.form == "text":
        return _cells(file, "", file.blocks(), choose)
    if file.form in {"zip", "xls"}:
        return _cells(file, *_sheet(file, sheet), choose)
    message = f"{file.name}: is {file.form.upper()}, no table; give CSV, XLSX, JSON lines or Parquet"
    raise UnreadableInput(message)


def _sheet(file: File, wanted: str) -> tuple[str, Iterator[Block]]:
    names = file.sheets
    if wanted and wanted not in names:
        message = f"{file.name}: has no sheet {wanted!r}; there are {', '.join(map(repr, names))}"
        raise UnreadableInput(message)
    for name in [wanted] if wanted else names:
        blocks = file.sheet_blocks(name)
        first = next((block for block in blocks if block.rows), None)
        if first is not None:
            return name, chain([first], blocks)
    message = f"{file.name}: has no sheet with cells; give a file with grants"
    raise UnreadableInput(message)


def _cells(file: File, name: str, blocks: Iterator[Block], choose: Choose) -> Sheet:
    head: list[tuple[int, Sequence[str]]] = []
    while len(head) < HEAD_ROWS and (block := next(blocks, None)):
        head += zip(block.numbers, block.rows, strict=True)
    if not head:
        message = f"{file.name}: is empty; give a file with grants"
        raise UnreadableInput(message)
    at = choose([cells for _, cells in head[:HEAD_ROWS]], [number for number, _ in head[:HEAD_ROWS]])
    header = titles(head[at][1])
    first = Block([number for number, _ in head[at + 1 :]], [cells for _, cells in head[at + 1 :]])
    encoding = file.encoding[1] if file.form == "text" else None
    valueless = Remark("valueless-cells", "", str(file.n_valueless)) if file.n_valueless else None
    started: Iterable[Remark] = filter(None, (encoding, valueless))
    below = chain.from_iterable(padded(block, len(header)) for block in chain([first], blocks))
    return Sheet(name, header, head[at][0], tuple(tuple(c) for _, c in head[:at]), chain(started, below))


def padded(
    block: Block, width: int, place: str = "", told: Callable[[Sequence[str]], str] | None = None
) -> Iterator[Rows | SetAside]:
    """Yield the rows of a block, each with as many cells as there are titles; rows with more are set aside.

    Args:
        place: What stands before `row=…` in a locator.
        told: Returns what is said of a row that is set aside; the cells behind the last title if left out.
    """
    if set(map(len, block.rows)) == {width}:
        yield _rows(block.numbers, block.rows, block.rows, place)
        return
    wide = [at for at, cells in enumerate(block.rows) if any(cells[width:])]
    start = 0
    for at in (*wide, len(block.rows)):
        some = block.part(start, at)
        if some.rows:
            filled = [(*cells[:width], *[""] * (width - len(cells))) for cells in some.rows]
            yield _rows(some.numbers, filled, some.rows, place)
        if at < len(block.rows):
            cells = block.rows[at]
            text = told(cells) if told else " | ".join(filter(None, cells[width:]))
            yield SetAside("ragged-row", f"{place}row={block.numbers[at]}", tuple(cells), text=text)
        start = at + 1


def _rows(
    numbers: Sequence[int], rows: Sequence[Sequence[str]], originals: Sequence[Sequence[str]], place: str
) -> Rows:
    locators = [f"{place}row={number}" for number in numbers]
    return Rows(locators, list(zip(*rows, strict=True)), list(map(tuple, originals)))


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


class _Objects(msgspec.Struct, frozen=True):
    """Objects of a JSON file that follow each other, with their bytes."""

    locators: list[str]
    raws: list[bytes]
    values: list[dict[str, Any]]


def _json(file: File) -> Sheet:
    blocks = _json_list(file) if file.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[") else _json_lines(file)
    head: list[_Objects | SetAside] = []
    many = 0
    while many < _JSON_HEAD and (block := next(blocks, None)):
        head += _objects(*block)
        many += len(block[0])
    keys: dict[str, None] = {}
    first: Iterable[list[dict[str, Any]]] = (one.values if isinstance(one, _Objects) else [{}] for one in head)
    for values in islice(chain.from_iterable(first), _JSON_HEAD):
        keys |= dict.fromkeys(values)
    header = tuple(keys)
    if not header or len(header) > MOST_COLUMNS:
        message = f"{file.name}: is JSON without a list of objects that share keys; give one object a line"
        raise UnreadableInput(message)
    return Sheet("", header, 0, (), chain((_of_keys(one, header) for one in head), _json_rows(blocks, header)))


def _json_rows(blocks: Iterator[tuple[list[str], list[bytes]]], header: tuple[str, ...]) -> Iterator[Rows | SetAside]:
    """Yield objects as rows. Those with keys of the header only are read as structs, at half the cost."""
    decode = _struct_decoder(header)
    for locators, raws in blocks:
        try:
            rows = list(map(astuple, map(decode, raws)))
        except _NO_JSON:
            yield from (_of_keys(one, header) for one in _objects(locators, raws))
        else:
            yield Rows(locators, [_texts(column) for column in zip(*rows, strict=True)], raws)


def _struct_decoder(header: tuple[str, ...]) -> Callable[[bytes], Any]:
    """Return what decodes objects with no other keys; it raises an error of `_NO_JSON` for all others."""
    fields = [(f"field_{n}", Any, msgspec.field(name=key, default=None)) for n, key in enumerate(header)]
    try:
        row = msgspec.defstruct("Row", fields, forbid_unknown_fields=True, gc=False)
    except ValueError:  # msgspec takes no keys with quotes, backslashes or control characters
        return _refused
    return msgspec.json.Decoder(row).decode


def _refused(_: bytes) -> Any:  # noqa: ANN401 - stands for a decoder
    raise msgspec.DecodeError


def _of_keys(one: _Objects | SetAside, header: tuple[str, ...]) -> Rows | SetAside:
    if isinstance(one, SetAside):
        return one
    rows = [map(values.get, header) for values in one.values]
    return Rows(one.locators, [_texts(column) for column in zip(*rows, strict=True)], one.raws)


def _texts(values: Sequence[object]) -> Sequence[str]:
    if set(map(type, values)) == {str}:
        return cast("Sequence[str]", values)
    return [value if type(value) is str else _text(value) for value in values]


def _text(value: object) -> str:
    """Return a value of JSON or Parquet as a cell; a list of plain values as its members between semicolons."""
    if type(value) is float:
        return str(int(value) if value.is_integer() and abs(value) < 1e15 else value)
    if type(value) is str:
        return value
    if value is None or isinstance(value, bool):
        return _TRUTH[value]
    if isinstance(value, dict | list):
        if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
            return "; ".join(map(str, value))
        return msgspec.json.encode(value).decode()
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


_TRUTH: Final = {None: "", True: "TRUE", False: "FALSE"}


_decode: Final = msgspec.json.Decoder(dict[str, Any]).decode
_NO_JSON: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
"""What msgspec raises for bytes that are no JSON, or not of the type wanted."""


def _objects(locators: list[str], raws: list[bytes]) -> Iterator[_Objects | SetAside]:
    """Yield the objects that some pieces of JSON are, all at once unless one of them is none."""
    try:
        values = list(map(_decode, raws))
    except _NO_JSON as error:
        if len(raws) == 1:
            is_other = isinstance(error, msgspec.ValidationError)
            code = "not-an-object" if is_other else "unreadable-row"
            yield SetAside(code, locators[0], raws[0], text=str(error)[:200])
            return
    else:
        yield _Objects(locators, raws, values)
        return
    middle = len(raws) // 2
    yield from _objects(locators[:middle], raws[:middle])
    yield from _objects(locators[middle:], raws[middle:])


def _json_lines(file: File) -> Iterator[tuple[list[str], list[bytes]]]:
    """Yield the places and bytes of lines that are not empty."""
    number, open_line = 0, [b""]
    for chunk in chain(file.chunks(), [b"\n"]):
        if b"\n" not in chunk:
            open_line.append(chunk)
            continue
        *lines, rest = (b"".join(open_line) + chunk).split(b"\n")
        open_line = [rest]
        if not number:
            lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
        filled = [(place, raw) for place, line in enumerate(lines, number + 1) if (raw := line.strip())]
        number += len(lines)
        for start in range(0, len(filled), _JSON_BLOCK):
            some = filled[start : start + _JSON_BLOCK]
            yield [f"row={place}" for place, _ in some], [raw for _, raw in some]


def _json_list(file: File) -> Iterator[tuple[list[str], list[bytes]]]:
    """Yield the places and bytes of the members of a list."""
    try:
        found = msgspec.json.decode(file.read().removeprefix(b"\xef\xbb\xbf"), type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        message = f"{file.name}: is not readable as JSON: {error}; if its end is missing, fetch it anew"
        raise UnreadableInput(message) from None
    for start in range(0, len(found), _JSON_BLOCK):
        some = found[start : start + _JSON_BLOCK]
        yield [f"/{place}" for place in range(start, start + len(some))], list(map(bytes, some))


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


def _parquet_rows(file: File, table: Any) -> Iterator[Rows]:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    number = 0
    try:
        for batch in table.iter_batches(batch_size=_JSON_BLOCK):
            columns = [_texts(column.to_pylist()) for column in batch.columns]
            numbers = range(number + 1, number + 1 + batch.num_rows)
            yield Rows([f"row={n}" for n in numbers], columns, list(zip(*columns, strict=True)))
            number += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        message = f"{file.name}: is damaged behind row {number}: {' '.join(str(error).split())}; write it anew"
        raise UnreadableInput(message) from None
