"""Columns: which pieces of a page belong together, and in which order they are read."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.heads import lines_of_page
from cega_graph.sources.pdf.pieces import SAME_LINE_EMS, Page, Piece

_LINES: Final = 5
"""Lines that both columns need at least, where no other page shows columns at the same place."""

_EMS: Final = 7.0
"""Width of a column, at least; narrower ones are cells of a table."""

_FULL: Final = 0.3
"""Share of a column's lines that reach its right edge: running text fills its column, cells of a table do not."""

_MANY: Final = 12
"""Lines of columns so long that half that share will do."""

_NEAR: Final = 3.0
"""Points by which the left edges of one column may differ between pages."""


class Block(msgspec.Struct, frozen=True):
    """Lines to be read one after another: those of one column, or those that run over all columns.

    `left` and `right` are the edges of the column in points.
    """

    lines: tuple[tuple[Piece, ...], ...]
    left: float
    right: float


class _Band(msgspec.Struct, frozen=True):
    """Neighbouring lines that no piece joins over a gutter."""

    first: int
    stop: int
    left_edge: float


def blocks_of_pages(pages: Sequence[Page]) -> list[list[Block]]:
    """Return the blocks of each page in reading order: from top to bottom, in a band of columns from left to right."""
    margins = [_margins(page.pieces) for page in pages]
    seen: Counter[float] = Counter()
    for page, (left, right) in zip(pages, margins, strict=True):
        seen.update(_gutters(page.pieces, left, right))
    known = [edge for edge in seen if sum(n for other, n in seen.items() if abs(other - edge) <= _NEAR) > 1]
    return [
        list(_blocks(lines_of_page(page.pieces), left, right, known, 0))
        for page, (left, right) in zip(pages, margins, strict=True)
    ]


def _margins(pieces: Sequence[Piece]) -> tuple[float, float]:
    return min((p.x0 for p in pieces), default=0.0), max((p.x1 for p in pieces), default=0.0)


def _gutters(pieces: Sequence[Piece], left: float, right: float) -> list[float]:
    """Return the left edges of the columns of a page that its own lines show."""
    lines = lines_of_page(pieces)
    best = _best(lines, left, right, [])
    return sorted({band.left_edge for band in best})


def _blocks(
    lines: Sequence[Sequence[Piece]], left: float, right: float, known: Sequence[float], depth: int
) -> Iterable[Block]:
    bands = _best(lines, left, right, known) if depth < 4 else []
    if not bands:
        if lines:
            yield Block(tuple(tuple(line) for line in lines), left, right)
        return
    at = 0
    for band in bands:
        if band.first > at:
            yield from _blocks(lines[at : band.first], left, right, [], depth + 1)
        edge = band.left_edge
        pieces = [p for line in lines[band.first : band.stop] for p in line]
        left_half = [p for p in pieces if p.x0 < edge - 1]
        right_half = [p for p in pieces if p.x0 >= edge - 1]
        gutter = max((p.x1 for p in left_half), default=edge)
        yield from _blocks(lines_of_page(left_half), left, gutter, known, depth + 1)
        yield from _blocks(lines_of_page(right_half), edge, right, known, depth + 1)
        at = band.stop
    if at < len(lines):
        yield from _blocks(lines[at:], left, right, [], depth + 1)


def _best(lines: Sequence[Sequence[Piece]], left: float, right: float, known: Sequence[float]) -> list[_Band]:
    """Return the bands of the gutter that takes in most lines; none if there are no columns."""
    edges = Counter(round(p.x0, 0) for line in lines for p in line if p.x0 > left + 0.15 * (right - left))
    candidates = {edge for edge, n in edges.items() if n >= _LINES or any(abs(edge - k) <= _NEAR for k in known)}
    best: list[_Band] = []
    for edge in sorted(candidates):
        bands = [b for b in _bands(lines, edge) if _is_columns(lines[b.first : b.stop], b, left, right, known)]
        if _size(bands) > _size(best):
            best = bands
    return best


def _size(bands: Sequence[_Band]) -> int:
    return sum(band.stop - band.first for band in bands)


def _bands(lines: Sequence[Sequence[Piece]], edge: float) -> list[_Band]:
    bands: list[_Band] = []
    first: int | None = None
    for index, line in enumerate([*lines, None]):
        if line is not None and not any(p.x0 < edge - 1 and p.x1 > edge - 0.3 * p.size for p in line):
            if first is not None and _heads_new_part(lines, index, first, edge):
                bands.append(_Band(first, index, edge))
                first = index
            first = index if first is None else first
        elif first is not None:
            bands.append(_Band(first, index, edge))
            first = None
    return bands


def _heads_new_part(lines: Sequence[Sequence[Piece]], index: int, first: int, edge: float) -> bool:
    """Tell whether a line is a heading over both columns though it is too short to reach the second.

    It is set larger than the lines above, beside it the second column leaves a hole, above it the second
    column is no longer than the first, and below it both begin at one height.
    """
    line, above = lines[index], lines[index - 1]
    size = max(p.size for p in line)
    if any(p.x0 >= edge - 1 for p in line) or size < 1.15 * max(p.size for p in above):
        return False
    beside = [p.y for one in lines[first:] for p in one if p.x0 >= edge - 1]
    over = [y for y in beside if y > line[0].y]
    under = [y for y in beside if y < line[0].y]
    if not over or not under or min(over) - max(under) <= 2.5 * size:
        return False
    last = min((p.y for one in lines[first:index] for p in one if p.x0 < edge - 1), default=math.inf)
    begin = [next((p for one in lines[index + 1 :] for p in one if (p.x0 < edge - 1) == left), None) for left in (1, 0)]
    return min(over) >= last - SAME_LINE_EMS * size and _stand_level(*begin)


def _stand_level(a: Piece | None, b: Piece | None) -> bool:
    return a is not None and b is not None and abs(a.y - b.y) <= 0.05 * a.size and abs(a.size - b.size) <= 0.1 * a.size


def _is_columns(
    lines: Sequence[Sequence[Piece]], band: _Band, left: float, right: float, known: Sequence[float]
) -> bool:
    edge = band.left_edge
    sides = (
        [[p for p in line if p.x0 < edge - 1] for line in lines],
        [[p for p in line if p.x0 >= edge - 1] for line in lines],
    )
    lefts, rights = ([one for one in side if one] for side in sides)
    if not lefts or not rights:
        return False
    if any(abs(edge - k) <= _NEAR for k in known):
        return True
    if len(lefts) < _LINES or len(rights) < _LINES:
        return False
    gutter = max(one[-1].x1 for one in lefts)
    if min(gutter - left, right - edge) < _EMS * lefts[0][0].size:
        return False
    return _is_text(lefts, left, gutter) and _is_text(rights, edge, right)


def _is_text(lines: Sequence[Sequence[Piece]], left: float, right: float) -> bool:
    """Tell whether lines are running text: they begin at one edge, and many of them reach the other."""
    begin = sum(line[0].x0 - left <= 2.6 * line[0].size for line in lines)
    fill = sum(right - line[-1].x1 <= 1.5 * line[-1].size for line in lines)
    share = _FULL / 2 if len(lines) >= _MANY else _FULL
    return begin >= 0.5 * len(lines) and fill >= max(2, share * len(lines))
