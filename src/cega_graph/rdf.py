"""Rows → RDF: one function a table turns a row into N-Triples text; everything else is built on these.

Each function returns whole lines. No blank nodes, no inverse edges; a place in a source is one
evidence node, written by the first row that it states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from cega_graph import identifiers
from cega_graph.dates import earliest, latest
from cega_graph.identifiers import BASE, ONTOLOGY, is_language, mint_evidence_key, mint_statement_id
from cega_graph.model import (
    TABLES,
    Decision,
    Evidence,
    Grant,
    Identifier,
    Membership,
    Name,
    Organization,
    Participation,
    Project,
    Row,
    Source,
)  # fmt: skip
from cega_graph.tabular import format_decimal
from cega_graph.vocabulary import kinds, roles, theme_of

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset
    from cega_graph.sources.text import Sentences

PREFIXES: Final = {
    "cega": ONTOLOGY,
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "oa": "http://www.w3.org/ns/oa#",
    "org": "http://www.w3.org/ns/org#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "role": BASE + "role/",
    "kind": BASE + "kind/",
    "theme": BASE + "theme/",
    "basis": BASE + "basis/",
    "organization": BASE + "id/organization/",
    "project": BASE + "id/project/",
}
"""Prefix → namespace, known to every query without being written."""

_XSD: Final = PREFIXES["xsd"]
_TYPE: Final = f"<{PREFIXES['rdf']}type>"
_QUOTED: Final = f"<{PREFIXES['prov']}wasQuotedFrom>"
_LABEL: Final = f"<{PREFIXES['rdfs']}label>"
_ALSO: Final = f"<{PREFIXES['skos']}altLabel>"
_IDENTIFIER: Final = f"<{PREFIXES['dcterms']}identifier>"

_ESCAPED: Final = re.compile(r'[\\"\x00-\x1f\x7f]')
_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]+\Z")
_SHORT: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def escape(text: str) -> str:
    r"""Return a text as it stands between the quotation marks of an N-Triples literal.

    >>> escape('say "x"\\')
    'say \\"x\\"\\\\'
    """
    if not _ESCAPED.search(text):
        return text
    return _ESCAPED.sub(lambda m: _SHORT.get(m.group()) or f"\\u{ord(m.group()):04X}", text)


def _term(name: str) -> str:
    return f"<{ONTOLOGY}{name}>"


@lru_cache(maxsize=1 << 16)
def _node(kind: str, identifier: str) -> str:
    if _SAFE.match(identifier):
        return f"<{BASE}id/{kind}/{identifier}>"
    return f"<{identifiers.iri(kind, identifier)}>"


@cache
def _concept(scheme: str, identifier: str) -> str:
    return f"<{identifiers.iri(scheme, identifier)}>"


def _text(text: str) -> str:
    return f'"{escape(text)}"'


def _printed(text: str) -> str:
    """A source's words: marked as Chinese where they are, else not marked, for nothing says what they are."""
    return f'"{escape(text)}"@zh' if _is_zh(text) else _text(text)


def _labelled(text: str) -> str:
    """A name or title: `@zh` where it is in Chinese characters, else `@en`, which lists are sorted and searched by."""
    return f'"{escape(text)}"@zh' if _is_zh(text) else f'"{escape(text)}"@en'


def _typed(text: str, datatype: str) -> str:
    return f'"{text}"^^<{_XSD}{datatype}>'


def _lines(subject: str, pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{subject} {predicate} {value} .\n" for predicate, value in pairs)


def _dates(name: str, date: str) -> Iterator[tuple[str, str]]:
    """The date at its own precision, and the first and last day it can mean, which all engines compare."""
    if not date:
        return
    datatype = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(date), "string")
    value = _text(date) if "/" in date else _typed(date, datatype)
    yield _term(name), value
    yield _term(f"{name}Earliest"), _typed(earliest(date), "date")
    yield _term(f"{name}Latest"), _typed(latest(date), "date")


def _given(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The pairs whose value says something; a value is a literal's text."""
    return ((_term(name), _text(value)) for name, value in pairs if value)


def evidence_node(row: Evidence) -> str:
    """Return the node of the place that states a row, or an empty text if it has none."""
    if not row.source_id or (row.text_start is None and not row.locator):
        return ""
    if row.text_start is not None and _SAFE.match(row.source_id):
        return f"<{BASE}id/evidence/{row.source_id}/{row.text_start}-{row.text_end}>"
    return f"<{BASE}id/evidence/{mint_evidence_key(row.source_id, row.locator, row.text_start, row.text_end)}>"


def evidence_lines(row: Evidence, sentence: str = "") -> str:
    """Return the triples of the place that states a row: its source, section, position and, if known, sentence."""
    node = evidence_node(row)
    pairs = [(_TYPE, _term("Evidence")), (f"<{PREFIXES['oa']}hasSource>", _node("source", row.source_id))]
    if row.section:
        pairs.append((_term("section"), _printed(row.section)))
    if row.locator:
        pairs.append((_term("locator"), _text(row.locator)))
    if sentence:
        pairs.append((_term("sentence"), _printed(sentence)))
    if row.text_start is None:
        return _lines(node, pairs)
    selector = f"{node[:-1]}/position>"
    pairs.append((f"<{PREFIXES['oa']}hasSelector>", selector))
    position = [
        (_TYPE, f"<{PREFIXES['oa']}TextPositionSelector>"),
        (f"<{PREFIXES['oa']}start>", _typed(str(row.text_start), "nonNegativeInteger")),
        (f"<{PREFIXES['oa']}end>", _typed(str(row.text_end), "nonNegativeInteger")),
    ]
    return _lines(node, pairs) + _lines(selector, position)


def _stated(row: Evidence) -> Iterator[tuple[str, str]]:
    """What every statement has: the words that were printed and the place that states it."""
    if row.mention:
        yield _term("mention"), _printed(row.mention)
    if row.label:
        yield _term("label"), _printed(row.label)
    if node := evidence_node(row):
        yield _QUOTED, node


def source_lines(row: Source) -> str:
    """Return the triples of a source."""
    pairs = [(_TYPE, _term("Source"))]
    if row.title:
        pairs.append((_LABEL, _printed(row.title)))
    pairs += _given((("publisher", row.publisher), ("sha256", row.sha256), ("licence", row.licence)))
    if row.language:
        pairs.append((f"<{PREFIXES['dcterms']}language>", _text(row.language)))
    if row.url:
        pairs.append((f"<{PREFIXES['dcterms']}source>", _text(row.url)))
    pairs += [
        (_term(n), _typed(str(v), "integer"))
        for n, v in (("year", row.year), ("characters", row.characters))
        if v is not None
    ]
    pairs += [(_term("coverageThemes"), _text(theme)) for theme in row.coverage_themes.split(";") if theme]
    pairs += [(_term("coverageRegions"), _text(region)) for region in row.coverage_regions.split(";") if region]
    pairs += _given((("coverageFrom", row.coverage_from), ("coverageTo", row.coverage_to)))
    return _lines(_node("source", row.source_id), pairs)


def organization_lines(row: Organization) -> str:
    """Return the triples of a body, person or group."""
    named = _term(kinds()[row.kind].class_name)
    pairs = [(_TYPE, named)] if row.kind in {"person", "group"} else [(_TYPE, _term("Organization")), (_TYPE, named)]
    pairs.append((_LABEL, _labelled(row.name)))
    if row.name_en and row.name_en != row.name:
        label = _LABEL if _is_zh(row.name) else _ALSO
        pairs.append((label, f'"{escape(row.name_en)}"@en'))
    pairs.append((_term("kind"), _concept("kind", row.kind)))
    pairs += _given([("level", row.level), *(("region", code) for code in row.region.split(";"))])
    if row.parent_id:
        pairs.append((_term("partOf"), _node("organization", row.parent_id)))
    return _lines(_node("organization", row.organization_id), pairs)


def _is_zh(text: str) -> bool:
    return not text.isascii() and any("\u3400" <= c <= "\u9fff" for c in text)


def name_lines(row: Name) -> str:
    """Return the triples of a name statement, and the body's alternative label."""
    says = [row.organization_id, row.name, row.language, row.status, row.source_id, row.mention]
    node = _node("name", mint_statement_id("n", says, 0))
    body = _node("organization", row.organization_id)
    literal = f'"{escape(row.name)}"@{row.language}' if is_language(row.language) else _text(row.name)
    pairs = [
        (_TYPE, _term("NameStatement")), (_term("nameOf"), body), (_term("name"), literal),
        (_term("nameStatus"), _text(row.status)), *_stated(row),
    ]  # fmt: skip
    label = "" if row.status == "official" else f"{body} {_ALSO} {literal} .\n"
    return _lines(node, pairs) + label


def identifier_lines(row: Identifier) -> str:
    """Return the triples of an identifier statement, and the body's identifier."""
    node = _node("identifier", mint_statement_id("i", [row.organization_id, row.identifier, row.source_id], 0))
    body = _node("organization", row.organization_id)
    pairs = [
        (_TYPE, _term("IdentifierStatement")), (_term("identifierOf"), body),
        (_term("identifier"), _text(row.identifier)), *_stated(row),
    ]  # fmt: skip
    return _lines(node, pairs) + f"{body} {_IDENTIFIER} {_text(row.identifier)} .\n"


def project_lines(row: Project) -> str:
    """Return the triples of a project."""
    pairs = [(_TYPE, _term("Project"))]
    if row.title:
        pairs.append((_LABEL, _labelled(row.title)))
    if row.title_en and row.title_en != row.title:
        pairs.append((_LABEL if _is_zh(row.title) else _ALSO, f'"{escape(row.title_en)}"@en'))
    if row.identifier:
        pairs.append((_IDENTIFIER, _text(row.identifier)))
    theme = theme_of(row.theme) if row.theme else None
    if theme:
        pairs.append((_term("theme"), _concept("theme", theme.theme)))
    pairs += _given((("number", row.number), ("themeLabel", row.theme)))
    pairs += [*_dates("start", row.start_date), *_dates("end", row.end_date)]
    pairs += _given((*(("region", code) for code in row.region.split(";")), ("place", row.place),
                     ("programme", row.programme), ("status", row.status)))  # fmt: skip
    return _lines(_node("project", row.project_id), [*pairs, *_stated(row)])


_PROJECT_OF: Final = _term("project")
_PARTICIPANT: Final = _term("participant")
_MENTION: Final = _term("mention")


@lru_cache(maxsize=1 << 12)
def _kind_of_participation(role: str, basis: str, label: str) -> tuple[tuple[str, ...], str, bool]:
    """Return what all participations of one role, basis and label share.

    Returns:
        Their predicates with values, the direct property, and whether it leads from the body to the
        project.
    """
    entry = roles()[role]
    name = entry.inferred_property if basis == "inferred" and entry.inferred_property else entry.property
    pairs = [
        (_TYPE, _term("Participation")),
        (_term("role"), _concept("role", role)),
        (_term("basis"), _concept("basis", basis)),
    ]
    if label:
        pairs.append((_term("label"), _printed(label)))
    return tuple(f" {p} {o} .\n" for p, o in pairs), f" {_term(name)} ", role != "grantee"


def participation_lines(row: Participation) -> str:
    """Return the triples of a participation, and its direct edge."""
    node = (
        f"<{BASE}id/participation/{row.participation_id}>"
        if _SAFE.match(row.participation_id)
        else _node("participation", row.participation_id)
    )
    project, body = _node("project", row.project_id), _node("organization", row.organization_id)
    shared, edge, from_body = _kind_of_participation(row.role, row.basis, row.label)
    direct = f"{body}{edge}{project} .\n" if from_body else f"{project}{edge}{body} .\n"
    text = f"{node}{node.join(shared)}{node} {_PROJECT_OF} {project} .\n{node} {_PARTICIPANT} {body} .\n{direct}"
    if row.mention:
        text += f'{node} {_MENTION} "{escape(row.mention)}"@zh .\n'
    if place := evidence_node(row):
        text += f"{node} {_QUOTED} {place} .\n"
    if row.grant_id:
        text += f"{node} {_term('grant')} {_node('grant', row.grant_id)} .\n"
    if row.rule or row.qualifier or row.activity or row.since or row.until:
        more = _given((("rule", row.rule), ("qualifier", row.qualifier), ("activity", row.activity)))
        text += _lines(node, (*more, *_dates("since", row.since), *_dates("until", row.until)))
    return text


def grant_lines(row: Grant) -> str:
    """Return the triples of a grant; its funders and grantees are participations."""
    pairs = [
        (_TYPE, _term("Grant")), (_term("project"), _node("project", row.project_id)),
        (_term("grantType"), _text(row.type)),
    ]  # fmt: skip
    if row.identifier:
        pairs.append((_IDENTIFIER, _text(row.identifier)))
    if row.amount is not None:
        pairs.append((_term("amount"), _typed(format_decimal(row.amount), "decimal")))
    pairs += _given((("currency", row.currency), ("fundingType", row.funding_type)))
    pairs += _dates("date", row.date)
    if row.recipients is not None:
        pairs.append((_term("recipients"), _typed(str(row.recipients), "integer")))
    if row.approximate:
        pairs.append((_term("approximate"), _typed("true", "boolean")))
    pairs += [
        (_term(n), _node("grant", v))
        for n, v in (("regrantOf", row.regrant_of), ("conflictsWith", row.conflicts_with))
        if v
    ]
    return _lines(_node("grant", row.grant_id), [*pairs, *_stated(row)])


def membership_lines(row: Membership) -> str:
    """Return the triples of a membership."""
    pairs = [
        (_TYPE, _term("Membership")), (_term("member"), _node("organization", row.organization_id)),
        (_term("network"), _node("organization", row.network_id)), (_term("membershipRole"), _text(row.role)),
        (_term("membershipStatus"), _text(row.status)),
    ]  # fmt: skip
    if row.affiliation_id:
        pairs.append((_term("affiliation"), _node("organization", row.affiliation_id)))
    pairs += [*_dates("since", row.since), *_dates("until", row.until), *_stated(row)]
    return _lines(_node("membership", row.membership_id), pairs)


def decision_lines(row: Decision) -> str:
    """Return the triples of a decision about two names."""
    decided = [row.decided_by, row.decided_on, row.basis]
    says = [row.name_a, row.name_b, row.verdict, row.source_id, row.text_start, *decided]
    pairs = [
        (_TYPE, _term("Decision")), (_term("nameA"), _text(row.name_a)), (_term("nameB"), _text(row.name_b)),
        (_term("verdict"), _text(row.verdict)),
        *_given((("decidedBy", row.decided_by), ("decisionBasis", row.basis))),
    ]  # fmt: skip
    if len(row.decided_on) == 10:
        pairs.append((_term("decidedOn"), _typed(row.decided_on, "date")))
    if node := evidence_node(_place(row)):
        pairs.append((_QUOTED, node))
    return _lines(_node("decision", mint_statement_id("d", says, 0)), pairs)


def _place(row: Decision) -> Evidence:
    return Evidence(source_id=row.source_id, text_start=row.text_start, text_end=row.text_end)


def place_of(row: Row) -> Evidence | None:
    """Return the evidence block of a row; None for a row of a table that has none."""
    if isinstance(row, Decision):
        return _place(row)
    return row if isinstance(row, Evidence) else None


LINES: Final[dict[str, Callable[[Any], str]]] = {
    "sources": source_lines,
    "organizations": organization_lines,
    "names": name_lines,
    "identifiers": identifier_lines,
    "projects": project_lines,
    "participations": participation_lines,
    "grants": grant_lines,
    "memberships": membership_lines,
    "decisions": decision_lines,
}
"""Table → the function that turns one of its rows into N-Triples lines."""


class HasRows(Protocol):
    """Whatever gives the rows of tables in the stored order, such as a data set."""

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table."""


def iter_lines(dataset: HasRows, sentences: Sentences | None = None) -> Iterator[str]:
    """Yield the N-Triples of a data set, a row at a time, in the order of the sorted tables; no line twice.

    Args:
        dataset: Read row by row; memory grows with the number of places only.
        sentences: The source's text, for the sentence around each place; without it none is written.
    """
    seen: set[str] = set()
    for text, row in iter_statements(dataset):
        yield text
        place = place_of(row)
        if place is not None:
            yield _new_evidence(place, seen, sentences)


def iter_statements(dataset: HasRows) -> Iterator[tuple[str, Row]]:
    """Yield the lines of each row, without those of the place that states it, and the row; no line twice.

    Args:
        dataset: Read row by row. What rows share in the group of `_REPEATING`, or with the row of their
            body, is said once; so a part of a data set that holds its groups whole gives its part of the lines.
    """
    labels: set[str] = set()
    for one in TABLES:
        write, column = LINES[one.name], _REPEATING.get(one.name, "")
        group, said = "", set[str]()
        for row in dataset.rows(one.name):
            text = write(row)
            if isinstance(row, Organization):
                labels.update(line for line in text.split("\n") if _ALSO in line)
            if column and getattr(row, column) != group:
                group, said = getattr(row, column), set()
            yield (_unsaid(text, said, labels) if column else text), row


_REPEATING: Final = {
    "names": "organization_id",
    "identifiers": "organization_id",
    "participations": "project_id",
    "decisions": "name_a",
}
"""Tables whose rows can say a triple that another row has said, always one of the same group: rows are sorted by it."""


def _unsaid(text: str, said: set[str], labels: set[str]) -> str:
    """The lines of a row without those that its group has said, or that are labels of the body's own row."""
    lines = [line for line in text.split("\n")[:-1] if line not in said and line not in labels]
    said.update(lines)
    return "".join(f"{line}\n" for line in lines)


def _new_evidence(row: Evidence, seen: set[str], sentences: Sentences | None) -> str:
    node = evidence_node(row)
    if not node or node in seen:
        return ""
    seen.add(node)
    return evidence_lines(row, sentences.around(row) if sentences else "")


def to_ntriples(dataset: Dataset, sentences: Sentences | None = None) -> str:
    r"""Return a data set as N-Triples text: one triple a line, `\n` line ends, no blank nodes.

    Args:
        dataset: Read table by table, in the stored order. Inferred participations are included, as
            properties of their own.
        sentences: Adds the sentence around each place whose source is at hand.

    Returns:
        Lines in the order of the sorted tables; the same data give the same text.
    """
    return "".join(iter_lines(dataset, sentences))
