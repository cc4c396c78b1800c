"""The sums of money of a table's rows: amount, currency, date and type, each cell's reading kept for equal ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from operator import add
from typing import Final, TypeAlias

import msgspec

from cega_graph.sources.blocks import Known
from cega_graph.sources.cells import date_at
from cega_graph.sources.fields import Columns, Fields
from cega_graph.sources.mapping import fold
from cega_graph.sources.records import Money, Remark
from cega_graph.sources.values import plain_amounts, read_amount, read_currency
from cega_graph.vocabulary import heading_words

Remarks: TypeAlias = tuple[Remark, ...]


class Sums(msgspec.Struct, frozen=True):
    """The sums of rows, what was mended in each, and what is left over of it."""

    money: Sequence[Money]
    remarks: Sequence[Remarks]
    extra: Sequence[dict[str, str]]


_DIGITS: Final = 10
"""Digits of a number of recipients, at most."""


class SumReader:
    """Reads the sums of rows with one header by one mapping."""

    def __init__(self, fields: Fields, *, day_first: bool, decimal_comma: bool) -> None:
        self._fields: Final = fields
        self._day_first: Final = day_first
        self._decimal_comma: Final = decimal_comma
        self._unit: Final = Decimal(fields.constants.get("amount_unit", "1"))
        self._signed: Final = Known(self._read_signed)
        self._currencies: Final = Known(self._read_currency)
        self._dates: Final = Known(self._read_date)
        self._precise: Final = Known[tuple[str, str], tuple[str, Remarks, dict[str, str]]](
            lambda cells: self._read_date(*cells)
        )
        self._types: Final = Known(_type)
        self._recipients: Final = Known(_recipients)

    def read(self, columns: Columns, n: int) -> Sums:
        """Return the sum of each of n rows; unknown if its cell is empty or cannot be read."""
        said, places = self._fields.said, self._fields.places
        printed = said("amount", columns, n)
        stated = columns[places["currency"][0]] if "currency" in places else [""] * n
        amounts, codes, remarks = self._amounts(printed, stated)
        dates, mended, extra = zip(*self._read_dates(columns, n), strict=True)
        kinds, unknown = self._read_types(columns, n)
        recipients: Iterable[int | None] = repeat(None)
        if "recipients" in self._fields:
            recipients = self._recipients.each(said("recipients", columns, n))
        money = map(
            Money, kinds, amounts, printed, codes, dates, said("grant_identifier", columns, n),
            said("funding_type", columns, n), repeat(()), repeat(False), recipients,  # noqa: FBT003 - by position is fast
        )  # fmt: skip
        for more in (mended, unknown):
            if any(more):
                remarks = list(map(add, remarks, more))
        return Sums(list(money), remarks, extra)

    def _read_types(self, columns: Columns, n: int) -> tuple[Iterable[str], Sequence[Remarks]]:
        """Return the types of sums, and what is said of words that name none."""
        if "type" not in self._fields:
            return repeat("award"), ()
        kinds, unknown = zip(*self._types.each(self._fields.said("type", columns, n)), strict=True)
        return kinds, unknown

    def _amounts(
        self, printed: Sequence[str], stated: Sequence[str]
    ) -> tuple[list[Decimal | None], list[str], list[Remarks]]:  # fmt: skip
        """Return amounts with their currencies, and what was mended in either."""
        amounts = plain_amounts(printed)
        if self._decimal_comma:
            amounts = [None if "." in cell else amount for cell, amount in zip(printed, amounts, strict=True)]
        if self._unit != 1:
            amounts = [amount and amount * self._unit for amount in amounts]
        read = self._currencies.each(stated)
        codes, remarks = [code for code, _ in read], [mended for _, mended in read]
        for place in [place for place, amount in enumerate(amounts) if amount is None]:
            signed = self._signed[printed[place], stated[place]]
            amounts[place], codes[place], remarks[place] = signed
        return amounts, codes, remarks

    def _read_dates(self, columns: Columns, n: int) -> list[tuple[str, Remarks, dict[str, str]]]:
        printed = self._fields.said("date", columns, n)
        if "date_precision" not in self._fields:
            return self._dates.each(printed)
        return self._precise.each(zip(printed, self._fields.said("date_precision", columns, n), strict=True))

    def _read_signed(self, said: tuple[str, str]) -> tuple[Decimal | None, str, Remarks]:
        """Return an amount that is more than a number, its currency by its cell, or else by the amount's own sign."""
        printed, stated = said[0], said[1].strip()
        amount, sign, mended = read_amount(printed, decimal_comma=self._decimal_comma)
        if amount is None:
            return None, "", tuple(mended)
        if self._unit != 1 and not _says_unit(printed):
            amount *= self._unit
        if sign and not stated:
            return amount, sign, (*mended, Remark("currency-sign", "", sign))
        code, remarks = self._currencies[stated]
        conflict = (Remark("currency-conflict", sign, code),) if stated and sign and sign != code else ()
        return amount, code, (*mended, *remarks, *conflict)

    def _read_currency(self, stated: str) -> tuple[str, Remarks]:
        """Return the code of a currency as its cell or the constant says."""
        code, remarks = read_currency(stated.strip() or self._fields.constants.get("currency", ""))
        return code, tuple(remarks)

    def _read_date(self, stated: str, precision: str = "") -> tuple[str, Remarks, dict[str, str]]:
        """Return a date at its precision, what was mended, and what is left over of either."""
        date, remarks = date_at(stated, precision, day_first=self._day_first)
        if stated and not date:
            return date, remarks, {"date": stated}
        is_odd = bool(remarks) and remarks[-1].code in {"multi-year", "unknown-precision"}
        return date, remarks, {"date_precision": precision} if is_odd else {}


@lru_cache(maxsize=1 << 12)
def _says_unit(printed: str) -> bool:
    """Tell whether a cell names a unit of its own, so that the one of the column's title does not count."""
    folded = printed.casefold()
    return any(word in folded for word in ("万", "亿", "千", "百", "million", "thousand", "mn", "bn", "元"))


def _recipients(printed: str) -> int | None:
    return int(printed) if printed.isdecimal() and len(printed) < _DIGITS else None


def _type(printed: str) -> tuple[str, Remarks]:
    found = _types().get(fold(printed)) if printed else "award"
    return (found, ()) if found else ("award", (Remark("unknown-type", printed, "award"),))


@lru_cache(maxsize=1)
def _types() -> dict[str, str]:
    """Printed word → type of a sum."""
    words = {fold(word): kind for kind in _TYPE_USES for word in heading_words(f"type_{kind}")}
    return words | {kind: kind for kind in _TYPE_USES}


_TYPE_USES: Final = ("award", "commitment", "disbursement", "expenditure", "incoming", "pledge", "future")
