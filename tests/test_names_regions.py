"""Places in names."""

from __future__ import annotations

import pytest
from hypothesis import given

from cega_graph.names.normalize import normalize
from cega_graph.names.regions import are_apart, is_country, is_place, leading_place
from strategies import printed_names


@pytest.mark.parametrize(
    ("name", "code", "printed"),
    [
        ("北京市东城区三正社工事务所", "110101", "北京市东城区"),
        ("湖北省长江生态保护基金会", "420000", "湖北省"),
        ("芜湖青野", "340200", "芜湖"),
        ("中国海洋发展基金会", "100000", "中国"),
        ("内蒙古自治区环境协会", "150000", "内蒙古自治区"),
    ],
)
def test_a_name_begins_with_its_place(name: str, code: str, printed: str) -> None:
    place = leading_place(name)
    assert place is not None
    assert (code, printed) == (place.code, place.printed)


@pytest.mark.parametrize("name", ["中山大学", "阿拉善see公益机构", "绿色江南", "mcf", ""])
def test_a_brand_or_common_word_is_no_place(name: str) -> None:
    assert leading_place(name) is None


@given(printed_names)
def test_a_place_is_what_the_name_begins_with(name: str) -> None:
    text = normalize(name)
    place = leading_place(text)
    assert place is None or text.startswith(place.printed)


@pytest.mark.parametrize(
    ("code_a", "code_b", "apart"),
    [("440000", "440300", False), ("110000", "440300", True), ("100000", "110000", True), ("440300", "440303", False),
     ("440300", "440400", True), ("100000", "100000", False)],
)  # fmt: skip
def test_places_are_apart_if_neither_lies_in_the_other(code_a: str, code_b: str, apart: bool) -> None:  # noqa: FBT001
    assert (apart, apart) == (are_apart(code_a, code_b), are_apart(code_b, code_a))


def test_places_and_countries() -> None:
    assert [is_place(t) for t in ("江苏", "盐城市", "江苏省林业局", "中国")] == [True, True, False, False]
    assert [is_country(t) for t in ("老挝", "江苏")] == [True, False]
