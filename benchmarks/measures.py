"""Rankings and measures at the size of national grant data, beside networkx and rdflib on the same graph.

The donations list is the CC0 file that lies beside the checkout; without it an invented one of its size takes its
place, and the table says so. Graphs are seeded: few bodies give and get much, as in grant data.
"""

from __future__ import annotations

import gzip
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from scipy.sparse import csr_array

DONATIONS: Final = Path(__file__).resolve().parents[2] / "shared" / "realdata" / "donations-list" / "donations.csv.gz"
GRANTS: Final = 97_678
MILLION: Final = 1_000_000
LARGEST: Final = 7_500_000
"""Links of the largest public graph of who funds whom."""

CAP: Final = 60
"""Seconds after which networkx and rdflib are stopped; a time at the cap is a lower bound."""

_Step = tuple[int, float]


def _donations() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return participations and bodies of the donations list, one project a donation."""
    import pandas as pd

    if DONATIONS.is_file():
        with gzip.open(DONATIONS, "rt", encoding="utf-8") as file:
            listed = pd.read_csv(file, usecols=["donor", "donee"], dtype="str", keep_default_na=False)
        ends = {"funder": listed["donor"], "grantee": listed["donee"]}
    else:
        drawn = np.random.default_rng(1)
        ends = {role: pd.Series([f"{role} {n}" for n in drawn.zipf(1.3, GRANTS) % 23_000])
                for role in ("funder", "grantee")}  # fmt: skip
    n = len(ends["funder"])
    projects = [f"g-{i}" for i in range(n)]
    parts = [
        pd.DataFrame(
            {"project_id": projects, "organization_id": names, "role": role, "basis": "record", "grant_id": ""}
        )
        for role, names in ends.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["organization_id"] != ""]
    bodies = pd.DataFrame({"organization_id": sorted(set(rows["organization_id"]))})
    return rows, bodies.assign(name="", name_en="", kind="other")


def rank_all() -> _Step:
    """Rank the donors of the donations list by every measure but exact betweenness, ranges and resamples included."""
    from cega_graph.measures.ranking import MEASURES, rank

    rows, bodies = _donations()
    start = time.perf_counter()
    for by in MEASURES:
        if by != "betweenness":
            rank(rows, bodies, "funder", by=by)
    return rows["project_id"].nunique(), time.perf_counter() - start


def _links(n: int) -> tuple[int, Any, Any]:
    """Return the number of bodies and the ends of n seeded links, few bodies at many of them."""
    drawn = np.random.default_rng(n)
    bodies = n // 8
    ends = (np.minimum(drawn.pareto(0.9, n) * 5, bodies - 1).astype(np.int64), drawn.integers(0, bodies, n))
    return bodies, ends[0], ends[1]


def _matrix(n: int) -> csr_array:
    from scipy.sparse import coo_array

    bodies, source, target = _links(n)
    return coo_array((np.ones(n), (source, target)), shape=(bodies, bodies)).tocsr()


def _measured(n: int) -> _Step:
    from cega_graph.measures import centrality

    matrix = _matrix(n)
    start = time.perf_counter()
    centrality.pagerank(matrix)
    centrality.hits(matrix)
    centrality.components(matrix)
    both = (matrix + matrix.T).tocsr()
    both.setdiag(0)
    both.eliminate_zeros()
    centrality.core(both)
    return n, time.perf_counter() - start


def measures_million() -> _Step:
    """PageRank, HITS, components and core numbers of a million links."""
    return _measured(MILLION)


def measures_largest() -> _Step:
    """The same of 7.5 million links."""
    return _measured(LARGEST)


class _Late(Exception):
    """Time is over."""


@contextmanager
def _capped() -> Iterator[None]:
    def late(*_: object) -> None:
        raise _Late

    signal.signal(signal.SIGALRM, late)
    signal.alarm(CAP)
    try:
        yield
    except _Late:
        pass
    finally:
        signal.alarm(0)


def measures_networkx() -> _Step:
    """Networkx on the million links, stopped at the cap; building its graph counts, as it must be built."""
    import networkx as nx

    bodies, source, target = _links(MILLION)
    start = time.perf_counter()
    with _capped():
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_nodes_from(range(bodies))
        graph.add_edges_from(zip(source.tolist(), target.tolist(), strict=True))
        nx.pagerank(graph, tol=1e-8 / bodies, max_iter=1000)
        nx.hits(graph, max_iter=1000)
        list(nx.weakly_connected_components(graph))
        undirected = graph.to_undirected()
        undirected.remove_edges_from(list(nx.selfloop_edges(undirected)))
        nx.core_number(undirected)
    return MILLION, time.perf_counter() - start


def _funded() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 100,000 seeded funder rows in 50,000 projects of four themes."""
    import pandas as pd

    drawn = np.random.default_rng(1)
    n, projects = 100_000, 50_000
    rows = pd.DataFrame({
        "project_id": [f"g-{i}" for i in drawn.integers(0, projects, n)],
        "organization_id": [f"o-{i}" for i in np.minimum(drawn.pareto(0.9, n) * 5, 4_999).astype(int)],
        "role": "funder", "basis": "record", "grant_id": "",
    })  # fmt: skip
    themes = [f"theme {i % 4}" for i in range(projects)]
    return rows, pd.DataFrame({"project_id": [f"g-{i}" for i in range(projects)], "theme": themes})


def co_funding() -> _Step:
    """Co-funding pairs and the top funders of 100,000 grants, from the columns."""
    from cega_graph.measures.money import co_funding_pairs

    rows, projects = _funded()
    start = time.perf_counter()
    co_funding_pairs(rows, projects)
    rows.groupby("organization_id")["project_id"].nunique().nlargest(10)
    return len(rows), time.perf_counter() - start


_PAIRS: Final = """SELECT ?a ?b (COUNT(DISTINCT ?p) AS ?n)
    WHERE { ?a <x:f> ?p . ?b <x:f> ?p . FILTER(STR(?a) < STR(?b)) } GROUP BY ?a ?b ORDER BY DESC(?n) LIMIT 10"""
_TOP: Final = "SELECT ?a (COUNT(DISTINCT ?p) AS ?n) WHERE { ?a <x:f> ?p } GROUP BY ?a ORDER BY DESC(?n) LIMIT 10"


def co_funding_rdflib() -> _Step:
    """The same as SPARQL over rdflib, stopped at the cap; loading the graph does not count."""
    import rdflib

    rows, _ = _funded()
    graph = rdflib.Graph()
    funds = rdflib.URIRef("x:f")
    for body, project in zip(rows["organization_id"], rows["project_id"], strict=True):
        graph.add((rdflib.URIRef(f"x:{body}"), funds, rdflib.URIRef(f"x:{project}")))
    start = time.perf_counter()
    with _capped():
        for query in (_PAIRS, _TOP):
            list(graph.query(query))
    return len(rows), time.perf_counter() - start


def ask_all() -> _Step:
    """All questions with an example, in one process, the casebook loaded included."""
    from cega_graph.questions.catalogue import questions

    start = time.perf_counter()
    from cega_graph.knowledge_graph import load

    kg = load()
    asked = [q for q in questions().values() if all(not p.required or p.name in q.example for p in q.parameters)]
    for question in asked:
        kg.ask(question.id, **question.example)
    return len(asked), time.perf_counter() - start


STEPS: Final[dict[str, tuple[Callable[[], _Step], str]]] = {
    "all questions on the casebook": (ask_all, "questions"),
    "rank donors, ten measures with ranges": (rank_all, "grants"),
    "PageRank, HITS, components, core": (measures_million, "links"),
    f"… naive: networkx (at most {CAP} s)": (measures_networkx, "links"),
    "PageRank, HITS, components, core, large": (measures_largest, "links"),
    "co-funding pairs and top funders": (co_funding, "grants"),
    f"… naive: SPARQL on rdflib (at most {CAP} s)": (co_funding_rdflib, "grants"),
}
