"""Places in a source → RDF: one node a place, shared by all rows that it states."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cega_graph.identifiers import BASE, mint_evidence_key
from cega_graph.model import Decision, Evidence, Row
from cega_graph.rdf.terms import PREFIXES, TYPE, node, part, plain, printed, said, term, typed

_OA: Final = PREFIXES["oa"]
_IS_EVIDENCE: Final = part(TYPE, term("Evidence"))
_IS_SELECTOR: Final = part(TYPE, f"<{_OA}TextPositionSelector>")
_LOCATOR: Final = term("locator")


def place_of(row: Row) -> Evidence | None:
    """Return the evidence block of a row; None for a row of a table that has none."""
    if isinstance(row, Evidence):
        return row
    if isinstance(row, Decision):
        return Evidence(source_id=row.source_id, text_start=row.text_start, text_end=row.text_end)
    return None


def evidence_node(row: Evidence) -> str:
    """Return the node of the place that states a row, or an empty text if it has none."""
    source_id, locator, text_start = row.source_id, row.locator, row.text_start
    if not source_id or (text_start is None and not locator):
        return ""
    return f"<{BASE}id/evidence/{mint_evidence_key(source_id, locator, text_start, row.text_end)}>"


def evidence_lines(row: Evidence, sentence: str = "", place: str | None = None) -> str:
    """Return the triples of the place that states a row: its source, section, position and, if known, sentence.

    Args:
        place: Its node, if it is known.
    """
    place = evidence_node(row) if place is None else place
    parts = ["", _IS_EVIDENCE, _of_source(row.source_id)]
    if row.section:
        parts.append(said("section", row.section))
    if row.locator:
        parts.append(f" {_LOCATOR} {plain(row.locator)} .\n")
    if sentence:
        parts.append(part(term("sentence"), printed(sentence)))
    if row.text_start is None:
        return place.join(parts)
    selector = f"{place[:-1]}/position>"
    parts.append(part(f"<{_OA}hasSelector>", selector))
    position = (
        "",
        _IS_SELECTOR,
        part(f"<{_OA}start>", typed(str(row.text_start), "nonNegativeInteger")),
        part(f"<{_OA}end>", typed(str(row.text_end), "nonNegativeInteger")),
    )
    return place.join(parts) + selector.join(position)


@lru_cache(maxsize=1 << 10)
def _of_source(source_id: str) -> str:
    return part(f"<{_OA}hasSource>", node("source", source_id))
