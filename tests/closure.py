"""The OWL RL closure of a graph, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import owlrl
from owlrl.Namespaces import ERRNS
from rdflib import OWL, RDF, Graph, Literal
from rdflib.term import Node

from cega_graph.resources import root

AXIOMS: Final = Path(__file__).with_name("data") / "borrowed-axioms.ttl"

_CEGA_FILES: Final = ("cega.ttl", "roles.ttl", "kinds.ttl", "themes.ttl", "bases.ttl")


def closure_findings(graph: Graph) -> list[str]:
    """Return what the OWL RL closure of a graph with our ontology and the borrowed axioms gets wrong.

    Args:
        graph: The data; not changed.

    Returns:
        One line each, sorted: literals that are none of their datatype (left out of the closure),
        contradictions, members of owl:Nothing, and `owl:sameAs` between two different nodes.
    """
    closure = Graph()
    ill_typed = {o for o in graph.objects() if isinstance(o, Literal) and o.ill_typed}
    for triple in graph:
        if triple[2] not in ill_typed:
            closure.add(triple)
    for name in _CEGA_FILES:
        closure.parse(root("ontology") / name)
    closure.parse(AXIOMS)
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    findings = {f"{str(literal)!r} is no {literal.datatype}" for literal in ill_typed}
    findings |= {str(message) for message in closure.objects(None, ERRNS.error)}
    findings |= {f"{_name(node)} is of owl:Nothing" for node in closure.subjects(RDF.type, OWL.Nothing)}
    for left, right in closure.subject_objects(OWL.sameAs):
        if str(left) < str(right):
            findings.add(f"{_name(left)} is owl:sameAs {_name(right)}")
    return sorted(findings)


def _name(node: Node) -> str:
    return repr(str(node)) if isinstance(node, Literal) else str(node)
