"""The competency questions: their files, names and parameters, the same rows under both engines, whole answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from itertools import count
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.measures import money
from cega_graph.model import Participation, Row
from cega_graph.questions.analyses import ANALYSES
from cega_graph.questions.ask import LazyEngine
from cega_graph.questions.catalogue import question_of, questions
from cega_graph.questions.naming import body_of, project_of
from cega_graph.resources import root
from cega_graph.store.tables import GraphDataset
from dataset_strategies import tables
from factories import CENTRE, FOUNDATION, write_tiny_dataset

DATA = root("data") / "cega-2024"
GIVEN = {name: question.example for name, question in questions().items()} | {"CQ20": {"old": str(DATA)}}
SPARQL = [name for name, question in questions().items() if question.sparql]


def test_the_files_are_the_questions_and_every_analysis_is_asked_for() -> None:
    assert list(questions()) == [f"CQ{n:02d}" for n in range(1, 21)]
    assert {q.analysis for q in questions().values() if q.analysis} == set(ANALYSES)


@pytest.mark.parametrize("name", SPARQL)
def test_both_engines_give_the_same_rows(bundled: KnowledgeGraph, name: str) -> None:
    """In the same order, for all and for one."""
    given = {p.name: {"project": "8", "organization": "SEE 基金会"}[p.kind] for p in question_of(name).parameters}
    assert not bundled.ask(name).empty
    for values in ({}, given):
        fast, reference = (bundled.ask(name, engine=e, **values) for e in ("oxigraph", "rdflib"))
        pd.testing.assert_frame_equal(fast, reference)


_numbers = count()


@settings(max_examples=10)
@given(rows=tables())
def test_both_engines_give_the_same_rows_of_hostile_data(tmp_path: Path, rows: dict[str, list[Row]]) -> None:
    """Ids, names and dates of every sort; some without place, kind or amount."""
    kg = load(
        write_tiny_dataset(tmp_path, name=f"hostile-{next(_numbers)}", changes={k: list(v) for k, v in rows.items()})
    )
    for name in SPARQL:
        fast, reference = (kg.ask(name, engine=engine) for engine in ("oxigraph", "rdflib"))
        pd.testing.assert_frame_equal(fast, reference)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", questions())
def test_every_question_has_all_its_columns_and_its_proviso(bundled: KnowledgeGraph, name: str, language: str) -> None:
    question = question_of(name)
    answer = bundled.ask(name, language=language, **GIVEN.get(name, {}))
    columns = {n: column for n, column in question.columns.items() if not column.optional}
    assert list(answer.columns) == list(columns)
    assert answer.attrs["headings"] == [column.of(language) for column in columns.values()]
    assert (answer.attrs["title"], answer.attrs["caveat"]) == (
        question.title.of(language),
        question.caveat.of(language),
    )


@pytest.mark.parametrize("name", questions())
def test_questions_are_answered_where_there_is_next_to_nothing(tmp_path: Path, name: str) -> None:
    """A data set without participations and projects."""
    empty: dict[str, Iterable[Row]] = {t: [] for t in ("participations", "projects", "grants")}
    kg = load(write_tiny_dataset(tmp_path, changes=empty))
    given = {p.name: str(kg.dataset.folders[0]) if p.kind == "data" else FOUNDATION
             for p in question_of(name).parameters if p.required}  # fmt: skip
    assert kg.ask(name, **given).empty or name == "CQ19"


def test_who_took_part(tmp_path: Path) -> None:
    """The whole answer on the tiny data set: amounts stand with giver and receiver."""
    answer = load(write_tiny_dataset(tmp_path)).ask("CQ01", project="候鸟", language="zh")
    assert [json.loads(line) for line in answer[["participant", "role", "amount", "currency"]].to_json(
        orient="records", lines=True).splitlines()] == [
        {"participant": name, "role": role, "amount": amount, "currency": currency}
        for name, role, amount, currency in (
            ("盐城市湿地保护协会", "联合发起方", None, None), ("盐城市湿地保护协会", "执行方", None, None),
            ("候鸟公益基金会", "资助方", 1000.5, "CNY"), ("盐城市滩涂志愿服务中心", "资助对象", 1000.5, "CNY"),
            ("候鸟公益基金会", "提交机构", None, None),
        )
    ]  # fmt: skip


def test_whom_a_funder_supports(tmp_path: Path) -> None:
    """Grantees and executors are told apart; a rule's funding says so."""
    kg = load(write_tiny_dataset(tmp_path))
    answer = kg.ask("CQ02", organization="Migratory Bird Foundation", language="zh")
    assert answer["funding_type"].isna().all()
    assert answer.drop(columns="funding_type").to_dict("records") == [
        {"funder": "候鸟公益基金会", "supported": "盐城市湿地保护协会", "supported_role": "执行方",
         "project": "候鸟归来", "begin": "2023-04", "end": "2024", "n_projects": 1, "often": "一次",
         "funding": "明文"},
        {"funder": "候鸟公益基金会", "supported": "盐城市滩涂志愿服务中心", "supported_role": "资助对象",
         "project": "候鸟归来", "begin": "2023-04", "end": "2024", "n_projects": 1, "often": "一次",
         "funding": "明文"},
    ]  # fmt: skip
    assert kg.ask("CQ03", organization=CENTRE, language="zh").to_dict("records") == [
        {"organization": "盐城市滩涂志愿服务中心", "funder": "候鸟公益基金会", "n_projects": 1, "funding": "明文"}
    ]


def test_the_path_of_the_example(bundled: KnowledgeGraph) -> None:
    """Two hops over CANGO, each with the roles that the casebook states."""
    answer = bundled.ask("CQ10", language="zh", **GIVEN["CQ10"])
    assert answer[["from_id", "from_role", "to_role", "to_id", "basis"]].to_numpy().tolist() == [
        ["芜湖青野社区发展促进中心", "资助对象", "提交机构", "中国国际民间组织合作促进会", "明文"],
        ["中国国际民间组织合作促进会", "联合发起方", "联合发起方", "万科公益基金会", "明文"],
    ]


def test_totals_of_the_casebook(bundled: KnowledgeGraph) -> None:
    """About 1,200,000 and 200,000 yuan: the two amounts of case 2, one of them approximate; 14 cases state none."""
    found = bundled.ask("CQ17")
    assert found.astype("object").where(found.notna(), None).to_dict("records") == [
        {"group": "", "type": "", "currency": "", "n_grants": 0, "gross": None, "net": None, "n_unknown": 14,
         "n_approximate": 0, "n_conflicting": 0},
        {"group": "", "type": "award", "currency": "CNY", "n_grants": 2, "gross": 1400000.0, "net": 1400000.0,
         "n_unknown": 0, "n_approximate": 1, "n_conflicting": 0},
    ]  # fmt: skip


def test_names_are_found_by_any_alias_and_several_are_listed(bundled: KnowledgeGraph) -> None:
    dataset: Dataset = bundled.dataset
    assert {body_of(dataset, name) for name in ("红树林基金会", "MCF", "紅樹林基金會", "o-51b1427e37")} == {
        "o-51b1427e37"
    }
    with pytest.raises(
        UnknownIdentifier, match=r"^name '北京' can mean \d+ bodies: .* \(o-[0-9a-f]{10}\); .* or the id$"
    ):
        body_of(dataset, "北京")
    with pytest.raises(UnknownIdentifier, match=r"nobody bears the name '万柯公益基金'; nearest are .*万科公益基金会"):
        body_of(dataset, "万柯公益基金")
    assert project_of(dataset, "勺嘴鹬") == project_of(dataset, "1") == "cega-2024-1"
    with pytest.raises(UnknownIdentifier, match="no project is called 'x-none'"):
        project_of(dataset, "x-none")


def test_what_cannot_be_asked_gets_a_sentence(bundled: KnowledgeGraph) -> None:
    with pytest.raises(UnknownIdentifier, match=r"question 'CQ99' does not exist; there are CQ01, "):
        bundled.ask("CQ99")
    with pytest.raises(UnknownIdentifier, match="question CQ10 needs --to: a body, by any of its names"):
        bundled.ask("CQ10", from_="芜湖青野")
    with pytest.raises(UnknownIdentifier, match="question CQ04 takes no --project; its parameters: none"):
        bundled.ask("CQ04", project="1")


def test_a_ranking_and_circles_say_what_they_rest_on(bundled: KnowledgeGraph) -> None:
    """Below the answer stand projection, direction, weight and counts of the very measure that was asked for."""
    notes = bundled.ask("CQ08", role="grantee", by="pagerank", basis="stated").attrs["notes"]
    assert notes[0] == (
        "grantee ranked by PageRank, descending; projection: funding; direction: grantee ← funder or intermediary; "
        "weight: shared projects; basis: stated only"
    )
    assert notes[1].startswith("n = 37 bodies, 15 cases; ")
    circles = bundled.ask("CQ15", language="zh").attrs["notes"]
    assert [note.split("：")[0] for note in circles] == ["全部关系的平均稳定度"]
    done = CliRunner().invoke(main, ["ask", "CQ15"])
    assert "mean agreement over all links: " in done.stderr
    assert bundled.ask("CQ04").attrs["notes"] == []


def test_the_command_lists_and_answers() -> None:
    listed = CliRunner().invoke(main, ["ask", "--lang", "zh"])
    assert listed.stdout.splitlines()[3] == "CQ04  哪些资助方在共同资助？资助什么？共几次？"
    done = CliRunner().invoke(main, ["ask", "cq17", "--format", "json"])
    assert json.loads(done.stdout)["rows"][1]["net"] == 1400000.0
    done = CliRunner().invoke(main, ["ask", "CQ06", "--lang", "zh"])
    assert (
        done.stderr.splitlines()[0]
        == "2 行。两种角色都有，不等于转拨了那笔钱；中介方按定义既收又付，推断的中介方标为非明文。"
    )
    assert CliRunner().invoke(main, ["ask", "CQ99"]).exit_code == 3


def test_with_the_text_at_hand_the_passage_stands_beside_each_row(casebook_text_path: Path) -> None:
    """The sentence holds the name as printed; without the text there is no such column."""
    without = CliRunner().invoke(main, ["ask", "CQ01", "--project", "8", "--format", "json"])
    assert "sentence" not in json.loads(without.stdout)["rows"][0]
    done = CliRunner().invoke(
        main, ["ask", "CQ01", "--project", "8", "--format", "json", "--source", str(casebook_text_path)]
    )
    found = json.loads(done.stdout)
    assert "passage" in found["headings"]
    missing = [row for row in found["rows"] if row["mention"] not in (row["sentence"] or "").replace("\n", "")]
    assert missing == []
    assert len(found["rows"]) > 25


def test_a_built_folder_is_asked_like_its_data_set(built: Path) -> None:
    """Its cells are guarded for spreadsheets; the guard is no part of a name."""
    for name in ("CQ04", "CQ02"):
        asked = [
            CliRunner().invoke(main, ["ask", name, "--format", "csv", *more]) for more in ([], ["--data", str(built)])
        ]
        assert asked[0].stdout == asked[1].stdout
        assert (asked[0].exit_code, asked[1].exit_code) == (0, 0)


def test_the_page_of_questions_is_what_the_files_and_the_data_give(repository: Path) -> None:
    """`scripts/build_questions.py --check`."""
    command = [sys.executable, str(repository / "scripts" / "build_questions.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_coverage_counts_those_who_take_part_apart_from_all(tmp_path: Path) -> None:
    """A body without a participation is no participant; a graph says the same as its tables."""
    rows = [row for row in read_tiny(tmp_path) if row.organization_id != CENTRE]
    kg = load(write_tiny_dataset(tmp_path, name="fewer", changes={"participations": rows}))
    held = kg.dataset.extent()
    everyone = {row.organization_id for row in kg.dataset.rows("organizations")}
    assert held.bodies == len(everyone) > held.participants == len({row.organization_id for row in rows})
    assert GraphDataset(LazyEngine("oxigraph", kg.ntriples)).extent() == held
    said = f"{held.participants} participants ({held.bodies} bodies, persons and groups in all)"
    assert said in kg.ask("CQ04").attrs["coverage"]


def read_tiny(folder: Path) -> list[Participation]:
    return list(Dataset([write_tiny_dataset(folder, name="all")]).rows("participations"))


def test_a_comparison_says_what_both_releases_hold(bundled: KnowledgeGraph, tmp_path: Path) -> None:
    """Not what the data hold that are asked besides."""
    old = write_tiny_dataset(tmp_path, name="old", changes={"participations": []})
    new = write_tiny_dataset(tmp_path, name="new")
    first, second = bundled.ask("CQ20", old=str(old), new=str(new)).attrs["coverage"].splitlines()
    assert first.startswith("Earlier release: Covers 2 projects")
    assert ", 0 participants (" in first
    assert second.startswith("Later release: Covers 2 projects")
    assert ", 3 participants (" in second


@pytest.mark.parametrize("given", [["CQ17", "--by", "theme"], ["CQ03", "--organization", "自然之友"]])
def test_an_answer_without_anything_to_draw_is_printed_all_the_same(tmp_path: Path, given: list[str]) -> None:
    page = tmp_path / "map.html"
    done = CliRunner().invoke(main, ["ask", *given, "--map", str(page)])
    assert (done.exit_code, page.exists()) == (0, False)
    assert done.stdout.startswith(load().ask(given[0], **{given[1][2:]: given[2]}).attrs["title"])
    assert "Covers 15 projects" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("cega-graph: the answer has no body or project to draw; ")


def test_one_row_is_one_row() -> None:
    done = CliRunner().invoke(main, ["ask", "CQ10", "--from", "自然之友", "--to", "万科公益基金会", "--lang", "en"])
    many = len(load().ask("CQ10", from_="自然之友", to="万科公益基金会"))
    assert done.stderr.startswith(f"{many} row{'' if many == 1 else 's'}. ")


def test_no_path_and_one_body_are_said_apart(bundled: KnowledgeGraph) -> None:
    """Not that there may be others as short."""
    assert bundled.ask("CQ10", from_="MCF", to="红树林基金会").attrs["caveat"] == "Both names mean one body."
    assert bundled.ask("CQ10", from_="MCF", to="MCF", language="zh").attrs["caveat"] == "两个名称指同一机构。"
    alone = bundled.dataset.frame("organizations")["organization_id"]
    outside = min(set(alone) - set(bundled.participations["organization_id"]))
    said = bundled.ask("CQ10", from_="MCF", to=outside).attrs["caveat"]
    assert said.startswith("No path in these data; memberships, ")


def test_chains_that_are_too_many_to_list_are_said(bundled: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the caveat."""
    assert bundled.ask("CQ07").attrs["caveat"] == question_of("CQ07").caveat.en
    monkeypatch.setattr(money, "_MOST_CHAINS", -1)
    said = bundled.ask("CQ07", language="zh").attrs["caveat"]
    assert said.startswith("跨两个项目的链条可能超过一百万条，")


def test_a_whole_word_of_a_title_wins_over_a_part(tmp_path: Path) -> None:
    projects = list(Dataset([write_tiny_dataset(tmp_path, name="all")]).rows("projects"))
    titles = ("Together to COP", "Microcopies of COPs")
    named = [msgspec.structs.replace(row, title_en=title) for row, title in zip(projects, titles, strict=True)]
    dataset = load(write_tiny_dataset(tmp_path, name="named", changes={"projects": named})).dataset
    assert project_of(dataset, "cop") == projects[0].project_id
    assert project_of(dataset, "Microcop") == projects[1].project_id
    with pytest.raises(UnknownIdentifier, match="can mean 2"):
        project_of(dataset, "co")


def test_a_project_without_a_start_has_the_date_of_its_first_sum(tmp_path: Path) -> None:
    """In both engines, for one funder and for all."""
    held = Dataset([write_tiny_dataset(tmp_path, name="all")])
    replace = msgspec.structs.replace
    projects = [replace(row, start_date="", end_date="") for row in held.rows("projects")]
    grants = list(held.rows("grants"))
    later = [replace(row, grant_id=f"{row.grant_id}-later", date="2021-03-04") for row in grants]
    dated = [replace(row, date="2019-05") for row in grants]
    changes: dict[str, Iterable[Row]] = {"projects": projects, "grants": [*dated, *later]}
    kg = load(write_tiny_dataset(tmp_path, name="dated", changes=changes))
    for values in ({}, {"organization": FOUNDATION}):
        for engine in ("oxigraph", "rdflib"):
            answer = kg.ask("CQ02", engine=engine, **values)
            assert set(answer["begin"].astype("str")) == {"2019-05"}
    years = kg.ask("CQ14")
    paid = len({row.project_id for row in grants})
    assert years["year"].astype("object").where(years["year"].notna(), None).tolist()[0] == 2019
    assert years["n_projects"].tolist() == [paid, len(projects) - paid]
