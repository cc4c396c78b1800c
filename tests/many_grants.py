"""Grants as publishers file them, invented and seeded: few bodies fund much, most receive once; every table filled."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from cega_graph.model import Grant, Identifier, Name, Organization, Participation, Project, Row, Source
from cega_graph.package import CURATED_FOLDER, write_tables

_CURRENCIES: Final = ("GBP", "GBP", "GBP", "CNY", "EUR", "")
_ROLES: Final = ("executor", "partner", "submitter", "submitter")


def write_many_grants(folder: Path, n: int, *, seed: int = 1) -> Path:
    """Write a data set of n grants, one project each, and return its folder.

    One in ten projects is submitted by a body, half of them without a funder; there are amounts unknown,
    approximate, taken back, passed on and contradicted; bodies that stand in curated rows too; and places that
    rows of several groups state under different sections.
    """
    rows: dict[str, list[Row]] = {}
    for name, row in _rows(n, seed):
        rows.setdefault(name, []).append(row)
    write_tables(folder, rows)
    curated: dict[str, list[Row]] = {
        "organizations": [Organization(organization_id=_body(i), name=f"机构{i}", region="110000") for i in range(3)],
        "projects": [Project(project_id="g-1", title_en="Wetlands, kept", **_place("grants", 1, "by hand"))],
        "participations": [
            Participation(participation_id="c-1", project_id="g-1", organization_id=_body(0), role="adviser",
                          basis="prose", **_place("grants", 1, "by hand"))
        ],
    }  # fmt: skip
    write_tables(folder, curated, subfolder=CURATED_FOLDER)
    return folder


def _body(at: int) -> str:
    return f"GB-CHC-{1_000_000 + at}" if at % 3 == 0 else f"o-{at:010x}"


def _place(source: str, at: int, section: str = "") -> dict[str, Any]:
    return {"source_id": source, "locator": f"/grants/{at}", "section": section}


def _rows(n: int, seed: int) -> Iterator[tuple[str, Row]]:
    drawn = random.Random(seed)
    n_bodies = max(10, n // 3)
    yield "sources", Source(source_id="grants", title="Grants", year=2024, publisher='A "quoted" publisher')
    for at in range(n_bodies):
        yield from _of_body(at)
    for at in range(n):
        yield from _of_grant(at, n_bodies, drawn)


def _of_body(at: int) -> Iterator[tuple[str, Row]]:
    kind = ("ngo", "foundation", "company", "government", "person", "group")[at % 6]
    name = f"Example Trust {at}"
    yield "organizations", Organization(organization_id=_body(at), name=name, name_en=name, kind=kind)
    place = _place("grants", at, f"recipient {at % 2}")
    yield "names", Name(organization_id=_body(at), name=name, language="en", status="official", mention=name, **place)
    if at % 4 == 0:
        said = f"TRUST {at}"
        yield "names", Name(organization_id=_body(at), name=said, language="en", mention=said, **place)
    if at % 3 == 0:
        yield "identifiers", Identifier(organization_id=_body(at), identifier=_body(at), **place)


def _of_grant(at: int, n_bodies: int, drawn: random.Random) -> Iterator[tuple[str, Row]]:
    project, grant, place = f"g-{at}", f"s-{at}", _place("grants", at, "grant" if at % 5 else "")
    yield "projects", Project(
        project_id=project, identifier=f"360G-x-{at}", title=f"Keep wetland {at}", status="completed",
        start_date=str(2010 + at % 14), **place,
    )  # fmt: skip
    amount = None if at % 11 == 0 else Decimal(drawn.randrange(1, 10**8)) / 100
    yield "grants", Grant(
        grant_id=grant, project_id=project, identifier=f"360G-x-{at}", amount=amount,
        type=("award", "award", "commitment")[at % 3], currency=drawn.choice(_CURRENCIES), date=f"20{10 + at % 14}-05",
        regrant_of=f"s-{at - 1}" if at % 17 == 16 else "", approximate=at % 13 == 0,
        conflicts_with=f"s-{at // 2}" if at % 101 == 100 else "", **place,
    )  # fmt: skip
    funder, grantee = int(drawn.paretovariate(0.8)) % n_bodies, n_bodies - 1 - int(drawn.paretovariate(0.4)) % n_bodies
    given = [("funder", funder), ("grantee", grantee)] if at % 20 else [("grantee", grantee)]
    given += [(_ROLES[at // 10 % 4], drawn.randrange(n_bodies))] if at % 10 == 0 else []
    for number, (role, body) in enumerate(given):
        yield "participations", Participation(
            participation_id=f"p-{at}-{number}", project_id=project, grant_id=grant, organization_id=_body(body),
            role=role, basis="record", mention=f"Example Trust {body}", **place,
        )  # fmt: skip
