"""A body by any form of its name."""

from __future__ import annotations

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
    for row in dataset.rows("names"):
        spelled = normalize(row.name)
        if spelled in wanted:
            exact.add(row.organization_id)
        elif part and part in spelled:
            partial.add(row.organization_id)
    hits = exact or partial
    bodies = (row for row in dataset.rows("organizations") if row.organization_id in hits)
    return sorted((b.organization_id, b.name, b.name_en, b.kind) for b in bodies)
