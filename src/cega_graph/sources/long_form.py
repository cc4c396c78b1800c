"""Tables with a row for each participant: the rows of a project → one record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.sources.cells import Body, bodies_in
from cega_graph.sources.mapping import ColumnMapping, LongForm, fold
from cega_graph.sources.records import Money, Original, Party, Record, Remark
from cega_graph.sources.row_reader import MONEY_ROLES, RowReader, Said, positions, with_scheme
from cega_graph.sources.table_rows import TableRow
from cega_graph.vocabulary import roles


class LongRow(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A row, sorted by its project and then by its place in the file."""

    project: str
    ordinal: int
    locator: str
    cells: list[str]


class LongReader:
    """Reads the rows of a project with one header by one mapping."""

    def __init__(self, header: Sequence[str], mapping: ColumnMapping, long: LongForm) -> None:
        self._row: Final = RowReader(header, mapping)
        self._long: Final = long
        names = ("organization", "role", "identifier", "qualifier", "activity")
        self._places: Final = {
            n: positions(header, [getattr(long, n)])[0] for n in names if getattr(long, n)
        }  # fmt: skip
        words = {fold(w): r.role for r in roles().values() for w in (r.role, r.label_zh, r.label_en, *r.printed)}
        self._words: Final = words | {fold(word): role for word, role in long.roles.items()}

    def project(self, project: str, rows: list[LongRow]) -> Record:
        """Return the record of a project."""
        remarks: list[Remark] = []
        extra: dict[str, str] = {}
        grants: list[Money] = []
        parties: list[Party] = []
        first = rows[0]
        original: Original = tuple(cell for row in rows for cell in row.cells)
        for row in rows:
            extra |= self._row.others(row.cells)
            at = self._money(row, grants, remarks, extra)
            parties.extend(self._party(row, at, remarks))
        if self._long.amount_of == "project":
            grants = [_agreed(grants, remarks)] if grants else []
        united = TableRow(first.locator, _united([row.cells for row in rows]), original)
        said = Said(tuple(parties), tuple(grants), tuple(remarks), extra)
        return self._row.finished(united, said, key=project, rows=len(rows))

    def _money(self, row: LongRow, grants: list[Money], remarks: list[Remark], extra: dict[str, str]) -> int:
        """Add the sum of a row, and return its position; -1 if it has none."""
        if not self._row.has_money:
            return -1
        if not self._row.cell(row.cells, "amount") and (self._long.amount_of == "row" or grants):
            return -1 if self._long.amount_of == "row" else 0
        found = self._row.sum_of(row.cells)
        remarks.extend(found.remarks)
        extra.update(found.extra)
        grants.append(msgspec.structs.replace(found.money, locator=row.locator))
        return len(grants) - 1 if self._long.amount_of == "row" else 0

    def _party(self, row: LongRow, grant: int, remarks: list[Remark]) -> Iterator[Party]:
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


def _united(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return for each column the first cell that is not empty."""
    return [next((cell for cell in column if cell), "") for column in zip(*rows, strict=True)]
