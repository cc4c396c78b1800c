"""The knowledge graph as Python users meet it: frames, network, RDF, page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cega_graph.dataset import Dataset, HasRows
from cega_graph.errors import UnknownIdentifier
from cega_graph.model import TABLES
from cega_graph.resources import root
from cega_graph.sources.text import Sentences, read_text

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    import rdflib

    from cega_graph.page import Excerpt, PageText
    from cega_graph.store.client import Worker
    from cega_graph.store.engines import Engine
    from cega_graph.store.terms import Answer

BUNDLED: Final = "cega-2024"
"""The data set that is used where none is named."""


def load(*data: str | Path, source: str | Path | None = None, only: Iterable[str] = ()) -> KnowledgeGraph:
    """Return the knowledge graph of one or several data sets.

    Args:
        data: Folders that `extract`, `import` or `build` made; the bundled 2024 casebook if none is given.
        source: The text of the casebook, for the sentences around each statement.
        only: Ids of sources; what others state is left out. All of them if none is given.

    Raises:
        UnreadableInput: A folder or file is missing, or is not what it should be.
        InvalidData: `source` is not the text that the data set was read from.
        UnknownIdentifier: `only` names a source that no data set holds.

    >>> len(load().projects)
    15
    """
    folders = [Path(one) for one in data] or [root("data") / BUNDLED]
    dataset = Dataset(folders)
    if wanted := tuple(only):
        dataset = dataset.only(wanted)
    return KnowledgeGraph(dataset, _sentences(dataset, Path(source)) if source else None)


def _sentences(dataset: Dataset, path: Path) -> Sentences:
    text = read_text(path)
    matching = [row.source_id for row in dataset.rows("sources") if row.sha256 == text.sha256]
    if not matching:
        message = f"{path.name}: is not the text that this data set was read from (its sha256 is in no row of sources)"
        raise UnknownIdentifier(message)
    return Sentences(dict.fromkeys(matching, text.text))


def _known_roles(given: str | Iterable[str]) -> list[str]:
    from cega_graph.vocabulary import roles

    wanted = [role for role in ([given] if isinstance(given, str) else given) if role]
    for role in wanted:
        if role not in roles():
            message = f"role {role!r} is not known; there are {', '.join(roles())}"
            raise UnknownIdentifier(message)
    return wanted


class Shown(NamedTuple):
    """What a page draws.

    Attributes:
        rows: At least those of what is drawn; the data set itself if that is everything.
        network: A part of `KnowledgeGraph.network`.
        excerpt: What it is cut from; None if it is not cut.
        n_loose: Participations of the whole that name a body or project which is in no table.
    """

    rows: HasRows
    network: nx.MultiDiGraph[str]
    excerpt: Excerpt | None
    n_loose: int


class KnowledgeGraph:
    """A data set with its renderings; each is made on first use.

    Args:
        dataset: The tables.
        sentences: Of the sources whose text is at hand; None without one.

    The frames are kept and shared: take a copy before you change one. Columns, their order and types are
    the contract's (`docs/data.md`).
    """

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
        """Bodies, persons and groups, one row each, by `organization_id`; `kind` tells them apart."""
        return self.dataset.frame("organizations")

    @property
    def names(self) -> pd.DataFrame:
        """Every name of every body, by id, language and name, with the place that prints it.

        A name without a place comes from the ledger.
        """
        return self.dataset.frame("names")

    @property
    def identifiers(self) -> pd.DataFrame:
        """Registered identifiers that sources state."""
        return self.dataset.frame("identifiers")

    @property
    def projects(self) -> pd.DataFrame:
        """Projects, one row each, by `project_id` as text; dates at the precision of print, empty if not stated."""
        return self.dataset.frame("projects")

    @property
    def participations(self) -> pd.DataFrame:
        """Who takes part in what, in which role, on what basis, stated where; by project and place.

        Inferred rows (`basis` `inferred`, named by `rule`) are included; see `basis` before you count.
        """
        return self.dataset.frame("participations")

    @property
    def grants(self) -> pd.DataFrame:
        """Amounts, with `funder_ids` and `grantee_ids` (joined by `;`) from the participations of the grant."""
        from cega_graph.measures.money import holders_of

        frame = self.dataset.frame("grants").copy()
        for column, role in (("funder_ids", "funder"), ("grantee_ids", "grantee")):
            frame[column] = holders_of(frame["grant_id"], self.participations, "grant_id", role)
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
        """Return a new networkx graph of bodies and projects; see `cega_graph.network.to_network`.

        >>> network = load().network()
        >>> network.number_of_nodes(), network.number_of_edges()
        (206, 265)
        """
        from cega_graph.network import to_network

        return to_network(self.dataset)

    def ntriples(self) -> str:
        """Return the graph as N-Triples text, in the order of the sorted tables."""
        if self._ntriples is None:
            from cega_graph.rdf import to_ntriples

            self._ntriples = to_ntriples(self.dataset, self.sentences)
        return self._ntriples

    def graph(self) -> rdflib.Graph:
        """Return a new rdflib graph of all triples, in its default graph, the project's prefixes bound.

        Seconds for a casebook, minutes for 100,000 grants; `query` is faster and stops in time.
        """
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

    def evidence(  # noqa: PLR0913 - what rows are chosen by
        self, table: str = "participations", *, organization: str | Iterable[str] = (),
        project: str | Iterable[str] = (), role: str | Iterable[str] = (), basis: str = "all", language: str = "en",
    ) -> pd.DataFrame:  # fmt: skip
        """Return the rows behind a number, each with the place that states it; see `cega_graph.evidence.evidence`.

        Args:
            table: A table whose rows name their place: `participations`, `grants`, `memberships`, `names`,
                `identifiers`, `projects`.
            organization: A body, by any of its names or its id, or several; ids joined by `;` as other
                frames hold them are taken too. Any if empty.
            project: A project, by a title or its id, or several, likewise.
            role: A role or several; any if empty.
            basis: `all`, or `stated` to leave out what a rule inferred.
            language: `zh` or `en`, of the names that are added.

        Returns:
            The rows in the stored order, names behind ids, `sentence` as last column (empty unless the
            text was given to `load` as `source`).

        Raises:
            UnknownIdentifier: No such table, body, project or role.

        >>> rows = load().evidence(organization="万科公益基金会", role="funder", basis="stated")
        >>> rows[["project_id", "basis", "label", "text_start", "text_end"]]
             project_id  basis label  text_start  text_end
        0  cega-2024-13  prose  选择资助       42472     42479
        1  cega-2024-15  prose    资助       48222     48225
        """
        from cega_graph.evidence import evidence
        from cega_graph.questions.naming import body_of, project_of

        return evidence(
            self.dataset, self.sentences, table,
            organizations=self._ids("organizations", organization, body_of),
            projects=self._ids("projects", project, project_of),
            roles=_known_roles(role), basis=basis, language=language,
        )  # fmt: skip

    def _ids(self, table: str, given: str | Iterable[str], find: Callable[[Dataset, str], str]) -> list[str]:
        """Return the ids of what is named; ids joined by `;` are taken apart."""
        known = set(self.dataset.frame(table).iloc[:, 0].to_numpy(dtype=object))
        words = [given] if isinstance(given, str) else list(given)
        parts = [
            part for word in words if word for part in (word.split(";") if set(word.split(";")) <= known else [word])
        ]
        return [part if part in known else find(self.dataset, part) for part in parts]

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
        """The graph in this process, for the questions' own queries: the store of a build, or made when first asked."""
        from cega_graph.questions.ask import LazyEngine
        from cega_graph.store.disk import STORE, is_store, open_store
        from cega_graph.store.engines import Stored

        if name not in self._engines:
            folder = self.dataset.whole_folder
            if name == "oxigraph" and folder and is_store(folder / STORE) and not self.sentences:
                self._engines[name] = Stored(open_store(folder / STORE))
            else:
                self._engines[name] = LazyEngine(name, self._texts)
        return self._engines[name]

    def _texts(self) -> Iterable[str]:
        """The N-Triples in pieces; they are kept only if they have been asked for as a text."""
        from cega_graph.rdf import iter_lines

        return [self._ntriples] if self._ntriples is not None else iter_lines(self.dataset, self.sentences)

    def page(
        self, *, focus: str = "", steps: int = 2, top: int | None = None, nodes: Iterable[str] | None = None,
        individuals: bool = False,
    ) -> PageText:  # fmt: skip
        """Return the network map as the text of one HTML file; notebooks show it in a sandboxed frame.

        Args:
            focus: The id of a body or project, to show only what lies around it.
            steps: How many edges around it.
            top: Show at most so many nodes: the nearest to the focus, then those with the most neighbours.
            nodes: Ids, to show only these bodies and projects, such as `attrs["ids"]` of an answer; of
                bodies alone, the projects that join them too. Taken before `focus` and `top`.
            individuals: Show the people too whom only rows of grant files name.

        Raises:
            UnknownIdentifier: Nothing has one of these ids, or `nodes` is empty.
        """
        from cega_graph.page import PageText, render_page

        shown = self.shown(focus=focus, steps=steps, top=top, nodes=nodes, individuals=individuals)
        return PageText(render_page(shown.rows, network=shown.network, sentences=self.sentences, excerpt=shown.excerpt))

    def shown(
        self, *, focus: str = "", steps: int = 2, top: int | None = None, nodes: Iterable[str] | None = None,
        individuals: bool = False,
    ) -> Shown:  # fmt: skip
        """Return what `page` draws, and the rows that say it; arguments and errors are those of `page`."""
        from cega_graph.excerpt import choose, read_links, rows_of
        from cega_graph.network import to_network
        from cega_graph.page import Excerpt

        links = read_links(self.dataset)
        visible, chosen = choose(links, focus=focus, steps=steps, top=top, nodes=nodes, individuals=individuals)
        total, n = int(visible.sum()), int(chosen.sum())
        excerpt = Excerpt(total=total, focus=focus, steps=steps if focus else 0) if n < total else None
        if n == len(links.ids):
            return Shown(self.dataset, self.network(), excerpt, links.n_loose)
        rows = rows_of(self.dataset, links, chosen)
        network = to_network(rows).subgraph(links.ids[chosen]).copy()
        return Shown(rows, network, excerpt, links.n_loose)
