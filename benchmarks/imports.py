"""`python -m benchmarks imports [GRANTS …]`: grant files → tables, beside reading them and parsing them alone."""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.processes import measured
from benchmarks.scale import write_grants

SIZES: Final = (10_000, 100_000)


def write_lines(path: Path, n: int) -> None:
    """Write the grants of `write_grants` as JSON lines."""
    cells = write_grants(path.with_suffix(".csv"), n)
    with cells.open(encoding="utf-8", newline="") as rows, path.open("w", encoding="utf-8") as file:
        for number, title, about, currency, amount, date, to, grantee, by, funder in islice(csv.reader(rows), 1, None):
            grant = {
                "id": number, "title": title, "description": about, "currency": currency,
                "amountAwarded": float(amount), "awardDate": date, "fundingOrganization": [{"id": by, "name": funder}],
                "recipientOrganization": [{"id": to, "name": grantee}],
            }  # fmt: skip
            file.write(json.dumps(grant) + "\n")
    cells.unlink()


def imported(path: Path) -> None:
    """The product: file → tables."""
    from cega_graph.importing import import_files
    from cega_graph.names.ledger import Ledger

    import_files([path], path.parent / "data", Ledger())


def imported_alone(path: Path) -> None:
    """The same in one process, whatever the size of the file."""
    from cega_graph.sources import apart

    apart.LARGE = apart.LARGE_PACKED = sys.maxsize
    imported(path)


def read(path: Path) -> None:
    """The reader alone: file → records."""
    from cega_graph.sources.files import File
    from cega_graph.sources.recognise import recognise

    file = File(path)
    for _ in recognise(file).read(file):
        pass


def parsed(path: Path) -> None:
    """The parser alone: pandas' C reader, or msgspec line by line."""
    if path.suffix == ".csv":
        import pandas as pd

        pd.read_csv(path, dtype=object, na_filter=False)
        return
    import msgspec

    decode = msgspec.json.Decoder().decode
    with path.open("rb") as file:
        for line in file:
            decode(line)


_STEPS: Final[dict[str, Callable[[Path], None]]] = {
    "import": imported, "… in one process": imported_alone, "… reader alone": read, "… parser alone": parsed,
}  # fmt: skip
_FILES: Final[dict[str, Callable[[Path, int], object]]] = {"grants.csv": write_grants, "grants.jsonl": write_lines}


def print_imports(*sizes: int) -> None:
    """Print a table: a line for each file, size and step."""
    print("| file | grants | step | seconds | CPU seconds | grants per second | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for n in sizes or SIZES:
        for form, write in _FILES.items():
            with tempfile.TemporaryDirectory(prefix="cega-graph-") as folder:
                path = Path(folder) / form
                write(path, n)
                for name, step in _STEPS.items():
                    run = f"imports.{step.__name__}(Path(sys.argv[1]))"
                    code = f"import sys; from pathlib import Path; from benchmarks import imports; {run}"
                    taken = measured([sys.executable, "-c", code, str(path)])
                    if taken is None:
                        continue
                    cells = (form, f"{n:,}", name, f"{taken.seconds:.2f}", f"{taken.cpu:.1f}",
                             f"{n / taken.seconds:,.0f}", f"{taken.peak:.0f}")  # fmt: skip
                    print(f"| {' | '.join(cells)} |", flush=True)
