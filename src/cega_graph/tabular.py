"""Rows in and out of CSV files; one place for how a cell is spelled."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, Final, TypeVar, get_type_hints

import msgspec

from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.model import Evidence, Row, Table

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


def read_rows(path: Path, row: type[_R], *, where: str = "") -> Iterator[_R]:
    """Yield the rows of a CSV file in its order.

    Args:
        path: UTF-8, with or without a BOM; a header line with the columns of the row type in any
            order. Columns that may be empty may be missing.
        where: How error messages call the file; its last two path parts if empty.

    Raises:
        UnreadableInput: The file is missing, is not UTF-8 or not CSV.
        InvalidData: Cells that are not of their column's type, missing or unknown columns; all of
            them, one line each.
    """
    where = where or "/".join(path.parts[-2:])
    findings: list[str] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _parse_rows(csv.reader(file, strict=True), row, where, findings)
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


def _parse_rows(reader: Any, row: type[_R], where: str, findings: list[str]) -> Iterator[_R]:  # noqa: ANN401
    header = next(reader, None)
    if header is None:
        findings.append(f"{where}:1: the file is empty; expected a header line with {','.join(columns_of(row))}")
        return
    findings.extend(_header_findings(header, row, where))
    if findings:
        return
    hints = get_type_hints(row)
    parsers = [(column, _PARSERS[hints[column]]) for column in header]
    required = [f.name for f in msgspec.structs.fields(row) if f.required]
    for cells in reader:
        line = reader.line_num
        if len(cells) != len(header):
            findings.append(f"{where}:{line}: {len(cells)} cells; the header has {len(header)} columns")
            continue
        values: dict[str, Any] = {}
        for (column, parser), cell in zip(parsers, cells, strict=True):
            try:
                values[column] = parser(cell) if parser else cell
            except ValueError as error:
                findings.append(f"{where}:{line} {column}: {error}")
        empty = [column for column in required if values.get(column) in ("", None)]
        findings.extend(f"{where}:{line} {column}: is empty; every row needs one" for column in empty)
        if len(values) == len(header) and not empty:
            yield row(**values)


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
    lines = _lines(rows, row)
    return format_csv(columns_of(row), ([guard_formula(c) for c in cells] if for_people else cells for cells in lines))


def _lines(rows: Iterable[Row], row: type[Row]) -> Iterator[list[str]]:
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
    dump_csv(columns_of(row), _lines(rows, row), file)


def format_csv(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    r"""Return lines of cells as CSV text with a header line and `\n` line ends.

    >>> format_csv(("a", "b"), [("x,y", "one\rtwo")])
    'a,b\n"x,y","one\rtwo"\n'
    """
    buffer = io.StringIO()
    dump_csv(header, lines, buffer)
    return buffer.getvalue()


def dump_csv(header: Sequence[str], lines: Iterable[Sequence[str]], file: IO[str]) -> None:
    """Write a header line and lines of cells into an opened text file, as `format_csv` spells them."""
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(header)
    for cells in lines:
        # Before Python 3.13 the writer leaves a lone carriage return unquoted, and the reader refuses it.
        (quoted if "\r" in "".join(cells) else plain).writerow(cells)


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


def sort_rows(rows: Iterable[_R], table: Table) -> list[_R]:
    """Return rows in the stored order; see `rank`."""
    return sorted(rows, key=lambda row: rank(table, row))


def rank(table: Table, row: Row) -> tuple[tuple[bool, Any], ...]:
    """Return what a row is sorted by: the table's `order` columns, its key, then all columns; None comes first."""
    values = (getattr(row, column) for column in (*table.order, *table.key, *table.columns))
    return tuple((value is not None, 0 if value is None else value) for value in values)
