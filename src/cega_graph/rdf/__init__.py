"""Rows → RDF: one function a table turns a row into N-Triples text; everything else is built on these.

Inside, `terms` knows how a term is spelled, `places` the nodes of places in a source, `rows` the function of
each table, `lines` what a whole data set says. Imports go that way round only.
"""

from __future__ import annotations

from cega_graph.rdf.lines import iter_lines, iter_statements, to_ntriples
from cega_graph.rdf.places import evidence_lines, evidence_node, place_of
from cega_graph.rdf.rows import LINES
from cega_graph.rdf.terms import PREFIXES, escape

__all__ = [
    "LINES",
    "PREFIXES",
    "escape",
    "evidence_lines",
    "evidence_node",
    "iter_lines",
    "iter_statements",
    "place_of",
    "to_ntriples",
]
