"""Casebooks and grant files as one knowledge graph in which every statement points to its place.

>>> import cega_graph as cg
>>> kg = cg.load()
>>> kg.projects["title"].iloc[0]
'拯救勺嘴鹬'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cega_graph.knowledge_graph import KnowledgeGraph, load

__version__ = "0.1.0"

__all__ = ["KnowledgeGraph", "__version__", "load"]


def __getattr__(name: str) -> object:
    """Import on first use, so that `cega-graph --help` stays instant."""
    if name in {"KnowledgeGraph", "load"}:
        from cega_graph import knowledge_graph

        return getattr(knowledge_graph, name)
    message = f"module 'cega_graph' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
