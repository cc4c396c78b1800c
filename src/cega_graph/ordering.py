"""The stored order of rows: sorted by it, and whether a file stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import groupby, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from cega_graph.csv_lines import Span, open_csv
from cega_graph.model import Row, Table
from cega_graph.model import table as declared_table
from cega_graph.tabular import lines_of, parsers_of

_R = TypeVar("_R", bound=Row)


def sort_rows(rows: Iterable[_R], table: Table) -> list[_R]:
    """Return rows in the stored order; see `rank`."""
    first, whole = _first_ranking(table.name), _ranking(table.name)
    ordered: list[_R] = []
    for _, some in groupby(sorted(rows, key=first), key=first):
        alike = list(some)
        ordered += alike if len(alike) == 1 else sorted(alike, key=whole)
    return ordered


def rank(table: Table, row: Row) -> tuple[Any, ...]:
    """Return what a row is sorted by: the table's `order` columns, its key, then all columns; None comes first."""
    return _ranking(table.name)(row)


def are_sorted(rows: Iterable[Row], table: Table) -> bool:
    """Tell whether rows come in the stored order; see `rank`."""
    first, whole = _first_ranking(table.name), _ranking(table.name)
    return all(first(one) < first(other) or whole(one) <= whole(other) for one, other in pairwise(rows))


def is_file_sorted(path: Path, table: Table, *, guarded: bool = False, span: Span | None = None) -> bool:
    """Tell whether the rows of a CSV file stand in the stored order, at a fraction of the cost of reading them.

    Args:
        path, guarded, span: As for `read_rows`.

    Returns:
        Also False where cells are wrong; `read_rows` says which.

    Raises:
        UnreadableInput: As `read_rows` raises it.
    """
    with open_csv(path, "/".join(path.parts[-2:]), span) as file:
        lines = lines_of(file, guarded=guarded)
        header, ordered_by = next(lines, []), _ordered_by(table.name)
        if ordered_by[0] not in header or len(set(header)) < len(header):
            return False
        places = [(header.index(column), _cell_ranking(table.row, column)) for column in ordered_by if column in header]
        try:
            return _are_lines_sorted(lines, len(header), places)
        except ValueError:
            return False


def _are_lines_sorted(lines: Iterable[list[str]], width: int, places: list[tuple[int, Callable[[str], Any]]]) -> bool:
    """Tell whether lines are sorted by the cells at some places, each compared as its function reads it.

    Raises:
        ValueError: A cell cannot be read.
    """
    first = places[0][0]
    last: list[str] = []
    for cells in lines:
        if len(cells) != width:
            return False
        if last and cells[first] <= last[first] and _comes_before(cells, last, places):
            return False
        last = cells
    return True


def _comes_before(one: list[str], other: list[str], places: list[tuple[int, Callable[[str], Any]]]) -> bool:
    for place, read in places:
        if one[place] != other[place]:
            a, b = read(one[place]), read(other[place])
            if a != b:
                return bool(a < b)
    return False


def _cell_ranking(row: type[Row], column: str) -> Callable[[str], Any]:
    """Return what turns a cell into what it is sorted by."""
    parser = parsers_of(row).get(column)
    if parser is None:
        return str
    parse = parser[0]
    return lambda text: _ranked(parse(text))


def _ranked(value: Any) -> tuple[bool, Any]:  # noqa: ANN401
    return value is not None, value or 0


@cache
def _ordered_by(name: str) -> tuple[str, ...]:
    declared = declared_table(name)
    return tuple(dict.fromkeys((*declared.order, *declared.key, *declared.columns)))


@cache
def _ranking(name: str) -> Callable[[Row], tuple[Any, ...]]:
    """Return what gives the rank of a row of a table."""
    return _ranking_by(_ordered_by(name), declared_table(name))


@cache
def _first_ranking(name: str) -> Callable[[Row], Any]:
    """Return what gives the beginning of a rank, which mostly decides: the `order` columns and the key."""
    declared = declared_table(name)
    return _ranking_by(tuple(dict.fromkeys((*declared.order, *declared.key))), declared)


def _ranking_by(columns: tuple[str, ...], declared: Table) -> Callable[[Row], Any]:
    values = attrgetter(*columns)
    optional = [at for at, column in enumerate(columns) if declared.types[column] in {"integer", "number"}]
    if not optional:
        return values

    def ranked(row: Row) -> tuple[Any, ...]:
        cells = list(values(row))
        for at in optional:
            cells[at] = _ranked(cells[at])
        return tuple(cells)

    return ranked
