"""The analyses that questions name: a data set and parameters → a frame of ids, which `ask` resolves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cega_graph.measures import connections, coverage, money
from cega_graph.measures.ranking import rank

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset import Dataset

Given = dict[str, str]


def _central(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows, bodies = dataset.frame("participations"), dataset.frame("organizations")
    return rank(rows, bodies, given["role"], by=given["by"], basis=given["basis"])


def _brokers(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows, bodies = dataset.frame("participations"), dataset.frame("organizations")
    frame = rank(rows, bodies, "all", by="betweenness", basis=given["basis"])
    for by in ("articulation", "constraint"):
        other = rank(rows, bodies, "all", by=by, basis=given["basis"]).set_index("organization_id")
        frame[by] = frame["organization_id"].map(other["score"])
    return frame[frame["score"] > 0]


def _path(dataset: Dataset, given: Given) -> pd.DataFrame:
    return connections.shortest_path(dataset.frame("participations"), given["from"], given["to"], basis=given["basis"])


def _lookalikes(dataset: Dataset, given: Given) -> pd.DataFrame:
    return connections.lookalike_funders(
        dataset.frame("participations"), dataset.frame("projects"), dataset.frame("organizations"),
        given["organization"],
    )  # fmt: skip


def _few_funders(dataset: Dataset, _: Given) -> pd.DataFrame:
    frame = coverage.gaps(dataset.frame("projects"), dataset.frame("participations"), dataset.frame("sources"))
    return frame[frame["n_funders"] < 2]


def _totals(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows = dataset.frame("participations")
    funders = rows[(rows["grant_id"] != "") & (rows["role"] == "funder")]
    ids = funders.groupby("grant_id")["organization_id"].agg(lambda s: ";".join(sorted(set(s))))
    grants = dataset.frame("grants")
    grants = grants.assign(funder_ids=[str(ids.get(grant, "")) for grant in grants["grant_id"]])
    return money.totals(grants, dataset.frame("projects"), by=given["by"])


ANALYSES: Final[dict[str, Callable[[Dataset, Given], pd.DataFrame]]] = {
    "co_funding_pairs": lambda d, _: money.co_funding_pairs(d.frame("participations"), d.frame("projects")),
    "both_ways": lambda d, _: money.both_ways(d.frame("participations")),
    "funding_chains": lambda d, _: money.funding_chains(d.frame("participations")),
    "central": _central,
    "brokers": _brokers,
    "shortest_path": _path,
    "lookalike_funders": _lookalikes,
    "few_funders": _few_funders,
    "single_funder": lambda d, _: money.single_funder(d.frame("participations")),
    "by_year": lambda d, _: coverage.by_year(d.frame("projects"), d.frame("participations")),
    "communities": lambda d, g: connections.communities(
        d.frame("participations"), d.frame("organizations"), basis=g["basis"]
    ),
    "totals": _totals,
    "merged_names": lambda d, _: coverage.merged_names(d.frame("names"), d.frame("decisions")).rename(
        columns={"basis": "decision"}
    ),
}
"""Name → analysis."""
