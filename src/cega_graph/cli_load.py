"""The command that sends triples to a server: load."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click

from cega_graph.cli_shared import HEADERS, plain_errors, writable
from cega_graph.cli_sound import load_sound


@click.command("load")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--endpoint", required=True, metavar="URL", help="Address of the server's queries, http or https.")
@click.option("--at", default="", metavar="URL", help="Address that takes triples, where --endpoint does not tell it.")
@click.option(
    "--via", type=click.Choice(["gsp", "update"]), help="Graph Store Protocol or INSERT DATA; else both tried."
)
@click.option("--graph", default="", metavar="IRI", help="Named graph to add to; the default graph if left out.")
@HEADERS
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds an exchange.",
)
def load_graph(
    data: Path, endpoint: str, at: str, via: str | None, graph: str, header_file: Path | None, timeout: float
) -> None:
    """Send the triples of DATA (a data set, or a built folder) to a SPARQL 1.1 server, and count them there.

    What was killed or broke off goes on where it was when the same command is given again.

    Example: cega-graph load out --endpoint http://localhost:7878/query
    """
    from cega_graph.folders import locked, recover
    from cega_graph.progress import Progress
    from cega_graph.store.http import Access, read_headers
    from cega_graph.store.journal import Journal, journal_path
    from cega_graph.store.loading import Server, load

    with plain_errors(), Progress() as progress:
        recover(data)
        texts, size = _texts(data)
        access = Access(read_headers(header_file), timeout, lambda said: click.echo(f"cega-graph: {said}", err=True))
        server = Server(endpoint, at=at, way=via or "", graph=graph, access=access)
        click.echo(f"cega-graph: {server.address} takes triples by {server.way}", err=True)
        path = journal_path(data, endpoint, graph)
        with writable(path), locked(path):
            done = load(texts, server, Journal(path), lambda lines: progress.add("load", lines, size))
    click.echo(
        f"{done.address}: {done.triples} triples, all there; {done.before} before, {done.after} after "
        f"({done.sent} pieces sent, {done.known} sent earlier)"
    )


def _texts(data: Path) -> tuple[Callable[[], Iterable[str]], int]:
    """Return what gives the N-Triples of a built folder or a data set, and how many there are (0: not known)."""
    import json

    from cega_graph.rdf import iter_lines
    from cega_graph.tabular import iter_text

    path = data / "graph.nt"
    if path.is_file():
        try:
            told = json.loads((data / "report.json").read_text(encoding="utf-8"))["triples"]
        except (OSError, ValueError, KeyError, TypeError):
            told = 0
        return lambda: iter_text(path), told
    kg = load_sound((data,), None, ())
    return lambda: iter_lines(kg.dataset), 0
