"""The tables as Parquet, one file each; `dataset.parquet` reads them."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cega_graph.errors import UnwritableOutput
from cega_graph.model import Row, Table
from cega_graph.tabular import columns_of
from cega_graph.writers.tally import Tally

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH: Final = 20_000
"""Rows of a row group, all that is held at once."""

AMOUNT_DIGITS: Final = (38, 9)
"""Digits of an amount, and those behind the point: what every reader of Parquet takes as a decimal."""

_EXACT: Final = Context(prec=1_000)
"""Rounds no amount that a table takes (`tabular`: 400 digits before and 400 behind the point)."""


def arrow_schema(declared: Table) -> pa.Schema:
    """Return the Arrow schema of a table: texts that are never null, `int64`, `decimal128(38, 9)`, `bool`.

    Raises:
        UnwritableOutput: pyarrow is not installed.
    """
    arrow = _arrow()
    types = {
        "string": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.decimal128(*AMOUNT_DIGITS),
        "boolean": arrow.bool_(),
    }
    columns = ((column, types[declared.types[column]]) for column in columns_of(declared.row))
    return arrow.schema([arrow.field(c, t, nullable=c not in declared.required and t != types["string"])
                         for c, t in columns])  # fmt: skip


def _arrow() -> Any:  # noqa: ANN401
    try:
        import pyarrow as pa
    except ImportError:
        message = "Parquet needs pyarrow, which is not installed; python -m pip install 'cega-graph[parquet]'"
        raise UnwritableOutput(message) from None
    return pa


def write_parquet(path: Path, rows: Iterable[Any], declared: Table, tally: Tally) -> None:
    """Write the rows of a table as they come, a row group at a time.

    Args:
        tally: Counts `rows`; a row whose amount has too many digits is left out.

    Raises:
        UnwritableOutput: pyarrow is not installed.
    """
    schema = arrow_schema(declared)
    import pyarrow.parquet as pq

    columns = columns_of(declared.row)
    left = (row for row in rows if _fits(row, tally))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(islice(left, _BATCH)):
            cells = {column: [getattr(row, column) for row in batch] for column in columns}
            writer.write_table(_arrow().table(cells, schema=schema))
            tally.written["rows"] += len(batch)


def to_parquet(rows: Sequence[Any], declared: Table) -> bytes:
    """Return rows of a table, whose amounts are held, as a file of one row group.

    Raises:
        UnwritableOutput: pyarrow is not installed.
    """
    schema = arrow_schema(declared)
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    cells = zip(*map(attrgetter(*columns_of(declared.row)), rows), strict=True) if rows else [[]] * len(schema)
    arrays = [_arrow().array(column, field.type) for column, field in zip(cells, schema, strict=True)]
    pq.write_table(_arrow().Table.from_arrays(arrays, schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


def _fits(row: Row, tally: Tally) -> bool:
    if is_amount_held(row):
        return True
    tally.left_out["rows", "unfit-amount"] += 1
    return False


def is_amount_held(row: Row) -> bool:
    """Tell whether a row has no amount, or one of at most `AMOUNT_DIGITS`."""
    amount: Decimal | None = getattr(row, "amount", None)
    if amount is None:
        return True
    digits, behind = AMOUNT_DIGITS
    _, places, exponent = amount.normalize(_EXACT).as_tuple()
    return isinstance(exponent, int) and -exponent <= behind and len(places) + exponent <= digits - behind
