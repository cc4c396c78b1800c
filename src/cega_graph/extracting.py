"""What a reader made → a data set's folder, with what is left for a person beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from cega_graph.package import write_tables
from cega_graph.sources.casebook import Extract
from cega_graph.sources.report import MESSAGES
from cega_graph.tabular import format_cell, guard_formula, write_text

OPEN_COLUMNS = ("name_a", "name_b", "verdict", "basis", "hint")


def write_extract(extracted: Extract, folder: Path) -> None:
    """Write the tables, `report.csv` and `names-to-decide.csv` of a data set; `curated/` is not touched.

    Raises:
        UnwritableOutput: The folder cannot be written; the tables are then as they were.
    """
    write_tables(folder, extracted.tables)
    write_text(folder / "report.csv", _report(extracted), encoding="utf-8-sig")
    write_text(folder / "names-to-decide.csv", _open_cases(extracted), encoding="utf-8-sig")


def _report(extracted: Extract) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(("code", "case", "section", "text", "detail", "text_start", "text_end", "message_zh", "message_en"))
    for note in extracted.notes:
        cells = (
            note.code,
            note.case,
            note.section,
            note.text,
            note.detail,
            note.text_start,
            note.text_end,
            *MESSAGES[note.code],
        )
        writer.writerow([guard_formula(format_cell(cell)) for cell in cells])
    return buffer.getvalue()


def _open_cases(extracted: Extract) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(OPEN_COLUMNS)
    for pair in extracted.open_cases:
        writer.writerow([guard_formula(cell) for cell in (pair.name_a, pair.name_b, "", "", pair.hint)])
    return buffer.getvalue()
