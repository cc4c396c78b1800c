"""Paths between bodies, funders of bodies like one's own, and circles of bodies that work together."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.measures.cases import to_cases

if TYPE_CHECKING:
    import pandas as pd

SEEDS: Final = 20
"""Runs of the community search; their agreement is reported."""


def shortest_path(participations: pd.DataFrame, source: str, target: str, *, basis: str = "all") -> pd.DataFrame:
    """Return one shortest path between two bodies over the projects that they share.

    Args:
        participations: The table; in any order. Not changed.
        source: Id of a body.
        target: Id of a body.
        basis: `all`, or `stated` to leave inferred participations out.

    Returns:
        One row a hop, in order; none if no path exists, or if source and target are one: `hop` (int, from
        1), `from_id`, `from_role`, `project_id`, `to_role`, `to_id`, `basis` (`inferred` if an end of the
        hop is, else `stated`), `from_mention`, `to_mention` (as printed). Of paths equally short, one
        through stated rows where there is a choice, then through the smallest ids. Bodies of every kind
        may stand on it.

    >>> import cega_graph as cg
    >>> path = shortest_path(cg.load().participations, "o-5021e29a59", "o-45d3395dd2")
    >>> len(path), path["from_id"].iloc[0], path["to_id"].iloc[-1]
    (3, 'o-5021e29a59', 'o-45d3395dd2')
    """
    import pandas as pd

    rows = participations if basis == "all" else participations[participations["basis"] != "inferred"]
    rows = rows.assign(inferred=rows["basis"] == "inferred").sort_values(
        ["inferred", "project_id", "organization_id", "role", "participation_id"]
    )
    by_body, by_project = rows.groupby("organization_id").indices, rows.groupby("project_id").indices
    bodies, shared = [str(b) for b in rows["organization_id"]], rows["project_id"].tolist()
    before: dict[str, tuple[str, int, int]] = {}
    queue, seen = deque([source]), {source}
    while queue and target not in before:
        body = queue.popleft()
        for here in by_body.get(body, ()):
            for there in by_project[shared[here]]:
                other = bodies[there]
                if other not in seen:
                    seen.add(other)
                    before[other] = (body, int(here), int(there))
                    queue.append(other)
    hops: list[tuple[int, int]] = []
    body = target
    while body in before and body != source:
        body, here, there = before[body]
        hops.append((here, there))
    columns = ["hop", "from_id", "from_role", "project_id", "to_role", "to_id", "basis", "from_mention", "to_mention"]
    cells = []
    for number, (here, there) in enumerate(reversed(hops), start=1):
        a, b = rows.iloc[here], rows.iloc[there]
        rests = "inferred" if a["inferred"] or b["inferred"] else "stated"
        cells.append((number, a["organization_id"], a["role"], a["project_id"], b["role"], b["organization_id"], rests,
                      a["mention"], b["mention"]))  # fmt: skip
    return pd.DataFrame(cells, columns=columns)


def lookalike_funders(
    participations: pd.DataFrame, projects: pd.DataFrame, organizations: pd.DataFrame, organization_id: str
) -> pd.DataFrame:
    """Return the funders that support bodies like a given one, but not that one.

    Like is a body of the same kind that is grantee or executor of a project of one of its themes, or
    in one of its provinces; both are told apart. Its own themes and provinces are those of all its
    projects.

    Args:
        participations: The table; in any order. Not changed.
        projects: The table, for themes and regions.
        organizations: The table, for kinds.
        organization_id: Whose like are looked for; one that the data do not hold has no like.

    Returns:
        One row a funder: `funder_id`, `n_peers` (int), `peer_ids` (joined by `;`), `shared_theme`,
        `shared_place` (bool; True if a peer's project shares it). By number of peers, most first, then id.
        A province is the first two digits of GB/T 2260, or an ISO 3166-2 code as a whole. Inferred funders
        count. That no support is recorded does not say that there was none.
    """
    import pandas as pd

    carries = participations[participations["role"].isin(["grantee", "executor"])]
    own = set(participations.loc[participations["organization_id"] == organization_id, "project_id"])
    theme_of = dict(zip(projects["project_id"], projects["theme"], strict=True))
    region_of = dict(zip(projects["project_id"], projects["region"], strict=True))
    themes = {theme_of[p] for p in own} - {""}
    places = {place for p in own for place in _provinces(region_of[p])}
    kinds = dict(zip(organizations["organization_id"], organizations["kind"], strict=True))
    funders = participations[participations["role"] == "funder"]
    ours = set(funders.loc[funders["project_id"].isin(own), "organization_id"])
    pairs = carries[["project_id", "organization_id"]].merge(
        funders[["project_id", "organization_id"]], on="project_id", suffixes=("", "_f")
    )
    found: dict[str, tuple[set[str], bool, bool]] = {}
    for project, peer, funder in pairs.itertuples(index=False, name=None):
        if peer == organization_id or kinds.get(peer) != kinds.get(organization_id) or funder in ours | {peer}:
            continue
        theme = theme_of[project] in themes
        place = bool(places & set(_provinces(region_of[project])))
        if (theme or place) and funder != organization_id:
            peers, t, p = found.get(funder, (set(), False, False))
            found[funder] = (peers | {peer}, t or theme, p or place)
    cells = [(f, len(peers), ";".join(sorted(peers)), t, p) for f, (peers, t, p) in found.items()]
    frame = pd.DataFrame(cells, columns=["funder_id", "n_peers", "peer_ids", "shared_theme", "shared_place"])
    return frame.sort_values(["n_peers", "funder_id"], ascending=[False, True], ignore_index=True)


def _provinces(cell: str) -> list[str]:
    return [code[:2] if code[:2].isdigit() else code for code in cell.split(";") if code]


def communities(
    participations: pd.DataFrame, organizations: pd.DataFrame, *, basis: str = "all", seeds: int = SEEDS
) -> pd.DataFrame:
    """Return circles of bodies that share projects, as a consensus over seeds.

    Louvain (modularity, weight: shared projects) is run once a seed; a link holds if its two ends
    fall together in at least half of the runs, and a circle is what such links connect.

    Args:
        participations: The table; in any order. Not changed.
        organizations: The table; groups are left out.
        basis: `all`, or `stated` to leave inferred participations out.
        seeds: How many runs.

    Returns:
        One row a body with a partner: `community` (int, from 1, the largest first), `organization_id`,
        `agreement` (float; mean share of runs that keep the body with its partners of the circle, 0–1).
        By community, then id. `attrs["agreement"]` is the mean over all links of how clearly the runs
        decide (1: always together or always apart; 0: half and half). A circle is a reading aid.

    Source: V. D. Blondel et al., Fast unfolding of communities in large networks (2008), as scikit-network
    has it; consensus after A. Lancichinetti and S. Fortunato (2012).
    """
    import pandas as pd
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components
    from sknetwork.clustering import Louvain

    cases = to_cases(participations, organizations, basis=basis)
    matrix = csr_matrix(cases.partnership.weighted(np.ones(len(cases.projects))))
    columns = ["community", "organization_id", "agreement"]
    if matrix.nnz == 0:
        return pd.DataFrame(columns=columns).astype({"community": int, "organization_id": "str", "agreement": float})
    links = matrix.tocoo()
    together = np.zeros(links.nnz)
    for seed in range(seeds):
        labels = Louvain(random_state=seed, shuffle_nodes=True).fit_predict(matrix)
        together += labels[links.row] == labels[links.col]
    together /= seeds
    kept = together >= 0.5
    held = csr_matrix((together[kept], (links.row[kept], links.col[kept])), shape=matrix.shape)
    _, part = connected_components(held, directed=False)
    partners = np.diff(held.indptr)
    agreement = np.divide(np.asarray(held.sum(axis=1)).ravel(), partners, out=np.ones(len(part)), where=partners > 0)
    frame = pd.DataFrame({"part": part, "organization_id": list(cases.bodies), "agreement": agreement})
    frame = frame[np.diff(matrix.indptr) > 0]
    sizes = frame.groupby("part").agg(n=("organization_id", "size"), first=("organization_id", "min"))
    order = sizes.sort_values(["n", "first"], ascending=[False, True]).index
    frame["community"] = frame["part"].map({part: place for place, part in enumerate(order, start=1)})
    found: pd.DataFrame = frame[columns].sort_values(["community", "organization_id"], ignore_index=True)
    found.attrs["agreement"] = float(np.abs(2 * together - 1).mean())
    return found
