"""Participations as arrays: who is in which case in which role, and the two projections on bodies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

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

        data = np.bincount(self.link, weights=case_weights[self.case], minlength=len(self.source))
        kept = data > 0
        starts = np.zeros(self.n_bodies + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.source[kept], minlength=self.n_bodies), out=starts[1:])
        return csr_array((data[kept], self.target[kept], starts), shape=(self.n_bodies, self.n_bodies))


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
        gives, takes = np.isin(self.role, GIVING), self.role == "grantee"
        pairs = rows[gives].drop_duplicates().merge(rows[takes].drop_duplicates(), on="case")
        apart = (pairs["grant_x"] >= 0) & (pairs["grant_y"] >= 0) & (pairs["grant_x"] != pairs["grant_y"])
        pairs = pairs[~apart & (pairs["body_x"] != pairs["body_y"])]
        return self._links(pairs["case"].to_numpy(), pairs["body_x"].to_numpy(), pairs["body_y"].to_numpy())

    @cached_property
    def partnership(self) -> Links:
        """Bodies that share a case, in whatever roles, in both directions."""
        import pandas as pd

        rows = pd.DataFrame({"case": self.case, "body": self.body}).drop_duplicates()
        pairs = rows.merge(rows, on="case")
        pairs = pairs[pairs["body_x"] != pairs["body_y"]]
        return self._links(pairs["case"].to_numpy(), pairs["body_x"].to_numpy(), pairs["body_y"].to_numpy())

    def _links(self, case: Integers, source: Integers, target: Integers) -> Links:
        n, many = max(1, len(self.bodies)), max(1, len(self.projects))
        joined = np.unique((source * n + target) * many + case)
        keys, link = np.unique(joined // many, return_inverse=True)
        return Links(len(self.bodies), keys // n, keys % n, link.astype(np.int64), joined % many)

    def holders(self, role: str) -> NDArray[np.bool_]:
        """Return which bodies hold a role at least once; of `all`, any."""
        found = np.zeros(len(self.bodies), dtype=np.bool_)
        found[self.body[self._in(role)]] = True
        return found

    def _in(self, role: str) -> NDArray[np.bool_]:
        if role == "all":
            return np.ones(len(self.role), dtype=np.bool_)
        return np.isin(self.role, GIVING) if role == GIVER else np.asarray(self.role == role)

    def projects_in(self, role: str, case_weights: Floats) -> Floats:
        """Return in how many cases each body holds a role, each case as often as its weight says."""
        body, case = self._once(role)
        counts = np.bincount(body, weights=case_weights[case], minlength=len(self.bodies))
        return np.asarray(counts, dtype=float)

    def _once(self, role: str) -> tuple[Integers, Integers]:
        """Body and case of a role, each pair once; kept, because resampling asks for it again and again."""
        if role not in self._pairs:
            chosen, many = self._in(role), max(1, len(self.projects))
            once = np.unique(self.body[chosen] * many + self.case[chosen])
            self._pairs[role] = (once // many, once % many)
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
    import pandas as pd

    rows = participations if basis == "all" else participations[participations["basis"] != "inferred"]
    groups = organizations.loc[organizations["kind"] == "group", "organization_id"]
    rows = rows[~rows["organization_id"].isin(groups)]
    case, projects = pd.factorize(rows["project_id"], sort=True)
    body, bodies = pd.factorize(rows["organization_id"], sort=True)
    grant, _ = pd.factorize(rows["grant_id"].where(rows["grant_id"] != ""))
    return Cases(
        tuple(bodies), tuple(projects), case.astype(np.int64), body.astype(np.int64),
        rows["role"].to_numpy(dtype=object), grant.astype(np.int64),
        (rows["basis"] != "inferred").to_numpy(dtype=np.bool_),
    )  # fmt: skip
