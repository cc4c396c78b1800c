"""A CSV file → a frame, column by column; no frame where `tabular.read_rows` has to say what is wrong.

The reference is `read_rows`: a frame holds what its rows hold. Whatever this reader is not sure of (a line with too
few cells, a quote in the middle of a cell, an odd spelling of a number), it leaves to that one, which is slow.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from cega_graph.model import FieldType, Table
from cega_graph.tabular import unguard_formula

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Texts = dict[str, pd.Series[str]]

DTYPES: Final[dict[FieldType, str]] = {"string": "str", "integer": "Int64", "number": "Float64", "boolean": "bool"}
"""Type of a column → dtype of a frame's column."""

_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,90})?")
"""The plain spellings; `tabular` takes odder ones too."""

_BLOCK: Final = 1 << 24
"""Bytes that are looked through at once; no line that Arrow's reader takes is longer."""

_COMMA, _QUOTE, _NEWLINE, _RETURN = b',"\n\r'
_BESIDE_A_QUOTE: Final = (_COMMA, _NEWLINE, _RETURN, _QUOTE)


def read_texts(path: Path, declared: Table, columns: Sequence[str], *, guarded: bool = False) -> Texts | None:
    """Return some columns of a CSV file as they stand there; None if that is left to `read_rows`.

    Args:
        columns: Of them all the file must have.
        guarded: As for `read_rows`.
    """
    texts = _all_texts(path, declared, columns, guarded=guarded)
    return texts and {column: texts[column] for column in columns}


def read_columns(path: Path, declared: Table, *, guarded: bool = False) -> pd.DataFrame | None:
    """Return the rows of a CSV file in its order as a frame; None if that is left to `read_rows`.

    Args:
        guarded: As for `read_rows`.

    Returns:
        The columns of the table in the contract's order, with the dtypes of `DTYPES`; a column that the file
        lacks has its default.
    """
    texts = _all_texts(path, declared, None, guarded=guarded)
    return to_frame(texts, declared) if texts else None


def _all_texts(path: Path, declared: Table, wanted: Sequence[str] | None, *, guarded: bool) -> Texts | None:
    try:
        header = _header(path, declared, guarded=guarded)
        separators = count_separators(path)
        if not header or separators is None or not set(wanted or ()) <= set(header):
            return None
        texts = reader()(path, header, wanted)
    except (OSError, ValueError, csv.Error):
        return None
    if separators != (len(header) - 1) * (1 + len(next(iter(texts.values())))):
        return None  # a line has too few cells, which the readers fill up
    return {column: _unguarded(cells) for column, cells in texts.items()} if guarded else texts


def _header(path: Path, declared: Table, *, guarded: bool) -> list[str]:
    """Return the columns that a file has; none if they are not what they should be, or are fewer than first cells."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        head = list(islice(csv.reader(file, strict=True), 2))
    header = [unguard_formula(cell) if guarded else cell for cell in head[0]] if head else []
    is_known = set(declared.required) <= set(header) <= set(declared.columns) and len(set(header)) == len(header)
    return header if is_known and all(len(line) == len(header) for line in head) else []


def count_separators(path: Path) -> int | None:
    """Return how many commas of a CSV file stand between cells.

    None if a quote stands where readers differ, in the middle of a cell or without a partner, or if there is a
    NUL, at which some readers end a cell.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is empty.
    """
    content = np.memmap(path, dtype=np.uint8, mode="r")
    n_commas = n_quotes = 0
    for start in range(0, len(content), _BLOCK):
        block = content[start : start + _BLOCK]
        commas, quotes = block == _COMMA, np.flatnonzero(block == _QUOTE)
        if not block.all() or not _are_outer(content, quotes + start, n_quotes):
            return None
        if len(quotes):
            places = np.flatnonzero(commas)
            between = np.diff(np.searchsorted(places, quotes), prepend=0, append=len(places))
            n_commas += int(between[n_quotes % 2 :: 2].sum())
        elif n_quotes % 2 == 0:
            n_commas += int(np.count_nonzero(commas))
        n_quotes += len(quotes)
    return None if n_quotes % 2 else n_commas


def _are_outer(content: NDArray[np.uint8], quotes: NDArray[np.int64], n_before: int) -> bool:
    """Tell whether quotes open and close cells, or stand doubled in one.

    Args:
        content: The bytes of the file.
        quotes: Where quotes stand, one after the other.
        n_before: How many stand before these.
    """
    opening, closing = quotes[n_before % 2 :: 2], quotes[1 - n_before % 2 :: 2]
    before = content[opening[opening > 0] - 1]
    behind = content[closing[closing + 1 < len(content)] + 1]
    return bool(np.isin(before, _BESIDE_A_QUOTE).all() and np.isin(behind, _BESIDE_A_QUOTE).all())


def reader() -> Callable[[Path, list[str], Sequence[str] | None], Texts]:
    """Return what reads the cells of a CSV file as texts: Arrow's reader if it is installed, else that of pandas."""
    try:
        import pyarrow.csv  # noqa: F401 - asked for, not used here
    except ImportError:
        return read_by_pandas
    return read_by_arrow


def read_by_pandas(path: Path, header: list[str], wanted: Sequence[str] | None = None) -> Texts:
    """Return column → cells, of all columns or those that are wanted; lines with too few cells are filled up.

    Raises:
        ValueError: A line has too many cells, or the file is no CSV in UTF-8.
    """
    import pandas as pd

    frame = pd.read_csv(
        path, header=0, names=header, index_col=False, dtype=object, na_filter=False, skip_blank_lines=False,
        encoding="utf-8", low_memory=False, usecols=None if wanted is None else [*wanted],
    )  # fmt: skip
    return {column: _column_of_texts(frame.pop(column).to_numpy()) for column in wanted or header}


def _column_of_texts(cells: NDArray[Any]) -> pd.Series[str]:
    """Return texts as a column; one text for all of them, a common case, takes no time."""
    import pandas as pd

    if len(cells) and (cells == cells[0]).all():
        return pd.Series(pd.Series(cells[:1], dtype="str").array.take(np.zeros(len(cells), dtype=np.intp)))
    return pd.Series(cells, dtype="str")


def read_by_arrow(path: Path, header: list[str], wanted: Sequence[str] | None = None) -> Texts:
    """Return column → cells, of all columns or those that are wanted.

    Raises:
        ValueError: A line has too many or too few cells, or the file is no CSV in UTF-8.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(column_names=header, skip_rows=1, block_size=_BLOCK),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.large_string()),
            strings_can_be_null=False,
            include_columns=wanted,
        ),
    )
    return {column: arrow_texts(table.column(column)) for column in wanted or header}


def arrow_texts(cells: Any) -> pd.Series[str]:  # noqa: ANN401 - pyarrow has no types
    """Return Arrow's texts, of which none is null, as a column."""
    import pandas as pd

    dtype: Any = pd.Series(dtype="str").dtype
    if hasattr(dtype, "__from_arrow__"):
        return pd.Series(dtype.__from_arrow__(cells))
    return pd.Series(cells.to_pylist(), dtype="str")


def _unguarded(cells: pd.Series[str]) -> pd.Series[str]:
    return cells.str.removeprefix("'") if cells.str.startswith("'").any() else cells


def to_frame(texts: Texts, declared: Table) -> pd.DataFrame | None:
    """Return cells as a frame with the table's columns and dtypes; None if a cell is not plainly of its type."""
    import pandas as pd

    columns: dict[str, Any] = {}
    n = len(next(iter(texts.values())))
    defaults = {field.name: field.default for field in msgspec.structs.fields(declared.row)}
    for column in declared.columns:
        kind = declared.types[column]
        cells = texts.get(column)
        if cells is None:
            columns[column] = pd.Series([defaults[column]], dtype=DTYPES[kind]).repeat(n).array
        elif kind != "string":
            columns[column] = _CONVERTERS[kind](cells)
        elif column in declared.required and (cells == "").any():
            return None
        else:
            columns[column] = cells.array
        if columns[column] is None:
            return None
    return pd.DataFrame(columns, copy=False)


def spelled(cells: pd.Series[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the different cells of a column, and for each cell its place among them."""
    import pandas as pd

    codes, different = pd.factorize(cells)
    return codes, different.to_numpy(dtype=object).tolist()


def _integers(cells: pd.Series[str]) -> Any | None:  # noqa: ANN401 - an array of pandas
    import pandas as pd

    codes, different = spelled(cells)
    if not all(not text or _INTEGER.fullmatch(text) for text in different):
        return None
    values = np.array([int(text or 0) for text in different], dtype=np.int64)
    return pd.arrays.IntegerArray(values[codes], _are_empty(different)[codes])


def _numbers(cells: pd.Series[str]) -> Any | None:  # noqa: ANN401 - an array of pandas
    codes, different = spelled(cells)
    return number_array(codes, different) if all(not text or _NUMBER.fullmatch(text) for text in different) else None


def number_array(codes: NDArray[np.int64], different: list[str]) -> Any:  # noqa: ANN401 - an array of pandas
    """Return numbers, missing where the text is empty; each is the float that is nearest to what is spelled.

    Args:
        codes: For each number the place of its text.
        different: The texts.
    """
    import pandas as pd

    values = np.array([float(text or 0) for text in different], dtype=np.float64)
    return pd.arrays.FloatingArray(values[codes], _are_empty(different)[codes])


def _are_empty(texts: list[str]) -> NDArray[np.bool_]:
    return np.array([text == "" for text in texts], dtype=np.bool_)


def _booleans(cells: pd.Series[str]) -> Any | None:  # noqa: ANN401 - an array
    codes, different = spelled(cells)
    if not {"true", "false", ""}.issuperset(different):
        return None
    return np.array([text == "true" for text in different], dtype=np.bool_)[codes]


_CONVERTERS: Final[dict[FieldType, Callable[[pd.Series[str]], Any]]] = {
    "integer": _integers,
    "number": _numbers,
    "boolean": _booleans,
}
