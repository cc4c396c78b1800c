"""Rows in and out of CSV files; one place for how a cell is spelled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, TypeVar, get_type_hints

import msgspec

from cega_graph.csv_lines import Lines, Span, csv_line, open_csv
from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.model import Evidence, Row

_R = TypeVar("_R", bound=Row)

_AMOUNT_DIGITS: Final = 400
"""No amount of money comes near; `1e999999999` would be a text of a gigabyte."""

_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")


class Wanted(NamedTuple):
    """Which rows of a table are read: those that have one of these texts in a column."""

    column: str
    texts: frozenset[str]


def columns_of(row: type[Row]) -> tuple[str, ...]:
    """Return the columns of a row type in the contract's order: its own, then the evidence block."""
    fields = row.__struct_fields__
    evidence = Evidence.__struct_fields__ if issubclass(row, Evidence) else ()
    return tuple(f for f in fields if f not in evidence) + tuple(evidence)


def _integer(text: str) -> int | None:
    if text.isdecimal() and len(text) <= 18:
        return int(text)
    if text == "":
        return None
    if not re.fullmatch(r"-?\d{1,18}", text):
        message = f"{text!r} is not a whole number"
        raise ValueError(message)
    return int(text)


def _decimal(text: str) -> Decimal | None:
    if text == "":
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > _AMOUNT_DIGITS:
        message = f"{text!r} is not a decimal number; put the currency in its own column, without separators"
        raise ValueError(message)
    return value


def _boolean(text: str) -> bool:
    if text not in {"true", "false", ""}:
        message = f"{text!r} is not true or false"
        raise ValueError(message)
    return text == "true"


_PARSERS: Final[dict[object, Callable[[str], Any] | None]] = {
    str: None,
    int | None: _integer,
    Decimal | None: _decimal,
    bool: _boolean,
}


def format_decimal(value: Decimal) -> str:
    """Return the canonical spelling of an amount: no exponent, no trailing zeros, no plus sign.

    >>> format_decimal(Decimal("100.00")), format_decimal(Decimal("1.2E+6")), format_decimal(Decimal("-0.00"))
    ('100', '1200000', '0')
    """
    text = str(value)
    if not value or "E" in text:
        text = format(value or abs(value), "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def format_cell(value: object) -> str:
    """Return how a value stands in a CSV cell; None is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format_decimal(value)
    return str(value)


def guard_formula(text: str) -> str:
    """Return a text cell that no spreadsheet takes for a formula; `unguard_formula` takes the guard off.

    A text that begins with the guard itself gets one more, so that nothing is lost.

    >>> guard_formula("=1+1"), guard_formula("SEE 基金会"), guard_formula("'quoted")
    ("'=1+1", 'SEE 基金会', "''quoted")
    """
    return "'" + text if _FORMULA.match(text) or text.startswith("'") else text


def unguard_formula(text: str) -> str:
    """Return the text that `guard_formula` was given.

    >>> unguard_formula(guard_formula("@home")), unguard_formula(guard_formula("'x"))
    ('@home', "'x")
    """
    return text.removeprefix("'")


def read_rows(  # noqa: PLR0913 - what is read, and how
    path: Path, row: type[_R], *, where: str = "", guarded: bool = False, span: Span | None = None,
    wanted: Wanted | None = None,
) -> Iterator[_R]:  # fmt: skip
    """Yield the rows of a CSV file in its order, up to the first that is wrong.

    Args:
        path: UTF-8, with or without a BOM; a header line with the columns of the row type in any
            order. Columns that may be empty may be missing.
        where: How error messages call the file; its last two path parts if empty.
        guarded: The file was made for spreadsheets: the guard against formulas is taken off each cell.
        span: Only the rows there; the numbers of lines in error messages are then those of the part.
        wanted: Only these rows; of others nothing is read but whether they have as many cells as the header.

    Raises:
        UnreadableInput: The file is missing, is not UTF-8 or not CSV.
        InvalidData: Cells that are not of their column's type, missing or unknown columns; all of
            them, one line each.
    """
    where = where or "/".join(path.parts[-2:])
    findings: list[str] = []
    with open_csv(path, where, span) as file:
        yield from parse_rows(lines_of(file, guarded=guarded), row, where, findings, wanted)
    if findings:
        raise InvalidData(findings)


class _Unguarded:
    """Lines of cells with the guard against formulas taken off each cell."""

    def __init__(self, lines: Lines) -> None:
        self._lines: Final = lines

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        cells = next(self._lines)
        return [unguard_formula(cell) for cell in cells] if "'" in "".join(cells) else cells

    @property
    def line_num(self) -> int:
        """The line of the file that was read last."""
        return self._lines.line_num


def lines_of(file: IO[str], *, guarded: bool) -> Lines | _Unguarded:
    """Return the lines of cells of an opened CSV file; `guarded` as for `read_rows`."""
    return _Unguarded(Lines(file)) if guarded else Lines(file)


def parse_rows(
    reader: Any,  # noqa: ANN401
    row: type[_R],
    where: str,
    findings: list[str],
    wanted: Wanted | None = None,
) -> Iterator[_R]:
    """Yield rows from lines of cells, the header first; what is wrong with others goes to `findings`.

    After the first finding no row is yielded any more, so that nobody goes on with a table that has holes.

    Args:
        reader: Lines of texts, with `line_num`, as `csv.reader` gives them.
        wanted: As for `read_rows`.
    """
    header = next(reader, None)
    if header is None:
        findings.append(f"{where}:1: the file is empty; expected a header line with {','.join(columns_of(row))}")
        return
    findings.extend(_header_findings(header, row, where))
    if findings:
        return
    width, needed = len(header), _getter([header.index(column) for column in _required(row)])
    typed = [(place, *parsers_of(row)[column]) for place, column in enumerate(header) if column in parsers_of(row)]
    record = _record(tuple(header))
    for cells in reader if wanted is None else _wanted_of(reader, header, wanted):
        if len(cells) == width and "" not in needed(cells):
            try:
                for place, parse, empty in typed:
                    cells[place] = parse(text) if (text := cells[place]) else empty
            except ValueError:
                pass
            else:
                if not findings:
                    # Twice as fast as the row's own constructor, which looks each name up.
                    yield msgspec.convert(record(*cells), row, from_attributes=True)
                continue
        findings.extend(f"{where}:{reader.line_num}{said}" for said in _wrong(cells, header, row))


def _wanted_of(lines: Iterable[list[str]], header: list[str], wanted: Wanted) -> Iterator[list[str]]:
    """Yield the lines that are wanted, and those with too many or too few cells."""
    if wanted.column not in header:
        return iter(lines if "" in wanted.texts else ())
    width, place = len(header), header.index(wanted.column)
    return (cells for cells in lines if len(cells) != width or cells[place] in wanted.texts)


def _wrong(cells: Sequence[object], header: list[str], row: type[Row]) -> Iterator[str]:
    """What is wrong with a line, as it stands behind the line's number; numbers that were read are right."""
    if len(cells) != len(header):
        yield f": {len(cells)} cells; the header has {len(header)} columns"
        return
    values = dict(zip(header, cells, strict=True))
    for column, text in values.items():
        try:
            _ = isinstance(text, str) and column in parsers_of(row) and parsers_of(row)[column][0](text)
        except ValueError as error:
            yield f" {column}: {error}"
    yield from (f" {column}: is empty; every row needs one" for column in _required(row) if values[column] == "")


@cache
def parsers_of(row: type[Row]) -> dict[str, tuple[Callable[[str], Any], Any]]:
    """Return for each column that holds no text what reads it, and what an empty cell means."""
    parsers = {column: _PARSERS[hint] for column, hint in get_type_hints(row).items()}
    return {column: (parse, parse("")) for column, parse in parsers.items() if parse is not None}


@cache
def _required(row: type[Row]) -> tuple[str, ...]:
    return tuple(f.name for f in msgspec.structs.fields(row) if f.required)


@cache
def _record(columns: tuple[str, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct("Record", columns, gc=False)


def _getter(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what gives the cells at some places as a tuple, however few they are."""
    if len(places) < 2:
        return lambda cells: tuple(cells[place] for place in places)
    return itemgetter(*places)


def _header_findings(header: list[str], row: type[Row], where: str) -> Iterator[str]:
    columns = columns_of(row)
    for column in _required(row):
        if column not in header:
            yield f"{where}:1: column {column!r} is missing; expected {','.join(columns)}"
    for column in header:
        if column not in columns:
            yield f"{where}:1: column {column!r} is not known; expected {','.join(columns)}"
    for column in sorted({c for c in header if header.count(c) > 1}):
        yield f"{where}:1: column {column!r} stands twice; keep one"


def format_rows(rows: Iterable[Row], row: type[Row], *, for_people: bool = False) -> str:
    r"""Return rows as CSV text with a header line and `\n` line ends.

    Args:
        for_people: Guard the cells that a spreadsheet would take for formulas.
    """
    lines = cells_of_rows(rows, row)
    return format_csv(columns_of(row), ([guard_formula(c) for c in cells] if for_people else cells for cells in lines))


def cells_of_rows(rows: Iterable[Row], row: type[Row]) -> Iterator[list[str]]:
    """Yield the cells of rows in the contract's order."""
    columns = columns_of(row)
    hints = get_type_hints(row)
    cells_of = attrgetter(*columns)
    not_text = [position for position, column in enumerate(columns) if hints[column] is not str]
    for one in rows:
        cells = list(cells_of(one))
        for position in not_text:
            cells[position] = format_cell(cells[position])
        yield cells


def dump_rows(rows: Iterable[Row], row: type[Row], file: IO[str]) -> None:
    """Write rows into an opened text file, as `format_rows` spells them, one at a time."""
    dump_csv(columns_of(row), cells_of_rows(rows, row), file)


def lines_of_rows(rows: Iterable[Row], row: type[Row]) -> Iterator[str]:
    """Yield rows as lines of a CSV file, as `format_rows` spells them."""
    return map(csv_line, cells_of_rows(rows, row))


def format_csv(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    r"""Return lines of cells as CSV text with a header line and `\n` line ends.

    >>> format_csv(("a", "b"), [("x,y", "one\rtwo")])
    'a,b\n"x,y","one\rtwo"\n'
    """
    return "".join(map(csv_line, chain([header], lines)))


def dump_csv(header: Sequence[str], lines: Iterable[Sequence[str]], file: IO[str]) -> None:
    """Write a header line and lines of cells into an opened text file, as `format_csv` spells them."""
    file.writelines(map(csv_line, chain([header], lines)))


def iter_text(path: Path) -> Iterator[str]:
    r"""Yield the lines of a text file, which end with `\n` only.

    Raises:
        UnreadableInput: It cannot be read, or is not UTF-8.
    """
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            yield from file
    except UnicodeDecodeError as error:
        message = f"{path}: byte {error.start} is not UTF-8; build it again"
        raise UnreadableInput(message) from None
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror}"
        raise UnreadableInput(message) from None


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> None:
    """Write a text file whole or not at all: beside its place first, then renamed.

    Raises:
        UnwritableOutput: The folder cannot be written or the disk is full.
    """
    write_bytes(path, text.encode(encoding))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed.

    Raises:
        UnwritableOutput: The folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        message = f"{path}: cannot be written: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None


def write_chunks(path: Path, chunks: Iterable[bytes], *, is_worth: Callable[[], bool] = lambda: True) -> bool:
    """Write a file piece by piece, whole or not at all: beside its place first, then renamed.

    Args:
        is_worth: Asked after the last piece; where it says no, nothing is written.

    Returns:
        Whether the file was written.

    Raises:
        UnwritableOutput: The folder cannot be written or the disk is full.
    """
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.writelines(chunks)
        written = is_worth()
        if written:
            temporary.replace(path)
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return written
