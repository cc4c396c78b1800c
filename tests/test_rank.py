"""Rankings: what they count, ties, bases, ranges against brute force, order of rows."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from cega_graph.cli import main
from cega_graph.errors import UnknownIdentifier
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.measures import ranking
from cega_graph.measures.cases import to_cases
from cega_graph.measures.ranking import MEASURES, places_of, rank
from cega_graph.measures.words import about_rank
from cega_graph.network import funding, partnership


def made(*rows: tuple[str, str, str], basis: str = "listed") -> pd.DataFrame:
    """Return participations of (project, body, role)."""
    cells = [{"project_id": p, "organization_id": o, "role": r, "basis": basis, "grant_id": ""} for p, o, r in rows]
    return pd.DataFrame(cells, columns=["project_id", "organization_id", "role", "basis", "grant_id"])


def bodies(**kinds: str) -> pd.DataFrame:
    return pd.DataFrame(
        [{"organization_id": b, "name": b, "name_en": "", "kind": kind} for b, kind in kinds.items()],
        columns=["organization_id", "name", "name_en", "kind"],
    )


BODIES = bodies(a="foundation", b="foundation", c="ngo", d="ngo", e="ngo", g="group", p="person")
ROWS = made(
    ("1", "a", "funder"), ("1", "c", "grantee"), ("1", "d", "grantee"), ("1", "g", "grantee"),
    ("2", "a", "funder"), ("2", "b", "funder"), ("2", "c", "grantee"), ("2", "p", "funder"),
    ("3", "b", "funder"), ("3", "e", "grantee"),
)  # fmt: skip


def test_a_ranking_says_what_it_rests_on() -> None:
    """By eye: a reaches c and d, b reaches c and e; without case 1, a reaches c alone."""
    frame = rank(ROWS, BODIES, "funder", by="grantees", top=1)
    shown = frame.drop(columns=["name", "name_en", "top_share"]).to_dict("records")
    assert shown == [
        {"rank": 1, "tied": 2, "organization_id": "a", "kind": "foundation", "score": 2.0, "projects": 2,
         "stated_share": 1.0, "rank_min": 1, "rank_max": 2},
        {"rank": 1, "tied": 2, "organization_id": "b", "kind": "foundation", "score": 2.0, "projects": 2,
         "stated_share": 1.0, "rank_min": 1, "rank_max": 2},
    ]  # fmt: skip
    assert frame.attrs["about"] == {
        "role": "funder", "by": "grantees", "projection": "funding", "direction": "funder or intermediary → grantee",
        "weight": "none", "order": "descending", "basis": "all", "bodies": 2, "cases": 3,
        "unranked": {"group": 0, "person": 1},
        "left_out": "each of 3 cases in turn", "top": 1, "resamples": 200, "seed": 1,
            "individuals": False,
    }  # fmt: skip


@pytest.mark.parametrize("by", MEASURES)
def test_groups_and_persons_are_never_ranked(by: str) -> None:
    assert sorted(rank(ROWS, BODIES, "all", by=by)["organization_id"]) == ["a", "b", "c", "d", "e"]


def test_stated_leaves_out_what_a_rule_inferred() -> None:
    rows = pd.concat([ROWS, made(("3", "a", "funder"), basis="inferred")], ignore_index=True)
    everything = rank(rows, BODIES, "funder").set_index("organization_id")
    stated = rank(rows, BODIES, "funder", basis="stated").set_index("organization_id")
    assert [*everything.loc["a", ["score", "stated_share"]]] == [3.0, pytest.approx(2 / 3)]
    assert [*stated.loc["a", ["score", "stated_share"]]] == [2.0, 1.0]


@pytest.mark.parametrize("by", [by for by in MEASURES if by != "pagerank"])
@pytest.mark.parametrize("role", ["funder", "all"])
def test_ranges_are_those_of_leaving_out_each_case_by_hand(bundled: KnowledgeGraph, by: str, role: str) -> None:
    """Brute force: the table without the rows of one case, ranked among the same bodies."""
    rows, organizations = bundled.participations, bundled.organizations
    frame = rank(rows, organizations, role, by=by).set_index("organization_id")
    seen = {body: [int(place)] for body, place in frame["rank"].items()}
    measure = MEASURES[by]
    for project in sorted(set(rows["project_id"])):
        cases = to_cases(rows[rows["project_id"] != project], organizations)
        score = ranking._rounded(measure.score(cases, role, np.ones(len(cases.projects))))
        by_body = dict(zip(cases.bodies, score, strict=True))
        absent = float("nan") if by == "constraint" else 0.0
        kept = np.array([by_body.get(body, absent) for body in frame.index])
        for body, place in zip(frame.index, places_of(kept, ascending=measure.ascending), strict=True):
            seen[str(body)].append(int(place))
    assert {body: (min(s), max(s)) for body, s in seen.items()} == {
        body: (low, high) for body, low, high in zip(frame.index, frame["rank_min"], frame["rank_max"], strict=True)
    }


def test_ranges_of_pagerank_are_those_of_networkx(bundled: KnowledgeGraph) -> None:
    """Bodies that are left out with their only case stay in the network, without links."""
    kinds = {o.organization_id: o.kind for o in bundled.dataset.rows("organizations")}
    rows = [r for r in bundled.dataset.rows("participations") if kinds[r.organization_id] != "group"]
    frame = rank(bundled.participations, bundled.organizations, "funder", by="pagerank").set_index("organization_id")
    seen: dict[str, list[int]] = {str(body): [] for body in frame.index}
    for left_out in ("", *sorted({r.project_id for r in rows})):
        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(sorted({r.organization_id for r in rows}))
        money = funding([r for r in rows if r.project_id != left_out])
        graph.add_weighted_edges_from((b, a, n) for a, b, n in money.edges.data("n", 0))
        found = nx.pagerank(graph, tol=1e-15, max_iter=1000)
        places = places_of(np.round(np.array([found[body] for body in seen]), 10))
        for body, place in zip(seen, places, strict=True):
            seen[body].append(int(place))
    expected = {body: (places[0], min(places), max(places)) for body, places in seen.items()}
    columns = zip(frame.index, frame["rank"], frame["rank_min"], frame["rank_max"], strict=True)
    assert {body: three for body, *three in columns} == {body: list(three) for body, three in expected.items()}


@pytest.mark.parametrize("by", ["pagerank", "betweenness", "constraint", "partners"])
def test_rankings_do_not_change_with_the_order_of_rows(bundled: KnowledgeGraph, by: str) -> None:
    rows, organizations = bundled.participations, bundled.organizations
    shuffled = rank(rows.sample(frac=1, random_state=3), organizations.sample(frac=1, random_state=4), by=by)
    pd.testing.assert_frame_equal(shuffled, rank(rows, organizations, by=by))


def test_projections_are_those_of_the_network(bundled: KnowledgeGraph) -> None:
    """The matrices hold the links of `network.funding` and `network.partnership`, groups aside."""
    groups = set(bundled.organizations.query("kind == 'group'")["organization_id"])
    participations = [r for r in bundled.dataset.rows("participations") if r.organization_id not in groups]
    cases = to_cases(bundled.participations, bundled.organizations)
    ones = np.ones(len(cases.projects))
    directed = cases.funding.weighted(ones).tocoo()
    expected = {(a, b): n for a, b, n in funding(participations).edges.data("n", 0)}
    assert {(cases.bodies[a], cases.bodies[b]): float(n) for a, b, n in _entries(directed)} == expected
    shared = cases.partnership.weighted(ones).tocoo()
    pairs = {(min(a, b), max(a, b)): n for a, b, n in partnership(participations).edges.data("n", 0)}
    assert {(cases.bodies[a], cases.bodies[b]): float(n) for a, b, n in _entries(shared) if a < b} == pairs


def _entries(matrix: Any) -> list[tuple[int, int, float]]:
    return list(zip(matrix.row.tolist(), matrix.col.tolist(), matrix.data.tolist(), strict=True))


def test_many_cases_are_left_out_in_blocks_and_only_where_that_is_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "SINGLY_UP_TO", 2)
    monkeypatch.setattr(ranking, "BLOCKS", 3)
    cheap = rank(ROWS, BODIES, "funder", by="grantees")
    assert cheap.attrs["about"]["left_out"] == "each of 3 seeded blocks of 3 cases in turn"
    assert cheap[["rank_min", "rank_max"]].to_numpy().tolist() == [[1, 2], [1, 2]]
    dear = rank(ROWS, BODIES, "funder", by="hits")
    assert dear.attrs["about"]["left_out"] == "nothing: above 2 cases only for counts, strength and PageRank"
    assert dear[["rank_min", "rank_max", "top_share"]].isna().all(axis=None)


@pytest.mark.parametrize("by", MEASURES)
def test_an_empty_table_and_a_single_body_are_ranked_too(by: str) -> None:
    assert rank(made(), BODIES, "funder", by=by).empty
    alone = rank(made(("1", "a", "funder")), BODIES, "funder", by=by)
    assert alone[["rank", "tied", "organization_id"]].to_numpy().tolist() == [[1, 1, "a"]]


def test_what_is_not_known_is_answered_with_what_is() -> None:
    with pytest.raises(UnknownIdentifier, match="role 'founder' is not known; there are all, submitter, funder"):
        rank(ROWS, BODIES, "founder")
    with pytest.raises(UnknownIdentifier, match="measure 'fame' is not known; there are projects, partners"):
        rank(ROWS, BODIES, "funder", by="fame")


def test_the_command_prints_table_and_provisos() -> None:
    done = CliRunner().invoke(main, ["rank", "funder", "--by", "grantees", "--top", "2", "--lang", "zh"])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].split() == [
        "名次", "并列数", "标识", "名称", "类型", "得分", "项目数", "明文占比", "最好名次", "最差名次", "入前占比",
    ]  # fmt: skip
    assert "中国国际民间组织合作促进会" in done.stdout
    assert "方向：资助方或中介方 → 受资助方" in done.stderr
    done = CliRunner().invoke(main, ["rank", "grantee", "--format", "json", "--top", "1"])
    found = json.loads(done.stdout)
    assert (found["about"]["role"], found["rows"][0]["rank"]) == ("grantee", 1)
    done = CliRunner().invoke(main, ["rank", "founder"])
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)


def test_who_is_not_ranked_is_counted_by_role() -> None:
    """Each once, whatever rows name them; a person who is ranked is not among them."""
    rows = pd.concat([ROWS, made(("2", "g", "grantee"), ("3", "g", "funder"), basis="inferred")], ignore_index=True)
    found = {role: rank(rows, BODIES, role).attrs["about"]["unranked"] for role in ("all", "funder", "grantee")}
    assert found == {
        "all": {"group": 1, "person": 1}, "funder": {"group": 1, "person": 1}, "grantee": {"group": 1, "person": 0},
    }  # fmt: skip
    about = rank(rows, BODIES, "funder", basis="stated", individuals=True).attrs["about"]
    assert about["unranked"] == {"group": 0}
    assert "cases; 0 unnamed groups that hold the role are not ranked;" in about_rank(about, "en")[1]
    said = about_rank(rank(rows, BODIES).attrs["about"], "zh")[1]
    assert "另有 1 位个人、 1 个未具名群体参与，不参与排名" in said


def test_projects_beside_a_score_in_the_funding_are_those_that_it_counts() -> None:
    """What a funder passes on elsewhere adds to its score, so the case is counted too; not by the role alone."""
    rows = pd.concat([ROWS, made(("3", "a", "intermediary"), basis="inferred")], ignore_index=True)
    by = {name: rank(rows, BODIES, "funder", by=name).set_index("organization_id") for name in ("grantees", "projects")}
    columns = ["score", "projects", "stated_share"]
    assert [*by["grantees"].loc["a", columns]] == [3.0, 3, pytest.approx(2 / 3)]
    assert [*by["projects"].loc["a", columns]] == [2.0, 2, 1.0]
