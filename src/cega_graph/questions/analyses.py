"""The analyses that questions name: a data set and parameters → a frame of ids, which `ask` resolves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cega_graph.changes import changes
from cega_graph.changes.words import value_words
from cega_graph.dataset import Dataset
from cega_graph.measures import connections, coverage, money
from cega_graph.measures.ranking import rank, scores

if TYPE_CHECKING:
    import pandas as pd

Given = dict[str, str]


def _central(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows, bodies = dataset.frame("participations"), dataset.frame("organizations")
    return rank(rows, bodies, given["role"], by=given["by"], basis=given["basis"])


def _brokers(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows, bodies = dataset.frame("participations"), dataset.frame("organizations")
    frame = rank(rows, bodies, "all", by="betweenness", basis=given["basis"])
    cuts, constraints = (scores(rows, bodies, by=by, basis=given["basis"]) for by in ("articulation", "constraint"))
    frame["articulation"] = [cuts[body] == 1 for body in frame["organization_id"]]
    frame["constraint"] = frame["organization_id"].map(constraints)
    return frame[frame["score"] > 0]


def _path(dataset: Dataset, given: Given) -> pd.DataFrame:
    rows, projects = dataset.frame("participations"), dataset.frame("projects")
    frame = connections.shortest_path(rows, given["from"], given["to"], basis=given["basis"])
    begun = dict(zip(projects["project_id"], projects["start_date"], strict=True))
    if frame.empty:
        frame.attrs["proviso"] = "one_body" if given["from"] == given["to"] else "no_path"
    return frame.assign(year=[begun.get(project, "") for project in frame["project_id"]])


def _chains(dataset: Dataset, _: Given) -> pd.DataFrame:
    frame = money.funding_chains(dataset.frame("participations"), dataset.frame("grants"))
    frame.attrs["proviso"] = "only_shown" if frame.attrs["only_shown"] else ""
    return frame


def _lookalikes(dataset: Dataset, given: Given) -> pd.DataFrame:
    return connections.lookalike_funders(
        dataset.frame("participations"), dataset.frame("projects"), dataset.frame("organizations"),
        given["organization"],
    )  # fmt: skip


def _few_funders(dataset: Dataset, _: Given) -> pd.DataFrame:
    frame = coverage.gaps(dataset.frame("projects"), dataset.frame("participations"), dataset.frame("sources"))
    return frame[frame["n_funders"] < 2]


def _totals(dataset: Dataset, given: Given) -> pd.DataFrame:
    frames = (dataset.frame(table) for table in ("grants", "projects", "participations"))
    return money.totals(*frames, by=given["by"])


def _merged_names(dataset: Dataset, _: Given) -> pd.DataFrame:
    frames = (dataset.frame(table) for table in ("names", "decisions", "organizations"))
    return coverage.merged_names(*frames).rename(columns={"basis": "decision"})


def _changes(dataset: Dataset, given: Given) -> pd.DataFrame:
    old, new = Dataset([Path(given["old"])]), Dataset([Path(given["new"])]) if given["new"] else dataset
    frame = changes(old, new)
    for side in ("before", "after"):
        cells = list(zip(frame["field"], frame[side], strict=True))
        words = {language: [value_words(field, value, language) for field, value in cells] for language in ("zh", "en")}
        frame = frame.assign(**{side: words["zh"], f"{side}_en": words["en"]})
    frame.attrs["covered"] = (old.extent(), new.extent())
    return frame


ANALYSES: Final[dict[str, Callable[[Dataset, Given], pd.DataFrame]]] = {
    "co_funding_pairs": lambda d, _: money.co_funding_pairs(d.frame("participations"), d.frame("projects")),
    "both_ways": lambda d, _: money.both_ways(d.frame("participations")),
    "funding_chains": _chains,
    "central": _central,
    "brokers": _brokers,
    "shortest_path": _path,
    "lookalike_funders": _lookalikes,
    "few_funders": _few_funders,
    "single_funder": lambda d, _: money.single_funder(d.frame("participations"), d.frame("organizations")),
    "by_year": lambda d, _: coverage.by_year(d.frame("projects"), d.frame("participations"), d.frame("grants")),
    "communities": lambda d, g: connections.communities(
        d.frame("participations"), d.frame("organizations"), basis=g["basis"]
    ),
    "totals": _totals,
    "merged_names": _merged_names,
    "changes": _changes,
}
"""Name → analysis."""
