"""How far a long piece of work is, on one line of a terminal; a file or a pipe gets nothing."""

from __future__ import annotations

import sys
import time
from typing import Final, Self

_INTERVAL: Final = 0.2


class Progress:
    """A line on stderr that is written anew; use it in a `with` block, at whose end the line goes."""

    def __init__(self) -> None:
        self._shown: Final = sys.stderr.isatty()
        self._name = ""
        self._done = 0
        self._begun = self._next = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")

    def add(self, name: str, more: int, total: int) -> None:
        """Say that more is done.

        Args:
            name: What is being done; a new name begins anew.
            more: How much more of it.
            total: How much there is in all; 0 if that is not known.
        """
        if not self._shown:
            return
        now = time.monotonic()
        if name != self._name:
            self._name, self._done, self._begun, self._next = name, 0, now, now
        self._done += more
        if now >= self._next:
            self._next = now + _INTERVAL
            sys.stderr.write(f"\r\x1b[K{said(name, self._done, total, now - self._begun)}")
            sys.stderr.flush()


def said(name: str, done: int, total: int, seconds: float) -> str:
    """Return the line: how much is done and, if that can be told, how long the rest takes.

    >>> said("store", 500_000, 2_000_000, 10.0)
    'store: 500,000 of 2,000,000 (25%), 30 s left'
    >>> said("tables", 1200, 0, 3.0)
    'tables: 1,200'
    """
    if not total or not done:
        return f"{name}: {done:,}"
    left = seconds * (total - done) / done
    return f"{name}: {done:,} of {total:,} ({100 * done // total}%), {max(left, 0):.0f} s left"
