"""What stands in the cells of tables: lists of names, dates with their precision."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

import msgspec

from cega_graph.names.normalize import has_han
from cega_graph.sources.layout import Line
from cega_graph.sources.parties import Party, read_list
from cega_graph.sources.records import Remark
from cega_graph.sources.values import clean, read_date
from cega_graph.vocabulary import heading_words


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body that a cell names; `kind` only where the way it is named tells it, `also` as `Party.also`."""

    name: str = ""
    identifier: str = ""
    qualifier: str = ""
    kind: str = ""
    also: tuple[tuple[str, str], ...] = ()


def bodies_in(cell: str, *, split: bool | None = None, separators: tuple[str, ...] = ()) -> tuple[Body, ...]:
    """Return the bodies that a cell names.

    Args:
        split: False: the cell is one name; True: it may be several; None: it may if it is Chinese.
        separators: What parts the names; by the rules of Chinese lists if there are none.

    >>> [b.name for b in bodies_in("甲基金会、乙协会等")], [b.name for b in bodies_in("A, Inc.")]
    (['甲基金会', '乙协会'], ['A, Inc.'])
    >>> [b.name for b in bodies_in("A; B ;", separators=(";",))], [b.kind for b in bodies_in("VARIOUS DONEES")]
    (['A', 'B'], ['group'])
    >>> [(b.name, b.kind) for b in bodies_in("匿名、乙协会")]
    [('匿名', 'group'), ('乙协会', '')]
    """
    text = cell.strip()
    if not text:
        return ()
    if split is not False and separators:
        parts = [part.strip() for part in re.split("|".join(map(re.escape, separators)), text)]
        return tuple(body for part in parts if part for body in _one(part))
    if split is False or (split is None and not has_han(text)):
        return _one(text)
    if not has_han(text):
        return tuple(body for part in re.split(r"[;；|\n、]+", text) if part.strip() for body in _one(part.strip()))
    return _chinese(text)


@lru_cache(maxsize=1 << 14)
def is_placeholder(name: str) -> bool:
    """Tell whether a name stands for bodies that are not named: it is a phrase that names no single body.

    >>> is_placeholder("VARIOUS ORGANIZATIONS"), is_placeholder("See attached schedule"), is_placeholder("匿名")
    (True, True, True)
    >>> is_placeholder("Various Small Fires"), is_placeholder("Anonymous Was A Woman")
    (False, False)
    """
    words = " ".join(name.split()).casefold().strip(" .*")
    many, whole, heads, openings = _placeholders()
    if words in whole or words.startswith(openings):
        return True
    if not words.startswith(many):
        return False
    first, *rest = re.split(r"[\s,/]+", words)
    return first in many and all(word in heads for word in rest)


@cache
def _placeholders() -> tuple[tuple[str, ...], frozenset[str], frozenset[str], tuple[str, ...]]:
    """Words for many, whole names, words for bodies, and how other names begin."""
    many = heading_words("placeholder_many")
    whole = frozenset(many) | {word.casefold() for word in heading_words("placeholder")}
    return many, whole, frozenset(heading_words("placeholder_head")), heading_words("placeholder_opening")


def _one(text: str) -> tuple[Body, ...]:
    name = clean(text)
    return (Body(name=name, kind="group" if is_placeholder(name) else ""),) if name else ()


def _chinese(text: str) -> tuple[Body, ...]:
    lines = []
    start = 0
    for part in re.split(r"(\r\n|[\r\n])", text):
        if part.strip():
            shown = part.strip()
            at = start + part.index(shown)
            lines.append(Line(at, at + len(shown), shown, follows_blank=False))
        start += len(part)
    found = tuple(_body(party, text) for party in read_list(lines).parties)
    return tuple(body for body in found if body.name) or _one(text)


def _body(party: Party, text: str) -> Body:
    name = clean(party.name or text[party.start : party.end])
    kind = "group" if party.is_group or is_placeholder(name) else "person" if party.is_person else ""
    also = tuple((alias.name, "zh" if has_han(alias.name) else "en") for alias in party.aliases if alias.name)
    return Body(
        name=name, qualifier=clean(party.qualifier), kind=kind, also=also,
        identifier=party.identifiers[0] if party.identifiers else "",
    )  # fmt: skip


_PRECISIONS: Final = ("day", "month", "quarter", "year", "multi_year")


def date_at(printed: str, precision: str, *, day_first: bool = True) -> tuple[str, tuple[Remark, ...]]:
    """Return a date at the precision that another cell states, and what was mended.

    A span of several years whose end is not stated becomes its first year, with a remark.

    >>> date_at("2017-10-01", "quarter")[0], date_at("2016-01-01", "year")[0], date_at("05/2020", "")[0]
    ('2017-10/2017-12', '2016', '2020-05')
    """
    date, remarks = read_date(printed, day_first=day_first)
    if not date or not precision or "/" in date:
        return date, remarks
    stated = _precision(precision)
    if not stated:
        return date, (*remarks, Remark("unknown-precision", precision, date))
    if stated == "multi_year":
        return date[:4], (*remarks, Remark("multi-year", printed, date[:4]))
    if stated == "quarter" and len(date) >= 7:
        first = (int(date[5:7]) - 1) // 3 * 3 + 1
        return f"{date[:4]}-{first:02d}/{date[:4]}-{first + 2:02d}", remarks
    return date[: {"day": 10, "month": 7, "quarter": 4, "year": 4}[stated]], remarks


@lru_cache(maxsize=1 << 8)
def _precision(printed: str) -> str:
    word = re.sub(r"[\s_-]+", "", printed).casefold()
    for one in _PRECISIONS:
        if word in {re.sub(r"[\s_-]+", "", w).casefold() for w in heading_words(f"precision_{one}")}:
            return one
    return ""
