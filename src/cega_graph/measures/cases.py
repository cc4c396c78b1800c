"""Participations as arrays: who is in which case in which role, and the two projections on bodies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from cega_graph.measures.codes import coded, distinct, listed, places_in
from cega_graph.network import GIVING

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Integers = NDArray[np.int64]
    Floats = NDArray[np.float64]

BASES: Final = ("all", "stated")
"""Which participations count: all, or without those that rest on an inference rule."""

GIVER: Final = "giver"
"""Stands in the place of a role where any of `network.GIVING` counts."""

SINGLY_UP_TO: Final = 200
"""Cases up to which each one is left out in turn; above, blocks of them are."""


@dataclass(frozen=True)
class Links:
    """Pairs of bodies joined by cases; `weighted` counts each case as often as its weight says.

    `source`, `target` are positions of bodies, one link each; `link`, `case` say which case joins
    which link, each once. Links are sorted by source, target; an undirected one stands in both directions.
    """

    n_bodies: int
    source: Integers
    target: Integers
    link: Integers
    case: Integers

    def weighted(self, case_weights: Floats) -> csr_array:
        """Return the adjacency matrix, source × target; the value is the weight of the shared cases."""
        from scipy.sparse import csr_array

        link, case = self._by_case
        data = np.bincount(link, weights=case_weights[case], minlength=len(self.source))
        kept = data > 0
        starts = np.zeros(self.n_bodies + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.source[kept], minlength=self.n_bodies), out=starts[1:])
        return csr_array((data[kept], self.target[kept], starts), shape=(self.n_bodies, self.n_bodies))

    @cached_property
    def _by_case(self) -> tuple[Integers, Integers]:
        """`link` and `case` in the order of the cases: weights are then read one after the other."""
        order = np.argsort(self.case, kind="stable")
        return self.link[order], self.case[order]


@dataclass(frozen=True)
class Cases:
    """Participations as positions of cases and bodies, both in sorted order of their ids.

    Phrases that name no single body (kind `group`) are left out.
    """

    bodies: tuple[str, ...]
    projects: tuple[str, ...]
    case: Integers
    body: Integers
    role: NDArray[Any]
    grant: Integers
    stated: NDArray[np.bool_]

    @cached_property
    def funding(self) -> Links:
        """Funders and intermediaries → grantees; two that name different grants are not joined."""
        import pandas as pd

        rows = pd.DataFrame({"case": self.case, "body": self.body, "grant": self.grant})
        gives, takes = self._in(GIVER), self._in("grantee")
        pairs = rows[gives].drop_duplicates().merge(rows[takes].drop_duplicates(), on="case")
        apart = (pairs["grant_x"] >= 0) & (pairs["grant_y"] >= 0) & (pairs["grant_x"] != pairs["grant_y"])
        pairs = pairs[~apart & (pairs["body_x"] != pairs["body_y"])]
        return self._links(pairs["case"].to_numpy(), pairs["body_x"].to_numpy(), pairs["body_y"].to_numpy())

    @cached_property
    def partnership(self) -> Links:
        """Bodies that share a case, in whatever roles, in both directions."""
        import pandas as pd

        case, body = np.divmod(distinct(self.case * max(1, len(self.bodies)) + self.body), max(1, len(self.bodies)))
        rows = pd.DataFrame({"case": case, "body": body})
        pairs = rows.merge(rows, on="case")
        pairs = pairs[pairs["body_x"] != pairs["body_y"]]
        return self._links(pairs["case"].to_numpy(), pairs["body_x"].to_numpy(), pairs["body_y"].to_numpy())

    def _links(self, case: Integers, source: Integers, target: Integers) -> Links:
        n = max(1, len(self.bodies))
        ends = source * n + target
        order = np.lexsort((case, ends))
        ends, case = ends[order], case[order]
        is_link = np.diff(ends, prepend=-1) != 0
        once = is_link | (np.diff(case, prepend=-1) != 0)
        keys = ends[is_link]
        return Links(len(self.bodies), keys // n, keys % n, (np.cumsum(is_link) - 1)[once], case[once])

    def holders(self, role: str) -> NDArray[np.bool_]:
        """Return which bodies hold a role at least once; of `all`, any."""
        found = np.zeros(len(self.bodies), dtype=np.bool_)
        found[self.body[self._in(role)]] = True
        return found

    def _in(self, role: str) -> NDArray[np.bool_]:
        if role == "all":
            return np.ones(len(self.role), dtype=np.bool_)
        wanted = GIVING if role == GIVER else (role,)
        return np.asarray(np.logical_or.reduce([self.role == one for one in wanted]), dtype=np.bool_)

    def projects_in(self, role: str, case_weights: Floats) -> Floats:
        """Return in how many cases each body holds a role, each case as often as its weight says."""
        body, case = self._once(role)
        counts = np.bincount(body, weights=case_weights[case], minlength=len(self.bodies))
        return np.asarray(counts, dtype=float)

    def _once(self, role: str) -> tuple[Integers, Integers]:
        """Body and case of a role, each pair once; kept, because resampling asks for it again and again."""
        if role not in self._pairs:
            chosen, many = self._in(role), max(1, len(self.bodies))
            case, body = np.divmod(distinct(self.case[chosen] * many + self.body[chosen]), many)
            self._pairs[role] = (body, case)
        return self._pairs[role]

    @cached_property
    def _pairs(self) -> dict[str, tuple[Integers, Integers]]:
        return {}

    def stated_share(self, role: str) -> Floats:
        """Return which share of the rows that give a body a role is stated; NaN without a row."""
        chosen = self._in(role)
        all_rows = np.bincount(self.body[chosen], minlength=len(self.bodies)).astype(float)
        stated = np.bincount(self.body[chosen & self.stated], minlength=len(self.bodies)).astype(float)
        unknown = np.full(len(self.bodies), np.nan)
        return np.asarray(np.divide(stated, all_rows, out=unknown, where=all_rows > 0), dtype=float)


def to_cases(participations: pd.DataFrame, organizations: pd.DataFrame, *, basis: str = "all") -> Cases:
    """Return participations as arrays.

    Args:
        participations: Columns `project_id`, `organization_id`, `grant_id`, `role`, `basis`; in any
            order. Not changed.
        organizations: Columns `organization_id`, `kind`.
        basis: `all`, or `stated` to leave out what a rule inferred.
    """
    rows = participations[["project_id", "organization_id", "grant_id", "role", "basis"]]
    stated = (rows["basis"] != "inferred").to_numpy(dtype=np.bool_)
    groups = organizations.loc[organizations["kind"] == "group", "organization_id"]
    kept = places_in(rows["organization_id"], groups) < 0
    if basis != "all":
        kept &= stated
    if not kept.all():
        rows, stated = rows[kept], stated[kept]
    case, projects = coded(rows["project_id"])
    body, bodies = coded(rows["organization_id"])
    grant, grants = coded(rows["grant_id"])
    if len(grants) and grants[0] == "":
        grant -= 1
    return Cases(
        tuple(listed(bodies)), tuple(listed(projects)), case, body, rows["role"].to_numpy(dtype=object), grant, stated
    )
