"""The two engines: Oxigraph, which answers, and rdflib, the reference that checks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from cega_graph.errors import InvalidQuery
from cega_graph.rdf import PREFIXES
from cega_graph.store.guard import position
from cega_graph.store.terms import XSD, Answer, Term

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib

ENGINES: Final = ("oxigraph", "rdflib")

_T = TypeVar("_T")


class Engine(Protocol):
    """A graph that can be asked."""

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query that `guard.checked` let pass, of at most `limit` rows."""


class Stored:
    """A store of Oxigraph, in memory or on disk, asked for its default graph."""

    def __init__(self, store: ox.Store) -> None:
        self._store: Final = store

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query.

        Raises:
            InvalidQuery: It is not SPARQL 1.1.
        """
        import pyoxigraph as ox

        try:
            result = self._store.query(text, prefixes=PREFIXES)
        except SyntaxError as error:
            raise InvalidQuery(_fault(str(error), text)) from None
        if isinstance(result, ox.QueryBoolean):
            return Answer(form="ask", truth=bool(result))
        if isinstance(result, ox.QueryTriples):
            triples, cut = _capped((tuple(map(_from_oxigraph, t)) for t in result), limit)
            return _graph(triples, cut=cut)
        names = [v.value for v in result.variables]
        rows, cut = _capped(([_from_oxigraph(s[n]) for n in names] for s in result), limit)
        return Answer(form="select", columns=names, rows=rows, cut=cut)


class Oxigraph(Stored):
    """Triples in an in-memory store of Oxigraph, all in its default graph."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        from cega_graph.store.convert import to_store

        super().__init__(to_store(list(triples)))


class Rdflib:
    """The same triples in an rdflib graph."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        from cega_graph.store.convert import to_rdflib

        self._graph: Final[rdflib.Graph] = to_rdflib("".join(f"{triple} .\n" for triple in triples))

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query.

        Raises:
            InvalidQuery: It is not SPARQL 1.1, or rdflib cannot evaluate it.
        """
        from pyparsing import ParseException

        try:
            result = self._graph.query(text, initNs=PREFIXES)
            if result.type == "ASK":
                return Answer(form="ask", truth=bool(result.askAnswer))
            if result.type in {"CONSTRUCT", "DESCRIBE"}:
                triples, cut = _capped((tuple(map(_from_rdflib, t)) for t in result.graph or ()), limit)
                return _graph(triples, cut=cut)
            names = [str(v) for v in result.vars or ()]
            rows, cut = _capped(([_from_rdflib(row[n]) for n in names] for row in result), limit)  # type: ignore[index,call-overload]
        except ParseException as error:
            raise InvalidQuery(_said(text, error.loc, error.msg)) from None
        except RecursionError:
            raise
        except Exception as error:  # noqa: BLE001 - rdflib raises bare Exception for unknown prefixes and worse for aggregates
            message = f"query: rdflib cannot evaluate it: {' '.join(str(error).split())}"
            raise InvalidQuery(message) from None
        return Answer(form="select", columns=names, rows=rows, cut=cut)


def _capped(rows: Iterator[_T], limit: int | None) -> tuple[list[_T], bool]:
    if limit is None:
        return list(rows), False
    taken = list(islice(rows, limit))
    return taken, next(rows, None) is not None


def _graph(triples: list[tuple[Term | None, ...]], *, cut: bool) -> Answer:
    unique = sorted({t for t in triples if None not in t}, key=str)
    return Answer(form="graph", columns=["subject", "predicate", "object"], rows=[list(t) for t in unique], cut=cut)


def _from_oxigraph(term: object) -> Term | None:
    import pyoxigraph as ox

    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return Term("iri", term.value)
    if isinstance(term, ox.Literal):
        datatype = "" if term.language or term.datatype.value == f"{XSD}string" else term.datatype.value
        return Term("literal", term.value, datatype, term.language or "")
    return Term("blank", getattr(term, "value", str(term)))


def _from_rdflib(term: object) -> Term | None:
    import rdflib

    if term is None:
        return None
    if isinstance(term, rdflib.URIRef):
        return Term("iri", str(term))
    if isinstance(term, rdflib.Literal):
        datatype = "" if term.datatype is None or str(term.datatype) == f"{XSD}string" else str(term.datatype)
        return Term("literal", str(term), "" if term.language else datatype, term.language or "")
    return Term("blank", str(term))


def _fault(message: str, text: str) -> str:
    """Oxigraph's fault in our form: position, the words that stand there, what was expected."""
    found = re.match(r"(?s)error at (\d+):(\d+): (.*)", message)
    if found is None:
        return f"query: {' '.join(message.split())}"
    lines = text.split("\n")
    line, column = int(found[1]), int(found[2])
    at = sum(len(one) + 1 for one in lines[: line - 1]) + column - 1
    return _said(text, at, found[3])


_UNKNOWN_PREFIX: Final = re.compile(r"(?<![\w<])([A-Za-z][\w.-]*):(?!//)")


def _said(text: str, at: int, expected: str) -> str:
    at = min(at, len(text.rstrip()))
    start = max((m.end() for m in re.finditer(r"[\s{}]", text[:at])), default=0)
    words = text[start:].strip().split("\n")[0][:40]
    shown = f"cannot read {words!r}" if words else "ends too early"
    if "Prefix not found" in expected and (found := _unknown_prefix(text)):
        known = ", ".join(sorted(PREFIXES))
        return f"query:{position(text, at)}: prefix {found!r} is not known; declare it or use one of {known}"
    options = " ".join(expected.split())
    hint = f"; {options}" if len(options) < 80 and options else ""
    return f"query:{position(text, at)}: {shown}{hint}; expected standard SPARQL 1.1"


def _unknown_prefix(text: str) -> str:
    for found in _UNKNOWN_PREFIX.finditer(text):
        if found[1] not in PREFIXES and not re.search(rf"(?i)prefix\s+{re.escape(found[1])}:", text):
            return found[1]
    return ""


MAKERS: Final[dict[str, Callable[[Iterable[Any]], Engine]]] = {"oxigraph": Oxigraph, "rdflib": Rdflib}
