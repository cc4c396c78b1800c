"""What every engine answers with: terms and answers that travel between processes."""

from __future__ import annotations

from typing import Final

import msgspec

from cega_graph.rdf import PREFIXES

XSD: Final = PREFIXES["xsd"]


class Term(msgspec.Struct, frozen=True, array_like=True):
    """An RDF term; `kind` is `iri`, `literal` or `blank`, `datatype` an IRI or empty for plain text."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a query.

    `form` is `select`, `ask` or `graph`; `rows` are the solutions in the order of the engine, or the
    triples of a graph, sorted, each once; `cut` says that there were more rows than the cap.
    """

    form: str
    columns: list[str] = []
    rows: list[list[Term | None]] = []
    truth: bool = False
    cut: bool = False


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A query for a worker; `limit` is the most rows that it hands back, None for all."""

    text: str
    limit: int | None
    seconds: float


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why a worker gives no answer: the name of an error of `errors` and its text."""

    error: str
    message: str


class Reply(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a worker answers."""

    answer: Answer


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker loads first: the text of a graph, a file, or an on-disk store; `form` is a media type."""

    engine: str
    form: str
    content: bytes = b""
    path: str = ""
    store: str = ""


_LONGEST_FIRST: Final = sorted(PREFIXES.items(), key=lambda item: -len(item[1]))


def shorten(iri: str) -> str:
    """Return an IRI under the first prefix of `rdf.PREFIXES` that leaves a simple name; else as it is.

    >>> shorten("https://w3id.org/cega-graph/id/organization/o-5021e29a59"), shorten("https://example.org/x")
    ('organization:o-5021e29a59', 'https://example.org/x')
    """
    for prefix, namespace in _LONGEST_FIRST:
        name = iri[len(namespace) :]
        if iri.startswith(namespace) and name and not set(name) & set("/#?:%"):
            return f"{prefix}:{name}"
    return iri
