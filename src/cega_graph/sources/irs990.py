"""US returns: the grants of Form 990 Schedule I and of Form 990-PF, as the IRS publishes them in XML.

Source: the IRS e-file schemas (namespace http://www.irs.gov/efile, 2009 to 2022; elements were renamed in
2013) and real filings. Grants of Schedule I and those a 990-PF paid during the year are disbursements of
the tax period; what a 990-PF approved for future payment is of type `future`, never added to what was paid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final
from xml.parsers import expat

import msgspec

from cega_graph.dates import is_date
from cega_graph.errors import UnreadableInput
from cega_graph.names.forms import infer_kind
from cega_graph.names.normalize import normalize
from cega_graph.sources.cells import is_placeholder
from cega_graph.sources.files import File
from cega_graph.sources.records import About, Items, Money, Party, Record, Remark, SetAside, Total
from cega_graph.sources.values import clean, read_amount
from cega_graph.vocabulary import irs_countries

_ROWS: Final = re.compile(
    r"(?P<schedule>RecipientTable)|(?P<future>Grants?OrContri\w*Fut\w*)|(?P<paid>Grants?OrContri\w*(?:Pd|Paid)Dur\w*)"
)
_NOT_READ: Final = re.compile(
    r"GrantsOtherAsst\w*|Form990ScheduleFPartII\w*|GrantsToOrgOutside\w*|ForeignIndividualsGrantsGrp"
)


@lru_cache(maxsize=1 << 12)
def _row_of(name: str) -> re.Match[str] | None:
    return _ROWS.fullmatch(name)


@lru_cache(maxsize=1 << 12)
def _is_not_read(name: str) -> bool:
    return _NOT_READ.fullmatch(name) is not None


_TOTALS: Final = {
    "TotalGrantOrContriPdDurYrAmt": "disbursement", "TotalGrantOrContriApprvForFutAmt": "future",
    "TotalGrantsOrContriPaidDuringYr": "disbursement", "TotalGrantOrContriApprovedFuture": "future",
}  # fmt: skip
_AMOUNTS: Final = ("CashGrantAmt", "AmountOfCashGrant", "Amt", "Amount")
_EINS: Final = ("RecipientEIN", "EINOfRecipient")
_PERSONS: Final = ("RecipientPersonNm", "RecipientNamePerson", "RecipientPersonName", "RecipientPersonFullName")
_STATUSES: Final = ("RecipientFoundationStatusTxt", "RecipientFoundationStatus")
_MOST_LEAVES: Final = 200
_MOST_TEXT: Final = 100_000
_MOST_DEEP: Final = 100


def is_one(file: File) -> bool:
    """Tell whether a file is a return in the IRS's XML."""
    return file.root in {"Return", "ReturnData"} and b"irs.gov/efile" in file.head


class _Filer(msgspec.Struct):
    """What the header of a return says of its filer."""

    ein: str = ""
    name: str = ""
    begin: str = ""
    end: str = ""
    year: str = ""
    form: str = ""

    @property
    def period(self) -> str:
        """The tax period as the months it goes from and to, which need not be a calendar year."""
        begin, end = self.begin[:7], self.end[:7]
        if is_date(begin) and is_date(end) and begin <= end:
            return begin if begin == end else f"{begin}/{end}"
        return self.year if is_date(self.year) else ""


class _Row(msgspec.Struct, dict=True):
    """An element of a grant: its leaves by local name, in order."""

    kind: str
    locator: str
    leaves: list[tuple[str, str]]

    @cached_property
    def _firsts(self) -> dict[str, str]:
        """Name → the text of the first leaf with it; no text is empty."""
        return dict(reversed(self.leaves))

    def first(self, *names: str) -> str:
        """Return the text of the leaf with the first of the names that there is."""
        firsts = self._firsts
        for name in names:
            if text := firsts.get(name):
                return text
        return ""

    def matching(self, is_one: Callable[[str], bool]) -> str:
        """Return the texts of the leaves whose names are of a sort, with a space between."""
        return " ".join([text for name, text in self.leaves if is_one(name)])


@lru_cache(maxsize=1 << 12)
def _is_purpose(name: str) -> bool:
    return re.fullmatch(r"\w*Purpose\w*", name) is not None


@lru_cache(maxsize=1 << 12)
def _is_name(name: str) -> bool:
    return re.fullmatch(r"BusinessNameLine\d\w*", name) is not None


def read(file: File) -> Items:
    """Yield the grants of a return.

    Raises:
        UnreadableInput: The file is not well-formed, or declares a document type or entities, which are never expanded.
    """
    parser = _Parser(file)
    sums: dict[str, Decimal] = {}
    n = 0
    about = About()
    for row in parser.rows():
        n += 1
        record = _record(row, parser.filer)
        if isinstance(record, Record):
            for money in record.grants:
                sums[money.type] = sums.get(money.type, Decimal(0)) + (money.amount or 0)
        yield record
    filer = parser.filer
    if filer.name:
        year = int(filer.year) if filer.year.isdecimal() and len(filer.year) == 4 else None
        about = About(title=f"{filer.form} {filer.year} {filer.name}".strip(), publisher=filer.name, year=year,
                      language="en", licence="US government data")  # fmt: skip
    for name, printed in parser.totals:
        stated = read_amount(printed)[0]
        found = sums.get(_TOTALS[name], Decimal(0))
        if stated is not None and stated != found:
            yield Remark("stated-total", f"{name} {stated}", f"{found}")
    for name, many in sorted(parser.not_read.items()):
        yield Remark("not-read", name, str(many))
    yield about
    yield Total(n)


class _Parser:
    """Goes through a file with expat, in memory that does not grow with it."""

    def __init__(self, file: File) -> None:
        self.filer: _Filer = _Filer()
        self.totals: Final[list[tuple[str, str]]] = []
        self.not_read: Final[dict[str, int]] = {}
        self._file: Final = file
        self._path: Final[list[str]] = []
        self._text: Final[list[str]] = []
        self._row: _Row | None = None
        self._done: list[_Row] = []
        self._counts: dict[str, int] = {}
        self._row_depth = 0

    def rows(self) -> Iterator[_Row]:
        """Yield the grants in the order of the file."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._stop
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        try:
            for chunk in self._file.chunks():
                parser.Parse(chunk, False)  # noqa: FBT003
                self._shorten()
                yield from self._done
                self._done = []
            parser.Parse(b"", True)  # noqa: FBT003
        except expat.ExpatError as error:
            why = expat.ErrorString(error.code)
            message = f"{self._file.name}: line {error.lineno}: is not well-formed XML: {why}; fetch it anew"
            raise UnreadableInput(message) from None
        yield from self._done

    def _refuse(self, *_: object) -> None:
        message = f"{self._file.name}: has a DOCTYPE; entities are never expanded, so it is not read; remove it"
        raise UnreadableInput(message)

    def _start(self, name: str, _: dict[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if len(self._path) >= _MOST_DEEP:
            message = f"{self._file.name}: elements are nested more than {_MOST_DEEP} deep; no return is"
            raise UnreadableInput(message)
        self._path.append(local)
        self._text.clear()
        if self._row is not None:
            return
        if match := _row_of(local):
            self._counts[local] = self._counts.get(local, 0) + 1
            kind = "future" if match["future"] else "disbursement"
            self._row = _Row(kind, f"/{'/'.join(self._path)}[{self._counts[local]}]", [])
            self._row_depth = len(self._path)
        elif _is_not_read(local):
            self.not_read[local] = self.not_read.get(local, 0) + 1

    def _shorten(self) -> None:
        """Hold no more of a text than a cell may be long, however long it goes on."""
        if len(self._text) > 1:
            self._text[:] = ["".join(self._text)[:_MOST_TEXT]]

    def _stop(self, _: str) -> None:
        local = self._path.pop()
        text = "".join(self._text)
        self._text.clear()
        row = self._row
        if row is not None and len(self._path) < self._row_depth:
            if row.leaves:
                self._done.append(row)
            self._row = None
        elif text and not text.isspace() and (text := clean(text[:_MOST_TEXT])):
            if row is None:
                self._header(local, text)
            elif len(row.leaves) < _MOST_LEAVES:
                row.leaves.append((local, text))

    def _header(self, local: str, text: str) -> None:
        filer = self.filer
        if local in _TOTALS:
            self.totals.append((local, text))
        elif "Filer" in self._path:
            if local == "EIN":
                filer.ein = text
            elif local.startswith("BusinessNameLine"):
                filer.name = f"{filer.name} {text}".strip()
        elif "ReturnHeader" in self._path:
            if local.startswith("TaxPeriodBegin"):
                filer.begin = text
            elif local.startswith("TaxPeriodEnd"):
                filer.end = text
            elif local in {"TaxYr", "TaxYear"}:
                filer.year = text
            elif local in {"ReturnTypeCd", "ReturnType"}:
                filer.form = text


def _record(row: _Row, filer: _Filer) -> Record | SetAside:
    remarks: list[Remark] = []
    original = (filer.ein, filer.begin, filer.end, row.kind, *(f"{name}={text}" for name, text in row.leaves))
    party = _recipient(row)
    if party is None:
        return SetAside("no-party", row.locator, original)
    printed = row.first(*_AMOUNTS)
    amount, _, mended = read_amount(printed)
    remarks.extend(mended)
    money = Money(
        type=row.kind, amount=amount, printed=printed, currency="USD" if amount is not None else "", date=filer.period,
        label="approved for future payment" if row.kind == "future" else "paid",
    )  # fmt: skip
    funder = Party(role="funder", name=filer.name, identifier=_ein(filer.ein), language="en", grant=0, label="Filer")
    extra = {
        key: text
        for key, text in (
            ("recipient_city", row.first("CityNm", "City")),
            ("recipient_state", row.first("StateAbbreviationCd", "State", "ProvinceOrStateNm", "ProvinceOrState")),
            ("recipient_country", _country(row, remarks)),
            ("non_cash_assistance", row.first("NonCashAssistanceAmt", "AmountOfNonCashAssistance")),
            ("irc_section", row.first("IRCSectionDesc", "IRCSection")),
            ("foundation_status", row.first(*_STATUSES)),
            ("relationship", row.first("RecipientRelationshipTxt", "RecipientRelationship")),
        )
        if text and text != "0"
    }
    return Record(
        locator=row.locator, original=original, title=row.matching(_is_purpose), extra=extra or None,
        parties=(funder, party) if filer.name or filer.ein else (party,), grants=(money,), remarks=tuple(remarks),
    )  # fmt: skip


def _recipient(row: _Row) -> Party | None:
    """Return who got the grant: a body, a person, or the many that a placeholder stands for."""
    name = row.matching(_is_name)
    person = row.first(*_PERSONS)
    ein = _ein(row.first(*_EINS))
    kind = ""
    if not name:
        name = person
        is_body = bool(row.first(*_STATUSES)) or infer_kind(normalize(name))[0] not in {"other", "person"}
        kind = "" if is_body else "person"
    if is_placeholder(name):
        kind, ein = "group", ""
    if not name and not ein:
        return None
    return Party(role="grantee", name=name, identifier=ein, kind=kind, language="en", grant=0, label="Recipient")


@lru_cache(maxsize=1 << 14)
def _ein(printed: str) -> str:
    """Return an EIN as org-id.guide has it; nothing if it is none.

    >>> _ein("36-3177592"), _ein("000000000")
    ('US-EIN-363177592', '')
    """
    digits = printed if printed.isdecimal() else re.sub(r"\D", "", printed)
    return f"US-EIN-{digits}" if len(digits) == 9 and digits.strip("0") else ""


def _country(row: _Row, remarks: list[Remark]) -> str:
    """Return the ISO code of a recipient's country; the IRS has codes of its own, where CI is Chile."""
    code = row.first("CountryCd", "Country")
    if not code:
        return "US" if row.first("StateAbbreviationCd", "ZIPCd", "ZIPCode", "State") else ""
    iso = irs_countries().get(code.upper(), "")
    if not iso:
        remarks.append(Remark("unknown-value", code))
    return iso or code
