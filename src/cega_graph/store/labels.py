"""What to call the things that IRIs name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from cega_graph.identifiers import iri
from cega_graph.store.terms import Answer
from cega_graph.vocabulary import Term, bases, kinds, roles, themes

LANGUAGES: Final = ("zh", "en")


class Asks(Protocol):
    """Whoever answers SPARQL: a worker or a graph in this process."""

    def ask(self, text: str, *, limit: int | None) -> Answer:
        """Return the answer."""


def labels_of(graph: Asks, language: str) -> dict[str, str]:
    """Return IRI → label of everything that has one, in a language or else in the other.

    Args:
        graph: Asked once for all `rdfs:label`s.
        language: `zh` or `en`; tags such as `zh-Hans` count as theirs.
    """
    found: dict[str, tuple[int, str]] = {}
    for subject, label in graph.ask("SELECT ?s ?l WHERE { ?s rdfs:label ?l }", limit=None).rows:
        if subject is not None and label is not None and subject.kind == "iri":
            rank = (0 if label.language.split("-")[0] == language else 1, label.value)
            found[subject.value] = min(rank, found.get(subject.value, rank))
    return {**vocabulary_labels(language), **{subject: label for subject, (_, label) in found.items()}}


def vocabulary_labels(language: str) -> dict[str, str]:
    """Return IRI → label of roles, kinds, themes and bases.

    >>> vocabulary_labels("zh")["https://w3id.org/cega-graph/role/funder"]
    '资助方'
    """
    field = "label_zh" if language == "zh" else "label_en"
    schemes: dict[str, Mapping[str, Term]] = {
        "role": roles(), "kind": kinds(), "theme": themes(), "basis": bases(),
    }  # fmt: skip
    return {
        iri(scheme, term): getattr(entry, field) for scheme, terms in schemes.items() for term, entry in terms.items()
    }
