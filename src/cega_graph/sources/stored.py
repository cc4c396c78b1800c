"""Projects, participations and sums on their way into the tables: spelled once, as lines, and sorted outside memory.

A row waits as one text: what it is sorted by and its line, with NUL between them, which no id holds and which
comes before all that one may hold. So texts sort as the rows of the tables do, and most lines are written as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from cega_graph.dates import earliest, latest
from cega_graph.model import table
from cega_graph.sources.records import Remark
from cega_graph.spilling import Spill
from cega_graph.tabular import csv_line, read_csv_line

_HELD: Final = 1 << 25
"""Characters that are held in memory before they are written as runs."""

_PROJECT: Final = {column: at for at, column in enumerate(table("projects").columns)}
_GRANT: Final = {column: at for at, column in enumerate(table("grants").columns)}
_PARTICIPATION: Final = {column: at for at, column in enumerate(table("participations").columns)}
_FILLED: Final = slice(_PROJECT["identifier"], _PROJECT["extra"] + 1)
"""The columns of a project that later records of its identifier fill."""


class Sum(msgspec.Struct, array_like=True):
    """What a grant's line does not say: which repetition of its record it is, where its money comes from, who gives.

    `passes_on` are identifiers of records, `givers` names and identifiers.
    """

    repeat: int = 0
    passes_on: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()


class Stored:
    """The rows of the three tables. Cells are given in the order of the columns; a row's first one is its id.

    Args:
        folder: For what does not fit into memory.
    """

    def __init__(self, folder: Path) -> None:
        self._projects: Final = Spill(str, folder, "projects")
        self._participations: Final = Spill(str, folder, "participations")
        self._grants: Final = Spill(str, folder, "grants")
        self._held = 0

    def add_project(self, cells: Sequence[str], ordinal: int) -> None:
        """Take a project in, as the record with this number states it; what is held is written if it is much."""
        row = f"{cells[0]}\0{ordinal:012d}\0{csv_line(cells)}"
        self._projects.hold(row)
        self._held += len(row)
        if self._held >= _HELD:
            self._held = 0
            for one in (self._projects, self._participations, self._grants):
                one.write()

    def add_participation(self, cells: Sequence[str], who: int) -> None:
        """Take a participation in; `who` is its body's number, and its cell `organization_id` a NUL."""
        row = f"{cells[1]}\0{cells[4]}\0{cells[0]}\0{who}\0{csv_line(cells)}"
        self._participations.hold(row)
        self._held += len(row)

    def add_grant(self, cells: Sequence[str], ordinal: int, more: Sum | None) -> None:
        """Take a sum in, as the record with this number states it."""
        said = msgspec.json.encode(more).decode() if more else ""
        row = f"{cells[1]}\0{cells[0]}\0{ordinal:012d}\0{said}\0{csv_line(cells)}"
        self._grants.hold(row)
        self._held += len(row)

    def projects(self) -> Iterator[str]:
        """Yield the projects in the stored order; later records of an identifier fill the empty cells of the first."""
        for rows in _groups(self._projects, 0, 2):
            yield rows[0][-1] if len(rows) == 1 else csv_line(_united([row[-1] for row in rows]))

    def participations(self, ids: Sequence[str]) -> Iterator[str]:
        """Yield the participations in the stored order, each once; `ids` are those of the bodies, by number."""
        plain = [csv_line((one,)) == f"{one}\n" for one in ids]
        for rows in _groups(self._participations, 2, 5):
            first = rows[0] if len(rows) == 1 else min(rows, key=_rank_of_participation)
            who = int(first[3])
            if plain[who]:
                yield f"{first[4]}{ids[who]}{first[5]}"
            else:
                cells = read_csv_line(f"{first[4]}{first[5]}")
                cells[_PARTICIPATION["organization_id"]] = ids[who]
                yield csv_line(cells)

    def grants(
        self, regrants: Mapping[str, tuple[str, frozenset[str]]], note: Callable[[str, Remark], None]
    ) -> Iterator[str]:
        """Yield the sums in the stored order.

        One that two files state alike is one row; of those that carry one identifier and differ, the
        later ones are in conflict with the first.

        Args:
            regrants: Identifier of a record → the id of its sum that is to be passed on, who passes it on.
            note: Called with the source and what is odd.
        """
        for rows in _groups(self._grants, 0, 4):
            if len(rows) == 1 and not rows[0][3]:
                yield rows[0][4]
                continue
            sums: dict[str, _Sum] = {}
            for row in rows:
                if row[1] not in sums:
                    sums[row[1]] = _Sum(row)
            first: dict[tuple[str, str], _Sum] = {}
            for one in sorted(sums.values(), key=lambda one: one.ordinal):
                if one["identifier"] and not one.more.repeat:
                    first.setdefault((one["identifier"], one["type"]), one)
            for one in sums.values():
                yield one.finished(first, regrants, note)


class _Sum:
    """A sum that is not finished: another of its identifier may contradict it, or another's money be passed on by it."""

    def __init__(self, row: Sequence[str]) -> None:
        _, self.grant_id, self.ordinal, more, line = row
        self.more = msgspec.json.decode(more, type=Sum) if more else Sum()
        self.cells = read_csv_line(line)

    def __getitem__(self, column: str) -> str:
        return self.cells[_GRANT[column]]

    def finished(
        self, first: Mapping[tuple[str, str], _Sum], regrants: Mapping[str, tuple[str, frozenset[str]]],
        note: Callable[[str, Remark], None],
    ) -> str:  # fmt: skip
        base = first.get((self["identifier"], self["type"]))
        if base is not None and base.ordinal != self.ordinal and not self.more.repeat:
            self.cells[_GRANT["conflicts_with"]] = base.grant_id
            said = f"{self['amount']} / {base['amount']}"
            note(self["source_id"], Remark("contradiction", self["identifier"], said, self["locator"]))
        parents = (regrants[one] for one in self.more.passes_on if one in regrants)
        regrant = next((parent for parent, takers in parents if takers & {*self.more.givers}), "")
        self.cells[_GRANT["regrant_of"]] = "" if regrant == self.grant_id else regrant
        return csv_line(self.cells)


def _groups(rows: Spill[str], key: int, cuts: int) -> Iterator[list[list[str]]]:
    """Yield the rows that share the part with this number, each cut into its parts; the last is the line."""
    group: list[list[str]] = []
    last = None
    for batch in rows.batches():
        for row in batch:
            parts = row.split("\0", cuts)
            if parts[key] == last:
                group.append(parts)
                continue
            if group:
                yield group
            last, group = parts[key], [parts]
    if group:
        yield group


def _united(lines: Sequence[str]) -> list[str]:
    """The cells of a project, the empty ones filled from later records of it."""
    cells, *others = map(read_csv_line, lines)
    for more in others:
        cells[_FILLED] = [ours or theirs for ours, theirs in zip(cells[_FILLED], more[_FILLED], strict=True)]
    start, end = cells[_PROJECT["start_date"]], cells[_PROJECT["end_date"]]
    if start and end and latest(end) < earliest(start):
        cells[_PROJECT["end_date"]] = ""
    return cells


def _rank_of_participation(row: Sequence[str]) -> tuple[int, list[str]]:
    return int(row[3]), read_csv_line(f"{row[4]}{row[5]}")
