"""The column titles of 360Giving tables → the fields of the JSON schema.

Source: the titles of the 360Giving schema 1.4.3, joined by `:`, and its JSON names; case, spaces,
hyphens and question marks do not count, a number between colons counts the things of one kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

_TOP: Final = {
    "identifier": "id", "id": "id", "grantidentifier": "id", "title": "title", "description": "description",
    "currency": "currency", "amountappliedfor": "amountAppliedFor", "amountawarded": "amountAwarded",
    "amountdisbursed": "amountDisbursed", "awarddate": "awardDate", "url": "url", "planneddates": "plannedDates",
    "actualdates": "actualDates", "recipientind": "recipientIndividual", "recipientindividual": "recipientIndividual",
    "toindividualsdetails": "toIndividualsDetails", "recipientorg": "recipientOrganization",
    "recipientorganization": "recipientOrganization", "recipientorganisation": "recipientOrganization",
    "beneficiarylocation": "beneficiaryLocation", "fundingorg": "fundingOrganization",
    "fundingorganization": "fundingOrganization", "fundingorganisation": "fundingOrganization",
    "grantprogramme": "grantProgramme", "fromanopencall": "fromOpenCall", "fromopencall": "fromOpenCall",
    "fundingtype": "fundingType", "classifications": "classifications", "relateddocument": "relatedDocument",
    "relatedactivity": "relatedActivity", "lastmodified": "dateModified", "datemodified": "dateModified",
    "datasource": "dataSource", "forregranttype": "regrantType", "regranttype": "regrantType",
    "locationscope": "locationScope",
}  # fmt: skip
_SUB: Final = {
    "identifier": "id", "id": "id", "name": "name", "title": "title", "code": "code", "vocabulary": "vocabulary",
    "description": "description", "url": "url", "webaddress": "url", "startdate": "startDate", "enddate": "endDate",
    "duration(months)": "duration", "duration": "duration", "department": "department", "contactname": "contactName",
    "charitynumber": "charityNumber", "companynumber": "companyNumber", "streetaddress": "streetAddress",
    "city": "addressLocality", "county": "addressRegion", "country": "addressCountry", "postalcode": "postalCode",
    "phonenumber": "telephone", "alternatename": "alternateName", "email": "email",
    "organisationtype": "organisationType", "countrycode": "countryCode", "latitude": "latitude",
    "longitude": "longitude", "geographiccode": "geoCode", "geocode": "geoCode", "geographiccodetype": "geoCodeType",
    "geocodetype": "geoCodeType", "documenttype": "documentType", "lastmodified": "dateModified",
}  # fmt: skip
_MANY: Final = frozenset({
    "plannedDates", "actualDates", "recipientOrganization", "beneficiaryLocation", "fundingOrganization",
    "grantProgramme", "fundingType", "classifications", "relatedDocument", "recipientIndividual",
})  # fmt: skip
"""Fields that hold objects; an individual is read as a list of one."""
_SIDES: Final = frozenset({"fundingOrganization", "recipientOrganization", "recipientIndividual"})
_MONEY: Final = frozenset({"amountAwarded", "awardDate", "id"})
_IGNORED: Final = re.compile(r"[\s_?\-]+")


_BEGINS: Final = re.compile(r"[\s_?\-]*(?:recipient|funding)", re.IGNORECASE)
"""How the titles of those who give and get begin, to see at once that a row has none."""


class Column(msgspec.Struct, frozen=True):
    """Where the cells of a column go: a field, and of what holds objects which one and its key."""

    position: int
    field: str
    number: int = -1
    key: str = ""


def column_of(title: str, position: int) -> Column | None:
    """Return where a column's cells go; None if its title is none of the standard's.

    >>> column_of("Recipient Org:Name", 7), column_of("beneficiary location: 1 : geographic code", 2)
    (Column(position=7, field='recipientOrganization', number=0, key='name'), Column(position=2, \
field='beneficiaryLocation', number=1, key='geoCode'))
    >>> column_of("amount_awarded", 4), column_of("Request No", 5)
    (Column(position=4, field='amountAwarded', number=-1, key=''), None)
    """
    parts = [part.strip() for part in re.split(r"[:/]", title)]
    field = _TOP.get(_IGNORED.sub("", parts[0]).lower())
    if field is None or (field in _MANY) != (len(parts) > 1):
        return None
    if field not in _MANY:
        return Column(position, field)
    number = int(parts[1]) if parts[1].isdigit() and len(parts[1]) < 4 else 0
    rest = parts[2:] if parts[1].isdigit() else parts[1:]
    key = _SUB.get(_IGNORED.sub("", rest[0]).lower(), rest[0]) if len(rest) == 1 else ":".join(rest)
    return Column(position, field, number, key) if key else None


def is_flat(header: Sequence[str]) -> bool:
    """Tell whether a header is one of 360Giving grants: a side with name or identifier, and two of id, amount, date."""
    if not any(_BEGINS.match(title) for title in header):
        return False
    columns = [c for i, title in enumerate(header) if title and (c := column_of(title, i))]
    sides = {c.field for c in columns if c.field in _SIDES and c.key in {"id", "name"}}
    return bool(sides) and len({c.field for c in columns} & _MONEY) >= 2


class Titles:
    """Where the cells of a row go, by the titles of a header.

    `plain` are positions and names of cells that are fields themselves, or that no title of the standard heads;
    `objects` are the fields that hold objects, with positions and keys of each object; `labels` say how the
    header calls the fields; `identifier` is the position of the grants' own number, or -1.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self.plain: Final[list[tuple[int, str]]] = []
        self.labels: Final[dict[str, str]] = {}
        self.identifier = -1
        objects: dict[tuple[str, int], list[tuple[int, str]]] = {}
        taken: set[str] = set()
        for position, title in enumerate(header):
            column = column_of(title, position) if title else None
            if column is None or (column.field in taken and column.number < 0):
                name = title.strip() or f"column {position + 1}"
                self.plain.append((position, name if name not in taken else f"{name} ({position + 1})"))
                taken.add(self.plain[-1][1])
            elif column.number < 0:
                self.plain.append((position, column.field))
                taken.add(column.field)
                self.identifier = position if column.field == "id" else self.identifier
                self.labels[column.field] = title.strip()
            else:
                objects.setdefault((column.field, column.number), []).append((position, column.key))
                if column.key == "name" or column.field not in self.labels:
                    self.labels[column.field] = title.strip()
        fields = {field for field, _ in objects}
        for position, name in [one for one in self.plain if one[1] in fields]:  # a title that is a JSON name
            self.plain.remove((position, name))
            objects[name, -1] = [(position, "name")]
        self.objects: Final = [(field, keys) for (field, _), keys in sorted(objects.items())]

    def grant(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the filled cells of a row, by the names of the JSON schema."""
        found: dict[str, Any] = {field: cell for position, field in self.plain if (cell := cells[position])}
        for field, keys in self.objects:
            one = {key: cell for position, key in keys if (cell := cells[position])}
            if not one:
                continue
            if field in found:
                found[field].append(one)
            else:
                found[field] = [one]
        return found
