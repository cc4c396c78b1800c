"""Measures of the nodes of a network that is given as a sparse matrix, source × target.

Each equals networkx on the same graph (tests), and takes seconds at a million links.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from cega_graph.measures.paths import betweenness_of_many, n_beginnings

if TYPE_CHECKING:
    import rustworkx as rx
    from scipy.sparse import csr_array

    from cega_graph.measures.cases import Floats, Integers

DAMPING: Final = 0.85
_TOLERANCE: Final = 1e-12
_MOST_STEPS: Final = 1000
_LOST: Final = 1e-10
"""Scores of HITS below it belong to weaker parts of the network, which fade with every step."""
_SLOW_ABOVE: Final = 5000
"""Nodes above which harmonic closeness and constraint are computed for the best connected alone."""

_AT_ONCE_ABOVE: Final = 2_000_000
"""Bodies times links above which many searches for shortest paths are made at once, rather than one by one."""

TOP: Final = 200
"""How many those are."""


def degree(matrix: csr_array) -> Floats:
    """Return how many bodies each one leads to.

    >>> from scipy.sparse import csr_array
    >>> degree(csr_array([[0, 2, 1], [0, 0, 0], [0, 5, 0]]))
    array([2., 0., 1.])
    """
    return np.asarray(np.diff(matrix.indptr), dtype=float)


def strength(matrix: csr_array) -> Floats:
    """Return the sum of the weights of the links that lead away from each body, in units of the weight.

    >>> from scipy.sparse import csr_array
    >>> strength(csr_array([[0, 2, 1], [0, 0, 0], [0, 5, 0]]))
    array([3., 0., 5.])
    """
    return np.asarray(matrix.sum(axis=1), dtype=float).ravel()


def pagerank(matrix: csr_array, *, damping: float = DAMPING) -> Floats:
    """Return weighted PageRank; it sums to 1.

    A body that leads nowhere passes its rank to all alike, as in networkx (scikit-network does
    otherwise). The tolerance is on the sum of changes, so it does not loosen as the network grows.
    """
    n = matrix.shape[0]
    if n == 0:
        return np.zeros(0)
    out = strength(matrix)
    share = np.divide(1.0, out, out=np.zeros(n), where=out > 0)
    flow = matrix.T
    dangling = out == 0
    rank = np.full(n, 1 / n)
    for _ in range(_MOST_STEPS):
        before = rank
        rank = damping * (flow @ (before * share) + before[dangling].sum() / n) + (1 - damping) / n
        if np.abs(rank - before).sum() < _TOLERANCE:
            break
    return rank


def hits(matrix: csr_array) -> tuple[Floats, Floats]:
    """Return hub and authority scores, each of which sums to 1 (or is 0 in a network without links).

    By power iteration from equal scores: where two parts of the network are equally strong, both
    keep their share, which singular vectors leave open.
    """
    n = matrix.shape[0]
    hubs = np.full(n, 1 / max(n, 1))
    back = matrix.T
    for _ in range(_MOST_STEPS):
        before = hubs
        hubs = _to_sum_one(matrix @ (back @ before))
        if np.abs(hubs - before).sum() < _TOLERANCE:
            break
    hubs[hubs < _LOST] = 0
    return hubs, _to_sum_one(back @ hubs)


def _to_sum_one(values: Floats) -> Floats:
    total = values.sum()
    return values / total if total > 0 else values


def components(matrix: csr_array) -> Integers:
    """Return for each body the number of its connected part, from 0, directions and weights aside.

    >>> from scipy.sparse import csr_array
    >>> components(csr_array([[0, 1, 0], [0, 0, 0], [0, 0, 0]]))
    array([0, 0, 1])
    """
    from scipy.sparse.csgraph import connected_components

    _, part = connected_components(matrix, directed=False)
    return np.asarray(part, dtype=np.int64)


def core(matrix: csr_array) -> Floats:
    """Return the core number of each body in an undirected network, weights aside.

    The largest k such that the body belongs to a part in which everyone has k partners; 0 without links.

    Args:
        matrix: Symmetric.
    """
    if matrix.nnz == 0:
        return np.zeros(matrix.shape[0])
    from scipy.sparse import csr_matrix
    from sknetwork.topology import get_core_decomposition

    ones = csr_matrix((np.ones(matrix.nnz, dtype=bool), matrix.indices, matrix.indptr), shape=matrix.shape)
    return np.asarray(get_core_decomposition(ones), dtype=float)


def _undirected(matrix: csr_array) -> rx.PyGraph[int | None, None]:
    import rustworkx as rx

    graph: rx.PyGraph[int | None, None] = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(list(range(matrix.shape[0])))
    rows, columns = matrix.nonzero()
    once = rows < columns
    graph.extend_from_edge_list(list(zip(rows[once].tolist(), columns[once].tolist(), strict=True)))
    return graph


def betweenness(matrix: csr_array) -> Floats:
    """Return the share of shortest paths through each body of an undirected network, weights aside.

    Of all pairs of others, 0–1, as networkx normalises it; pairs without a path count as pairs. Exact, unless
    `estimated_from` says otherwise.

    Args:
        matrix: Symmetric.
    """
    import rustworkx as rx

    if matrix.shape[0] == 0:
        return np.zeros(0)
    if matrix.shape[0] * matrix.nnz > _AT_ONCE_ABOVE:
        return betweenness_of_many(matrix)
    found = rx.graph_betweenness_centrality(_undirected(matrix), normalized=True)
    return np.array([found[n] for n in range(matrix.shape[0])], dtype=float)


def estimated_from(matrix: csr_array) -> int:
    """Return at how many bodies the paths begin from which `betweenness` is estimated; 0 if it is exact."""
    return n_beginnings(matrix) if matrix.shape[0] * matrix.nnz > _AT_ONCE_ABOVE else 0


def articulation(matrix: csr_array) -> Floats:
    """Return 1.0 for each body whose removal cuts its part of an undirected network in two or more, else 0.0.

    Args:
        matrix: Symmetric.
    """
    import rustworkx as rx

    cuts = np.zeros(matrix.shape[0])
    cuts[list(rx.articulation_points(_undirected(matrix)))] = 1
    return cuts


def _chosen(matrix: csr_array) -> Integers:
    """Return all nodes, or the best connected of a large network."""
    n = matrix.shape[0]
    if n <= _SLOW_ABOVE:
        return np.arange(n)
    return np.sort(np.lexsort((np.arange(n), -degree(matrix)))[:TOP])


def harmonic(matrix: csr_array) -> Floats:
    """Return harmonic closeness in an undirected network: the sum of 1 / steps to every other body, weights aside.

    NaN beyond the 200 best connected of a network of more than 5,000 bodies.
    """
    from scipy.sparse.csgraph import dijkstra

    scores = np.full(matrix.shape[0], np.nan)
    chosen = _chosen(matrix)
    for start in range(0, len(chosen), 50):
        some = chosen[start : start + 50]
        steps = np.atleast_2d(dijkstra(matrix, directed=True, indices=some, unweighted=True))
        near = np.divide(1.0, steps, out=np.zeros_like(steps), where=steps > 0)
        scores[some] = near.sum(axis=1)
    return scores


def constraint(matrix: csr_array) -> Floats:
    """Return Burt's constraint in an undirected weighted network; NaN of a body without links.

    Low constraint: its partners do not know each other. NaN also beyond the 200 best connected of a
    network of more than 5,000 bodies.

    Source: R. S. Burt, Structural Holes (1992), as networkx defines it.
    """
    from scipy.sparse import diags_array

    out = strength(matrix)
    share = np.divide(1.0, out, out=np.zeros(len(out)), where=out > 0)
    invested = (diags_array(share) @ matrix).tocsr()
    if matrix.shape[0] <= _SLOW_ABOVE:
        through = (invested + invested @ invested).multiply(matrix > 0)
        return np.where(out > 0, np.asarray(through.power(2).sum(axis=1)).ravel(), np.nan)
    scores = np.full(matrix.shape[0], np.nan)
    for node in _chosen(matrix):
        if out[node] == 0:
            continue
        partners = invested.indices[invested.indptr[node] : invested.indptr[node + 1]]
        direct = invested.data[invested.indptr[node] : invested.indptr[node + 1]]
        among = direct @ invested[partners]
        scores[node] = float(((np.asarray(among).ravel()[partners] + direct) ** 2).sum())
    return scores
