"""The command that writes files of other programs: export."""

from __future__ import annotations

from pathlib import Path

import click

from cega_graph.cli_shared import EXIT_FINDINGS, EXIT_UNREADABLE, LANGUAGE, ONLY, fail, plain_errors

_FORMATS = ("360giving", "iati", "ftm", "parquet", "csv", "xlsx", "graphml", "gexf")


def _write_template(context: click.Context, _: click.Parameter, path: Path | None) -> None:
    """Write the empty workbook and end: nothing else is asked of an export that has no data."""
    if path is None or context.resilient_parsing:
        return
    from cega_graph.tabular import write_bytes
    from cega_graph.writers.template import format_template

    with plain_errors():
        if path.exists():
            fail(f"{path}: is there already; choose another name, it may hold cases", EXIT_UNREADABLE)
        write_bytes(path, format_template())
    click.echo(path)
    context.exit()


@click.command()
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="What to write.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True,
    help="File to write; for parquet a folder, for csv a folder or a file that ends in .zip.",
)  # fmt: skip
@click.option(
    "--template", type=click.Path(path_type=Path), is_eager=True, expose_value=False, callback=_write_template,
    help="Write only an empty workbook (XLSX), with drop-downs and explanations, to enter cases by hand.",
)  # fmt: skip
@click.option("--persons", is_flag=True, help="Keep persons, who are left out otherwise.")
@click.option(
    "--fill", multiple=True, metavar="NAME=VALUE",
    help="Write this where the data do not say what 360giving or iati requires: description, status (planned, "
    "ongoing, completed, cancelled), reporting-org (REF|NAME). {title} stands for the title.",
)  # fmt: skip
@ONLY
@LANGUAGE
def export(
    data: tuple[Path, ...], form: str, output: Path, persons: bool, fill: tuple[str, ...], only: tuple[str, ...],
    lang: str,
) -> None:  # fmt: skip
    """Write DATA (data sets; the bundled casebook if none) as a file of another program.

    What the format requires and the data do not say is left out and counted, with the reason. Exit
    code 1: nothing is left, and nothing was written. docs/exchange.md says what each format keeps.

    Example: cega-graph export data/grants --format 360giving -o grants.json
    Example: cega-graph export --template cases.xlsx
    """
    from cega_graph.exporting import export as write_export
    from cega_graph.knowledge_graph import load
    from cega_graph.writers.tally import Options

    with plain_errors():
        tally = write_export(load(*data, only=only).dataset, form, output, Options(persons, _fills(form, fill)))
    wrote = sum(tally.written.values())
    first, *others = tally.lines(lang)
    for line in others:
        click.echo(line, err=True)
    if not wrote:
        what = "未写文件" if lang == "zh" else "no file was written"
        fail(f"{output}: {first}{'；' if lang == 'zh' else '; '}{what}", EXIT_FINDINGS)
    click.echo(f"{output}: {first}")


def _fills(form: str, given: tuple[str, ...]) -> dict[str, str]:
    from cega_graph.exporting import fills
    from cega_graph.model import PROJECT_STATUSES

    found: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not value or name not in fills(form):
            known = ", ".join(fills(form)) or "nothing"
            raise click.BadParameter(f"{one!r}: write NAME=VALUE; {form} takes {known}", param_hint="--fill")
        if name == "status" and value not in PROJECT_STATUSES:
            raise click.BadParameter(f"{value!r}: use one of {', '.join(PROJECT_STATUSES)}", param_hint="--fill")
        found[name] = value
    return found
