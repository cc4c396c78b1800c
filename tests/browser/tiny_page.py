"""A data set of two cases, small enough to check by eye, with names that try to break out of the page."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from cega_graph.dataset import Dataset
from cega_graph.model import Membership, Name, Organization, Participation, Project, Source
from cega_graph.package import write_tables
from cega_graph.page import render_page
from cega_graph.sources.text import Sentences

IMAGE: Final = '<img src=x onerror="window.hacked=1">湿地中心'
SCRIPT: Final = "</script><script>window.hacked=1</script>"
TEMPLATE: Final = "{{7*7}}{% raw %}&lt;'\"协会"
FORMULA: Final = "=HYPERLINK(1)公司"
REVERSED: Final = "\u202e基金会\u2028倒写"

TEXT: Final = "案例一由候鸟基金会提交。资助对象：湿地之家、另一家。"

BODIES: Final = (
    Organization(organization_id="o-1", name="候鸟基金会", name_en="Migratory Bird Foundation", kind="foundation"),
    Organization(organization_id="o-2", name="湿地之家", name_en="House of Wetlands", kind="ngo"),
    Organization(organization_id="o-3", name=IMAGE, kind="ngo"),
    Organization(organization_id="o-4", name=SCRIPT, name_en=TEMPLATE, kind="university"),
    Organization(organization_id="o-5", name=FORMULA, kind="company"),
    Organization(organization_id="o-6", name=REVERSED, kind="other"),
    Organization(organization_id="o-7", name="从未参与的协会", kind="ngo"),
    Organization(organization_id="o-8", name="河流联盟", kind="network"),
)

PROJECTS: Final = (
    Project(
        project_id="t-1", number="1", title="候鸟归来", start_date="2023-04", theme="生物多样性保护", source_id="t"
    ),
    Project(project_id="t-2", number="2", title="河流清洁", title_en="Clean rivers", source_id="t"),
)


def _part(
    number: int, project: str, body: str, role: str, *, label: str, mention: str, basis: str = "listed",
    section: str = "项目合作方",
) -> Participation:  # fmt: skip
    return Participation(
        participation_id=f"p-{number}",
        project_id=project,
        organization_id=body,
        role=role,
        basis=basis,
        source_id="t",
        section=section,
        label=label,
        mention=mention,
    )


PARTICIPATIONS: Final = (
    _part(1, "t-1", "o-1", "submitter", basis="header", section="", label="提交机构", mention="候鸟基金会"),
    _part(2, "t-1", "o-2", "grantee", label="资助对象（部分）", mention="湿地之家"),
    _part(3, "t-1", "o-3", "partner", label=IMAGE, mention=IMAGE),
    _part(4, "t-2", "o-2", "co_initiator", label="联合发起方 / 执行方", mention="湿地之家"),
    _part(5, "t-2", "o-2", "executor", label="联合发起方 / 执行方", mention="湿地之家"),
    _part(6, "t-2", "o-4", "supporter", label=SCRIPT, mention=SCRIPT),
    _part(7, "t-2", "o-5", "funder", label="资助方", mention=FORMULA),
    _part(8, "t-2", "o-6", "adviser", basis="prose", label="指导", mention=REVERSED),
)

SHOWN: Final = ["o-1", "o-2", "o-3", "o-4", "o-5", "o-6", "t-1", "t-2"]
"""The nodes with a relation, sorted."""


def write_tiny(folder: Path) -> Dataset:
    """Return the data set, written to a folder: 8 stated relations, and 1 that a rule adds (o-1 funds t-1)."""
    names = [
        Name(organization_id=body.organization_id, name=body.name, status="official", source_id="t") for body in BODIES
    ]
    names.append(Name(organization_id="o-2", name="HOW", language="en", status="short", source_id="t"))
    start = TEXT.index("湿地之家")
    participations = [
        row if row.participation_id != "p-2" else msgspec.structs.replace(row, text_start=start, text_end=start + 4)
        for row in PARTICIPATIONS
    ]
    write_tables(
        folder,
        {
            "sources": [Source(source_id="t", title="试验案例集", year=2024)],
            "organizations": BODIES,
            "names": names,
            "projects": PROJECTS,
            "participations": participations,
            "memberships": [
                Membership(
                    membership_id="m-1", organization_id="o-1", network_id="o-8", role="committee", status="current",
                    since="2018", source_id="t", label="决策委员会", mention="候鸟基金会",
                ),
            ],
        },
    )  # fmt: skip
    return Dataset([folder])


def render_tiny(folder: Path) -> str:
    """Return the page of the data set, with the sentence of the one relation that has offsets."""
    return render_page(write_tiny(folder), sentences=Sentences({"t": TEXT}))
