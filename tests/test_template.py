"""The workbook for cases entered by hand: the same bytes each time; filled in, it gives its rows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from cega_graph.check import check
from cega_graph.cli import main
from cega_graph.importing import import_files
from cega_graph.knowledge_graph import load
from cega_graph.names.ledger import Ledger
from cega_graph.sources.files import File
from cega_graph.sources.recognise import recognise
from cega_graph.sources.records import Record, SetAside, Total
from cega_graph.sources.template import CASE_COLUMNS, CASES, LISTS, MARK, PARTICIPANT_COLUMNS, PARTICIPANTS, read
from cega_graph.vocabulary import kinds, roles, themes
from cega_graph.writers.template import format_template

CASE_ROWS: list[list[object]] = [
    [
        "1",
        "滨海湿地水鸟保护",
        "Waterbirds",
        "生物多样性保护",
        "江苏省盐城市",
        "2024-05",
        "2025",
        500000,
        "CNY",
        "2024-05-31",
    ],
    ["2", "社区节能", "", "自己写的领域", "", "2023年", "", "", "", ""],
]
PARTY_ROWS = [
    ["1", "候鸟公益基金会", "资助方 funder", "基金会 foundation", "91350100M000100Y43", ""],
    ["1", "滩涂志愿服务中心", "grantee", "", "", "2024 年"],
    ["1", "某大学", "合作方", "高校", "", ""],
    ["2", "清水公益基金会", "出主意的", "", "", ""],
    ["9", "无主协会", "资助方 funder", "", "", ""],
]


def filled(cases: list[list[object]], parties: list[list[str]], added: str = "") -> bytes:
    """Return the workbook as a person would save it, its sheets written anew with rows in them."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, columns, rows in ((CASES, CASE_COLUMNS, cases), (PARTICIPANTS, PARTICIPANT_COLUMNS, parties)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, [c.title for c in columns] + ([added] if added and name == CASES else []))
            for number, row in enumerate(rows, start=1):
                sheet.write_row(number, 0, row)
        book.add_worksheet(LISTS).write_string(0, 0, MARK)
    return buffer.getvalue()


def a_file(folder: Path, content: bytes) -> File:
    """Return a workbook as a file."""
    (folder / "cases.xlsx").write_bytes(content)
    return File(folder / "cases.xlsx")


def test_the_empty_workbook_has_the_same_bytes_each_time_and_no_rows(tmp_path: Path) -> None:
    file = a_file(tmp_path, format_template())
    assert format_template() == format_template()
    assert recognise(file).name == "CEGA Graph template"
    assert list(read(file))[1:] == [Total(0)]
    assert file.headers[CASES] == tuple(c.title for c in CASE_COLUMNS)
    assert file.headers[PARTICIPANTS] == tuple(c.title for c in PARTICIPANT_COLUMNS)


def test_its_lists_offer_every_role_kind_and_theme(tmp_path: Path) -> None:
    file = a_file(tmp_path, format_template())
    columns = list(zip(*[cells for _, cells in file.sheet(LISTS)][1:], strict=True))
    offered = {column[0]: [cell for cell in column[1:] if cell] for column in columns}
    assert [cell.split()[-1] for cell in offered["roles"]] == list(roles())
    assert [cell.split()[-1] for cell in offered["kinds"]] == list(kinds())
    assert offered["themes"] == [theme.label_zh for theme in themes().values()]


def test_a_filled_in_workbook_gives_its_rows(tmp_path: Path) -> None:
    found = list(read(a_file(tmp_path, filled(CASE_ROWS, PARTY_ROWS))))
    first, second = (one for one in found if isinstance(one, Record))
    assert [(p.role, p.name, p.kind, p.identifier, p.qualifier, p.grant) for p in first.parties] == [
        ("funder", "候鸟公益基金会", "foundation", "91350100M000100Y43", "", 0),
        ("grantee", "滩涂志愿服务中心", "", "", "2024 年", 0),
        ("partner", "某大学", "university", "", "", -1),
    ]
    assert [(str(m.amount), m.currency, m.date) for m in first.grants] == [("500000", "CNY", "2024-05-31")]
    assert (second.start_date, second.theme, second.grants) == ("2023", "自己写的领域", ())
    assert [(r.code, r.text) for r in second.remarks if r.code == "unknown-role"] == [("unknown-role", "出主意的")]
    assert [(s.code, s.locator, s.text) for s in found if isinstance(s, SetAside)] == [
        ("no-project", "Participants row=6", "9")
    ]
    assert found[-1] == Total(7)
    assert sum(one.rows for one in found if isinstance(one, Record | SetAside)) == 7


def test_what_cannot_be_told_apart_or_names_nobody_is_set_aside(tmp_path: Path) -> None:
    """A number that two cases have, a participant without a name; one with a registered number alone is kept."""
    cases = [CASE_ROWS[0], [1, *CASE_ROWS[1][1:]], CASE_ROWS[1]]
    parties = [
        PARTY_ROWS[0],
        ["1", "", "资助方 funder", "", "", ""],
        ["2", "", "grantee", "", "91350100M000100Y43", ""],
    ]
    found = list(read(a_file(tmp_path, filled(cases, parties))))
    aside = [(s.code, s.locator) for s in found if isinstance(s, SetAside)]
    assert sorted(aside) == [("case-number-twice", "Cases row=3"), ("no-participant", "Participants row=3")]
    first, second = (one for one in found if isinstance(one, Record))
    assert [(r.number, r.title) for r in (first, second)] == [("1", "滨海湿地水鸟保护"), ("2", "社区节能")]
    assert [(p.name, p.identifier) for p in second.parties] == [("", "91350100M000100Y43")]
    assert found[-1] == Total(sum(one.rows for one in found if isinstance(one, Record | SetAside)))


def test_a_column_that_somebody_added_is_kept(tmp_path: Path) -> None:
    row: list[object] = [*CASE_ROWS[0], "", "", "去年"]
    record = next(
        one for one in read(a_file(tmp_path, filled([row], PARTY_ROWS[:1], "来源"))) if isinstance(one, Record)
    )
    assert record.extra == {"来源": "去年"}


def test_the_command_writes_it_and_import_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    assert CliRunner().invoke(main, ["export", "--template", str(path)]).exit_code == 0
    assert path.read_bytes() == format_template()
    again = CliRunner().invoke(main, ["export", "--template", str(path)])
    assert (again.exit_code, "is there already" in again.stderr) == (3, True)
    path.write_bytes(filled(CASE_ROWS, PARTY_ROWS))
    import_files([path], tmp_path / "data", Ledger())
    kg = load(tmp_path / "data")
    assert set(kg.projects["title"]) == {"社区节能", "滨海湿地水鸟保护"}
    assert check(kg.dataset) == []


@pytest.mark.parametrize("number", ["1", 1, 1.0, " 1 "])
def test_numbers_of_cases_agree_however_excel_keeps_them(number: object, tmp_path: Path) -> None:
    cases = [[number, *CASE_ROWS[0][1:]]]
    record = next(one for one in read(a_file(tmp_path, filled(cases, PARTY_ROWS[:1]))) if isinstance(one, Record))
    assert [p.name for p in record.parties] == ["候鸟公益基金会"]
