"""Any table by a mapping: what rows become, what a mapping may be, real files, hostile ones."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.dataset import Dataset
from cega_graph.errors import InvalidMapping, UnreadableInput
from cega_graph.importing import Options, import_files
from cega_graph.names.ledger import Ledger
from cega_graph.resources import root
from cega_graph.sources.cells import date_at
from cega_graph.sources.files import File
from cega_graph.sources.mapping import parse_mapping, read_mapping
from cega_graph.sources.recognise import recognise
from cega_graph.sources.records import Item, Record, Remark, SetAside, Total
from cega_graph.sources.suggesting import suggest
from cega_graph.sources.tables import read
from missing import left_out

MAPPING = """
[columns]
title = "项目名称"
amount = "金额（万元）"
date = "年份"
[constants]
currency = "CNY"
amount_unit = 10000
[roles]
funder = "资助方"
grantee = {column = "受助方", identifier = "信用代码"}
"""
HEADER = ["序号", "项目名称", "资助方", "受助方", "信用代码", "金额（万元）", "年份"]
ROWS = [
    ["1", "候鸟归来", "候鸟公益基金会", "滩涂志愿服务中心、候鸟研究会", "", "50", "2024"],
    ["2", "清水同行", "清水公益基金会", "青禾社区服务中心", "91350100M000100Y43", "12.5万元", "2023"],
    ["合 计", "", "", "", "", "62.5", ""],
]


def as_csv(rows: list[list[str]], **options: Any) -> bytes:
    """Return rows as CSV."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().encode(**(options or {"encoding": "utf-8"}))


def as_xlsx(rows: list[list[Any]], sheet: str = "表") -> bytes:
    """Return rows as a workbook."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def a_file(folder: Path, content: bytes, mapping: str | None = MAPPING, name: str = "grants.csv") -> File:
    """Return a file with a mapping beside it."""
    (folder / name).write_bytes(content)
    (folder / "m.toml").write_text(mapping or "", encoding="utf-8")
    return File(folder / name, mapping=folder / "m.toml" if mapping is not None else None)


def items(file: File) -> list[Item]:
    """Return all that the reader hands over."""
    return list(read(file))


def records(file: File) -> list[Record]:
    """Return the records of a file."""
    return [one for one in items(file) if isinstance(one, Record)]


def said(record: Record) -> tuple[Any, ...]:
    """Return what a record says, in short."""
    return (
        record.locator, record.title, [(p.role, p.name, p.identifier, p.grant) for p in record.parties],
        [(m.amount, m.currency, m.date) for m in record.grants],
    )  # fmt: skip


EXPECTED = [
    ("候鸟归来",
     [("funder", "候鸟公益基金会", "", 0), ("grantee", "滩涂志愿服务中心", "", 0), ("grantee", "候鸟研究会", "", 0)],
     [(Decimal(500000), "CNY", "2024")]),
    ("清水同行", [("funder", "清水公益基金会", "", 0), ("grantee", "青禾社区服务中心", "91350100M000100Y43", 0)],
     [(Decimal(125000), "CNY", "2023")]),
]  # fmt: skip


# What rows become


@pytest.mark.parametrize(
    "content",
    [
        as_csv([HEADER, *ROWS]),
        as_csv([HEADER, *ROWS], encoding="utf-8-sig"),
        as_csv([HEADER, *ROWS], encoding="gb18030"),
        as_csv([HEADER, *ROWS], encoding="utf-16"),
        gzip.compress(as_csv([HEADER, *ROWS])),
        as_xlsx([HEADER, *ROWS]),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16", "gzip", "xlsx"],
)
def test_rows_are_read_from_any_spelling_of_the_table(content: bytes, tmp_path: Path) -> None:
    found = items(a_file(tmp_path, content))
    assert [said(r) for r in found if isinstance(r, Record)] == [
        (f"row={n}", *rest) for n, rest in enumerate(EXPECTED, start=2)
    ]
    assert [(s.code, s.locator) for s in found if isinstance(s, SetAside)] == [("total-row", "row=4")]
    assert found[-1] == Total(3)


def test_json_lines_a_json_list_and_parquet_give_the_same(tmp_path: Path) -> None:
    objects = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
    lines = "\n".join(json.dumps(o, ensure_ascii=False) for o in objects).encode()
    assert [said(r)[1:] for r in records(a_file(tmp_path, lines, name="a.jsonl"))] == EXPECTED
    whole = json.dumps(objects, ensure_ascii=False).encode()
    assert [said(r)[1:] for r in records(a_file(tmp_path, whole, name="a.json"))] == EXPECTED
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist(objects), tmp_path / "t.parquet")
    packed = a_file(tmp_path, (tmp_path / "t.parquet").read_bytes(), name="a.parquet")
    assert [said(r)[1:] for r in records(packed)] == EXPECTED


def test_titles_are_found_below_other_rows_and_merged_cells_are_filled(tmp_path: Path) -> None:
    rows = [["2024年资助项目一览表"], [], HEADER, ROWS[0], ["3", "", "", "青禾社区服务中心", "", "8", ""]]
    mapping = '[table]\nfill_down = ["项目名称", "资助方", "年份"]\n' + MAPPING
    assert [said(r) for r in records(a_file(tmp_path, as_xlsx(rows), mapping))][1] == (
        "row=5", "候鸟归来", [("funder", "候鸟公益基金会", "", 0), ("grantee", "青禾社区服务中心", "", 0)],
        [(Decimal(80000), "CNY", "2024")],
    )  # fmt: skip


def test_what_no_column_takes_is_kept_by_title_unless_told_otherwise(tmp_path: Path) -> None:
    content = as_csv([HEADER, ROWS[0]])
    assert records(a_file(tmp_path, content))[0].extra == {"序号": "1"}
    assert records(a_file(tmp_path, content, "[table]\nextra = false\n" + MAPPING))[0].extra is None


LONG = """
[columns]
title = "项目"
amount = "金额"
[constants]
currency = "CNY"
[long]
project = "项目"
organization = "机构"
role = "角色"
amount_of = "project"
[long.roles]
"钱袋子" = "funder"
"""
LONG_ROWS = [
    ["项目", "机构", "角色", "金额"],
    ["甲项目", "候鸟公益基金会", "钱袋子", "100"],
    ["乙项目", "清水公益基金会", "资助方", "7"],
    ["甲项目", "滩涂志愿服务中心", "grantee", "100"],
    ["甲项目", "候鸟研究会", "看客", ""],
    ["乙项目", "青禾协会", "执行方", "8"],
    ["", "无名协会", "执行方", ""],
]  # fmt: skip


def test_rows_of_a_project_are_brought_together_in_the_long_form(tmp_path: Path) -> None:
    found = items(a_file(tmp_path, as_csv(LONG_ROWS), LONG))
    first, second = sorted((r for r in found if isinstance(r, Record)), key=lambda r: r.rows, reverse=True)
    assert said(first) == (
        "row=2", "甲项目",
        [("funder", "候鸟公益基金会", "", 0), ("grantee", "滩涂志愿服务中心", "", 0), ("other", "候鸟研究会", "", -1)],
        [(Decimal(100), "CNY", "")],
    )  # fmt: skip
    assert [(r.code, r.text) for r in first.remarks] == [("unknown-role", "看客")]
    assert [m.amount for m in second.grants] == [None]
    assert [(r.code, r.text) for r in second.remarks] == [("contradicting-rows", "7 / 8")]
    assert [(s.code, s.locator) for s in found if isinstance(s, SetAside)] == [("no-project", "row=7")]
    assert sum(r.rows for r in (first, second)) + 1 == 6


def test_each_row_of_the_long_form_may_have_a_sum_of_its_own(tmp_path: Path) -> None:
    file = a_file(tmp_path, as_csv(LONG_ROWS), LONG.replace('amount_of = "project"', 'amount_of = "row"'))
    first = max(records(file), key=lambda r: r.rows)
    assert [(m.amount, m.locator) for m in first.grants] == [(Decimal(100), "row=2"), (Decimal(100), "row=4")]
    assert [p.grant for p in first.parties] == [0, 1, -1]


@pytest.mark.parametrize(
    ("printed", "precision", "date"),
    [
        ("2016-12-09", "day", "2016-12-09"), ("2016-12-01", "month", "2016-12"), ("2016-01-01", "year", "2016"),
        ("2017-10-01", "quarter", "2017-10/2017-12"), ("2013-01-01", "multi-year", "2013"),
        ("2016-12-09", "", "2016-12-09"),
        ("2016", "day", "2016"), ("2016-12-09", "about", "2016-12-09"), ("2016-12-09", "年", "2016"),
    ],
)  # fmt: skip
def test_a_date_has_the_precision_that_its_row_states(printed: str, precision: str, date: str) -> None:
    assert date_at(printed, precision)[0] == date


def test_more_identifiers_than_names_are_not_guessed_about(tmp_path: Path) -> None:
    row = ["1", "x", "候鸟公益基金会", "甲协会、乙协会", "A1;A2;A3", "1", "2024"]
    record = records(a_file(tmp_path, as_csv([HEADER, row])))[0]
    assert [p.identifier for p in record.parties] == ["", "", ""]
    assert record.extra == {"序号": "1", "信用代码": "A1;A2;A3"}
    assert [r.code for r in record.remarks] == ["identifier-count"]


# Mappings


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[roles]\nfunderr = 'a'", "m.toml: roles.funderr: 'funderr' is not one of its values; did you mean 'funder'?"),
        ("[colums]\n[roles]\nfunder='a'", "m.toml: colums: is not known; did you mean 'columns'?"),
        ("[columns]\namuont='a'\n[roles]\nfunder='a'", "m.toml: columns.amuont: is not known; did you mean 'amount'?"),
        ("[columns]\namount=['a','b']\n[roles]\nfunder='a'", "m.toml: columns.amount: has 2 columns; give one"),
        ("[columns]", "m.toml: roles: give either [roles], with a column for each role, or [long]"),
        ("[roles]\nfunder={column='a', constant='b'}", "m.toml: roles.funder: give either column or constant"),
        (
            "[roles]\nfunder={column='a', kind='fundation'}",
            "roles.funder.kind: 'fundation' is not one of its values; did",
        ),
        ("[roles]\nfunder=3.5\ngrantee=true", "m.toml: roles.funder: is 3.5; expected a column or"),
        (
            "[table]\nheader_row=0\n[roles]\nfunder='a'",
            "m.toml: table.header_row: is 0; expected the number of the row",
        ),
        (
            "[source]\nyear='abc'\n[roles]\nfunder='a'",
            "m.toml: source.year: is 'abc'; expected a year such as 2024",
        ),
        (
            "[constants]\namount_unit='万'\n[roles]\nfunder='a'",
            "m.toml: constants.amount_unit: is '万'; expected a number",
        ),
        ("[long]\nproject='a'", "m.toml: long.organization: is missing; name its column"),
        (
            "[columns]\namount='a'\n[long]\nproject='p'\norganization='o'\nrole='r'",
            "m.toml: long.amount_of: is missing;",
        ),
        ("roles = 3", "m.toml: roles: is 3; expected a section [roles]"),
    ],
)
def test_a_wrong_mapping_names_key_value_and_what_to_do(text: str, says: str) -> None:
    with pytest.raises(InvalidMapping) as caught:
        parse_mapping(text, "m.toml")
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["[roles", "a = ", "[roles]\n资助方 = 'x'", "x" * 10, "[[a]]\n[a]"])
def test_what_is_no_toml_is_said_in_one_line(text: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse_mapping(text, "m.toml")
    assert str(caught.value).startswith("m.toml: is not TOML: ")
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_named_with_the_one_most_like_it(tmp_path: Path) -> None:
    mapping = MAPPING.replace('"资助方"', '"资助机构方"').replace('"受助方"', '"受助"')
    with pytest.raises(InvalidMapping) as caught:
        items(a_file(tmp_path, as_csv([HEADER, *ROWS]), mapping))
    lines = str(caught.value).splitlines()
    assert lines[0].startswith(
        "m.toml: roles.funder.column: '资助机构方' is no column of grants.csv; did you mean '资助方'?"
    )
    assert lines[1].startswith(
        "m.toml: roles.grantee.column: '受助' is no column of grants.csv; did you mean '受助方'?"
    )


def test_a_unit_in_a_title_is_never_passed_over(tmp_path: Path) -> None:
    mapping = MAPPING.replace("amount_unit = 10000\n", "")
    with pytest.raises(
        InvalidMapping, match=r"constants\.amount_unit: is missing, and the title '金额（万元）' names a unit"
    ):
        items(a_file(tmp_path, as_csv([HEADER, *ROWS]), mapping))


def test_a_table_without_a_mapping_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        recognise(a_file(tmp_path, as_csv([HEADER, *ROWS]), None))
    assert "for any other table write a mapping: `cega-graph import grants.csv --suggest > mapping.toml`" in str(
        caught.value
    )


# Suggestions


def test_a_suggestion_can_be_used_as_it_is(tmp_path: Path) -> None:
    content = as_csv([["2024年资助项目一览表", *[""] * 7], [*HEADER, "联系人"], *[[*row, "张三"] for row in ROWS]])
    suggested = suggest(a_file(tmp_path, content, None))
    for line in (
        'title = "项目名称"  # its title says so; e.g. 候鸟归来 | 清水同行',
        "header_row = 2  # the row that holds most words for columns",
        "amount_unit = 10000  # the title 金额（万元） says so",
        'extra = ["序号"]  # columns kept as they are; left out, because they may tell of persons: 联系人',
    ):
        assert line in suggested.splitlines()
    assert [said(r)[1:] for r in records(a_file(tmp_path, content, suggested))] == EXPECTED


@pytest.mark.parametrize("blank", [[], [""] * 8])
def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path, blank: list[str]) -> None:
    """Also above the titles, where empty rows stand between them and a heading."""
    content = as_csv([["2024年资助项目一览表", *[""] * 7], blank, ["单位：元"], blank, HEADER, *ROWS])
    suggested = suggest(a_file(tmp_path, content, None))
    assert "header_row = 5  # the row that holds most words for columns" in suggested.splitlines()
    assert [said(r)[1:] for r in records(a_file(tmp_path, content, suggested))] == EXPECTED
    with pytest.raises(
        InvalidMapping, match=r"m\.toml: table\.header_row is 99, and the row of titles is looked for up"
    ):
        records(a_file(tmp_path, content, suggested.replace("header_row = 5", "header_row = 99")))
    above = suggested.replace("header_row = 5", "header_row = 4")
    assert [said(r)[1:] for r in records(a_file(tmp_path, content, above))] == EXPECTED


@pytest.mark.parametrize(("row", "column", "is_refused"), [
    (1_048_575, 16_383, True), (200_000, 500, True), (300_000, 20, False), (50, 16_383, False),
])  # fmt: skip
def test_a_cell_far_from_all_others_takes_no_memory(
    tmp_path: Path,
    row: int,
    column: int,
    is_refused: bool,  # noqa: FBT001
) -> None:
    """What lies between would be held as empty cells, half a terabyte of them in the worst case."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("表")
        for at, cells in enumerate([HEADER, *ROWS]):
            sheet.write_row(at, 0, cells)
        sheet.write(row, column, "x")
        sheet.set_row(1_048_575, 30)
    file = a_file(tmp_path, buffer.getvalue(), MAPPING, "grants.xlsx")
    if is_refused:
        with pytest.raises(
            UnreadableInput, match=rf"grants\.xlsx: xl/worksheets/sheet1\.xml has filled cells from row 1 to {row + 1}"
        ):
            list(read(file))
    else:
        assert sum(isinstance(item, Record) for item in read(file)) >= 2


def test_titles_that_stand_again_in_the_table_are_no_grant(tmp_path: Path) -> None:
    """As on each page of a printed list; a row that only has a title's word in it is one."""
    odd = ["序号", "另一个项目", "候鸟公益基金会", "滩涂志愿服务中心", "", "1", "2024"]
    found = items(a_file(tmp_path, as_csv([HEADER, ROWS[0], [*HEADER[:5], "", " 年份"], odd, ROWS[1], HEADER])))
    aside = [(s.code, s.locator) for s in found if isinstance(s, SetAside)]
    assert aside == [("repeated-titles", "row=3"), ("repeated-titles", "row=6")]
    assert [r.title for r in found if isinstance(r, Record)] == ["候鸟归来", "另一个项目", "清水同行"]
    assert [t.rows for t in found if isinstance(t, Total)] == [5]


def test_a_date_without_a_sum_is_kept(tmp_path: Path) -> None:
    """Where rows say who gives or gets, it is the date of a sum that is not known; else it is kept as it stands."""
    rows = [["项目名称", "资助方", "受助方", "日期"], ["P", "甲基金会", "乙会", "2023-05-06"]]
    gives = '[columns]\ntitle = "项目名称"\ndate = "日期"\n[roles]\n{role} = "资助方"\n'
    (record,) = records(a_file(tmp_path, as_csv(rows), gives.format(role="funder")))
    assert [(m.amount, m.date) for m in record.grants] == [(None, "2023-05-06")]
    assert [p.grant for p in record.parties] == [0]
    (record,) = records(a_file(tmp_path, as_csv(rows), gives.format(role="submitter")))
    assert record.grants == ()
    assert record.extra == {"受助方": "乙会", "日期": "2023-05-06"}


def test_formulas_without_values_and_errors_are_counted(tmp_path: Path) -> None:
    """A program that writes a workbook may leave the sums of its formulas to a spreadsheet that has not run yet."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("表")
        for at, cells in enumerate([HEADER, *ROWS]):
            sheet.write_row(at, 0, cells)
        sheet.write_formula(1, 5, "=25*2", value=50)
        sheet.write_formula(2, 5, "=1/0", value="#DIV/0!")
        sheet.write_formula(3, 5, "=F2+F3", value="")
    content = buffer.getvalue()
    found = items(a_file(tmp_path, content, MAPPING, "grants.xlsx"))
    assert [(r.code, r.detail) for r in found if isinstance(r, Remark)] == [("valueless-cells", "2")]
    assert [r.grants[0].amount for r in found if isinstance(r, Record)] == [Decimal(500000), None]


def test_a_decimal_comma_is_read_where_the_mapping_says_so(tmp_path: Path) -> None:
    """`1.000` alone says nothing; its neighbours do, and the suggestion says what they say."""
    printed = ["1.234,50", "1.000", "2.500", "12,5", "1.500.000", "7", "1'500.00", "0,125"]
    rows = [[f"P{n}", "甲基金会", "乙会", cell] for n, cell in enumerate(printed)]
    content = as_csv([["项目名称", "资助方", "受助方", "金额"], *rows])
    suggested = suggest(a_file(tmp_path, content, None))
    line = "decimal_comma = true  # as in 1.234,50; 1.000 is a thousand then"
    assert line in suggested.splitlines()
    expected = ["1234.50", "1000", "2500", "12.5", "1500000", "7", "1500", "0.125"]
    for mapping, amounts in ((suggested, expected), (suggested.replace(line, ""), ["1234.50", "1.000", "2.500"])):
        read = [str(record.grants[0].amount) for record in records(a_file(tmp_path, content, mapping))]
        assert read[: len(amounts)] == amounts
    plain = as_csv([["项目名称", "资助方", "受助方", "金额"], *[[*row[:3], "1,000.50"] for row in rows]])
    assert "decimal_comma" not in suggest(a_file(tmp_path, plain, None))


def test_a_sum_that_says_it_is_not_exact_is_marked(tmp_path: Path) -> None:
    printed = ["约50万元", "100多万元", "500+", "up to 500", "500", "50万元", "￥3000元整"]
    rows = [[f"P{n}", "甲基金会", "乙会", cell] for n, cell in enumerate(printed)]
    path = tmp_path / "grants.csv"
    path.write_bytes(as_csv([["项目名称", "资助方", "受助方", "金额"], *rows]))
    mapping = '[columns]\ntitle = "项目名称"\namount = "金额"\n[constants]\ncurrency = "CNY"\n'
    mapping += '[roles]\nfunder = "资助方"\ngrantee = "受助方"\n'
    (tmp_path / "m.toml").write_text(mapping, encoding="utf-8")
    import_files([path], tmp_path / "data", Ledger({}), Options(mapping=tmp_path / "m.toml"))
    read = {row.mention: (str(row.amount), row.approximate) for row in Dataset([tmp_path / "data"]).rows("grants")}
    assert read == {
        "约50万元": ("500000", True), "100多万元": ("1000000", True), "500+": ("500", True),
        "up to 500": ("500", True), "500": ("500", False), "50万元": ("500000", False), "￥3000元整": ("3000", False),
    }  # fmt: skip


def test_a_long_table_is_seen_as_one(tmp_path: Path) -> None:
    suggested = suggest(a_file(tmp_path, as_csv(LONG_ROWS), None))
    assert '\nproject = "项目"' in suggested
    assert '\n"钱袋子" = "other"' in suggested
    assert '\namount_of = "row"  # rows of one project state different sums' in suggested


@pytest.mark.parametrize(
    ("header", "column"),
    [
        (["Donor", "Donee", "Amount"], "funder"), (["funder_name", "recipient_name", "grant_amount"], "funder"),
        (["FundingBody", "GranteeName", "AwardAmount"], "funder"), (["出资方", "受资助方", "资助额"], "funder"),
        (["捐赠方", "受赠单位", "捐赠金额"], "funder"),
        (["Funder ", "Recipient organisation", "Amount (USD)"], "funder"),
    ],
)  # fmt: skip
def test_common_titles_are_known(header: list[str], column: str, tmp_path: Path) -> None:
    mapping = parse_mapping(suggest(a_file(tmp_path, as_csv([header, ["甲基金会", "乙协会", "5"]]), None)), "m")
    assert {r.role: r.columns for r in mapping.roles} == {
        column: (" ".join(header[0].split()),), "grantee": (header[1],)
    }  # fmt: skip
    assert mapping.columns["amount"] == (header[2],)


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_table_gives_a_suggestion_that_is_toml(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = json.dumps([dict(enumerate_keys(row)) for row in rows]).encode()
    if content.strip(b'[]{} ,"') == b"":
        return
    (folder / "t.json").write_bytes(content)
    try:
        suggested = suggest(File(folder / "t.json"))
    except UnreadableInput:
        return
    try:
        parse_mapping(suggested, "m.toml")
    except InvalidMapping as error:
        assert "roles: give either" in str(error) or "long." in str(error)  # noqa: PT017


def enumerate_keys(row: list[str]) -> list[tuple[str, str]]:
    """Return cells with titles that are as odd as they are."""
    return [(f"{cell}{place}", cell) for place, cell in enumerate(row)]


# Real files


def realdata(repository: Path, name: str) -> Path:
    """Return a real file, which is no part of the repository."""
    path = repository.parent / "shared" / "realdata" / name
    if not path.is_file():
        left_out(f"{name} is not at {path}")
    return path


def test_the_donations_list_is_read_whole(repository: Path) -> None:
    path = realdata(repository, "donations-list/donations.csv.gz")
    counts: Counter[str] = Counter()
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as opened:
        precisions = [row["donation_date_precision"] for row in csv.DictReader(opened)]
    seen: set[tuple[str, ...]] = set()
    for number, item in enumerate(read(File(path, mapping=root("data") / "mappings" / "donations-list.toml"))):
        if isinstance(item, Record):
            date = item.grants[0].date
            length = {"day": 10, "month": 7, "year": 4, "multi-year": 4, "quarter": 15, "": 0}[precisions[number - 1]]
            counts["rows"] += 1
            counts["date as precise as stated"] += len(date) == length or date == ""
            counts["undated"] += date == ""
            counts["without amount"] += item.grants[0].amount is None
            counts["without donee"] += not any(p.role == "grantee" for p in item.parties)
            counts["with influencer"] += any(p.role == "adviser" for p in item.parties)
            counts["repeated"] += item.original in seen
            seen.add(item.original)  # type: ignore[arg-type]
    assert counts == {
        "rows": 97678, "date as precise as stated": 97678, "undated": 3495, "without amount": 167, "without donee": 12,
        "with influencer": 1334, "repeated": 7582,
    }  # fmt: skip


def test_the_grants_of_good_ventures_are_read_whole(repository: Path) -> None:
    path = realdata(repository, "good-ventures/grants.csv")
    found = records(File(path, mapping=root("data") / "mappings" / "good-ventures.toml"))
    grantees = [p.name for r in found for p in r.parties if p.role == "grantee"]
    assert (len(found), len(grantees), len(set(grantees))) == (2289, 2289 - 16, 900)
    assert found[0].grants[0].amount == Decimal(1000000)
    assert Counter(len(r.grants[0].date) for r in found) == {7: 2288, 0: 1}


def test_every_mapping_that_is_bundled_is_one() -> None:
    found = sorted((root("data") / "mappings").glob("*.toml"))
    assert [read_mapping(path).name for path in found] == ["donations-list.toml", "good-ventures.toml"]


# Hostile files


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        with packed.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(1100):
                sheet.write(b" " * 2**20)
    with pytest.raises(UnreadableInput, match="unpacks to"):
        items(a_file(tmp_path, buffer.getvalue(), name="bomb.xlsx"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04" + b"\0" * 50, "damaged zip or spreadsheet"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "not readable as a spreadsheet"),
        (b"PAR1" + b"\0" * 50, "not readable as Parquet"),
        (b'[{"a": 1}, {"a":', "is not readable as JSON"),
        (b"[" * 100_000, "JSON"),
        (b",".join([b"a"] * 1_000_000), "columns"),
    ],
    ids=["zip", "xls", "parquet", "cut-json", "deep-json", "wide"],
)
def test_what_is_damaged_or_out_of_bounds_is_said_in_one_line(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        items(a_file(tmp_path, content, name="f.bin"))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_odd_lines_are_set_aside_with_what_they_hold(tmp_path: Path) -> None:
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    lines = b"\n".join([b'{"a": "x", "b": 1}', b"[1]", b"not json", deep, b"", b'{"a": null}'])
    found = items(a_file(tmp_path, lines, "[roles]\nfunder = 'a'", name="a.jsonl"))
    aside = [(s.code, s.locator) for s in found if isinstance(s, SetAside)]
    assert aside == [("not-an-object", "row=2"), ("unreadable-row", "row=3"), ("unreadable-row", "row=4")]
    assert found[-1] == Total(5)


def test_formulas_nul_bytes_and_negative_sums_are_values(tmp_path: Path) -> None:
    rows = [
        HEADER,
        ["1", "=1+1", "甲\x00基金会", "@SUM(A1)协会", "", "-5", "2024"],
        ["2", "x", "乙基金会", "y", "", "soon", "bad"],
    ]
    first, second = records(a_file(tmp_path, as_csv(rows)))
    assert said(first)[1:] == (
        "=1+1", [("funder", "甲基金会", "", 0), ("grantee", "@SUM(A1)协会", "", 0)], [(Decimal(-50000), "CNY", "2024")]
    )  # fmt: skip
    assert [r.code for r in second.remarks] == ["bad-amount", "bad-date"]
    assert second.extra == {"序号": "2", "date": "bad"}


@given(st.lists(st.lists(st.text('甲乙,;"\n \tab1-', max_size=6), max_size=9), max_size=12))
def test_every_row_is_used_or_set_aside(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    file = a_file(tmp_path_factory.mktemp("any"), as_csv([HEADER, *rows]))
    found = items(file)
    used = sum(one.rows for one in found if isinstance(one, Record | SetAside))
    assert found[-1] == Total(used)
    assert used == sum(any(row) for row in rows)
