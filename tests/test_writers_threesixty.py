"""360Giving JSON: valid by the standard's own schema, nothing made up, everything left out counted."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from cega_graph.dataset import Dataset
from cega_graph.model import Grant, Participation, Row
from cega_graph.writers.currencies import CURRENCIES
from cega_graph.writers.tally import Options, Tally
from cega_graph.writers.threesixty import to_threesixty
from exports import a_grant_set, stored, threesixty_validator
from grant_strategies import grant_tables


def written(dataset: Dataset, options: Options = Options()) -> tuple[dict[str, Any], Tally]:  # noqa: B008
    """Return the package and the counts."""
    tally = Tally()
    content = b"".join(to_threesixty(dataset, tally, options))
    return json.loads(content, parse_float=Decimal), tally


def test_an_award_has_all_that_is_stated(codelists: Path) -> None:
    """Field by field; a register's number comes before the id that we made."""
    rows = a_grant_set(
        grant={"funding_type": "restricted"},
        project={"identifier": "A-1", "end_date": "2025", "place": "盐城", "programme": "湿地", "theme": "气候"},
        source={"title": "资助", "url": "https://example.org/g", "licence": "https://example.org/licence"},
        parties=(("funder", "o-f"), ("grantee", "GB-CHC-7"), ("funder", "o-h")),
    )  # fmt: skip
    with stored(rows) as dataset:
        package, tally = written(dataset)
    assert package == {
        "version": "1.4",
        "title": "资助",
        "publisher": {"name": "候鸟联盟"},
        "license": "https://example.org/licence",
        "grants": [
            {
                "id": "360G-x-1",
                "title": "滩涂",
                "description": "守护滩涂",
                "currency": "CNY",
                "amountAwarded": Decimal("1000.5"),
                "awardDate": "2024-05-31T00:00:00+00:00",
                "fundingOrganization": [
                    {"id": "o-f", "name": "候鸟基金会", "alternateName": "Bird Foundation"},
                    {"id": "o-h", "name": "又一中心"},
                ],
                "recipientOrganization": [{"id": "GB-CHC-7", "name": "Seven"}],
                "plannedDates": [{"startDate": "2024-06", "endDate": "2025"}],
                "beneficiaryLocation": [{"name": "盐城"}],
                "grantProgramme": [{"title": "湿地"}],
                "classifications": [{"title": "气候"}],
                "fundingType": [{"title": "restricted"}],
                "relatedActivity": ["A-1"],
                "dataSource": "https://example.org/g",
            }
        ],
    }
    assert list(tally.lines()) == ["1 grants"]
    threesixty_validator(codelists).validate(json.loads(json.dumps(package, default=float)))


def test_days_are_valid_for_validators_that_assert_no_formats(codelists: Path) -> None:
    """To these a plain day would be a date-time too, and the schema wants one of the two."""
    with stored(a_grant_set(project={"start_date": "2024-06-01"})) as dataset:
        package, _ = written(dataset)
    threesixty_validator(codelists, formal=False).validate(json.loads(json.dumps(package, default=float)))


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("no-title", {"project": {"title": ""}}),
        ("no-description", {"project": {"description": ""}}),
        ("no-amount", {"grant": {"amount": None}}),
        ("negative-amount", {"grant": {"amount": Decimal(-1)}}),
        ("approximate", {"grant": {"approximate": True}}),
        ("no-currency", {"grant": {"currency": "GPB"}}),
        ("no-currency", {"grant": {"currency": "XXX"}}),
        ("no-day", {"grant": {"date": "2024-05"}}),
        ("no-day", {"grant": {"date": "2024-02-30"}}),
        ("no-funder", {"parties": (("grantee", "o-g"),)}),
        ("no-recipient", {"parties": (("funder", "o-f"),)}),
        ("group", {"kinds": ("foundation", "group")}),
        ("person", {"kinds": ("foundation", "person")}),
        ("person", {"kinds": ("person", "ngo")}),
        ("other-recipients", {"grant": {"recipients": 9}}),
        ("disputed", {"grant": {"conflicts_with": "g-1"}}),
    ],
)
def test_what_the_standard_requires_is_not_made_up(reason: str, changes: dict[str, Any]) -> None:
    """The award is left out, with this reason."""
    with stored(a_grant_set(**changes)) as dataset:
        package, tally = written(dataset)
    assert package["grants"] == []
    assert tally.left_out == {("grants", reason): 1}


def test_persons_come_only_if_asked_for(codelists: Path) -> None:
    """One person is a recipientIndividual; a person beside a body is neither of the two forms."""
    alone, beside = (("funder", "o-f"), ("grantee", "o-g")), (("funder", "o-f"), ("grantee", "o-g"), ("grantee", "o-h"))
    with stored(a_grant_set(kinds=("foundation", "person"), parties=alone)) as dataset:
        package, _ = written(dataset, Options(persons=True))
    assert package["grants"][0]["recipientIndividual"] == {"id": "o-g", "name": "滩涂中心"}
    assert "recipientOrganization" not in package["grants"][0]
    threesixty_validator(codelists).validate(json.loads(json.dumps(package, default=float)))
    with stored(a_grant_set(kinds=("foundation", "person"), parties=beside)) as dataset:
        assert written(dataset, Options(persons=True))[1].left_out == {("grants", "mixed-recipients"): 1}


def test_a_person_may_fill_in_what_is_missing() -> None:
    """It is written as told, and counted."""
    with stored(a_grant_set(project={"description": ""})) as dataset:
        package, tally = written(dataset, Options(fill={"description": "资助：{title}"}))
    assert package["grants"][0]["description"] == "资助：滩涂"
    assert list(tally.lines("zh")) == ["1 笔资助", "1 处文本：按 --fill 填写"]


def test_payments_join_the_only_award_of_their_project() -> None:
    """With two awards nobody can say which was paid."""
    rows = a_grant_set()
    paid = Grant(grant_id="g-2", project_id="s-1", type="disbursement", amount=Decimal(200), currency="CNY",
                 date="2024-07-01", source_id="s", locator="row=2")  # fmt: skip
    with stored({**rows, "grants": [*rows["grants"], paid]}) as dataset:
        package, tally = written(dataset)
    assert package["grants"][0]["disbursementTransaction"] == [
        {"id": "g-2", "transactionDate": "2024-07-01T00:00:00+00:00", "currency": "CNY", "value": 200}
    ]
    assert tally.written == {"grants": 1, "transactions": 1}
    with stored({**rows, "grants": [paid]}) as dataset:
        assert written(dataset)[1].left_out["transactions", "no-award"] == 1


def test_who_neither_gives_nor_gets_is_counted() -> None:
    """The standard has no executor and no inferred funder."""
    place: dict[str, Any] = {"project_id": "s-1", "source_id": "s", "locator": "row=1"}
    others = (
        Participation(participation_id="p-8", organization_id="o-h", role="executor", basis="record", **place),
        Participation(participation_id="p-9", organization_id="o-h", role="funder", basis="record", **place),
    )
    with stored(a_grant_set(others=others)) as dataset:
        tally = written(dataset)[1]
    assert tally.left_out == {("participations", "no-role"): 1, ("participations", "no-sum"): 1}


def test_the_currencies_are_those_of_the_schema(codelists: Path) -> None:
    """Without the two codes that name none."""
    schema = json.loads((codelists / "360-giving-schema-1.4.3.json").read_text(encoding="utf-8"))
    assert set(schema["$defs"]["currency"]["enum"]) - {"XXX", "XTS"} == CURRENCIES


def expected(rows: dict[str, list[Any]], *, persons: bool) -> Counter[tuple[Any, ...]]:
    """Return what must come through: title, description, sum, date, funders and recipients of each award."""
    kinds = {o.organization_id: o.kind for o in rows["organizations"]}
    names = {o.organization_id: o.name for o in rows["organizations"]}
    projects = {p.project_id: p for p in rows["projects"]}
    found: Counter[tuple[Any, ...]] = Counter()
    for grant in rows["grants"]:
        project = projects[grant.project_id]
        ends = [
            sorted(
                {p.organization_id for p in rows["participations"] if (p.grant_id, p.role) == (grant.grant_id, role)}
            )
            for role in ("funder", "grantee")
        ]
        givers, takers = ([kinds[one] for one in end] for end in ends)
        sound = grant.type == "award" and grant.amount is not None and not grant.approximate and len(grant.date) == 10
        title = project.title if project.title.strip() else project.title_en
        told = bool(title and project.description.strip()) and grant.currency in {"CNY", "GBP"}
        gives = bool(givers) and not {"person", "group"} & set(givers)
        bodies = bool(takers) and not {"person", "group"} & set(takers)
        gets = bodies or (takers == ["person"] and persons)
        if sound and told and gives and gets and (grant.recipients or 0) <= len(takers):
            found[
                title, project.description, grant.amount, grant.currency, grant.date,
                *(tuple(sorted(names[one] for one in end)) for end in ends),
            ] += 1  # fmt: skip
    return found


@pytest.mark.parametrize("persons", [False, True])
@given(grant_tables())
def test_every_package_is_valid_and_complete(codelists: Path, persons: bool, rows: dict[str, list[Row]]) -> None:  # noqa: FBT001
    """Jsonschema takes it; a plain reading of the JSON finds every award that can be stated, and no other."""
    with stored(rows) as dataset:
        package, tally = written(dataset, Options(persons=persons))
        assert b"".join(to_threesixty(dataset, Tally(), Options(persons=persons))) == b"".join(
            to_threesixty(dataset, Tally(), Options(persons=persons))
        )
    found = Counter(
        (
            one["title"], one["description"], one["amountAwarded"], one["currency"], one["awardDate"][:10],
            tuple(sorted(body["name"] for body in one["fundingOrganization"])),
            tuple(sorted(body["name"] for body in one.get("recipientOrganization", [one.get("recipientIndividual")]))),
        )
        for one in package["grants"]
    )  # fmt: skip
    assert expected(rows, persons=persons) == found
    awards: list[Any] = [g for g in rows["grants"] if g.type == "award"]  # type: ignore[attr-defined]
    left = sum(n for (thing, _), n in tally.left_out.items() if thing == "grants")
    assert tally.written["grants"] + left == len(awards)
    assert len({one["id"] for one in package["grants"]}) == len(package["grants"])
    if package["grants"]:
        threesixty_validator(codelists).validate(json.loads(json.dumps(package, default=float)))
