"""Several data sets as one: which of their bodies, projects and sums are the same, and what speaks against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.identifiers import is_register_id, mint_statement_id
from cega_graph.model import Decision, Grant, Organization, Project, Source
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import normalize

PROJECT_PREFIX: Final = "project:"
"""A decision whose two names begin so is about two projects: `project:book-2024-3`, `project:book-2025-1`."""

_NAMELESS: Final = frozenset({"person", "group"})
"""Kinds whose equal names do not make them one: two people, two phrases for many."""


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """What data sets say against each other; `one` stands in `first`, `other` in `second`, names of folders."""

    rule: str
    table: str
    row: str
    one: str
    other: str
    first: str = ""
    second: str = ""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One data set, with what decides who is who in it; rows as stored."""

    name: str
    sources: tuple[Source, ...] = ()
    organizations: tuple[Organization, ...] = ()
    spellings: dict[str, frozenset[str]] = {}
    identifiers: dict[str, frozenset[str]] = {}
    projects: tuple[Project, ...] = ()
    decisions: tuple[Decision, ...] = ()
    grants: tuple[Grant, ...] = ()


class Union(msgspec.Struct, frozen=True, kw_only=True):
    """What the rows of several data sets are called when they are one.

    `organizations` holds for each data set its own ids and the id in the whole, where they differ;
    `projects` the same for all data sets together; `grants` for each data set its sums that an earlier one
    states as well, under the same id or another; `conflicting` those that it states otherwise.
    """

    organizations: tuple[dict[str, str], ...]
    projects: dict[str, str] = {}
    grants: tuple[dict[str, str], ...]
    conflicting: dict[str, str] = {}
    clashes: tuple[Clash, ...] = ()


def unite(parts: Sequence[Part]) -> Union:
    """Return what is one in several data sets, and every contradiction between them.

    Bodies are one that share a register identifier, or whose names are spelled the same after
    normalisation or decided `same` by a person. An alias that one text states holds in that text
    only. Names never join two bodies whose register identifiers are different, nor persons, nor
    groups. The id of the data set that is named first stays. Projects are one that have the same
    id, or that a decision joins (`PROJECT_PREFIX`).

    Raises:
        InvalidData: The decisions of the data sets contradict each other.
    """
    decisions = [decision for part in parts for decision in part.decisions]
    about_names = [d for d in decisions if not d.name_a.startswith(PROJECT_PREFIX) and d.decided_by != "source"]
    ledger = Ledger(dict.fromkeys(about_names))
    bodies, clashes = _Bodies(parts, ledger).joined()
    projects, apart = _projects(parts, decisions)
    grants, conflicting, twice = _sums(parts, projects)
    return Union(
        organizations=bodies,
        projects=projects,
        grants=grants,
        conflicting=conflicting,
        clashes=(*_source_clashes(parts), *clashes, *_title_clashes(parts, projects, apart), *twice),
    )


def _source_clashes(parts: Sequence[Part]) -> Iterator[Clash]:
    seen: dict[str, tuple[Source, Part]] = {}
    for part in parts:
        for source in part.sources:
            first, where = seen.setdefault(source.source_id, (source, part))
            for column in ("sha256", "year"):
                one, other = getattr(first, column), getattr(source, column)
                if where is not part and one and other and one != other:
                    yield Clash(
                        rule="source-twice", table="sources", row=source.source_id, one=f"{column} {one}",
                        other=f"{column} {other}", first=where.name, second=part.name,
                    )  # fmt: skip
                    break


class _Bodies:
    """The bodies of all data sets, joined step by step; a body is (data set, id)."""

    def __init__(self, parts: Sequence[Part], ledger: Ledger) -> None:
        self.parts: Final = parts
        self.ledger: Final = ledger
        self.above: dict[tuple[int, str], tuple[int, str]] = {}
        self.rows: Final = {
            (at, row.organization_id): row for at, part in enumerate(parts) for row in part.organizations
        }
        self.clashes: list[Clash] = []

    def joined(self) -> tuple[tuple[dict[str, str], ...], list[Clash]]:
        """Return id → id in the whole, one dictionary a data set, and the contradictions."""
        for body in self.rows:
            for earlier in self._earlier_with_same_id(body):
                self._join(earlier, body)
        by_register: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for body in self.rows:
            for identifier in sorted(self._registered(body)):
                by_register[identifier].append(body)
        for group in by_register.values():
            for body in group[1:]:
                if body[0] != group[0][0]:
                    self._join(group[0], body)
        self._join_by_name()
        self._compare_names()
        return self._ids(), self.clashes

    def _earlier_with_same_id(self, body: tuple[int, str]) -> list[tuple[int, str]]:
        at, identifier = body
        earlier = [(n, identifier) for n in range(at) if (n, identifier) in self.rows]
        return [e for e in earlier if self.rows[body].kind not in _NAMELESS or self._shares_source(e, body)]

    def _shares_source(self, a: tuple[int, str], b: tuple[int, str]) -> bool:
        one, other = ({s.source_id for s in self.parts[at].sources} for at, _ in (a, b))
        return bool(one & other) or is_register_id(a[1])

    def _find(self, body: tuple[int, str]) -> tuple[int, str]:
        while body in self.above:
            body = self.above[body]
        return body

    def _join(self, one: tuple[int, str], other: tuple[int, str]) -> None:
        a, b = sorted((self._find(one), self._find(other)))
        if a != b:
            self.above[b] = a

    def _registered(self, body: tuple[int, str]) -> set[str]:
        at, identifier = body
        found = {i for i in self.parts[at].identifiers.get(identifier, ()) if is_register_id(i)}
        return found | ({identifier} if is_register_id(identifier) else set())

    def _join_by_name(self) -> None:
        groups: dict[str, dict[int, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
        for body, row in self.rows.items():
            if row.kind not in _NAMELESS:
                groups[self.ledger.body(row.name)][body[0]].append(body)
        registered: dict[tuple[int, str], set[str]] = defaultdict(set)
        for body in self.rows:
            registered[self._find(body)] |= self._registered(body)
        for group in groups.values():
            first, *others = (bodies for _, bodies in sorted(group.items()))
            for bodies in others:
                self._join_one_name(first, bodies, registered)

    def _join_one_name(
        self, first: list[tuple[int, str]], bodies: list[tuple[int, str]],
        registered: dict[tuple[int, str], set[str]],
    ) -> None:  # fmt: skip
        """Join the bodies of one name in two data sets, unless a data set tells two of that name apart."""
        wholes = sorted({self._find(body) for body in (*first, *bodies)})
        if len(wholes) < 2:
            return
        if len(wholes) > 2 or all(registered[whole] for whole in wholes):
            a, b = first[0], next(body for body in bodies if self._find(body) != self._find(first[0]))
            one, other = (min(registered[self._find(body)], default=body[1]) for body in (a, b))
            self._clash("name-two-ids", a, b, one, other)
            return
        self._join(*wholes)
        registered[wholes[0]] |= registered[wholes[1]]

    def _compare_names(self) -> None:
        """Report bodies that are one by their ids, though the data sets call them by different names."""
        first: dict[tuple[int, str], tuple[int, str]] = {}
        for body in self.rows:
            whole = self._find(body)
            known = first.setdefault(whole, body)
            if known[0] != body[0] and not self._share_a_name(known, body):
                self._clash("id-two-names", known, body, self.rows[known].name, self.rows[body].name)

    def _share_a_name(self, a: tuple[int, str], b: tuple[int, str]) -> bool:
        one, other = (
            {self.ledger.body(name) for name in (self.rows[x].name, *self.parts[x[0]].spellings.get(x[1], ()))}
            for x in (a, b)
        )
        return bool(one & other)

    def _clash(self, rule: str, a: tuple[int, str], b: tuple[int, str], one: str, other: str) -> None:
        row = self.rows[a].name if rule == "name-two-ids" else a[1]
        self.clashes.append(
            Clash(
                rule=rule,
                table="organizations",
                row=row,
                one=one,
                other=other,
                first=self.parts[a[0]].name,
                second=self.parts[b[0]].name,
            )
        )

    def _ids(self) -> tuple[dict[str, str], ...]:
        ids: tuple[dict[str, str], ...] = tuple({} for _ in self.parts)
        taken: dict[str, tuple[int, str]] = {}
        for body in self.rows:
            at, identifier = self._find(body)
            if taken.setdefault(identifier, (at, identifier)) != (at, identifier):
                says = [identifier, *sorted(s.source_id for s in self.parts[at].sources)]
                identifier = mint_statement_id("o", says, 0)
            if identifier != body[1]:
                ids[body[0]][body[1]] = identifier
        return ids


def _projects(parts: Sequence[Part], decisions: Iterable[Decision]) -> tuple[dict[str, str], set[frozenset[str]]]:
    """Return project id → id in the whole, and the pairs that someone looked at and did not join."""
    known = {row.project_id for part in parts for row in part.projects}
    above: dict[str, str] = {}

    def find(one: str) -> str:
        while one in above:
            one = above[one]
        return one

    looked_at: set[frozenset[str]] = set()
    for decision in decisions:
        pair = [n.removeprefix(PROJECT_PREFIX) for n in (decision.name_a, decision.name_b)]
        if decision.name_a == pair[0] or decision.name_b == pair[1] or not known.issuperset(pair):
            continue
        looked_at.add(frozenset(pair))
        a, b = sorted((find(one) for one in pair), key=lambda one: _place(one, parts))
        if decision.verdict == "same" and a != b:
            above[b] = a
    return {one: find(one) for one in above}, looked_at


def _place(project_id: str, parts: Sequence[Part]) -> tuple[int, str]:
    """The data set in which a project stands first, then its id: the lower stays."""
    return next(n for n, part in enumerate(parts) if any(r.project_id == project_id for r in part.projects)), project_id


def _title_clashes(parts: Sequence[Part], joined: dict[str, str], looked_at: set[frozenset[str]]) -> Iterator[Clash]:
    by_id: dict[str, tuple[Project, Part]] = {}
    by_title: dict[str, tuple[Project, Part]] = {}
    for part in parts:
        for row in part.projects:
            title = normalize(row.title)
            first, where = by_id.setdefault(row.project_id, (row, part))
            if where is not part:
                if title and first.title and title != normalize(first.title):
                    yield _project_clash("project-two-titles", first, row, where, part)
                continue
            like, there = by_title.setdefault(title, (row, part))
            pair = frozenset((like.project_id, row.project_id))
            one = joined.get(like.project_id, like.project_id) == joined.get(row.project_id, row.project_id)
            if title and there is not part and not one and pair not in looked_at:
                yield _project_clash("maybe-same-project", like, row, there, part)


def _project_clash(rule: str, first: Project, second: Project, where: Part, part: Part) -> Clash:
    titles = rule == "project-two-titles"
    return Clash(
        rule=rule, table="projects", row=first.project_id,
        one=first.title if titles else PROJECT_PREFIX + first.project_id,
        other=second.title if titles else PROJECT_PREFIX + second.project_id, first=where.name, second=part.name,
    )  # fmt: skip


def _sums(
    parts: Sequence[Part], projects: dict[str, str]
) -> tuple[tuple[dict[str, str], ...], dict[str, str], list[Clash]]:
    """Return the sums that two data sets state under one identifier: alike, so counted once, or in conflict."""
    alike: tuple[dict[str, str], ...] = tuple({} for _ in parts)
    conflicting: dict[str, str] = {}
    clashes: list[Clash] = []
    seen: dict[tuple[str, str, str], tuple[Grant, Part]] = {}
    for at, part in enumerate(parts):
        for row in part.grants:
            project = projects.get(row.project_id, row.project_id)
            first, where = seen.setdefault((project, row.identifier, row.type), (row, part))
            if not row.identifier or where is part or first.source_id == row.source_id:
                continue
            one, other = ((g.amount, g.currency, g.date) for g in (first, row))
            if one == other:
                alike[at][row.grant_id] = first.grant_id
            else:
                conflicting[row.grant_id] = first.grant_id
            rule = "grant-twice" if one == other else "grant-two-amounts"
            said = [" ".join(str(v) for v in cells if v) for cells in (one, other)]
            clashes.append(
                Clash(
                    rule=rule,
                    table="grants",
                    row=row.identifier,
                    one=said[0],
                    other=said[1],
                    first=where.name,
                    second=part.name,
                )
            )
    return alike, conflicting, clashes
