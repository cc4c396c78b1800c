"""The layout of a casebook: lines, cases with their headers, paragraphs with their sections."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import msgspec

from cega_graph.vocabulary import reading_words

_LINE: Final = re.compile(r"[^\r\n\f\v\x1c-\x1e\x85\u2028\u2029]+")
_WIDE: Final = 400
"""No heading, label or header field is longer than this many characters; longer lines are prose."""


class Line(msgspec.Struct, frozen=True):
    """A line that is not blank: offsets of its text without the white space at both ends.

    `follows_blank` says that a blank line or the start of the text stands before it.
    """

    start: int
    end: int
    text: str
    follows_blank: bool


class Field(msgspec.Struct, frozen=True):
    """A value of a case's header; empty if nothing is printed behind its name."""

    label: str
    value: str
    start: int
    end: int


class Case(msgspec.Struct, frozen=True):
    """A case: its number and title as printed, its header, and the lines of its body."""

    number: str
    heading: str
    title_start: int
    title_end: int
    fields: dict[str, Field]
    body: tuple[Line, ...]


def lines_of(text: str) -> list[Line]:
    """Return the lines of a text that are not blank; a form feed ends a line too."""
    lines: list[Line] = []
    reached = 0
    for match in _LINE.finditer(text):
        stripped = match.group().strip()
        if not stripped:
            continue
        start = match.start() + len(match.group()) - len(match.group().lstrip())
        between = text[reached : match.start()]
        breaks = len(re.findall(r"\r\n|[\r\n\f\v\x1c-\x1e\x85\u2028\u2029]", between))
        lines.append(Line(start, start + len(stripped), stripped, breaks > 1 or not lines))
        reached = match.end()
    return lines


_HEADER_USES: Final = {
    "submitter": "header_submitter",
    "theme": "header_theme",
    "start": "header_start",
    "end": "header_end",
}


def _header_names() -> dict[str, str]:
    return {word: field for field, use in _HEADER_USES.items() for word in reading_words(use)}


def _header_pattern() -> re.Pattern[str]:
    """A header name at the start of a line or behind a tab or wide gap, then a tab, colon or gap."""
    words = "|".join(sorted(map(re.escape, _header_names()), key=len, reverse=True))
    return re.compile(rf"(?:^|(?<=[\t\u3000|])|(?<=  ))[ \u3000|]*({words})(?=[\t:：\u3000 |]|$)")


def _starts_header(line: Line, pattern: re.Pattern[str]) -> bool:
    if len(line.text) > _WIDE:
        return False
    match = pattern.match(line.text)
    if match is None:
        return False
    rest = line.text[match.end() :]
    return (
        rest == ""
        or rest[0] in "\t:：\u3000|"
        or rest.startswith("  ")
        or pattern.search(line.text, match.end()) is not None
    )


def starts_with_header_name(text: str) -> bool:
    """Tell whether a printed line begins with a field of a header, set off from what follows it or followed by others.

    So is a date directly behind its field, where the tab between them took no room.

    >>> starts_with_header_name("提交机构 红树林基金会"), starts_with_header_name("提交机构认为")
    (True, False)
    >>> starts_with_header_name("开始时间2018年9月")
    True
    """
    first = _header_name().match(text) if len(text) <= _WIDE else None
    return first is not None and (
        text[first.end() : first.end() + 1] in _HEADER_GAPS
        or (_is_date_field(first.group()) and re.match(r"(?:19|20)\d{2}", text[first.end() :]) is not None)
        or any(text[m.end() : m.end() + 1] in _HEADER_GAPS for m in _header_name().finditer(text, first.end()))
    )


def header_ends(text: str, after: str) -> bool:
    """Tell whether a line of a header ends with a date that is whole, so that `after` is no part of it.

    >>> header_ends("开始时间 2023 年 4 月", "2018 年起"), header_ends("开始时间 2023 年", "4 月")
    (True, False)
    """
    names = list(_header_name().finditer(text)) if len(text) <= _WIDE and starts_with_header_name(text) else []
    if not names or not _is_date_field(names[-1].group()):
        return False
    return re.search(r"[月日]\s*\Z", text[names[-1].end() :]) is not None and not re.match(r"\d{1,2}\s*日", after)


def breaks_header_name(text: str, after: str) -> bool:
    """Tell whether a line of a header ends inside a field's name, which the next line goes on with.

    >>> breaks_header_name("提交机构 红树林基金会 案例方", "向 气候变化")
    True
    """
    return starts_with_header_name(text) and any(
        text.endswith(name[:cut]) and after.startswith(name[cut:])
        for name in _header_names()
        for cut in range(1, len(name))
    )


def _is_date_field(name: str) -> bool:
    return _header_names()[name] in ("start", "end")


def is_header_name(text: str) -> bool:
    """Tell whether a text is the name of a header's field and nothing else.

    >>> is_header_name("提交机构："), is_header_name("提交机构 红树林基金会")
    (True, False)
    """
    return text.strip(_HEADER_GAPS) in _header_names()


def with_header_tabs(text: str) -> str:
    r"""Return a line of a header with tabs around its fields' names, where only spaces or nothing could be seen.

    Print shows a tab as a gap, and the gap may be as small as a space or a hair. Other lines stay as they are.

    >>> with_header_tabs("提交机构 红树林基金会案例方向 气候变化"), with_header_tabs("提交机构很多，案例方向不同")
    ('提交机构\t红树林基金会\t案例方向\t气候变化', '提交机构很多，案例方向不同')
    """
    if not starts_with_header_name(text):
        return text
    return re.sub(rf"[{_HEADER_GAPS}]*({_header_name().pattern})[{_HEADER_GAPS}]*", r"\t\1\t", text).strip("\t")


def awaits_value(text: str) -> bool:
    """Tell whether a line of a header ends with a field's name, so that its value stands on the next line.

    >>> awaits_value("提交机构 红树林基金会 案例方向"), awaits_value("提交机构 红树林基金会")
    (True, False)
    """
    ends = [m.end() for m in _header_name().finditer(text)] if len(text) <= _WIDE else []
    return bool(ends) and ends[-1] == len(text.rstrip(_HEADER_GAPS)) and starts_with_header_name(text + " ")


_HEADER_GAPS: Final = " \t\u3000:："


@cache
def _header_name() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _header_names()), key=len, reverse=True)))


def _header_end(lines: Sequence[Line], first: int, pattern: re.Pattern[str]) -> int:
    """Return the index behind the header's last line; its lines may be apart by blank lines."""
    index = first + 1
    seen = {m.group(1) for m in pattern.finditer(lines[first].text)}
    while index < len(lines):
        line = lines[index]
        names = {m.group(1) for m in pattern.finditer(line.text)} if len(line.text) <= _WIDE else set()
        if not names or names & seen:
            break
        seen |= names
        index += 1
    return index


def _fields(lines: Sequence[Line], pattern: re.Pattern[str]) -> dict[str, Field]:
    names = _header_names()
    fields: dict[str, Field] = {}
    for line in lines:
        marks = list(pattern.finditer(line.text))
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            stop = following.start() if following else len(line.text)
            raw = line.text[mark.end() : stop]
            value = raw.strip(" \t:：\u3000|")
            start = line.start + mark.end() + (raw.index(value) if value else 0)
            fields.setdefault(names[mark.group(1)], Field(mark.group(1), value, start, start + len(value)))
    return fields


_NUMBERED: Final = re.compile(
    r"(?:案例|第)?\s*[（(]?\s*(\d{1,4})\s*(?:[)）.．、:：]|[例章]|(?=\s)|(?=[^\d\s.%％年月日亿万个家名余]))\s*(.*)\Z"
)
_NUMBER_ALONE: Final = re.compile(r"(?:案例|第)?\s*[（(]?\s*(\d{1,4})\s*(?:[)）.．、:：]|[例章])?\Z")
_CONTENTS: Final = re.compile(r"[（(]?(\d{1,4})[)）.．、]?\s*(\S.*?)[\s.．…·]*\d{1,4}\Z")
_HEADING_LINES: Final = 6


def _heading(
    lines: Sequence[Line], header: int, floor: int, expected: int, contents: dict[str, str]
) -> tuple[int, str, list[Line]]:
    """Return where the heading above a header begins, its number ("" if none) and its title's lines.

    The number stands before the title or alone above it. Of several lines that begin with a number
    the one with the number next in order is the heading's, then one that the contents list, then
    the nearest.
    """
    candidates: list[tuple[tuple[bool, bool, int], int, str]] = []
    for index in range(header - 1, max(floor, header - _HEADING_LINES) - 1, -1):
        line = lines[index]
        if len(line.text) > 120:
            break
        found = _NUMBER_ALONE.match(_digits(line.text)) or _NUMBERED.match(_digits(line.text))
        if found:
            number = found.group(1).lstrip("0") or "0"
            if found.re is _NUMBER_ALONE and index == header - 1:
                continue
            title = _squeeze("".join(one.text for one in lines[index:header]))
            listed = number in contents and _squeeze(contents[number]) in title
            candidates.append(((int(number) == expected, listed, index), index, number))
    if not candidates:
        first = header - 1
        while first > floor and not lines[first].follows_blank and header - first < 3:
            first -= 1
        return (first, "", list(lines[first:header])) if first >= floor else (header, "", [])
    _, index, number = max(candidates)
    return index, number, _title_lines(lines[index:header])


def _title_lines(lines: Sequence[Line]) -> list[Line]:
    first = lines[0]
    if _NUMBER_ALONE.match(_digits(first.text)):
        return list(lines[1:])
    match = _NUMBERED.match(_digits(first.text))
    cut = match.start(2) if match else 0
    text = first.text[cut:]
    if not text:
        return list(lines[1:])
    return [Line(first.start + cut, first.end, text, follows_blank=True), *lines[1:]]


def _digits(text: str) -> str:
    """Full-width digits and brackets → half-width, of the same length."""
    wide = unicodedata.normalize("NFKC", text)
    return wide if len(wide) == len(text) else text


def _squeeze(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text)).casefold()


def _contents(lines: Sequence[Line]) -> dict[str, str]:
    """Return number → title of the table of contents, which stands before the first case."""
    entries: dict[str, str] = {}
    for line in lines:
        match = _CONTENTS.match(line.text) if len(line.text) <= 200 else None
        if match:
            entries.setdefault(match.group(1).lstrip("0"), match.group(2))
    return entries


def cases_of(lines: Sequence[Line]) -> list[Case]:
    """Return the cases of a casebook: wherever a header stands, with the heading above it."""
    pattern = _header_pattern()
    headers: list[tuple[int, int]] = []
    index = 0
    while index < len(lines):
        if _starts_header(lines[index], pattern):
            end = _header_end(lines, index, pattern)
            if len(_fields(lines[index:end], pattern)) > 1 or "submitter" in _fields(lines[index:end], pattern):
                headers.append((index, end))
            index = end
        else:
            index += 1
    if not headers:
        return []
    contents = _contents(lines[: headers[0][0]])
    heads: list[tuple[int, str, list[Line]]] = []
    expected, floor = 1, 0
    for first, end in headers:
        head = _heading(lines, first, floor, expected, contents)
        heads.append(head)
        expected = int(head[1]) + 1 if head[1] else expected + 1
        floor = end
    starts = [head[0] for head in heads[1:]] + [len(lines)]
    cases = []
    for (first, end), (_, number, title), stop in zip(headers, heads, starts, strict=True):
        at, to = (title[0].start, title[-1].end) if title else (lines[first].start, lines[first].start)
        heading = " ".join(line.text for line in title)
        cases.append(Case(number, heading, at, to, _fields(lines[first:end], pattern), tuple(lines[end:stop])))
    return cases


def section_names(cases: Sequence[Case], is_label: dict[str, bool]) -> frozenset[str]:
    """Return the lines that head sections: known ones, and those that stand alone in many cases.

    Args:
        is_label: Lines known to be labels, which are never sections.

    A heading that no list knows is recognised by what it does: the same short line between blank
    lines in at least three cases and a quarter of all.
    """
    known = set(reading_words("section"))
    counts: Counter[str] = Counter()
    for case in cases:
        alone = {a.text for a in _alone(case.body) if len(a.text) <= 20 and not re.search(r"[，。；：,;:]", a.text)}
        counts.update(alone)
    often = max(3, len(cases) // 4)
    learned = {text for text, n in counts.items() if n >= often and not is_label.get(text) and "、" not in text}
    return frozenset(known | learned)


def _alone(body: Sequence[Line]) -> Iterator[Line]:
    for index, line in enumerate(body):
        if line.follows_blank and all(following.follows_blank for following in body[index + 1 : index + 2]):
            yield line
