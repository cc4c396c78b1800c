"""The command line: parse, call, print. Results go to stdout, messages to stderr."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cega_graph import __version__
from cega_graph.cli_answers import query, rank
from cega_graph.cli_engine import CONF, ENGINE, MASTER, build_with_spark
from cega_graph.cli_exchange import import_command
from cega_graph.cli_export import export
from cega_graph.cli_load import load_graph
from cega_graph.cli_map import map_page
from cega_graph.cli_questions import ask, diff
from cega_graph.cli_shared import (
    EXIT_FINDINGS,
    INDIVIDUALS,
    LANGUAGE,
    LEDGER,
    ONLY,
    SOURCE,
    fail,
    plain_errors,
    read_given_ledger,
)
from cega_graph.cli_sound import load_sound, tell_notes, tell_replaced

if TYPE_CHECKING:
    from cega_graph.knowledge_graph import KnowledgeGraph


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cega-graph")
def main() -> None:
    """Who funds, initiates and carries out which project: casebooks and grant files as a knowledge graph.

    Every statement points to the place that says it. `cega-graph build` with no argument builds the
    bundled 2024 casebook into out/; open out/map.html.
    """


@main.command()
@click.argument("data", nargs=-1, type=click.Path())
@click.option("-o", "--output", type=click.Path(), default="out", show_default=True, help="Folder to write.")
@click.option(
    "--no-page", is_flag=True,
    help="For large data: tables, graph.nt, totals, rankings, report and an on-disk store/ for query.",
)  # fmt: skip
@click.option("--tables", "form", type=click.Choice(["parquet", "csv"]), help="Of --no-page.  [default: parquet]")
@click.option("--workers", type=click.IntRange(1), help="Processes of --no-page.  [default: one a core]")
@SOURCE
@ONLY
@INDIVIDUALS
@ENGINE
@MASTER
@CONF
def build(
    data: tuple[str, ...],
    output: str,
    no_page: bool,
    form: str | None,
    workers: int | None,
    source: Path | None,
    only: tuple[str, ...],
    individuals: bool,
    engine: str,
    master: str,
    conf: tuple[str, ...],
) -> None:
    """Write page, RDF, network files, tables and report of DATA (data sets; the bundled casebook if none).

    With --engine spark, for what outgrows a machine: RDF, tables, totals, rankings and report, in parts.

    Example: cega-graph build data/book-2025 -o out-2025
    """
    if engine == "spark":
        build_with_spark(data, output, master, conf, is_limited=bool(source or only or no_page or individuals))
        return
    if master or conf:
        raise click.UsageError("--master and --conf go with --engine spark")
    if (form or workers) and not no_page:
        raise click.UsageError("--tables and --workers go with --no-page")
    folders = tuple(map(Path, data))
    if no_page:
        _build_bulk(folders, source, only, Path(output), form or "parquet", workers or 0)
        return
    with plain_errors():
        kg = load_sound(folders, source, only)
    _build_here(kg, Path(output), individuals=individuals)


def _build_here(kg: KnowledgeGraph, output: Path, *, individuals: bool) -> None:
    from cega_graph.build import FILES
    from cega_graph.build import build as write_build

    with plain_errors():
        write_build(kg, output, individuals=individuals)
    tell_replaced(kg.dataset)
    click.echo(f"{output}: {len(FILES)} files", err=True)
    click.echo(output / "map.html")


def _build_bulk(
    data: tuple[Path, ...], source: Path | None, only: tuple[str, ...], output: Path, form: str, workers: int
) -> None:
    from cega_graph.bulk.build import build_bulk, bulk_files
    from cega_graph.check import clash_findings
    from cega_graph.knowledge_graph import load
    from cega_graph.progress import Progress

    with plain_errors():
        kg = load(*data, source=source, only=only)
        tell_notes(list(clash_findings(kg.dataset)))
        with Progress() as progress:
            build_bulk(kg, output, progress.add, form=form, workers=workers)
    names = bulk_files(form)
    click.echo(f"{output}: {len(names) - 5} tables, {', '.join(names[-5:])}", err=True)
    click.echo(output / "store")


@main.command()
@click.argument("book", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder of the data set; curated/ in it stays.",
)
@click.option("--source-id", default="", help="Id of the source, ASCII; made from the book's first line if left out.")
@LEDGER
@click.option("--no-ledger", is_flag=True, help="Decide nothing about names beyond the text.")
@click.option("--strict", is_flag=True, help="Write nothing and exit 1 if anything is left for a person.")
@LANGUAGE
def extract(
    book: Path,
    output: Path,
    source_id: str,
    ledger_folder: Path | None,
    no_ledger: bool,
    strict: bool,
    lang: str,
) -> None:
    """Read a casebook (BOOK.txt or BOOK.pdf) into a data set: headers, labelled lists, names.

    Writes tables/, report.csv (what a person should look at) and names-to-decide.csv; of a PDF
    also source.txt, the text that all offsets refer to.

    Example: cega-graph extract book-2025.txt -o data/book-2025
    """
    import re

    from cega_graph.extracting import write_extract
    from cega_graph.sources.casebook import read_casebook
    from cega_graph.sources.report import message
    from cega_graph.sources.text import read_text

    if source_id and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", source_id):
        raise click.BadParameter("use letters, digits, '.', '_' and '-' only", param_hint="--source-id")
    with plain_errors():
        text = read_text(book)
        extracted = read_casebook(
            text, book.name, read_given_ledger(ledger_folder, no_ledger=no_ledger), source_id=source_id
        )
        for line in text.notes:
            click.echo(f"cega-graph: {line}", err=True)
        for note in extracted.notes:
            click.echo(message(note, lang), err=True)
        if strict and extracted.notes:
            fail(f"{len(extracted.notes)} things are left for a person; nothing was written (--strict)", EXIT_FINDINGS)
        write_extract(extracted, output, text=text.text if text.is_paged else "")
    rows = ", ".join(f"{len(rows)} {name}" for name, rows in extracted.tables.items() if rows)
    counted = extracted.characters
    click.echo(
        f"{output}: {rows}; {counted.total} characters of lists: {counted.in_rows} in rows, "
        f"{counted.in_separators} separators, {counted.in_notes} left for a person",
    )


@main.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--source", type=click.Path(path_type=Path), help="Text of the casebook: reads every offset back.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print findings.",
)
@LANGUAGE
def check(data: tuple[Path, ...], source: Path | None, form: str, lang: str) -> None:
    """Check DATA (data sets; the bundled casebook if none): integrity, shapes and, with --source, offsets.

    Exit code: 0 it conforms, 1 findings, 2 wrong usage, 3 not readable.
    """
    import json

    import msgspec

    from cega_graph.check import check as find
    from cega_graph.knowledge_graph import load
    from cega_graph.sources.text import read_text

    with plain_errors():
        kg = load(*data)
        findings = find(kg.dataset, read_text(source) if source else None)
    if form == "json":
        rows: list[Any] = [{**msgspec.to_builtins(f), "message": f.message(lang)} for f in findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(finding.message(lang))
        done = "符合全部规则" if lang == "zh" else "conforms to all rules"
        many = f"{len(findings)} 个问题" if lang == "zh" else f"{len(findings)} finding{'s' * (len(findings) != 1)}"
        click.echo(many if findings else done, err=True)
    sys.exit(EXIT_FINDINGS if findings else 0)


@main.group()
def names() -> None:
    """Which names mean one body: look up, compare, decide."""


@names.command()
@click.argument("name")
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Data sets to look in; the bundled casebook if left out.",
)
@LEDGER
def find(name: str, data: tuple[Path, ...], ledger_folder: Path | None) -> None:
    """Look a body up by any form of its name (any script, width, alias, part of a name).

    Example: cega-graph names find MCF
    """
    from cega_graph.finding import find_bodies
    from cega_graph.knowledge_graph import load

    with plain_errors():
        found = find_bodies(load(*data).dataset, name, read_given_ledger(ledger_folder, no_ledger=False))
    for body in found:
        click.echo("\t".join(body))
    if not found:
        fail(f"no body is called {name!r}; try a part of the name", EXIT_FINDINGS)


@names.command()
@click.argument("pair", nargs=-1)
@click.option(
    "--file",
    "pairs",
    type=click.Path(path_type=Path),
    help="CSV with columns name_a, name_b; prints CSV with verdict and reason.",
)
@LEDGER
def compare(pair: tuple[str, ...], pairs: Path | None, ledger_folder: Path | None) -> None:
    """Say of two names whether they mean one body: same, different or undecided, and why.

    Example: cega-graph names compare 红树林基金会 MCF
    """
    from cega_graph.comparing import compare_file
    from cega_graph.names.compare import compare as decide

    if (len(pair) != 2) == (pairs is None):
        raise click.UsageError("give two names, or --file PAIRS.csv")
    with plain_errors():
        ledger = read_given_ledger(ledger_folder, no_ledger=False)
        if pairs is not None:
            click.echo(compare_file(pairs, ledger), nl=False)
            return
        verdict = decide(pair[0], pair[1], ledger)
    click.echo(f"{verdict.verdict}\t{verdict.reason}")


@names.command()
@click.argument("filled", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--ledger",
    "ledger_folder",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder whose decisions.csv takes them in.",
)
@click.option("--by", "decided_by", required=True, help="Who decided.")
@click.option("--on", "decided_on", default="", help="When, as 2026-01-31.")
def apply(filled: Path, ledger_folder: Path, decided_by: str, decided_on: str) -> None:
    """Take a filled-in names-to-decide.csv (verdict same, different or undecided) into the ledger.

    Rows without a verdict stay open. Example: cega-graph names apply names-to-decide.csv --ledger data --by "Li"
    """
    from cega_graph.comparing import apply_decisions

    with plain_errors():
        taken, left = apply_decisions(filled, ledger_folder, decided_by, decided_on)
    click.echo(f"{ledger_folder / 'decisions.csv'}: {taken} decisions taken in, {left} rows still open")


main.add_command(ask)
main.add_command(diff)
main.add_command(import_command)
main.add_command(query)
main.add_command(rank)
main.add_command(export)
main.add_command(map_page)
main.add_command(load_graph)
