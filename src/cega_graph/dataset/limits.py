"""A data set of several sources, limited to some of them, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from cega_graph.model import EVIDENCE_COLUMNS, Evidence, table

_STATED: Final = ("participations", "grants", "memberships", "identifiers", "names")
_NO_EVIDENCE: Final = {column: getattr(Evidence(), column) for column in EVIDENCE_COLUMNS}


class Limit(msgspec.Struct, frozen=True):
    """Which rows stay: those that `sources` state, and the bodies and projects that these are about."""

    sources: frozenset[str]
    organizations: frozenset[str]
    projects: frozenset[str]
    grants: frozenset[str]

    def apply(self, name: str, rows: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows of the table `name` that stay.

        A project that other sources describe stays without its evidence; what refers to a sum that
        other sources state refers to none.
        """
        for row in rows:
            if self._keeps(name, row):
                changes = self._changes(name, row)
                yield msgspec.structs.replace(row, **changes) if changes else row

    def _keeps(self, name: str, row: Any) -> bool:  # noqa: ANN401
        if name == "organizations":
            return row.organization_id in self.organizations
        if name == "projects":
            return row.source_id in self.sources or row.project_id in self.projects
        if name == "names" and not row.source_id:
            return row.organization_id in self.organizations
        return row.source_id in self.sources or (name == "decisions" and not row.source_id)

    def _changes(self, name: str, row: Any) -> dict[str, Any]:  # noqa: ANN401
        if name == "projects" and row.source_id not in self.sources:
            return _NO_EVIDENCE
        columns = [column for column, target in table(name).references.items() if target == "grants"]
        return {column: "" for column in columns if getattr(row, column) not in self.grants}


def limit_to(sources: frozenset[str], stored: Callable[[str], Iterator[Any]]) -> Limit:
    """Return the limit of a data set to some of its sources.

    Args:
        stored: Table name → its rows as stored.
    """
    held: dict[str, set[str]] = {name: set() for name in ("organizations", "projects", "sources", "grants")}
    for name in _STATED:
        references = table(name).references
        for row in stored(name):
            if row.source_id in sources:
                for column, target in references.items():
                    held[target].add(getattr(row, column))
    grants = {row.grant_id for row in stored("grants") if row.source_id in sources}
    parents = {row.organization_id: row.parent_id for row in stored("organizations") if row.parent_id}
    bodies = held["organizations"]
    for body in sorted(bodies):
        above = parents.get(body, "")
        while above and above not in bodies:
            bodies.add(above)
            above = parents.get(above, "")
    return Limit(sources, frozenset(bodies), frozenset(held["projects"]), frozenset(grants))
