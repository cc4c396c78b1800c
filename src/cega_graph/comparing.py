"""Lists of pairs of names: compared, or taken into the ledger once a person has decided."""

from __future__ import annotations

from pathlib import Path

from cega_graph.dates import is_date
from cega_graph.errors import InvalidData
from cega_graph.model import VERDICTS, Decision, table
from cega_graph.names.compare import compare
from cega_graph.names.ledger import Ledger, read_ledger
from cega_graph.names.normalize import normalize
from cega_graph.ordering import sort_rows
from cega_graph.sources.pairs import read_pairs
from cega_graph.tabular import format_csv, format_rows, guard_formula, write_text


def compare_file(path: Path, ledger: Ledger) -> str:
    """Return the pairs of a file with what is said of each, in the file's order.

    Args:
        path: CSV with the columns `name_a` and `name_b`; others are ignored.
        ledger: What people decided; it may be empty.

    Returns:
        CSV text with the columns `name_a`, `name_b`, `verdict` (`same`, `different` or `undecided`),
        `reason`; cells that a spreadsheet would take for formulas are guarded.

    Raises:
        UnreadableInput: The file is missing, is no CSV or lacks a column.
    """
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
        InvalidData: An unknown verdict, an empty name, or decisions that contradict each other; nothing is written.
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
    wrong += [
        f"{path.name}:{line}: a name is empty; every decision needs name_a and name_b"
        for line, row in enumerate(rows, start=2)
        if row.get("verdict", "").strip() and not (normalize(row["name_a"]) and normalize(row["name_b"]))
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
