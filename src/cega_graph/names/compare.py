"""Do two names mean one body? Decided only by what can decide; everything else stays undecided."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

import msgspec

from cega_graph.names.forms import (
    NameParts,
    form_of,
    is_bare_office,
    is_complete,
    is_generic,
    is_group,
    is_person_name,
    take_apart,
)
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.regions import are_apart, is_place
from cega_graph.vocabulary import reading_words


class Verdict(msgspec.Struct, frozen=True):
    """`same`, `different` or `undecided`, and the rule that says so with the words it goes by."""

    verdict: str
    reason: str


def compare(name_a: str, name_b: str, ledger: Ledger) -> Verdict:
    """Tell whether two names mean one body.

    In this order: equal spelling; the ledger; an alias that one of the names states itself in a
    bracket; then the vetoes (place, form word, number, part of a body). String similarity decides
    nothing: look-alikes (深圳… / 湛江…) are often more alike than true aliases.

    >>> compare("紅樹林基金會 (MCF)", "红树林基金会（MCF）", Ledger()).verdict
    'same'
    >>> compare("深圳市红树林湿地保护基金会", "湛江市红树林湿地保护协会", Ledger()).reason
    'place: 深圳市 / 湛江市'
    >>> compare("芜湖青野", "芜湖青野社区发展促进中心", Ledger()).verdict
    'undecided'
    """
    a, b = normalize(name_a), normalize(name_b)
    if not a or not b:
        return Verdict("undecided", "a name is empty")
    said, why = ledger.verdict(name_a, name_b) if _key(a) != _key(b) else ("", "")
    found = (
        _spelled_alike(a, b)
        or (Verdict(said, why) if said else None)
        or _group(a, b)
        or _qualified(a, b)
        or _stated_alias(a, b, ledger)
        or _veto(a, b)
    )
    return found or Verdict("undecided", "nothing decides")


def _spelled_alike(a: str, b: str) -> Verdict | None:
    if a != b:
        alike = _key(a) == _key(b)
        return Verdict("same", "spelling: script, width, brackets, spaces or punctuation only") if alike else None
    if is_group(a):
        return Verdict("undecided", "a phrase that names no single body")
    if is_person_name(a):
        return Verdict("undecided", "one personal name may be borne by several people")
    if is_bare_office(a):
        return Verdict("undecided", "an office's name without its place is borne by many")
    return Verdict("same", "spelling: equal")


def _group(a: str, b: str) -> Verdict | None:
    if is_group(a) and is_group(b):
        return Verdict("undecided", "phrases that name no single body")
    if is_group(a) or is_group(b):
        return Verdict("different", "a phrase that names no single body")
    return None


def _qualified(a: str, b: str) -> Verdict | None:
    """`柳州市观鸟协会项目` / `柳州市观鸟协会`: the suffix qualifies a whole name."""
    for long, short in ((a, b), (b, a)):
        for word in _QUALIFYING:
            if long == short + word and is_complete(short):
                return Verdict("same", f"spelling: {word} behind a whole name qualifies it")
    return None


_QUALIFYING: Final = ("项目", "项目组")


_PUNCTUATION: Final = re.compile(r"[\s.,·'’&()-]+")


@lru_cache(maxsize=1 << 14)
def _key(name: str) -> str:
    """Spelling without punctuation; in a Latin name `&` is `and` and a leading `the` falls away."""
    if has_han(name):
        return _PUNCTUATION.sub("", name)
    words = re.findall(r"[a-z0-9]+", name.replace("&", " and "))
    return " ".join(words[1:] if words[:1] == ["the"] else words)


_ALIAS_BRACKET: Final = re.compile(r"^(.{2,}?)\(([^()]+)\)$")


def _stated_alias(a: str, b: str, ledger: Ledger) -> Verdict | None:
    """`红树林基金会(MCF)` states that MCF is 红树林基金会."""
    for long, short in ((a, b), (b, a)):
        match = _ALIAS_BRACKET.match(long)
        if match is None:
            continue
        name, bracket = match.groups()
        alias = "" if _is_brand(bracket) and not is_subsequence(bracket, name) else alias_in_bracket(bracket, name)
        if alias and (short in (name, alias) or ledger.verdict(name, short)[0] == "same"):
            return Verdict("same", f"alias: {long!r} states it")
        if ledger.verdict(name, short)[0] == "different" and alias:
            return Verdict("different", ledger.verdict(name, short)[1])
    return None


_QUALIFIER: Final = re.compile(r"\d|第.+[期届批]|个人|伙伴|年|项目|部分|等$|成员|团队")


def alias_in_bracket(bracket: str, name: str) -> str:
    """Return the alias that a normalised bracket behind a name states, or an empty text.

    Words such as 以下简称 or 原名 announce one; so do Latin letters alone, a short form whose
    characters stand in the name in this order, a name with a form word of its own, and behind a
    whole name a brand, which is neither made of general words nor ends like a qualifier. A place or
    a legal form (美国, 有限合伙) belongs to the name; everything else is a qualifier.

    >>> alias_in_bracket("mcf", "红树林基金会"), alias_in_bracket("以下简称深圳社工院", "深圳社会工作院")
    ('mcf', '深圳社工院')
    >>> alias_in_bracket("个人", "柯伟国"), alias_in_bracket("瑞士", "世界自然基金会")
    ('', '')
    """
    said, _ = announcement(bracket)
    if said and len(bracket) >= said + 2:
        return bracket[said:].strip(' "”」')
    if belongs_to_name(bracket, name) or is_group(bracket) or is_person_name(name):
        return ""
    is_latin = re.fullmatch(r"[a-z][a-z .&'-]*", bracket) is not None
    return bracket if is_latin or (not _QUALIFIER.search(bracket) and _is_other_name(bracket, name)) else ""


def belongs_to_name(bracket: str, name: str) -> bool:
    """Tell whether a normalised bracket is part of the name before it.

    A place, a country or a legal form is; so are a university's two to four characters that no list
    of places has and that are no qualifier: its campus.

    >>> belongs_to_name("旅顺", "哈尔滨工业大学"), belongs_to_name("个人", "柯伟国")
    (True, False)
    """
    form = form_of(name)
    is_university = form is not None and form.family in {"大学", "学院"}
    is_short = 2 <= len(bracket) <= 4 and all(has_han(c) for c in bracket)
    plain = not bracket.endswith(reading_words("qualifier_word")) and form_of(bracket) is None
    return is_name_bracket(bracket) or (is_university and is_short and plain and not is_generic(bracket))


def _is_other_name(bracket: str, name: str) -> bool:
    """A short form, a name of the same form (`SEE 基金会`), any whole name behind a brand, or a brand."""
    if len(bracket) >= 2 and is_subsequence(bracket, name):
        return True
    form, own = form_of(bracket), form_of(name)
    if form is not None and form.family:
        is_longer = len(bracket) > len(form.form)
        return is_longer and (own is None or not own.family or own.family == form.family)
    return is_complete(name) and _is_brand(bracket)


def _is_brand(bracket: str) -> bool:
    """`(美境自然)`: two to eight characters that are no general words and do not end like a qualifier."""
    brand = 2 <= len(bracket) <= 8 and all(has_han(c) for c in bracket) and not is_person_name(bracket)
    return brand and not is_generic(bracket) and not bracket.endswith(reading_words("qualifier_word"))


def announcement(bracket: str) -> tuple[int, bool]:
    """Return the length of the words that announce an alias, 0 if none do, and whether it is a former name.

    >>> announcement("以下简称：红树林"), announcement("原名“青禾协会”"), announcement("青禾协会")
    ((5, False), (3, True), (0, False))
    """
    match = _announcing().match(bracket)
    return (match.end(), match["former"] is not None) if match else (0, False)


@cache
def _announcing() -> re.Pattern[str]:
    alias, former = (
        "|".join(sorted(map(re.escape, reading_words(use)), key=lambda w: (-len(w), w)))
        for use in ("alias_word", "former_word")
    )
    return re.compile(rf"\s*(?:(?P<former>{former})|{alias})[:：\s]*[“「\"]?")


def is_name_bracket(bracket: str) -> bool:
    """Tell whether a normalised bracket belongs to a registered name: a place, a country, a legal form.

    >>> is_name_bracket("瑞士"), is_name_bracket("溧水"), is_name_bracket("个人")
    (True, True, False)
    """
    if bracket in _bracket_words() or is_place(bracket):
        return True
    form = form_of(bracket)
    if form is not None and form.form == bracket:
        return True
    return any(is_place(bracket + suffix) for suffix in "市区县")


@cache
def _bracket_words() -> frozenset[str]:
    return frozenset(normalize(w) for w in reading_words("foreign_place"))


def is_subsequence(short: str, long: str) -> bool:
    """Tell whether the characters of one text stand in another in the same order.

    >>> is_subsequence("民促会", "中国国际民间组织合作促进会"), is_subsequence("促民", "民促会")
    (True, False)
    """
    at = -1
    for c in short:
        at = long.find(c, at + 1)
        if at < 0:
            return False
    return True


def _veto(a: str, b: str) -> Verdict | None:
    if has_han(a) != has_han(b):
        return None
    parts_a, parts_b = take_apart(a), take_apart(b)
    for rule in _VETOES:
        reason = rule(a, b, parts_a, parts_b)
        if reason:
            return Verdict("different", reason)
    return None


def _place_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """Two places of which neither lies in the other, or two registers: of a province and of a city in it."""
    if not x.place_code or not y.place_code or x.place_code == y.place_code:
        return ""
    apart = are_apart(x.place_code, y.place_code)
    nested = x.place.startswith(y.place) or y.place.startswith(x.place)
    two_registers = x.place_is_full and y.place_is_full and not nested and x.form == y.form
    return f"place: {x.place} / {y.place}" if apart or two_registers else ""


def _inner_place_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """The same name but for a place inside: `…(瑞士)北京代表处` / `…(瑞士)上海代表处`."""
    (rest_a, place_a), (rest_b, place_b) = _without_inner_place(a), _without_inner_place(b)
    if place_a and place_b and place_a != place_b and rest_a == rest_b:
        return f"place: {place_a} / {place_b}"
    return ""


@lru_cache(maxsize=1 << 14)
def _without_inner_place(name: str) -> tuple[str, str]:
    for start in range(2, len(name) - 2):
        for length in range(min(8, len(name) - start), 1, -1):
            if is_place(name[start : start + length]):
                return name[:start] + name[start + length :], name[start : start + length]
    return name, ""


def _bracket_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """`中国地质大学(武汉)` / `中国地质大学(北京)`."""
    places_a, places_b = ([i for i in re.findall(r"\(([^()]+)\)", name) if is_name_bracket(i)] for name in (a, b))
    if places_a and places_b and set(places_a).isdisjoint(places_b):
        return f"place: ({places_a[0]}) / ({places_b[0]})"
    return ""


_SHORT_OF_MANY: Final = "会"
_AUTHORITIES: Final = frozenset({"局", "厅", "委员会", "办公室"})


def _form_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    if not x.family or not y.family or x.family == y.family or has_han(x.form) != has_han(y.form):
        return ""
    if min(len(x.place + x.core), len(y.place + y.core)) < 2:
        return ""
    if _SHORT_OF_MANY in (x.family, y.family) and x.family.endswith("会") and y.family.endswith("会"):
        return ""
    if {x.family, y.family} <= _AUTHORITIES and x.place_code == y.place_code:
        return ""
    return f"form: {x.form} / {y.form}"


_NUMERAL: Final = "一二三四五六七八九十百〇零"
_NUMBER: Final = re.compile(
    rf"第[{_NUMERAL}0-9]+|[{_NUMERAL}]+(?=[中小附医大号幼期届支分院团局](?![{_NUMERAL}]))|[0-9]+"
)


def _number_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    numbers_a, numbers_b = ({_value(n) for n in _NUMBER.findall(p.core + p.form)} for p in (x, y))
    if numbers_a and numbers_b and numbers_a.isdisjoint(numbers_b):
        return f"number: {min(numbers_a)} / {min(numbers_b)}"
    return ""


def _value(numeral: str) -> str:
    """`第八十` and `80` → `80`; `一〇一` → `101`."""
    text = numeral.removeprefix("第")
    if text.isdigit() and text.isascii():
        return text
    digits = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0} | {str(i): i for i in range(10)}
    if "十" not in text and "百" not in text:
        return "".join(str(digits[c]) for c in text)
    total, last = 0, 0
    for char in text:
        if char in "十百":
            total += (last or 1) * (10 if char == "十" else 100)
            last = 0
        else:
            last = last * 10 + digits[char]
    return str(total + last)


def _part_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """`爱德基金会` / `爱德基金会突发危机响应专项`: a complete name, and the same with more behind it."""
    for whole, part in ((a, b), (b, a)):
        tail = part.removeprefix(whole)
        if tail != part and len(tail) >= 2 and not tail.startswith("(") and is_complete(whole):
            return f"part of the body: {tail}"
    return ""


def _university_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """Universities are called by their full names: two that are no short form of each other are two."""
    if x.family != "大学" or y.family != "大学" or not (is_complete(a) and is_complete(b)):
        return ""
    if is_subsequence(a, b) or is_subsequence(b, a) or "(" in a + b:
        return ""
    return f"universities: {a} / {b}"


def _registered_veto(a: str, b: str, x: NameParts, y: NameParts) -> str:
    """Two registered names of one place and form with different distinguishing words.

    A body bears one registered name, and a register holds no two equal ones (社会组织名称管理办法);
    a change of name would have to be stated by a source. Short forms, spelling slips and names in
    Latin letters are left open.
    """
    if not (x.place_is_full and y.place_is_full and x.place_code == y.place_code and x.family and x.family == y.family):
        return ""
    if not (has_han(x.core) and has_han(y.core)) or min(len(x.core), len(y.core)) < 2:
        return ""
    if is_subsequence(x.core, y.core) or is_subsequence(y.core, x.core):
        return ""
    if _NUMBER.sub("#", x.core) == _NUMBER.sub("#", y.core):
        return ""
    if x.family != "街道办事处" and _differ_little(x.core, y.core):
        return ""
    return f"registered names: {x.core} / {y.core}"


def _differ_little(a: str, b: str) -> bool:
    """Tell whether a slip of the pen could explain the difference: all but one or two characters are shared."""
    shared = sum(min(a.count(c), b.count(c)) for c in set(a))
    longest = max(len(a), len(b))
    return shared >= longest - 2 and shared * 2 >= longest


_VETOES: Final = (
    _place_veto, _inner_place_veto, _bracket_veto, _form_veto, _number_veto, _part_veto,
    _university_veto, _registered_veto,
)  # fmt: skip
