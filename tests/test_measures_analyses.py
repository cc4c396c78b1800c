"""The analyses, on tables that can be checked by eye."""

from __future__ import annotations

import pandas as pd
import pytest

from cega_graph.errors import UnknownIdentifier
from cega_graph.measures import money
from cega_graph.measures.connections import communities, lookalike_funders, shortest_path
from cega_graph.measures.coverage import by_year, gaps, merged_names, resting_on_inference, roles_by_kind
from cega_graph.measures.money import both_ways, co_funding_pairs, funding_chains, single_funder, totals


def rows(*cells: str) -> pd.DataFrame:
    """Return participations, each given as `project body role`, inferred with a fourth word."""
    split = [cell.split() for cell in cells]
    return pd.DataFrame({
        "participation_id": [f"p{n}" for n in range(len(split))], "project_id": [c[0] for c in split],
        "organization_id": [c[1] for c in split], "role": [c[2] for c in split],
        "basis": ["inferred" if len(c) > 3 else "listed" for c in split], "grant_id": "", "mention": "",
        "rule": [c[3] if len(c) > 3 else "" for c in split],
    })  # fmt: skip


PROJECTS = pd.DataFrame({
    "project_id": ["1", "2", "3"], "theme": ["T", "U", "T"], "region": ["320900;330100", "110101", ""],
    "start_date": ["2020-03", "2022", ""],
})  # fmt: skip
ROWS = rows(
    "1 a funder", "1 b funder", "1 m intermediary rule", "1 c grantee", "2 a funder", "2 b funder rule", "2 m grantee",
    "2 d executor", "3 e funder", "3 d executor",
)  # fmt: skip


def test_co_funding_pairs() -> None:
    assert co_funding_pairs(ROWS, PROJECTS).to_dict("records") == [
        {"funder_a": "a", "funder_b": "b", "n_projects": 2, "project_ids": "1;2", "themes": "T;U", "stated": True}
    ]


def test_bodies_that_give_and_receive() -> None:
    """An intermediary does both in one project, by what it is."""
    assert both_ways(ROWS).to_dict("records") == [
        {"organization_id": "m", "roles": "grantee;intermediary", "gives_in": "1", "receives_in": "1;2",
         "same_project": True, "stated": False}
    ]  # fmt: skip
    apart = rows("1 a funder", "1 c grantee", "2 c funder", "2 d grantee")
    assert both_ways(apart).to_numpy().tolist() == [["c", "funder;grantee", "2", "1", False, True]]


def test_chains_name_their_carrier_and_the_missing_link() -> None:
    chains = [tuple(c) for c in funding_chains(ROWS).to_numpy().tolist()]
    assert chains == [
        ("1", "a", "m", "", "c", "grantee", False, ""),
        ("1", "b", "m", "", "c", "grantee", False, ""),
        ("2", "a", "", "", "m", "grantee", True, ""),
        ("2", "b", "", "", "m", "grantee", False, ""),
        ("3", "e", "", "", "d", "executor", True, ""),
        ("2", "a", "m", "1", "c", "grantee", False, "passing on"),
        ("2", "b", "m", "1", "c", "grantee", False, "passing on"),
    ]
    assert funding_chains(rows("9 a funder"))["broken"].tolist() == ["carrier"]
    assert funding_chains(rows("9 m intermediary", "9 c grantee"))["broken"].tolist() == ["source"]


def test_a_chain_over_two_projects_holds_only_where_a_regrant_shows_it() -> None:
    """Grant g2, which m gives in project 2, is made of g1, which m got in project 1."""
    passed = rows("1 a funder", "1 m grantee", "2 m funder", "2 c grantee", "3 m funder", "3 d grantee")
    passed["grant_id"] = ["g1", "g1", "g2", "g2", "g3", "g3"]
    grants = pd.DataFrame({"grant_id": ["g1", "g2", "g3"], "regrant_of": ["", "g1", ""]})
    chains = funding_chains(passed, grants)
    over = chains[chains["onward_project_id"] != ""]
    assert over.to_numpy().tolist() == [
        ["1", "a", "m", "2", "c", "grantee", True, ""],
        ["1", "a", "m", "3", "d", "grantee", True, "passing on"],
    ]


def test_of_too_many_chains_over_two_projects_those_stay_that_a_regrant_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the answer says so, in place of its caveat."""
    passed = rows("1 a funder", "1 m grantee", "2 m funder", "2 c grantee", "3 m funder", "3 d grantee")
    passed["grant_id"] = ["g1", "g1", "g2", "g2", "g3", "g3"]
    grants = pd.DataFrame({"grant_id": ["g1", "g2", "g3"], "regrant_of": ["", "g1", ""]})
    whole = funding_chains(passed, grants)
    assert (len(whole), whole.attrs["only_shown"]) == (5, False)
    for most, only_shown in ((2, False), (1, True)):
        monkeypatch.setattr(money, "_MOST_CHAINS", most)
        found = funding_chains(passed, grants)
        assert found.attrs["only_shown"] is only_shown
        kept = whole[(not only_shown) | (whole["onward_project_id"] == "") | (whole["broken"] == "")]
        pd.testing.assert_frame_equal(found, kept.reset_index(drop=True))
    assert funding_chains(passed)["onward_project_id"].eq("").all()


def test_single_funders() -> None:
    """A person, and a phrase for many, are no bodies that could depend."""
    alone = rows("1 a funder", "1 c grantee", "2 a funder", "2 c grantee", "2 d grantee", "3 b funder", "3 d grantee",
                 "1 g grantee", "1 p grantee")  # fmt: skip
    bodies = pd.DataFrame({
        "organization_id": [*"abcdgp"], "kind": ["foundation", "foundation", "ngo", "ngo", "group", "person"]
    })  # fmt: skip
    assert single_funder(alone, bodies).to_dict("records") == [
        {"organization_id": "c", "funder_id": "a", "n_projects": 2, "stated": True}
    ]


def test_totals_add_neither_currencies_nor_regrants_nor_conflicts() -> None:
    """Unknown amounts are counted, a correction (a negative amount) is added."""
    cells = [
        ("g1", 100.0, "CNY", "", "", "2020"), ("g2", 40.0, "CNY", "g1", "", "2021"), ("g3", None, "CNY", "", "", ""),
        ("g4", 7.0, "USD", "", "", "1899"), ("g5", 9.0, "USD", "", "g6", "2020"), ("g6", 8.0, "USD", "", "", "2020"),
        ("g7", -10.0, "CNY", "", "", "2020"),
    ]  # fmt: skip
    grants = pd.DataFrame(cells, columns=["grant_id", "amount", "currency", "regrant_of", "conflicts_with", "date"])
    grants = grants.assign(amount=grants["amount"].astype("Float64"), project_id="1", type="award", approximate=False)
    shown = totals(grants, PROJECTS, ROWS).drop(columns=["group", "type"])
    assert shown.astype("object").where(shown.notna(), None).to_numpy().tolist() == [
        ["", 0, None, None, 2, 0, 0], ["CNY", 4, 130.0, 90.0, 1, 0, 0], ["USD", 3, 7.0, 7.0, 0, 0, 2],
    ]  # fmt: skip
    years = totals(grants, PROJECTS, ROWS, by="year")
    assert years.loc[years["n_grants"] > 0, ["group", "currency", "net"]].to_numpy().tolist() == [
        ["1899", "USD", 7.0], ["2020", "CNY", 90.0], ["2020", "USD", 0.0], ["2021", "CNY", 0.0],
    ]  # fmt: skip
    silent = years[years["n_grants"] == 0]
    assert silent[["group", "n_unknown"]].to_numpy().tolist() == [["", 1], ["2022", 1]]


def test_totals_by_funder_count_a_joint_grant_once() -> None:
    joint = rows("1 a funder", "1 b funder", "1 c grantee").assign(grant_id="g1")
    grants = pd.DataFrame({
        "grant_id": ["g1"], "project_id": ["1"], "type": ["award"], "currency": ["CNY"], "date": [""],
        "regrant_of": [""],
        "conflicts_with": [""], "approximate": [True], "amount": pd.array([5.0], dtype="Float64"),
    })  # fmt: skip
    shown = totals(grants, PROJECTS, joint, by="funder")
    assert shown[["group", "n_grants", "n_unknown", "n_approximate"]].to_numpy().tolist() == [
        ["", 0, 2, 0],
        ["a;b", 1, 0, 1],
    ]


def test_gaps_are_of_three_states() -> None:
    sources = pd.DataFrame({"coverage_themes": ["T;U"], "coverage_regions": ["11;32"]})
    assert gaps(PROJECTS, ROWS, sources).to_numpy().tolist() == [
        ["T", "11", 0, 0, 0, "none"], ["T", "32", 1, 2, 2, "recorded"], ["T", "33", 1, 2, 2, "recorded"],
        ["U", "11", 1, 2, 1, "recorded"], ["U", "32", 0, 0, 0, "none"], ["U", "33", 0, 0, 0, "not covered"],
    ]  # fmt: skip


def test_years_count_what_is_new_and_undated_ones_apart() -> None:
    frame = by_year(PROJECTS, ROWS)
    assert frame.astype("object").where(frame.notna(), None).to_numpy().tolist() == [
        [2020, 1, 4, 2, 2, 0], [2021, 0, 0, 0, 0, 0], [2022, 1, 1, 0, 2, 2], [None, 1, 1, 1, 0, 1],
    ]  # fmt: skip


def test_what_a_rule_added() -> None:
    assert resting_on_inference(ROWS)[["project_id", "organization_id", "role", "rule"]].to_numpy().tolist() == [
        ["1", "m", "intermediary", "rule"], ["2", "b", "funder", "rule"],
    ]  # fmt: skip


def test_names_and_what_decided_them() -> None:
    """A decision counts over any other name of the body; a translation that nobody decided is none."""
    names = pd.DataFrame({
        "organization_id": ["a", "a", "a", "a", "b"], "name": ["甲", "甲基金", "A", "甲（基金）", "B"],
        "status": ["official", "short", "translation", "variant", "translation"],
    })  # fmt: skip
    decisions = pd.DataFrame({
        "name_a": ["A", "甲基金", "甲基金"], "name_b": ["甲", "甲", "B"], "verdict": ["same", "same", "different"],
        "decided_by": ["Li", "source", "Li"], "decided_on": ["2026-01-31", "", ""],
        "basis": ["its own English name", "stated in the text", "two bodies"],
    })  # fmt: skip
    bodies = pd.DataFrame({"organization_id": ["a", "b"], "name": ["甲", "乙"]})
    assert merged_names(names, decisions, bodies).to_numpy().tolist() == [
        ["a", "A", "甲", "translation", "Li", "2026-01-31", "its own English name"],
        ["a", "甲基金", "甲", "short", "source", "", "stated in the text"],
        ["a", "甲（基金）", "甲", "variant", "", "", ""],
    ]


def test_shortest_paths_prefer_what_is_stated() -> None:
    found = shortest_path(ROWS, "c", "e")
    assert found[["from_id", "project_id", "to_id", "basis"]].to_numpy().tolist() == [
        ["c", "1", "a", "stated"], ["a", "2", "d", "stated"], ["d", "3", "e", "stated"],
    ]  # fmt: skip
    assert shortest_path(rows("1 a funder", "2 b funder"), "a", "b").empty
    assert shortest_path(ROWS, "a", "a").empty
    pd.testing.assert_frame_equal(shortest_path(ROWS.sample(frac=1, random_state=2), "c", "e"), found)


def test_funders_of_bodies_alike() -> None:
    bodies = pd.DataFrame({"organization_id": [*"abcdem"], "kind": ["foundation"] * 2 + ["ngo"] * 2 + ["x"] * 2})
    found = lookalike_funders(ROWS, PROJECTS, bodies, "c")
    assert found.to_numpy().tolist() == [["e", 1, "d", True, False, True]]


@pytest.mark.parametrize("order", [None, 1, 2])
def test_circles_are_a_consensus(order: int | None) -> None:
    """Two triangles joined by one link; the order of rows changes nothing."""
    two = rows("1 a x", "1 b x", "2 b x", "2 c x", "3 a x", "3 c x", "4 c x", "4 d x", "5 d x", "5 e x", "6 e x",
               "6 f x", "7 d x", "7 f x")  # fmt: skip
    bodies = pd.DataFrame({"organization_id": [*"abcdef"], "kind": "ngo"})
    found = communities(two if order is None else two.sample(frac=1, random_state=order), bodies)
    circle = [[1, b, 1.0] for b in "abc"] + [[2, b, 1.0] for b in "def"]
    assert found[["community", "organization_id", "agreement"]].to_numpy().tolist() == circle
    assert found.attrs["agreement"] == 1.0


def test_a_circle_says_how_many_cases_it_rests_on() -> None:
    """Case 3 alone joins c and d, a and b meet in two; with a single case nothing can be left out."""
    bodies = pd.DataFrame({"organization_id": [*"abcd"], "kind": "ngo"})
    found = communities(rows("1 a x", "1 b x", "2 a x", "2 b x", "3 c x", "3 d x"), bodies)
    assert found[["organization_id", "n_cases", "left_out"]].to_numpy().tolist() == [
        ["a", 2, 1.0], ["b", 2, 1.0], ["c", 1, 1.0], ["d", 1, 1.0],
    ]  # fmt: skip
    alone = communities(rows("1 a x", "1 b x"), bodies)
    assert alone["n_cases"].tolist() == [1, 1]
    assert alone["left_out"].isna().all()


def test_a_circle_that_falls_apart_without_a_case_says_so() -> None:
    """Without case 9, a chain b-a-c-d is left, which falls into two pairs."""
    pairs = rows("1 a x", "1 b x", "2 c x", "2 d x", "8 a x", "8 c x", "9 a x", "9 b x", "9 c x", "9 d x")
    bodies = pd.DataFrame({"organization_id": [*"abcd"], "kind": "ngo"})
    found = communities(pairs, bodies)
    assert found["community"].tolist() == [1, 1, 1, 1]
    assert found["n_cases"].tolist() == [3, 2, 3, 2]
    assert found["left_out"].round(3).tolist() == [0.333, 0.333, 0.333, 0.333]


def test_frames_without_rows_keep_their_types() -> None:
    """What is combined with others later must not turn numbers or truth into something else."""
    nothing = rows("1 a funder")
    bodies = pd.DataFrame({"organization_id": ["a"], "kind": ["f"]})
    assert both_ways(nothing).dtypes.astype(str).to_dict()["same_project"] == "bool"
    assert communities(nothing, bodies).dtypes.astype(str).tolist() == ["int64", "str", "float64", "int64", "float64"]


def test_totals_by_something_else_are_refused() -> None:
    with pytest.raises(UnknownIdentifier, match=r"^by 'place' is not known; there are currency, funder, theme, year$"):
        totals(pd.DataFrame(), PROJECTS, ROWS, by="place")


def test_roles_by_kind_count_a_role_once_a_project() -> None:
    """A role both stated and inferred is stated; groups count like all others; kinds without a role are left out."""
    given = rows("1 a funder", "1 a funder rule", "2 a funder rule", "2 b funder", "1 c grantee", "1 g grantee")
    bodies = pd.DataFrame({"organization_id": ["a", "b", "c", "g", "x"], "kind": ["f", "f", "n", "group", "media"]})
    assert roles_by_kind(given, bodies).to_numpy().tolist() == [
        ["f", "funder", 3, 1, 2, 2],
        ["group", "grantee", 1, 0, 1, 1],
        ["n", "grantee", 1, 0, 1, 1],
    ]
