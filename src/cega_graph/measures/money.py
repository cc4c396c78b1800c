"""Who pays with whom, for whom, through whom, and how much is known of it. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.errors import UnknownIdentifier
from cega_graph.measures.codes import coded, first_of_each, joined, listed, places_in
from cega_graph.measures.tallies import NOT_RANKED

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.measures.codes import Integers

_GIVING: Final = ("funder", "intermediary")


def _in_roles(participations: pd.DataFrame, *roles: str) -> pd.DataFrame:
    """Return project, body, role and whether it is stated, each once; a role both stated and inferred is stated."""
    import pandas as pd

    rows = participations.loc[participations["role"].isin(roles), ["project_id", "organization_id", "role", "basis"]]
    (project, projects), (body, bodies), (role, names) = (coded(rows[column]) for column in rows.columns[:3])
    keys = (project * max(1, len(bodies)) + body) * max(1, len(names)) + role
    order = np.argsort(keys, kind="stable")
    starts = first_of_each(keys[order])
    first, stated = order[starts], (rows["basis"] != "inferred").to_numpy(dtype=np.bool_)[order]
    return pd.DataFrame({
        "project_id": projects.take(project[first]), "organization_id": bodies.take(body[first]),
        "role": names.take(role[first]), "stated": np.logical_or.reduceat(stated, starts) if len(starts) else stated,
    })  # fmt: skip


def _joined_by(rows: pd.DataFrame, keys: str, values: str) -> pd.Series[str]:
    """Return for each key of some rows, in order, its different values, joined by `;`; empty ones are left out."""
    import pandas as pd

    group, groups = coded(rows[keys])
    value, texts = coded(rows[values])
    return pd.Series(joined(group, value, texts, len(groups)), index=groups, dtype="str")


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
    (body, bodies), (case, cases) = coded(funders["organization_id"]), coded(funders["project_id"])
    first, second = _pairs_in_each(case)
    keys = body[first] * max(1, len(bodies)) + body[second]
    order = np.argsort(keys, kind="stable")
    first, second, keys = first[order], second[order], keys[order]
    starts = first_of_each(keys)
    pair = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(keys)))
    theme, themes = coded(projects["theme"])
    known = places_in(cases.to_series(), projects["project_id"])[case[first]]
    stated = funders["stated"].to_numpy()[first] & funders["stated"].to_numpy()[second]
    frame = pd.DataFrame({
        "funder_a": bodies.take(body[first[starts]]), "funder_b": bodies.take(body[second[starts]]),
        "n_projects": np.bincount(pair, minlength=len(starts)),
        "project_ids": pd.Series(joined(pair, case[first], cases, len(starts)), dtype="str"),
        "themes": pd.Series(joined(pair[known >= 0], theme[known[known >= 0]], themes, len(starts)), dtype="str"),
        "stated": np.logical_or.reduceat(stated, starts) if len(starts) else stated,
    })  # fmt: skip
    by_number = np.argsort(-frame["n_projects"].to_numpy(), kind="stable")
    return frame.take(by_number).reset_index(drop=True)


def _pairs_in_each(groups: Integers) -> tuple[Integers, Integers]:
    """Return the places of the first and of the second of each two rows of one group; groups are in order.

    >>> [part.tolist() for part in _pairs_in_each(np.array([0, 0, 0, 1, 2, 2]))]
    [[0, 0, 1, 4], [1, 2, 2, 5]]
    """
    starts = first_of_each(groups)
    ends = np.repeat(np.append(starts, len(groups))[1:], np.diff(starts, append=len(groups)))
    after = ends - np.arange(len(groups)) - 1
    first = np.repeat(np.arange(len(groups)), after)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(after) - after, after)


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
    import pandas as pd

    gives, takes = (_in_roles(participations, *some) for some in (_GIVING, ("grantee", "intermediary")))
    gives, takes = (
        one[places_in(one["organization_id"], other["organization_id"]) >= 0]
        for one, other in ((gives, takes), (takes, gives))
    )
    both = pd.DataFrame({
        "roles": _joined_by(pd.concat([gives, takes]), "organization_id", "role"),
        "gives_in": _joined_by(gives, "organization_id", "project_id"),
        "receives_in": _joined_by(takes, "organization_id", "project_id"),
        "gives_stated": gives.groupby("organization_id")["stated"].any(),
        "receives_stated": takes.groupby("organization_id")["stated"].any(),
    }).rename_axis("organization_id").reset_index()  # fmt: skip
    ends = zip(listed(both["gives_in"]), listed(both["receives_in"]), strict=True)
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
        same money went through all of them. Where more than a million chains over two projects would have to be
        looked at, only those are there that a regrant shows, and `attrs["only_shown"]` is True, else False.
    """
    import pandas as pd

    within = _chains_within(participations)
    over, only_shown = _chains_over_two(participations, grants)
    chains = pd.concat([within, over], ignore_index=True) if len(over) else within
    order = ["project_id", "source", "intermediary", "carrier"]
    chains["over_two"] = chains["onward_project_id"] != ""
    chains = chains.sort_values(["over_two", *order], ignore_index=True)[_CHAIN]
    chains.attrs["only_shown"] = only_shown
    return chains


_MOST_CHAINS: Final = 1_000_000
"""Chains over two projects that are looked at; a body that gets and gives in hundreds of projects makes so many."""


def _carriers(participations: pd.DataFrame) -> pd.DataFrame:
    """Return grantees, and executors of projects that name no grantee."""
    carriers = _in_roles(participations, "grantee", "executor")
    grantees = carriers["role"] == "grantee"
    carriers = carriers[grantees | (places_in(carriers["project_id"], carriers.loc[grantees, "project_id"]) < 0)]
    return carriers.rename(columns={"organization_id": "carrier", "role": "carrier_role", "stated": "s3"})


def _chains_within(participations: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    sources = _in_roles(participations, "funder")[["project_id", "organization_id", "stated"]]
    middle = _in_roles(participations, "intermediary")[["project_id", "organization_id", "stated"]]
    chains = sources.rename(columns={"organization_id": "source", "stated": "s1"}).merge(
        middle.rename(columns={"organization_id": "intermediary", "stated": "s2"}), on="project_id", how="outer"
    )
    chains = chains.merge(_carriers(participations), on="project_id", how="left")
    texts = ["source", "intermediary", "carrier", "carrier_role"]
    chains[texts] = chains[texts].fillna("")
    chains["stated"] = ~(chains[["s1", "s2", "s3"]] == False).any(axis=1)  # noqa: E712 - missing links do not count
    broken = np.where(chains["source"] == "", "source", np.where(chains["carrier"] == "", "carrier", ""))
    chains["broken"] = pd.Series(broken, index=chains.index, dtype="str")
    for one, other in (("source", "carrier"), ("intermediary", "carrier"), ("source", "intermediary")):
        chains = chains[(chains[one] != chains[other]) | (chains[one] == "")]
    return chains.assign(onward_project_id="")[_CHAIN]


def _chains_over_two(participations: pd.DataFrame, grants: pd.DataFrame | None) -> tuple[pd.DataFrame, bool]:
    """Return what leads through a body that is grantee of one project and gives in another.

    The second value tells whether only what a regrant shows is there.
    """
    got = _in_roles(participations, "grantee").drop(columns="role").rename(columns={"stated": "s2"})
    gave = _in_roles(participations, *_GIVING).groupby(["project_id", "organization_id"])["stated"].any().reset_index()
    gave = gave.rename(columns={"project_id": "onward_project_id", "stated": "s4"})
    sources = _in_roles(participations, "funder").drop(columns="role")
    sources = sources.rename(columns={"organization_id": "source", "stated": "s1"})
    carriers = _carriers(participations).rename(columns={"project_id": "onward_project_id"})
    shown = _passed_on(participations, grants)
    only_shown = _n_chains(got, gave, sources, carriers) > _MOST_CHAINS
    ends = ["project_id", "organization_id", "onward_project_id"]
    middle = shown[ends].merge(got, on=ends[:2]).merge(gave, on=ends[1:]) if only_shown else (
        got.merge(gave, on="organization_id")
    )  # fmt: skip
    middle = middle[middle["project_id"] != middle["onward_project_id"]].merge(shown, on=ends, how="left")
    middle["shown"] = middle["shown"].notna()
    chains = middle.rename(columns={"organization_id": "intermediary"}).merge(sources, on="project_id")
    chains = chains.merge(carriers, on="onward_project_id")
    for one, other in (("source", "carrier"), ("intermediary", "carrier"), ("source", "intermediary")):
        chains = chains[chains[one] != chains[other]]
    if chains.empty:
        return chains.reindex(columns=_CHAIN), only_shown
    chains["stated"] = chains[["s1", "s2", "s3", "s4"]].all(axis=1)
    ends = ["source", "intermediary", "carrier", "shown"]
    groups = chains.groupby(ends, as_index=False)
    grouped, number = groups.agg(stated=("stated", "any")), groups.ngroup().to_numpy().astype(np.int64)
    for column in ("project_id", "onward_project_id", "carrier_role"):
        member, texts = coded(chains[column])
        grouped[column] = joined(number, member, texts, len(grouped))
    grouped["broken"] = grouped["shown"].map({True: "", False: "passing on"})
    return grouped[_CHAIN], only_shown


def _n_chains(got: pd.DataFrame, gave: pd.DataFrame, sources: pd.DataFrame, carriers: pd.DataFrame) -> int:
    """Return how many chains over two projects there are at most."""
    before = _n_by_body(got["organization_id"], got["project_id"], sources["project_id"])
    behind = _n_by_body(gave["organization_id"], gave["onward_project_id"], carriers["onward_project_id"])
    return int((before * behind).sum())


def _n_by_body(bodies: pd.Series[str], projects: pd.Series[str], others: pd.Series[str]) -> pd.Series[float]:
    """Return for each body how many others there are in its projects, all told."""
    import pandas as pd

    n = others.value_counts().reindex(projects).fillna(0).to_numpy(dtype=float)
    return pd.Series(n, index=bodies).groupby(level=0).sum()


def _passed_on(participations: pd.DataFrame, grants: pd.DataFrame | None) -> pd.DataFrame:
    """Return project, body and onward project where the body gives in the latter what it was granted in the first.

    A row each, with a column `shown` that is True.
    """
    import pandas as pd

    columns = ["project_id", "organization_id", "onward_project_id"]
    if grants is None or not len(grants):
        return pd.DataFrame(columns=columns, dtype="str").assign(shown=True)
    of = participations.loc[participations["grant_id"] != "", ["grant_id", "project_id", "organization_id", "role"]]
    got = of[of["role"] == "grantee"].rename(columns={"grant_id": "regrant_of"}).drop(columns="role")
    gave = of[of["role"].isin(_GIVING)].rename(columns={"project_id": "onward_project_id"}).drop(columns="role")
    again = grants.loc[grants["regrant_of"] != "", ["grant_id", "regrant_of"]]
    links = again.merge(gave, on="grant_id").merge(got, on=["regrant_of", "organization_id"])
    return links[columns].drop_duplicates().assign(shown=True)


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
    takes = takes[places_in(takes["organization_id"], bodies) >= 0]
    gives = _in_roles(participations, "funder")
    pairs = takes.merge(gives, on="project_id", suffixes=("", "_f"))
    pairs = pairs[pairs["organization_id"] != pairs["organization_id_f"]]
    pairs["stated"] = pairs["stated"] & pairs["stated_f"]
    pairs["funder"], funders = coded(pairs["organization_id_f"])
    grouped = pairs.groupby("organization_id", as_index=False).agg(
        one=("funder", "min"), other=("funder", "max"), n_projects=("funder", "size"), stated=("stated", "any")
    )
    alone = grouped[grouped["one"] == grouped["other"]].reset_index(drop=True)
    alone["funder_id"] = funders.take(alone["one"].to_numpy())
    return alone[["organization_id", "funder_id", "n_projects", "stated"]]


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
    conflicting = (grants["conflicts_with"] != "") | (places_in(grants["grant_id"], grants["conflicts_with"]) >= 0)
    known = grants["amount"].notna()
    rows = grants[["type", "currency"]].assign(
        group=_groups_of(grants, projects, participations, by),
        gross=grants["amount"].where(known & ~conflicting, 0).astype(float),
        net=grants["amount"].where(known & ~conflicting & (grants["regrant_of"] == ""), 0).astype(float),
        n_unknown=(~known).astype(int), n_approximate=grants["approximate"].astype(int),
        n_conflicting=conflicting.astype(int),
    )  # fmt: skip
    keys = ["group", "type", "currency"]
    grouped = rows.groupby(keys, dropna=False)
    result = pd.concat([grouped.size().rename("n_grants"), grouped[_SUMS].sum()], axis=1).reset_index()
    silent = _without_amounts(projects[places_in(projects["project_id"], grants["project_id"]) < 0], participations, by)
    result = (
        pd.concat([result, silent], ignore_index=True)
        if len(silent) and len(result)
        else silent
        if len(silent)
        else result
    )
    return result[[*keys, "n_grants", *_SUMS]].sort_values(keys, ignore_index=True)


def _groups_of(grants: pd.DataFrame, projects: pd.DataFrame, participations: pd.DataFrame, by: str) -> pd.Series[str]:
    """Return for each grant what it is grouped by, as `totals` says."""
    import pandas as pd

    if by == "currency":
        return pd.Series("", index=grants.index, dtype="str")
    if by == "funder":
        return holders_of(grants["grant_id"], participations, "grant_id", "funder")
    column = projects["theme"] if by == "theme" else projects["start_date"].str[:4]
    place = places_in(grants["project_id"], projects["project_id"])
    of_project = pd.Series([*listed(column), ""], dtype="str").take(place).set_axis(grants.index)
    if by == "theme":
        return of_project
    dates = grants["date"].str[:4]
    return dates.where(dates != "", of_project)


def _without_amounts(projects: pd.DataFrame, participations: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return how many projects of each group have no grant at all."""
    import pandas as pd

    if by == "funder":
        group = holders_of(projects["project_id"], participations, "project_id", "funder")
    else:
        years = projects["start_date"].str[:4]
        group = {"currency": years.str[:0], "theme": projects["theme"], "year": years}[by]
    counted = group.value_counts()
    return pd.DataFrame({
        "group": counted.index.astype("str"), "type": "", "currency": "", "n_grants": 0, "gross": float("nan"),
        "net": float("nan"), "n_unknown": counted.to_numpy(), "n_approximate": 0, "n_conflicting": 0,
    })  # fmt: skip


def holders_of(keys: pd.Series[str], participations: pd.DataFrame, column: str, role: str) -> pd.Series[str]:
    """Return for each grant or project who holds a role in it: ids in order, joined by `;`, empty if nobody does.

    Args:
        keys: Ids of grants or projects; the result has their index.
        participations: The table; in any order. Not changed.
        column: `grant_id` or `project_id`.
        role: The role.
    """
    import pandas as pd

    is_chosen = (participations[column] != "") & (participations["role"] == role)
    ids = _joined_by(participations.loc[is_chosen, [column, "organization_id"]], column, "organization_id")
    place = places_in(keys, ids.index.to_series())
    return pd.Series([*listed(ids), ""], dtype="str").take(place).set_axis(keys.index)
