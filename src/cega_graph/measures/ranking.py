"""Rankings that say what they count, what rests on a rule, and whether they survive leaving a case out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.errors import UnknownIdentifier
from cega_graph.measures import centrality
from cega_graph.measures.cases import BASES, GIVER, SINGLY_UP_TO, to_cases
from cega_graph.measures.codes import listed
from cega_graph.measures.tallies import NOT_RANKED
from cega_graph.network import GIVING
from cega_graph.vocabulary import roles

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from cega_graph.measures.cases import Cases, Floats


BLOCKS: Final = 100
RESAMPLES: Final = 200


@dataclass(frozen=True)
class Measure:
    """What a measure counts. `score` takes cases, role and the weight of each case.

    `estimated_from` tells at how many bodies the paths begin from which scores are estimated, 0 if they are exact.
    """

    name: str
    projection: str
    score: Callable[[Cases, str, Floats], Floats]
    weight: str
    title_en: str
    title_zh: str
    cheap: bool = False
    ascending: bool = False
    estimated_from: Callable[[csr_array], int] | None = None


def _flow(cases: Cases, role: str, weights: Floats) -> csr_array:
    """The funding projection, turned so that what counts for the role leads away from the body."""
    matrix = cases.funding.weighted(weights)
    return matrix.T.tocsr() if role == "grantee" else matrix


def _partners(cases: Cases, _: str, weights: Floats) -> csr_array:
    return cases.partnership.weighted(weights)


def _over(
    matrix: Callable[[Cases, str, Floats], csr_array], score: Callable[[csr_array], Floats]
) -> Callable[[Cases, str, Floats], Floats]:
    return lambda cases, role, weights: score(matrix(cases, role, weights))


def _pagerank(cases: Cases, role: str, weights: Floats) -> Floats:
    """Rank flows towards the role: to grantees along the money, to givers against it, else among partners."""
    if role in _IN_FUNDING:
        return centrality.pagerank(_flow(cases, role, weights).T)
    return centrality.pagerank(_partners(cases, role, weights))


def _hits(cases: Cases, role: str, weights: Floats) -> Floats:
    """Hubs of the money for givers, authorities for grantees; among partners both are the same."""
    matrix = _flow(cases, role, weights) if role in _IN_FUNDING else _partners(cases, role, weights)
    return centrality.hits(matrix)[0]


def _strength(cases: Cases, role: str, weights: Floats) -> Floats:
    matrix = _flow(cases, role, weights) if role in _IN_FUNDING else _partners(cases, role, weights)
    return centrality.strength(matrix)


_IN_FUNDING: Final = frozenset({"funder", "intermediary", "grantee"})
_PROJECTS: Final = "shared projects"

_ALL: Final = (
    Measure("projects", "none", lambda c, role, w: c.projects_in(role, w), "none", "projects", "项目数", cheap=True),
    Measure("partners", "partnership", _over(_partners, centrality.degree), "none", "partners reached", "合作机构数",
            cheap=True),
    Measure("grantees", "funding", _over(_flow, centrality.degree), "none",
            "bodies at the other end of the money", "资金另一端的机构数", cheap=True),
    Measure("strength", "by role", _strength, _PROJECTS, "strength", "强度", cheap=True),
    Measure("pagerank", "by role", _pagerank, _PROJECTS, "PageRank", "PageRank", cheap=True),
    Measure("hits", "by role", _hits, _PROJECTS, "HITS", "HITS"),
    Measure("betweenness", "partnership", _over(_partners, centrality.betweenness), "none",
            "betweenness", "中介中心性", estimated_from=centrality.estimated_from),
    Measure("closeness", "partnership", _over(_partners, centrality.harmonic), "none",
            "harmonic closeness", "调和接近中心性"),
    Measure("constraint", "partnership", _over(_partners, centrality.constraint), _PROJECTS,
            "constraint (low: connects bodies that do not meet)", "约束度（低者为桥梁）", ascending=True),
    Measure("articulation", "partnership", _over(_partners, centrality.articulation), "none", "cut point", "割点"),
    Measure("core", "partnership", _over(_partners, centrality.core), "none", "core number", "核数"),
)  # fmt: skip

MEASURES: Final = {measure.name: measure for measure in _ALL}
"""Name → measure, in the order in which they are listed."""

_DIRECTIONS: Final = {
    ("funding", "grantee"): "grantee ← funder or intermediary",
    ("funding", ""): "funder or intermediary → grantee",
    ("partnership", ""): "undirected: bodies that share a project, in whatever roles",
    ("none", ""): "none: a count of projects",
}


def rank(  # noqa: PLR0913 - switches
    participations: pd.DataFrame, organizations: pd.DataFrame, role: str = "all", *, by: str = "projects",
    basis: str = "all", top: int = 10, seed: int = 1, individuals: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Return bodies ranked by a measure, with what the rank rests on.

    Args:
        participations: The table; in any order. Not changed.
        organizations: The table.
        role: A role, whose holders are ranked, or `all`.
        by: A name of `MEASURES`.
        basis: `all`, or `stated` to leave inferred participations out.
        top: For `top_share`.
        seed: Of blocks and resamples.
        individuals: Rank persons too.

    Returns:
        One row a body that holds the role, groups (and persons, unless asked for) left out, by rank, then id: `rank`
        (equal scores share the best), `tied` (how many share it), `organization_id`, `name`,
        `name_en`, `kind`, `score`, `projects` (cases with the role), `stated_share` (share of the
        rows that give the role which are stated, 0–1; in the funding projection `projects` and
        `stated_share` of a giver are those of either giving role, as is its score),
        `rank_min`, `rank_max` (over all runs that
        leave a case out, the body's own included: without its only case it ranks last), `top_share`
        (share of resamples, cases drawn with replacement, that rank it in the best `top`).
        `attrs["about"]` says projection, direction, weight, counts and how ranges were made; `unranked` is
        kind → how many of that kind hold the role and are not ranked. `estimated_from` is there if the scores are
        estimated: from so many bodies, chosen by a fixed seed.

    Raises:
        UnknownIdentifier: No such role, measure or basis.
    """
    measure = _checked(role, by, basis)
    cases = to_cases(participations, organizations, basis=basis)
    kinds = dict(zip(listed(organizations["organization_id"]), listed(organizations["kind"]), strict=True))
    unranked = NOT_RANKED - {"person"} if individuals else NOT_RANKED
    ranked = cases.holders(role) & np.array([kinds.get(b) not in unranked for b in cases.bodies], dtype=np.bool_)
    ones = np.ones(len(cases.projects))
    run = _Run(cases, role, measure, ranked)
    score = run.scores(ones)
    places = places_of(score, ascending=measure.ascending)
    projection = measure.projection
    if projection == "by role":
        projection = "funding" if role in _IN_FUNDING else "partnership"
    counted = GIVER if projection == "funding" and role in GIVING else role
    low, high, how = _ranges(run, places, seed)
    often, resamples = _top_share(run, top, seed)
    frame = _framed(cases, organizations, ranked, {
        "rank": places, "tied": _tied(places), "score": score, "projects": cases.projects_in(counted, ones)[ranked],
        "stated_share": cases.stated_share(counted)[ranked], "rank_min": low, "rank_max": high, "top_share": often,
    })  # fmt: skip
    frame.attrs["about"] = {
        "role": role, "by": by, "projection": projection,
        "direction": _DIRECTIONS.get((projection, role)) or _DIRECTIONS[projection, ""],
        "weight": measure.weight, "order": "ascending" if measure.ascending else "descending", "basis": basis,
        "bodies": len(frame), "cases": len(cases.projects),
        "unranked": _unranked(participations, kinds, role, basis, unranked),
        "left_out": how, "top": top, "resamples": resamples, "seed": seed,
        "individuals": individuals,
    }  # fmt: skip
    if measure.estimated_from and (n := measure.estimated_from(_partners(cases, role, ones))):
        frame.attrs["about"]["estimated_from"] = n
    return frame


def _unranked(
    participations: pd.DataFrame, kinds: dict[str, str], role: str, basis: str, unranked: frozenset[str]
) -> dict[str, int]:
    """Return kind → how many of the kind hold the role, of the kinds that are not ranked."""
    held = participations["role"].notna() if role == "all" else participations["role"] == role
    counts = held if basis == "all" else held & (participations["basis"] != "inferred")
    found = [kinds.get(body) for body in listed(participations.loc[counts, "organization_id"].drop_duplicates())]
    return {kind: found.count(kind) for kind in sorted(unranked)}


def scores(
    participations: pd.DataFrame, organizations: pd.DataFrame, *, by: str, basis: str = "all"
) -> dict[str, float]:
    """Return body → score by a measure, over all bodies and roles, without rank and ranges.

    Raises:
        UnknownIdentifier: No such measure or basis.
    """
    measure = _checked("all", by, basis)
    cases = to_cases(participations, organizations, basis=basis)
    found = _rounded(measure.score(cases, "all", np.ones(len(cases.projects))))
    return dict(zip(cases.bodies, found.tolist(), strict=True))


def _checked(role: str, by: str, basis: str) -> Measure:
    for what, value, known in (("role", role, ("all", *roles())), ("measure", by, MEASURES), ("basis", basis, BASES)):
        if value not in known:
            message = f"{what} {value!r} is not known; there are {', '.join(known)}"
            raise UnknownIdentifier(message)
    return MEASURES[by]


def _rounded(score: Floats) -> Floats:
    """Ten significant digits: what differs beyond them is the order of additions, and a tie."""
    small = ~np.isfinite(score) | (np.abs(score) < 1e-15)
    size = 10 ** (9 - np.floor(np.log10(np.where(small, 1, np.abs(score)))))
    return np.where(small, np.where(np.isnan(score), np.nan, 0.0), np.round(score * size) / size)


def places_of(score: Floats, *, ascending: bool = False) -> Floats:
    """Return the rank of each score, equal ones sharing the best; what has no score shares the last.

    >>> places_of(np.array([5.0, 7.0, 5.0, np.nan]))
    array([2., 1., 2., 4.])
    """
    key = np.where(np.isnan(score), np.inf, score if ascending else -score)
    ordered = np.sort(key)
    return np.searchsorted(ordered, key, side="left").astype(float) + 1


def _tied(places: Floats) -> Floats:
    _, where, counts = np.unique(places, return_inverse=True, return_counts=True)
    return counts[where].astype(float)


@dataclass(frozen=True)
class _Run:
    """A ranking that can be repeated with other weights of the cases."""

    cases: Cases
    role: str
    measure: Measure
    ranked: NDArray[np.bool_]

    def scores(self, weights: Floats) -> Floats:
        return _rounded(self.measure.score(self.cases, self.role, weights))[self.ranked]

    def places(self, weights: Floats) -> Floats:
        return places_of(self.scores(weights), ascending=self.measure.ascending)


def _ranges(run: _Run, places: Floats, seed: int) -> tuple[Floats, Floats, str]:
    """Return the best and worst rank over all runs that leave something out, and what they left out."""
    n = len(run.cases.projects)
    if n <= SINGLY_UP_TO:
        blocks = [np.array([case]) for case in range(n)]
        how = f"each of {n} cases in turn"
    elif run.measure.cheap:
        blocks = np.array_split(np.random.default_rng(seed).permutation(n), BLOCKS)
        how = f"each of {BLOCKS} seeded blocks of {n} cases in turn"
    else:
        unknown = np.full(len(places), np.nan)
        return unknown, unknown, f"nothing: above {SINGLY_UP_TO} cases only for counts, strength and PageRank"
    low, high = places.copy(), places.copy()
    for block in blocks:
        weights = np.ones(n)
        weights[block] = 0
        found = run.places(weights)
        np.minimum(low, found, out=low)
        np.maximum(high, found, out=high)
    return low, high, how


def _top_share(run: _Run, top: int, seed: int) -> tuple[Floats, int]:
    n, many = len(run.cases.projects), int(run.ranked.sum())
    resamples = RESAMPLES if n <= SINGLY_UP_TO else BLOCKS if run.measure.cheap else 0
    if n == 0 or resamples == 0:
        return np.full(many, np.nan), 0
    random = np.random.default_rng(seed)
    hits = np.zeros(many)
    for _ in range(resamples):
        weights = np.bincount(random.integers(0, n, n), minlength=n).astype(float)
        hits += run.places(weights) <= top
    return hits / resamples, resamples


def _framed(
    cases: Cases, organizations: pd.DataFrame, ranked: NDArray[np.bool_], columns: dict[str, Floats]
) -> pd.DataFrame:
    import pandas as pd

    ids = [body for body, chosen in zip(cases.bodies, ranked, strict=True) if chosen]
    about = organizations.drop_duplicates("organization_id").set_index("organization_id")
    known = about[["name", "name_en", "kind"]].reindex(ids)
    frame = pd.DataFrame({"organization_id": pd.Series(ids, dtype="str"), **columns})
    for column in ("name", "name_en", "kind"):
        frame[column] = known[column].fillna("").astype("str").to_numpy()
    for column in ("rank", "tied", "projects", "rank_min", "rank_max"):
        frame[column] = frame[column].astype("Int64")
    order = ["rank", "tied", "organization_id", "name", "name_en", "kind", "score", "projects", "stated_share",
             "rank_min", "rank_max", "top_share"]  # fmt: skip
    return frame[order].sort_values(["rank", "organization_id"], ignore_index=True)
