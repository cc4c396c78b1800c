"""IATI activities, versions 1.x and 2.x: one activity is one project, one transaction one sum.

Source: IATI activities schema 2.03 and its code lists; for 1.x the lists of its time. Which element
goes where is listed in docs/importing.md.
"""

from __future__ import annotations

from collections import Counter
from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from cega_graph.names.forms import infer_kind
from cega_graph.names.normalize import normalize
from cega_graph.sources.files import File
from cega_graph.sources.records import About, Items, Money, Party, Record, Remark, SetAside, Total
from cega_graph.sources.values import NO_CURRENCY, clean, read_amount, read_currency, read_date
from cega_graph.sources.xml_pieces import Piece, pieces

_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def is_one(file: File) -> bool:
    """Tell whether a file holds IATI activities, by its root element."""
    return file.root in {"iati-activities", "iati-activity"}


def read(file: File) -> Items:
    """Yield the activities of a file.

    Raises:
        UnreadableInput: It has a DOCTYPE (entities are never expanded), ends in the middle, or an
            activity is larger than 64 MB.
    """
    about, n, passed = About(), 0, Counter[str]()
    odd: list[Remark] = []
    for piece in pieces(file, "iati-activity", odd.append):
        n += 1
        locator = f"/iati-activities/iati-activity[{n}]" if file.root == "iati-activities" else "/iati-activity"
        element = _parsed(piece)
        if element is None:
            yield SetAside("unreadable-row", locator, piece.content, piece.trouble)
            continue
        reader = _Activity(element, piece.language, locator)
        record = reader.record(piece.content)
        passed.update(reader.not_read())
        if not about.publisher and reader.reporter is not None:
            about = About(publisher=reader.reporter.name, language=reader.language)
        yield record
    yield from odd
    for tag, many in sorted(passed.items()):
        yield Remark("not-read", tag, str(many))
    yield about
    yield Total(n)


def _parsed(piece: Piece) -> ET.Element | None:
    try:
        root = ET.XML(piece.wrapped)
    except ET.ParseError as error:
        piece.trouble = str(error)
        return None
    return root[0] if piece.is_wrapped else root


_READ: Final = frozenset({
    "iati-identifier", "reporting-org", "title", "description", "participating-org", "activity-status",
    "activity-date", "recipient-country", "recipient-region", "location", "sector", "transaction", "related-activity",
    "other-identifier",
})  # fmt: skip

_OF_TRANSACTION: Final = frozenset({
    "transaction-type", "transaction-date", "value", "provider-org", "receiver-org",
})  # fmt: skip
"""What is read of a transaction."""

_LINKS: Final = {"provider-org": "provider-activity-id", "receiver-org": "receiver-activity-id"}
"""What names the activity of another, on each side of a transaction."""

ROLES: Final = {
    "1": "funder", "funding": "funder", "donor": "funder", "funder": "funder",
    "2": "accountable", "accountable": "accountable",
    "3": "intermediary", "extending": "intermediary",
    "4": "executor", "implementing": "executor", "implementer": "executor",
    "beneficiary": "grantee",
}  # fmt: skip
"""Code list OrganisationRole, its words in 1.x, and donor and beneficiary of older files."""

_KINDS: Final = {
    "10": "government", "11": "government", "15": "public_institution", "21": "ngo", "22": "ngo", "23": "ngo",
    "24": "ngo", "40": "international_organization", "60": "foundation", "70": "company", "71": "company",
    "72": "company", "73": "company",
}  # fmt: skip
"""Code list OrganisationType; 30 and 90 say nothing that a kind is, 80 leaves the name to tell."""

TYPES: Final = {
    "1": "incoming", "IF": "incoming", "2": "commitment", "C": "commitment", "3": "disbursement", "D": "disbursement",
    "4": "expenditure", "E": "expenditure", "7": "disbursement", "R": "disbursement", "11": "incoming_commitment",
    "12": "pledge", "13": "incoming_pledge",
}  # fmt: skip
"""Code list TransactionType, and its letters of 1.x. A reimbursement is there defined as a disbursement."""
_NO_GRANTS: Final = frozenset({"5", "IR", "6", "LR", "8", "QP", "9", "QS", "10", "CG"})
_INCOMING: Final = frozenset({"incoming", "incoming_commitment", "incoming_pledge"})

_DATES: Final = {
    "1": "planned start", "2": "start", "3": "planned end", "4": "end", "start-planned": "planned start",
    "start-actual": "start", "end-planned": "planned end", "end-actual": "end",
}  # fmt: skip
_STATUSES: Final = {"1": "planned", "2": "ongoing", "3": "completed", "4": "completed", "5": "cancelled"}
_PLACES: Final = frozenset({"recipient-country", "recipient-region"})
_DAC: Final = frozenset({"1", "2", "", "DAC", "DAC-3"})


class _Activity:
    """One activity, taken apart."""

    def __init__(self, element: ET.Element, language: str, locator: str) -> None:
        self.language: Final = (element.get(_LANG) or language).lower()
        self.reporter: Party | None = None
        self._element: Final = element
        self._locator: Final = locator
        self._currency: Final = element.get("default-currency", "")
        self._children: Final[dict[str, list[ET.Element]]] = {}
        self._remarks: Final[list[Remark]] = []
        self._parts: Final[list[SetAside]] = []
        self._within: Final = Counter[str]()
        self._links: Final[list[dict[str, str]]] = []
        for child in element:
            self._children.setdefault(child.tag, []).append(child)

    def _all(self, tag: str) -> list[ET.Element]:
        return self._children.get(tag, [])

    def not_read(self) -> Counter[str]:
        """The elements that nothing is read from, counted; those within transactions and locations by their path."""
        passed = Counter({tag: len(some) for tag, some in self._children.items() if tag not in _READ})
        for location in self._all("location"):
            passed.update(f"location/{child.tag}" for child in location if child.tag != "name")
        for tag, many in self._within.items():
            if tag not in _OF_TRANSACTION:
                passed[f"transaction/{tag}"] = many
        return passed

    def record(self, original: bytes) -> Record:
        """Return the activity as a record."""
        reporters = self._all("reporting-org")
        self.reporter = self._party(reporters[0], "other", "reporting-org") if reporters else None
        identifier = _plain(self._all("iati-identifier"))
        if not identifier:
            self._remarks.append(Remark("no-identifier"))
        parties = [p for i, e in enumerate(self._all("participating-org"), 1) if (p := self._participant(e, i))]
        grants: list[Money] = []
        for number, transaction in enumerate(self._all("transaction"), 1):
            self._transaction(transaction, f"{self._locator}/transaction[{number}]", grants, parties)
        if not parties and self.reporter is not None:
            parties.append(self.reporter)
        title, title_en = self._titles("title")
        start, end = self._period()
        status = _attribute(self._all("activity-status"), "code")
        extra = self._extra(status, (title, title_en))
        return Record(
            locator=self._locator, original=original, identifier=identifier, title=title, title_en=title_en,
            description=self._titles("description")[0], theme=self._theme(), start_date=start, end_date=end,
            place=self._place(), status=_STATUSES.get(status, ""), extra=extra, parties=tuple(parties),
            grants=tuple(grants), remarks=tuple(self._remarks), parts=tuple(self._parts),
            is_whole=bool(identifier),
        )  # fmt: skip

    def _texts(self, elements: list[ET.Element]) -> list[tuple[str, str]]:
        """The texts of elements with their languages: narratives of 2.x, the elements' own text of 1.x."""
        found: dict[str, str] = {}
        for element in elements:
            language = element.get(_LANG) or self.language
            narratives = [child for child in element if child.tag == "narrative"]
            for one in narratives or (element,):
                text = clean(one.text or "")
                if text:
                    found.setdefault(text, (one.get(_LANG) or language).lower())
        return list(found.items())

    def _names(self, element: ET.Element) -> list[tuple[str, str]]:
        """The same of one element, the usual case of a single narrative first."""
        if len(element) == 1 and element[0].tag == "narrative":
            only = element[0]
            text = clean(only.text or "")
            return [(text, (only.get(_LANG) or element.get(_LANG) or self.language).lower())] if text else []
        return self._texts([element])

    def _titles(self, tag: str) -> tuple[str, str]:
        """The first text in the file's language, and an English one if that is another."""
        texts = self._texts(self._all(tag))
        first = next((text for text, language in texts if language == self.language), texts[0][0] if texts else "")
        english = next((text for text, language in texts if language.startswith("en") and text != first), "")
        return first, english if dict(texts).get(first, "")[:2] != "en" else ""

    def _party(self, element: ET.Element, role: str, label: str, grant: int = -1, locator: str = "") -> Party | None:
        texts = self._names(element)
        identifier = element.get("ref") or ""
        if not texts and not identifier:
            return None
        name, language = texts[0] if texts else ("", "")
        return Party(
            role=role, name=name, identifier=identifier, language=language, grant=grant, label=label,
            kind=_kind(element.get("type", ""), name), also=tuple(texts[1:]), locator=locator,
        )  # fmt: skip

    def _participant(self, element: ET.Element, number: int) -> Party | None:
        if linked := {name: value for name in ("activity-id", "crs-channel-code") if (value := element.get(name))}:
            self._links.append({"at": f"participating-org[{number}]", **linked})
        printed = (element.get("role") or "").strip()
        role = ROLES.get(printed.lower())
        party = self._party(element, role or "other", f"participating-org role={printed}")
        if party is None:
            self._remarks.append(Remark("empty-element", f"participating-org[{number}]"))
        elif role is None:
            self._remarks.append(Remark("unknown-role", printed, party.name))
        return party

    def _transaction(self, one: ET.Element, locator: str, grants: list[Money], parties: list[Party]) -> None:
        """Add a transaction's sum and its two sides, or set it aside."""
        children = {child.tag: child for child in reversed(one)}
        kind = children.get("transaction-type")
        code = "" if kind is None else (kind.get("code") or kind.text or "").strip().upper()
        sort = TYPES.get(code)
        if sort is None:
            reason = "not-a-grant" if code in _NO_GRANTS else "no-transaction-type"
            self._parts.append(SetAside(reason, locator, ET.tostring(one), code))
            return
        self._within.update([child.tag for child in one])
        position = len(grants)
        grants.append(self._money(sort, code, children, one.get("ref", ""), locator))
        reporter_is = "receiver-org" if sort in _INCOMING else "provider-org"
        for tag, role in (("provider-org", "funder"), ("receiver-org", "grantee")):
            side = None
            if tag in children:
                side = self._party(children[tag], role, tag, position, locator)
                if linked := children[tag].get(_LINKS[tag]):
                    at = f"{locator.removeprefix(self._locator).removeprefix('/')}/{tag}"
                    self._links.append({"at": at, _LINKS[tag]: linked})
            if side is None and tag == reporter_is and self.reporter is not None:
                # XSD 2.03: provider-org "if omitted on outgoing funds the reporting-org is assumed", and the reverse.
                side = msgspec.structs.replace(
                    self.reporter, role=role, label="reporting-org", grant=position, locator=locator
                )
                self._remarks.append(Remark("stated-by-default", tag, side.name, locator))
            if side is not None:
                parties.append(side)

    def _money(self, sort: str, code: str, children: dict[str, ET.Element], ref: str, locator: str) -> Money:
        value, dated = children.get("value"), children.get("transaction-date")
        printed = "" if value is None else (value.text or "").strip()
        amount, hint, remarks = read_amount(printed)
        currency = ""
        if amount is not None and value is not None:
            currency, mended = read_currency(value.get("currency") or self._currency, hint=hint)
            remarks += mended
        day = "" if dated is None else dated.get("iso-date") or (dated.text or "").strip()
        if not day and value is not None:
            day = value.get("value-date", "")
        date, mended_date = read_date(day)
        remarks += mended_date
        self._remarks.extend(msgspec.structs.replace(r, locator=locator) for r in remarks)
        odd = amount is None or currency == NO_CURRENCY or bool(remarks)
        return Money(
            type=sort, amount=amount, printed=printed if odd else "", currency=currency, date=date, identifier=ref,
            label=f"transaction-type {code}", locator=locator,
        )  # fmt: skip

    def _period(self) -> tuple[str, str]:
        """Actual start and end, or else the planned ones."""
        found: dict[str, str] = {}
        for element in self._all("activity-date"):
            sort = _DATES.get((element.get("type") or "").strip().lower(), "")
            date, remarks = read_date(element.get("iso-date") or clean(element.text or ""))
            self._remarks.extend(remarks)
            if sort and date:
                found.setdefault(sort, date)
        start = found.get("start") or found.get("planned start", "")
        return start, found.get("end") or found.get("planned end", "")

    def _theme(self) -> str:
        """The names of the sectors of the DAC, or else their codes."""
        names = []
        for element in self._all("sector"):
            if element.get("vocabulary", "") in _DAC:
                texts = self._texts([element])
                names.append(texts[0][0] if texts else element.get("code", ""))
        return "; ".join(dict.fromkeys(name for name in names if name))

    def _place(self) -> str:
        names = []
        for element in (*self._all("recipient-country"), *self._all("recipient-region")):
            texts = self._texts([element])
            names.append(texts[0][0] if texts else element.get("code", ""))
        for element in self._all("location"):
            texts = self._texts(element.findall("name"))
            names += [texts[0][0]] if texts else []
        return "; ".join(dict.fromkeys(name for name in names if name))

    def _extra(self, status: str, titles: tuple[str, str]) -> dict[str, object]:
        """What fits no column: titles in further languages, codes, shares and names, links between activities."""
        found: dict[str, object] = {}
        further = [one for element in self._all("title") for one in (element, *element)][2:]
        for text, language in self._texts(self._all("title")) if further else ():
            if text not in titles:
                key = f"title:{language}" if language else "title"
                found[key] = f"{found[key]}; {text}" if key in found else text
        for tag in ("recipient-country", "recipient-region", "sector", "related-activity", "other-identifier"):
            rows = [one for element in self._all(tag) if (one := self._coded(element))]
            if rows:
                found[tag] = rows
        if self._links:
            found["activity-links"] = self._links
        if status and status not in _STATUSES:
            found["activity-status"] = status
        more = [text for text, _ in self._texts(self._all("description"))[1:]]
        return {**found, "description": more} if more else found

    def _coded(self, element: ET.Element) -> dict[str, object]:
        """The attributes of an element and its texts, but for the one text that is a theme or place."""
        one: dict[str, object] = dict(element.attrib)
        if not len(element) and not element.text:
            return one
        texts = [text for text, _ in self._texts([element])]
        is_read = element.tag in _PLACES or (element.tag == "sector" and element.get("vocabulary", "") in _DAC)
        if more := texts[1:] if is_read else texts:
            one["narrative"] = more[0] if len(more) == 1 else more
        return one


def _plain(elements: list[ET.Element]) -> str:
    return clean(elements[0].text or "") if elements else ""


def _attribute(elements: list[ET.Element], name: str) -> str:
    return (elements[0].get(name) or elements[0].text or "").strip() if elements else ""


def _kind(code: str, name: str) -> str:
    """A kind by the code list; of academies the form of the name says which."""
    if code != "80":
        return _KINDS.get(code, "")
    told = infer_kind(normalize(name))[0]
    return told if told in {"university", "research_institute"} else "research_institute"
