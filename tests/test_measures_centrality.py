"""Measures of nodes: the same numbers as networkx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cega_graph.measures import centrality

EDGES = st.integers(2, 12).flatmap(
    lambda n: st.tuples(
        st.just(n),
        st.dictionaries(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] < e[1]),
            st.integers(1, 4),
            max_size=24,
        ),
    )
)


def matrix_of(graph: Any) -> Any:
    return nx.to_scipy_sparse_array(graph, format="csr", dtype=float)  # type: ignore[call-overload]


def undirected(n: int, edges: dict[tuple[int, int], int]) -> nx.Graph[int]:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in edges.items())
    return graph


def close(found: np.ndarray, expected: Mapping[Any, float], tolerance: float = 1e-9) -> None:
    np.testing.assert_allclose(found, [expected[n] for n in range(len(found))], atol=tolerance)


@settings(max_examples=30)
@given(EDGES)
def test_undirected_measures_equal_networkx(drawn: tuple[int, dict[tuple[int, int], int]]) -> None:
    """Isolated bodies and several parts included."""
    graph = undirected(*drawn)
    matrix = matrix_of(graph)
    close(centrality.degree(matrix), dict(graph.degree()))
    close(centrality.strength(matrix), dict(graph.degree(weight="weight")))
    close(centrality.betweenness(matrix), nx.betweenness_centrality(graph))
    close(centrality.harmonic(matrix), nx.harmonic_centrality(graph))
    close(centrality.core(matrix), nx.core_number(graph))
    close(centrality.constraint(matrix), nx.constraint(graph, weight="weight"))
    assert set(np.flatnonzero(centrality.articulation(matrix))) == set(nx.articulation_points(graph))
    parts = centrality.components(matrix)
    assert len(set(parts)) == nx.number_connected_components(graph)
    assert all(parts[a] == parts[b] for a, b in graph.edges)


@settings(max_examples=30)
@given(EDGES)
def test_pagerank_equals_networkx_with_weights_and_dead_ends(drawn: tuple[int, dict[tuple[int, int], int]]) -> None:
    n, edges = drawn
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((a, b, w) for (a, b), w in edges.items())
    matrix = matrix_of(graph)
    close(centrality.pagerank(matrix), nx.pagerank(graph, tol=1e-13, max_iter=1000), 1e-8)


def test_hits_equal_networkx_on_a_connected_network() -> None:
    graph = nx.gnp_random_graph(30, 0.2, seed=2, directed=True)
    hubs, authorities = centrality.hits(matrix_of(graph))
    expected_hubs, expected_authorities = nx.hits(graph)
    close(hubs, expected_hubs)
    close(authorities, expected_authorities)


def test_large_networks_get_harmonic_closeness_and_constraint_for_the_best_connected_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the same numbers as in a small one."""
    matrix = matrix_of(nx.barabasi_albert_graph(60, 2, seed=1))
    whole = {f.__name__: f(matrix) for f in (centrality.harmonic, centrality.constraint)}
    monkeypatch.setattr(centrality, "_SLOW_ABOVE", 10)
    monkeypatch.setattr(centrality, "TOP", 7)
    best = np.sort(np.lexsort((np.arange(60), -centrality.degree(matrix)))[:7])
    for measure in (centrality.harmonic, centrality.constraint):
        some = measure(matrix)
        np.testing.assert_array_equal(np.flatnonzero(~np.isnan(some)), best)
        np.testing.assert_allclose(some[best], whole[measure.__name__][best])


def test_a_network_without_links_has_measures_too() -> None:
    for n in (1, 3):
        matrix = matrix_of(nx.empty_graph(n))
        for measure in (centrality.degree, centrality.strength, centrality.core, centrality.betweenness,
                        centrality.harmonic, centrality.articulation):  # fmt: skip
            np.testing.assert_array_equal(measure(matrix), np.zeros(n))
        np.testing.assert_allclose(centrality.pagerank(matrix), np.full(n, 1 / n))
        assert np.isnan(centrality.constraint(matrix)).all()
