"""A data set project by project, for writers that put each with all that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec

from cega_graph.dataset.load import Dataset
from cega_graph.errors import InvalidData
from cega_graph.identifiers import is_register_id
from cega_graph.model import Grant, Organization, Participation, Project, Source


class Case(msgspec.Struct, frozen=True):
    """A project with its participations and sums of money, each in the stored order."""

    project: Project
    participations: tuple[Participation, ...]
    grants: tuple[Grant, ...]

    def parties(self, grant: Grant, role: str) -> list[Participation]:
        """Return the stated participations that say who gives or gets a sum, one a body."""
        of = {
            row.organization_id: row
            for row in reversed(self.participations)
            if row.grant_id == grant.grant_id and row.role == role and row.basis != "inferred"
        }
        return [of[one] for one in sorted(of)]


def cases(dataset: Dataset) -> Iterator[Case]:
    """Yield every project with what belongs to it, in order of ids; one project is held at a time.

    Raises:
        InvalidData: A row names a project that is in no row of `projects`.
    """
    participations = _Groups("participations", dataset)
    grants = _Groups("grants", dataset)
    for project in dataset.rows("projects"):
        one = project.project_id
        yield Case(project, participations.take(one), grants.take(one))
    participations.end()
    grants.end()


class _Groups:
    """The rows of a table that is sorted by project, one project after the other."""

    def __init__(self, name: str, dataset: Dataset) -> None:
        self._name = name
        self._groups = groupby(dataset.rows(name), key=lambda row: row.project_id)
        self._next: tuple[str, Iterator[Any]] | None = next(self._groups, None)

    def take(self, project_id: str) -> tuple[Any, ...]:
        """Return the rows of the next project, if it is this one."""
        if self._next is None or self._next[0] > project_id:
            return ()
        if self._next[0] < project_id:
            self.end()
        rows = tuple(self._next[1])
        self._next = next(self._groups, None)
        return rows

    def end(self) -> None:
        """Refuse rows that are left over."""
        if self._next is not None:
            line = f"{self._name}: project_id {self._next[0]!r} is in no row of projects; add the row or correct the id"
            raise InvalidData([line])


class Bodies:
    """Who the participants are; held whole."""

    def __init__(self, dataset: Dataset) -> None:
        self._rows: dict[str, Organization] = {row.organization_id: row for row in dataset.rows("organizations")}
        registered: dict[str, set[str]] = {}
        for row in dataset.rows("identifiers"):
            registered.setdefault(row.organization_id, set()).add(row.identifier)
        self._registered = {key: sorted(found) for key, found in registered.items()}

    def __iter__(self) -> Iterator[Organization]:
        return iter(self._rows.values())

    def get(self, organization_id: str) -> Organization:
        """Return a body.

        Raises:
            InvalidData: It is in no row of `organizations`.
        """
        if organization_id not in self._rows:
            line = f"organization_id {organization_id!r} is in no row of organizations; add the row or correct the id"
            raise InvalidData([line])
        return self._rows[organization_id]

    def registered(self, organization_id: str) -> list[str]:
        """Return the register identifiers of a body, its own id among them if it is one, sorted."""
        found = [one for one in self._registered.get(organization_id, []) if is_register_id(one)]
        own = [organization_id] if is_register_id(organization_id) and organization_id not in found else []
        return sorted(found + own)

    def stated_id(self, organization_id: str) -> str:
        """Return the identifier that others know a body by: one of a register if there is one, else its id.

        An id that is a register's is preferred, then the first in order of text.
        """
        registered = self.registered(organization_id)
        return organization_id if organization_id in registered or not registered else registered[0]


def read_sources(dataset: Dataset) -> dict[str, Source]:
    """Return source id → source."""
    return {row.source_id: row for row in dataset.rows("sources")}


def disputed(dataset: Dataset) -> frozenset[str]:
    """Return the ids of sums that another sum of the data contradicts, on both sides."""
    pairs = ((row.grant_id, row.conflicts_with) for row in dataset.rows("grants") if row.conflicts_with)
    return frozenset(one for pair in pairs for one in pair)
