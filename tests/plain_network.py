"""The parts of a network that pages show, said plainly with networkx; `cega_graph.excerpt` finds them by columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    Network = nx.MultiDiGraph[str]


def neighbourhood(network: Network, node: str, *, steps: int) -> Network:
    """Return the part of a network that lies within some edges of a node, whatever their direction."""
    near = nx.single_source_shortest_path_length(network.to_undirected(as_view=True), node, cutoff=steps)
    return network.subgraph(near)


def without_individuals(network: Network) -> Network:
    """Return a network without the persons that only rows of files name (basis `record`)."""
    bases: dict[str, set[str]] = defaultdict(set)
    for source, target, cells in network.edges(data=True):
        bases[source].add(cells["basis"])
        bases[target].add(cells["basis"])
    hidden = {
        node
        for node, cells in network.nodes(data=True)
        if cells["kind"] == "person" and bases[node] and bases[node] <= {"record", "inferred"}
    }
    return network.subgraph(set(network) - hidden)


def most_connected(network: Network, n: int, *, focus: str = "") -> Network:
    """Return the part of a network that holds at most `n` nodes: nearness first, then neighbours, then the lower id."""
    far = nx.single_source_shortest_path_length(network.to_undirected(as_view=True), focus) if focus else {}
    degrees = {node: len(set(nx.all_neighbors(network, node))) for node in network}
    ranked = sorted(network, key=lambda node: (far.get(node, len(network)), -degrees[node], node))
    part = network.subgraph(ranked[:n])
    cut = [node for node in part if not part.degree(node) and degrees[node] and node != focus]
    return network.subgraph(set(part) - set(cut))


def among(network: Network, nodes: Iterable[str]) -> Network:
    """Return the part that some nodes make up; of bodies alone, with the projects that join at least two of them."""
    chosen = set(nodes)
    projects = {node for node, about in network.nodes.items() if about["type"] == "project"}
    if not chosen & projects:
        around = {node: {*network.predecessors(node), *network.successors(node)} for node in projects}
        chosen |= {node for node in projects if len(chosen & around[node]) > 1}
    return network.subgraph(chosen)
