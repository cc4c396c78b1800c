"""IATI 2.03: valid by the standard's own schema, nothing made up, everything left out counted."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from lxml import etree

from cega_graph.dataset import Dataset
from cega_graph.model import Participation
from cega_graph.vocabulary import roles
from cega_graph.writers.iati import to_iati
from cega_graph.writers.tally import Options, Tally
from exports import a_grant_set, iati_schema, stored
from grant_strategies import grant_tables


def written(dataset: Dataset, options: Options = Options()) -> tuple[bytes, Tally]:  # noqa: B008
    """Return the document and the counts."""
    tally = Tally()
    return b"".join(to_iati(dataset, tally, options)), tally


ACTIVITY = """<?xml version="1.0" encoding="UTF-8"?>
<iati-activities version="2.03">
<iati-activity xml:lang="zh">
<iati-identifier>CN-1-A</iati-identifier>
<reporting-org ref="s" type="90"><narrative>候鸟联盟</narrative></reporting-org>
<title><narrative>滩涂</narrative><narrative xml:lang="en">Tidal flats</narrative></title>
<description><narrative>守护滩涂</narrative></description>
<participating-org role="1" type="60"><narrative>候鸟基金会</narrative><narrative xml:lang="en">Bird Foundation</narrative></participating-org>
<participating-org role="4" ref="GB-CHC-7" type="80"><narrative>Seven</narrative></participating-org>
<participating-org role="4"><narrative>又一中心</narrative></participating-org>
<activity-status code="2"/>
<activity-date type="2" iso-date="2024-06-01"><narrative>2024-06</narrative></activity-date>
<activity-date type="3" iso-date="2025-12-31"/>
<recipient-country code="CN"/>
<location><name><narrative>盐城</narrative></name></location>
<sector vocabulary="99" code="biodiversity"><narrative>生物多样性保护</narrative></sector>
<transaction ref="360G-x-1"><transaction-type code="2"/><transaction-date iso-date="2024-05-31"/><value currency="CNY" value-date="2024-05-31">1000.5</value><provider-org type="60"><narrative>候鸟基金会</narrative><narrative xml:lang="en">Bird Foundation</narrative></provider-org><receiver-org ref="GB-CHC-7" type="80"><narrative>Seven</narrative></receiver-org></transaction>
</iati-activity>
</iati-activities>
"""  # noqa: E501


def test_an_activity_has_all_that_is_stated(codelists: Path) -> None:
    """Element by element, in the order of the schema."""
    rows = a_grant_set(
        project={
            "identifier": "CN-1-A", "title_en": "Tidal flats", "end_date": "2025-12-31", "place": "盐城",
            "region": "320900;110000", "theme": "生物多样性保护",
        },
        parties=(("funder", "o-f"), ("grantee", "GB-CHC-7"), ("executor", "o-h"), ("partner", "o-g")),
    )  # fmt: skip
    with stored(rows) as dataset:
        content, tally = written(dataset)
    assert content.decode() == ACTIVITY
    iati_schema(codelists).assertValid(etree.fromstring(content))
    assert list(tally.lines()) == [
        "1 activities, 3 participations, 1 transactions",
        "left out 1 participations: a role that the format does not have",
        "1 dates to no day: first or last day, as stated beside it",
    ]


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("no-title", {"project": {"title": ""}}),
        ("no-description", {"project": {"description": ""}}),
        ("no-publisher", {"source": {"publisher": ""}}),
        ("no-participant", {"parties": (("partner", "o-f"), ("funder", "o-g")), "kinds": ("ngo", "group")}),
        ("no-status", {"project": {"status": ""}}),
        ("no-date", {"project": {"start_date": ""}}),
    ],
)
def test_what_the_schema_requires_is_not_made_up(reason: str, changes: dict[str, Any]) -> None:
    """The activity is left out, with this reason, and with it what refers to it."""
    with stored(a_grant_set(**changes)) as dataset:
        content, tally = written(dataset)
    assert b"<iati-activity>" not in content
    assert (tally.left_out["activities", reason], tally.left_out["transactions", "refers"]) == (1, 1)
    assert not tally.written["activities"]


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("type", {"grant": {"type": "future"}}),
        ("no-amount", {"grant": {"amount": None}}),
        ("approximate", {"grant": {"approximate": True}}),
        ("disputed", {"grant": {"conflicts_with": "g-1"}}),
        ("no-currency", {"grant": {"currency": "XXX"}}),
        ("no-day", {"grant": {"date": "2024"}}),
        ("no-funder", {"parties": (("grantee", "o-g"),)}),
        ("several-funders", {"parties": (("funder", "o-f"), ("funder", "o-h"))}),
        ("person", {"kinds": ("person", "ngo")}),
    ],
)
def test_a_sum_that_the_schema_cannot_hold_is_left_out(reason: str, changes: dict[str, Any]) -> None:
    """Without a provider a reader would take the reporting organisation for it."""
    with stored(a_grant_set(**changes)) as dataset:
        content, tally = written(dataset)
    assert b"<transaction" not in content
    assert tally.left_out["transactions", reason] == 1


def test_a_sum_for_several_names_no_receiver() -> None:
    """The format takes one; all of them take part in the activity."""
    with stored(a_grant_set(parties=(("funder", "o-f"), ("grantee", "o-g"), ("grantee", "o-h")))) as dataset:
        content, tally = written(dataset)
    assert b"<receiver-org" not in content
    assert tally.changed["transactions", "receivers"] == 1
    assert tally.written["participations"] == 3


def test_a_person_may_fill_in_what_is_missing(codelists: Path) -> None:
    """Description, status and reporting organisation, as told, and counted."""
    rows = a_grant_set(project={"description": "", "status": ""}, source={"publisher": ""})
    told = {"description": "{title}", "status": "completed", "reporting-org": "CN-USCI-1|我们"}
    with stored(rows) as dataset:
        content, tally = written(dataset, Options(fill=told))
    document = etree.fromstring(content)
    iati_schema(codelists).assertValid(document)
    assert document.findtext("iati-activity/description/narrative") == "滩涂"
    assert document.find("iati-activity/activity-status").get("code") == "4"
    assert document.find("iati-activity/reporting-org").get("ref") == "CN-USCI-1"
    assert document.findtext("iati-activity/reporting-org/narrative") == "我们"
    assert tally.changed["texts", "filled"] == 2


def test_what_xml_cannot_hold_is_replaced_and_counted() -> None:
    """Everything else comes back character by character, line ends and all."""
    hostile = "a\x00b\ufffe<&>\"'\r\n\t]]> 鸟"
    with stored(a_grant_set(project={"title": hostile})) as dataset:
        content, tally = written(dataset)
    title = etree.fromstring(content).findtext("iati-activity/title/narrative")
    assert title == "a\ufffdb\ufffd<&>\"'\r\n\t]]> 鸟"
    assert tally.changed["texts", "illegal-character"] == 1


def test_what_is_inferred_stays_out() -> None:
    """A standard file is a statement."""
    row = Participation(participation_id="p-9", project_id="s-1", organization_id="o-h", role="submitter",
                        basis="header", source_id="s", locator="row=1")  # fmt: skip
    rows = a_grant_set(parties=(("executor", "o-g"),), others=(row,))
    with stored(rows) as dataset:
        assert [p.rule for p in dataset.rows("participations") if p.rule] == ["submitter-funds"]
        content, tally = written(dataset)
    assert b"\xe5\x8f\x88\xe4\xb8\x80" not in content
    assert tally.left_out["participations", "inferred"] == 1


@given(grant_tables())
def test_every_document_is_valid_and_complete(codelists: Path, rows: dict[str, list[Any]]) -> None:
    """Lxml takes it by the XSD; the roles and sums that are read from it are those that can be stated."""
    with stored(rows) as dataset:
        content, tally = written(dataset)
        assert written(dataset)[0] == content
    document = etree.fromstring(content)
    activities = document.findall("iati-activity")
    if activities:
        iati_schema(codelists).assertValid(document)
    kinds = {o.organization_id: o.kind for o in rows["organizations"]}
    ids = {p.identifier or p.project_id: p.project_id for p in rows["projects"]}
    sums = 0
    for activity in activities:
        project_id = ids[activity.findtext("iati-identifier")]
        stated: set[tuple[str, str]] = {
            (roles()[p.role].iati_role, p.organization_id)
            for p in rows["participations"]
            if p.project_id == project_id and roles()[p.role].iati_role
            and kinds[p.organization_id] not in {"person", "group"}
        }  # fmt: skip
        found = Counter(org.get("role") for org in activity.findall("participating-org"))
        assert Counter(role for role, _ in stated) == found
        amounts = [Decimal(value.text) for value in activity.findall("transaction/value")]
        sums += len(amounts)
        assert not Counter(amounts) - Counter(g.amount for g in rows["grants"] if g.project_id == project_id)
    assert sums == tally.written["transactions"]
    assert len(activities) == tally.written["activities"]
    left: Counter[str] = Counter()
    for (thing, _), n in tally.left_out.items():
        left[thing] += n
    assert len(activities) + left["activities"] == len(rows["projects"])
    assert sums + left["transactions"] == len(rows["grants"])
