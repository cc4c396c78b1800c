"""A part of a data set that holds its groups whole, and so gives the rows that the whole gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from cega_graph.dataset.filling import united
from cega_graph.dataset.inference import infer
from cega_graph.model import Row, table
from cega_graph.ordering import rank, sort_rows
from cega_graph.package import UNITED

GROUP_COLUMNS: Final = {
    "sources": "source_id",
    "organizations": "organization_id",
    "names": "organization_id",
    "identifiers": "organization_id",
    "projects": "project_id",
    "participations": "project_id",
    "grants": "project_id",
    "memberships": "membership_id",
    "decisions": "name_a",
}
"""Table → the column whose equal values must stay together, across the tables that have the same one.

A body's row, names and identifiers say some triples alike; inference looks at all participations of a project.
"""


def group_of(name: str, row: Row) -> str:
    """Return the group of a row of the table `name`; two rows that must stay together have the same.

    >>> from cega_graph.model import Identifier
    >>> group_of("identifiers", Identifier(organization_id="o-1", identifier="GB-CHC-1"))
    'organization_id:o-1'
    """
    column = GROUP_COLUMNS[name]
    return f"{column}:{getattr(row, column)}"


class Piece:
    """The rows of some groups, as `Dataset.rows` gives them for one folder.

    Args:
        stored: (table, which of its files, row), in any order; file 0 is a reader's, 1 a person's.
    """

    def __init__(self, stored: Iterable[tuple[str, int, Row]]) -> None:
        self._stored: Final[dict[str, list[tuple[int, Row]]]] = {}
        for name, at, row in stored:
            self._stored.setdefault(name, []).append((at, row))
        self._final: Final[dict[str, list[Any]]] = {}

    def stored(self) -> Iterator[tuple[str, int, Row]]:
        """Yield the rows that were given, with their tables and files."""
        return ((name, at, row) for name, rows in self._stored.items() for at, row in rows)

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table in the stored order, united and with what is inferred."""
        if name not in self._final:
            self._final[name] = self._made(name, self._stored.get(name, []))
        return iter(self._final[name])

    @staticmethod
    def _made(name: str, stored: list[tuple[int, Row]]) -> list[Any]:
        if len(stored) < 2 and name != "participations":
            return [row for _, row in stored]
        declared = table(name)
        if name in UNITED:
            ordered = sorted(stored, key=lambda one: (one[0], rank(declared, one[1])))
            return list(united((row for _, row in ordered), declared))
        rows: list[Any] = sort_rows([row for _, row in stored], declared)
        if name != "participations":
            return rows
        stated = [row for row in rows if row.basis != "inferred"]
        return sort_rows([*stated, *infer(stated)], declared)
