"""CSV files of pairs of names, as people fill them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cega_graph.errors import UnreadableInput
from cega_graph.names.resolve import OpenCase
from cega_graph.sources.text import read_text
from cega_graph.tabular import format_csv, guard_formula, unguard_formula

OPEN_CASES: Final = "names-to-decide.csv"
OPEN_COLUMNS: Final = ("name_a", "name_b", "verdict", "basis", "hint")


def read_pairs(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with columns `name_a`, `name_b`; UTF-8 or GB18030, BOM or not.

    Raises:
        UnreadableInput: It is not readable, or lacks one of the columns.
    """
    text = read_text(path).text
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        missing = [c for c in ("name_a", "name_b") if c not in (reader.fieldnames or ())]
        if missing:
            message = f"{path.name}:1: column {missing[0]!r} is missing; the first line must be name_a,name_b"
            raise UnreadableInput(message)
        return [{k: unguard_formula(v or "") for k, v in row.items() if isinstance(k, str)} for row in reader]
    except csv.Error as error:
        message = f"{path.name}: not readable as CSV: {error}"
        raise UnreadableInput(message) from None


def format_open_cases(cases: Iterable[OpenCase], path: Path) -> str:
    """Return the pairs that a person should decide as CSV text, sorted.

    Args:
        cases: What is open now.
        path: An older list; verdicts that a person has filled into it are kept.

    Raises:
        UnreadableInput: The older list cannot be read.
    """
    rows = {(pair.name_a, pair.name_b): ("", "", pair.hint) for pair in cases}
    for old in read_pairs(path) if path.exists() else ():
        if old.get("verdict"):
            rows[old["name_a"], old["name_b"]] = (old["verdict"], old.get("basis", ""), old.get("hint", ""))
    lines = ((*pair, *rest) for pair, rest in sorted(rows.items()))
    return format_csv(OPEN_COLUMNS, ([guard_formula(cell) for cell in cells] for cells in lines))
