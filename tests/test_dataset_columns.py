"""CSV column by column: the same frame as from rows, or none."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cega_graph.dataset import columns
from cega_graph.dataset.columns import count_separators, read_by_arrow, read_by_pandas, read_columns
from cega_graph.dataset.frames import rows_frame
from cega_graph.errors import CegaGraphError
from cega_graph.model import TABLES, Row, Table, table
from cega_graph.tabular import format_rows, read_rows
from cega_graph.writers.table_files import to_csv
from dataset_strategies import tables
from factories import tiny_tables

READERS: Final = (read_by_arrow, read_by_pandas)


@pytest.fixture(params=READERS, ids=lambda one: one.__name__)
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by one of the two readers, whichever is installed."""
    monkeypatch.setattr(columns, "reader", lambda: request.param)


def by_rows(path: Path, declared: Table, *, guarded: bool = False) -> pd.DataFrame | None:
    """Return what rows give, None if they break a rule."""
    try:
        return rows_frame(declared, read_rows(path, declared.row, guarded=guarded))
    except CegaGraphError:
        return None


@pytest.mark.usefixtures("reader")
@settings(max_examples=20)
@given(rows=tables(), guarded=st.booleans())
def test_a_frame_holds_what_the_rows_hold(rows: dict[str, list[Row]], guarded: bool) -> None:  # noqa: FBT001
    """Of every table, with hostile texts, as data packages and as builds write it."""
    with tempfile.TemporaryDirectory() as folder:
        for declared in TABLES:
            path, some = Path(folder) / "x.csv", rows[declared.name]
            path.write_bytes(to_csv(some, declared.row) if guarded else format_rows(some, declared.row).encode())
            found = read_columns(path, declared, guarded=guarded)
            if b"\x00" in path.read_bytes():
                assert found is None
            else:
                assert found is not None
                pd.testing.assert_frame_equal(rows_frame(declared, some), found)


_PIECES: Final = ("name_a", "1", "-2", "a", "", '"', '"', ",", ",", "\n", "\n", "\r", " ", "\x00", "\ufeff", "名", "'")


@pytest.mark.usefixtures("reader")
@given(text=st.lists(st.sampled_from(_PIECES)).map("".join), bom=st.booleans())
@example(text='a,b,"same"x', bom=False)
@example(text='a,b,"same\n', bom=False)
@example(text="a,b,same,c\nd,e\n", bom=False)
@example(text="a,b\nd,e,same,f\n", bom=False)
@example(text="a,b,same\r\nd,e,same", bom=True)
@example(text="a,b,same\rd,e,same", bom=False)
@example(text='"a,""b""\r\n",b,"same"\n', bom=False)
@example(text="a,b,same\n\n", bom=False)
def test_no_frame_where_rows_break_a_rule(text: str, bom: bool) -> None:  # noqa: FBT001
    """Whatever stands below a header: too few cells, too many, quotes astray, empty lines."""
    declared = table("decisions")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text(f"name_a,name_b,verdict\n{text}", encoding="utf-8-sig" if bom else "utf-8", newline="")
        expected, found = by_rows(path, declared), read_columns(path, declared)
        if found is not None:
            assert expected is not None
            pd.testing.assert_frame_equal(expected, found)


_CELLS: Final = {
    "amount": (
        "",
        "1",
        "1.50",
        "-0",
        "+7",
        "1e3",
        "1_000",
        "１２",
        " 1",
        "1.",
        ".5",
        "NaN",
        "inf",
        "0x1",
        "9" * 30,
        "x",
    ),
    "recipients": ("", "1", "-2", "007", "+1", "1.0", "１２", "1" * 19, " 1", "x"),
    "approximate": ("", "true", "false", "True", "1"),
}


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("column", _CELLS)
def test_each_spelling_of_a_number_or_flag_is_read_as_rows_read_it_or_left_to_them(tmp_path: Path, column: str) -> None:
    """Alone, and in a column with plain ones."""
    path, declared = tmp_path / "x.csv", table("grants")
    for cells in (*((one,) for one in _CELLS[column]), ("", *_CELLS[column][:2])):
        lines = "".join(f"g-{n},p-1,{cell}\n" for n, cell in enumerate(cells))
        path.write_text(f"grant_id,project_id,{column}\n{lines}", encoding="utf-8")
        found, expected = read_columns(path, declared), by_rows(path, declared)
        assert found is None or (expected is not None and found.equals(expected)), cells
    assert found is not None


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "organization_id\no-1\n", "organization_id,name,colour\no-1,a,red\n",
        "organization_id,name,name\no-1,a,b\n", "organization_id,name\no-1,\n", "organization_id,name\no-1,a,b\n",
    ],
)  # fmt: skip
def test_what_rows_refuse_has_no_frame(tmp_path: Path, text: str) -> None:
    """An empty file, columns missing, unknown or twice, an empty cell that must not be, a first line too long."""
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    assert by_rows(path, table("organizations")) is None
    assert read_columns(path, table("organizations")) is None


@pytest.mark.usefixtures("reader")
def test_what_is_no_utf_8_or_not_there_has_no_frame(tmp_path: Path) -> None:
    """Rows say so."""
    path = tmp_path / "x.csv"
    path.write_bytes("organization_id,name\no-1,湿地\n".encode("gb18030"))
    assert read_columns(path, table("organizations")) is None
    assert read_columns(tmp_path / "none.csv", table("organizations")) is None


@pytest.mark.usefixtures("reader")
def test_columns_may_be_missing_and_in_any_order(tmp_path: Path) -> None:
    """What is missing has its default."""
    path, declared = tmp_path / "x.csv", table("organizations")
    path.write_text('name,organization_id\n"乙, ""二""",o-2\n甲,o-1\n', encoding="utf-8-sig")
    expected, found = by_rows(path, declared), read_columns(path, declared)
    assert expected is not None
    assert found is not None
    pd.testing.assert_frame_equal(expected, found)
    assert found[["organization_id", "name", "kind"]].to_numpy().tolist() == [
        ["o-2", '乙, "二"', "other"],
        ["o-1", "甲", "other"],
    ]


@pytest.mark.parametrize("block", [1, 2, 3, 7, 1 << 24])
def test_separators_are_counted_over_blocks_of_any_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    """Commas in quotes are none, doubled quotes neither open nor close."""
    monkeypatch.setattr(columns, "_BLOCK", block)
    path = tmp_path / "x.csv"
    for text, expected in {
        "a,b\n1,2\n": 2, '"a,b",c\n': 1, '"a"",""b","",c': 2, 'a"b,c': None, '"a,b': None, '"a"b,c': None,
        '"a"\r\n,"b"': 1, "a\x00,b": None,
    }.items():  # fmt: skip
        path.write_bytes(text.encode())
        assert count_separators(path) == expected, text


def test_both_readers_give_the_same_texts(tmp_path: Path) -> None:
    """Of the same files."""
    path = tmp_path / "x.csv"
    readers: tuple[Callable[[Path, list[str]], Any], ...] = READERS
    for declared in TABLES:
        path.write_text(format_rows(tiny_tables()[declared.name], declared.row), encoding="utf-8")
        one, other = (read(path, list(declared.columns)) for read in readers)
        for column in declared.columns:
            pd.testing.assert_series_equal(one[column], other[column])


def test_without_pyarrow_pandas_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet is an extra, frames are not."""
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.csv", None)
    assert columns.reader() is read_by_pandas
    monkeypatch.undo()
    assert columns.reader() is read_by_arrow
