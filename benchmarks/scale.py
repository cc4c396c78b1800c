"""`python -m benchmarks scale [GRANTS …]`: a grant file from end to end, beside the naive way and the limit.

Each step runs in a process of its own on what the step before it wrote. Files are made before the clock starts.
"""

from __future__ import annotations

import csv
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.processes import Taken, measured

SIZES: Final = (10_000, 100_000, 1_000_000)

NAIVE_AT: Final = 100_000
"""The naive ways are measured up to this size; at ten times it they need more memory or time than there is."""

_CAP: Final = 300.0
"""Seconds after which a naive way is stopped."""

_TRIPLES: Final = 41
"""Of a grant with its project, two parties and its place."""


def write_grants(path: Path, n: int, seed: int = 7) -> Path:
    """Write n grants as a CSV file with the column titles of 360Giving.

    A third as many bodies as grants are drawn from, with heavy tails: few fund much, few receive often,
    most once.
    """
    drawn = random.Random(seed)  # noqa: S311 - the same file each time
    bodies, funders = max(10, n // 3), max(10, n // 300)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([
            "Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date",
            "Recipient Org:Identifier", "Recipient Org:Name", "Funding Org:Identifier", "Funding Org:Name",
        ])  # fmt: skip
        for i in range(n):
            grantee = bodies - 1 - int(drawn.paretovariate(0.4)) % bodies
            funder = int(drawn.paretovariate(0.8)) % funders
            writer.writerow([
                f"360G-x-{i}", f"Keep wetland {i}", f"To keep the wetland number {i} for the people", "GBP",
                f"{drawn.randrange(1, 10**7) / 100:.2f}", f"20{10 + i % 14}-05-1{i % 10}",
                f"GB-CHC-{1_000_000 + grantee}", f"Example Trust {grantee}",
                f"GB-COH-{2_000_000 + funder}", f"Funder Foundation {funder}",
            ])  # fmt: skip
    return path


def rows_and_triples(folder: Path) -> None:
    """The product: tables → checked rows → Parquet tables, N-Triples, totals, rankings; no store."""
    from cega_graph.bulk.build import make_parts
    from cega_graph.bulk.part import Setup
    from cega_graph.knowledge_graph import load

    out = folder / "parts"
    out.mkdir()
    kg = load(folder / "data")
    make_parts(Setup(kg.dataset, None, out, "parquet"), lambda *_: None)


def store(folder: Path) -> None:
    """The product: N-Triples → an on-disk store."""
    from cega_graph.store.disk import write_store

    write_store(folder / "parts" / "graph.nt", folder / "store")


def limit_store(folder: Path) -> None:
    """The limit: pyoxigraph's bulk loader on the same lines, nothing else."""
    import pyoxigraph as ox

    with (folder / "parts" / "graph.nt").open("rb") as file:
        ox.Store(folder / "bare").bulk_load(input=file, format=ox.RdfFormat.N_TRIPLES)


def limit_read(folder: Path) -> None:
    """The limit: the bytes of the grant file, read and split into cells by pandas' C reader."""
    import pandas as pd

    pd.read_csv(folder / "grants.csv", dtype=str, keep_default_na=False)


def limit_format(folder: Path) -> None:
    """The limit: as many lines of the same length by plain formatting into a file; nothing read, looked up, escaped."""
    base = "https://w3id.org/cega-graph"
    with (folder / "plain.nt").open("w", encoding="utf-8", newline="\n") as file:
        for i in range(_n_grants(folder)):
            node = f"<{base}/id/participation/p-{i:016x}>"
            file.write(
                "".join([f'{node} <{base}/ontology#predicate> "Keep wetland number {i}, part {j}, for the people" .\n'
                         for j in range(_TRIPLES)])
            )  # fmt: skip
    (folder / "plain.nt").unlink()


def _n_grants(folder: Path) -> int:
    with (folder / "grants.csv").open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) - 1


def naive_graph(folder: Path) -> None:
    """The naive way: pandas reads the grants, rdflib takes as many triples one by one and writes them."""
    import pandas as pd
    import rdflib

    ns = rdflib.Namespace("https://w3id.org/cega-graph/ontology#")
    graph = rdflib.Graph()
    for number, row in enumerate(pd.read_csv(folder / "grants.csv", dtype=str).itertuples(index=False)):
        node = ns[f"grant/{number}"]
        for at in range(_TRIPLES):
            graph.add((node, ns[f"p{at}"], rdflib.Literal(f"{row[at % len(row)]}, {at}")))
    graph.serialize(folder / "naive.nt", format="nt")
    (folder / "naive.nt").unlink()


def naive_rank(folder: Path) -> None:
    """The naive way: pandas reads the grants, networkx holds them and ranks by PageRank."""
    import networkx as nx
    import pandas as pd

    frame = pd.read_csv(folder / "grants.csv", dtype=str)
    graph: Any = nx.MultiDiGraph()
    for row in frame.itertuples(index=False):
        graph.add_edge(row[8], row[6], amount=row[4])
    sorted(nx.pagerank(graph).items(), key=lambda item: -item[1])[:10]


def co_funding(folder: Path) -> str:
    """The product: co-funding pairs from the columns; prints the seconds without reading the tables."""
    from cega_graph.knowledge_graph import load
    from cega_graph.measures.money import co_funding_pairs

    kg = load(folder / "data")
    rows, projects = kg.participations, kg.projects
    start = time.perf_counter()
    co_funding_pairs(rows, projects)
    return f"{time.perf_counter() - start}"


def limit_co_funding(folder: Path) -> str:
    """The limit: scipy's sparse product of funders and projects; prints the seconds of the product."""
    import numpy as np
    import pandas as pd
    from scipy import sparse

    frame = pd.read_csv(folder / "data" / "tables" / "participations.csv", dtype=str, keep_default_na=False)
    frame = frame[frame["role"] == "funder"]
    start = time.perf_counter()
    projects, funders = frame["project_id"].factorize()[0], frame["organization_id"].factorize()[0]
    matrix = sparse.csr_matrix((np.ones(len(frame)), (funders, projects)))
    sparse.triu(matrix @ matrix.T, k=1).tocoo()
    return f"{time.perf_counter() - start}"


def check_rows(folder: Path) -> None:
    """The product: `check` without its shapes."""
    from cega_graph.check import check
    from cega_graph.knowledge_graph import load

    check(load(folder / "data").dataset, shapes=False)


def check_shapes(folder: Path) -> None:
    """The product: tables → triples, validated with the shapes; what `check` adds to its other rules."""
    from cega_graph.knowledge_graph import load
    from cega_graph.rdf import iter_lines
    from cega_graph.shapes import breaks

    breaks(iter_lines(load(folder / "data").dataset))


def naive_shapes(folder: Path) -> None:
    """The naive way: rdflib reads the triples, pySHACL validates them."""
    import pyshacl
    import rdflib

    from cega_graph.resources import root
    from cega_graph.shapes import VOCABULARIES

    data = rdflib.Graph().parse(folder / "parts" / "graph.nt", format="nt")
    for name in VOCABULARIES:
        data.parse(root("ontology") / name)
    pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(root("ontology") / "shapes.ttl"), inplace=True)


class Step(NamedTuple):
    """A line of the table: its name, what runs it (a command of `cega-graph`, or a function of this module).

    It is measured up to the size `largest`, a naive way up to `NAIVE_AT` at most, and stopped after `seconds`.
    """

    name: str
    run: Callable[[Path], Sequence[str]]
    naive: bool = False
    is_timed_inside: bool = False
    largest: int = SIZES[-1]
    seconds: float = 3600


def _command(*words: str) -> Callable[[Path], Sequence[str]]:
    return lambda folder: [sys.executable, "-m", "cega_graph", *(word.format(folder=folder) for word in words)]


def _function(function: Callable[[Path], object]) -> Callable[[Path], Sequence[str]]:
    name = function.__name__
    code = (
        f"import sys; from pathlib import Path; from benchmarks.scale import {name}; print({name}(Path(sys.argv[1])))"
    )
    return lambda folder: [sys.executable, "-c", code, str(folder)]


STEPS: Final = (
    Step("`import grants.csv`: rows → tables", _command("import", "{folder}/grants.csv", "-o", "{folder}/data")),
    Step("… limit: pandas' C reader on the file", _function(limit_read)),
    Step("tables → Parquet, N-Triples, totals, rankings", _function(rows_and_triples)),
    Step("… limit: plain formatting of as many lines", _function(limit_format)),
    Step("… naive: pandas and rdflib, as many triples", _function(naive_graph), naive=True),
    Step("`check`: integrity and shapes", _command("check", "{folder}/data"), largest=NAIVE_AT),
    Step("… integrity alone", _function(check_rows), largest=NAIVE_AT),
    Step("… shapes alone", _function(check_shapes), largest=NAIVE_AT),
    Step("… naive: shapes by pySHACL", _function(naive_shapes), naive=True, largest=10_000, seconds=120),
    Step("N-Triples → on-disk store", _function(store)),
    Step("… limit: pyoxigraph's bulk loader", _function(limit_store)),
    Step("`rank funder`", _command("rank", "funder", "--data", "{folder}/data")),
    Step("`rank funder --by pagerank`", _command("rank", "funder", "--by", "pagerank", "--data", "{folder}/data")),
    Step("… naive: pandas and networkx, PageRank", _function(naive_rank), naive=True),
    Step("`ask CQ04` (who funds most)", _command("ask", "CQ04", "--data", "{folder}/data")),
    Step("co-funding pairs, tables read", _function(co_funding), is_timed_inside=True),
    Step("… limit: scipy's sparse product", _function(limit_co_funding), is_timed_inside=True),
    Step("`query` on the store: grants by type", _command(
        "query", "SELECT ?t (COUNT(?g) AS ?n) {{ ?g cega:grantType ?t }} GROUP BY ?t", "--store", "{folder}/store",
    )),
    Step("`map --focus`, two steps, 200 nodes", _command(
        "map", "{folder}/data", "--focus", "GB-COH-2000003", "--steps", "2", "--top", "200",
        "-o", "{folder}/map.html",
    )),
)  # fmt: skip
"""In this order: each works on what others before it wrote."""


def measured_sizes(sizes: Sequence[int]) -> Iterator[tuple[int, Step, Taken | None]]:
    """Yield the size, the step, and what it took; None if it was stopped."""
    for n in sizes:
        with tempfile.TemporaryDirectory(prefix="cega-graph-") as name:
            folder = Path(name)
            write_grants(folder / "grants.csv", n)
            for step in STEPS:
                if n > (min(step.largest, NAIVE_AT) if step.naive else step.largest):
                    continue
                taken = measured(step.run(folder), seconds=min(step.seconds, _CAP) if step.naive else step.seconds)
                if taken and step.is_timed_inside:
                    taken = taken._replace(seconds=float(taken.said))
                yield n, step, taken


def print_scale(sizes: Sequence[int] = SIZES) -> None:
    """Print a table: a line for each step and size, with the ratio to the size before it."""
    print("| step | grants | seconds | × the size before | CPU seconds | grants per second | peak MB |")
    print("|---|---|---|---|---|---|---|")
    before: dict[str, Taken] = {}
    for n, step, taken in measured_sizes(sizes):
        name = step.name
        if taken is None:
            print(f"| {name} | {n:,} | over {min(step.seconds, _CAP):.0f} | | | | |", flush=True)
            continue
        grew = f"{taken.seconds / before[name].seconds:.1f}" if name in before else ""
        rate = f"{n / taken.seconds:,.0f}"
        cells = (name, f"{n:,}", f"{taken.seconds:.2f}", grew, f"{taken.cpu:.1f}", rate, f"{taken.peak:.0f}")
        print(f"| {' | '.join(cells)} |", flush=True)
        before[name] = taken
