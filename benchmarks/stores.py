"""Steps on stores and servers: the graph of 100,000 grants, written once before the clock starts."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from cega_graph.model import Grant, Organization, Participation, Project
from cega_graph.rdf.rows import grant_lines, organization_lines, participation_lines, project_lines

GRANTS: Final = 100_000
BODIES: Final = 30_000


def grant_texts(n: int, seed: int = 1) -> Iterator[str]:
    """Yield the N-Triples of a grant file: few large funders, many small grantees, one project a grant."""
    chance = random.Random(seed)  # noqa: S311 - the same graph each time
    for body in range(BODIES):
        yield organization_lines(Organization(organization_id=f"o-{body:010x}", name=f"机构{body}", kind="ngo"))
    for i in range(n):
        project, grant = f"file-{i}", f"g-{i:016x}"
        source, row = "file", f"row={i + 2}"
        yield project_lines(
            Project(project_id=project, title=f"项目 {i}", start_date="2024", source_id=source, locator=row)
        )
        yield grant_lines(
            Grant(grant_id=grant, project_id=project, amount=Decimal(chance.randrange(1, 10**6)), currency="CNY",
                  source_id=source, locator=row)
        )  # fmt: skip
        for role in ("funder", "grantee"):
            body = int(chance.paretovariate(0.7 if role == "funder" else 0.3)) % BODIES
            yield participation_lines(
                Participation(participation_id=f"p-{role[0]}{i:015x}", project_id=project, grant_id=grant,
                              organization_id=f"o-{body:010x}", role=role, basis="record", source_id=source,
                              locator=row)
            )  # fmt: skip


@contextmanager
def graph_file() -> Iterator[tuple[Path, int]]:
    """Give a folder with `graph.nt` and the number of its lines."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.nt"
        count = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for text in grant_texts(GRANTS):
                file.write(text)
                count += text.count("\n")
        yield Path(folder), count


def store_load() -> tuple[int, float]:
    """The product: `graph.nt` → an on-disk store that is optimised and flushed."""
    from cega_graph.store.disk import write_store

    with graph_file() as (folder, count):
        start = time.perf_counter()
        write_store(folder / "graph.nt", folder / "store")
        return count, time.perf_counter() - start


def limit_store_load() -> tuple[int, float]:
    """The limit: pyoxigraph's own bulk loader on the same lines."""
    import pyoxigraph as ox

    with graph_file() as (folder, count):
        start = time.perf_counter()
        store = ox.Store(folder / "store")
        store.bulk_load(path=folder / "graph.nt", format=ox.RdfFormat.N_TRIPLES)
        del store
        return count, time.perf_counter() - start


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run Oxigraph's server on an empty folder and give the address of its queries."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or "oxigraph"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [program, "serve", "-l", str(folder / "server"), "-b", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(200):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.kill()
        process.wait()


def _loaded(way: str) -> tuple[int, float]:
    from cega_graph.store.journal import Journal
    from cega_graph.store.loading import Server, load
    from cega_graph.tabular import iter_text

    with graph_file() as (folder, count), server(folder) as url:
        start = time.perf_counter()
        done = load(lambda: iter_text(folder / "graph.nt"), Server(url, way=way), Journal(folder / "j"), lambda _: None)
        seconds = time.perf_counter() - start
        if done.after != count:
            message = f"{done.after} of {count} triples arrived"
            raise RuntimeError(message)
        return count, seconds


def load_by_graph_store() -> tuple[int, float]:
    """The product: to a server on this machine by the Graph Store Protocol, counted before and after."""
    return _loaded("gsp")


def load_by_update() -> tuple[int, float]:
    """The product: the same by INSERT DATA."""
    return _loaded("update")


def limit_load() -> tuple[int, float]:
    """The limit: the whole file in one request of the Graph Store Protocol, nothing counted."""
    import urllib.request

    with graph_file() as (folder, count), server(folder) as url:
        content = (folder / "graph.nt").read_bytes()
        target = url.replace("/query", "/store?default")
        request = urllib.request.Request(target, content, {"Content-Type": "application/n-triples"})  # noqa: S310
        start = time.perf_counter()
        with urllib.request.urlopen(request) as response:  # noqa: S310
            response.read()
        return count, time.perf_counter() - start


STORE_STEPS: Final[dict[str, tuple[Callable[[], tuple[int, float]], str]]] = {
    "100k grants: on-disk store": (store_load, "triples"),
    "… limit: pyoxigraph's bulk loader": (limit_store_load, "triples"),
    "100k grants: load to a server, Graph Store Protocol": (load_by_graph_store, "triples"),
    "100k grants: load to a server, INSERT DATA": (load_by_update, "triples"),
    "… limit: one request, uncounted": (limit_load, "triples"),
}
