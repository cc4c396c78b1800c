"""Rows → every rendering → back: nothing is lost, whatever the texts hold."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given
from rdflib import Graph

from cega_graph.dataset import Dataset
from cega_graph.identifiers import ONTOLOGY, iri
from cega_graph.model import TABLES, Row
from cega_graph.network import to_network
from cega_graph.ordering import sort_rows
from cega_graph.package import write_tables
from cega_graph.rdf import to_ntriples
from cega_graph.store import parse_ntriples, to_rdflib, to_turtle
from cega_graph.tabular import columns_of, format_cell, unguard_formula
from cega_graph.vocabulary import roles
from cega_graph.writers.jsonld import to_jsonld
from cega_graph.writers.network_files import read_gexf, read_graphml, to_gexf, to_graphml
from cega_graph.writers.table_files import to_csv
from dataset_strategies import tables

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 has no place for; `to_graphml` and `to_gexf` say that they leave it out."""


@contextmanager
def stored(rows: dict[str, list[Row]]) -> Iterator[tuple[Dataset, Path]]:
    """Write a data set into a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        write_tables(folder, rows)
        yield Dataset([folder]), Path(name)


def literals(triples: list[ox.Triple], predicate: str) -> Counter[str]:
    """Return how often each literal stands behind a property of our own."""
    return Counter(t.object.value for t in triples if t.predicate.value == ONTOLOGY + predicate)  # type: ignore[union-attr]


@given(tables())
def test_files_hold_every_row(rows: dict[str, list[Row]]) -> None:
    """Tables written and read are the same rows, whatever stands in their cells."""
    with stored(rows) as (dataset, _):
        for declared in TABLES:
            assert sort_rows(rows[declared.name], declared) == list(dataset.stored_rows(declared.name))


@given(tables())
def test_tables_for_people_hold_every_cell(rows: dict[str, list[Row]]) -> None:
    """CSV with BOM and guards reads back, cell by cell; no cell starts a formula."""
    for declared in TABLES:
        content = to_csv(rows[declared.name], declared.row)
        assert content.startswith(b"\xef\xbb\xbf")
        header, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = columns_of(declared.row)
        assert header == list(columns)
        expected = [[format_cell(getattr(row, column)) for column in columns] for row in rows[declared.name]]
        assert expected == [[unguard_formula(cell) for cell in line] for line in lines]
        assert not [cell for line in lines for cell in line if cell[:1] in set("=+-@\t\r")]


@given(tables())
def test_statements_edges_and_money_are_conserved(rows: dict[str, list[Row]]) -> None:
    """One Participation node a row, one direct edge a body, project and role, every amount."""
    with stored(rows) as (dataset, _):
        triples = parse_ntriples(to_ntriples(dataset))
        united: list[Any] = list(dataset.rows("participations"))
        grants: list[Any] = list(dataset.rows("grants"))
    participation = ox.NamedNode(f"{ONTOLOGY}Participation")
    typed = {str(t.subject)[1:-1] for t in triples if t.predicate.value == RDF_TYPE and t.object == participation}
    assert typed == {iri("participation", row.participation_id) for row in united}
    assert len(typed) == len(united)
    of = {ONTOLOGY + (r.property if not inferred else r.inferred_property or r.property): (r.role, inferred)
          for r in roles().values() for inferred in (True, False)}  # fmt: skip
    edges = set()
    for t in triples:
        if t.predicate.value in of:
            ends = [str(t.subject)[1:-1], str(t.object)[1:-1]]
            role = of[t.predicate.value][0]
            edges.add((role, *(ends[::-1] if role == "grantee" else ends)))
    assert edges == {
        (row.role, iri("organization", row.organization_id), iri("project", row.project_id)) for row in united
    }
    amounts = literals(triples, "amount")
    assert sum(Decimal(value) * n for value, n in amounts.items()) == sum(g.amount or 0 for g in grants)
    assert sum(amounts.values()) == sum(g.amount is not None for g in grants)
    assert literals(triples, "activity") == Counter(row.activity for row in united if row.activity)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD reader
@given(tables())
def test_three_serialisations_are_one_graph(rows: dict[str, list[Row]]) -> None:
    """N-Triples, Turtle and JSON-LD hold the same triples, for Oxigraph and for rdflib; none is written twice."""
    with stored(rows) as (dataset, _):
        text = to_ntriples(dataset)
    triples = parse_ntriples(text)
    assert len(triples) == len(set(triples)) == text.count("\n")
    turtle, jsonld = to_turtle(triples), to_jsonld(triples)
    assert set(triples) == {quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert set(triples) == {quad.triple for quad in ox.parse(jsonld, format=ox.RdfFormat.JSON_LD)}
    expected = set(to_rdflib(text))
    assert len(expected) == len(triples)
    assert expected == set(Graph().parse(data=turtle, format="turtle"))
    assert expected == set(Graph().parse(data=jsonld, format="json-ld"))
    json.loads(jsonld)


def plain(network: nx.MultiDiGraph[str], *, xml: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return nodes and edges; with `xml` without the characters that XML cannot hold."""

    def clean(data: dict[str, str]) -> dict[str, str]:
        return {key: NO_XML.sub("", value) if xml else value for key, value in data.items()}

    nodes = {node: clean(data) for node, data in network.nodes(data=True)}
    return nodes, {key: (s, t, clean(data)) for s, t, key, data in network.edges(keys=True, data=True)}


@given(tables())
def test_network_files_read_back(rows: dict[str, list[Row]]) -> None:
    """GraphML and GEXF hold the same nodes, edges, keys and attributes; the network itself is not changed."""
    with stored(rows) as (dataset, folder):
        network = to_network(dataset)
        expected, before = plain(network, xml=True), plain(network, xml=False)
        for name, write, read in (("n.graphml", to_graphml, read_graphml), ("n.gexf", to_gexf, read_gexf)):
            (folder / name).write_bytes(write(network))
            assert expected == plain(read(folder / name), xml=False), name
        assert before == plain(network, xml=False)
