"""The commands ask and diff."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cega_graph.cli_answers import graph_at, one_of, only_remote
from cega_graph.cli_shared import (
    DATA,
    ENDPOINT,
    EXIT_UNREADABLE,
    GRAPH,
    HEADERS,
    LANGUAGE,
    ONLY,
    OUTPUT,
    SOURCE,
    STORE,
    TABULAR,
    fail,
    plain_errors,
    write_out,
)

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.knowledge_graph import KnowledgeGraph
    from cega_graph.store.engines import Engine

_ENDINGS: Final = {"table": "txt", "csv": "csv", "json": "json"}
_EXIT_DIFFERENT: Final = 1


@click.command()
@click.argument("question", required=False)
@click.option("--project", help="A project, by id, number or part of its title.")
@click.option("--organization", help="A body, by any of its names.")
@click.option("--from", "from_", help="The body at which a path begins.")
@click.option("--to", "to", help="The body at which a path ends.")
@click.option("--role", help="The role of those ranked.")
@click.option("--by", help="A measure, or what totals are grouped by.")
@click.option("--basis", type=click.Choice(["all", "stated"]), help="stated leaves out what a rule inferred.")
@click.option("--old", help="The earlier release: a data set or a built folder.")
@click.option("--new", help="The later release; the data that are asked if left out.")
@click.option("--all", "every", is_flag=True, help="Answer every question; with -o into a folder, one file each.")
@click.option(
    "--map", "page", type=click.Path(path_type=Path), help="Write a map of the bodies and projects of the answer too."
)
@DATA
@ONLY
@SOURCE
@STORE
@ENDPOINT
@GRAPH
@HEADERS
@TABULAR
@OUTPUT
@LANGUAGE
def ask(
    question: str | None,
    every: bool,
    page: Path | None,
    data: tuple[Path, ...],
    only: tuple[str, ...],
    source: Path | None,
    store: Path | None,
    endpoint: str,
    graph: str,
    header_file: Path | None,
    form: str,
    output: str,
    lang: str,
    **given: str | None,
) -> None:
    """Answer one of the competency questions; without QUESTION, list them.

    With --endpoint, or with a --store that no build holds, tables that a question needs are read from that graph.

    Example: cega-graph ask CQ10 --from 芜湖青野 --to 万科公益基金会 --lang zh
    """
    if every and (question or page):
        raise click.UsageError("--all takes no question and no --map")
    if page and (store or endpoint):
        raise click.UsageError("--map draws data sets and built folders; leave --store and --endpoint out")
    one_of(data=data or only or source, store=store, endpoint=endpoint)
    only_remote(endpoint, graph=graph, header_file=header_file)
    values = {name.rstrip("_"): value for name, value in given.items() if value is not None}
    with plain_errors():
        if question is None and not every:
            _list(lang)
            return
        kg, answer = _asked(data, only, source, graph_at(store, endpoint, graph, header_file), store, lang)
        if question is None:
            _ask_all(answer, values, form, output, lang)
            return
        frame = answer(question, values)
        write_out(_rendered(frame, form, lang), output)
        if form != "json":
            click.echo(_provisos(frame, lang), err=True)
        if page and kg:
            _draw(kg, frame.attrs["ids"], page, lang)


def _draw(kg: KnowledgeGraph, ids: tuple[str, ...], page: Path, language: str) -> None:
    """Write the map of an answer, or say in one line that none of it can be drawn."""
    from cega_graph.excerpt import read_links
    from cega_graph.tabular import write_text

    links = read_links(kg.dataset)
    shown = set(links.ids[~links.individuals])
    nodes = [one for one in ids if one in shown]
    if nodes:
        write_text(page, kg.page(nodes=nodes))
        click.echo(f"cega-graph: {page}", err=True)
    elif language == "zh":
        click.echo(f"cega-graph: 答案中没有可画的机构或项目，未写 {page}", err=True)
    else:
        click.echo(f"cega-graph: the answer has no body or project to draw; {page} is not written", err=True)


def _list(language: str) -> None:
    from cega_graph.questions.catalogue import questions

    for one in questions().values():
        takes = "".join(f" --{p.name}" if p.required else f" [--{p.name}]" for p in one.parameters)
        click.echo(f"{one.id}  {one.title.of(language)}{takes}")


def _asked(
    data: tuple[Path, ...],
    only: tuple[str, ...],
    source: Path | None,
    engine: Engine | None,
    store: Path | None,
    language: str,
) -> tuple[KnowledgeGraph | None, Callable[[str, dict[str, str]], pd.DataFrame]]:
    """Return the graph, if it is one of tables, and what answers a question with given parameters."""
    from cega_graph.knowledge_graph import load

    if engine is None:
        kg = load(*data, source=source, only=only)
        return kg, lambda name, given: kg.ask(name, language=language, **given)
    from cega_graph.questions.ask import ask as answer
    from cega_graph.store.tables import tables_of

    dataset = tables_of(engine, store)
    return None, lambda name, given: answer(dataset, engine, name, given, language=language)


def _ask_all(
    answer: Callable[[str, dict[str, str]], pd.DataFrame], values: dict[str, str], form: str, output: str, language: str
) -> None:
    """Answer all questions whose parameters are given, one file each, and say which were left out."""
    from cega_graph.questions.catalogue import questions
    from cega_graph.tabular import write_text

    for one in questions().values():
        own = {str(p.name): values[p.name] for p in one.parameters if p.name in values}
        needed = [p.name for p in one.parameters if p.required and p.name not in own]
        if needed:
            click.echo(f"cega-graph: {one.id} left out: needs {' '.join(f'--{name}' for name in needed)}", err=True)
            continue
        frame = answer(one.id, own)
        text = _rendered(frame, form, language)
        if form == "table":
            text = f"{one.id}  {text}\n{_provisos(frame, language)}\n"
        if output == "-":
            click.echo(text)
        else:
            path = Path(output) / f"{one.id}.{_ENDINGS[form]}"
            write_text(path, ("\ufeff" if form == "csv" else "") + text)
    if output != "-":
        click.echo(f"cega-graph: {output}", err=True)


def _rendered(frame: pd.DataFrame, form: str, language: str) -> str:
    from cega_graph.printing import to_csv, to_json, to_text

    said = {str(name): value for name, value in frame.attrs.items() if name != "ids"}
    if form == "json":
        return to_json(frame, **said)
    if form == "csv":
        return to_csv(frame, said["headings"], language=language)
    return f"{said['title']}\n\n{to_text(frame.round(4), said['headings'], language=language)}"


def _provisos(frame: pd.DataFrame, language: str) -> str:
    said = frame.attrs
    many = f"{len(frame)} 行。" if language == "zh" else f"{len(frame)} row{'s' * (len(frame) != 1)}. "
    return "\n".join([f"{many}{said['caveat']}", *said["notes"], said["coverage"]])


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True,
    help="Sentences, or a table with one row a change.",
)  # fmt: skip
@OUTPUT
@LANGUAGE
def diff(old: Path, new: Path, form: str, output: str, lang: str) -> None:
    """Say what changed between two releases: OLD and NEW are data sets or folders that build wrote.

    Bodies, names, projects, relations, amounts: added, removed, merged, split, corrected. A text laid
    out anew changes nothing. Exit code: 0 no change, 1 changes, 2 wrong usage, 3 not readable.

    Example: cega-graph diff out-2024 out-2025 --lang zh
    """
    from cega_graph.changes import changes, headings, sentence, summary
    from cega_graph.changes.words import counted
    from cega_graph.dataset import Dataset
    from cega_graph.errors import InvalidData
    from cega_graph.printing import to_csv, to_json

    with plain_errors():
        try:
            frame = changes(Dataset([old]), Dataset([new]))
        except InvalidData as error:
            fail(str(error), EXIT_UNREADABLE)
        lines = [{str(column): str(cell) for column, cell in row.items()} for row in frame.to_dict("records")]
        said = summary(counted(lines), lang)
        if form == "json":
            write_out(to_json(frame.assign(sentence=[sentence(one, lang) for one in lines]), summary=said), output)
        elif form == "csv":
            write_out(to_csv(frame, headings(frame.columns, lang)), output)
        else:
            write_out("".join(f"{_one_line(sentence(one, lang))}\n" for one in lines), output)
            click.echo(said, err=True)
    sys.exit(_EXIT_DIFFERENT if lines else 0)


def _one_line(text: str) -> str:
    """What a terminal must not act on, and line breaks, become spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
