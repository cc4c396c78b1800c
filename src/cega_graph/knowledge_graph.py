"""The knowledge graph as Python users meet it: frames, network, RDF, page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.model import TABLES
from cega_graph.resources import root
from cega_graph.sources.text import Sentences, read_text

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import rdflib

    from cega_graph.page import PageText
    from cega_graph.store.client import Worker
    from cega_graph.store.engines import Engine
    from cega_graph.store.terms import Answer

BUNDLED: Final = "cega-2024"
"""The data set that is used where none is named."""


def load(*data: str | Path, source: str | Path | None = None) -> KnowledgeGraph:
    """Return the knowledge graph of one or several data sets.

    Args:
        data: Folders that `extract` or `import` made; the bundled 2024 casebook if none is given.
        source: The text of the casebook, for the sentences around each statement.

    Raises:
        UnreadableInput: A folder or file is missing, or is not what it should be.
        InvalidData: `source` is not the text that the data set was read from.

    >>> len(load().projects)
    15
    """
    folders = [Path(one) for one in data] or [root("data") / BUNDLED]
    dataset = Dataset(folders)
    return KnowledgeGraph(dataset, _sentences(dataset, Path(source)) if source else None)


def _sentences(dataset: Dataset, path: Path) -> Sentences:
    text = read_text(path)
    matching = [row.source_id for row in dataset.rows("sources") if row.sha256 == text.sha256]
    if not matching:
        message = f"{path.name}: is not the text that this data set was read from (its sha256 is in no row of sources)"
        raise UnknownIdentifier(message)
    return Sentences(dict.fromkeys(matching, text.text))


class KnowledgeGraph:
    """A data set with its renderings; each is made on first use."""

    def __init__(self, dataset: Dataset, sentences: Sentences | None = None) -> None:
        self.dataset: Final = dataset
        self.sentences: Final = sentences
        self._ntriples: str | None = None
        self._workers: Final[dict[str, Worker]] = {}
        self._engines: Final[dict[str, Engine]] = {}

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.dataset.frame(t.name))} {t.name}" for t in TABLES[:6] if t.name != "names")
        return f"<KnowledgeGraph: {counts}>"

    @property
    def sources(self) -> pd.DataFrame:
        """The sources, one row each."""
        return self.dataset.frame("sources")

    @property
    def organizations(self) -> pd.DataFrame:
        """Bodies, persons and groups, one row each, by id."""
        return self.dataset.frame("organizations")

    @property
    def names(self) -> pd.DataFrame:
        """Every name of every body, with the place that prints it."""
        return self.dataset.frame("names")

    @property
    def identifiers(self) -> pd.DataFrame:
        """Registered identifiers that sources state."""
        return self.dataset.frame("identifiers")

    @property
    def projects(self) -> pd.DataFrame:
        """Projects, one row each, by id."""
        return self.dataset.frame("projects")

    @property
    def participations(self) -> pd.DataFrame:
        """Who takes part in what, in which role, on what basis, stated where."""
        return self.dataset.frame("participations")

    @property
    def grants(self) -> pd.DataFrame:
        """Amounts, with `funder_ids` and `grantee_ids` (joined by `;`) from the participations of the grant."""
        frame = self.dataset.frame("grants").copy()
        rows = self.participations
        for column, role in (("funder_ids", "funder"), ("grantee_ids", "grantee")):
            chosen = rows[(rows["grant_id"] != "") & (rows["role"] == role)]
            ids = chosen.groupby("grant_id")["organization_id"].agg(lambda s: ";".join(sorted(set(s))))
            frame[column] = frame["grant_id"].map(ids).fillna("").astype("str")
        return frame

    @property
    def memberships(self) -> pd.DataFrame:
        """Who belongs to which network, in which capacity."""
        return self.dataset.frame("memberships")

    @property
    def decisions(self) -> pd.DataFrame:
        """What was decided about names, by whom, on what evidence."""
        return self.dataset.frame("decisions")

    def network(self) -> nx.MultiDiGraph[str]:
        """Return the network of bodies and projects; see `cega_graph.network.to_network`."""
        from cega_graph.network import to_network

        return to_network(self.dataset)

    def ntriples(self) -> str:
        """Return the graph as N-Triples text, in the order of the sorted tables."""
        if self._ntriples is None:
            from cega_graph.rdf import to_ntriples

            self._ntriples = to_ntriples(self.dataset, self.sentences)
        return self._ntriples

    def graph(self) -> rdflib.Graph:
        """Return the graph as an rdflib graph."""
        from cega_graph.store import to_rdflib

        return to_rdflib(self.ntriples())

    def query(
        self, sparql: str, *, engine: str = "oxigraph", labels: str = "", limit: int | None = 10_000,
        seconds: float = 30.0,
    ) -> pd.DataFrame:  # fmt: skip
        """Return the answer to a SPARQL 1.1 query as a frame; see `cega_graph.store.results.to_frame`.

        Args:
            sparql: SELECT, ASK, CONSTRUCT or DESCRIBE; the prefixes of `cega_graph.rdf.PREFIXES` are known.
            engine: `oxigraph`, or `rdflib` as the reference.
            labels: `zh` or `en` shows names in place of IRIs, in the other language where one is missing.
            limit: The most rows; a warning `CutResult` says that there are more. None for all.
            seconds: The query is stopped after them.

        Raises:
            InvalidQuery: It is not SPARQL.
            RefusedQuery: It would reach out or change something.
            StoppedQuery: It took too long, or too much memory.

        >>> load().query("SELECT (COUNT(?p) AS ?n) { ?p a cega:Project }").loc[0, "n"]
        np.int64(15)
        """
        import warnings

        from cega_graph.errors import CutResult
        from cega_graph.store.labels import labels_of
        from cega_graph.store.results import to_frame

        answer = self.answer(sparql, engine=engine, limit=limit, seconds=seconds)
        if answer.cut:
            warnings.warn(f"cut after {limit} rows; there are more", CutResult, stacklevel=2)
        return to_frame(answer, labels_of(self.worker(engine), labels) if labels else None)

    def answer(
        self, sparql: str, *, engine: str = "oxigraph", limit: int | None = 10_000, seconds: float = 30.0
    ) -> Answer:
        """Return the answer to a SPARQL query as terms; arguments and errors are those of `query`."""
        return self.worker(engine).ask(sparql, limit=limit, seconds=seconds)

    def worker(self, engine: str = "oxigraph") -> Worker:
        """Return the process that answers queries, started on first use and kept."""
        if engine not in self._workers:
            from cega_graph.store.client import NTRIPLES, Worker
            from cega_graph.store.terms import Load

            load_order = Load(engine=engine, form=NTRIPLES, content=self.ntriples().encode())
            self._workers[engine] = Worker(load_order)
        return self._workers[engine]

    def rank(  # noqa: PLR0913 - switches
        self, role: str = "all", *, by: str = "projects", basis: str = "all", top: int = 10, seed: int = 1,
        individuals: bool = False,
    ) -> pd.DataFrame:  # fmt: skip
        """Return bodies ranked by a measure; see `cega_graph.measures.ranking.rank`.

        >>> print(*load().rank("funder").loc[0, ["name", "score", "rank_min", "rank_max"]])
        万科公益基金会 5.0 1 1
        """
        from cega_graph.measures.ranking import rank

        return rank(
            self.participations, self.organizations, role, by=by, basis=basis, top=top, seed=seed,
            individuals=individuals,
        )  # fmt: skip

    def ask(self, question: str, *, language: str = "en", engine: str = "oxigraph", **given: str) -> pd.DataFrame:
        """Return the answer to a competency question; see `cega_graph.questions.ask.ask`.

        Args:
            question: Its id, such as `CQ04`; `cega-graph ask` lists them.
            language: `zh` or `en`, of names and headings.
            engine: `oxigraph`, or `rdflib` as the reference.
            given: Its parameters, such as `organization="MCF"`; `from` as `from_`.

        >>> load().ask("CQ02", organization="星巴克", language="zh")["project"].unique().tolist()
        ['肇庆市乡镇地区“老年人群体”气候适应力提升计划']
        """
        from cega_graph.questions.ask import ask

        values = {name.rstrip("_"): value for name, value in given.items()}
        return ask(self.dataset, self._engine(engine), question, values, language=language)

    def _engine(self, name: str) -> Engine:
        """The graph in this process, for the questions' own queries, made when first asked."""
        from cega_graph.questions.ask import LazyEngine

        if name not in self._engines:
            self._engines[name] = LazyEngine(name, self.ntriples)
        return self._engines[name]

    def page(
        self, *, focus: str = "", steps: int = 2, top: int | None = None, individuals: bool = False
    ) -> PageText:  # fmt: skip
        """Return the network map as the text of one HTML file; notebooks show it in a sandboxed frame.

        Args:
            focus: The id of a body or project, to show only what lies around it.
            steps: How many edges around it.
            top: Show at most so many nodes: the nearest to the focus, then those with the most neighbours.
            individuals: Show the people too whom only rows of grant files name.

        Raises:
            UnknownIdentifier: Nothing has the id `focus`.
        """
        from cega_graph.network import most_connected, neighbourhood, without_individuals
        from cega_graph.page import PageText, render_page

        network = self.network() if individuals else without_individuals(self.network())
        if focus and focus not in network:
            message = f"{focus}: no body or project has this id; `cega-graph names find NAME` prints ids"
            raise UnknownIdentifier(message)
        if focus:
            network = neighbourhood(network, focus, steps=steps)
        if top is not None:
            network = most_connected(network, top, focus=focus or None)
        return PageText(render_page(self.dataset, network=network, sentences=self.sentences))
