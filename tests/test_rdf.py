"""Rows → N-Triples."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rdflib import RDF, Graph, Literal, URIRef
from rdflib.term import Node

from cega_graph.dataset import Dataset
from cega_graph.identifiers import BASE, ONTOLOGY
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import (
    Decision,
    Grant,
    Identifier,
    Membership,
    Name,
    Participation,
    Project,
    Row,
    Source,
)
from cega_graph.rdf import LINES, PREFIXES, escape, evidence_lines, evidence_node, iter_lines, to_ntriples
from cega_graph.sources.text import Sentences
from cega_graph.vocabulary import roles
from factories import TINY_BOOK, a_participation, an_organization, sound_tables, write_sound_dataset

NAMESPACES = sorted(PREFIXES.items(), key=lambda pair: -len(pair[1]))


def short(term: Node) -> str:
    """Return a term as a person writes it: `cega:project`, `"…"@zh`, `"1"^^xsd:integer`."""
    if isinstance(term, Literal):
        tag = f"@{term.language}" if term.language else f"^^{short(term.datatype)}" if term.datatype else ""
        return f'"{term}"{tag}'
    for prefix, namespace in NAMESPACES:
        if str(term).startswith(namespace):
            return f"{prefix}:{str(term).removeprefix(namespace)}"
    return str(term).replace(BASE, "<>")


def said(text: str) -> set[str]:
    """Return the triples of N-Triples text, each in one line as a person writes it."""
    return {" ".join(short(term) for term in triple) for triple in Graph().parse(data=text, format="nt")}


def test_a_participation_is_a_node_with_its_place_and_a_direct_edge() -> None:
    """All columns of a row, and nothing else."""
    row = a_participation(
        1, role="executor", grant_id="g-1", qualifier="个人", activity="培训", since="2023", until="2024-02",
        mention="候鸟", label="执行方", text_start=3, text_end=5,
    )  # fmt: skip
    node = "<>id/participation/p-1"
    assert said(LINES["participations"](row)) == {
        f"{node} rdf:type cega:Participation",
        f"{node} cega:project project:tiny-1",
        f"{node} cega:participant organization:o-f",
        f"{node} cega:role role:executor",
        f"{node} cega:basis basis:listed",
        f'{node} cega:label "执行方"@zh',
        f'{node} cega:mention "候鸟"@zh',
        f"{node} prov:wasQuotedFrom <>id/evidence/tiny/3-5",
        f"{node} cega:grant <>id/grant/g-1",
        f'{node} cega:qualifier "个人"',
        f'{node} cega:activity "培训"',
        f'{node} cega:since "2023"^^xsd:gYear',
        f'{node} cega:sinceEarliest "2023-01-01"^^xsd:date',
        f'{node} cega:sinceLatest "2023-12-31"^^xsd:date',
        f'{node} cega:until "2024-02"^^xsd:gYearMonth',
        f'{node} cega:untilEarliest "2024-02-01"^^xsd:date',
        f'{node} cega:untilLatest "2024-02-29"^^xsd:date',
        "organization:o-f cega:executes project:tiny-1",
    }


@pytest.mark.parametrize("role", sorted(roles()))
def test_each_role_has_one_direct_edge(role: str) -> None:
    """Of its own property; only `grantee` leads from the project to the body."""
    edge = {
        line for line in said(LINES["participations"](a_participation(1, role=role))) if "participation/" not in line
    }
    ends = ("project:tiny-1", "organization:o-f") if role == "grantee" else ("organization:o-f", "project:tiny-1")
    assert edge == {f"{ends[0]} cega:{roles()[role].property} {ends[1]}"}


@pytest.mark.parametrize(("role", "edge"), [("funder", "inferredFunds"), ("intermediary", "inferredIntermediates")])
def test_an_inferred_edge_is_told_from_a_stated_one(role: str, edge: str) -> None:
    """Queries for `cega:funds` never find what only a rule says."""
    row = a_participation(1, role=role, basis="inferred", rule="submitter-funds")
    found = said(LINES["participations"](row))
    assert f"organization:o-f cega:{edge} project:tiny-1" in found
    assert '<>id/participation/p-1 cega:rule "submitter-funds"' in found
    assert not any(f"cega:{roles()[role].property} " in line for line in found)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            an_organization("o-1", "候鸟基金会", "foundation", name_en="Bird Fund", region="320900;310000",
                            level="county", parent_id="o-2"),
            {
                "organization:o-1 rdf:type cega:Organization", "organization:o-1 rdf:type cega:Foundation",
                'organization:o-1 rdfs:label "候鸟基金会"@zh', 'organization:o-1 rdfs:label "Bird Fund"@en',
                "organization:o-1 cega:kind kind:foundation", 'organization:o-1 cega:region "320900"',
                'organization:o-1 cega:region "310000"', 'organization:o-1 cega:level "county"',
                "organization:o-1 cega:partOf organization:o-2",
            },
        ),
        (
            an_organization("GB-CHC-1/2", "Bird Trust", "person", name_en="The Bird Trust"),
            {
                "organization:GB-CHC-1%2F2 rdf:type cega:Person",
                'organization:GB-CHC-1%2F2 rdfs:label "Bird Trust"@en',
                'organization:GB-CHC-1%2F2 skos:altLabel "The Bird Trust"@en',
                "organization:GB-CHC-1%2F2 cega:kind kind:person",
            },
        ),
        (
            an_organization("o-1", "各地学校", "group"),
            {"organization:o-1 rdf:type cega:Group", 'organization:o-1 rdfs:label "各地学校"@zh',
             "organization:o-1 cega:kind kind:group"},
        ),
        (
            Grant(grant_id="g-1", project_id="x", amount=Decimal("1.2E+6"), currency="CNY", date="2017-10/2017-12",
                  recipients=9, approximate=True, regrant_of="g-2", conflicts_with="g-3", identifier="A/1",
                  funding_type="prize", source_id="s", locator="row=17"),
            {
                "<>id/grant/g-1 rdf:type cega:Grant", "<>id/grant/g-1 cega:project project:x",
                '<>id/grant/g-1 cega:grantType "award"', '<>id/grant/g-1 cega:amount "1200000"^^xsd:decimal',
                '<>id/grant/g-1 cega:currency "CNY"', '<>id/grant/g-1 cega:date "2017-10/2017-12"',
                '<>id/grant/g-1 cega:dateEarliest "2017-10-01"^^xsd:date',
                '<>id/grant/g-1 cega:dateLatest "2017-12-31"^^xsd:date',
                '<>id/grant/g-1 cega:recipients "9"^^xsd:integer',
                '<>id/grant/g-1 cega:approximate "true"^^xsd:boolean',
                "<>id/grant/g-1 cega:regrantOf <>id/grant/g-2", "<>id/grant/g-1 cega:conflictsWith <>id/grant/g-3",
                '<>id/grant/g-1 dcterms:identifier "A/1"', '<>id/grant/g-1 cega:fundingType "prize"',
                "<>id/grant/g-1 prov:wasQuotedFrom <>id/evidence/s/row%3D17",
            },
        ),
        (
            Membership(membership_id="m-1", organization_id="a", network_id="b", role="chair", status="former",
                       affiliation_id="c", until="2024-05-31"),
            {
                "<>id/membership/m-1 rdf:type cega:Membership", "<>id/membership/m-1 cega:member organization:a",
                "<>id/membership/m-1 cega:network organization:b",
                '<>id/membership/m-1 cega:membershipRole "chair"',
                '<>id/membership/m-1 cega:membershipStatus "former"',
                "<>id/membership/m-1 cega:affiliation organization:c",
                '<>id/membership/m-1 cega:until "2024-05-31"^^xsd:date',
                '<>id/membership/m-1 cega:untilEarliest "2024-05-31"^^xsd:date',
                '<>id/membership/m-1 cega:untilLatest "2024-05-31"^^xsd:date',
            },
        ),
        (
            Project(project_id="x", number="7", title="候鸟归来", title_en="Birds return", theme="生物多样性保护",
                    start_date="2023-04", region="320900", place="盐城", programme="滩涂", status="ongoing",
                    identifier="P 1"),
            {
                "project:x rdf:type cega:Project", 'project:x rdfs:label "候鸟归来"@zh',
                'project:x rdfs:label "Birds return"@en', 'project:x cega:number "7"',
                "project:x cega:theme theme:biodiversity", 'project:x cega:themeLabel "生物多样性保护"',
                'project:x cega:start "2023-04"^^xsd:gYearMonth',
                'project:x cega:startEarliest "2023-04-01"^^xsd:date',
                'project:x cega:startLatest "2023-04-30"^^xsd:date', 'project:x cega:region "320900"',
                'project:x cega:place "盐城"', 'project:x cega:programme "滩涂"', 'project:x cega:status "ongoing"',
                'project:x dcterms:identifier "P 1"',
            },
        ),
        (
            Source(source_id="s", title="书", year=2031, language="zh", characters=9, url="https://example.org/a b",
                   coverage_themes="一;二"),
            {
                "<>id/source/s rdf:type cega:Source", '<>id/source/s rdfs:label "书"@zh',
                '<>id/source/s cega:year "2031"^^xsd:integer', '<>id/source/s dcterms:language "zh"',
                '<>id/source/s cega:characters "9"^^xsd:integer',
                '<>id/source/s dcterms:source "https://example.org/a b"',
                '<>id/source/s cega:coverageThemes "一"', '<>id/source/s cega:coverageThemes "二"',
            },
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Row) else "",
)  # fmt: skip
def test_a_row_becomes_these_triples(row: Any, expected: set[str]) -> None:
    """Each column that says something, under its property and datatype."""
    assert said(LINES[f"{type(row).__name__.lower()}s"](row)) == expected


def test_statements_about_names_have_nodes_of_their_own() -> None:
    """A name, an identifier and a decision are nodes; the body gets the label and the identifier."""
    name = said(LINES["names"](Name(organization_id="o-1", name="BF", language="en", status="short", mention="BF")))
    nodes = {line.split()[0] for line in name if line.startswith("<>id/name/")}
    assert len(nodes) == 1
    (node,) = nodes
    assert name == {
        f"{node} rdf:type cega:NameStatement", f"{node} cega:nameOf organization:o-1", f'{node} cega:name "BF"@en',
        f'{node} cega:nameStatus "short"', f'{node} cega:mention "BF"', 'organization:o-1 skos:altLabel "BF"@en',
    }  # fmt: skip
    assert 'organization:o-1 dcterms:identifier "GB-CHC-1"' in said(
        LINES["identifiers"](Identifier(organization_id="o-1", identifier="GB-CHC-1"))
    )
    decided = said(
        LINES["decisions"](
            Decision(name_a="a", name_b="b", verdict="same", decided_by="x", decided_on="2026-01-31", source_id="s",
                     text_start=1, text_end=2)
        )
    )  # fmt: skip
    assert {line.split(maxsplit=1)[1] for line in decided} == {
        "rdf:type cega:Decision", 'cega:nameA "a"', 'cega:nameB "b"', 'cega:verdict "same"', 'cega:decidedBy "x"',
        'cega:decidedOn "2026-01-31"^^xsd:date', "prov:wasQuotedFrom <>id/evidence/s/1-2",
    }  # fmt: skip


def test_an_official_name_is_no_alternative_label() -> None:
    """It is the label already."""
    lines = said(LINES["names"](Name(organization_id="o-1", name="一", status="official")))
    assert not [line for line in lines if "altLabel" in line]


@pytest.mark.parametrize("language", ["中文", 'zh"@en', "", "zh_CN", "z"])
def test_a_language_that_is_no_tag_breaks_no_line(language: str) -> None:
    """The name is then a plain text."""
    found = said(LINES["names"](Name(organization_id="o-1", name="一", language=language, status="official")))
    assert '"一"' in {line.split()[-1] for line in found}


def test_a_place_is_one_node_with_its_position() -> None:
    """Section, position or locator, and the sentence if the text is at hand."""
    row = a_participation(1, text_start=3, text_end=5, section="项目合作方")
    node = "<>id/evidence/tiny/3-5"
    assert said(evidence_lines(row, "一句。")) == {
        f"{node} rdf:type cega:Evidence", f"{node} oa:hasSource <>id/source/tiny",
        f'{node} cega:section "项目合作方"@zh', f'{node} cega:sentence "一句。"@zh',
        f"{node} oa:hasSelector {node}/position", f"{node}/position rdf:type oa:TextPositionSelector",
        f'{node}/position oa:start "3"^^xsd:nonNegativeInteger', f'{node}/position oa:end "5"^^xsd:nonNegativeInteger',
    }  # fmt: skip
    assert said(evidence_lines(a_participation(1, locator="row=17", section=""))) == {
        "<>id/evidence/tiny/row%3D17 rdf:type cega:Evidence",
        "<>id/evidence/tiny/row%3D17 oa:hasSource <>id/source/tiny",
        '<>id/evidence/tiny/row%3D17 cega:locator "row=17"',
    }


@pytest.mark.parametrize("row", [a_participation(1), a_participation(1, source_id="", locator="row=1")])
def test_a_row_without_a_place_has_no_evidence_node(row: Participation) -> None:
    """Source and place are needed both."""
    assert evidence_node(row) == ""


def test_each_row_is_one_participation_and_no_line_stands_twice(tmp_path: Path) -> None:
    """Two rows of one role share their direct edge, nothing else; rows are counted in the parsed graph."""
    rows = [a_participation(n, locator="row=1", activity=str(n)) for n in range(5)]
    dataset = Dataset([write_sound_dataset(tmp_path, participations=rows)])
    lines = "".join(iter_lines(dataset)).splitlines()
    assert [line for line, n in Counter(lines).items() if n > 1] == []
    graph = Graph().parse(data=to_ntriples(dataset), format="nt")
    assert len(lines) == len(graph)
    nodes = graph.subjects(RDF.type, URIRef(ONTOLOGY + "Participation"))
    assert {str(node).rsplit("/", 1)[1] for node in nodes} == {row.participation_id for row in rows}
    assert len(list(graph.triples((None, URIRef(ONTOLOGY + "funds"), None)))) == 1


def test_the_same_rows_in_two_data_sets_are_said_once(tmp_path: Path) -> None:
    """Names and decisions that two books share, and a name that is the English name too."""
    bodies = [an_organization("o-1", "WWF", name_en="World Wide Fund for Nature")]
    names = [Name(organization_id="o-1", name="World Wide Fund for Nature", language="en", status="translation")]
    changes: dict[str, list[Row]] = {
        **{name: [] for name in sound_tables()}, "organizations": [*bodies], "names": [*names],
        "identifiers": [Identifier(organization_id="o-1", identifier="GB-CHC-1", source_id="tiny", locator="row=2")],
        "decisions": [Decision(name_a="WWF", name_b="世界自然基金会", verdict="same")],
    }  # fmt: skip
    folders = [write_sound_dataset(tmp_path, name, **changes) for name in ("a", "b")]
    lines = to_ntriples(Dataset(folders)).splitlines()
    assert lines == list(dict.fromkeys(lines))
    assert lines == to_ntriples(Dataset(folders[:1])).splitlines()


def test_sentences_are_written_only_with_the_source(tmp_path: Path) -> None:
    """The sentence around each place, and the same graph otherwise."""
    dataset = Dataset([write_sound_dataset(tmp_path)])
    plain = to_ntriples(dataset).splitlines()
    full = to_ntriples(dataset, Sentences({"tiny": TINY_BOOK})).splitlines()
    assert [line for line in full if "#sentence>" not in line] == plain
    assert any("盐城市湿地保护协会（湿协）" in line for line in full if "#sentence>" in line)


def test_the_bundled_graph_has_a_node_for_every_row(bundled: KnowledgeGraph) -> None:
    """Participations, grants and memberships are conserved, no line stands twice, there are no blank nodes."""
    lines = bundled.ntriples().splitlines()
    assert [line for line, n in Counter(lines).items() if n > 1] == []
    assert [line for line in lines if line.startswith("_:") or " _:" in line] == []
    types = Counter(line.split()[2] for line in lines if "22-rdf-syntax-ns#type>" in line)
    for name, table in (("Participation", "participations"), ("Grant", "grants"), ("Membership", "memberships")):
        assert types[f"<{ONTOLOGY}{name}>"] == len(bundled.dataset.frame(table)), name


@pytest.mark.parametrize("text", ["", "普通", 'a"b\\c', "\n\r\t\b\f", "\x00\x1f\x7f", "\u2028\u0085"])
def test_an_escaped_text_reads_back(text: str) -> None:
    """Quotation marks, backslashes and control characters survive."""
    (triple,) = Graph().parse(data=f'<x:s> <x:p> "{escape(text)}" .\n', format="nt")
    assert triple[2] == Literal(text)
    assert "\n" not in escape(text)


def test_a_grant_of_a_table_takes_few_triples() -> None:
    """At most 25 for a project with a funder, a grantee and an amount (DESIGN.md)."""
    place: dict[str, Any] = {"source_id": "s", "locator": "row=17"}
    rows: list[tuple[str, Row]] = [
        ("projects", Project(project_id="x", title="A grant", **place)),
        ("participations", Participation(participation_id="p-1", project_id="x", grant_id="g", organization_id="f",
                                         role="funder", basis="record", **place)),
        ("participations", Participation(participation_id="p-2", project_id="x", grant_id="g", organization_id="r",
                                         role="grantee", basis="record", **place)),
    ]  # fmt: skip
    text = "".join(LINES[table](row) for table, row in rows)
    assert len(said(text)) <= 25
