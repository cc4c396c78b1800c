r"""Terms as N-Triples spells them, and parts: the text of a triple behind its subject.

A part begins with a space and ends with ` .\n`. So `subject.join(["", one, other])` is the lines of a subject: text
joined by the subject has it in front of each part. What many rows have in common (a currency, a date, a body) is
spelled once and kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from cega_graph.dates import earliest, latest
from cega_graph.identifiers import BASE, ONTOLOGY, iri

PREFIXES: Final = {
    "cega": ONTOLOGY,
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "role": BASE + "role/",
    "kind": BASE + "kind/",
    "theme": BASE + "theme/",
    "basis": BASE + "basis/",
    "organization": BASE + "id/organization/",
    "project": BASE + "id/project/",
}
"""Prefix → namespace, known to every query without being written."""

TYPE: Final = f"<{PREFIXES['rdf']}type>"
LABEL: Final = f"<{PREFIXES['rdfs']}label>"
ALSO: Final = f"<{PREFIXES['skos']}altLabel>"
IDENTIFIER: Final = f"<{PREFIXES['dcterms']}identifier>"

_NEEDS_ESCAPE: Final = re.compile(r'[\\"\x00-\x1f\x7f]')
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_CHINESE: Final = re.compile("[\u3400-\u9fff]")
_KEPT: Final = 1 << 14
_KEPT_BODIES: Final = 1 << 16


def escape(text: str) -> str:
    r"""Return a text as it stands between the quotation marks of an N-Triples literal.

    >>> escape('say "x"\\')
    'say \\"x\\"\\\\'
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return text
    return _NEEDS_ESCAPE.sub(lambda m: _SHORT.get(m.group()) or f"\\u{ord(m.group()):04X}", text)


def term(name: str) -> str:
    """Return a class or property of the ontology."""
    return f"<{ONTOLOGY}{name}>"


def node(kind: str, identifier: str) -> str:
    """Return the node of a thing, of a kind as `identifiers.iri` takes it."""
    if identifier.isascii() and identifier.replace("-", "").isalnum():  # nothing to encode
        return f"<{BASE}id/{kind}/{identifier}>"
    return f"<{iri(kind, identifier)}>"


@lru_cache(maxsize=_KEPT_BODIES)
def body_node(organization_id: str) -> str:
    """Return the node of a body, person or group; rows far apart are about the same."""
    return node("organization", organization_id)


@lru_cache(maxsize=_KEPT)
def project_node(project_id: str) -> str:
    """Return the node of a project; rows that follow each other are about the same."""
    return node("project", project_id)


@lru_cache(maxsize=_KEPT)
def grant_node(grant_id: str) -> str:
    """Return the node of a grant; rows that follow each other are about the same."""
    return node("grant", grant_id)


@lru_cache(maxsize=_KEPT)
def concept(scheme: str, identifier: str) -> str:
    """Return the node of a role, kind, theme or basis."""
    return f"<{iri(scheme, identifier)}>"


def is_chinese(text: str) -> bool:
    """Tell whether a text holds a Chinese character."""
    return _CHINESE.search(text) is not None


def plain(text: str) -> str:
    """Return a literal without a language."""
    return f'"{escape(text)}"'


def printed(text: str) -> str:
    """Return a source's words: marked as Chinese where they are, else not marked, for nothing says what they are."""
    return f'"{escape(text)}"' if text.isascii() or not is_chinese(text) else f'"{escape(text)}"@zh'


def labelled(text: str) -> str:
    """Return a name or title: `@zh` where it is Chinese, else `@en`, which lists are sorted and searched by."""
    return f'"{escape(text)}"@en' if text.isascii() or not is_chinese(text) else f'"{escape(text)}"@zh'


def typed(text: str, datatype: str) -> str:
    """Return a literal of a datatype of XML Schema; the text is not escaped."""
    return f'"{text}"^^<{PREFIXES["xsd"]}{datatype}>'


def part(predicate: str, value: str) -> str:
    r"""Return a part.

    >>> part("<x:p>", plain("v"))
    ' <x:p> "v" .\n'
    """
    return f" {predicate} {value} .\n"


@lru_cache(maxsize=_KEPT)
def given(name: str, text: str) -> str:
    """Return the part that says a column whose values come again, as a literal without a language."""
    return part(term(name), plain(text))


@lru_cache(maxsize=_KEPT)
def said(name: str, words: str) -> str:
    """Return the part that says a source's words, which come again."""
    return part(term(name), printed(words))


@lru_cache(maxsize=_KEPT)
def counted(name: str, number: int) -> str:
    """Return the part that says a whole number."""
    return part(term(name), typed(str(number), "integer"))


@lru_cache(maxsize=_KEPT)
def dated(name: str, date: str) -> tuple[str, ...]:
    """Return the parts of a date: at its own precision, and the first and last day it can mean, which engines compare.

    Args:
        date: As the tables hold it; empty if it is not known.
    """
    if not date:
        return ()
    datatype = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(date), "string")
    return (
        part(term(name), plain(date) if "/" in date else typed(date, datatype)),
        part(term(f"{name}Earliest"), typed(earliest(date), "date")),
        part(term(f"{name}Latest"), typed(latest(date), "date")),
    )
