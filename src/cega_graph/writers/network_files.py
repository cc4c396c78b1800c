"""The network as GraphML and GEXF, and back."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, Final

import networkx as nx

_ILLEGAL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_META: Final = re.compile(rb"\s*<meta\b[^>]*>.*?</meta>|\s*<meta\b[^>]*/>", re.DOTALL)


def _flat(network: nx.MultiDiGraph[str]) -> nx.MultiDiGraph[str]:
    """A copy whose attributes are texts that XML can hold: no None, no lists, no control characters."""
    copy: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, data in network.nodes(data=True):
        copy.add_node(node, **{key: _ILLEGAL.sub("", str(value)) for key, value in data.items()})
    for source, target, key, data in network.edges(keys=True, data=True):
        copy.add_edge(source, target, key=key, **{k: _ILLEGAL.sub("", str(v)) for k, v in data.items()})
    return copy


def to_graphml(network: nx.MultiDiGraph[str]) -> bytes:
    """Return the network as GraphML in UTF-8; the network is not changed.

    Characters that XML cannot hold are left out of texts.
    """
    buffer = io.BytesIO()
    nx.write_graphml(_flat(network), buffer, encoding="utf-8", prettyprint=True)
    return _returns(buffer.getvalue())


def to_gexf(network: nx.MultiDiGraph[str]) -> bytes:
    """Return the network as GEXF 1.2 in UTF-8, without the date and program version that networkx adds."""
    flat = _flat(network)
    for _, _, key, data in flat.edges(keys=True, data=True):
        data["id"] = key
    buffer = io.BytesIO()
    nx.write_gexf(flat, buffer, encoding="utf-8", prettyprint=True, version="1.2draft")
    return _returns(_META.sub(b"", buffer.getvalue()))


def _returns(xml: bytes) -> bytes:
    """Spell carriage returns as references: XML readers turn a bare one into a line feed (XML 1.0 §2.11)."""
    return xml.replace(b"\r", b"&#13;")


def read_graphml(path: Path) -> nx.MultiDiGraph[str]:
    """Return the network of a GraphML file that `to_graphml` made: always a multigraph, edge keys kept."""
    return _restored(nx.read_graphml(path, force_multigraph=True), "id")


def read_gexf(path: Path) -> nx.MultiDiGraph[str]:
    """Return the network of a GEXF file that `to_gexf` made: always a multigraph, edge ids become keys."""
    return _restored(nx.read_gexf(path), "id")


def _restored(read: Any, id_key: str) -> nx.MultiDiGraph[str]:  # noqa: ANN401
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, data in read.nodes(data=True):
        network.add_node(node, **{k: v for k, v in data.items() if k in _NODE})
    edges = (
        read.edges(keys=True, data=True)
        if read.is_multigraph()
        else ((s, t, None, d) for s, t, d in read.edges(data=True))
    )
    for source, target, key, data in edges:
        network.add_edge(source, target, key=data.get(id_key, key), **{k: v for k, v in data.items() if k in _EDGE})
    return network


_NODE: Final = frozenset({"type", "kind", "label", "label_en", "member_of"})
_EDGE: Final = frozenset({"role", "basis", "label"})
