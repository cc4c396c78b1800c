"""Projects as IATI activities (XML, version 2.03), one after the other.

What the schema requires and the data do not state is not made up: such an activity or transaction is
left out and counted. What a rule inferred stays out, for a standard file is a statement.

Source: IATI 2.03, `iati-activities-schema.xsd`, and its codelists ActivityStatus, ActivityDateType,
OrganisationRole, OrganisationType, TransactionType.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from cega_graph.dataset.cases import Bodies, Case, cases, disputed, read_sources
from cega_graph.dates import earliest, is_date, latest
from cega_graph.identifiers import is_language, is_register_id
from cega_graph.model import CORRECTING, Grant, Participation, Project, Source
from cega_graph.names.normalize import normalize
from cega_graph.tabular import format_decimal
from cega_graph.vocabulary import roles, theme_of
from cega_graph.writers.tally import Options, Tally

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset

FILLS: Final = ("description", "status", "reporting-org")
"""What `Options.fill` may give; `reporting-org` as `REF|NAME`."""

STATUSES: Final = {"planned": "1", "ongoing": "2", "completed": "4", "cancelled": "5"}
"""Project status → ActivityStatus."""

TRANSACTION_TYPES: Final = {
    "incoming": "1", "award": "2", "commitment": "2", "disbursement": "3", "expenditure": "4",
    "incoming_commitment": "11", "pledge": "12", "incoming_pledge": "13",
}  # fmt: skip
"""Type of sum → TransactionType; an award is a commitment of its funder. `future` is none."""

ORGANISATION_TYPES: Final = {
    "government": "10", "public_institution": "15", "international_organization": "40", "foundation": "60",
    "company": "70", "university": "80", "research_institute": "80",
}  # fmt: skip
"""Kind → OrganisationType, where IATI's is not finer: of an NGO it asks whether it is national or international."""

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPED: Final = re.compile('[&<>"\r\n\t]')
_REFERENCES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
_CURRENCY: Final = re.compile(r"(?!XXX|XTS)[A-Z]{3}\Z")
_COUNTRY: Final = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?\Z")


def to_iati(dataset: Dataset, tally: Tally, options: Options = Options()) -> Iterator[bytes]:  # noqa: B008
    """Yield the parts of one XML document, an activity each, in order of project ids.

    Args:
        tally: Counts `activities`, `participations` and `transactions`.
    """
    writer = _Writer(dataset, tally, options)
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n'
    for case in cases(dataset):
        if text := writer.activity(case):
            yield text.encode()
    yield b"</iati-activities>\n"


class _Writer:
    def __init__(self, dataset: Dataset, tally: Tally, options: Options) -> None:
        self.bodies: Final = Bodies(dataset)
        self.sources: Final = read_sources(dataset)
        self.in_dispute: Final = disputed(dataset)
        self.tally: Final = tally
        self.options: Final = options
        self._by_name: Final = {normalize(row.name): row for row in self.bodies if row.kind not in {"person", "group"}}

    def _text(self, text: str) -> str:
        """Return a text as XML takes it, in elements and in attributes."""
        if _ILLEGAL.search(text):
            self.tally.changed["texts", "illegal-character"] += 1
            text = _ILLEGAL.sub("\ufffd", text)
        return _ESCAPED.sub(lambda match: _REFERENCES[match.group()], text)

    def _narrative(self, text: str, language: str = "") -> str:
        tag = f' xml:lang="{language}"' if language else ""
        return f"<narrative{tag}>{self._text(text)}</narrative>"

    def activity(self, case: Case) -> str:
        """Return one activity; an empty text, counted, if it lacks what the schema requires."""
        project = case.project
        source = self.sources.get(project.source_id or next((p.source_id for p in case.participations), ""))
        reporter = self._reporter(source)
        parties = self._parties(case)
        tests = {
            "no-title": not _title(project),
            "no-description": not (project.description.strip() or self.options.filled("description", _title(project))),
            "no-publisher": not reporter,
            "no-participant": not parties,
            "no-status": project.status not in STATUSES and self.options.filled("status") not in STATUSES,
            "no-date": not (is_date(project.start_date) or is_date(project.end_date)),
        }
        if reason := next((reason for reason, holds in tests.items() if holds), ""):
            self.tally.left_out["activities", reason] += 1
            self.tally.left_out["participations", "refers"] += len(parties)
            self.tally.left_out["transactions", "refers"] += len(case.grants)
            return ""
        self.tally.written["activities"] += 1
        self.tally.written["participations"] += len(parties)
        own = source.language if source and is_language(source.language) else ""
        parts = [
            f"<iati-identifier>{self._text(project.identifier or project.project_id)}</iati-identifier>",
            reporter,
            f"<title>{self._title(project, own)}</title>",
            f"<description>{self._description(project)}</description>",
            *parties,
            f'<activity-status code="{self._status(project)}"/>',
            *self._dates(project),
            *_countries(project),
            *self._place(project),
            *self._sector(project),
            *self._transactions(case),
        ]
        tag = f' xml:lang="{own}"' if own else ""
        body = "\n".join(parts)
        return f"<iati-activity{tag}>\n{body}\n</iati-activity>\n"

    def _title(self, project: Project, own: str) -> str:
        title = self._narrative(project.title) if project.title.strip() else ""
        english = project.title_en.strip() and (own != "en" or not title)
        return title + (self._narrative(project.title_en, "en") if english else "")

    def _description(self, project: Project) -> str:
        if project.description.strip():
            return self._narrative(project.description)
        self.tally.changed["texts", "filled"] += 1
        return self._narrative(self.options.filled("description", _title(project)))

    def _status(self, project: Project) -> str:
        if project.status in STATUSES:
            return STATUSES[project.status]
        self.tally.changed["texts", "filled"] += 1
        return STATUSES[self.options.filled("status")]

    def _reporter(self, source: Source | None) -> str:
        """The publisher of the source; its reference is that of the body of this name, else the source's id."""
        told, _, told_name = self.options.filled("reporting-org").partition("|")
        if source is not None and source.publisher.strip():
            body = self._by_name.get(normalize(source.publisher))
            ref = self.bodies.stated_id(body.organization_id) if body else source.source_id
            kind = ORGANISATION_TYPES.get(body.kind, "90") if body else "90"
            return self._organisation("reporting-org", {"ref": ref, "type": kind}, source.publisher)
        return self._organisation("reporting-org", {"ref": told, "type": "90"}, told_name or told) if told else ""

    def _organisation(self, element: str, attributes: dict[str, str], name: str, english: str = "") -> str:
        said = "".join(f' {key}="{self._text(value)}"' for key, value in attributes.items() if value)
        names = self._narrative(name) + (self._narrative(english, "en") if english and english != name else "")
        return f"<{element}{said}>{names}</{element}>"

    def _parties(self, case: Case) -> list[str]:
        """Each body once a role, in order of role and id."""
        found: dict[tuple[str, str], None] = {}
        for row in case.participations:
            if reason := self._party_refusal(row):
                self.tally.left_out["participations", reason] += 1
            else:
                found[roles()[row.role].iati_role, row.organization_id] = None
        return [self._party(role, organization_id) for role, organization_id in sorted(found)]

    def _party_refusal(self, row: Participation) -> str:
        kind = self.bodies.get(row.organization_id).kind
        tests = {
            "inferred": row.basis == "inferred",
            "no-role": not roles()[row.role].iati_role,
            "group": kind == "group",
            "person": kind == "person" and not self.options.persons,
        }
        return next((reason for reason, holds in tests.items() if holds), "")

    def _party(self, role: str, organization_id: str, element: str = "participating-org") -> str:
        body = self.bodies.get(organization_id)
        ref = self.bodies.stated_id(organization_id)
        attributes = {
            "role": role,
            "ref": ref if is_register_id(ref) else "",
            "type": ORGANISATION_TYPES.get(body.kind, ""),
        }
        return self._organisation(element, attributes, body.name, body.name_en)

    def _dates(self, project: Project) -> Iterator[str]:
        """Start and end; that they are actual is said by the status. A date without a day stands beside it."""
        start = "2" if project.status in {"ongoing", "completed"} else "1"
        end = "4" if project.status == "completed" else "3"
        for stated, to_day, code in ((project.start_date, earliest, start), (project.end_date, latest, end)):
            if _is_day(stated):
                yield f'<activity-date type="{code}" iso-date="{stated}"/>'
            elif is_date(stated):
                self.tally.changed["dates", "widened"] += 1
                beside = self._narrative(stated)
                yield f'<activity-date type="{code}" iso-date="{to_day(stated)}">{beside}</activity-date>'

    def _place(self, project: Project) -> Iterator[str]:
        if project.place.strip():
            yield f"<location><name>{self._narrative(project.place)}</name></location>"

    def _sector(self, project: Project) -> Iterator[str]:
        """The theme as a sector of the reporting organisation's own list (SectorVocabulary 99)."""
        if project.theme.strip():
            theme = theme_of(project.theme)
            code = theme.theme if theme else project.theme
            yield f'<sector vocabulary="99" code="{self._text(code)}">{self._narrative(project.theme)}</sector>'

    def _transactions(self, case: Case) -> Iterator[str]:
        for grant in case.grants:
            if reason := self._sum_refusal(case, grant):
                self.tally.left_out["transactions", reason] += 1
            else:
                self.tally.written["transactions"] += 1
                yield self._transaction(case, grant)

    def _sum_refusal(self, case: Case, grant: Grant) -> str:
        givers = case.parties(grant, "funder")
        kinds = {self.bodies.get(row.organization_id).kind for row in givers}
        tests = {
            "type": grant.type not in TRANSACTION_TYPES,
            "disputed": grant.grant_id in self.in_dispute,
            "no-amount": grant.amount is None,
            "negative-amount": (grant.amount or 0) < 0 and grant.type not in CORRECTING,
            "approximate": grant.approximate,
            "no-currency": not _CURRENCY.match(grant.currency),
            "no-day": not _is_day(grant.date),
            "no-funder": not givers,
            "several-funders": len(givers) > 1,
            "group": "group" in kinds,
            "person": "person" in kinds and not self.options.persons,
        }
        return next((reason for reason, holds in tests.items() if holds), "")

    def _transaction(self, case: Case, grant: Grant) -> str:
        ref = f' ref="{self._text(grant.identifier)}"' if grant.identifier else ""
        amount = format_decimal(grant.amount) if grant.amount is not None else ""
        (giver,) = case.parties(grant, "funder")
        return (
            f'<transaction{ref}><transaction-type code="{TRANSACTION_TYPES[grant.type]}"/>'
            f'<transaction-date iso-date="{grant.date}"/>'
            f'<value currency="{grant.currency}" value-date="{grant.date}">{amount}</value>'
            f"{self._party('', giver.organization_id, 'provider-org')}{self._receiver(case, grant)}</transaction>"
        )

    def _receiver(self, case: Case, grant: Grant) -> str:
        takers = case.parties(grant, "grantee")
        kinds = [self.bodies.get(row.organization_id).kind for row in takers]
        if len(takers) > 1 or (grant.recipients or 0) > max(1, len(takers)):
            self.tally.changed["transactions", "receivers"] += 1
            return ""
        if not takers or kinds == ["group"] or (kinds == ["person"] and not self.options.persons):
            return ""
        return self._party("", takers[0].organization_id, "receiver-org")


def _title(project: Project) -> str:
    return next((title for title in (project.title, project.title_en) if title.strip()), "")


def _is_day(text: str) -> bool:
    return len(text) == 10 and is_date(text)


def _countries(project: Project) -> list[str]:
    """The countries of the region codes: six digits are of GB/T 2260, so China, the others ISO 3166."""
    found = set()
    for code in project.region.split(";"):
        if re.fullmatch(r"\d{6}", code):
            found.add("CN")
        elif match := _COUNTRY.match(code):
            found.add(match.group(1))
    return [f'<recipient-country code="{code}"/>' for code in sorted(found)] if len(found) == 1 else []
