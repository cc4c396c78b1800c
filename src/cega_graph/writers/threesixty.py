"""Awards as a 360Giving data package (JSON, version 1.4).

What the standard requires and the data do not state is not made up: such an award is left out and
counted. A standard file is a statement, so what a rule inferred, an approximate amount and a sum that
is for more recipients than are named stay out too.

Source: 360Giving Data Standard 1.4.3, `360-giving-schema.json` and its package schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cega_graph.dataset.cases import Bodies, Case, cases, disputed, read_sources
from cega_graph.dates import is_date
from cega_graph.model import CORRECTING, Grant, Participation, Project, Source
from cega_graph.tabular import format_decimal
from cega_graph.writers.currencies import CURRENCIES
from cega_graph.writers.tally import Options, Tally

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset

FILLS: Final = ("description",)
"""What `Options.fill` may give."""

_TRANSACTIONS: Final = {"commitment": "commitmentTransaction", "disbursement": "disbursementTransaction"}
_URI: Final = re.compile(r"https?://[!-~]+\Z")
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


def to_threesixty(dataset: Dataset, tally: Tally, options: Options = Options()) -> Iterator[bytes]:  # noqa: B008
    """Yield the parts of one JSON document, a line a grant, in order of project and place.

    Args:
        tally: Counts `grants` written and left out; if none is written, the document is not valid.
    """
    sources = read_sources(dataset)
    writer = _Writer(Bodies(dataset), sources, disputed(dataset), tally, options)
    yield _encode(_package(sources))[:-1] + b',"grants":[\n'
    joint = b""
    for case in cases(dataset):
        for one in writer.grants(case):
            yield joint + _encode(one)
            joint = b",\n"
    yield b"\n]}\n"


def _package(sources: dict[str, Source]) -> dict[str, Any]:
    """What the package says of itself; publisher and licence only if there is one source."""
    package: dict[str, Any] = {"version": "1.4"}
    titles = [row.title for row in sources.values() if row.title]
    if titles:
        package["title"] = "; ".join(titles)
    if len(sources) == 1:
        (source,) = sources.values()
        if source.publisher:
            package["publisher"] = {"name": source.publisher}
        if _is_uri(source.licence):
            package["license"] = source.licence
    return package


def _is_uri(text: str) -> bool:
    return _URI.match(text) is not None and not re.search(r'[<>"{}|\\^`]', text)


class _Writer:
    def __init__(
        self, bodies: Bodies, sources: dict[str, Source], in_dispute: frozenset[str], tally: Tally, options: Options
    ) -> None:
        self.bodies: Final = bodies
        self.sources: Final = sources
        self.in_dispute: Final = in_dispute
        self.tally: Final = tally
        self.options: Final = options
        self.ids: set[str] = set()

    def grants(self, case: Case) -> Iterator[dict[str, Any]]:
        """Yield the awards of a project that can be written; other sums join the one award they belong to."""
        awards = []
        for grant in case.grants:
            if grant.type == "award" and (reason := self._refusal(case, grant)):
                self.tally.left_out["grants", reason] += 1
            elif grant.type == "award":
                awards.append(self._award(case, grant))
        self._transactions(case, awards)
        self._count_parties(case)
        self.tally.written["grants"] += len(awards)
        yield from awards

    def _count_parties(self, case: Case) -> None:
        """Count who takes part without giving or getting a sum: the standard knows no other role."""
        for row in case.participations:
            if row.basis == "inferred":
                self.tally.left_out["participations", "inferred"] += 1
            elif row.role not in {"funder", "grantee"}:
                self.tally.left_out["participations", "no-role"] += 1
            elif not row.grant_id:
                self.tally.left_out["participations", "no-sum"] += 1

    def _transactions(self, case: Case, awards: list[dict[str, Any]]) -> None:
        for grant in case.grants:
            if grant.type == "award":
                continue
            reason = "type" if grant.type not in _TRANSACTIONS else self._sum_refusal(grant)
            if not reason and len(awards) != 1:
                reason = "no-award"
            if reason:
                self.tally.left_out["transactions", reason] += 1
                continue
            self.tally.written["transactions"] += 1
            awards[0].setdefault(_TRANSACTIONS[grant.type], []).append(_transaction(grant))

    def _sum_refusal(self, grant: Grant) -> str:
        """Why a sum cannot be written; an empty text if it can."""
        tests = {
            "disputed": grant.grant_id in self.in_dispute,
            "no-amount": grant.amount is None,
            "negative-amount": (grant.amount or 0) < 0 and grant.type not in CORRECTING,
            "approximate": grant.approximate,
            "no-currency": grant.currency not in CURRENCIES,
            "no-day": not (len(grant.date) == 10 and is_date(grant.date)),
        }
        return next((reason for reason, holds in tests.items() if holds), "")

    def _refusal(self, case: Case, grant: Grant) -> str:
        if reason := self._sum_refusal(grant):
            return reason
        if not _title(case.project):
            return "no-title"
        if not case.project.description.strip() and not self.options.filled("description", _title(case.project)):
            return "no-description"
        return self._party_refusal(case, grant)

    def _party_refusal(self, case: Case, grant: Grant) -> str:
        funders, recipients = case.parties(grant, "funder"), case.parties(grant, "grantee")
        funder_kinds, kinds = self._kinds(funders), self._kinds(recipients)
        n_persons = kinds.count("person")
        tests = {
            "no-funder": not funders,
            "no-recipient": not recipients,
            "group": "group" in funder_kinds or "group" in kinds,
            "person": "person" in funder_kinds or (n_persons > 0 and not self.options.persons),
            "mixed-recipients": n_persons > 0 and len(kinds) > 1,
            "other-recipients": (grant.recipients or 0) > len(recipients),
        }
        return next((reason for reason, holds in tests.items() if holds), "")

    def _kinds(self, rows: list[Participation]) -> list[str]:
        return [self.bodies.get(row.organization_id).kind for row in rows]

    def _award(self, case: Case, grant: Grant) -> dict[str, Any]:
        project = case.project
        description = project.description
        if not description.strip():
            description = self.options.filled("description", _title(project))
            self.tally.changed["texts", "filled"] += 1
        award: dict[str, Any] = {
            "id": self._id(grant),
            "title": _title(project),
            "description": description,
            "currency": grant.currency,
            "amountAwarded": _number(grant),
            "awardDate": _moment(grant.date),
            "fundingOrganization": [self._organization(row) for row in case.parties(grant, "funder")],
            **self._recipients(case.parties(grant, "grantee")),
        }
        return {**award, **_about(project), **self._more(grant, case)}

    def _id(self, grant: Grant) -> str:
        """The publisher's identifier. Rows of one identifier are one grant to a reader, so none is used twice."""
        wanted = grant.identifier or grant.grant_id
        if wanted in self.ids:
            self.tally.changed["grants", "second-id"] += 1
            wanted = grant.grant_id
        self.ids.add(wanted)
        return wanted

    def _organization(self, row: Participation) -> dict[str, str]:
        body = self.bodies.get(row.organization_id)
        said = {"id": self.bodies.stated_id(row.organization_id), "name": body.name}
        return {**said, "alternateName": body.name_en} if body.name_en else said

    def _recipients(self, rows: list[Participation]) -> dict[str, Any]:
        if self._kinds(rows) == ["person"]:
            one = self._organization(rows[0])
            return {"recipientIndividual": {"id": one["id"], "name": one["name"]}}
        return {"recipientOrganization": [self._organization(row) for row in rows]}

    def _more(self, grant: Grant, case: Case) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if grant.funding_type:
            more["fundingType"] = [{"title": grant.funding_type}]
        if len(case.grants) > 1 or case.project.project_id not in {grant.identifier, case.project.identifier}:
            more["relatedActivity"] = [case.project.identifier or case.project.project_id]
        source = self.sources.get(grant.source_id)
        if source and _is_uri(source.url):
            more["dataSource"] = source.url
        return more


def _title(project: Project) -> str:
    return next((title for title in (project.title, project.title_en) if title.strip()), "")


def _number(grant: Grant) -> Decimal:
    return Decimal(format_decimal(grant.amount or Decimal(0)))


def _moment(date: str) -> str:
    """Return a day as a date-time, as most publishers do; a month or a year as it is.

    The schema lets a date be either a date-time or a day, not both, and a validator that does not assert
    formats takes every text for a date-time: to it a plain day would be both.
    """
    return f"{date}T00:00:00+00:00" if len(date) == 10 else date


def _transaction(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.identifier or grant.grant_id,
        "transactionDate": _moment(grant.date),
        "currency": grant.currency,
        "value": _number(grant),
    }


def _about(project: Project) -> dict[str, Any]:
    """What the project says of time, place, programme and theme, where the standard has a field for it."""
    about: dict[str, Any] = {}
    dates = {"startDate": project.start_date, "endDate": project.end_date}
    dates = {key: _moment(date) for key, date in dates.items() if is_date(date) and "/" not in date}
    if dates:
        about["plannedDates"] = [dates]
    if project.place:
        about["beneficiaryLocation"] = [{"name": project.place}]
    if project.programme:
        about["grantProgramme"] = [{"title": project.programme}]
    if project.theme:
        about["classifications"] = [{"title": project.theme}]
    return about
