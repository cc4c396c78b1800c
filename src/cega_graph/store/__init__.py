"""SPARQL: the embedded store, who may ask it what, and how the answers look."""

from __future__ import annotations

from cega_graph.store.convert import parse_ntriples, to_rdflib, to_store, to_turtle

__all__ = ["parse_ntriples", "to_rdflib", "to_store", "to_turtle"]
