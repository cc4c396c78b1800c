"""One machine beside Spark on two local workers, over the same invented grants: times, memory, and that both agree."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.processes import Taken, measured
from cega_graph.engines.session import session
from cega_graph.engines.spark import build_on_spark
from cega_graph.knowledge_graph import load
from cega_graph.measures.tallies import Ranked, Total, contradicted, degrees, rankings, totals
from cega_graph.rdf import iter_lines
from cega_graph.writers.table_files import iter_csv

GRANTS: Final = 100_000
_TESTS: Final = str(Path(__file__).resolve().parent.parent / "tests")


def one_machine(data: Path, out: Path) -> None:
    """Write triples, totals and rankings, row by row."""
    out.mkdir()
    dataset = load(data).dataset
    with (out / "graph.nt").open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(iter_lines(dataset))
    named = contradicted(dataset.rows("grants"))
    (out / "totals.csv").write_bytes(b"".join(iter_csv(totals(dataset.rows("grants"), named), Total)))
    ranked = rankings(degrees(dataset.rows("participations")), dataset.rows("organizations"))
    (out / "rankings.csv").write_bytes(b"".join(iter_csv(ranked, Ranked)))


def on_spark(data: Path, out: Path) -> None:
    """Write the same, tables as Parquet and a report on two workers."""
    with session("local[2]") as spark:
        build_on_spark(spark, str(data), str(out))


def sorted_hash(out: Path) -> tuple[str, int, str]:
    """Return the sha256 of the sorted lines, their number, and the sha256 of totals and rankings."""
    parts = sorted((out / "graph.nt").glob("part-*")) if (out / "graph.nt").is_dir() else [out / "graph.nt"]
    lines = sorted(line for part in parts for line in part.read_bytes().splitlines())
    tables = hashlib.sha256((out / "totals.csv").read_bytes() + (out / "rankings.csv").read_bytes())
    return hashlib.sha256(b"\n".join(lines)).hexdigest(), len(lines), tables.hexdigest()


def _measured(name: str, data: Path, out: Path) -> Taken:
    """Run a step in a process of its own, and return what it and its children took."""
    code = (
        f"from pathlib import Path; from benchmarks import spark; spark.{name}(Path({str(data)!r}), Path({str(out)!r}))"
    )
    taken = measured([sys.executable, "-c", code])
    if taken is None:
        raise TimeoutError(name)
    return taken


def print_spark(grants: int = GRANTS) -> None:
    """Print one row an engine, and whether both made the same."""
    sys.path.append(_TESTS)
    from many_grants import write_many_grants

    print("| engine | grants | triples | seconds | CPU seconds | peak MB |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        data = write_many_grants(Path(folder) / "data", grants)
        made = []
        for name in ("one_machine", "on_spark"):
            seconds, cpu, peak, _ = _measured(name, data, Path(folder) / name)
            made.append(sorted_hash(Path(folder) / name))
            cells = (
                name.replace("_", " "),
                f"{grants:,}",
                f"{made[-1][1]:,}",
                f"{seconds:.1f}",
                f"{cpu:.1f}",
                f"{peak:.0f}",
            )
            print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\nsorted triples, totals and rankings are the same: {made[0] == made[1]} ({made[0][0][:16]})")
