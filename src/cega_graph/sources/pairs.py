"""CSV files of pairs of names, as people fill them in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cega_graph.errors import UnreadableInput
from cega_graph.sources.text import read_text
from cega_graph.tabular import unguard_formula


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
