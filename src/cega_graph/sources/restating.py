"""What several places state under one identifier: empty cells are filled, what differs is kept beside and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import msgspec

from cega_graph.csv_lines import read_csv_line
from cega_graph.dates import earliest, latest
from cega_graph.model import TABLES
from cega_graph.sources.records import Remark

Note: TypeAlias = Callable[[str, Remark], None]
"""Called with a source and what is odd about it."""

ALSO: Final = "also"
"""The key of `projects.extra` under which later statements are kept: a list of objects with source and place."""

_STATED: Final = (
    "identifier", "title", "title_en", "theme", "start_date", "end_date", "region", "place", "programme", "status",
    "description",
)  # fmt: skip
_OF_SUM: Final = ("funding_type", "recipients", "approximate")
"""Columns of a sum that do not tell it from others."""
_TOLD: Final = 120
"""Characters of a value in the report, at most; the whole value is in the data."""

Sides: TypeAlias = Mapping[str, Mapping[str, Sequence[tuple[str, str]]]]
"""Sum → role → those who have it, each as printed and with the id of its body."""

_COLUMNS: Final = {one.name: {column: at for at, column in enumerate(one.columns)} for one in TABLES}
_PROJECT: Final = _COLUMNS["projects"]
_PARTY: Final = _COLUMNS["participations"]


class Cells:
    """The cells of a row of a table, by column."""

    def __init__(self, name: str, cells: list[str]) -> None:
        self._places: Final = _COLUMNS[name]
        self.cells: Final = cells

    def __getitem__(self, column: str) -> str:
        """Return the cell in a column."""
        return self.cells[self._places[column]]

    def __setitem__(self, column: str, text: str) -> None:
        """Put a text into a column."""
        self.cells[self._places[column]] = text


class Again(msgspec.Struct):
    """What a later place says otherwise than the first one: column → its value, with those of `extra` by key."""

    source_id: str
    locator: str
    values: dict[str, Any] = {}
    extra: dict[str, Any] = {}

    def as_object(self) -> dict[str, Any]:
        """Return it as it is kept."""
        kept = {"source_id": self.source_id, "locator": self.locator, **self.values}
        return {**kept, "extra": self.extra} if self.extra else kept


def united_project(lines: Sequence[str], more: Iterable[Again], note: Note) -> list[str]:
    """Return the cells of a project that several records state, the earliest first.

    Later records fill empty cells. What they say otherwise is kept in `extra` under `also` and noted, the first
    value before the later one; lists in `extra` are joined.

    Args:
        lines: The project's line of each record.
        more: What else of the project is stated otherwise; noted by the caller.
        note: Called for each value that differs.
    """
    cells, *others = map(read_csv_line, lines)
    kept = [again.as_object() for again in more]
    extra = _decoded(cells[_PROJECT["extra"]])
    lists = _Lists()
    for later in others:
        again = Again(later[_PROJECT["source_id"]], later[_PROJECT["locator"]], {}, {})
        told = _fill(cells, later, again)
        if later[_PROJECT["extra"]] and later[_PROJECT["extra"]] != cells[_PROJECT["extra"]]:
            told += _add_extra(extra, _decoded(later[_PROJECT["extra"]]), again.extra, lists)
        for said in told:
            note(again.source_id, Remark("contradicting-fields", cells[_PROJECT["project_id"]], said, again.locator))
        if told:
            kept.append(again.as_object())
    if kept:
        before = extra.get(ALSO, [])
        extra[ALSO] = [*(before if isinstance(before, list) else [before]), *kept]
    cells[_PROJECT["extra"]] = msgspec.json.encode(extra).decode() if extra else ""
    return cells


def _decoded(extra: str) -> dict[str, Any]:
    value = msgspec.json.decode(extra) if extra else {}
    return value if isinstance(value, dict) else {"more": value}


def _fill(cells: list[str], later: Sequence[str], again: Again) -> list[str]:
    """Fill empty cells from a later record; say what it says otherwise."""
    told = []
    filled = []
    for column in _STATED:
        at = _PROJECT[column]
        ours, theirs = cells[at], later[at]
        if theirs and not ours:
            cells[at] = theirs
            filled.append(column)
        elif theirs and theirs != ours:
            again.values[column] = theirs
            told.append(beside(column, ours, theirs))
    start, end = cells[_PROJECT["start_date"]], cells[_PROJECT["end_date"]]
    if start and end and latest(end) < earliest(start):
        for column in [one for one in filled if one.endswith("_date")]:
            again.values[column], cells[_PROJECT[column]] = cells[_PROJECT[column]], ""
            told.append(f"start_date: {start}; end_date: {end}")
    return told


class _Lists:
    """Lists of `extra` that later records add to: what they hold is known by its JSON, so adding is linear."""

    def __init__(self) -> None:
        self._held: Final[dict[int, set[bytes]]] = {}

    def add(self, ours: list[Any], theirs: list[Any]) -> None:
        """Add to a list what it does not hold yet."""
        held = self._held.get(id(ours))
        if held is None:
            held = self._held[id(ours)] = set(map(msgspec.json.encode, ours))
        for one in theirs:
            spelled = msgspec.json.encode(one)
            if spelled not in held:
                held.add(spelled)
                ours.append(one)


def _add_extra(ours: dict[str, Any], theirs: dict[str, Any], otherwise: dict[str, Any], lists: _Lists) -> list[str]:
    """Add what a later record says beside its columns; say what it says otherwise."""
    told = []
    for key, value in theirs.items():
        first = ours.setdefault(key, value)
        if first is value or first == value:
            continue
        if isinstance(first, list) and isinstance(value, list):
            lists.add(first, value)
        elif isinstance(first, dict) and isinstance(value, dict):
            differing: dict[str, Any] = {}
            told += _add_extra(first, value, differing, lists)
            otherwise |= {key: differing} if differing else {}
        else:
            otherwise[key] = value
            told.append(beside(key, first, value))
    return told


def sum_again(first: Cells, later: Cells) -> dict[str, str]:
    """Return what a sum that is stated again says otherwise, in columns that do not tell it from others."""
    return {column: later[column] for column in _OF_SUM if later[column] and later[column] != first[column]}


def beside(column: str, first: object, later: object) -> str:
    """Return two values of a column as the report shows them, the one that stands first.

    >>> beside("title", "River", "River two"), beside("amount", "", "5")
    ('title: River / River two', 'amount: – / 5')
    """
    return f"{column}: {_short(first)} / {_short(later)}"


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return (text if len(text) <= _TOLD else f"{text[:_TOLD]}…") or "–"


def sides_of(lines: Iterable[str]) -> Sides:
    """Return who gives and who gets the sums of a project, from the lines of its participations."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for cells in map(read_csv_line, lines):
        if cells[_PARTY["grant_id"]]:
            role = found.setdefault(cells[_PARTY["grant_id"]], {}).setdefault(cells[_PARTY["role"]], [])
            role.append((cells[_PARTY["mention"]], cells[_PARTY["organization_id"]]))
    return found


def difference_of_sums(first: Cells, later: Cells, sides: Sides) -> str:
    """Return in what two sums of one identifier differ, with both values.

    Args:
        sides: What `sides_of` returns of the project.
    """
    told = [
        beside(column, first[column], later[column])
        for column in ("amount", "currency", "date") if first[column] != later[column]
    ]  # fmt: skip
    one, two = sides.get(first["grant_id"], {}), sides.get(later["grant_id"], {})
    for role in sorted({*one, *two}):
        ours, theirs = one.get(role, ()), two.get(role, ())
        for part in (0, 1):
            before, after = (sorted({who[part] for who in some}) for some in (ours, theirs))
            if before != after:
                told.append(beside(role, "; ".join(before), "; ".join(after)))
                break
    return "; ".join(told) or beside("mention", first["mention"], later["mention"])
