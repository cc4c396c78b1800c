"""The rows of a 360Giving table → records, a block of them column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, compress, repeat
from operator import add
from typing import Any, Final, TypeAlias

import msgspec

from cega_graph.sources.blocks import Block, Known
from cega_graph.sources.fields import Columns
from cega_graph.sources.files import File
from cega_graph.sources.records import Money, Party, Record, Remark, SetAside, records_of
from cega_graph.sources.table_rows import Rows, padded
from cega_graph.sources.threesixty_grant import (
    EVENTS,
    REQUIRED,
    SIDES,
    TITLES,
    Objects,
    Remarks,
    read_day,
    read_period,
    read_related,
    read_side,
    read_sum,
    read_titles,
    to_record,
    told_of_missing,
    told_of_sides,
)
from cega_graph.sources.threesixty_titles import Titles
from cega_graph.sources.values import plain_amounts


class _Grant(msgspec.Struct):
    """A grant that stands in several rows, by the names of the JSON schema.

    `places` are the rows that state what the first one does not: of a field, or of each of its objects.
    """

    grant: dict[str, Any]
    original: tuple[str, ...]
    locator: str
    rows: int = 1
    places: dict[tuple[str, int], str] = msgspec.field(default_factory=dict)


def read_flat(file: File, name: str, place: str, titles_row: int) -> Iterator[Record | SetAside]:
    """Yield the grants of a sheet (or of the text table if `name` is empty), below the row with the titles.

    Rows that carry one identifier and do not contradict each other are one grant, whose later rows add
    values to the first; it comes where its last row stands. They alone are held in memory. The same row
    once more is a grant of its own.
    """
    blocks = _below_titles(file, name, titles_row)
    header = next(blocks).rows[0]
    titles, width = Titles(header), len(header)
    read = FlatReader(titles).records
    repeated = _repeated(file, name, titles.identifier, titles_row)
    waiting: dict[str, list[_Grant]] = {}
    for block in blocks:
        for rows in padded(block, width, place, lambda cells: f"{len(cells)} / {width}"):
            if isinstance(rows, SetAside):
                yield rows
            elif not repeated:
                yield from read(rows)
            else:
                yield from _united(rows, titles, read, repeated, waiting)
    for some in waiting.values():
        yield from _records(some, titles)


class _Group:
    """The cells of a field that holds objects, and what is made of them; equal cells are read once."""

    def __init__(self, titles: Titles, fields: Sequence[str], read: Callable[[dict[str, Objects]], Any]) -> None:
        self._objects: Final = [(field, keys) for field, keys in titles.objects if field in fields]
        self._positions: Final = [position for _, keys in self._objects for position, _ in keys]
        self._read: Final = read
        self._known: Final = Known(self._of)

    def __bool__(self) -> bool:
        """Tell whether the table has such cells."""
        return bool(self._positions)

    def each(self, columns: Columns) -> list[Any]:
        """Return what is made of the cells of each row."""
        return self._known.each(zip(*[columns[position] for position in self._positions], strict=True))

    def _of(self, cells: Sequence[str]) -> Any:  # noqa: ANN401 - whatever `read` returns
        found: dict[str, Objects] = {}
        cell = iter(cells)
        for field, keys in self._objects:
            if one := {key: text for (_, key), text in zip(keys, cell, strict=False) if text}:
                found.setdefault(field, []).append(one)
        return self._read(found)


class FlatReader:
    """Reads rows with one header, a block of them column by column; rows that are odd as a whole one by one."""

    def __init__(self, titles: Titles) -> None:
        self._titles: Final = titles
        self._places: Final = {name: position for position, name in titles.plain}
        self._left: Final = [name for name in self._places if name not in _TAKEN]
        self._sides: Final = [_Group(titles, [field], _side_of(field, titles)) for field, _ in SIDES]
        self._period: Final = _Group(titles, EVENTS, _period)
        self._texts: Final = {field: _Group(titles, [field], _text_of(field, key)) for field, key in TITLES.items()}
        read = {*_ROLES, *EVENTS, *TITLES}
        others = dict.fromkeys(field for field, _ in titles.objects if field not in read)
        self._others: Final = {field: _Group(titles, [field], _as_it_is(field)) for field in others}
        self._is_odd: Final = not read.isdisjoint(self._places)
        self._currencies: Final = Known[str, tuple[str, Remarks]](lambda stated: read_sum("0", stated)[2:])
        self._sums: Final = Known[tuple[str, str], tuple[Decimal | None, str, str, Remarks]](
            lambda cells: read_sum(cells[0] or None, cells[1])
        )
        self._dates: Final = Known(_day)
        self._told: Final = Known[tuple[int, int, int], Remarks](lambda many: told_of_sides(*many))
        self._lacking: Final = Known[tuple[bool, ...], Remarks](lambda stated: told_of_missing(*stated))
        self._related: Final = Known(read_related)

    def records(self, rows: Rows) -> Iterator[Record]:
        """Yield the grants of rows, each of which is one."""
        if self._is_odd:
            return (self._record(rows, place) for place in range(len(rows.locators)))
        records = list(self._regular(rows))
        odd = [place for place, regrant in enumerate(self._column("regrantType", rows)) if regrant]
        if self._period:
            odd += [place for place, read in enumerate(self._period.each(rows.columns)) if read is _BOTH]
        for place in odd:
            records[place] = self._record(rows, place)
        return iter(records)

    def _record(self, rows: Rows, place: int) -> Record:
        original: Any = rows.originals[place]
        grant = self._titles.grant([column[place] for column in rows.columns])
        return to_record(grant, original, rows.locators[place], self._titles.labels)

    def _column(self, field: str, rows: Rows) -> Sequence[str]:
        place = self._places.get(field, -1)
        return rows.columns[place] if place >= 0 else [""] * len(rows.locators)

    def _regular(self, rows: Rows) -> Iterator[Record]:
        """Yield the grants of rows without money to be passed on and without dates of both kinds."""
        n = len(rows.locators)
        extra = self._extra(rows)
        amounts, printed, currencies, remarks = self._read_sums(rows)
        dates, mended = self._read_dates(rows, extra)
        sides = [group.each(rows.columns) if group else [_NOBODY] * n for group in self._sides]
        for (field, _), read in zip(SIDES, sides, strict=True):
            _put(extra, field, [rest for _, _, rest in read])
        many = [(givers[1], bodies[1], people[1]) for givers, bodies, people in zip(*sides, strict=True)]
        periods = self._period.each(rows.columns) if self._period else [_NO_PERIOD] * n
        for place, (_, _, _, rest) in enumerate(periods):
            extra[place].update(rest)
        texts = {field: self._read_texts(field, rows, extra) for field in TITLES}
        identifiers = self._column("id", rows)
        unnamed = [() if identifier else (Remark("no-identifier"),) for identifier in identifiers]
        for more in (mended, self._missing(rows), self._told.each(many), [told for _, _, told, _ in periods], unnamed):
            if any(more):
                remarks = list(map(add, remarks, more))
        money = map(
            Money, repeat("award"), amounts, printed, currencies, dates, identifiers, texts["fundingType"],
            self._related.each(self._column("relatedActivity", rows)), repeat(False),  # noqa: FBT003 - by position
            [bodies + people or None for _, bodies, people in many],
        )  # fmt: skip
        return records_of({
            "locator": rows.locators, "original": rows.originals, "identifier": identifiers, "extra": extra,
            "title": self._column("title", rows), "description": self._column("description", rows),
            "theme": texts["classifications"], "place": texts["beneficiaryLocation"],
            "programme": texts["grantProgramme"], "start_date": [start for start, _, _, _ in periods],
            "end_date": [end for _, end, _, _ in periods], "grants": zip(money, strict=True), "remarks": remarks,
            "parties": [givers[0] + bodies[0] + people[0] for givers, bodies, people in zip(*sides, strict=True)],
        })  # fmt: skip

    def _missing(self, rows: Rows) -> list[Remarks]:
        """Return what is said of each row that lacks a field which the standard requires."""
        stated = [self._column(field, rows) for field in REQUIRED]
        if not any("" in column for column in stated):
            return []
        return self._lacking.each(zip(*[map(bool, column) for column in stated], strict=True))

    def _extra(self, rows: Rows) -> list[dict[str, Any]]:
        """Return what of each row is not read, by name: cells, and objects as they are."""
        cells = zip(*[self._column(name, rows) for name in self._left], strict=True)
        extra: list[dict[str, Any]] = [dict(compress(zip(self._left, some), some)) for some in cells]  # noqa: B905
        if not self._left:
            extra = [{} for _ in rows.locators]
        for field, group in self._others.items():
            _put(extra, field, group.each(rows.columns))
        return extra

    def _read_sums(
        self, rows: Rows
    ) -> tuple[list[Decimal | None], list[str], list[str], list[Remarks]]:  # fmt: skip
        """Return amounts, how they are printed where that is odd, currencies, and what was mended in either."""
        cells, stated = self._column("amountAwarded", rows), self._column("currency", rows)
        amounts = plain_amounts(cells)
        read = self._currencies.each(stated)
        currencies, remarks = [code for code, _ in read], [mended for _, mended in read]
        printed = [cell if mended else "" for cell, mended in zip(cells, remarks, strict=True)]
        for place in [place for place, amount in enumerate(amounts) if amount is None]:
            found = self._sums[cells[place], stated[place]]
            amounts[place], printed[place], currencies[place], remarks[place] = found
        return amounts, printed, currencies, remarks

    def _read_dates(self, rows: Rows, extra: list[dict[str, Any]]) -> tuple[list[str], list[Remarks]]:
        read = self._dates.each(self._column("awardDate", rows))
        for place, (_, _, unread) in enumerate(read):
            if unread:
                extra[place]["awardDate"] = unread
        return [date for date, _, _ in read], [mended for _, mended, _ in read]

    def _read_texts(self, field: str, rows: Rows, extra: list[dict[str, Any]]) -> list[str]:
        if not self._texts[field]:
            return [""] * len(rows.locators)
        read = self._texts[field].each(rows.columns)
        _put(extra, field, [rest for _, rest in read])
        return [text for text, _ in read]


_ROLES: Final = dict(SIDES)
_TAKEN: Final = frozenset({"id", "title", "description", "currency", "amountAwarded", "awardDate", "regrantType"})
_NOBODY: Final[tuple[tuple[Party, ...], int, Objects]] = ((), 0, [])
_Period: TypeAlias = tuple[str, str, Remarks, dict[str, Objects]]
_NO_PERIOD: Final[_Period] = ("", "", (), {})
_BOTH: Final[_Period] = ("", "", (), {})
"""Stands for dates of both kinds: which of them are left over depends on the others."""


def _put(extra: list[dict[str, Any]], field: str, values: list[Any]) -> None:
    """Put what is not empty into what is left over of the rows."""
    if any(values):
        for left, value in zip(extra, values, strict=True):
            if value:
                left[field] = value


def _side_of(field: str, titles: Titles) -> Callable[[dict[str, Objects]], tuple[tuple[Party, ...], int, Objects]]:
    def read(found: dict[str, Objects]) -> tuple[tuple[Party, ...], int, Objects]:
        parties, rest = read_side(found.get(field), field, titles.labels.get(field, field))
        return parties, len(parties), rest

    return read


def _text_of(field: str, key: str) -> Callable[[dict[str, Objects]], tuple[str, Objects]]:
    return lambda found: read_titles(found.get(field), key)


def _as_it_is(field: str) -> Callable[[dict[str, Objects]], Objects]:
    return lambda found: found.get(field, [])


def _period(found: dict[str, Objects]) -> _Period:
    if len(found) > 1:
        return _BOTH
    start, end, remarks = read_period(found)
    return start, end, remarks, found


def _day(printed: str) -> tuple[str, Remarks, str]:
    """Return a date, what was mended, and the cell if it cannot be read."""
    date, mended = read_day(printed, "", {})
    return date, mended, "" if date else printed


def _below_titles(file: File, name: str, titles_row: int) -> Iterator[Block]:
    """Yield the row with the titles, then the blocks of those below it."""
    blocks = file.sheet_blocks(name) if name else file.blocks()
    first = next(block for block in blocks if block.numbers and block.numbers[-1] >= titles_row)
    at = first.numbers.index(titles_row)
    return chain([first.part(at, at + 1), first.part(at + 1, len(first.rows))], blocks)


def _repeated(file: File, name: str, position: int, titles_row: int) -> Counter[str]:
    """The identifiers that stand in several rows, with how many."""
    if position < 0 or (position == 0 and not name and _begin_differently(file)):
        return Counter()
    counts: Counter[str] = Counter()
    blocks = _below_titles(file, name, titles_row)
    next(blocks)
    for block in blocks:
        counts.update([cells[position].strip() for cells in block.rows if position < len(cells)])
    return Counter({key: n for key, n in counts.items() if n > 1 and key})


def _begin_differently(file: File) -> bool:
    """Tell whether no two lines of a text begin with one cell, so that no two rows do; quotes do not count.

    To see this takes a fifth of the time that it takes to read the rows. Lines that a cell goes on in may begin
    alike where rows do not.
    """
    begun: set[int] = set()
    many = 0
    for lines in file.line_blocks():
        beginnings = [line.partition(file.separator)[0].replace('"', "").strip() for line in lines]
        hashes = list(map(hash, filter(None, beginnings)))
        begun.update(hashes)
        many += len(hashes)
        if len(begun) < many:
            return False
    return True


def _united(
    rows: Rows, titles: Titles, read: Callable[[Rows], Iterable[Record]], repeated: Counter[str],
    waiting: dict[str, list[_Grant]],
) -> Iterator[Record]:  # fmt: skip
    """Yield the grants of rows; those with an identifier that stands in several rows wait for the last of these."""
    start = 0
    for place, printed in enumerate(rows.columns[titles.identifier]):
        identifier = printed.strip()
        if identifier not in repeated:
            continue
        if start < place:
            yield from read(rows.part(start, place))
        start = place + 1
        cells = [column[place] for column in rows.columns]
        original: Any = rows.originals[place]
        _add(waiting.setdefault(identifier, []), _Grant(titles.grant(cells), original, rows.locators[place]))
        repeated[identifier] -= 1
        if not repeated[identifier]:
            yield from _records(waiting.pop(identifier), titles)
    if start < len(rows.locators):
        yield from read(rows.part(start, len(rows.locators)))


def _records(grants: Iterable[_Grant], titles: Titles) -> Iterator[Record]:
    for one in grants:
        places = _places(one) if one.places else []
        record = to_record(one.grant, one.original, one.locator, titles.labels, one.rows)
        yield _placed(record, one.places, places) if one.places else record


def _places(one: _Grant) -> list[str]:
    """The rows that name the parties of a grant, in their order; empty for its first row."""
    return [
        one.places.get((field, number), "")
        for field, _ in SIDES
        for number, body in enumerate(one.grant.get(field, ()))
        if body.get("name") or body.get("id")
    ]


def _placed(record: Record, stated: dict[tuple[str, int], str], places: Sequence[str]) -> Record:
    """Return a record whose parties, sum and title say which row states them.

    Args:
        places: Of its parties; those that come behind are the takers once more, who pass the money on.
    """
    first = record.locator
    title, amount = stated.get(("title", -1), first), stated.get(("amountAwarded", -1), first)
    own = first if title != first else ""
    takers = [at for at, party in zip(places, record.parties, strict=False) if party.role == "grantee"]
    parties = zip(record.parties, chain(places, takers), strict=False)
    return msgspec.structs.replace(
        record,
        locator=title,
        parties=tuple(msgspec.structs.replace(party, locator=at or own) for party, at in parties),
        grants=tuple(
            msgspec.structs.replace(money, locator="" if amount == title else amount) for money in record.grants
        ),
        remarks=tuple(msgspec.structs.replace(one, locator=one.locator or own) for one in record.remarks),
    )


def _add(some: list[_Grant], one: _Grant) -> None:
    """Add a row to the first grant that it does not contradict; else it is one more grant."""
    for before in some:
        if before.original != one.original and _fits(before.grant, one.grant):
            _unite(before, one.grant, one.locator)
            before.original = (*before.original, *one.original)
            before.rows += 1
            return
    some.append(one)


def _fits(grant: dict[str, Any], more: dict[str, Any]) -> bool:
    return all(grant.get(key, value) == value for key, value in more.items() if not isinstance(value, list))


def _unite(before: _Grant, more: dict[str, Any], locator: str) -> None:
    grant, places = before.grant, before.places
    for key, value in more.items():
        if not isinstance(value, list):
            if key not in grant:
                grant[key], places[key, -1] = value, locator
            continue
        things = grant.setdefault(key, [])
        for one in value:
            same = next((t for t in things if all(t.get(k, v) == v for k, v in one.items()) and t.keys() & one), None)
            if same is None:
                places[key, len(things)] = locator
                things.append(one)
            else:
                same.update(one)
