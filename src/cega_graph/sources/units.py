"""Units and bureaus that a list names without their parent, because the name before has it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from cega_graph.names.forms import form_of, is_made_of
from cega_graph.names.normalize import normalize
from cega_graph.names.regions import leading_place
from cega_graph.vocabulary import reading_words


def is_bare_bureau(name: str) -> bool:
    """Tell whether a normalised name is a bureau's without its place: `林业和园林绿化局`."""
    form = form_of(name)
    if form is None or form.kind != "government" or leading_place(name) is not None:
        return False
    stem = name.removesuffix(normalize(form.form))
    return bool(stem) and is_business(stem)


def is_business(text: str) -> bool:
    """Tell whether a normalised text says what a bureau deals with: `文化体育和旅游`."""
    return consists_of(text, "bureau")


def consists_of(text: str, use: str) -> bool:
    """Tell whether a normalised text is made of the words of one use alone.

    >>> consists_of("艺术设计", "discipline"), consists_of("三江", "discipline")
    (True, False)
    """
    return is_made_of(text, words_of(use))


@cache
def words_of(use: str) -> tuple[str, ...]:
    """Return the words of one use, normalised."""
    return tuple(normalize(w) for w in reading_words(use))


def is_bare_unit(name: str) -> bool:
    """A college's or institute's name that only says its subject: `艺术设计学院`, `教育学部`, `地理系`."""
    for ending in ("学院", "学部", "系", "实验室", "研究所", "研究中心", "研究院", "分院", "学校", "中心", "工作站"):
        stem = name.removesuffix(ending)
        if stem != name and stem:
            lenient = ending in {"学院", "学部", "系"}
            return leading_place(name) is None and (_is_subject(stem) if lenient else consists_of(stem, "discipline"))
    return False


def _is_subject(stem: str) -> bool:
    """A subject of study; two characters may be unknown (`蒙医药`), unless a place or proper word begins it."""
    if consists_of(stem, "discipline"):
        return True
    if len(stem) < 4 or stem.startswith(("中央", "长江", "黄河", "三江", "燕京", "国家", "中国", "中华")):
        return False
    return any(consists_of(stem[:i] + stem[i + n :], "discipline") for n in (1, 2) for i in range(len(stem) - n + 1))


def _is_institute(name: str) -> bool:
    """`南京地理与湖泊研究所`: the institute of an academy, called by its town and subject."""
    place, stem = leading_place(name), name.removesuffix("研究所")
    return place is not None and stem != name and consists_of(stem[len(place.printed) :], "discipline")


_PARENT: Final = re.compile(r"^(.*?(?:大学(?:\([^()]+\))?|科学院|农科院|林科院|学院|研究院))(?=\S)")


_OFFICE: Final = re.compile(r"^(.*?(?:部|局|委员会))[^部局]{2,}司$")
"""A department of a ministry: `国家林业和草原局湿地管理司`."""


def restored_name(name: str, printed: str, previous: str) -> str:
    """Return the full name of a unit or bureau that leaves its parent to the name before it, or an empty text."""
    before = normalize(previous)
    match = _PARENT.match(before)
    if match and (is_bare_unit(name) or (match.group(1).endswith("科学院") and _is_institute(name))):
        parent = (
            previous[: len(match.group(1))]
            if normalize(previous[: len(match.group(1))]) == match.group(1)
            else match.group(1)
        )
        rest = before[len(match.group(1)) :]
        if rest and rest != name:
            return parent + printed
    if name.endswith("司") and not re.search("[部局委省市]", name) and (office := _OFFICE.match(before)):
        return previous[: len(office.group(1))] + printed
    if is_bare_bureau(name) and (place := leading_place(before)) is not None:
        form = form_of(before)
        if form is not None and form.kind == "government" and place.code != "100000":
            return place.printed + printed
    return ""
