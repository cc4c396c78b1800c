"""The text of a list → the parties named in it; every character goes to a party, a separator or a note."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import msgspec

from cega_graph.identifiers import is_usci
from cega_graph.names.compare import alias_in_bracket, is_former, is_name_bracket
from cega_graph.names.forms import form_of, is_complete, is_generic, is_group, is_person_name
from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.regions import is_country, is_place, leading_place
from cega_graph.sources.layout import Line
from cega_graph.vocabulary import reading_words


class Alias(msgspec.Struct, frozen=True):
    """Another name that the text itself states, at its offsets."""

    name: str
    start: int
    end: int
    former: bool = False


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party named in a list.

    `start`, `end` are the offsets of the printed name; `name` is the full name if print leaves a
    parent out, else empty; `notes` are codes of `report.MESSAGES` with the words they are about.
    """

    start: int
    end: int
    name: str = ""
    qualifier: str = ""
    aliases: tuple[Alias, ...] = ()
    identifiers: tuple[str, ...] = ()
    is_group: bool = False
    is_person: bool = False
    notes: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a list says: its parties, the spans that are separators or qualifiers, and those nobody claims."""

    parties: tuple[Party, ...]
    separators: tuple[tuple[int, int], ...]
    unplaced: tuple[tuple[int, int], ...]


class Run(msgspec.Struct, frozen=True):
    """The characters of a list without line breaks, each with its offset in the source."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source offsets of a slice that is not empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


def run_of(lines: Sequence[Line], *, keep_breaks: bool = False) -> Run:
    r"""Return the characters of a list's lines; a break is nothing in Chinese and a space in Latin text.

    Args:
        keep_breaks: Let every line end be a separator (`\n`), for lists of one name a line.
    """
    text: list[str] = []
    offsets: list[int] = []
    for line in lines:
        if text:
            joint = "\n" if keep_breaks else _joint(text[-1], line.text[0])
            text.extend(joint)
            offsets.extend([line.start - 1] * len(joint))
        text.extend(line.text)
        offsets.extend(range(line.start, line.end))
    return Run("".join(text), tuple(offsets))


def _joint(before: str, after: str) -> str:
    return " " if before.isascii() and before.isalnum() and after.isascii() and after.isalnum() else ""


_SEPARATORS: Final = "、，；,;\t\n|｜"
_CLOSED: Final = re.compile(r"[，,]\s*(?:Ltd|Inc|LLC|Co|Limited|Corp|S\.A|GmbH)\b", re.IGNORECASE)


class _Item(msgspec.Struct, frozen=True):
    """A slice of a run between two separators, without the white space around it."""

    start: int
    end: int


def read_list(lines: Sequence[Line]) -> Reading:
    """Return the parties of a list.

    Separators are `、，；` and, between an organisation and a person or two whole names, a space or
    a conjunction. Tails (`等`, `等5家机构`) go. What a name leaves out of its parent is put back.
    """
    by_lines = _is_one_a_line(lines)
    run = run_of(lines, keep_breaks=by_lines)
    items = list(_items(run.text))
    parties: list[Party] = []
    covered: list[tuple[int, int]] = []
    unplaced: list[tuple[int, int]] = []
    previous = ""
    for first, last in _grouped(run.text, items):
        start, end = items[first].start, items[last].end
        for piece in _pieces(run.text, start, end, is_run=first != last):
            party, printed = _party(run, piece, previous)
            if party is None:
                unplaced.append(run.span(*piece))
                continue
            if by_lines:
                party = msgspec.structs.replace(party, notes=(*party.notes, "split-lines"))
            parties.append(party)
            covered.append((party.start, party.end))
            previous = printed
    separators: list[tuple[int, int]] = []
    qualifiers = {w for p in parties for w in p.qualifier.split("；")}
    for first, last in _rest(run, [*covered, *unplaced]):
        known = _is_between(run.text[first:last], qualifiers)
        (separators if known else unplaced).append(run.span(first, last))
    return Reading(tuple(parties), tuple(separators), tuple(unplaced))


def _is_between(text: str, qualifiers: set[str]) -> bool:
    """Tell whether what no name covers is only separators, brackets, tails, conjunctions or qualifiers."""
    text = re.sub(r"[（(](?:[^（）()]|[（(][^（）()]*[）)])*[）)]", "", text)
    parts = re.split(r"[、，；,;。．.\s|｜“”「」：:]+", re.sub(r"(?<=等)\s+|(?<=\d)\s+", "", text))
    return all(
        part == ""
        or part in qualifiers
        or (part[-1] == "等" and part[:-1] in qualifiers)
        or _CONJUNCTION.fullmatch(part)
        or (part[0] == "等" and is_tail(normalize(part[1:])))
        for part in parts
    )


def read_name(text: str, start: int, end: int) -> Reading:
    """Return what a slice of a source says that holds names but is no list, such as a header's field."""
    first = start + len(text[start:end]) - len(text[start:end].lstrip())
    stripped = text[start:end].strip()
    return read_list([Line(first, first + len(stripped), stripped, follows_blank=True)])


def _is_one_a_line(lines: Sequence[Line]) -> bool:
    """Several lines without any separator, each a whole name by itself that does not begin inside one."""
    if len(lines) < 2 or any(re.search("[、，；,;]", line.text) for line in lines):
        return False
    names = [normalize(re.sub(r"[（(][^（）()]*[）)]$|[。等]+$", "", line.text)) for line in lines]
    return all(is_complete(n) or is_person_name(n) for n in names) and all(len(n) >= 5 for n in names[1:])


def _items(text: str) -> Iterator[_Item]:
    """Yield the slices between separators outside brackets and quotation marks."""
    depth, start = 0, 0
    for index, char in enumerate(text):
        if char in "（(“《「":
            depth += 1
        elif char in "）)”》」":
            depth = max(0, depth - 1)
        elif depth == 0 and _separates(text, index):
            yield from _trim(text, start, index)
            start = index + 1
    yield from _trim(text, start, len(text))


def _separates(text: str, index: int) -> bool:
    return text[index] in _SEPARATORS and not _CLOSED.match(text, index)


def _trim(text: str, start: int, end: int) -> Iterator[_Item]:
    while start < end and text[start] in " \u3000\xa0":
        start += 1
    while end > start and text[end - 1] in " \u3000\xa0":
        end -= 1
    if end > start:
        yield _Item(start, end)


def _grouped(text: str, items: Sequence[_Item]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of the items that belong together: runs of places, names with a separator inside."""
    index = places_end = 0
    while index < len(items):
        last = max(index, places_end)
        while last < len(items) and _is_any_place(text[items[last].start : items[last].end]):
            last += 1
        places_end = last
        if last > index and last < len(items) and _is_place_with_head(text[items[last].start : items[last].end]):
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


_RUN_END: Final = re.compile(
    r"(?P<place>[^等]{2,6})等(?:\d+|[一二两三四五六七八九十]+)?个?\S{0,6}?(?:省|市|县|区|州|旗|乡|镇|村|寨)(?:区|里)?的?\S{2,}"
)


def _run_end(text: str, items: Sequence[_Item], index: int) -> int:
    """Return the last item of a run of places that no gazetteer has (`黎平、从江、三江等侗族聚居县的农民合作社`)."""
    last = index
    while last < len(items) and last - index < 12:
        item = text[items[last].start : items[last].end]
        if last > index and _RUN_END.fullmatch(item) and not is_complete(normalize(item.split("等")[0])):
            return last
        if not 2 <= len(item) <= 5 or form_of(normalize(item)) is not None:
            return index
        last += 1
    return index


def _is_any_place(text: str) -> bool:
    return is_place(normalize(text)) or is_country(normalize(text))


def _is_place_with_head(item: str) -> bool:
    """`海南等滨海地方政府`, `广州的高校`, `越南等湄公河国家环境部门`: a place, then general words."""
    name = normalize(item).rstrip("。")
    length = _place_length(name)
    rest = _AND_OTHERS.sub("", name[length:])
    if not length or not rest or is_complete(rest):
        return False
    return is_generic(rest) or (len(rest) <= 12 and (name[length] == "等" or rest.endswith(_words("group_head"))))


def _place_length(name: str) -> int:
    place = leading_place(name)
    if place is not None and place.code != "100000":
        return len(place.printed)
    return max((n for n in range(2, 7) if is_country(name[:n])), default=0)


_AND_OTHERS: Final = re.compile(
    r"^(?:等|及周边)?(?:[一二两三四五六七八九十\d]+)?(?:省区市|省市|省份|省区|城市|地区|省|市|地|县|区|国|州)?的?"
)


def _is_one_bureau(text: str, item: _Item, following: _Item) -> bool:
    """`…县文化` `体育和旅游局` is one bureau: the first half has no form word, both are a bureau's business."""
    left, right = normalize(text[item.start : item.end]), normalize(text[following.start : following.end])
    place = leading_place(left)
    if place is None or form_of(left) is not None:
        return False
    business = left[len(place.printed) :]
    return bool(business) and _is_business(business) and _is_bare_bureau(right)


def _is_bare_bureau(name: str) -> bool:
    form = form_of(name)
    if form is None or form.kind != "government" or leading_place(name) is not None:
        return False
    stem = name.removesuffix(normalize(form.form))
    return bool(stem) and _is_business(stem)


def _is_business(text: str) -> bool:
    return _consists_of(text, "bureau")


def _consists_of(text: str, use: str) -> bool:
    words = _words(use)
    reachable = {0}
    for start in range(len(text)):
        if start in reachable:
            reachable.update(start + len(w) for w in words if text.startswith(w, start))
    return len(text) in reachable


@cache
def _words(use: str) -> tuple[str, ...]:
    return tuple(normalize(w) for w in reading_words(use))


_TAIL: Final = re.compile(r"\s*(?<![高中初平优均同何特])等\s*(?!候|待|级|闲|距|价|于)(?P<rest>[^（()）]*)$")
_STOP: Final = re.compile(r"(?:(?<!Ltd)(?<!Inc)(?<!Co)(?<!Corp)\.|[\s。．；;，,、])+$")


def _pieces(text: str, start: int, end: int, *, is_run: bool) -> Iterator[tuple[int, int]]:
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


_CONJUNCTION: Final = re.compile(r"(?:以及|和(?![平谐睦合众光美])|及|与|暨)")


def _split_conjunction(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Split `甲基金会和乙协会` where both sides are whole names; 和 inside one name stays."""
    for match in _CONJUNCTION.finditer(text, start, end):
        left, right = normalize(text[start : match.start()]), normalize(text[match.end() : end])
        if is_complete(left) and _stands_alone(right) and not _inside_bracket(text, start, match.start()):
            yield start, start + len(text[start : match.start()].rstrip())
            yield from _split_conjunction(text, match.end(), end)
            return
    yield from _split_space(text, start, end)


def _stands_alone(name: str) -> bool:
    """A whole name that does not lean on what is before it: it begins with a place, or is long and no bare bureau."""
    if not is_complete(name) or _is_bare_bureau(name) or _is_bare_unit(name):
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
        if _inside_bracket(text, start, start + match.start()) or not has_han(left[-1:] or "x"):
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
    yield from ((item.start, item.end) for item in _trim(text, start, end))


_CODE: Final = re.compile(r"[0-9A-Z]{18}")
_TRAILING_BRACKET: Final = re.compile(r"\s*[（(]([^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*)[）)]\s*$")
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u200b-\u200f\ufeff]")


def _party(run: Run, piece: tuple[int, int], previous: str) -> tuple[Party | None, str]:
    """Return the party that a slice names, and the name that a later one may lean on."""
    start, end = piece
    text = run.text
    notes: list[str] = []
    start, qualifier = _description(text, start, end)
    qualifiers = [qualifier] if qualifier else []
    if qualifier:
        notes.append("description")
    end, aliases, inside = _brackets(run, start, end)
    identifiers = tuple(f"CN-USCI-{code}" for q in inside for code in _CODE.findall(q) if is_usci(code))
    qualifiers.extend(q for q in inside if not any(is_usci(code) for code in _CODE.findall(q)))
    end, ending = _ending(text, start, end)
    qualifiers.extend([ending] if ending else [])
    printed = text[start:end]
    name = normalize(printed)
    if not re.search(r"\w", name):
        return None, previous
    if _UNSEEN.search(printed):
        notes.append("control-character")
    group = is_group(name) or _names_places(printed)
    person = not group and _is_person(name, qualifiers)
    full = "" if group or person else _restored(name, printed, previous)
    if full:
        notes.append("restored-parent")
    if not group and not person and _may_be_group(name):
        notes.append("possible-group")
    source_start, source_end = run.span(start, end)
    party = Party(
        start=source_start, end=source_end, name=full, qualifier="；".join(qualifiers), aliases=tuple(aliases),
        identifiers=identifiers, is_group=group, is_person=person, notes=tuple(notes),
    )  # fmt: skip
    return party, full or printed


@cache
def _longest_first(use: str) -> tuple[str, ...]:
    return tuple(sorted(reading_words(use), key=lambda word: (-len(word), word)))


def _description(text: str, start: int, end: int) -> tuple[int, str]:
    """`企业公益项目星巴克星社区`: words that say what is named, before the name."""
    item = text[start:end]
    quoted = re.match(r"(.{2,10}?)[“「](.{2,30})[”」]$", item)
    if quoted and is_generic(normalize(quoted.group(1))):
        return start + len(quoted.group(1)), quoted.group(1)
    for word in _longest_first("descriptor"):
        if not item.startswith(word):
            continue
        rest = item[len(word) :].lstrip(" ：:")
        if len(rest) < 2:
            continue
        name = normalize(re.sub(r"[（(][^（）()]*[）)]\s*$", "", rest))
        if is_person_name(name) or (len(word) >= 4 and not is_generic(name) and not _is_only_form(name)):
            return end - len(rest), word
    return start, ""


def _is_only_form(name: str) -> bool:
    form = form_of(name)
    return form is not None and is_generic(name.removesuffix(normalize(form.form)) or "机构")


def _brackets(run: Run, start: int, end: int) -> tuple[int, list[Alias], list[str]]:
    """Take the brackets behind a name off: aliases and qualifiers; those of the name itself stay."""
    aliases: list[Alias] = []
    qualifiers: list[str] = []
    while match := _TRAILING_BRACKET.search(run.text[start:end]):
        inner, stem = match.group(1), run.text[start : start + match.start()]
        if not stem.strip() or is_name_bracket(normalize(inner)):
            break
        at = start + match.start(1)
        found = [_alias(run, at + m.start(), m.group(), stem) for m in re.finditer(r"[^、，,；;]+", inner)]
        if any(found):
            aliases[:0] = [a for a in found if a]
        elif inner.strip():
            qualifiers.insert(0, inner.strip())
        end = start + len(stem.rstrip())
    return end, aliases, qualifiers


_ANNOUNCED: Final = re.compile(
    r"\s*(?:以下简称为?|简称为?|下称|又称|又名|亦称|也称|英文名为?|英文简称|缩写为?|即|"
    r"原名|曾用名|前身为?|前身是|原)[:： ]*[“「]?"
)


def _alias(run: Run, at: int, printed: str, stem: str) -> Alias | None:
    if not alias_in_bracket(normalize(printed), normalize(stem)):
        return None
    announced = _ANNOUNCED.match(printed)
    first = announced.end() if announced else len(printed) - len(printed.lstrip())
    name = printed[first:].rstrip("”」 ")
    if not name:
        return None
    start, end = run.span(at + first, at + first + len(name))
    return Alias(name, start, end, former=is_former(normalize(printed)))


def _ending(text: str, start: int, end: int) -> tuple[int, str]:
    """`柳州市观鸟协会项目`, `张雪华老师`: what print adds behind a whole name."""
    item = text[start:end]
    for word in _longest_first("qualifier_ending"):
        stem = item.removesuffix(word)
        if stem != item and is_complete(normalize(stem)):
            return start + len(stem.rstrip()), word
    for word in _longest_first("person_title"):
        stem = item.removesuffix(word)
        if stem != item and is_person_name(normalize(stem)):
            return start + len(stem.rstrip()), word
    return end, ""


def _names_places(printed: str) -> bool:
    """A run of places with one head noun, or a place and general words with 等."""
    parts = re.split("[、，；,;]", printed)
    if len(parts) > 1 and (all(_is_any_place(p) for p in parts[:-1]) or _RUN_END.fullmatch(parts[-1])):
        return True
    return "等" in printed and _is_place_with_head(printed)


def _is_person(name: str, qualifiers: Sequence[str]) -> bool:
    if any("个人" in q for q in qualifiers):
        return True
    return is_person_name(name)


def _may_be_group(name: str) -> bool:
    heads = reading_words("group_head")
    return name.endswith(heads) and not is_complete(name) and form_of(name) is None


def _is_bare_unit(name: str) -> bool:
    """A college's or institute's name that only says its subject: `艺术设计学院`, `教育学部`, `地理系`."""
    for ending in ("学院", "学部", "系", "实验室", "研究所", "研究中心", "研究院", "分院", "学校", "中心", "工作站"):
        stem = name.removesuffix(ending)
        if stem != name and stem:
            lenient = ending in {"学院", "学部", "系"}
            return leading_place(name) is None and (_is_subject(stem) if lenient else _consists_of(stem, "discipline"))
    return False


def _is_subject(stem: str) -> bool:
    """A subject of study; two characters may be unknown (`蒙医药`), unless a place or proper word begins it."""
    if _consists_of(stem, "discipline"):
        return True
    if len(stem) < 4 or stem.startswith(("中央", "长江", "黄河", "三江", "燕京", "国家", "中国", "中华")):
        return False
    return any(_consists_of(stem[:i] + stem[i + n :], "discipline") for n in (1, 2) for i in range(len(stem) - n + 1))


def _is_institute(name: str) -> bool:
    """`南京地理与湖泊研究所`: the institute of an academy, called by its town and subject."""
    place, stem = leading_place(name), name.removesuffix("研究所")
    return place is not None and stem != name and _consists_of(stem[len(place.printed) :], "discipline")


_PARENT: Final = re.compile(r"^(.*?(?:大学(?:\([^()]+\))?|科学院|农科院|林科院|学院|研究院))(?=\S)")


_OFFICE: Final = re.compile(r"^(.*?(?:部|局|委员会))[^部局]{2,}司$")
"""A department of a ministry: `国家林业和草原局湿地管理司`."""


def _restored(name: str, printed: str, previous: str) -> str:
    """Return the full name of a unit or bureau that leaves its parent to the name before it, or an empty text."""
    before = normalize(previous)
    match = _PARENT.match(before)
    if match and (_is_bare_unit(name) or (match.group(1).endswith("科学院") and _is_institute(name))):
        parent = (
            previous[: len(match.group(1))]
            if normalize(previous[: len(match.group(1))]) == match.group(1)
            else match.group(1)
        )
        rest = before[len(match.group(1)) :]
        if rest and rest != name:
            return parent + printed
    if name.endswith("司") and (office := _OFFICE.match(before)):
        return previous[: len(office.group(1))] + printed
    if _is_bare_bureau(name) and (place := leading_place(before)) is not None:
        form = form_of(before)
        if form is not None and form.kind == "government" and place.code != "100000":
            return place.printed + printed
    return ""


def _rest(run: Run, covered: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the slices of the run, by index, that no party and no unplaced part covers."""
    index = 0
    for start, end in sorted(covered):
        first = bisect_left(run.offsets, start, index)
        if first > index:
            yield index, first
        index = max(index, bisect_left(run.offsets, end, index))
    if index < len(run.offsets):
        yield index, len(run.offsets)
