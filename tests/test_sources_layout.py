"""Lines, cases and their headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.sources.layout import cases_of, lines_of, section_names
from factories import TINY_BOOK


@given(st.text(st.sampled_from("甲乙 \t\u3000\r\n\f\v\u2028"), max_size=40))
def test_a_line_is_its_slice_of_the_text(text: str) -> None:
    lines = lines_of(text)
    assert [line.text for line in lines] == [text[line.start : line.end] for line in lines]
    assert [s.strip() for s in text.splitlines() if s.strip()] == [line.text for line in lines]


def test_blank_lines_are_seen_with_any_line_end() -> None:
    for end in ("\n", "\r\n", "\r", "\f"):
        assert [(line.text, line.follows_blank) for line in lines_of(end.join(["甲", "乙", "", "丙"]))] == [
            ("甲", True),
            ("乙", False),
            ("丙", True),
        ]


def test_the_table_of_contents_is_no_case() -> None:
    cases = cases_of(lines_of(TINY_BOOK))
    read = [(c.number, c.heading, {k: f.value for k, f in c.fields.items()}) for c in cases]
    assert read == [
        (
            "1",
            "候鸟归来",
            {"submitter": "候鸟公益基金会", "theme": "生物多样性保护", "start": "2023年4月", "end": "2024 年"},
        ),
        ("2", "清水同行", {"submitter": "清水公益基金会", "theme": "气候变化减缓与适应", "start": "2022 年"}),
    ]


@pytest.mark.parametrize(
    ("heading", "number", "title"),
    [
        ("7 一个案例", "7", "一个案例"),
        ("7) 一个案例", "7", "一个案例"),
        ("（7）一个案例", "7", "一个案例"),
        ("７．一个案例", "7", "一个案例"),
        ("案例7：一个案例", "7", "一个案例"),
        ("7\n一个案例", "7", "一个案例"),
        ("7\n\n一个长长的案例\n分在两行", "7", "一个长长的案例 分在两行"),
        ("7 一个长长的\n案例", "7", "一个长长的 案例"),
        ("一个案例", "", "一个案例"),
    ],
)
def test_headings_vary(heading: str, number: str, title: str) -> None:
    (case,) = cases_of(lines_of(f"书名\n\n前言\n\n{heading}\n\n提交机构\t甲会\n开始时间\t2022\n\n正文\n"))
    assert (number, title) == (case.number, case.heading)


def test_a_header_on_one_line_or_with_colons_is_one() -> None:
    for header in (
        "提交机构\t甲会\t开始时间\t2022",
        "提交机构：甲会\n开始时间：2022",
        "提交机构  甲会  开始时间  2022",
    ):
        (case,) = cases_of(lines_of(f"1 案例\n\n{header}\n"))
        assert {k: f.value for k, f in case.fields.items()} == {"submitter": "甲会", "start": "2022"}


def test_a_sentence_about_submitters_is_no_header() -> None:
    assert cases_of(lines_of("1 案例\n\n提交机构应当说明情况。\n各提交机构\t甲会\n")) == []


def test_a_heading_between_blank_lines_in_many_cases_is_a_section() -> None:
    case = "\n{0} 案例{0}\n\n提交机构\t甲会\n开始时间\t2022\n\n独特小节\n\n正文说了很多。\n"
    cases = cases_of(lines_of("".join(case.format(n) for n in range(1, 5))))
    assert "独特小节" in section_names(cases, {})
    assert "独特小节" not in section_names(cases, {"独特小节": True})
    assert "独特小节" not in section_names(cases[:2], {})
