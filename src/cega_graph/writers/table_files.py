"""The tables for people: CSV that opens right in Excel, and one workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

from cega_graph.errors import InvalidData, UnreadableInput
from cega_graph.model import Row, Table
from cega_graph.tabular import (
    columns_of,
    format_cell,
    format_decimal,
    format_rows,
    guard_formula,
    parse_rows,
    read_rows,
    unguard_formula,
)
from cega_graph.writers.tally import Tally

_R = TypeVar("_R", bound=Row)

_FIXED: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001
"""A workbook states when it was made; the same input shall give the same bytes, so it states this."""

_CELL_LIMIT: Final = 32_767
"""Characters an Excel cell holds (Excel specifications and limits)."""

_ROW_LIMIT: Final = 1_048_575
"""Rows below the header that an Excel sheet holds (Excel specifications and limits)."""

_CUT: Final = " […cut, whole in the CSV]"


_BATCH: Final = 5_000
"""Rows that are turned into text at once."""


def to_csv(rows: Iterable[Row], row: type[Row]) -> bytes:
    """Return rows as CSV for spreadsheets: UTF-8 with a BOM, cells that would start a formula guarded."""
    return b"".join(iter_csv(rows, row))


def iter_csv(rows: Iterable[Row], row: type[Row]) -> Iterator[bytes]:
    """Yield rows as CSV for spreadsheets piece by piece; see `to_csv`."""
    header = format_rows((), row, for_people=True)
    yield header.encode("utf-8-sig")
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield format_rows(batch, row, for_people=True).removeprefix(header).encode()


def read_csv(path: Path, row: type[_R]) -> Iterator[_R]:
    """Yield the rows of a file that `to_csv` made.

    Raises:
        UnreadableInput: The file is missing, is not UTF-8 or not CSV.
        InvalidData: Cells that are not of their column's type.
    """
    return read_rows(path, row, guarded=True)


def to_xlsx(
    tables: Mapping[str, tuple[Table, Iterable[Row]]], tally: Tally | None = None, *, streamed: bool = False
) -> bytes:
    """Return a workbook with one sheet a table; every text is a text cell, never a formula or a link.

    Args:
        tables: Sheet name → its declaration and rows.
        tally: Counts `rows` beyond the last row of a sheet, and texts that are cut.
        streamed: Hold one row at a time, for large tables; every text is then spelled out in its cell.
    """
    import xlsxwriter

    counts = tally or Tally()
    buffer = io.BytesIO()
    memory = {"constant_memory": True} if streamed else {"in_memory": True}
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, {**memory, **as_text}) as book:
        book.set_properties({"created": _FIXED, "title": "CEGA Graph"})
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF2"})
        for name, (declared, rows) in tables.items():
            sheet = book.add_worksheet(name)
            columns = columns_of(declared.row)
            sheet.set_column(0, len(columns) - 1, 18)
            sheet.freeze_panes(1, 1)
            sheet.write_row(0, 0, columns, bold)
            for line, one in enumerate(rows, start=1):
                if line > _ROW_LIMIT:
                    counts.left_out["rows", "too-long"] += 1
                    continue
                for place, column in enumerate(columns):
                    _write(sheet, (line, place), getattr(one, column), declared.types[column], counts)
    return buffer.getvalue()


def _write(sheet: Any, at: tuple[int, int], value: object, kind: str, tally: Tally) -> None:  # noqa: ANN401
    if value is None or value == "":
        return
    if kind == "boolean":
        sheet.write_boolean(*at, value)
    elif kind in {"integer", "number"} and _is_exact(value):
        sheet.write_number(*at, float(str(value)))
    else:
        text = guard_formula(format_cell(value))
        if len(text) > _CELL_LIMIT:
            tally.changed["texts", "cut"] += 1
            text = text[: _CELL_LIMIT - len(_CUT)] + _CUT
        sheet.write_string(*at, text)


def _is_exact(value: object) -> bool:
    """Tell whether a cell, which holds a double of 15 to 17 digits, holds this number; else it is written as text."""
    number = float(str(value))
    return isfinite(number) and Decimal(repr(number)) == Decimal(str(value))


def read_xlsx(path: Path, declared: Table) -> Iterator[Any]:
    """Yield the rows of a sheet that `to_xlsx` made.

    Raises:
        UnreadableInput: The file is missing, is no workbook or has no sheet of this table.
        InvalidData: Cells that are not of their column's type.
    """
    import python_calamine

    try:
        sheet = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_name(declared.name)
    except (OSError, python_calamine.CalamineError) as error:
        message = f"{path.name}: has no sheet {declared.name} to read: {error}"
        raise UnreadableInput(message) from None
    findings: list[str] = []
    width = len(columns_of(declared.row))
    yield from parse_rows(_Cells(sheet.to_python(skip_empty_area=False), width), declared.row, path.name, findings)
    if findings:
        raise InvalidData(findings)


class _Cells:
    """The rows of a sheet as lines of texts, the guard against formulas taken off."""

    def __init__(self, lines: list[list[Any]], width: int) -> None:
        self.line_num = 0
        self._lines: Final = iter(lines)
        self._width: Final = width

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        cells = next(self._lines)
        self.line_num += 1
        return [_cell_text(cell) for cell in cells] + [""] * (self._width - len(cells))


def _cell_text(cell: object) -> str:
    if isinstance(cell, float):
        return format_decimal(Decimal(repr(cell)))
    return unguard_formula(cell) if isinstance(cell, str) else format_cell(cell)
