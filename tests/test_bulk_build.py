"""The folder for large data: the same tables and triples as a build with its page, a store, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from cega_graph.bulk_build import BULK_FILES, build_bulk
from click.testing import CliRunner

from cega_graph.build import build
from cega_graph.cli import main
from cega_graph.errors import UnwritableOutput
from cega_graph.folders import recover
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.store.disk import open_store
from factories import write_sound_dataset
from killing import killed


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


def test_it_holds_what_a_build_holds(bulk: Path, built: Path) -> None:
    """Tables and report to the byte, the triples in the order of the tables, and no file of the page."""
    left, right = contents(bulk), contents(built)
    assert set(left) == {name for name in BULK_FILES if not name.endswith("/")}
    assert [name for name in left if name != "graph.nt" and left[name] != right[name]] == []
    assert sorted(left["graph.nt"].splitlines()) == right["graph.nt"].splitlines()


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


def test_cells_of_many_batches_are_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the rows are cut."""
    kg = load(write_sound_dataset(tmp_path))
    build(kg, tmp_path / "whole")
    monkeypatch.setattr("cega_graph.writers.table_files._BATCH", 2)
    build_bulk(kg, tmp_path / "cut")
    whole, cut = contents(tmp_path / "whole"), contents(tmp_path / "cut")
    assert [name for name in cut if name.startswith("tables/") and cut[name] != whole[name]] == []


def test_progress_adds_up(tmp_path: Path) -> None:
    """Rows of the tables are the rows of graph.nt; the store hears of every byte."""
    told: dict[str, int] = {}
    totals: dict[str, int] = {}

    def tell(name: str, more: int, total: int) -> None:
        told[name], totals[name] = told.get(name, 0) + more, total

    build_bulk(load(write_sound_dataset(tmp_path)), tmp_path / "out", tell)
    size = (tmp_path / "out" / "graph.nt").stat().st_size
    assert told == {"tables": totals["graph.nt"], "graph.nt": totals["graph.nt"], "store": size}
    assert (totals["tables"], totals["store"]) == (0, size)


@pytest.mark.parametrize("name", ["notes.txt", "store/notes.txt", "store/sub/CURRENT"])
def test_a_folder_with_other_files_is_refused(tmp_path: Path, name: str) -> None:
    """Whoever puts a file into the store's folder keeps it; a build of the other kind is replaced."""
    kg, out = load(write_sound_dataset(tmp_path)), tmp_path / "out"
    build(kg, out)
    build_bulk(kg, out)
    assert set(contents(out)) == {name for name in BULK_FILES if not name.endswith("/")}
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
    assert done.stderr == f"{tmp_path}/out: graph.nt, store/, report.json and 9 tables\n"
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
    """Return the builds of two data sets into one folder, and what asserts that one of them lies there whole."""
    graphs = [load(Path(first)), load(Path(second))]
    texts = {hashlib.sha256(kg.ntriples().encode()).hexdigest(): kg.ntriples().count("\n") for kg in graphs}

    def look() -> None:
        recover(Path(out))
        text = (Path(out) / "graph.nt").read_bytes()
        n = texts[hashlib.sha256(text).hexdigest()]
        told = json.loads((Path(out) / "report.json").read_text(encoding="utf-8"))["triples"]
        assert (n, n) == (told, stored(Path(out)))

    return [partial(build_bulk, kg, Path(out)) for kg in graphs], look


@pytest.mark.slow
def test_sixty_kills_leave_the_old_build_or_the_new_one(tmp_path: Path) -> None:
    """Two data sets in turn into one folder; after each kill one of them is there, and its store is whole."""
    data = [write_sound_dataset(tmp_path, "one"), write_sound_dataset(tmp_path, "two", decisions=[])]
    out = tmp_path / "o" / "out"
    assert killed("test_bulk_build:builds", 60, *map(str, data), str(out)) > 20
    build_bulk(load(data[0]), out)
    assert [p.name for p in out.parent.iterdir()] == ["out"]
