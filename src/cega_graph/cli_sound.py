"""What commands do before they show data: check it, and say what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cega_graph.cli_shared import EXIT_FINDINGS, fail

if TYPE_CHECKING:
    from cega_graph.check import Finding
    from cega_graph.dataset import HasRows
    from cega_graph.knowledge_graph import KnowledgeGraph


def tell_notes(notes: Sequence[Finding]) -> None:
    """Print what several data sets say against each other, which stops nothing."""
    for finding in notes[:20]:
        click.echo(f"cega-graph: {finding.message()}", err=True)
    if len(notes) > 20:
        click.echo(f"cega-graph: and {len(notes) - 20} more; `cega-graph check` lists them all", err=True)


def tell_replaced(rows: HasRows) -> None:
    """Say in one line which characters no page can hold, and where; nothing if there are none."""
    from cega_graph.page import unshowable

    fields = unshowable(rows)
    if fields:
        n = sum(field.n for field in fields)
        named = ", ".join(f"{field.table} {field.row} {field.column}" for field in fields[:3])
        more = f" and {len(fields) - 3} more fields" if len(fields) > 3 else ""
        click.echo(f"cega-graph: {n} character{'s' * (n != 1)} shown as U+FFFD on the page: {named}{more}", err=True)


def load_sound(data: tuple[Path, ...], source: Path | None, only: tuple[str, ...]) -> KnowledgeGraph:
    """Load data sets whose rows fit together; otherwise print what is wrong and exit."""
    from cega_graph.knowledge_graph import load

    kg = load(*data, source=source, only=only)
    stop_if_wrong(kg)
    return kg


def stop_if_wrong(kg: KnowledgeGraph) -> None:
    """Print what is wrong with a data set and exit, if anything is.

    What several data sets say against each other is printed, and does not stop anything.
    """
    from cega_graph.check import NOTES
    from cega_graph.check import check as find

    findings = find(kg.dataset, shapes=False)
    wrong = [finding for finding in findings if finding.rule not in NOTES]
    for finding in wrong[:20]:
        click.echo(f"cega-graph: {finding.message()}", err=True)
    if wrong:
        many = f"{len(wrong)} finding{'s' * (len(wrong) != 1)}"
        fail(f"{many}; nothing was built. `cega-graph check` lists them all", EXIT_FINDINGS)
    tell_notes(findings)
