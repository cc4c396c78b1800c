"""The folder of everything that users open: complete, the same every time, whole or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph

from cega_graph.build import FILES, build, report
from cega_graph.errors import UnwritableOutput
from cega_graph.folders import recover
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.model import TABLES
from cega_graph.ordering import sort_rows
from cega_graph.store import to_rdflib
from cega_graph.tabular import columns_of, format_cell, unguard_formula
from cega_graph.writers.network_files import read_gexf, read_graphml
from factories import TINY_BOOK, write_sound_dataset


def contents(folder: Path) -> dict[str, bytes]:
    """Return path → content of every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def tiny(tmp_path: Path) -> KnowledgeGraph:
    """Return the graph of the sound data set."""
    return load(write_sound_dataset(tmp_path))


def test_a_build_writes_the_files_of_the_contract(built: Path) -> None:
    """These, no others, none empty."""
    assert set(FILES) == set(contents(built))
    assert all(contents(built).values())
    assert {
        "map.html", "graph.ttl", "graph.nt", "graph.jsonld", "graph.graphml", "graph.gexf", "tables.xlsx", "report.json"
    } == {name for name in FILES if "/" not in name}  # fmt: skip


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD reader
def test_the_three_graphs_are_one(built: Path) -> None:
    """Turtle, N-Triples and JSON-LD hold the same triples for both engines; no blank nodes, no line twice."""
    lines = (built / "graph.nt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(set(lines))
    expected = set(to_rdflib((built / "graph.nt").read_text(encoding="utf-8")))
    assert len(lines) == len(expected)
    stored = {q.triple for q in ox.parse(path=built / "graph.nt", format=ox.RdfFormat.N_TRIPLES)}
    assert not [t for t in stored if isinstance(t.subject, ox.BlankNode) or isinstance(t.object, ox.BlankNode)]
    for name, form, engine in (
        ("graph.ttl", "turtle", ox.RdfFormat.TURTLE), ("graph.jsonld", "json-ld", ox.RdfFormat.JSON_LD)
    ):  # fmt: skip
        assert expected == set(Graph().parse(built / name, format=form)), name
        assert stored == {q.triple for q in ox.parse(path=built / name, format=engine)}, name


def test_the_network_files_read_back(built: Path, bundled: KnowledgeGraph) -> None:
    """GraphML and GEXF are the network, in its order."""
    network = bundled.network()
    for back in (read_graphml(built / "graph.graphml"), read_gexf(built / "graph.gexf")):
        assert list(network.nodes(data=True)) == list(back.nodes(data=True))
        assert list(network.edges(keys=True, data=True)) == list(back.edges(keys=True, data=True))


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
def test_the_tables_read_back(built: Path, bundled: KnowledgeGraph, declared: object) -> None:
    """CSV with BOM, guards taken off, is the united rows."""
    (one,) = [t for t in TABLES if t is declared]
    content = (built / "tables" / f"{one.name}.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    rows = sort_rows(bundled.dataset.rows(one.name), one)
    assert header == list(columns_of(one.row))
    assert [[unguard_formula(c) for c in line] for line in lines] == [
        [format_cell(getattr(row, column)) for column in header] for row in rows
    ]


def test_the_report_counts_what_was_written(built: Path, bundled: KnowledgeGraph) -> None:
    """Rows by table, triples, participations by role and basis."""
    told = json.loads((built / "report.json").read_text(encoding="utf-8"))
    assert told["rows"] == {t.name: len(bundled.dataset.frame(t.name)) for t in TABLES}
    assert told["triples"] == (built / "graph.nt").read_text(encoding="utf-8").count("\n")
    assert sum(one["n"] for one in told["participations"]) == told["rows"]["participations"]
    assert sum(told["organizations"].values()) == told["rows"]["organizations"]
    assert told == report(bundled, told["triples"])


@pytest.mark.slow
def test_two_builds_are_byte_identical(tmp_path: Path) -> None:
    """Whatever the hash seed, the time zone, the locale and the working folder."""
    folders = []
    for seed, zone, name in (("1", "Asia/Shanghai", "a"), ("2", "America/Lima", "b")):
        (tmp_path / name).mkdir()
        environment = {
            **os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C", "PYTHONUTF8": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "cega_graph", "build", "-o", "out"],
            cwd=tmp_path / name, env=environment, capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (0, b"out/map.html\n"), done.stderr
        folders.append(contents(tmp_path / name / "out"))
    assert set(FILES) == set(folders[0])
    assert [name for name in FILES if folders[0][name] != folders[1][name]] == []


def test_the_order_of_lines_in_a_table_does_not_matter(tmp_path: Path) -> None:
    """A data set whose files a person sorted anew gives the same build."""
    folder = write_sound_dataset(tmp_path)
    build(load(folder), tmp_path / "before")
    for path in sorted(folder.glob("tables/*.csv")):
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join([header, *lines[::-1]]), encoding="utf-8")
    build(load(folder), tmp_path / "after")
    before, after = contents(tmp_path / "before"), contents(tmp_path / "after")
    assert [name for name in FILES if before[name] != after[name]] == []


def test_sentences_are_written_only_with_the_source(tmp_path: Path) -> None:
    """`--source` adds them to RDF and page; without it no sentence is there."""
    folder = write_sound_dataset(tmp_path)
    (tmp_path / "book.txt").write_text(TINY_BOOK, encoding="utf-8", newline="\n")
    sentence = "盐城市湿地保护协会（湿协）"
    build(load(folder), tmp_path / "without")
    build(load(folder, source=tmp_path / "book.txt"), tmp_path / "with")
    for name in ("graph.nt", "graph.ttl", "graph.jsonld", "map.html"):
        assert sentence not in (tmp_path / "without" / name).read_text(encoding="utf-8"), name
        assert sentence in (tmp_path / "with" / name).read_text(encoding="utf-8"), name


def test_nothing_of_the_machine_stands_in_a_build(built: Path, repository: Path) -> None:
    """No path of the checkout, of home or of a temporary folder."""
    for name, content in contents(built).items():
        if not name.endswith(".xlsx"):
            for word in (str(repository), f"{Path.home()}/", "/tmp/"):
                assert word.encode() not in content, (name, word)


def test_an_older_build_is_replaced(tiny: KnowledgeGraph, tmp_path: Path) -> None:
    """Nothing of the old one stays, nothing lies beside it."""
    out = tmp_path / "o" / "out"
    build(tiny, out)
    first = contents(out)
    (out / "map.html").write_text("old")
    build(tiny, out)
    assert first == contents(out)
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(tiny: KnowledgeGraph, tmp_path: Path) -> None:
    """Also the working folder itself."""
    out = tmp_path / "empty"
    out.mkdir()
    build(tiny, out)
    assert set(FILES) == set(contents(out))


def test_the_working_folder_can_be_the_output(
    tiny: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-o .` is a folder like any other."""
    out = tmp_path / "here"
    out.mkdir()
    monkeypatch.chdir(out)
    build(tiny, Path())
    monkeypatch.chdir(tmp_path)
    assert set(FILES) == set(contents(out))


def test_a_link_to_a_folder_stays_a_link(tiny: KnowledgeGraph, tmp_path: Path) -> None:
    """What it points to is replaced."""
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    build(tiny, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert set(FILES) == set(contents(tmp_path / "real"))


@pytest.mark.parametrize("name", ["notes.txt", "tables/mine.csv", "sub/x", "map.html"])
def test_a_folder_with_other_files_is_refused(tiny: KnowledgeGraph, tmp_path: Path, name: str) -> None:
    """Nothing that no build made is ever deleted; a lone map.html has no report of a build beside it."""
    out = tmp_path / "out"
    if name != "map.html":
        build(tiny, out)
    (out / name).parent.mkdir(parents=True, exist_ok=True)
    (out / name).write_text("mine")
    before = contents(out)
    with pytest.raises(UnwritableOutput, match=rf"out: holds '{name}', which no build made; choose a new or empty"):
        build(tiny, out)
    assert before == contents(out)


def test_a_data_set_is_never_overwritten_by_its_build(tmp_path: Path) -> None:
    """`build DATA -o DATA` is refused, with a descriptor and without."""
    folder = write_sound_dataset(tmp_path)
    for _ in range(2):
        before = contents(folder)
        with pytest.raises(UnwritableOutput, match="which no build made"):
            build(load(folder), folder)
        assert before == contents(folder)
        (folder / "datapackage.json").unlink(missing_ok=True)


def test_a_file_in_the_place_of_the_folder_is_refused(tiny: KnowledgeGraph, tmp_path: Path) -> None:
    """And so is a folder below a file."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UnwritableOutput, match=r"out: is a file; choose a folder with -o$"):
        build(tiny, tmp_path / "out")
    with pytest.raises(UnwritableOutput, match=r"below: cannot be written: Not a directory; choose another folder"):
        build(tiny, tmp_path / "out" / "below")
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("failing", ["write_bytes", "mkdir", "replace"])
@pytest.mark.parametrize("there", [0, 1])
def test_a_full_disk_leaves_the_old_build(
    tiny: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError],
    failing: str, there: int,
) -> None:  # fmt: skip
    """At whatever step: the old folder is whole, no temporary folder stays."""
    out = tmp_path / "o" / "out"
    out.parent.mkdir()
    if there:
        build(tiny, out)
    before = contents(out.parent)
    with monkeypatch.context() as patch:
        patch.setattr(Path, failing, full_disk)
        with pytest.raises(UnwritableOutput, match=r"out: cannot be written: No space left on device; choose another"):
            build(tiny, out)
    assert before == contents(out.parent)
    assert (["out"] if there else []) == [p.name for p in out.parent.iterdir()]


def test_a_disk_that_fills_up_half_way_leaves_the_old_build(
    tiny: KnowledgeGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError]
) -> None:
    """The fifth file does not fit."""
    out = tmp_path / "o" / "out"
    build(tiny, out)
    before = contents(out.parent)
    written: list[str] = []
    write = Path.write_bytes

    def fill(path: Path, content: bytes) -> int:
        written.append(path.name)
        if len(written) == 5:
            full_disk()
        return write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fill)
        with pytest.raises(UnwritableOutput, match="No space left on device"):
            build(tiny, out)
    assert len(written) == 5
    assert before == contents(out.parent)
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def test_a_killed_build_leaves_the_old_or_the_new_one_whole(tmp_path: Path) -> None:
    """`kill -9` at ten moments while it writes; the next build clears up what was left."""
    data, out = write_sound_dataset(tmp_path), tmp_path / "o" / "out"
    build(load(data), out)
    whole = contents(out)
    command = [sys.executable, "-m", "cega_graph", "build", str(data), "-o", str(out)]
    chance, killed = random.Random(), 0
    for _ in range(10):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while running.poll() is None and not any(out.parent.glob(".out.part-*")):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.25))
        running.send_signal(signal.SIGKILL)
        _, told = running.communicate()
        killed += running.returncode == -signal.SIGKILL
        assert running.returncode in {0, -signal.SIGKILL}, told
        recover(out)
        assert whole == contents(out)
    assert killed > 0
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert [p.name for p in out.parent.iterdir()] == ["out"]
    assert whole == contents(out)
