"""Hypothesis strategies for whole data sets with hostile texts and ids."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from cega_graph.model import (
    BASES,
    GRANT_TYPES,
    MEMBERSHIP_ROLES,
    NAME_STATUSES,
    TABLES,
    VERDICTS,
    Decision,
    Grant,
    Identifier,
    Membership,
    Name,
    Organization,
    Participation,
    Project,
    Row,
    Source,
)
from cega_graph.vocabulary import kinds, roles

HOSTILE: Final = (
    '"', "\\", "\\u0041", "'", "''", "=1+1", "@SUM(A1)", "-", "\t+x", "\r", "\n", "\r\n", "\u0085", "\u2028", "\x00",
    "\x1f", "\x7f", "\ufffe", "\ufeff", "\u202e基金会", "</script>", "<![CDATA[", "]]>", "&amp;", "<a b='c'>",
    "%0A", "{{7*7}}", " 前后 ", "𠮷", "\u00e9", "e\u0301", '"@en .', "> . <x:y> <x:y> <x:y", ",", ";", "_x0041_",
)  # fmt: skip
"""What has broken a writer or a reader of some format before."""

IDS: Final = ("o-1", "GB-CHC-1/2", "机构 一", 'a"b', "x<y>", "a\\b", "%2F", "{z}", "a&b")
"""Ids that no IRI, CSV cell or XML attribute takes as they are."""

DATES: Final = ("", "2015", "2018-09", "2024-02-29", "2017-10/2017-12")

_TEXTS: Final = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=5)), max_size=3
).map("".join)
_GIVEN_TEXTS: Final = _TEXTS.map(lambda text: text or "名")
_AMOUNTS: Final = st.one_of(
    st.decimals(min_value=0, max_value=10**12, places=2),
    st.sampled_from([Decimal("100.00"), Decimal("1.2E+6"), Decimal(0), Decimal("0.50")]),
)
_PLACES: Final = st.one_of(
    st.builds(lambda start, length: {"text_start": start, "text_end": start + length}, st.integers(0, 20),
              st.integers(1, 5)),
    st.builds(lambda locator: {"locator": locator}, _GIVEN_TEXTS),
)  # fmt: skip
_EVIDENCE: Final = st.builds(
    lambda place, source_id, section, label, mention: {
        "source_id": source_id, "section": section, "label": label, "mention": mention, **place
    },
    _PLACES, st.sampled_from(["s-1", "源 2"]), _TEXTS, _TEXTS, _TEXTS,
)  # fmt: skip


def _rows(row: type[Row], cells: dict[str, st.SearchStrategy[Any]], *, evidence: bool = True) -> st.SearchStrategy[Row]:
    if not evidence:
        return st.builds(row, **cells)
    return st.builds(lambda block, own: row(**own, **block), _EVIDENCE, st.fixed_dictionaries(cells))


def _keyed(row: type[Row], key: str, keys: list[str], cells: dict[str, st.SearchStrategy[Any]],
           *, evidence: bool = True) -> st.SearchStrategy[list[Row]]:  # fmt: skip
    return st.tuples(*(_rows(row, {key: st.just(one), **cells}, evidence=evidence) for one in keys)).map(list)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Draw rows of every table whose references hold, with hostile texts in every text column that is free."""
    bodies = draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True))
    projects = draw(st.lists(st.sampled_from(["s-1-1", "项目/2"]), min_size=1, max_size=2, unique=True))
    statements = [f"p {n}" for n in range(draw(st.integers(0, 5)))]
    grants = [f"g {n}" for n in range(draw(st.integers(0, 2)))]
    body, project, text, date = st.sampled_from(bodies), st.sampled_from(projects), _TEXTS, st.sampled_from(DATES)
    drawn: dict[str, st.SearchStrategy[list[Row]]] = {
        "sources": _keyed(Source, "source_id", ["s-1", "源 2"], {
            "title": text, "publisher": text, "year": st.none() | st.integers(1900, 2100), "language": text,
            "licence": text, "url": text, "coverage_themes": text, "coverage_regions": text, "coverage_from": date,
        }, evidence=False),
        "organizations": _keyed(Organization, "organization_id", bodies, {
            "name": _GIVEN_TEXTS, "name_en": text, "kind": st.sampled_from(sorted(kinds())), "level": text,
            "region": text, "parent_id": st.sampled_from(["", *bodies]),
        }, evidence=False),
        "names": st.lists(_rows(Name, {
            "organization_id": body, "name": _GIVEN_TEXTS, "language": st.sampled_from(["zh", "en", "zh-Hant"]),
            "status": st.sampled_from(NAME_STATUSES),
        }), max_size=3),
        "identifiers": st.lists(_rows(Identifier, {"organization_id": body, "identifier": _GIVEN_TEXTS}), max_size=2),
        "projects": _keyed(Project, "project_id", projects, {
            "number": text, "identifier": text, "title": text, "title_en": text, "theme": text, "start_date": date,
            "end_date": date, "region": text, "place": text, "programme": text, "status": text, "description": text,
            "extra": text,
        }),
        "participations": _keyed(Participation, "participation_id", statements, {
            "project_id": project, "organization_id": body, "grant_id": st.sampled_from(["", *grants]),
            "role": st.sampled_from(sorted(roles())), "basis": st.sampled_from(BASES[:-1]), "qualifier": text,
            "activity": text, "since": date, "until": date,
        }),
        "grants": _keyed(Grant, "grant_id", grants, {
            "project_id": project, "identifier": text, "type": st.sampled_from(GRANT_TYPES),
            "amount": st.none() | _AMOUNTS, "currency": text, "date": date, "funding_type": text,
            "recipients": st.none() | st.integers(0, 99), "approximate": st.booleans(),
        }),
        "memberships": _keyed(Membership, "membership_id", [f"m {n}" for n in range(draw(st.integers(0, 2)))], {
            "organization_id": body, "network_id": body, "role": st.sampled_from(MEMBERSHIP_ROLES), "since": date,
        }),
        "decisions": st.lists(_rows(Decision, {
            "name_a": _GIVEN_TEXTS, "name_b": _GIVEN_TEXTS, "verdict": st.sampled_from(VERDICTS), "basis": text,
        }, evidence=False), max_size=2),
    }  # fmt: skip
    return {name: draw(rows) for name, rows in drawn.items()}


@st.composite
def repeating_tables(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Draw rows that say much alike: few bodies, roles, names and places, the same rows more than once."""

    def some(row: type[Row], **cells: list[str]) -> list[Row]:
        one = st.fixed_dictionaries({column: st.sampled_from(values) for column, values in cells.items()})
        return [row(**drawn) for drawn in draw(st.lists(one, max_size=6))]

    bodies, names, place = ["a", "b"], ["One", "Two"], {"source_id": ["s"], "locator": ["", "row=1", "page=2"]}
    return {
        **{table.name: [] for table in TABLES},
        "organizations": [Organization(organization_id="a", name="Zero", name_en="One"),
                          Organization(organization_id="b", name="零", name_en="One")],
        "names": some(Name, organization_id=bodies, name=names, language=["en"], status=["official", "short"], **place),
        "identifiers": some(Identifier, organization_id=bodies, identifier=["1", "2"], mention=["", "1"], **place),
        "participations": [
            row
            for project, ids in (("p", ["1", "2", "a"]), ("q", ["3", "4"]))
            for row in some(Participation, participation_id=ids, project_id=[project], organization_id=bodies,
                            role=["funder", "grantee"], basis=["listed", "inferred"], **place)
        ],
        "decisions": some(Decision, name_a=names, name_b=["Two", "Three"], verdict=["same"], source_id=["", "s"]),
    }  # fmt: skip


def stated_participations() -> st.SearchStrategy[list[Participation]]:
    """Return participations of few bodies in few projects, mostly in the roles that the two rules look at."""
    role = st.sampled_from(["submitter", "submitter", "funder", "grantee", "intermediary", "executor"])
    one = st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["x", "y", "z"]), role)
    return st.lists(one, max_size=8).map(
        lambda rows: [
            Participation(participation_id=f"p-{n}", project_id=project, organization_id=who, role=role, basis="listed")
            for n, (project, who, role) in enumerate(rows)
        ]
    )
