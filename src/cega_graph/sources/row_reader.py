"""Rows of a table → records, by the columns of a mapping; what equal cells say is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, repeat
from typing import Any, Final

import msgspec

from cega_graph.sources.blocks import Known
from cega_graph.sources.cells import Body, bodies_in, date_at
from cega_graph.sources.fields import Columns, Fields, positions
from cega_graph.sources.mapping import MONEY_FIELDS, TEXT_FIELDS, ColumnMapping, RoleColumns, columns_used, fold
from cega_graph.sources.records import Money, Party, Record, Remark, records_of
from cega_graph.sources.sums import SumReader
from cega_graph.sources.table_rows import Rows
from cega_graph.vocabulary import heading_words

MONEY_ROLES: Final = frozenset({"funder", "grantee", "intermediary"})
"""Roles of those who give, get or pass on the sum of a row."""


_STATES_A_SUM: Final = frozenset({"date", "grant_identifier", "type"})
"""Fields that speak of a sum, if only of one that is not known, in rows that say who gives or gets it."""


class _Bodies(msgspec.Struct, frozen=True, gc=False):
    """What the cells of a role say, and the identifiers that could not be used."""

    parties: tuple[Party, ...]
    remarks: tuple[Remark, ...] = ()
    unused: str = ""


class _Role(msgspec.Struct, frozen=True):
    """Where the bodies of a role stand, by position; `label` is the title of their column."""

    spec: RoleColumns
    place: int
    identifier: int
    label: str
    grant: int

    def reader(self) -> Callable[[Columns, int], list[_Bodies]]:
        """Return what reads the bodies of n rows, equal cells once."""
        place, identifier, bodies = self.place, self.identifier, self.bodies
        if self.spec.constant:
            spec, all_rows = self.spec, self.grant
            named = Party(role=spec.role, name=spec.constant, kind=spec.kind, language=spec.language, grant=all_rows)
            return lambda _, n: [_Bodies((named,))] * n
        if identifier < 0:
            names = Known(bodies)
            return lambda columns, _: names.each(columns[place])
        both = Known[tuple[str, str], _Bodies](lambda cells: bodies(*cells))
        return lambda columns, _: both.each(zip(columns[place], columns[identifier], strict=True))

    def bodies(self, printed: str, number: str = "") -> _Bodies:
        """Return the bodies that a cell and that of their identifiers name."""
        spec = self.spec
        found = bodies_in(printed, split=spec.split, separators=spec.separators)
        numbers = _numbers(number, found, spec)
        unused = number if number and len(numbers) != max(1, len(found)) else ""
        remarks = (Remark("identifier-count", number, f"{len(found)}"),) if unused else ()
        return _Bodies(_named(found, [] if unused else numbers, self), remarks, unused)


class Said(msgspec.Struct, frozen=True):
    """What rows, or the rows of projects, say besides the projects' own fields; of each in their order."""

    parties: list[tuple[Party, ...]]
    grants: list[tuple[Money, ...]]
    remarks: list[tuple[Remark, ...]]
    extra: list[dict[str, str]]


class RowReader:
    """Reads rows with one header by one mapping, a block of them column by column."""

    def __init__(self, header: Sequence[str], mapping: ColumnMapping) -> None:
        self.fields: Final = Fields(header, mapping)
        self._texts: Final = [f for f in TEXT_FIELDS if f in self.fields and f not in ("status", "url")]
        gives = any(spec.role in MONEY_ROLES for spec in mapping.roles)
        has_money = "amount" in self.fields.places or (gives and not _STATES_A_SUM.isdisjoint(self.fields.places))
        sums = SumReader(self.fields, day_first=mapping.day_first, decimal_comma=mapping.decimal_comma)
        self.sums: Final = sums.read if has_money else None
        roles = [one for spec in mapping.roles for one in self._roles_of(spec, header)]
        self._roles: Final = [(one.spec, one.reader()) for one in roles]
        wanted = {one.role for one in mapping.roles if not one.constant}
        self._missing: Final = tuple(
            (role, (Remark(code),)) for role, code in (("funder", "no-funder"), ("grantee", "no-recipient"))
            if role in wanted
        )  # fmt: skip
        sum_fields = () if has_money else (*MONEY_FIELDS, "date")
        unread = {fold(name) for field in sum_fields for name in mapping.columns.get(field, ())}
        used = {fold(name) for name in columns_used(mapping).values()} - unread
        kept = [n for n in header if fold(n) not in used] if mapping.extra is None else list(mapping.extra)
        self._extra: Final = tuple(zip(kept, positions(header, kept), strict=True))
        day_first = mapping.day_first
        self._dates: Final = Known[str, tuple[str, tuple[Remark, ...]]](
            lambda printed: date_at(printed, "", day_first=day_first)
        )

    def _roles_of(self, spec: RoleColumns, header: Sequence[str]) -> Iterator[_Role]:
        grant = 0 if self.sums and spec.role in MONEY_ROLES else -1
        number = positions(header, [spec.identifier])[0] if spec.identifier else -1
        for place in positions(header, spec.columns):
            yield _Role(spec, place, number, header[place], grant)
        if spec.constant:
            yield _Role(spec, -1, -1, "", grant)

    def others(self, columns: Columns, n: int) -> list[dict[str, str]]:
        """Return for each of n rows the cells that nothing else uses and that are not empty, by title."""
        if not self._extra:
            return [{} for _ in range(n)]
        names = [name for name, _ in self._extra]
        if len(names) == 1:
            return [{names[0]: cell} if cell else {} for cell in columns[self._extra[0][1]]]
        rows = zip(*(columns[place] for _, place in self._extra), strict=True)
        return [dict(compress(zip(names, cells), cells)) for cells in rows]  # noqa: B905 - as long as each other, and fast

    def records(self, rows: Rows) -> Iterator[Record]:
        """Return rows as records."""
        columns, n = rows.columns, len(rows.locators)
        said = Said([()] * n, [()] * n, [()] * n, self.others(columns, n))
        if self.sums:
            sums = self.sums(columns, n)
            said.grants[:] = zip(sums.money, strict=True)
            said.remarks[:] = sums.remarks
            for extra, more in zip(said.extra, sums.extra, strict=True) if any(sums.extra) else ():
                extra.update(more)
        self._add_parties(columns, said)
        return self.finished(rows, said)

    def _add_parties(self, columns: Columns, said: Said) -> None:
        """Add the parties of rows, and the remarks on them."""
        parties = said.parties
        for spec, read in self._roles:
            found = read(columns, len(parties))
            parties[:] = [some + more.parties for some, more in zip(parties, found, strict=True)]
            for place, bodies in enumerate(found):
                if bodies.remarks:
                    said.remarks[place] += bodies.remarks
                    said.extra[place][spec.identifier] = bodies.unused
        many = len(self._roles)
        for place in [place for place, some in enumerate(parties) if len(some) < many]:
            named = {party.role for party in parties[place]}
            for role, missing in self._missing:
                if role not in named:
                    said.remarks[place] += missing

    def finished(
        self, rows: Rows, said: Said, *, keys: Iterable[str] = repeat(""), counts: Iterable[int] = repeat(1)
    ) -> Iterator[Record]:
        """Return records with what their rows say of the projects."""
        columns, n = rows.columns, len(rows.locators)
        found: dict[str, Iterable[Any]] = {field: self.fields.said(field, columns, n) for field in self._texts}
        for field in ("start_date", "end_date"):
            if field in self.fields:
                found[field] = self._add_dates(field, columns, said)
        if "status" in self.fields:
            found["status"] = _add_statuses(self.fields.said("status", columns, n), said)
        if "url" in self.fields:
            for extra, url in zip(said.extra, self.fields.said("url", columns, n), strict=True):
                if url:
                    extra["url"] = url
        found |= {
            "locator": rows.locators, "original": rows.originals, "key": keys, "rows": counts, "parties": said.parties,
            "grants": said.grants, "remarks": said.remarks, "extra": [extra or None for extra in said.extra],
        }  # fmt: skip
        return records_of(found)

    def _add_dates(self, field: str, columns: Columns, said: Said) -> list[str]:
        """Return dates; what was mended goes to the remarks, what cannot be read stays as printed."""
        printed = self.fields.said(field, columns, len(said.extra))
        read = self._dates.each(printed)
        for place, (date, remarks) in enumerate(read):
            if remarks:
                said.remarks[place] += remarks
            if not date and printed[place]:
                said.extra[place][field] = printed[place]
        return [date for date, _ in read]


def _named(found: Sequence[Body], numbers: Sequence[str], one: _Role) -> tuple[Party, ...]:
    spec, label, grant = one.spec, one.label, one.grant
    if not found:
        return tuple(
            Party(role=spec.role, identifier=number, kind=spec.kind, label=label, grant=grant) for number in numbers
        )
    return tuple([
        Party(
            role=spec.role, name=body.name, identifier=number, kind=body.kind or spec.kind, language=spec.language,
            qualifier=body.qualifier, label=label, grant=grant, also=body.also,
        )
        for body, number in zip(found, numbers or [body.identifier for body in found], strict=True)
    ])  # fmt: skip


def _numbers(printed: str, found: Sequence[Body], spec: RoleColumns) -> list[str]:
    if not printed:
        return []
    if len(found) < 2:
        return [with_scheme(printed.strip(), spec.scheme)]
    return [with_scheme(part, spec.scheme) for part in _split_numbers(printed) if part]


def _split_numbers(printed: str) -> list[str]:
    for sign in "；，、|\n":
        printed = printed.replace(sign, ";")
    return [part.strip() for part in (printed.split(";") if ";" in printed else printed.split(","))]


def with_scheme(number: str, scheme: str) -> str:
    """Return a bare number with the list of org-id.guide that it is from.

    >>> with_scheme("1000147", "GB-CHC"), with_scheme("gb-chc-1000147", "GB-CHC"), with_scheme("7", "")
    ('GB-CHC-1000147', 'gb-chc-1000147', '7')
    """
    return f"{scheme}-{number}" if scheme and not number.upper().startswith(f"{scheme.upper()}-") else number


def _add_statuses(printed: Sequence[str], said: Said) -> list[str]:
    """Return the statuses that words say; other words stay as printed."""
    statuses = [_status(word) for word in printed]
    for place, status in enumerate(statuses):
        if printed[place] and not status:
            said.extra[place]["status"] = printed[place]
    return statuses


@lru_cache(maxsize=1 << 12)
def _status(printed: str) -> str:
    """Return the status that a word says; an empty text if it says none."""
    for status in ("planned", "ongoing", "completed", "cancelled"):
        if printed and fold(printed) in {status, *map(fold, heading_words(f"status_{status}"))}:
            return status
    return ""
