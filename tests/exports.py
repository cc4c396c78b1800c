"""What the tests of writers share: data sets on disk, and validators that are not ours."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from cega_graph.dataset import Dataset
from cega_graph.model import Grant, Organization, Participation, Project, Row, Source
from cega_graph.package import write_tables

GRANT_SCHEMA: Final = "https://raw.githubusercontent.com/ThreeSixtyGiving/standard/1.4.2/schema/360-giving-schema.json"
"""What the package schema 1.4.3 refers to; the grant schema 1.4.3 stands in for it."""


@contextmanager
def stored(rows: dict[str, list[Row]]) -> Iterator[Dataset]:
    """Write a data set into a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        write_tables(Path(name) / "data", rows)
        yield Dataset([Path(name) / "data"])


def threesixty_validator(codelists: Path, *, formal: bool = True) -> Draft202012Validator:
    """Return a validator of 360Giving packages that fetches nothing; `formal` asserts formats too."""
    package, grant = (
        json.loads((codelists / f"360-giving-{name}schema-1.4.3.json").read_text(encoding="utf-8"))
        for name in ("package-", "")
    )
    del package["$schema"], grant["$schema"]  # http://, where the drafts' own name is https://
    registry: Registry[Any] = Registry().with_resource(GRANT_SCHEMA, DRAFT202012.create_resource(grant))
    formats = FormatChecker(())  # jsonschema itself asserts these formats only with more packages
    formats.checks("date-time")(_is_date_time)
    formats.checks("uri")(_is_uri)
    return Draft202012Validator(package, registry=registry, format_checker=formats if formal else None)


def _is_uri(value: object) -> bool:
    return (
        not isinstance(value, str)
        or re.fullmatch(r"[a-z][a-z0-9+.-]*:[!#-;=?-\[\]_a-z~]+", value, re.IGNORECASE) is not None
    )


def _is_date_time(value: object) -> bool:
    try:
        return not isinstance(value, str) or (value[10:11] == "T" and datetime.fromisoformat(value).tzinfo is not None)
    except ValueError:
        return False


def iati_schema(codelists: Path) -> etree.XMLSchema:
    """Return the schema of IATI activities."""
    return etree.XMLSchema(etree.parse(codelists / "iati-activities-schema-2.03.xsd"))


def a_grant_set(
    *,
    grant: dict[str, Any] | None = None,
    project: dict[str, Any] | None = None,
    source: dict[str, Any] | None = None,
    kinds: tuple[str, str] = ("foundation", "ngo"),
    parties: tuple[tuple[str, str], ...] = (("funder", "o-f"), ("grantee", "o-g")),
    others: tuple[Participation, ...] = (),
) -> dict[str, list[Row]]:
    """Return a data set of one award that every format takes; the arguments replace cells."""
    place: dict[str, Any] = {"source_id": "s", "locator": "row=1"}
    given = {
        "grant_id": "g-1",
        "project_id": "s-1",
        "identifier": "360G-x-1",
        "amount": Decimal("1000.50"),
        "currency": "CNY",
        "date": "2024-05-31",
        **place,
        **(grant or {}),
    }
    about = {
        "project_id": "s-1",
        "title": "滩涂",
        "description": "守护滩涂",
        "status": "ongoing",
        "start_date": "2024-06",
        **place,
        **(project or {}),
    }
    linked: dict[str, Any] = {"project_id": "s-1", "grant_id": "g-1", "basis": "record", **place}
    return {
        "sources": [Source(**{"source_id": "s", "publisher": "候鸟联盟", "language": "zh", **(source or {})})],
        "organizations": [
            Organization(organization_id="o-f", name="候鸟基金会", name_en="Bird Foundation", kind=kinds[0]),
            Organization(organization_id="o-g", name="滩涂中心", kind=kinds[1]),
            Organization(organization_id="o-h", name="又一中心", kind="ngo"),
            Organization(organization_id="GB-CHC-7", name="Seven", kind="university"),
        ],
        "projects": [Project(**about)],
        "participations": [
            *(
                Participation(participation_id=f"p-{n}", organization_id=body, role=role, **linked)
                for n, (role, body) in enumerate(parties)
            ),
            *others,
        ],
        "grants": [Grant(**given)],
    }
