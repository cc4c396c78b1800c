"""The embedded SPARQL store, and the serialisations that it writes."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

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


def load_texts(texts: Iterable[str]) -> ox.Store:
    """Return an in-memory store of N-Triples that come in pieces, each of them whole lines; none is held as text.

    Raises:
        SyntaxError: They are not N-Triples; it is meant for what this package writes.
    """
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_load(input=_Pieces(texts), format=ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]
    return store


class _Pieces(io.RawIOBase):
    """Texts as a file that is read from its beginning."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts: Final = iter(texts)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        filled = 0
        while filled < len(buffer):
            if not self._left:
                text = next(self._texts, None)
                if text is None:
                    break
                self._left = memoryview(text.encode())
            n = min(len(self._left), len(buffer) - filled)
            buffer[filled : filled + n] = self._left[:n]
            self._left = self._left[n:]
            filled += n
        return filled


def to_rdflib(text: str) -> rdflib.Graph:
    """Return N-Triples text as an rdflib graph with the project's prefixes bound."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    graph.parse(data=text, format="nt")
    return graph
