"""Printed dates, and what a date of the tables can mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.dates import earliest, is_date, latest, parse_date
from strategies import iso_dates


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("2018年9月", "2018-09"),
        ("2023 年 10 月", "2023-10"),
        ("2015 年", "2015"),
        ("2015", "2015"),
        ("2017年3月5日", "2017-03-05"),
        ("２０１９年１月", "2019-01"),
        ("2023.10", "2023-10"),
        ("2024/5/31", "2024-05-31"),
        ("2024-05-31", "2024-05-31"),
        ("二〇二〇年三月", "2020-03"),
        ("二零一九年十二月", "2019-12"),
        ("2017年10月至12月", "2017-10/2017-12"),
        ("2017年10月—2018年3月", "2017-10/2018-03"),
        ("2018年3月至2017年10月", ""),
        ("2019年13月", ""),
        ("2023年2月30日", ""),
        ("至今", ""),
        ("", ""),
        ("不详", ""),
        ("18年9月", ""),
        ("3018年", ""),
    ],
)
def test_a_printed_date_keeps_its_own_precision(printed: str, expected: str) -> None:
    assert expected == parse_date(printed)


@given(st.text(max_size=20))
def test_any_text_gives_a_date_or_nothing(printed: str) -> None:
    read = parse_date(printed)
    assert read == "" or is_date(read)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_printed_day_reads_back(day: date) -> None:
    year, month, number = map(int, str(day).split("-"))
    read = (parse_date(f"{year}年{month}月{number}日"), parse_date(f"{year} 年 {month} 月"), parse_date(f"{year}年"))
    assert (str(day), str(day)[:7], str(day)[:4]) == read


@given(iso_dates())
def test_a_date_begins_before_it_ends(stored: str) -> None:
    first, last = earliest(stored), latest(stored)
    assert [is_date(stored), is_date(first), is_date(last)] == [True, True, True]
    assert (len(first), len(last)) == (10, 10)
    assert first <= last


@pytest.mark.parametrize(
    "text", ["", "2018-9", "2018-09/", "/2018", "2019/2018", "0000", "2018-00", "2018年", " 2018", "2018\n"]
)
def test_what_is_no_date_of_the_tables(text: str) -> None:
    assert not is_date(text)
