"""A row of a table → a record, by the columns of a mapping; what equal cells say is read once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import msgspec

from cega_graph.sources.cells import Body, bodies_in, date_at
from cega_graph.sources.mapping import (
    DATE_FIELDS,
    MONEY_FIELDS,
    TEXT_FIELDS,
    ColumnMapping,
    RoleColumns,
    columns_used,
    fold,
)
from cega_graph.sources.records import Money, Party, Record, Remark
from cega_graph.sources.table_rows import TableRow
from cega_graph.sources.values import read_amount, read_currency
from cega_graph.vocabulary import heading_words

MONEY_ROLES: Final = frozenset({"funder", "grantee", "intermediary"})
"""Roles of those who give, get or pass on the sum of a row."""


def positions(header: Sequence[str], names: Sequence[str]) -> tuple[int, ...]:
    """Return where columns stand; the file has all of them."""
    places = {fold(name): place for place, name in reversed(list(enumerate(header)))}
    exact = {name: place for place, name in enumerate(header)}
    return tuple(exact.get(name, places.get(fold(name), 0)) for name in names)


class _RoleCells(msgspec.Struct, frozen=True):
    """Where the bodies of a role stand, by position; `label` is the title of their column."""

    spec: RoleColumns
    place: int
    identifier: int
    label: str
    grant: int
    read: dict[tuple[str, str], _Bodies]


class _Bodies(msgspec.Struct, frozen=True):
    """What the cells of a role say, and whether the identifiers could not be used."""

    parties: tuple[Party, ...]
    remarks: tuple[Remark, ...] = ()
    unused: str = ""


class Said(msgspec.Struct, frozen=True):
    """What a row, or the rows of a project, say besides the project's own fields."""

    parties: tuple[Party, ...]
    grants: tuple[Money, ...]
    remarks: tuple[Remark, ...]
    extra: dict[str, str]


class _Sum(msgspec.Struct, frozen=True):
    """A sum with what was mended and what is left over."""

    money: Money
    remarks: tuple[Remark, ...]
    extra: dict[str, str]


_SUM_TEXTS: Final = (("grant_identifier", "identifier"), ("funding_type", "funding_type"))
_DIGITS: Final = 10
"""Digits of a number of recipients, at most."""

_CACHED: Final = 1 << 16
"""Cells whose reading is kept; then it begins anew."""


class RowReader:
    """Reads rows with one header by one mapping; what equal cells say is read once."""

    def __init__(self, header: Sequence[str], mapping: ColumnMapping) -> None:
        self._mapping: Final = mapping
        self._constants: Final = {k: v for k, v in mapping.constants.items() if v}
        columns = {field: positions(header, names) for field, names in mapping.columns.items()}
        self._one: Final = {field: places[0] for field, places in columns.items() if len(places) == 1}
        self._many: Final = {field: places for field, places in columns.items() if len(places) > 1}
        plain = [field for field in TEXT_FIELDS if field not in ("status", "url")]
        self._texts: Final = tuple((field, self._one[field]) for field in plain if field in self._one)
        self._joined: Final = tuple(field for field in plain if field in self._many)
        self._stated: Final = {field: self._constants[field] for field in plain if field in self._constants}
        self._others: Final = tuple(
            f for f in ("start_date", "end_date", "status", "url") if f in columns or f in self._constants
        )  # fmt: skip
        self.has_money: Final = "amount" in columns
        self._sum_places: Final = tuple(p for f in (*MONEY_FIELDS, "date") for p in columns.get(f, ()))
        self._sums: Final[dict[tuple[str, ...], _Sum]] = {}
        self._unit: Final = Decimal(mapping.constants.get("amount_unit", "1"))
        self._roles: Final = tuple(one for spec in mapping.roles for one in self._cells_of(spec, header))
        wanted = {one.role for one in mapping.roles if not one.constant}
        self._missing: Final = tuple(
            (role, (Remark(code),)) for role, code in (("funder", "no-funder"), ("grantee", "no-recipient"))
            if role in wanted
        )  # fmt: skip
        self._currency_of_all: Final = (
            None if "currency" in columns else self._code(self._constants.get("currency", ""))
        )
        self._mapped: Final = frozenset(columns) | frozenset(self._constants)
        used = {fold(name) for name in columns_used(mapping).values()}
        kept = [n for n in header if fold(n) not in used] if mapping.extra is None else mapping.extra
        self._extra: Final = tuple(zip(kept, positions(header, list(kept)), strict=True))

    def _cells_of(self, spec: RoleColumns, header: Sequence[str]) -> Iterator[_RoleCells]:
        grant = 0 if self.has_money and spec.role in MONEY_ROLES else -1
        number = positions(header, [spec.identifier])[0] if spec.identifier else -1
        for place in positions(header, spec.columns):
            yield _RoleCells(spec, place, number, header[place], grant, {})
        if spec.constant:
            named = Party(role=spec.role, name=spec.constant, kind=spec.kind, language=spec.language, grant=grant)
            yield _RoleCells(spec, -1, -1, "", grant, {("", ""): _Bodies((named,))})

    def cell(self, cells: Sequence[str], field: str) -> str:
        """Return what a row says in a field: its cell, or several joined, or the constant of all rows."""
        place = self._one.get(field)
        if place is not None:
            return cells[place] or self._constants.get(field, "")
        many = self._many.get(field)
        if many is None:
            return self._constants.get(field, "")
        parts = [cells[p].strip() for p in many if cells[p].strip()]
        joined = ("-" if field in DATE_FIELDS else "; ").join(parts)
        return joined or self._constants.get(field, "")

    def others(self, cells: Sequence[str]) -> dict[str, str]:
        """Return the cells that nothing else uses and that are not empty, by title."""
        return {name: cells[place] for name, place in self._extra if cells[place]}

    def record(self, row: TableRow) -> Record:
        """Return a row as a record."""
        cells = row.cells
        extra = self.others(cells)
        remarks: tuple[Remark, ...] = ()
        grants: tuple[Money, ...] = ()
        if self.has_money:
            found = self.sum_of(cells)
            grants, remarks = (found.money,), found.remarks
            if found.extra:
                extra |= found.extra
        parties: tuple[Party, ...] = ()
        for one in self._roles:
            printed = cells[one.place] if one.place >= 0 else ""
            number = cells[one.identifier] if one.identifier >= 0 else ""
            if printed or number or one.place < 0:
                bodies = one.read.get((printed, number)) or _read_bodies(one, printed, number)
                parties += bodies.parties
                if bodies.remarks:
                    remarks += bodies.remarks
                    extra[one.spec.identifier] = bodies.unused
        if len(parties) < len(self._roles):
            said = {party.role for party in parties}
            for role, missing in self._missing:
                if role not in said:
                    remarks += missing
        return self.finished(row, Said(parties, grants, remarks, extra))

    def finished(self, row: TableRow, said: Said, *, key: str = "", rows: int = 1) -> Record:
        """Return a record with what its row says of the project."""
        cells, extra, remarks = row.cells, said.extra, said.remarks
        texts: dict[str, Any] = self._stated.copy()
        for field, place in self._texts:
            if cells[place]:
                texts[field] = cells[place]
        for field in self._joined:
            texts[field] = self.cell(cells, field)
        for field in self._others:
            remarks += self._other(field, self.cell(cells, field), texts, extra)
        return Record(
            locator=row.locator, original=row.original, key=key, rows=rows, extra=extra or None,
            parties=said.parties, grants=said.grants, remarks=remarks, **texts,
        )  # fmt: skip

    def _other(self, field: str, printed: str, texts: dict[str, Any], extra: dict[str, str]) -> tuple[Remark, ...]:
        """Put a date, status or link where it belongs; return what was mended."""
        if not printed:
            return ()
        if field == "url":
            extra["url"] = printed
            return ()
        if field == "status":
            texts[field] = _status(printed, extra)
            return ()
        date, remarks = date_at(printed, "", day_first=self._mapping.day_first)
        texts[field] = date
        if not date:
            extra[field] = printed
        return remarks

    def sum_of(self, cells: Sequence[str]) -> _Sum:
        """Return the sum of a row; unknown if its cell is empty or cannot be read."""
        key = tuple([cells[place] for place in self._sum_places])
        found = self._sums.get(key)
        if found is None:
            if len(self._sums) >= _CACHED:
                self._sums.clear()
            found = self._sums[key] = self._read_sum(cells)
        return found

    def _read_sum(self, cells: Sequence[str]) -> _Sum:
        printed = self.cell(cells, "amount")
        amount, sign, mended = read_amount(printed)
        remarks = list(mended)
        extra: dict[str, str] = {}
        if amount is not None and self._unit != 1 and not _says_unit(printed):
            amount *= self._unit
        currency = self._currency(cells, sign, remarks) if amount is not None else ""
        date = self._sum_date(cells, remarks, extra)
        more: dict[str, Any] = {own: self.cell(cells, field) for field, own in _SUM_TEXTS if field in self._mapped}
        if "type" in self._mapped:
            more["type"] = self._type(self.cell(cells, "type"), remarks)
        money = Money(amount=amount, printed=printed, currency=currency, date=date, **more)
        if (recipients := self.cell(cells, "recipients")).isdecimal() and len(recipients) < _DIGITS:
            money = msgspec.structs.replace(money, recipients=int(recipients))
        return _Sum(money, tuple(remarks), extra)

    def _sum_date(self, cells: Sequence[str], remarks: list[Remark], extra: dict[str, str]) -> str:
        stated = self.cell(cells, "date")
        if not stated:
            return ""
        precision = self.cell(cells, "date_precision")
        date, mended = date_at(stated, precision, day_first=self._mapping.day_first)
        remarks.extend(mended)
        if not date:
            extra["date"] = stated
        elif mended and mended[-1].code in {"multi-year", "unknown-precision"}:
            extra["date_precision"] = precision
        return date

    def _currency(self, cells: Sequence[str], sign: str, remarks: list[Remark]) -> str:
        place = self._one.get("currency")
        stated = cells[place].strip() if place is not None else ""
        if not stated and sign:
            remarks.append(Remark("currency-sign", "", sign))
            return sign
        code, mended = self._currency_of_all or self._code(stated or self._constants.get("currency", ""))
        remarks.extend(mended)
        if stated and sign and sign != code:
            remarks.append(Remark("currency-conflict", sign, code))
        return code

    @staticmethod
    def _code(printed: str) -> tuple[str, list[Remark]]:
        return read_currency(printed)

    def _type(self, printed: str, remarks: list[Remark]) -> str:
        if not printed:
            return "award"
        found = _types().get(fold(printed))
        if found is None:
            remarks.append(Remark("unknown-type", printed, "award"))
        return found or "award"


def _read_bodies(one: _RoleCells, printed: str, number: str) -> _Bodies:
    """Return what the cells of a role say, and keep it for the next row that says the same."""
    spec = one.spec
    found = bodies_in(printed, split=spec.split, separators=spec.separators)
    numbers = _numbers(number, found, spec)
    unused = number if number and len(numbers) != max(1, len(found)) else ""
    remarks = (Remark("identifier-count", number, f"{len(found)}"),) if unused else ()
    bodies = _Bodies(tuple(_named(found, () if unused else numbers, one)), remarks, unused)
    if len(one.read) >= _CACHED:
        one.read.clear()
    one.read[printed, number] = bodies
    return bodies


def _named(found: Sequence[Body], numbers: Sequence[str], one: _RoleCells) -> Iterator[Party]:
    spec, label = one.spec, one.label
    if not found:
        yield from (
            Party(role=spec.role, identifier=number, kind=spec.kind, label=label, grant=one.grant) for number in numbers
        )
    for place, body in enumerate(found):
        yield Party(
            role=spec.role, name=body.name, identifier=numbers[place] if numbers else body.identifier,
            kind=body.kind or spec.kind, language=spec.language, qualifier=body.qualifier, label=label,
            grant=one.grant, also=body.also,
        )  # fmt: skip


def _numbers(printed: str, found: Sequence[Body], spec: RoleColumns) -> tuple[str, ...]:
    if not printed:
        return ()
    if len(found) > 1:
        parts: Sequence[str] = [part for part in _split_numbers(printed) if part]
    else:
        parts = [printed.strip()]
    return tuple(with_scheme(part, spec.scheme) for part in parts)


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


@lru_cache(maxsize=1 << 12)
def _says_unit(printed: str) -> bool:
    """Tell whether a cell names a unit of its own, so that the one of the column's title does not count."""
    folded = printed.casefold()
    return any(word in folded for word in ("万", "亿", "千", "百", "million", "thousand", "mn", "bn", "元"))


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    """Printed word → type of a sum."""
    words = {fold(word): kind for kind in _TYPE_USES for word in heading_words(f"type_{kind}")}
    return words | {kind: kind for kind in _TYPE_USES}


_TYPE_USES: Final = ("award", "commitment", "disbursement", "expenditure", "incoming", "pledge", "future")


def _status(printed: str, extra: dict[str, str]) -> str:
    """Return the status that a word says; other words are kept in extra."""
    if not printed:
        return ""
    for status in ("planned", "ongoing", "completed", "cancelled"):
        if fold(printed) in {status, *map(fold, heading_words(f"status_{status}"))}:
            return status
    extra["status"] = printed
    return ""
