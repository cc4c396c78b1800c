"""Lists of pairs of names: compared, or taken into the ledger once a person has decided."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cega_graph.dates import is_date
from cega_graph.errors import InvalidData, UnreadableInput
from cega_graph.model import VERDICTS, Decision, table
from cega_graph.names.compare import compare
from cega_graph.names.ledger import Ledger, read_ledger
from cega_graph.names.normalize import normalize
from cega_graph.sources.text import read_text
from cega_graph.tabular import format_csv, format_rows, guard_formula, sort_rows, unguard_formula, write_text


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


def compare_file(path: Path, ledger: Ledger) -> str:
    """Return the pairs of a file as CSV text with `verdict` and `reason`, in the file's order."""
    pairs = ((row["name_a"], row["name_b"]) for row in read_pairs(path))
    compared = ((a, b, compare(a, b, ledger)) for a, b in pairs)
    lines = ([guard_formula(c) for c in (a, b, found.verdict, found.reason)] for a, b, found in compared)
    return format_csv(("name_a", "name_b", "verdict", "reason"), lines)


def apply_decisions(path: Path, folder: Path, decided_by: str, decided_on: str) -> tuple[int, int]:
    """Take a filled-in list of open cases into a ledger; a later verdict on a pair replaces an earlier one.

    Args:
        path: CSV with `name_a`, `name_b`, `verdict` and perhaps `basis`.
        folder: Its `decisions.csv` is written anew, whole or not at all.
        decided_by: Who decided.
        decided_on: When, ISO 8601, or an empty text.

    Returns:
        How many decisions were taken in, and how many rows have no verdict yet.

    Raises:
        InvalidData: An unknown verdict, or decisions that contradict each other; nothing is written.
    """
    if decided_on and not is_date(decided_on):
        message = f"--on: {decided_on!r} is not a date; write 2026-01-31"
        raise InvalidData([message])
    rows = read_pairs(path)
    wrong = [
        f"{path.name}:{line} verdict: {row['verdict']!r} is not one of {', '.join(VERDICTS)}"
        for line, row in enumerate(rows, start=2)
        if row.get("verdict", "").strip() not in ("", *VERDICTS)
    ]
    if wrong:
        raise InvalidData(wrong)
    taken = [
        Decision(
            name_a=row["name_a"], name_b=row["name_b"], verdict=row["verdict"].strip(), decided_by=decided_by,
            decided_on=decided_on, basis=row.get("basis", ""),
        )
        for row in rows
        if row.get("verdict", "").strip()
    ]  # fmt: skip
    new = {frozenset((normalize(d.name_a), normalize(d.name_b))) for d in taken}
    old = read_ledger(folder)
    kept = [d for d in old.decisions if frozenset((normalize(d.name_a), normalize(d.name_b))) not in new]
    Ledger([*kept, *taken], old.known.values())
    declared = table("decisions")
    write_text(folder / "decisions.csv", format_rows(sort_rows([*kept, *taken], declared), Decision))
    return len(taken), len(rows) - len(taken)
