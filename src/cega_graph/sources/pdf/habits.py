"""How a book is set: what its lines show about where its paragraphs end."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.rows import Row, distance, has_room, is_same_type, is_set_in

_APART: Final = 1.2
"""A distance between baselines this many times the usual one ends a paragraph, unless the book shows a smaller one."""

_STEP: Final = 0.12
"""Sizes by which distances inside and between paragraphs differ, at least."""

_GRID: Final = 1.0
"""Points by which type set on a grid of pixels may stray from its distance."""

_SHOWN: Final = 0.05
"""Share of all distances that stand between paragraphs, at least, where a book sets them apart by little."""

_SHOWN_ENDS: Final = 0.2
"""Share of lines that end early with a gap below, at least, in a book that sets paragraphs apart."""

_MANY_ENDS: Final = 20
"""Lines that end early, at least, to tell how a book sets its paragraphs apart."""


class Habits(msgspec.Struct, frozen=True):
    """How a book is set.

    `apart` is the distance between lines, in sizes of their type, that ends a paragraph; `gaps` whether
    paragraphs are set apart by it or by setting in their first lines; `set_in` whether first lines are
    set in; `mixed` whether most Latin words beside a Chinese character are set off by a space; `text`
    are all its lines.
    """

    apart: float
    gaps: bool
    set_in: bool
    mixed: bool
    text: str


def habits_of(rows: Sequence[Row]) -> Habits:
    """Return how a book of these lines is set."""
    text, apart = "\n".join(row.text for row in rows), _distance_apart(rows)
    set_in = _sets_first_lines_in(rows, apart)
    return Habits(apart, _has_gaps(rows, apart, set_in=set_in), set_in, _spaces_mixed(text), text)


def _distance_apart(rows: Sequence[Row]) -> float:
    """Return the distance between lines, in sizes of their type, that ends a paragraph.

    Lines of a paragraph are apart by the smallest distance that is common. A larger one ends a
    paragraph where the book keeps it apart from that distance and sets it below lines that end early.
    """
    pairs = [(a, b) for a, b in itertools.pairwise(rows) if is_same_type(a, b)]
    usual = _usual_distance([distance(a, b) for a, b in pairs])
    found = sorted(
        ((distance(a, b), a.size, has_room(a, b)) for a, b in pairs if distance(a, b) <= 2 * _APART * usual),
        key=lambda one: one[0],
    )
    for index, (one, other) in enumerate(itertools.pairwise(found), start=1):
        above = found[index:]
        if other[0] <= usual or other[0] - one[0] < max(_STEP, _GRID / other[1]):
            continue
        if len(above) >= _SHOWN * len(found) and sum(room for _, _, room in above) >= 0.6 * len(above):
            return min((one[0] + other[0]) / 2, _APART * usual)
    return _APART * usual


def _usual_distance(distances: Sequence[float]) -> float:
    found = Counter(round(distance, 1) for distance in distances)
    common = [distance for distance, n in found.items() if n + found[round(distance + 0.1, 1)] >= 0.15 * found.total()]
    return max(min(common, default=1.5) + 0.05, 1.0)


def _sets_first_lines_in(rows: Sequence[Row], apart: float) -> bool:
    """Tell whether the book marks paragraphs by setting their first lines in, not whole paragraphs."""
    first = whole = 0
    for a, b in itertools.pairwise(rows):
        if is_same_type(a, b) and distance(a, b) <= apart and is_set_in(a) and not has_room(a, b):
            first, whole = first + (not is_set_in(b)), whole + is_set_in(b)
    return first > 3 * whole


def _has_gaps(rows: Sequence[Row], apart: float, *, set_in: bool) -> bool:
    """Tell whether a book shows more of its paragraphs' ends than that their last lines are short."""
    ends = [(a, b) for a, b in itertools.pairwise(rows) if is_same_type(a, b) and has_room(a, b)]
    shown = sum(distance(a, b) > apart or (set_in and is_set_in(b)) for a, b in ends)
    return len(ends) < _MANY_ENDS or shown >= _SHOWN_ENDS * len(ends)


def _spaces_mixed(text: str) -> bool:
    """Tell whether most Latin words of a book that stand beside a Chinese character are set off by a space."""
    spaced = len(re.findall(r"[\u4e00-\u9fff] [A-Za-z]|[A-Za-z] [\u4e00-\u9fff]", text))
    tight = len(re.findall(r"[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]", text))
    return spaced > 2 * tight
