"""Where the tables of a data set may be cut: between rows, and never inside a body or a project."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from cega_graph.csv_lines import Span
from cega_graph.dataset import Dataset
from cega_graph.dataset.piece import GROUP_COLUMNS
from cega_graph.model import TABLES
from cega_graph.tabular import unguard_formula

PART_BYTES: Final = 3 << 20
"""Bytes of a part: some 20,000 rows, whose triples are 30 MB of text. Rows and triples do not depend on it."""

_BLOCK: Final = 1 << 18
"""Bytes after which the next row is looked at."""

_CUT: Final = frozenset({"organizations", "names", "identifiers", "projects", "participations", "grants"})
"""Tables that grow, and whose rows are sorted by their group first."""

WITH_BODIES: Final = frozenset({"names", "identifiers"})
"""Tables whose parts need the rows of their bodies too."""


class Part(NamedTuple):
    """Some rows of a table, `size` bytes: those whose group is not below `low`, but below `high` if that is given."""

    name: str
    size: int
    low: str = ""
    high: str | None = None
    spans: Mapping[Path, Span] = {}


def whole(dataset: Dataset) -> list[Part]:
    """Return one part a table; nothing is cut."""
    held = {table.name: dataset.files(table.name) for table in TABLES}
    return [Part(name, sum(_sizes(files))) for name, files in held.items() if files]


def cut(dataset: Dataset, size: int) -> list[Part]:
    """Return the parts of a data set in the order of the tables, each about `size` bytes of its largest file.

    Files are looked at, not read: a quotation mark that no CSV writer leaves, or rows out of order, make
    a part wrong. Whoever reads a part sees that some group is not between `low` and `high`.
    """
    try:
        return [part for table in TABLES for part in _parts(dataset, table.name, size)]
    except (OSError, csv.Error):
        return whole(dataset)


def _parts(dataset: Dataset, name: str, size: int) -> Iterator[Part]:
    files = [path for path in dataset.files(name) if path.suffix == ".csv"]
    if len(files) < len(dataset.files(name)) or name not in _CUT or max(_sizes(files), default=0) < 2 * size:
        yield from (part for part in whole(dataset) if part.name == name)
        return
    column = GROUP_COLUMNS[name]
    indexes = [_Index(path, column, guarded=dataset.is_guarded(path)) for path in files]
    n_own = len(indexes)
    largest = max(indexes, key=lambda index: index.size)
    bounds = largest.bounds(size)
    if name in WITH_BODIES:
        indexes += [_Index(path, column, guarded=dataset.is_guarded(path)) for path in dataset.files("organizations")]
    places = [[index.place(bound) for bound in bounds] for index in indexes]
    ends = [pairwise([index.first, *found, index.size]) for index, found in zip(indexes, places, strict=True)]
    for (low, high), *spans in zip(pairwise(["", *bounds, None]), *ends, strict=True):
        yield Part(name, sum(end - start for start, end in spans[:n_own]), low or "", high, {
            index.path: Span(index.first, *span) for index, span in zip(indexes, spans, strict=True)
        })  # fmt: skip


def _sizes(files: list[Path]) -> list[int]:
    return [path.stat().st_size for path in files]


class _Index:
    """Places in a CSV file where rows begin, with the group of the row there."""

    def __init__(self, path: Path, column: str, *, guarded: bool) -> None:
        self.path: Final = path
        self.size: Final = path.stat().st_size
        self._guarded: Final = guarded
        with path.open("rb") as file:
            header = next(_records(file, 0), (0, []))[1]
            self.first: Final = file.tell()
            self._at: Final = header.index(column) if column in header else 0
            starts = [self.first, *(start for start in _row_starts(file) if self.first < start < self.size)]
            found = [(start, self._group(file, start)) for start in starts]
        self._starts: Final = [start for start, group in found if group is not None]
        self._groups: Final = [group for _, group in found if group is not None]

    def _group(self, file: BinaryIO, start: int) -> str | None:
        return next((group for _, group in self._rows(file, start)), None)

    def _rows(self, file: BinaryIO, start: int) -> Iterator[tuple[int, str]]:
        for place, cells in _records(file, start):
            cell = cells[self._at] if len(cells) > self._at else ""
            yield place, unguard_formula(cell) if self._guarded else cell

    def bounds(self, size: int) -> list[str]:
        """Return groups, ascending, that begin about `size` bytes after one another."""
        found: list[str] = []
        last = self.first
        with self.path.open("rb") as file:
            for start, group in zip(self._starts, self._groups, strict=True):
                if start - last < size:
                    continue
                last = start
                following = next((one for _, one in self._rows(file, start) if one != group), "")
                if following > (found[-1] if found else ""):
                    found.append(following)
        return found

    def place(self, bound: str) -> int:
        """Return where the first row begins whose group is not below `bound`; the file's size if there is none."""
        at = bisect_left(self._groups, bound) - 1
        with self.path.open("rb") as file:
            rows = self._rows(file, self._starts[at] if at >= 0 else self.first)
            return next((place for place, group in rows if group >= bound), self.size)


def _row_starts(file: BinaryIO) -> Iterator[int]:
    """Yield a place in each block of a file, but the first, where a row begins: after a line end outside quotes."""
    file.seek(0)
    offset, inside = 0, False
    while block := file.read(_BLOCK):
        end = _line_end(block, inside=inside) if offset else -1
        if end >= 0:
            yield offset + end + 1
        inside ^= block.count(b'"') % 2 == 1
        offset += len(block)


def _line_end(block: bytes, *, inside: bool) -> int:
    at = 0
    while at >= 0:
        quote = block.find(b'"', at)
        if not inside:
            end = block.find(b"\n", at, quote if quote >= 0 else None)
            if end >= 0:
                return end
        if quote < 0:
            break
        inside, at = not inside, quote + 1
    return -1


def _records(file: BinaryIO, start: int) -> Iterator[tuple[int, list[str]]]:
    """Yield the place and the cells of each row from a place on; the file stands behind the row when it is yielded."""
    file.seek(start)
    place, lines, quotes = start, b"", 0
    while line := file.readline():
        lines += line
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            text = lines.decode("utf-8-sig", "replace")
            after = file.tell()
            yield place, next(csv.reader(io.StringIO(text, newline="")), [])
            file.seek(after)
            place, lines, quotes = after, b"", 0
