"""Rows → networkx: bodies and projects joined by roles, and the two projections on bodies alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING, Final

from cega_graph.model import Participation

if TYPE_CHECKING:
    import networkx as nx

    from cega_graph.dataset import Dataset

GIVING: Final = ("funder", "intermediary")
"""The roles through which money comes, in the projection `funding`."""


def to_network(dataset: Dataset) -> nx.MultiDiGraph[str]:
    """Return the network of bodies and projects.

    Returns:
        Node key: the id of the body or project, in sorted order. Node attributes, all texts: `type`
        (`organization` or `project`), `kind` (of a project: `project`), `label`, `label_en`,
        `member_of` (ids of networks, joined by `;`). Edge key: the participation id. Edge attributes:
        `role`, `basis`, `label`. An edge leads from the body to the project, of the role `grantee`
        from the project to the body. Bodies without a participation are nodes too.
    """
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    member_of: dict[str, set[str]] = defaultdict(set)
    for row in dataset.rows("memberships"):
        if row.status != "former" and row.role in {"member", "committee", "strategic_partner", "host"}:
            member_of[row.organization_id].add(row.network_id)
    for body in dataset.rows("organizations"):
        network.add_node(
            body.organization_id, type="organization", kind=body.kind, label=body.name, label_en=body.name_en,
            member_of=";".join(sorted(member_of[body.organization_id])),
        )  # fmt: skip
    for project in dataset.rows("projects"):
        network.add_node(
            project.project_id,
            type="project",
            kind="project",
            label=project.title,
            label_en=project.title_en,
            member_of="",
        )
    for row in dataset.rows("participations"):
        ends = (row.organization_id, row.project_id)
        source, target = ends if row.role != "grantee" else ends[::-1]
        network.add_edge(source, target, key=row.participation_id, role=row.role, basis=row.basis, label=row.label)
    return network


def neighbourhood(network: nx.MultiDiGraph[str], node: str, *, steps: int) -> nx.MultiDiGraph[str]:
    """Return the part of a network that lies within some edges of a node, whatever their direction. Not a view.

    >>> import networkx as nx
    >>> network = nx.MultiDiGraph([("o-1", "t-1"), ("t-1", "o-2"), ("o-2", "t-2")])
    >>> sorted(neighbourhood(network, "o-1", steps=2))
    ['o-1', 'o-2', 't-1']
    """
    import networkx as nx

    near = nx.single_source_shortest_path_length(network.to_undirected(as_view=True), node, cutoff=steps)
    return network.subgraph(near).copy()


def without_individuals(network: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """Return a network without the persons that only rows of files name (basis `record`). Not a view.

    People whom a casebook prints as participants stay.
    """
    bases: dict[str, set[str]] = defaultdict(set)
    for source, target, cells in network.edges(data=True):
        bases[source].add(cells["basis"])
        bases[target].add(cells["basis"])
    kinds: dict[str, object] = {node: cells["kind"] for node, cells in network.nodes(data=True)}
    hidden = [node for node, kind in kinds.items() if kind == "person" and bases[node] == {"record"}]
    return network.subgraph(set(network) - set(hidden)).copy() if hidden else network


def most_connected(network: nx.MultiDiGraph[str], n: int, *, focus: str | None = None) -> nx.MultiDiGraph[str]:
    """Return the part of a network that holds at most `n` nodes, those with the most neighbours. Not a view.

    With a focus, nearness comes first. Of equals the lower id stays; nodes that lose all their edges
    by this go as well.
    """
    import networkx as nx

    far: dict[str, int] = {}
    if focus is not None:
        far = dict(nx.single_source_shortest_path_length(network.to_undirected(as_view=True), focus))
    degrees = {node: len(set(nx.all_neighbors(network, node))) for node in network}
    ranked = sorted(network, key=lambda node: (far.get(node, len(network)), -degrees[node], node))
    part = network.subgraph(ranked[:n])
    cut = [node for node in part if not part.degree(node) and degrees[node] and node != focus]
    return network.subgraph(set(part) - set(cut)).copy()


def among(network: nx.MultiDiGraph[str], nodes: Iterable[str]) -> nx.MultiDiGraph[str]:
    """Return the part of a network that some bodies and projects make up. Not a view.

    Where no project is among them, the projects that join at least two of the bodies come along.

    >>> import networkx as nx
    >>> network = nx.MultiDiGraph([("o-1", "t-1"), ("t-1", "o-2"), ("o-2", "t-2")])
    >>> nx.set_node_attributes(network, {n: "project" if n[0] == "t" else "organization" for n in network}, "type")
    >>> sorted(among(network, ["o-1", "o-2"])), sorted(among(network, ["o-1", "t-2"]))
    (['o-1', 'o-2', 't-1'], ['o-1', 't-2'])
    """
    chosen = set(nodes)
    projects = {node for node, about in network.nodes.items() if about["type"] == "project"}
    if not chosen & projects:
        around = {node: {*network.predecessors(node), *network.successors(node)} for node in projects}
        chosen |= {node for node in projects if len(chosen & around[node]) > 1}
    return network.subgraph(chosen).copy()


def funding(participations: Iterable[Participation]) -> nx.DiGraph[str]:
    """Return who gives to whom: funders and intermediaries → grantees.

    Args:
        participations: Rows of the table, in any order; read once.

    Returns:
        Nodes: ids of bodies that stand at an end, without attributes. One edge a pair, in sorted order; a
        body is not joined to itself, nor are two that name different grants. Edge attributes: `basis`
        (`grant` where one grant names both, `project` where both only share a project, which says
        together, not who paid whom), `projects` (ids, joined by `;`), `n` (int, their number), `stated`
        (bool; False if only inferred roles join them).

    >>> import cega_graph as cg
    >>> funding(cg.load().dataset.rows("participations")).edges["o-5021e29a59", "o-751a32bbf3"]
    {'basis': 'project', 'projects': 'cega-2024-13', 'n': 1, 'stated': True}
    """
    givers: dict[str, list[Participation]] = defaultdict(list)
    takers: dict[str, list[Participation]] = defaultdict(list)
    for row in participations:
        if row.role in GIVING:
            givers[row.project_id].append(row)
        elif row.role == "grantee":
            takers[row.project_id].append(row)
    found: dict[tuple[str, str], tuple[set[str], set[str], set[bool]]] = {}
    for project_id in sorted(givers):
        for giver in givers[project_id]:
            for taker in takers[project_id]:
                _join(giver, taker, found)
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph()
    for (source, target), (projects, bases, stated) in sorted(found.items()):
        graph.add_edge(
            source, target, basis="grant" if "grant" in bases else "project", projects=";".join(sorted(projects)),
            n=len(projects), stated=True in stated,
        )  # fmt: skip
    return graph


def _join(
    giver: Participation, taker: Participation, found: dict[tuple[str, str], tuple[set[str], set[str], set[bool]]]
) -> None:
    if giver.organization_id == taker.organization_id:
        return
    if giver.grant_id and taker.grant_id and giver.grant_id != taker.grant_id:
        return
    projects, bases, stated = found.setdefault((giver.organization_id, taker.organization_id), (set(), set(), set()))
    projects.add(giver.project_id)
    bases.add("grant" if giver.grant_id and giver.grant_id == taker.grant_id else "project")
    stated.add(giver.basis != "inferred" and taker.basis != "inferred")


def partnership(participations: Iterable[Participation]) -> nx.Graph[str]:
    """Return which bodies share a project, in whatever roles.

    Args:
        participations: Rows of the table, in any order; read once. Persons and groups are joined like all
            others, and inferred roles count.

    Returns:
        Undirected; nodes without attributes, bodies without a partner left out. Edges are added in sorted
        order, with the attributes `projects` (ids, joined by `;`) and `n` (int, their number).
    """
    bodies: dict[str, set[str]] = defaultdict(set)
    for row in participations:
        bodies[row.project_id].add(row.organization_id)
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for project_id in sorted(bodies):
        for pair in combinations(sorted(bodies[project_id]), 2):
            shared[pair].append(project_id)
    import networkx as nx

    graph: nx.Graph[str] = nx.Graph()
    for (a, b), projects in sorted(shared.items()):
        graph.add_edge(a, b, projects=";".join(projects), n=len(projects))
    return graph
