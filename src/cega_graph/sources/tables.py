"""Any table → records, by a mapping that a person wrote or looked through."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final

from cega_graph.sources.files import File
from cega_graph.sources.long_form import LongReader, LongRow
from cega_graph.sources.mapping import ColumnMapping, LongForm, check_columns, columns_used, fold, read_mapping
from cega_graph.sources.records import About, Items, Remark, SetAside, Total
from cega_graph.sources.row_reader import RowReader, positions
from cega_graph.sources.table_rows import Sheet, TableRow, open_table
from cega_graph.sources.values import clean
from cega_graph.spilling import Spill
from cega_graph.vocabulary import heading_words

FORMS: Final = frozenset({"text", "zip", "xls", "json", "parquet"})


def is_one(file: File) -> bool:
    """Tell whether a file is a table that came with a mapping."""
    return file.mapping is not None and file.form in FORMS


def read(file: File) -> Items:
    """Yield the rows of a file as its mapping says.

    Raises:
        UnreadableInput: File or mapping cannot be read.
        InvalidMapping: The mapping is wrong, or names columns that the file does not have.
    """
    if file.mapping is not None:
        yield from read_mapped(file, read_mapping(file.mapping))


def read_mapped(file: File, mapping: ColumnMapping) -> Items:
    """Yield the rows of a file by a mapping that was read; see `read`."""
    sheet = open_table(file, sheet=mapping.sheet, choose=lambda rows: _title_row(rows, mapping))
    check_columns(mapping, sheet.header, file.name)
    yield _about(mapping)
    if mapping.long:
        yield from _read_long(sheet, mapping, mapping.long)
    else:
        yield from _read_wide(sheet, mapping)


def _title_row(rows: Sequence[Sequence[str]], mapping: ColumnMapping) -> int:
    """Return the row that the mapping names, or the one that holds most of its columns."""
    if mapping.header_row is not None:
        return min(mapping.header_row, len(rows)) - 1
    wanted = {fold(name) for name in columns_used(mapping).values()}
    held = [len(wanted & {fold(cell) for cell in row}) for row in rows]
    return held.index(max(held))


def _about(mapping: ColumnMapping) -> About:
    given = dict(mapping.source)
    year = given.pop("year", "")
    return About(**given, year=int(year) if year.isdecimal() else None)


def _read_wide(sheet: Sheet, mapping: ColumnMapping) -> Items:
    record = RowReader(sheet.header, mapping).record
    n = 0
    for row in _rows(sheet, mapping):
        if type(row) is TableRow:
            n += 1
            yield record(row)
        else:
            n += isinstance(row, SetAside)
            yield row  # type: ignore[misc]
    yield Total(n)


def _rows(sheet: Sheet, mapping: ColumnMapping) -> Iterator[TableRow | SetAside | Remark]:
    """Yield the rows without those of totals, and with what merged cells stand for."""
    filled = positions(sheet.header, mapping.fill_down)
    last: dict[int, str] = {}
    for row in sheet.rows:
        if not isinstance(row, TableRow):
            yield row
            continue
        if _is_total(row.cells):
            yield SetAside("total-row", row.locator, row.original)
            continue
        if filled:
            cells = list(row.cells)
            for place in filled:
                cells[place] = last[place] = cells[place] or last.get(place, "")
            row = TableRow(row.locator, cells, row.original)  # noqa: PLW2901
        yield row


def _is_total(cells: Sequence[str]) -> bool:
    """Tell whether the first cell of a row that is not empty, one of its first three, names a total."""
    for cell in cells[:3]:
        if cell:
            return len(cell) < _LONGEST_TOTAL and cell.strip(" :：.").casefold() in _totals()
    return False


_LONGEST_TOTAL: Final = 20


@cache
def _totals() -> frozenset[str]:
    spaced = ("", " ", "  ", "\u3000")
    return frozenset(
        gap.join(word.casefold()) if gap else word.casefold() for word in heading_words("total") for gap in spaced
    )


def _read_long(sheet: Sheet, mapping: ColumnMapping, long: LongForm) -> Items:
    """Yield a record for each project, its rows brought together wherever in the file they stand."""
    place = positions(sheet.header, [long.project])[0]
    n = 0
    with tempfile.TemporaryDirectory(prefix="cega-graph-") as folder:
        spill = Spill(LongRow, Path(folder), "rows")
        for row in _rows(sheet, mapping):
            if not isinstance(row, TableRow):
                n += isinstance(row, SetAside)
                yield row
                continue
            n += 1
            if not row.cells[place].strip():
                yield SetAside("no-project", row.locator, row.original)
                continue
            spill.add(LongRow(clean(row.cells[place]), n, row.locator, list(row.cells)))
        take = LongReader(sheet.header, mapping, long)
        for project, rows in groupby(spill, key=lambda row: row.project):
            yield take.project(project, list(rows))
    yield Total(n)
