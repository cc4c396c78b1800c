"""The nodes of a graph that break a shape of `ontology/shapes.ttl`.

`shacl` validates. Where no wheel of it is made (docs/adr/0002-dependencies.md) pySHACL does, which says the same and
which the tests compare it with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from cega_graph.errors import FailedEngine, MissingExtra, UnwritableOutput
from cega_graph.resources import root

if TYPE_CHECKING:
    import shacl

_T = TypeVar("_T")

VOCABULARIES: Final = ("cega.ttl", "roles.ttl", "kinds.ttl", "themes.ttl", "bases.ttl")
"""Files of `ontology/` that a graph is validated together with: shapes look classes, roles and kinds up in them."""

MOST: Final = 10_000
"""Results after which validation stops: `shacl` holds some 12 KB for each, so these are 120 MB."""

_SHACL: Final = "http://www.w3.org/ns/shacl#"


class Break(NamedTuple):
    """One result of a validation: a node that breaks a shape, and the value that does, if that is another.

    Nodes are their IRIs, values what they say, without language and datatype. `zh` and `en` are the messages of
    the shape, `severity` is `Violation`, `Warning` or `Info`.
    """

    focus: str
    shape: str
    value: str | None
    severity: str
    zh: str
    en: str


class Breaks(NamedTuple):
    """What breaks a shape, in no order; whether validation stopped before all was looked at."""

    found: frozenset[Break]
    is_cut: bool


def breaks(lines: Iterable[str], most: int = MOST) -> Breaks:
    """Return what breaks a shape in a graph.

    Args:
        lines: Its N-Triples, in pieces of whole lines. They go through a temporary file, so their text is never
            held as a whole; the validator holds the triples.
        most: Results after which validation stops.

    Raises:
        UnwritableOutput: There is no room for the temporary file.
        FailedEngine: The validator broke off.
        MissingExtra: No validator is installed.

    >>> found = breaks(['<x:a> <http://www.w3.org/ns/prov#wasQuotedFrom> <x:b> .'])
    >>> [(one.focus, one.en) for one in found.found]
    [('x:b', 'What prov:wasQuotedFrom points to is no evidence.')]
    """
    try:
        with TemporaryDirectory(prefix="cega-graph-", ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "graph.nt"
            with path.open("w", encoding="utf-8", newline="\n") as file:
                file.write(_vocabularies())
                file.writelines(lines)
            found = list(islice(_results(path, most + 1), most + 1))
    except OSError as error:
        message = f"shapes: the graph cannot be kept as a temporary file: {error}; make room or set TMPDIR"
        raise UnwritableOutput(message) from None
    return Breaks(frozenset(found[:most]), len(found) > most)


@cache
def _vocabularies() -> str:
    import pyoxigraph as ox

    texts = []
    for name in VOCABULARIES:
        triples = ox.parse(path=root("ontology") / name, format=ox.RdfFormat.TURTLE)
        content: bytes = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)  # type: ignore[assignment]
        texts.append(content.decode())
    return "".join(texts)


def _results(path: Path, most: int) -> Iterator[Break]:
    try:
        import shacl  # noqa: F401
    except ImportError:
        return _slow_results(path)
    return _fast_results(path, most)


def _fast_results(path: Path, most: int) -> Iterator[Break]:
    """Yield what `shacl` finds, the first `most` results that it comes to; two runs come to the same."""
    import shacl

    def validate() -> list[shacl.Result]:
        shapes = shacl.Shapes.from_file(str(root("ontology") / "shapes.ttl"))
        return shapes.validate_file(str(path), max_results=most).results

    try:
        results = _interruptible(validate)
    except BaseException as error:
        if not isinstance(error, (ValueError, OSError)) and type(error).__name__ != "PanicException":
            raise
        raise FailedEngine(_broken_off(error)) from None
    for one in results:
        value = None if one.value == one.focus_node else one.value_plain
        yield _break(_plain(one.focus_node), _plain(one.source_shape or ""), value, one.severity)


def _interruptible(work: Callable[[], _T]) -> _T:
    """Return what `work` returns; it runs beside, since a call into compiled code hears no Ctrl-C before its end."""
    done: SimpleQueue[tuple[list[_T], BaseException | None]] = SimpleQueue()

    def run() -> None:
        try:
            done.put(([work()], None))
        except BaseException as error:  # noqa: BLE001 - raised below
            done.put(([], error))

    Thread(target=run, daemon=True).start()
    while done.empty():
        sleep(_BETWEEN_LOOKS)  # a signal may have come to the other thread, and then wakes no one who waits for it
    made, error = done.get()
    if error is not None:
        raise error
    return made[0]


_BETWEEN_LOOKS: Final = 0.02
"""Seconds."""


def _break(focus: str, shape: str, value: str | None, severity: str) -> Break:
    return Break(focus, shape, value, severity, *_messages().get(shape, ("", "")))


def _plain(term: str) -> str:
    """Return what a term of N-Triples says: its IRI, or the text of a literal, which can stand where a node should."""
    if not term.startswith('"'):
        return term[1:-1] if term.startswith("<") else term
    import pyoxigraph as ox

    (quad,) = ox.parse(f"<x:s> <x:p> {term} .", format=ox.RdfFormat.N_TRIPLES)
    return str(quad.object.value)


@cache
def _messages() -> dict[str, tuple[str, str]]:
    """Return what each shape says in zh and in en: validators lose the language of messages."""
    import pyoxigraph as ox

    said: dict[str, dict[str, str]] = {}
    for quad in ox.parse(path=root("ontology") / "shapes.ttl", format=ox.RdfFormat.TURTLE):
        if quad.predicate.value == f"{_SHACL}message" and isinstance(quad.object, ox.Literal):
            said.setdefault(str(quad.subject.value), {})[quad.object.language or ""] = quad.object.value
    return {shape: (texts.get("zh", ""), texts.get("en", "")) for shape, texts in said.items()}


def _slow_results(path: Path) -> Iterator[Break]:
    """Yield what pySHACL finds."""
    try:
        import pyshacl
    except ImportError:
        message = "shapes: no validator is installed; install one: python -m pip install shacl (or pyshacl)"
        raise MissingExtra(message) from None
    import rdflib
    from rdflib.namespace import SH

    shapes = rdflib.Graph().parse(root("ontology") / "shapes.ttl", format="turtle")
    try:
        data = rdflib.Graph().parse(path, format="nt")
        _, results, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
    except Exception as error:  # noqa: BLE001 - rdflib and pySHACL raise what the parts below them raise
        raise FailedEngine(_broken_off(error)) from None
    for result in results.objects(None, SH.result):
        focus, value = results.value(result, SH.focusNode), results.value(result, SH.value)
        shape, severity = results.value(result, SH.sourceShape), results.value(result, SH.resultSeverity)
        yield _break(
            str(focus), str(shape), None if value in {None, focus} else str(value), str(severity).removeprefix(_SHACL)
        )


def _broken_off(error: BaseException) -> str:
    said = " ".join(str(error).split())[:300]
    return f"shapes: the validator broke off: {said}; this is no fault of the data, please report it"
