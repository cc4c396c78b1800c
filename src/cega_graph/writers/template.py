"""An empty workbook in which people enter cases by hand, with lists to choose from, in Chinese and English."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any, Final

from cega_graph.sources.template import (
    CASE_COLUMNS,
    CASES,
    LISTS,
    MARK,
    PARTICIPANT_COLUMNS,
    PARTICIPANTS,
    TemplateColumn,
    choice_text,
)
from cega_graph.vocabulary import kinds, roles, themes

ABOUT: Final = "说明 Read me"
_FIXED: Final = dt.datetime(2000, 1, 1)  # noqa: DTZ001
"""A workbook states when it was made; each shall have the same bytes, so it states this."""

_ROWS: Final = 1000
"""Rows that have drop-downs."""

_CURRENCIES: Final = ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "JPY", "CHF", "AUD", "CAD", "SGD")
_TEXT_FIELDS: Final = frozenset({"number", "start_date", "end_date", "date", "identifier"})
_EXPLAINED: Final = (
    ("怎样填写", "How to fill it in"),
    ("1. 在“案例”表中，一个案例一行。", "1. Sheet “Cases”: one row a case."),
    (
        "2. 在“参与方”表中，一个机构的一个角色一行；同一机构有两个角色，就写两行。",
        "2. Sheet “Participants”: one row for each role of each body; a body with two roles has two rows.",
    ),
    (
        "3. 单元格右侧有箭头的，可从下拉列表中选。可以增加列，增加的列会原样保留；请不要改动标题行和“词表”。",
        "3. Cells with an arrow offer a list. Columns that you add are kept as they are; leave titles and lists alone.",
    ),
    (
        "4. 不知道的就空着。空着表示“不详”，与 0 不同。",
        "4. Leave empty what you do not know. Empty means unknown, which is not 0.",
    ),
    (
        "5. 存盘后导入：cega-graph import 文件名.xlsx -o data/my-cases",
        "5. Save it and import it: cega-graph import FILE.xlsx -o data/my-cases",
    ),
)


def format_template() -> bytes:
    """Return the workbook as XLSX; the same bytes each time."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _FIXED, "title": "CEGA Graph"})
    sheets = [book.add_worksheet(name) for name in (ABOUT, CASES, PARTICIPANTS, LISTS)]
    ranges = _write_lists(sheets[3])
    _write_about(book, sheets[0])
    for sheet, columns in ((sheets[1], CASE_COLUMNS), (sheets[2], PARTICIPANT_COLUMNS)):
        _write_sheet(book, sheet, columns, ranges)
    sheets[1].activate()
    book.close()
    return buffer.getvalue()


def _write_lists(sheet: Any) -> dict[str, str]:  # noqa: ANN401 - xlsxwriter has no types
    """Write the words to choose from and return list → the range that holds it."""
    lists = {
        "roles": [choice_text(role.role, role.label_zh) for role in roles().values()],
        "kinds": [choice_text(kind.kind, kind.label_zh) for kind in kinds().values()],
        "themes": [theme.label_zh for theme in themes().values()],
        "currencies": list(_CURRENCIES),
    }
    sheet.write_string(0, 0, MARK)
    ranges = {"numbers": f"='{CASES}'!$A$2:$A${_ROWS + 1}"}
    for place, (name, words) in enumerate(lists.items()):
        sheet.write_string(1, place, name)
        for row, word in enumerate(words, start=2):
            sheet.write_string(row, place, word)
        letter = "ABCD"[place]
        ranges[name] = f"='{LISTS}'!${letter}$3:${letter}${len(words) + 2}"
        sheet.set_column(place, place, 28)
    sheet.protect()
    return ranges


def _write_about(book: Any, sheet: Any) -> None:  # noqa: ANN401
    bold = book.add_format({"bold": True, "font_size": 13})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": "#DDE7E0", "border": 1})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 56)
    sheet.set_column(3, 3, 30)
    for row, (zh, en) in enumerate(_EXPLAINED):
        sheet.write_string(row, 1, zh, wrap if row else bold)
        sheet.write_string(row, 2, en, wrap if row else bold)
    row = len(_EXPLAINED) + 1
    for name, columns in ((CASES, CASE_COLUMNS), (PARTICIPANTS, PARTICIPANT_COLUMNS)):
        for place, title in enumerate((name, "填写说明", "How to fill it in", "示例 Example")):
            sheet.write_string(row, place, title, head)
        for column in columns:
            row += 1
            cells = (column.title, column.note_zh, column.note_en, column.example)
            for place, text in enumerate(cells):
                sheet.write_string(row, place, text, wrap)
        row += 2


def _write_sheet(book: Any, sheet: Any, columns: Sequence[TemplateColumn], ranges: dict[str, str]) -> None:  # noqa: ANN401
    head = book.add_format({"bold": True, "bg_color": "#DDE7E0", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 2)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, text if column.field in _TEXT_FIELDS else None)
        sheet.write_string(0, place, column.title, head)
        sheet.write_comment(0, place, f"{column.note_zh}\n{column.note_en}", {"x_scale": 2, "author": "CEGA Graph"})
        if column.choices:
            sheet.data_validation(
                1, place, _ROWS, place,
                {
                    "validate": "list", "source": ranges[column.choices], "error_type": "warning",
                    "error_title": "不在列表中 Not on the list",
                    "error_message": "可以保留，也可以从列表中选。Keep it, or choose from the list.",
                },
            )  # fmt: skip
