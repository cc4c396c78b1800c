"""Parquet: the same rows back, for our reader and for pyarrow's own."""

from __future__ import annotations

import builtins
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from cega_graph.dataset.parquet import read_parquet
from cega_graph.errors import UnwritableOutput
from cega_graph.model import TABLES, Row, table
from cega_graph.writers.parquet import write_parquet
from cega_graph.writers.tally import Tally
from dataset_strategies import tables
from factories import a_grant


@given(tables())
def test_every_row_comes_back(rows: dict[str, list[Row]]) -> None:
    """Cell by cell; the count is that of pyarrow; the same rows give the same bytes."""
    with tempfile.TemporaryDirectory() as name:
        for declared in TABLES:
            path, tally = Path(name) / f"{declared.name}.parquet", Tally()
            write_parquet(path, rows[declared.name], declared, tally)
            assert rows[declared.name] == list(read_parquet(path, declared))
            assert (tally.written["rows"], tally.left_out) == (len(rows[declared.name]), {})
            assert pq.read_table(path).num_rows == len(rows[declared.name])
            first = path.read_bytes()
            write_parquet(path, rows[declared.name], declared, Tally())
            assert path.read_bytes() == first


def test_the_schema_is_made_of_the_declaration(tmp_path: Path) -> None:
    """Amounts are decimals, offsets integers, flags booleans; only what may be unknown may be null."""
    path = tmp_path / "grants.parquet"
    write_parquet(path, [a_grant(1)], table("grants"), Tally())
    schema = pq.read_schema(path)
    assert [(f.name, str(f.type), f.nullable) for f in schema if f.type != pa.string()] == [
        ("amount", "decimal128(38, 9)", True),
        ("recipients", "int64", True),
        ("approximate", "bool", True),
        ("text_start", "int64", True),
        ("text_end", "int64", True),
    ]
    assert {f.nullable for f in schema if f.type == pa.string()} == {False}


@pytest.mark.parametrize("amount", ["1E+29", "0.0000000001"])
def test_an_amount_with_too_many_digits_is_left_out(tmp_path: Path, amount: str) -> None:
    """And counted; nothing is rounded."""
    path, tally = tmp_path / "grants.parquet", Tally()
    write_parquet(path, [a_grant(1, amount=Decimal(amount)), a_grant(2)], table("grants"), tally)
    assert [row.grant_id for row in read_parquet(path, table("grants"))] == ["g-2"]
    assert tally.left_out == {("rows", "unfit-amount"): 1}


def test_without_pyarrow_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    genuine = builtins.__import__

    def missing(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return genuine(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(UnwritableOutput, match=r"^Parquet needs pyarrow.*'cega-graph\[parquet\]'$"):
        write_parquet(tmp_path / "x.parquet", [], table("grants"), Tally())
