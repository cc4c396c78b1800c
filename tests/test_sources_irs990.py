"""US returns: paid and future grants, names in two lines, placeholders, countries, hostile files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from cega_graph.errors import UnreadableInput
from cega_graph.sources.files import File
from cega_graph.sources.irs990 import read
from cega_graph.sources.recognise import recognise
from cega_graph.sources.records import About, Record, Remark, SetAside, Total
from test_sources_tables import realdata

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Return xmlns="http://www.irs.gov/efile" returnVersion="2022v5.0"><ReturnHeader>
<TaxPeriodEndDt>2022-09-30</TaxPeriodEndDt><ReturnTypeCd>990PF</ReturnTypeCd>
<TaxPeriodBeginDt>2021-10-01</TaxPeriodBeginDt>
<Filer><EIN>123456789</EIN><BusinessName><BusinessNameLine1Txt>RIVER AND WETLAND</BusinessNameLine1Txt>
<BusinessNameLine2Txt>FUND</BusinessNameLine2Txt></BusinessName></Filer><TaxYr>2021</TaxYr></ReturnHeader><ReturnData>"""
PF = """<IRS990PF><SupplementaryInformationGrp>
<GrantOrContributionPdDurYrGrp><RecipientBusinessName><BusinessNameLine1Txt>HERON SOCIETY OF</BusinessNameLine1Txt>
<BusinessNameLine2Txt>OHIO</BusinessNameLine2Txt></RecipientBusinessName><RecipientForeignAddress>
<CityNm>ZURICH</CityNm><CountryCd>SZ</CountryCd></RecipientForeignAddress>
<GrantOrContributionPurposeTxt>WETLANDS</GrantOrContributionPurposeTxt><Amt>300</Amt></GrantOrContributionPdDurYrGrp>
<GrantOrContributionPdDurYrGrp><RecipientPersonNm>JANE ROE</RecipientPersonNm><Amt>20</Amt>
</GrantOrContributionPdDurYrGrp>
<GrantOrContributionPdDurYrGrp><RecipientPersonNm>SEE ATTACHED LIST</RecipientPersonNm><Amt>5</Amt>
</GrantOrContributionPdDurYrGrp>
<GrantOrContributionPdDurYrGrp><Amt>7</Amt></GrantOrContributionPdDurYrGrp>
<TotalGrantOrContriPdDurYrAmt>332</TotalGrantOrContriPdDurYrAmt>
<GrantOrContriApprvForFutGrp><RecipientBusinessName><BusinessNameLine1Txt>HERON SOCIETY OF OHIO</BusinessNameLine1Txt>
</RecipientBusinessName><Amt>1000</Amt></GrantOrContriApprvForFutGrp>
</SupplementaryInformationGrp></IRS990PF></ReturnData></Return>"""
OLD = """<IRS990ScheduleI><RecipientTable><RecipientNameBusiness><BusinessNameLine1>OLD TOWN SCHOOL</BusinessNameLine1>
</RecipientNameBusiness><AddressUS><City>PEORIA</City><State>IL</State></AddressUS>
<EINOfRecipient>98-7654321</EINOfRecipient><AmountOfCashGrant>40</AmountOfCashGrant>
<PurposeOfGrant>ARTS</PurposeOfGrant></RecipientTable></IRS990ScheduleI></ReturnData></Return>"""


def a_return(folder: Path, body: str) -> File:
    """Return a file with a return."""
    path = folder / "return.xml"
    path.write_text(body, encoding="utf-8")
    return File(path)


def said(file: File) -> list[tuple[str, str, str, str, Decimal | None]]:
    """Return kind of grant, grantee, its kind and identifier, and the amount of each record."""
    records = [one for one in read(file) if isinstance(one, Record)]
    return [
        (r.grants[0].type, p.name, p.kind, p.identifier, r.grants[0].amount)
        for r in records for p in r.parties if p.role == "grantee"
    ]  # fmt: skip


def test_paid_and_future_grants_are_told_apart_and_placeholders_are_groups(tmp_path: Path) -> None:
    file = a_return(tmp_path, HEAD + PF)
    assert recognise(file).name == "US 990"
    assert said(file) == [
        ("disbursement", "HERON SOCIETY OF OHIO", "", "", Decimal(300)),
        ("disbursement", "JANE ROE", "person", "", Decimal(20)),
        ("disbursement", "SEE ATTACHED LIST", "group", "", Decimal(5)),
        ("future", "HERON SOCIETY OF OHIO", "", "", Decimal(1000)),
    ]


def test_filer_period_country_and_totals_are_read(tmp_path: Path) -> None:
    found = list(read(a_return(tmp_path, HEAD + PF)))
    first = next(one for one in found if isinstance(one, Record))
    funder = next(p for p in first.parties if p.role == "funder")
    assert (funder.name, funder.identifier) == ("RIVER AND WETLAND FUND", "US-EIN-123456789")
    assert (first.title, first.grants[0].date, first.grants[0].currency) == ("WETLANDS", "2021-10/2022-09", "USD")
    assert first.extra == {"recipient_city": "ZURICH", "recipient_country": "CH"}
    assert [s.code for s in found if isinstance(s, SetAside)] == ["no-party"]
    assert Remark("stated-total", "TotalGrantOrContriPdDurYrAmt 332", "325") in found
    assert [a.year for a in found if isinstance(a, About)] == [2021]
    assert found[-1] == Total(5)


def test_names_of_elements_before_2013_are_known(tmp_path: Path) -> None:
    assert said(a_return(tmp_path, HEAD + OLD)) == [
        ("disbursement", "OLD TOWN SCHOOL", "", "US-EIN-987654321", Decimal(40))
    ]


@pytest.mark.parametrize(
    ("name", "n", "total", "last"),
    [
        ("excerpt_990PF_846725611_2022.xml", 4, None, None),
        ("excerpt_990PF_981599776_2022.xml", 1, 9758900, ("VARIOUS ORGANIZATIONS", "group", "CL")),
        ("excerpt_990_ScheduleI_363177592_2021.xml", 3, 171250, ("ALBANY PARK THEATER PROJECT", "", "US")),
    ],
)
def test_real_returns_are_read_whole(
    name: str, n: int, total: int | None, last: tuple[str, str, str] | None, repository: Path
) -> None:
    records = [r for r in read(File(realdata(repository, f"irs990/{name}"))) if isinstance(r, Record)]
    assert len(records) == n
    if last is not None:
        grantee = next(p for p in records[-1].parties if p.role == "grantee")
        country = records[-1].extra["recipient_country"]  # type: ignore[index]
        assert (sum(r.grants[0].amount or 0 for r in records), (grantee.name, grantee.kind, country)) == (total, last)


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE Return [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<Return xmlns="http://www.irs.gov/efile"><ReturnHeader>&b;</ReturnHeader></Return>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE Return [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<Return xmlns="http://www.irs.gov/efile"><ReturnHeader>&x;</ReturnHeader></Return>'
)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (BOMB, "return.xml: has a DOCTYPE; entities are never expanded"),
        (OUTSIDE, "return.xml: has a DOCTYPE; entities are never expanded"),
        (HEAD + PF[:400], "is not well-formed XML: unclosed token; fetch it anew"),
        (HEAD + "<a>" * 500, "elements are nested more than 100 deep"),
    ],
)
def test_entities_cut_and_deep_files_are_refused_in_one_line(body: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        list(read(a_return(tmp_path, body)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
