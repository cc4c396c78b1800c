"""Blocks in reading order → text: where a line goes on, where it ends, and where a paragraph ends."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.columns import Block
from cega_graph.sources.pdf.pieces import Piece, is_wide

_APART: Final = 1.2
"""A distance between baselines this many times the usual one ends a paragraph."""

_ALIKE: Final = 0.08
"""Sizes that differ by a smaller share are the same type."""

_INDENTED: Final = 0.8
"""Ems by which a first line is set in, at least."""

_VALUE: Final = 60
"""Characters; a line that goes on with the value of a header's field is no longer."""

_OPENING: Final = "（(《〈「『【[“‘"
_CLOSING: Final = "，。、；：？！）)》〉」』】]”’,.;:?!…"


class _Row(msgspec.Struct, frozen=True):
    """A line with its column; `page` and `block` count from 0."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    block: int
    left: float
    right: float


class Words(msgspec.Struct, frozen=True):
    """What the words of a line say about it, where its place on the page says nothing.

    `begins` tells that it begins something new, a label or a header; `alone` that it stands by itself, as a
    label does; `awaits` that it goes on however it ends; `mend` returns it as it is meant, when it is whole.
    """

    begins: Callable[[str], bool]
    alone: Callable[[str], bool]
    awaits: Callable[[str], bool]
    mend: Callable[[str], str]


class _Habits(msgspec.Struct, frozen=True):
    """How a book is set.

    `distance` is that between the lines of a paragraph, in sizes of their type; `set_in` whether first
    lines are set in; `mixed` whether most Latin words beside a Chinese character are set off by a space;
    `text` are all its lines.
    """

    distance: float
    set_in: bool
    mixed: bool
    text: str


def text_of(pages: Sequence[Sequence[Block]], words: Words) -> str:
    r"""Return the text of a book: a paragraph a line, blank lines between paragraphs, form feeds between pages.

    A line that breaks off because no more went into its column is joined with the next; one that
    ends though there was room stays a line. A wide gap becomes a tab.

    Args:
        pages: The blocks of each page in reading order.
        words: What the words of a line say about it.
    """
    rows = _with_edges([row for number, page in enumerate(pages) for row in _rows(number, page)])
    if not rows:
        return ""
    lines, distance = "\n".join(row.text for row in rows), _usual_distance(rows)
    habits = _Habits(distance, _sets_first_lines_in(rows, distance), _spaces_mixed(lines), lines)
    parts = ["\f" * rows[0].page]
    line = ""
    for row, after in itertools.pairwise(rows):
        line += row.text
        joint = _joint(row, after, habits, words, line)
        if after.page == row.page and "\n" not in joint:
            line += joint
            continue
        parts.append(words.mend(line))
        parts.append(joint if after.page == row.page else joint[:-1].rstrip(" ") + "\f" * (after.page - row.page))
        line = ""
    parts += [words.mend(line + rows[-1].text), "\n", "\f" * (len(pages) - 1 - rows[-1].page)]
    return "".join(parts)


def _rows(number: int, blocks: Sequence[Block]) -> Iterator[_Row]:
    for index, block in enumerate(blocks):
        for line in block.lines:
            size = max(line, key=lambda p: len(p.text)).size
            yield _Row(
                _text(line), line[0].x0, line[-1].x1, line[0].y, size, number, index, block.left, block.right
            )  # fmt: skip


def _text(line: Sequence[Piece]) -> str:
    """Return a line's pieces joined by tabs; by spaces where all gaps are alike, as in justified Latin type."""
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(line)]
    justified = len(gaps) >= 3 and max(gaps) <= 1.3 * min(gaps) and max(gaps) < 1.2 * line[0].size
    return (" " if justified else "\t").join(p.text for p in line)


def _with_edges(rows: Sequence[_Row]) -> list[_Row]:
    """Give each line the right edge that many lines of the book reach; infinity if none shows where lines break."""
    ends = sorted((row.x1 for row in rows), reverse=True)
    edges: list[float] = []
    em = (
        max((row.size for row in rows), default=10.0) if len(rows) < 3 else sorted(r.size for r in rows)[len(rows) // 2]
    )
    for end in ends:
        if edges and edges[-1] - end <= 1.2 * em:
            continue
        near = sum(end - 1.2 * em <= other <= end for other in ends)
        if near >= max(3, 0.08 * len(rows)):
            edges.append(end)
    reached: dict[tuple[int, int], float] = {}
    for row in rows:
        key = (row.page, row.block)
        reached[key] = max(reached.get(key, row.x1), row.x1)
    return [
        msgspec.structs.replace(row, right=min((e for e in edges if e >= reach - 1), default=math.inf))
        for row in rows
        for reach in (reached[row.page, row.block],)
    ]


def _usual_distance(rows: Sequence[_Row]) -> float:
    """Return the distance between lines of a paragraph, in sizes of their type: the smallest that is common."""
    found = Counter(round((a.y - b.y) / a.size, 1) for a, b in itertools.pairwise(rows) if _is_same_type(a, b))
    common = [distance for distance, n in found.items() if n + found[round(distance + 0.1, 1)] >= 0.15 * found.total()]
    return max(min(common, default=1.5) + 0.05, 1.0)


def _is_same_type(a: _Row, b: _Row) -> bool:
    return (a.page, a.block) == (b.page, b.block) and abs(a.size - b.size) <= _ALIKE * a.size


def _sets_first_lines_in(rows: Sequence[_Row], usual: float) -> bool:
    """Tell whether the book marks paragraphs by setting their first lines in, not whole paragraphs."""
    first = whole = 0
    for a, b in itertools.pairwise(rows):
        if _is_same_type(a, b) and a.y - b.y <= _APART * usual * a.size and _is_set_in(a) and not _has_room(a, b):
            first, whole = first + (not _is_set_in(b)), whole + _is_set_in(b)
    return first > 3 * whole


def _is_set_in(row: _Row) -> bool:
    return row.x0 - row.left >= _INDENTED * row.size


def _joint(row: _Row, after: _Row, habits: _Habits, words: Words, line: str) -> str:
    """Return what stands between two lines: nothing or a space, a line break, or a blank line."""
    if abs(row.size - after.size) > _ALIKE * row.size:
        return "\n\n"
    anew = words.begins(after.text) or (words.alone(line) and not words.alone(line + after.text))
    if (row.page, row.block) != (after.page, after.block):
        ended = _has_room(row, after) or re.search(r"[。！？!?：:]$", row.text) or (habits.set_in and _is_set_in(after))
        return "\n\n" if ended or anew else _space(row.text, after.text, habits)
    if _is_apart(row, after, habits):
        return "\n\n"
    if words.awaits(line) and not words.begins(after.text) and len(after.text) <= _VALUE and "。" not in after.text:
        return "\t"
    return "\n" if anew or _has_room(row, after) else _space(row.text, after.text, habits)


def _is_apart(row: _Row, after: _Row, habits: _Habits) -> bool:
    """Tell whether a line begins a paragraph: it stands off the one above, or is set in."""
    if row.y - after.y > _APART * habits.distance * row.size:
        return True
    return _is_set_in(after) and (habits.set_in or after.x0 - row.x0 >= _INDENTED * row.size)


_UNIT: Final = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[^\W\u1100-\U0003ffff](?:[^\W\u1100-\U0003ffff]|['’-])*|.)[{re.escape(_CLOSING)}]*",
    re.DOTALL,
)
"""What type does not break: a word of letters, or one Chinese character, with the marks that cling to it."""


def _has_room(row: _Row, after: _Row) -> bool:
    """Tell whether the first word of the next line would have gone into this one."""
    unit = _UNIT.match(after.text)
    word = unit.group() if unit else ""
    ems = sum(1.0 if is_wide(c) else 0.55 for c in word) + (0.25 if word[:1].isascii() else 0.0)
    return row.right - row.x1 >= (ems + 0.1) * row.size


def _space(before: str, after: str, habits: _Habits) -> str:
    """Return what a line break inside a paragraph stands for: a space between words, nothing in Chinese.

    Between a Chinese character and a Latin word it is what the book sets there elsewhere.
    """
    a, b = before[-1:], after[:1]
    if not a or not b or a in _OPENING or b in _CLOSING or (a in "-/" and before[-2:-1] != " "):
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


_MARKS: Final = _OPENING + _CLOSING + "—…·"


def _spaces_mixed(text: str) -> bool:
    """Tell whether most Latin words of a book that stand beside a Chinese character are set off by a space."""
    spaced = len(re.findall(r"[\u4e00-\u9fff] [A-Za-z]|[A-Za-z] [\u4e00-\u9fff]", text))
    tight = len(re.findall(r"[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]", text))
    return spaced > 2 * tight
