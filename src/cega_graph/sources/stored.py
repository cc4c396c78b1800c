"""Projects, participations and sums on their way into the tables: spelled once, as lines, and sorted outside memory.

What a record states waits as one text: the id of its project and the number of the record, by which it is sorted, then
the lines of its rows. NUL stands between them, which no id holds and which comes before all that one may hold; so the
texts sort as the rows of the tables do, and most lines are written as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from cega_graph.csv_lines import csv_line, read_csv_line
from cega_graph.model import table
from cega_graph.sources.joining import joined
from cega_graph.sources.records import Remark
from cega_graph.sources.restating import (
    Again,
    Cells,
    Sides,
    beside,
    difference_of_sums,
    sides_of,
    sum_again,
    united_project,
)
from cega_graph.spilling import Spill

Lines: TypeAlias = Iterator[tuple[str, list[str]]]
"""Names of tables, each with some of its lines; those of one table come in the stored order."""

STREAMED: Final = ("projects", "participations", "grants")
"""The tables that are written so."""
_CUT: Final = "\0"
_FIRST: Final = 10**12
"""Added to the numbers of records, so that they sort as texts."""
_HELD: Final = 1 << 25
"""Characters that are held in memory before they are written as a run."""
_BATCH: Final = 1024
"""Projects whose lines are handed over at a time."""

_BODY: Final = table("participations").columns.index("organization_id")


class More(msgspec.Struct, array_like=True):
    """What a grant's line does not say: which repetition of its record it is, where its money comes from, who gives.

    `passes_on` are identifiers of records, `givers` names and identifiers.
    """

    repeat: int = 0
    passes_on: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()


def without_cut(text: str) -> str:
    """Return a text with U+FFFD for each NUL, which would part what waits at the wrong place."""
    return text.replace(_CUT, "\ufffd") if _CUT in text else text


def grant_row(grant_id: str, more: str, line: str) -> str:
    """Return a sum as it waits; `more` is empty or a `More` as JSON."""
    return f"{grant_id}{_CUT}{more}{_CUT}{line}"


def party_row(role: str, participation_id: str, who: str, head: str, tail: str) -> str:
    """Return a participation as it waits.

    Args:
        who: The number of its body, whose id comes between head and tail, which are the rest of its line.
    """
    if "\r" in tail:  # then all cells of the line stand in quotation marks
        head, _, tail = csv_line(read_csv_line(f"{head}{_CUT}{tail}")).partition(_CUT)
    return f"{role}{_CUT}{participation_id}{_CUT}{who}{_CUT}{head}{_CUT}{tail}"


class Stored:
    """What records state, sorted by project.

    Args:
        folder: For what does not fit into memory.
    """

    def __init__(self, folder: Path) -> None:
        self._spill: Final = Spill(str, folder, "records")
        self._held = 0

    def add(self, project_id: str, ordinal: int, project: str, grants: list[str], parties: list[str]) -> None:
        """Take in what the record with this number states; no text may hold NUL but between its parts.

        Args:
            project: The project's line.
            grants, parties: As `grant_row` and `party_row` give them; both are sorted.
        """
        grants.sort()
        parties.sort()
        self._hold(_CUT.join([project_id, str(_FIRST + ordinal), str(len(grants)), project, *grants, *parties]))

    def add_old(self, name: str, project_id: str, line: str) -> None:
        """Take in a line that the data set has already, of the table with this name."""
        self._hold(f"{without_cut(project_id)}{_CUT}{_CUT}{name}{_CUT}{line}")

    def _hold(self, row: str) -> None:
        self._spill.hold(row)
        self._held += len(row)
        if self._held >= _HELD:
            self._held = 0
            self._spill.write()

    def lines(
        self, ids: Sequence[str], regrants: Mapping[str, tuple[str, frozenset[str]]],
        note: Callable[[str, Remark], None],
    ) -> Lines:  # fmt: skip
        """Yield the lines of all tables.

        Later records of a project fill the empty cells of the first; what they say otherwise is kept in its
        `extra` and noted. A sum or participation that two files state alike is one row; of sums that carry one
        identifier and differ, the later ones are in conflict with the first.

        Args:
            ids: Of the bodies, by number.
            regrants: Identifier of a record → the id of its sum that is to be passed on, who passes it on.
            note: Called with the source and what is odd.
        """
        finished = _Finished(ids, regrants, note)
        for number, group in enumerate(_groups(self._spill), 1):
            if not group[0][1]:
                finished.join(group)
            elif len(group) > 1 or not finished.take(group[0]):
                finished.unite(group)
            if number % _BATCH == 0:
                yield from finished.hand_over()
        yield from finished.hand_over()


def _groups(spill: Spill[str]) -> Iterator[list[list[str]]]:
    """Yield what is stated of each project, each record's cut into its parts."""
    group: list[list[str]] = []
    last = None
    for batch in spill.batches():
        for row in batch:
            parts = row.split(_CUT)
            if parts[0] == last:
                group.append(parts)
                continue
            if group:
                yield group
            last, group = parts[0], [parts]
    if group:
        yield group


class _Finished:
    """Lines that can be written: with the ids of their bodies, with what one says of another."""

    def __init__(
        self, ids: Sequence[str], regrants: Mapping[str, tuple[str, frozenset[str]]],
        note: Callable[[str, Remark], None],
    ) -> None:  # fmt: skip
        self._ids: Final = ids
        self._odd: Final = {who for who, one in enumerate(ids) if csv_line((one,)) != f"{one}\n"}
        self._regrants: Final = regrants
        self._note: Final = note
        self._begin()

    def _begin(self) -> None:
        self._projects: list[str] = []
        self._participations: list[str] = []
        self._grants: list[str] = []

    def hand_over(self) -> Lines:
        """Yield what is finished, and begin anew."""
        done = zip(STREAMED, (self._projects, self._participations, self._grants), strict=True)
        self._begin()
        yield from done

    def take(self, parts: Sequence[str]) -> bool:
        """Take the only record of a project as it is; False if its sums say more than their lines."""
        after = 4 + 3 * int(parts[2])
        if any(parts[5:after:3]):
            return False
        self._projects.append(parts[3])
        self._grants += parts[6:after:3]
        for at in range(after, len(parts), 5):
            self._add_party(parts[at + 2], parts[at + 3], parts[at + 4])
        return True

    def join(self, group: Sequence[Sequence[str]]) -> None:
        """Take what the data set says of a project, and the records that say more of it."""
        finished = list(self.hand_over())
        old: dict[str, list[str]] = {name: [] for name in STREAMED}
        for parts in group:
            if not parts[1]:
                old[parts[2]].append(_CUT.join(parts[3:]))
        records = [parts for parts in group if parts[1]]
        again = self._unite_rows(records)
        (_, projects), (_, parties), (_, grants) = finished
        _, (_, new_parties), (_, new_grants) = list(self.hand_over())
        own = list(joined("participations", old["participations"], new_parties))
        sums = joined("grants", old["grants"], new_grants, lambda a, b: self._compare(a, b, sides_of(own), again))
        grants.extend(sums)
        parties.extend(own)
        if stated := [*old["projects"], *(parts[3] for parts in records)]:
            projects.append(self._project(stated, again))
        self._projects, self._participations, self._grants = (lines for _, lines in finished)

    def _add_party(self, number: str, head: str, tail: str) -> None:
        who = int(number)
        if who in self._odd:
            cells = read_csv_line(f"{head}{tail}")
            cells[_BODY] = self._ids[who]
            self._participations.append(csv_line(cells))
        else:
            self._participations.append(f"{head}{self._ids[who]}{tail}")

    def unite(self, group: Sequence[Sequence[str]]) -> None:
        """Take the records of a project, the earliest first."""
        again = self._unite_rows(group)
        self._projects.append(self._project([parts[3] for parts in group], again))

    def _project(self, lines: Sequence[str], again: Sequence[Again]) -> str:
        """The line of a project from those of its records, and what its sums say otherwise."""
        return csv_line(united_project(lines, again, self._note)) if len(lines) > 1 or again else lines[0]

    def _unite_rows(self, group: Sequence[Sequence[str]]) -> list[Again]:
        """Take the participations and sums of a project's records; return what sums stated again say otherwise."""
        sums: dict[str, _Sum] = {}
        again: list[Again] = []
        parties: dict[tuple[str, str], list[Sequence[str]]] = {}
        for parts in group:
            after = 4 + 3 * int(parts[2])
            for at in range(4, after, 3):
                one = _Sum(parts[1], parts[at + 1], parts[at + 2])
                first = sums.setdefault(parts[at], one)
                if first is not one:
                    self._again(first, one, again)
            for at in range(after, len(parts), 5):
                parties.setdefault((parts[at], parts[at + 1]), []).append(parts[at + 2 : at + 5])
        begun = len(self._participations)
        for _, same in sorted(parties.items()):
            self._add_party(*(same[0] if len(same) == 1 else min(same, key=_rank_of_party)))
        self._unite_sums(sums, begun)
        return again

    def _again(self, first: Cells, one: Cells, again: list[Again]) -> None:
        """Note what a sum that is stated again says otherwise; what the first does not say is filled."""
        differing = sum_again(first, one)
        for column in [column for column in differing if not first[column]]:
            first[column] = differing.pop(column)
        for column, value in differing.items():
            said = beside(column, first[column], value)
            self._note(one["source_id"], Remark("contradicting-fields", one["project_id"], said, one["locator"]))
        if differing:
            again.append(Again(one["source_id"], one["locator"], dict(differing)))

    def _compare(self, first: Cells, later: Cells, sides: Sides, again: list[Again]) -> None:
        """Let a sum be in conflict with the first one of its identifier, or be the same one stated again."""
        if first["grant_id"] == later["grant_id"]:
            self._again(first, later, again)
            return
        later["conflicts_with"] = first["grant_id"]
        said = difference_of_sums(first, later, sides)
        self._note(later["source_id"], Remark("contradiction", later["identifier"], said, later["locator"]))

    def _unite_sums(self, sums: Mapping[str, _Sum], begun: int) -> None:
        """Add sums; `begun` is how many participations came before those of the project."""
        first: dict[tuple[str, str], _Sum] = {}
        for one in sums.values():
            if one["identifier"] and not one.more.repeat:
                first.setdefault((one["identifier"], one["type"]), one)
        sides: Sides | None = None
        for _, one in sorted(sums.items()):
            base = first.get((one["identifier"], one["type"]))
            if base is not None and base.ordinal != one.ordinal and not one.more.repeat:
                sides = sides_of(self._participations[begun:]) if sides is None else sides
                self._compare(base, one, sides, [])
            parents = (self._regrants[of] for of in one.more.passes_on if of in self._regrants)
            regrant = next((parent for parent, takers in parents if not takers.isdisjoint(one.more.givers)), "")
            one["regrant_of"] = "" if regrant == one["grant_id"] else regrant
            self._grants.append(csv_line(one.cells))


class _Sum(Cells):
    """A sum that others of its project may contradict, or whose money may come from another."""

    def __init__(self, ordinal: str, more: str, line: str) -> None:
        super().__init__("grants", read_csv_line(line))
        self.ordinal: Final = ordinal
        self.more: Final = msgspec.json.decode(more, type=More) if more else More()


def _rank_of_party(party: Sequence[str]) -> tuple[int, list[str]]:
    number, head, tail = party
    return int(number), read_csv_line(f"{head}{tail}")
