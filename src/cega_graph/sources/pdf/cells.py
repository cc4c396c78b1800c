"""Headers set as tables: cells whose text takes several lines are put together again."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.columns import Block
from cega_graph.sources.pdf.pieces import Piece, is_wide

_LINES: Final = 5
"""Lines that a row of a header's table takes, at most."""

_NEAR: Final = 0.6
"""Ems by which the left edges of one cell's lines may differ: a bracket at the edge takes half a square."""

_PITCH: Final = 2.2
"""Sizes by which lines of one row are apart, at most."""

Lines = Sequence[tuple[Piece, ...]]


def with_whole_cells(block: Block, is_name: Callable[[str], bool]) -> Block:
    """Return a block in which each row of a header's table is one line, a piece a cell.

    Args:
        is_name: Tells that a text is the name of a field and nothing else. A row is read as one only
            if its first, third, ... cells are names once their lines are joined.
    """
    lines: list[tuple[Piece, ...]] = []
    at = 0
    while at < len(block.lines):
        stop, whole = _row(block.lines, at, is_name)
        lines.append(whole)
        at = stop
    return msgspec.structs.replace(block, lines=tuple(lines))


def _row(lines: Lines, at: int, is_name: Callable[[str], bool]) -> tuple[int, tuple[Piece, ...]]:
    """Return the index behind the row of a table that begins at `at`, and the row; the line itself if there is none."""
    for stop in range(_reach(lines, at), at + 1, -1):
        cells = _cells([piece for line in lines[at:stop] for piece in line])
        if cells and len(cells) % 2 == 0 and all(is_name(cell.text) for cell in cells[::2]):
            return stop, cells
    return at + 1, lines[at]


def _reach(lines: Lines, at: int) -> int:
    """Return the index behind the lines close below each other that may be one row."""
    stop = at + 1
    while (
        stop < min(len(lines), at + _LINES)
        and lines[stop - 1][0].y - lines[stop][0].y <= _PITCH * lines[stop][0].size
    ):  # fmt: skip
        stop += 1
    return stop


def _cells(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Return the cells that the pieces make, from left to right; none if one runs into the next."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.x0):
        if groups and piece.x0 - groups[-1][0].x0 <= _NEAR * piece.size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    cells = [_joined(sorted(group, key=lambda p: -p.y)) for group in groups]
    return () if any(a.x1 > b.x0 for a, b in itertools.pairwise(cells)) else tuple(cells)


def _joined(parts: Sequence[Piece]) -> Piece:
    text = parts[0].text
    for part in parts[1:]:
        text += ("" if is_wide(text[-1]) or is_wide(part.text[0]) else " ") + part.text
    first = parts[0]
    return Piece(text, first.x0, max(part.x1 for part in parts), first.y, first.size)
