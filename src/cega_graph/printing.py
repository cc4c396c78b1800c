"""Tables for people: aligned text, CSV, JSON; Chinese characters take two columns."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cega_graph.tabular import guard_formula

if TYPE_CHECKING:
    import pandas as pd

FORMATS: Final = ("table", "csv", "json")

_WIDEST: Final = 48
"""Columns of a terminal that a cell may take in a text table."""


TRUTH: Final = {"en": ("false", "true"), "zh": ("否", "是")}
"""Language → the words for no and yes."""


def to_cells(frame: pd.DataFrame, language: str = "en") -> list[list[str]]:
    """Return the cells of a frame as texts, row by row.

    Missing ones are empty, dates have no time, truth is true or false (是 or 否), numbers have up to 15
    digits and no exponent.

    >>> import pandas as pd
    >>> to_cells(pd.DataFrame({"a": [1.5, None], "b": [True, False], "c": ["湿地", None]}))
    [['1.5', 'true', '湿地'], ['', 'false', '']]
    """
    import pandas as pd

    columns: list[list[str]] = []
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            columns.append([d.isoformat() for d in column.dt.date.astype("object").where(column.notna(), _NoDate())])
        else:
            columns.append([_cell(value, language) for value in column.tolist()])
    return [list(row) for row in zip(*columns, strict=True)]


class _NoDate:
    def isoformat(self) -> str:
        return ""


def _is_missing(value: object) -> bool:
    """None, NA, NaT or NaN; NA first, because comparing it gives no truth value."""
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value  # noqa: PLR0124


def _cell(value: object, language: str) -> str:
    if _is_missing(value):
        return ""
    if isinstance(value, bool):
        return TRUTH[language][value]
    if isinstance(value, float):
        return f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    return str(value)


def width(text: str) -> int:
    """Return the columns that a text takes on a terminal.

    >>> width("SEE 基金会")
    10
    """
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    return 0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1


def to_text(frame: pd.DataFrame, headings: Sequence[str] | None = None, *, language: str = "en") -> str:
    """Return a frame as aligned text, numbers to the right, long cells shortened with `…`.

    Args:
        frame: The index is left out. A Chinese character counts as two columns of the terminal; a cell
            takes at most 48.
        headings: Take the place of the column names; as many as columns.
        language: Of truth, `zh` or `en`.
    """
    import pandas as pd

    head = [*(headings or map(str, frame.columns))]
    rows = [[_short(cell) for cell in row] for row in to_cells(frame, language)]
    right = [pd.api.types.is_numeric_dtype(t) and not pd.api.types.is_bool_dtype(t) for t in frame.dtypes]
    widths = [max([width(h), *(width(row[at]) for row in rows)]) for at, h in enumerate(head)]
    lines = [_line(head, widths, right), "  ".join("-" * w for w in widths), *(_line(r, widths, right) for r in rows)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _short(cell: str) -> str:
    if not cell.isprintable():
        cell = "".join(c if c.isprintable() else " " for c in cell)
    cell = " ".join(cell.split())
    total = end = 0
    for at, character in enumerate(cell, start=1):
        total += _columns(character)
        if total > _WIDEST:
            return f"{cell[:end]}…"
        if total < _WIDEST:
            end = at
    return cell


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = (
        " " * (w - width(c)) + c if r else c + " " * (w - width(c))
        for c, w, r in zip(cells, widths, right, strict=True)
    )
    return "  ".join(padded)


def to_csv(frame: pd.DataFrame, headings: Sequence[str] | None = None, *, language: str = "en") -> str:
    r"""Return a frame as CSV text with a header line and `\n` line ends, the index left out.

    Args:
        frame: Text cells that a spreadsheet would take for a formula are guarded by a leading `'`.
        headings: Take the place of the column names; as many as columns.
        language: Of truth, `zh` or `en`.

    >>> import pandas as pd
    >>> to_csv(pd.DataFrame({"a": ["=1+1"], "b": [-2]}), ["甲", "乙"])
    "甲,乙\n'=1+1,-2\n"
    """
    import pandas as pd

    texts = [not pd.api.types.is_numeric_dtype(t) for t in frame.dtypes]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(headings or frame.columns)
    for row in to_cells(frame, language):
        writer.writerow(guard_formula(c) if is_text else c for c, is_text in zip(row, texts, strict=True))
    return file.getvalue()


def to_json(frame: pd.DataFrame, **more: object) -> str:
    """Return a frame as a JSON object: `rows` (objects by column; missing cells are null) and what else is given."""
    rows = [
        {str(name): _plain(value) for name, value in zip(frame.columns, row, strict=True)}
        for row in frame.itertuples(index=False, name=None)
    ]
    return json.dumps({**more, "rows": rows}, ensure_ascii=False, indent=1) + "\n"


def _plain(value: object) -> object:
    if _is_missing(value):
        return None
    if hasattr(value, "item"):
        return value.item()
    return value.date().isoformat() if hasattr(value, "date") else value
