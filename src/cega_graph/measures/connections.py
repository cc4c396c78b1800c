"""Paths between bodies, funders of bodies like one's own, and circles of bodies that work together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.measures.cases import SINGLY_UP_TO, to_cases
from cega_graph.measures.codes import coded, listed, places_in
from cega_graph.places import provinces_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    from cega_graph.measures.cases import Cases, Floats, Integers

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
    inferred = (rows["basis"] == "inferred").to_numpy(dtype=np.bool_)
    (body, bodies), (project, projects) = coded(rows["organization_id"]), coded(rows["project_id"])
    order = _order_of_search(rows, inferred, project, body)
    of_body, of_project = _Grouped(body, order, len(bodies)), _Grouped(project, order, len(projects))
    begin, end = bodies.get_indexer(pd.Index([source, target], dtype=bodies.dtype)).tolist()
    is_searched = min(begin, end) >= 0 and begin != end
    before: dict[int, tuple[int, int, int]] = {}
    queue, seen, left = deque([begin] if is_searched else []), {begin}, np.ones(len(projects), dtype=np.bool_)
    while queue and end not in before:
        one = queue.popleft()
        for here in of_body.rows(one):
            if left[project[here]]:
                left[project[here]] = False
                for there in of_project.rows(project[here]):
                    other = int(body[there])
                    if other not in seen:
                        seen.add(other)
                        before[other] = (one, here, there)
                        queue.append(other)
    hops: list[tuple[int, int]] = []
    one = end
    while one in before and one != begin:
        one, here, there = before[one]
        hops.append((here, there))
    columns = ["hop", "from_id", "from_role", "project_id", "to_role", "to_id", "basis", "from_mention", "to_mention"]
    cells = []
    for number, (here, there) in enumerate(reversed(hops), start=1):
        a, b = rows.iloc[here], rows.iloc[there]
        rests = "inferred" if inferred[here] or inferred[there] else "stated"
        cells.append((number, a["organization_id"], a["role"], a["project_id"], b["role"], b["organization_id"], rests,
                      a["mention"], b["mention"]))  # fmt: skip
    return pd.DataFrame(cells, columns=columns)


def _order_of_search(rows: pd.DataFrame, inferred: NDArray[np.bool_], project: Integers, body: Integers) -> Integers:
    """Return the places of rows in the order in which paths try them: stated first, then by ids."""
    import pandas as pd

    role, roles = coded(rows["role"])
    n_bodies, n_projects = int(body.max(initial=0)) + 1, int(project.max(initial=0)) + 1
    keys = ((inferred.astype(np.int64) * n_projects + project) * n_bodies + body) * max(1, len(roles)) + role
    tied = pd.Series(keys).duplicated(keep=False).to_numpy()
    last = np.zeros(len(rows), dtype=np.int64)
    last[tied] = coded(rows.loc[tied, "participation_id"])[0]
    return np.lexsort((last, keys))


class _Grouped:
    """The rows of each group, in a given order.

    Args:
        group: The group of each row, from 0.
        order: The rows, in their order.
        n: How many groups there are.
    """

    def __init__(self, group: Integers, order: Integers, n: int) -> None:
        ordered = group[order]
        self._rows: Final = order[np.argsort(ordered, kind="stable")]
        self._ends: Final = np.append(0, np.cumsum(np.bincount(ordered, minlength=n)))

    def rows(self, group: int) -> list[int]:
        """Return the rows of a group."""
        found: list[int] = self._rows[self._ends[group] : self._ends[group + 1]].tolist()
        return found


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
        `shared_place` (bool; True if a peer's project shares it), `stated` (bool; False if a rule alone
        makes it a funder of such projects). By number of peers, most first, then id. A province is the first
        two digits of GB/T 2260, or an ISO 3166-2 code as a whole. That no support is recorded does not say
        that there was none.
    """
    import pandas as pd

    own = participations["organization_id"] == organization_id
    ours = projects[places_in(projects["project_id"], participations.loc[own, "project_id"]) >= 0]
    themes = set(listed(ours["theme"])) - {""}
    places = {place for region in set(listed(ours["region"])) for place in provinces_of(region)}
    near = {region for region in set(listed(projects["region"])) if places & set(provinces_of(region))}
    shares = projects[["project_id"]].assign(
        theme=projects["theme"].isin(list(themes)), place=projects["region"].isin(list(near))
    )
    shares = shares[shares["theme"] | shares["place"]]
    kinds = organizations.loc[organizations["organization_id"] == organization_id, "kind"]
    alike = organizations.loc[organizations["kind"].isin(list(kinds)), "organization_id"]
    rows = participations[["project_id", "organization_id", "role", "basis"]]
    carries = rows.loc[rows["role"].isin(["grantee", "executor"]), ["project_id", "organization_id"]]
    carries = carries[places_in(carries["organization_id"], alike) >= 0].merge(shares, on="project_id")
    funders = rows[rows["role"] == "funder"].rename(columns={"organization_id": "funder_id"})
    known = funders.loc[places_in(funders["project_id"], ours["project_id"]) >= 0, "funder_id"]
    pairs = carries.merge(funders[places_in(funders["funder_id"], known) < 0], on="project_id")
    pairs["stated"] = pairs["basis"] != "inferred"
    others = [pairs[column] != organization_id for column in ("organization_id", "funder_id")]
    pairs = pairs[others[0] & others[1] & (pairs["organization_id"] != pairs["funder_id"])]
    found: dict[str, _Alike] = {}
    each = (listed(pairs[column]) for column in ("organization_id", "funder_id", "theme", "place", "stated"))
    for peer, funder, theme, place, stated in zip(*each, strict=True):
        found.setdefault(funder, _Alike()).add(peer, theme=theme, place=place, stated=stated)
    cells = [(f, len(a.peers), ";".join(sorted(a.peers)), a.theme, a.place, a.stated) for f, a in found.items()]
    columns = ["funder_id", "n_peers", "peer_ids", "shared_theme", "shared_place", "stated"]
    frame = pd.DataFrame(cells, columns=columns)
    return frame.sort_values(["n_peers", "funder_id"], ascending=[False, True], ignore_index=True)


@dataclass
class _Alike:
    """What speaks for a funder: the peers that it funds, what their projects share, whether that is stated."""

    peers: set[str] = field(default_factory=set)
    theme: bool = False
    place: bool = False
    stated: bool = False

    def add(self, peer: str, *, theme: bool, place: bool, stated: bool) -> None:
        self.peers.add(peer)
        self.theme, self.place, self.stated = self.theme or theme, self.place or place, self.stated or stated


def communities(
    participations: pd.DataFrame, organizations: pd.DataFrame, *, basis: str = "all", seeds: int = SEEDS
) -> pd.DataFrame:
    """Return circles of bodies that share projects, as a consensus over seeds.

    Louvain (modularity, weight: shared projects) is run once a seed; a link holds if its two ends
    fall together in at least half of the runs, and a circle is what such links connect. Then the same
    is done without each case in turn (above 200 cases, without each of 20 seeded blocks of them).

    Args:
        participations: The table; in any order. Not changed.
        organizations: The table; groups are left out.
        basis: `all`, or `stated` to leave inferred participations out.
        seeds: How many runs.

    Returns:
        One row a body with a partner: `community` (from 1, the largest first), `organization_id`,
        `agreement` (mean share of runs that keep the body with its partners of the circle, 0–1), `n_cases`
        (in how many cases it meets a partner of the circle), `left_out` (the lowest share, over the runs
        without a case, of those partners that stay in one circle with it; partners and runs in which either
        end has no partner left do not count, and without any the value is missing). By community, then id.
        `attrs["agreement"]` is the mean over all links of how clearly the runs decide (1: always together
        or always apart; 0: half and half). A circle is a reading aid.

    Source: V. D. Blondel et al., Fast unfolding of communities in large networks (2008), as scikit-network
    has it; consensus after A. Lancichinetti and S. Fortunato (2012).
    """
    import pandas as pd

    cases = to_cases(participations, organizations, basis=basis)
    everything = _circles(cases, np.ones(len(cases.projects)), seeds)
    columns = ["community", "organization_id", "agreement", "n_cases", "left_out"]
    if everything is None:
        nothing = pd.DataFrame(columns=columns, dtype="float64")
        return nothing.astype({"community": "int64", "organization_id": "str", "n_cases": "int64"})
    partners = np.diff(everything.held.indptr)
    summed = np.asarray(everything.held.sum(axis=1)).ravel()
    agreement = np.divide(summed, partners, out=np.ones(len(partners)), where=partners > 0)
    frame = pd.DataFrame({
        "part": everything.part, "organization_id": list(cases.bodies), "agreement": agreement,
        "n_cases": _cases_met(cases, everything.part),
        "left_out": _without_cases(cases, everything, seeds),
    })  # fmt: skip
    frame = frame[everything.linked]
    sizes = frame.groupby("part").agg(n=("organization_id", "size"), first=("organization_id", "min"))
    order = sizes.sort_values(["n", "first"], ascending=[False, True]).index
    frame["community"] = frame["part"].map({part: place for place, part in enumerate(order, start=1)})
    found: pd.DataFrame = frame[columns].sort_values(["community", "organization_id"], ignore_index=True)
    found.attrs["agreement"] = float(np.abs(2 * everything.together - 1).mean())
    return found


_BLOCKS: Final = 20


@dataclass(frozen=True)
class _Circles:
    """A consensus: the links that hold, each body's circle, who has a partner, how often each link's ends met."""

    held: csr_matrix
    part: Integers
    linked: NDArray[np.bool_]
    together: Floats


def _circles(cases: Cases, weights: Floats, seeds: int) -> _Circles | None:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components
    from sknetwork.clustering import Louvain

    matrix = csr_matrix(cases.partnership.weighted(weights))
    if matrix.nnz == 0:
        return None
    links = matrix.tocoo()
    together = np.zeros(links.nnz)
    for seed in range(seeds):
        search = Louvain(random_state=seed, shuffle_nodes=True, return_probs=False, return_aggregate=False)
        labels = search.fit_predict(matrix)
        together += labels[links.row] == labels[links.col]
    together /= seeds
    kept = together >= 0.5
    held = csr_matrix((together[kept], (links.row[kept], links.col[kept])), shape=matrix.shape)
    _, part = connected_components(held, directed=False)
    return _Circles(held, part.astype(np.int64), np.diff(matrix.indptr) > 0, together)


def _cases_met(cases: Cases, part: Integers) -> Integers:
    """Return for each body in how many cases it meets another body of its circle."""
    links = cases.partnership
    source, target = links.source[links.link], links.target[links.link]
    inside = part[source] == part[target]
    met = np.unique(source[inside] * max(1, len(cases.projects)) + links.case[inside])
    return np.bincount(met // max(1, len(cases.projects)), minlength=len(cases.bodies)).astype(np.int64)


def _without_cases(cases: Cases, everything: _Circles, seeds: int) -> Floats:
    """Return for each body the lowest share of its circle's partners that stay with it when a case is left out."""
    n = len(cases.projects)
    blocks = [np.array([case]) for case in range(n)]
    if n > SINGLY_UP_TO:
        blocks = np.array_split(np.random.default_rng(1).permutation(n), _BLOCKS)
    links = everything.held.tocoo()
    lowest = np.full(len(cases.bodies), np.nan)
    for block in blocks:
        weights = np.ones(n)
        weights[block] = 0
        found = _circles(cases, weights, max(1, seeds // 4))
        if found is None:
            continue
        counts = found.linked[links.row] & found.linked[links.col]
        stays = counts & (found.part[links.row] == found.part[links.col])
        total = np.bincount(links.row[counts], minlength=len(lowest)).astype(float)
        kept = np.bincount(links.row[stays], minlength=len(lowest))
        share = np.divide(kept, total, out=np.full(len(lowest), np.nan), where=total > 0)
        lowest = np.fmin(lowest, share)
    return lowest
