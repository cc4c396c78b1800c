"""Dates at the precision that print gives them, as ISO 8601."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Final

_NUMERALS: Final = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_DATE: Final = re.compile(
    r"(?P<year>(?:19|20)\d{2})\s*(?:[年./-]\s*(?:(?P<month>\d{1,2})\s*(?:[月./-]\s*(?:(?P<day>\d{1,2})\s*[日号]?)?)?)?)?\Z"
)
_INTERVAL: Final = re.compile(r"(.+?\d\s*[年月日号]?)\s*(?:—|–|-|~|～|至|到)+\s*(\d.*)\Z")
_ISO: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?\Z")


def parse_date(printed: str) -> str:
    """Return a printed date as ISO 8601 at its own precision; an empty text if nobody could read it.

    >>> parse_date("2018年9月"), parse_date("2015 年"), parse_date("2017年3月5日"), parse_date("2023.10")
    ('2018-09', '2015', '2017-03-05', '2023-10')
    >>> parse_date("2017年10月至12月"), parse_date("二〇二〇年三月"), parse_date("2019年13月"), parse_date("至今")
    ('2017-10/2017-12', '2020-03', '', '')
    """
    text = unicodedata.normalize("NFKC", printed).strip()
    if not re.search(r"\d", text):
        text = _months(text).translate(_NUMERALS)
    if single := _single(text):
        return single
    parts = _INTERVAL.match(text)
    if parts is None:
        return ""
    start = _single(parts.group(1))
    rest = parts.group(2)
    end = _single(rest) or (_single(f"{start[:4]}年{rest}") if start else "")
    return f"{start}/{end}" if start and end and start <= end else ""


def _months(text: str) -> str:
    """`十二月` → `12月`, before the digits are turned one by one."""
    return re.sub(r"([二三])?十([一二三四五六七八九])?(?=[月日号])", _ten, text)


def _ten(match: re.Match[str]) -> str:
    tens = {"二": "2", "三": "3", None: "1"}[match.group(1)]
    return tens + (match.group(2) or "0").translate(_NUMERALS)


def _single(text: str) -> str:
    match = _DATE.match(text.strip())
    if match is None:
        return ""
    year, month, day = match.group("year", "month", "day")
    iso = year + (f"-{int(month):02d}" if month else "") + (f"-{int(day):02d}" if day else "")
    return iso if is_date(iso) else ""


@lru_cache(maxsize=1 << 14)
def is_date(text: str) -> bool:
    """Tell whether a text is a date or an interval of dates of the tables.

    >>> is_date("2015"), is_date("2018-09"), is_date("2023-02-30"), is_date("2017-10/2017-12"), is_date("2018年")
    (True, True, False, True, False)
    """
    start, slash, end = text.partition("/")
    if slash:
        return _is_point(start) and _is_point(end) and earliest(start) <= latest(end)
    return _is_point(start)


def _is_point(text: str) -> bool:
    match = _ISO.match(text)
    if match is None:
        return False
    year, month, day = match.groups("1")
    try:
        dt.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def earliest(date: str) -> str:
    """Return the first day that a date can mean.

    >>> earliest("2015"), earliest("2018-09"), earliest("2017-10/2017-12")
    ('2015-01-01', '2018-09-01', '2017-10-01')
    """
    start = date.partition("/")[0]
    return (start + "-01-01")[:10] if len(start) == 4 else (start + "-01")[:10]


def latest(date: str) -> str:
    """Return the last day that a date can mean.

    >>> latest("2015"), latest("2024-02"), latest("2017-10/2017-12")
    ('2015-12-31', '2024-02-29', '2017-12-31')
    """
    end = date.partition("/")[2] or date
    if len(end) == 4:
        return end + "-12-31"
    if len(end) == 7:
        return f"{end}-{calendar.monthrange(int(end[:4]), int(end[5:]))[1]:02d}"
    return end
