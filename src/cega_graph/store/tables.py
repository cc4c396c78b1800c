"""A graph → the tables it was made from, for questions that columns answer: asked of a store or of a server.

Only columns that questions use are read, each by a query of its own that any SPARQL 1.1 engine
answers; a frame has these columns and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

from cega_graph.dataset import Dataset
from cega_graph.dataset.load import Extent, is_built
from cega_graph.errors import UnknownIdentifier, UnreadableInput
from cega_graph.identifiers import BASE
from cega_graph.model import TABLES, Row, table
from cega_graph.ordering import sort_rows
from cega_graph.package import TABLES_FOLDER
from cega_graph.store.engines import Engine
from cega_graph.store.terms import Term

if TYPE_CHECKING:
    import pandas as pd


class Column(NamedTuple):
    """Where a column stands in the graph: a property (path) of the row's node, and what its value becomes."""

    path: str
    turn: Callable[[Term], Any] = lambda term: term.value


def _id(term: Term) -> str:
    """The last part of an IRI that `identifiers.iri` made."""
    return unquote(term.value.removeprefix(BASE).rpartition("/")[2])


_PLACE: Final = {
    "mention": Column("cega:mention"),
    "text_start": Column("prov:wasQuotedFrom/oa:hasSelector/oa:start", lambda term: int(term.value)),
}
_REGION: Final = {"region": Column("cega:region")}

COLUMNS: Final[dict[str, tuple[str, dict[str, Column]]]] = {
    "sources": ("a cega:Source", {
        "coverage_themes": Column("cega:coverageThemes"), "coverage_regions": Column("cega:coverageRegions"),
        "coverage_from": Column("cega:coverageFrom"), "coverage_to": Column("cega:coverageTo"),
    }),
    "organizations": ("cega:kind ?_kind", {
        "kind": Column("cega:kind", _id), "level": Column("cega:level"), "parent_id": Column("cega:partOf", _id),
        **_REGION,
    }),
    "names": ("a cega:NameStatement", {
        "organization_id": Column("cega:nameOf", _id), "name": Column("cega:name"),
        "language": Column("cega:name", lambda term: term.language), "status": Column("cega:nameStatus"),
    }),
    "projects": ("a cega:Project", {
        "number": Column("cega:number"), "identifier": Column("dcterms:identifier"),
        "theme": Column("cega:themeLabel"), "start_date": Column("cega:start"), "end_date": Column("cega:end"),
        **_REGION,
    }),
    "participations": ("a cega:Participation", {
        "project_id": Column("cega:project", _id), "organization_id": Column("cega:participant", _id),
        "role": Column("cega:role", _id), "basis": Column("cega:basis", _id), "grant_id": Column("cega:grant", _id),
        **_PLACE,
    }),
    "grants": ("a cega:Grant", {
        "project_id": Column("cega:project", _id), "type": Column("cega:grantType"),
        "amount": Column("cega:amount", lambda term: Decimal(term.value)), "currency": Column("cega:currency"),
        "date": Column("cega:date"), "regrant_of": Column("cega:regrantOf", _id),
        "conflicts_with": Column("cega:conflictsWith", _id),
        "approximate": Column("cega:approximate", lambda term: term.value in {"true", "1"}), **_PLACE,
    }),
    "decisions": ("a cega:Decision", {
        "name_a": Column("cega:nameA"), "name_b": Column("cega:nameB"), "verdict": Column("cega:verdict"),
        "decided_by": Column("cega:decidedBy"), "decided_on": Column("cega:decidedOn"),
        "basis": Column("cega:decisionBasis"),
    }),
}  # fmt: skip
"""Table → the pattern that a row's node matches, and its columns; names and titles come from the labels."""

_LABELLED: Final = {"organizations": ("name", "name_en"), "projects": ("title", "title_en")}


class GraphDataset(Dataset):
    """The tables of a graph, read when asked for.

    Args:
        engine: The graph: a store or a server.

    Raises:
        UnreadableInput: From `rows` and `frame`, if the graph lacks what every row needs, or a server
            hands out fewer rows than it counts.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__(())
        self._engine: Final = engine
        self._rows: Final[dict[str, list[Row]]] = {}

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table in the stored order; columns that are not read have their defaults."""
        if name not in self._rows:
            self._rows[name] = sort_rows(self._made(name), table(name))
        yield from self._rows[name]

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as a frame of the columns that are read."""
        keys = [*table(name).key, *_LABELLED.get(name, ()), *COLUMNS[_known(name)][1]]
        whole = super().frame(name)
        return whole[[column for column in whole.columns if column in keys]]

    def extent(self) -> Extent:
        """Return how much there is, counted by the engine."""
        years = [t.value[:4] for _, t in self._pairs("?s a cega:Project ; cega:start ?v") if t.value]
        paid = [t.value[:4] for _, t in self._pairs("?s a cega:Grant ; cega:date ?v") if t.value]
        return Extent(
            projects=self._count("?s a cega:Project"),
            bodies=self._count("?s cega:kind ?v"),
            participants=self._count("?s a cega:Participation ; cega:participant ?v", "DISTINCT ?v"),
            participations=self._count("?s a cega:Participation"),
            inferred=self._count("?s a cega:Participation ; cega:basis basis:inferred"),
            first_year=min(years, default=""), last_year=max(years, default=""),
            first_paid=min(paid, default=""), last_paid=max(paid, default=""),
        )  # fmt: skip

    def _made(self, name: str) -> Iterator[Row]:
        pattern, columns = COLUMNS[_known(name)]
        declared = table(name)
        cells: dict[str, dict[str, Any]] = {node: {} for node in self._nodes(pattern)}
        for column, (path, turn) in columns.items():
            for node, value in self._column(pattern, path, turn):
                cells[node][column] = value
        if name in _LABELLED:
            self._label(pattern, _LABELLED[name], cells)
        for node, given in cells.items():
            key = {column: _id(Term("iri", node)) for column in declared.key}
            try:
                yield declared.row(**key, **given)
            except TypeError as error:
                message = f"graph: {node} is no whole row of {name}: {error}; build the graph with this version"
                raise UnreadableInput(message) from None

    def _nodes(self, pattern: str) -> list[str]:
        return [node for node, _ in self._pairs(f"?s {pattern} BIND(?s AS ?v)")]

    def _column(self, pattern: str, path: str, turn: Callable[[Term], Any]) -> Iterator[tuple[str, Any]]:
        """Yield node and value; several texts of one node are joined by `;`, sorted."""
        found: dict[str, list[Term]] = {}
        for node, term in self._pairs(f"?s {pattern} ; {path} ?v"):
            found.setdefault(node, []).append(term)
        for node, terms in found.items():
            try:
                values = [turn(term) for term in terms]
            except (ValueError, ArithmeticError):
                message = f"graph: {node} has {terms[0].value!r} for {path}, which is no number; mend the graph"
                raise UnreadableInput(message) from None
            if len(values) > 1 and not all(isinstance(value, str) for value in values):
                message = f"graph: {node} has {len(values)} values for {path}, one is allowed; mend the graph"
                raise UnreadableInput(message)
            yield node, values[0] if len(values) == 1 else ";".join(sorted(values))

    def _label(self, pattern: str, columns: tuple[str, str], cells: dict[str, dict[str, Any]]) -> None:
        """Set names or titles from the labels: the Chinese one, else the English; then the alternative is `_en`."""
        for node, term in self._pairs(f"?s {pattern} ; rdfs:label ?v"):
            cells[node][columns[0] if term.language == "zh" else columns[1]] = term.value
        foreign = {node for node, given in cells.items() if columns[0] not in given and columns[1] in given}
        for node in foreign:
            cells[node][columns[0]] = cells[node][columns[1]]
        if foreign:
            also = self._alternatives(pattern, columns)
            for node in foreign & set(also):
                cells[node][columns[1]] = also[node]

    def _alternatives(self, pattern: str, columns: tuple[str, str]) -> dict[str, str]:
        """Return the English alternative label of each node; of several, one that no name statement says."""
        stated = {(n.organization_id, n.name) for n in self.rows("names")} if "name" in columns else set()
        found: dict[str, tuple[bool, str]] = {}
        for node, term in self._pairs(f"?s {pattern} ; skos:altLabel ?v"):
            if term.language == "en":
                rank = ((_id(Term("iri", node)), term.value) in stated, term.value)
                found[node] = min(rank, found.get(node, rank))
        return {node: label for node, (_, label) in found.items()}

    def _pairs(self, pattern: str) -> list[tuple[str, Term]]:
        """Return node and value of each match, all of them: some servers cut long answers and do not say so."""
        answer = self._engine.answer(f"SELECT ?s ?v WHERE {{ {pattern} }}", None)
        n = self._count(pattern)
        if len(answer.rows) != n:
            message = f"graph: the server hands out {len(answer.rows)} of {n} rows; raise its limit, or ask the data"
            raise UnreadableInput(message)
        return [(node.value, value) for node, value in answer.rows if node is not None and value is not None]

    def _count(self, pattern: str, what: str = "*") -> int:
        answer = self._engine.answer(f"SELECT (COUNT({what}) AS ?n) WHERE {{ {pattern} }}", None)
        return _number(answer.rows)


def tables_of(engine: Engine, folder: Path | None = None) -> Dataset:
    """Return the tables of a graph: those that lie beside it in a build, which are faster, or what it says itself.

    Args:
        engine: The graph.
        folder: Where its store lies, if it is one on disk.
    """
    if folder is None or not is_built(folder) or not (folder / TABLES_FOLDER).is_dir():
        return GraphDataset(engine)
    dataset = Dataset([folder])
    return dataset if all(dataset.files(one.name) for one in TABLES) else GraphDataset(engine)


def _number(rows: Sequence[Sequence[Term | None]]) -> int:
    cell = rows[0][0] if rows and rows[0] else None
    if cell is None or not cell.value.isdecimal():
        message = "graph: a count is answered with no number; is this a SPARQL 1.1 server?"
        raise UnreadableInput(message)
    return int(cell.value)


def _known(name: str) -> str:
    if name not in COLUMNS:
        message = f"table {name!r} is not read from a graph; ask the data set"
        raise UnknownIdentifier(message)
    return name
