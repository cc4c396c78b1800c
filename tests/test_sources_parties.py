"""The text of a list → parties; nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.sources.layout import lines_of
from cega_graph.sources.parties import Party, read_list, read_name
from cega_graph.sources.splitting import is_tail
from cega_graph.sources.text import unbroken
from strategies import SEPARATORS, body_names, wild_lists


def names(text: str) -> list[str]:
    """Return the printed names of a list, without the line breaks in them."""
    return [unbroken(text[p.start : p.end]) for p in read_list(lines_of(text)).parties]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("青禾协会、松柏协会，云溪协会；麓槐协会", ["青禾协会", "松柏协会", "云溪协会", "麓槐协会"]),
        ("无忧云自然学堂 卢小辉", ["无忧云自然学堂", "卢小辉"]),
        ("Merlot Art Space、360 公益、阿拉善 SEE 公益机构", ["Merlot Art Space", "360 公益", "阿拉善 SEE 公益机构"]),
        ("陕\n西定边宇君社区文化服务中心、松柏协会", ["陕西定边宇君社区文化服务中心", "松柏协会"]),
        ("青禾协会、\n松柏协会", ["青禾协会", "松柏协会"]),
        ("青禾协会、松柏协会等", ["青禾协会", "松柏协会"]),
        ("青禾协会、松柏协会等。", ["青禾协会", "松柏协会"]),
        ("青禾协会、松柏协会等5家机构", ["青禾协会", "松柏协会"]),
        ("青禾大学、松柏大学等科研院所", ["青禾大学", "松柏大学"]),
        ("青禾县登山和登山环保协会", ["青禾县登山和登山环保协会"]),
        ("江苏、广东、广西、海南等滨海地方政府、保护区", ["江苏、广东、广西、海南等滨海地方政府", "保护区"]),
        ("世界自然基金会（瑞士）北京代表处", ["世界自然基金会（瑞士）北京代表处"]),
        ("青禾（上海）环保科技有限公司（青禾环保）", ["青禾（上海）环保科技有限公司"]),
    ],
)  # fmt: skip
def test_a_list_is_split_into_names(text: str, expected: list[str]) -> None:
    assert expected == names(text)


def only(text: str) -> Party:
    """Return the one party of a list."""
    (party,) = read_list(lines_of(text)).parties
    return party


def test_what_print_adds_to_a_name() -> None:
    assert ((p := only("卢小辉（个人）")).qualifier, p.is_person) == ("个人", True)
    assert only("柳州市青禾协会项目").qualifier == "项目"
    alias = only("松柏云溪公益基金会（QXW）").aliases[0]
    assert (alias.name, alias.start, alias.end, alias.former) == ("QXW", 10, 13, False)
    former = only("松柏云溪公益基金会（原名青禾基金会）").aliases[0]
    assert (former.name, former.former) == ("青禾基金会", True)
    assert only("全国各地湿地类型保护地").is_group


def test_a_left_out_parent_is_put_back() -> None:
    parties = read_list(lines_of("北京林业大学园林学院、艺术设计学院")).parties
    assert [p.name for p in parties] == ["", "北京林业大学艺术设计学院"]
    assert "restored-parent" in parties[1].notes


@given(
    st.lists(body_names(), min_size=1, max_size=12),
    st.sampled_from(SEPARATORS),
    st.sampled_from(["", "等", "等。", "。"]),
)
def test_whole_names_come_back_in_order(printed: list[str], separator: str, tail: str) -> None:
    assert printed == names(separator.join(printed) + tail)


_BETWEEN = frozenset("、，；,;。．.|｜“”「」：: \t\u3000\xa0\n\r\f\v")


def loss(text: str) -> list[str]:
    """Return what a reading of a list loses or claims twice; empty if every character is accounted for once."""
    lines = lines_of(text)
    reading = read_list(lines)
    everything = {o for line in lines for o in range(line.start, line.end)}
    rows = [set(range(p.start, p.end)) & everything for p in reading.parties]
    between = [set(range(*span)) & everything for span in reading.separators]
    noted = [set(range(*span)) & everything for span in reading.unplaced]
    claimed = [o for group in (*rows, *between, *noted) for o in group]
    return [f"{o}: {text[o]!r}" for o in sorted(everything) if claimed.count(o) != 1]


@given(wild_lists)
def test_every_character_goes_to_a_party_a_separator_or_a_note(text: str) -> None:
    assert loss(text) == [] or not lines_of(text)


@given(st.lists(body_names(), min_size=1, max_size=6), st.sampled_from(SEPARATORS))
def test_what_lies_between_whole_names_is_separators(printed: list[str], separator: str) -> None:
    text = separator.join(printed) + "等。"
    reading = read_list(lines_of(text))
    between = [text[start:end] for start, end in reading.separators]
    assert [*[separator] * (len(printed) - 1), "等。"] == between
    assert reading.unplaced == ()


@given(wild_lists)
def test_offsets_lie_in_the_text_and_in_order(text: str) -> None:
    if not lines_of(text):
        return
    for party in read_list(lines_of(text)).parties:
        assert 0 <= party.start < party.end <= len(text)
        assert all(0 <= a.start < a.end <= len(text) for a in party.aliases)


def test_tails() -> None:
    assert [is_tail(t) for t in ("5家机构", "科研院所", "", "红树林中心")] == [True, True, True, False]


def test_a_header_field_may_name_two() -> None:
    text = "提交机构\t 青禾协会、松柏协会 "
    assert [text[p.start : p.end] for p in read_name(text, 5, len(text)).parties] == ["青禾协会", "松柏协会"]
