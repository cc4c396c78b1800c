"""Triples → any SPARQL 1.1 server: in pieces, each sent again until it is taken, counted at the end."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeVar

from cega_graph.errors import InvalidData, InvalidQuery, StoppedQuery, UnreadableInput
from cega_graph.store.addresses import GRAPHS, QUERY, UPDATE, candidates
from cega_graph.store.endpoint import ask_endpoint
from cega_graph.store.http import Access, Answered, Lost, checked_url, exchange, shown, with_parameter
from cega_graph.store.journal import Journal

WAYS: Final = ("gsp", "update")
"""Graph Store Protocol (W3C SPARQL 1.1 Graph Store HTTP Protocol §5.5), or INSERT DATA (SPARQL 1.1 Update §3.1.1)."""

PIECE: Final = 20_000
"""Lines that are sent at once."""

_ASKED: Final = 2_000
"""Triples that one query looks for."""

_TRIES: Final = 7
_MOST_WAIT: Final = 30.0
_TYPES: Final = {"gsp": "application/n-triples", "update": "application/sparql-update"}
_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`\x7f]*\Z")
_BLANK: Final = re.compile(r"(?m)^_:|^\S+ \S+ _:")
_ACCESS: Final = Access()

_T = TypeVar("_T")


class Loaded(NamedTuple):
    """What a load came to: `sent` and `known` count pieces, `triples` those of the graph."""

    address: str
    way: str
    sent: int
    known: int
    triples: int
    before: int
    after: int


class Server:
    """A server that takes triples.

    Args:
        url: One of its addresses, by custom that of queries.
        at: The address that takes the triples, where it cannot be told from `url`.
        way: One of `WAYS`, or empty to try them in turn.
        graph: The IRI of a named graph; empty for the default graph.
        access: How to talk to it.

    Raises:
        UnreadableInput: `url`, `at` or `graph` is not what it should be, or nothing there takes triples.
    """

    def __init__(self, url: str, *, at: str = "", way: str = "", graph: str = "", access: Access = _ACCESS) -> None:
        if graph and not _IRI.match(graph):
            message = f"--graph {graph!r}: is no IRI; expected one such as https://example.org/graph"
            raise UnreadableInput(message)
        self._url: Final = checked_url(url)
        self._graph: Final = graph
        self._access: Final = access
        self._query = ""
        self.way, self._at = self._found(way, checked_url(at) if at else "")
        self.address: Final = shown(self._at)

    def _found(self, way: str, at: str) -> tuple[str, str]:
        """Find the way and the address that take an empty piece; that changes nothing."""
        said = list[str]()
        for one in (way,) if way else WAYS:
            for address in [at] if at else candidates(self._url, GRAPHS if one == "gsp" else UPDATE):
                try:
                    self._post(one, address, "")
                except Answered as error:
                    if error.status in {401, 403}:
                        raise
                    said.append(f"{shown(address)} answers {error.status}")
                else:
                    return one, address
        tried = f"{way or ' or '.join(WAYS)} ({'; '.join(said)})"
        message = f"{shown(self._url)}: takes no triples by {tried}; give the address that does with --at"
        raise UnreadableInput(message)

    def put(self, lines: list[str]) -> None:
        """Add lines of N-Triples; a piece that the server calls too large is halved.

        Raises:
            UnreadableInput: The server refuses them, or is lost after all tries.
        """
        try:
            self._post(self.way, self._at, "".join(lines))
        except Answered as error:
            if error.status != 413 or len(lines) < 2:
                raise
            self.put(lines[: len(lines) // 2])
            self.put(lines[len(lines) // 2 :])

    def _post(self, way: str, address: str, lines: str) -> None:
        if way == "gsp":
            named = ("graph", self._graph) if self._graph else ("default",)
            target, content = with_parameter(address, *named), lines
        else:
            target, content = address, f"INSERT DATA {{ {self._in_graph(as_sparql(lines))} }}"
        headers = {"Content-Type": _TYPES[way], **self._access.headers}
        self._patiently(lambda: exchange(target, content.encode(), headers, seconds=self._access.seconds))

    def _in_graph(self, pattern: str) -> str:
        return f"GRAPH <{self._graph}> {{ {pattern} }}" if self._graph else pattern

    def count(self, lines: Iterable[str] = ()) -> int:
        """Return how many triples the graph holds; if lines of N-Triples are given, how many of those.

        Raises:
            UnreadableInput: The server gives no count, or is lost after all tries.
        """
        given = "".join(f"({line[:-2]})\n" for line in as_sparql("".join(lines)).split("\n")[:-1])
        values = f"VALUES (?s ?p ?o) {{ {given} }} " if given else ""
        text = f"SELECT (COUNT(*) AS ?n) WHERE {{ {values}{self._in_graph('?s ?p ?o')} }}"
        said = ""
        for place in [self._query] if self._query else candidates(self._url, QUERY):
            try:
                number = self._patiently(lambda place=place: self._number(place, text))  # type: ignore[misc]
            except (Answered, InvalidQuery) as error:
                said = said or str(error)
            else:
                self._query = place
                return int(number)
        message = f"{shown(self._url)}: gives no count of its triples; {said}"
        raise UnreadableInput(message)

    def _number(self, place: str, text: str) -> int:
        answer = ask_endpoint(place, text, headers=self._access.headers, seconds=self._access.seconds)
        cell = answer.rows[0][0] if answer.rows and answer.rows[0] else None
        if cell is None or not (cell.value.isascii() and cell.value.isdigit()):
            message = f"{shown(place)}: answers a count with no number"
            raise InvalidQuery(message)
        return int(cell.value)

    def _patiently(self, action: Callable[[], _T]) -> _T:
        """Try again what fails for a reason that may pass: the connection, the time, a status of 5xx or 429."""
        for number in range(1, _TRIES):
            try:
                return action()
            except (Lost, StoppedQuery, Answered) as error:
                if isinstance(error, Answered) and not error.passing:
                    raise
                asked = error.wait if isinstance(error, Answered) else 0.0
                wait = min(max(2.0 ** (number - 2), asked), _MOST_WAIT)
                self._access.tell(f"{error}; once more in {wait:g} s")
            time.sleep(wait)
        return action()


_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|\\([uU])|.)")


def as_sparql(lines: str) -> str:
    r"""Return N-Triples as it means the same in SPARQL, where `\uXXXX` is decoded before anything is read.

    The lines are read and written anew, so that none can end what it stands in; a backslash that
    stands before a `u` parts from it by an escape of the `u`.

    Raises:
        UnreadableInput: They are not N-Triples.

    >>> print(as_sparql(r'<a:b> <a:b> "\u0022 \\u0022" .'), end="")
    <a:b> <a:b> "\" \\\u00750022" .
    """
    import pyoxigraph as ox

    try:
        triples = [quad.triple for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
    except SyntaxError as error:
        message = f"graph: is not N-Triples: {' '.join(str(error).split())}; build it again"
        raise UnreadableInput(message) from None
    written: bytes = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)  # type: ignore[assignment]
    return _ESCAPE.sub(_plain, written.decode())


def _plain(match: re.Match[str]) -> str:
    """The serialiser writes quotes, backslashes and line ends in their short forms; what else it escapes may stand."""
    code = match[1] or match[2]
    if code:
        return chr(int(code, 16))
    return f"\\\\\\u00{ord(match[3]):02X}" if match[3] else match[0]


def pieces(texts: Iterable[str], size: int = PIECE) -> Iterator[list[str]]:
    r"""Yield the lines of texts, so many at a time, the last piece shorter.

    >>> list(pieces(["a\nb\n", "c\n"], 2))
    [['a\n', 'b\n'], ['c\n']]
    """
    lines = list[str]()
    for text in texts:
        lines += [f"{line}\n" for line in text.split("\n") if line]
        while len(lines) >= size:
            yield lines[:size]
            lines = lines[size:]
    if lines:
        yield lines


def load(texts: Callable[[], Iterable[str]], server: Server, journal: Journal, tell: Callable[[int], None]) -> Loaded:
    """Send a graph to a server and count what came of it.

    Args:
        texts: Gives the graph as N-Triples without blank nodes, no line twice, always the same.
        server: It is asked how many triples it holds, before and after.
        journal: Pieces that it knows are not sent again.
        tell: Hears the lines of each piece that the server has taken.

    Raises:
        UnreadableInput: The server cannot be reached or refuses something; what it took is in the journal.
        InvalidData: Triples are missing at the end; the journal is gone, so that the next run sends all.
    """
    if journal.before is None:
        journal.begin(server.count())
    sent = known = triples = 0
    for lines in pieces(texts()):
        triples += len(lines)
        new = _sent(lines, server, journal)
        sent, known = sent + new, known + (not new)
        tell(len(lines))
    before, after = journal.before or 0, server.count()
    missing = 0 if after == before + triples else _missing(texts(), server)
    journal.end()
    if missing:
        message = (
            f"{server.address}: {missing} of {triples} triples are missing after the load "
            f"({before} before, {after} after); load again"
        )
        raise InvalidData([message])
    return Loaded(server.address, server.way, sent, known, triples, before, after)


def _sent(lines: list[str], server: Server, journal: Journal) -> bool:
    """Send a piece unless the server has taken it before; tell whether it was sent."""
    text = "".join(lines)
    key = hashlib.sha256(text.encode()).hexdigest()
    if key in journal.taken:
        return False
    if _BLANK.search(text):
        message = "graph: holds a blank node, which would become another one in each piece; build the graph again"
        raise UnreadableInput(message)
    try:
        server.put(lines)
    except (Answered, Lost, StoppedQuery) as error:
        message = f"{error}; {len(journal.taken)} pieces are there: the same command goes on after them"
        raise UnreadableInput(message) from None
    journal.take(key)
    return True


def _missing(texts: Iterable[str], server: Server) -> int:
    """Return how many lines the server does not hold; asked where its count alone cannot tell."""
    return sum(len(lines) - server.count(lines) for lines in pieces(texts, _ASKED))
