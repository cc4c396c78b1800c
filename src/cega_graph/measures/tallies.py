"""Totals and degree rankings from rows in streams: `totals.csv` and `rankings.csv` of a build, whatever its engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Any, Final, TypeAlias

import msgspec

from cega_graph.model import Grant, Organization, Participation, Row

NOT_RANKED: Final = frozenset({"group", "person"})
"""Kinds that are shown but never ranked."""

ALL_ROLES: Final = "all"
"""Stands in the place of a role where any role counts."""

_EXACT: Final = 1_000
"""Digits that hold the sum of any amounts that a table takes (`tabular`: 400 before and 400 behind the point)."""


class Total(Row, frozen=True, kw_only=True):
    """What is recorded of one type of grant in one currency; types and currencies are never added together.

    `gross` is the exact sum of the known amounts, `net` that without regrants of other grants, both in units
    of the currency, nominal. `n_unknown` counts rows without an amount, which is not 0, `n_approximate` those
    that a source calls approximate, `n_conflicting` those that contradict another row: neither sum has these.
    """

    type: str
    currency: str
    n_grants: int = 0
    gross: Decimal = Decimal(0)
    net: Decimal = Decimal(0)
    n_unknown: int = 0
    n_approximate: int = 0
    n_conflicting: int = 0


class Ranked(Row, frozen=True, kw_only=True):
    """A body's place among those that hold a role, by the number of projects in which it does.

    Equal numbers share the best `rank`; `tied` says how many share it. `rows` are the participations that
    give it the role, `stated_rows` those of them that no rule inferred.
    """

    role: str
    rank: int
    tied: int
    organization_id: str
    name: str
    name_en: str
    kind: str
    projects: int
    rows: int
    stated_rows: int


def contradicted(grants: Iterable[Grant]) -> frozenset[str]:
    """Return the ids that other rows name in `conflicts_with`."""
    return frozenset(row.conflicts_with for row in grants if row.conflicts_with)


def totals(grants: Iterable[Grant], named: frozenset[str]) -> list[Total]:
    """Return what is recorded per type and currency.

    Args:
        grants: In any order, read once.
        named: Ids that some row of the whole data set names in `conflicts_with`; see `contradicted`.

    Returns:
        One row a type and currency, by type, then currency. `sum_totals` of the totals of parts are those
        of the whole.

    >>> [t.gross for t in totals([Grant(grant_id="g", project_id="p", amount=Decimal("0.10"), currency="EUR")],
    ...     frozenset())]
    [Decimal('0.10')]
    """
    sums: dict[tuple[str, str], list[Any]] = {}
    with localcontext(prec=_EXACT):
        for row in grants:
            held = sums.setdefault((row.type, row.currency), [0, Decimal(0), Decimal(0), 0, 0, 0])
            is_conflicting = row.conflicts_with != "" or row.grant_id in named
            held[0] += 1
            if row.amount is None:
                held[3] += 1
            elif not is_conflicting:
                held[1] += row.amount
                held[2] += 0 if row.regrant_of else row.amount
            held[4] += row.approximate
            held[5] += is_conflicting
    return _totals_of(sums)


def sum_totals(parts: Iterable[Total]) -> list[Total]:
    """Return one row a type and currency, by type, then currency: the exact sums of all given rows."""
    columns = Total.__struct_fields__[2:]
    sums: dict[tuple[str, str], list[Any]] = {}
    with localcontext(prec=_EXACT):
        for part in parts:
            held = sums.setdefault((part.type, part.currency), [0] * len(columns))
            held[:] = [value + getattr(part, column) for value, column in zip(held, columns, strict=True)]
    return _totals_of(sums)


def add_conflicts(counted: Iterable[Total], grants: Iterable[Grant], named: frozenset[str]) -> list[Total]:
    """Return totals with some more grants taken as conflicting.

    Args:
        counted: Totals of all grants, in which those of `named` are not known to be named.
        grants: All grants, in any order.
        named: Ids that some row names in `conflicts_with`.
    """
    rows = [row for row in grants if row.grant_id in named]
    less = [_negative(total) for total in totals(rows, frozenset())]
    return sum_totals([*counted, *less, *totals(rows, named)])


def _negative(total: Total) -> Total:
    columns = Total.__struct_fields__[2:]
    return msgspec.structs.replace(total, **{column: -getattr(total, column) for column in columns})


def _totals_of(sums: dict[tuple[str, str], list[Any]]) -> list[Total]:
    columns = Total.__struct_fields__[2:]
    return [
        Total(type=kind, currency=currency, **dict(zip(columns, values, strict=True)))
        for (kind, currency), values in sorted(sums.items())
    ]


Degrees: TypeAlias = dict[tuple[str, str], tuple[int, int, int]]
"""(role, body) → in how many projects the body holds the role, by how many rows, how many of these are stated."""


def degrees(participations: Iterable[Participation]) -> Degrees:
    """Return the degrees of all bodies in each role, and in any.

    Args:
        participations: The rows of a project one after the other, with what is inferred. Memory grows with the
            number of bodies.
    """
    counts: dict[tuple[str, str], list[Any]] = {}
    for row in participations:
        is_stated = row.basis != "inferred"
        for key in ((row.role, row.organization_id), (ALL_ROLES, row.organization_id)):
            held = counts.get(key)
            if held is None:
                held = counts[key] = [0, 0, 0, None]
            if held[3] != row.project_id:
                held[3] = row.project_id
                held[0] += 1
            held[1] += 1
            held[2] += is_stated
    return {key: (held[0], held[1], held[2]) for key, held in counts.items()}


def project_degrees(rows: Iterable[Participation]) -> Iterator[tuple[str, str, int, int]]:
    """Yield (role, body, its rows, its stated rows) for each role that a body holds in one project, and for any role.

    Args:
        rows: All participations of one project, with what is inferred.
    """
    for (role, body), (_, n, stated) in degrees(rows).items():
        yield role, body, n, stated


def sum_degrees(into: Degrees, part: Degrees) -> None:
    """Add the degrees of other projects."""
    for key, (projects, n, stated) in part.items():
        held = into.get(key, (0, 0, 0))
        into[key] = (held[0] + projects, held[1] + n, held[2] + stated)


def rankings(counted: Degrees, organizations: Iterable[Organization]) -> Iterator[Ranked]:
    """Yield the bodies of each role by degree: in how many projects they hold it; groups and persons are not ranked.

    Args:
        counted: As `degrees` gives them.
        organizations: All bodies.

    Yields:
        By role, `all` among them in order of text; then rank; then id.
    """
    bodies = {row.organization_id: row for row in organizations if row.kind not in NOT_RANKED}
    of_role: dict[str, list[tuple[str, tuple[int, int, int]]]] = {}
    for (role, body), sums in counted.items():
        if body in bodies:
            of_role.setdefault(role, []).append((body, sums))
    for role in sorted(of_role):
        yield from _ranked(role, of_role[role], bodies)


def _ranked(
    role: str, counted: list[tuple[str, tuple[int, int, int]]], bodies: dict[str, Organization]
) -> Iterator[Ranked]:
    ordered = sorted(counted, key=lambda item: (-item[1][0], item[0]))
    place = 1
    for projects, group in groupby(ordered, key=lambda item: item[1][0]):
        alike = list(group)
        for body, (_, n, stated) in alike:
            row = bodies[body]
            yield Ranked(
                role=role, rank=place, tied=len(alike), organization_id=body, name=row.name, name_en=row.name_en,
                kind=row.kind, projects=projects, rows=n, stated_rows=stated,
            )  # fmt: skip
        place += len(alike)
