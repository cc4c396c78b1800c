"""Builders of small inputs that can be checked by eye: rows, data sets, a casebook's text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from cega_graph.model import (
    Decision,
    Evidence,
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
from cega_graph.names.ledger import Ledger
from cega_graph.package import CURATED_FOLDER, write_tables
from cega_graph.sources.casebook import Extract, read_casebook
from cega_graph.sources.text import SourceText

_R = TypeVar("_R", bound=Row)

TINY_BOOK: Final = """2031 CEGA案例精选

1 候鸟归来	3
2 清水同行	5

1 候鸟归来

提交机构	候鸟公益基金会	案例方向	生物多样性保护
开始时间	2023年4月	完成时间	2024 年

项目背景

滩涂每年迎来大量候鸟。

项目合作方

联合发起方 / 执行方
江苏省候鸟研究会、盐城市湿地保
护协会（湿协）

资助对象（2024 年）
盐城市滩涂志愿服务中心，卢小辉（个人），各地中小学校等

2 清水同行

提交机构	清水公益基金会	案例方向	气候变化减缓与适应
开始时间	2022 年

项目合作方

资助方
清水公益基金会；候鸟公益基金会

指导单位
安徽省生态环境厅
"""
"""Two invented cases: a header with and without an end, a combined label, a name broken over two lines, an alias,
a person, a group, a tail, and three separators."""

TINY_SOURCE: Final = "tiny"
FOUNDATION: Final = "o-f"
ASSOCIATION: Final = "o-a"
CENTRE: Final = "o-c"
ALLIANCE: Final = "o-n"


def a_participation(number: int = 1, **cells: Any) -> Participation:
    """Return a participation in the first project of `tiny_tables`; `cells` replace its columns."""
    given: dict[str, Any] = {
        "participation_id": f"p-{number}", "project_id": "tiny-1", "organization_id": FOUNDATION,
        "role": "funder", "basis": "listed", "source_id": TINY_SOURCE, "section": "项目合作方",
        "label": "资助方", "mention": "候鸟公益基金会",
    }  # fmt: skip
    return Participation(**(given | cells))


def an_organization(organization_id: str, name: str, kind: str = "ngo", **cells: str) -> Organization:
    """Return a body."""
    return Organization(organization_id=organization_id, name=name, kind=kind, **cells)


def a_grant(number: int = 1, **cells: Any) -> Grant:
    """Return a grant to the first project of `tiny_tables`; `cells` replace its columns."""
    given: dict[str, Any] = {
        "grant_id": f"g-{number}", "project_id": "tiny-1", "type": "award", "amount": Decimal("1000.50"),
        "currency": "CNY", "date": "2024-05-31", "source_id": TINY_SOURCE, "locator": f"row={number}",
    }  # fmt: skip
    return Grant(**(given | cells))


def a_decision(name_a: str, name_b: str, verdict: str = "same", **cells: Any) -> Decision:
    """Return a decision about two names."""
    given: dict[str, Any] = {"decided_by": "tests", "decided_on": "2026-01-31", "basis": "invented"}
    return Decision(name_a=name_a, name_b=name_b, verdict=verdict, **(given | cells))


def tiny_tables() -> dict[str, list[Row]]:
    """Return the rows of a sound data set: one or more of every table, with roles, a grant, a membership."""
    bodies = [
        an_organization(FOUNDATION, "候鸟公益基金会", "foundation", name_en="Migratory Bird Foundation"),
        an_organization(ASSOCIATION, "盐城市湿地保护协会", region="320900"),
        an_organization(CENTRE, "盐城市滩涂志愿服务中心", region="320900"),
        an_organization(ALLIANCE, "滩涂联盟", "network"),
    ]
    names = [Name(organization_id=b.organization_id, name=b.name, status="official", source_id=TINY_SOURCE)
             for b in bodies]  # fmt: skip
    names.append(
        Name(organization_id=FOUNDATION, name="Migratory Bird Foundation", language="en", status="translation")
    )
    return {
        "sources": [
            Source(
                source_id=TINY_SOURCE, title="2031 CEGA案例精选", publisher="滩涂联盟", year=2031, language="zh",
                sha256=hashlib.sha256(TINY_BOOK.encode()).hexdigest(), characters=len(TINY_BOOK),
                coverage_from="2022", coverage_to="2024",
            )
        ],
        "organizations": list[Row](bodies),
        "names": list[Row](names),
        "identifiers": [
            Identifier(organization_id=ASSOCIATION, identifier="GB-CHC-1000147", source_id=TINY_SOURCE, locator="row=2")
        ],
        "projects": [
            Project(
                project_id="tiny-1", number="1", title="候鸟归来", theme="生物多样性保护", start_date="2023-04",
                end_date="2024", region="320900", status="completed", source_id=TINY_SOURCE,
            ),
            Project(
                project_id="tiny-2", number="2", title="清水同行", theme="气候变化减缓与适应", start_date="2022",
                source_id=TINY_SOURCE,
            ),
        ],
        "participations": [
            a_participation(1, role="submitter", basis="header", section="", label="提交机构"),
            a_participation(2, role="co_initiator", organization_id=ASSOCIATION, label="联合发起方 / 执行方",
                            mention="盐城市湿地保护协会"),
            a_participation(3, role="executor", organization_id=ASSOCIATION, label="联合发起方 / 执行方",
                            mention="盐城市湿地保护协会"),
            a_participation(4, role="grantee", organization_id=CENTRE, label="资助对象（2024 年）",
                            qualifier="2024 年", mention="盐城市滩涂志愿服务中心", grant_id="g-1"),
            a_participation(5, role="funder", grant_id="g-1"),
            a_participation(6, project_id="tiny-2", role="submitter", basis="header", section="", label="提交机构"),
        ],
        "grants": [a_grant(1)],
        "memberships": [
            Membership(membership_id="m-1", organization_id=FOUNDATION, network_id=ALLIANCE, role="committee",
                       status="current", since="2018", source_id=TINY_SOURCE, label="决策委员会",
                       mention="候鸟公益基金会")
        ],
        "decisions": [a_decision("候鸟公益基金会", "Migratory Bird Foundation")],
    }  # fmt: skip


def write_tiny_dataset(
    tmp_path: Path, *, name: str = TINY_SOURCE, changes: dict[str, Iterable[Row]] | None = None,
    curated: dict[str, Iterable[Row]] | None = None,
) -> Path:  # fmt: skip
    """Write `tiny_tables` below `tmp_path` and return the data set's folder.

    Args:
        name: The folder's name.
        changes: Tables whose rows replace the tiny ones.
        curated: Tables to write into `curated/` besides.
    """
    folder = tmp_path / name
    tables: dict[str, Iterable[Row]] = {**tiny_tables(), **(changes or {})}
    write_tables(folder, tables)
    if curated:
        write_tables(folder, curated, subfolder=CURATED_FOLDER)
    return folder


def a_source(text: str) -> SourceText:
    """Return a text as if it had been read from a file in UTF-8."""
    return SourceText(text=text, sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def extract_text(text: str, ledger: Ledger | None = None) -> Extract:
    """Return what the casebook reader makes of a text, without a ledger unless one is given."""
    return read_casebook(a_source(text), "book.txt", ledger or Ledger(), source_id="tiny")


def rows_in(extract: Extract, row: type[_R]) -> list[_R]:
    """Return the rows of one type that a reader made, in its order."""
    return [one for rows in extract.tables.values() for one in rows if type(one) is row]


def book_of(*lists: str, label: str = "合作方", line_break: str = "\n") -> str:
    """Return a casebook of one case that has each list under a label of its own."""
    parts = ["2031 案例集", "", "1 一个案例", "", "提交机构\t候鸟公益基金会\t案例方向\t生物多样性保护",
             "开始时间\t2023年4月", "", "项目合作方", ""]  # fmt: skip
    for one in lists:
        parts += [label, one, ""]
    return line_break.join(parts) + line_break


def place_of(mention: str) -> tuple[int, int]:
    """Return the offsets of the first place in `TINY_BOOK` that prints a mention, line breaks allowed in it."""
    found = re.search("\n?".join(map(re.escape, mention)), TINY_BOOK)
    if found is None:
        message = f"{mention!r} is not in TINY_BOOK"
        raise AssertionError(message)
    return found.span()


def placed(row: Evidence) -> Evidence:
    """Return a row with the offsets of its mention in `TINY_BOOK`."""
    start, end = place_of(row.mention)
    return msgspec.structs.replace(row, text_start=start, text_end=end)


def sound_tables() -> dict[str, list[Row]]:
    """Return `tiny_tables` with a place for every mention, so that `check` finds nothing, with `TINY_BOOK` too."""
    return {
        name: [placed(row) if isinstance(row, Evidence) and row.mention else row for row in rows]
        for name, rows in tiny_tables().items()
    }


def write_sound_dataset(tmp_path: Path, name: str = TINY_SOURCE, /, **changes: Iterable[Row]) -> Path:
    """Write `sound_tables` below `tmp_path`, some tables replaced, and return the data set's folder."""
    return write_tiny_dataset(tmp_path, name=name, changes={**sound_tables(), **changes})
