"""360Giving: real files with their known counts, and each thing that real files do."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from cega_graph.check import check
from cega_graph.dataset import Dataset
from cega_graph.errors import UnreadableInput
from cega_graph.knowledge_graph import load
from cega_graph.model import Grant, Identifier, Name, Organization, Participation, Project, Source
from importing_cases import a_grant, counts, flows, imported, package, real, remarked, rows, table_file

HEADER = (
    "Identifier,Title,Currency,Amount Awarded,Award Date,Funding Org:Name,Recipient Org:Name,Recipient Org:Identifier"
)


@pytest.mark.parametrize("name", ["ab-charitable-trust.json", "ab-charitable-trust.xlsx"])
def test_a_real_funders_file(tmp_path: Path, name: str) -> None:
    """The counts of its README: grants, bodies, total, the identifiers with several names."""
    data, outcome = imported(tmp_path, real(f"360giving/{name}"))
    assert counts(outcome) == {"ab-charitable-trust": (783, 783, 0)}
    grants = rows(data, Grant)
    assert len(grants) == 783
    assert {g.currency for g in grants} == {"GBP"}
    assert sum(g.amount or 0 for g in grants) == 12_785_625
    assert (min(g.date for g in grants)[:7], max(g.date for g in grants)[:7]) == ("2013-01", "2021-01")
    people = rows(data, Participation)
    assert len({p.organization_id for p in people if p.role == "funder"}) == 1
    assert len(rows(data, Organization)) == 322
    assert len({i.identifier for i in rows(data, Identifier) if not i.identifier.startswith("360G")}) == 316
    assert remarked(outcome) == {
        "identifier-names": 34, "name-identifiers": 5, "name-of-several": 1, "internal-identifier": 6,
    }  # fmt: skip
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert "GB-COH-06402143" in report
    assert "Merseyside Law Centre (1); Social Finance (2)" in report
    assert check(Dataset([data]), shapes=False) == []


@pytest.mark.parametrize("name", ["validfile.json", "valid.xlsx"])
def test_a_valid_test_file(tmp_path: Path, name: str) -> None:
    data, outcome = imported(tmp_path, real(f"360giving/{name}"))
    assert [c[:2] for c in counts(outcome).values()] == [(125, 125)]
    assert len(rows(data, Grant)) == 125
    funders = {p.organization_id for p in rows(data, Participation) if p.role == "funder"}
    names = {o.organization_id: o.name for o in rows(data, Organization)}
    assert len(funders) == len({names[f] for f in funders})
    assert check(Dataset([data]), shapes=False) == []


def test_an_invalid_test_file(tmp_path: Path) -> None:
    """Everything is used, and what is wrong with it is said."""
    data, outcome = imported(tmp_path, real("360giving/aninvalidfile.json"))
    assert counts(outcome) == {"aninvalidfile": (124, 124, 0)}
    found = remarked(outcome)
    assert {c: found[c] for c in ("amount-text", "bad-amount", "no-identifier", "unknown-currency", "date-serial")} == {
        "amount-text": 3, "bad-amount": 1, "no-identifier": 3, "unknown-currency": 1, "date-serial": 2,
    }  # fmt: skip
    amounts = {g.identifier.rpartition("-")[2]: (g.amount, g.currency, g.date) for g in rows(data, Grant)}
    assert amounts["20"] == (Decimal(26000), "GBP", "2015-11-17")
    assert amounts["362"] == (Decimal(18000), "GBP", "2018-05-16")
    assert amounts["419"][0] == Decimal(3000)
    assert amounts["19"] == (Decimal(6120), "XXX", "2015-11-17")
    assert amounts["25"] == (None, "", "2015-12-02")
    assert check(Dataset([data])) == []


def test_what_goes_where(tmp_path: Path) -> None:
    """Each field in its column, the rest in `extra`, every row with its place."""
    grant = a_grant(
        plannedDates=[{"startDate": "2023-05", "endDate": "2024-05-31", "duration": 12}],
        beneficiaryLocation=[{"name": "Kent", "geoCode": "E10000016"}, {"name": "Essex"}],
        grantProgramme=[{"title": "Coast"}], classifications=[{"vocabulary": "x", "code": "b1", "title": "Birds"}],
        fundingType=[{"title": "Core"}], Extra=[1, {"a": None}],
    )  # fmt: skip
    data, _ = imported(tmp_path, package(tmp_path, grant, title="Grants of Tide", license="CC0",
                                         publisher={"name": "Tide"}, issued="2024-01-02"))  # fmt: skip
    assert rows(data, Source)[0].title == "Grants of Tide"
    assert rows(data, Source)[0].licence == "CC0"
    assert (rows(data, Source)[0].publisher, rows(data, Source)[0].year) == ("Tide", 2024)
    assert (rows(data, Source)[0].coverage_from, rows(data, Source)[0].coverage_to) == ("2023-04-05", "2023-04-05")
    project = rows(data, Project)[0]
    assert project == Project(
        project_id="360G-tide-1", identifier="360G-tide-1", title="Grant 1", theme="Birds", start_date="2023-05",
        end_date="2024-05-31", place="Kent; Essex", programme="Coast", description="For the tidal flats",
        extra=project.extra, source_id="grants", mention="Grant 1", locator="/grants/0",
    )  # fmt: skip
    assert json.loads(project.extra) == {
        "plannedDates": [{"duration": 12}], "beneficiaryLocation": [{"geoCode": "E10000016"}],
        "classifications": [{"vocabulary": "x", "code": "b1"}], "Extra": [1, {"a": None}],
    }  # fmt: skip
    money = rows(data, Grant)[0]
    assert (money.type, money.amount, money.funding_type, money.recipients) == ("award", Decimal(1000), "Core", 1)
    assert money.locator == "/grants/0"
    got = {(p.role, p.organization_id, p.mention, p.label, p.locator, p.grant_id) for p in rows(data, Participation)}
    assert got == {
        ("funder", "GB-CHC-1111111", "Tide Trust", "fundingOrganization", "/grants/0", money.grant_id),
        ("grantee", "GB-CHC-2222222", "Mudflat Friends", "recipientOrganization", "/grants/0", money.grant_id),
    }


def test_titles_in_any_case_spacing_and_order(tmp_path: Path) -> None:
    path = table_file(
        tmp_path,
        "recipient org : NAME;amount_awarded;  award date;IDENTIFIER;Funding Organisation:0:Identifier;Currency;Notes",
        "Mudflat Friends;1,500.50;5/4/2023;t-1;GB-CHC-1111111;gbp;first",
    )
    data, outcome = imported(tmp_path, path)
    assert flows(data) == [("GB-CHC-1111111", "Mudflat Friends", "award", "1500.5 GBP")]
    assert rows(data, Grant)[0].date == "2023-04-05"
    assert json.loads(rows(data, Project)[0].extra) == {"Notes": "first"}
    assert {p.label for p in rows(data, Participation)} == {"recipient org : NAME", "Funding Organisation:0:Identifier"}
    assert {"date-order", "no-name", "amount-text"} <= set(remarked(outcome))
    assert rows(data, Project)[0].locator == "row=2"


def test_several_rows_are_one_grant_if_they_only_add(tmp_path: Path) -> None:
    """The second recipient joins, also when another grant stands between; the row that contradicts does not."""
    path = table_file(
        tmp_path, HEADER,
        "t-1,One,GBP,100,2023-01-01,Tide Trust,Mudflat Friends,GB-CHC-2222222",
        "t-2,Two,GBP,7,2023-01-02,Tide Trust,Reed Club,",
        "t-1,,,,,,Kelp Group,GB-CHC-3333333",
        "t-3,Three,GBP,5,2023-01-03,Tide Trust,Reed Club,",
        "t-3,Three,GBP,6,2023-01-03,Tide Trust,Reed Club,",
    )  # fmt: skip
    data, outcome = imported(tmp_path, path)
    assert counts(outcome) == {"grants": (5, 5, 0)}
    assert flows(data) == [
        ("Tide Trust", "Kelp Group", "award", "100 GBP"),
        ("Tide Trust", "Mudflat Friends", "award", "100 GBP"),
        ("Tide Trust", "Reed Club", "award", "5 GBP"),
        ("Tide Trust", "Reed Club", "award", "6 GBP"),
        ("Tide Trust", "Reed Club", "award", "7 GBP"),
    ]
    five, six = (next(g for g in rows(data, Grant) if g.amount == n) for n in (5, 6))
    assert (five.conflicts_with, six.conflicts_with) == ("", five.grant_id)
    assert {p.project_id for p in rows(data, Project)} == {"t-1", "t-2", "t-3"}
    assert remarked(outcome)["contradiction"] == 1


def test_each_party_names_the_row_that_states_it(tmp_path: Path) -> None:
    """So do the sum and the title, where an earlier row of the grant leaves them out."""
    head = HEADER.replace("Title", "Title,For Regrant Type")
    path = table_file(
        tmp_path, head,
        "t-1,,FRG010,GBP,,2023-01-01,Tide Trust,,",
        "t-1,One,,,,,,Kelp Group,GB-CHC-3333333",
        "t-1,,,,100,,Dune Fund,Reed Club,GB-CHC-4444444",
        "t-2,Two,,GBP,5,2023-01-01,Tide Trust,Reed Club,GB-CHC-4444444",
        "t-2,,,,,,,Kelp Group,GB-CHC-3333333",
    )  # fmt: skip
    data, _ = imported(tmp_path, path)
    got = {(p.project_id, p.role, p.mention, p.locator) for p in rows(data, Participation)}
    assert got == {
        ("t-1", "funder", "Tide Trust", "row=2"), ("t-1", "funder", "Dune Fund", "row=4"),
        ("t-1", "grantee", "Kelp Group", "row=3"), ("t-1", "intermediary", "Kelp Group", "row=3"),
        ("t-1", "grantee", "Reed Club", "row=4"), ("t-1", "intermediary", "Reed Club", "row=4"),
        ("t-2", "funder", "Tide Trust", "row=5"), ("t-2", "grantee", "Reed Club", "row=5"),
        ("t-2", "grantee", "Kelp Group", "row=6"),
    }  # fmt: skip
    assert {g.identifier: g.locator for g in rows(data, Grant)} == {"t-1": "row=4", "t-2": "row=5"}
    assert {p.project_id: p.locator for p in rows(data, Project)} == {"t-1": "row=3", "t-2": "row=5"}


def test_one_identifier_twice_in_json(tmp_path: Path) -> None:
    """The same grant once more is one and counted; another amount under its identifier is in conflict with it."""
    data, outcome = imported(tmp_path, package(tmp_path, a_grant(), a_grant(), a_grant(amountAwarded=7)))
    assert [(g.amount, bool(g.conflicts_with)) for g in sorted(rows(data, Grant), key=lambda g: -(g.amount or 0))] == [
        (Decimal(1000), False), (Decimal(7), True),
    ]  # fmt: skip
    assert len(rows(data, Project)) == 1
    found = remarked(outcome)
    assert (found["repeated-grant"], found["contradiction"], found["same-identifier"]) == (1, 1, 2)
    (tmp_path / "b").mkdir()
    dropped, outcome = imported(tmp_path / "b", package(tmp_path, a_grant(), a_grant()), drop_duplicates=True)
    assert counts(outcome) == {"grants": (2, 1, 1)}
    assert len(rows(dropped, Grant)) == 1
    assert "/grants/1,dropped-duplicate" in (dropped / "set-aside.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_exact_repeat_is_one_grant_if_it_has_an_identifier(tmp_path: Path, form: str) -> None:
    """Without one the same row is two grants, for two equal sums can be real; both cases are counted."""
    grants = [a_grant(), a_grant(), a_grant(), a_grant(2, id=None), a_grant(2, id=None)]
    if form == "json":
        path = package(tmp_path, *grants)
    else:
        row = "t-1,One,GBP,1000,2023-04-05,Tide Trust,Mudflat Friends,GB-CHC-2222222"
        other = row.replace("t-1,One,GBP,1000", ",Two,GBP,2000")
        path = table_file(tmp_path, HEADER, row, row, row, other, other)
    data, outcome = imported(tmp_path, path)
    assert sorted(g.amount or 0 for g in rows(data, Grant)) == [1000, 2000, 2000]
    assert counts(outcome) == {"grants": (5, 5, 0)}
    assert {code: remarked(outcome)[code] for code in ("repeated-grant", "duplicate")} == {
        "repeated-grant": 2, "duplicate": 1,
    }  # fmt: skip
    assert load(data).ask("CQ17")["gross"].tolist() == [5000]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_fields_that_the_standard_requires_are_missed(tmp_path: Path, form: str) -> None:
    """One line a field, with the number of grants; a name in other letters is no such field in JSON."""
    if form == "json":
        path = package(tmp_path, *[
            a_grant(n, amountAwarded=None, AmountAwarded=5, title="" if n == 2 else "T") for n in (1, 2, 3)
        ], a_grant(4, amountAwarded=0, awardDate=None))  # fmt: skip
    else:
        head = "Identifier,Title,Description,Currency,Amount Awarded,Award Date,Funding Org:Name,Recipient Org:Name"
        row = "D,GBP,,2023-01-01,Tide Trust,Reed Club"
        path = table_file(
            tmp_path, head, f"t-1,T,{row}", f"t-2,,{row}", f"t-3,T,{row}", "t-4,T,D,GBP,0,,Tide Trust,Reed Club"
        )
    data, outcome = imported(tmp_path, path)
    found = {code: n for code, n in remarked(outcome).items() if code.startswith("missing")}
    assert found == {"missing-amount": 3, "missing-title": 1, "missing-date": 1}
    assert len(rows(data, Grant)) == 4


def test_money_to_be_passed_on(tmp_path: Path) -> None:
    """The recipient of a regrant is an intermediary too; what it gives on, as the grant says, is left out of net."""
    regrant = a_grant(1, regrantType="FRG010")
    onward = a_grant(
        2, fundingOrganization=[{"id": "GB-CHC-2222222", "name": "Mudflat Friends"}],
        recipientOrganization=[{"id": "GB-CHC-4444444", "name": "Eelgrass"}], relatedActivity=["360G-tide-1"],
    )  # fmt: skip
    other = a_grant(3, relatedActivity=["360G-tide-1"])
    data, _ = imported(tmp_path, package(tmp_path, onward, other, regrant))
    grants = {g.identifier: g for g in rows(data, Grant)}
    assert grants["360G-tide-2"].regrant_of == grants["360G-tide-1"].grant_id
    assert grants["360G-tide-3"].regrant_of == ""
    roles = Counter((p.project_id, p.role) for p in rows(data, Participation) if p.organization_id == "GB-CHC-2222222")
    assert roles == {
        ("360G-tide-1", "grantee"): 1, ("360G-tide-1", "intermediary"): 1, ("360G-tide-2", "funder"): 1,
        ("360G-tide-3", "grantee"): 1,
    }  # fmt: skip
    kept = [p for p in rows(data, Participation) if p.role == "intermediary"]
    assert [(p.label, p.qualifier) for p in kept] == [("regrantType", "Common Regrant")]


def test_individuals(tmp_path: Path) -> None:
    """Each is a person of its own, whatever the name; both kinds of recipient are kept, and neither too."""
    person = {"id": "360G-tide-p1", "name": "Recipient"}
    data, outcome = imported(
        tmp_path,
        package(
            tmp_path,
            a_grant(1, recipientOrganization=None, recipientIndividual=person),
            a_grant(2, recipientOrganization=None, recipientIndividual={**person, "id": "360G-tide-p2"}),
            a_grant(3, recipientIndividual=person),
            a_grant(4, recipientOrganization=None),
        ),
    )
    people = [o for o in rows(data, Organization) if o.kind == "person"]
    assert [o.name for o in people] == ["Recipient", "Recipient"]
    assert len({o.organization_id for o in people}) == 2
    found = remarked(outcome)
    assert (found["individual"], found["both-recipients"], found["no-recipient"]) == (2, 1, 1)
    assert len(rows(data, Grant)) == 4


def test_numbers_of_a_publishers_own_decide_nothing(tmp_path: Path) -> None:
    """One 360G number with two names is two bodies; one name with two 360G numbers is one."""

    def recipient(number: int, name: str, identifier: str) -> dict[str, object]:
        return a_grant(number, recipientOrganization=[{"id": identifier, "name": name}])

    data, outcome = imported(
        tmp_path,
        package(tmp_path, recipient(1, "Reed Club", "360G-tide-org:1"), recipient(2, "Kelp Group", "360G-tide-org:1"),
                recipient(3, "reed  club", "360G-tide-org:2")),
    )  # fmt: skip
    assert sorted(o.name for o in rows(data, Organization)) == ["Kelp Group", "Reed Club", "Tide Trust"]
    assert [i.identifier for i in rows(data, Identifier)] == ["GB-CHC-1111111"]
    assert remarked(outcome)["internal-names"] == 1
    assert json.loads(rows(data, Project)[0].extra) == {"recipientOrganization": [{"id": "360G-tide-org:1"}]}


def test_titles_below_other_rows(tmp_path: Path) -> None:
    """Each sheet has its own row of titles; rows above it are told, and grants name the rows that people count."""
    path = tmp_path / "book.xlsx"
    grant = ["GBP", 5, "2023-01-01", "Tide Trust", "Reed Club", ""]
    with xlsxwriter.Workbook(path) as book:
        first, second = book.add_worksheet("2020"), book.add_worksheet("2021")
        first.write(0, 0, "Grants of 2020")
        first.write_row(2, 0, HEADER.split(","))
        first.write_row(3, 0, ["t-1", "One", *grant])
        second.write_row(0, 0, HEADER.split(","))
        second.write_row(1, 0, ["t-2", "Two", *grant])
    data, outcome = imported(tmp_path, path)
    assert {g.identifier: g.locator for g in rows(data, Grant)} == {
        "t-1": "sheet=2020&row=4", "t-2": "sheet=2021&row=2",
    }  # fmt: skip
    assert remarked(outcome)["row-above"] == 1
    (tmp_path / "b").mkdir()
    lines = [
        "Grants of 2020",
        "",
        "in GBP",
        HEADER,
        "t-1,One,GBP,5,2023-01-01,Tide Trust,Reed Club,",
        "t-1,,,,,,Sedge,",
    ]
    data, outcome = imported(tmp_path / "b", table_file(tmp_path, *lines))
    assert {p.mention: p.locator for p in rows(data, Participation)} == {
        "Tide Trust": "row=5", "Reed Club": "row=5", "Sedge": "row=6",
    }  # fmt: skip
    assert (counts(outcome), remarked(outcome)["row-above"]) == ({"grants": (2, 2, 0)}, 2)


def test_a_workbook_with_a_meta_sheet_and_a_formula(tmp_path: Path) -> None:
    """The value that the file holds for a formula is read; the sheet Meta says what the file is."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Grants")
        sheet.write_row(0, 0, HEADER.split(","))
        sheet.write_row(1, 0, ["t-1", "One", "GBP", 0, "2023-01-01", "Tide Trust", "=HYPERLINK(1)", ""])
        sheet.write_formula(1, 3, "=40+2", value=42)
        meta = book.add_worksheet("Meta")
        meta.write_row(0, 0, ["Title", "All grants"])
        book.add_worksheet("Notes").write(0, 0, "left alone")
    data, outcome = imported(tmp_path, path)
    assert [g.amount for g in rows(data, Grant)] == [42]
    assert rows(data, Source)[0].title == "All grants"
    assert remarked(outcome)["sheet-not-read"] == 1
    assert ",sheet-not-read,1,,Notes,1," in (data / "report.csv").read_text(encoding="utf-8-sig")


def test_json_lines_and_a_bare_list(tmp_path: Path) -> None:
    lines = tmp_path / "grants.jsonl"
    lines.write_text("\n".join([json.dumps(a_grant(1)), "", "{broken", json.dumps(a_grant(2))]), encoding="utf-8")
    data, outcome = imported(tmp_path, lines)
    assert counts(outcome) == {"grants": (3, 2, 1)}
    assert [p.locator for p in rows(data, Project)] == ["row=1", "row=4"]
    assert "{broken" in (data / "set-aside.csv").read_text(encoding="utf-8-sig")
    bare = tmp_path / "bare.json"
    bare.write_text(json.dumps([a_grant(1), "text", a_grant(2)]), encoding="utf-8")
    (tmp_path / "b").mkdir()
    data, outcome = imported(tmp_path / "b", bare)
    assert counts(outcome) == {"bare": (3, 2, 1)}
    assert [p.locator for p in rows(data, Project)] == ["/0", "/2"]


def test_odd_shapes_of_values(tmp_path: Path) -> None:
    """An object for a list, a bare name for an object, null, numbers as ids: all are taken."""
    grant = a_grant(fundingOrganization={"name": "Tide Trust"}, recipientOrganization=["Reed Club", None], id=17,
                    title=None, description=["a", "b"], currency="usd")  # fmt: skip
    data, _ = imported(tmp_path, package(tmp_path, grant))
    assert flows(data) == [("Tide Trust", "Reed Club", "award", "1000 USD")]
    assert rows(data, Project)[0].project_id == "17"


def test_a_cut_off_package_names_the_byte(tmp_path: Path) -> None:
    """Nothing is written, not even the folder."""
    path = package(tmp_path, a_grant(1), a_grant(2))
    path.write_bytes(path.read_bytes()[:-40])
    size = path.stat().st_size
    with pytest.raises(UnreadableInput, match=rf"grants.json: .* at byte {size}; fetch the whole file"):
        imported(tmp_path, path)
    assert not (tmp_path / "data").exists()


def test_names_are_kept_with_every_spelling(tmp_path: Path) -> None:
    grant = a_grant(
        recipientOrganization=[{"id": "GB-CHC-2222222", "name": "Mudflat\nFriends\x00", "alternateName": "MF"}]
    )
    data, outcome = imported(tmp_path, package(tmp_path, grant, a_grant(2)))
    got = {(n.name, n.status, n.locator) for n in rows(data, Name) if n.organization_id == "GB-CHC-2222222"}
    assert got == {("Mudflat Friends", "official", "/grants/0"), ("MF", "short", "/grants/0")}
    assert remarked(outcome)["control-character"] == 1
