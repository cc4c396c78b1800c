"""What a data set says of a project already and what new files say of it, as one: its participations and sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from cega_graph.csv_lines import csv_line, read_csv_line
from cega_graph.model import Table, table
from cega_graph.ordering import rank
from cega_graph.sources.restating import Cells


def joined(
    name: str, old: Sequence[str], new: Sequence[str], compare: Callable[[Cells, Cells], None] = lambda *_: None
) -> Iterator[str]:
    """Yield the lines of a table about one project in the stored order; of one key the old row stands.

    Args:
        name: `participations` or `grants`.
        old: Lines of the data set.
        new: Those of the files that are added, in the stored order.
        compare: Called with an old row and a new one of its key, or that carries its identifier and is in no
            conflict yet; both may be changed. Only sums have identifiers.
    """
    declared = table(name)
    before = sorted(
        (Cells(name, read_csv_line(line)) for line in old), key=lambda row: rank(declared, _row(declared, row))
    )
    rows = {row[declared.key[0]]: row for row in before}
    stated = _by_identifier(before) if name == "grants" else {}
    for row in (Cells(name, read_csv_line(line)) for line in new):
        same = rows.setdefault(row[declared.key[0]], row)
        base = same if same is not row else stated.get((row["identifier"], row["type"])) if stated else None
        if base is not None and (same is not row or not row["conflicts_with"]):
            compare(base, row)
    for row in _sorted(declared, rows.values()):
        yield csv_line(row.cells)


def _sorted(declared: Table, rows: Iterable[Cells]) -> list[Cells]:
    return sorted(rows, key=lambda row: rank(declared, _row(declared, row)))


def _by_identifier(grants: Sequence[Cells]) -> dict[tuple[str, str], Cells]:
    return {(one["identifier"], one["type"]): one for one in reversed(grants) if one["identifier"]}


def _row(declared: Table, row: Cells) -> Any:  # noqa: ANN401
    types = declared.types
    cells = zip(declared.columns, row.cells, strict=True)
    return msgspec.convert(
        {column: cell for column, cell in cells if cell or types[column] == "string"}, declared.row, strict=False
    )
