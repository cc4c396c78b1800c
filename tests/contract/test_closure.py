"""The built graph under OWL RL, with the axioms of the borrowed vocabularies."""

from __future__ import annotations

import pytest

from cega_graph.knowledge_graph import KnowledgeGraph
from closure import closure_findings


@pytest.mark.slow
def test_the_closure_of_the_bundled_graph_adds_no_same_as_and_no_contradiction(bundled: KnowledgeGraph) -> None:
    """FOAF's disjointness, functional and inverse functional properties, domains and ranges do not bite."""
    assert closure_findings(bundled.graph()) == []
