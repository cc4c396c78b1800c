"""The options of `build` that run it on a cluster."""

from __future__ import annotations

from typing import Final

import click

from cega_graph.cli_shared import plain_errors

ENGINE: Final = click.option(
    "--engine", type=click.Choice(["single", "spark"]), default="single", show_default=True,
    help="Build on this machine alone, or on Apache Spark (needs the extra spark, and Java).",
)  # fmt: skip
MASTER: Final = click.option(
    "--master",
    default="",
    metavar="URL",
    help="Spark: local[2], spark://HOST:PORT, yarn, k8s://…; local[*] if left out.",
)  # fmt: skip
CONF: Final = click.option(
    "--conf", multiple=True, metavar="KEY=VALUE", help="Setting of Spark, such as spark.executor.memory=8g."
)


def build_with_spark(
    data: tuple[str, ...], output: str, master: str, conf: tuple[str, ...], *, is_limited: bool
) -> None:
    """Build one data set on Spark, and say what was made."""
    if len(data) > 1:
        raise click.UsageError("--engine spark builds one data set; unite several with `cega-graph export` first")
    if is_limited:
        raise click.UsageError("--source, --only, --no-page and --individuals do not go with --engine spark")
    pairs = [one.partition("=") for one in conf]
    if wrong := next((key for key, equals, _ in pairs if not key or not equals), None):
        raise click.BadParameter(f"{wrong!r}: write KEY=VALUE", param_hint="--conf")
    from cega_graph.engines.session import session
    from cega_graph.knowledge_graph import BUNDLED
    from cega_graph.resources import root

    with plain_errors(), session(master, {key: value for key, _, value in pairs}) as spark:
        from cega_graph.engines.spark import SPARK_FILES, build_on_spark

        told = build_on_spark(spark, data[0] if data else str(root("data") / BUNDLED), output)
    for why, n in told["left_out"].items():
        click.echo(f"cega-graph: {n} rows are in graph.nt and not in tables/: {why}", err=True)
    click.echo(
        f"{output}: {told['triples']} triples; {', '.join(SPARK_FILES[-4:])} and {len(told['rows'])} tables", err=True
    )
    click.echo(f"{output.rstrip('/')}/graph.nt")
