"""Rows → N-Triples in the plainest way: what each column says, one pair after the other. Slow, and easy to check."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import quote

from cega_graph.dates import earliest, latest
from cega_graph.identifiers import mint_statement_id
from cega_graph.model import TABLES, Row
from cega_graph.vocabulary import kinds, roles, theme_of

BASE: Final = "https://w3id.org/cega-graph/"
_OWN: Final = f"{BASE}ontology#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_DCTERMS: Final = "http://purl.org/dc/terms/"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_PROV: Final = "http://www.w3.org/ns/prov#"
_OA: Final = "http://www.w3.org/ns/oa#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}

Pair = tuple[str, str]
"""A property and a value, both as N-Triples has them."""


def _iri(*segments: str) -> str:
    return f"<{BASE}{'/'.join(quote(segment, safe='') for segment in segments)}>"


def _literal(text: str, tag: str = "") -> str:
    spelled = "".join(
        _ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 32 or ord(c) == 127 else c) for c in text
    )  # fmt: skip
    return f'"{spelled}"{tag}'


def _is_chinese(text: str) -> bool:
    return any("\u3400" <= c <= "\u9fff" for c in text)


def _printed(text: str) -> str:
    return _literal(text, "@zh" if _is_chinese(text) else "")


def _own(name: str, value: str) -> Pair:
    return f"<{_OWN}{name}>", value


def _is(name: str) -> Pair:
    return f"<{_RDF}type>", f"<{_OWN}{name}>"


def _texts(row: Any, **columns: str) -> list[Pair]:
    """Property → column; of a cell with several values, each."""
    several = {"region", "coverage_themes", "coverage_regions"}
    pairs = []
    for name, column in columns.items():
        cell = getattr(row, column)
        for text in cell.split(";") if column in several else [cell]:
            pairs += [_own(name, _literal(text))] if text else []
    return pairs


def _date(name: str, date: str) -> list[Pair]:
    if not date:
        return []
    datatype = {4: "gYear", 7: "gYearMonth", 10: "date"}.get(len(date))
    stated = f"^^<{_XSD}{datatype}>" if datatype and "/" not in date else ""
    return [
        _own(name, _literal(date, stated)),
        _own(f"{name}Earliest", _literal(earliest(date), f"^^<{_XSD}date>")),
        _own(f"{name}Latest", _literal(latest(date), f"^^<{_XSD}date>")),
    ]


def _number(name: str, number: int | None) -> list[Pair]:
    return [] if number is None else [_own(name, _literal(str(number), f"^^<{_XSD}integer>"))]


def _amount(amount: Decimal | None) -> list[Pair]:
    if amount is None:
        return []
    whole, _, fraction = f"{abs(amount):f}".partition(".")
    spelled = whole + (f".{fraction.rstrip('0')}" if fraction.strip("0") else "")
    return [_own("amount", _literal(("-" if amount < 0 else "") + spelled, f"^^<{_XSD}decimal>"))]


def _english(row: Any, name: str, name_en: str) -> list[Pair]:
    if not name_en or name_en == name:
        return []
    return [(f"<{_RDFS}label>" if _is_chinese(name) else f"<{_SKOS}altLabel>", _literal(name_en, "@en"))]


def _named(name: str) -> Pair:
    return f"<{_RDFS}label>", _literal(name, "@zh" if _is_chinese(name) else "@en")


def place_node(row: Any) -> str:
    """Return the node of the place that states a row, or an empty text."""
    locator = getattr(row, "locator", "")
    if not row.source_id or (row.text_start is None and not locator):
        return ""
    place = locator if row.text_start is None else f"{row.text_start}-{row.text_end}"
    return _iri("id", "evidence", row.source_id, place)


def _place(row: Any) -> list[Pair]:
    return [(f"<{_PROV}wasQuotedFrom>", place_node(row))] if place_node(row) else []


def _stated(row: Any) -> list[Pair]:
    mention = [_own("mention", _printed(row.mention))] if row.mention else []
    return [*mention, *([_own("label", _printed(row.label))] if row.label else []), *_place(row)]


def _lines(subject: str, pairs: Iterable[Pair]) -> list[str]:
    return [f"{subject} {predicate} {value} ." for predicate, value in pairs]


def _source(row: Any) -> list[str]:
    pairs = [_is("Source"), *([(f"<{_RDFS}label>", _printed(row.title))] if row.title else [])]
    pairs += _texts(row, publisher="publisher", sha256="sha256", licence="licence")
    pairs += [(f"<{_DCTERMS}language>", _literal(row.language))] if row.language else []
    pairs += [(f"<{_DCTERMS}source>", _literal(row.url))] if row.url else []
    pairs += [*_number("year", row.year), *_number("characters", row.characters)]
    pairs += _texts(row, coverageThemes="coverage_themes", coverageRegions="coverage_regions",
                    coverageFrom="coverage_from", coverageTo="coverage_to")  # fmt: skip
    return _lines(_iri("id", "source", row.source_id), pairs)


def _organization(row: Any) -> list[str]:
    body = [] if row.kind in {"person", "group"} else [_is("Organization")]
    pairs = [*body, _is(kinds()[row.kind].class_name), _named(row.name), *_english(row, row.name, row.name_en)]
    pairs += [_own("kind", _iri("kind", row.kind)), *_texts(row, level="level", region="region")]
    pairs += [_own("partOf", _iri("id", "organization", row.parent_id))] if row.parent_id else []
    return _lines(_iri("id", "organization", row.organization_id), pairs)


def _name(row: Any) -> list[str]:
    says = [row.organization_id, row.name, row.language, row.status, row.source_id, row.mention]
    body, name = _iri("id", "organization", row.organization_id), _literal(row.name, f"@{row.language}")
    pairs = [_is("NameStatement"), _own("nameOf", body), _own("name", name), *_texts(row, nameStatus="status")]
    also = [] if row.status == "official" else _lines(body, [(f"<{_SKOS}altLabel>", name)])
    return _lines(_iri("id", "name", mint_statement_id("n", says, 0)), [*pairs, *_stated(row)]) + also


def _identifier(row: Any) -> list[str]:
    statement = mint_statement_id("i", [row.organization_id, row.identifier, row.source_id], 0)
    body, literal = _iri("id", "organization", row.organization_id), _literal(row.identifier)
    pairs = [_is("IdentifierStatement"), _own("identifierOf", body), _own("identifier", literal), *_stated(row)]
    return _lines(_iri("id", "identifier", statement), pairs) + _lines(body, [(f"<{_DCTERMS}identifier>", literal)])


def _project(row: Any) -> list[str]:
    theme = theme_of(row.theme) if row.theme else None
    pairs = [_is("Project"), *([_named(row.title)] if row.title else []), *_english(row, row.title, row.title_en)]
    pairs += [(f"<{_DCTERMS}identifier>", _literal(row.identifier))] if row.identifier else []
    pairs += [_own("theme", _iri("theme", theme.theme))] if theme else []
    pairs += [*_texts(row, number="number", themeLabel="theme"), *_date("start", row.start_date)]
    pairs += _date("end", row.end_date)
    pairs += _texts(row, region="region", place="place", programme="programme", status="status")
    return _lines(_iri("id", "project", row.project_id), [*pairs, *_stated(row)])


def _participation(row: Any) -> list[str]:
    role = roles()[row.role]
    edge = role.inferred_property if row.basis == "inferred" and role.inferred_property else role.property
    node, project = _iri("id", "participation", row.participation_id), _iri("id", "project", row.project_id)
    body = _iri("id", "organization", row.organization_id)
    pairs = [_is("Participation"), _own("role", _iri("role", row.role)), _own("basis", _iri("basis", row.basis))]
    pairs += [_own("label", _printed(row.label))] if row.label else []
    pairs += [_own("project", project), _own("participant", body)]
    direct = _lines(project, [_own(edge, body)]) if row.role == "grantee" else _lines(body, [_own(edge, project)])
    more = [_own("mention", _printed(row.mention))] if row.mention else []
    more += [*_place(row), *([_own("grant", _iri("id", "grant", row.grant_id))] if row.grant_id else [])]
    more += _texts(row, rule="rule", qualifier="qualifier", activity="activity")
    return _lines(node, pairs) + direct + _lines(node, [*more, *_date("since", row.since), *_date("until", row.until)])


def _grant(row: Any) -> list[str]:
    pairs = [_is("Grant"), _own("project", _iri("id", "project", row.project_id)), *_texts(row, grantType="type")]
    pairs += [(f"<{_DCTERMS}identifier>", _literal(row.identifier))] if row.identifier else []
    pairs += [*_amount(row.amount), *_texts(row, currency="currency", fundingType="funding_type")]
    pairs += [*_date("date", row.date), *_number("recipients", row.recipients)]
    pairs += [_own("approximate", _literal("true", f"^^<{_XSD}boolean>"))] if row.approximate else []
    pairs += [_own("regrantOf", _iri("id", "grant", row.regrant_of))] if row.regrant_of else []
    pairs += [_own("conflictsWith", _iri("id", "grant", row.conflicts_with))] if row.conflicts_with else []
    return _lines(_iri("id", "grant", row.grant_id), [*pairs, *_stated(row)])


def _membership(row: Any) -> list[str]:
    pairs = [_is("Membership"), _own("member", _iri("id", "organization", row.organization_id))]
    pairs += [_own("network", _iri("id", "organization", row.network_id))]
    pairs += _texts(row, membershipRole="role", membershipStatus="status")
    pairs += [_own("affiliation", _iri("id", "organization", row.affiliation_id))] if row.affiliation_id else []
    pairs += [*_date("since", row.since), *_date("until", row.until), *_stated(row)]
    return _lines(_iri("id", "membership", row.membership_id), pairs)


def _decision(row: Any) -> list[str]:
    says = [row.name_a, row.name_b, row.verdict, row.source_id, row.text_start, row.decided_by, row.decided_on,
            row.basis]  # fmt: skip
    pairs = [_is("Decision"), *_texts(row, nameA="name_a", nameB="name_b", verdict="verdict", decidedBy="decided_by",
                                      decisionBasis="basis")]  # fmt: skip
    day = len(row.decided_on) == len("2026-01-31")
    pairs += [_own("decidedOn", _literal(row.decided_on, f"^^<{_XSD}date>"))] if day else []
    return _lines(_iri("id", "decision", mint_statement_id("d", says, 0)), [*pairs, *_place(row)])


PLAIN: Final[dict[str, Callable[[Any], list[str]]]] = {
    "sources": _source, "organizations": _organization, "names": _name, "identifiers": _identifier,
    "projects": _project, "participations": _participation, "grants": _grant, "memberships": _membership,
    "decisions": _decision,
}  # fmt: skip
"""Table → what turns one of its rows into lines."""


def place_lines(row: Any) -> list[str]:
    """Return the lines of the place that states a row."""
    node = place_node(row)
    locator, section = getattr(row, "locator", ""), getattr(row, "section", "")
    pairs = [_is("Evidence"), (f"<{_OA}hasSource>", _iri("id", "source", row.source_id))]
    pairs += [_own("section", _printed(section))] if section else []
    pairs += [_own("locator", _literal(locator))] if locator else []
    if row.text_start is None:
        return _lines(node, pairs)
    selector = f"{node[:-1]}/position>"
    position = [(f"<{_RDF}type>", f"<{_OA}TextPositionSelector>")]
    position += [
        (f"<{_OA}{name}>", _literal(str(offset), f"^^<{_XSD}nonNegativeInteger>"))
        for name, offset in (("start", row.text_start), ("end", row.text_end))
    ]
    return _lines(node, [*pairs, (f"<{_OA}hasSelector>", selector)]) + _lines(selector, position)


def plain_lines(tables: dict[str, list[Row]]) -> list[str]:
    """Return the lines of whole tables in order; none that another row has said, a place behind its first row."""
    lines: list[str] = []
    said: set[str] = set()
    for one in TABLES:
        for row in tables[one.name]:
            node = place_node(row) if hasattr(row, "text_start") else ""
            new = [line for line in PLAIN[one.name](row) if line not in said]
            new += place_lines(row) if node and node not in said else []
            lines += new
            said |= {node, *new}
    return lines
