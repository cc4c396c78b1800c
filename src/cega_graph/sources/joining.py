"""What a data set says of a project already and what new files say of it, as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from cega_graph.csv_lines import read_csv_line
from cega_graph.model import Grant, Project, Table, table
from cega_graph.ordering import rank
from cega_graph.sources.records import Remark
from cega_graph.tabular import lines_of_rows


def joined(name: str, old: Sequence[str], new: Sequence[str], note: Callable[[str, Remark], None]) -> Iterator[str]:
    """Yield the lines of a table about one project in the stored order.

    Of one key the old row stands, the empty cells of a project filled from the new one.

    Args:
        name: `projects`, `participations` or `grants`.
        old: Lines of the data set.
        new: Those of the files that are added, in the stored order.
        note: Called with the source and what is odd: a new sum that carries the identifier of an old one and differs.
    """
    declared = table(name)
    before = sorted((_row(declared, line) for line in old), key=lambda row: rank(declared, row))
    known = _united(declared, {}, before)
    rows = _united(declared, dict(known), (_row(declared, line) for line in new))
    united = _compared(rows, known, note) if name == "grants" else rows.values()
    yield from lines_of_rows(sorted(united, key=lambda row: rank(declared, row)), declared.row)


def _row(declared: Table, line: str) -> Any:  # noqa: ANN401
    types = declared.types
    cells = zip(declared.columns, read_csv_line(line), strict=True)
    return msgspec.convert(
        {column: cell for column, cell in cells if cell or types[column] == "string"}, declared.row, strict=False
    )


def _united(declared: Table, known: dict[str, Any], rows: Iterable[Any]) -> dict[str, Any]:
    for row in rows:
        key = getattr(row, declared.key[0])
        known[key] = _filled(known[key], row) if key in known else row
    return known


def _filled(first: Any, second: Any) -> Any:  # noqa: ANN401
    """The first of two rows of one key, its empty cells filled from the second; of a sum nothing is filled."""
    if not isinstance(first, Project):
        return first
    own = {f: getattr(second, f) for f in second.__struct_fields__ if getattr(first, f) in ("", None)}
    return msgspec.structs.replace(first, **own)


def _compared(
    grants: dict[str, Grant], known: dict[str, Grant], note: Callable[[str, Remark], None]
) -> Iterator[Grant]:
    """New sums that carry the identifier of an old one of the project and differ are in conflict with it."""
    old = {(g.identifier, g.type): g for g in reversed(known.values()) if g.identifier}
    for grant in grants.values():
        base = old.get((grant.identifier, grant.type))
        if base is None or grant.grant_id in known or grant.conflicts_with:
            yield grant
            continue
        said = f"{grant.amount} / {base.amount}"
        note(grant.source_id, Remark("contradiction", grant.identifier, said, grant.locator))
        yield msgspec.structs.replace(grant, conflicts_with=base.grant_id)
