"""The embedded SPARQL store, and the serialisations that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cega_graph.rdf import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib


def parse_ntriples(text: str) -> list[ox.Triple]:
    """Return the triples of N-Triples text, in its order, repeated ones too.

    Raises:
        SyntaxError: The text is not N-Triples; it is meant for text that this package wrote.
    """
    import pyoxigraph as ox

    return [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES)]


def to_turtle(triples: list[ox.Triple]) -> str:
    """Return triples as Turtle, in their order, with the project's prefixes sorted (Oxigraph does not)."""
    import pyoxigraph as ox

    content: bytes = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)  # type: ignore[assignment]
    lines = content.decode("utf-8").splitlines(keepends=True)
    head = sorted(line for line in lines[: len(PREFIXES)])
    return "".join([*head, "\n", *lines[len(PREFIXES) :]])


def to_store(triples: list[ox.Triple]) -> ox.Store:
    """Return an in-memory store that holds the triples in its default graph, each once.

    The default graph, because with named graphs a query without `GRAPH` sees nothing.
    """
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    return store


def to_rdflib(text: str) -> rdflib.Graph:
    """Return N-Triples text as an rdflib graph with the project's prefixes bound."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    graph.parse(data=text, format="nt")
    return graph
