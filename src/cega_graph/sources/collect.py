"""Records → rows of the tables, bodies left open: the names are put together when all files are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from cega_graph.csv_lines import csv_cell, csv_line
from cega_graph.dates import earliest, is_date, latest
from cega_graph.identifiers import mint_spelled_id, mint_statement_id, spelled
from cega_graph.model import CORRECTING, PROJECT_STATUSES, table
from cega_graph.sources.mentions import Mentions, is_named
from cega_graph.sources.records import Money, Original, Record, Remark, SetAside
from cega_graph.sources.stored import Lines, More, Stored, grant_row, party_row, without_cut
from cega_graph.sources.tally import Tally
from cega_graph.sources.values import CURRENCIES, NO_CURRENCY, clean, is_approximate
from cega_graph.tabular import cells_of_rows, format_decimal

_MOST_IDENTIFIER: Final = 200
_DATES: Final = 1 << 16
"""Dates that are remembered; then it begins anew."""


class _Place(msgspec.Struct, gc=False):
    """A record under way: its project's id, where it stands, which repetition of an equal record it is.

    `said` counts what its sums say, `odd` holds what cannot be read, `grants` and `parties` are the rows so far.
    """

    record: Record
    project_id: str
    place: str
    repeat: int
    said: dict[str, int]
    odd: dict[str, str]
    grants: list[str]
    parties: list[str]


class Collector:
    """Takes records in and gives the lines of projects, participations and grants, in the stored order.

    Names and what tells repeated rows are held in memory, rows are not.

    Args:
        folder: For what does not fit into memory.
        tally: Counts what is mended here.
        drop_duplicates: Set aside rows that are the same as an earlier one of their file.
        used: Project ids that the data set already has.
    """

    def __init__(self, folder: Path, tally: Tally, *, drop_duplicates: bool = False, used: Iterable[str] = ()) -> None:
        self._mentions: Final = Mentions()
        self.printed: Final = self._mentions.printed
        self.span: Final[dict[str, tuple[str, str]]] = {}
        self._tally: Final = tally
        self._drop: Final = drop_duplicates
        self._stored: Final = Stored(folder)
        self._known: Final = {hash(one) for one in used}
        self._regrants: Final[dict[str, tuple[str, frozenset[str]]]] = {}
        self._ordinal = 0
        self.begin("")

    def begin(self, source_id: str) -> None:
        """Begin another source: what follows is from it."""
        self._source = source_id
        self._mentions.begin(source_id)
        self._dates: set[str] = set()
        self._seen: set[int] = set()
        self._repeats: Counter[int] = Counter()

    def take(self, record: Record) -> None:
        """Take a record in, or set it aside if it cannot be used."""
        if not any(map(is_named, record.parties)):
            self._aside("no-party", record)
            return
        digest = hash(record.original)
        repeat = 0
        if digest in self._seen:
            if self._drop:
                self._aside("dropped-duplicate", record)
                return
            if _is_one_grant(record):
                self._note(Remark("repeated-grant", record.identifier), record.locator)
            else:
                self._repeats[digest] += 1
                repeat = self._repeats[digest]
                self._note(Remark("duplicate"), record.locator)
        self._seen.add(digest)
        self._tally.use(self._source, record)
        for remark in record.remarks:
            self._note(remark, record.locator)
        self._ordinal += 1
        self._rows(record, repeat)

    def _aside(self, code: str, record: Record) -> None:
        self._tally.set_aside(self._source, SetAside(code, record.locator, record.original, rows=record.rows))

    def _note(self, remark: Remark, locator: str) -> None:
        self._tally.note(self._source, remark, locator)

    def _rows(self, record: Record, repeat: int) -> None:
        odd: dict[str, str] = {}
        at = _Place(record, self._project_id(record, repeat, odd), without_cut(record.locator), repeat, {}, odd, [], [])
        ids = [self._add_grant(money, position, at) for position, money in enumerate(record.grants)]
        self._take_parties(at, ids)
        self._stored.add(at.project_id, self._ordinal, self._project(at), at.grants, at.parties)

    def _take_parties(self, at: _Place, ids: list[str]) -> None:
        """Take the parties of a record in; `ids` are those of its sums."""
        record, project_id = at.record, at.project_id
        said: dict[str, int] = {}
        start, project, place = spelled([project_id]), csv_cell(project_id), csv_cell(at.place)
        for party in record.parties:
            one = self._mentions.read(party, project_id, at.place)
            if one is None:
                continue
            one.printed.n += 1
            for remark in one.remarks:
                self._note(remark, party.locator or record.locator)
            grant_id = ids[party.grant] if 0 <= party.grant < len(ids) else ""
            says = f'{start},"{grant_id}",{one.says}'
            occurrence = said[says] = said.get(says, -1) + 1
            made = mint_spelled_id("p", f"{says},{at.repeat}" if at.repeat else says, occurrence)
            tail = f",{one.cells},{csv_cell(without_cut(party.locator)) if party.locator else place},,\n"
            at.parties.append(party_row(one.role, made, one.number, f"{made},{project},{grant_id},", tail))

    def _project_id(self, record: Record, repeat: int, odd: dict[str, str]) -> str:
        """The publisher's identifier if it can be an id; else one made from what the row says."""
        identifier = record.identifier and clean(record.identifier)
        if identifier and identifier.isascii() and " " not in identifier and len(identifier) <= _MOST_IDENTIFIER:
            digest = hash(identifier)
            if digest in self._known:
                self._note(Remark("same-identifier", identifier), record.locator)
            else:
                self._known.add(digest)
            return identifier
        if identifier:
            odd["identifier"] = identifier
            self._note(Remark("odd-identifier", identifier[:_MOST_IDENTIFIER]), record.locator)
        said = record.key or _hashable(record.original)
        made = mint_statement_id(self._source, [said, *([repeat] if repeat else [])], 0)
        self._known.add(hash(made))
        return made

    def _sound(self, money: Money, place: str, at: _Place) -> tuple[str, str, str]:
        """Amount, currency and date as the table may hold them."""
        amount = money.amount
        if amount is not None and amount < 0 and money.type not in CORRECTING:
            self._note(Remark("negative-amount", money.printed or str(amount)), place)
            amount = None
        currency = money.currency
        if amount is not None and currency not in CURRENCIES and currency != NO_CURRENCY:
            self._note(Remark("unknown-currency" if currency else "no-currency", currency, NO_CURRENCY), place)
            currency = NO_CURRENCY
        elif currency not in CURRENCIES:
            currency = NO_CURRENCY if amount is not None else ""
        date = money.date
        if date and date not in self._dates:
            date = self._date(date, "date", at.odd, place)
            self._widen(date)
        return "" if amount is None else format_decimal(amount), currency, date

    def _widen(self, date: str) -> None:
        """Let the span of the source reach to a date."""
        if not date:
            return
        first, last = self.span.get(self._source, (date, date))
        self.span[self._source] = (min(first, date, key=earliest), max(last, date, key=latest))
        if len(self._dates) >= _DATES:
            self._dates.clear()
        self._dates.add(date)

    def _date(self, date: str, name: str, odd: dict[str, str], place: str) -> str:
        if not date or is_date(date):
            return date
        odd[name] = date
        self._note(Remark("bad-date", date), place)
        return ""

    def _add_grant(self, money: Money, position: int, at: _Place) -> str:
        record, place = at.record, without_cut(money.locator) or at.place
        amount, currency, date = self._sound(money, place, at)
        identifier, printed = clean(money.identifier), money.printed and clean(money.printed)
        passes_on = tuple(map(clean, money.passes_on)) if money.passes_on else ()
        says = [at.project_id, identifier, money.type, amount, "" if amount else money.printed, currency, date]
        says += passes_on
        for party in record.parties:
            if party.grant == position:
                says += (party.role, party.name, party.identifier)
        said = spelled(says)
        occurrence = at.said[said] = at.said.get(said, -1) + 1
        grant_id = mint_spelled_id("g", f"{said},{at.repeat}" if at.repeat else said, occurrence)
        if money.is_for_regrant and record.identifier:
            takers = frozenset(_named(record, position, "grantee"))
            self._regrants[clean(record.identifier)] = (grant_id, takers)
        more = ""
        if passes_on or at.repeat:
            givers = tuple(_named(record, position, "funder"))
            more = msgspec.json.encode(More(at.repeat, passes_on, givers)).decode()
        funding_type, label = money.funding_type and clean(money.funding_type), money.label and clean(money.label)
        recipients = "" if money.recipients is None else str(money.recipients)
        cells = (
            grant_id, at.project_id, identifier, money.type, amount, currency, date, funding_type, "", recipients,
            "true" if _is_about(money) else "false", "", self._source, "", label, printed or amount, place, "", "",
        )  # fmt: skip
        at.grants.append(grant_row(grant_id, more, csv_line(cells)))
        return grant_id

    def _project(self, at: _Place) -> str:
        """The line of the project."""
        record, start, end, status = at.record, at.record.start_date, at.record.end_date, at.record.status
        if start or end or status:
            start, end, status = self._course(record, at.odd)
        title, number = record.title and clean(record.title), record.number and clean(record.number)
        cells = (
            at.project_id, number, record.identifier and clean(record.identifier), title,
            record.title_en and clean(record.title_en), record.theme and clean(record.theme), start, end,
            record.region and clean(record.region), record.place and clean(record.place),
            record.programme and clean(record.programme), status, record.description and clean(record.description),
            _extra(record.extra, at.odd), self._source, "", "", title, at.place, "", "",
        )  # fmt: skip
        return csv_line(cells)

    def _course(self, record: Record, odd: dict[str, str]) -> tuple[str, str, str]:
        """Start, end and status as the table may hold them."""
        start = self._date(record.start_date, "startDate", odd, record.locator)
        end = self._date(record.end_date, "endDate", odd, record.locator)
        if start and end and latest(end) < earliest(start):
            self._note(Remark("end-before-start", end, start), record.locator)
            odd["endDate"], end = end, ""
        status = record.status
        if status and status not in PROJECT_STATUSES:
            self._note(Remark("unknown-value", status), record.locator)
            odd["status"], status = status, ""
        return start, end, status

    def keep(self, name: str, rows: Iterable[Any]) -> None:
        """Take in what the data set has already: rows of `projects`, `participations` or `grants`."""
        declared = table(name)
        at = declared.columns.index("project_id")
        for cells in cells_of_rows(rows, declared.row):
            self._stored.add_old(name, cells[at], csv_line(cells))

    def lines(self, ids: tuple[str, ...]) -> Lines:
        """Yield the lines of all tables; `ids` are the bodies of `printed`. Sums in conflict are noted meanwhile."""
        return self._stored.lines(ids, self._regrants, self._tally.note)


def _is_one_grant(record: Record) -> bool:
    """Tell whether a record that is stated once more is no second one: it, or each of its sums, has its own number."""
    if record.is_whole:
        return True
    return bool(record.grants) and all(clean(money.identifier) for money in record.grants)


def _is_about(money: Money) -> bool:
    return money.approximate or bool(money.printed and money.amount is not None and is_approximate(money.printed))


def _named(record: Record, position: int, role: str) -> Iterator[str]:
    """Names and identifiers of those who give or get the sum at this position."""
    for party in record.parties:
        if party.grant == position and party.role == role:
            yield from (clean(text) for text in (party.name, party.identifier) if text)


def _hashable(original: Original) -> object:
    return original.decode("utf-8", errors="surrogateescape") if isinstance(original, bytes) else list(original)


def _extra(extra: object, odd: dict[str, str]) -> str:
    """What fits no column, as JSON; an empty text if there is nothing."""
    if odd:
        extra = {**(extra if isinstance(extra, dict) else {"more": extra} if extra else {}), "unread": odd}
    return msgspec.json.encode(extra).decode() if extra else ""
