"""Rows in and out of CSV files; one place for how a cell is spelled."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, Final, TypeVar, get_type_hints

import msgspec

from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.model import Evidence, Row, Table
from cega_graph.model import table as declared_table

_R = TypeVar("_R", bound=Row)

csv.field_size_limit(2**31 - 1)

_AMOUNT_DIGITS: Final = 400
"""No amount of money comes near; `1e999999999` would be a text of a gigabyte."""

_FORMULA: Final = re.compile(r"^[=+\-@\t\r]")


def columns_of(row: type[Row]) -> tuple[str, ...]:
    """Return the columns of a row type in the contract's order: its own, then the evidence block."""
    fields = row.__struct_fields__
    evidence = Evidence.__struct_fields__ if issubclass(row, Evidence) else ()
    return tuple(f for f in fields if f not in evidence) + tuple(evidence)


def _integer(text: str) -> int | None:
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


def read_rows(path: Path, row: type[_R], *, where: str = "", guarded: bool = False) -> Iterator[_R]:
    """Yield the rows of a CSV file in its order.

    Args:
        path: UTF-8, with or without a BOM; a header line with the columns of the row type in any
            order. Columns that may be empty may be missing.
        where: How error messages call the file; its last two path parts if empty.
        guarded: The file was made for spreadsheets: the guard against formulas is taken off each cell.

    Raises:
        UnreadableInput: The file is missing, is not UTF-8 or not CSV.
        InvalidData: Cells that are not of their column's type, missing or unknown columns; all of
            them, one line each.
    """
    where = where or "/".join(path.parts[-2:])
    findings: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines: Any = csv.reader(file, strict=True)
            yield from parse_rows(_Unguarded(lines) if guarded else lines, row, where, findings)
    except FileNotFoundError:
        message = f"{where}: there is no such file"
        raise UnreadableInput(message) from None
    except UnicodeDecodeError as error:
        message = f"{where}: byte {error.start} is not UTF-8; save the file as CSV UTF-8"
        raise UnreadableInput(message) from None
    except csv.Error as error:
        message = f"{where}: not readable as CSV: {error}"
        raise UnreadableInput(message) from None
    except OSError as error:
        message = f"{where}: cannot be read: {error.strerror}"
        raise UnreadableInput(message) from None
    if findings:
        raise InvalidData(findings)


class _Unguarded:
    """The lines of a CSV reader with the guard against formulas taken off each cell."""

    def __init__(self, lines: Any) -> None:  # noqa: ANN401
        self._lines: Final = lines

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        return [unguard_formula(cell) for cell in next(self._lines)]

    @property
    def line_num(self) -> int:
        """The line of the file that was read last."""
        number: int = self._lines.line_num
        return number


def parse_rows(reader: Any, row: type[_R], where: str, findings: list[str]) -> Iterator[_R]:  # noqa: ANN401
    """Yield rows from lines of cells, the header first; what is wrong with others goes to `findings`.

    Args:
        reader: Lines of texts, with `line_num`, as `csv.reader` gives them.
    """
    header = next(reader, None)
    if header is None:
        findings.append(f"{where}:1: the file is empty; expected a header line with {','.join(columns_of(row))}")
        return
    findings.extend(_header_findings(header, row, where))
    if findings:
        return
    hints = get_type_hints(row)
    typed = [(column, parser) for column in header if (parser := _PARSERS[hints[column]]) is not None]
    required = [f.name for f in msgspec.structs.fields(row) if f.required]
    width = len(header)
    for cells in reader:
        if len(cells) != width:
            findings.append(f"{where}:{reader.line_num}: {len(cells)} cells; the header has {width} columns")
            continue
        values: dict[str, Any] = dict(zip(header, cells, strict=True))
        wrong = _typed(values, typed)
        wrong += [f"{column}: is empty; every row needs one" for column in required if values[column] == ""]
        if wrong:
            findings.extend(f"{where}:{reader.line_num} {line}" for line in wrong)
        else:
            yield row(**values)


def _typed(values: dict[str, Any], typed: list[tuple[str, Callable[[str], Any]]]) -> list[str]:
    """Turn cells into numbers and flags, in place; return a line for each that is none."""
    wrong = []
    for column, parser in typed:
        try:
            values[column] = parser(values[column])
        except ValueError as error:
            wrong.append(f"{column}: {error}")
    return wrong


def _header_findings(header: list[str], row: type[Row], where: str) -> Iterator[str]:
    columns = columns_of(row)
    required = [f.name for f in msgspec.structs.fields(row) if f.required]
    for column in required:
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


class _Echo:
    """Gives back what a CSV writer writes."""

    write = staticmethod(str)


_plain: Final = csv.writer(_Echo(), lineterminator="\n").writerow
_quoted: Final = csv.writer(_Echo(), lineterminator="\n", quoting=csv.QUOTE_ALL).writerow


def csv_line(cells: Sequence[str]) -> str:
    r"""Return cells as a line of CSV with its end, a cell in quotation marks only where it must be.

    >>> csv_line(("a", "x,y", "")), csv_line(("a", "one\rtwo"))
    ('a,"x,y",\n', '"a","one\rtwo"\n')
    """
    line = ",".join(cells)
    if line.count(",") == len(cells) - 1 and '"' not in line and "\n" not in line and "\r" not in line and line:
        return line + "\n"  # most are; a writer takes five times as long
    # Before Python 3.13 the writer leaves a lone carriage return unquoted, and the reader refuses it.
    spelled: str = (_quoted if "\r" in line else _plain)(cells)
    return spelled


def csv_cell(text: str) -> str:
    r"""Return a cell as `csv_line` spells it beside others that hold no carriage return.

    >>> csv_cell("a"), csv_cell('x, "y" z')
    ('a', '"x, ""y"" z"')
    """
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def read_csv_line(line: str) -> list[str]:
    """Return the cells that `csv_line` has spelled."""
    return next(csv.reader([line]))


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


def sort_rows(rows: Iterable[_R], table: Table) -> list[_R]:
    """Return rows in the stored order; see `rank`."""
    return sorted(rows, key=lambda row: rank(table, row))


def rank(table: Table, row: Row) -> tuple[Any, ...]:
    """Return what a row is sorted by: the table's `order` columns, its key, then all columns; None comes first."""
    values, optional = _ranking(table.name)
    ranked = list(values(row))
    for place in optional:
        ranked[place] = (ranked[place] is not None, ranked[place] or 0)
    return tuple(ranked)


@cache
def _ranking(name: str) -> tuple[Callable[[Row], tuple[Any, ...]], tuple[int, ...]]:
    """What gives the values of a row to sort by, and the places of those that may be None."""
    declared = declared_table(name)
    columns = (*declared.order, *declared.key, *declared.columns)
    optional = tuple(at for at, column in enumerate(columns) if declared.types[column] in {"integer", "number"})
    return attrgetter(*columns), optional
