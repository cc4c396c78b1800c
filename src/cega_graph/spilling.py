"""Rows sorted outside memory: what does not fit is sorted in runs on disk, then merged."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, Generic, TypeVar

import msgspec

_T = TypeVar("_T", bound=msgspec.Struct)
_RUN: Final = 50_000
"""Rows in memory at a time: some 40 MB."""


class Spill(Generic[_T]):
    """Structs in ascending order, whatever their number.

    Args:
        kind: Their type: an `array_like`, `order=True` struct, compared by its fields in order.
        folder: For the runs; files in it begin with `name`.
    """

    def __init__(self, kind: type[_T], folder: Path, name: str, *, run: int = _RUN) -> None:
        self._folder: Final = folder
        self._name: Final = name
        self._run: Final = run
        self._decoder: Final = msgspec.json.Decoder(kind)
        self._rows: list[_T] = []
        self._files: list[Path] = []

    def add(self, row: _T) -> None:
        """Take a row in."""
        self._rows.append(row)
        if len(self._rows) >= self._run:
            self._write()

    def _write(self) -> None:
        path = self._folder / f"{self._name}-{len(self._files)}.jsonl"
        self._rows.sort()  # type: ignore[call-arg]
        encode = msgspec.json.Encoder().encode
        with path.open("wb") as file:
            file.writelines(encode(row) + b"\n" for row in self._rows)
        self._files.append(path)
        self._rows = []

    def __iter__(self) -> Iterator[_T]:
        """Yield all rows in ascending order."""
        self._rows.sort()  # type: ignore[call-arg]
        if not self._files:
            yield from self._rows
            return
        opened: list[IO[bytes]] = [path.open("rb") for path in self._files]
        try:
            runs: list[Iterator[Any]] = [map(self._decoder.decode, file) for file in opened]
            yield from heapq.merge(*runs, self._rows)
        finally:
            for file in opened:
                file.close()
