"""What a worker of an engine does with its part of the rows: plain functions from Arrow batches to Arrow batches.

Nothing here knows the engine. Records that travel are flat; a row travels as JSON text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa

from cega_graph.check import Finding, identifier_findings, row_findings, row_name
from cega_graph.dataset.piece import Piece, group_of
from cega_graph.dataset.uniting import PROJECT_PREFIX
from cega_graph.errors import CegaGraphError, InvalidData
from cega_graph.measures.tallies import Total, project_degrees, sum_totals, totals
from cega_graph.model import TABLES, Evidence, Grant, Row, table
from cega_graph.ordering import rank
from cega_graph.package import UNITED
from cega_graph.rdf import evidence_lines, iter_statements, place_of
from cega_graph.tabular import read_rows
from cega_graph.writers.parquet import is_amount_held

STORED: Final = "`group` string, `table` string, `at` int, `row` string"
"""A row on its way to its group: its table, which file of the table, the row. Table `finding`: a broken cell."""

MADE: Final = "kind string, `key` string, text string, n bigint, stated bigint"
"""What is made of a group; see `work`."""

TEXT: Final = "value string"

_BATCH: Final = 5_000
_PLACES: Final = {declared.name: at for at, declared in enumerate(TABLES)}
_encode: Final = msgspec.json.Encoder().encode

Batches = Iterator[pa.RecordBatch]
Made = tuple[str, str, str, int, int]


def read_files(batches: Batches) -> Batches:
    """Yield the rows of CSV files as `STORED` says.

    Args:
        batches: Columns `table`, `at`, `path`: a file that this machine can open.
    """
    names = ("group", "table", "at", "row")
    for batch in batches:
        for file in batch.to_pylist():
            yield from _packed(_stored(**file), names)


def _stored(table: str, at: int, path: str) -> Iterator[tuple[str, str, int, str]]:
    try:
        for row in read_rows(Path(path), _declared(table).row):
            yield group_of(table, row), table, at, _encode(row).decode()
    except InvalidData as error:
        yield from (("", "finding", 0, line) for line in error.findings)
    except CegaGraphError as error:
        yield "", "finding", 0, str(error)


_declared = cache(table)


@cache
def _decoder(name: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(_declared(name).row)


def _packed(records: Iterable[tuple[Any, ...]], names: tuple[str, ...]) -> Batches:
    """Yield records as batches; the type of a column is that of its first value."""
    left = iter(records)
    while some := list(islice(left, _BATCH)):
        columns = [
            pa.array(cells, pa.string() if isinstance(cells[0], str) else pa.int32() if name == "at" else pa.int64())
            for name, cells in zip(names, zip(*some, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, list(names))


def _records(batches: Batches, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(batch.column(name).to_pylist() for name in names), strict=True)


def work(batches: Batches) -> Batches:
    """Yield what is made of whole groups, as `MADE` says.

    Args:
        batches: As `STORED` says; the records of a group one after the other.

    Yields:
        Kinds: `finding` (text: a line for the user); `line` (text: N-Triples without the last line end; `n`:
        how many); `row` (key: table; text: the final row; `n`: 1 if Parquet can hold its amount); `place`
        (key: node of evidence; text: table and row that states it); `degree` (key: body; text: role; `n`,
        `stated`: its rows in one project); `key` and `use` (key: table and id; text of a use: where);
        `named` (key: id of a grant that another contradicts); `count` (key: a JSON list; `n`).
    """
    yield from _packed(
        _made(_records(batches, ("group", "table", "at", "row"))), ("kind", "key", "text", "n", "stated")
    )


def _made(records: Iterable[tuple[str, str, int, str]]) -> Iterator[Made]:
    counts: Counter[str] = Counter()
    for group, some in groupby(records, key=itemgetter(0)):
        if not group:
            yield from (("finding", "", line, 0, 0) for _, _, _, line in some)
            continue
        rows, broken = _decoded(some)
        piece = Piece(rows)
        findings = [*broken, *(finding.message() for finding in _findings(piece))]
        yield from (("finding", "", line, 0, 0) for line in findings)
        if not findings:
            yield from _of_piece(piece, counts)
    yield from (("count", key, "", n, 0) for key, n in sorted(counts.items()))


def _decoded(records: Iterable[tuple[str, str, int, str]]) -> tuple[list[tuple[str, int, Row]], list[str]]:
    rows: list[tuple[str, int, Row]] = []
    broken = []
    for _, name, at, text in records:
        try:
            row = _decoder(name).decode(text)
        except msgspec.ValidationError as error:
            broken.append(f"{name}: {error}, in the row {text[:200]}; correct the row")
            continue
        empty = [column for column in _declared(name).required if getattr(row, column) == ""]
        broken += [f"{name} {column}: is empty; every row needs one" for column in empty]
        rows.append((name, at, row))
    return rows, broken


def _findings(piece: Piece) -> Iterator[Finding]:
    """What is wrong with the rows of a group; ids that other groups hold are looked up where all are together."""
    keys: Counter[tuple[str, int, str]] = Counter()
    for name, at, row in piece.stored():
        declared = _declared(name)
        yield from row_findings(row, declared)
        if declared.key and name in UNITED:
            keys[name, at, getattr(row, declared.key[0])] += 1
        if name == "decisions" and getattr(row, "name_a", "").startswith(PROJECT_PREFIX):
            said = "decides about two projects, which only one machine can unite; build there, or take the row out"
            yield Finding(rule="cell", table=name, row=row_name(row, declared), value=said)
    for (name, _, value), n in keys.items():
        if n > 1:
            column = _declared(name).key[0]
            yield Finding(rule="duplicate-key", table=name, row=value, column=column, value=value)
    yield from identifier_findings(piece)


def _of_piece(piece: Piece, counts: Counter[str]) -> Iterator[Made]:
    places: set[str] = set()
    for text, row, node in iter_statements(piece):
        if text:
            yield "line", "", text.removesuffix("\n"), text.count("\n"), 0
        if node and node not in places:
            places.add(node)
            yield "place", node, f"{_name(row)} {_encode(row).decode()}", 0, 0
    yield from _references(piece)
    for declared in TABLES:
        for row in piece.rows(declared.name):
            yield from _of_row(row, declared.name, counts)
    for role, body, n, stated in project_degrees(piece.rows("participations")):
        yield "degree", body, role, n, stated


_NAMES: Final = {declared.row: declared.name for declared in TABLES}


def _name(row: Row) -> str:
    return _NAMES[type(row)]


def _of_row(row: Any, name: str, counts: Counter[str]) -> Iterator[Made]:  # noqa: ANN401
    is_held = is_amount_held(row)
    yield "row", name, _encode(row).decode(), int(is_held), 0
    counts[_key("rows", name)] += 1
    if not is_held:
        counts[_key("left_out", "unfit-amount")] += 1
    if name == "participations":
        counts[_key(name, row.role, row.basis)] += 1
    elif name == "organizations":
        counts[_key(name, row.kind)] += 1
    elif name == "grants":
        counts[_key(name, "amount_unknown")] += row.amount is None
        if row.conflicts_with:
            yield "named", row.conflicts_with, "", 0, 0


def _key(*parts: str) -> str:
    return _encode(parts).decode()


def _references(piece: Piece) -> Iterator[Made]:
    """The ids that a group defines, and those it uses and does not define, each once."""
    held: set[str] = set()
    used: dict[str, str] = {}
    for declared in TABLES:
        for row in piece.rows(declared.name):
            if declared.key:
                key = _key(declared.name, getattr(row, declared.key[0]))
                held.add(key)
                yield "key", key, "", 1, 0
            for column, target in declared.references.items():
                if value := getattr(row, column):
                    used.setdefault(_key(target, value), _key(declared.name, row_name(row, declared), column))
    yield from (("use", key, where, 0, 0) for key, where in used.items() if key not in held)


def reference_finding(key: str, n: int, where: str) -> str:
    """Return what is wrong with an id that is defined `n` times, and used as the text of a `use` says."""
    name, value = json.loads(key)
    if n > 1:
        column = _declared(name).key[0]
        return Finding(rule="duplicate-key", table=name, row=value, column=column, value=value).message()
    user, row, column = json.loads(where)
    return Finding(rule="dangling-id", table=user, row=row, column=column, value=value, expected=name).message()


def write_places(batches: Batches) -> Batches:
    """Yield the triples of places, each once: in the words of the first row of the whole data set that it states.

    Args:
        batches: Columns `key`, `text` of the kind `place`; the records of a key one after the other.
    """
    records = groupby(_records(batches, ("key", "text")), key=itemgetter(0))
    texts = ((evidence_lines(_first(text for _, text in some)).removesuffix("\n"),) for _, some in records)
    yield from _packed(texts, ("value",))


def _first(texts: Iterable[str]) -> Evidence:
    """Return the place of the row that comes first in the order of the sorted tables."""
    rows = []
    for text in texts:
        name, _, encoded = text.partition(" ")
        rows.append((name, _decoder(name).decode(encoded)))
    _, row = min(rows, key=lambda one: (_PLACES[one[0]], rank(_declared(one[0]), one[1])))
    place = place_of(row)
    if place is None:
        message = f"a row of {rows[0][0]} has no place"
        raise TypeError(message)
    return place


def sum_grants(batches: Batches, named: frozenset[str]) -> Batches:
    """Yield the totals of the given rows of `grants`, one JSON text each.

    Args:
        batches: Column `text`, rows as JSON.
        named: As for `tallies.totals`.
    """
    rows: Iterator[Grant] = (_decoder("grants").decode(text) for (text,) in _records(batches, ("text",)))
    yield from _packed(((_encode(total).decode(),) for total in totals(rows, named)), ("value",))


def added_totals(texts: Iterable[str]) -> list[Total]:
    """Return the totals of all parts, from what `sum_grants` yielded for each."""
    return sum_totals(msgspec.json.decode(text, type=Total) for text in texts)
