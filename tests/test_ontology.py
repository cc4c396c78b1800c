"""The ontology, its vocabularies, shapes, context and examples."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from cega_graph import model, vocabulary
from cega_graph.errors import InvalidVocabulary
from cega_graph.identifiers import BASE, ONTOLOGY, iri
from cega_graph.resources import root
from closure import AXIOMS, closure_findings

CEGA: Final = Namespace(ONTOLOGY)
SHACL: Final = Namespace("http://www.w3.org/ns/shacl#")
SHAPE: Final = Namespace(f"{BASE}shapes#")
FRAPO: Final = Namespace("http://purl.org/cerif/frapo/")
SCRIPT: Final = Path(__file__).parents[1] / "scripts" / "build_vocabularies.py"
VOCABULARIES: Final = ("roles.ttl", "kinds.ttl", "themes.ttl", "bases.ttl")
VALID: Final = sorted((root("ontology") / "examples" / "valid").glob("*.ttl"))
INVALID: Final = sorted((root("ontology") / "examples" / "invalid").glob("*.ttl"))

ENUMERATIONS: Final = {
    "participant-level": model.LEVELS,
    "name-status": model.NAME_STATUSES,
    "project-status": model.PROJECT_STATUSES,
    "participation-rule-known": model.RULES,
    "grant-type": model.GRANT_TYPES,
    "membership-role": model.MEMBERSHIP_ROLES,
    "membership-status": model.MEMBERSHIP_STATUSES,
    "decision-verdict": model.VERDICTS,
}


def read(*names: str) -> Graph:
    """Return files of `ontology/` as one graph."""
    graph = Graph()
    for name in names:
        graph.parse(root("ontology") / name)
    return graph


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """Return `cega.ttl`."""
    return read("cega.ttl")


@pytest.fixture(scope="module")
def shapes() -> Graph:
    """Return `shapes.ttl`."""
    return read("shapes.ttl")


@pytest.fixture(scope="module")
def background() -> Graph:
    """Return what a data graph is validated together with."""
    return read("cega.ttl", *VOCABULARIES)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Return `scripts/build_vocabularies.py` as a module."""
    spec = importlib.util.spec_from_file_location("build_vocabularies", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of `ontology/` that `vocabulary` reads instead."""
    folder = tmp_path / "ontology"
    shutil.copytree(root("ontology"), folder)
    readers: tuple[Any, ...] = (
        vocabulary.roles,
        vocabulary.kinds,
        vocabulary.themes,
        vocabulary.bases,
        vocabulary.name_forms,
        vocabulary._reading,
        vocabulary._themes_by_print,
        vocabulary.reading_words,
    )
    monkeypatch.setattr(vocabulary, "root", lambda _: folder)
    for reader in readers:
        reader.cache_clear()
    yield folder
    for reader in readers:
        reader.cache_clear()


def terms(graph: Graph) -> set[URIRef]:
    """Return the terms of our namespace that a graph speaks about."""
    return {s for s in graph.subjects() if isinstance(s, URIRef) and s.startswith(ONTOLOGY)}


def used(graph: Graph) -> set[URIRef]:
    """Return the terms of our namespace that a graph uses anywhere."""
    return {node for t in graph for node in t if isinstance(node, URIRef) and node.startswith(ONTOLOGY)}


def languages(graph: Graph, subject: Node, predicate: URIRef) -> list[str]:
    """Return the languages of a node's texts, sorted, one for each text."""
    texts = graph.objects(subject, predicate)
    return sorted(str(text.language) for text in texts if isinstance(text, Literal))


def broken_shapes(data: Graph, shapes: Graph) -> set[str]:
    """Return the IRIs of the shapes that a data graph breaks."""
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    assert isinstance(report, Graph)
    return {str(report.value(result, SHACL.sourceShape)) for result in report.objects(None, SHACL.result)}


@pytest.mark.parametrize("predicate", [RDFS.label, RDFS.comment])
def test_every_term_speaks_both_languages(ontology: Graph, predicate: URIRef) -> None:
    """A term has exactly one label and one comment in Chinese and one in English."""
    spoken = {
        term: sorted(str(text.language) for text in ontology.objects(term, predicate) if isinstance(text, Literal))
        for term in terms(ontology)
    }
    assert {term: ["en", "zh"] for term in spoken} == spoken


def test_every_term_says_what_defines_it(ontology: Graph) -> None:
    """A term is defined by the one ontology of the file."""
    (header,) = ontology.subjects(RDF.type, OWL.Ontology)
    assert {(term, header) for term in terms(ontology)} == set(ontology.subject_objects(RDFS.isDefinedBy))


def test_no_property_is_functional(ontology: Graph) -> None:
    """No property of ours lets a reasoner conclude that two values are one thing."""
    risky = (OWL.FunctionalProperty, OWL.InverseFunctionalProperty)
    assert [term for kind in risky for term in ontology.subjects(RDF.type, kind)] == []


def test_functional_frapo_terms_are_not_used() -> None:
    """The terms of FRAPO that make co-funders one body appear in no file of ours."""
    graph = read("cega.ttl", "shapes.ttl", *VOCABULARIES)
    nodes = {node for triple in graph for node in triple}
    assert set() == nodes & {FRAPO.isAwardedBy, FRAPO.awards}


def test_every_used_term_exists(ontology: Graph) -> None:
    """Shapes, vocabularies and examples use no term that `cega.ttl` lacks."""
    graph = read("shapes.ttl", *VOCABULARIES)
    for path in (*VALID, *INVALID):
        graph.parse(path)
    assert set() == used(graph) - terms(ontology)


def full_row(table: model.Table) -> model.Row:
    """Return a row of a table in which every column says something."""
    by_type = {"integer": 1, "number": Decimal(1), "boolean": True}
    told = {"role": "funder", "basis": "listed", "kind": "foundation", "decided_on": "2030-05-01"}
    if table.name == "memberships":
        told["role"] = "member"
    dates = dict.fromkeys(table.dates, "2030-05")
    values = {column: by_type.get(kind, column) for column, kind in table.types.items()}
    return table.row(**(values | {c: v for c, v in (dates | told).items() if c in values}))


def test_every_written_term_exists(ontology: Graph) -> None:
    """The RDF writer uses no term that `cega.ttl` lacks, whatever a row says."""
    rdf = pytest.importorskip("cega_graph.rdf")
    lines = [rdf.LINES[table.name](full_row(table)) for table in model.TABLES]
    lines += [rdf.evidence_lines(model.Name(organization_id="o", name="x", source_id="s", text_start=0, text_end=1))]
    graph = Graph().parse(data="".join(lines), format="nt")
    assert set() == used(graph) - terms(ontology)


def test_kinds_are_classes(ontology: Graph) -> None:
    """Each kind's class is defined as in `kinds.csv` and lies below Organization, Person or Group."""
    above = {"person": CEGA.Person, "group": CEGA.Group}
    for kind in vocabulary.kinds().values():
        term = CEGA[kind.class_name]
        parents = {term, *ontology.objects(term, RDFS.subClassOf)}
        assert above.get(kind.kind, CEGA.Organization) in parents
        stated = {kind.definition_zh, kind.definition_en}
        assert stated == {str(text) for text in ontology.objects(term, RDFS.comment)}


def test_participants_are_disjoint(ontology: Graph) -> None:
    """Organization, Person and Group exclude each other."""
    pairs = {
        (CEGA.Organization, CEGA.Person),
        (CEGA.Organization, CEGA.Group),
        (CEGA.Person, CEGA.Group),
        (CEGA.Participant, CEGA.Project),
    }
    assert pairs == set(ontology.subject_objects(OWL.disjointWith))


def test_direct_edges_run_from_body_to_project(ontology: Graph) -> None:
    """A direct edge runs from participant to project, the one to a grantee the other way."""
    for role in vocabulary.roles().values():
        for name in filter(None, (role.property, role.inferred_property)):
            ends = [CEGA.Participant, CEGA.Project]
            if name == "hasGrantee":
                ends.reverse()
            assert ends == [ontology.value(CEGA[name], p) for p in (RDFS.domain, RDFS.range)]


def test_bases_are_those_of_the_model() -> None:
    """`bases.csv` and the model name the same bases in the same order."""
    assert tuple(vocabulary.bases()) == model.BASES


@pytest.mark.parametrize(("shape", "values"), ENUMERATIONS.items())
def test_enumeration_is_that_of_the_model(shapes: Graph, shape: str, values: tuple[str, ...]) -> None:
    """A list of allowed values in the shapes is that of the model."""
    listed = shapes.value(SHAPE[shape], SHACL["in"])
    assert listed is not None
    assert values == tuple(str(value) for value in Collection(shapes, listed))


def test_no_enumeration_is_left_out(shapes: Graph) -> None:
    """Every list of allowed values in the shapes is compared with the model."""
    assert {SHAPE[name] for name in ENUMERATIONS} == set(shapes.subjects(SHACL["in"]))


def test_edge_shapes_cover_every_role(shapes: Graph) -> None:
    """The shapes of direct edges look at the property of every role."""
    roles = vocabulary.roles().values()
    edges = {CEGA[n] for r in roles for n in (r.property, r.inferred_property) if n} - {CEGA.hasGrantee}
    assert edges == set(shapes.objects(SHAPE["edge-from-participant"], SHACL.targetSubjectsOf))
    assert edges == set(shapes.objects(SHAPE["edge-to-project"], SHACL.targetObjectsOf))


def test_every_message_speaks_both_languages(shapes: Graph) -> None:
    """A rule has a message in Chinese and one in English, and a severity."""
    rules = set(shapes.subjects(SHACL.message))
    spoken = {
        rule: sorted(str(text.language) for text in shapes.objects(rule, SHACL.message) if isinstance(text, Literal))
        for rule in rules
    }
    assert {rule: ["en", "zh"] for rule in rules} == spoken
    assert rules == set(shapes.subjects(SHACL.severity))


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_example_conforms(path: Path, shapes: Graph, background: Graph) -> None:
    """A valid example breaks no shape."""
    assert set() == broken_shapes(Graph().parse(path) + background, shapes)


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_example_breaks_its_shape_only(path: Path, shapes: Graph, background: Graph) -> None:
    """An invalid example breaks the shape that its first line names, and no other."""
    named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# breaks: ")
    assert {named} == broken_shapes(Graph().parse(path) + background, shapes)


def test_every_rule_has_an_invalid_example(shapes: Graph) -> None:
    """Each rule of the shapes has an example of its name that breaks it."""
    rules = {str(rule).removeprefix(SHAPE) for rule in shapes.subjects(SHACL.message)}
    assert rules == {path.stem for path in INVALID}


def test_examples_use_every_term(ontology: Graph) -> None:
    """The valid examples show every term but kinds, edges and the annotations of vocabularies."""
    shown = Graph()
    for path in VALID:
        shown.parse(path)
    roles = vocabulary.roles().values()
    elsewhere = {CEGA[kind.class_name] for kind in vocabulary.kinds().values()} | {CEGA.Participant}
    elsewhere |= {CEGA[name] for role in roles for name in (role.property, role.inferred_property) if name}
    annotations = set(ontology.subjects(RDF.type, OWL.AnnotationProperty))
    assert set() == terms(ontology) - used(shown) - elsewhere - annotations


def test_generated_files_are_in_sync(script: ModuleType) -> None:
    """`build_vocabularies.py --check` finds nothing out of sync."""
    assert script.main(["--check"]) == 0


def test_unsynced_vocabulary_is_named(copied: Path, script: ModuleType) -> None:
    """A changed label in `themes.csv` puts `themes.ttl`, and nothing else, out of sync."""
    path = copied / "themes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("climate change", "climate"), encoding="utf-8")
    assert script.out_of_sync(copied) == ["themes.ttl"]


def test_vocabularies_hold_what_the_csv_files_hold(script: ModuleType) -> None:
    """Each concept, as generated, has its scheme, labels and printed synonyms; no label is hidden and shown."""
    graph = Graph()
    for name in VOCABULARIES:
        graph.parse(data=script.generated()[name], format="turtle")
    for kind, found in (
        ("role", vocabulary.roles()),
        ("kind", vocabulary.kinds()),
        ("theme", vocabulary.themes()),
        ("basis", vocabulary.bases()),
    ):
        concepts = {URIRef(iri(kind, identifier)): term for identifier, term in found.items()}
        assert set(concepts) == set(graph.subjects(SKOS.inScheme, URIRef(BASE + kind)))
        for concept, term in concepts.items():
            labels = {Literal(term.label_zh, lang="zh"), Literal(term.label_en, lang="en")}
            assert labels == set(graph.objects(concept, SKOS.prefLabel))
            printed = {Literal(text, lang="zh") for text in getattr(term, "printed", ())}
            assert printed - labels == set(graph.objects(concept, SKOS.hiddenLabel))


# rdflib 7.6 builds a ConjunctiveGraph while it parses JSON-LD.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_context_names_every_term(ontology: Graph) -> None:
    """The JSON-LD context, used offline, maps the local name of every term to its IRI."""
    context = json.loads((root("ontology") / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    names = sorted(term.removeprefix(ONTOLOGY) for term in terms(ontology))
    document = {"@context": context, "id": "urn:x", **{name: [{"id": "urn:y"}] for name in names}}
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    assert terms(ontology) == set(graph.predicates())


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_closure_of_valid_example_is_sound(path: Path) -> None:
    """The OWL RL closure of a valid example merges nothing and contradicts nothing."""
    assert closure_findings(Graph().parse(path)) == []


def test_closure_finds_a_planted_contradiction() -> None:
    """A quoted project that is an activity too is found, as PROV-O keeps the two apart."""
    graph = Graph()
    graph.add((URIRef("urn:p"), RDF.type, URIRef("http://www.w3.org/ns/prov#Activity")))
    graph.add((URIRef("urn:p"), URIRef("http://www.w3.org/ns/prov#wasQuotedFrom"), URIRef("urn:e")))
    (finding,) = closure_findings(graph)
    assert "Disjoint classes" in finding
    assert "urn:p" in finding


def test_closure_finds_planted_same_as() -> None:
    """Two funders of one grant, said by FRAPO's functional property, are found to be merged."""
    graph = Graph()
    for funder in ("urn:a", "urn:b"):
        graph.add((URIRef("urn:grant"), FRAPO.isAwardedBy, URIRef(funder)))
    assert closure_findings(graph) == ["urn:a is owl:sameAs urn:b"]


def test_closure_leaves_the_graph_alone() -> None:
    """The helper adds nothing to the graph that it is given, and reports a literal that is no number."""
    graph = Graph().parse(
        data=f'<urn:g> <{CEGA.amount}> "ten"^^<http://www.w3.org/2001/XMLSchema#decimal> .', format="nt"
    )
    before = set(graph)
    assert closure_findings(graph) == ["'ten' is no http://www.w3.org/2001/XMLSchema#decimal"]
    assert before == set(graph)


def test_borrowed_axioms_define_nothing_of_ours() -> None:
    """The list of borrowed axioms speaks of other people's terms only."""
    assert set() == used(Graph().parse(AXIOMS))


BROKEN: Final = {
    "missing column": (
        "themes.csv",
        "theme,label_zh",
        "id,label_zh",
        (
            "ontology/themes.csv:1: columns are id,label_zh,label_en,definition_zh,definition_en,printed; "
            "expected label_zh,label_en,definition_zh,definition_en,theme,printed"
        ),
    ),
    "missing label": (
        "kinds.csv",
        "ngo,社会组织,",
        "ngo,,",
        "ontology/kinds.csv:3: Expected `str` matching regex '^\\\\S(.*\\\\S)?$' - at `$.label_zh`",
    ),
    "missing cell": ("kinds.csv", "ngo,社会组织,", "ngo,", "ontology/kinds.csv:3: 5 cells; expected 6"),
    "one label for two roles": (
        "roles.csv",
        "资助方|资助机构",
        "资助方|提交单位",
        "ontology/roles.csv:3 printed: '提交单位' stands in line 2 already",
    ),
    "unknown kind": (
        "name_forms.csv",
        "慈善会,ngo",
        "慈善会,charity",
        "ontology/name_forms.csv kind: 'charity' is not a kind of kinds.csv",
    ),
}


@pytest.mark.parametrize(("name", "old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_vocabulary_is_one_clear_line(copied: Path, name: str, old: str, new: str, message: str) -> None:
    """A broken vocabulary file is refused in one line that says where and what."""
    path = copied / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    read_again = getattr(vocabulary, path.stem)
    with pytest.raises(InvalidVocabulary) as caught:
        read_again()
    assert message == str(caught.value)


def test_unreadable_vocabulary_is_one_clear_line(copied: Path) -> None:
    """A vocabulary file that is missing or not in UTF-8 is refused in one line."""
    (copied / "themes.csv").write_bytes("气候".encode("gb18030"))
    (copied / "kinds.csv").unlink()
    for read_again, start in (
        (vocabulary.themes, "ontology/themes.csv"),
        (vocabulary.kinds, "ontology/kinds.csv"),
    ):
        with pytest.raises(InvalidVocabulary, match=f"^{start}: not readable as CSV in UTF-8: .*$"):
            read_again()


def test_reading_words_keep_their_order() -> None:
    """The words of a use come in file order, each once; an unknown use is refused."""
    uses = {row.use for row in vocabulary._reading()}
    assert all(len(set(words)) == len(words) for words in map(vocabulary.reading_words, uses))
    with pytest.raises(InvalidVocabulary, match="no word of use 'nonsense'"):
        vocabulary.reading_words("nonsense")


def test_theme_is_found_by_any_printed_form() -> None:
    """Every printed form and label finds its theme; anything else finds none."""
    for theme in vocabulary.themes().values():
        assert [theme] * (1 + len(theme.printed)) == [
            vocabulary.theme_of(text) for text in (theme.label_zh, *theme.printed)
        ]
    assert vocabulary.theme_of("太空探索") is None
