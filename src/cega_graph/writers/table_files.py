"""The tables for people: CSV that opens right in Excel, and one workbook."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from cega_graph.model import Row, Table
from cega_graph.tabular import columns_of, format_cell, format_rows, guard_formula

_FIXED: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001
"""A workbook states when it was made; the same input shall give the same bytes, so it states this."""

_CELL_LIMIT: Final = 32_767
"""Characters an Excel cell holds (Excel specifications and limits)."""

_CUT: Final = " […cut, whole in the CSV]"


def to_csv(rows: Iterable[Row], row: type[Row], *, header: bool = True) -> bytes:
    """Return rows as CSV for spreadsheets: UTF-8, cells that would start a formula guarded.

    Args:
        header: Begin with a BOM and the header line; false for the further pieces of a file.
    """
    return format_rows(rows, row, for_people=True, header=header).encode("utf-8-sig" if header else "utf-8")


def to_xlsx(tables: Mapping[str, tuple[Table, Iterable[Row]]]) -> bytes:
    """Return a workbook with one sheet a table; every text is a text cell, never a formula or a link.

    Args:
        tables: Sheet name → its declaration and rows.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": _FIXED, "title": "CEGA Graph"})
        bold = book.add_format({"bold": True, "bg_color": "#E8EEF2"})
        for name, (declared, rows) in tables.items():
            sheet = book.add_worksheet(name)
            columns = columns_of(declared.row)
            sheet.write_row(0, 0, columns, bold)
            sheet.freeze_panes(1, 1)
            for line, one in enumerate(rows, start=1):
                for place, column in enumerate(columns):
                    _write(sheet, line, place, getattr(one, column), declared.types[column])
            sheet.set_column(0, len(columns) - 1, 18)
    return buffer.getvalue()


def _write(sheet: Any, line: int, place: int, value: object, kind: str) -> None:  # noqa: ANN401
    if value is None or value == "":
        return
    if kind in {"integer", "number"}:
        sheet.write_number(line, place, float(str(value)))
    elif kind == "boolean":
        sheet.write_boolean(line, place, value)
    else:
        text = guard_formula(format_cell(value))
        sheet.write_string(line, place, text if len(text) <= _CELL_LIMIT else text[: _CELL_LIMIT - len(_CUT)] + _CUT)
