"""SPARQL: what is answered, how it looks, what is refused, and that it stops."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from cega_graph.cli import main
from cega_graph.errors import CutResult, InvalidQuery, RefusedQuery, StoppedQuery, UnreadableInput
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.store.client import NTRIPLES, Worker, file_load
from cega_graph.store.endpoint import ask_endpoint
from cega_graph.store.guard import checked
from cega_graph.store.results import to_frame
from cega_graph.store.terms import Answer, Load, Term

TURTLE = """
@prefix : <https://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :name "甲"@zh ; :amount 100.5 ; :on "1895-04-17"^^xsd:date ; :n 3 ; :ok true ; :year "2022"^^xsd:gYear .
:b :name "Z"@en ; :amount 2.0 ; :n 99999999999999999999 .
"""


@pytest.fixture(scope="session", params=["oxigraph", "rdflib"])
def worker(request: pytest.FixtureRequest) -> Iterator[Worker]:
    made = Worker(Load(engine=request.param, form="text/turtle", content=TURTLE.encode()))
    yield made
    made.close()


@pytest.fixture(scope="session")
def oxigraph() -> Iterator[Worker]:
    made = Worker(Load(engine="oxigraph", form="text/turtle", content=TURTLE.encode()))
    yield made
    made.close()


def test_both_engines_give_the_same_typed_frame(worker: Worker) -> None:
    """Numbers, dates and truth values are typed; what is not bound is missing; partial dates stay text."""
    select = """PREFIX e: <https://example.org/> SELECT ?s ?name ?amount ?on ?ok ?year WHERE {
        ?s e:name ?name ; e:amount ?amount . OPTIONAL { ?s e:on ?on ; e:ok ?ok ; e:year ?year } } ORDER BY ?s"""
    expected = pd.DataFrame({
        "s": pd.Series(["https://example.org/a", "https://example.org/b"], dtype="str"),
        "name": pd.Series(["甲", "Z"], dtype="str"),
        "amount": pd.Series([100.5, 2.0], dtype="Float64"),
        "on": pd.Series(pd.to_datetime(pd.Series(["1895-04-17", None])).astype("datetime64[s]")),
        "ok": pd.Series([True, None], dtype="boolean"),
        "year": pd.Series(["2022", None], dtype="str"),
    })  # fmt: skip
    pd.testing.assert_frame_equal(to_frame(worker.ask(select)), expected, check_freq=False)


def test_whole_numbers_beyond_64_bits_are_kept(worker: Worker) -> None:
    """Python integers take the place of Int64."""
    answer = worker.ask("PREFIX e: <https://example.org/> SELECT ?n WHERE { ?s e:n ?n } ORDER BY ?n")
    assert to_frame(answer)["n"].tolist() == [3, 99999999999999999999]


def test_graphs_come_back_sorted_and_once(worker: Worker) -> None:
    """CONSTRUCT gives triples, ASK a truth value."""
    answer = worker.ask("PREFIX e: <https://example.org/> CONSTRUCT { e:x a e:Y } WHERE { ?s e:n ?n }")
    iris = [Term("iri", "https://example.org/x"), Term("iri", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            Term("iri", "https://example.org/Y")]  # fmt: skip
    assert answer == Answer(form="graph", columns=["subject", "predicate", "object"], rows=[list(iris)])
    assert worker.ask("ASK { ?s ?p 99999999999999999999 }") == Answer(form="ask", truth=True)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } } }",
        "SELECT * { { SELECT * { ?s ?p ?o MINUS { SERVICE ?s { ?a ?b ?c } } } } }",
        r"SELECT * { \u0053\u0045RV\u0049CE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"SELECT * { \U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"SELECT * { \u005Cu0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p 1SERVICE<http://127.0.0.1:9/>{ ?a ?b ?c } }",
        "SELECT * { ?s ?p ?o.service<http://127.0.0.1:9/>{ ?a ?b ?c } }",
        "SELECT * { ?s ?p ?o . SERVICESILENT<http://127.0.0.1:9/>{ ?a ?b ?c } }",
        "SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }",
        "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
        "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
        r"ASK \u0046ROM <http://127.0.0.1:9/> { ?s ?p ?o }",
        "DESCRIBE <a:b> FROM <http://127.0.0.1:9/>",
        "LOAD <http://127.0.0.1:9/>",
        "PREFIX e: <a:b>\n# a comment\nLOAD <http://127.0.0.1:9/>",
        "INSERT DATA { <a:b> <a:b> <a:b> }",
        r"\u0044ELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "WITH <a:b> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_whatever_reaches_out_or_changes_is_refused(text: str) -> None:
    """In every spelling that one of the engines reads."""
    with pytest.raises(RefusedQuery):
        checked(text)


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * { ?s rdfs:label "Service Centre from Hull" }',
        "SELECT ?service ?from { ?service a ?from } # SERVICE FROM",
        "SELECT * { ?s <https://example.org/service/from> ?o }",
        "SELECT * { ?s ?p ?insert } LIMIT 1",
    ],
)
def test_the_words_alone_are_honest(text: str) -> None:
    """In literals, variables, comments and IRIs they reach nowhere."""
    assert checked(text) == text


def test_an_escape_means_its_character(oxigraph: Worker) -> None:
    """A query runs as it was decoded."""
    answer = oxigraph.ask(r'PREFIX e: <https://example.org/> SELECT \u003Fn { ?s e:name "\u7532"@zh ; e:n ?n }')
    assert to_frame(answer)["n"].tolist() == [3]
    with pytest.raises(InvalidQuery, match="names no character"):
        checked(r"SELECT * { ?s ?p '\uD800' }")


def test_the_worker_can_open_no_socket_and_no_file() -> None:
    """Shut in, the kernel refuses new descriptors even to a query that no guard has seen."""
    import subprocess
    import sys

    code = """
import pyoxigraph as ox, socket
from cega_graph.store.worker import shut_in
store = ox.Store()
shut_in()
for attempt in (lambda: list(store.query("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")),
                lambda: socket.socket(), lambda: open("/etc/hostname")):
    try:
        attempt()
        print("did it")
    except (OSError, RuntimeError) as error:
        print(type(error).__name__)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.stdout.split() == ["OSError", "PermissionError", "PermissionError"], done.stderr


def test_service_opens_no_connection(oxigraph: Worker) -> None:
    """A listening port hears nothing."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        with pytest.raises(RefusedQuery):
            oxigraph.ask(f"SELECT * {{ SERVICE <http://127.0.0.1:{server.getsockname()[1]}/> {{ ?s ?p ?o }} }}")
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_query_that_would_run_for_minutes_is_stopped_and_the_next_one_answered(bundled: KnowledgeGraph) -> None:
    """The process is killed when its time is over, and a new one takes its place."""
    started = time.monotonic()
    with pytest.raises(StoppedQuery, match=r"stopped after 1 s; .* more time with seconds=$"):
        bundled.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", seconds=1)
    assert time.monotonic() - started < 8
    assert bundled.query("SELECT (COUNT(?p) AS ?n) { ?p a cega:Project }").to_dict("list") == {"n": [15]}


def test_a_cross_join_of_a_billion_rows_gives_as_many_as_asked_for(bundled: KnowledgeGraph) -> None:
    """The cap says that it cut."""
    with pytest.warns(CutResult, match="cut after 7 rows; there are more"):
        frame = bundled.query("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", limit=7)
    assert frame.shape == (7, 9)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "query: is empty; give a SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("ASK {", "query:1:6: ends too early; expected standard SPARQL 1.1"),
        (
            "SELECT *\nWHERE { ?s a ?p . FILTRE(?p) }",
            "query:2:27: cannot read 'FILTRE(?p) }'; expected OPTIONAL; expected standard SPARQL 1.1",
        ),
    ],
)
def test_a_fault_names_its_position_and_the_words_there(oxigraph: Worker, text: str, message: str) -> None:
    with pytest.raises(InvalidQuery) as caught:
        oxigraph.ask(text)
    assert str(caught.value) == message


def test_an_unknown_prefix_is_named_with_those_that_are_known(oxigraph: Worker) -> None:
    with pytest.raises(InvalidQuery, match=r"^query:1:\d+: prefix 'foo' is not known; .* basis, cega, dcterms, "):
        oxigraph.ask("SELECT * { ?s foo:x ?o }")


def test_deep_nesting_gets_a_sentence(worker: Worker) -> None:
    with pytest.raises(InvalidQuery):
        worker.ask("SELECT * " + "{" * 3000 + "?s ?p ?o" + "}" * 3000)


def test_labels_take_the_place_of_iris(bundled: KnowledgeGraph) -> None:
    """In the language asked for; roles and other concepts of the vocabularies too."""
    select = "SELECT ?p ?r { ?x cega:project ?p ; cega:role ?r . FILTER(?p = project:cega-2024-1 && ?r = role:funder) }"
    assert bundled.query(select, labels="zh").drop_duplicates().to_dict("list") == {
        "p": ["拯救勺嘴鹬"],
        "r": ["资助方"],
    }
    plain = {"p": ["project:cega-2024-1"], "r": ["role:funder"]}
    assert bundled.query(select).drop_duplicates().to_dict("list") == plain


def test_an_unreadable_graph_gets_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text("<a:b> <c:d> .")
    with pytest.raises(UnreadableInput, match=r"broken\.ttl: is not readable as text/turtle: .*"):
        Worker(file_load(path, "oxigraph")).ask("ASK {}")
    with pytest.raises(UnreadableInput, match="there is no such file"):
        file_load(tmp_path / "none.ttl", "oxigraph")
    with pytest.raises(UnreadableInput, match="is no RDF file by its name"):
        file_load(Path(__file__), "oxigraph")


def test_an_empty_graph_answers_nothing() -> None:
    worker = Worker(Load(engine="oxigraph", form=NTRIPLES))
    assert worker.ask("SELECT ?s { ?s ?p ?o }") == Answer(form="select", columns=["s"])
    worker.close()


COUNT = "SELECT (COUNT(?p) AS ?n) { ?p a cega:Project }"


def run(*arguments: str, given: str | None = None) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of a command."""
    done = CliRunner().invoke(main, ["query", *arguments], input=given)
    return done.exit_code, done.stdout, done.stderr


def test_the_query_is_text_file_or_stdin(tmp_path: Path) -> None:
    path = tmp_path / "count.rq"
    path.write_text("\ufeff" + COUNT)
    expected = (0, " n\n--\n15\n", "")
    assert [run(COUNT), run("-f", str(path)), run(given=COUNT)] == [expected] * 3


def test_a_built_folder_and_its_files_give_the_same_rows(built: Path) -> None:
    """As N-Triples, Turtle and JSON-LD."""
    select = "SELECT ?f ?p { ?f cega:funds ?p } ORDER BY ?f ?p"
    answers = {
        run(select, "--data", str(place), "--format", "csv")
        for place in (built, built / "graph.ttl", built / "graph.jsonld", built / "graph.nt")
    }
    assert len(answers) == 1
    assert answers == {run(select, "--format", "csv")}


def test_json_is_the_format_of_sparql() -> None:
    code, out, _ = run('SELECT ?x { VALUES ?x { "=1+1"@zh 2 } }', "--format", "json")
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    assert (code, json.loads(out)) == (0, {
        "head": {"vars": ["x"]},
        "results": {"bindings": [
            {"x": {"type": "literal", "value": "=1+1", "xml:lang": "zh"}},
            {"x": {"type": "literal", "value": "2", "datatype": integer}},
        ]},
    })  # fmt: skip


def test_csv_for_people_is_guarded_and_in_a_file_has_a_bom(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    assert run('SELECT ?x { VALUES ?x { "=1+1" } }', "--format", "csv", "-o", str(path))[0] == 0
    assert path.read_bytes().decode() == "\ufeffx\n'=1+1\n"


def test_turtle_is_for_graphs() -> None:
    code, out, err = run(COUNT, "--format", "turtle")
    assert (code, out) == (2, "")
    assert err == "cega-graph: --format turtle: only CONSTRUCT and DESCRIBE give a graph; use table, csv or json\n"
    code, out, _ = run(
        "CONSTRUCT { ?f a cega:Funder } WHERE { ?f cega:funds project:cega-2024-8 }", "--format", "turtle"
    )
    assert code == 0
    assert out.rsplit("\n\n", 1)[1].count("a cega:Funder .") == out.count("cega:Funder")


def test_the_cap_and_the_limit_speak_on_stderr() -> None:
    assert run("SELECT ?s { ?s a cega:Project }", "--limit", "1", "--format", "csv")[2] == (
        "cega-graph: cut after 1 row; there are more: raise --limit, or 0 for all\n"
    )


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[str]]]:
    """Return the address of a server that answers every query alike, and what it was asked."""
    asked: list[str] = []
    body = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "a:b"}}, {}]}}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            bad = "BAD" in asked[-1]
            content = b"no such thing" if bad else json.dumps(body).encode()
            self.send_response(400 if bad else 200)
            self.send_header("Content-Type", "application/sparql-results+json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sparql", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_is_asked_as_it_is(endpoint: tuple[str, list[str]]) -> None:
    """The prefixes that the query uses are declared for it; SERVICE and FROM are the server's affair."""
    url, asked = endpoint
    answer = ask_endpoint(url, "SELECT ?x { ?x a foaf:Agent SERVICE <a:b> {} }", limit=1)
    assert answer == Answer(form="select", columns=["x"], rows=[[Term("iri", "a:b")]], cut=True)
    assert asked == ["PREFIX foaf: <http://xmlns.com/foaf/0.1/> SELECT ?x { ?x a foaf:Agent SERVICE <a:b> {} }"]


def test_what_an_endpoint_does_wrong_gets_a_sentence(endpoint: tuple[str, list[str]]) -> None:
    url, _ = endpoint
    with pytest.raises(InvalidQuery, match=r"answers 400 Bad Request: no such thing"):
        ask_endpoint(url, "BAD")
    with pytest.raises(UnreadableInput, match="cannot be reached"):
        ask_endpoint("http://127.0.0.1:9/", "ASK {}", seconds=2)
    with pytest.raises(UnreadableInput, match="is no endpoint"):
        ask_endpoint("file:///etc/passwd", "ASK {}")
