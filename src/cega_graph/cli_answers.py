"""The commands that answer: query, ask, rank."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cega_graph.cli_shared import DATA, LANGUAGE, OUTPUT, fail, plain_errors, write_out

if TYPE_CHECKING:
    from cega_graph.store.client import Worker
    from cega_graph.store.terms import Answer

_USAGE = 2


@click.command()
@click.argument("sparql", required=False)
@click.option("-f", "--file", "path", type=click.Path(path_type=Path), help="File with the query; - reads stdin.")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Data sets, one built folder, or one RDF file; the bundled casebook if left out.",
)
@click.option("--endpoint", default="", help="Ask this SPARQL endpoint instead, http or https.")
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
    endpoint: str,
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
    if endpoint and data:
        raise click.UsageError("give --data or --endpoint, not both")
    most = limit or None
    with plain_errors():
        text = sparql if sparql is not None else _read(path)
        if endpoint:
            from cega_graph.store.endpoint import ask_endpoint

            answer, names = ask_endpoint(endpoint, text, limit=most, seconds=timeout), dict[str, str]()
        else:
            worker = _worker(data, engine)
            try:
                answer = worker.ask(text, limit=most, seconds=timeout)
                names = _labels(worker, labels)
            finally:
                worker.close()
        write_out(_rendered(answer, form, names), output)
    if answer.cut:
        click.echo(f"cega-graph: cut after {limit} rows; there are more: raise --limit, or 0 for all", err=True)


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


def _worker(data: tuple[Path, ...], engine: str) -> Worker:
    """Return a worker on data sets, on the graph of a built folder, or on an RDF file."""
    from cega_graph.knowledge_graph import load
    from cega_graph.store.client import Worker, file_load

    if len(data) == 1 and data[0].is_dir() and (data[0] / "graph.nt").is_file():
        return Worker(file_load(data[0] / "graph.nt", engine))
    if len(data) == 1 and not data[0].is_dir():
        return Worker(file_load(data[0], engine))
    return load(*data).worker(engine)


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


_TABULAR = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print the answer.",
)


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
@_TABULAR
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

    with plain_errors():
        frame = load(*data).rank(role, by=by, basis=basis, top=top, seed=seed, individuals=individuals)
        about = frame.attrs["about"]
        shown = frame if whole else frame[frame["rank"] <= top]
        if form == "json":
            write_out(to_json(shown, about=about), output)
            return
        shown = shown.drop(columns=["name_en" if lang == "zh" else "organization_id"]) if form == "table" else shown
        headings = [RANK_HEADINGS[column][lang] for column in shown.columns]
        for column in ("score", "stated_share", "top_share") if form == "table" else ():
            shown = shown.assign(**{column: shown[column].round(4)})
        write_out(to_csv(shown, headings) if form == "csv" else to_text(shown, headings), output)
        for line in about_rank(about, lang):
            click.echo(line, err=True)


@click.command()
@click.argument("question", required=False)
@click.option("--project", help="A project, by id, number or part of its title.")
@click.option("--organization", help="A body, by any of its names.")
@click.option("--from", "from_", help="The body at which a path begins.")
@click.option("--to", "to", help="The body at which a path ends.")
@click.option("--role", help="The role of those ranked.")
@click.option("--by", help="A measure, or what totals are grouped by.")
@click.option("--basis", type=click.Choice(["all", "stated"]), help="stated leaves out what a rule inferred.")
@DATA
@_TABULAR
@OUTPUT
@LANGUAGE
def ask(question: str | None, data: tuple[Path, ...], form: str, output: str, lang: str, **given: str | None) -> None:
    """Answer one of the competency questions; without QUESTION, list them.

    Example: cega-graph ask CQ10 --from 芜湖青野 --to 万科公益基金会 --lang zh
    """
    from cega_graph.knowledge_graph import load
    from cega_graph.printing import to_csv, to_json, to_text
    from cega_graph.questions.catalogue import questions

    with plain_errors():
        if question is None:
            for one in questions().values():
                takes = "".join(f" --{p.name}" if p.required else f" [--{p.name}]" for p in one.parameters)
                click.echo(f"{one.id}  {one.title.of(lang)}{takes}")
            return
        values = {name.rstrip("_"): value for name, value in given.items() if value is not None}
        frame = load(*data).ask(question, language=lang, **values)
        said = {str(name): value for name, value in frame.attrs.items()}
        if form == "json":
            write_out(to_json(frame, **said), output)
            return
        if form == "csv":
            write_out(to_csv(frame, said["headings"]), output)
        else:
            write_out(f"{said['title']}\n\n{to_text(frame.round(4), said['headings'])}", output)
        many = f"{len(frame)} 行" if lang == "zh" else f"{len(frame)} rows"
        click.echo(f"{many}. {said['caveat']}\n{said['coverage']}", err=True)
