"""The messages of a reader's doubts."""

from __future__ import annotations

import re
from pathlib import Path

import cega_graph
from cega_graph.sources.report import MESSAGES, Note, message


def test_every_code_is_used_and_every_used_code_has_a_message() -> None:
    folder = Path(cega_graph.__file__).parent / "sources"
    code = "\n".join(p.read_text(encoding="utf-8") for p in folder.glob("*.py") if p.name != "report.py")
    words = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', code))
    assert set(MESSAGES) - words == set()
    assert set() == set(re.findall(r'code="([a-z-]+)"', code)) - set(MESSAGES)


def test_messages_say_where_and_what_in_both_languages() -> None:
    note = Note(code="bad-date", case="3", text="某年", detail="开始时间", text_start=10, text_end=12)
    assert [message(note, lang) for lang in ("en", "zh")] == [
        "case 3, offset 10: a date that cannot be read; kept in extra as printed: '某年' (开始时间)",
        "案例 3，位置 10：读不懂的日期，原样保留在 extra: '某年' (开始时间)",
    ]
