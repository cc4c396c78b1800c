"""The ledger of decisions about names."""

from __future__ import annotations

import random
from itertools import combinations
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.errors import InvalidData
from cega_graph.model import Decision
from cega_graph.names.ledger import KnownOrganization, Ledger, read_ledger
from cega_graph.names.normalize import normalize
from cega_graph.tabular import format_rows
from factories import a_decision
from strategies import decision_lists

_NAMES: Final = ("甲会", "乙会", "丙会", "丁会", "戊会", "己会")


def verdicts(decisions: list[Decision]) -> dict[tuple[str, str], str] | None:
    """Return what a ledger of the decisions says of every pair; None if they contradict each other."""
    try:
        ledger = Ledger(decisions)
    except InvalidData:
        return None
    return {pair: ledger.verdict(*pair)[0] for pair in combinations(_NAMES, 2)}


def contradict(decisions: list[Decision]) -> bool:
    """Tell it the slow way: merge sets until nothing changes, then look for a `different` inside one."""
    groups = [{n} for n in _NAMES]
    for one in decisions:
        if one.verdict == "same":
            touched = [g for g in groups if one.name_a in g or one.name_b in g]
            groups = [g for g in groups if g not in touched] + [set().union(*touched)]
    return any(d.verdict == "different" and any({d.name_a, d.name_b} <= g for g in groups) for d in decisions)


@given(decision_lists(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(decisions: list[Decision], chance: random.Random) -> None:
    shuffled = list(decisions)
    chance.shuffle(shuffled)
    assert verdicts(decisions) == verdicts(shuffled)


@given(decision_lists())
def test_contradicting_decisions_are_refused_and_only_they(decisions: list[Decision]) -> None:
    assert contradict(decisions) == (verdicts(decisions) is None)


@given(decision_lists())
def test_a_verdict_is_symmetric_and_kept(decisions: list[Decision]) -> None:
    if contradict(decisions):
        return
    ledger = Ledger(decisions)
    for one in decisions:
        said = ledger.verdict(one.name_a, one.name_b)
        assert said == ledger.verdict(one.name_b, one.name_a)
        assert one.verdict in (said[0], "undecided")


@given(decision_lists())
def test_names_of_one_body_share_key_and_forms(decisions: list[Decision]) -> None:
    if contradict(decisions):
        return
    ledger = Ledger(decisions)
    for a, b in combinations(_NAMES, 2):
        same = ledger.verdict(a, b)[0] == "same"
        assert same == (ledger.body(a) == ledger.body(b)) == (b in ledger.forms(a))


def test_a_difference_holds_for_all_names_of_two_bodies() -> None:
    ledger = Ledger([a_decision("甲会", "乙会"), a_decision("丙会", "丁会"), a_decision("甲会", "丙会", "different")])
    assert ledger.verdict("丁會", "乙 会") == ("different", "ledger: invented")


def test_known_bodies_are_official_and_different() -> None:
    ledger = Ledger(
        [a_decision("甲会", "乙会")], [KnownOrganization(name="乙会", kind="ngo"), KnownOrganization(name="丙会")]
    )
    assert ("乙会", normalize("乙会")) == (getattr(ledger.official("甲会"), "name", ""), ledger.body("甲会"))
    assert ledger.verdict("甲会", "丙会") == ("different", "ledger: names of two different known bodies")
    assert (ledger.holds("丙會"), ledger.holds("丁会"), ledger.official("丁会")) == (True, False, None)


def test_an_empty_ledger_says_nothing() -> None:
    ledger = Ledger()
    assert (ledger.verdict("甲会", "乙会"), ledger.forms("甲会"), ledger.body("甲會")) == (("", ""), ("甲会",), "甲会")


def test_a_folder_without_decisions_is_an_empty_ledger(tmp_path: Path) -> None:
    assert read_ledger(tmp_path).decisions == ()
    (tmp_path / "decisions.csv").write_text(format_rows([a_decision("甲会", "乙会")], Decision), encoding="utf-8")
    assert (a_decision("甲会", "乙会"),) == read_ledger(tmp_path).decisions


def test_a_contradiction_names_the_pair(tmp_path: Path) -> None:
    rows = [a_decision("甲会", "乙会"), a_decision("乙会", "丙会"), a_decision("丙会", "甲会", "different")]
    with pytest.raises(InvalidData) as caught:
        Ledger(rows)
    line = (
        "decisions: '丙会' and '甲会' are decided different, but other decisions make them the same; change one of them"
    )
    assert [line] == caught.value.findings
