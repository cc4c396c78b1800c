"""The workbook in which people enter cases by hand: its sheets and columns, and reading it when it is filled in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.sources.cells import Body, bodies_in, date_at
from cega_graph.sources.files import File
from cega_graph.sources.mapping import fold
from cega_graph.sources.records import About, Items, Money, Party, Record, Remark, SetAside, Total
from cega_graph.sources.row_reader import MONEY_ROLES
from cega_graph.sources.values import clean, read_amount, read_currency
from cega_graph.vocabulary import kinds, roles

CASES: Final = "案例 Cases"
PARTICIPANTS: Final = "参与方 Participants"
LISTS: Final = "词表 Lists"
MARK: Final = "cega-graph template 1"
"""What stands in the first cell of the sheet of words; the number goes up when a column changes its meaning."""


class TemplateColumn(msgspec.Struct, frozen=True):
    """A column: what it holds, its title, how to fill it in, an example; `choices` is the list it offers."""

    field: str
    title: str
    note_zh: str
    note_en: str
    example: str = ""
    choices: str = ""
    width: int = 16


CASE_COLUMNS: Final = (
    TemplateColumn("number", "编号 Number", "每个案例一个编号，如 1、2；必填",
                   "One for each case, such as 1, 2; needed", "1", width=12),
    TemplateColumn("title", "项目名称 Title", "必填", "Needed", "滨海湿地水鸟保护", width=34),
    TemplateColumn("title_en", "英文名称 English title", "可不填",
                   "May be left empty", "Waterbirds of coastal wetlands", width=30),
    TemplateColumn("theme", "领域 Theme", "从下拉列表中选，也可自己写", "Choose from the list, or write your own",
                   "生物多样性保护", "themes", 24),
    TemplateColumn("place", "地点 Place", "项目在哪里开展", "Where the work is done", "江苏省盐城市", width=20),
    TemplateColumn("start_date", "开始 Start", "写作 2024、2024-05 或 2024-05-31",
                   "As 2024, 2024-05 or 2024-05-31", "2024-05"),
    TemplateColumn("end_date", "结束 End", "写法同上；不知道就不填", "The same; leave empty if unknown", "2025"),
    TemplateColumn("amount", "金额 Amount", "这个案例的资助总额，只写数字；不知道就不填，不要写 0",
                   "The sum granted in the case, in digits; leave empty if unknown, do not write 0", "500000"),
    TemplateColumn("currency", "币种 Currency", "从下拉列表中选", "Choose from the list", "CNY", "currencies", 14),
    TemplateColumn("date", "资助日期 Award date", "写法同“开始”", "As the start", "2024-05-31"),
    TemplateColumn("url", "网址 Link", "出处，如有", "The source, if there is one", width=24),
    TemplateColumn("description", "备注 Notes", "可不填", "May be left empty", width=30),
)  # fmt: skip
"""One row a case."""

PARTICIPANT_COLUMNS: Final = (
    TemplateColumn("number", "编号 Number", "案例的编号，从下拉列表中选；必填",
                   "The number of the case; needed", "1", "numbers", 12),
    TemplateColumn("name", "名称 Name", "机构全称，一行一个；必填",
                   "The full name, one a row; needed", "候鸟公益基金会", width=40),
    TemplateColumn("role", "角色 Role", "从下拉列表中选；必填",
                   "Choose from the list; needed", "资助方 funder", "roles", 26),
    TemplateColumn("kind", "类别 Kind", "从下拉列表中选；可不填", "Choose from the list; may be left empty",
                   "基金会 foundation", "kinds", 24),
    TemplateColumn("identifier", "登记号 Identifier", "统一社会信用代码，或 org-id.guide 的编号；可不填",
                   "统一社会信用代码, or an identifier of org-id.guide; may be left empty", width=28),
    TemplateColumn("qualifier", "说明 Remark", "如“2024 年”“部分”；可不填",
                   "Such as “2024”, “in part”; may be left empty", width=24),
)  # fmt: skip
"""One row a body, person or group in a role; a body with two roles has two rows."""


def is_one(file: File) -> bool:
    """Tell whether a file is such a workbook, by the mark in its sheet of words."""
    return file.form == "zip" and (file.headers.get(LISTS) or ("",))[0] == MARK


def read(file: File) -> Items:
    """Yield the cases of a workbook that somebody filled in."""
    yield About(language="zh")
    cases = _rows(file, CASES, CASE_COLUMNS)
    parties: dict[str, list[_Entry]] = {}
    entries = _rows(file, PARTICIPANTS, PARTICIPANT_COLUMNS)
    for entry in entries:
        parties.setdefault(_number(entry.cells.get("number", "")), []).append(entry)
    known: set[str] = set()
    for case in cases:
        number = _number(case.cells.get("number", ""))
        if number and number in known:
            yield SetAside("case-number-twice", case.locator, case.original, text=case.cells["number"])
            continue
        known.add(number)
        named: list[_Entry] = []
        for entry in parties.pop(number, []):
            if any(entry.cells.get(field) for field in ("name", "identifier")):
                named.append(entry)
            else:
                yield SetAside("no-participant", entry.locator, entry.original)
        yield _record(case, named)
    for left in parties.values():
        for entry in left:
            yield SetAside("no-project", entry.locator, entry.original, text=entry.cells.get("number", ""))
    yield Total(len(cases) + len(entries))


class _Entry(msgspec.Struct, frozen=True):
    """A row: its cells by field, and those of columns that somebody added by title."""

    locator: str
    cells: dict[str, str]
    others: dict[str, str]
    original: tuple[str, ...]


def _rows(file: File, sheet: str, columns: Sequence[TemplateColumn]) -> list[_Entry]:
    if sheet not in file.sheets:
        return []
    fields = {fold(column.title): column.field for column in columns}
    found = []
    header: tuple[str, ...] = ()
    for number, cells in file.sheet(sheet):
        if not header:
            header = tuple(cells) if sum(fold(cell) in fields for cell in cells) > 1 else ()
            continue
        named = {title: clean(cell) for title, cell in zip(header, cells, strict=False) if clean(cell)}
        known = {fields[fold(title)]: cell for title, cell in named.items() if fold(title) in fields}
        others = {title: cell for title, cell in named.items() if fold(title) not in fields}
        if known or others:
            found.append(_Entry(f"{sheet.rpartition(' ')[2]} row={number}", known, others, (sheet, *cells)))
    return found


def _number(printed: str) -> str:
    return fold(printed).removesuffix(".0")


def _record(case: _Entry, entries: Sequence[_Entry]) -> Record:
    remarks: list[Remark] = []
    extra = dict(case.others)
    if url := case.cells.get("url"):
        extra["url"] = url
    dates = {field: _date(case, field, remarks, extra) for field in ("start_date", "end_date", "date")}
    grants: tuple[Money, ...] = ()
    if any(case.cells.get(field) for field in ("amount", "date")):
        grants = (_money(case, dates["date"], remarks),)
    parties = tuple(party for entry in entries for party in _parties(entry, bool(grants), remarks))
    cell = case.cells.get
    return Record(
        locator=case.locator, original=(*case.original, *(c for entry in entries for c in entry.original)),
        key=f"case {cell('number')}" if cell("number") else "", number=cell("number", ""), title=cell("title", ""),
        title_en=cell("title_en", ""), description=cell("description", ""), theme=cell("theme", ""),
        start_date=dates["start_date"], end_date=dates["end_date"], place=cell("place", ""), extra=extra or None,
        parties=parties, grants=grants, remarks=tuple(remarks), rows=1 + len(entries),
    )  # fmt: skip


def _date(case: _Entry, field: str, remarks: list[Remark], extra: dict[str, str]) -> str:
    printed = case.cells.get(field, "")
    if not printed:
        return ""
    date, mended = date_at(printed, "")
    remarks.extend(mended)
    if not date:
        extra[field] = printed
    return date


def _money(case: _Entry, date: str, remarks: list[Remark]) -> Money:
    printed = case.cells.get("amount", "")
    amount, sign, mended = read_amount(printed)
    remarks.extend(mended)
    currency = ""
    if amount is not None:
        currency, more = read_currency(case.cells.get("currency", ""), hint=sign)
        remarks.extend(more)
    return Money(amount=amount, printed=printed, currency=currency, date=date)


def _parties(entry: _Entry, has_money: bool, remarks: list[Remark]) -> Iterator[Party]:  # noqa: FBT001
    cell = entry.cells.get
    printed = cell("role", "")
    role = _choice(printed, tuple(roles()), {r.label_zh: r.role for r in roles().values()})
    if not role:
        remarks.append(Remark("unknown-role", printed, "other", entry.locator))
    kind = _choice(cell("kind", ""), tuple(kinds()), {k.label_zh: k.kind for k in kinds().values()})
    if cell("kind") and not kind:
        remarks.append(Remark("unknown-kind", cell("kind", ""), cell("name", ""), entry.locator))
    for body in bodies_in(cell("name", "")) or (Body(),):
        yield Party(
            role=role or "other", name=body.name, identifier=cell("identifier", "") or body.identifier,
            kind=kind or body.kind, label=printed, locator=entry.locator, also=body.also,
            qualifier="；".join(filter(None, (body.qualifier, cell("qualifier", "")))),
            grant=0 if has_money and role in MONEY_ROLES else -1,
        )  # fmt: skip


def choice_text(identifier: str, label_zh: str) -> str:
    """Return how a list offers a term: in both languages, the id last.

    >>> choice_text("co_initiator", "联合发起方")
    '联合发起方 co_initiator'
    """
    return f"{label_zh} {identifier}"


def _choice(printed: str, known: Sequence[str], by_label: dict[str, str]) -> str:
    """Return the term that somebody chose, or wrote with its Chinese label or id alone."""
    words = printed.split()
    if words and words[-1] in known:
        return words[-1]
    return by_label.get(printed.strip(), "")
