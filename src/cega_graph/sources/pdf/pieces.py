"""Glyphs of a page → pieces: stretches of a line without a wide gap."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, NamedTuple

import msgspec

SPACE_EMS: Final = 0.17
"""A gap this wide, beyond the usual one between letters of its line, is a space; a space of CJK fonts has 0.22."""

GAP_EMS: Final = 0.6
"""A gap this wide, beyond the usual one, is a tab or lies between columns."""

SAME_LINE_EMS: Final = 0.35
"""Baselines less apart than this are one line."""

_OPENING: Final = "（《〈「『【〔［｛“‘"
_CLOSING: Final = "，。、；：？！）》〉」』】〕］｝”’"
"""Marks whose ink takes one half of their square: the right one, the left one."""

_SURELY_APART_EMS: Final = 0.8


class Glyph(NamedTuple):
    """A printed character: its box from left to right, its baseline and its size, in points, y upwards.

    `order` counts the characters as the file prints them.
    """

    char: str
    x0: float
    x1: float
    y: float
    size: float
    order: int = 0


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of one line, words with single spaces between them; the places are those of `Glyph`."""

    text: str
    x0: float
    x1: float
    y: float
    size: float


class Page(msgspec.Struct, frozen=True, array_like=True):
    """A page: its pieces from top to bottom and from left to right, its size, and how many glyphs stand aslant."""

    width: float
    height: float
    pieces: tuple[Piece, ...]
    slanted: int = 0


def is_wide(char: str) -> bool:
    """Tell whether a character takes a full square in East Asian type."""
    return unicodedata.east_asian_width(char[0]) in "WF"


def pieces_of(glyphs: Sequence[Glyph]) -> list[Piece]:
    """Return the pieces of a page from top to bottom and from left to right.

    White space among the glyphs counts as a space wherever it lies between two others. A glyph
    printed twice over itself, as imitated bold type is, counts once.

    >>> line = [Glyph("甲", 0, 10, 50, 10), Glyph("乙", 10, 20, 50, 10), Glyph("a", 40, 45, 50, 10)]
    >>> [piece.text for piece in pieces_of(line)]
    ['甲乙', 'a']
    """
    found: list[Piece] = []
    for row in _rows(glyphs):
        for part in _parts(row):
            found.extend(_split(part))
    return found


def _rows(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    row: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda g: -g.y):
        if row and row[0].y - glyph.y > SAME_LINE_EMS * max(1.0, min(row[0].size, glyph.size)):
            yield _sorted_row(row)
            row = []
        row.append(glyph)
    if row:
        yield _sorted_row(row)


def _sorted_row(row: Sequence[Glyph]) -> list[Glyph]:
    kept: list[Glyph] = []
    for glyph in sorted(row, key=lambda g: (g.x0, g.order)):
        if kept and _is_printed_twice(kept[-1], glyph):
            continue
        kept.append(glyph)
    return kept


def _is_printed_twice(under: Glyph, over: Glyph) -> bool:
    """Tell whether a glyph is printed over itself; letters of a ligature share a place and follow each other."""
    if under.char != over.char or over.char.isspace() or over.x0 - under.x0 >= 0.2 * over.size:
        return False
    return not (over.x0 == under.x0 and over.order - under.order == 1)


def _parts(row: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Split a row where a gap is wide whatever the spacing of its letters."""
    part: list[Glyph] = []
    last: Glyph | None = None
    for glyph in row:
        if not glyph.char.isspace():
            if last and _gap(last, glyph) > _SURELY_APART_EMS * min(glyph.size, last.size):
                yield part
                part = []
            last = glyph
        part.append(glyph)
    if last:
        yield part


def _split(part: Sequence[Glyph]) -> Iterator[Piece]:
    usual = _usual_gap(part)
    text = ""
    start = last = None
    size = 0.0
    spaced = False
    for glyph in part:
        if glyph.char.isspace():
            spaced = True
            continue
        if last is None or start is None:
            text, start, size = glyph.char, glyph, glyph.size
        else:
            gap = (_gap(last, glyph) - usual) / max(1.0, min(glyph.size, last.size))
            if gap >= GAP_EMS:
                yield _piece(text, start, last, size)
                text, start, size = glyph.char, glyph, glyph.size
            else:
                text += (" " if gap >= SPACE_EMS or (spaced and gap > 0) else "") + glyph.char
                size = max(size, glyph.size)
        last, spaced = glyph, False
    if last is not None and start is not None:
        yield _piece(text, start, last, size)


def _piece(text: str, first: Glyph, last: Glyph, size: float) -> Piece:
    left, right = _empty_half(first, _OPENING), _empty_half(last, _CLOSING)
    return Piece(text, first.x0 + left, last.x1 - right, first.y, size)


def _gap(before: Glyph, after: Glyph) -> float:
    """Return the white between two glyphs; the empty half of a bracket or stop counts where it is not set.

    At the edge of a line type drops that half, so that the next column seems nearer than it is.
    """
    gap = after.x0 - before.x1
    half = _empty_half(before, _CLOSING) + _empty_half(after, _OPENING)
    return gap + half if half and gap > 2 * SPACE_EMS * before.size else gap


def _empty_half(glyph: Glyph, marks: str) -> float:
    return glyph.size / 2 if glyph.char in marks and glyph.x1 - glyph.x0 > 0.9 * glyph.size else 0.0


def _usual_gap(part: Sequence[Glyph]) -> float:
    """Return the gap that justified type puts between any two Chinese characters of a line."""
    gaps = [
        b.x0 - a.x1 for a, b in itertools.pairwise(part)
        if is_wide(a.char) and is_wide(b.char) and b.x0 - a.x1 < 0.5 * a.size
    ]  # fmt: skip
    return max(0.0, median(gaps)) if len(gaps) >= 3 else 0.0
