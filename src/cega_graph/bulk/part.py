"""What is made of a part of a table: its triples, its rows for the tables of the build, its share of all counts.

`made` is a coroutine. It says what it has and is told what only the whole knows: which places in sources were
written already, and where in the files its bytes go. So it runs in a process of its own or in this one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import compress
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, cast

import numpy as np

from cega_graph.bulk.cuts import Part
from cega_graph.check import identifier_findings, soundness
from cega_graph.dataset import Dataset
from cega_graph.dataset.piece import GROUP_COLUMNS
from cega_graph.measures.tallies import Degrees, Total, contradicted, degrees, sum_degrees, sum_totals, totals
from cega_graph.model import Evidence, Row, Table, table
from cega_graph.package import UNITED
from cega_graph.rdf import evidence_lines, iter_statements, place_of
from cega_graph.sources.text import Sentences
from cega_graph.tabular import format_rows
from cega_graph.writers.parquet import is_amount_held, to_parquet

TRIPLES: Final = "graph.nt"

_BATCH: Final = 50_000
"""Rows that are held at once, where a table could not be cut."""

Digests: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"
"""Hashes of texts, of 64 bits, comparable within one build: of a billion texts two are the same once in 40 builds."""


class Setup(NamedTuple):
    """What all parts of a build share; `form` is that of the tables, `parquet` or `csv`."""

    dataset: Dataset
    sentences: Sentences | None
    folder: Path
    form: str


class Places(NamedTuple):
    """The places that a batch states, in their order; the answer tells of each whether it is new."""

    digests: Digests
    is_last: bool


class Sizes(NamedTuple):
    """How many bytes a batch adds to which file; the answer is where they go, and the number of the batch."""

    sizes: dict[str, int]
    rows: int


class Where(NamedTuple):
    """Where the bytes of a batch begin in which file, and which batch of its table it is."""

    offsets: dict[str, int]
    number: int


class Counts(NamedTuple):
    """What the rows of a part add to the counts of the whole.

    `numbers` has what `report.json` counts; `keys` the ids that may stand once only, by table (and by file,
    where rows of one id in several files are united); `uses` the ids that rows name, by table; `named` the
    sums that rows contradict which do not stand beside them, `resolved` those that do.
    """

    name: str
    numbers: Counter[tuple[str, ...]]
    totals: list[Total]
    degrees: Degrees
    named: frozenset[str]
    resolved: frozenset[str]
    keys: dict[tuple[str, str], Digests]
    uses: dict[str, Digests]


Said: TypeAlias = Places | Sizes | Counts
Answer: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]] | Where | None"


def digests(texts: Iterable[str]) -> Digests:
    """Return the hashes of texts, in their order; all processes of a build give a text the same."""
    return np.fromiter(map(hash, texts), np.int64)


class OutOfOrder(Exception):
    """A part holds rows of groups that are not its own: the files cannot be cut."""


class Unsound(Exception):
    """Some row breaks a rule; `check` says which."""


def made(setup: Setup, part: Part) -> Generator[Said, Answer, None]:
    """Make what is made of a part: for each batch yield `Places`, then `Sizes`, and write; at the end yield `Counts`.

    Raises:
        OutOfOrder: A row lies outside the part.
        Unsound: A row breaks a rule of its table.
        OSError: A file cannot be written.
    """
    watch = _Watch()
    dataset = setup.dataset.cut(part.spans, watch)
    declared = table(part.name)
    counts = _Counter(declared)
    for batch, is_last in _batches(iter_statements(_Only(dataset, part)), declared):
        counts.add(batch.rows)
        first = batch.first_of_places()
        new = yield Places(digests(first), is_last)
        _write_places(batch, list(compress(first.items(), cast("Iterable[bool]", new))), setup.sentences)
        files = {TRIPLES: _taken(batch.texts), **_table(setup.form, declared, batch.rows, counts.numbers)}
        counts.numbers["triples",] += sum(some.count(b"\n") for some in files[TRIPLES])
        where = yield Sizes({name: sum(map(len, some)) for name, some in files.items()}, len(batch.rows))
        _write(setup.folder, files, where)
    if part.name == "identifiers" and any(identifier_findings(dataset)):
        raise Unsound
    yield counts.counts(watch.keys)


_JOINED: Final = 4_000
"""Texts that are joined and encoded at once."""


def _taken(texts: list[str]) -> list[bytes]:
    """Return texts as bytes in some pieces, and take them out of the list: they are never held twice."""
    pieces = []
    texts.reverse()
    while texts:
        some = texts[-_JOINED:]
        del texts[-_JOINED:]
        pieces.append("".join(reversed(some)).encode())
    return pieces


class _Watch:
    """Looks at each row as it stands in its file: at its cells and its id."""

    def __init__(self) -> None:
        self.keys: Final[dict[tuple[str, str], list[str]]] = {}

    def __call__(self, declared: Table, path: Path, rows: Iterator[Any]) -> Iterator[Any]:
        keys = self.keys[declared.name, str(path)] = []
        key_of = attrgetter(declared.key[0]) if declared.name in UNITED else None
        is_sound = soundness(declared)
        for row in rows:
            if not is_sound(row):
                raise Unsound
            if key_of:
                keys.append(key_of(row))
            yield row


class _Only:
    """The rows of one table as a data set; for names those of their bodies too, whose own names are not said again."""

    def __init__(self, dataset: Dataset, part: Part) -> None:
        self._dataset: Final = dataset
        self._part: Final = part
        self._names: Final = {part.name, "organizations"} if part.name == "names" else {part.name}

    def rows(self, name: str) -> Iterator[Any]:
        if name not in self._names:
            return
        group_of, low, high = attrgetter(GROUP_COLUMNS[name]), self._part.low, self._part.high
        for row in self._dataset.rows(name):
            group = group_of(row)
            if group < low or (high is not None and group >= high):
                raise OutOfOrder
            yield row


class _Batch(NamedTuple):
    """Some rows, each with its triples and the node of the place that states it, which may be empty."""

    texts: list[str]
    rows: list[Any]
    nodes: list[str]

    def first_of_places(self) -> dict[str, int]:
        """Return the nodes, each with the number of the first row that it states."""
        first = dict(zip(reversed(self.nodes), range(len(self.nodes) - 1, -1, -1), strict=True))
        first.pop("", None)
        return first


def _batches(statements: Iterable[tuple[str, Row, str]], declared: Table) -> Iterator[tuple[_Batch, bool]]:
    """Yield batches, groups together, and whether this is the last; always at least one."""
    group_of = attrgetter(GROUP_COLUMNS[declared.name])
    batch = _Batch([], [], [])
    last = None
    for text, row, node in statements:
        if type(row) is not declared.row:
            continue
        group = group_of(row)
        if group != last and len(batch.rows) >= _BATCH:
            yield batch, False
            batch = _Batch([], [], [])
        last = group
        batch.texts.append(text)
        batch.rows.append(row)
        batch.nodes.append(node)
    yield batch, True


def _write_places(batch: _Batch, new: list[tuple[str, int]], sentences: Sentences | None) -> None:
    """Put the triples of new places behind those of the first rows that they state."""
    for node, at in new:
        place = cast("Evidence", place_of(batch.rows[at]))
        batch.texts[at] += evidence_lines(place, sentences.around(place) if sentences else "", node)


def _table(form: str, declared: Table, rows: list[Any], numbers: Counter[tuple[str, ...]]) -> dict[str, list[bytes]]:
    """Return the rows as the tables of the build hold them: file or folder → content, in pieces."""
    if not rows:
        return {}
    if form == "csv":
        header = format_rows((), declared.row, for_people=True)
        text = format_rows(rows, declared.row, for_people=True)
        return {csv_name(declared): [text[len(header) :].encode()]}
    held = [row for row in rows if is_amount_held(row)] if declared.name == "grants" else rows
    if len(held) < len(rows):
        numbers["left_out", "unfit-amount"] += len(rows) - len(held)
    return {parquet_name(declared): [to_parquet(held, declared)]}


def csv_name(declared: Table) -> str:
    """Return the file of a table."""
    return f"tables/{declared.name}.csv"


def parquet_name(declared: Table, number: int | None = None) -> str:
    """Return the folder of a table, or the file of one of its parts.

    >>> parquet_name(table("grants"), 3)
    'tables/grants.parquet/part-00003.parquet'
    """
    folder = f"tables/{declared.name}.parquet"
    return folder if number is None else f"{folder}/part-{number:05d}.parquet"


def _write(folder: Path, files: dict[str, list[bytes]], where: Any) -> None:  # noqa: ANN401
    for name, content in files.items():
        if name.endswith(".parquet"):
            (folder / name / f"part-{where.number:05d}.parquet").write_bytes(b"".join(content))
            continue
        with (folder / name).open("r+b") as file:
            file.seek(where.offsets[name])
            file.writelines(content)


_COUNTED: Final[dict[str, Callable[[Any], tuple[Any, ...]]]] = {
    "participations": attrgetter("role", "basis"),
    "organizations": lambda row: (row.kind,),
    "grants": lambda row: ("amount_unknown",) if row.amount is None else ("amount_known",),
}


class _Counter:
    """The counts of a part under way."""

    def __init__(self, declared: Table) -> None:
        self.numbers: Final[Counter[tuple[str, ...]]] = Counter()
        self._declared: Final = declared
        self._totals: list[Total] = []
        self._degrees: Final[Degrees] = {}
        self._named: Final[set[str]] = set()
        self._resolved: Final[set[str]] = set()
        self._keys: Final[list[Digests]] = []
        self._uses: Final[dict[str, set[int]]] = {}

    def add(self, rows: list[Any]) -> None:
        """Count some rows, whole groups."""
        name = self._declared.name
        self.numbers["rows", name] += len(rows)
        if name in _COUNTED:
            for key, n in Counter(map(_COUNTED[name], rows)).items():
                self.numbers[name, *key] += n
        if name == "participations":
            sum_degrees(self._degrees, degrees(rows))
        if name == "grants":
            self._add_totals(rows)
        self._add_ids(rows)

    def _add_totals(self, rows: list[Any]) -> None:
        named = contradicted(rows)
        self._totals = sum_totals([*self._totals, *totals(rows, named)])
        if named:
            held = named.intersection(row.grant_id for row in rows)
            self._resolved.update(held)
            self._named.update(named - held)

    def _add_ids(self, rows: list[Any]) -> None:
        declared = self._declared
        if declared.key and declared.name not in UNITED:
            stated = (row for row in rows if row.basis != "inferred") if declared.name == "participations" else rows
            self._keys.append(digests(map(attrgetter(declared.key[0]), stated)))
        for column, target in declared.references.items():
            self._uses.setdefault(target, set()).update(map(hash, filter(None, map(attrgetter(column), rows))))

    def counts(self, stored: dict[tuple[str, str], list[str]]) -> Counts:
        """Return the counts; `stored` has the ids of tables whose rows are united, by table and file."""
        name = self._declared.name
        keys = {of: digests(ids) for of, ids in stored.items() if of[0] in UNITED and of[0] == name}
        if self._keys:
            keys[name, ""] = np.concatenate(self._keys)
        return Counts(
            name=name, numbers=self.numbers, totals=self._totals, degrees=self._degrees,
            named=frozenset(self._named), resolved=frozenset(self._resolved), keys=keys,
            uses={target: np.fromiter(used, np.int64) for target, used in self._uses.items()},
        )  # fmt: skip
