r"""Which queries may run on local data.

A query is decoded (`\u0053` is `S` before any grammar is read), parsed by rdflib and its tree is
walked. What rdflib cannot parse but Oxigraph can is refused if the decoded text holds one of the
words: Oxigraph reads `1SERVICE<x>` as a number and a keyword, so no search for tokens is safe. This
is the first wall; the second is that the worker can open no socket and no file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cega_graph.errors import InvalidQuery, RefusedQuery
from cega_graph.rdf import PREFIXES

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_REACHES_OUT: Final = re.compile("service|from", re.IGNORECASE)
_UPDATE: Final = re.compile(r"(?i)\s*(insert|delete|load|clear|drop|create|add|move|copy|with)\b")
_PROLOGUE: Final = re.compile(r"(?i)\s*(?:#[^\n]*\n|prefix\s+[^\s:]*:\s*<[^>]*>|base\s*<[^>]*>)")

_REASONS: Final = {
    "ServiceGraphPattern": "SERVICE would send data to another server; ask that server with --endpoint instead",
    "DatasetClause": "FROM would read another graph; name the data with --data instead",
}
_DEEPEST: Final = 100
_NO_UPDATES: Final = "the data are read only; change the tables and build again"


def decode_escapes(text: str) -> str:
    r"""Return a query without codepoint escapes, those that a decoding brings forth included.

    Source: SPARQL 1.1 Query Language §19.2.

    Raises:
        InvalidQuery: An escape names no character.

    >>> decode_escapes(r"\u0053ERV\U00000049CE"), decode_escapes(r"\u005Cu0053")
    ('SERVICE', 'S')
    """
    while True:
        decoded = _ESCAPE.sub(_character, text)
        if decoded == text:
            return text
        text = decoded


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        message = f"query: {match[0]!r} names no character"
        raise InvalidQuery(message)
    return chr(code)


def checked(text: str) -> str:
    """Return the text that an engine may run: decoded, and neither reaching out nor changing anything.

    Raises:
        RefusedQuery: It holds SERVICE, FROM or an update, in whatever spelling.
        InvalidQuery: It is empty or an escape names no character. Other faults of the grammar are
            left to the engine, which names the position.
    """
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    decoded = decode_escapes(text)
    if not decoded.strip():
        message = "query: is empty; give a SELECT, ASK, CONSTRUCT or DESCRIBE"
        raise InvalidQuery(message)
    _refuse_update(decoded)
    _refuse_depth(decoded)
    try:
        tree = parseQuery(decoded)
    except (ParseException, RecursionError, ValueError, TypeError):
        found = _REACHES_OUT.search(decoded)
        if found and not is_malformed(decoded):
            message = (
                f"query:{position(decoded, found.start())}: {found[0]!r} stands in a query that the reference "
                "parser cannot read, so it may reach out; write it in standard SPARQL 1.1"
            )
            raise RefusedQuery(message) from None
        return decoded
    for name in _names(tree):
        if name in _REASONS:
            message = f"query: {_REASONS[name]}"
            raise RefusedQuery(message)
    return decoded


def is_malformed(text: str) -> bool:
    """Tell whether Oxigraph finds a fault inside a decoded query too; nothing is ever run.

    A control character after the text is a fault in any grammar, so the query cannot be evaluated;
    if it is the first one, the text itself, or all that there is of it, can be read.
    """
    import pyoxigraph as ox

    try:
        ox.Store().query(f"{text}\n\x01", prefixes=PREFIXES)
    except SyntaxError as error:
        found = re.match(r"error at (\d+):", str(error))
        return found is not None and int(found[1]) <= text.count("\n") + 1
    return False


def _refuse_depth(text: str) -> None:
    """Both parsers recurse, and Oxigraph's would overflow the stack; brackets in strings count too."""
    depth = 0
    for found in re.finditer(r"([({\[])|[)}\]]", text):
        depth += 1 if found[1] else -1
        if depth > _DEEPEST:
            message = f"query:{position(text, found.start())}: is nested more than {_DEEPEST} deep; write it flatter"
            raise InvalidQuery(message)


def _refuse_update(text: str) -> None:
    at = 0
    while found := _PROLOGUE.match(text, at):
        at = found.end()
    if found := _UPDATE.match(text, at):
        word = found[1].upper()
        message = f"query:{position(text, found.start(1))}: {word} is an update; {_NO_UPDATES}"
        raise RefusedQuery(message)


def position(text: str, at: int) -> str:
    r"""Return `line:column` of an offset, both from 1.

    >>> position("ASK\n{ ?s", 6)
    '2:3'
    """
    before = text[:at]
    return f"{before.count(chr(10)) + 1}:{at - before.rfind(chr(10))}"


def _names(tree: object) -> Iterator[str]:
    """Yield the names of all nodes of rdflib's parse tree, FILTER EXISTS and sub-selects included."""
    from pyparsing import ParseResults
    from rdflib.plugins.sparql.parserutils import CompValue

    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, CompValue):
            yield node.name
            stack.extend(node.values())
        elif isinstance(node, (list, tuple, set, ParseResults)):
            stack.extend(node)
