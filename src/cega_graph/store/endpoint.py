"""A remote SPARQL endpoint, as a client: the query is sent as it is, and the server decides what it allows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from cega_graph.errors import InvalidQuery, UnreadableInput
from cega_graph.rdf import PREFIXES
from cega_graph.store.client import LIMIT, SECONDS
from cega_graph.store.guard import decode_escapes
from cega_graph.store.http import Answered, exchange, shown, with_parameter
from cega_graph.store.terms import XSD, Answer, Term

_ACCEPT: Final = "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.5"


class Endpoint:
    """A remote graph that can be asked.

    Args:
        url: `http://…` or `https://…`.
        headers: Sent with each query, for authorisation.
        graph: The named graph to ask in place of the server's default graph.
        seconds: For each whole exchange.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str] | None = None, graph: str = "", seconds: float = SECONDS
    ) -> None:
        self._url: Final = with_parameter(url, "default-graph-uri", graph) if graph else url
        self._headers: Final = dict(headers or {})
        self._seconds: Final = seconds

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query; errors are those of `ask_endpoint`."""
        return ask_endpoint(self._url, text, limit=limit, seconds=self._seconds, headers=self._headers)


def ask_endpoint(
    url: str, text: str, *, limit: int | None = LIMIT, seconds: float = SECONDS,
    headers: Mapping[str, str] | None = None,
) -> Answer:  # fmt: skip
    """Return the answer of a SPARQL endpoint.

    Args:
        url: `http://…` or `https://…`.
        text: Sent with the declarations of the project's prefixes that it uses and does not declare.
        limit: The most rows kept; None for all.
        seconds: For the whole exchange.
        headers: Sent along, for authorisation.

    Raises:
        UnreadableInput: The server cannot be reached, or does not answer in SPARQL's formats.
        InvalidQuery: The server calls the query malformed.
        StoppedQuery: Time is over, or the answer exceeds 256 MiB.
    """
    sent = {"Content-Type": "application/sparql-query", "Accept": _ACCEPT, **(headers or {})}
    try:
        kind, content = exchange(url, with_prefixes(text).encode(), sent, seconds=seconds)
    except Answered as error:
        if error.status == 400:
            raise InvalidQuery(str(error)) from None
        raise
    return _answer(shown(url), kind, content, limit)


def with_prefixes(text: str) -> str:
    """Return a query with declarations of the project's prefixes that it uses and does not declare.

    >>> with_prefixes("ASK { ?s a foaf:Agent }")
    'PREFIX foaf: <http://xmlns.com/foaf/0.1/> ASK { ?s a foaf:Agent }'
    """
    plain = decode_escapes(text)
    missing = [
        f"PREFIX {prefix}: <{namespace}> "
        for prefix, namespace in PREFIXES.items()
        if re.search(rf"(?<![\w-]){prefix}:", plain) and not re.search(rf"(?i)prefix\s+{prefix}\s*:", plain)
    ]
    return "".join(missing) + text


def _answer(url: str, kind: str, content: bytes, limit: int | None) -> Answer:
    try:
        if kind.endswith("json") and kind != "application/ld+json":
            return _from_json(json.loads(content), limit)
        return _from_graph(content, kind, limit)
    except (ValueError, KeyError, TypeError, SyntaxError, AttributeError) as error:
        message = f"{url}: the answer ({kind}) is not in a SPARQL format: {error}"
        raise UnreadableInput(message) from None


def _from_json(answer: dict[str, Any], limit: int | None) -> Answer:
    if "boolean" in answer:
        return Answer(form="ask", truth=bool(answer["boolean"]))
    names = list(answer["head"]["vars"])
    found = answer["results"]["bindings"]
    rows = [[_term(row[name]) if name in row else None for name in names] for row in found[:limit]]
    return Answer(form="select", columns=names, rows=rows, cut=limit is not None and len(found) > limit)


def _term(cell: dict[str, str]) -> Term:
    kind = {"uri": "iri", "bnode": "blank"}.get(cell["type"], "literal")
    datatype = cell.get("datatype", "")
    return Term(kind, cell["value"], "" if datatype == f"{XSD}string" else datatype, cell.get("xml:lang", ""))


def _from_graph(content: bytes, kind: str, limit: int | None) -> Answer:
    import pyoxigraph as ox

    from cega_graph.store.engines import Oxigraph

    form = ox.RdfFormat.from_media_type(kind)
    triples = [quad.triple for quad in ox.parse(content, format=form)]
    return Oxigraph(triples).answer("CONSTRUCT WHERE { ?s ?p ?o }", limit)
