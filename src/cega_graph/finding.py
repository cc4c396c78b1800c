"""A body by any form of its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cega_graph.dataset import Dataset
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import normalize


def find_bodies(dataset: Dataset, name: str, ledger: Ledger) -> list[tuple[str, str, str, str]]:
    """Return the bodies that bear a name, as (id, name, English name, kind); exact hits alone if there are any.

    A hit is a name spelled alike in any script or width, a form that the ledger decides to be the
    same, or else a name that contains the words.
    """
    wanted = {normalize(form) for form in (name, *ledger.forms(name))}
    part = normalize(name)
    exact: set[str] = set()
    partial: set[str] = set()
    for body, printed in _cells(dataset, "names", "organization_id", "name"):
        spelled = normalize(printed)
        if spelled in wanted:
            exact.add(body)
        elif part and part in spelled:
            partial.add(body)
    hits = exact or partial
    bodies = _cells(dataset, "organizations", "organization_id", "name", "name_en", "kind")
    return sorted((body, own, english, kind) for body, own, english, kind in bodies if body in hits)


def _cells(dataset: Dataset, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    frame = dataset.frame(table)
    return zip(*(frame[column].to_numpy(dtype=object) for column in columns), strict=True)
