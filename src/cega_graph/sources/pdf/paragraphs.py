"""Blocks in reading order → text: where a line goes on, where it ends, and where a paragraph ends."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.columns import Block
from cega_graph.sources.pdf.pieces import Piece, is_wide

_APART: Final = 1.2
"""A distance between baselines this many times the usual one ends a paragraph, unless the book shows a smaller one."""

_STEP: Final = 0.12
"""Sizes by which distances inside and between paragraphs differ, at least."""

_JUTTING: Final = 2.0
"""Ems by which a line may run over the edge of its column: dots that lead to a page number, long words."""

_OUTER: Final = 0.03
_INNER: Final = 0.08
"""Share of a column's lines that end at its outermost edge, at least, and at one further in."""

_GRID: Final = 1.0
"""Points by which type set on a grid of pixels may stray from its distance."""

_SHOWN: Final = 0.05
"""Share of all distances that stand between paragraphs, at least, where a book sets them apart by little."""

_SHOWN_ENDS: Final = 0.2
"""Share of lines that end early with a gap below, at least, in a book that sets paragraphs apart."""

_MANY_ENDS: Final = 20
"""Lines that end early, at least, to tell how a book sets its paragraphs apart."""

_ALIKE: Final = 0.08
"""Sizes that differ by a smaller share are the same type."""

_INDENTED: Final = 0.8
"""Ems by which a first line is set in, at least."""

_VALUE: Final = 60
"""Characters; a line that goes on with the value of a header's field is no longer."""

_FULL: Final = 0.2
"""Ems by which a line that fills its column may miss its edge."""

_DRAWN: Final = 2.0
"""Ems to which justified type draws a space between words, at most."""

_TYPED: Final = 25
"""Characters of a list's line that may have been broken off by hand, so that it may go on, at least."""

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
    label does; `is_header` that it is one, and `header_ends` that a line does not go on with it; `awaits` that it
    goes on however it ends; `mend` returns it as it is meant, when it is whole.
    """

    begins: Callable[[str], bool]
    alone: Callable[[str], bool]
    is_header: Callable[[str], bool]
    header_ends: Callable[[str, str], bool]
    awaits: Callable[[str], bool]
    mend: Callable[[str], str]


class _Habits(msgspec.Struct, frozen=True):
    """How a book is set.

    `apart` is the distance between lines, in sizes of their type, that ends a paragraph; `gaps` whether any
    paragraphs are set apart by it or by setting in their first lines; `set_in` whether first lines are set in; `mixed` whether most Latin words beside a Chinese character are set off by a space;
    `text` are all its lines.
    """

    apart: float
    gaps: bool
    set_in: bool
    mixed: bool
    text: str


def text_of(pages: Sequence[Sequence[Block]], words: Words) -> str:
    r"""Return the text of a book: a paragraph a line, blank lines between paragraphs, form feeds between pages.

    A line that breaks off because no more went into its column is joined with the next; one that
    ends though there was room stays a line. A wide gap becomes a tab. The form feed behind a header
    that goes on over a page stands at its end.

    Args:
        pages: The blocks of each page in reading order.
        words: What the words of a line say about it.
    """
    rows = _with_edges([row for number, page in enumerate(pages) for row in _rows(number, page)])
    if not rows:
        return ""
    lines, apart = "\n".join(row.text for row in rows), _distance_apart(rows)
    set_in = _sets_first_lines_in(rows, apart)
    habits = _Habits(apart, _has_gaps(rows, apart, set_in=set_in), set_in, _spaces_mixed(lines), lines)
    parts = ["\f" * rows[0].page]
    line, listed, owed = "", False, 0
    titles = _titles(rows, words)
    for index, (row, after) in enumerate(itertools.pairwise(rows), start=1):
        line += row.text
        ended = index in titles or (listed and line.endswith("。")) or words.header_ends(line, after.text)
        joint = _joint(row, after, habits, words, line, ended=ended)
        if listed and len(line) >= _TYPED and not owed and after.page == row.page and not _is_apart(row, after, habits):
            joint = joint.replace("\n\n", "\n")
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


def _rows(number: int, blocks: Sequence[Block]) -> Iterator[_Row]:
    for index, block in enumerate(blocks):
        for line in block.lines:
            size = max(line, key=lambda p: len(p.text)).size
            full = block.right - line[-1].x1 <= _FULL * size
            yield _Row(
                _text(line, full=full), line[0].x0, line[-1].x1, line[0].y, size, number, index, block.left, block.right
            )  # fmt: skip


def _text(line: Sequence[Piece], *, full: bool) -> str:
    """Return a line's pieces joined by tabs, by spaces where justified type drew its words apart.

    That shows in gaps that are all alike, or between two Latin words of a line that fills its column.
    """
    gaps = [b.x0 - a.x1 for a, b in itertools.pairwise(line)]
    alike = len(gaps) >= 3 and max(gaps) <= 1.3 * min(gaps) and max(gaps) < 1.2 * line[0].size
    text = line[0].text
    for a, b, gap in zip(line, line[1:], gaps, strict=False):
        latin = _is_latin(a.text[-1]) and _is_latin(b.text[0])
        text += (" " if alike or (full and latin and gap < _DRAWN * a.size) else "\t") + b.text
    return text


def _is_latin(char: str) -> bool:
    return char.isalnum() and not is_wide(char)


def _with_edges(rows: Sequence[_Row]) -> list[_Row]:
    """Give each line the right edge that many lines of its column reach; infinity if none shows where lines break."""
    columns: dict[int, list[_Row]] = {}
    reached: dict[tuple[int, int], float] = {}
    for row in rows:
        columns.setdefault(_column(row, columns), []).append(row)
        key = (row.page, row.block)
        reached[key] = max(reached.get(key, row.x1), row.x1)
    edges = {column: _edges(members) for column, members in columns.items()}
    return [
        msgspec.structs.replace(row, right=_edge(edges[_column(row, columns)], reached[row.page, row.block], row.size))
        for row in rows
    ]


def _edge(edges: Sequence[float], reach: float, em: float) -> float:
    """Return the right edge of a block that reaches so far: the next one, or the last if few lines jut out over it."""
    further = [edge for edge in edges if edge >= reach - 1]
    if further:
        return further[-1]
    return edges[0] if edges and reach - edges[0] <= _JUTTING * em else math.inf


def _column(row: _Row, columns: Mapping[int, object]) -> int:
    """Return the left edge of a line's column in points, that of a column known before if it is near."""
    left = round(row.left)
    return next((near for near in (left, left - 1, left + 1, left - 2, left + 2) if near in columns), left)


def _edges(rows: Sequence[_Row]) -> list[float]:
    """Return the right edges that lines of a column reach, the outermost first; one line in a hundred may jut out."""
    ends = sorted((row.x1 for row in rows), reverse=True)
    em = max(row.size for row in rows) if len(rows) < 3 else sorted(row.size for row in rows)[len(rows) // 2]
    edges: list[float] = []
    for end in ends:
        if edges and edges[-1] - end <= 1.2 * em:
            continue
        near = [other for other in ends if end - 1.2 * em <= other <= end]
        if len(near) >= max(3, (_INNER if edges else _OUTER) * len(rows)):
            edges.append(near[len(rows) // 100])
    return edges


def _distance_apart(rows: Sequence[_Row]) -> float:
    """Return the distance between lines, in sizes of their type, that ends a paragraph.

    Lines of a paragraph are apart by the smallest distance that is common. A larger one ends a
    paragraph where the book keeps it apart from that distance and sets it below lines that end early.
    """
    pairs = [(a, b) for a, b in itertools.pairwise(rows) if _is_same_type(a, b)]
    usual = _usual_distance([_distance(a, b) for a, b in pairs])
    found = sorted(
        ((_distance(a, b), a.size, _has_room(a, b)) for a, b in pairs if _distance(a, b) <= 2 * _APART * usual),
        key=lambda one: one[0],
    )
    for index, (one, other) in enumerate(itertools.pairwise(found), start=1):
        above = found[index:]
        if other[0] <= usual or other[0] - one[0] < max(_STEP, _GRID / other[1]):
            continue
        if len(above) >= _SHOWN * len(found) and sum(room for _, _, room in above) >= 0.6 * len(above):
            return min((one[0] + other[0]) / 2, _APART * usual)
    return _APART * usual


def _distance(row: _Row, after: _Row) -> float:
    return (row.y - after.y) / row.size


def _usual_distance(distances: Sequence[float]) -> float:
    found = Counter(round(distance, 1) for distance in distances)
    common = [distance for distance, n in found.items() if n + found[round(distance + 0.1, 1)] >= 0.15 * found.total()]
    return max(min(common, default=1.5) + 0.05, 1.0)


def _is_same_type(a: _Row, b: _Row) -> bool:
    return (a.page, a.block) == (b.page, b.block) and abs(a.size - b.size) <= _ALIKE * a.size


def _sets_first_lines_in(rows: Sequence[_Row], apart: float) -> bool:
    """Tell whether the book marks paragraphs by setting their first lines in, not whole paragraphs."""
    first = whole = 0
    for a, b in itertools.pairwise(rows):
        if _is_same_type(a, b) and _distance(a, b) <= apart and _is_set_in(a) and not _has_room(a, b):
            first, whole = first + (not _is_set_in(b)), whole + _is_set_in(b)
    return first > 3 * whole


def _has_gaps(rows: Sequence[_Row], apart: float, *, set_in: bool) -> bool:
    """Tell whether a book shows more of its paragraphs' ends than that their last lines are short."""
    ends = [(a, b) for a, b in itertools.pairwise(rows) if _is_same_type(a, b) and _has_room(a, b)]
    shown = sum(_distance(a, b) > apart or (set_in and _is_set_in(b)) for a, b in ends)
    return len(ends) < _MANY_ENDS or shown >= _SHOWN_ENDS * len(ends)


def _is_set_in(row: _Row) -> bool:
    return row.x0 - row.left >= _INDENTED * row.size


def _joint(row: _Row, after: _Row, habits: _Habits, words: Words, line: str, *, ended: bool) -> str:
    """Return what stands between two lines: nothing or a space, a line break, or a blank line.

    Args:
        line: The line that ends with `row`, joined so far.
        ended: What stands around it says that it ends there.
    """
    if abs(row.size - after.size) > _ALIKE * row.size:
        return "\n\n"
    begins = words.is_header(after.text) if words.is_header(line) else words.begins(after.text)
    anew = begins or ended or (words.alone(line) and not words.alone(line + after.text))
    if (row.page, row.block) != (after.page, after.block):
        ended = _has_room(row, after) or re.search(r"[。！？!?：:]$", row.text) or (habits.set_in and _is_set_in(after))
        return "\n\n" if ended or anew else _space(row.text, after.text, habits)
    if _is_apart(row, after, habits):
        return "\n\n"
    if words.awaits(line) and not begins and len(after.text) <= _VALUE and "。" not in after.text:
        return "\t"
    if anew or _has_room(row, after):
        return "\n" if habits.gaps or words.alone(line) or words.is_header(line) else "\n\n"
    return _space(row.text, after.text, habits)


def _is_apart(row: _Row, after: _Row, habits: _Habits) -> bool:
    """Tell whether a line begins a paragraph: it stands off the one above, or is set in."""
    if _distance(row, after) > habits.apart:
        return True
    return _is_set_in(after) and (habits.set_in or after.x0 - row.x0 >= _INDENTED * row.size)


_WIDE_CLOSING: Final = "，。、；：？！）》〉」』】”’"

_NUMBERED: Final = re.compile(r"(?:案例|第)?\s*[（(]?\s*(\d{1,3})(?!\d)")
"""How the title of a case begins, the number in front."""


def _titles(rows: Sequence[_Row], words: Words) -> set[int]:
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

_UNIT: Final = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[^\W\u1100-\U0003ffff](?:[^\W\u1100-\U0003ffff]|['’-])*|.)[{re.escape(_CLOSING)}]*",
    re.DOTALL,
)
"""What type does not break: a word of letters, or one Chinese character, with the marks that cling to it."""


def _has_room(row: _Row, after: _Row) -> bool:
    """Tell whether the first word of the next line would have gone into this one."""
    unit = _UNIT.match(after.text)
    word = unit.group() if unit else ""
    space = 0.25 if word[:1].isascii() or _is_latin(row.text[-1:]) else 0.0
    ems = sum(1.0 if is_wide(c) else 0.55 for c in word) + space
    stop = 0.5 if row.text[-1:] in _WIDE_CLOSING else 0.0  # whose empty half may be left out at the end of a line
    return row.right - row.x1 >= (ems + stop + 0.1) * row.size


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
