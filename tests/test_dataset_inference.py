"""The two inference rules, each of their conditions and exceptions."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given

from cega_graph.dataset.inference import infer
from cega_graph.model import Participation
from dataset_strategies import stated_participations
from factories import a_participation


def case(*rows: str) -> list[Participation]:
    """Return the participations of one case, each given as `body role`."""
    parts = [row.split() for row in rows]
    return [a_participation(n, organization_id=body, role=role) for n, (body, role) in enumerate(parts, start=1)]


def said(rows: list[Participation]) -> list[tuple[str, str, str]]:
    """Return (body, role, rule) of what is inferred."""
    return [(row.organization_id, row.role, row.rule) for row in infer(rows)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(["s submitter"], [("s", "funder", "submitter-funds")], id="no funder is stated"),
        pytest.param(
            ["s submitter", "g grantee"], [("s", "funder", "submitter-funds")], id="grantees, but no funder is stated"
        ),
        pytest.param(
            ["s submitter", "t submitter"],
            [("s", "funder", "submitter-funds"), ("t", "funder", "submitter-funds")],
            id="two submitters",
        ),
        pytest.param(
            ["s submitter", "s executor"], [("s", "funder", "submitter-funds")], id="other roles do not hinder"
        ),
        pytest.param(["s submitter", "f funder"], [], id="a funder but no grantee"),
        pytest.param(
            ["s submitter", "f funder", "g grantee"],
            [("s", "intermediary", "submitter-passes-on")],
            id="a funder and a grantee",
        ),
        pytest.param(["s submitter", "s funder", "g grantee"], [], id="the submitter is a stated funder"),
        pytest.param(["s submitter", "f funder", "s grantee"], [], id="the submitter is a stated grantee"),
        pytest.param(
            ["s submitter", "f funder", "g grantee", "s intermediary"], [], id="the submitter is a stated intermediary"
        ),
        pytest.param(
            ["s submitter", "f funder", "g grantee", "s executor"],
            [("s", "intermediary", "submitter-passes-on")],
            id="an executor is not in the money's way",
        ),
        pytest.param(
            ["s submitter", "t submitter", "t funder", "g grantee"],
            [("s", "intermediary", "submitter-passes-on")],
            id="only the submitter that is not stated",
        ),
        pytest.param(["f funder", "g grantee"], [], id="no submitter: a grant file"),
        pytest.param(["s submitter", "s submitter"], [("s", "funder", "submitter-funds")], id="named twice"),
        pytest.param([], [], id="nothing"),
    ],
)  # fmt: skip
def test_the_rules_add_what_the_form_says(rows: list[str], expected: list[tuple[str, str, str]]) -> None:
    """What is inferred of a case, given what it states."""
    assert expected == said(case(*rows))


def test_cases_do_not_mix() -> None:
    """A funder of one case says nothing about another."""
    rows = [*case("s submitter"), a_participation(9, project_id="tiny-2", organization_id="f")]
    assert [(r.project_id, r.organization_id, r.role) for r in infer(rows)] == [("tiny-1", "s", "funder")]


def test_an_inferred_row_points_to_the_place_that_names_the_submitter() -> None:
    """Evidence, label and mention are the submitter's; id, role, basis and rule are its own, the qualifier is not."""
    submitter = a_participation(
        1, role="submitter", basis="header", label="提交机构", qualifier="2024 年", text_start=3, text_end=10
    )
    (inferred,) = infer([submitter])
    assert inferred.participation_id not in {"", submitter.participation_id}
    evidence = ("source_id", "section", "label", "mention", "locator", "text_start", "text_end")
    assert [getattr(inferred, f) for f in evidence] == [getattr(submitter, f) for f in evidence]
    assert (inferred.role, inferred.basis, inferred.rule, inferred.qualifier) == (
        "funder", "inferred", "submitter-funds", "",
    )  # fmt: skip


@given(stated_participations())
def test_inferring_twice_is_inferring_once(rows: list[Participation]) -> None:
    """Rows already inferred change nothing; ids are unique; input rows stay; at most one row a submitter and case."""
    before = list(rows)
    once = list(infer(rows))
    assert once == list(infer([*rows, *once]))
    assert before == rows
    assert all(n == 1 for n in Counter(row.participation_id for row in once).values())
    submitters = {(row.project_id, row.organization_id) for row in rows if row.role == "submitter"}
    assert {(row.project_id, row.organization_id) for row in once} <= submitters


@given(stated_participations())
def test_no_case_with_a_stated_funder_gets_an_inferred_one(rows: list[Participation]) -> None:
    """The first rule speaks only where the case is silent, the second only where it is not."""
    funded = {row.project_id for row in rows if row.role == "funder"}
    granting = {row.project_id for row in rows if row.role == "grantee"}
    for row in infer(rows):
        assert (row.role == "intermediary") == (row.project_id in funded)
        if row.role == "intermediary":
            assert row.project_id in granting
