"""A data set → the folder for large data: tables, N-Triples, an on-disk store, totals, rankings and the report."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from cega_graph.build import counted_report, written_anew
from cega_graph.bulk import cuts
from cega_graph.bulk.crew import Hand, Turns, crew, work_through
from cega_graph.bulk.cuts import Part, cut, whole
from cega_graph.bulk.part import (
    TRIPLES,
    Counts,
    Digests,
    OutOfOrder,
    Places,
    Setup,
    Sizes,
    Unsound,
    Where,
    csv_name,
    parquet_name,
)  # fmt: skip
from cega_graph.check import NOTES, check
from cega_graph.errors import InvalidData
from cega_graph.measures.tallies import Degrees, Ranked, Total, add_conflicts, rankings, sum_degrees, sum_totals
from cega_graph.model import TABLES
from cega_graph.store.disk import STORE, write_store
from cega_graph.writers.parquet import arrow_schema, to_parquet
from cega_graph.writers.table_files import iter_csv, to_csv

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset
    from cega_graph.knowledge_graph import KnowledgeGraph

Tell = Callable[[str, int, int], None]
"""Called with what is being made, how much more of it is done, and how much there is in all (0: not known)."""

FORMS: Final = ("parquet", "csv")
"""What the tables may be."""

_MOST_WORKERS: Final = 16
"""Beyond them, whoever puts the parts together is what takes the time."""


def bulk_files(form: str) -> tuple[str, ...]:
    """Return what such a build writes, in this order; a name that ends in `/` is a folder."""
    names = (f"{parquet_name(t)}/" if form == "parquet" else csv_name(t) for t in TABLES)
    return (*names, TRIPLES, f"{STORE}/", "totals.csv", "rankings.csv", "report.json")


def build_bulk(
    kg: KnowledgeGraph, folder: Path, tell: Tell = lambda *_: None, *, form: str = "parquet", workers: int = 0
) -> dict[str, Any]:  # fmt: skip
    """Write what `bulk_files` lists into a folder, or leave the folder as it was.

    The tables are cut into parts; rows are checked, and turned into triples and tables, part by part, and the
    parts are written in their order. Memory grows with the number of bodies, and by 24 bytes for each id and
    place. The same graph gives the same bytes, whatever the number of processes, `store/` excepted: its files
    carry numbers that RocksDB makes up.

    Args:
        kg: The graph.
        folder: It is replaced if it was made by a build, or is new or empty; anything else is refused.
        tell: Hears of the progress: bytes of tables that were read through, bytes that the store took in.
        form: Of the tables: `parquet`, in parts of whole groups, or `csv`, for spreadsheets.
        workers: Processes; as many as there are cores if 0, and this one only where there is little to do.

    Returns:
        What `report.json` holds: `sources`, `rows` by table, `triples`, `participations` by role and basis,
        `organizations` by kind, `grants`, and `left_out`: rows that Parquet cannot hold.

    Raises:
        UnwritableOutput: The folder cannot be written, holds files that no build made, or another
            process is building there; or pyarrow is not installed.
        InvalidData: Rows break the rules of their tables, or each other's.
    """
    if form == "parquet":
        arrow_schema(TABLES[0])
    with written_anew(folder) as part:
        made = make_parts(Setup(kg.dataset, kg.sentences, part, form), tell, workers)
        size = (part / TRIPLES).stat().st_size
        write_store(part / TRIPLES, part / STORE, lambda n: tell(STORE, n, size))
        told = made.report(kg.dataset)
        with (part / "totals.csv").open("wb") as file:
            file.writelines(iter_csv(made.totals(kg.dataset), Total))
        with (part / "rankings.csv").open("wb") as file:
            file.writelines(iter_csv(rankings(made.degrees, kg.dataset.rows("organizations")), Ranked))
        (part / "report.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return told


def make_parts(setup: Setup, tell: Tell, workers: int = 0) -> Made:
    """Make all parts, as a whole where the tables cannot be cut: `graph.nt` and the tables of a build.

    Raises:
        InvalidData: Rows break the rules of their tables, or each other's.
        OSError: The folder of the setup cannot be written.
    """
    try:
        try:
            return _made_of(cut(setup.dataset, cuts.PART_BYTES), setup, tell, workers)
        except OutOfOrder:
            return _made_of(whole(setup.dataset), setup, tell, 1)
    except (Unsound, InvalidData):
        findings = [one.message() for one in check(setup.dataset, shapes=False) if one.rule not in NOTES]
        if findings:
            raise InvalidData(findings) from None
        raise


def _made_of(parts: list[Part], setup: Setup, tell: Tell, workers: int) -> Made:
    is_little = len(parts) == len({part.name for part in parts})
    size = sum(part.size for part in parts)
    made = Made(setup, lambda part: tell("tables", part.size, size))
    _ = setup.dataset.clashes  # what is called how in the whole is found once, here
    with crew(setup, 1 if is_little else workers or min(os.cpu_count() or 1, _MOST_WORKERS)) as hands:
        work_through(parts, hands, made.work, made.turns)
    made.finish()
    return made


class _Seen:
    """Which of some hashes were met before; they are held sorted, 8 bytes each."""

    def __init__(self) -> None:
        self._runs: list[Digests] = []

    def add(self, digests: Digests) -> Any:  # noqa: ANN401
        """Take hashes in, each once; return of each whether it is new."""
        new = np.ones(len(digests), np.bool_)
        for run in self._runs:
            at = np.searchsorted(run, digests)
            at[at == len(run)] = 0
            new &= run[at] != digests
        self._runs.append(np.sort(digests[new]))
        while len(self._runs) > 1 and 2 * len(self._runs[-1]) >= len(self._runs[-2]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]), kind="stable")
        self._runs = [run for run in self._runs if len(run)]
        return new


class Made:
    """The output under way: what is known of the whole, and what the parts are told of it."""

    def __init__(self, setup: Setup, tell: Callable[[Part], None]) -> None:
        self.degrees: Final[Degrees] = {}
        self.turns: Final = (Turns(), Turns())
        self._folder: Final = setup.folder
        self._form: Final = setup.form
        self._tell: Final = tell
        self._seen: Final = _Seen()
        self._sizes: Final[Counter[str]] = Counter()
        self._batches: Final[Counter[str]] = Counter()
        self._counts: Final[list[Counts]] = []
        self._begin()

    def _begin(self) -> None:
        (self._folder / TRIPLES).write_bytes(b"")
        shutil.rmtree(self._folder / "tables", ignore_errors=True)
        (self._folder / "tables").mkdir()
        for declared in TABLES:
            if self._form == "csv":
                header = to_csv((), declared.row)
                (self._folder / csv_name(declared)).write_bytes(header)
                self._sizes[csv_name(declared)] = len(header)
            else:
                (self._folder / parquet_name(declared)).mkdir()

    def work(self, number: int, part: Part, hand: Hand) -> None:
        """See a part through: tell what the parts before it have written, and where it writes."""
        places_turn, sizes_turn = self.turns
        said = hand.begin(part)
        is_first, is_last = True, False
        while not isinstance(said, Counts):
            if is_first:
                places_turn.wait(number)
            is_last = cast("Places", said).is_last
            new = self._seen.add(cast("Places", said).digests)
            if is_last:
                places_turn.done()
            sizes = cast("Sizes", hand.answer(new))
            if is_first:
                sizes_turn.wait(number)
            where = self._place(part.name, sizes)
            if is_last:
                sizes_turn.done()
            is_first = False
            said = hand.answer(where)
        self._counts.append(said)
        self._tell(part)

    def _place(self, name: str, sizes: Sizes) -> Where:
        offsets = {file: self._sizes[file] for file in sizes.sizes}
        self._sizes.update(sizes.sizes)
        number = self._batches[name]
        self._batches[name] += sizes.rows > 0
        return Where(offsets, number)

    def finish(self) -> None:
        """Write what no part writes, and see that ids stand once, and nowhere is one named that does not stand.

        Raises:
            Unsound: Some id breaks that rule.
        """
        for declared in TABLES:
            if self._form == "parquet" and not self._batches[declared.name]:
                (self._folder / parquet_name(declared, 0)).write_bytes(to_parquet([], declared))
        keys: dict[str, list[Digests]] = {}
        for of in sorted({of for counts in self._counts for of in counts.keys}):
            found = np.sort(np.concatenate([counts.keys[of] for counts in self._counts if of in counts.keys]))
            if (found[1:] == found[:-1]).any():
                raise Unsound
            keys.setdefault(of[0], []).append(found)
        for target in sorted({target for counts in self._counts for target in counts.uses}):
            used = np.unique(np.concatenate([c.uses[target] for c in self._counts if target in c.uses]))
            held = keys.get(target, [np.empty(0, np.int64)])
            if not np.isin(used, np.concatenate(held)).all():
                raise Unsound
        for counts in self._counts:
            sum_degrees(self.degrees, counts.degrees)

    def totals(self, dataset: Dataset) -> list[Total]:
        """Return what is recorded per type and currency."""
        resolved = frozenset[str]().union(*(counts.resolved for counts in self._counts))
        named = frozenset[str]().union(*(counts.named for counts in self._counts)) - resolved
        made = sum_totals(total for counts in self._counts for total in counts.totals)
        return add_conflicts(made, dataset.rows("grants"), named) if named else made

    def report(self, dataset: Dataset) -> dict[str, Any]:
        """Return the content of `report.json`."""
        numbers = sum((counts.numbers for counts in self._counts), Counter[tuple[str, ...]]())
        return counted_report(numbers, dataset.rows("sources"))
