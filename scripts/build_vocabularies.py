"""Write what `ontology/` derives from its CSV files and `cega.ttl`: vocabularies and the JSON-LD context."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rdflib import OWL, RDF, RDFS, XSD, Graph, URIRef

from cega_graph import vocabulary
from cega_graph.identifiers import BASE, ONTOLOGY, iri
from cega_graph.resources import root

_PREFIXES: Final = {
    "cega": ONTOLOGY,
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}

_HEADER: Final = """\
# Generated from {name}.csv by scripts/build_vocabularies.py; edit that file and run the script.

{prefixes}

<{scheme}> a skos:ConceptScheme ;
    skos:prefLabel {label} ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
"""

_TITLES: Final = {
    "role": ("角色", "roles"),
    "kind": ("参与者类别", "kinds of participant"),
    "theme": ("案例方向", "themes"),
    "basis": ("陈述的依据", "bases of a statement"),
}

# Prefixed terms of the graph that are not plain text; the context gives them their type.
_BORROWED: Final = {
    "oa:end": str(XSD.nonNegativeInteger),
    "oa:hasSelector": "@id",
    "oa:hasSource": "@id",
    "oa:start": str(XSD.nonNegativeInteger),
    "prov:wasQuotedFrom": "@id",
    "skos:inScheme": "@id",
}

# XSD types that the context gives; a plain string needs none, and a stated date has a type of its own.
_COERCED: Final = (XSD.boolean, XSD.date, XSD.decimal, XSD.integer)


def _literal(text: str, language: str) -> str:
    return f"{json.dumps(text, ensure_ascii=False)}@{language}"


def _both(zh: str, en: str) -> str:
    return f"{_literal(zh, 'zh')}, {_literal(en, 'en')}"


def _role_lines(role: vocabulary.Role) -> Iterator[str]:
    yield f"cega:directEdge cega:{role.property}"
    if role.inferred_property:
        yield f"cega:inferredEdge cega:{role.inferred_property}"
    for match, targets in (("exactMatch", role.exact_match), ("closeMatch", role.close_match)):
        if targets:
            yield f"skos:{match} " + ", ".join(f"<{target}>" for target in targets)
    if role.iati_role:
        yield f"skos:note {_literal(f'IATI OrganisationRole {role.iati_role}', 'en')}"


def _concept(kind: str, identifier: str, term: vocabulary.Term) -> str:
    """Return one concept as Turtle; a printed form that is the label itself is no hidden label (SKOS S13)."""
    types = "skos:Concept, prov:Role" if isinstance(term, vocabulary.Role) else "skos:Concept"
    lines = [f"<{iri(kind, identifier)}> a {types}", f"skos:inScheme <{BASE}{kind}>"]
    lines += [f"skos:topConceptOf <{BASE}{kind}>", f'skos:notation "{identifier}"']
    lines.append(f"skos:prefLabel {_both(term.label_zh, term.label_en)}")
    lines.append(f"skos:definition {_both(term.definition_zh, term.definition_en)}")
    if isinstance(term, vocabulary.Role):
        lines.extend(_role_lines(term))
    if isinstance(term, vocabulary.Kind):
        lines.append(f"cega:participantClass cega:{term.class_name}")
    if isinstance(term, vocabulary.Role | vocabulary.Theme):
        hidden = [_literal(text, "zh") for text in term.printed if text != term.label_zh]
        if hidden:
            lines.append("skos:hiddenLabel " + ",\n        ".join(hidden))
    return " ;\n    ".join(lines) + " .\n"


def vocabulary_turtle(name: str, kind: str, terms: dict[str, vocabulary.Term]) -> str:
    """Return a vocabulary as Turtle, its concepts in the order of the CSV file.

    Args:
        name: The CSV file without its ending.
        kind: The kind of IRI, as `identifiers.iri` takes it.
        terms: Id → term.
    """
    prefixes = "\n".join(f"@prefix {prefix}: <{namespace}> ." for prefix, namespace in _PREFIXES.items())
    scheme, label = BASE + kind, _both(*_TITLES[kind])
    head = _HEADER.format(name=name, prefixes=prefixes, scheme=scheme, label=label)
    return "\n".join([head, *(_concept(kind, identifier, term) for identifier, term in terms.items())])


def jsonld_context(ontology: Graph) -> str:
    """Return a JSON-LD 1.1 context in which every term of the ontology is its local name."""
    context: dict[str, object] = {"@version": 1.1, "id": "@id", "type": "@type"}
    used = ("dcterms", "oa", "prov", "rdfs", "skos", "xsd")
    namespaces = {prefix: str(namespace) for prefix, namespace in ontology.namespaces()}
    context |= {"cega": ONTOLOGY} | {prefix: namespaces[prefix] for prefix in used}
    context |= {term: {"@id": term, "@type": coercion} for term, coercion in _BORROWED.items()}
    terms = (term for term in set(ontology.subjects()) if str(term).startswith(ONTOLOGY))
    for term in sorted(terms, key=str):
        if not isinstance(term, URIRef):
            continue
        local = term.removeprefix(ONTOLOGY)
        types = set(ontology.objects(term, RDF.type))
        datatype = ontology.value(term, RDFS.range)
        if OWL.ObjectProperty in types or OWL.AnnotationProperty in types:
            context[local] = {"@id": f"cega:{local}", "@type": "@id"}
        elif datatype in _COERCED:
            context[local] = {"@id": f"cega:{local}", "@type": str(datatype)}
        else:
            context[local] = f"cega:{local}"
    return json.dumps({"@context": context}, ensure_ascii=False, indent=2) + "\n"


def generated() -> dict[str, str]:
    """Return file name → text of everything that this script writes into `ontology/`."""
    return {
        "roles.ttl": vocabulary_turtle("roles", "role", dict(vocabulary.roles())),
        "kinds.ttl": vocabulary_turtle("kinds", "kind", dict(vocabulary.kinds())),
        "themes.ttl": vocabulary_turtle("themes", "theme", dict(vocabulary.themes())),
        "bases.ttl": vocabulary_turtle("bases", "basis", dict(vocabulary.bases())),
        "context.jsonld": jsonld_context(Graph().parse(root("ontology") / "cega.ttl")),
    }


def out_of_sync(folder: Path) -> list[str]:
    """Return the names of the generated files that `folder` lacks or holds otherwise."""
    return [
        name
        for name, text in generated().items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or with `--check` only compare them; 1 if one is out of sync."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of sync")
    folder = root("ontology")
    if parser.parse_args(arguments).check:
        names = out_of_sync(folder)
        for name in names:
            print(f"ontology/{name}: out of sync; run python scripts/build_vocabularies.py", file=sys.stderr)
        return 1 if names else 0
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
