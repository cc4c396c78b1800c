"""The form of a name: its form word, its kind, and phrases that name no single body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.regions import is_place, leading_place
from cega_graph.vocabulary import NameForm, name_forms, reading_words

_TRAILING_BRACKET: Final = re.compile(r"\(([^()]*)\)$")
_REGISTERED: Final = frozenset({
    "基金会", "慈善会", "协会", "学会", "研究会", "促进会", "联合会", "联谊会", "商会", "总会", "中心", "事务所",
    "律师事务所", "会计师事务所", "设计事务所", "代表处", "服务社", "研究所", "研究院", "科学院", "规划院", "设计院",
    "设计研究院", "大学", "学院", "公司", "集团", "银行", "合作社", "局", "厅", "委员会", "街道办事处", "法院",
    "医院", "博物馆", "博物院", "图书馆", "美术馆", "科技馆", "植物园", "动物园", "出版社", "电视台", "杂志", "林场",
    "中学", "小学", "幼儿园", "学校", "使馆", "管委会", "队", "站", "会",
})  # fmt: skip
"""Families of form words that end a complete name; the others (社区, 项目, 公益, 行动 …) may stand inside one."""


_SINGLE: Final = frozenset({
    "基金会", "慈善会", "协会", "学会", "研究会", "促进会", "联合会", "联谊会", "商会", "总会", "中心", "事务所",
    "代表处", "服务社", "研究所", "研究院", "科学院", "规划院", "设计院", "设计研究院", "委员会", "局", "厅", "集团",
    "银行", "使馆", "管委会", "队", "站", "会", "联盟", "网络", "博物院", "美术馆", "植物园", "动物园", "杂志",
    "出版社", "电视台", "平台",
})  # fmt: skip
"""Families that name one body even before general words (能源基金会); only a quantifier makes them a group."""


class NameParts(msgspec.Struct, frozen=True):
    """A normalised name taken apart: `place` + `core` + `form`; each may be empty."""

    place: str
    place_code: str
    place_is_full: bool
    core: str
    form: str
    family: str


@cache
def _forms_by_end() -> dict[str, tuple[tuple[str, NameForm], ...]]:
    """Last character → the form words that it ends, the longest first."""
    forms: dict[str, list[tuple[str, NameForm]]] = {}
    for form, entry in sorted(((normalize(f.form), f) for f in name_forms()), key=lambda pair: -len(pair[0])):
        forms.setdefault(form[-1:], []).append((form, entry))
    return {end: tuple(some) for end, some in forms.items()}


@cache
def form_of(name: str) -> NameForm | None:
    """Return the longest form word that ends a normalised name, a bracket behind it aside.

    >>> form_of("万科公益基金会").kind, form_of("红树林基金会(mcf)").form, form_of("一席")
    ('foundation', '基金会', None)
    """
    bare = _TRAILING_BRACKET.sub("", name).rstrip(". ")
    for form, entry in _forms_by_end().get(bare[-1:], ()):
        if bare.endswith(form) and (has_han(form) or bare == form or bare[-len(form) - 1] in " .,"):
            return entry
    return None


@cache
def take_apart(name: str) -> NameParts:
    """Return the parts of a normalised name.

    >>> take_apart("湖北省长江生态保护基金会").core
    '长江生态保护'
    """
    place = leading_place(name)
    form = form_of(name)
    bare = _TRAILING_BRACKET.sub("", name).strip()
    printed = place.printed if place else ""
    ending = normalize(form.form) if form else ""
    core = bare[len(printed) : len(bare) - len(ending)] if len(printed) + len(ending) <= len(bare) else ""
    return NameParts(
        printed, place.code if place else "", bool(place and place.is_full), core, ending, form.family if form else ""
    )


@cache
def is_complete(name: str) -> bool:
    """Tell whether a normalised name ends in a registered form word with something before it.

    >>> is_complete("万科公益基金会"), is_complete("克孜勒苏柯尔克孜自治州登山"), is_complete("基金会")
    (True, False, False)
    """
    form = form_of(name)
    if form is None or form.family not in _REGISTERED:
        return False
    bare = _TRAILING_BRACKET.sub("", name).strip()
    return len(bare) > len(normalize(form.form)) and not is_group(bare)


@cache
def _generic_words() -> tuple[str, ...]:
    words = {w for use in ("quantifier", "group_modifier", "group_head", "tail_noun") for w in reading_words(use)}
    return tuple(sorted(words, key=lambda w: (-len(w), w)))


_COUNTED: Final = re.compile(
    r"(?:\d+|[一二两三四五六七八九十百千万几数多上]+)(?:余|多|来)?(?:家|个|所|名|位|支|类|间|处)"
)


@cache
def is_generic(text: str) -> bool:
    """Tell whether a normalised text is made of general words alone, so that it names no single body.

    >>> is_generic("全国各地湿地类型保护地"), is_generic("自然教育机构"), is_generic("湛江红树林保护区")
    (True, True, False)
    """
    return bool(text) and is_made_of(text, _generic_words(), _COUNTED)


def is_made_of(text: str, words: Sequence[str], pattern: re.Pattern[str] | None = None) -> bool:
    """Tell whether a text can be cut into the given words and matches of the pattern without a rest.

    >>> is_made_of("中小学校", ["中", "小", "学校"]), is_made_of("中小学校", ["中", "学校"])
    (True, False)
    """
    reachable, words = {0}, tuple(words)
    for start in range(len(text)):
        if start not in reachable:
            continue
        if text.startswith(words, start):
            reachable.update(start + len(word) for word in words if text.startswith(word, start))
        if pattern is not None and (match := pattern.match(text, start)):
            reachable.add(match.end())
    return len(text) in reachable


@cache
def _office_words() -> tuple[str, ...]:
    return tuple({*reading_words("bureau"), *reading_words("office"), *_generic_words()})


@cache
def is_bare_office(name: str) -> bool:
    """Tell whether a normalised name is an authority's, school's or mass organisation's without its place.

    Many bear such a name, so two that are spelled alike need not be one.

    >>> is_bare_office("民政局"), is_bare_office("妇联"), is_bare_office("晋江市教育局"), is_bare_office("故宫博物院")
    (True, True, False, False)
    """
    if leading_place(name) is not None:
        return False
    form = form_of(name)
    if form is None or form.kind not in {"government", "public_institution", "community"}:
        return name in reading_words("office")
    stem = name.removesuffix(normalize(form.form))
    return is_made_of(stem, _office_words(), _COUNTED)


@cache
def _group_heads() -> tuple[str, ...]:
    return tuple({*reading_words("group_head"), *reading_words("tail_noun")})


@cache
def _quantifiers() -> re.Pattern[str]:
    words = sorted((w for w in reading_words("quantifier") if w not in {"全国", "全省", "全市"}), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@cache
def is_group(text: str) -> bool:
    """Tell whether a normalised list item is a phrase for an unnamed many.

    It is one if it consists of general words and ends in a plural-like head; if a quantifier (各地,
    多家, 当地, 20余家) opens it; or if, after the names of places, only such words follow.

    Source: the annotation guideline of this project, `docs/reading.md`, "Splitting a list".

    >>> is_group("中小学校"), is_group("各地观鸟协会"), is_group("滨海地方政府"), is_group("微公益")
    (True, True, True, False)
    """
    form = form_of(text)
    is_single = form is not None and form.family in _SINGLE
    if text.startswith(("国家", "中国", "中华")) and not text.startswith(("国家公园", "国家湿地公园", "国家级")):
        return False
    opening = _quantifiers().match(text)
    if opening and opening.end() < len(text):
        rest = text[opening.end() :]
        return rest.endswith(_group_heads()) or form_of(rest) is not None
    counted = _COUNTED.match(text)
    if counted and not text.startswith(("一个", "一家")):
        return is_generic(text[counted.end() :]) or text.endswith(_group_heads())
    if is_single:
        return False
    return text.endswith(_group_heads()) and (is_generic(text) or _is_quantified_inside(text))


def _is_quantified_inside(text: str) -> bool:
    """`云南各地学校`, `秦岭沿线中小学校`: some place, a quantifier, and then general words."""
    for match in _quantifiers().finditer(text, 2):
        if match.start() <= 8 and match.end() < len(text) and is_generic(text[match.end() :].removeprefix("的")):
            return True
    return False


@cache
def _surnames() -> tuple[frozenset[str], frozenset[str]]:
    words = reading_words("surname")
    return frozenset(w for w in words if len(w) == 1), frozenset(w for w in words if len(w) == 2)


_NOT_PERSONAL: Final = re.compile(
    "[会社网报馆站团队院所局村堂坊营吧派圈帮汇科行园厂店库城镇区县市省州部处组室刊台号厅]$|公益|自然|生态|环保|公社|学苑|家园|传媒|影视"
)


@cache
def is_person_name(text: str) -> bool:
    """Tell whether a normalised text has the form of a Chinese personal name: a surname and one or two characters.

    >>> is_person_name("柯伟国"), is_person_name("卢辉"), is_person_name("朱雀会"), is_person_name("一席")
    (True, True, False, False)
    """
    if not 2 <= len(text) <= 4 or not all(has_han(c) for c in text):
        return False
    single, double = _surnames()
    given = len(text) - (2 if text[:2] in double else 1)
    fits = (text[:2] in double and given in (1, 2)) or (text[0] in single and given in (1, 2))
    return fits and _NOT_PERSONAL.search(text) is None and form_of(text) is None and not is_place(text)


_LEGAL: Final = frozenset({"Ltd", "Inc", "LLC", "GmbH"})
"""Families that say how a body is incorporated; what stands before them tells its kind (Example Foundation, Inc.)."""

_OVERSEAS_OFFICE: Final = re.compile(r"\([^()]+\)[^()]{2,6}(代表处|办事处)$")


@cache
def infer_kind(name: str) -> tuple[str, str]:
    """Return the kind that the form of a normalised name tells, and the rule that told it.

    Returns:
        A kind of `ontology/kinds.csv` and the rule's name; `("other", "")` where nothing tells.

    >>> infer_kind("万科公益基金会"), infer_kind("中小学校"), infer_kind("果壳")
    (('foundation', 'form:基金会'), ('group', 'phrase'), ('other', ''))
    >>> infer_kind("example foundation, inc."), infer_kind("green river, inc"), infer_kind("example widgets ltd")
    (('foundation', 'form:Foundation'), ('other', 'form:Inc'), ('company', 'form:Ltd'))
    """
    if is_group(name):
        return "group", "phrase"
    if _OVERSEAS_OFFICE.search(name):
        return "ngo", "overseas-office"
    form = form_of(name)
    if form is not None and form.family in _LEGAL:
        inner = form_of(name[: name.rindex(normalize(form.form))].rstrip(" .,"))
        form = inner if inner is not None and inner.family not in _LEGAL else form
    if form is not None:
        return form.kind, f"form:{form.form}"
    if is_person_name(name):
        return "person", "personal-name"
    return "other", ""


def region_of(name: str) -> str:
    """Return the GB/T 2260 code of the place that a normalised name begins with, or an empty text.

    The country as a whole is no region.

    >>> region_of("厦门市雎鸠生物多样性研究中心")
    '350200'
    """
    place = leading_place(name)
    return place.code if place and place.code != "100000" else ""
