"""Running heads and page numbers: lines at the edge of pages that repeat there."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from cega_graph.sources.pdf.pieces import SAME_LINE_EMS, Page, Piece

_DEPTH: Final = 4
"""Lines of a page's edge that may be running heads."""

_OFTEN: Final = 0.2
"""A line on this share of the pages, three at least, is a running head however close it stands to the text."""

_SET_OFF: Final = 1.5
"""A rarer one, as of a chapter, stands off the text by this many times its size, or is smaller than the text."""


class Line(msgspec.Struct, frozen=True):
    """The pieces of a page on one baseline; `size` is the largest, `depth` counts lines from the edge."""

    page: int
    depth: int
    pieces: tuple[Piece, ...]
    text: str
    y: float
    size: float


def lines_of_page(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return the pieces of a page or a part of it by line, from top to bottom."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.y, p.x0)):
        same = lines and lines[-1][0].y - piece.y <= SAME_LINE_EMS * max(1.0, min(piece.size, lines[-1][0].size))
        if same:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda p: p.x0) for line in lines]


def without_heads(pages: Sequence[Page], keep: Callable[[str], bool]) -> tuple[list[Page], int]:
    """Return the pages without running heads and page numbers, and how many lines were left out.

    A running head is a line at the top or bottom edge of a page that stands at the same place, with
    the same words and digits aside, on several pages. Its digits either never change or go up by
    one a page; so the number of a case, set at the top of its page, stays.

    Args:
        keep: Tells of a line's text that it is never a running head, such as a label.
    """
    body = text_size(pages)
    gone: set[int] = set()
    for from_top in (True, False):
        edges = [_edge(number, page, from_top=from_top) for number, page in enumerate(pages)]
        for depth in range(_DEPTH):
            level = [e[depth] for e in edges if len(e) > depth + 1 and _outer_gone(e, depth, gone)]
            if not level:
                break
            for group in _groups([one for one in level if not keep(one.text)]):
                if _is_running(group, edges, body, len(pages)):
                    gone.update(id(piece) for line in group for piece in line.pieces)
    left = [msgspec.structs.replace(p, pieces=tuple(x for x in p.pieces if id(x) not in gone)) for p in pages]
    lines = sum(len(lines_of_page([x for x in p.pieces if id(x) in gone])) for p in pages)
    return left, lines


def text_size(pages: Sequence[Page]) -> float:
    """Return the size in which most characters are set, in points."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page.pieces:
            sizes[round(piece.size, 1)] += len(piece.text)
    return max(sizes, key=lambda size: (sizes[size], size)) if sizes else 10.0


def _edge(number: int, page: Page, *, from_top: bool) -> list[Line]:
    lines = lines_of_page(page.pieces)
    if not from_top:
        lines.reverse()
    return [
        Line(
            number, depth, tuple(line), " ".join(p.text for p in line),
            page.height - line[0].y if from_top else line[0].y, max(p.size for p in line),
        )
        for depth, line in enumerate(lines[: _DEPTH + 1])
    ]  # fmt: skip


def _outer_gone(edge: Sequence[Line], depth: int, gone: set[int]) -> bool:
    return all(id(piece) in gone for line in edge[:depth] for piece in line.pieces)


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Return lines with the same words, digits aside, at the same height, two points more or less."""
    groups: defaultdict[str, list[list[Line]]] = defaultdict(list)
    for line in lines:
        same = groups[_words(line.text)]
        for group in same:
            if abs(group[0].y - line.y) <= 2:
                group.append(line)
                break
        else:
            same.append([line])
    return [group for same in groups.values() for group in same]


def _words(text: str) -> str:
    return re.sub(r"\d+|\s+|(?<![A-Za-z])[ivxlcIVXLC]+(?![A-Za-z])", "", text)


def _is_running(group: Sequence[Line], edges: Sequence[Sequence[Line]], body: float, n_pages: int) -> bool:
    if len(group) < 2 or not _numbers_run(group):
        return False
    size = max(line.size for line in group)
    if size > 1.3 * body:
        return False
    if len(group) >= max(3, _OFTEN * n_pages):
        return True
    near = all(b.page - a.page <= 2 for a, b in itertools.pairwise(group))
    return near and all(_is_set_off(line, edges[line.page], body) for line in group)


def _is_set_off(line: Line, edge: Sequence[Line], body: float) -> bool:
    following = edge[line.depth + 1]
    return line.size < 0.95 * body or abs(following.y - line.y) > _SET_OFF * 1.5 * max(line.size, following.size)


def _numbers_run(group: Sequence[Line]) -> bool:
    """Tell whether each number of the lines is the same on all pages or goes up with the page, save a few."""
    numbers = [[int(n[:9]) for n in re.findall(r"\d+", line.text)] for line in group]
    often = Counter(len(n) for n in numbers).most_common(1)[0][0]
    rows = [(n, line.page) for n, line in zip(numbers, group, strict=True) if len(n) == often]
    for place in range(often):
        same = Counter(n[place] for n, _ in rows).most_common(1)[0][1]
        rising = Counter(n[place] - page for n, page in rows).most_common(1)[0][1]
        if max(same, rising) < 0.8 * len(group):
            return False
    return True
