"""Labels, what they mean, and how far their lists go."""

from __future__ import annotations

import pytest

from cega_graph.sources.layout import lines_of
from cega_graph.sources.lists import lists_of, parse_label, unknown_label
from cega_graph.vocabulary import roles


@pytest.mark.parametrize(
    ("printed", "expected", "qualifier"),
    [
        ("联合发起方 / 执行方", ("co_initiator", "executor"), ""),
        ("资助对象及执行方", ("grantee", "executor"), ""),
        ("资助对象（2024 年）", ("grantee",), "2024 年"),
        ("资助对象(部分)：", ("grantee",), "部分"),
        ("技术、数据支持", ("supporter",), ""),
        ("主办", ("co_initiator",), ""),
        ("承办", ("executor",), ""),
        ("捐赠方", ("funder",), ""),
        ("受资助方", ("grantee",), ""),
        ("协办", ("partner",), ""),
        ("联合开发与传播", ("co_developer",), ""),
        ("顾问单位", ("adviser",), ""),
    ],
)
def test_a_label_gives_its_roles(printed: str, expected: tuple[str, ...], qualifier: str) -> None:
    label = parse_label(printed)
    assert label is not None
    assert (printed, expected, qualifier) == (label.printed, label.roles, label.qualifier)


@pytest.mark.parametrize("text", ["项目合作方", "本项目的执行方", "合作方“守护荒野”", "", "资助方" * 20, "甲会、乙会"])
def test_what_is_no_label(text: str) -> None:
    assert parse_label(text) is None


def test_every_printed_label_of_the_vocabulary_is_known() -> None:
    printed = {word: role.role for role in roles().values() for word in role.printed}
    assert printed == {word: label.roles[0] for word in printed if (label := parse_label(word)) is not None}


def test_an_unknown_label_is_other() -> None:
    label = unknown_label("培训督导方（试点）")
    assert label is not None
    assert (label.roles, label.qualifier, label.printed) == (("other",), "试点", "培训督导方（试点）")
    assert [unknown_label(t) for t in ("x", "志愿者在岸边，2021年", "青禾公益基金会", "很" * 15)] == [None] * 4


def read(text: str) -> tuple[list[tuple[str, str, list[str]]], list[tuple[str, str]]]:
    """Return (label, section, lines) of the lists below a text and (code, line) of the doubts."""
    lists = lists_of(lines_of(text), frozenset({"项目合作方", "开展的工作"}))
    return (
        [(one.label.printed, one.section, [line.text for line in one.lines]) for one in lists.found],
        [(code, line.text) for code, line, _ in lists.doubts],
    )


def test_a_list_goes_to_the_next_label_section_or_blank_line() -> None:
    found, doubts = read(
        "项目合作方\n\n资助方\n青禾协会、松柏协会、\n云溪协会\n执行方\n麓槐协会\n\n开展的工作\n\n正文。\n"
    )
    assert found == [
        ("资助方", "项目合作方", ["青禾协会、松柏协会、", "云溪协会"]),
        ("执行方", "项目合作方", ["麓槐协会"]),
    ]
    assert doubts == []


def test_lists_stand_in_other_sections_too() -> None:
    found, _ = read("开展的工作\n\n资助方\n青禾协会\n\n正文说了很多。\n")
    assert found == [("资助方", "开展的工作", ["青禾协会"])]


def test_a_caption_is_no_name() -> None:
    found, doubts = read("项目合作方\n\n资助方\n青禾协会、松柏协会\n项目活动 - 中期展示交流\n")
    assert found == [("资助方", "项目合作方", ["青禾协会、松柏协会"])]
    assert doubts == [("after-list", "项目活动 - 中期展示交流")]


def test_a_label_without_a_list_or_with_prose_is_reported() -> None:
    found, doubts = read("项目合作方\n\n资助方\n\n执行方\n通过这个项目我们走访了很多村庄。大家都很高兴。\n")
    assert found == []
    assert [code for code, _ in doubts][:2] == ["empty-label", "label-before-prose"]


def test_an_unknown_label_is_kept_and_reported() -> None:
    found, doubts = read("项目合作方\n\n培训督导方\n青禾协会、松柏协会\n")
    assert found == [("培训督导方", "项目合作方", ["青禾协会、松柏协会"])]
    assert doubts == [("unknown-label", "培训督导方")]


def test_a_list_behind_a_colon_on_the_label_line() -> None:
    assert read("项目合作方\n\n资助方：青禾协会、松柏协会\n")[0] == [("资助方", "项目合作方", ["青禾协会、松柏协会"])]


def test_a_label_on_the_last_line_is_reported() -> None:
    assert read("项目合作方\n\n资助方") == ([], [("empty-label", "资助方")])
