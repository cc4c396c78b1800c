"""The on-disk store: who may open it, what a damaged one says, that its worker reaches nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from cega_graph.cli import main
from cega_graph.errors import StoppedQuery, UnreadableInput
from cega_graph.store.client import Worker, store_load
from cega_graph.store.disk import open_store, store_of, write_store

LINES = "".join(f'<a:{n}> <a:p> "{n}"@zh .\n' for n in range(300))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Return a folder that holds the store of `LINES`."""
    (tmp_path / "x.nt").write_text(LINES, encoding="utf-8")
    write_store(tmp_path / "x.nt", tmp_path / "store")
    return tmp_path


def run_python(code: str, *arguments: object) -> str:
    """Return what a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    return done.stdout + done.stderr


def test_its_worker_answers_and_is_stopped(store: Path) -> None:
    """As the worker of any other graph."""
    worker = Worker(store_load(store))
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert [row[0].value for row in worker.ask(text).rows if row[0]] == ["300"]
    with pytest.raises(StoppedQuery, match="stopped after 1 s"):
        worker.ask("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }", seconds=1)
    assert worker.ask("ASK { <a:7> ?p '7'@zh }").truth
    worker.close()


def test_two_can_read_at_once(store: Path) -> None:
    workers = [Worker(store_load(place)) for place in (store, store / "store")]
    assert [worker.ask("ASK { ?s ?p ?o }").truth for worker in workers] == [True, True]
    for worker in workers:
        worker.close()


def test_a_store_that_is_written_elsewhere_gets_one_line(store: Path) -> None:
    """Opening it while another process writes would be undefined."""
    held = ox.Store(store / "store")
    done = run_python("from cega_graph.cli import main; main()", "query", "--store", store, "ASK {}")
    assert done == (
        f"cega-graph: {store}/store: the store is open for writing elsewhere; stop that program, or copy the folder\n"
    )
    del held


def test_nobody_writes_while_it_is_read(store: Path) -> None:
    opened = open_store(store / "store")
    assert "While lock file" in run_python("import pyoxigraph as ox, sys; ox.Store(sys.argv[1])", store / "store")
    assert len(opened) == 300


def test_what_is_no_store_gets_a_sentence(tmp_path: Path, store: Path) -> None:
    """Nothing there, another file there, or a damaged store."""
    with pytest.raises(UnreadableInput, match=r"none: holds no store; make one with `cega-graph build DATA --no-page"):
        store_of(tmp_path / "none")
    manifest = next((store / "store").glob("MANIFEST-*"))
    manifest.write_bytes(manifest.read_bytes()[:20])
    with pytest.raises(UnreadableInput, match=r"store: the store cannot be opened \(.*\); build it again"):
        Worker(store_load(store)).ask("ASK {}")


def test_a_store_takes_one_engine_and_one_place(store: Path) -> None:
    for arguments, said in (
        (["--engine", "rdflib"], "a store is answered by oxigraph; give --data for another engine"),
        (["--endpoint", "http://127.0.0.1:9/"], "give --store or --endpoint, not both"),
    ):
        done = CliRunner().invoke(main, ["query", "ASK {}", "--store", str(store), *arguments])
        assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
def test_the_kernel_refuses_sockets_and_still_opens_files() -> None:
    """Even to a query that no guard has seen."""
    code = """
import pyoxigraph as ox, socket
from cega_graph.store.sockets import refuse_sockets
store = ox.Store()
assert refuse_sockets()
for attempt in (lambda: list(store.query("SELECT * { SERVICE <http://127.0.0.1:8099/> { ?s ?p ?o } }")),
                lambda: socket.socket(), lambda: open("/dev/null").close()):
    try:
        attempt()
        print("did it")
    except OSError as error:
        print(type(error).__name__)
"""
    assert run_python(code).split() == ["PermissionError", "PermissionError", "did", "it"]
