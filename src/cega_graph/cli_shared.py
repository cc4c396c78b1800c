"""What all commands share: options that read the same everywhere, and errors in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

if TYPE_CHECKING:
    from cega_graph.names.ledger import Ledger

EXIT_FINDINGS: Final = 1
EXIT_UNREADABLE: Final = 3

LANGUAGE: Final = click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the messages."
)
LEDGER: Final = click.option(
    "--ledger",
    "ledger_folder",
    type=click.Path(path_type=Path),
    help="Folder with decisions.csv; the bundled one if left out.",
)
SOURCE: Final = click.option(
    "--source", type=click.Path(path_type=Path), help="Text of the casebook: adds the sentence around each statement."
)
DATA: Final = click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Data sets to ask; the bundled casebook if left out.",
)
INDIVIDUALS: Final = click.option(
    "--individuals",
    is_flag=True,
    help="Show and rank the people, too, whom only rows of grant files name.",
)
TABULAR: Final = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="How to print the answer.",
)
ONLY: Final = click.option(
    "--only", multiple=True, metavar="SOURCE_ID", help="Take only what this source states; may be given several times."
)
STORE: Final = click.option(
    "--store", type=click.Path(path_type=Path), help="Ask this on-disk store instead, or the build that holds one."
)
ENDPOINT: Final = click.option("--endpoint", default="", help="Ask this SPARQL endpoint instead, http or https.")
GRAPH: Final = click.option("--graph", default="", metavar="IRI", help="With --endpoint: the named graph to ask.")
HEADERS: Final = click.option(
    "--header-file",
    type=click.Path(path_type=Path),
    help="File with `Name: value` lines for the server, such as Authorization; or set CEGA_GRAPH_AUTHORIZATION.",
)
OUTPUT: Final = click.option("-o", "--output", default="-", show_default=True, help="File to write; - prints.")


def fail(message: str, code: int) -> NoReturn:
    """Print a message, each line under the program's name, and exit."""
    for line in message.splitlines():
        click.echo(f"cega-graph: {line}", err=True)
    sys.exit(code)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what users can cause into one line and an exit code; anything else is a bug and keeps its traceback."""
    from cega_graph.errors import CegaGraphError, InvalidData

    try:
        yield
    except InvalidData as error:
        fail(str(error), EXIT_FINDINGS)
    except CegaGraphError as error:
        fail(str(error), EXIT_UNREADABLE)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


@contextmanager
def writable(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into one line."""
    from cega_graph.errors import UnwritableOutput

    try:
        yield
    except OSError as error:
        message = f"{path}: cannot be written: {error.strerror or error}; choose another folder"
        raise UnwritableOutput(message) from None


def write_out(text: str, output: str) -> None:
    """Print a text, or write it to a file; a CSV file gets a BOM, without which Excel garbles Chinese."""
    from cega_graph.tabular import write_text

    if output == "-":
        click.echo(text, nl=False)
    else:
        path = Path(output)
        write_text(path, ("\ufeff" if path.suffix.lower() == ".csv" else "") + text)
        click.echo(f"cega-graph: {path}", err=True)


def read_given_ledger(folder: Path | None, *, no_ledger: bool) -> Ledger:
    """Return the ledger of a folder, the bundled one if none is given, or an empty one.

    Raises:
        UnreadableInput: There is no such folder.
    """
    from cega_graph.errors import UnreadableInput
    from cega_graph.names.ledger import Ledger, read_ledger
    from cega_graph.resources import root

    if no_ledger:
        return Ledger()
    if folder is not None and not folder.is_dir():
        message = f"{folder}: there is no such folder; give the folder that holds decisions.csv"
        raise UnreadableInput(message)
    return read_ledger(folder or root("data"))
