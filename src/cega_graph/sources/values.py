"""Printed amounts, dates, currencies and identifiers → values, saying what was mended."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

import msgspec

from cega_graph.dates import is_date, parse_date
from cega_graph.sources.records import Remark

_UNSEEN: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_BREAKS: Final = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")


def clean(text: str) -> str:
    r"""Return a text without control characters and line breaks, and without space around it.

    >>> clean(" Oxfam\x00 GB\n"), clean("two\r\nlines")
    ('Oxfam GB', 'two lines')
    """
    if text.isprintable() and text == text.strip():
        return text
    return _BREAKS.sub(" ", _UNSEEN.sub("", text)).strip()


def has_control(text: str) -> bool:
    r"""Tell whether a text holds control characters other than line breaks and tabs.

    >>> has_control("a\x00b"), has_control("a\nb")
    (True, False)
    """
    return not text.isprintable() and _UNSEEN.search(text) is not None


_SIGNS: Final = {"£": "GBP", "€": "EUR", "¥": "", "￥": "", "$": "", "元": "CNY", "元整": "CNY",
                 "圆": "CNY", "圆整": "CNY", "人民币": "CNY", "rmb": "CNY",
                 "pounds": "GBP", "sterling": "GBP", "euro": "EUR", "euros": "EUR", "us$": "USD", "港币": "HKD",
                 "港元": "HKD", "美元": "USD", "欧元": "EUR", "英镑": "GBP", "pound": "GBP", "hk$": "HKD",
                 "a$": "AUD", "c$": "CAD", "nt$": "TWD", "usd$": "USD", "dollars": "", "dollar": ""}  # fmt: skip
_TIMES: Final = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9, "万": 4, "百万": 6,
                 "千": 3, "亿": 8, "千万": 7}  # fmt: skip
_SCALES: Final = sorted(_TIMES, key=len, reverse=True)
_AROUND: Final = re.compile(
    r"^(?:大约|约为|约合|约|近|将近|接近|超过|超|逾|不少于|不低于|不超过|至少|最多|最高|approximately|approx\.?|about|"
    r"around|circa|ca\.?|c\.|~|∼|≈|over|more than|at least|nearly|almost|up to|max\.?|min\.?|less than|under|"
    r"[<>≤≥])\s*"
)
_MORE: Final = re.compile(
    r"(?:[+余]|左右|上下|以上|以内|or more|or so|\(?(?:approx\.?|est\.?|estimated?)\)?)\s*$|"
    r"(?<=\d)[多几余](?=\s*[万亿千百元])"
)
"""What says before or behind a number that it is not exact."""
_NUMBER: Final = re.compile(
    r"(?P<before>[^\d(.,+-]*?)\s*(?P<sign>[-+(]?)\s*(?P<inner>[^\d.,\s)]{0,4}?)\s*(?P<digits>\d[\d.,\s'’]*|\.\d+)(?P<after>[^\d]*)\Z"
)
_PLAIN_AMOUNT: Final = r"-?\d{1,30}+(?:\.\d{1,30}+)?+"
_is_plain: Final = re.compile(_PLAIN_AMOUNT + r"\Z", re.ASCII).match
_are_plain: Final = re.compile(f"(?>{_PLAIN_AMOUNT}\n)*+\\Z", re.ASCII).match


def plain_amounts(cells: Sequence[str]) -> list[Decimal | None]:
    """Return amounts that `Decimal` reads as they are; None for those that `read_amount` has to look at.

    >>> plain_amounts(["500", "-0.5", "1,000", ""])
    [Decimal('500'), Decimal('-0.5'), None, None]
    """
    text = "\n".join(cells) + "\n"
    if _are_plain(text) and text.count("\n") == len(cells):
        return list(map(Decimal, cells))
    return [Decimal(cell) if _is_plain(cell) else None for cell in cells]


def read_amount(printed: object, *, decimal_comma: bool = False) -> tuple[Decimal | None, str, list[Remark]]:
    """Return an amount, the currency that its own sign or word names, and what was mended.

    Source of the spellings: the real files of `../shared/realdata`, and usual ones of English and
    Chinese lists. A comma or point is a decimal sign if it is the last one and not three digits follow;
    of an amount in words, nothing is guessed: it is None with a remark.

    Args:
        printed: A cell, or a number of JSON.
        decimal_comma: A comma is the decimal sign and a point groups digits, in whatever can be read so.

    >>> read_amount("$1,000,000")[0], read_amount("£26,000")[:2], read_amount(500)[0], read_amount("18k")[0]
    (Decimal('1000000'), (Decimal('26000'), 'GBP'), Decimal('500'), Decimal('18000'))
    >>> read_amount("50万元")[:2], read_amount("(1.234,50)")[0], read_amount("tbc")[0], read_amount("")[2]
    ((Decimal('500000'), 'CNY'), Decimal('-1234.50'), None, [])
    >>> read_amount("1.000")[0], read_amount("1.000", decimal_comma=True)[0]
    (Decimal('1.000'), Decimal('1000'))
    """
    if printed is None or printed == "":
        return None, "", []
    if isinstance(printed, int | float) and not isinstance(printed, bool):
        value = Decimal(repr(printed))
        return (value, "", []) if value.is_finite() else (None, "", [Remark("bad-amount", str(printed))])
    if type(printed) is str and _is_plain(printed) and not (decimal_comma and "." in printed):
        return Decimal(printed), "", []
    text = clean(str(printed))
    pointed = _with_point(text) if decimal_comma else text
    if _is_plain(text) and pointed == text:
        return Decimal(text), "", []
    if not text:
        return None, "", []
    amount, currency, remarks = _worded(pointed)
    return (
        amount,
        currency,
        [msgspec.structs.replace(one, text=text) if one.text == pointed else one for one in remarks],
    )


_COMMA_NUMBER: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:[. ]\d{3})+(?:,\d+)?(?![\d.,])|(?<![\d.,])\d+,\d+(?![\d.,])")


def _with_point(text: str) -> str:
    """Return a text whose numbers with a decimal comma have a point instead, and no groups."""
    return _COMMA_NUMBER.sub(lambda found: re.sub("[. ]", "", found[0]).replace(",", "."), text)


def has_decimal_comma(printed: str) -> bool:
    """Tell whether a number can only be read with a comma as its decimal sign.

    >>> [has_decimal_comma(text) for text in ("1.234,50 €", "12,5", "1,000", "1.000", "1,234.50")]
    [True, True, False, False, False]
    """
    return re.search(r"\d,\d{1,2}(?!\d)(?![.,]\d)", printed) is not None


def is_approximate(printed: str) -> bool:
    """Tell whether a printed amount says of itself that it is not exact.

    >>> [is_approximate(text) for text in ("约50万元", "about 500", "100多万元", "500+", "up to £2m", "500", "+500")]
    [True, True, True, True, True, False, False]
    """
    if _is_plain(printed):
        return False
    spelled = _folded(clean(printed))
    return _exact(spelled) != spelled


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower().replace("−", "-").strip()


def _exact(spelled: str) -> str:
    return _MORE.sub("", _AROUND.sub("", spelled)).strip()


def _worded(text: str) -> tuple[Decimal | None, str, list[Remark]]:
    bad: tuple[None, str, list[Remark]] = (None, "", [Remark("bad-amount", text)])
    if text.lower() in {"n/a", "na", "-", "null", "none", "nil", "unknown", "—", "–"}:
        return None, "", [Remark("no-amount", text)]
    spelled = _folded(text)
    spelled = _exact(spelled).removesuffix(".00").strip()
    exponent = re.fullmatch(r"[+-]?\d+(?:\.\d+)?e[+-]?\d{1,2}", spelled)
    match = _NUMBER.match(spelled)
    if exponent:
        value, currency = Decimal(spelled), ""
    elif match is None:
        return bad
    else:
        words = [w for part in ("before", "inner", "after") for w in re.findall(r"[^\s().,:;/]+", match[part])]
        currency, times = _words(words)
        number = _number(match["digits"])
        if times is None or number is None:
            return bad
        value = number * 10**times
        value = -value if match["sign"] in ("-", "(") else value
    return value, currency, [Remark("amount-text", text, format(value, "f"))]


def _words(words: list[str]) -> tuple[str, int | None]:
    """The currency and the power of ten that the words around a number say; None if a word says neither."""
    currency, times = "", 0
    for word in words:
        rest = word
        scale = next((s for s in _SCALES if rest == s or (s > "一" and rest.startswith(s))), "")
        if scale:
            times += _TIMES[scale]
            rest = rest.removeprefix(scale)
        if not rest:
            continue
        if rest in _SIGNS:
            currency = currency or _SIGNS[rest]
        elif rest.upper() in CURRENCIES:
            currency = currency or rest.upper()
        else:
            return "", None
    return currency, times


def _number(digits: str) -> Decimal | None:
    compact = re.sub(r"[\s'’]", "", digits).rstrip(".,")
    last = max(compact.rfind("."), compact.rfind(","))
    if last >= 0:
        sign, tail = compact[last], len(compact) - last - 1
        is_grouping = tail == 3 and (sign == "," or compact.count(sign) > 1 or "," in compact)
        whole = re.sub(r"[.,]", "", compact[:last])
        many = compact.count(sign) > 1
        if many and not is_grouping:
            return None
        compact = whole + compact[last + 1 :] if is_grouping else f"{whole}.{compact[last + 1 :]}"
    try:
        return Decimal(compact)
    except InvalidOperation:
        return None


CURRENCIES: Final = frozenset(
    re.findall(
        "[A-Z]{3}",
        """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BYR BZD CAD CDF CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB
    EUR FIM FJD FKP FRF GBP GEL GHC GHS GIP GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR
    IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL
    LYD MAD MDL MGA MKD MMK MNT MOP MRO MRU MTL MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NLG NOK NPR
    NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR ROL RON RSD RUB RUR RWF SAR SBD SCR SDG SEK SGD SHP
    SIT SKK SLE SLL SOS SRD SSP STD STN SVC SYP SZL THB TJS TMT TND TOP TRL TRY TTD TWD TZS UAH UGX
    USD USN UYU UZS VEF VES VND VUV WST XAF XCD XDR XOF XPF YER ZAR ZMK ZMW ZWD ZWG ZWL
        """,
    )
)
"""Codes of ISO 4217 in use since 1990."""

NO_CURRENCY: Final = "XXX"
"""ISO 4217's code for amounts whose currency is not known or not one of its own; never added to another."""


def read_currency(printed: str, *, hint: str = "") -> tuple[str, list[Remark]]:
    """Return the code of a currency; `XXX` with a remark if it is unknown or missing.

    Args:
        printed: As printed.
        hint: What the amount itself names; it counts where `printed` is empty.

    >>> read_currency("gbp"), read_currency("GPB")[0], read_currency("", hint="EUR"), read_currency("人民币")[0]
    (('GBP', []), 'XXX', ('EUR', [Remark(code='currency-sign', text='', detail='EUR', locator='')]), 'CNY')
    """
    if printed in CURRENCIES:
        return printed, []
    text = clean(printed)
    code = text.upper()
    if code in CURRENCIES:
        return code, []
    if not text:
        return (hint, [Remark("currency-sign", "", hint)]) if hint else (NO_CURRENCY, [Remark("no-currency")])
    named = _SIGNS.get(text.lower(), "")
    if named:
        return named, [Remark("currency-sign", text, named)]
    return NO_CURRENCY, [Remark("unknown-currency", text, NO_CURRENCY)]


_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:?\d\d.*|Z|[+-]\d\d:\d\d)?\Z", re.ASCII)
_SHORT_ISO: Final = re.compile(r"\d{4}(?:-\d\d)?\Z", re.ASCII)
_NUMERIC: Final = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d\d)(?:[ T]\d.*)?\Z", re.ASCII)
_MONTH_YEAR: Final = re.compile(r"(\d{1,2})[./-](\d{4})\Z", re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?\Z", re.ASCII)
_COMPACT: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)\Z", re.ASCII)
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
         "sep sept september", "oct october", "nov november", "dec december"), 1)
    for name in names.split()
}  # fmt: skip
_NAMED: Final = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s,.-]+)?(?P<month>[a-z]{3,9})\.?[\s,.-]+(?:(?P<later>\d{1,2})(?:st|nd|rd|th)?,?[\s-]+)?(?P<year>\d{4})\Z"
)
_EPOCH: Final = dt.date(1899, 12, 30)
"""Day 0 of Excel's serial numbers, for days after February 1900."""


@lru_cache(maxsize=1 << 14)
def read_date(printed: str, *, day_first: bool = True) -> tuple[str, tuple[Remark, ...]]:
    """Return a date at its precision as ISO 8601, and what was mended; empty with a remark if nobody can read it.

    Args:
        printed: As printed; a time of day is left out.
        day_first: How `03/04/2015` is to be read. Where only one reading is a date, it is taken.

    >>> read_date("2021-01-26T00:00:00+00:00")[0], read_date("17/11/2015")[0], read_date("11/17/2015")[0]
    ('2021-01-26', '2015-11-17', '2015-11-17')
    >>> read_date("43236")[0], read_date("11/2023")[0], read_date("3rd March 2019")[0], read_date("2018年9月")[0]
    ('2018-05-16', '2023-11', '2019-03-03', '2018-09')
    >>> read_date("31/02/2015")[1][0].code, read_date("")
    ('bad-date', ('', ()))
    """
    match = _ISO.match(printed)
    if match and is_date(match.group(1)):
        return match.group(1), ()
    if _SHORT_ISO.match(printed) and is_date(printed):
        return printed, ()
    text = clean(printed)
    if not text:
        return "", ()
    found, code = _unusual(text.lower(), day_first=day_first)
    if found and is_date(found):
        return found, (Remark(code, text, found),)
    return "", (Remark("bad-date", text),)


def _unusual(text: str, *, day_first: bool) -> tuple[str, str]:
    """A date that is not ISO 8601, and the code of what was done; the date need not exist."""
    if match := _NUMERIC.match(text):
        return _numeric(int(match[1]), int(match[2]), match[3], day_first=day_first)
    if match := _MONTH_YEAR.match(text):
        return f"{match[2]}-{int(match[1]):02d}", "date-form"
    if (match := _SERIAL.match(text)) and int(match[1]) > 20000:
        return (_EPOCH + dt.timedelta(days=int(match[1]))).isoformat(), "date-serial"
    if match := _COMPACT.match(text):
        return f"{match[1]}-{match[2]}-{match[3]}", "date-form"
    if (match := _NAMED.match(text)) and match["month"] in _MONTHS:
        day = match["day"] or match["later"]
        return f"{match['year']}-{_MONTHS[match['month']]:02d}" + (f"-{int(day):02d}" if day else ""), "date-form"
    return parse_date(text.partition("t")[0] if re.match(r"\d{4}-\d", text) else text), "date-form"


def _numeric(first: int, second: int, year: str, *, day_first: bool) -> tuple[str, str]:
    """`17/11/2015`; a year of two digits counts from 1970."""
    full = int(year) if len(year) == 4 else int(year) + (1900 if int(year) >= 70 else 2000)
    day, month = (first, second) if (day_first and second <= 12) or first > 12 else (second, first)
    code = "date-order" if first <= 12 and second <= 12 and first != second else "date-form"
    return f"{full:04d}-{month:02d}-{day:02d}", code
