"""One function a table: a row → its triples as whole lines of N-Triples.

No blank nodes, no inverse edges. The place that states a row is a node that `places` writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

from cega_graph.identifiers import is_language, mint_statement_id
from cega_graph.model import (
    Decision,
    Evidence,
    Grant,
    Identifier,
    Membership,
    Name,
    Organization,
    Participation,
    Project,
    Source,
)  # fmt: skip
from cega_graph.rdf.places import evidence_node
from cega_graph.rdf.terms import (
    ALSO,
    IDENTIFIER,
    LABEL,
    PREFIXES,
    TYPE,
    body_node,
    concept,
    counted,
    dated,
    escape,
    given,
    grant_node,
    is_chinese,
    labelled,
    node,
    part,
    plain,
    printed,
    project_node,
    said,
    term,
    typed,
)  # fmt: skip
from cega_graph.tabular import format_decimal
from cega_graph.vocabulary import kinds, roles, theme_of

_IS: Final = {
    name: part(TYPE, term(name))
    for name in (
        "Source", "Organization", "NameStatement", "IdentifierStatement", "Project", "Participation", "Grant",
        "Membership", "Decision",
    )
}  # fmt: skip
_OF_PROJECT: Final = term("project")
_PARTICIPANT: Final = term("participant")
_MENTION: Final = term("mention")
_QUOTED: Final = f"<{PREFIXES['prov']}wasQuotedFrom>"
_AMOUNT: Final = term("amount")
_DECIMAL: Final = f"^^<{PREFIXES['xsd']}decimal>"
_APPROXIMATE: Final = part(term("approximate"), typed("true", "boolean"))


def _listed(name: str, texts: str) -> Iterator[str]:
    """The parts of a cell that holds several values, joined by `;`."""
    return (given(name, text) for text in texts.split(";") if text)


def _given(*pairs: tuple[str, str]) -> list[str]:
    """The parts of columns whose values come again, where they say something."""
    return [given(name, text) for name, text in pairs if text]


def _state(parts: list[str], row: Evidence, place: str | None) -> None:
    """Add what every statement has: the words that were printed and the place that states it."""
    if row.mention:
        parts.append(f" {_MENTION} {printed(row.mention)} .\n")
    if row.label:
        parts.append(said("label", row.label))
    if place is None:
        place = evidence_node(row)
    if place:
        parts.append(f" {_QUOTED} {place} .\n")


def source_lines(row: Source) -> str:
    """Return the triples of a source."""
    parts = ["", _IS["Source"]]
    if row.title:
        parts.append(part(LABEL, printed(row.title)))
    parts += _given(("publisher", row.publisher), ("sha256", row.sha256), ("licence", row.licence))
    for name, text in (("language", row.language), ("source", row.url)):
        if text:
            parts.append(part(f"<{PREFIXES['dcterms']}{name}>", plain(text)))
    parts += [counted(n, v) for n, v in (("year", row.year), ("characters", row.characters)) if v is not None]
    parts += _listed("coverageThemes", row.coverage_themes)
    parts += _listed("coverageRegions", row.coverage_regions)
    parts += _given(("coverageFrom", row.coverage_from), ("coverageTo", row.coverage_to))
    return node("source", row.source_id).join(parts)


def organization_lines(row: Organization) -> str:
    """Return the triples of a body, person or group."""
    types, kind = _of_kind(row.kind)
    parts = ["", *types, f" {LABEL} {labelled(row.name)} .\n"]
    if row.name_en and row.name_en != row.name:
        parts.append(_translated(row.name, row.name_en))
    parts.append(kind)
    if row.level:
        parts.append(given("level", row.level))
    if row.region:
        parts += _listed("region", row.region)
    if row.parent_id:
        parts.append(part(term("partOf"), body_node(row.parent_id)))
    return node("organization", row.organization_id).join(parts)


def _translated(name: str, name_en: str) -> str:
    """Return the part of an English name: a label beside a Chinese one, else one more."""
    return f' {LABEL if is_chinese(name) else ALSO} "{escape(name_en)}"@en .\n'


@cache
def _of_kind(kind: str) -> tuple[tuple[str, ...], str]:
    """Return what all bodies of a kind share: their types, and the kind itself."""
    own = part(TYPE, term(kinds()[kind].class_name))
    types = (own,) if kind in {"person", "group"} else (_IS["Organization"], own)
    return types, part(term("kind"), concept("kind", kind))


def name_lines(row: Name, place: str | None = None) -> str:
    """Return the triples of a name statement, and the body's alternative label."""
    says = [row.organization_id, row.name, row.language, row.status, row.source_id, row.mention]
    statement = node("name", mint_statement_id("n", says, 0))
    body = body_node(row.organization_id)
    literal = f'"{escape(row.name)}"@{row.language}' if is_language(row.language) else plain(row.name)
    parts = [
        "", _IS["NameStatement"], part(term("nameOf"), body), part(term("name"), literal),
        given("nameStatus", row.status),
    ]  # fmt: skip
    _state(parts, row, place)
    label = "" if row.status == "official" else f"{body} {ALSO} {literal} .\n"
    return statement.join(parts) + label


def identifier_lines(row: Identifier, place: str | None = None) -> str:
    """Return the triples of an identifier statement, and the body's identifier."""
    statement = node("identifier", mint_statement_id("i", [row.organization_id, row.identifier, row.source_id], 0))
    body, literal = body_node(row.organization_id), plain(row.identifier)
    parts = [
        "", _IS["IdentifierStatement"], part(term("identifierOf"), body), part(term("identifier"), literal),
    ]  # fmt: skip
    _state(parts, row, place)
    return f"{statement.join(parts)}{body} {IDENTIFIER} {literal} .\n"


def project_lines(row: Project, place: str | None = None) -> str:
    """Return the triples of a project."""
    parts = ["", _IS["Project"]]
    if row.title:
        parts.append(f" {LABEL} {labelled(row.title)} .\n")
    if row.title_en and row.title_en != row.title:
        parts.append(_translated(row.title, row.title_en))
    if row.identifier:
        parts.append(f" {IDENTIFIER} {plain(row.identifier)} .\n")
    if row.theme or row.number:
        parts += _numbered(row)
    if row.start_date or row.end_date:
        parts += (*dated("start", row.start_date), *dated("end", row.end_date))
    if row.region or row.place or row.programme or row.status:
        parts += _listed("region", row.region)
        parts += _given(("place", row.place), ("programme", row.programme), ("status", row.status))
    _state(parts, row, place)
    return node("project", row.project_id).join(parts)


def _numbered(row: Project) -> Iterator[str]:
    """What a casebook prints with a case: theme and number."""
    if theme := _of_theme(row.theme):
        yield theme
    if row.number:
        yield part(term("number"), plain(row.number))
    if row.theme:
        yield given("themeLabel", row.theme)


@lru_cache(maxsize=1 << 12)
def _of_theme(label: str) -> str:
    """Return the part of the theme that is printed so, or an empty text if none is."""
    theme = theme_of(label) if label else None
    return part(term("theme"), concept("theme", theme.theme)) if theme else ""


def participation_lines(row: Participation, place: str | None = None) -> str:
    """Return the triples of a participation, and its direct edge."""
    project, body = project_node(row.project_id), body_node(row.organization_id)
    shared, edge, from_body = _of_role(row.role, row.basis, row.label)
    direct = f"{body}{edge}{project}" if from_body else f"{project}{edge}{body}"
    parts = [*shared, f" {_OF_PROJECT} {project} .\n", f" {_PARTICIPANT} {body} .\n{direct} .\n"]
    if row.mention:
        parts.append(_mentioned(row.mention))
    if place is None:
        place = evidence_node(row)
    if place:
        parts.append(f" {_QUOTED} {place} .\n")
    if row.grant_id:
        parts.append(f" {_GRANT} {grant_node(row.grant_id)} .\n")
    if row.rule or row.qualifier or row.activity or row.since or row.until:
        parts += _given(("rule", row.rule), ("qualifier", row.qualifier), ("activity", row.activity))
        parts += (*dated("since", row.since), *dated("until", row.until))
    return node("participation", row.participation_id).join(parts)


_GRANT: Final = term("grant")


@lru_cache(maxsize=1 << 12)
def _of_role(role: str, basis: str, label: str) -> tuple[tuple[str, ...], str, bool]:
    """Return what all participations of one role, basis and label share.

    Returns:
        Their parts, the direct property, and whether it leads from the body to the project.
    """
    entry = roles()[role]
    name = entry.inferred_property if basis == "inferred" and entry.inferred_property else entry.property
    parts = [
        "", _IS["Participation"], part(term("role"), concept("role", role)),
        part(term("basis"), concept("basis", basis)),
    ]  # fmt: skip
    if label:
        parts.append(said("label", label))
    return tuple(parts), f" {term(name)} ", role != "grantee"


@lru_cache(maxsize=1 << 14)
def _mentioned(name: str) -> str:
    """Return the part of the name that a participation prints; bodies come again."""
    return part(_MENTION, printed(name))


def grant_lines(row: Grant, place: str | None = None) -> str:
    """Return the triples of a grant; its funders and grantees are participations."""
    parts = ["", _IS["Grant"], f" {_OF_PROJECT} {project_node(row.project_id)} .\n", given("grantType", row.type)]
    if row.identifier:
        parts.append(f" {IDENTIFIER} {plain(row.identifier)} .\n")
    if row.amount is not None:
        parts.append(f' {_AMOUNT} "{format_decimal(row.amount)}"{_DECIMAL} .\n')
    parts += _of_terms(row.currency, row.funding_type, row.date)
    if row.recipients is not None:
        parts.append(counted("recipients", row.recipients))
    if row.approximate:
        parts.append(_APPROXIMATE)
    if row.regrant_of:
        parts.append(part(term("regrantOf"), grant_node(row.regrant_of)))
    if row.conflicts_with:
        parts.append(part(term("conflictsWith"), grant_node(row.conflicts_with)))
    _state(parts, row, place)
    return node("grant", row.grant_id).join(parts)


@lru_cache(maxsize=1 << 14)
def _of_terms(currency: str, funding_type: str, date: str) -> tuple[str, ...]:
    """Return what grants of one currency, form and date share."""
    return (*_given(("currency", currency), ("fundingType", funding_type)), *dated("date", date))


def membership_lines(row: Membership, place: str | None = None) -> str:
    """Return the triples of a membership."""
    parts = [
        "", _IS["Membership"], part(term("member"), body_node(row.organization_id)),
        part(term("network"), body_node(row.network_id)), given("membershipRole", row.role),
        given("membershipStatus", row.status),
    ]  # fmt: skip
    if row.affiliation_id:
        parts.append(part(term("affiliation"), body_node(row.affiliation_id)))
    parts += (*dated("since", row.since), *dated("until", row.until))
    _state(parts, row, place)
    return node("membership", row.membership_id).join(parts)


def decision_lines(row: Decision, place: str | None = None) -> str:
    """Return the triples of a decision about two names."""
    decided = [row.decided_by, row.decided_on, row.basis]
    says = [row.name_a, row.name_b, row.verdict, row.source_id, row.text_start, *decided]
    parts = [
        "", _IS["Decision"], part(term("nameA"), plain(row.name_a)), part(term("nameB"), plain(row.name_b)),
        given("verdict", row.verdict),
    ]  # fmt: skip
    parts += _given(("decidedBy", row.decided_by), ("decisionBasis", row.basis))
    if len(row.decided_on) == 10:
        parts.append(part(term("decidedOn"), typed(row.decided_on, "date")))
    if place is None:
        place = evidence_node(Evidence(source_id=row.source_id, text_start=row.text_start, text_end=row.text_end))
    if place:
        parts.append(f" {_QUOTED} {place} .\n")
    return node("decision", mint_statement_id("d", says, 0)).join(parts)


LINES: Final[dict[str, Callable[..., str]]] = {
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
"""Table → the function that turns one of its rows into N-Triples lines; of rows with a place, also given its node."""
