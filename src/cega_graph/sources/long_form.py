"""Tables with a row for each participant: the rows of a project → one record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

import msgspec

from cega_graph.sources.cells import Body, bodies_in
from cega_graph.sources.fields import Columns, positions
from cega_graph.sources.mapping import ColumnMapping, LongForm, fold
from cega_graph.sources.records import Money, Original, Party, Record, Remark
from cega_graph.sources.row_reader import MONEY_ROLES, RowReader, Said, with_scheme
from cega_graph.sources.table_rows import Rows
from cega_graph.vocabulary import roles

_BLOCK: Final = 512
"""Rows that are read together, and those of the last project among them."""


class LongRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A row, sorted by its project and then by its place in the file."""

    project: str
    ordinal: int
    locator: str
    cells: list[str]


class _Row(msgspec.Struct, frozen=True):
    """A row with what was read of it beside those of other projects."""

    locator: str
    cells: Sequence[str]
    amount: str = ""
    money: Money | None = None
    remarks: tuple[Remark, ...] = ()
    extra: dict[str, str] = {}
    others: dict[str, str] = {}


class LongReader:
    """Reads the rows of projects with one header by one mapping."""

    def __init__(self, header: Sequence[str], mapping: ColumnMapping, long: LongForm) -> None:
        self._row: Final = RowReader(header, mapping)
        self._long: Final = long
        names = ("organization", "role", "identifier", "qualifier", "activity")
        self._places: Final = {
            n: positions(header, [getattr(long, n)])[0] for n in names if getattr(long, n)
        }  # fmt: skip
        words = {fold(w): r.role for r in roles().values() for w in (r.role, r.label_zh, r.label_en, *r.printed)}
        self._words: Final = words | {fold(word): role for word, role in long.roles.items()}

    def records(self, rows: Iterable[LongRow]) -> Iterator[Record]:
        """Yield the records of projects, whose rows follow each other."""
        some: list[list[LongRow]] = []
        held = 0
        for _, group in groupby(rows, key=lambda row: row.project):
            some.append(list(group))
            held += len(some[-1])
            if held >= _BLOCK:
                yield from self._block(some)
                some, held = [], 0
        if some:
            yield from self._block(some)

    def _block(self, projects: list[list[LongRow]]) -> Iterator[Record]:
        said = Said([], [], [], [])
        read = self._read([row for rows in projects for row in rows])
        for rows in projects:
            self._project([next(read) for _ in rows], said)
        united: Columns = list(zip(*[_united([row.cells for row in rows]) for rows in projects], strict=True))
        originals: list[Original] = [tuple(cell for row in rows for cell in row.cells) for rows in projects]
        return self._row.finished(
            Rows([rows[0].locator for rows in projects], united, originals), said,
            keys=[rows[0].project for rows in projects], counts=map(len, projects),
        )  # fmt: skip

    def _read(self, rows: list[LongRow]) -> Iterator[_Row]:
        """Yield rows with what each says by itself, read column by column."""
        columns, n = list(zip(*[row.cells for row in rows], strict=True)), len(rows)
        others = self._row.others(columns, n)
        if self._row.sums is None:
            for row, own in zip(rows, others, strict=True):
                yield _Row(row.locator, row.cells, others=own)
            return
        printed = self._row.fields.said("amount", columns, n)
        sums = self._row.sums(columns, n)
        found = zip(rows, printed, sums.money, sums.remarks, sums.extra, others, strict=True)
        for row, amount, money, remarks, extra, own in found:
            yield _Row(row.locator, row.cells, amount, money, remarks, extra, own)

    def _project(self, rows: list[_Row], said: Said) -> None:
        """Add what the rows of a project say."""
        remarks: list[Remark] = []
        extra: dict[str, str] = {}
        grants: list[Money] = []
        parties: list[Party] = []
        for row in rows:
            _keep(row.others, extra)
            at = self._money(row, grants, remarks, extra)
            parties.extend(self._party(row, at, remarks))
        if self._long.amount_of == "project":
            grants = [_agreed(grants, remarks)] if grants else []
        said.parties.append(tuple(parties))
        said.grants.append(tuple(grants))
        said.remarks.append(tuple(remarks))
        said.extra.append(extra)

    def _money(self, row: _Row, grants: list[Money], remarks: list[Remark], extra: dict[str, str]) -> int:
        """Add the sum of a row, and return its position; -1 if it has none."""
        if row.money is None:
            return -1
        if not row.amount and (self._long.amount_of == "row" or grants):
            return -1 if self._long.amount_of == "row" else 0
        remarks.extend(row.remarks)
        extra.update(row.extra)
        grants.append(msgspec.structs.replace(row.money, locator=row.locator))
        return len(grants) - 1 if self._long.amount_of == "row" else 0

    def _party(self, row: _Row, grant: int, remarks: list[Remark]) -> Iterator[Party]:
        cells = {name: row.cells[place] for name, place in self._places.items()}
        printed = cells["role"].strip()
        role = self._words.get(fold(printed), "")
        if not role:
            remarks.append(Remark("unknown-role", printed, "other", row.locator))
            role = "other"
        number = cells.get("identifier", "").strip()
        found = bodies_in(cells["organization"])
        for body in found or ((Body(),) if number else ()):
            own = with_scheme(number, self._long.scheme) if number and len(found) < 2 else body.identifier
            qualifier = "；".join(filter(None, (body.qualifier, cells.get("qualifier", ""))))
            yield Party(
                role=role, name=body.name, identifier=own, kind=body.kind, qualifier=qualifier, also=body.also,
                activity=cells.get("activity", ""), label=printed, locator=row.locator,
                grant=grant if role in MONEY_ROLES else -1,
            )  # fmt: skip


def _agreed(grants: Sequence[Money], remarks: list[Remark]) -> Money:
    """Return the sum that the rows of a project repeat; an unknown one if they contradict each other."""
    said = {(one.amount, one.currency): one for one in grants if one.amount is not None}
    if len(said) <= 1:
        return next(iter(said.values()), grants[0])
    printed = " / ".join(one.printed for one in said.values())
    remarks.append(Remark("contradicting-rows", printed))
    return msgspec.structs.replace(grants[0], amount=None, currency="", printed=printed)


def _keep(cells: dict[str, str], extra: dict[str, str]) -> None:
    """Add what a row says besides to what the rows before it say; different cells of one column are joined."""
    for name, cell in cells.items():
        known = extra.get(name, "")
        if cell not in known.split("; "):
            extra[name] = f"{known}; {cell}" if known else cell


def _united(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return for each column the first cell that is not empty."""
    return [next((cell for cell in column if cell), "") for column in zip(*rows, strict=True)]
