"""Parsing and serialising the graph."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.rdf import PREFIXES
from cega_graph.store import parse_ntriples, to_rdflib, to_store, to_turtle
from cega_graph.store.convert import load_texts

LINES = '<http://b> <http://p> "2" .\n<http://a> <http://p> "1"@zh .\n'


def test_triples_keep_their_order() -> None:
    """Neither parsing nor serialising sorts."""
    triples = parse_ntriples(LINES)
    assert [str(t.subject) for t in triples] == ["<http://b>", "<http://a>"]
    body = to_turtle(triples).partition("\n\n")[2]
    assert body.index("<http://b>") < body.index("<http://a>")


@pytest.mark.parametrize("pieces", [[], [""], [LINES], ["", *LINES.splitlines(keepends=True), ""], [LINES * 100_000]])
def test_pieces_of_text_make_the_store_that_the_whole_makes(pieces: list[str]) -> None:
    """However large they are."""
    expected = to_store(parse_ntriples("".join(pieces)))
    assert set(expected) == set(load_texts(pieces))


def test_turtle_begins_with_every_prefix_in_order() -> None:
    """Prefix lines are sorted, since Oxigraph writes them in the order of a hash table."""
    head, _, body = to_turtle(parse_ntriples(LINES)).partition("\n\n")
    assert head.splitlines() == sorted(f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in PREFIXES.items())
    assert "@prefix" not in body


def test_turtle_of_nothing_is_readable() -> None:
    """An empty graph is no error."""
    assert list(ox.parse(to_turtle([]), format=ox.RdfFormat.TURTLE)) == []


def test_the_store_answers_queries_over_its_default_graph() -> None:
    """What was put in is found."""
    found = to_store(parse_ntriples(LINES)).query("SELECT ?o { <http://a> <http://p> ?o }")
    assert isinstance(found, ox.QuerySolutions)
    assert [row["o"] for row in found] == [ox.Literal("1", language="zh")]


def test_the_rdflib_graph_knows_the_prefixes_of_the_project_only() -> None:
    """A user can write `cega:funds` at once, and rdflib's own list does not come along."""
    graph = to_rdflib(LINES)
    assert {p: str(n) for p, n in graph.namespaces()} == PREFIXES


def test_every_engine_reads_the_same_bundled_graph(bundled: KnowledgeGraph) -> None:
    """Oxigraph and rdflib count the same triples; Turtle and N-Triples are isomorphic."""
    text = bundled.ntriples()
    triples = parse_ntriples(text)
    graph = to_rdflib(text)
    assert len(to_store(triples)) == len(graph) == len(triples) == text.count("\n")
    assert isomorphic(graph, Graph().parse(data=to_turtle(triples), format="turtle"))
