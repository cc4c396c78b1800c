"""Answers that hold: bad input gets a sentence, odd graphs an answer, and no order or hash seed changes a row."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cega_graph.changes.compare import CHANGES
from cega_graph.cli import main
from cega_graph.errors import UnknownIdentifier
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.measures import connections, coverage, money
from cega_graph.measures.ranking import MEASURES, rank
from cega_graph.model import GRANT_TYPES, LEVELS, MEMBERSHIP_STATUSES, NAME_STATUSES, VERDICTS, Row
from cega_graph.questions.catalogue import questions
from cega_graph.vocabulary import bases, kinds, roles
from factories import (
    ASSOCIATION,
    CENTRE,
    FOUNDATION,
    a_grant,
    a_participation,
    an_organization,
    tiny_tables,
    write_tiny_dataset,
)

Rows = dict[str, Iterable[Row]]
EXAMPLES = {name: one.example for name, one in questions().items() if name != "CQ20"}


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command that must not end in a traceback."""
    done = CliRunner().invoke(main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("query", "SELECT *\nWHERE { ?s a ?p . FILTRE(?p) }"), 3, r"query:2:27: cannot read 'FILTRE\(\?p\) }'.*"),
        (("query", "SELECT ?s { ?s foo:x ?o }"), 3, r"query:1:\d+: prefix 'foo' is not known; .*cega.*"),
        (("query", ""), 3, "query: is empty; .*"),
        (("query", "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--timeout", "0.5"), 3,
         r"query: stopped after 0\.5 s; .*--timeout"),
        (("query", "ASK {}", "--data", "nowhere"), 3, "nowhere: there is no such file or folder"),
        (("query", "-f", "nowhere.rq"), 3, "nowhere.rq: is not readable as UTF-8 text: .*"),
        (("ask", "CQ21"), 3, "question 'CQ21' does not exist; there are CQ01, .*"),
        (("ask", "why"), 3, "question 'why' does not exist; .*"),
        (("ask", "CQ03", "--organization", "万柯公益基金"), 3,
         "nobody bears the name '万柯公益基金'; nearest are [^,]+, [^,]+, [^,]+"),
        (("ask", "CQ03", "--organization", "协作者"), 3, "name '协作者' can mean 2 bodies: .*; give a .* id"),
        (("ask", "CQ03", "--organization", "？！"), 3, "nobody bears the name '？！'; nearest are .*"),
        (("ask", "CQ01", "--project", "计划"), 3, "project '计划' can mean 2: .*; give the id"),
        (("ask", "CQ17", "--by", "colour"), 3,
         "question CQ17 --by: 'colour' is not known; there are currency, funder, theme, year"),
        (("ask", "CQ08", "--by", "fame"), 3, "measure 'fame' is not known; there are projects, .*"),
        (("ask", "CQ04", "--project", "1"), 3, "question CQ04 takes no --project; its parameters: none"),
        (("ask", "CQ20", "--old", "nowhere"), 3, "nowhere: there is no such folder; .*"),
        (("ask", "--data", "nowhere", "CQ04"), 3, "nowhere: there is no such folder; .*"),
        (("rank", "founder"), 3, "role 'founder' is not known; there are all, submitter, .*"),
        (("rank", "funder", "--by", "fame"), 3, "measure 'fame' is not known; .*"),
        (("diff", "nowhere", "elsewhere"), 3, "nowhere: there is no such folder; .*"),
    ],
)  # fmt: skip
def test_bad_input_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """One line on stderr, nothing on stdout, nothing written."""
    monkeypatch.chdir(tmp_path)
    found, out, err = run(*arguments)
    assert (found, out, err.count("\n")) == (code, "", 1), err
    assert re.fullmatch(f"cega-graph: {message}\n", err), err
    assert list(tmp_path.iterdir()) == []


def test_a_cross_join_is_cut_and_says_so() -> None:
    code, out, err = run("query", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--limit", "3", "--format", "csv")
    assert (code, out.count("\n")) == (0, 4)
    assert err == "cega-graph: cut after 3 rows; there are more: raise --limit, or 0 for all\n"


def test_usage_errors_are_of_click() -> None:
    assert run("ask", "CQ08", "--basis", "guessed")[0] == 2
    assert run("ask", "--all", "CQ04")[0] == 2
    assert run("diff", "only-one")[0] == 2


ODD: dict[str, Rows] = {
    "empty": {"participations": [], "projects": [], "grants": [], "memberships": []},
    "one node": {
        "participations": [], "projects": [], "grants": [], "memberships": [], "identifiers": [], "decisions": [],
        "names": [row for row in tiny_tables()["names"] if getattr(row, "organization_id", "") == FOUNDATION],
        "organizations": [an_organization(FOUNDATION, "候鸟公益基金会", "foundation")],
    },
    "one body in one project": {"participations": [a_participation(1)], "grants": []},
    "disconnected": {
        "participations": [
            a_participation(1), a_participation(2, organization_id=CENTRE, role="grantee"),
            a_participation(3, project_id="tiny-2", organization_id=ASSOCIATION, role="executor"),
        ],
        "grants": [],
    },
    "no dates, no names of places": {
        "projects": [
            type(p)(project_id=p.project_id, title="无题", source_id="tiny")  # type: ignore[attr-defined]
            for p in tiny_tables()["projects"]
        ],
    },
}  # fmt: skip


@pytest.mark.parametrize(("name", "form"), [*((name, "table") for name in ODD), ("empty", "csv"), ("empty", "json")])
def test_odd_graphs_are_answered(tmp_path: Path, name: str, form: str) -> None:
    """All questions that need no parameter, and the two that do."""
    folder = str(write_tiny_dataset(tmp_path, changes=ODD[name]))
    code, out, err = run("ask", "--all", "--data", folder, "--format", form)
    assert (code, err.count("\n")) == (0, 3), err
    assert out
    body = "候鸟公益基金会"
    given = (("CQ11", "--organization", body), ("CQ10", "--from", body, "--to", body), ("CQ20", "--old", folder))
    for question, *options in given:
        assert run("ask", question, *options, "--data", folder, "--format", form)[0] == 0


@pytest.mark.parametrize("by", MEASURES)
@pytest.mark.parametrize("name", ODD)
def test_odd_graphs_are_ranked(tmp_path: Path, name: str, by: str) -> None:
    kg = load(write_tiny_dataset(tmp_path, changes=ODD[name]))
    for role in ("all", "funder", "grantee"):
        frame = kg.rank(role, by=by)
        assert frame["rank"].isna().sum() == 0
        assert frame["rank"].is_monotonic_increasing


def test_odd_amounts_and_dates_are_counted_for_what_they_are(tmp_path: Path) -> None:
    """Negative, missing, two currencies; dates before 1900 and none at all."""
    rows = tiny_tables()
    rows["grants"] = [
        a_grant(1, amount=Decimal(100), date="1895-04-17"), a_grant(2, amount=Decimal(-30), date="1895"),
        a_grant(3, amount=None, date=""), a_grant(4, amount=Decimal(5), currency="USD", date="2024"),
    ]  # fmt: skip
    rows["projects"] = [
        type(p)(**{**{f: getattr(p, f) for f in p.__struct_fields__}, "start_date": date, "end_date": ""})
        for p, date in zip(rows["projects"], ("1895", ""), strict=True)
    ]
    kg = load(write_tiny_dataset(tmp_path, changes={name: list(some) for name, some in rows.items()}))
    totals = kg.ask("CQ17", by="year")
    assert totals[["group", "currency", "n_grants", "net", "n_unknown"]].fillna(-1).to_numpy().tolist() == [
        ["", "", 0, -1.0, 1], ["1895", "CNY", 3, 70.0, 1], ["2024", "USD", 1, 5.0, 0],
    ]  # fmt: skip
    years = kg.ask("CQ14")
    assert [None if pd.isna(y) else int(y) for y in years["year"]] == [1895, None]


def test_a_map_shows_just_the_answer(bundled: KnowledgeGraph, tmp_path: Path) -> None:
    """Three bodies and the two cases between them; of bodies alone, the projects that join them."""
    path = tmp_path / "path.html"
    code, out, err = run("ask", "CQ10", "--from", "芜湖青野", "--to", "万科公益基金会", "--map", str(path))
    assert (code, err.splitlines()[-1]) == (0, f"cega-graph: {path}")
    assert "COP" in out
    page = json.loads(path.read_text(encoding="utf-8").split('type="application/json">')[1].split("</script>")[0])
    shown = {node["id"] for node in page["nodes"]}
    answer = bundled.ask("CQ10", from_="芜湖青野", to="万科公益基金会")
    assert shown == set(answer.attrs["ids"])
    assert len(shown) == 5
    brokers = bundled.ask("CQ09").attrs["ids"]
    assert not any(one.startswith("cega-2024") for one in brokers)
    network = bundled.shown(nodes=brokers).network
    assert "cega-2024-1" in network
    assert "cega-2024-9" not in network


def test_a_page_of_what_is_not_there_gets_a_sentence(bundled: KnowledgeGraph) -> None:
    for wanted, message in (
        (["o-none"], "o-none: no body or project has this id"),
        ([], "there is no body and no project to show"),
    ):
        with pytest.raises(UnknownIdentifier, match=message):
            bundled.page(nodes=wanted)
    with pytest.raises(UnknownIdentifier, match="cega-2024-2: is not among"):
        bundled.page(nodes=["cega-2024-1"], focus="cega-2024-2")


CODES = {
    *roles(), *kinds(), *bases(), *NAME_STATUSES, *LEVELS, *VERDICTS, *MEMBERSHIP_STATUSES, *CHANGES, "true", "false",
    "stated", "recorded", "none", "not covered", "award", "no quote", "conflict", "once", "repeatedly", "source",
    "carrier", "passing on", "nan", "None", "<NA>",
}  # fmt: skip
WORDS_ZH = {term.label_zh for terms in (roles(), kinds(), bases()) for term in terms.values()}
WORDS_ZH |= {"明文", "推断", "是", "否"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_answer_speaks_one_language(bundled: KnowledgeGraph, name: str) -> None:
    """No code stands in a cell of a Chinese answer, no Chinese word for one in an English answer."""
    from cega_graph.printing import to_cells

    zh, en = (bundled.ask(name, language=language, **EXAMPLES[name]) for language in ("zh", "en"))
    said_zh = {part for row in to_cells(zh, "zh") for cell in row for part in cell.split("; ")}
    said_en = {part for row in to_cells(en, "en") for cell in row for part in cell.split("; ")}
    assert said_zh & CODES == set()
    assert said_en & WORDS_ZH == set()
    assert len(zh) == len(en)


def test_every_code_of_a_question_has_its_words() -> None:
    """Whatever a query binds as text, the column's words name."""
    for question in questions().values():
        bound = set(re.findall(r'"([a-z][a-z ]*)"', question.sparql))
        known = {code for column in question.columns.values() for code in column.words}
        assert bound <= known, question.id
    assert set(GRANT_TYPES) == set(questions()["CQ17"].columns["type"].words)
    assert {*NAME_STATUSES} == {*questions()["CQ19"].columns["status"].words}
    assert {*LEVELS} == {*questions()["CQ16"].columns["level"].words}


_EVERYTHING = """
import sys
import cega_graph as cg
from cega_graph.cli import main
from cega_graph.measures.ranking import MEASURES
for language in ("zh", "en"):
    main(["ask", "--all", "--lang", language, "--from", "SEE 基金会", "--to", "MCF"], standalone_mode=False)
kg = cg.load()
for by in MEASURES:
    print(kg.rank("all", by=by).to_csv())
print(kg.page(nodes=kg.ask("CQ09").attrs["ids"]))
"""


@pytest.mark.slow
def test_answers_do_not_change_with_the_hash_seed() -> None:
    """Questions, rankings and a map, byte for byte."""
    said = [
        subprocess.run(
            [sys.executable, "-c", _EVERYTHING], capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert len(said[0]) > 100_000
    assert said[0] == said[1]


@pytest.mark.parametrize("by", MEASURES)
def test_rankings_do_not_change_with_the_order_of_rows(bundled: KnowledgeGraph, by: str) -> None:
    rows, bodies = bundled.participations, bundled.organizations
    mixed = [frame.sample(frac=1, random_state=7) for frame in (rows, bodies)]
    pd.testing.assert_frame_equal(rank(mixed[0], mixed[1], "funder", by=by), rank(rows, bodies, "funder", by=by))


def test_analyses_do_not_change_with_the_order_of_rows(bundled: KnowledgeGraph) -> None:
    def answers(seed: int | None) -> list[pd.DataFrame]:
        def mixed(frame: pd.DataFrame) -> pd.DataFrame:
            return frame if seed is None else frame.sample(frac=1, random_state=seed)

        rows, bodies, projects = map(mixed, (bundled.participations, bundled.organizations, bundled.projects))
        grants, names, decisions = map(mixed, (bundled.grants, bundled.names, bundled.decisions))
        return [
            money.co_funding_pairs(rows, projects), money.both_ways(rows), money.funding_chains(rows, grants),
            money.single_funder(rows, bodies), money.totals(grants, projects, rows, by="funder"),
            connections.communities(rows, bodies), connections.shortest_path(rows, "o-51b1427e37", "o-5021e29a59"),
            connections.lookalike_funders(rows, projects, bodies, "o-51b1427e37"),
            coverage.gaps(projects, rows, bundled.sources), coverage.by_year(projects, rows),
            coverage.merged_names(names, decisions, bodies), coverage.resting_on_inference(rows),
        ]  # fmt: skip

    for one, other in zip(answers(None), answers(5), strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_an_analysis_imports_no_engine() -> None:
    """A cold question costs what it needs: no RDF library, no networkx, no shapes."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cega_graph", "ask", "CQ04"],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "pandas" in imported
    assert imported & {"rdflib", "pyoxigraph", "networkx", "pyshacl", "sknetwork", "jinja2", "pyvis"} == set()
