"""Records → rows of the tables, bodies left open: the names are put together when all files are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from cega_graph.dates import earliest, is_date, latest
from cega_graph.identifiers import mint_statement_id
from cega_graph.model import CORRECTING, PROJECT_STATUSES, Grant, Participation, Project
from cega_graph.names.bodies import Printed, is_borne_by_many, register_id
from cega_graph.sources.records import Money, Original, Party, Record, Remark, SetAside
from cega_graph.sources.tally import Tally
from cega_graph.sources.values import CURRENCIES, NO_CURRENCY, clean, has_control
from cega_graph.spilling import Spill
from cega_graph.tabular import format_decimal
from cega_graph.vocabulary import kinds, roles

_MOST_IDENTIFIER: Final = 200
_NO_IDENTIFIERS: Final = frozenset({"n/a", "na", "none", "null", "-", "--", "0", "unknown", "tbc", "nil", "无", "不详"})


class _Project(msgspec.Struct, frozen=True, array_like=True, order=True):
    project_id: str
    ordinal: int
    cells: tuple[str, ...]


_PROJECT_CELLS: Final = (
    "identifier", "title", "title_en", "theme", "start_date", "end_date", "region", "place", "programme", "status",
    "description", "extra", "source_id", "mention", "locator",
)  # fmt: skip


class _Participation(msgspec.Struct, frozen=True, array_like=True, order=True):
    project_id: str
    role: str
    participation_id: str
    who: int
    cells: tuple[str, ...]


_PARTICIPATION_CELLS: Final = ("grant_id", "qualifier", "activity", "source_id", "label", "mention", "locator")


class _Grant(msgspec.Struct, frozen=True, array_like=True, order=True):
    project_id: str
    grant_id: str
    ordinal: int
    repeat: int
    amount: str
    passes_on: tuple[str, ...]
    givers: tuple[str, ...]
    recipients: int | None
    approximate: bool
    cells: tuple[str, ...]


_GRANT_CELLS: Final = (
    "identifier",
    "type",
    "currency",
    "date",
    "funding_type",
    "source_id",
    "label",
    "mention",
    "locator",
)


class _Place(msgspec.Struct):
    """A record under way: its project's id, which repetition of an equal record it is, what it has said so far."""

    record: Record
    project_id: str
    repeat: int
    said: Counter[tuple[str, ...]]
    odd: dict[str, str]

    def mint(self, prefix: str, says: tuple[str, ...]) -> str:
        """The id of a statement of this record; of equal ones each has its own."""
        key = (prefix, *says)
        occurrence = self.said[key]
        self.said[key] += 1
        return mint_statement_id(prefix, [*says, *([self.repeat] if self.repeat else [])], occurrence)


class Collector:
    """Takes records in and gives the rows of projects, participations and grants, in the stored order.

    Names and what tells repeated rows are held in memory, rows are not.

    Args:
        folder: For what does not fit into memory.
        tally: Counts what is mended here.
        drop_duplicates: Set aside rows that are the same as an earlier one of their file.
        used: Project ids that the data set already has.
    """

    def __init__(self, folder: Path, tally: Tally, *, drop_duplicates: bool = False, used: Iterable[str] = ()) -> None:
        self.printed: Final[list[Printed]] = []
        self.contradictions: Final[list[tuple[str, str, str]]] = []
        self.span: Final[dict[str, tuple[str, str]]] = {}
        self._tally: Final = tally
        self._drop: Final = drop_duplicates
        self._projects: Final = Spill(_Project, folder, "projects")
        self._participations: Final = Spill(_Participation, folder, "participations")
        self._grants: Final = Spill(_Grant, folder, "grants")
        self._known: Final = {hash(one) for one in used}
        self._regrants: Final[dict[str, tuple[str, frozenset[str]]]] = {}
        self._who: dict[tuple[str, ...], int] = {}
        self._seen: set[int] = set()
        self._repeats: Counter[int] = Counter()
        self._ordinal = 0
        self._source = ""

    def begin(self, source_id: str) -> None:
        """Begin another source: what follows is from it."""
        self._source = source_id
        self._who, self._seen, self._repeats = {}, set(), Counter()

    def take(self, record: Record) -> None:
        """Take a record in, or set it aside if it cannot be used."""
        if not any(p.name or p.identifier for p in record.parties):
            self._aside("no-party", record)
            return
        digest = hash(record.original)
        repeat = 0
        if digest in self._seen:
            if self._drop:
                self._aside("dropped-duplicate", record)
                return
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
        at = _Place(record, self._project_id(record, repeat, odd), repeat, Counter(), odd)
        ids = [self._add_grant(money, position, at) for position, money in enumerate(record.grants)]
        for party in record.parties:
            if party.name or party.identifier:
                self._add_party(party, ids[party.grant] if 0 <= party.grant < len(ids) else "", at)
        self._add_project(at)

    def _project_id(self, record: Record, repeat: int, odd: dict[str, str]) -> str:
        """The publisher's identifier if it can be an id; else one made from what the row says."""
        identifier = clean(record.identifier)
        if identifier and identifier.isascii() and " " not in identifier and len(identifier) <= _MOST_IDENTIFIER:
            digest = hash(identifier)
            if digest in self._known:
                self._note(Remark("same-identifier", identifier), record.locator)
            self._known.add(digest)
            return identifier
        if identifier:
            odd["identifier"] = identifier
            self._note(Remark("odd-identifier", identifier[:_MOST_IDENTIFIER]), record.locator)
        said = record.key or _hashable(record.original)
        made = mint_statement_id(self._source, [said, *([repeat] if repeat else [])], 0)
        self._known.add(hash(made))
        return made

    def _sound(self, money: Money, at: _Place) -> tuple[str, str, str]:
        """Amount, currency and date as the table may hold them."""
        place = money.locator or at.record.locator
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
        date = self._date(money.date, "date", at.odd, place)
        if date:
            first, last = self.span.get(self._source, (date, date))
            self.span[self._source] = (min(first, date, key=earliest), max(last, date, key=latest))
        return "" if amount is None else format_decimal(amount), currency, date

    def _date(self, date: str, name: str, odd: dict[str, str], place: str) -> str:
        if not date or is_date(date):
            return date
        odd[name] = date
        self._note(Remark("bad-date", date), place)
        return ""

    def _add_grant(self, money: Money, position: int, at: _Place) -> str:
        amount, currency, date = self._sound(money, at)
        identifier, passes_on = clean(money.identifier), tuple(map(clean, money.passes_on))
        sides = [(p.role, p.name, p.identifier) for p in at.record.parties if p.grant == position]
        says = (at.project_id, identifier, money.type, amount, "" if amount else money.printed, currency, date,
                *passes_on, *(cell for side in sides for cell in side))  # fmt: skip
        grant_id = at.mint("g", says)
        if money.is_for_regrant and at.record.identifier:
            takers = {clean(text) for role, *texts in sides if role == "grantee" for text in texts if text}
            self._regrants[clean(at.record.identifier)] = (grant_id, frozenset(takers))
        cells = (
            identifier, money.type, currency, date, clean(money.funding_type), self._source, clean(money.label),
            clean(money.printed) or amount, money.locator or at.record.locator,
        )  # fmt: skip
        givers = tuple(clean(text) for role, *texts in sides if role == "funder" for text in texts if text)
        row = _Grant(
            at.project_id, grant_id, self._ordinal, at.repeat, amount, passes_on, givers if passes_on else (),
            money.recipients, money.approximate, cells,
        )  # fmt: skip
        self._grants.add(row)
        return grant_id

    def _add_party(self, party: Party, grant_id: str, at: _Place) -> None:
        role, place = party.role, party.locator or at.record.locator
        if role not in roles():
            self._note(Remark("unknown-role", role), place)
            role = "other"
        name, identifier = clean(party.name), clean(party.identifier)
        if identifier.lower() in _NO_IDENTIFIERS:
            identifier = ""
        if has_control(party.name):
            self._note(Remark("control-character", name), place)
        qualifier, activity, label = clean(party.qualifier), clean(party.activity), clean(party.label)
        says = (at.project_id, grant_id, role, name, identifier, qualifier, activity, self._source, label)
        cells = (grant_id, qualifier, activity, self._source, label, name or identifier, place)
        who = self._body(party, name, identifier, at)
        self._participations.add(_Participation(at.project_id, role, at.mint("p", says), who, cells))

    def _body(self, party: Party, name: str, identifier: str, at: _Place) -> int:
        """The position in `printed` of this name with this identifier."""
        place = party.locator or at.record.locator
        person = ""
        if party.kind == "person":
            person = identifier or f"{self._source}\n{at.project_id}\n{name}"
        registered, mended = register_id(identifier) if identifier and not person else ("", "")
        if mended:
            self._note(Remark(mended, identifier, registered), place)
        if identifier and not registered and not person and not mended:
            self._note(Remark("internal-identifier", identifier, name), place)
        if not name:
            self._note(Remark("no-name", identifier), place)
        kind = party.kind
        if kind and kind not in kinds():
            self._note(Remark("unknown-kind", kind, name), place)
            kind = ""
        own = "" if registered else identifier
        if not name and not registered and not person:
            name = own
        scope = at.project_id if not registered and not person and is_borne_by_many(name) else ""
        key = (name, registered, own, party.language, kind, person, scope)
        position = self._who.get(key)
        if position is None:
            position = self._who[key] = len(self.printed)
            self.printed.append(
                Printed(
                    source_id=self._source, name=name, identifier=registered, own=own, language=party.language,
                    kind=kind, person=person, scope=scope, label=clean(party.label), locator=place,
                )
            )  # fmt: skip
        printed = self.printed[position]
        printed.n += 1
        if party.also:
            printed.also.update((clean(form), language) for form, language in party.also if clean(form) != name)
        return position

    def _add_project(self, at: _Place) -> None:
        record, odd = at.record, at.odd
        start = self._date(record.start_date, "startDate", odd, record.locator)
        end = self._date(record.end_date, "endDate", odd, record.locator)
        if start and end and latest(end) < earliest(start):
            self._note(Remark("end-before-start", end, start), record.locator)
            odd["endDate"], end = end, ""
        status = record.status
        if status and status not in PROJECT_STATUSES:
            self._note(Remark("unknown-value", status), record.locator)
            odd["status"], status = status, ""
        title = clean(record.title)
        cells = (
            clean(record.identifier), title, clean(record.title_en), clean(record.theme), start, end,
            clean(record.region), clean(record.place), clean(record.programme), status, clean(record.description),
            _extra(record.extra, odd), self._source, title, record.locator,
        )  # fmt: skip
        self._projects.add(_Project(at.project_id, self._ordinal, cells))

    def projects(self) -> Iterator[Project]:
        """Yield the projects in the stored order; later records of an identifier fill the empty cells of the first."""
        for project_id, group in groupby(self._projects, key=lambda row: row.project_id):
            first, *later = group
            cells = list(first.cells)
            for more in later:
                cells[:-3] = [ours or theirs for ours, theirs in zip(cells[:-3], more.cells[:-3], strict=True)]
            values: dict[str, Any] = dict(zip(_PROJECT_CELLS, cells, strict=True))
            start, end = values["start_date"], values["end_date"]
            if start and end and latest(end) < earliest(start):
                values["end_date"] = ""
            yield Project(project_id=project_id, **values)

    def participations(self, ids: tuple[str, ...]) -> Iterator[Participation]:
        """Yield the participations in the stored order; `ids` are the bodies of `printed`."""
        last = ""
        for row in self._participations:
            if row.participation_id != last:
                last = row.participation_id
                values: dict[str, Any] = dict(zip(_PARTICIPATION_CELLS, row.cells, strict=True))
                yield Participation(
                    participation_id=last, project_id=row.project_id, organization_id=ids[row.who], role=row.role,
                    basis="record", **values,
                )  # fmt: skip

    def grants(self) -> Iterator[Grant]:
        """Yield the sums in the stored order.

        One that two files state alike is one row; of those that carry one identifier and differ, the
        later ones are in conflict with the first.
        """
        for _, group in groupby(self._grants, key=lambda row: row.project_id):
            rows: dict[str, _Grant] = {}
            for row in group:
                rows.setdefault(row.grant_id, row)
            first: dict[tuple[str, ...], _Grant] = {}
            for row in sorted(rows.values(), key=lambda r: r.ordinal):
                if row.cells[0] and not row.repeat:
                    first.setdefault(row.cells[:2], row)
            for grant_id in sorted(rows):
                yield self._finished(rows[grant_id], first)

    def _finished(self, row: _Grant, first: dict[tuple[str, ...], _Grant]) -> Grant:
        values: dict[str, Any] = dict(zip(_GRANT_CELLS, row.cells, strict=True))
        base = first.get(row.cells[:2])
        conflicts = ""
        if base is not None and base.ordinal != row.ordinal and not row.repeat:
            conflicts = base.grant_id
            self._tally.note(
                values["source_id"],
                Remark("contradiction", values["identifier"], f"{row.amount} / {base.amount}", values["locator"]),
            )
        parents = (self._regrants[one] for one in row.passes_on if one in self._regrants)
        regrant = next((parent for parent, takers in parents if takers & {*row.givers}), "")
        return Grant(
            grant_id=row.grant_id, project_id=row.project_id, amount=Decimal(row.amount) if row.amount else None,
            regrant_of="" if regrant == row.grant_id else regrant, recipients=row.recipients,
            approximate=row.approximate, conflicts_with=conflicts, **values,
        )  # fmt: skip


def _hashable(original: Original) -> object:
    return original.decode("utf-8", errors="surrogateescape") if isinstance(original, bytes) else list(original)


def _extra(extra: object, odd: dict[str, str]) -> str:
    """What fits no column, as JSON; an empty text if there is nothing."""
    if odd:
        extra = {**(extra if isinstance(extra, dict) else {"more": extra} if extra else {}), "unread": odd}
    return msgspec.json.encode(extra).decode() if extra else ""
