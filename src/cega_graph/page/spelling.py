"""Chinese names → pinyin, for those who type names in Latin letters. For searching only: ids never rest on it."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN: Final = re.compile("[A-Za-z0-9]+")


def spelled(*names: str) -> tuple[str, ...]:
    """Return how the Chinese ones of some names are spelled: syllables in small letters, Latin words in capitals.

    >>> spelled("红树林基金会（MCF）", "重庆江河", "Mangrove Foundation")
    ('chong qing jiang he', 'hong shu lin ji jin hui MCF')
    """
    return tuple(sorted({_spelled(name) for name in names if _HAN.search(name)}))


@cache
def _spelled(name: str) -> str:
    from pypinyin import lazy_pinyin  # takes 0.3 s, most of it its dictionary of phrases

    words: list[str] = []
    for part in lazy_pinyin(name, errors=lambda other: f"\0{other}"):
        words += [word.upper() for word in _LATIN.findall(part)] if part[0] == "\0" else [part]
    return " ".join(words)
