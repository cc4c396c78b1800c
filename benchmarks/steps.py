"""One step a name; each is run in a process of its own by `benchmarks.__main__`."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.exports import EXPORTS
from cega_graph.model import Participation

ROWS: Final = 1_000_000
NAIVE_ROWS: Final = 50_000


def _participations(n: int) -> Iterator[Participation]:
    """Yield rows as a casebook gives them: few bodies, many projects, a place in the text for each."""
    roles = ("funder", "grantee", "executor", "co_initiator", "partner")
    for i in range(n):
        yield Participation(
            participation_id=f"p-{i:016x}",
            project_id=f"book-{i // 10}",
            organization_id=f"o-{i * 7919 % 100_003:010x}",
            role=roles[i % 5],
            basis="listed",
            source_id="book",
            section="项目合作方",
            label="资助对象",
            mention="芜湖青野社区发展促进中心",
            text_start=i * 20,
            text_end=i * 20 + 12,
        )


def _timed(turn: Callable[[Participation], str], n: int) -> tuple[int, float]:
    """Return the triples and the seconds of turning rows into text; making the rows is not counted."""
    triples, seconds = 0, 0.0
    rows = _participations(n)
    while chunk := list(islice(rows, 20_000)):
        start = time.perf_counter()
        for row in chunk:
            triples += turn(row).count("\n")
        seconds += time.perf_counter() - start
    return triples, seconds


def rows_to_ntriples() -> tuple[int, float]:
    """The product: rows streamed to N-Triples text."""
    from cega_graph.rdf.rows import participation_lines

    return _timed(participation_lines, ROWS)


def limit_ntriples() -> tuple[int, float]:
    """The limit: text of the same size by plain formatting, nothing looked up, nothing escaped."""
    base = "https://w3id.org/cega-graph/"
    term, place = f"<{base}ontology#participant>", f"{base}id/evidence/book/"

    def plain(row: Participation) -> str:
        node = f"<{base}id/participation/{row.participation_id}>"
        body, project = f"<{base}id/organization/{row.organization_id}>", f"<{base}id/project/{row.project_id}>"
        return (
            f"{node} {term} {term} .\n{node} {term} {term} .\n{node} {term} {term} .\n"
            f'{node} {term} "{row.label}"@zh .\n{node} {term} {project} .\n{node} {term} {body} .\n'
            f'{body} {term} {project} .\n{node} {term} "{row.mention}"@zh .\n'
            f"{node} {term} <{place}{row.text_start}-{row.text_end}> .\n"
        )

    return _timed(plain, ROWS)


def naive_ntriples() -> tuple[int, float]:
    """The naive way: rdflib, triple by triple, then serialised (on fewer rows)."""
    import rdflib

    ns = rdflib.Namespace("https://w3id.org/cega-graph/ontology#")
    graph = rdflib.Graph()
    start = time.perf_counter()
    for row in _participations(NAIVE_ROWS):
        node = ns[f"participation/{row.participation_id}"]
        body, project = ns[f"o/{row.organization_id}"], ns[f"p/{row.project_id}"]
        graph.add((node, rdflib.RDF.type, ns.Participation))
        graph.add((node, ns.project, project))
        graph.add((node, ns.participant, body))
        graph.add((node, ns.role, ns[row.role]))
        graph.add((node, ns.basis, ns[row.basis]))
        graph.add((node, ns.mention, rdflib.Literal(row.mention, lang="zh")))
        graph.add((node, ns.label, rdflib.Literal(row.label, lang="zh")))
        graph.add((node, ns.quoted, ns[f"e/{row.text_start}"]))
        graph.add((body, ns.funds, project))
    triples = graph.serialize(format="nt").count("\n")
    return triples, time.perf_counter() - start


def _book(copies: int) -> str:
    """An invented casebook of 12 cases, repeated with new numbers."""
    text = (Path(__file__).parent.parent / "tests/data/casebooks/book1.txt").read_text(encoding="utf-8")
    first = text.index("\n1 守望青海湖", text.index("CEGA 成员伙伴"))
    front, body = text[:first], text[first:]

    def renumbered(copy: int) -> str:
        return re.sub(r"(?m)^(\d{1,2})(?=[ )、]|$)", lambda m: str(int(m.group(1)) + 12 * copy), body)

    return front + "".join(renumbered(copy) for copy in range(copies))


def _extract(copies: int) -> tuple[int, float]:
    from cega_graph.extracting import write_extract
    from cega_graph.names.ledger import read_ledger
    from cega_graph.resources import root
    from cega_graph.sources.casebook import read_casebook
    from cega_graph.sources.text import read_text

    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book.txt"
        book.write_text(_book(copies), encoding="utf-8")
        start = time.perf_counter()
        extracted = read_casebook(read_text(book), book.name, read_ledger(root("data")), source_id="book")
        write_extract(extracted, Path(folder) / "data")
        return len(extracted.tables["participations"]), time.perf_counter() - start


def extract_small() -> tuple[int, float]:
    """A casebook of 12 cases: text → rows → data package."""
    return _extract(1)


def extract_large() -> tuple[int, float]:
    """A casebook of 1,200 cases: text → rows → data package."""
    return _extract(100)


def build_casebook() -> tuple[int, float]:
    """The bundled casebook → page, RDF, network files, tables."""
    from cega_graph.build import build
    from cega_graph.knowledge_graph import load

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        kg = load()
        build(kg, Path(folder) / "out")
        return len(kg.participations), time.perf_counter() - start


def _list_of_grants(folder: Path) -> Path:
    """Write 100,000 grants as a table and return it, its mapping beside it."""
    (folder / "m.toml").write_text(
        '[columns]\ntitle = "Title"\namount = "Amount"\ndate = "Year"\n[constants]\ncurrency = "USD"\n'
        '[roles]\nfunder = "Funder"\ngrantee = {column = "Grantee", split = false}\n',
        encoding="utf-8",
    )
    path = folder / "grants.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Title,Funder,Grantee,Amount,Year,Notes\n")
        for i in range(100_000):
            file.write(f"Grant {i},Fund {i % 97},Body {i * 7919 % 20_011},{i % 5003}00,{2000 + i % 25},note {i % 11}\n")
    return path


def read_table() -> tuple[int, float]:
    """Read a table by a mapping; writing the file is not counted."""
    from cega_graph.sources.files import File
    from cega_graph.sources.tables import read

    with tempfile.TemporaryDirectory() as folder:
        path = _list_of_grants(Path(folder))
        start = time.perf_counter()
        n = sum(1 for _ in read(File(path, mapping=Path(folder) / "m.toml"))) - 2
        return n, time.perf_counter() - start


def limit_table() -> tuple[int, float]:
    """Read the same table with pandas' C reader, which knows nothing of grants."""
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        path = _list_of_grants(Path(folder))
        start = time.perf_counter()
        n = len(pd.read_csv(path, dtype=str, keep_default_na=False))
        return n, time.perf_counter() - start


STEPS: Final[dict[str, tuple[Callable[[], tuple[int, float]], str]]] = {
    "participations to N-Triples": (rows_to_ntriples, "triples"),
    "… limit: plain string formatting": (limit_ntriples, "triples"),
    "… naive: rdflib Graph.add": (naive_ntriples, "triples"),
    "extract, 12 cases": (extract_small, "rows"),
    "extract, 1,200 cases": (extract_large, "rows"),
    "table by a mapping": (read_table, "rows"),
    "… limit: pandas' C reader": (limit_table, "rows"),
    "build of the casebook": (build_casebook, "rows"),
    **EXPORTS,
}
