"""The commands that take data in and give it out in other formats: import, export."""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cega_graph.cli_shared import LANGUAGE, LEDGER, plain_errors, read_given_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cega_graph.sources.files import File
    from cega_graph.sources.recognise import Format


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Folder of a new data set; its tables are made anew."
)
@click.option("--into", type=click.Path(path_type=Path), help="Data set to add to; bodies in it keep their ids.")
@click.option("--source-id", default="", help="Id of the source, ASCII; made from the file's name if left out.")
@LEDGER
@click.option("--no-ledger", is_flag=True, help="Decide nothing about names beyond identifiers and spelling.")
@click.option(
    "--drop-duplicates", is_flag=True, help="Set rows aside that are the same as an earlier one of their file."
)
@click.option("--mapping", type=click.Path(path_type=Path), help="TOML that says which column is what, for any table.")
@click.option(
    "--suggest", is_flag=True, help="Print a first mapping of FILE, with reasons and sample values; import nothing."
)
@click.option("--strict", is_flag=True, help="Stop at the first thing that is not as it should be; write nothing.")
@LANGUAGE
def import_command(
    files: tuple[Path, ...], output: Path | None, into: Path | None, source_id: str, ledger_folder: Path | None,
    no_ledger: bool, drop_duplicates: bool, mapping: Path | None, suggest: bool, strict: bool, lang: str,
) -> None:  # fmt: skip
    """Read grant files into a data set: 360Giving, IATI, US 990, the template, any table with a mapping.

    Formats are recognised by content; CSV, XLSX, JSON lines and Parquet of any other kind need --mapping.

    Writes tables/, report.csv (what was mended, who may be who), set-aside.csv (rows that could not be
    used, as they were) and names-to-decide.csv.

    Example: cega-graph import grants.json -o data/grants
    """
    if suggest:
        _print_suggestion(files)
        return
    from cega_graph.importing import Options, import_files
    from cega_graph.sources.tally import summary

    if (output is None) == (into is None):
        raise click.UsageError("give -o for a new data set, or --into to add to one")
    if source_id and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", source_id):
        raise click.BadParameter("use letters, digits, '.', '_' and '-' only", param_hint="--source-id")
    if source_id and len(files) > 1:
        raise click.UsageError("--source-id is for one file")
    folder = output or into or Path()
    options = Options(
        source_id=source_id, into=into is not None, strict=strict, drop_duplicates=drop_duplicates, mapping=mapping
    )  # fmt: skip
    with plain_errors(), _progress(lang) as tell:
        outcome = import_files(files, folder, read_given_ledger(ledger_folder, no_ledger=no_ledger), options, tell)
    for name in outcome.passed_over:
        already = (
            "已在数据集中，或与前面的文件相同；未再读取"
            if lang == "zh"
            else "is in the data set already, or the same as a file before it; not read again"
        )
        click.echo(f"cega-graph: {name}: {already}", err=True)
    for line in summary(outcome.tally, lang):
        click.echo(line, err=True)
    rows = ", ".join(f"{n} {name}" for name, n in outcome.rows.items() if n)
    click.echo(f"{folder}: {rows}")


def _print_suggestion(files: tuple[Path, ...]) -> None:
    from cega_graph.sources.files import File
    from cega_graph.sources.suggesting import suggest

    if len(files) > 1:
        raise click.UsageError("--suggest is for one file")
    with plain_errors():
        click.echo(suggest(File(files[0])), nl=False)


@contextmanager
def _progress(lang: str) -> Iterator[Callable[[File, Format, int, int], None]]:
    """Show bytes, rows and time left of each file where stderr is a terminal; nothing otherwise."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    bars: dict[Path, click._termui_impl.ProgressBar[int]] = {}

    def tell(file: File, form: Format, done: int, rows: int) -> None:
        if file.path not in bars:
            for bar in bars.values():
                bar.render_finish()
            bars[file.path] = click.progressbar(
                length=max(file.size, 1), label=f"{file.name} ({form.name})", file=sys.stderr, show_eta=True,
                item_show_func=lambda n: "" if n is None else f"{n} 行" if lang == "zh" else f"{n} rows",
            )  # fmt: skip
        bars[file.path].update(max(0, done - bars[file.path].pos), rows)

    try:
        yield tell
    finally:
        for bar in bars.values():
            bar.render_finish()
