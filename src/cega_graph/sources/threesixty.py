"""360Giving grants: JSON packages and lines, and tables with the standard's column titles.

Source: the 360Giving Data Standard 1.4.3, https://standard.threesixtygiving.org; older packages have
the same fields.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources.files import File
from cega_graph.sources.records import About, Items, Money, Party, Record, Remark, SetAside, Total
from cega_graph.sources.values import read_amount, read_currency, read_date

_FIELDS: Final = re.compile(
    r'"(?:fundingOrganization|recipientOrganization|recipientIndividual|amountAwarded|awardDate)"\s*:'
)


def is_one(file: File) -> bool:
    """Tell whether a file holds 360Giving grants."""
    if file.form == "json":
        start = file.head.decode("utf-8", errors="replace")
        return bool(re.search(r'"grants"\s*:', start)) or len(set(_FIELDS.findall(start))) >= 2
    return False


def read(file: File) -> Items:
    """Yield the grants of a file."""
    yield from _read_json(file)


class _Package(msgspec.Struct):
    grants: list[msgspec.Raw]
    title: Any = ""
    license: Any = ""
    licenseName: Any = ""  # noqa: N815 - the standard's word
    publisher: Any = None
    issued: Any = ""
    accessURL: Any = ""  # noqa: N815
    downloadURL: Any = ""  # noqa: N815


def _read_json(file: File) -> Items:
    content = file.read()
    try:
        package = msgspec.json.decode(content, type=_Package)
    except (msgspec.DecodeError, RecursionError) as error:
        message = f"{file.name}: is not readable as a 360Giving package: {error}"
        raise UnreadableInput(message) from None
    yield About(title=str(package.title or ""))
    for position, raw in enumerate(package.grants):
        yield _grant(bytes(raw), f"/grants/{position}")
    yield Total(len(package.grants))


def _grant(raw: bytes, locator: str) -> Record | SetAside:
    grant = msgspec.json.decode(raw)
    if not isinstance(grant, dict):
        return SetAside("not-an-object", locator, raw)
    return to_record(grant, raw, locator)


def to_record(grant: dict[str, Any], raw: bytes, locator: str) -> Record:
    """Return a grant as a record."""
    remarks: list[Remark] = []
    amount, hint, mended = read_amount(grant.get("amountAwarded"))
    remarks += mended
    currency, mended = read_currency(str(grant.get("currency") or ""), hint=hint)
    remarks += mended
    date, more = read_date(str(grant.get("awardDate") or ""))
    remarks += more
    money = Money(amount=amount, printed=str(grant.get("amountAwarded") or ""), currency=currency, date=date,
                  identifier=grant.get("id") or "")  # fmt: skip
    parties = tuple(
        Party(role=role, name=str(one.get("name") or ""), identifier=str(one.get("id") or ""), grant=0, label=field)
        for field, role in (("fundingOrganization", "funder"), ("recipientOrganization", "grantee"))
        for one in grant.get(field) or ()
    )
    return Record(
        locator=locator, original=raw, identifier=str(grant.get("id") or ""), title=str(grant.get("title") or ""),
        parties=parties, grants=(money,), remarks=tuple(remarks),
    )  # fmt: skip
