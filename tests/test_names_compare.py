"""Two names: same, different or undecided. A wrong `same` is the worst error there is."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given

from cega_graph.errors import InvalidData
from cega_graph.model import Decision
from cega_graph.names.compare import alias_in_bracket, compare, is_name_bracket, is_subsequence
from cega_graph.names.ledger import Ledger
from factories import a_decision
from strategies import body_names, decision_lists, printed_names, short_names

_FILE: Final = Path(__file__).parent / "data" / "name-pairs.csv"
_SAME_BY_THE_LEDGER: Final = {("红树林基金会", "深圳市红树林湿地保护基金会")}
"""Labelled undecided, because a stranger cannot know it; the bundled ledger does know whose brand it is."""

_VARIANTS_LEFT_OPEN: Final = {
    ("北京市第80中学", "北京市第八十中学"),  # numerals are compared for vetoes only
    ("北京市第一〇一中学", "北京市第一零一中学"),
    ("普华永道中天会计师事务所（特殊普通合伙）", "普华永道中天会计师事务所"),  # the legal form is in no list
}


def labelled_pairs() -> list[dict[str, str]]:
    """Return the labelled pairs."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(params=["no ledger", "bundled ledger"])
def ledger(request: pytest.FixtureRequest, bundled_ledger: Ledger) -> Ledger:
    """Return an empty ledger, then the bundled one."""
    return Ledger() if request.param == "no ledger" else bundled_ledger


def test_there_are_labelled_pairs_of_each_class() -> None:
    pairs = labelled_pairs()
    assert len(pairs) >= 515
    assert {"same", "different", "undecided"} == {p["label"] for p in pairs}


def test_no_labelled_pair_is_wrongly_the_same(ledger: Ledger) -> None:
    said = {
        (p["name_a"], p["name_b"])
        for p in labelled_pairs()
        if p["label"] != "same" and compare(p["name_a"], p["name_b"], ledger).verdict == "same"
    }
    assert (_SAME_BY_THE_LEDGER if ledger.decisions else set()) == said


def test_script_variants_are_the_same_but_for_the_known_ones(ledger: Ledger) -> None:
    left = {
        (p["name_a"], p["name_b"]): compare(p["name_a"], p["name_b"], ledger).verdict
        for p in labelled_pairs()
        if p["class"] == "script-variant"
    }
    assert dict.fromkeys(_VARIANTS_LEFT_OPEN, "undecided") == {p: v for p, v in left.items() if v != "same"}


def test_few_labelled_pairs_are_wrongly_different(ledger: Ledger) -> None:
    """A veto may hit a renaming that no source states; it must stay rare."""
    wrong = [
        p
        for p in labelled_pairs()
        if p["label"] == "same" and compare(p["name_a"], p["name_b"], ledger).verdict == "different"
    ]
    assert len(wrong) <= 8
    assert {"rename", "typo", "alias-known"} >= {p["class"] for p in wrong}


def test_the_order_of_two_names_does_not_matter(ledger: Ledger) -> None:
    asymmetric = [
        (p["name_a"], p["name_b"])
        for p in labelled_pairs()
        if compare(p["name_a"], p["name_b"], ledger).verdict != compare(p["name_b"], p["name_a"], ledger).verdict
    ]
    assert asymmetric == []


@pytest.mark.parametrize(
    ("name_a", "name_b"),
    [
        ("阿里巴巴公益基金会", "阿里公益"),
        ("阿里公益", "支付宝公益"),
        ("SEE 基金会", "阿拉善 SEE 公益机构"),
        ("腾讯公益", "腾讯"),
        ("北京林业大学", "北京林业大学园林学院"),
        ("北京林业大学园林学院", "北京林业大学艺术设计学院"),
        ("南京大学", "南京大学（溧水）生态环境研究院"),
        ("国家林业和草原局", "国家林业和草原局林草调查规划院"),
        ("北京市协作者社会工作发展中心", "珠海市协作者社会工作教育推广中心"),
        ("湖北省长江生态保护基金会", "湖北省湿地保护基金会"),
        ("爱德基金会突发危机响应专项", "爱德基金会"),
        ("绿益计划", "绿缘计划"),
        ("果壳自然", "果壳"),
    ],
)
def test_look_alikes_of_the_guideline_are_not_the_same(name_a: str, name_b: str, ledger: Ledger) -> None:
    assert compare(name_a, name_b, ledger).verdict != "same"


@given(printed_names, printed_names)
def test_any_two_names_compare_the_same_both_ways(name_a: str, name_b: str) -> None:
    one, other = compare(name_a, name_b, Ledger()), compare(name_b, name_a, Ledger())
    assert one.verdict == other.verdict
    assert one.verdict in {"same", "different", "undecided"}
    assert one.reason
    assert other.reason


@given(decision_lists(), short_names, short_names)
def test_the_ledger_decides_both_ways(decisions: list[Decision], name_a: str, name_b: str) -> None:
    try:
        ledger = Ledger(decisions)
    except InvalidData:
        return
    said = ledger.verdict(name_a, name_b)[0]
    verdicts = {compare(name_a, name_b, ledger).verdict, compare(name_b, name_a, ledger).verdict}
    assert len(verdicts) == 1
    assert name_a == name_b or not said or {said} == verdicts


@given(body_names(), body_names())
def test_different_spellings_without_a_reason_are_never_the_same(name_a: str, name_b: str) -> None:
    verdict = compare(name_a, name_b, Ledger()).verdict
    assert (name_a == name_b) == (verdict == "same")


@given(body_names())
def test_a_bracket_behind_a_name_states_an_alias(name: str) -> None:
    printed = f"{name}（QXW）"
    assert [compare(printed, n, Ledger()).verdict for n in (name, "QXW", "QXV")] == ["same", "same", "undecided"]


@pytest.mark.parametrize(("name_a", "name_b"), [("", "甲会"), ("", ""), (" ", "\u200b"), ("“”", "甲会")])
def test_an_empty_name_is_undecided(name_a: str, name_b: str) -> None:
    assert (compare(name_a, name_b, Ledger()).verdict, compare(name_a, name_b, Ledger()).reason) == (
        "undecided",
        "a name is empty",
    )


@pytest.mark.parametrize(
    ("name_a", "name_b", "verdict"),
    [
        ("第一百零一中学", "第101中学", "undecided"),
        ("第8十中学", "第八十一中学", "different"),
        ("第1百小学", "第2小学", "different"),
        ("第〇一中学", "第0一中学", "undecided"),
        ("0", "\ua8d0", "undecided"),
        ("\u0663会", "4会", "undecided"),
    ],
)
def test_numbers_in_any_digits_are_compared(name_a: str, name_b: str, verdict: str) -> None:
    assert [verdict] * 2 == [compare(a, b, Ledger()).verdict for a, b in ((name_a, name_b), (name_b, name_a))]


def test_a_persons_name_twice_is_undecided() -> None:
    assert compare("柯小国", "柯小国", Ledger()).verdict == "undecided"


def test_a_decision_comes_before_a_veto() -> None:
    ledger = Ledger([a_decision("青禾市甲乙丙协会", "青禾市甲乙丙基金会")])
    expected = ["different", "same"]
    assert expected == [compare("青禾市甲乙丙协会", "青禾市甲乙丙基金會", one).verdict for one in (Ledger(), ledger)]


@pytest.mark.parametrize(
    ("bracket", "name", "alias"),
    [
        ("mcf", "红树林基金会", "mcf"),
        ("以下简称甲乙", "甲丙乙协会", "甲乙"),
        ("个人", "柯小国", ""),
        ("瑞士", "世界自然基金会", ""),
        ("2024年", "甲丙乙协会", ""),
        ("原名:甲会", "甲丙乙协会", "甲会"),
        ("甲乙", "甲丙乙协会", "甲乙"),
        ("第二期", "甲丙乙协会", ""),
    ],
)
def test_what_a_bracket_states(bracket: str, name: str, alias: str) -> None:
    assert alias == alias_in_bracket(bracket, name)


def test_brackets_of_a_registered_name_and_subsequences() -> None:
    assert [is_name_bracket(b) for b in ("溧水", "美国", "个人")] == [True, True, False]
    assert [is_subsequence(*p) for p in (("民促会", "民间促进会"), ("促民", "民促会"), ("", "x"))] == [
        True,
        False,
        True,
    ]
