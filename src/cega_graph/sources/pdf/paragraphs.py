"""Blocks in reading order → text: where a line goes on, where it ends, and where a paragraph ends."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.columns import Block
from cega_graph.sources.pdf.habits import Habits, habits_of
from cega_graph.sources.pdf.pieces import is_wide
from cega_graph.sources.pdf.rows import (
    ALIKE,
    CLOSING,
    INDENTED,
    OPENING,
    Row,
    distance,
    has_room,
    is_set_in,
    rows_of_page,
    with_edges,
)  # fmt: skip

_VALUE: Final = 60
"""Characters; a line that goes on with the value of a header's field is no longer."""

_TYPED: Final = 25
"""Characters of a list's line that may have been broken off by hand, so that it may go on, at least."""


class Words(msgspec.Struct, frozen=True):
    """What the words of a line say about it, where its place on the page says nothing.

    `begins` tells that it begins something new, a label or a header; `alone` that it stands by itself, as a
    label does; `is_header` that it is one, and `header_ends` that a line does not go on with it, `breaks_name`
    that one goes on with a field's name; `awaits` that it goes on however it ends; `mend` returns it as it is
    meant, when it is whole.
    """

    begins: Callable[[str], bool]
    alone: Callable[[str], bool]
    is_header: Callable[[str], bool]
    header_ends: Callable[[str, str], bool]
    breaks_name: Callable[[str, str], bool]
    awaits: Callable[[str], bool]
    mend: Callable[[str], str]


def text_of(pages: Sequence[Sequence[Block]], words: Words) -> str:
    r"""Return the text of a book: a paragraph a line, blank lines between paragraphs, form feeds between pages.

    A line that breaks off because no more went into its column is joined with the next; one that
    ends though there was room stays a line. A wide gap becomes a tab. The form feed behind a header
    that goes on over a page stands at its end.

    Args:
        pages: The blocks of each page in reading order.
        words: What the words of a line say about it.
    """
    rows = with_edges([row for number, page in enumerate(pages) for row in rows_of_page(number, page)])
    if not rows:
        return ""
    habits, titles = habits_of(rows), _titles(rows, words)
    parts = ["\f" * rows[0].page]
    line, listed, owed = "", False, 0
    for index, (row, after) in enumerate(itertools.pairwise(rows), start=1):
        line += row.text
        so_far = _SoFar(line, listed, index in titles)
        joint = "" if words.breaks_name(line, after.text) else _joint(row, after, so_far, habits, words)
        owed += after.page - row.page
        if "\n" not in joint and (not owed or words.is_header(line)):
            line += joint
            continue
        parts.append(words.mend(line))
        parts.append(joint[:-1].rstrip(" ") + "\f" * owed if owed else joint)
        listed = words.alone(line) or (listed and not line.endswith("。") and joint != "\n\n")
        line, owed = "", 0
    parts += [words.mend(line + rows[-1].text), "\n", "\f" * (owed + len(pages) - 1 - rows[-1].page)]
    return "".join(parts)


class _SoFar(msgspec.Struct, frozen=True):
    """A line joined so far: whether it is of a list below a label, and whether a title begins behind it."""

    text: str
    listed: bool
    before_title: bool


def _joint(row: Row, after: Row, line: _SoFar, habits: Habits, words: Words) -> str:
    """Return what stands between two lines: nothing or a space, a line break, or a blank line.

    A full stop ends a list; a label that is whole ends a line.
    """
    if abs(row.size - after.size) > ALIKE * row.size:
        return "\n\n"
    header, alone = words.is_header(line.text), words.alone(line.text)
    begins = words.is_header(after.text) if header else words.begins(after.text)
    whole = (line.listed and line.text.endswith("。")) or words.header_ends(line.text, after.text)
    anew = begins or whole or line.before_title or (alone and not words.alone(line.text + after.text))
    if (row.page, row.block) != (after.page, after.block):
        stops = re.search(r"[。！？!?：:]$", row.text) is not None or (habits.set_in and is_set_in(after))
        return "\n\n" if anew or stops or has_room(row, after) else _space(row.text, after.text, habits)
    if _is_apart(row, after, habits):
        return "\n\n"
    if words.awaits(line.text) and not begins and len(after.text) <= _VALUE and "。" not in after.text:
        return "\t"
    if anew or has_room(row, after):
        typed = line.listed and len(line.text) >= _TYPED
        return "\n" if habits.gaps or alone or header or typed else "\n\n"
    return _space(row.text, after.text, habits)


def _is_apart(row: Row, after: Row, habits: Habits) -> bool:
    """Tell whether a line begins a paragraph: it stands off the one above, or is set in."""
    if distance(row, after) > habits.apart:
        return True
    return is_set_in(after) and (habits.set_in or after.x0 - row.x0 >= INDENTED * row.size)


_NUMBERED: Final = re.compile(r"(?:案例|第)?\s*[（(]?\s*(\d{1,3})(?!\d)")
"""How the title of a case begins, the number in front."""


def _titles(rows: Sequence[Row], words: Words) -> set[int]:
    """Return which lines begin the title of a case: numbered ones closely above its header.

    Of several the one with the number that is next in order, else the nearest.
    """
    found: set[int] = set()
    expected = 1
    for index, row in enumerate(rows):
        if not words.is_header(row.text):
            continue
        near: list[tuple[bool, int, int]] = []
        for above in range(index - 1, max(-1, index - 1 - _TITLE_LINES), -1):
            if words.begins(rows[above].text):
                break
            if match := _NUMBERED.match(unicodedata.normalize("NFKC", rows[above].text)):
                near.append((int(match.group(1)) == expected, above, int(match.group(1))))
        if near:
            _, above, number = max(near)
            found.add(above)
            expected = number + 1
    return found


_TITLE_LINES: Final = 4
"""Lines that a title takes, at most."""


def _space(before: str, after: str, habits: Habits) -> str:
    """Return what a line break inside a paragraph stands for: a space between words, nothing in Chinese.

    Between a Chinese character and a Latin word it is what the book sets there elsewhere.
    """
    a, b = before[-1:], after[:1]
    if not a or not b or a in OPENING or b in CLOSING or (a in "-/" and before[-2:-1] != " "):
        return ""
    if not (is_wide(a) or is_wide(b)):
        return " "
    if (is_wide(a) and is_wide(b)) or a in _MARKS or b in _MARKS:
        return ""
    head, tail = re.findall(r"[A-Za-z0-9]*.\Z", before)[0], re.findall(r"\A(?:[A-Za-z0-9]+|.)", after)[0]
    spaced, tight = habits.text.count(f"{head} {tail}"), habits.text.count(f"{head}{tail}")
    if spaced == tight:
        return " " if habits.mixed and (_is_letter(a) or _is_letter(b)) else ""
    return " " if spaced > tight else ""


def _is_letter(char: str) -> bool:
    return char.isascii() and char.isalpha()


_MARKS: Final = OPENING + CLOSING + "—…·"
