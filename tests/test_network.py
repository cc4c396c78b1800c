"""The network of bodies and projects, and its two projections (contract of DESIGN.md)."""

from __future__ import annotations

from pathlib import Path

import networkx as nx

from cega_graph.dataset import Dataset
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import Membership, Project
from cega_graph.network import funding, partnership, to_network
from cega_graph.vocabulary import roles
from factories import ALLIANCE, ASSOCIATION, CENTRE, FOUNDATION, a_participation, write_sound_dataset


def test_nodes_carry_the_attributes_of_the_contract(tmp_path: Path) -> None:
    """Bodies and projects, all attributes texts, bodies without a participation too."""
    network = to_network(Dataset([write_sound_dataset(tmp_path)]))
    assert isinstance(network, nx.MultiDiGraph)
    assert {node: data for node, data in network.nodes(data=True)} == {  # noqa: C416
        FOUNDATION: {"type": "organization", "kind": "foundation", "label": "候鸟公益基金会",
                     "label_en": "Migratory Bird Foundation", "member_of": ALLIANCE},
        ASSOCIATION: {"type": "organization", "kind": "ngo", "label": "盐城市湿地保护协会", "label_en": "",
                      "member_of": ""},
        CENTRE: {"type": "organization", "kind": "ngo", "label": "盐城市滩涂志愿服务中心", "label_en": "",
                 "member_of": ""},
        ALLIANCE: {"type": "organization", "kind": "network", "label": "滩涂联盟", "label_en": "", "member_of": ""},
        "tiny-1": {"type": "project", "kind": "project", "label": "候鸟归来", "label_en": "", "member_of": ""},
        "tiny-2": {"type": "project", "kind": "project", "label": "清水同行", "label_en": "", "member_of": ""},
    }  # fmt: skip
    assert ALLIANCE in nx.isolates(network)


def test_every_participation_is_an_edge_of_its_own(tmp_path: Path) -> None:
    """The key is its id; `grantee` leads from the project to the body, every other role to the project."""
    rows = [a_participation(n, role=role, locator="r") for n, role in enumerate(sorted(roles()))]
    rows.append(a_participation(99, role="partner", locator="r"))
    network = to_network(Dataset([write_sound_dataset(tmp_path, participations=rows)]))
    expected = {
        row.participation_id: (
            *(("tiny-1", FOUNDATION) if row.role == "grantee" else (FOUNDATION, "tiny-1")),
            {"role": row.role, "basis": row.basis, "label": row.label},
        )
        for row in rows
    }
    assert expected == {key: (s, t, data) for s, t, key, data in network.edges(keys=True, data=True)}


def test_only_present_members_belong_to_a_network(tmp_path: Path) -> None:
    """Former members and chairs, who are persons, are not marked; several networks are joined in order."""

    def member(number: int, body: str, network: str, role: str, status: str = "current") -> Membership:
        return Membership(
            membership_id=f"m-{number}", organization_id=body, network_id=network, role=role, status=status
        )

    rows = [
        member(1, FOUNDATION, CENTRE, "member"), member(2, FOUNDATION, ALLIANCE, "host"),
        member(3, ASSOCIATION, ALLIANCE, "member", "former"), member(4, CENTRE, ALLIANCE, "chair"),
    ]  # fmt: skip
    network = to_network(Dataset([write_sound_dataset(tmp_path, memberships=rows)]))
    assert {node: data["member_of"] for node, data in network.nodes(data=True)} == {
        FOUNDATION: f"{CENTRE};{ALLIANCE}", ASSOCIATION: "", CENTRE: "", ALLIANCE: "", "tiny-1": "", "tiny-2": "",
    }  # fmt: skip


def test_the_bundled_network_loses_nothing(bundled: KnowledgeGraph) -> None:
    """One node a body and project, one edge a participation, every end known."""
    network = bundled.network()
    assert set(network) == {*bundled.organizations["organization_id"], *bundled.projects["project_id"]}
    assert sorted(k for _, _, k in network.edges(keys=True)) == sorted(bundled.participations["participation_id"])
    assert {frozenset(data) for _, data in network.nodes(data=True)} == {
        frozenset({"type", "kind", "label", "label_en", "member_of"})
    }
    for source, target, data in network.edges(data=True):
        ends = (network.nodes[source]["type"], network.nodes[target]["type"])
        assert ends == (("project", "organization") if data["role"] == "grantee" else ("organization", "project"))


def test_funding_tells_a_grant_from_a_shared_project() -> None:
    """`grant` where one grant names both, `project` where both only share a project; other grants join nobody."""
    rows = [
        a_participation(1, organization_id="f", role="funder", grant_id="g-1"),
        a_participation(2, organization_id="r", role="grantee", grant_id="g-1"),
        a_participation(3, organization_id="q", role="grantee", grant_id="g-2"),
        a_participation(4, organization_id="s", role="grantee"),
        a_participation(5, organization_id="i", role="intermediary", basis="inferred"),
        a_participation(6, organization_id="f", role="grantee"),
        a_participation(7, organization_id="f", role="funder", project_id="tiny-0"),
        a_participation(8, organization_id="s", role="grantee", project_id="tiny-0"),
        a_participation(9, organization_id="x", role="executor"),
    ]
    before = list(rows)
    graph = funding(rows)
    assert before == rows
    edge = {(s, t): (d["basis"], d["projects"], d["n"], d["stated"]) for s, t, d in graph.edges(data=True)}
    assert edge == {
        ("f", "r"): ("grant", "tiny-1", 1, True),
        ("f", "s"): ("project", "tiny-0;tiny-1", 2, True),
        ("i", "r"): ("project", "tiny-1", 1, False),
        ("i", "q"): ("project", "tiny-1", 1, False),
        ("i", "s"): ("project", "tiny-1", 1, False),
        ("i", "f"): ("project", "tiny-1", 1, False),
    }


def test_partnership_joins_bodies_that_share_a_project() -> None:
    """Whatever their roles; undirected, no body with itself, projects listed."""
    rows = [
        a_participation(1, organization_id="a"), a_participation(2, organization_id="a", role="executor"),
        a_participation(3, organization_id="b", role="grantee"),
        a_participation(4, organization_id="c", role="adviser"),
        a_participation(5, organization_id="b", project_id="tiny-0"),
        a_participation(6, organization_id="a", project_id="tiny-0"),
        a_participation(7, organization_id="d", project_id="tiny-9"),
    ]  # fmt: skip
    graph = partnership(rows)
    assert not graph.is_directed()
    assert {tuple(sorted((s, t))): (d["projects"], d["n"]) for s, t, d in graph.edges(data=True)} == {
        ("a", "b"): ("tiny-0;tiny-1", 2),
        ("a", "c"): ("tiny-1", 1),
        ("b", "c"): ("tiny-1", 1),
    }


def test_projections_do_not_depend_on_the_order_of_rows(bundled: KnowledgeGraph) -> None:
    """Nodes and edges come in the same order from rows in any order."""
    rows = list(bundled.dataset.rows("participations"))
    for project in (funding, partnership):
        assert list(project(rows).edges(data=True)) == list(project(rows[::-1]).edges(data=True))


def test_every_projected_edge_of_the_bundled_casebook_lists_known_projects(bundled: KnowledgeGraph) -> None:
    """And counts them."""
    known = set(bundled.projects["project_id"])
    rows = list(bundled.dataset.rows("participations"))
    for graph in (funding(rows), partnership(rows)):
        assert graph.number_of_edges() > 0
        for _, _, data in graph.edges(data=True):
            projects = data["projects"].split(";")
            assert set(projects) <= known
            assert len(projects) == data["n"]


def test_a_project_that_nobody_joins_is_a_node(tmp_path: Path) -> None:
    """Isolated projects stay."""
    folder = write_sound_dataset(tmp_path, projects=[Project(project_id="alone", title="一")], participations=[])
    assert "alone" in nx.isolates(to_network(Dataset([folder])))
