"""Triples to a server: what arrives, what is sent again, what a kill of either side leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.bulk.build import build_bulk
from cega_graph.cli import main
from cega_graph.errors import InvalidData, UnreadableInput
from cega_graph.knowledge_graph import load as load_data
from cega_graph.rdf import escape
from cega_graph.store.http import Access, checked_url, read_headers
from cega_graph.store.journal import Journal, journal_path
from cega_graph.store.loading import Loaded, Server, as_sparql, load
from factories import write_sound_dataset
from killing import killed
from servers import Moody, RealServer, moody_server, real_server

LINES = [f'<a:{n}> <a:p> "{n} \u2028 \\\\u0022 \\"}}"@zh .\n' for n in range(250)]
TEXT = "".join(LINES)


@pytest.fixture
def moody(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moody]:
    """Return a misbehaving server, to which pieces of 100 lines are sent without pauses."""
    monkeypatch.setattr("cega_graph.store.loading.PIECE", 100)
    monkeypatch.setattr("cega_graph.store.loading.pieces.__defaults__", (100,))
    monkeypatch.setattr("cega_graph.store.loading._ASKED", 50)
    monkeypatch.setattr("cega_graph.store.loading.time.sleep", lambda _: None)
    with moody_server() as server:
        yield server


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    with real_server(tmp_path_factory.mktemp("server")) as server:
        yield server


def sent(url: str, journal: Path, *, way: str = "", graph: str = "", told: list[str] | None = None) -> Loaded:
    """Load `TEXT`."""
    access = Access(seconds=0.7, tell=(told if told is not None else []).append)
    server = Server(url, way=way, graph=graph, access=access)
    return load(lambda: [TEXT], server, Journal(journal), lambda _: None)


def held(server: Moody, graph: str = "") -> set[ox.Triple]:
    """Return the triples that a server holds."""
    where = ox.NamedNode(graph) if graph else ox.DefaultGraph()
    return {quad.triple for quad in server.store.quads_for_pattern(None, None, None, where)}


WHOLE = {quad.triple for quad in ox.parse(TEXT, format=ox.RdfFormat.N_TRIPLES)}


@pytest.mark.parametrize("graph", ["", "https://example.org/a graph".replace(" ", "%20")])
@pytest.mark.parametrize(("way", "path"), [("", "/store"), ("gsp", "/store"), ("update", "/update")])
def test_every_triple_arrives(moody: Moody, tmp_path: Path, way: str, path: str, graph: str) -> None:
    """By either way, in a named graph or the default one; a second load finds all of them there."""
    address = moody.url.replace("/query", path)
    done = sent(moody.url, tmp_path / "j", way=way, graph=graph)
    assert done == Loaded(address, way or "gsp", 3, 0, 250, 0, 250)
    assert held(moody, graph) == WHOLE
    assert sent(moody.url, tmp_path / "j", way=way, graph=graph) == Loaded(address, way or "gsp", 3, 0, 250, 250, 250)
    assert not (tmp_path / "j").exists()


def test_a_server_without_graph_store_gets_updates(moody: Moody, tmp_path: Path) -> None:
    moody.closed = {"/store"}
    assert sent(moody.url, tmp_path / "j")[:2] == (moody.url.replace("/query", "/update"), "update")
    moody.closed = {"/store", "/update"}
    with pytest.raises(UnreadableInput, match=r"takes no triples by gsp or update \(.*/store answers 404; .* --at$"):
        sent(moody.url, tmp_path / "j")


@pytest.mark.parametrize("mood", ["500", "503", "late", "drop", "half"])
def test_what_passes_is_tried_again(moody: Moody, tmp_path: Path, mood: str) -> None:
    """The probe, the first count, a piece and the last count fail once each; every triple is there once."""
    moody.moods = [mood, "", mood, "", mood, "", "", mood]
    told: list[str] = []
    assert sent(moody.url, tmp_path / "j", told=told)[2:] == (3, 0, 250, 0, 250)
    assert held(moody) == WHOLE
    assert len(told) == 4
    assert all(one.endswith("; once more in 0.5 s") for one in told)


def test_a_piece_that_is_too_large_is_halved(moody: Moody, tmp_path: Path) -> None:
    moody.most = len(TEXT) // 8
    assert sent(moody.url, tmp_path / "j").after == 250
    assert held(moody) == WHOLE


def test_a_server_that_stays_away_gets_a_sentence_and_the_next_run_goes_on(moody: Moody, tmp_path: Path) -> None:
    """After seven tries; what was taken is not sent again."""
    moody.moods = ["", "", "", *["500"] * 7]
    with pytest.raises(UnreadableInput, match=r"answers 500 .*: not now; 1 pieces are there: the same command goes on"):
        sent(moody.url, tmp_path / "j")
    assert sent(moody.url, tmp_path / "j")[2:] == (2, 1, 250, 0, 250)
    assert held(moody) == WHOLE


def test_a_server_that_forgot_is_found_out(moody: Moody, tmp_path: Path) -> None:
    """What the journal calls taken is missing: the run says so, the next one sends everything."""
    moody.moods = ["", "", "", *["500"] * 7]
    with pytest.raises(UnreadableInput):
        sent(moody.url, tmp_path / "j")
    moody.store.clear()
    with pytest.raises(InvalidData, match=r"100 of 250 triples are missing after the load \(0 before, 150 after\)"):
        sent(moody.url, tmp_path / "j")
    assert sent(moody.url, tmp_path / "j")[2:] == (3, 0, 250, 150, 250)


def test_what_others_put_there_does_not_count(moody: Moody, tmp_path: Path) -> None:
    """Other triples stay, and some of ours that were there already are no fault."""
    moody.store.load(("".join(LINES[:70]) + "<b:b> <b:b> <b:b> .\n").encode(), format=ox.RdfFormat.N_TRIPLES)
    assert sent(moody.url, tmp_path / "j")[2:] == (3, 0, 250, 71, 251)


def test_a_count_that_is_none_gets_a_sentence(moody: Moody, tmp_path: Path) -> None:
    moody.moods = ["", "lie", "lie"]
    with pytest.raises(UnreadableInput, match=r"gives no count of its triples; .*/query: answers a count with no"):
        sent(moody.url, tmp_path / "j")


def test_blank_nodes_and_broken_lines_are_refused(moody: Moody, tmp_path: Path) -> None:
    """A blank node would become another one in each piece."""
    server = Server(moody.url)
    for line, said in (("_:b <a:b> <a:b> .\n", "holds a blank node"), ("<a:b> <a:b> _:b .\n", "holds a blank node")):
        with pytest.raises(UnreadableInput, match=said):
            load(partial(list, [line]), server, Journal(tmp_path / "j"), lambda _: None)
    with pytest.raises(UnreadableInput, match="graph: is not N-Triples: "):
        as_sparql('<a:b> <a:b> "x" . } ; DROP ALL\n')


def test_a_journal_cut_short_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.begin(7)
    journal.take("one")
    with (tmp_path / "j").open("a") as file:
        file.write('\n{"taken": "tw')
    again = Journal(tmp_path / "j")
    again.take("three")
    last = Journal(tmp_path / "j")
    assert (last.before, last.taken) == (7, {"one", "three"})


def test_secrets_are_sent_and_never_shown(moody: Moody, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in messages nor in the journal; an address must not hold any."""
    monkeypatch.setenv("CEGA_GRAPH_AUTHORIZATION", "Bearer s3cret")
    (tmp_path / "headers").write_text("X-Key: k3y\n\n")
    headers = read_headers(tmp_path / "headers")
    assert headers == {"Authorization": "Bearer s3cret", "X-Key": "k3y"}
    moody.moods = ["401"]
    with pytest.raises(UnreadableInput, match=r"answers 401 .* put the server's credentials into CEGA_") as caught:
        Server(moody.url, access=Access(headers))
    assert "s3cret" not in str(caught.value)
    assert [(h["Authorization"], h["X-Key"]) for _, h, _ in moody.heard] == [("Bearer s3cret", "k3y")]
    for url in ("https://me:s3cret@example.org/query", "http://s3cret@example.org"):
        with pytest.raises(
            UnreadableInput, match="the address holds a password; put it into CEGA_GRAPH_AUTH"
        ) as caught:
            checked_url(url)
        assert "s3cret" not in str(caught.value)
    (tmp_path / "headers").write_text("s3cret\n")
    with pytest.raises(UnreadableInput, match=r"headers:1: is no header; write lines such as") as caught:
        read_headers(tmp_path / "headers")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "http://", "http://a b/", "query", ""])
def test_only_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(UnreadableInput, match="is no endpoint"):
        checked_url(url)
    with pytest.raises(UnreadableInput, match="is no IRI"):
        Server("http://127.0.0.1:9/", graph="no iri> }")


@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")) | st.text('\\"u0205cUXA\n'))
def test_a_text_means_the_same_in_sparql(text: str) -> None:
    """Whether a server decodes escapes before it reads, as the recommendation says, or while it does."""
    line = f'<a:b> <a:b> "{escape(text)}" .\n'
    expected = {quad.triple for quad in ox.parse(line, format=ox.RdfFormat.N_TRIPLES)}
    for update in (as_sparql(line), decoded_once(as_sparql(line))):
        store = ox.Store()
        store.update(f"INSERT DATA {{ {update} }}")
        assert {quad.triple for quad in store} == expected


def decoded_once(text: str) -> str:
    r"""Return a text whose `\uXXXX` were replaced by their characters, as SPARQL 1.1 §19.2 has it."""
    parts = text.replace("\\\\", "\0").split("\\u")
    return (parts[0] + "".join(chr(int(part[:4], 16)) + part[4:] for part in parts[1:])).replace("\0", "\\\\")


def command(*arguments: object) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of `cega-graph load`."""
    done = CliRunner().invoke(main, ["load", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_loads_a_build_and_a_data_set(real: RealServer, tiny_data: Path, tmp_path: Path) -> None:
    """The same triples; nothing stays beside them."""
    kg = load_data(tiny_data)
    build_bulk(kg, tmp_path / "out")
    n = kg.ntriples().count("\n")
    store = real.url.replace("/query", "/store")
    first = command(tmp_path / "out", "--endpoint", real.url, "--graph", "https://example.org/1")
    assert first == (
        0, f"{store}: {n} triples, all there; 0 before, {n} after (1 pieces sent, 0 sent earlier)\n",
        f"cega-graph: {store} takes triples by gsp\n",
    )  # fmt: skip
    second = command(tiny_data, "--endpoint", real.url, "--graph", "https://example.org/1", "--via", "update")
    assert second[:2] == (0, first[1].replace("/store", "/update").replace("0 before", f"{n} before"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "tiny"]
    assert command(tiny_data, "--endpoint", "http://127.0.0.1:9/", "--via", "gsp", "--at", "ftp://x")[0] == 3


def test_two_loads_at_once_are_one_too_many(real: RealServer, tiny_data: Path) -> None:
    from cega_graph.folders import locked

    with locked(journal_path(tiny_data, real.url, "")):
        code, out, err = command(tiny_data, "--endpoint", real.url)
    assert (code, out) == (3, "")
    assert "another process is writing it; wait for it" in err


@pytest.mark.slow
def test_a_server_killed_and_started_again_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times during one load; every triple is there at the end, counted by the server."""
    monkeypatch.setattr("cega_graph.store.loading.pieces.__defaults__", (500,))
    lines = [f'<a:{n}> <a:p> "{n}" .\n' for n in range(20_000)]
    taken: list[int] = []
    with real_server(tmp_path / "server") as server:

        def disturb() -> None:
            for part in (5, 15, 25):
                while len(taken) < part:
                    time.sleep(0.005)
                server.kill()
                time.sleep(0.2)
                server.start()

        disturber = threading.Thread(target=disturb)
        disturber.start()
        told: list[str] = []
        target = Server(server.url, access=Access(seconds=20, tell=told.append))
        done = load(lambda: lines, target, Journal(tmp_path / "j"), taken.append)
        disturber.join()
        assert done[2:] == (40, 0, 20_000, 0, 20_000)
        assert told


def loads(data: str, url: str) -> tuple[list[Callable[[], object]], Callable[[], object]]:
    """Return loads of one data set by both ways, and what asserts that no foreign triple got there."""
    kg = load_data(Path(data))
    lines = [f"{line}\n" for line in kg.ntriples().split("\n")[:-1]]

    def act(way: str) -> None:
        server = Server(url, way=way, graph=f"https://example.org/{way}")
        path = journal_path(Path(data), url, way)
        load(lambda: lines, server, Journal(path), lambda _: None)

    def look() -> None:
        for way in ("gsp", "update"):
            server = Server(url, way=way, graph=f"https://example.org/{way}")
            assert server.count() <= len(lines)

    return [partial(act, "gsp"), partial(act, "update")], look


@pytest.mark.slow
def test_forty_killed_loads_do_no_harm(real: RealServer, tmp_path: Path) -> None:
    """Whenever they are killed; the load after them finds or brings every triple and leaves no journal."""
    data = write_sound_dataset(tmp_path)
    assert killed("test_load:loads", 40, str(data), real.url) > 10
    n = load_data(data).ntriples().count("\n")
    acts, _ = loads(str(data), real.url)
    for act, way in zip(acts, ("gsp", "update"), strict=True):
        act()
        assert Server(real.url, graph=f"https://example.org/{way}").count() == n
    assert [p.name for p in tmp_path.iterdir()] == ["tiny"]
