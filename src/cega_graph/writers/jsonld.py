"""The graph as JSON-LD under our own context, one object a node, in the order of the N-Triples."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from cega_graph.resources import root

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Triple


def read_context() -> dict[str, Any]:
    """Return the `@context` of `ontology/context.jsonld`; it refers to nothing outside itself."""
    loaded = json.loads((root("ontology") / "context.jsonld").read_text(encoding="utf-8"))
    context: dict[str, Any] = loaded["@context"]
    return context


def to_jsonld(triples: Iterable[Triple]) -> str:
    """Return triples as one JSON-LD document in expanded values under the context's prefixes.

    Args:
        triples: pyoxigraph triples without blank nodes; subjects in any order.

    Subjects stand in the order of their first triple, properties by name.
    """
    import pyoxigraph as ox

    prefixes = {
        key: value for key, value in read_context().items() if isinstance(value, str) and value.endswith(("/", "#"))
    }
    nodes: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    rdf_type = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    xsd_string = "http://www.w3.org/2001/XMLSchema#string"
    for triple in triples:
        node = nodes[str(triple.subject.value)]  # type: ignore[union-attr]
        value = triple.object
        if triple.predicate.value == rdf_type:
            node["@type"].append(_compact(value.value, prefixes))  # type: ignore[union-attr]
        elif isinstance(value, ox.NamedNode):
            node[_compact(triple.predicate.value, prefixes)].append({"@id": value.value})
        elif isinstance(value, ox.Literal) and value.language:
            node[_compact(triple.predicate.value, prefixes)].append(
                {"@value": value.value, "@language": value.language}
            )
        elif isinstance(value, ox.Literal) and value.datatype.value != xsd_string:
            node[_compact(triple.predicate.value, prefixes)].append(
                {"@value": value.value, "@type": value.datatype.value}
            )
        elif isinstance(value, ox.Literal):
            node[_compact(triple.predicate.value, prefixes)].append({"@value": value.value})
    graph = [{"@id": subject, **{key: node[key] for key in sorted(node)}} for subject, node in nodes.items()]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, sort_keys=False) for one in graph)
    context = json.dumps(prefixes, ensure_ascii=False, sort_keys=True)
    return f'{{"@context": {context},\n"@graph": [\n{lines}\n]}}\n'


def _compact(iri: str, prefixes: dict[str, str]) -> str:
    for prefix, namespace in prefixes.items():
        local = iri.removeprefix(namespace)
        if local != iri and local.isidentifier():
            return f"{prefix}:{local}"
    return iri
