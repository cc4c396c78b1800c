"""The command that draws: map."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cega_graph.cli_shared import EXIT_UNREADABLE, INDIVIDUALS, ONLY, SOURCE, fail, plain_errors, read_given_ledger
from cega_graph.cli_sound import stop_if_wrong, tell_notes, tell_replaced

if TYPE_CHECKING:
    from cega_graph.knowledge_graph import KnowledgeGraph, Shown


def _filled(context: click.Context, _: click.Parameter, value: str) -> str:
    """Refuse an empty word where one was typed: it would show everything instead of a part."""
    if not value and context.get_parameter_source("focus") == click.core.ParameterSource.COMMANDLINE:
        raise click.BadParameter("is empty; give an id or a name", param_hint="--focus")
    return value


@click.command("map")
@click.argument("data", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=Path("map.html"),
    show_default=True,
    help="File to write.",
)
@SOURCE
@ONLY
@INDIVIDUALS
@click.option(
    "--focus",
    default="",
    callback=_filled,
    metavar="ID",
    help="Show only what lies around this body or project (id or name).",
)
@click.option(
    "--steps", type=click.IntRange(1, 6), default=2, show_default=True, help="How many relations around the focus."
)
@click.option(
    "--top", type=click.IntRange(1), metavar="N", help="At most N nodes: the nearest, then those with most neighbours."
)
def map_page(
    data: tuple[Path, ...],
    output: Path,
    source: Path | None,
    only: tuple[str, ...],
    individuals: bool,
    focus: str,
    steps: int,
    top: int | None,
) -> None:
    """Write only the network map of DATA, one HTML file that works offline.

    Above 1,500 nodes the page opens on its search and shows what lies around the node that is chosen.
    Of a part, the rows that it shows are checked; `cega-graph check` looks at all.

    Example: cega-graph map data/my-book -o my-book.html --focus o-51b1427e37 --steps 2 --top 200
    """
    from click.core import ParameterSource

    from cega_graph.knowledge_graph import load
    from cega_graph.page import render_page
    from cega_graph.tabular import write_text

    if not focus and click.get_current_context().get_parameter_source("steps") != ParameterSource.DEFAULT:
        raise click.UsageError("--steps counts from a body or project; name it with --focus")
    with plain_errors():
        kg = load(*data, source=source, only=only)
        shown = _sound_part(kg, lambda: kg.shown(
            focus=_focus(kg, focus), steps=steps, top=top, individuals=individuals
        ))  # fmt: skip
        page = render_page(shown.rows, network=shown.network, sentences=kg.sentences, excerpt=shown.excerpt)
        write_text(output, page)
    tell_replaced(shown.rows)
    click.echo(output)


def _sound_part(kg: KnowledgeGraph, choose: Callable[[], Shown]) -> Shown:
    """Return what a page shows if its rows are sound; all is checked if it is all, or to say what is wrong with it."""
    from cega_graph.check import are_sound, clash_findings
    from cega_graph.dataset.piece import Piece
    from cega_graph.errors import InvalidData

    try:
        shown = choose()
    except InvalidData:
        stop_if_wrong(kg)
        raise
    stored = ((name, row) for name, _, row in shown.rows.stored()) if isinstance(shown.rows, Piece) else None
    if stored is not None and not shown.n_loose and are_sound(stored):
        tell_notes(list(clash_findings(kg.dataset)))
    else:
        stop_if_wrong(kg)
    return shown


def _focus(kg: KnowledgeGraph, focus: str) -> str:
    """Return the id of what is to be in the middle; a name is taken if exactly one body bears it."""
    from cega_graph.finding import find_bodies

    if not focus or focus in set(kg.organizations["organization_id"]):
        return focus
    if (kg.dataset.texts("projects", ["project_id"])["project_id"] == focus).any():
        return focus
    found = find_bodies(kg.dataset, focus, read_given_ledger(None, no_ledger=False))
    if not found:
        fail(f"--focus {focus!r}: no body or project is called so; `cega-graph names find TEXT` looks names up",
             EXIT_UNREADABLE)  # fmt: skip
    if len(found) > 1:
        listed = "; ".join(f"{body[0]} {body[1]}" for body in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        fail(f"--focus {focus!r} may be {len(found)} bodies, give an id: {listed}{more}", EXIT_UNREADABLE)
    return found[0][0]
