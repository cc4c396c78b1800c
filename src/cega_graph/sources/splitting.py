"""The items of a list → slices that name one party each: runs of places, tails, conjunctions, spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cega_graph.names.forms import form_of, is_complete, is_generic, is_group, is_person_name
from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.regions import is_country, is_place, leading_place
from cega_graph.sources.runs import Item, trim
from cega_graph.sources.units import is_bare_bureau, is_bare_unit, is_business, words_of


def grouped(text: str, items: Sequence[Item]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of the items that belong together: runs of places, names with a separator inside."""
    index = places_end = 0
    while index < len(items):
        last = max(index, places_end)
        while last < len(items) and is_any_place(text[items[last].start : items[last].end]):
            last += 1
        places_end = last
        if last > index and last < len(items) and is_place_with_head(text[items[last].start : items[last].end]):
            yield index, last
            index = last + 1
        elif (end := _run_end(text, items, index)) > index:
            yield index, end
            index = end + 1
        elif index + 1 < len(items) and _is_one_bureau(text, items[index], items[index + 1]):
            yield index, index + 1
            index += 2
        else:
            yield index, index
            index += 1


RUN_END: Final = re.compile(
    r"(?P<place>[^等]{2,6})等(?:\d+|[一二两三四五六七八九十]+)?个?\S{0,6}?(?:省|市|县|区|州|旗|乡|镇|村|寨)(?:区|里)?的?\S{2,}"
)


def _run_end(text: str, items: Sequence[Item], index: int) -> int:
    """Return the last item of a run of places that no gazetteer has (`黎平、从江、三江等侗族聚居县的农民合作社`)."""
    last = index
    while last < len(items) and last - index < 12:
        item = text[items[last].start : items[last].end]
        if last > index and RUN_END.fullmatch(item) and not is_complete(normalize(item.split("等")[0])):
            return last
        if not 2 <= len(item) <= 5 or form_of(normalize(item)) is not None:
            return index
        last += 1
    return index


def is_any_place(text: str) -> bool:
    """Tell whether a printed item is a place of China or a country, and nothing else."""
    return is_place(normalize(text)) or is_country(normalize(text))


def is_place_with_head(item: str) -> bool:
    """`海南等滨海地方政府`, `广州的高校`, `越南等湄公河国家环境部门`: a place, then general words."""
    name = normalize(item).rstrip("。")
    length = _place_length(name)
    rest = _AND_OTHERS.sub("", name[length:])
    if not length or not rest or is_complete(rest):
        return False
    return is_generic(rest) or (len(rest) <= 12 and (name[length] == "等" or rest.endswith(words_of("group_head"))))


def _place_length(name: str) -> int:
    place = leading_place(name)
    if place is not None and place.code != "100000":
        return len(place.printed)
    return max((n for n in range(2, 7) if is_country(name[:n])), default=0)


_AND_OTHERS: Final = re.compile(
    r"^(?:等|及周边)?(?:[一二两三四五六七八九十\d]+)?(?:省区市|省市|省份|省区|城市|地区|省|市|地|县|区|国|州)?的?"
)


def _is_one_bureau(text: str, item: Item, following: Item) -> bool:
    """`…县文化` `体育和旅游局` is one bureau: the first half has no form word, both are a bureau's business."""
    left, right = normalize(text[item.start : item.end]), normalize(text[following.start : following.end])
    place = leading_place(left)
    if place is None or form_of(left) is not None:
        return False
    business = left[len(place.printed) :]
    return bool(business) and is_business(business) and is_bare_bureau(right)


_STOP: Final = re.compile(r"(?:(?<!Ltd)(?<!Inc)(?<!Co)(?<!Corp)\.|[\s。．；;，,、])+$")


def pieces_of(text: str, start: int, end: int, *, is_run: bool) -> Iterator[tuple[int, int]]:
    """Yield the slices of one item that name parties: the tail cut off, two names at a space or conjunction apart."""
    end = start + len(_STOP.sub("", text[start:end]))
    if is_run:
        yield start, end
        return
    if match := re.match(r"(?:以及|及|和|与)\s*(?=\S{4})", text[start:end]):
        rest = normalize(text[start + match.end() : end])
        if match.group().strip() in ("以及", "及") or (is_complete(rest) and leading_place(rest) is not None):
            start += match.end()
    if start and re.match(r"等(?![候待级])", text[start:end]) and is_tail(normalize(text[start + 1 : end])):
        return
    end = start + _tail_start(text[start:end])
    if start < end:
        yield from _split_conjunction(text, start, end)


def _tail_start(item: str) -> int:
    """Return where the tail of an item begins: 等 and general words or a count behind it."""
    for match in reversed(list(re.finditer(r"(?<![高中初平优均同何特])等", item))):
        rest = normalize(_STOP.sub("", item[match.end() :]))
        before = item[: match.start()].rstrip(" \u3000，,、")
        if before and (rest == "" or is_tail(rest)):
            return len(before) if not is_place(normalize(before)) else len(item)
    return len(item)


_COUNT: Final = re.compile(
    r"^(?:等)?(?:共|共计|近|约|超过?|逾)?(?:\d+|[一二两三四五六七八九十百千几数多]+)?(?:余|多)?(?:家|个|所|名|位|支|类|间|只)?"
)


def is_tail(rest: str) -> bool:
    """Tell whether a normalised text is what may stand behind 等: nothing, a count, general words.

    >>> is_tail("5家机构"), is_tail("科研院所"), is_tail("公益基金会"), is_tail("红树林中心")
    (True, True, True, False)
    """
    bare = _COUNT.sub("", rest, count=1)
    return bare == "" or is_generic(bare) or is_generic(rest) or is_group(rest)


CONJUNCTION: Final = re.compile(r"(?:以及|和(?![平谐睦合众光美])|及|与|暨)")


def _split_conjunction(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split `甲基金会和乙协会` where both sides are whole names; 和 inside one name stays."""
    for match in CONJUNCTION.finditer(text, start, end):
        left, right = normalize(text[start : match.start()]), normalize(text[match.end() : end])
        if is_complete(left) and _stands_alone(right) and not _inside_bracket(text, start, match.start()):
            yield start, start + len(text[start : match.start()].rstrip())
            yield from _split_conjunction(text, match.end(), end)
            return
    yield from _split_space(text, start, end)


def _stands_alone(name: str) -> bool:
    """A whole name that does not lean on what is before it: it begins with a place, or is long and no bare bureau."""
    if not is_complete(name) or is_bare_bureau(name) or is_bare_unit(name):
        return False
    return leading_place(name) is not None or len(name) >= 6


def _inside_bracket(text: str, start: int, at: int) -> bool:
    before = text[start:at]
    return len(re.findall("[（(]", before)) > len(re.findall("[）)]", before))


def _split_space(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split at a space between an organisation and a person, or between two whole Chinese names."""
    item = text[start:end]
    for match in re.finditer(r"[ \u3000\xa0]+", item):
        left, right = normalize(item[: match.start()]), normalize(item[match.end() :])
        bare_right = re.sub(r"\([^()]*\)$", "", right)
        if _inside_bracket(text, start, start + match.start()) or not _may_be_cut(left, bare_right):
            continue
        person = _is_person_behind(left, bare_right)
        persons = is_person_name(left) and is_person_name(bare_right)
        wholes = (
            is_complete(left)
            and is_complete(right)
            and leading_place(right) is not None
            and leading_place(left) is not None
        )
        if person or persons or wholes:
            yield start, start + match.start()
            yield from _trimmed(text, start + match.end(), end)
            return
    yield start, end


def _may_be_cut(left: str, right: str) -> bool:
    """A space beside Latin letters stands inside a name, unless a person follows (`Sunrise Solar Lab 刘海洋`)."""
    return has_han(left[-1:] or "x") or (" " in left and not has_han(left) and is_person_name(right))


def _is_person_behind(left: str, right: str) -> bool:
    """`无忧花自然学堂 卢辉`: after an organisation two to four characters of no known form are a person's name."""
    if is_person_name(left):
        return False
    if is_person_name(right):
        return form_of(left) is not None or len(left) >= 4
    short = 2 <= len(right) <= 6 and all(has_han(c) for c in right)
    return (
        short and form_of(left) is not None and form_of(right) is None and not is_generic(right) and not is_place(right)
    )


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    yield from ((item.start, item.end) for item in trim(text, start, end))
