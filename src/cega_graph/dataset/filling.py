"""Rows with one key → one row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec

from cega_graph.model import Row, Table


def united(rows: Iterable[Row], declared: Table, *, in_order: bool = False) -> Iterator[Any]:
    """Yield one row a key, in order of the keys; empty cells of the first are filled from the next.

    Args:
        in_order: The rows come in order of their keys; then only one is held at a time.
    """
    key = key_of(declared)
    for _, alike in groupby(rows if in_order else sorted(rows, key=key), key=key):
        yield reduce(_filled, alike)


def key_of(declared: Table) -> Callable[[Row], Any]:
    """Return what gives the key of a row."""
    return attrgetter(*declared.key)


def _filled(first: Row, second: Row) -> Row:
    """Return the first row with its empty cells taken from the second."""
    empty = [f for f in first.__struct_fields__ if getattr(first, f) in ("", None)]
    kept_kind = {"kind": second.kind} if getattr(first, "kind", "") == "other" and hasattr(second, "kind") else {}
    return msgspec.structs.replace(first, **{f: getattr(second, f) for f in empty}, **kept_kind)
