"""Hypothesis strategies: dates, names, rows of every table, casebooks; the profiles are in conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, get_type_hints

import msgspec
from hypothesis import strategies as st

from cega_graph.model import Decision, Row, Table

SAFE_CORE: Final = "禾苇溪松滩麓槐榆栖渚汀沅湄鹭雁"
"""Characters that are no separator, surname, place, number or part of a form word."""

SAFE_FORMS: Final = ("协会", "公益基金会", "研究中心", "志愿服务中心", "联合会")
LINE_BREAKS: Final = ("\n", "\r\n")
SEPARATORS: Final = ("、", "，", "；", ",", ";")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
printed_names = st.text(
    st.one_of(
        st.sampled_from(list("北京市上海湖省中国基金会协大学（）()[]【】·•-—“”《》 　0９Ａa⽣⻓廣東會務臺裡")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=14,
)


@st.composite
def iso_points(draw: st.DrawFn) -> str:
    """Draw a year, a month or a day in the form of the tables."""
    day = draw(st.dates())
    return day.isoformat()[: draw(st.sampled_from([4, 7, 10]))]


@st.composite
def iso_dates(draw: st.DrawFn) -> str:
    """Draw a point in time or an interval."""
    first, second = sorted([draw(iso_points()), draw(iso_points())])
    return draw(st.sampled_from([first, f"{first}/{second}"])) if first[:4] < second[:4] else first


@st.composite
def usci_codes(draw: st.DrawFn) -> str:
    """Draw a valid 统一社会信用代码, made by the standards' own sums rather than by the code under test."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = draw(st.sampled_from(["51", "52", "53", "91", "11", "12", "G1", "Y1"])) + draw(
        st.from_regex(r"[0-9]{6}", fullmatch=True)
    )
    body = draw(st.text(st.sampled_from(alphabet), min_size=8, max_size=8))
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in body]
    check = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    organization = body + {10: "X", 11: "0"}.get(check, str(check))
    first = head + organization
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(first))
    return first + alphabet[-total % 31]


def _cells(hint: object, *, required: bool) -> st.SearchStrategy[Any]:
    if hint is str:
        return texts.filter(bool) if required else texts
    if hint is bool:
        return st.booleans()
    numbers: st.SearchStrategy[Any] = (
        st.integers(-(10**17), 10**17)
        if hint == (int | None)
        else st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal(-(10**12)), max_value=Decimal(10**12))
    )
    return numbers if required else st.none() | numbers


_FEW: Final[dict[object, list[Any]]] = {
    str: ["", "a", "b", "'a"],
    bool: [False, True],
    int | None: [None, -1, 2, 10],
    Decimal | None: [None, Decimal(0), Decimal("2.0"), Decimal(2), Decimal(10)],
}


def like_rows_of(table: Table) -> st.SearchStrategy[list[Row]]:
    """Return lists of rows of a table that are mostly alike, so that late columns decide their order."""
    hints = get_type_hints(table.row)
    required = {f.name for f in msgspec.structs.fields(table.row) if f.required}
    cells = {
        name: [value for value in _FEW[hint] if name not in required or value != ""] for name, hint in hints.items()
    }
    few = st.lists(st.sampled_from(sorted(cells)), max_size=3).flatmap(
        lambda names: st.fixed_dictionaries({name: st.sampled_from(cells[name]) for name in names})
    )
    return st.lists(few.map(lambda some: table.row(**{name: cells[name][0] for name in cells} | some)), max_size=5)


def rows_of(table: Table) -> st.SearchStrategy[list[Row]]:
    """Return lists of rows of a table with any text in their cells."""
    hints = get_type_hints(table.row)
    fields = msgspec.structs.fields(table.row)
    return st.lists(
        st.builds(table.row, **{f.name: _cells(hints[f.name], required=f.required) for f in fields}), max_size=4
    )


short_names: Final = st.sampled_from(["甲会", "乙会", "丙会", "丁会", "戊会", "己会"])


@st.composite
def decision_lists(draw: st.DrawFn) -> list[Decision]:
    """Draw decisions about six names, at most one about each pair; they may contradict each other."""
    pairs = draw(
        st.dictionaries(
            st.frozensets(short_names, min_size=2, max_size=2),
            st.sampled_from(["same", "different", "undecided"]),
            max_size=6,
        )
    )
    return [Decision(name_a=min(p), name_b=max(p), verdict=v) for p, v in pairs.items()]


@st.composite
def body_names(draw: st.DrawFn) -> str:
    """Draw a name that any reader takes for one body."""
    core = draw(st.text(st.sampled_from(SAFE_CORE), min_size=3, max_size=6))
    return core + draw(st.sampled_from(SAFE_FORMS))


class DrawnBook(msgspec.Struct, frozen=True):
    """A drawn casebook and what it says: (case, label, name) in order of text."""

    text: str
    says: tuple[tuple[str, str, str], ...]


@st.composite
def sound_books(draw: st.DrawFn) -> DrawnBook:
    """Draw a casebook whose lists hold whole names only; line ends, page ends and breaks in names vary."""
    line_break = draw(st.sampled_from(LINE_BREAKS))
    says: list[tuple[str, str, str]] = []
    lines = ["2031 案例集", ""]
    for number in range(1, draw(st.integers(1, 3)) + 1):
        submitter = draw(body_names())
        says.append((str(number), "提交机构", submitter))
        lines += [
            f"{number} 第{'一二三'[number - 1]}个案例",
            "",
            f"提交机构\t{submitter}\t案例方向\t生物多样性保护",
            "开始时间\t2023年4月",
            "",
            "项目合作方",
            "",
        ]
        for label in draw(
            st.lists(st.sampled_from(["资助方", "执行方", "支持单位"]), min_size=1, max_size=3, unique=True)
        ):
            names = draw(st.lists(body_names(), min_size=1, max_size=6, unique=True))
            says += [(str(number), label, name) for name in names]
            lines += [
                label,
                draw(st.sampled_from(SEPARATORS)).join(_maybe_broken(draw, n, line_break) for n in names),
                "",
            ]
        if draw(st.booleans()):
            lines.append("\f")
    return DrawnBook(line_break.join(lines) + line_break, tuple(says))


def _maybe_broken(draw: Callable[[st.SearchStrategy[Any]], Any], name: str, line_break: str) -> str:
    if draw(st.integers(0, 3)):
        return name
    at = draw(st.integers(1, 3))
    return name[:at] + line_break + name[at:]


wild_lists: Final = st.lists(
    st.one_of(
        body_names(),
        st.sampled_from(
            [
                "、",
                "，",
                "；",
                ",",
                ";",
                " ",
                "　",
                "等",
                "等5家机构",
                "和",
                "及",
                "（",
                "）",
                "(",
                ")",
                "“",
                "”",
                "。",
                "\n",
                "项目",
                "个人",
                "柯小国",
                "江苏",
                "盐城市",
                "保护区",
                "各地中小学校",
                "以下简称",
                "MCF",
                "=1+1",
                "<b>",
                "\x00",
                "\x0b",
                "\t",
                "|",
                "91350100M000100Y43",
                "：",
                "\u202e",
                "大学",
                "艺术设计学院",
                "文化",
                "体育和旅游局",
            ]
        ),
        st.text(max_size=3).filter(lambda t: not any("\ud800" <= c <= "\udfff" for c in t)),
    ),
    min_size=1,
    max_size=14,
).map("".join)
"""What may stand under a label, sense or nonsense."""
