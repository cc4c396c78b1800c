"""Betweenness of large networks: the same numbers as networkx, or an estimate that says so."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cega_graph.measures import centrality, paths
from cega_graph.measures.paths import betweenness_of_many, fold_loose_ends, n_beginnings
from cega_graph.measures.ranking import rank
from cega_graph.measures.words import about_rank
from test_measures_centrality import EDGES, close, matrix_of, undirected
from test_rank import BODIES, ROWS


@settings(max_examples=60)
@given(drawn=EDGES, cells=st.sampled_from([1, 7, 1 << 20]))
def test_any_network(drawn: tuple[int, dict[tuple[int, int], int]], cells: int) -> None:
    """Isolated bodies, several parts, loose ends; one search at a time or many."""
    graph = undirected(*drawn)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "_CELLS", cells)
        close(betweenness_of_many(matrix_of(graph)), nx.betweenness_centrality(graph), 1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_trees_and_trees_on_a_core(seed: int) -> None:
    """Which are folded whole, or down to the core."""
    tree: Any = nx.random_labeled_tree(30, seed=seed)
    close(betweenness_of_many(matrix_of(tree)), nx.betweenness_centrality(tree), 1e-12)
    through, size, kept = fold_loose_ends(matrix_of(tree))
    assert not kept.any()
    assert size.max() == 30
    between = [d - 1 for _, lengths in nx.all_pairs_shortest_path_length(tree) for d in lengths.values() if d]
    assert through.sum() == sum(between) / 2
    core = nx.compose(nx.gnp_random_graph(12, 0.4, seed=seed), tree)
    close(betweenness_of_many(matrix_of(core)), nx.betweenness_centrality(core), 1e-12)


def test_paths_of_many_steps() -> None:
    """A ring, where each search goes half round."""
    ring: Any = nx.cycle_graph(41)
    close(betweenness_of_many(matrix_of(ring)), nx.betweenness_centrality(ring), 1e-12)


def test_what_would_take_too_long_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a fixed choice of bodies, the same each time; nearer with more of them."""
    graph = nx.barabasi_albert_graph(400, 3, seed=1)
    matrix, exact = matrix_of(graph), np.array(list(nx.betweenness_centrality(graph).values()))
    assert n_beginnings(matrix) == 0
    errors = []
    for most in (0, 2e6, 1e7):
        monkeypatch.setattr(paths, "_MOST_STEPS", most)
        found = betweenness_of_many(matrix)
        np.testing.assert_array_equal(found, betweenness_of_many(matrix))
        errors.append((n_beginnings(matrix), float(np.abs(found - exact).sum() / exact.sum())))
    assert [n for n, _ in errors] == sorted(n for n, _ in errors)
    assert errors[0][0] == 20
    assert errors[0][1] > errors[1][1] > errors[2][1]
    assert errors[2][1] < 0.2


def test_small_and_large_networks_have_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever way they are computed."""
    matrix = matrix_of(nx.gnp_random_graph(60, 0.1, seed=4))
    one_by_one = centrality.betweenness(matrix)
    monkeypatch.setattr(centrality, "_AT_ONCE_ABOVE", 0)
    np.testing.assert_allclose(centrality.betweenness(matrix), one_by_one, atol=1e-13)


def test_an_estimate_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """In both languages, and only where it is one."""
    about = rank(ROWS, BODIES, by="betweenness").attrs["about"]
    assert "estimated_from" not in about
    assert not any("estimated" in line for line in about_rank(about, "en"))
    monkeypatch.setattr(centrality, "_AT_ONCE_ABOVE", -1)
    monkeypatch.setattr(paths, "_MOST_STEPS", 0)
    monkeypatch.setattr(paths, "_FEWEST", 2)
    about = rank(ROWS, BODIES, by="betweenness").attrs["about"]
    assert about["estimated_from"] == 2
    assert "estimated, from the paths that begin at 2 bodies chosen at random" in about_rank(about, "en")[0]
    assert "得分为估计值：只计从随机选定的 2 个机构出发的路径" in about_rank(about, "zh")[0]
