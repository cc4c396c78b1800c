"""A 360Giving grant → a record: what each of its fields says, and what of it is left over for `extra`.

Source: the 360Giving Data Standard 1.4.3, https://standard.threesixtygiving.org; older packages have
the same fields. Which field goes where is listed in docs/importing.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeVar

import msgspec

from cega_graph.identifiers import is_register_id
from cega_graph.names.bodies import register_id
from cega_graph.sources.records import Money, Original, Party, Record, Remark
from cega_graph.sources.values import CURRENCIES, read_amount, read_currency, read_date

Remarks: TypeAlias = tuple[Remark, ...]
Objects: TypeAlias = list[dict[str, Any]]
_T = TypeVar("_T")

SIDES: Final = (
    ("fundingOrganization", "funder"),
    ("recipientOrganization", "grantee"),
    ("recipientIndividual", "grantee"),
)
"""Fields of those who give and get, with their roles, in the order of a record's parties."""

EVENTS: Final = ("actualDates", "plannedDates")
"""Fields of dates; the second counts where the first says nothing."""

_ROLES: Final = dict(SIDES)
TITLES: Final = {
    "fundingType": "title", "classifications": "title", "beneficiaryLocation": "name", "grantProgramme": "title",
}  # fmt: skip
"""Fields that are read as one text, and which key of their objects holds it; in the order of what is left over."""

REQUIRED: Final = {
    "title": Remark("missing-title"), "description": Remark("missing-description"),
    "amountAwarded": Remark("missing-amount"), "awardDate": Remark("missing-date"),
}  # fmt: skip
"""Fields of a grant that the standard requires, besides those that are told elsewhere; what is said without them."""

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


def to_record(
    grant: dict[str, Any], original: Original, locator: str, labels: Mapping[str, str] | None = None, rows: int = 1
) -> Record:
    """Return a grant as a record.

    Args:
        grant: By the names of the JSON schema; emptied of what goes into columns, the rest is `extra`.
        original: As the file has it.
        locator: Its place.
        labels: Field → how the file calls it, where that is not the field's name.
        rows: How many rows it stands in.
    """
    take, labels = grant.pop, labels or {}
    identifier, title, about = text_of(take("id", "")), text_of(take("title", "")), text_of(take("description", ""))
    stated, awarded = take("amountAwarded", None), take("awardDate", "")
    amount, printed, currency, remarks = read_sum(stated, text_of(take("currency", "")))
    regrant = text_of(take("regrantType", ""))
    date, mended = read_day(awarded, "awardDate", grant)
    sides = [
        _left(grant, field, *read_side(take(field), field, labels.get(field, field))) if field in grant else ()
        for field, _ in SIDES
    ]
    start, end, events = read_period(grant) if "plannedDates" in grant or "actualDates" in grant else ("", "", ())
    remarks += mended + told_of_sides(*map(len, sides))
    if not (title and about and stated and awarded):
        remarks += told_of_missing(*[value not in _NOTHING for value in (title, about, stated, awarded)])
    if regrant:
        remarks += (Remark("regrant", regrant, REGRANTS.get(regrant, "")),)
    remarks += events
    texts = {
        field: _left(grant, field, *read_titles(take(field), key)) for field, key in TITLES.items() if field in grant
    }
    parties = (*sides[0], *sides[1], *sides[2])
    money = Money(
        amount=amount, printed=printed, currency=currency, date=date, identifier=identifier,
        funding_type=texts.get("fundingType", ""), passes_on=read_related(grant.get("relatedActivity")),
        is_for_regrant=bool(regrant), recipients=len(sides[1]) + len(sides[2]) or None,
    )  # fmt: skip
    return Record(
        locator=locator, original=original, identifier=identifier, title=title,
        description=about, theme=texts.get("classifications", ""),
        start_date=start, end_date=end, place=texts.get("beneficiaryLocation", ""),
        programme=texts.get("grantProgramme", ""), extra=grant,
        parties=parties + _passing_on(parties, regrant, labels) if regrant else parties, grants=(money,),
        remarks=remarks if identifier else (*remarks, Remark("no-identifier")), rows=rows,
    )  # fmt: skip


_NOTHING: Final[tuple[object, ...]] = (None, "", [], {})
"""What JSON says where it says nothing; 0 is something."""


def told_of_missing(*stated: bool) -> Remarks:
    """Return what is to be said of a grant that states these of the fields of `REQUIRED`, in their order.

    >>> [remark.code for remark in told_of_missing(True, False, True, False)]
    ['missing-description', 'missing-date']
    """
    return tuple(remark for remark, is_there in zip(REQUIRED.values(), stated, strict=True) if not is_there)


def text_of(value: object) -> str:
    """Return a scalar as text; a list or object as JSON."""
    if type(value) is str:
        return value
    if value is None or value in ([], {}):
        return ""
    return msgspec.json.encode(value).decode()


def read_sum(printed: object, stated: str) -> tuple[Decimal | None, str, str, Remarks]:
    """Return an amount, how it is printed if that is odd, its currency, and what was mended."""
    amount, hint, remarks = read_amount(printed)
    if amount is None:
        return None, text_of(printed), "", tuple(remarks)
    currency = stated
    if stated not in CURRENCIES:
        currency, more = read_currency(stated, hint=hint)
        remarks += more
    return amount, text_of(printed) if remarks else "", currency, tuple(remarks)


def read_day(value: object, field: str, left: dict[str, Any]) -> tuple[str, Remarks]:
    """Return a date and what was mended; what cannot be read is left over."""
    printed = text_of(value)
    date, mended = read_date(printed)
    if not date and printed:
        left[field] = value
    return date, mended


def _objects(value: object) -> Objects:
    """The objects of a list; one that stands alone, or a bare name, is a list of one."""
    if type(value) is list:
        if len(value) == 1 and type(value[0]) is dict:
            return value
        return [one if type(one) is dict else {"name": text_of(one)} for one in value if one]
    if type(value) is dict:
        return [value]
    return [{"name": text_of(value)}] if value else []


def _left(grant: dict[str, Any], field: str, read: _T, rest: Objects) -> _T:
    """Leave in a grant what of a field is left over, and return what was read of it."""
    if rest:
        grant[field] = rest
    return read


def read_side(value: object, field: str, label: str) -> tuple[tuple[Party, ...], Objects]:
    """Return the parties that a field of `SIDES` names, and what else its objects hold."""
    objects = _objects(value)
    role, is_people = _ROLES[field], field == "recipientIndividual"
    parties = [party for one in objects if (party := _party(one, role, label, is_person=is_people)) is not None]
    return tuple(parties), [one for one in objects if one]


def _party(one: dict[str, Any], role: str, label: str, *, is_person: bool) -> Party | None:
    """A party; a number that is no register's stays in the object."""
    name, identifier = text_of(one.pop("name", "")), text_of(one.pop("id", ""))
    if not name and not identifier:
        return None
    if identifier and (is_person or not is_registered(identifier)):
        one["id"] = identifier
    kind = "person" if is_person else ""
    if "alternateName" not in one and "department" not in one:
        return Party(role=role, name=name, identifier=identifier, kind=kind, label=label, grant=0)
    also = text_of(one.pop("alternateName", ""))
    return Party(
        role=role, name=name, identifier=identifier, kind=kind, label=label, grant=0,
        qualifier=text_of(one.pop("department", "")), also=((also, ""),) if also else (),
    )  # fmt: skip


def is_registered(identifier: str) -> bool:
    """Tell whether an identifier is a register's; one in which nothing is to be mended is seen at once.

    >>> is_registered("GB-CHC-1000147"), is_registered("gb-chc-1000147 "), is_registered("360G-ABCT-7")
    (True, True, False)
    """
    is_plain = is_register_id(identifier) and not identifier.startswith("CN-")  # these have check digits
    return is_plain or bool(register_id(identifier)[0])


def _passing_on(parties: Sequence[Party], regrant: str, labels: Mapping[str, str]) -> tuple[Party, ...]:
    """The recipients of money that is given to be passed on, once more as intermediaries."""
    told = {"role": "intermediary", "grant": -1, "label": labels.get("regrantType", "regrantType"),
            "qualifier": REGRANTS.get(regrant, "") or regrant}  # fmt: skip
    return tuple(msgspec.structs.replace(party, **told) for party in parties if party.role == "grantee")


def told_of_sides(funders: int, bodies: int, people: int) -> Remarks:
    """Return what is to be said of a grant with so many funders, and bodies and people who receive."""
    remarks = () if funders else (Remark("no-funder"),)
    if people:
        return (*remarks, Remark("both-recipients" if bodies else "individual"))
    return remarks if bodies else (*remarks, Remark("no-recipient"))


def read_period(grant: dict[str, Any]) -> tuple[str, str, Remarks]:
    """Take start and end from a grant: the first event of the actual dates, or else of the planned ones."""
    remarks: Remarks = ()
    for field in EVENTS:
        if field in grant:
            events = _objects(grant.pop(field))
            first = events[0] if events else {}
            start, mended = read_day(first.pop("startDate", ""), "startDate", first)
            end, more = read_day(first.pop("endDate", ""), "endDate", first)
            remarks += mended + more
            _left(grant, field, None, [one for one in events if one])
            if start or end:
                return start, end, remarks
    return "", "", remarks


def read_titles(value: object, key: str) -> tuple[str, Objects]:
    """Return the titles (or else codes) of a list of objects, joined, and what else they hold."""
    objects = _objects(value)
    titles = [
        text_of(one.pop(key, "")) or (text_of(one.pop("code", "")) if key == "title" else "") for one in objects
    ]  # fmt: skip
    rest = [one for one in objects if one]
    if len(titles) == 1:
        return titles[0], rest
    return "; ".join(dict.fromkeys(t.strip() for t in titles if t.strip())), rest


def read_related(related: object) -> tuple[str, ...]:
    """Return the ids of grants or activities that a grant is related to."""
    if not related:
        return ()
    return tuple(map(text_of, related if isinstance(related, list) else re.split(r"[;,]\s*", text_of(related))))
