"""Betweenness of thousands of bodies: many searches at once, each step of them one product of a sparse matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from cega_graph.measures.cases import Floats, Integers

_CELLS: Final = 1 << 20
"""Bodies times searches that are held at once, in some matrices of 8 MB."""

_MOST_STEPS: Final = 3e10
"""What all searches may take, in additions: some 40 seconds. Where all would take more, fewer bodies begin paths."""

_FEWEST: Final = 20
"""Bodies at which paths begin at the least."""


def betweenness_of_many(matrix: csr_array) -> Floats:
    """Return the share of shortest paths through each body of an undirected network, weights aside, 0–1.

    Of all pairs of others, as networkx normalises it; pairs without a path count as pairs. Where `n_beginnings`
    says so, the shares are estimated from paths that begin at seeded bodies.

    Args:
        matrix: Symmetric, without loops.

    Source: U. Brandes, A faster algorithm for betweenness centrality (2001); what hangs on the network by one
    link is folded first, after A. E. Sarıyüce et al., Shattering and compressing networks for betweenness
    centrality (2013); seeded beginnings after U. Brandes and C. Pich, Centrality estimation in large networks (2007).
    """
    n = matrix.shape[0]
    through, size, kept = fold_loose_ends(matrix)
    places = np.flatnonzero(kept)
    if len(places):
        core = _ones(matrix)[places][:, places].tocsr()
        starts = np.arange(len(places))
        if n_starts := _affordable(core):
            starts = np.sort(np.random.default_rng(1).choice(len(places), n_starts, replace=False))
        through[places] += paths_from(core, starts, size[places]) / 2
    return np.asarray(through / max(1, (n - 1) * (n - 2) / 2))


def n_beginnings(matrix: csr_array) -> int:
    """Return at how many bodies the paths begin from which `betweenness_of_many` estimates; 0 if at all bodies."""
    _, _, kept = fold_loose_ends(matrix)
    places = np.flatnonzero(kept)
    return _affordable(_ones(matrix)[places][:, places].tocsr()) if len(places) else 0


def _ones(matrix: csr_array) -> csr_array:
    from scipy.sparse import csr_array

    return csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)


def _affordable(core: csr_array) -> int:
    from scipy.sparse.csgraph import dijkstra

    hub = int(np.argmax(np.diff(core.indptr)))
    steps = dijkstra(core, indices=hub, unweighted=True)
    depth = 2 * int(steps[np.isfinite(steps)].max())
    n = int(_MOST_STEPS / (2 * depth * (core.nnz + 8 * core.shape[0])))
    return 0 if n >= core.shape[0] else max(n, min(_FEWEST, core.shape[0]))


def paths_from(core: csr_array, starts: Integers, weights: Floats) -> Floats:
    """Return the sum over ordered pairs of bodies of the share of their shortest paths that leads through each body.

    Args:
        core: Symmetric, of ones.
        starts: Where paths begin; if these are not all bodies, the sum is scaled to all.
        weights: How many bodies each one stands for; a pair counts as often as the product says.
    """
    through = np.zeros(core.shape[0])
    at_once = max(1, _CELLS // core.shape[0])
    for at in range(0, len(starts), at_once):
        some = starts[at : at + at_once]
        through += _dependencies(core, some, weights) @ weights[some]
    return np.asarray(through * (weights.sum() / weights[starts].sum()))


def _dependencies(core: csr_array, starts: Integers, weights: Floats) -> Floats:
    """Return for each body (row) how much of the paths from each start (column) to all others leads through it."""
    each = np.arange(len(starts))
    depth = np.full((core.shape[0], len(starts)), -1, dtype=np.int32)
    n_paths = np.zeros(depth.shape)
    depth[starts, each], n_paths[starts, each] = 0, 1
    front, level = n_paths.copy(), 0
    while True:
        front = core @ front
        front[depth >= 0] = 0
        is_new = front > 0
        if not is_new.any():
            break
        level += 1
        depth[is_new] = level
        n_paths += front
    behind = np.zeros(depth.shape)
    for at in range(level, 1, -1):
        share = np.zeros(depth.shape)
        np.divide(behind + weights[:, None], n_paths, out=share, where=depth == at)
        share = core @ share
        np.multiply(share, n_paths, out=behind, where=depth == at - 1)
    return behind


def fold_loose_ends(matrix: csr_array) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Fold each body of an undirected network that has one partner left into that one, until there is none.

    Args:
        matrix: Symmetric, without loops.

    Returns:
        For each body the pairs whose path leads through it because of what was folded; how many bodies it stands
        for, itself included; and whether it still has partners.
    """
    from scipy.sparse.csgraph import connected_components

    n = matrix.shape[0]
    part = connected_components(matrix, directed=False)[1]
    through, size = np.zeros(n), np.ones(n)
    n_partners = np.diff(matrix.indptr).astype(np.int64)
    partners = (_ones(matrix) @ np.arange(n)).astype(np.int64)
    # The sum of the numbers of the partners; of a body with one partner, that partner.
    while len(loose := np.flatnonzero(n_partners == 1)):
        ends = partners[loose]
        goes = (n_partners[ends] > 1) | (loose > ends)
        for one, end in zip(loose[goes].tolist(), ends[goes].tolist(), strict=True):
            through[end] += (size[end] - 1) * size[one]
            size[end] += size[one]
            n_partners[one] = 0
            n_partners[end] -= 1
            partners[end] -= one
    through += (size - 1) * (np.bincount(part, minlength=1)[part] - size)
    return through, size, n_partners > 0
