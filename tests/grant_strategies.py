"""Hypothesis strategies for grant data: most of it fit for a standard file, some of it not, texts hostile."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from cega_graph.model import Grant, Identifier, Membership, Name, Organization, Participation, Project, Row, Source
from dataset_strategies import DATES, HOSTILE

BODIES: Final = ("o-1", "GB-CHC-1000147", "机构 一", "a&b")
KINDS: Final = ("foundation", "ngo", "government", "company", "network", "fund", "person", "group", "other")
_DAYS: Final = st.sampled_from(["2024-02-29", "2019-12-01", "2020-01-31"])
_TEXTS: Final = st.one_of(
    st.sampled_from(["湿地", "A grant", *HOSTILE]), st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
)
_MOSTLY: Final = (*[True] * 11, False)


def _mostly(good: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Eleven draws of `good` for one of `rare`."""
    return st.sampled_from(_MOSTLY).flatmap(lambda choice: good if choice else rare)


PLAIN: Final = st.text(st.sampled_from("禾苇溪松滩麓槐榆"), min_size=2, max_size=6).map(lambda text: text + "协会")
"""Texts that every reader takes as they are."""


@st.composite
def grant_tables(draw: st.DrawFn, texts: st.SearchStrategy[str] = _TEXTS) -> dict[str, list[Row]]:
    """Draw a data set of a few projects with sums, funders, grantees and others; its references hold.

    Args:
        texts: What may stand in cells of running text.
    """
    bodies = draw(st.lists(st.sampled_from(BODIES), min_size=2, max_size=4, unique=True))
    kinds = {body: draw(_mostly(st.sampled_from(KINDS[:2]), st.sampled_from(KINDS))) for body in bodies}
    rows: dict[str, list[Row]] = {
        "sources": [
            Source(
                source_id="s-1",
                title=draw(texts),
                publisher=draw(_mostly(st.just("出版者"), texts)),
                language=draw(st.sampled_from(["zh", "en", "", "中文"])),
                year=draw(st.none() | st.just(2024)),
                url=draw(st.sampled_from(["", "https://example.org/a b", "https://example.org/data"])),
            )
        ],
        "organizations": [
            Organization(
                organization_id=body,
                name=draw(texts) or "名",
                name_en=draw(st.sampled_from(["", "Name"])),
                kind=kinds[body],
            )
            for body in bodies
        ],
        "names": [
            Name(
                organization_id=bodies[0],
                name=draw(texts) or "名",
                status=draw(st.sampled_from(["short", "former"])),
                source_id="s-1",
                locator="row=1",
            )
        ],
        "identifiers": [
            Identifier(organization_id=bodies[-1], identifier="GB-COH-07", source_id="s-1", locator="row=1")
        ],
        "projects": [],
        "participations": [],
        "grants": [],
        "memberships": [
            Membership(
                membership_id="m-1",
                organization_id=bodies[0],
                network_id=bodies[-1],
                role="member",
                source_id="s-1",
                locator="row=2",
            )
        ],
    }
    for number in range(draw(st.integers(1, 3))):
        for name, more in draw(_project(number, bodies, texts)).items():
            rows[name] += more
    return rows


@st.composite
def _project(draw: st.DrawFn, number: int, bodies: list[str], texts: st.SearchStrategy[str]) -> dict[str, list[Row]]:
    project_id = f"s-1-{number}"
    place: dict[str, Any] = {"source_id": "s-1", "locator": f"row={number}"}
    project = Project(
        project_id=project_id,
        identifier=draw(st.sampled_from(["", f"P-{number}"])),
        title=draw(_mostly(st.just("标题"), texts)),
        title_en=draw(st.sampled_from(["", "Title"])),
        description=draw(_mostly(st.just("说明"), texts)),
        status=draw(_mostly(st.just("ongoing"), st.sampled_from(["", "planned", "completed"]))),
        start_date=draw(st.sampled_from(DATES)),
        end_date=draw(st.sampled_from(DATES)),
        place=draw(texts),
        theme=draw(texts),
        programme=draw(texts),
        region=draw(st.sampled_from(["", "440300", "GB-ENG", "GB;FR"])),
        **place,
    )
    grants: list[Row] = []
    parties: list[Row] = []

    def party(role: str, grant_id: str, basis: str = "record") -> None:
        parties.append(
            Participation(
                participation_id=f"p-{number}-{len(parties)}",
                project_id=project_id,
                grant_id=grant_id,
                organization_id=draw(st.sampled_from(bodies)),
                role=role,
                basis=basis,
                **place,
            )
        )

    for n in range(draw(st.integers(0, 2))):
        grant_id = f"g-{number}-{n}"
        grants.append(draw(_grant(grant_id, project_id, place)))
        for role in draw(
            _mostly(
                st.just(["funder", "grantee"]), st.lists(st.sampled_from(["funder", "grantee", "grantee"]), max_size=3)
            )
        ):
            party(role, grant_id)
    for role in draw(st.lists(st.sampled_from(["submitter", "executor", "partner", "funder"]), max_size=2)):
        party(role, "")
    return {"projects": [project], "participations": parties, "grants": grants}


@st.composite
def _grant(draw: st.DrawFn, grant_id: str, project_id: str, place: dict[str, Any]) -> Row:
    amount = _mostly(st.decimals(0, 10**9, places=2), st.sampled_from([None, Decimal(0), Decimal("1.2E+6")]))
    return Grant(
        grant_id=grant_id,
        project_id=project_id,
        identifier=draw(st.sampled_from(["", f"G-{grant_id}", "G-1"])),
        type=draw(_mostly(st.just("award"), st.sampled_from(["disbursement", "commitment", "pledge", "future"]))),
        amount=draw(amount),
        currency=draw(_mostly(st.sampled_from(["GBP", "CNY"]), st.sampled_from(["", "XXX", "¥"]))),
        date=draw(_mostly(_DAYS, st.sampled_from(DATES))),
        funding_type=draw(st.sampled_from(["", "restricted"])),
        recipients=draw(_mostly(st.none(), st.integers(1, 9))),
        approximate=draw(_mostly(st.just(False), st.booleans())),
        **place,
    )
