"""The tables: one declaration gives the row type, the columns, the keys and the Table Schema.

Structs live in streams only; whoever needs a whole table takes a frame from `cega_graph.dataset`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Final, get_type_hints

import msgspec

from cega_graph.errors import UnknownIdentifier

BASES: Final = ("header", "listed", "prose", "record", "inferred")
RULES: Final = ("submitter-funds", "submitter-passes-on")
GRANT_TYPES: Final = (
    "award", "commitment", "disbursement", "expenditure", "incoming", "incoming_commitment", "incoming_pledge",
    "pledge", "future",
)  # fmt: skip
CORRECTING: Final = frozenset({"commitment", "disbursement", "expenditure", "incoming", "incoming_commitment"})
"""Types of sums that may be negative: in accounts that go on, such a sum takes back an earlier one."""
NAME_STATUSES: Final = ("official", "short", "former", "brand", "variant", "translation")
MEMBERSHIP_ROLES: Final = ("member", "committee", "strategic_partner", "host", "chair", "co_chair")
MEMBERSHIP_STATUSES: Final = ("current", "former", "unknown")
LEVELS: Final = ("national", "provincial", "prefecture", "county", "township")
PROJECT_STATUSES: Final = ("planned", "ongoing", "completed", "cancelled")
VERDICTS: Final = ("same", "different", "undecided")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a table; an empty text means that the source does not say."""


class Evidence(Row, frozen=True, kw_only=True):
    """The evidence block: which place of which source states the row.

    `text_start` and `text_end` are offsets in Unicode code points of the source text without its
    BOM, 0-based, end exclusive; `mention` is that slice with the line breaks removed.
    """

    source_id: str = ""
    section: str = ""
    label: str = ""
    mention: str = ""
    locator: str = ""
    text_start: int | None = None
    text_end: int | None = None


class Source(Row, frozen=True, kw_only=True):
    source_id: str
    title: str = ""
    publisher: str = ""
    year: int | None = None
    language: str = ""
    sha256: str = ""
    characters: int | None = None
    licence: str = ""
    url: str = ""
    coverage_themes: str = ""
    coverage_regions: str = ""
    coverage_from: str = ""
    coverage_to: str = ""


class Organization(Row, frozen=True, kw_only=True):
    organization_id: str
    name: str
    name_en: str = ""
    kind: str = "other"
    level: str = ""
    region: str = ""
    parent_id: str = ""


class Name(Evidence, frozen=True, kw_only=True):
    organization_id: str
    name: str
    language: str = "zh"
    status: str = "variant"


class Identifier(Evidence, frozen=True, kw_only=True):
    organization_id: str
    identifier: str


class Project(Evidence, frozen=True, kw_only=True):
    project_id: str
    number: str = ""
    identifier: str = ""
    title: str = ""
    title_en: str = ""
    theme: str = ""
    start_date: str = ""
    end_date: str = ""
    region: str = ""
    place: str = ""
    programme: str = ""
    status: str = ""
    description: str = ""
    extra: str = ""


class Participation(Evidence, frozen=True, kw_only=True):
    participation_id: str
    project_id: str
    grant_id: str = ""
    organization_id: str
    role: str
    basis: str
    rule: str = ""
    qualifier: str = ""
    activity: str = ""
    since: str = ""
    until: str = ""


class Grant(Evidence, frozen=True, kw_only=True):
    grant_id: str
    project_id: str
    identifier: str = ""
    type: str = "award"
    amount: Decimal | None = None
    currency: str = ""
    date: str = ""
    funding_type: str = ""
    regrant_of: str = ""
    recipients: int | None = None
    approximate: bool = False
    conflicts_with: str = ""


class Membership(Evidence, frozen=True, kw_only=True):
    membership_id: str
    organization_id: str
    network_id: str
    role: str
    status: str = "unknown"
    affiliation_id: str = ""
    since: str = ""
    until: str = ""


class Decision(Row, frozen=True, kw_only=True):
    name_a: str
    name_b: str
    verdict: str
    decided_by: str = ""
    decided_on: str = ""
    basis: str = ""
    source_id: str = ""
    text_start: int | None = None
    text_end: int | None = None


EVIDENCE_COLUMNS: Final = tuple(Evidence.__struct_fields__)

FieldType = str
"""A Table Schema type: `string`, `integer`, `number` or `boolean`."""

_FIELD_TYPES: Final[dict[object, FieldType]] = {
    str: "string",
    int | None: "integer",
    Decimal | None: "number",
    bool: "boolean",
}


@cache
def _types(row: type[Row]) -> dict[str, FieldType]:
    return {column: _FIELD_TYPES[hint] for column, hint in get_type_hints(row).items()}


@cache
def _columns(row: type[Row]) -> tuple[str, ...]:
    fields = row.__struct_fields__
    if not issubclass(row, Evidence):
        return fields
    return tuple(f for f in fields if f not in EVIDENCE_COLUMNS) + EVIDENCE_COLUMNS


@cache
def _required(row: type[Row]) -> tuple[str, ...]:
    return tuple(f.name for f in msgspec.structs.fields(row) if f.required)


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of one table.

    `key` are the columns that name a row; `references` maps a column to the table whose key it
    holds; `enums` lists the values a column may take, vocabularies of `ontology/` excepted.
    `order` are the columns that the stored rows are sorted by, before all others.
    """

    name: str
    row: type[Row]
    key: tuple[str, ...] = ()
    references: dict[str, str] = {}
    enums: dict[str, tuple[str, ...]] = {}
    dates: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The contract's order: the table's own columns, then the evidence block.

        >>> table("identifiers").columns[:4]
        ('organization_id', 'identifier', 'source_id', 'section')
        """
        return _columns(self.row)

    @property
    def types(self) -> dict[str, FieldType]:
        """Column → Table Schema type."""
        return _types(self.row)

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that no row may leave empty."""
        return _required(self.row)


TABLES: Final = (
    Table(name="sources", row=Source, key=("source_id",), dates=("coverage_from", "coverage_to")),
    Table(
        name="organizations",
        row=Organization,
        key=("organization_id",),
        references={"parent_id": "organizations"},
        enums={"level": LEVELS},
    ),
    Table(
        name="names",
        row=Name,
        references={"organization_id": "organizations", "source_id": "sources"},
        enums={"status": NAME_STATUSES},
        order=("organization_id", "language", "name"),
    ),
    Table(
        name="identifiers",
        row=Identifier,
        references={"organization_id": "organizations", "source_id": "sources"},
        order=("organization_id", "identifier"),
    ),
    Table(
        name="projects",
        row=Project,
        key=("project_id",),
        references={"source_id": "sources"},
        enums={"status": PROJECT_STATUSES},
        dates=("start_date", "end_date"),
    ),
    Table(
        name="participations",
        row=Participation,
        key=("participation_id",),
        references={
            "project_id": "projects",
            "grant_id": "grants",
            "organization_id": "organizations",
            "source_id": "sources",
        },
        enums={"basis": BASES, "rule": RULES},
        dates=("since", "until"),
        order=("project_id", "text_start", "role"),
    ),
    Table(
        name="grants",
        row=Grant,
        key=("grant_id",),
        references={
            "project_id": "projects",
            "regrant_of": "grants",
            "conflicts_with": "grants",
            "source_id": "sources",
        },
        enums={"type": GRANT_TYPES},
        dates=("date",),
        order=("project_id", "text_start"),
    ),
    Table(
        name="memberships",
        row=Membership,
        key=("membership_id",),
        references={
            "organization_id": "organizations",
            "network_id": "organizations",
            "affiliation_id": "organizations",
            "source_id": "sources",
        },
        enums={"role": MEMBERSHIP_ROLES, "status": MEMBERSHIP_STATUSES},
        dates=("since", "until"),
        order=("network_id", "text_start"),
    ),
    Table(
        name="decisions",
        row=Decision,
        references={"source_id": "sources"},
        enums={"verdict": VERDICTS},
        dates=("decided_on",),
        order=("name_a", "name_b", "source_id"),
    ),
)

_BY_NAME: Final = {declaration.name: declaration for declaration in TABLES}


def table(name: str) -> Table:
    """Return the declaration of the table `name`.

    Raises:
        UnknownIdentifier: There is no such table.

    >>> table("projects").key
    ('project_id',)
    """
    if name not in _BY_NAME:
        message = f"table {name!r} does not exist; there are {', '.join(_BY_NAME)}"
        raise UnknownIdentifier(message)
    return _BY_NAME[name]
