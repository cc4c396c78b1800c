"""FollowTheMoney: entities by the facts of its model, as the schema files state them.

The package `followthemoney` needs ICU, a native library, so its own model cannot check here. `REQUIRED`
and `KNOWN` hold what its schemata say of the properties that are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given

from cega_graph.dataset import Dataset
from cega_graph.model import Name
from cega_graph.vocabulary import kinds
from cega_graph.writers.ftm import SCHEMATA, to_ftm
from cega_graph.writers.tally import Options, Tally
from exports import a_grant_set, stored
from grant_strategies import grant_tables

THING: Final = {
    "name",
    "alias",
    "weakAlias",
    "previousName",
    "description",
    "keywords",
    "publisher",
    "sourceUrl",
    "proof",
}
LEGAL: Final = THING | {"uscCode", "registrationNumber", "classification", "status"}
INTERVAL: Final = {
    "startDate",
    "endDate",
    "date",
    "summary",
    "description",
    "recordId",
    "proof",
    "sourceUrl",
    "publisher",
}
KNOWN: Final = {
    "Organization": LEGAL, "PublicBody": LEGAL, "Company": LEGAL, "LegalEntity": LEGAL, "Person": LEGAL,
    "Document": THING | {"title", "publishedAt", "language"},
    "Project": THING | INTERVAL | {"projectId", "status"},
    "ProjectParticipant": INTERVAL | {"project", "participant", "role", "status"},
    "Payment": INTERVAL | {"payer", "beneficiary", "project", "amount", "currency", "transactionNumber", "purpose",
                           "programme"},
    "Membership": INTERVAL | {"member", "organization", "role", "status"},
}  # fmt: skip
"""Schema → properties that it has, its parents' among them (Thing, LegalEntity, Interval, Interest, Value)."""

BODIES: Final = {"Organization", "PublicBody", "Company", "LegalEntity", "Person"}
REQUIRED: Final = {
    **{schema: {"name"} for schema in (*BODIES, "Document", "Project")},
    "ProjectParticipant": {"project", "participant"},
    "Payment": {"payer", "beneficiary"},
    "Membership": {"member", "organization"},
}
RANGES: Final = {
    "project": {"Project"}, "participant": BODIES, "payer": BODIES, "beneficiary": BODIES, "member": BODIES,
    "organization": {"Organization", "PublicBody", "Company"}, "proof": {"Document"},
}  # fmt: skip
"""Property → schemata that it may point to."""

ENTITY_ID: Final = re.compile(r"^[0-9a-zA-Z]([0-9a-zA-Z\.\-]*[0-9a-zA-Z])?$")
DATE: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?\Z")


def assert_sound(entities: Iterable[dict[str, Any]]) -> None:
    """Check entities by the tables above; a reference must point to what came before it or comes at all."""
    everything = list(entities)
    schemata = {one["id"]: one["schema"] for one in everything}
    assert len(schemata) == len(everything)
    for one in everything:
        said = one["properties"]
        assert set(one) == {"id", "schema", "properties"}
        assert ENTITY_ID.match(one["id"])
        assert REQUIRED[one["schema"]] <= set(said) <= KNOWN[one["schema"]], one
        assert all(isinstance(v, str) and v.strip() for values in said.values() for v in values)
        assert all(values for values in said.values())
        for key in {"startDate", "endDate", "date"} & set(said):
            assert all(DATE.match(v) for v in said[key]), one
        for key in RANGES.keys() & said.keys():
            assert {schemata[v] for v in said[key]} <= RANGES[key], one


def written(dataset: Dataset, options: Options = Options()) -> tuple[list[dict[str, Any]], Tally]:  # noqa: B008
    """Return the entities and the counts."""
    tally = Tally()
    return [json.loads(line) for line in to_ftm(dataset, tally, options)], tally


def test_a_grant_is_a_payment_between_entities() -> None:
    """Every entity, property by property."""
    rows = a_grant_set(kinds=("foundation", "government"))
    rows["organizations"] = rows["organizations"][:2]
    rows["names"] = [
        Name(organization_id="o-f", name=name, status=status, source_id="s", locator="row=1")
        for name, status in (("候鸟基金会", "official"), ("候鸟", "short"), ("旧名会", "former"))
    ]
    with stored(rows) as dataset:
        entities, tally = written(dataset)
    assert_sound(entities)
    evidence = {"proof": ["source-s"], "recordId": ["row=1"]}
    assert [(e["id"], e["schema"], e["properties"]) for e in entities] == [
        ("source-s", "Document", {"language": ["zh"], "name": ["s"], "publisher": ["候鸟联盟"], "title": ["s"]}),
        ("organization-o-f", "Organization", {
            "alias": ["Bird Foundation"], "classification": ["foundation"], "name": ["候鸟基金会"],
            "previousName": ["旧名会"], "weakAlias": ["候鸟"],
        }),
        ("organization-o-g", "PublicBody", {"classification": ["government"], "name": ["滩涂中心"]}),
        ("project-s-1", "Project", {
            "description": ["守护滩涂"], "name": ["滩涂"], "startDate": ["2024-06"], "status": ["ongoing"], **evidence,
        }),
        ("participation-p-0", "ProjectParticipant", {
            "participant": ["organization-o-f"], "project": ["project-s-1"], "role": ["funder"], "status": ["record"],
            **evidence,
        }),
        ("participation-p-1", "ProjectParticipant", {
            "participant": ["organization-o-g"], "project": ["project-s-1"], "role": ["grantee"],
            "status": ["record"], **evidence,
        }),
        ("grant-g-1", "Payment", {
            "amount": ["1000.5"], "beneficiary": ["organization-o-g"], "currency": ["CNY"], "date": ["2024-05-31"],
            "payer": ["organization-o-f"], "project": ["project-s-1"], "summary": ["award"],
            "transactionNumber": ["360G-x-1"], **evidence,
        }),
    ]  # fmt: skip
    assert tally.written == {"entities": 7, "bodies": 2, "projects": 1, "participations": 2, "grants": 1}


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("type", {"grant": {"type": "pledge"}}),
        ("disputed", {"grant": {"conflicts_with": "g-1"}}),
        ("no-funder", {"parties": (("grantee", "o-g"),)}),
        ("no-recipient", {"parties": (("funder", "o-f"),)}),
        ("group", {"kinds": ("foundation", "group")}),
        ("person", {"kinds": ("foundation", "person")}),
        ("other-recipients", {"grant": {"recipients": 3}}),
        ("refers", {"project": {"title": ""}}),
    ],
)
def test_a_sum_that_is_no_payment_is_left_out(reason: str, changes: dict[str, Any]) -> None:
    """With this reason."""
    with stored(a_grant_set(**changes)) as dataset:
        entities, tally = written(dataset)
    assert_sound(entities)
    assert [e for e in entities if e["schema"] == "Payment"] == []
    assert tally.left_out["grants", reason] == 1


def test_a_social_credit_code_has_a_property_of_its_own() -> None:
    """`uscCode` without the list's prefix."""
    rows = a_grant_set(parties=(("funder", "CN-USCI-G1610000713522976L"), ("grantee", "o-g")))
    body: Any = rows["organizations"][0]
    rows["organizations"].append(msgspec.structs.replace(body, organization_id="CN-USCI-G1610000713522976L"))
    with stored(rows) as dataset:
        entities, _ = written(dataset)
    found = [e["properties"]["uscCode"] for e in entities if "uscCode" in e["properties"]]
    assert found == [["G1610000713522976L"]]


def test_kinds_are_of_the_vocabulary() -> None:
    """No kind is misspelled."""
    assert set(SCHEMATA) <= set(kinds())


@pytest.mark.parametrize("persons", [False, True])
@given(grant_tables())
def test_every_file_is_sound_and_complete(persons: bool, rows: dict[str, list[Any]]) -> None:  # noqa: FBT001
    """Ids, required properties and ranges hold; the sums of payments are those that can be stated."""
    with stored(rows) as dataset:
        entities, tally = written(dataset, Options(persons=persons))
        united = {name: list(dataset.rows(name)) for name in ("participations", "grants", "projects")}
    assert_sound(entities)
    of = {o.organization_id: o.kind for o in rows["organizations"]}
    hidden = {"group"} if persons else {"group", "person"}
    assert sum(e["schema"] in BODIES for e in entities) == sum(kind not in hidden for kind in of.values())
    amounts = sum(Decimal(v) for e in entities if e["schema"] == "Payment" for v in e["properties"].get("amount", []))
    payments = {e["id"].removeprefix("grant-") for e in entities if e["schema"] == "Payment"}
    assert amounts == sum(g.amount or 0 for g in rows["grants"] if g.grant_id in payments)
    for thing, held in united.items():
        left = sum(n for (what, _), n in tally.left_out.items() if what == thing)
        assert tally.written[thing] + left == len(held)
