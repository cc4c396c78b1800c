"""What a reader made, written to a data set's folder."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cega_graph.errors import UnwritableOutput
from cega_graph.extracting import write_extract
from cega_graph.model import TABLES, Participation, table
from cega_graph.ordering import sort_rows
from cega_graph.tabular import read_rows
from factories import TINY_BOOK, book_of, extract_text, rows_in


def files(folder: Path) -> dict[str, bytes]:
    """Return path → content of all files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_folder_holds_tables_report_and_open_cases(tmp_path: Path) -> None:
    extracted = extract_text(TINY_BOOK)
    write_extract(extracted, tmp_path / "out")
    expected = [
        "datapackage.json",
        "names-to-decide.csv",
        "report.csv",
        *sorted(f"tables/{t.name}.csv" for t in TABLES),
    ]
    assert expected == list(files(tmp_path / "out"))
    stored = list(read_rows(tmp_path / "out" / "tables" / "participations.csv", Participation))
    assert stored == sort_rows(rows_in(extracted, Participation), table("participations"))


def test_what_a_person_curated_stays(tmp_path: Path) -> None:
    curated = tmp_path / "curated" / "names.csv"
    curated.parent.mkdir()
    curated.write_text("organization_id,name\n", encoding="utf-8")
    write_extract(extract_text(TINY_BOOK), tmp_path)
    write_extract(extract_text(book_of("青禾协会")), tmp_path)
    assert curated.read_text(encoding="utf-8") == "organization_id,name\n"


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    write_extract(extract_text(TINY_BOOK), tmp_path / "out")
    first = files(tmp_path / "out")
    write_extract(extract_text(TINY_BOOK), tmp_path / "out")
    assert first == files(tmp_path / "out")


def test_the_report_is_guarded_for_spreadsheets(tmp_path: Path) -> None:
    write_extract(extract_text(book_of("=1+1、青禾协会")), tmp_path)
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == [
        "code",
        "case",
        "section",
        "text",
        "detail",
        "text_start",
        "text_end",
        "message_zh",
        "message_en",
    ]
    assert "'=1+1" in {row[3] for row in rows}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(UnwritableOutput, match=r"taken.*: cannot be written: .*; choose another folder with -o"):
        write_extract(extract_text(TINY_BOOK), tmp_path / "taken")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]
