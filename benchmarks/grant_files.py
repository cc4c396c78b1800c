"""Invented grant files for each reader, seeded: few funders and programmes, many grantees, a sum a grant."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

_SEED: Final = 1
_FUNDERS: Final = 97
_GRANTEES: Final = 20_011
_THEMES: Final = ("Wetlands", "Rivers and lakes", "Birds", "Forests", "Environmental education")
_PLACES: Final = ("Suffolk", "Essex", "Norfolk", "Kent", "Highland", "Powys", "Antrim")

MAPPING: Final = """
[columns]
identifier = "Grant number"
title = "Title"
description = "Purpose"
amount = "Amount"
currency = "Currency"
date = "Award date"
start_date = "Start"
theme = "Theme"
place = "Place"
[roles]
funder = "Funder"
grantee = {column = "Grantee", identifier = "Charity number", scheme = "GB-CHC", split = false}
"""

IRS: Final = "http://www.irs.gov/efile"


def grants(n: int) -> Iterator[dict[str, str]]:
    """Yield n grants, by the titles that `MAPPING` names; one column, the notes, is left to `extra`."""
    drawn = random.Random(_SEED)  # noqa: S311 - the same grants each time
    for i in range(n):
        funder = min(int(drawn.paretovariate(0.8)), _FUNDERS)
        grantee = drawn.randrange(_GRANTEES)
        year, month, day = 2005 + drawn.randrange(20), drawn.randrange(1, 13), drawn.randrange(1, 29)
        yield {
            "Grant number": f"WF-{i:06d}", "Title": f"Keep wetland {i}",
            "Purpose": f"To keep wetland number {i} for its birds, and for the people who live beside it",
            "Funder": f"Wetland Foundation {funder}", "Grantee": f"Friends of Marsh {grantee}",
            "Charity number": f"{1_000_000 + grantee}", "Amount": f"{drawn.randrange(10**5, 10**8) / 100:.2f}",
            "Currency": "GBP", "Award date": f"{year}-{month:02d}-{day:02d}", "Start": f"{year + 1}-{month:02d}",
            "Theme": drawn.choice(_THEMES), "Place": drawn.choice(_PLACES),
            "Notes": f"round {drawn.randrange(1, 5)}",
        }  # fmt: skip


def write_csv(path: Path, n: int) -> None:
    """Write a table whose columns `MAPPING` names; the purposes hold commas, so they stand in quotes."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = grants(n)
        first = next(rows)
        table = csv.DictWriter(file, first)
        table.writeheader()
        table.writerow(first)
        table.writerows(rows)


def write_lines(path: Path, n: int) -> None:
    """Write the same as JSON lines, the sums as numbers."""
    with path.open("w", encoding="utf-8") as file:
        for row in grants(n):
            file.write(json.dumps({**row, "Amount": float(row["Amount"])}) + "\n")


def write_list(path: Path, n: int) -> None:
    """Write the same as one JSON list."""
    with path.open("w", encoding="utf-8") as file:
        for i, row in enumerate(grants(n)):
            file.write(("[" if not i else ",\n") + json.dumps({**row, "Amount": float(row["Amount"])}))
        file.write("]\n")


def write_xlsx(path: Path, n: int) -> None:
    """Write the same as a sheet."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Grants")
        for i, row in enumerate(grants(n)):
            if not i:
                sheet.write_row(0, 0, row)
            sheet.write_row(i + 1, 0, [float(cell) if key == "Amount" else cell for key, cell in row.items()])


_TITLES: Final = {
    "Identifier": "Grant number", "Title": "Title", "Description": "Purpose", "Currency": "Currency",
    "Amount Awarded": "Amount", "Award Date": "Award date", "Recipient Org:Identifier": "Charity number",
    "Recipient Org:Name": "Grantee", "Funding Org:Identifier": "Funder", "Funding Org:Name": "Funder",
    "Planned Dates:Start Date": "Start", "Grant Programme:Title": "Theme", "Beneficiary Location:Name": "Place",
    "Notes": "Notes",
}  # fmt: skip
"""Title of the 360Giving standard → the column of `grants`."""


def _standard(row: dict[str, str]) -> dict[str, str]:
    found = {title: row[column] for title, column in _TITLES.items()}
    return found | {
        "Identifier": f"360G-wetland-{row['Grant number']}",
        "Recipient Org:Identifier": f"GB-CHC-{row['Charity number']}",
        "Funding Org:Identifier": f"GB-COH-{int(row['Funder'].rpartition(' ')[2]) + 2_000_000:08d}",
    }


def write_standard_csv(path: Path, n: int) -> None:
    """Write 360Giving grants as a table with the standard's titles."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(_TITLES)
        table.writerows(_standard(row).values() for row in grants(n))


def _standard_grant(row: dict[str, str]) -> dict[str, Any]:
    flat = _standard(row)
    return {
        "id": flat["Identifier"], "title": flat["Title"], "description": flat["Description"],
        "currency": "GBP", "amountAwarded": float(flat["Amount Awarded"]), "awardDate": flat["Award Date"],
        "recipientOrganization": [{"id": flat["Recipient Org:Identifier"], "name": flat["Recipient Org:Name"]}],
        "fundingOrganization": [{"id": flat["Funding Org:Identifier"], "name": flat["Funding Org:Name"]}],
        "plannedDates": [{"startDate": flat["Planned Dates:Start Date"]}],
        "grantProgramme": [{"title": flat["Grant Programme:Title"]}],
        "beneficiaryLocation": [{"name": flat["Beneficiary Location:Name"]}], "notes": flat["Notes"],
    }  # fmt: skip


def write_package(path: Path, n: int) -> None:
    """Write 360Giving grants as a JSON package."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"publisher": {"name": "Wetland Foundation"}, "grants": [\n')
        for i, row in enumerate(grants(n)):
            file.write((",\n" if i else "") + json.dumps(_standard_grant(row)))
        file.write("\n]}\n")


def write_standard_lines(path: Path, n: int) -> None:
    """Write 360Giving grants as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(_standard_grant(row)) + "\n" for row in grants(n))


def write_activities(path: Path, n: int) -> None:
    """Write IATI activities of three transactions each."""
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n')
        for row in grants(n):
            file.write(_activity(row))
        file.write("</iati-activities>\n")


def _activity(row: dict[str, str]) -> str:
    funder = f'ref="GB-COH-{int(row["Funder"].rpartition(" ")[2]) + 2_000_000}"'
    grantee = f'ref="GB-CHC-{row["Charity number"]}"'
    sums = "".join(
        f'  <transaction ref="{row["Grant number"]}-{code}">\n    <transaction-type code="{code}"/>\n'
        f'    <transaction-date iso-date="{row["Award date"]}"/>\n'
        f'    <value currency="GBP" value-date="{row["Award date"]}">{row["Amount"]}</value>\n'
        f"    <provider-org {funder}><narrative>{row['Funder']}</narrative></provider-org>\n"
        f"    <receiver-org {grantee}><narrative>{row['Grantee']}</narrative></receiver-org>\n  </transaction>\n"
        for code in (2, 3, 4)
    )
    return (
        f'<iati-activity xml:lang="en" default-currency="GBP">\n'
        f"  <iati-identifier>GB-COH-1-{row['Grant number']}</iati-identifier>\n"
        f'  <reporting-org ref="GB-COH-1" type="60"><narrative>Wetland Foundation</narrative></reporting-org>\n'
        f"  <title><narrative>{row['Title']}</narrative></title>\n"
        f'  <description type="1"><narrative>{row["Purpose"]}</narrative></description>\n'
        f'  <participating-org {funder} role="1" type="60"><narrative>{row["Funder"]}</narrative></participating-org>\n'
        f'  <participating-org {grantee} role="4" type="22"><narrative>{row["Grantee"]}</narrative>'
        f'</participating-org>\n  <activity-status code="2"/>\n'
        f'  <activity-date type="2" iso-date="{row["Award date"]}"/>\n  <recipient-country code="GB"/>\n'
        f'  <sector vocabulary="1" code="41030"><narrative>{row["Theme"]}</narrative></sector>\n'
        f"{sums}</iati-activity>\n"
    )


def write_return(path: Path, n: int) -> None:
    """Write a return of Form 990 whose Schedule I has n grants."""
    with path.open("w", encoding="utf-8") as file:
        file.write(
            f'<?xml version="1.0" encoding="utf-8"?>\n<Return xmlns="{IRS}" returnVersion="2021v4.2">\n<ReturnHeader>\n'
            "<TaxPeriodEndDt>2021-12-31</TaxPeriodEndDt><ReturnTypeCd>990</ReturnTypeCd>"
            "<TaxPeriodBeginDt>2021-01-01</TaxPeriodBeginDt><TaxYr>2021</TaxYr>\n"
            "<Filer><EIN>363177592</EIN><BusinessName><BusinessNameLine1Txt>WETLAND FOUNDATION</BusinessNameLine1Txt>"
            "</BusinessName></Filer>\n</ReturnHeader>\n<ReturnData><IRS990ScheduleI>\n"
        )
        for row in grants(n):
            file.write(
                "<RecipientTable>\n  <RecipientBusinessName>\n    <BusinessNameLine1Txt>"
                f"{row['Grantee'].upper()}</BusinessNameLine1Txt>\n  </RecipientBusinessName>\n"
                "  <USAddress>\n    <AddressLine1Txt>1 MAIN STREET</AddressLine1Txt>\n    <CityNm>CHICAGO</CityNm>\n"
                "    <StateAbbreviationCd>IL</StateAbbreviationCd>\n    <ZIPCd>60601</ZIPCd>\n  </USAddress>\n"
                f"  <RecipientEIN>36{row['Charity number']}</RecipientEIN>\n"
                f"  <IRCSectionDesc>501(C)(3)</IRCSectionDesc>\n  <CashGrantAmt>{row['Amount'][:-3]}</CashGrantAmt>\n"
                f"  <PurposeOfGrantTxt>{row['Purpose']}</PurposeOfGrantTxt>\n</RecipientTable>\n"
            )
        file.write("</IRS990ScheduleI></ReturnData>\n</Return>\n")
