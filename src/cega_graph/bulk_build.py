"""A data set → the folder for large data: tables, N-Triples, an on-disk store and the report, all streamed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cega_graph.build import report, written_anew
from cega_graph.model import TABLES
from cega_graph.rdf import HasRows, iter_lines
from cega_graph.store.disk import STORE, write_store
from cega_graph.writers.table_files import iter_csv

if TYPE_CHECKING:
    from cega_graph.knowledge_graph import KnowledgeGraph

Tell = Callable[[str, int, int], None]
"""Called with what is being made, how much more of it is done, and how much there is in all (0: not known)."""

BULK_FILES: Final = (*(f"tables/{t.name}.csv" for t in TABLES), "graph.nt", f"{STORE}/", "report.json")
"""What such a build writes, in this order."""


def build_bulk(kg: KnowledgeGraph, folder: Path, tell: Tell = lambda *_: None) -> None:
    """Write tables, `graph.nt`, `store/` and `report.json` into a folder, or leave the folder as it was.

    Rows are streamed. `graph.nt` has the order of the sorted tables. The same graph gives the same
    bytes, `store/` excepted: its files carry numbers that RocksDB makes up.

    Args:
        kg: The graph.
        folder: It is replaced if it was made by a build, or is new or empty; anything else is refused.
        tell: Hears of the progress: rows of the tables, rows of `graph.nt`, bytes that the store took in.

    Raises:
        UnwritableOutput: The folder cannot be written, holds files that no build made, or another
            process is building there.
    """
    with written_anew(folder) as part:
        rows = _write_tables(part / "tables", kg.dataset, tell)
        lines = iter_lines(_Watched(kg.dataset, lambda: tell("graph.nt", 1, rows)), kg.sentences)
        triples = _write_lines(part / "graph.nt", lines)
        size = (part / "graph.nt").stat().st_size
        write_store(part / "graph.nt", part / STORE, lambda n: tell(STORE, n, size))
        told = report(kg, triples)
        (part / "report.json").write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write_tables(folder: Path, dataset: HasRows, tell: Tell) -> int:
    """Write the CSV files that a whole build writes; return how many rows there are."""
    count = 0

    def one_more() -> None:
        nonlocal count
        count += 1
        tell("tables", 1, 0)

    watched = _Watched(dataset, one_more)
    folder.mkdir()
    for table in TABLES:
        with (folder / f"{table.name}.csv").open("wb") as file:
            file.writelines(iter_csv(watched.rows(table.name), table.row))
    return count


def _write_lines(path: Path, texts: Iterable[str]) -> int:
    """Write N-Triples and return how many lines there are."""
    count = 0
    with path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as file:
        for text in texts:
            file.write(text)
            count += text.count("\n")
    return count


class _Watched:
    """The rows of a data set, each announced."""

    def __init__(self, dataset: HasRows, tell: Callable[[], None]) -> None:
        self._dataset: Final = dataset
        self._tell: Final = tell

    def rows(self, name: str) -> Iterator[Any]:
        for row in self._dataset.rows(name):
            self._tell()
            yield row
