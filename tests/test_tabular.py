"""Rows in and out of CSV files."""

from __future__ import annotations

import csv
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.csv_lines import Lines, csv_cell, csv_line, read_csv_line
from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.model import TABLES, Decision, Grant, Organization, Row, Table, table
from cega_graph.ordering import are_sorted, is_file_sorted, rank, sort_rows
from cega_graph.tabular import (
    columns_of,
    format_cell,
    format_decimal,
    format_rows,
    guard_formula,
    read_rows,
    unguard_formula,
    write_text,
)
from factories import tiny_tables
from strategies import like_rows_of, rows_of


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
@given(data=st.data())
def test_rows_of_every_table_read_back(declared: Table, data: st.DataObject, tmp_path: Path) -> None:
    rows = data.draw(rows_of(declared))
    path = tmp_path / "x.csv"
    write_text(path, format_rows(rows, declared.row))
    assert rows == list(read_rows(path, declared.row))


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
def test_tiny_rows_read_back_behind_a_bom(declared: Table, tmp_path: Path) -> None:
    rows = tiny_tables()[declared.name]
    path = tmp_path / "x.csv"
    write_text(path, format_rows(rows, declared.row), encoding="utf-8-sig")
    assert (declared.columns, rows) == (columns_of(declared.row), list(read_rows(path, declared.row)))


def cells_of(reader: Any) -> tuple[list[tuple[int, list[str]]], str]:
    """Return what a reader gives, each line with its number, and what it says where it stops."""
    found: list[tuple[int, list[str]]] = []
    try:
        found.extend((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        return found, str(error)
    return found, ""


@given(st.text(st.sampled_from('ab,,""\r\n\n \x00\u2028甲'), max_size=30))
def test_lines_are_those_of_the_csv_reader(text: str) -> None:
    """Cells, line numbers and errors, whatever stands between quotation marks."""
    opened = [io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8", newline="") for _ in range(2)]
    assert cells_of(csv.reader(opened[0], strict=True)) == cells_of(Lines(opened[1]))


@given(st.text())
def test_a_guard_comes_off_again(text: str) -> None:
    assert text == unguard_formula(guard_formula(text))


@given(st.sampled_from("=+-@\t\r"), st.text())
def test_no_formula_is_left_unguarded(opening: str, rest: str) -> None:
    assert "'" + opening + rest == guard_formula(opening + rest)


def test_cells_are_guarded_for_people_only() -> None:
    rows = [Organization(organization_id="o-1", name="=HYPERLINK(1)公司", name_en="'x")]
    expected = ["o-1,=HYPERLINK(1)公司,'x,other,,,", "o-1,'=HYPERLINK(1)公司,''x,other,,,"]
    assert expected == [format_rows(rows, Organization, for_people=p).splitlines()[1] for p in (False, True)]


@given(st.randoms(use_true_random=False))
def test_the_stored_order_does_not_depend_on_the_order_given(chance: random.Random) -> None:
    for declared in TABLES:
        rows = tiny_tables()[declared.name]
        shuffled = list(rows)
        chance.shuffle(shuffled)
        assert sort_rows(rows, declared) == sort_rows(shuffled, declared)


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
@given(data=st.data())
def test_a_file_is_in_order_where_its_rows_are(declared: Table, data: st.DataObject, tmp_path: Path) -> None:
    """The cells alone tell it, guarded or not; what decides first is compared first, the rest where it is alike."""
    rows = data.draw(like_rows_of(declared))
    ranks = [rank(declared, row) for row in rows]
    assert [rank(declared, row) for row in sort_rows(rows, declared)] == sorted(ranks)
    path = tmp_path / "x.csv"
    for guarded in (False, True):
        write_text(path, format_rows(rows, declared.row, for_people=guarded))
        expected = [ranks == sorted(ranks)] * 2
        assert [are_sorted(rows, declared), is_file_sorted(path, declared, guarded=guarded)] == expected


@pytest.mark.parametrize(
    "content", [b"", b"number\n1\n", b"project_id,project_id\na,a\n", b"project_id,number\na,1\nb\n",
                b"project_id,text_start\na,x\na,1\n"],
)  # fmt: skip
def test_a_file_with_wrong_cells_counts_as_out_of_order(content: bytes, tmp_path: Path) -> None:
    """It is then read whole before a row of it is used, and says what is wrong."""
    (tmp_path / "x.csv").write_bytes(content)
    assert not is_file_sorted(tmp_path / "x.csv", table("projects"))


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_an_amount_has_one_spelling(amount: Decimal) -> None:
    spelled = format_decimal(amount)
    assert amount == Decimal(spelled)
    assert spelled == format_decimal(Decimal(spelled) * Decimal("1.000")) or amount.as_tuple().digits.__len__() > 24
    assert "E" not in spelled


def test_cells_of_each_type() -> None:
    cells = [None, True, False, 7, Decimal("100.00"), Decimal("0.000"), Decimal("1E+3"), "x"]
    assert [format_cell(c) for c in cells] == ["", "true", "false", "7", "100", "0", "1000", "x"]


def read_text_as(row: type[Row], content: bytes, tmp_path: Path) -> list[Row]:
    """Return the rows of a file with this content."""
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    return list(read_rows(path, row, where="tables/t.csv"))


_MONEY = "put the currency in its own column, without separators"
_DECISION = b"name_a,name_b,verdict\n"


@pytest.mark.parametrize(
    ("row", "content", "findings"),
    [
        (
            Decision,
            b"",
            [
                (
                    "tables/t.csv:1: the file is empty; expected a header line with name_a,name_b,verdict,decided_by,"
                    "decided_on,basis,source_id,text_start,text_end"
                )
            ],
        ),
        (
            Decision,
            b"name_a,verdict,odd,odd\n",
            [
                "tables/t.csv:1: column 'name_b' is missing; expected " + ",".join(columns_of(Decision)),
                "tables/t.csv:1: column 'odd' is not known; expected " + ",".join(columns_of(Decision)),
                "tables/t.csv:1: column 'odd' is not known; expected " + ",".join(columns_of(Decision)),
                "tables/t.csv:1: column 'odd' stands twice; keep one",
            ],
        ),
        (
            Decision,
            _DECISION + b"a,b\nc,,same\n",
            [
                "tables/t.csv:2: 2 cells; the header has 3 columns",
                "tables/t.csv:3 name_b: is empty; every row needs one",
            ],
        ),
        (
            Decision,
            b"name_a,name_b,verdict,text_start\na,b,same,1.5\na,b,same,x\n",
            [
                "tables/t.csv:2 text_start: '1.5' is not a whole number",
                "tables/t.csv:3 text_start: 'x' is not a whole number",
            ],
        ),
        (
            Grant,
            "grant_id,project_id,amount,approximate\ng,p,1万元,yes\ng,p,NaN,\ng,p,Infinity,true\n".encode(),
            [
                f"tables/t.csv:2 amount: '1万元' is not a decimal number; {_MONEY}",
                "tables/t.csv:2 approximate: 'yes' is not true or false",
                f"tables/t.csv:3 amount: 'NaN' is not a decimal number; {_MONEY}",
                f"tables/t.csv:4 amount: 'Infinity' is not a decimal number; {_MONEY}",
            ],
        ),
    ],
)
def test_every_wrong_cell_is_named_at_once(row: type[Row], content: bytes, findings: list[str], tmp_path: Path) -> None:
    with pytest.raises(InvalidData) as caught:
        read_text_as(row, content, tmp_path)
    assert findings == caught.value.findings


def test_no_row_follows_a_wrong_one(tmp_path: Path) -> None:
    """Who reads on would take the table for whole."""
    path = tmp_path / "t.csv"
    path.write_bytes(_DECISION + b"a,b,same\nc,,same\nd,e,same\nf,g,\n")
    rows = read_rows(path, Decision)
    assert Decision(name_a="a", name_b="b", verdict="same") == next(rows)
    with pytest.raises(InvalidData) as caught:
        next(rows)
    assert [line.partition(":")[2] for line in caught.value.findings] == [
        "3 name_b: is empty; every row needs one", "5 verdict: is empty; every row needs one",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name_a,name_b,verdict\n甲,乙,same\n".encode("gb18030"), "byte 22 is not UTF-8; save the file as CSV UTF-8"),
        (b'name_a,name_b,verdict\n"a,b,same\n', "not readable as CSV: unexpected end of data"),
    ],
)
def test_what_is_no_csv_says_so(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_text_as(Decision, content, tmp_path)
    assert f"tables/t.csv: {says}" == str(caught.value)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    said = []
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UnreadableInput) as caught:
            list(read_rows(path, Decision, where="w"))
        said.append(str(caught.value))
    assert said == ["w: there is no such file", "w: cannot be read: Is a directory"]


def test_a_long_list_of_findings_is_cut_when_shown() -> None:
    error = InvalidData([f"line {n}" for n in range(25)])
    assert (*str(error).splitlines()[-2:], len(error.findings)) == ("line 19", "and 5 more", 25)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with pytest.raises(UnwritableOutput) as caught:
        write_text(tmp_path / "taken" / "x.csv", "x")
    assert "choose another folder with -o" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


@given(st.lists(st.text(st.sampled_from('ab ,"\n\r\0;é滩')), min_size=1, max_size=5))
def test_a_line_is_what_the_csv_module_writes(cells: list[str]) -> None:
    """With all cells quoted where one holds a carriage return; cells that are spelled apart make the same line."""
    written = io.StringIO()
    is_odd = any("\r" in cell for cell in cells)
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL if is_odd else csv.QUOTE_MINIMAL).writerow(cells)
    assert csv_line(cells) == written.getvalue()
    assert read_csv_line(csv_line(cells)) == cells
    if not is_odd and len(cells) > 1:
        assert ",".join(map(csv_cell, cells)) + "\n" == written.getvalue()
