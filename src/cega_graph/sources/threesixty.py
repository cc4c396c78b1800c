"""360Giving grants: JSON packages and lines, and tables with the standard's column titles.

Source: the 360Giving Data Standard 1.4.3, https://standard.threesixtygiving.org; older packages have
the same fields. Which field goes where is listed in docs/importing.md.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.names.bodies import register_id
from cega_graph.sources.files import File
from cega_graph.sources.records import About, Items, Money, Original, Party, Record, Remark, SetAside, Total
from cega_graph.sources.threesixty_titles import is_flat, read_flat
from cega_graph.sources.values import CURRENCIES, read_amount, read_currency, read_date

_FIELDS: Final = re.compile(
    r'"(?:fundingOrganization|recipientOrganization|recipientIndividual|amountAwarded|awardDate)"\s*:'
)
_PACKAGE: Final = re.compile(r'\A\s*\{.*?"grants"\s*:\s*\[', re.DOTALL)


def is_one(file: File) -> bool:
    """Tell whether a file holds 360Giving grants: by two of its fields, or by its column titles."""
    if file.form == "json":
        start = file.start
        return len(set(_FIELDS.findall(start))) >= 2 or _PACKAGE.match(start) is not None
    return file.form in {"text", "zip"} and any(is_flat(header) for header in file.headers.values())


def read(file: File) -> Items:
    """Yield the grants of a file.

    Raises:
        UnreadableInput: The JSON is cut off or malformed; the text names the byte.
    """
    if file.form != "json":
        yield from _read_tables(file)
    elif _PACKAGE.match(file.start) or file.start.lstrip().startswith("["):
        yield from _read_package(file)
    else:
        yield from _read_lines(file)


class _Package(msgspec.Struct):
    grants: list[msgspec.Raw]
    title: Any = ""
    license: Any = ""
    license_name: Any = msgspec.field(default="", name="licenseName")
    publisher: Any = None
    issued: Any = ""
    modified: Any = ""
    access_url: Any = msgspec.field(default="", name="accessURL")
    download_url: Any = msgspec.field(default="", name="downloadURL")


def _read_package(file: File) -> Items:
    content, encoding = file.read_utf8()
    if encoding:
        yield encoding
    is_list = content[:200].lstrip().startswith(b"[")
    try:
        if is_list:
            package = _Package(grants=msgspec.json.decode(content, type=list[msgspec.Raw]))
        else:
            package = msgspec.json.decode(content, type=_Package)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(file, len(content), error) from None
    del content
    yield _about(package)
    start = "" if is_list else "/grants"
    n = len(package.grants)
    for position, raw in enumerate(package.grants):
        if position % 512 == 0:
            file.tell(file.size * position // n)
        yield _grant(bytes(raw), f"{start}/{position}")
    yield Total(n)


def _not_json(file: File, size: int, error: Exception) -> UnreadableInput:
    """The error of a file that is not JSON; it names the byte."""
    said = str(error) or "it is nested too deeply"
    if "truncated" in said:
        said = f"it ends in the middle of a value, at byte {size}; fetch the whole file"
    return UnreadableInput(f"{file.name}: is not readable as 360Giving JSON: {said}; nothing was read")


def _about(package: _Package) -> About:
    publisher = package.publisher if isinstance(package.publisher, dict) else {}
    issued = _text(package.modified) or _text(package.issued)
    return About(
        title=_text(package.title),
        publisher=_text(publisher.get("name")) or (package.publisher if isinstance(package.publisher, str) else ""),
        licence=_text(package.license) or _text(package.license_name),
        url=_text(package.access_url) or _text(package.download_url) or _text(publisher.get("website")),
        year=int(issued[:4]) if re.match(r"[12]\d{3}", issued) else None,
    )


def _read_lines(file: File) -> Items:
    n = 0
    _, remark = file.encoding
    if remark:
        yield remark
    with file.text() as opened:
        for number, line in enumerate(opened, 1):
            if number % 1024 == 0:
                file.tell_of(opened)
            if line.strip("\ufeff \t\r\n\x00"):
                n += 1
                yield _grant(line.strip().encode("utf-8", "surrogatepass"), f"row={number}")
    yield Total(n)


_decode: Final = msgspec.json.Decoder().decode


def _grant(raw: bytes, locator: str) -> Record | SetAside:
    try:
        grant = _decode(raw)
        if type(grant) is dict:
            return to_record(grant, raw, locator)
    except (msgspec.DecodeError, RecursionError) as error:
        return SetAside("unreadable-row", locator, raw, str(error) or "nested too deeply")
    return SetAside("not-an-object", locator, raw)


def _read_tables(file: File) -> Items:
    _, encoding = file.encoding if file.form == "text" else ("", None)
    if encoding:
        yield encoding
    flat = [name for name, header in file.headers.items() if is_flat(header)]
    about, n = About(), 0
    for name, header in file.headers.items():
        if name == "Meta":
            about = _meta(file)
        elif name not in flat and any(header):
            yield Remark("not-read", name, "sheet")
    for name in flat:
        place = "" if len(flat) == 1 else f"sheet={name}&"
        for item in read_flat(file, name, place):
            if isinstance(item, SetAside):
                n += item.rows
                yield item
            else:
                n += item.rows
                yield to_record(item.grant, item.original, item.locator, item.labels, item.rows)
    yield about
    yield Total(n)


def _meta(file: File) -> About:
    """What the sheet `Meta` says: titles in its first column, values in the second."""
    cells = {row[0].strip().lower(): row[1] for _, row in file.sheet("Meta") if len(row) > 1}
    return About(
        title=cells.get("title", ""), publisher=cells.get("publisher:name", ""), licence=cells.get("license", ""),
        url=cells.get("publisher:website", ""),
    )  # fmt: skip


def to_record(
    grant: dict[str, Any], original: Original, locator: str, labels: dict[str, str] | None = None, rows: int = 1
) -> Record:
    """Return a grant as a record.

    Args:
        grant: By the names of the JSON schema; emptied of what goes into columns, the rest is `extra`.
        original: As the file has it.
        locator: Its place.
        labels: Field → how the file calls it, where that is not the field's name.
        rows: How many rows it stands in.
    """
    take = grant.pop
    remarks: list[Remark] = []
    identifier = _text(take("id", ""))
    printed = take("amountAwarded", None)
    regrant = _text(take("regrantType", ""))
    amount, hint, mended = read_amount(printed)
    currency_printed, currency = _text(take("currency", "")), ""
    is_odd = bool(mended) or amount is None
    if amount is not None and currency_printed in CURRENCIES:
        currency = currency_printed
    elif amount is not None:
        currency, more = read_currency(currency_printed, hint=hint)
        mended += more
        is_odd = is_odd or bool(more)
    remarks += mended
    date = _date(take("awardDate", ""), "awardDate", grant, remarks)
    parties, recipients = _parties(grant, labels, remarks, regrant)
    start, end = _period(grant, remarks) if "plannedDates" in grant or "actualDates" in grant else ("", "")
    if not identifier:
        remarks.append(Remark("no-identifier"))
    money = Money(
        amount=amount, printed=_text(printed) if is_odd else "", currency=currency, date=date, identifier=identifier,
        funding_type=_titles(grant, "fundingType") if "fundingType" in grant else "",
        passes_on=_related(grant) if "relatedActivity" in grant else (), is_for_regrant=bool(regrant),
        recipients=recipients or None,
    )  # fmt: skip
    return Record(
        locator=locator, original=original, identifier=identifier, title=_text(take("title", "")),
        description=_text(take("description", "")),
        theme=_titles(grant, "classifications") if "classifications" in grant else "",
        start_date=start, end_date=end,
        place=_titles(grant, "beneficiaryLocation", "name") if "beneficiaryLocation" in grant else "",
        programme=_titles(grant, "grantProgramme") if "grantProgramme" in grant else "",
        extra=grant, parties=parties, grants=(money,), remarks=tuple(remarks), rows=rows,
    )  # fmt: skip


def _text(value: object) -> str:
    """Return a scalar as text; a list or object as JSON."""
    if type(value) is str:
        return value
    if value is None or value in ([], {}):
        return ""
    return msgspec.json.encode(value).decode()


def _date(value: object, field: str, grant: dict[str, Any], remarks: list[Remark]) -> str:
    """A date; what cannot be read stays in the grant."""
    printed = _text(value)
    date, mended = read_date(printed)
    if mended:
        remarks += mended
    if not date and printed:
        grant[field] = value
    return date


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list; one that stands alone, or a bare name, is a list of one."""
    if type(value) is list:
        if len(value) == 1 and type(value[0]) is dict:
            return value
        return [one if type(one) is dict else {"name": _text(one)} for one in value if one]
    if type(value) is dict:
        return [value]
    return [{"name": _text(value)}] if value else []


def _keep(grant: dict[str, Any], field: str, objects: list[dict[str, Any]]) -> None:
    """Leave in the grant what of its objects is not used."""
    if any(objects):
        grant[field] = [one for one in objects if one]


def _parties(
    grant: dict[str, Any], labels: dict[str, str] | None, remarks: list[Remark], regrant: str
) -> tuple[tuple[Party, ...], int]:
    """The parties, and how many of them receive."""
    found: list[Party] = []
    counts = []
    for field, role in _SIDES:
        before = len(found)
        if field in grant:
            objects = _objects(grant.pop(field))
            label = labels.get(field, field) if labels else field
            found += [party for one in objects if (party := _party(one, role, label, field)) is not None]
            _keep(grant, field, objects)
        counts.append(len(found) - before)
    funders, bodies, people = counts
    if not funders:
        remarks.append(Remark("no-funder"))
    if people:
        remarks.append(Remark("both-recipients" if bodies else "individual"))
    elif not bodies:
        remarks.append(Remark("no-recipient"))
    if regrant:
        title = REGRANTS.get(regrant, "")
        remarks.append(Remark("regrant", regrant, title))
        label = (labels or {}).get("regrantType", "regrantType")
        found += [
            msgspec.structs.replace(p, role="intermediary", grant=-1, label=label, qualifier=title or regrant)
            for p in found
            if p.role == "grantee"
        ]
    return tuple(found), bodies + people


_SIDES: Final = (
    ("fundingOrganization", "funder"),
    ("recipientOrganization", "grantee"),
    ("recipientIndividual", "grantee"),
)
REGRANTS: Final = {
    "FRG010": "Common Regrant",
    "FRG020": "Transfer to intermediary",
    "FRG030": "Match funding",
    "FRG040": "Funder collaboration",
    "FRG050": "Fiscal sponsor",
    "FRG060": "Endowment",
    "FRG070": "Multipurpose",
}
"""Codelist regrantType of the standard."""


def _party(one: dict[str, Any], role: str, label: str, field: str) -> Party | None:
    """A party; a number that is no register's stays in the object."""
    name, identifier = _text(one.pop("name", "")), _text(one.pop("id", ""))
    if not name and not identifier:
        return None
    person = field == "recipientIndividual"
    if identifier and (person or not register_id(identifier)[0]):
        one["id"] = identifier
    if not one or ("alternateName" not in one and "department" not in one):
        return Party(
            role=role, name=name, identifier=identifier, kind="person" if person else "", label=label, grant=0
        )  # fmt: skip
    also = _text(one.pop("alternateName", ""))
    return Party(
        role=role, name=name, identifier=identifier, kind="person" if person else "", label=label, grant=0,
        qualifier=_text(one.pop("department", "")), also=((also, ""),) if also else (),
    )  # fmt: skip


def _period(grant: dict[str, Any], remarks: list[Remark]) -> tuple[str, str]:
    """Start and end: the first event of the actual dates, or else of the planned ones."""
    for field in ("actualDates", "plannedDates"):
        if field in grant:
            events = _objects(grant.pop(field))
            first = events[0] if events else {}
            start = _date(first.pop("startDate", ""), "startDate", first, remarks)
            end = _date(first.pop("endDate", ""), "endDate", first, remarks)
            _keep(grant, field, events)
            if start or end:
                return start, end
    return "", ""


def _titles(grant: dict[str, Any], field: str, key: str = "title") -> str:
    """The titles (or else codes) of a list of objects, joined; what else they hold stays in the grant."""
    objects = _objects(grant.pop(field))
    titles = [_text(one.pop(key, "")) or (_text(one.pop("code", "")) if key == "title" else "") for one in objects]
    _keep(grant, field, objects)
    if len(titles) == 1:
        return titles[0]
    return "; ".join(dict.fromkeys(t.strip() for t in titles if t.strip()))


def _related(grant: dict[str, Any]) -> tuple[str, ...]:
    """The ids of grants or activities that this one is related to; they stay in the grant too."""
    related = grant.get("relatedActivity")
    if not related:
        return ()
    return tuple(_text(one) for one in (related if isinstance(related, list) else re.split(r"[;,]\s*", _text(related))))
