"""GraphML and GEXF."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from cega_graph.writers.network_files import read_gexf, read_graphml, to_gexf, to_graphml

NODE = {"type": "organization", "kind": "ngo", "label": "一", "label_en": "", "member_of": ""}
EDGE = {"role": "funder", "basis": "listed", "label": "资助方"}


def a_network(label: str = "一") -> nx.MultiDiGraph[str]:
    """Return two bodies and a project, two edges between the same ends, a loop and an isolated node."""
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node in ("b", "a", "x"):
        network.add_node(node, **{**NODE, "label": label})
    network.add_edge("a", "x", key="p-2", **{**EDGE, "label": label})
    network.add_edge("a", "x", key="p-1", **EDGE)
    return network


@pytest.mark.parametrize(("write", "read"), [(to_graphml, read_graphml), (to_gexf, read_gexf)])
@pytest.mark.parametrize("label", ["", "一", " 前后 ", "\r\n\t", "<b>&amp;\"'", "]]>", "𠮷"])
def test_a_network_reads_back_with_parallel_edges_and_isolates(
    tmp_path: Path, write: object, read: object, label: str
) -> None:
    """Nodes and edges in the same order, keys and attributes as they were; the network given is not changed."""
    network = a_network(label)
    assert callable(write)
    assert callable(read)
    (tmp_path / "n").write_bytes(write(network))
    back = read(tmp_path / "n")
    for other in (a_network(label), back):
        assert list(network.nodes(data=True)) == list(other.nodes(data=True))
        assert list(network.edges(keys=True, data=True)) == list(other.edges(keys=True, data=True))
    assert isinstance(back, nx.MultiDiGraph)


@pytest.mark.parametrize("write", [to_graphml, to_gexf])
def test_characters_that_xml_cannot_hold_are_left_out(write: object) -> None:
    """The file stays well-formed."""
    assert callable(write)
    content: bytes = write(a_network("a\x00\x1fb\ufffe"))
    assert ET.fromstring(content) is not None
    assert b"ab" in content


@pytest.mark.parametrize("write", [to_graphml, to_gexf])
def test_a_network_of_nothing_is_a_file(write: object) -> None:
    """An empty data set is no error."""
    assert callable(write)
    assert ET.fromstring(write(nx.MultiDiGraph())) is not None


def test_gexf_states_no_date_and_no_program() -> None:
    """The same network gives the same bytes on every day and with every version."""
    content = to_gexf(a_network())
    assert b"<meta" not in content
    assert b"lastmodifieddate" not in content
    assert nx.__version__.encode() not in content
