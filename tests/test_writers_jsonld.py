"""JSON-LD under our own context."""

from __future__ import annotations

import json

import pytest
from rdflib import Graph

from cega_graph.identifiers import BASE, ONTOLOGY
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.store import parse_ntriples, to_rdflib
from cega_graph.writers.jsonld import read_context, to_jsonld

NODE = f"<{BASE}id/organization/o-1>"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def test_a_node_is_one_object_with_its_values_by_name() -> None:
    """Types first as `@type`, texts with language, typed values with datatype, links as `@id`."""
    lines = [
        f'{NODE} <{ONTOLOGY}level> "a" .',
        f"{NODE} <{RDF}type> <{ONTOLOGY}Foundation> .",
        f'{NODE} <http://www.w3.org/2000/01/rdf-schema#label> "一"@zh .',
        f'{NODE} <{ONTOLOGY}amount> "5"^^<{XSD}decimal> .',
        f"{NODE} <{ONTOLOGY}funds> <{BASE}id/project/x> .",
        f"{NODE} <{ONTOLOGY}funds> <{BASE}id/project/y> .",
        f'<{BASE}id/project/x> <http://other.example/p> "z" .',
    ]
    document = json.loads(to_jsonld(parse_ntriples("\n".join(lines) + "\n")))
    assert document["@graph"] == [
        {
            "@id": f"{BASE}id/organization/o-1",
            "@type": ["cega:Foundation"],
            "cega:amount": [{"@value": "5", "@type": f"{XSD}decimal"}],
            "cega:funds": [{"@id": f"{BASE}id/project/x"}, {"@id": f"{BASE}id/project/y"}],
            "cega:level": [{"@value": "a"}],
            "rdfs:label": [{"@value": "一", "@language": "zh"}],
        },
        {"@id": f"{BASE}id/project/x", "http://other.example/p": [{"@value": "z"}]},
    ]


def test_the_context_of_a_file_holds_prefixes_only_and_refers_to_nothing() -> None:
    """No reader has to fetch anything, and no key can be taken for another."""
    context = json.loads(to_jsonld([]))["@context"]
    assert context["cega"] == ONTOLOGY
    assert all(isinstance(value, str) and value.endswith(("/", "#")) for value in context.values())
    assert context.items() <= read_context().items()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD reader
def test_the_ontologys_context_reads_the_bundled_graph_too(bundled: KnowledgeGraph) -> None:
    """`ontology/context.jsonld` in the place of the file's own gives the same graph."""
    text = bundled.ntriples()
    document = json.loads(to_jsonld(parse_ntriples(text)))
    document["@context"] = read_context()
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    assert set(to_rdflib(text)) == set(graph)
