"""Who pays with whom, for whom, through whom, and how much is known of it. Tables in, tables out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.errors import UnknownIdentifier

if TYPE_CHECKING:
    import pandas as pd

_GIVING: Final = ("funder", "intermediary")
_GROUPS: Final = ("currency", "funder", "theme", "year")


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
    funders = _in_roles(participations, "funder")
    pairs = funders.merge(funders, on="project_id", suffixes=("_a", "_b"))
    pairs = pairs[pairs["organization_id_a"] < pairs["organization_id_b"]]
    pairs = pairs.merge(projects[["project_id", "theme"]], on="project_id", how="left")
    pairs["stated"] = pairs["stated_a"] & pairs["stated_b"]
    keys = ["organization_id_a", "organization_id_b"]
    grouped = pairs.groupby(keys, as_index=False).agg(
        n_projects=("project_id", "nunique"), project_ids=("project_id", _joined),
        themes=("theme", lambda s: _joined(s.fillna(""))), stated=("stated", "any"),
    )  # fmt: skip
    grouped = grouped.rename(columns={"organization_id_a": "funder_a", "organization_id_b": "funder_b"})
    ordered: pd.DataFrame = grouped.sort_values(
        ["n_projects", "funder_a", "funder_b"], ascending=[False, True, True], ignore_index=True
    )
    return ordered


def both_ways(participations: pd.DataFrame) -> pd.DataFrame:
    """Return the bodies that give (funder or intermediary) and that receive (grantee), in whatever projects.

    Args:
        participations: The table; in any order. Not changed.

    Returns:
        One row a body: `organization_id`, `gives_in`, `receives_in` (project ids joined by `;`),
        `same_project` (bool; it does both in one), `stated` (bool; both sides have a stated row). By id.
        That a body does both does not say that it passed this money on.
    """
    gives = _in_roles(participations, *_GIVING).groupby("organization_id")
    takes = _in_roles(participations, "grantee").groupby("organization_id")
    left = gives.agg(gives_in=("project_id", _joined), gives_stated=("stated", "any"))
    right = takes.agg(receives_in=("project_id", _joined), receives_stated=("stated", "any"))
    both = left.join(right, how="inner").reset_index()
    both["same_project"] = np.array(
        [
            bool(set(a.split(";")) & set(b.split(";")))
            for a, b in zip(both["gives_in"], both["receives_in"], strict=True)
        ],
        dtype=bool,
    )
    both["stated"] = both["gives_stated"].astype(bool) & both["receives_stated"].astype(bool)
    columns = ["organization_id", "gives_in", "receives_in", "same_project", "stated"]
    return both[columns].sort_values("organization_id", ignore_index=True)


def funding_chains(participations: pd.DataFrame) -> pd.DataFrame:
    """Return the chains source → intermediary → carrier, within one project.

    A carrier is a grantee or, where a project names none, an executor.

    Args:
        participations: The table; in any order. Not changed.

    Returns:
        One row a chain: `project_id`, `source`, `intermediary`, `carrier` (ids; empty where the link
        is missing), `carrier_role`, `stated` (bool; every link that is there is stated), `broken` (bool;
        source or carrier is missing). By project, then ids. A chain says that its links stand in one
        project, not that the same money went through all of them.
    """
    sources = _in_roles(participations, "funder")[["project_id", "organization_id", "stated"]]
    middle = _in_roles(participations, "intermediary")[["project_id", "organization_id", "stated"]]
    carriers = _in_roles(participations, "grantee", "executor")
    granted = set(carriers.loc[carriers["role"] == "grantee", "project_id"])
    carriers = carriers[(carriers["role"] == "grantee") | ~carriers["project_id"].isin(granted)]
    chains = sources.rename(columns={"organization_id": "source", "stated": "s1"}).merge(
        middle.rename(columns={"organization_id": "intermediary", "stated": "s2"}), on="project_id", how="outer"
    )
    carriers = carriers.rename(columns={"organization_id": "carrier", "role": "carrier_role", "stated": "s3"})
    chains = chains.merge(carriers, on="project_id", how="left")
    texts = ["source", "intermediary", "carrier", "carrier_role"]
    chains[texts] = chains[texts].fillna("")
    chains["stated"] = ~(chains[["s1", "s2", "s3"]] == False).any(axis=1)  # noqa: E712 - missing links do not count
    chains["broken"] = (chains["source"] == "") | (chains["carrier"] == "")
    for one, other in (("source", "carrier"), ("intermediary", "carrier"), ("source", "intermediary")):
        chains = chains[(chains[one] != chains[other]) | (chains[one] == "")]
    columns = ["project_id", *texts, "stated", "broken"]
    return chains[columns].sort_values(["project_id", "source", "intermediary", "carrier"], ignore_index=True)


def single_funder(participations: pd.DataFrame) -> pd.DataFrame:
    """Return the grantees behind which the data record one funder only.

    Args:
        participations: The table; in any order. Not changed.

    Returns:
        One row a grantee: `organization_id`, `funder_id`, `n_projects` (int; with this funder), `stated`
        (bool; in one of them both roles are stated). By id. Intermediaries are no funders here, and a body
        that funds its own project does not count. One recorded funder is not one funder.

    >>> import cega_graph as cg
    >>> single_funder(cg.load().participations).shape
    (25, 4)
    """
    takes = _in_roles(participations, "grantee")
    gives = _in_roles(participations, "funder")
    pairs = takes.merge(gives, on="project_id", suffixes=("", "_f"))
    pairs = pairs[pairs["organization_id"] != pairs["organization_id_f"]]
    pairs["stated"] = pairs["stated"] & pairs["stated_f"]
    grouped = pairs.groupby("organization_id", as_index=False).agg(
        funder_id=("organization_id_f", _joined), n_projects=("project_id", "nunique"), stated=("stated", "any")
    )
    alone = grouped[~grouped["funder_id"].str.contains(";", regex=False)]
    return alone.sort_values("organization_id", ignore_index=True)


def totals(grants: pd.DataFrame, projects: pd.DataFrame, *, by: str = "currency") -> pd.DataFrame:
    """Return what is recorded per type of grant and currency; currencies and types are never added together.

    Args:
        grants: `kg.grants`, with `funder_ids`. Not changed.
        projects: The table, for themes.
        by: `currency`, `funder`, `theme` or `year`. A grant of several funders stands under their
            joint names, so that its amount is counted once.

    Returns:
        One row a group: `group` (empty for `currency`), `type`, `currency`, `n_grants` (int), `gross`
        (float, units of the currency, nominal; every known amount but those in conflict), `net` (float;
        without regrants of other grants), `n_unknown` (no amount, which is not 0), `n_approximate`,
        `n_conflicting` (left out of both sums). By group, type, currency.

    Raises:
        UnknownIdentifier: `by` is none of the four.

    >>> import cega_graph as cg
    >>> kg = cg.load()
    >>> totals(kg.grants, kg.projects)[["currency", "n_grants", "gross", "net"]].to_dict("records")
    [{'currency': 'CNY', 'n_grants': 2, 'gross': 1400000.0, 'net': 1400000.0}]
    """
    import pandas as pd

    if by not in _GROUPS:
        message = f"by {by!r} is not known; there are {', '.join(_GROUPS)}"
        raise UnknownIdentifier(message)

    rows = grants.merge(projects[["project_id", "theme"]], on="project_id", how="left")
    named = set(rows["conflicts_with"]) - {""}
    conflicting = (rows["conflicts_with"] != "") | rows["grant_id"].isin(named)
    groups = {"currency": "", "funder": rows.get("funder_ids", ""), "theme": rows["theme"].fillna(""),
              "year": rows["date"].str[:4]}  # fmt: skip
    known = rows["amount"].notna()
    rows = rows.assign(
        group=groups[by], gross=rows["amount"].where(known & ~conflicting, 0).astype(float),
        net=rows["amount"].where(known & ~conflicting & (rows["regrant_of"] == ""), 0).astype(float),
        n_unknown=(~known).astype(int), n_approximate=rows["approximate"].astype(int),
        n_conflicting=conflicting.astype(int),
    )  # fmt: skip
    keys, sums = ["group", "type", "currency"], ["gross", "net", "n_unknown", "n_approximate", "n_conflicting"]
    grouped = rows.groupby(keys, dropna=False)
    result = pd.concat([grouped.size().rename("n_grants"), grouped[sums].sum()], axis=1).reset_index()
    return result[[*keys, "n_grants", *sums]].sort_values(keys, ignore_index=True)
