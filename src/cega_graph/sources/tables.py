"""Any table → records, by a mapping that a person wrote or looked through."""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from cega_graph.errors import InvalidMapping
from cega_graph.sources.fields import positions
from cega_graph.sources.files import File
from cega_graph.sources.long_form import LongReader, LongRow
from cega_graph.sources.mapping import ColumnMapping, LongForm, check_columns, columns_used, fold, read_mapping
from cega_graph.sources.records import About, Items, Remark, SetAside, Total
from cega_graph.sources.row_reader import RowReader
from cega_graph.sources.table_rows import Rows, Sheet, open_table
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
    sheet = open_table(file, sheet=mapping.sheet, choose=lambda rows, numbers: _title_row(rows, numbers, mapping))
    check_columns(mapping, sheet.header, file.name)
    yield _about(mapping)
    if mapping.long:
        yield from _read_long(sheet, mapping, mapping.long)
    else:
        yield from _read_wide(sheet, mapping)


def _title_row(rows: Sequence[Sequence[str]], numbers: Sequence[int], mapping: ColumnMapping) -> int:
    """Return the row whose number the mapping names (the next where it is empty), or that holds most of its columns."""
    if mapping.header_row is not None:
        if mapping.header_row > numbers[-1]:
            message = f"{mapping.name}: table.header_row is {mapping.header_row}, and the row of titles is looked for "
            message += f"up to row {numbers[-1]}; give the row that holds it"
            raise InvalidMapping(message)
        return bisect_left(numbers, mapping.header_row)
    wanted = {fold(name) for name in columns_used(mapping).values()}
    held = [len(wanted & {fold(cell) for cell in row}) for row in rows]
    return held.index(max(held))


def _about(mapping: ColumnMapping) -> About:
    given = dict(mapping.source)
    year = given.pop("year", "")
    return About(**given, year=int(year) if year.isdecimal() else None)


def _read_wide(sheet: Sheet, mapping: ColumnMapping) -> Items:
    reader = RowReader(sheet.header, mapping)
    n = 0
    for rows in _rows(sheet, mapping):
        if isinstance(rows, Rows):
            n += len(rows.locators)
            yield from reader.records(rows)
        else:
            n += isinstance(rows, SetAside)
            yield rows
    yield Total(n)


def _rows(sheet: Sheet, mapping: ColumnMapping) -> Iterator[Rows | SetAside | Remark]:
    """Yield the rows without those of totals, and with what merged cells stand for."""
    filled = positions(sheet.header, mapping.fill_down)
    last: dict[int, str] = {}
    for rows in sheet.rows:
        if not isinstance(rows, Rows):
            yield rows
            continue
        for some in _without_others(rows, sheet.header):
            yield _filled(some, filled, last) if filled and isinstance(some, Rows) else some


def _without_others(rows: Rows, header: Sequence[str]) -> Iterator[Rows | SetAside]:
    """Yield the rows between those of totals or titles, and these as set aside."""
    start = 0
    found = dict.fromkeys(_total_rows(rows.columns[:3]), "total-row")
    found |= dict.fromkeys(_title_rows(rows, header), "repeated-titles")
    for place, code in sorted(found.items()):
        if place > start:
            yield rows.part(start, place)
        yield SetAside(code, rows.locators[place], rows.originals[place])
        start = place + 1
    if not start:
        yield rows
    elif start < len(rows.locators):
        yield rows.part(start, len(rows.locators))


def _filled(rows: Rows, places: Sequence[int], last: dict[int, str]) -> Rows:
    """Return rows with the empty cells of columns filled from above; `last` is what stood there last."""
    columns = list(rows.columns)
    for place in places:
        cells = []
        for cell in columns[place]:
            last[place] = cell or last.get(place, "")
            cells.append(last[place])
        columns[place] = cells
    return Rows(rows.locators, columns, rows.originals)


def _title_rows(rows: Rows, header: Sequence[str]) -> list[int]:
    """Return which rows repeat the titles, as on each page of a printed list: two of them at least."""
    named = [place for place, title in enumerate(header) if not title.startswith("#")]
    if len(named) < 2:
        return []
    first, title = rows.columns[named[0]], header[named[0]].partition("#")[0].casefold()
    if title not in "\n".join(first).casefold():
        return []
    candidates = [place for place, cell in enumerate(first) if cell.strip().casefold() == title]
    return [place for place in candidates if _repeats([column[place] for column in rows.columns], header)]


def _repeats(cells: Sequence[str], header: Sequence[str]) -> bool:
    filled = [(cell, title) for cell, title in zip(cells, header, strict=True) if cell.strip()]
    return len(filled) > 1 and all(fold(cell) == fold(title.partition("#")[0]) for cell, title in filled)


def _total_rows(columns: Sequence[Sequence[str]]) -> list[int]:
    """Return which rows are totals: the first cell that is not empty, one of the first three, names one."""
    first = [next(filter(None, cells), "") for cells in zip(*columns, strict=True)] if "" in columns[0] else columns[0]
    text = "\n".join(first).casefold()
    if not any(word in text for word in _totals()):
        return []
    return [place for place, cell in enumerate(first) if len(cell) < _LONGEST_TOTAL and _bare(cell) in _totals()]


def _bare(cell: str) -> str:
    return cell.strip(" :：.").casefold()


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
        for rows in _rows(sheet, mapping):
            if not isinstance(rows, Rows):
                n += isinstance(rows, SetAside)
                yield rows
                continue
            for locator, original, *cells in zip(rows.locators, rows.originals, *rows.columns, strict=True):
                n += 1
                if not cells[place].strip():
                    yield SetAside("no-project", locator, original)
                else:
                    spill.add(LongRow(clean(cells[place]), n, locator, cells))
        yield from LongReader(sheet.header, mapping, long).records(spill)
    yield Total(n)
