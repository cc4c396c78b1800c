"""What a reader made → a data set's folder, with what is left for a person beside it."""

from __future__ import annotations

from pathlib import Path

from cega_graph.package import make_folder, write_tables
from cega_graph.sources.casebook import Extract
from cega_graph.sources.pairs import OPEN_CASES, format_open_cases
from cega_graph.sources.report import MESSAGES
from cega_graph.tabular import format_cell, format_csv, guard_formula, write_text

_NOTE_COLUMNS = ("code", "case", "section", "text", "detail", "text_start", "text_end")


SOURCE_TEXT = "source.txt"


def write_extract(extracted: Extract, folder: Path, *, text: str = "") -> None:
    """Write the tables, `report.csv` and `names-to-decide.csv` of a data set; `curated/` is not touched.

    Verdicts that a person has filled into an older `names-to-decide.csv` are kept.

    Args:
        text: Of a PDF, the text that the offsets refer to; it becomes `source.txt`.

    Raises:
        UnwritableOutput: The folder cannot be written; the tables are then as they were.
        UnreadableInput: An older `names-to-decide.csv` or `datapackage.json` cannot be read; nothing
            is written.
    """
    open_cases = format_open_cases(extracted.open_cases, folder / OPEN_CASES)
    make_folder(folder)
    beside = {"report.csv": _report(extracted), OPEN_CASES: open_cases}
    for name, content in beside.items():
        write_text(folder / f".{name}.new", content, encoding="utf-8-sig")
    if text:
        beside[SOURCE_TEXT] = text
        write_text(folder / f".{SOURCE_TEXT}.new", text)
    try:
        write_tables(folder, extracted.tables)
        for name in beside:
            (folder / f".{name}.new").replace(folder / name)
    finally:
        for name in beside:
            (folder / f".{name}.new").unlink(missing_ok=True)


def _report(extracted: Extract) -> str:
    lines = (
        [guard_formula(format_cell(c)) for c in (*(getattr(note, k) for k in _NOTE_COLUMNS), *MESSAGES[note.code])]
        for note in extracted.notes
    )
    return format_csv((*_NOTE_COLUMNS, "message_zh", "message_en"), lines)
