"""A data set → a file or folder of another program, written whole or not at all, with a count of what is lost."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cega_graph.errors import UnwritableOutput
from cega_graph.folders import recover, replace_folder
from cega_graph.model import TABLES
from cega_graph.package import make_folder
from cega_graph.tabular import write_chunks
from cega_graph.writers.tally import Options, Tally

if TYPE_CHECKING:
    import networkx as nx

    from cega_graph.dataset import Dataset

FORMATS: Final = ("360giving", "iati", "ftm", "parquet", "csv", "xlsx", "graphml", "gexf")
"""What `export` writes."""

_ESSENTIAL: Final = {"360giving": "grants", "iati": "activities", "ftm": "bodies", "graphml": "nodes", "gexf": "nodes"}
"""What must be in a file of a format, or there is none; of the others a row."""

_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""A zip states when its files were made; the same input shall give the same bytes."""


def fills(form: str) -> tuple[str, ...]:
    """Return what `Options.fill` may give for a format.

    >>> fills("iati")
    ('description', 'status', 'reporting-org')
    """
    from cega_graph.writers import iati, threesixty

    return {"360giving": threesixty.FILLS, "iati": iati.FILLS}.get(form, ())


def export(dataset: Dataset, form: str, path: Path, options: Options = Options()) -> Tally:  # noqa: B008
    """Write a data set in one of `FORMATS`, and return what was written, left out and changed.

    Args:
        path: A file; for `parquet` a folder, for `csv` a folder or a file that ends in `.zip`.
        options: Persons are left out unless it keeps them.

    Where the format can hold nothing of the data, nothing is written: then `Tally.written` is empty.

    Raises:
        InvalidData: Rows that do not fit together.
        UnwritableOutput: The path cannot be written, or is a folder with other files.
    """
    tally = Tally()
    if form == "parquet" or (form == "csv" and path.suffix.lower() != ".zip"):
        _write_folder(path, _tables(dataset, form, options, tally), tally)
        return tally
    chunks = {
        "360giving": _threesixty, "iati": _iati, "ftm": _ftm, "csv": _zip, "xlsx": _xlsx, "graphml": _graphml,
        "gexf": _gexf,
    }[form](dataset, tally, options)  # fmt: skip
    essential = _ESSENTIAL.get(form, "rows")
    if not write_chunks(path, chunks, is_worth=lambda: tally.written[essential] > 0):
        tally.written.clear()
    return tally


def _threesixty(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.threesixty import to_threesixty

    return to_threesixty(dataset, tally, options)


def _iati(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.iati import to_iati

    return to_iati(dataset, tally, options)


def _ftm(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.ftm import to_ftm

    return to_ftm(dataset, tally, options)


def _xlsx(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.table_files import to_xlsx

    rows = _Rows(dataset, options, tally)
    yield to_xlsx({one.name: (one, rows.of(one.name, count=True)) for one in TABLES}, tally, streamed=True)


def _graphml(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.network_files import to_graphml

    yield to_graphml(_network(dataset, tally, options))


def _gexf(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    from cega_graph.writers.network_files import to_gexf

    yield to_gexf(_network(dataset, tally, options))


def _network(dataset: Dataset, tally: Tally, options: Options) -> nx.MultiDiGraph[str]:
    from cega_graph.network import to_network

    network = to_network(dataset)
    if not options.persons:
        persons = [node for node, data in network.nodes(data=True) if data["kind"] == "person"]
        edges = network.number_of_edges()
        network.remove_nodes_from(persons)
        tally.left_out.update(
            {("nodes", "person"): len(persons), ("edges", "person"): edges - network.number_of_edges()}
        )
    tally.written["nodes"] = network.number_of_nodes()
    tally.written["edges"] = network.number_of_edges()
    return network


class _Rows:
    """The rows of the tables, persons aside unless they are asked for."""

    def __init__(self, dataset: Dataset, options: Options, tally: Tally) -> None:
        self._dataset: Final = dataset
        self._tally: Final = tally
        bodies = () if options.persons else dataset.rows("organizations")
        self._persons: Final = {row.organization_id for row in bodies if row.kind == "person"}
        names = dataset.rows("names") if self._persons else ()
        self._names: Final = {row.name for row in names if row.organization_id in self._persons}

    def of(self, name: str, *, count: bool = False) -> Iterator[Any]:
        """Yield the rows of a table that stay, counting the others, and these too if asked."""
        for row in self._dataset.rows(name):
            about = [getattr(row, column, "") for column in ("organization_id", "affiliation_id")]
            if self._persons.intersection(about) or (
                name == "decisions" and self._names.intersection((row.name_a, row.name_b))
            ):
                self._tally.left_out["rows", "person"] += 1
                continue
            self._tally.written["rows"] += count
            yield row


_Files = Iterator[tuple[str, Callable[[Path], object]]]


def _tables(dataset: Dataset, form: str, options: Options, tally: Tally) -> _Files:
    """Yield (file name, function that writes it) of each table."""
    from cega_graph.writers.parquet import write_parquet
    from cega_graph.writers.table_files import iter_csv

    rows = _Rows(dataset, options, tally)
    for one in TABLES:
        if form == "parquet":
            yield f"{one.name}.parquet", partial(write_parquet, rows=rows.of(one.name), declared=one, tally=tally)
        else:
            yield f"{one.name}.csv", partial(write_chunks, chunks=iter_csv(rows.of(one.name, count=True), one.row))


def _zip(dataset: Dataset, tally: Tally, options: Options) -> Iterator[bytes]:
    """The tables as CSV in one zip file, piece by piece."""
    from cega_graph.writers.table_files import iter_csv

    rows = _Rows(dataset, options, tally)
    target = _Pieces()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in TABLES:
            with archive.open(zipfile.ZipInfo(f"{one.name}.csv", _ZIP_TIME), "w", force_zip64=True) as file:
                for piece in iter_csv(rows.of(one.name, count=True), one.row):
                    file.write(piece)
                    yield target.take()
    yield target.take()


class _Pieces(io.RawIOBase):
    """A file that only grows, and gives away what was written since it was last asked."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, piece: Any) -> int:  # noqa: ANN401
        """Hold a piece."""
        self._held += piece
        return len(piece)

    def take(self) -> bytes:
        """Return what is held, and hold it no longer."""
        taken = bytes(self._held)
        self._held.clear()
        return taken


def _write_folder(folder: Path, files: _Files, tally: Tally) -> None:
    """Write the files of an export into a folder of its own, or leave the folder as it was."""
    recover(folder)
    folder = folder.resolve()
    part, old = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.old")
    names = {f"{one.name}{suffix}" for one in TABLES for suffix in (".csv", ".parquet")}
    foreign = sorted({p.name for p in folder.iterdir()} - names) if folder.is_dir() else []
    if foreign or (folder.exists() and not folder.is_dir()):
        what = f"holds {foreign[0]!r}, which no export made" if foreign else "is a file"
        message = f"{folder}: {what}; choose a new or empty folder with -o"
        raise UnwritableOutput(message)
    try:
        shutil.rmtree(part, ignore_errors=True)
        make_folder(part)
        for name, write in files:
            write(part / name)
        if tally.written["rows"]:
            replace_folder(part, folder, old)
        else:
            tally.written.clear()
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
