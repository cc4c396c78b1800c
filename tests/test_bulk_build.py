"""The folder for large data: the same tables and triples as a build with its page, a store, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner

from cega_graph.build import build, report
from cega_graph.bulk import cuts
from cega_graph.bulk.build import build_bulk, bulk_files
from cega_graph.bulk.crew import Elsewhere, crew
from cega_graph.bulk.cuts import Part, cut
from cega_graph.bulk.part import Setup
from cega_graph.check import check
from cega_graph.cli import main
from cega_graph.dataset.parquet import read_parquet
from cega_graph.errors import InvalidData, UnwritableOutput
from cega_graph.folders import recover
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.measures.tallies import Ranked, Total, contradicted, degrees, rankings, totals
from cega_graph.model import TABLES
from cega_graph.store.disk import open_store
from cega_graph.writers.table_files import to_csv
from factories import write_sound_dataset
from killing import killed
from many_grants import write_many_grants


def contents(folder: Path) -> dict[str, bytes]:
    """Return path → content of every file of a build but those of its store."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.parent.name != "store")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def stored(folder: Path) -> int:
    """Return the number of triples of a build's store."""
    return len(open_store(folder / "store"))


@pytest.fixture(scope="module")
def bulk(bundled: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bulk") / "out"
    build_bulk(bundled, folder)
    return folder


def rows_of(folder: Path) -> dict[str, list[object]]:
    """Return the rows of the Parquet tables of a build, part after part."""
    return {
        one.name: [row for part in sorted((folder / "tables" / f"{one.name}.parquet").iterdir())
                   for row in read_parquet(part, one)]
        for one in TABLES
    }  # fmt: skip


def assert_whole(folder: Path, kg: KnowledgeGraph) -> None:
    """Compare all of a build but its store with what streams over the whole data set give."""
    data = kg.dataset
    assert (folder / "graph.nt").read_text(encoding="utf-8") == kg.ntriples()
    assert rows_of(folder) == {one.name: list(data.rows(one.name)) for one in TABLES}
    sums = totals(data.rows("grants"), contradicted(data.rows("grants")))
    assert (folder / "totals.csv").read_bytes() == to_csv(sums, Total)
    ranked = rankings(degrees(data.rows("participations")), data.rows("organizations"))
    assert (folder / "rankings.csv").read_bytes() == to_csv(ranked, Ranked)
    told, whole = json.loads((folder / "report.json").read_text(encoding="utf-8")), report(kg, stored(folder))
    assert told == {**{key: whole[key] for key in told if key != "left_out"}, "left_out": {}}
    assert list(told) == ["sources", "rows", "triples", "participations", "organizations", "grants", "left_out"]


def test_it_holds_what_a_build_holds(bulk: Path, bundled: KnowledgeGraph, built: Path) -> None:
    """The same triples in the order of the tables, the same rows, and no file of the page."""
    assert_whole(bulk, bundled)
    names = {re.sub(r"/(part-00000\.parquet)$", "/", name) for name in contents(bulk)}
    assert names == set(bulk_files("parquet")) - {"store/"}
    assert sorted(contents(bulk)["graph.nt"].splitlines()) == contents(built)["graph.nt"].splitlines()


def test_the_tables_may_be_for_spreadsheets(bundled: KnowledgeGraph, built: Path, tmp_path: Path) -> None:
    """To the byte those of a build with its page."""
    build_bulk(bundled, tmp_path / "out", form="csv")
    found, whole = contents(tmp_path / "out"), contents(built)
    assert set(found) == set(bulk_files("csv")) - {"store/"}
    assert [name for name in found if name.startswith("tables/") and found[name] != whole[name]] == []


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Return a data set that fills every table, curated rows among them, places that many rows state, conflicts."""
    return load(write_many_grants(tmp_path_factory.mktemp("many"), 600))


@pytest.mark.parametrize(("size", "workers"), [(300, 1), (5_000, 2), (40_000, 3), (10_000_000, 2)])
def test_cuts_and_processes_change_nothing(
    many: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, workers: int
) -> None:
    """Hundreds of parts in this process, dozens in two, a few in three, none."""
    monkeypatch.setattr("cega_graph.bulk.cuts.PART_BYTES", size)
    monkeypatch.setattr("cega_graph.bulk.cuts._BLOCK", min(size, 1000))
    n_parts = len(cut(many.dataset, size))
    assert n_parts == 9 if size > 100_000 else 9 < n_parts < 700_000 / size + 9
    build_bulk(many, tmp_path / "out", workers=workers)
    assert_whole(tmp_path / "out", many)


def test_rows_that_no_cut_fits_are_made_as_a_whole(
    many: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sorted a table otherwise; batches are small, and still whole projects."""
    monkeypatch.setattr("cega_graph.bulk.cuts.PART_BYTES", 5_000)
    monkeypatch.setattr("cega_graph.bulk.part._BATCH", 100)
    folder = shutil.copytree(many.dataset.folders[0], tmp_path / "data")
    path = folder / "tables" / "participations.csv"
    header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(header + "".join(reversed(lines)), encoding="utf-8")
    build_bulk(load(folder), tmp_path / "out", workers=2)
    assert_whole(tmp_path / "out", many)


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("grants", "s-7,", "s-8,", "grants s-8: grant_id 's-8' stands in more than one row"),
        ("participations", "p-500-1,g-500,", "p-500-1,g-x,", "project_id 'g-x'"),
        ("participations", ",grantee,", ",grantees,", "role 'grantees' is not allowed"),
        ("grants", ",award,", ",award,x,", "cells; the header has"),
    ],
)
def test_broken_rows_stop_it_in_the_words_of_check(
    many: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, old: str, new: str, said: str
) -> None:
    """Whichever process meets them, and where only the whole knows; the old build stays."""
    monkeypatch.setattr("cega_graph.bulk.cuts.PART_BYTES", 10_000)
    folder = shutil.copytree(many.dataset.folders[0], tmp_path / "data")
    path = folder / "tables" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidData) as caught:
        build_bulk(load(folder), tmp_path / "o" / "out", workers=2)
    assert said in str(caught.value)
    assert caught.value.findings == [one.message() for one in check(load(folder).dataset, shapes=False)]
    assert list((tmp_path / "o").iterdir()) == []


def test_a_process_that_dies_is_told_of_in_one_line(many: KnowledgeGraph, tmp_path: Path) -> None:
    with crew(Setup(many.dataset, None, tmp_path, "csv"), 2) as hands:
        worker = cast("Elsewhere", hands[0])
        worker._process.kill()
        worker._process.wait()
        with pytest.raises(UnwritableOutput, match=r"^build: a process that makes parts broke off \(-9\); "):
            worker.begin(Part("grants", 1))


def test_the_store_holds_every_triple_once(bulk: Path) -> None:
    assert (
        stored(bulk) == contents(bulk)["graph.nt"].count(b"\n") == json.loads(contents(bulk)["report.json"])["triples"]
    )


def test_nothing_of_the_machine_stands_in_it(bulk: Path) -> None:
    """The store's log, which names paths and the host, is gone."""
    for path in bulk.rglob("*"):
        if path.is_file():
            assert os.fsencode(bulk.parent) not in path.read_bytes(), path.name
    assert not (bulk / "store" / "LOG").exists()


def test_progress_adds_up(tmp_path: Path) -> None:
    """Every byte of the tables, and every byte that the store takes in."""
    told: dict[str, int] = {}
    sizes: dict[str, int] = {}

    def tell(name: str, more: int, total: int) -> None:
        told[name], sizes[name] = told.get(name, 0) + more, total

    folder = write_sound_dataset(tmp_path)
    build_bulk(load(folder), tmp_path / "out", tell)
    read = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    size = (tmp_path / "out" / "graph.nt").stat().st_size
    assert told == {"tables": read, "store": size} == sizes


@pytest.mark.parametrize("name", ["notes.txt", "store/notes.txt", "store/sub/CURRENT"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """Whoever puts a file into the store's folder keeps it; a build of the other kind is replaced."""
    kg, out = load(write_sound_dataset(tmp_path)), tmp_path / "out"
    build(kg, out)
    build_bulk(kg, out)
    assert "map.html" not in contents(out)
    (out / name).parent.mkdir(exist_ok=True)
    (out / name).write_text("mine")
    with pytest.raises(UnwritableOutput, match=rf"holds '{name}', which no build made"):
        build_bulk(kg, out)
    (out / name).unlink()
    if "sub" not in name:
        build(kg, out)
        assert not (out / "store").exists()


def test_the_command_writes_it(tiny_data: Path, tmp_path: Path) -> None:
    """And `query` answers from the store, as from the data."""
    done = CliRunner().invoke(main, ["build", str(tiny_data), "--no-page", "-o", str(tmp_path / "out")])
    assert (done.exit_code, done.stdout) == (0, f"{tmp_path}/out/store\n")
    assert done.stderr == f"{tmp_path}/out: 9 tables, graph.nt, store/, totals.csv, rankings.csv, report.json\n"
    select = "SELECT ?f ?p { ?f cega:funds ?p } ORDER BY ?f ?p"
    answers = [
        CliRunner().invoke(main, ["query", select, "--format", "csv", *place]).stdout
        for place in (["--data", str(tiny_data)], ["--data", str(tmp_path / "out")], ["--store", str(tmp_path / "out")],
                      ["--store", str(tmp_path / "out" / "store")], ["--data", str(tmp_path / "out/graph.nt")])
    ]  # fmt: skip
    assert set(answers) == {answers[0]}
    assert answers[0].count("\n") > 1


FULL = """
import resource, sys
from cega_graph.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(sys.argv[2:])
"""


@pytest.mark.parametrize("most", [100, 30_000])
def test_a_full_disk_gets_one_line_and_leaves_the_old_build(tiny_data: Path, tmp_path: Path, most: int) -> None:
    """Whether the tables or the store do not fit."""
    out = tmp_path / "o" / "out"
    build_bulk(load(tiny_data), out)
    before, n = contents(out), stored(out)
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(most), "build", str(tiny_data), "--no-page", "-o", str(out)],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"cega-graph: {out}: cannot be written: ")
    assert done.stderr.endswith("; choose another folder with -o\n")
    assert done.stderr.count("\n") == 1
    assert "File too large" in done.stderr
    assert (before, n) == (contents(out), stored(out))
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def builds(first: str, second: str, out: str) -> tuple[list[Callable[[], object]], Callable[[], object]]:
    """Return the builds of two data sets into one folder, and what asserts that one of them lies there whole.

    The first is cut, and made by two processes; the second is made here.
    """
    vars(cuts)["PART_BYTES"] = 200
    graphs = [load(Path(first)), load(Path(second))]
    texts = {hashlib.sha256(kg.ntriples().encode()).hexdigest(): kg.ntriples().count("\n") for kg in graphs}

    def look() -> None:
        recover(Path(out))
        text = (Path(out) / "graph.nt").read_bytes()
        n = texts[hashlib.sha256(text).hexdigest()]
        told = json.loads((Path(out) / "report.json").read_text(encoding="utf-8"))["triples"]
        assert (n, n) == (told, stored(Path(out)))

    return [partial(build_bulk, kg, Path(out), workers=n) for kg, n in zip(graphs, (2, 1), strict=True)], look


@pytest.mark.slow
def test_sixty_kills_leave_the_old_build_or_the_new_one(tmp_path: Path) -> None:
    """Two data sets in turn into one folder; after each kill one of them is there, and its store is whole."""
    data = [write_sound_dataset(tmp_path, "one"), write_sound_dataset(tmp_path, "two", decisions=[])]
    out = tmp_path / "o" / "out"
    assert killed("test_bulk_build:builds", 60, *map(str, data), str(out)) > 20
    build_bulk(load(data[0]), out)
    assert [p.name for p in out.parent.iterdir()] == ["out"]
