"""A table as Parquet, a file or a folder of parts → its rows, or a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from cega_graph.dataset.columns import arrow_texts, number_array, spelled
from cega_graph.errors import InvalidData, MissingExtra, UnreadableInput
from cega_graph.model import FieldType, Table
from cega_graph.tabular import Wanted, format_decimal

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset.columns import Texts

_BATCH: Final = 20_000
"""Rows that are held at once."""


def read_parquet(path: Path, declared: Table, wanted: Wanted | None = None) -> Iterator[Any]:
    """Yield the rows of a table in the order of the file, or of the names of the parts.

    A text that is null, like a column that is missing, has the column's default. Amounts are spelled as
    `format_decimal` spells them.

    Args:
        path: A file, or a folder of files that end in `.parquet`.
        wanted: Only these rows.

    Raises:
        MissingExtra: pyarrow is not installed.
        UnreadableInput: A file is missing or is no Parquet.
        InvalidData: A column is missing, is not known or not of its type, or a cell is empty that must not be; all
            of them, one line each.
    """
    findings: list[str] = []
    for part in _parts(path):
        start = 1
        for some in _pieces(part, _BATCH):
            table = _normal(some, declared, _called(part))
            if wanted:
                table = _wanted_of(table, wanted)
            empty = _empty_cells(table, declared, start)
            findings += [f"{_called(part)} {cell}" for cell in empty]
            if not empty:
                yield from _rows(table, declared)
            start += len(some)
    if findings:
        raise InvalidData(findings)


def read_parquet_columns(path: Path, declared: Table) -> pd.DataFrame | None:
    """Return the rows that `read_parquet` yields as a frame; None if it raises `InvalidData`.

    Returns:
        The columns of the table in the contract's order, with the dtypes of `columns.DTYPES`.

    Raises:
        MissingExtra: pyarrow is not installed.
        UnreadableInput: A file is missing or is no Parquet.
    """
    arrow = _arrow(path)
    try:
        tables = [_normal(some, declared, "") for part in _parts(path) for some in _pieces(part, None)]
    except InvalidData:
        return None
    if not tables:
        return None
    table = arrow.concat_tables(tables)
    return None if _empty_cells(table, declared, 1) else _framed(table, declared)


def read_parquet_texts(path: Path, columns: Sequence[str]) -> Texts | None:
    """Return some columns of texts; None where `read_parquet` has to say what is wrong.

    Raises:
        MissingExtra: pyarrow is not installed.
        UnreadableInput: A file is missing or is no Parquet.
    """
    arrow = _arrow(path)
    tables = []
    for part in _parts(path):
        for some in _pieces(part, None, columns):
            if some.column_names != list(columns) or not all(_is_of("string", field.type) for field in some.schema):
                return None
            tables.append(arrow.table([_column(some.column(c), "string", "") for c in columns], names=[*columns]))
    if not tables:
        return None
    table = arrow.concat_tables(tables)
    return {column: arrow_texts(table.column(column)) for column in columns}


def _arrow(path: Path) -> Any:  # noqa: ANN401 - pyarrow has no types
    try:
        import pyarrow as pa
    except ImportError:
        message = f"{_called(path)}: Parquet needs pyarrow, which is not installed; "
        message += "python -m pip install 'cega-graph[parquet]'"
        raise MissingExtra(message) from None
    return pa


def _called(path: Path) -> str:
    """Return what messages call a file or a part of a folder."""
    return "/".join(path.parts[-3 if path.parent.suffix == ".parquet" else -2 :])


def _parts(path: Path) -> list[Path]:
    _arrow(path)
    return sorted(part for part in path.glob("*.parquet") if part.name[0] not in "._") if path.is_dir() else [path]


def _pieces(path: Path, n_rows: int | None, columns: Sequence[str] | None = None) -> Iterator[Any]:
    """Yield a file, or those of some columns that it has, as Arrow tables of at most so many rows; else as one."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            if n_rows is None:
                yield file.read(columns=None if columns is None else [*columns])
            else:
                yield from (pa.Table.from_batches([batch]) for batch in file.iter_batches(n_rows))
    except (OSError, pa.ArrowException) as error:
        message = f"{_called(path)}: is not readable as Parquet: {' '.join(str(error).split())}; write it anew"
        raise UnreadableInput(message) from None


def _wanted_of(table: Any, wanted: Wanted) -> Any:  # noqa: ANN401
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(sorted(wanted.texts), _arrow_type("string"))
    return table.filter(pc.is_in(table.column(wanted.column), value_set=texts))


def _normal(table: Any, declared: Table, where: str) -> Any:  # noqa: ANN401
    """Return an Arrow table with the columns of the contract, each of its type; texts are never null.

    Raises:
        InvalidData: Columns are missing, not known or of another type.
    """
    import pyarrow as pa

    found = table.column_names
    wrong = [f"column {c!r} is missing" for c in declared.required if c not in found]
    wrong += [f"column {c!r} is not known" for c in found if c not in declared.columns]
    wrong += [f"column {c!r} stands twice" for c in sorted({c for c in found if found.count(c) > 1})]
    if wrong:
        raise InvalidData([f"{where}: {line}; expected {','.join(declared.columns)}" for line in wrong])
    types = {column: declared.types[column] for column in declared.columns}
    foreign = [c for c in found if not _is_of(types[c], table.schema.field(c).type)]
    if foreign:
        raise InvalidData([f"{where}: column {c!r} is {table.schema.field(c).type}, no {types[c]}" for c in foreign])
    defaults = {field.name: field.default for field in msgspec.structs.fields(declared.row)}
    columns = [
        _column(table.column(c), kind, "" if c in declared.required else defaults[c])
        if c in found
        else pa.chunked_array([pa.array([defaults[c]] * len(table), _arrow_type(kind))])
        for c, kind in types.items()
    ]
    return pa.table(columns, names=list(types))


def _is_of(kind: FieldType, given: Any) -> bool:  # noqa: ANN401
    """Tell whether a column of an Arrow type holds what a column of a table's type may hold."""
    from pyarrow import types

    if types.is_dictionary(given):
        return _is_of(kind, given.value_type)
    if kind == "string":
        return bool(types.is_string(given) or types.is_large_string(given) or types.is_string_view(given))
    if kind == "number":
        return bool(types.is_decimal(given) or types.is_integer(given) or types.is_floating(given))
    return bool(types.is_integer(given) if kind == "integer" else types.is_boolean(given))


def _arrow_type(kind: FieldType) -> Any:  # noqa: ANN401
    import pyarrow as pa

    return {"string": pa.large_string(), "integer": pa.int64(), "number": pa.large_string(), "boolean": pa.bool_()}[
        kind
    ]


def _column(cells: Any, kind: FieldType, default: object) -> Any:  # noqa: ANN401
    """Return cells in the type that `_arrow_type` says; amounts become texts, which lose no digit."""
    cells = cells.cast(_arrow_type(kind))
    return cells.fill_null(default) if default is not None and cells.null_count else cells


def _empty_cells(table: Any, declared: Table, start: int) -> list[str]:  # noqa: ANN401
    """Return row and column of the cells that are empty and must not be, and of amounts that are no number.

    Args:
        start: The number of the first row.
    """
    import pyarrow.compute as pc

    found = []
    for column in declared.required:
        if pc.any(is_empty := pc.equal(table.column(column), "")).as_py():
            found += [(at, f"{column}: is empty; every row needs one") for at in np.flatnonzero(is_empty)]
    for column in (c for c in declared.columns if declared.types[c] == "number"):
        if pc.any(is_none := pc.is_in(table.column(column), value_set=_no_numbers())).as_py():
            found += [(at, f"{column}: is not a number") for at in np.flatnonzero(is_none)]
    return [f"row {start + at} {said}" for at, said in sorted(found)]


def _no_numbers() -> Any:  # noqa: ANN401
    """What Arrow writes for a float that is no number."""
    import pyarrow as pa

    return pa.array(["nan", "-nan", "inf", "-inf"], _arrow_type("number"))


def _rows(table: Any, declared: Table) -> Iterator[Any]:  # noqa: ANN401
    names = table.column_names
    cells = [
        [None if text is None else Decimal(format_decimal(Decimal(text))) for text in column.to_pylist()]
        if declared.types[name] == "number"
        else column.to_pylist()
        for name, column in zip(names, table.columns, strict=True)
    ]
    yield from (declared.row(**dict(zip(names, row, strict=True))) for row in zip(*cells, strict=True))


def _framed(table: Any, declared: Table) -> pd.DataFrame:  # noqa: ANN401
    import pandas as pd

    makers: dict[FieldType, Callable[[Any], Any]] = {
        "string": lambda cells: arrow_texts(cells).array,
        "integer": _integers,
        "number": lambda cells: number_array(*spelled(arrow_texts(cells.fill_null("")))),
        "boolean": lambda cells: cells.to_numpy(),
    }
    columns = {name: makers[declared.types[name]](table.column(name)) for name in table.column_names}
    return pd.DataFrame(columns, copy=False)


def _integers(cells: Any) -> Any:  # noqa: ANN401
    import pandas as pd

    return pd.arrays.IntegerArray(cells.fill_null(0).to_numpy(), cells.is_null().to_numpy())
