"""One spelling for all spellings of a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.names import normalize as module
from cega_graph.names.normalize import has_han, normalize
from strategies import body_names, printed_names


@given(printed_names)
def test_doing_it_twice_changes_nothing(name: str) -> None:
    once = normalize(name)
    assert once == normalize(once)


@given(body_names())
def test_spaces_width_and_unseen_characters_change_nothing(name: str) -> None:
    spaced = " ".join(name)
    assert [name] * 3 == [normalize(f) for f in (spaced, f"“{name}”", f"\u200b{name[:2]}\ufeff{name[2:]}\u00ad")]


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_of_ascii_names_leads_to_the_same(name: str) -> None:
    assert module._of_ascii(name) == module._of_any(name)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("世界自然基金會 （瑞士） 北京代表处", "世界自然基金会(瑞士)北京代表处"),
        ("SEE 基⾦会", "see基金会"),
        ("⻓江", "长江"),
        ("Merlot  Art Space", "merlot art space"),
        ("《南方周末》", "南方周末"),
        ("基金會(huì)", "基金会"),
        ("绿色•文化・分院", "绿色·文化·分院"),
        ("甲〔乙〕【丙】[丁]", "甲(乙)(丙)(丁)"),
        ("\x00甲\x1f会", "甲会"),
        ("", ""),
    ],
)
def test_what_is_one_spelling(printed: str, expected: str) -> None:
    assert expected == normalize(printed)


def test_han_is_told_from_latin() -> None:
    assert [has_han(t) for t in ("SEE 基金会", "𠀀", "MCF", "かな")] == [True, True, False, False]
