"""IATI: real files with their known counts, and what 1.x files and odd ones do."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from cega_graph.check import check
from cega_graph.dataset import Dataset
from cega_graph.errors import UnreadableInput
from cega_graph.model import Grant, Name, Organization, Participation, Project
from importing_cases import activities, counts, flows, imported, real, remarked, rows

OLD = """<iati-activity default-currency="EUR" xml:lang="en">
 <iati-identifier> NL-1-old </iati-identifier>
 <reporting-org ref="NL-KVK-1" type="21">Tide Trust</reporting-org>
 <title>Dikes</title><title xml:lang="fr">Digues</title>
 <participating-org role="Funding" ref="NL-KVK-1">Tide Trust</participating-org>
 <participating-org role="implementing">Mudflat Friends</participating-org>
 <participating-org role="Beneficiary">Reed Club</participating-org>
 <participating-org role="Watching">Kelp Group</participating-org>
 <participating-org role="Accountable"/>
 <activity-status code="2">Implementation</activity-status>
 <activity-date type="start-planned" iso-date="2010-01-01"/>
 <activity-date type="start-actual">2010-02-03</activity-date>
 <activity-date type="end-actual" iso-date="2012-12-31"/>
 <recipient-country code="BD">Bangladesh</recipient-country>
 <sector code="41010" vocabulary="DAC">Environment policy</sector>
 <transaction><transaction-type code="C">Commitment</transaction-type><value value-date="2010-01-05">1,000</value>
  <transaction-date iso-date="2010-01-05"/><receiver-org>Mudflat Friends</receiver-org></transaction>
 <transaction><transaction-type code="D"/><value currency="USD">-50</value>
  <transaction-date iso-date="2011-01-05"/><receiver-org>Mudflat Friends</receiver-org></transaction>
 <transaction><transaction-type code="IF"/><value>7</value><provider-org ref="XM-DAC-7">Ministry</provider-org>
  <transaction-date iso-date="2011-01-06"/></transaction>
 <transaction><transaction-type code="LR"/><value>3</value></transaction>
</iati-activity>"""


def test_a_real_file(tmp_path: Path) -> None:
    """The counts of its README."""
    data, outcome = imported(tmp_path, real("iati/food-security.xml"))
    assert counts(outcome) == {"food-security": (7, 7, 0)}
    assert len(rows(data, Project)) == 7
    stated = [p for p in rows(data, Participation) if p.label.startswith("participating-org")]
    assert len(stated) == 25
    kinds = Counter(g.type for g in rows(data, Grant))
    assert kinds == {"commitment": 18, "disbursement": 16, "expenditure": 22, "incoming": 5, "incoming_commitment": 2}
    assert sum(kinds.values()) == 63
    assert check(Dataset([data]), shapes=False) == []


def test_the_standards_own_example(tmp_path: Path) -> None:
    """One activity, three roles, names in two languages."""
    data, _ = imported(tmp_path, real("iati/activity-standard-example-annotated.xml"))
    stated = [p for p in rows(data, Participation) if p.label.startswith("participating-org")]
    assert [(p.role, p.mention) for p in sorted(stated, key=lambda p: p.label)] == [
        ("funder", "Name of Agency B"), ("accountable", "Name of Agency C"), ("intermediary", "Name of Agency A"),
    ]  # fmt: skip
    assert ("Nom de l'agence A", "fr") in {(n.name, n.language) for n in rows(data, Name)}
    assert check(Dataset([data])) == []


def test_an_old_file(tmp_path: Path) -> None:
    """1.x: texts without narratives, roles and types in words and letters; what is negative takes money back."""
    data, outcome = imported(tmp_path, activities(tmp_path, OLD, root='<iati-activities version="1.05">'))
    assert flows(data) == [
        ("Ministry", "Tide Trust", "incoming", "7 EUR"),
        ("Tide Trust", "Mudflat Friends", "commitment", "1000 EUR"),
        ("Tide Trust", "Mudflat Friends", "disbursement", "-50 USD"),
    ]
    project = rows(data, Project)[0]
    assert (project.project_id, project.title, project.start_date, project.end_date) == (
        "NL-1-old", "Dikes", "2010-02-03", "2012-12-31",
    )  # fmt: skip
    assert (project.place, project.theme, project.status) == ("Bangladesh", "Environment policy", "ongoing")
    names = {o.organization_id: o.name for o in rows(data, Organization)}
    stated = {(p.role, names[p.organization_id]) for p in rows(data, Participation) if not p.grant_id}
    assert stated == {
        ("funder", "Tide Trust"), ("executor", "Mudflat Friends"), ("grantee", "Reed Club"), ("other", "Kelp Group"),
    }  # fmt: skip
    found = remarked(outcome)
    assert {code: found[code] for code in ("unknown-role", "empty-element", "not-a-grant", "stated-by-default")} == {
        "unknown-role": 1, "empty-element": 1, "not-a-grant": 1, "stated-by-default": 3,
    }  # fmt: skip
    aside = (data / "set-aside.csv").read_text(encoding="utf-8-sig")
    assert "/iati-activities/iati-activity[1]/transaction[4],not-a-grant,true,LR" in aside
    assert rows(data, Grant)[0].locator.startswith("/iati-activities/iati-activity[1]/transaction[")
    assert check(Dataset([data])) == []


def test_what_no_column_takes_is_kept_or_counted(tmp_path: Path) -> None:
    """Further titles, names of own codes and links between activities are in extra; the rest is counted by its path."""
    data, _ = imported(tmp_path, activities(
        tmp_path,
        """<iati-activity xml:lang="fr"><iati-identifier>a-1</iati-identifier>
        <title><narrative>Marais</narrative><narrative xml:lang="en">Marsh</narrative>
         <narrative xml:lang="zh">沼泽</narrative><narrative xml:lang="de">Moor</narrative></title>
        <participating-org role="4" activity-id="b-9"><narrative>Reed Club</narrative></participating-org>
        <recipient-country code="CN"><narrative>Chine</narrative><narrative xml:lang="en">China</narrative>
        </recipient-country>
        <location><name><narrative>Yunnan</narrative></name><point><pos>1 2</pos></point></location>
        <sector vocabulary="1" code="41010"><narrative>Environnement</narrative></sector>
        <sector vocabulary="99" code="x"><narrative>Own</narrative><narrative xml:lang="en">Ours</narrative></sector>
        <transaction><transaction-type code="1"/><value currency="EUR" value-date="2020-01-01">5</value>
         <description><narrative>Words</narrative></description>
         <provider-org provider-activity-id="c-3"><narrative>Tide Trust</narrative></provider-org></transaction>
        </iati-activity>""",
    ))  # fmt: skip
    (project,) = rows(data, Project)
    assert (project.title, project.title_en, project.theme) == ("Marais", "Marsh", "Environnement")
    assert project.place == "Chine; Yunnan"
    assert json.loads(project.extra) == {
        "title:zh": "沼泽", "title:de": "Moor", "recipient-country": [{"code": "CN", "narrative": "China"}],
        "sector": [
            {"vocabulary": "1", "code": "41010"}, {"vocabulary": "99", "code": "x", "narrative": ["Own", "Ours"]},
        ],
        "activity-links": [
            {"at": "participating-org[1]", "activity-id": "b-9"},
            {"at": "transaction[1]/provider-org", "provider-activity-id": "c-3"},
        ],
    }  # fmt: skip
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert "act,not-read,2,,location/point,1," in report
    assert "act,not-read,2,,transaction/description,1," in report


def test_all_kinds_of_parts_that_are_not_read_are_told(tmp_path: Path) -> None:
    parts = "".join(f"<part-{n}/>" for n in range(9))
    data, _ = imported(tmp_path, activities(tmp_path, OLD.replace("</iati-activity>", f"{parts}</iati-activity>")))
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert report.count(",part-") == 9


def test_a_kind_that_the_number_contradicts_is_told(tmp_path: Path) -> None:
    """The number decides; an office of a foundation abroad and a university are no contradiction."""
    bodies = (
        ("91350100M000100Y43", "60"), ("91350100M000100Y43", "60"), ("G1610000713522976L", "60"),
        ("G11100007178352756", "70"), ("91350100M000100Y43", "70"),
    )  # fmt: skip
    parties = "".join(
        f'<participating-org role="4" ref="CN-USCI-{code}" type="{kind}"><narrative>{code}</narrative>'
        "</participating-org>"
        for code, kind in bodies
    )
    xml = f"<iati-activity><iati-identifier>a-1</iati-identifier>{parties}</iati-activity>"
    data, outcome = imported(tmp_path, activities(tmp_path, xml))
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert remarked(outcome)["kind-identifier"] == 2
    assert "CN-USCI-91350100M000100Y43,foundation / company," in report
    assert "CN-USCI-G11100007178352756,company / ngo," in report
    assert {o.kind for o in rows(data, Organization) if o.organization_id.endswith("Y43")} == {"company"}


def test_an_activity_once_more_counts_once(tmp_path: Path) -> None:
    """Its transactions need no numbers; the report counts the repeat."""
    once, _ = imported(tmp_path, activities(tmp_path, OLD))
    (tmp_path / "b").mkdir()
    twice, outcome = imported(tmp_path / "b", activities(tmp_path, OLD, OLD))
    assert [g.grant_id for g in rows(twice, Grant)] == [g.grant_id for g in rows(once, Grant)]
    assert remarked(outcome)["repeated-grant"] == 1


def test_narratives_in_several_languages(tmp_path: Path) -> None:
    xml = """<iati-activity xml:lang="fr"><iati-identifier>A-1</iati-identifier>
     <title><narrative>Digues</narrative><narrative xml:lang="en">Dikes</narrative></title>
     <participating-org role="1" type="60"><narrative xml:lang="zh">滩涂基金会</narrative>
      <narrative xml:lang="en">Tide Foundation</narrative></participating-org></iati-activity>"""
    data, _ = imported(tmp_path, activities(tmp_path, xml))
    project, body = rows(data, Project)[0], rows(data, Organization)[0]
    assert (project.title, project.title_en) == ("Digues", "Dikes")
    assert (body.name, body.name_en, body.kind) == ("滩涂基金会", "Tide Foundation", "foundation")


def test_an_activity_that_names_only_its_reporter(tmp_path: Path) -> None:
    """It is kept, in no role of money."""
    xml = (
        '<iati-activity><iati-identifier>A-1</iati-identifier><reporting-org ref="GB-CHC-1"><narrative>Tide</narrative>'
        "</reporting-org></iati-activity><iati-activity/>"
    )
    data, outcome = imported(tmp_path, activities(tmp_path, xml))
    assert [(p.role, p.label, p.mention) for p in rows(data, Participation)] == [("other", "reporting-org", "Tide")]
    assert counts(outcome) == {"act": (2, 1, 1)}


def test_a_malformed_activity_is_set_aside_alone(tmp_path: Path) -> None:
    """Also where comments and CDATA hold its tags; prefixes of the root are known to each activity."""
    sound = (
        '<iati-activity x:n="1"><iati-identifier>A-{}</iati-identifier><!-- </iati-activity> --><title>'
        "<narrative><![CDATA[</iati-activity>]]></narrative></title>"
        '<participating-org role="1"><narrative>Tide</narrative></participating-org></iati-activity>'
    )
    path = activities(
        tmp_path, "<!-- <iati-activity> -->", sound.format(1), "<iati-activity><title>a & b</iati-activity>",
        sound.format(2), root='<iati-activities xmlns:x="http://x.example/">',
    )  # fmt: skip
    data, outcome = imported(tmp_path, path)
    assert counts(outcome) == {"act": (3, 2, 1)}
    assert [p.title for p in rows(data, Project)] == ["</iati-activity>"] * 2
    assert "a & b" in (data / "set-aside.csv").read_text(encoding="utf-8-sig")


LAUGHS = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>
<iati-activities><iati-activity><title>&b;</title></iati-activity></iati-activities>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hostname">
<iati-activities><iati-activity/></iati-activities>"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LAUGHS, "act.xml: has a DOCTYPE; entities are never expanded"),
        (OUTSIDE, "act.xml: has a DOCTYPE; entities are never expanded"),
        ("<iati-activities><iati-activity><title>x", "act.xml: ends at byte 40 before </iati-activity>"),
        ("<iati-activities><iati-activity/>", "act.xml: ends at byte 33 before </iati-activities>"),
        ('<?xml version="1.0" encoding="martian"?><iati-activities/>', "act.xml: declares the encoding 'martian'"),
    ],
    ids=["billion laughs", "external", "cut", "cut behind an activity", "encoding"],
)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "act.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput) as raised:
        imported(tmp_path, path)
    assert str(raised.value).startswith(says)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "iso-8859-1", "utf-8-sig"])
def test_declared_encodings(tmp_path: Path, encoding: str) -> None:
    name = "Société" if encoding == "iso-8859-1" else "滩涂基金会"
    xml = f"""<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><iati-activities><iati-activity>
     <iati-identifier>A-1</iati-identifier><participating-org role="1"><narrative>{name}</narrative></participating-org>
     </iati-activity></iati-activities>"""
    path = tmp_path / "act.xml"
    path.write_bytes(xml.encode(encoding))
    data, _ = imported(tmp_path, path)
    assert [o.name for o in rows(data, Organization)] == [name]


def test_one_activity_in_two_files(tmp_path: Path) -> None:
    """One project, each sum once, and both sources on the participations."""
    first = activities(tmp_path, OLD, name="a.xml")
    second = activities(tmp_path, OLD, "<!-- a year later -->", name="b.xml")
    data, _ = imported(tmp_path, first, second)
    assert len(rows(data, Project)) == 1
    assert len(rows(data, Grant)) == 3
    assert Counter(p.source_id for p in rows(data, Participation)) == {"a": 10, "b": 10}
    assert json.loads(rows(data, Project)[0].extra)["sector"] == [{"code": "41010", "vocabulary": "DAC"}]
    assert sum((g.amount or Decimal(0)) for g in rows(data, Grant) if g.currency == "EUR") == 1007
