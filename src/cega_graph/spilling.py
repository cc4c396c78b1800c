"""Rows sorted outside memory: what does not fit is sorted in runs on disk, then merged."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, Generic, TypeVar

import msgspec

_T = TypeVar("_T")
_RUN: Final = 50_000
"""Rows in memory at a time: some 40 MB."""
_BLOCK: Final = 1024
"""Rows that are read back at a time, of each run."""
_LENGTH: Final = 4
"""Bytes before each block of a run, which state its length."""


class Spill(Generic[_T]):
    """Rows in ascending order, whatever their number.

    Args:
        kind: Their type: texts, or an `array_like`, `order=True` struct, compared by its fields in order.
        folder: For the runs; files in it begin with `name`.
        run: How many rows are held, unless `write` is called before.
    """

    def __init__(self, kind: type[_T], folder: Path, name: str, *, run: int = _RUN) -> None:
        self._folder: Final = folder
        self._name: Final = name
        self._run: Final = run
        self._decoder: Final = msgspec.msgpack.Decoder(list[kind])  # type: ignore[valid-type]
        self._rows: Final[list[Any]] = []
        self._files: Final[list[Path]] = []
        self.hold: Final[Callable[[_T], None]] = self._rows.append
        """Takes a row in as `add` does, but whoever calls it sees to it that `write` is called in time."""

    def add(self, row: _T) -> None:
        """Take a row in."""
        self._rows.append(row)
        if len(self._rows) >= self._run:
            self.write()

    def write(self) -> None:
        """Write what is held as a run, so that nothing is held."""
        if not self._rows:
            return
        path = self._folder / f"{self._name}-{len(self._files)}.run"
        self._rows.sort()
        encode = msgspec.msgpack.Encoder().encode
        with path.open("wb") as file:
            for block in map(encode, _cut(self._rows)):
                file.write(len(block).to_bytes(_LENGTH, "big"))
                file.write(block)
        self._files.append(path)
        self._rows.clear()

    def __iter__(self) -> Iterator[_T]:
        """Yield all rows in ascending order."""
        yield from chain.from_iterable(self.batches())

    def batches(self) -> Iterator[list[_T]]:
        """Yield all rows in ascending order, many at a time."""
        self._rows.sort()
        with ExitStack() as opened:
            runs = [self._read(opened.enter_context(path.open("rb"))) for path in self._files]
            yield from _merged([*runs, _cut(self._rows)])

    def _read(self, file: IO[bytes]) -> Iterator[list[Any]]:
        while length := file.read(_LENGTH):
            yield self._decoder.decode(file.read(int.from_bytes(length, "big")))


def _cut(rows: list[Any]) -> Iterator[list[Any]]:
    return (rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK))


def _merged(runs: Iterable[Iterator[list[Any]]]) -> Iterator[list[Any]]:
    """Yield the rows of sorted runs, merged: all that are not above the lowest end of a block at hand, then the next.

    Sorting pieces that are sorted is what `list.sort` is fastest at; `heapq.merge` takes some five times as long.
    """
    heads = [(block, run) for run in runs if (block := next(run, []))]
    while heads:
        bound = min(block[-1] for block, _ in heads)
        batch: list[Any] = []
        left: list[tuple[list[Any], Iterator[list[Any]]]] = []
        for head, run in heads:
            cut = bisect_right(head, bound)
            batch += head[:cut]
            if rest := head[cut:] or next(run, []):
                left.append((rest, run))
        heads = left
        batch.sort()
        yield batch
