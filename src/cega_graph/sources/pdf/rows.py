"""Lines of a page with their columns: where a column ends, and whether a line is full."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.columns import Block
from cega_graph.sources.pdf.pieces import Piece, is_wide

_JUTTING: Final = 2.0
"""Ems by which a line may run over the edge of its column: dots that lead to a page number, long words."""

_OUTER: Final = 0.03

_INNER: Final = 0.08
"""Share of a column's lines that end at its outermost edge, at least, and at one further in."""

ALIKE: Final = 0.08
"""Sizes that differ by a smaller share are the same type."""

INDENTED: Final = 0.8
"""Ems by which a first line is set in, at least."""

_FULL: Final = 0.2
"""Ems by which a line that fills its column may miss its edge."""

_DRAWN: Final = 2.0
"""Ems to which justified type draws a space between words, at most."""

OPENING: Final = "（(《〈「『【[“‘"

CLOSING: Final = "，。、；：？！）)》〉」』】]”’,.;:?!…"

_WIDE_CLOSING: Final = "，。、；：？！）》〉」』】”’"

_UNIT: Final = re.compile(
    rf"[{re.escape(OPENING)}]*(?:[^\W\u1100-\U0003ffff](?:[^\W\u1100-\U0003ffff]|['’-])*|.)[{re.escape(CLOSING)}]*",
    re.DOTALL,
)
"""What type does not break: a word of letters, or one Chinese character, with the marks that cling to it."""


class Row(msgspec.Struct, frozen=True):
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


def rows_of_page(number: int, blocks: Sequence[Block]) -> Iterator[Row]:
    """Yield the lines of a page, its blocks one after another; their right edges are those of the blocks."""
    for index, block in enumerate(blocks):
        for line in block.lines:
            size = max(line, key=lambda p: len(p.text)).size
            full = block.right - line[-1].x1 <= _FULL * size
            yield Row(
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
        latin = is_latin(a.text[-1]) and is_latin(b.text[0])
        text += (" " if alike or (full and latin and gap < _DRAWN * a.size) else "\t") + b.text
    return text


def with_edges(rows: Sequence[Row]) -> list[Row]:
    """Give each line the right edge that many lines of its column reach; infinity if none shows where lines break."""
    columns: dict[int, list[Row]] = {}
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


def _column(row: Row, columns: Mapping[int, object]) -> int:
    """Return the left edge of a line's column in points, that of a column known before if it is near."""
    left = round(row.left)
    return next((near for near in (left, left - 1, left + 1, left - 2, left + 2) if near in columns), left)


def _edges(rows: Sequence[Row]) -> list[float]:
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


def has_room(row: Row, after: Row) -> bool:
    """Tell whether the first word of the next line would have gone into this one."""
    unit = _UNIT.match(after.text)
    word = unit.group() if unit else ""
    space = 0.25 if word[:1].isascii() or is_latin(row.text[-1:]) else 0.0
    ems = sum(1.0 if is_wide(c) else 0.55 for c in word) + space
    stop = 0.5 if row.text[-1:] in _WIDE_CLOSING else 0.0  # whose empty half may be left out at the end of a line
    return row.right - row.x1 >= (ems + stop + 0.1) * row.size


def is_latin(char: str) -> bool:
    """Tell whether a character is a letter or digit of a narrow script."""
    return char.isalnum() and not is_wide(char)


def distance(row: Row, after: Row) -> float:
    """Return how far the baselines of two lines are apart, in sizes of the first."""
    return (row.y - after.y) / row.size


def is_same_type(a: Row, b: Row) -> bool:
    """Tell whether two lines stand in one block and are set in one size."""
    return (a.page, a.block) == (b.page, b.block) and abs(a.size - b.size) <= ALIKE * a.size


def is_set_in(row: Row) -> bool:
    """Tell whether a line begins inside its column."""
    return row.x0 - row.left >= INDENTED * row.size
