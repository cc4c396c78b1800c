"""A remote SPARQL endpoint, as a client: the query is sent as it is, and the server decides what it allows."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import Any, Final, cast

from cega_graph.errors import InvalidQuery, StoppedQuery, UnreadableInput
from cega_graph.rdf import PREFIXES
from cega_graph.store.client import LIMIT, SECONDS
from cega_graph.store.guard import decode_escapes
from cega_graph.store.terms import XSD, Answer, Term

_MOST_BYTES: Final = 256 * 1024**2
_ACCEPT: Final = "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.5"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET without the query."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def ask_endpoint(url: str, text: str, *, limit: int | None = LIMIT, seconds: float = SECONDS) -> Answer:
    """Return the answer of a SPARQL endpoint.

    Args:
        url: `http://…` or `https://…`.
        text: Sent with the declarations of the project's prefixes that it uses and does not declare.
        limit: The most rows kept; None for all.
        seconds: For the whole exchange.

    Raises:
        UnreadableInput: The server cannot be reached, or does not answer in SPARQL's formats.
        InvalidQuery: The server calls the query malformed.
        StoppedQuery: Time is over, or the answer exceeds 256 MiB.
    """
    if urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        message = f"{url}: is no endpoint; expected an address that begins with http:// or https://"
        raise UnreadableInput(message)
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        url, data=with_prefixes(text).encode(),
        headers={"Content-Type": "application/sparql-query", "Accept": _ACCEPT, "User-Agent": "cega-graph"},
    )  # fmt: skip
    end = time.monotonic() + seconds
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as response:
            kind = response.headers.get_content_type()
            content = _read(cast("HTTPResponse", response), end, seconds)
    except urllib.error.HTTPError as error:
        said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:200]
        message = f"{url}: answers {error.code} {error.reason}: {said}"
        raise (InvalidQuery if error.code == 400 else UnreadableInput)(message) from None
    except TimeoutError:
        raise StoppedQuery(_late(url, seconds)) from None
    except (OSError, HTTPException) as error:
        message = f"{url}: cannot be reached: {getattr(error, 'reason', error)}"
        raise UnreadableInput(message) from None
    return _answer(url, kind, content, limit)


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


def _late(url: str, seconds: float) -> str:
    return f"{url}: no whole answer within {seconds:g} s; ask for less, or give it more time with --timeout"


def _read(response: HTTPResponse, end: float, seconds: float) -> bytes:
    parts, size = list[bytes](), 0
    while part := response.read1(1 << 16):
        parts.append(part)
        size += len(part)
        if time.monotonic() > end:
            raise StoppedQuery(_late(response.geturl(), seconds))
        if size > _MOST_BYTES:
            message = f"{response.geturl()}: the answer exceeds {_MOST_BYTES >> 20} MiB; ask for less"
            raise StoppedQuery(message)
    return b"".join(parts)


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
