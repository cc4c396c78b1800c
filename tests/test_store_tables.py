"""The same questions give the same rows over tables in memory, an on-disk store and a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from click.testing import CliRunner

from cega_graph.bulk.build import build_bulk
from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier, UnreadableInput
from cega_graph.knowledge_graph import BUNDLED, KnowledgeGraph, load
from cega_graph.model import Row
from cega_graph.questions.ask import LazyEngine, ask
from cega_graph.questions.catalogue import question_of, questions
from cega_graph.resources import root
from cega_graph.store.convert import parse_ntriples
from cega_graph.store.disk import open_store, write_store
from cega_graph.store.endpoint import Endpoint
from cega_graph.store.engines import Engine, Oxigraph, Stored
from cega_graph.store.journal import Journal
from cega_graph.store.loading import Server
from cega_graph.store.loading import load as send
from cega_graph.store.tables import COLUMNS, GraphDataset, tables_of
from cega_graph.store.terms import Answer
from factories import a_decision, a_grant, a_participation, an_organization, tiny_tables, write_tiny_dataset
from servers import real_server

ODD = "https://example.org/graph"


def odd_tables() -> dict[str, list[Row]]:
    """Return rows that are easy to lose: foreign names, several regions, equal decisions, conflicts, odd ids."""
    tables = tiny_tables()
    tables["organizations"] += [
        an_organization(
            "GB-CHC-1/2 3", "WWF", "foundation", name_en="World Wide Fund for Nature", region="GB-ENG;CN-11"
        ),
        an_organization("o-x", "Ein Verein", region="110000;320900"),
        an_organization("o-i", '坏"名\\u0022\u2028字', "person"),
    ]
    tables["projects"] = [
        *tables["projects"],
        *(type(tables["projects"][0])(**cells) for cells in (
            {"project_id": "tiny-3", "title": "Projet d'eau", "title_en": "Water project", "theme": "no theme",
             "region": "110000;320900", "start_date": "2019/2020", "source_id": "tiny"},
            {"project_id": "tiny-4", "start_date": "2018-02-28", "source_id": "tiny"},
        )),
    ]  # fmt: skip
    tables["participations"] += [
        a_participation(7, project_id="tiny-3", organization_id="GB-CHC-1/2 3", grant_id="g-2", locator="row=1"),
        a_participation(8, project_id="tiny-3", organization_id="o-x", role="grantee", basis="record", grant_id="g-2",
                        label="", mention=""),
        a_participation(9, project_id="tiny-4", organization_id="o-i", role="executor", text_start=4, text_end=7),
        a_participation(10, project_id="tiny-4", organization_id="o-x", role="intermediary", basis="prose"),
    ]  # fmt: skip
    tables["grants"] += [
        a_grant(2, project_id="tiny-3", amount=None), a_grant(3, conflicts_with="g-1", approximate=True),
        a_grant(4, regrant_of="g-1", date="2020", currency="EUR", amount="0.000001"),
    ]  # fmt: skip
    tables["decisions"] += [
        a_decision("候鸟公益基金会", "Migratory Bird Foundation", decided_by="another", basis="heard it"),
        a_decision("候鸟公益基金会", "滩涂联盟", "different", decided_on=""),
    ]
    return tables


class Place(NamedTuple):
    """A graph, and the tables read from it."""

    engine: Engine
    dataset: GraphDataset


Graphs = tuple[KnowledgeGraph, dict[str, Place]]


@pytest.fixture(scope="module", params=["casebook", "odd"])
def graphs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, bundled: KnowledgeGraph
) -> Iterator[Graphs]:
    """Return a data set, and its graph on disk, on a server, and there in a named graph."""
    folder = tmp_path_factory.mktemp(request.param)
    kg = bundled if request.param == "casebook" else load(write_tiny_dataset(folder, changes=dict(odd_tables())))
    (folder / "graph.nt").write_text(kg.ntriples(), encoding="utf-8")
    write_store(folder / "graph.nt", folder / "store")
    with real_server(folder / "server") as server:
        for graph in ("", ODD):
            send(lambda: [kg.ntriples()], Server(server.url, graph=graph), Journal(folder / "j"), lambda _: None)
        engines: dict[str, Engine] = {
            "store": Stored(open_store(folder / "store")),
            "server": Endpoint(server.url), "named graph": Endpoint(server.url, graph=ODD),
        }  # fmt: skip
        yield kg, {name: Place(engine, GraphDataset(engine)) for name, engine in engines.items()}


def given_for(kg: KnowledgeGraph, name: str) -> dict[str, str]:
    """Return ids of the data for each body and project that a question can be asked about, and two releases."""
    ids = {
        "organization": kg.organizations["organization_id"].tolist(), "project": kg.projects["project_id"].tolist(),
        "data": [str(root("data") / BUNDLED), str(kg.dataset.folders[0])],
    }  # fmt: skip
    parameters = [p for p in question_of(name).parameters if p.kind != "word"]
    return {p.name: ids[p.kind][at] for at, p in enumerate(parameters)}


@pytest.mark.parametrize("name", questions())
def test_every_question_has_the_same_answer_everywhere(graphs: Graphs, name: str) -> None:
    """Rows in the same order, headings, proviso and coverage; of all, where that can be asked, and of one."""
    kg, places = graphs
    language = ("zh", "en")[int(name[2:]) % 2]
    needs = any(p.required for p in question_of(name).parameters)
    for given in [given_for(kg, name)] if needs else [{}, given_for(kg, name)]:
        expected = kg.ask(name, language=language, **given)
        for place, (engine, dataset) in places.items():
            answer = ask(dataset, engine, name, given, language=language)
            pd.testing.assert_frame_equal(expected, answer, obj=place)
            assert expected.attrs == answer.attrs


@pytest.mark.parametrize("name", COLUMNS)
def test_the_tables_that_are_read_are_the_tables(graphs: Graphs, name: str) -> None:
    """Cell by cell and in their order, but for rows that say nothing new and the order of several regions."""
    kg, places = graphs
    read = places["server"].dataset.frame(name)
    whole = kg.dataset.frame(name)[list(read.columns)]
    if name == "names":
        whole = whole.drop_duplicates(ignore_index=True)
        read = read.drop_duplicates(ignore_index=True)
    if name == "organizations":  # without one, the name stands in its place
        whole["name_en"] = whole["name_en"].where(whole["name_en"] != "", whole["name"].where(~han(whole["name"]), ""))
    for column in {"region", "coverage_themes", "coverage_regions"} & set(read.columns):
        whole[column] = [";".join(sorted(cell.split(";"))) for cell in whole[column]]
    pd.testing.assert_frame_equal(whole, read)


def han(names: pd.Series[str]) -> pd.Series[bool]:
    """Tell which names have Chinese characters."""
    return names.str.contains("[\u3400-\u9fff]")


def test_a_table_that_no_question_uses_is_not_made_up(bundled: KnowledgeGraph) -> None:
    dataset: Dataset = GraphDataset(Oxigraph(parse_ntriples(bundled.ntriples())))
    with pytest.raises(UnknownIdentifier, match="table 'memberships' is not read from a graph"):
        dataset.frame("memberships")
    assert "qualifier" not in dataset.frame("participations").columns


class Cutting:
    """A server that hands out ten rows at most and does not say so."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return ten rows."""
        return self._engine.answer(text, min(limit or 10, 10))


def test_a_server_that_cuts_in_silence_is_found_out(bundled: KnowledgeGraph) -> None:
    engine = Cutting(Oxigraph(parse_ntriples(bundled.ntriples())))
    with pytest.raises(UnreadableInput, match=r"the server hands out 10 of \d+ rows; raise its limit, or ask the data"):
        ask(GraphDataset(engine), engine, "CQ04", {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<a:g> a cega:Grant ; cega:amount 'much'", "has 'much' for cega:amount, which is no number; mend the graph"),
        ("<a:g> a cega:Grant ; cega:amount 1 , 2", "has 2 values for cega:amount, one is allowed; mend the graph"),
        ("<a:g> a cega:Grant", "a:g is no whole row of grants: .*project_id.*; build the graph with this version"),
    ],
)
def test_a_graph_that_others_made_gets_a_sentence(line: str, said: str) -> None:
    import pyoxigraph as ox

    from cega_graph.rdf import PREFIXES

    store = ox.Store()
    store.update(f"INSERT DATA {{ {line} }}", prefixes=PREFIXES)
    with pytest.raises(UnreadableInput, match=said):
        list(GraphDataset(Stored(store)).rows("grants"))


def test_the_commands_ask_stores(tmp_path: Path, bundled: KnowledgeGraph) -> None:
    """And what goes with a server only is refused elsewhere."""
    build_bulk(bundled, tmp_path / "out")
    plain = CliRunner().invoke(main, ["ask", "CQ04", "--lang", "zh"])
    stored = CliRunner().invoke(main, ["ask", "CQ04", "--lang", "zh", "--store", str(tmp_path / "out")])
    assert (plain.exit_code, plain.stdout, plain.stderr) == (0, stored.stdout, stored.stderr)
    for command in (["ask", "CQ04"], ["query", "ASK {}"]):
        done = CliRunner().invoke(main, [*command, "--graph", "a:b"])
        assert (done.exit_code, "--graph goes with --endpoint only" in done.stderr) == (2, True)


def test_a_store_in_a_build_is_asked_with_the_tables_beside_it(
    tmp_path: Path, bundled: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which no query has to fetch; of a data folder that holds a store, that store answers SPARQL."""
    out = tmp_path / "out"
    build_bulk(bundled, out, form="csv")
    asked = ["ask", "CQ03", "--organization", "芜湖青野", "--lang", "zh"]
    expected = CliRunner().invoke(main, asked)
    alone = CliRunner().invoke(main, [*asked, "--store", str(out / "store")])
    monkeypatch.setattr(GraphDataset, "rows", lambda *_: pytest.fail("the graph was asked for a table"))
    monkeypatch.setattr(LazyEngine, "answer", lambda *_: pytest.fail("the graph was made anew"))
    beside = CliRunner().invoke(main, [*asked, "--store", str(out)])
    built = CliRunner().invoke(main, [*asked, "--data", str(out)])
    for done in (alone, beside, built):
        assert (done.exit_code, done.stdout, done.stderr) == (0, expected.stdout, expected.stderr)
    (out / "tables" / "names.csv").unlink()
    assert isinstance(tables_of(Stored(open_store(out / "store")), out), GraphDataset)
