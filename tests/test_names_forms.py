"""What the form of a name tells."""

from __future__ import annotations

import pytest
from hypothesis import given

from cega_graph.names.forms import infer_kind, is_complete, is_group, is_person_name, region_of, take_apart
from cega_graph.names.normalize import normalize
from cega_graph.vocabulary import kinds
from strategies import body_names, printed_names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("青禾公益基金会", "foundation"),
        ("青禾县生态环境局", "government"),
        ("青禾科技有限公司", "company"),
        ("世界自然基金会(瑞士)北京代表处", "ngo"),
        ("全国各地湿地类型保护地", "group"),
        ("中小学校", "group"),
        ("20余家社会组织", "group"),
        ("柯小国", "person"),
        ("果壳", "other"),
        ("", "other"),
    ],
)
def test_the_form_tells_the_kind(name: str, kind: str) -> None:
    assert kind == infer_kind(name)[0]


@given(printed_names)
def test_every_name_has_a_kind_of_the_vocabulary_and_a_rule(name: str) -> None:
    kind, rule = infer_kind(normalize(name))
    assert kind in kinds()
    assert (kind == "other" and not rule) or bool(rule)


@given(body_names())
def test_the_parts_of_a_name_make_the_name(name: str) -> None:
    parts = take_apart(name)
    assert name == parts.place + parts.core + parts.form
    assert [is_complete(name), is_group(name), is_person_name(name)] == [True, False, False]


@pytest.mark.parametrize("name", ["微公益", "自然之友", "国家林业和草原局", "一个地球自然基金会", "登山和登山环保协会"])
def test_one_body_is_no_group(name: str) -> None:
    assert not is_group(name)


def test_the_country_is_no_region() -> None:
    assert [region_of(n) for n in ("厦门市雎鸠研究中心", "中国海洋发展基金会", "果壳")] == ["350200", "", ""]
