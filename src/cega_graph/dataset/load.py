"""Folders of tables → one data set."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from cega_graph.dataset.inference import infer
from cega_graph.errors import InvalidData, UnreadableInput
from cega_graph.folders import recover
from cega_graph.model import TABLES, Participation, Row, Table, table
from cega_graph.package import CURATED_FOLDER, TABLES_FOLDER, UNITED
from cega_graph.tabular import columns_of, rank, read_rows, sort_rows

if TYPE_CHECKING:
    import pandas as pd


class Extent(NamedTuple):
    """How much a data set holds; the years in which projects start are texts, empty if none says."""

    projects: int
    bodies: int
    participations: int
    inferred: int
    first_year: str
    last_year: str


class Dataset:
    """The tables of one or several data packages, as one.

    Args:
        folders: Folders with `tables/` and perhaps `curated/`.

    Raises:
        UnreadableInput: A folder is missing or holds no tables.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders: Final = tuple(folders)
        self._frames: dict[str, pd.DataFrame] = {}
        self._sorted: dict[Path, bool] = {}
        for folder in self.folders:
            for part in (folder, folder / TABLES_FOLDER, folder / CURATED_FOLDER):
                recover(part)
            if not folder.is_dir():
                message = f"{folder}: there is no such folder; give a data set made by extract or import"
                raise UnreadableInput(message)
            if not (folder / TABLES_FOLDER).is_dir():
                message = f"{folder}: holds no {TABLES_FOLDER}/; give a data set made by extract or import"
                raise UnreadableInput(message)

    def files(self, name: str) -> list[Path]:
        """Return the CSV files of a table, a reader's before a person's, in the order of the folders."""
        paths = [folder / sub / f"{name}.csv" for folder in self.folders for sub in (TABLES_FOLDER, CURATED_FOLDER)]
        return [path for path in paths if path.exists()]

    def stored_rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table as stored, in the stored order; rows of one key are not united.

        Files in the stored order are streamed; one that a person put into another order is sorted in
        memory first.
        """
        declared = table(name)
        streams = [self._in_order(declared, path) for path in self.files(name)]
        yield from heapq.merge(*streams, key=lambda row: rank(declared, row))

    def _in_order(self, declared: Table, path: Path) -> Iterator[Any]:
        if path not in self._sorted:
            ranks = (rank(declared, row) for row in read_rows(path, declared.row))
            self._sorted[path] = all(a <= b for a, b in pairwise(ranks))
        rows = read_rows(path, declared.row)
        return rows if self._sorted[path] else iter(sort_rows(rows, declared))

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table in the stored order, united and with what is inferred.

        Raises:
            InvalidData: Cells that are not of their column's type.
        """
        if name in UNITED:
            yield from self._merged(table(name))
        elif name == "participations":
            yield from self._participations()
        else:
            yield from self.stored_rows(name)

    def _merged(self, declared: Table) -> Iterator[Row]:
        found: dict[Any, Row] = {}
        for row in (r for path in self.files(declared.name) for r in read_rows(path, declared.row)):
            key = tuple(getattr(row, column) for column in declared.key)
            found[key] = _filled(found[key], row) if key in found else row
        for key in sorted(found):
            yield found[key]

    def _participations(self) -> Iterator[Participation]:
        declared = table("participations")
        stated = (row for row in self.stored_rows("participations") if row.basis != "inferred")
        inferred = sorted(self._inferred, key=lambda row: rank(declared, row))
        yield from heapq.merge(stated, inferred, key=lambda row: rank(declared, row))

    @cached_property
    def _inferred(self) -> list[Participation]:
        return list(infer(self.stored_rows("participations")))

    def extent(self) -> Extent:
        """Return how much there is."""
        bases = [row.basis for row in self.rows("participations")]
        starts = [row.start_date for row in self.rows("projects")]
        dated = [start[:4] for start in starts if start]
        return Extent(
            projects=len(starts), bodies=sum(1 for _ in self.rows("organizations")), participations=len(bases),
            inferred=bases.count("inferred"), first_year=min(dated, default=""), last_year=max(dated, default=""),
        )  # fmt: skip

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as a frame, made on first use and kept.

        Columns and their order are the contract's; texts are `str` (empty where the source is
        silent), offsets and counts `Int64`, amounts `Float64`, flags `bool`.
        """
        if name not in self._frames:
            self._frames[name] = _frame(table(name), self.rows(name))
        return self._frames[name]


def _filled(first: Row, second: Row) -> Row:
    """Return the first row with its empty cells taken from the second."""
    empty = [f for f in first.__struct_fields__ if getattr(first, f) in ("", None)]
    kept_kind = {"kind": second.kind} if getattr(first, "kind", "") == "other" and hasattr(second, "kind") else {}
    return msgspec.structs.replace(first, **{f: getattr(second, f) for f in empty}, **kept_kind)


def _frame(declared: Table, rows: Iterator[Row]) -> pd.DataFrame:
    import pandas as pd

    columns = columns_of(declared.row)
    values: list[list[Any]] = [[] for _ in columns]
    for row in rows:
        for cells, column in zip(values, columns, strict=True):
            cells.append(getattr(row, column))
    dtypes = {"string": "str", "integer": "Int64", "number": "Float64", "boolean": "bool"}
    made = {
        column: pd.Series(
            [float(c) if c is not None and declared.types[column] == "number" else c for c in cells],
            dtype=dtypes[declared.types[column]],
        )
        for column, cells in zip(columns, values, strict=True)
    }
    return pd.DataFrame(made, columns=list(columns))


def read_dataset(*folders: Path) -> Dataset:
    """Return the data sets of the folders as one, every cell of the small tables checked for its type."""
    dataset = Dataset(folders)
    findings: list[str] = []
    for one in TABLES:
        for path in dataset.files(one.name):
            try:
                for _ in read_rows(path, one.row):
                    pass
            except InvalidData as error:
                findings.extend(error.findings)
    if findings:
        raise InvalidData(findings)
    return dataset
