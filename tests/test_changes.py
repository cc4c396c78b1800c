"""What changed between two releases: nothing in nothing, forth and back, known edits, mergers, the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from cega_graph.build import build
from cega_graph.changes import changes, sentence
from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.knowledge_graph import load
from cega_graph.model import Evidence, Identifier, Name, Row
from dataset_strategies import tables
from factories import (
    ALLIANCE,
    ASSOCIATION,
    CENTRE,
    FOUNDATION,
    a_decision,
    a_grant,
    a_participation,
    an_organization,
    tiny_tables,
    write_tiny_dataset,
)

Tables = dict[str, list[Row]]
SAID = ["kind", "change", "id", "role", "project_id", "detail", "field", "before", "after"]
"""The columns that do not take their words from the newer release alone."""


def dataset(tmp_path: Path, rows: Tables, name: str) -> Dataset:
    return Dataset([write_tiny_dataset(tmp_path, name=name, changes={k: list[Row](v) for k, v in rows.items()})])


def compared(tmp_path: Path, old: Tables, new: Tables) -> pd.DataFrame:
    return changes(dataset(tmp_path, old, "old"), dataset(tmp_path, new, "new"))


def told(frame: pd.DataFrame, language: str = "en") -> list[str]:
    return [sentence(line, language) for line in frame.to_dict("records")]  # type: ignore[arg-type]


def said(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(frame[SAID].itertuples(index=False, name=None))


def turned(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return what a frame says, the other way round."""
    opposite = {"added": "removed", "removed": "added", "merged": "split", "split": "merged"}
    back = frame.assign(
        change=[opposite.get(c, c) for c in frame["change"]], before=frame["after"], after=frame["before"]
    )
    return said(back)


_numbers = count()


@settings(max_examples=25)
@given(rows=tables())
def test_nothing_changed_between_a_release_and_itself(tmp_path: Path, rows: Tables) -> None:
    one = dataset(tmp_path, rows, f"same-{next(_numbers)}")
    assert changes(one, one).empty


@settings(max_examples=25)
@given(old=tables(), new=tables())
def test_forth_and_back_say_the_opposite(tmp_path: Path, old: Tables, new: Tables) -> None:
    """What was added is removed, what was merged is split, before is after."""
    number = next(_numbers)
    one, other = dataset(tmp_path, old, f"old-{number}"), dataset(tmp_path, new, f"new-{number}")
    forth, back = changes(one, other), changes(other, one)
    assert said(forth) == turned(back)
    for line in forth.to_dict("records"):
        assert sentence(line, "zh") != sentence(line, "en")  # type: ignore[arg-type]


@settings(max_examples=25)
@given(rows=tables(), shift=st.integers(1, 9))
def test_a_text_laid_out_anew_changes_nothing(tmp_path: Path, rows: Tables, shift: int) -> None:
    def moved(row: Row) -> Row:
        if isinstance(row, Evidence) and row.text_start is not None and row.text_end is not None:
            return msgspec.structs.replace(
                row,
                text_start=row.text_start + shift,
                text_end=row.text_end + shift,
                section="另一节",
                locator="page=9",
            )
        return row

    number = next(_numbers)
    new = {name: [moved(row) for row in some] for name, some in rows.items()}
    new["sources"] = [msgspec.structs.replace(s, sha256="0" * 64, characters=7) for s in rows["sources"]]
    assert changes(dataset(tmp_path, rows, f"a-{number}"), dataset(tmp_path, new, f"b-{number}")).empty


def replaced(table: str, at: int, **cells: Any) -> Callable[[Tables], None]:
    def edit(rows: Tables) -> None:
        rows[table][at] = msgspec.structs.replace(rows[table][at], **cells)

    return edit


def appended(table: str, row: Row) -> Callable[[Tables], None]:
    return lambda rows: rows[table].append(row)


EDITS: list[tuple[Callable[[Tables], None], list[str], list[str]]] = [
    (
        appended("organizations", an_organization("o-x", "新苗环保中心", name_en="Sapling")),
        ["新增参与方：新苗环保中心"], ["body added: Sapling"],
    ),
    (
        replaced("organizations", 1, kind="foundation"),
        ["更正参与方：盐城市湿地保护协会；类型：社会组织 → 基金会"],
        ["body corrected: 盐城市湿地保护协会; kind: NGO → foundation"],
    ),
    (
        replaced("organizations", 2, parent_id=ASSOCIATION),
        ["更正参与方：盐城市滩涂志愿服务中心；上级机构：（空） → 盐城市湿地保护协会"],
        ["body corrected: 盐城市滩涂志愿服务中心; part of: (nothing) → 盐城市湿地保护协会"],
    ),
    (
        appended("names", Name(organization_id=CENTRE, name="滩涂志愿者", status="short")),
        ["新增名称：盐城市滩涂志愿服务中心：滩涂志愿者"], ["name added: 盐城市滩涂志愿服务中心: 滩涂志愿者"],
    ),
    (
        replaced("names", 4, status="official"),
        ["更正名称：候鸟公益基金会：Migratory Bird Foundation；状态：译名 → 正式"],
        ["name corrected: Migratory Bird Foundation: Migratory Bird Foundation; status: translation → official"],
    ),
    (
        appended("identifiers", Identifier(organization_id=CENTRE, identifier="GB-CHC-1")),
        ["新增登记号：盐城市滩涂志愿服务中心：GB-CHC-1"], ["identifier added: 盐城市滩涂志愿服务中心: GB-CHC-1"],
    ),
    (
        replaced("projects", 0, end_date="2025"),
        ["更正项目：《候鸟归来》；结束：2024 → 2025"], ["project corrected: “候鸟归来”; end: 2024 → 2025"],
    ),
    (
        appended("participations", a_participation(7, organization_id=CENTRE, role="partner", activity="观鸟")),
        ["新增参与关系：盐城市滩涂志愿服务中心 是《候鸟归来》的合作方（观鸟）"],
        ["relation added: 盐城市滩涂志愿服务中心 as partner of “候鸟归来” (观鸟)"],
    ),
    (
        replaced("participations", 1, since="2019", participation_id="p-other"),
        ["更正参与关系：盐城市湿地保护协会 是《候鸟归来》的联合发起方；起始：（空） → 2019"],
        ["relation corrected: 盐城市湿地保护协会 as co-initiator of “候鸟归来”; since: (nothing) → 2019"],
    ),
    (
        replaced("grants", 0, amount=Decimal(2000), mention="2000元"),
        ["更正金额：《候鸟归来》的一笔资助（1000.5 CNY）；金额：1000.5 → 2000",
         "更正金额：《候鸟归来》的一笔资助（1000.5 CNY）；原文写法：（空） → 2000元"],
        ["amount corrected: a grant of “候鸟归来” (1000.5 CNY); amount: 1000.5 → 2000",
         "amount corrected: a grant of “候鸟归来” (1000.5 CNY); as printed: (nothing) → 2000元"],
    ),
    (
        replaced("participations", 4, organization_id=ASSOCIATION),
        ["新增参与关系：盐城市湿地保护协会 是《候鸟归来》的资助方",
         "新增参与关系：候鸟公益基金会 是《候鸟归来》的中介方（推断）",
         "删除参与关系：候鸟公益基金会 是《候鸟归来》的资助方",
         "更正金额：《候鸟归来》的一笔资助（1000.5 CNY）；出资方：候鸟公益基金会 → 盐城市湿地保护协会"],
        ["relation added: 盐城市湿地保护协会 as funder of “候鸟归来”",
         "relation added: Migratory Bird Foundation as intermediary of “候鸟归来” (inferred)",
         "relation removed: Migratory Bird Foundation as funder of “候鸟归来”",
         "amount corrected: a grant of “候鸟归来” (1000.5 CNY); funders: 候鸟公益基金会 → 盐城市湿地保护协会"],
    ),
    (
        replaced("memberships", 0, status="former", until="2024"),
        ["更正成员关系：候鸟公益基金会 是滩涂联盟的决策委员会成员；状态：现任 → 曾用",
         "更正成员关系：候鸟公益基金会 是滩涂联盟的决策委员会成员；截止：（空） → 2024"],
        [f"membership corrected: Migratory Bird Foundation as member of the committee of 滩涂联盟; {what}"
         for what in ("status: current → former", "until: (nothing) → 2024")],
    ),
    (
        replaced("decisions", 0, verdict="undecided"),
        ["更正名称认定：Migratory Bird Foundation / 候鸟公益基金会；结论：同一 → 未定"],
        ["name decision corrected: Migratory Bird Foundation / 候鸟公益基金会; verdict: same → undecided"],
    ),
    (
        replaced("sources", 0, year=2032),
        ["更正来源：2031 CEGA案例精选；年份：2031 → 2032"], ["source corrected: 2031 CEGA案例精选; year: 2031 → 2032"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "zh", "en"), EDITS)
def test_a_known_edit_is_told_and_nothing_else(
    tmp_path: Path, edit: Callable[[Tables], None], zh: list[str], en: list[str]
) -> None:
    new = tiny_tables()
    edit(new)
    frame = compared(tmp_path, tiny_tables(), new)
    assert (told(frame, "zh"), told(frame)) == (zh, en)


def test_an_id_made_anew_from_a_corrected_value_is_no_change(tmp_path: Path) -> None:
    """A grant's id is a hash of its amount; what names it follows."""
    new = tiny_tables()
    new["grants"] = [a_grant(1, grant_id="g-new")]
    for at in (3, 4):
        replaced("participations", at, grant_id="g-new", participation_id=f"p-new-{at}")(new)
    assert compared(tmp_path, tiny_tables(), new).empty


def test_a_relation_that_another_source_states_now_is_no_change(tmp_path: Path) -> None:
    """As where each year is a file of its own: the file is new, what it repeats is not."""
    new = tiny_tables()
    other = "another-book"
    new["sources"] = [msgspec.structs.replace(row, source_id=other) for row in new["sources"]]
    new["participations"] = [
        msgspec.structs.replace(row, source_id=other, participation_id=f"{row.participation_id}-x")  # type: ignore[attr-defined]
        for row in new["participations"]
    ]
    assert set(compared(tmp_path, tiny_tables(), new)["kind"]) == {"source"}


def merged_tables() -> Tables:
    """The association became part of the centre, which bears its name as a former one."""
    rows = tiny_tables()
    rows["organizations"] = [b for b in rows["organizations"] if b.organization_id != ASSOCIATION]  # type: ignore[attr-defined]
    swap = {ASSOCIATION: CENTRE}
    for table in ("names", "identifiers", "participations"):
        rows[table] = [
            msgspec.structs.replace(r, organization_id=swap.get(r.organization_id, r.organization_id))  # type: ignore[attr-defined]
            for r in rows[table]
        ]
    return rows


def test_a_merger_and_a_split_are_one_line(tmp_path: Path) -> None:
    """The statements of the body that is gone are those of the one that it became."""
    forth = compared(tmp_path, tiny_tables(), merged_tables())
    assert told(forth, "zh") == ["合并参与方：盐城市湿地保护协会 → 盐城市滩涂志愿服务中心"]
    assert told(changes(Dataset([tmp_path / "new"]), Dataset([tmp_path / "old"]))) == [
        "body split: 盐城市滩涂志愿服务中心 → 盐城市湿地保护协会"
    ]


def test_a_body_under_another_id_is_the_same_body(tmp_path: Path) -> None:
    rows = tiny_tables()
    for table in ("organizations", "names", "participations", "memberships"):
        rows[table] = [
            msgspec.structs.replace(r, organization_id="o-new") if r.organization_id == FOUNDATION else r  # type: ignore[attr-defined]
            for r in rows[table]
        ]
    assert told(compared(tmp_path, tiny_tables(), rows)) == [
        "body corrected: Migratory Bird Foundation; id: o-f → o-new"
    ]


def test_bodies_of_both_releases_stay_apart_whatever_names_they_share(tmp_path: Path) -> None:
    rows = tiny_tables()
    rows["names"].append(Name(organization_id=ALLIANCE, name="盐城市湿地保护协会", status="variant"))
    assert told(compared(tmp_path, tiny_tables(), rows)) == ["name added: 滩涂联盟: 盐城市湿地保护协会"]


def test_a_built_folder_says_the_same_as_its_data_set(tmp_path: Path) -> None:
    """Guarded cells are what they were; the columns and their types are promised."""
    hostile: dict[str, Iterable[Row]] = {
        "decisions": [a_decision("=1+1", "'@home")],
        "organizations": [*tiny_tables()["organizations"], an_organization("o-y", "-公益 +1")],
    }
    folder = write_tiny_dataset(tmp_path, changes=hostile)
    build(load(folder), tmp_path / "out")
    frame = changes(Dataset([folder]), Dataset([tmp_path / "out"]))
    assert frame.empty
    assert [*frame.columns] == ["kind", "change", "id", "name", "name_en", "role", "project_id", "project",
                                "project_en", "detail", "field", "before", "after"]  # fmt: skip
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}


def test_the_command_speaks_and_exits_like_diff(tmp_path: Path) -> None:
    old = write_tiny_dataset(tmp_path, name="old")
    rows = tiny_tables()
    replaced("projects", 0, title="=候鸟\n归来\x1b[2J")(rows)
    new = write_tiny_dataset(tmp_path, name="new", changes={k: list[Row](v) for k, v in rows.items()})
    run = CliRunner().invoke
    same = run(main, ["diff", str(old), str(old)])
    assert (same.exit_code, same.stdout, same.stderr) == (0, "", "no change\n")
    text = run(main, ["diff", str(old), str(new), "--lang", "zh"])
    assert (text.exit_code, text.stdout.count("\n"), text.stderr) == (1, 1, "1 处变化：更正项目 1\n")
    assert "\x1b" not in text.stdout
    table = run(main, ["diff", str(old), str(new), "--format", "csv"])
    assert table.stdout.splitlines()[0].startswith("what,change,id,name")
    assert "'=候鸟" in table.stdout
    found = json.loads(run(main, ["diff", str(old), str(new), "--format", "json"]).stdout)
    assert found["summary"] == "1 change: 1 project corrected"
    assert found["rows"][0]["before"] == "候鸟归来"
    path = tmp_path / "changes.csv"
    assert run(main, ["diff", str(old), str(new), "--format", "csv", "-o", str(path)]).exit_code == 1
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_cannot_be_compared_gets_a_sentence(tmp_path: Path) -> None:
    old = write_tiny_dataset(tmp_path, name="old")
    done = CliRunner().invoke(main, ["diff", str(old), str(tmp_path / "none")])
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert "there is no such folder" in done.stderr
    broken = old / "tables" / "grants.csv"
    broken.write_text(broken.read_text(encoding="utf-8").replace("1000.5", "viel"), encoding="utf-8")
    done = CliRunner().invoke(main, ["diff", str(old), str(old)])
    assert done.exit_code == 3
    assert "tables/grants.csv:2 amount: 'viel'" in done.stderr


def test_question_20_asks_for_two_releases(tmp_path: Path) -> None:
    """Of the data that are asked, or of two folders; without the earlier one it says what it needs."""
    old = write_tiny_dataset(tmp_path, name="old")
    rows = tiny_tables()
    replaced("participations", 1, role="partner", participation_id="p-x")(rows)
    new = write_tiny_dataset(tmp_path, name="new", changes={k: list[Row](v) for k, v in rows.items()})
    expected = [
        ["参与关系", "新增", "盐城市湿地保护协会", "合作方", "候鸟归来"],
        ["参与关系", "删除", "盐城市湿地保护协会", "联合发起方", "候鸟归来"],
    ]
    for kg, given_ in ((load(new), {}), (load(old), {"new": str(new)})):
        answer = kg.ask("CQ20", old=str(old), language="zh", **given_)
        assert answer[["kind", "change", "name", "role", "project"]].to_numpy().tolist() == expected
    done = CliRunner().invoke(main, ["ask", "CQ20", "--data", str(new)])
    assert done.exit_code == 3
    assert done.stderr == "cega-graph: question CQ20 needs --old: the folder of a data set or of a build\n"
