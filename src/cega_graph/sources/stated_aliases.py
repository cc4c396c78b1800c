"""Aliases that a text states anywhere behind a name: `… （以下简称…）`, `… （CANGO）`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.names.compare import alias_in_bracket, announcement
from cega_graph.names.normalize import normalize
from cega_graph.names.resolve import Mention, StatedAlias
from cega_graph.sources.parties import read_name
from cega_graph.sources.text import unbroken

_BRACKET: Final = re.compile(r"[（(]([^（）()\n]{2,40})[）)]")


def with_stated_aliases(mentions: Sequence[Mention], text: str) -> list[Mention]:
    """Add to the first mention of a name the aliases that the text states behind the same name anywhere."""
    seen: set[str] = set()
    result: list[Mention] = []
    behind = _brackets_behind({m.mention for m in mentions if len(m.mention) >= 4}, text)
    for mention in mentions:
        found: list[StatedAlias] = []
        if mention.mention not in seen and not mention.is_group and not mention.is_person:
            found = list(_stated_behind(mention, behind.get(mention.mention, ()), text))
        seen.add(mention.mention)
        known = {a.mention for a in mention.aliases}
        result.append(
            msgspec.structs.replace(mention, aliases=(*mention.aliases, *(a for a in found if a.mention not in known)))
        )
    return result


def _brackets_behind(names: set[str], text: str) -> dict[str, list[tuple[int, re.Match[str]]]]:
    """Return name → its places with the bracket behind it, in one pass: a search for each name is quadratic."""
    lengths = sorted({len(name) for name in names}, reverse=True)
    found: dict[str, list[tuple[int, re.Match[str]]]] = {}
    for match in _BRACKET.finditer(text):
        end = match.start()
        while end and text[end - 1].isspace():
            end -= 1
        length = next((n for n in lengths if n <= end and text[end - n : end] in names), 0)
        if length:
            found.setdefault(text[end - length : end], []).append((end - length, match))
    return found


def _stated_behind(mention: Mention, places: Iterable[tuple[int, re.Match[str]]], text: str) -> Iterator[StatedAlias]:
    seen: set[str] = set()
    for at, match in places:
        if alias_in_bracket(normalize(match.group(1)), normalize(mention.mention)):
            run = read_name(text, at, match.end())
            for alias in (a for p in run.parties for a in p.aliases):
                printed = unbroken(text[alias.start : alias.end])
                if printed not in seen:
                    seen.add(printed)
                    yield StatedAlias(
                        source_id=mention.source_id, mention=printed, text_start=alias.start, text_end=alias.end,
                        status="former" if announcement(match.group(1))[1] else "short",
                    )  # fmt: skip
