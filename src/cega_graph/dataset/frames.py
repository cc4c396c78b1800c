"""The frames of a data set whose files need no uniting: put in order, joined and inferred column by column.

The reference is `Dataset.rows`. Where columns cannot tell what rows would be (two rows with one key that
differ, say), there is no frame, and the rows are asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cega_graph.dataset.columns import DTYPES, read_columns, read_texts
from cega_graph.dataset.filling import united
from cega_graph.dataset.inference import infer
from cega_graph.dataset.parquet import read_parquet_columns, read_parquet_texts
from cega_graph.model import Row, Table
from cega_graph.ordering import rank
from cega_graph.package import UNITED

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


def rows_frame(declared: Table, rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a frame: the columns of the contract, with the dtypes of `columns.DTYPES`."""
    import pandas as pd

    values: list[list[Any]] = [[] for _ in declared.columns]
    for row in rows:
        for cells, column in zip(values, declared.columns, strict=True):
            cells.append(getattr(row, column))
    made = {
        column: pd.Series(
            [float(c) if c is not None and declared.types[column] == "number" else c for c in cells],
            dtype=DTYPES[declared.types[column]],
        )
        for column, cells in zip(declared.columns, values, strict=True)
    }
    return pd.DataFrame(made, columns=list(declared.columns))


def read_frame(declared: Table, paths: Sequence[Path], *, guarded: bool = False) -> pd.DataFrame | None:
    """Return the table that is stored in some files of one data set, as `Dataset.rows` gives it.

    Args:
        paths: A reader's file before a person's, as CSV or Parquet.
        guarded: As for `tabular.read_rows`.

    Returns:
        None if that is left to the rows: there is no file, or one breaks a rule.
    """
    read = [_stored(path, declared, guarded=guarded) for path in paths]
    frames = [frame for frame in read if frame is not None]
    if not frames or len(frames) < len(read):
        return None
    if declared.name in UNITED:
        return _united(declared, frames)
    ordered = _in_order(declared, _joined(frames))
    return _with_inferred(declared, ordered) if ordered is not None and declared.name == "participations" else ordered


def _stored(path: Path, declared: Table, *, guarded: bool) -> pd.DataFrame | None:
    if path.suffix == ".parquet":
        return read_parquet_columns(path, declared)
    return read_columns(path, declared, guarded=guarded)


def read_stored_texts(path: Path, declared: Table, columns: Sequence[str], *, guarded: bool) -> pd.DataFrame | None:
    """Return some columns of texts of a CSV or Parquet file; None if that is left to the rows."""
    import pandas as pd

    if path.suffix == ".parquet":
        texts = read_parquet_texts(path, columns)
    else:
        texts = read_texts(path, declared, columns, guarded=guarded)
    return pd.DataFrame(texts, copy=False) if texts else None


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _in_order(declared: Table, frame: pd.DataFrame) -> pd.DataFrame | None:
    """Return a frame in the order of `ordering.rank`; None if two rows have one key at one place."""
    columns = [*declared.order, *(declared.key or declared.columns)]
    is_sorted, has_ties = compare_neighbours(frame, columns)
    if not is_sorted:
        frame = _sorted(frame, columns)
        has_ties = compare_neighbours(frame, columns)[1]
    return None if has_ties and declared.key else frame


def _sorted(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return frame.sort_values([*columns], kind="stable", na_position="first", ignore_index=True)


def compare_neighbours(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[bool, bool]:
    """Tell whether rows stand in the order of some columns, and whether two neighbours are alike in all of them.

    Missing numbers come first. Where rows are not in order, the second answer is False.
    """
    tied = np.arange(max(0, len(frame) - 1))
    for column in columns:
        values = _comparable(frame[column])
        first, second = values[tied], values[tied + 1]
        if (first > second).any():
            return False, False
        tied = tied[first == second]
    return True, bool(len(tied))


_BEFORE_ALL: Final = -(10**18)
"""Below every whole number that a table takes (`tabular`: 18 digits)."""


def _comparable(cells: pd.Series[Any]) -> Any:  # noqa: ANN401 - an array of numpy or pandas
    return cells.to_numpy(dtype=np.int64, na_value=_BEFORE_ALL) if cells.dtype == "Int64" else cells.array


def _united(declared: Table, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return one row a key, in order of the keys, as `filling.united` unites the rows of one after the other."""
    whole, key = _joined(frames), list(declared.key)
    if compare_neighbours(whole, key) == (True, False):
        return whole
    several = whole.duplicated(key, keep=False).to_numpy()
    if not several.any():
        return _sorted(whole, key)
    at = np.repeat(np.arange(len(frames)), [len(frame) for frame in frames])[several]
    rows = sorted(zip(at.tolist(), to_rows(declared, whole[several]), strict=True),
                  key=lambda one: (one[0], rank(declared, one[1])))  # fmt: skip
    made = rows_frame(declared, united((row for _, row in rows), declared))
    return _sorted(_joined([whole[~several], made]), key)


def to_rows(declared: Table, frame: pd.DataFrame) -> list[Any]:
    """Return a frame without amounts as rows."""
    import pandas as pd

    columns = [
        [None if cell is pd.NA else cell for cell in frame[column].tolist()]
        if declared.types[column] == "integer"
        else frame[column].tolist()
        for column in declared.columns
    ]
    return [declared.row(**dict(zip(declared.columns, cells, strict=True))) for cells in zip(*columns, strict=True)]


def _with_inferred(declared: Table, frame: pd.DataFrame) -> pd.DataFrame | None:
    """Return participations in order, with what is inferred anew in its place; None if that is left to the rows."""
    import pandas as pd

    is_stated = (frame["basis"] != "inferred").to_numpy()
    stated = frame if is_stated.all() else frame[is_stated].reset_index(drop=True)
    project, projects = pd.factorize(stated["project_id"])
    concerned = _projects_to_infer(project, stated["role"])[project]
    inferred = list(infer(to_rows(declared, stated[concerned])))
    if not inferred:
        return stated
    made = rows_frame(declared, inferred)
    has_more = np.zeros(len(projects), dtype=np.bool_)
    has_more[projects.get_indexer(pd.Index(made["project_id"].unique()))] = True
    changed = has_more[project]
    some = _in_order(declared, _joined([stated[changed], made]))
    if some is None:
        return None
    first = np.flatnonzero(np.diff(project, prepend=-1))
    place = np.concatenate([np.flatnonzero(~changed), first[projects.get_indexer(pd.Index(some["project_id"]))]])
    return _joined([stated[~changed], some]).take(np.argsort(place, kind="stable")).reset_index(drop=True)


def _projects_to_infer(project: NDArray[np.int64], roles: pd.Series[str]) -> NDArray[np.bool_]:
    """Return to which projects `infer` may add something: submitted ones without a funder, or with a grantee.

    Args:
        project: Of each participation the place of its project, from 0.
        roles: Of each participation the role.
    """
    n = int(project.max(initial=-1)) + 1
    has = {
        role: np.bincount(project[(roles == role).to_numpy(dtype=bool)], minlength=n) > 0
        for role in ("submitter", "funder", "grantee")
    }
    return np.asarray(has["submitter"] & (~has["funder"] | has["grantee"]))
