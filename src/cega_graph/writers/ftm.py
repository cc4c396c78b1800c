"""The graph as FollowTheMoney entities, one JSON object a line.

Bodies, projects and sources are entities; so is every participation, sum and membership, with its own
id. What a rule inferred is kept and says so in `status`.

Source: FollowTheMoney 4, schemata Organization, PublicBody, Company, LegalEntity, Person, Project,
ProjectParticipant, Payment, Membership, Document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cega_graph.dataset.cases import Bodies, Case, cases, disputed
from cega_graph.identifiers import mint_entity_id
from cega_graph.model import Evidence, Grant, Membership, Organization, Participation, Project, Source
from cega_graph.tabular import format_decimal
from cega_graph.writers.tally import Options, Tally

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset

SCHEMATA: Final = {
    "foundation": "Organization", "ngo": "Organization", "university": "Organization", "network": "Organization",
    "research_institute": "Organization", "international_organization": "Organization", "media": "Organization",
    "government": "PublicBody", "public_institution": "PublicBody", "company": "Company", "person": "Person",
}  # fmt: skip
"""Kind → schema; every other kind is a LegalEntity, which FollowTheMoney has for what is not known more closely."""

PAYMENTS: Final = ("award", "commitment", "disbursement", "expenditure", "incoming", "incoming_commitment")
"""The types of sum that become payments; a pledge or what is approved for the future is none yet."""

_NAMES: Final = {"short": "weakAlias", "former": "previousName"}
_encode: Final = msgspec.json.encode


def to_ftm(dataset: Dataset, tally: Tally, options: Options = Options()) -> Iterator[bytes]:  # noqa: B008
    """Yield one line an entity: sources, bodies, then project by project, then memberships.

    Args:
        tally: Counts `entities`, `bodies`, `projects`, `participations`, `grants` and `memberships`.
    """
    writer = _Writer(dataset, tally, options)
    for entity in writer.entities():
        tally.written["entities"] += 1
        yield _encode(entity) + b"\n"


def _entity(kind: str, identifier: str, schema: str, **properties: str | list[str]) -> dict[str, Any]:
    """An entity; every property is a list of texts, and what is not said is not there."""
    values = {key: [value] if isinstance(value, str) else value for key, value in properties.items()}
    said = {key: [v for v in value if v.strip()] for key, value in values.items()}
    said = {key: value for key, value in sorted(said.items()) if value}
    return {"id": mint_entity_id(kind, identifier), "schema": schema, "properties": said}


class _Writer:
    def __init__(self, dataset: Dataset, tally: Tally, options: Options) -> None:
        self.dataset: Final = dataset
        self.bodies: Final = Bodies(dataset)
        self.in_dispute: Final = disputed(dataset)
        self.tally: Final = tally
        self.options: Final = options

    def entities(self) -> Iterator[dict[str, Any]]:
        """Yield every entity; those that a relation names come before it."""
        for source in self.dataset.rows("sources"):
            yield _document(source)
        names: dict[str, dict[str, list[str]]] = {}
        for row in self.dataset.rows("names"):
            of = names.setdefault(row.organization_id, {})
            found = of.setdefault(_NAMES.get(row.status, "alias"), [])
            if row.name not in found:
                found.append(row.name)
        for body in self.bodies:
            if reason := self._refused(body):
                self.tally.left_out["bodies", reason] += 1
            else:
                self.tally.written["bodies"] += 1
                yield self._body(body, names.get(body.organization_id, {}))
        for case in cases(self.dataset):
            yield from self._case(case)
        for row in self.dataset.rows("memberships"):
            yield from self._membership(row)

    def _refused(self, body: Organization) -> str:
        if body.kind == "group":
            return "group"
        return "person" if body.kind == "person" and not self.options.persons else ""

    def _body(self, body: Organization, names: dict[str, list[str]]) -> dict[str, Any]:
        registered = self.bodies.registered(body.organization_id)
        codes = [one.removeprefix("CN-USCI-") for one in registered if one.startswith("CN-USCI-")]
        aliases = [n for n in dict.fromkeys([body.name_en, *names.get("alias", [])]) if n != body.name]
        name = body.name if body.name.strip() else body.organization_id
        return _entity(
            "organization", body.organization_id, SCHEMATA.get(body.kind, "LegalEntity"), name=name,
            alias=aliases, weakAlias=names.get("weakAlias", []), previousName=names.get("previousName", []),
            uscCode=codes, registrationNumber=[one for one in registered if not one.startswith("CN-USCI-")],
            classification=body.kind,
        )  # fmt: skip

    def _case(self, case: Case) -> Iterator[dict[str, Any]]:
        project = case.project
        if not _title(project):
            self.tally.left_out["projects", "no-title"] += 1
            for thing, rows in (("participations", case.participations), ("grants", case.grants)):
                self.tally.left_out[thing, "refers"] += len(rows)
            return
        self.tally.written["projects"] += 1
        yield _project(project)
        for row in case.participations:
            if reason := self._refused(self.bodies.get(row.organization_id)):
                self.tally.left_out["participations", reason] += 1
            else:
                self.tally.written["participations"] += 1
                yield _participant(row)
        for grant in case.grants:
            yield from self._payment(case, grant)

    def _payment(self, case: Case, grant: Grant) -> Iterator[dict[str, Any]]:
        givers, takers = ([row.organization_id for row in case.parties(grant, role)] for role in ("funder", "grantee"))
        refused = {self._refused(self.bodies.get(one)) for one in (*givers, *takers)} - {""}
        tests = {
            "type": grant.type not in PAYMENTS,
            "disputed": grant.grant_id in self.in_dispute,
            "no-funder": not givers,
            "no-recipient": not takers,
            **dict.fromkeys(sorted(refused), True),
            "other-recipients": (grant.recipients or 0) > len(takers),
        }
        if reason := next((reason for reason, holds in tests.items() if holds), ""):
            self.tally.left_out["grants", reason] += 1
            return
        self.tally.written["grants"] += 1
        start, _, end = grant.date.partition("/")
        yield _entity(
            "grant", grant.grant_id, "Payment",
            payer=[mint_entity_id("organization", one) for one in givers],
            beneficiary=[mint_entity_id("organization", one) for one in takers],
            project=mint_entity_id("project", case.project.project_id),
            amount=format_decimal(grant.amount) if grant.amount is not None else "", currency=grant.currency,
            date=grant.date if not end else "", startDate=start if end else "", endDate=end,
            transactionNumber=grant.identifier, purpose=grant.funding_type, programme=case.project.programme,
            summary=f"{grant.type}, approximate" if grant.approximate else grant.type, **_evidence(grant),
        )  # fmt: skip

    def _membership(self, row: Membership) -> Iterator[dict[str, Any]]:
        member, network = self.bodies.get(row.organization_id), self.bodies.get(row.network_id)
        reason = self._refused(member)
        if not reason and SCHEMATA.get(network.kind) not in {"Organization", "PublicBody", "Company"}:
            reason = "no-network"
        if reason:
            self.tally.left_out["memberships", reason] += 1
            return
        self.tally.written["memberships"] += 1
        yield _entity(
            "membership", row.membership_id, "Membership", role=row.role, status=row.status,
            member=mint_entity_id("organization", row.organization_id),
            organization=mint_entity_id("organization", row.network_id),
            startDate=row.since.partition("/")[0], endDate=row.until.rpartition("/")[2], **_evidence(row),
        )  # fmt: skip


def _evidence(row: Evidence) -> dict[str, str]:
    """The source and the place in it: its locator, or the first character and the one behind the last."""
    offsets = f"{row.text_start}-{row.text_end}" if row.text_start is not None else ""
    return {
        "proof": mint_entity_id("source", row.source_id) if row.source_id else "",
        "recordId": row.locator or offsets,
    }


def _document(source: Source) -> dict[str, Any]:
    title = source.title if source.title.strip() else source.source_id
    return _entity(
        "source", source.source_id, "Document", name=title, title=title, publisher=source.publisher,
        publishedAt=str(source.year) if source.year else "", sourceUrl=source.url, language=source.language,
    )  # fmt: skip


def _title(project: Project) -> str:
    return next((title for title in (project.title, project.title_en) if title.strip()), "")


def _project(row: Project) -> dict[str, Any]:
    name = _title(row)
    return _entity(
        "project", row.project_id, "Project", name=name, alias=row.title_en if row.title_en != name else "",
        projectId=row.identifier, status=row.status, description=row.description, keywords=[row.theme, row.programme],
        startDate=row.start_date.partition("/")[0], endDate=row.end_date.rpartition("/")[2], **_evidence(row),
    )  # fmt: skip


def _participant(row: Participation) -> dict[str, Any]:
    return _entity(
        "participation", row.participation_id, "ProjectParticipant", role=row.role,
        status=f"inferred: {row.rule}" if row.basis == "inferred" else row.basis,
        project=mint_entity_id("project", row.project_id),
        participant=mint_entity_id("organization", row.organization_id),
        startDate=row.since.partition("/")[0], endDate=row.until.rpartition("/")[2], summary=row.activity,
        description=row.qualifier, **_evidence(row),
    )  # fmt: skip
