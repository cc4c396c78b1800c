"""Data sets whose tables are Parquet: the same rows and frames as from CSV."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from cega_graph.dataset import Dataset
from cega_graph.dataset.frames import rows_frame
from cega_graph.dataset.load import read_dataset
from cega_graph.dataset.parquet import read_parquet, read_parquet_columns
from cega_graph.errors import InvalidData, MissingExtra, UnreadableInput
from cega_graph.model import TABLES, Row, table
from cega_graph.package import write_tables
from cega_graph.writers.parquet import write_parquet
from cega_graph.writers.tally import Tally
from dataset_strategies import tables
from factories import a_grant, write_tiny_dataset
from many_grants import write_many_grants


def to_parquet(folder: Path, *, parts: int = 1, keep: bool = False) -> Path:
    """Write the CSV tables of a data set as Parquet, and remove them; as folders of parts if several are asked for."""
    for path in sorted([*folder.glob("tables/*.csv"), *folder.glob("curated/*.csv")]):
        declared = table(path.stem)
        rows = list(Dataset([folder])._read(declared, path, 0))
        target = path.with_suffix(".parquet")
        if parts > 1:
            target.mkdir()
            (target / "_SUCCESS").touch()
            size = -(-len(rows) // parts) or 1
            for at in range(parts):
                write_parquet(target / f"part-{at:05}.parquet", rows[at * size : (at + 1) * size], declared, Tally())
        else:
            write_parquet(target, rows, declared, Tally())
        if not keep:
            path.unlink()
    return folder


def assert_equal(one: Dataset, other: Dataset) -> None:
    """Compare the rows and frames of two data sets."""
    for declared in TABLES:
        assert list(one.rows(declared.name)) == list(other.rows(declared.name)), declared.name
        pd.testing.assert_frame_equal(one.frame(declared.name), other.frame(declared.name))


@pytest.mark.parametrize("parts", [1, 3])
def test_rows_and_frames_are_those_of_csv(tmp_path: Path, data_folder: Path, parts: int) -> None:
    """Of the casebook with curated rows, and of grants; as files and as folders of parts."""
    for given_folder in (data_folder, write_many_grants(tmp_path / "many", 200)):
        copy = shutil.copytree(given_folder, tmp_path / f"{given_folder.name}-parquet")
        assert_equal(Dataset([given_folder]), Dataset([to_parquet(copy, parts=parts)]))
        assert all(Dataset([copy])._by_columns(declared) is not None for declared in TABLES)


def test_a_build_of_parquet_is_read_too(built: Path, tmp_path: Path) -> None:
    """Nothing in it is guarded."""
    copy = shutil.copytree(built, tmp_path / "built")
    assert_equal(Dataset([built]), Dataset([to_parquet(copy, parts=2)]))


@settings(max_examples=20)
@given(tables())
def test_hostile_rows_come_back(rows: dict[str, list[Row]]) -> None:
    """Cell by cell, as rows and as a frame."""
    with tempfile.TemporaryDirectory() as name:
        write_tables(Path(name), rows)
        expected = {declared.name: list(Dataset([Path(name)]).rows(declared.name)) for declared in TABLES}
        dataset = Dataset([to_parquet(Path(name))])
        for declared in TABLES:
            assert expected[declared.name] == list(dataset.rows(declared.name))
            frame = rows_frame(declared, expected[declared.name])
            pd.testing.assert_frame_equal(frame, dataset.frame(declared.name))


def test_parquet_is_read_where_both_are_there(tmp_path: Path) -> None:
    """As a Spark build does it."""
    folder = to_parquet(write_tiny_dataset(tmp_path), keep=True)
    (folder / "tables" / "grants.csv").write_text("grant_id\n", encoding="utf-8")
    assert [path.suffix for path in Dataset([folder]).files("grants")] == [".parquet"]
    assert [row.grant_id for row in read_dataset(folder).rows("grants")] == ["g-1"]


def test_amounts_are_spelled_as_csv_spells_them(tmp_path: Path) -> None:
    """Nine digits behind the point are Parquet's, not the source's."""
    path, declared = tmp_path / "grants.parquet", table("grants")
    amounts = ["0.1", "100.00", "12345678901234567890123456789.123456789", "-3", "0.000000001"]
    rows = [a_grant(n, amount=Decimal(amount)) for n, amount in enumerate(amounts)]
    write_parquet(path, [*rows, a_grant(9, amount=None)], declared, Tally())
    read = list(read_parquet(path, declared))
    assert [str(row.amount) for row in read] == ["0.1", "100", *amounts[2:4], "1E-9", "None"]
    frame = read_parquet_columns(path, declared)
    assert frame is not None
    assert frame["amount"].tolist()[:5] == [float(Decimal(amount)) for amount in amounts]


def as_table(**columns: Any) -> pa.Table:
    """Return two rows of the table organizations, some columns replaced."""
    return pa.table({"organization_id": ["o-1", "o-2"], "name": ["甲", "乙"], **columns})


def test_what_other_programs_write_is_read(tmp_path: Path) -> None:
    """Dictionaries, long texts, small integers, floats; nulls are what missing columns are."""
    path = tmp_path / "tables" / "x.parquet"
    path.parent.mkdir()
    kinds = pa.array(["ngo", None]).dictionary_encode()
    pq.write_table(as_table(kind=kinds, region=pa.array(["110000", None], pa.large_string())), path)
    read = list(read_parquet(path, table("organizations")))
    assert [(row.kind, row.region, row.level) for row in read] == [("ngo", "110000", ""), ("other", "", "")]
    grants = pa.table({
        "grant_id": ["g-1", "g-2"], "project_id": ["p", "p"], "amount": [0.1, None],
        "recipients": pa.array([3, None], pa.int8()), "approximate": [None, True],
    })  # fmt: skip
    pq.write_table(grants, path)
    assert [(row.amount, row.recipients, row.approximate) for row in read_parquet(path, table("grants"))] == [
        (Decimal("0.1"), 3, False),
        (None, None, True),
    ]
    frame = read_parquet_columns(path, table("grants"))
    assert frame is not None
    pd.testing.assert_frame_equal(frame, rows_frame(table("grants"), read_parquet(path, table("grants"))))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: as_table(colour=["red", "blue"]), r"tables/x\.parquet: column 'colour' is not known; expected organi"),
        (lambda: as_table().drop_columns(["name"]), r"tables/x\.parquet: column 'name' is missing; expected organi"),
        (lambda: as_table(kind=[1, 2]), r"tables/x\.parquet: column 'kind' is int64, no string"),
        (lambda: as_table(name=["甲", None]), r"tables/x\.parquet row 2 name: is empty; every row needs one"),
    ],
)
def test_what_breaks_the_rules_is_told(tmp_path: Path, make: Callable[[], pa.Table], expected: str) -> None:
    """File, row, column, and what to do; the frame is left to the rows."""
    path = tmp_path / "tables" / "x.parquet"
    path.parent.mkdir()
    pq.write_table(make(), path)
    with pytest.raises(InvalidData, match=f"^{expected}"):
        list(read_parquet(path, table("organizations")))
    assert read_parquet_columns(path, table("organizations")) is None


def test_an_amount_that_is_no_number_is_told(tmp_path: Path) -> None:
    """Floats can be none."""
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"grant_id": ["g"], "project_id": ["p"], "amount": [float("nan")]}), path)
    with pytest.raises(InvalidData, match=r"x\.parquet row 1 amount: is not a number$"):
        list(read_parquet(path, table("grants")))


@pytest.mark.parametrize("name", ["x.parquet", "x.parquet/part-00000.parquet"])
def test_what_is_no_parquet_is_told(tmp_path: Path, name: str) -> None:
    """By the name of the file or part."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("grant_id\n", encoding="utf-8")
    with pytest.raises(UnreadableInput, match=rf"/{name}: is not readable as Parquet: .*; write it anew$"):
        list(read_parquet(tmp_path / "x.parquet", table("grants")))


def test_without_pyarrow_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    folder = to_parquet(write_tiny_dataset(tmp_path))
    for name in [name for name in __import__("sys").modules if name.split(".")[0] == "pyarrow"]:
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(MissingExtra, match=r"^tables/decisions\.parquet: Parquet needs .*'cega-graph\[parquet\]'$"):
        list(Dataset([folder]).rows("grants"))
