"""What the data cover: gaps in three states, change by year, statements and names that need a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cega_graph.measures.codes import listed, places_in
from cega_graph.names.normalize import normalize
from cega_graph.places import provinces_of

if TYPE_CHECKING:
    import pandas as pd


def gaps(projects: pd.DataFrame, participations: pd.DataFrame, sources: pd.DataFrame) -> pd.DataFrame:
    """Return theme × province, each in one of three states.

    Args:
        projects: The table. Not changed.
        participations: The table, for funders, inferred ones included.
        sources: The table; `coverage_themes` and `coverage_regions` say what a source sets out to cover.

    Returns:
        One row a cell: `theme`, `region` (the province: first two digits of GB/T 2260; other codes as
        they are), `n_projects`, `n_funders`, `n_stated` (of them, those that a source states), `state`:
        `recorded`, `none` (a source says that it covers theme and region, and records nothing) or `not
        covered` (no source says so). A project in two provinces counts in both. A theme or region appears
        if a project or a source names it. In order of theme, region.
    """
    import pandas as pd

    cells = projects[["project_id", "theme", "region"]].assign(region=projects["region"].str.split(";"))
    cells = cells.explode("region", ignore_index=True)
    cells["region"] = cells["region"].fillna("").map(_province)
    cells = cells[(cells["theme"] != "") & (cells["region"] != "")].drop_duplicates()
    funders = participations.loc[participations["role"] == "funder", ["project_id", "organization_id", "basis"]]
    funders = funders.assign(stated=funders["organization_id"].where(funders["basis"] != "inferred"))
    with_funders = cells.merge(funders, on="project_id", how="left")
    covered = {
        (theme, _province(region))
        for row in sources.itertuples()
        for theme in str(row.coverage_themes).split(";")
        for region in str(row.coverage_regions).split(";")
        if theme and region
    }
    themes = sorted({t for s in sources["coverage_themes"] for t in s.split(";") if t} | set(cells["theme"]))
    regions = sorted({region for _, region in covered} | set(cells["region"]))
    counted = with_funders.groupby(["theme", "region"]).agg(
        n_projects=("project_id", "nunique"), n_funders=("organization_id", "nunique"), n_stated=("stated", "nunique")
    )
    frame = counted.reindex(pd.MultiIndex.from_product([themes, regions], names=["theme", "region"]), fill_value=0)
    frame = frame.reset_index()
    frame["state"] = [
        "recorded" if n else "none" if (theme, region) in covered else "not covered"
        for theme, region, n in zip(frame["theme"], frame["region"], frame["n_projects"], strict=True)
    ]
    return frame


def _province(region: str) -> str:
    return next(iter(provinces_of(region)), "")


def by_year(projects: pd.DataFrame, participations: pd.DataFrame, grants: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how the network grew, by the year in which projects start.

    Args:
        projects: The table; of a start the first four digits count. Not changed.
        participations: The table, inferred rows included.
        grants: The table; a project without a start counts in the year of the first of its dated sums. Without
            the table it has no date.

    Returns:
        One row a year, first to last, then one with the year missing for projects without a date:
        `year` and all counts Int64: `n_projects`, `new_bodies` (their first year), `new_funders`, `new_pairs`
        (funder and grantee, first year together), `last_seen` (funders whose last dated project starts
        then; the newest year's are no exits). Persons and groups count as bodies. Years between without
        a project are rows of zeros. First and last are those recorded.

    >>> import cega_graph as cg
    >>> kg = cg.load()
    >>> by_year(kg.projects, kg.participations)[["year", "n_projects", "new_funders"]].tail(2).to_numpy().tolist()
    [[2023, 4, 8], [2024, 5, 2]]
    """
    import pandas as pd

    starts = projects["start_date"]
    if grants is not None:
        paid = grants.loc[grants["date"] != ""].groupby("project_id")["date"].min()
        starts = starts.where(starts != "", projects["project_id"].map(paid))
    year = pd.to_numeric(starts.str[:4], errors="coerce").astype("Int64")
    place = places_in(participations["project_id"], projects["project_id"])
    begun = pd.concat([year, pd.Series([pd.NA], dtype="Int64")], ignore_index=True).take(place)
    rows = participations[["project_id", "organization_id", "role"]].assign(year=begun.array)
    funders, grantees = rows[rows["role"] == "funder"], rows[rows["role"] == "grantee"]
    pairs = funders.merge(grantees, on=["project_id", "year"])
    counted = {
        "n_projects": year.value_counts(dropna=False),
        "new_bodies": rows.groupby("organization_id")["year"].min().value_counts(dropna=False),
        "new_funders": funders.groupby("organization_id")["year"].min().value_counts(dropna=False),
        "new_pairs": pairs.groupby(["organization_id_x", "organization_id_y"])["year"].min().value_counts(dropna=False),
        "last_seen": funders.groupby("organization_id")["year"].max().value_counts(dropna=False),
    }
    known = sorted({int(y) for y in year.dropna()})
    years = [*(range(known[0], known[-1] + 1) if known else ()), *([None] if year.isna().any() else [])]
    said = {
        name: {None if y is pd.NA else y: int(n) for y, n in zip(c.index.astype("object"), c, strict=True)}
        for name, c in counted.items()
    }
    columns = {name: pd.Series([counts.get(y, 0) for y in years], dtype="Int64") for name, counts in said.items()}
    return pd.DataFrame({"year": pd.Series(years, dtype="Int64"), **columns})


def roles_by_kind(participations: pd.DataFrame, organizations: pd.DataFrame) -> pd.DataFrame:
    """Return which roles each kind of participant takes.

    Args:
        participations: The table; in any order. Not changed.
        organizations: The table, for kinds.

    Returns:
        One row a kind and role that occur together: `kind`, `role`, `n` (Int64; a role of a body in a
        project counts once), `n_inferred` (those of them that only a rule gives), `n_bodies` (with the
        role), `n_bodies_of_kind` (with any role). Groups and persons included. By kind, then role.
    """
    kinds = organizations[["organization_id", "kind"]].drop_duplicates("organization_id")
    rows = participations.assign(inferred=participations["basis"] == "inferred")
    once = rows.groupby(["project_id", "organization_id", "role"])["inferred"].all().reset_index()
    rows = once.merge(kinds, on="organization_id")
    bodies = rows.groupby("kind")["organization_id"].nunique()
    grouped = rows.groupby(["kind", "role"], as_index=False).agg(
        n=("inferred", "size"), n_inferred=("inferred", "sum"), n_bodies=("organization_id", "nunique")
    )
    grouped["n_bodies_of_kind"] = grouped["kind"].map(bodies)
    counts = ["n", "n_inferred", "n_bodies", "n_bodies_of_kind"]
    return grouped.astype(dict.fromkeys(counts, "Int64"))[["kind", "role", *counts]]


def resting_on_inference(participations: pd.DataFrame) -> pd.DataFrame:
    """Return the participations that a rule added.

    Returns:
        One row each, sorted by its columns: `project_id`, `organization_id`, `role`, `rule` (its name),
        `mention` (as printed where the rule starts from, all `str`).

    >>> import cega_graph as cg
    >>> resting_on_inference(cg.load().participations)["rule"].value_counts().to_dict()
    {'submitter-funds': 7, 'submitter-passes-on': 3}
    """
    columns = ["project_id", "organization_id", "role", "rule", "mention"]
    rows = participations.loc[participations["basis"] == "inferred", columns]
    return rows.sort_values(columns, ignore_index=True)


def merged_names(names: pd.DataFrame, decisions: pd.DataFrame, organizations: pd.DataFrame) -> pd.DataFrame:
    """Return which names were taken as one body, and what decided so.

    Args:
        names: The table. Not changed.
        decisions: The table; of it the verdicts `same`.

    Returns:
        One row a name that is not the body's first one; translations that nobody printed only where a
        decision names them: `organization_id`, `name`, `official` (the body's first name), `status`,
        `decided_by`, `decided_on`, `basis` (all three empty where no decision joins the name with another
        name of the body: a variant of script or brackets, or an alias that its own row's place states). By
        id, then name.
    """
    import pandas as pd

    first = dict(zip(listed(organizations["organization_id"]), listed(organizations["name"]), strict=True))
    borne: dict[str, set[str]] = {}
    for body, name in zip(listed(names["organization_id"]), listed(names["name"]), strict=True):
        borne.setdefault(body, set()).add(normalize(name))
    decided = _decided_the_same(decisions)
    cells = []
    columns = ["organization_id", "name", "status"]
    once = names[columns].drop_duplicates()
    for body, name, status in zip(*(listed(once[column]) for column in columns), strict=True):
        mine = normalize(name)
        if name == first.get(body):
            continue
        by_rank = sorted(one for other, *one in decided.get(mine, ()) if other in borne[body] and other != mine)
        if by_rank or status != "translation":
            cells.append((body, name, first.get(body, ""), status, *(by_rank[0] if by_rank else ("", "", ""))))
    frame = pd.DataFrame(
        cells, columns=[*columns[:2], "official", "status", "decided_by", "decided_on", "basis"], dtype="str"
    )
    return frame.sort_values(["organization_id", "name", "status"], ignore_index=True)


def _decided_the_same(decisions: pd.DataFrame) -> dict[str, list[tuple[str, str, str, str]]]:
    """Return spelling → (the other name's spelling, by whom, when, on what grounds)."""
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    same = decisions[decisions["verdict"] == "same"]
    fields = ["name_a", "name_b", "decided_by", "decided_on", "basis"]
    for name_a, name_b, *why in same[fields].itertuples(index=False, name=None):
        a, b = normalize(name_a), normalize(name_b)
        found.setdefault(a, []).append((b, *why))
        found.setdefault(b, []).append((a, *why))
    return found
