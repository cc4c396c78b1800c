"""The characters of a list and its items, each with its place in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.sources.layout import Line


class Run(msgspec.Struct, frozen=True):
    """The characters of a list without line breaks, each with its offset in the source."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the source offsets of a slice that is not empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


def run_of(lines: Sequence[Line], *, keep_breaks: bool = False) -> Run:
    r"""Return the characters of a list's lines; a break is nothing in Chinese and a space in Latin text.

    Args:
        keep_breaks: Let every line end be a separator (`\n`), for lists of one name a line.
    """
    text: list[str] = []
    offsets: list[int] = []
    for line in lines:
        if text:
            joint = "\n" if keep_breaks else _joint(text[-1], line.text[0])
            text.extend(joint)
            offsets.extend([line.start - 1] * len(joint))
        text.extend(line.text)
        offsets.extend(range(line.start, line.end))
    return Run("".join(text), tuple(offsets))


def _joint(before: str, after: str) -> str:
    return " " if before.isascii() and before.isalnum() and after.isascii() and after.isalnum() else ""


_SEPARATORS: Final = "、，；,;\t\n|｜"


_CLOSED: Final = re.compile(r"[，,]\s*(?:Ltd|Inc|LLC|Co|Limited|Corp|S\.A|GmbH)\b", re.IGNORECASE)


class Item(msgspec.Struct, frozen=True):
    """A slice of a run between two separators, without the white space around it."""

    start: int
    end: int


def items_of(text: str) -> Iterator[Item]:
    """Yield the slices between separators outside brackets and quotation marks."""
    depth, start = 0, 0
    for index, char in enumerate(text):
        if char in "（(“《「":
            depth += 1
        elif char in "）)”》」":
            depth = max(0, depth - 1)
        elif depth == 0 and _separates(text, index):
            yield from trim(text, start, index)
            start = index + 1
    yield from trim(text, start, len(text))


def _separates(text: str, index: int) -> bool:
    return text[index] in _SEPARATORS and not _CLOSED.match(text, index)


def trim(text: str, start: int, end: int) -> Iterator[Item]:
    """Yield the slice without the spaces at its ends, if anything is left."""
    while start < end and text[start] in " \u3000\xa0":
        start += 1
    while end > start and text[end - 1] in " \u3000\xa0":
        end -= 1
    if end > start:
        yield Item(start, end)
