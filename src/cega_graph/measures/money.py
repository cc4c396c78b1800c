"""Who pays with whom, for whom, through whom, and how much is known of it. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.errors import UnknownIdentifier
from cega_graph.measures.tallies import NOT_RANKED

if TYPE_CHECKING:
    import pandas as pd

_GIVING: Final = ("funder", "intermediary")


def _in_roles(participations: pd.DataFrame, *roles: str) -> pd.DataFrame:
    """Return project, body, role and whether it is stated, each once; a role both stated and inferred is stated."""
    rows = participations[participations["role"].isin(roles)]
    rows = rows.assign(stated=rows["basis"] != "inferred")
    return rows.groupby(["project_id", "organization_id", "role"])["stated"].any().reset_index()


def _joined(values: pd.Series[str]) -> str:
    return ";".join(sorted({v for v in values if v}))


def co_funding_pairs(participations: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Return which funders fund the same projects.

    Args:
        participations: The table. Not changed.
        projects: The table, for themes.

    Returns:
        One row a pair: `funder_a`, `funder_b` (ids, a < b), `n_projects` (int), `project_ids`, `themes`
        (joined by `;`), `stated` (bool; False if one of the two is inferred in all of them). By number of
        projects, most first, then ids. Amounts do not enter: who gave more is not said.

    >>> import cega_graph as cg
    >>> kg = cg.load()
    >>> co_funding_pairs(kg.participations, kg.projects).loc[0, ["n_projects", "project_ids"]].to_dict()
    {'n_projects': 2, 'project_ids': 'cega-2024-11;cega-2024-8'}
    """
    import pandas as pd

    funders = _in_roles(participations, "funder")
    body, bodies = pd.factorize(funders["organization_id"], sort=True)
    case, cases = pd.factorize(funders["project_id"], sort=True)
    once = pd.DataFrame({"case": case, "body": body, "stated": funders["stated"].to_numpy()})
    pairs = once.merge(once, on="case")
    pairs = pairs[pairs["body_x"] < pairs["body_y"]].sort_values(["body_x", "body_y", "case"], ignore_index=True)
    joins = (pairs["body_x"] * len(bodies) + pairs["body_y"]).to_numpy()
    starts = np.flatnonzero(np.diff(joins, prepend=-1))
    counts = np.diff(starts, append=len(pairs))
    themes = dict(zip(projects["project_id"], projects["theme"], strict=True))
    behind = np.split(pairs["case"].to_numpy(), starts[1:]) if len(starts) else []
    names = cases.tolist()
    shared = [[names[one] for one in some] for some in behind]
    stated = (pairs["stated_x"] & pairs["stated_y"]).to_numpy(dtype=bool)
    frame = pd.DataFrame({
        "funder_a": bodies[pairs["body_x"].to_numpy()[starts]], "funder_b": bodies[pairs["body_y"].to_numpy()[starts]],
        "n_projects": counts, "project_ids": [";".join(some) for some in shared],
        "themes": [";".join(sorted({themes.get(one, "") for one in some} - {""})) for some in shared],
        "stated": np.logical_or.reduceat(stated, starts) if len(starts) else stated,
    })  # fmt: skip
    frame = frame.astype(dict.fromkeys(("funder_a", "funder_b", "project_ids", "themes"), "str"))
    return frame.sort_values(["n_projects", "funder_a", "funder_b"], ascending=[False, True, True], ignore_index=True)


def both_ways(participations: pd.DataFrame) -> pd.DataFrame:
    """Return the bodies that give and that receive, in whatever projects.

    Funders give, grantees receive; an intermediary does both, because it takes money in order to pass
    it on.

    Args:
        participations: The table; in any order. Not changed.

    Returns:
        One row a body: `organization_id`, `gives_in`, `receives_in` (project ids joined by `;`),
        `roles` (those of the three that it holds, joined by `;`), `same_project` (bool; it does both in
        one), `stated` (bool; both sides have a stated row). By id. That a body does both does not say that
        it passed this money on.
    """
    gives = _in_roles(participations, *_GIVING).groupby("organization_id")
    takes = _in_roles(participations, "grantee", "intermediary").groupby("organization_id")
    held = _in_roles(participations, *_GIVING, "grantee").groupby("organization_id").agg(roles=("role", _joined))
    left = gives.agg(gives_in=("project_id", _joined), gives_stated=("stated", "any"))
    right = takes.agg(receives_in=("project_id", _joined), receives_stated=("stated", "any"))
    both = left.join(right, how="inner").join(held).reset_index()
    ends = zip(both["gives_in"], both["receives_in"], strict=True)
    both["same_project"] = np.array([bool(set(a.split(";")) & set(b.split(";"))) for a, b in ends], dtype=bool)
    both["stated"] = both["gives_stated"].astype(bool) & both["receives_stated"].astype(bool)
    columns = ["organization_id", "roles", "gives_in", "receives_in", "same_project", "stated"]
    return both[columns].sort_values("organization_id", ignore_index=True)


_CHAIN: Final = [
    "project_id",
    "source",
    "intermediary",
    "onward_project_id",
    "carrier",
    "carrier_role",
    "stated",
    "broken",
]


def funding_chains(participations: pd.DataFrame, grants: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the chains source → intermediary → carrier, within a project and over two.

    A carrier is a grantee or, where a project names none, an executor. Over two projects, the body in
    the middle is grantee of one and funder or intermediary of the other. That it passed on what it got
    is shown only by a grant in the other that is a regrant (`regrant_of`) of one in the first;
    otherwise the chain is broken there. Of a chain of more projects, each two neighbours are a row.

    Args:
        participations: The table; in any order. Not changed.
        grants: The table, for `regrant_of`.

    Returns:
        One row a chain: `project_id`, `source`, `intermediary`, `onward_project_id` (of a chain over two
        projects; several projects of either joined by `;`), `carrier` (ids; empty where the link is
        missing), `carrier_role`, `stated` (every link that is there is stated), `broken` (`source` or
        `carrier` is missing, or `passing on` is not shown; else empty). Those within a project first,
        then by project and ids. A chain within a project says that its links stand in it, not that the
        same money went through all of them.
    """
    import pandas as pd

    within = _chains_within(participations)
    over = _chains_over_two(participations, grants)
    chains = pd.concat([within, over], ignore_index=True) if len(over) else within
    order = ["project_id", "source", "intermediary", "carrier"]
    chains["over_two"] = chains["onward_project_id"] != ""
    return chains.sort_values(["over_two", *order], ignore_index=True)[_CHAIN]


def _carriers(participations: pd.DataFrame) -> pd.DataFrame:
    """Return grantees, and executors of projects that name no grantee."""
    carriers = _in_roles(participations, "grantee", "executor")
    granted = set(carriers.loc[carriers["role"] == "grantee", "project_id"])
    carriers = carriers[(carriers["role"] == "grantee") | ~carriers["project_id"].isin(granted)]
    return carriers.rename(columns={"organization_id": "carrier", "role": "carrier_role", "stated": "s3"})


def _chains_within(participations: pd.DataFrame) -> pd.DataFrame:
    sources = _in_roles(participations, "funder")[["project_id", "organization_id", "stated"]]
    middle = _in_roles(participations, "intermediary")[["project_id", "organization_id", "stated"]]
    chains = sources.rename(columns={"organization_id": "source", "stated": "s1"}).merge(
        middle.rename(columns={"organization_id": "intermediary", "stated": "s2"}), on="project_id", how="outer"
    )
    chains = chains.merge(_carriers(participations), on="project_id", how="left")
    texts = ["source", "intermediary", "carrier", "carrier_role"]
    chains[texts] = chains[texts].fillna("")
    chains["stated"] = ~(chains[["s1", "s2", "s3"]] == False).any(axis=1)  # noqa: E712 - missing links do not count
    chains["broken"] = [
        "source" if not source else "" if carrier else "carrier"
        for source, carrier in zip(chains["source"], chains["carrier"], strict=True)
    ]
    for one, other in (("source", "carrier"), ("intermediary", "carrier"), ("source", "intermediary")):
        chains = chains[(chains[one] != chains[other]) | (chains[one] == "")]
    return chains.assign(onward_project_id="")[_CHAIN]


def _chains_over_two(participations: pd.DataFrame, grants: pd.DataFrame | None) -> pd.DataFrame:
    """Return what leads through a body that is grantee of one project and gives in another."""
    got = _in_roles(participations, "grantee").drop(columns="role").rename(columns={"stated": "s2"})
    gave = _in_roles(participations, *_GIVING).groupby(["project_id", "organization_id"])["stated"].any().reset_index()
    gave = gave.rename(columns={"project_id": "onward_project_id", "stated": "s4"})
    middle = got.merge(gave, on="organization_id").rename(columns={"organization_id": "intermediary"})
    middle = middle[middle["project_id"] != middle["onward_project_id"]]
    sources = _in_roles(participations, "funder").drop(columns="role")
    chains = middle.merge(sources.rename(columns={"organization_id": "source", "stated": "s1"}), on="project_id")
    carriers = _carriers(participations).rename(columns={"project_id": "onward_project_id"})
    chains = chains.merge(carriers, on="onward_project_id")
    for one, other in (("source", "carrier"), ("intermediary", "carrier"), ("source", "intermediary")):
        chains = chains[chains[one] != chains[other]]
    if chains.empty:
        return chains.reindex(columns=_CHAIN)
    shown = _passed_on(participations, grants)
    keys = zip(chains["project_id"], chains["intermediary"], chains["onward_project_id"], strict=True)
    chains["shown"] = [key in shown for key in keys]
    chains["stated"] = chains[["s1", "s2", "s3", "s4"]].all(axis=1)
    ends = ["source", "intermediary", "carrier", "shown"]
    grouped = chains.groupby(ends, as_index=False).agg(
        project_id=("project_id", _joined), onward_project_id=("onward_project_id", _joined),
        carrier_role=("carrier_role", _joined), stated=("stated", "any"),
    )  # fmt: skip
    grouped["broken"] = grouped["shown"].map({True: "", False: "passing on"})
    return grouped[_CHAIN]


def _passed_on(participations: pd.DataFrame, grants: pd.DataFrame | None) -> set[tuple[str, str, str]]:
    """Return (project, body, other project) where the body gives in the other what it was granted in the first."""
    if grants is None or not len(grants):
        return set()
    of = participations[participations["grant_id"] != ""]
    got = of.loc[of["role"] == "grantee", ["grant_id", "project_id", "organization_id"]]
    gave = of.loc[of["role"].isin(_GIVING), ["grant_id", "project_id", "organization_id"]]
    again = grants.loc[grants["regrant_of"] != "", ["grant_id", "regrant_of"]]
    links = again.merge(gave, on="grant_id").merge(
        got.rename(columns={"grant_id": "regrant_of", "project_id": "first_id"}), on=["regrant_of", "organization_id"]
    )
    return set(zip(links["first_id"], links["organization_id"], links["project_id"], strict=True))


def single_funder(participations: pd.DataFrame, organizations: pd.DataFrame) -> pd.DataFrame:
    """Return the grantees behind which the data record one funder only; persons and unnamed groups are left out.

    Args:
        participations: The table; in any order. Not changed.
        organizations: The table, for kinds.

    Returns:
        One row a grantee: `organization_id`, `funder_id`, `n_projects` (int; with this funder), `stated`
        (bool; in one of them both roles are stated). By id. Intermediaries are no funders here, and a body
        that funds its own project does not count. One recorded funder is not one funder.

    >>> import cega_graph as cg
    >>> kg = cg.load()
    >>> single_funder(kg.participations, kg.organizations).shape
    (20, 4)
    """
    bodies = organizations.loc[~organizations["kind"].isin(NOT_RANKED), "organization_id"]
    takes = _in_roles(participations, "grantee")
    takes = takes[takes["organization_id"].isin(bodies)]
    gives = _in_roles(participations, "funder")
    pairs = takes.merge(gives, on="project_id", suffixes=("", "_f"))
    pairs = pairs[pairs["organization_id"] != pairs["organization_id_f"]]
    pairs["stated"] = pairs["stated"] & pairs["stated_f"]
    grouped = pairs.groupby("organization_id", as_index=False).agg(
        funder_id=("organization_id_f", _joined), n_projects=("project_id", "nunique"), stated=("stated", "any")
    )
    alone = grouped[~grouped["funder_id"].str.contains(";", regex=False)]
    return alone.sort_values("organization_id", ignore_index=True)


TOTALS_BY: Final = ("currency", "funder", "theme", "year")
"""What totals can be grouped by."""

_SUMS: Final = ["gross", "net", "n_unknown", "n_approximate", "n_conflicting"]


def totals(
    grants: pd.DataFrame, projects: pd.DataFrame, participations: pd.DataFrame, *, by: str = "currency"
) -> pd.DataFrame:
    """Return what is recorded per type of grant and currency; currencies and types are never added together.

    Args:
        grants: The table. Not changed.
        projects: The table, for themes and years.
        participations: The table, for funders.
        by: One of `TOTALS_BY`. What several fund together stands under their joint ids (`;`), so that an
            amount is counted once. The year is that of the grant, else of its project's start.

    Returns:
        One row a group: `group` (ids, theme or year; empty for `currency` and where nothing is said),
        `type`, `currency`, `n_grants`, `gross` (currency units; every known amount but those in
        conflict), `net` (without regrants of other grants), `n_unknown` (no amount), `n_approximate`,
        `n_conflicting` (left out of both). Projects of which no grant is recorded make a row of their
        own, without type, currency, gross and net: their number is in `n_unknown`. In order.

    Raises:
        UnknownIdentifier: `by` is none of the four.

    >>> import cega_graph as cg
    >>> kg = cg.load()
    >>> found = totals(kg.grants, kg.projects, kg.participations)
    >>> found[["currency", "n_grants", "gross", "n_unknown"]].to_numpy().tolist()
    [['', 0, nan, 14], ['CNY', 2, 1400000.0, 0]]
    """
    import pandas as pd

    if by not in TOTALS_BY:
        message = f"by {by!r} is not known; there are {', '.join(TOTALS_BY)}"
        raise UnknownIdentifier(message)
    start = dict(zip(projects["project_id"], projects["start_date"].str[:4], strict=True))
    theme = dict(zip(projects["project_id"], projects["theme"], strict=True))
    named = set(grants["conflicts_with"]) - {""}
    conflicting = (grants["conflicts_with"] != "") | grants["grant_id"].isin(named)
    years = [
        date or start.get(project, "")
        for date, project in zip(grants["date"].str[:4], grants["project_id"], strict=True)
    ]
    group = {"currency": [""] * len(grants), "theme": [theme.get(p, "") for p in grants["project_id"]], "year": years,
             "funder": _funders_of(grants["grant_id"], participations, "grant_id")}  # fmt: skip
    known = grants["amount"].notna()
    rows = grants.assign(
        group=group[by], gross=grants["amount"].where(known & ~conflicting, 0).astype(float),
        net=grants["amount"].where(known & ~conflicting & (grants["regrant_of"] == ""), 0).astype(float),
        n_unknown=(~known).astype(int), n_approximate=grants["approximate"].astype(int),
        n_conflicting=conflicting.astype(int),
    )  # fmt: skip
    keys = ["group", "type", "currency"]
    grouped = rows.groupby(keys, dropna=False)
    result = pd.concat([grouped.size().rename("n_grants"), grouped[_SUMS].sum()], axis=1).reset_index()
    silent = _without_amounts(projects[~projects["project_id"].isin(grants["project_id"])], participations, by)
    result = (
        pd.concat([result, silent], ignore_index=True)
        if len(silent) and len(result)
        else silent
        if len(silent)
        else result
    )
    return result[[*keys, "n_grants", *_SUMS]].sort_values(keys, ignore_index=True)


def _without_amounts(projects: pd.DataFrame, participations: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return how many projects of each group have no grant at all."""
    import pandas as pd

    group = {"currency": [""] * len(projects), "theme": projects["theme"].tolist(),
             "year": projects["start_date"].str[:4].tolist(),
             "funder": _funders_of(projects["project_id"], participations, "project_id")}[by]  # fmt: skip
    counted = pd.Series(group, dtype="str").value_counts()
    return pd.DataFrame({
        "group": counted.index.astype("str"), "type": "", "currency": "", "n_grants": 0, "gross": float("nan"),
        "net": float("nan"), "n_unknown": counted.to_numpy(), "n_approximate": 0, "n_conflicting": 0,
    })  # fmt: skip


def _funders_of(keys: pd.Series[str], participations: pd.DataFrame, column: str) -> list[str]:
    rows = participations[(participations[column] != "") & (participations["role"] == "funder")]
    ids = rows.groupby(column)["organization_id"].agg(_joined)
    return [str(ids.get(key, "")) for key in keys]
