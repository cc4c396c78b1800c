"""The commands query and rank."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cega_graph.cli_shared import (
    DATA,
    ENDPOINT,
    GRAPH,
    HEADERS,
    LANGUAGE,
    ONLY,
    OUTPUT,
    STORE,
    TABULAR,
    fail,
    plain_errors,
    write_out,
)

if TYPE_CHECKING:
    from cega_graph.store.client import Worker
    from cega_graph.store.endpoint import Endpoint
    from cega_graph.store.engines import Engine
    from cega_graph.store.terms import Answer

_USAGE = 2
_SECONDS = 300.0
"""The time that a server gets for each query of a question."""


@click.command()
@click.argument("sparql", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query; - reads stdin.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Data sets, one built folder, or one RDF file; the bundled casebook if left out.",
)
@ONLY
@STORE
@ENDPOINT
@GRAPH
@HEADERS
@click.option(
    "--engine", type=click.Choice(["oxigraph", "rdflib"]), default="oxigraph", show_default=True, help="Who answers."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "turtle"]),
    default="table",
    show_default=True,
    help="How to print the answer; turtle for CONSTRUCT and DESCRIBE only.",
)
@click.option("--labels", type=click.Choice(["zh", "en"]), help="Show names in place of IRIs.")
@click.option("--limit", type=click.IntRange(min=0), default=10_000, show_default=True, help="Most rows; 0 for all.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=30.0,
    show_default=True,
    help="Seconds until the query is stopped.",
)
@OUTPUT
def query(
    sparql: str | None,
    path: Path | None,
    data: tuple[Path, ...],
    only: tuple[str, ...],
    store: Path | None,
    endpoint: str,
    graph: str,
    header_file: Path | None,
    engine: str,
    form: str,
    labels: str | None,
    limit: int,
    timeout: float,
    output: str,
) -> None:
    """Answer a SPARQL 1.1 query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    The query is the argument, a file (-f), or stdin. Prefixes such as cega: and rdfs: are known.

    Example: cega-graph query "SELECT ?name { ?f cega:funds ?p ; rdfs:label ?name }"
    """
    if (sparql is not None) + (path is not None) > 1:
        raise click.UsageError("give the query as text or as a file, not both")
    one_of(data=data or only, store=store, endpoint=endpoint)
    only_remote(endpoint, graph=graph, header_file=header_file)
    if store and engine != "oxigraph":
        raise click.UsageError("a store is answered by oxigraph; give --data for another engine")
    most = limit or None
    with plain_errors():
        text = sparql if sparql is not None else _read(path)
        if endpoint:
            answer, names = _remote(endpoint, graph, header_file, timeout).answer(text, most), dict[str, str]()
        else:
            worker = _worker(data, only, store, engine)
            try:
                answer = worker.ask(text, limit=most, seconds=timeout, option="--timeout")
                names = _labels(worker, labels)
            finally:
                worker.close()
        write_out(_rendered(answer, form, names), output)
    if answer.cut:
        click.echo(
            f"cega-graph: cut after {limit} row{'s' * (limit != 1)}; there are more: raise --limit, or 0 for all",
            err=True,
        )


def _remote(url: str, graph: str, header_file: Path | None, seconds: float) -> Endpoint:
    from cega_graph.store.endpoint import Endpoint
    from cega_graph.store.http import read_headers

    return Endpoint(url, headers=read_headers(header_file), graph=graph, seconds=seconds)


def _read(path: Path | None) -> str:
    from cega_graph.errors import UnreadableInput

    try:
        content = sys.stdin.buffer.read() if path is None or str(path) == "-" else path.read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path or 'stdin'}: is not readable as UTF-8 text: {error}"
        raise UnreadableInput(message) from None


def _labels(worker: Worker, language: str | None) -> dict[str, str]:
    from cega_graph.store.labels import labels_of

    return labels_of(worker, language) if language else {}


def one_of(**given: object) -> None:
    """Refuse two answers to where the data lie."""
    named = [f"--{name}" for name, value in given.items() if value]
    if len(named) > 1:
        message = f"give {' or '.join(named)}, not both"
        raise click.UsageError(message)


def only_remote(endpoint: str, **given: object) -> None:
    """Refuse what only a server understands where none is named."""
    named = [f"--{name.replace('_', '-')}" for name, value in given.items() if value and not endpoint]
    if named:
        message = f"{named[0]} goes with --endpoint only"
        raise click.UsageError(message)


def _worker(data: tuple[Path, ...], only: tuple[str, ...], store: Path | None, engine: str) -> Worker:
    """Return a worker on data sets, on the store or graph of a built folder, or on an RDF file."""
    from cega_graph.folders import recover
    from cega_graph.knowledge_graph import load
    from cega_graph.store.client import Worker, file_load, store_load
    from cega_graph.store.disk import STORE as FOLDER
    from cega_graph.store.disk import is_store

    for one in (*data, *([store] if store else [])):
        recover(one)
    if store:
        return Worker(store_load(store))
    stored = len(data) == 1 and (is_store(data[0] / FOLDER) or is_store(data[0]))
    built = stored or (len(data) == 1 and (data[0] / "graph.nt").is_file())
    if only and (built or (len(data) == 1 and data[0].is_file())):
        raise click.UsageError(f"{data[0]}: --only takes data sets; a built folder or an RDF file holds one graph")
    if stored and engine == "oxigraph":
        return Worker(store_load(data[0]))
    if built:
        return Worker(file_load(data[0] / "graph.nt", engine))
    if len(data) == 1 and not data[0].is_dir():
        return Worker(file_load(data[0], engine))
    return load(*data, only=only).worker(engine)


def _rendered(answer: Answer, form: str, names: dict[str, str]) -> str:
    from cega_graph.printing import to_csv, to_text
    from cega_graph.store.results import to_frame, to_json, to_turtle_text

    if form == "turtle":
        if answer.form != "graph":
            fail("--format turtle: only CONSTRUCT and DESCRIBE give a graph; use table, csv or json", _USAGE)
        return to_turtle_text(answer)
    if form == "json":
        return to_json(answer)
    frame = to_frame(answer, names)
    if answer.form == "ask" and form == "table":
        return "true\n" if answer.truth else "false\n"
    return to_csv(frame) if form == "csv" else to_text(frame)


@click.command()
@click.argument("role", default="all")
@click.option("--by", default="projects", show_default=True, help="Measure, such as partners, pagerank, betweenness.")
@click.option(
    "--basis",
    type=click.Choice(["all", "stated"]),
    default="all",
    show_default=True,
    help="stated leaves out what a rule inferred.",
)
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Rows, and k of the top k.")
@click.option("--all", "whole", is_flag=True, help="Print every body, not only the top.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the resamples.")
@click.option("--individuals", is_flag=True, help="Rank persons too.")
@DATA
@ONLY
@TABULAR
@OUTPUT
@LANGUAGE
def rank(
    role: str,
    by: str,
    basis: str,
    top: int,
    whole: bool,
    seed: int,
    individuals: bool,
    data: tuple[Path, ...],
    only: tuple[str, ...],
    form: str,
    output: str,
    lang: str,
) -> None:
    """Rank the bodies that hold ROLE (funder, grantee, executor, ...; all), and say how sure the rank is.

    Each rank comes with its range when any one case is left out, and with the share of resamples that
    keep it in the top. Groups are not ranked, nor are persons unless asked for.

    Example: cega-graph rank funder --by grantees --basis stated
    """
    from cega_graph.knowledge_graph import load
    from cega_graph.measures.words import RANK_HEADINGS, about_rank
    from cega_graph.printing import to_csv, to_json, to_text
    from cega_graph.vocabulary import kinds

    with plain_errors():
        kg = load(*data, only=only)
        frame = kg.rank(role, by=by, basis=basis, top=top, seed=seed, individuals=individuals)
        about = frame.attrs["about"]
        shown = frame if whole else frame[frame["rank"] <= top]
        if form == "json":
            write_out(to_json(shown, about=about), output)
            return
        shown = shown.drop(columns=["name_en" if lang == "zh" else "organization_id"]) if form == "table" else shown
        words = {kind: term.label_zh if lang == "zh" else term.label_en for kind, term in kinds().items()}
        shown = shown.assign(kind=[words.get(kind, kind) for kind in shown["kind"]])
        headings = [RANK_HEADINGS[column][lang] for column in shown.columns]
        for column in ("score", "stated_share", "top_share") if form == "table" else ():
            shown = shown.assign(**{column: shown[column].round(4)})
        write_out(
            to_csv(shown, headings, language=lang) if form == "csv" else to_text(shown, headings, language=lang), output
        )
        for line in about_rank(about, lang):
            click.echo(line, err=True)


def graph_at(store: Path | None, endpoint: str, graph: str, header_file: Path | None) -> Engine | None:
    """Return the graph of a store or a server, or None if neither is named."""
    from cega_graph.folders import recover
    from cega_graph.store.disk import open_store, store_of
    from cega_graph.store.engines import Stored

    if endpoint:
        return _remote(endpoint, graph, header_file, _SECONDS)
    if store:
        recover(store)
        return Stored(open_store(store_of(store)))
    return None
