"""A data set → the folder of everything that users open: page, RDF, network, tables, report."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cega_graph.errors import UnwritableOutput
from cega_graph.folders import recover, replacing
from cega_graph.model import TABLES, Source
from cega_graph.ordering import sort_rows

if TYPE_CHECKING:
    from cega_graph.knowledge_graph import KnowledgeGraph

FILES: Final = (
    "map.html", "graph.ttl", "graph.nt", "graph.jsonld", "graph.graphml", "graph.gexf",
    *(f"tables/{t.name}.csv" for t in TABLES), "tables.xlsx", "report.json",
)  # fmt: skip
"""What a build writes, in this order."""

_TABLES: Final = "|".join(t.name for t in TABLES)

BUILT: Final = re.compile(
    r"map\.html|graph\.(ttl|nt|jsonld|graphml|gexf)|tables\.xlsx|report\.json|(totals|rankings)\.csv"
    rf"|tables/({_TABLES})\.csv|tables/({_TABLES})\.parquet/(part-\d+\.parquet|_SUCCESS)|graph\.nt/(part-\d+\.nt|_SUCCESS)"
    r"|store/([0-9]{6,}\.(sst|log|dbtmp)|CURRENT|IDENTITY|LOCK|LOG(\.old\.[0-9]+)?|(MANIFEST|OPTIONS)-[0-9]+)"
)
"""The names of what builds write, of either size and on any engine; RocksDB gives those of `store/`."""


def build(
    kg: KnowledgeGraph, folder: Path, tell: Callable[[str], None] = lambda _: None, *, individuals: bool = False
) -> None:  # fmt: skip
    """Write all renderings into a folder, or leave the folder as it was.

    Args:
        kg: The graph.
        folder: It is replaced if it was made by a build, or is new or empty; anything else is refused.
        tell: Called with the name of each file before it is made.
        individuals: Show on the page the people too whom only rows of grant files name; the other
            files hold them in any case.

    Raises:
        UnwritableOutput: The folder cannot be written, or holds files that no build made.
    """
    with written_anew(folder) as part:
        for name, content in render(kg, tell, individuals=individuals):
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_bytes(content)


@contextmanager
def written_anew(folder: Path) -> Iterator[Path]:
    """Yield an empty folder to write a build into; it takes the place of `folder` when the block ends.

    Raises:
        UnwritableOutput: As for `build`, or another process is building there.
    """
    recover(Path(folder))
    _refuse_foreign(Path(folder))
    folder = Path(folder).resolve()
    try:
        with replacing(folder) as part:
            yield part
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror or error}; choose another folder with -o"
        raise UnwritableOutput(message) from None


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        message = f"{folder}: is a file; choose a folder with -o"
        raise UnwritableOutput(message)
    try:
        found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()}
    except OSError as error:
        message = f"{folder}: cannot be read: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None
    foreign = foreign_file(found)
    if foreign:
        message = f"{folder}: holds {foreign!r}, which no build made; choose a new or empty folder with -o"
        raise UnwritableOutput(message)


def foreign_file(found: Iterable[str]) -> str:
    """Return a file of a folder, relative to it, that no build wrote; an empty text if a build wrote all.

    >>> foreign_file(["report.json", "graph.nt", "notes.txt"]), foreign_file(["graph.nt"]), foreign_file([])
    ('notes.txt', 'graph.nt', '')
    """
    names = sorted(found)
    foreign = [name for name in names if not BUILT.fullmatch(name)]
    return next(iter(foreign or (names if "report.json" not in names else [])), "")


def render(
    kg: KnowledgeGraph, tell: Callable[[str], None] = lambda _: None, *, individuals: bool = False
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """Yield (name, content) of each file of a build; the same graph gives the same bytes.

    Args:
        kg: The graph; with its sentences, page and RDF hold them.
        tell: Is called with the name of each slow step before it begins.
        individuals: The page shows the people too whom only rows of grant files name.

    Yields:
        The names of `FILES`, each once, relative to the output folder, with `/`.
    """
    from cega_graph.store import parse_ntriples, to_turtle
    from cega_graph.writers.jsonld import to_jsonld
    from cega_graph.writers.network_files import to_gexf, to_graphml
    from cega_graph.writers.table_files import to_csv, to_xlsx

    tell("map.html")
    yield "map.html", kg.page(individuals=individuals).encode()
    tell("graph.nt")
    ntriples = kg.ntriples()
    triples = parse_ntriples(ntriples)
    yield "graph.nt", "".join(f"{line}\n" for line in sorted(ntriples.split("\n")[:-1])).encode()
    yield "graph.ttl", to_turtle(triples).encode()
    yield "graph.jsonld", to_jsonld(triples).encode()
    tell("graph.graphml")
    network = kg.network()
    yield "graph.graphml", to_graphml(network)
    yield "graph.gexf", to_gexf(network)
    tell("tables.xlsx")
    rows = {t.name: (t, sort_rows(kg.dataset.rows(t.name), t)) for t in TABLES}
    for name, (declared, some) in rows.items():
        yield f"tables/{name}.csv", to_csv(some, declared.row)
    yield "tables.xlsx", to_xlsx(rows)
    yield "report.json", (json.dumps(report(kg, len(triples)), ensure_ascii=False, indent=2) + "\n").encode()


def report(kg: KnowledgeGraph, triples: int) -> dict[str, Any]:
    """Return what a build holds, counted; the content of `report.json`.

    Args:
        kg: The graph.
        triples: How many triples its RDF has.

    Returns:
        `sources` (id, title, sha256 of each), `rows` (table → number, inferred rows included), `triples`,
        `participations` (number by role and basis), `organizations` (kind → number), `grants` (number, and
        of how many the amount is unknown), `projects_without_end` (ids), `replaced_on_page` (the fields of
        which map.html shows some characters, which no page can hold, as U+FFFD). Everything sorted.
    """
    from cega_graph.page import unshowable

    participations = Counter((row.role, row.basis) for row in kg.dataset.rows("participations"))
    kinds = Counter(row.kind for row in kg.dataset.rows("organizations"))
    unknown = Counter(row.amount is None for row in kg.dataset.rows("grants"))
    undated = [p.project_id for p in kg.dataset.rows("projects") if not p.end_date]
    return {
        "sources": [
            {"source_id": s.source_id, "title": s.title, "sha256": s.sha256} for s in kg.dataset.rows("sources")
        ],
        "rows": {t.name: sum(1 for _ in kg.dataset.rows(t.name)) for t in TABLES},
        "triples": triples,
        "participations": [
            {"role": role, "basis": basis, "n": n} for (role, basis), n in sorted(participations.items())
        ],
        "organizations": dict(sorted(kinds.items())),
        "grants": {"n": unknown.total(), "amount_unknown": unknown[True]},
        "projects_without_end": sorted(undated),
        "replaced_on_page": [msgspec.structs.asdict(field) for field in unshowable(kg.dataset)],
    }


def counted_report(numbers: Mapping[tuple[str, ...], int], sources: Iterable[Source]) -> dict[str, Any]:
    """Return the content of `report.json` of a build that holds no table in memory.

    Args:
        numbers: `("rows", table)`, `("triples",)`, `("participations", role, basis)`, `("organizations", kind)`,
            `("grants", "amount_unknown")`, `("left_out", reason)` → how many.

    Returns:
        `sources`, `rows` by table, `triples`, `participations` by role and basis, `organizations` by kind,
        `grants`, and `left_out`: how many rows the tables cannot hold, by reason. Everything sorted.
    """

    def of(name: str) -> list[tuple[tuple[str, ...], int]]:
        return sorted((key[1:], n) for key, n in numbers.items() if key[0] == name)

    rows = {name: n for (name,), n in of("rows")}
    return {
        "sources": [{"source_id": s.source_id, "title": s.title, "sha256": s.sha256} for s in sources],
        "rows": {t.name: rows.get(t.name, 0) for t in TABLES},
        "triples": numbers.get(("triples",), 0),
        "participations": [{"role": role, "basis": basis, "n": n} for (role, basis), n in of("participations")],
        "organizations": {kind: n for (kind,), n in of("organizations")},
        "grants": {"n": rows.get("grants", 0), "amount_unknown": numbers.get(("grants", "amount_unknown"), 0)},
        "left_out": {why: n for (why,), n in of("left_out")},
    }
