"""Labelled lists: which lines are labels, what each printed label means, and how far its list goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec

from cega_graph.names.forms import form_of, is_complete, is_group, is_person_name
from cega_graph.names.normalize import normalize
from cega_graph.names.regions import leading_place
from cega_graph.sources.layout import Line
from cega_graph.sources.splitting import is_tail
from cega_graph.vocabulary import reading_words, roles


class Label(msgspec.Struct, frozen=True):
    """A label line: as printed, the roles it gives, and what its bracket adds."""

    printed: str
    roles: tuple[str, ...]
    qualifier: str


class LabelledList(msgspec.Struct, frozen=True):
    """A label and the lines of the list below it; `notes` are (code, line) pairs of the reader's doubts."""

    label: Label
    label_line: Line
    section: str
    lines: tuple[Line, ...]
    notes: tuple[tuple[str, Line], ...]


_LABEL_WIDTH: Final = 40
_BRACKET: Final = re.compile(r"[（(]([^（）()]*)[）)]")
_JOINTS: Final = re.compile(r"\s*(?:[/／、&＆+＋|｜，,；;]|以及|及其|及|和|与|兼|暨)\s*")


@cache
def _printed_roles() -> dict[str, str]:
    return {_bare(word): role.role for role in roles().values() for word in (role.label_zh, *role.printed) if word}


def _bare(text: str) -> str:
    return re.sub(r"\s", "", normalize(text))


def parse_label(text: str) -> Label | None:
    """Return what a label line says, or None if it is no known label.

    A combined label gives each of its roles; a bracket qualifies whatever stands in the list.

    >>> parse_label("联合发起方 / 执行方").roles, parse_label("资助对象（2024 年）").qualifier
    (('co_initiator', 'executor'), '2024 年')
    >>> parse_label("技术、数据支持").roles, parse_label("项目合作方"), parse_label("本项目的执行方")
    (('supporter',), None, None)
    """
    if len(text) > _LABEL_WIDTH or text in reading_words("partner_section"):
        return None
    bare = text.strip().strip("·•●■◆▪-—* \t").rstrip(":： ")
    qualifier = "；".join(b.strip() for b in _BRACKET.findall(bare) if b.strip())
    bare = _BRACKET.sub("", bare).strip()
    found = _roles_of(bare)
    return Label(text.strip(), found, qualifier) if found else None


def _roles_of(bare: str) -> tuple[str, ...]:
    known = _printed_roles()
    if _bare(bare) in known:
        return (known[_bare(bare)],)
    parts = [_bare(p) for p in _JOINTS.split(bare)]
    if len(parts) < 2 or not all(parts):
        return ()
    found = [_role_of_part(part, parts[-1]) for part in parts]
    return tuple(dict.fromkeys(r for r in found if r)) if all(found) else ()


def _role_of_part(part: str, last: str) -> str:
    """`技术` in `技术、数据支持` borrows the ending of the last part."""
    known = _printed_roles()
    if part in known:
        return known[part]
    for length in range(1, len(last)):
        if part + last[-length:] in known:
            return known[part + last[-length:]]
    return ""


def unknown_label(text: str) -> Label | None:
    """Return a short line that is worded like a label although no role covers it; its role is `other`.

    >>> unknown_label("培训督导方").roles, unknown_label("志愿者在岸边清点水鸟，2021年")
    (('other',), None)
    """
    bare = _BRACKET.sub("", text).strip().rstrip(":： ")
    if not 2 <= len(bare) <= 14 or re.search(r"[，。；！？“”\d《》]", bare) or is_complete(normalize(bare)):
        return None
    qualifier = "；".join(b.strip() for b in _BRACKET.findall(text) if b.strip())
    return Label(text.strip(), ("other",), qualifier)


class Lists(msgspec.Struct, frozen=True):
    """The labelled lists of a case, and the lines in doubt, as (code, line, section)."""

    found: list[LabelledList]
    doubts: list[tuple[str, Line, str]]


def lists_of(body: Sequence[Line], sections: frozenset[str]) -> Lists:
    """Return the labelled lists of a case in order of text.

    Args:
        body: The case's lines.
        sections: The lines that head sections in this book.
    """
    lists = Lists([], [])
    section, index, inside = "", 0, False
    while index < len(body):
        text = body[index].text
        if (text in sections and parse_label(text) is None) or _heads_partners(body, index):
            section, inside = text, text in reading_words("partner_section") or _heads_partners(body, index)
            index += 1
        else:
            index = _one_list(body, index, sections, (section, inside), lists)
    return lists


_PARTNER_HEADING: Final = re.compile(
    r"(?:本?项目|案例|本案例)?(?:的)?(?:主要)?(?:参与|合作|相关|协作|联合|支持)?(?:各)?(?:方|机构|单位|伙伴|团队|方及角色|方与角色)"
)


def _heads_partners(body: Sequence[Line], index: int) -> bool:
    """A heading such as 项目参与各方: worded like one of the partner section, and a label stands right below."""
    text = body[index].text
    if (
        index + 1 >= len(body)
        or not _PARTNER_HEADING.fullmatch(text)
        or not text.startswith(("项目", "本项目", "案例", "本案例"))
    ):
        return False
    return parse_label(body[index + 1].text) is not None


def _one_list(body: Sequence[Line], index: int, sections: frozenset[str], where: tuple[str, bool], lists: Lists) -> int:
    """Read the label at `index`, if one stands there, with its list; return the index behind them.

    Args:
        where: The section, and whether it is the partners' section, where unknown labels count too.
        lists: Takes the list or the doubt.
    """
    section, inside = where
    line = body[index]
    label, used = _label_at(body, index, inside=inside)
    if label is None and inside and _heads_a_list(body, index, sections):
        label, used = unknown_label(line.text), 1
    if label is None:
        if inside and (inline := _inline_list(line)):
            lists.found.append(LabelledList(inline[0], line, section, (inline[1],), ()))
        elif inside:
            lists.doubts.append(("after-list", line, section))
        return index + 1
    label_line = Line(line.start, body[index + used - 1].end, label.printed, line.follows_blank)
    taken, notes = _list_lines(body, index + used, sections)
    if not taken:
        lists.doubts.append(("empty-label", label_line, section))
    elif _is_prose(taken):
        if inside or line.follows_blank:
            lists.doubts.append(("label-before-prose", label_line, section))
        return index + used
    else:
        if label.roles == ("other",):
            lists.doubts.append(("unknown-label", label_line, section))
        lists.found.append(LabelledList(label, label_line, section, tuple(taken), tuple(notes)))
    return index + used + len(taken)


def _label_at(body: Sequence[Line], index: int, *, inside: bool) -> tuple[Label | None, int]:
    line = body[index]
    if not inside and not line.follows_blank and index and not _may_precede_label(body[index - 1]):
        return None, 1
    if label := parse_label(line.text):
        return label, 1
    if (
        index + 1 < len(body)
        and re.search(r"(?:[/／、&＆+]|及|和|与)\s*$", line.text)
        and len(line.text) <= _LABEL_WIDTH
    ):
        joined = f"{line.text}{body[index + 1].text}"
        if label := parse_label(joined):
            return label, 2
    return None, 1


def _may_precede_label(line: Line) -> bool:
    """A label may follow its section's heading, another label or the end of a list without a blank line."""
    text = line.text
    return (
        text in reading_words("section")
        or parse_label(text) is not None
        or text.endswith(("。", "等"))
        or is_complete(normalize(text))
        or is_complete(normalize(re.split("[、，；,;]", text)[-1]))
    )


def _heads_a_list(body: Sequence[Line], index: int, sections: frozenset[str]) -> bool:
    """Tell whether a line that no role covers stands where a label would, with a list behind it."""
    line = body[index]
    if index + 1 >= len(body):
        return False
    following = body[index + 1]
    if following.text in sections or parse_label(following.text) or _ends_open(line.text):
        return False
    bare = _BRACKET.sub("", line.text).strip().rstrip(":： ")
    first_in_section = index > 0 and body[index - 1].text in reading_words("partner_section")
    worded = (
        bare.endswith(reading_words("label_ending")) or first_in_section or line.text.rstrip().endswith((":", "："))
    )
    if unknown_label(line.text) is None or not (line.follows_blank or worded):
        return False
    taken, _ = _list_lines(body, index + 1, sections)
    if not taken or _is_prose(taken):
        return False
    text = "".join(one.text for one in taken)
    items = [i for i in re.split("[、，；,;]", text) if i.strip()]
    named = sum(_looks_like_name(i) for i in items)
    return named * 2 >= len(items) or (worded and len(items) > 1)


def _looks_like_name(text: str) -> bool:
    name = normalize(re.sub(r"等\S{0,12}$", "", re.sub(r"[（(][^（）()]*[）)]$|[。\s]+$", "", text.strip())))
    return form_of(name) is not None or is_group(name) or is_person_name(name)


_INLINE: Final = re.compile(r"([^:：]{2,30})[:：]\s*(\S.*)\Z")


def _inline_list(line: Line) -> tuple[Label, Line] | None:
    """`资助方：甲、乙` on one line."""
    match = _INLINE.match(line.text) if len(line.text) < 2000 else None
    label = parse_label(match.group(1)) if match else None
    if match is None or label is None:
        return None
    start = line.start + match.start(2)
    return label, Line(start, line.end, match.group(2), follows_blank=False)


_OPEN: Final = "、，；,;"


def _ends_open(text: str) -> bool:
    return text.endswith(tuple(_OPEN)) or text.count("（") + text.count("(") > text.count("）") + text.count(")")


def _list_lines(
    body: Sequence[Line], first: int, sections: frozenset[str]
) -> tuple[list[Line], list[tuple[str, Line]]]:
    """Return the lines of the list that begins at `first`.

    It goes on to the next blank line, label, section or caption; over a blank line (a page ends
    there) only if a separator or an open bracket ends the line before, a separator begins the line
    behind, or the two halves make one complete name that neither is alone.
    """
    taken: list[Line] = []
    notes: list[tuple[str, Line]] = []
    for line in body[first:]:
        if taken:
            if line.text in sections or re.fullmatch(r"\d{1,3}", line.text):
                break
            last = taken[-1].text
            if parse_label(line.text) is not None:
                break
            if line.follows_blank:
                if not _goes_on(last, line.text):
                    break
                notes.append(("joined-paragraph", line))
            elif _is_caption(last, line.text):
                break
        elif line.text in sections or parse_label(line.text) is not None:
            break
        taken.append(line)
        if re.search(r"。\s*$", line.text):
            break
    return taken, notes


def _goes_on(last: str, text: str) -> bool:
    if _ends_open(last) or text[0] in _OPEN:
        return True
    if last.endswith(("。", "等")) or re.search(r"等\S{0,12}$", last):
        return False
    head = normalize(re.split(f"[{_OPEN}]", last)[-1])
    tail_text = re.split(f"[{_OPEN}。]", text)[0]
    tail = normalize(re.sub(r"等\S{0,10}$", "", tail_text)) or normalize(tail_text)
    if is_complete(head) or _is_caption_text(tail_text) or not head:
        return False
    return is_complete(head + tail) and (not is_complete(tail) or leading_place(tail) is None)


def _is_caption(last: str, text: str) -> bool:
    """Tell whether a line right behind a list, with no blank line between, is a picture's caption.

    It is, if the list was at its end (a full stop, a tail, a whole name) and the line would not go
    on with its last name to make another name; or if nothing but a sentence of unlikely length would
    come of joining them.
    """
    if _ends_open(last) or text[0] in _OPEN or text[0] in "（(等":
        return False
    first = re.split(f"[{_OPEN}。]", text)[0]
    if re.search(r"等$", last) and is_tail(normalize(first)):
        return False
    if last.endswith(("。", "等")) or _TAIL_END.search(last):
        return True
    head = normalize(re.split(f"[{_OPEN}]", last)[-1])
    joined = normalize(head + re.sub(r"[（(][^（）()]*[）)]?$|等\S{0,12}$", "", first))
    if form_of(joined) is not None or is_group(joined):
        return False
    if is_complete(head) or head.endswith(")"):
        return True
    return len(joined) > _LONGEST_NAME and not re.search(f"[{_OPEN}]", text) and len(first) >= 6


_LONGEST_NAME: Final = 24
"""Characters; a longer name without a form word at its end is a name and a caption run together."""

_TAIL_END: Final = re.compile(r"(?<![高中初平优均同何特])等[^、，；,;]{1,12}$")


def _is_caption_text(text: str) -> bool:
    name = normalize(text)
    return not is_complete(name) and (
        re.search(r"\s[-–—－]\s|\s[-–—－]\d", text) is not None
        or text.rstrip("。").endswith(reading_words("caption_ending"))
    )


def _is_prose(taken: Sequence[Line]) -> bool:
    """Tell whether the lines under a label are running text: a sentence with a verb's length of words between stops."""
    text = "".join(line.text for line in taken)
    body = text.rstrip("。；;，, ")
    if "。" in body:
        return True
    items = [i for i in re.split("[、，；,;]", body) if i.strip()]
    longest = max((len(i) for i in items), default=0)
    return longest > 60 or (text.endswith("。") and _reads_as_sentence(items))


def _reads_as_sentence(items: Sequence[str]) -> bool:
    """A list may end in a full stop; a sentence also has items that begin with words no name begins with."""
    opening = (
        "本项目",
        "项目",
        "通过",
        "由",
        "为",
        "在",
        "其中",
        "并",
        "同时",
        "以",
        "该",
        "我们",
        "此外",
        "共",
        "从",
        "对",
        "与",
        "联合",
    )
    return any(i.strip().startswith(opening) and not is_complete(normalize(i)) and len(i) > 8 for i in items)
