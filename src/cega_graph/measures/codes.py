"""Texts of a column → whole numbers, with which millions of rows are grouped and joined in a moment."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]


def coded(cells: pd.Series[str]) -> tuple[Integers, pd.Index[str]]:
    """Return for each cell the place of its text among all different texts, and these, in the order of code points.

    >>> import pandas as pd
    >>> codes, texts = coded(pd.Series(["b", "a", "b"], dtype="str"))
    >>> codes.tolist(), texts.tolist()
    ([1, 0, 1], ['a', 'b'])
    """
    import pandas as pd

    codes, texts = pd.factorize(cells)
    values: Any = texts.array
    if len(texts) > 1 and not (values[:-1] < values[1:]).all():
        order = np.asarray(texts.argsort())
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        codes, texts = place[codes], texts.take(order)
    return codes.astype(np.int64), texts


def listed(texts: pd.Series[Any] | pd.Index[Any]) -> list[Any]:
    """Return the cells of a column as a list; to go through the column itself takes fifty times as long."""
    return list(texts.to_numpy(dtype=object))


def places_in(cells: pd.Series[str], known: pd.Series[str]) -> Integers:
    """Return for each cell the place of its text in another column, the last if it stands there twice, or -1.

    >>> import pandas as pd
    >>> places_in(pd.Series(["b", "x"], dtype="str"), pd.Series(["a", "b"], dtype="str"))
    array([ 1, -1])
    """
    import pandas as pd

    codes, texts = pd.factorize(pd.concat([known, cells], ignore_index=True))
    place = np.full(len(texts), -1, dtype=np.int64)
    place[codes[: len(known)]] = np.arange(len(known))
    return place[codes[len(known) :]]


def distinct(keys: Integers) -> Integers:
    """Return the different keys in ascending order; by sorting, which is faster than `numpy.unique` on many."""
    ordered = np.sort(keys)
    return ordered[first_of_each(ordered)]


def first_of_each(ordered: Integers) -> Integers:
    """Return where each different key begins among keys that are in order."""
    return np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))


def renumbered(codes: Integers, n: int) -> tuple[Integers, Integers]:
    """Return codes without the numbers that none has, and which of the numbers below `n` stay, in order.

    >>> [part.tolist() for part in renumbered(np.array([4, 1, 4]), 6)]
    [[1, 0, 1], [1, 4]]
    """
    used = np.bincount(codes, minlength=n) > 0
    return (np.cumsum(used) - 1)[codes], np.flatnonzero(used)


def joined(groups: Integers, members: Integers, texts: pd.Index[str], n: int) -> list[str]:
    """Return for each group, from 0 to `n` - 1, its different members in order, joined by `;`.

    Args:
        groups: A group for each row.
        members: For each row the place of its member in `texts`.
        texts: As `coded` gives them; an empty one is left out.

    >>> import pandas as pd
    >>> joined(np.array([1, 0, 1, 1]), np.array([1, 0, 0, 1]), pd.Index(["a", "b"], dtype="str"), 3)
    ['a', 'a;b', '']
    """
    keys = distinct(groups * max(1, len(texts)) + members)
    group, member = np.divmod(keys, max(1, len(texts)))
    if len(texts) and texts[0] == "":
        group, member = group[member > 0], member[member > 0]
    words = listed(texts.take(member))
    ends = np.searchsorted(group, np.arange(n + 1)).tolist()
    return [words[a] if b - a == 1 else ";".join(words[a:b]) for a, b in pairwise(ends)]
