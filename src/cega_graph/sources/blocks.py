"""The rows of a table some hundred at a time, so that what is done to all of them is done once a block."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import IO, Final, TypeVar

import msgspec

CHARACTERS: Final = 1 << 16
"""Characters of a block of text; lines that a cell goes on in come to it."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class Block(msgspec.Struct, frozen=True):
    """Rows of a table in their order, none of them empty, and their numbers; the first row of a table is number 1."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[str]]

    def part(self, start: int, stop: int) -> Block:
        """Return the rows from one to before another, counted from 0."""
        return Block(self.numbers[start:stop], self.rows[start:stop])


def block_of(first: int, rows: Sequence[Sequence[str]]) -> Block:
    """Return rows that follow each other without those that are empty.

    >>> block_of(7, [["a", ""], ["", ""], ["b"]])
    Block(numbers=[7, 9], rows=[['a', ''], ['b']])
    """
    if all(map(any, rows)):
        return Block(range(first, first + len(rows)), rows)
    kept = [place for place, row in enumerate(rows) if any(row)]
    return Block([first + place for place in kept], [rows[place] for place in kept])


def iter_csv(opened: IO[str], separator: str) -> Iterator[list[list[str]]]:
    r"""Yield the rows of a text as `csv.reader` reads them, a list for each piece of the text.

    >>> import io
    >>> list(iter_csv(io.StringIO('a,b\n"1,2",3\n'), ","))
    [[['a', 'b'], ['1,2', '3']]]

    Raises:
        csv.Error: A cell has more than `csv.field_size_limit()` characters.
    """
    while lines := opened.readlines(CHARACTERS):
        if '"' not in "".join(lines) and max(map(len, lines)) <= csv.field_size_limit():
            yield [line.rstrip("\r\n").split(separator) for line in lines]
        else:
            yield _parsed(lines, opened, separator)


def _parsed(lines: list[str], opened: IO[str], separator: str) -> list[list[str]]:
    """The rows of lines with quotes, the last one with the lines behind them that a cell of it goes on in."""
    rows = list(csv.reader([*lines, "\n"], delimiter=separator))
    if not rows.pop():  # the line that was added is a row of its own, so no cell was open before it
        return rows
    rows = []
    reader = csv.reader(chain(lines, opened), delimiter=separator)
    for row in reader:
        rows.append(row)
        if reader.line_num >= len(lines):
            break
    return rows


class Known(dict[_K, _V]):
    """What cells say that were met before; what is not among them is read. When it is full it begins anew.

    >>> lengths = Known(len)
    >>> lengths.each(["one", "three", "one"]), lengths
    ([3, 5, 3], {'one': 3, 'three': 5})
    """

    def __init__(self, read: Callable[[_K], _V], most: int = 1 << 16) -> None:
        super().__init__()
        self._read: Final = read
        self._most: Final = most

    def __missing__(self, key: _K) -> _V:
        """Read what was not met before."""
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._read(key)
        return value

    def each(self, keys: Iterator[_K] | Sequence[_K]) -> list[_V]:
        """Return what each of some cells says."""
        return list(map(self.__getitem__, keys))
