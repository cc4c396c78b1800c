"""Rows → networkx: bodies and projects joined by roles, and the two projections on bodies alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import TYPE_CHECKING, Final

from cega_graph.model import Participation

if TYPE_CHECKING:
    import networkx as nx

    from cega_graph.dataset import HasRows

GIVING: Final = ("funder", "intermediary")
"""The roles through which money comes, in the projection `funding`."""


def to_network(dataset: HasRows) -> nx.MultiDiGraph[str]:
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
