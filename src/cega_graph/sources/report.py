"""What a reader was not sure of, as rows that a person can go through."""

from __future__ import annotations

from typing import Final

from cega_graph.model import Row


class Note(Row, frozen=True, kw_only=True):
    """One thing that a reader did not decide alone or could not place.

    `code` is a key of `MESSAGES`; `text` the words it is about, at the offsets; `detail` what the
    reader did with them.
    """

    code: str
    case: str = ""
    section: str = ""
    text: str = ""
    detail: str = ""
    text_start: int | None = None
    text_end: int | None = None


MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "unknown-label": (
        "没有角色与此标签对应，已记为“其他”；可把它加进 roles.csv 某角色的 printed 列",
        "no role covers this label; kept as other; add the word to the printed column of a role in roles.csv",
    ),
    "empty-label": ("标签下没有名单", "a label with no list under it"),
    "label-before-prose": (
        "标签下是叙述文字，不是名单；请人工阅读",
        "running text stands under this label, not a list; read it",
    ),
    "possible-group": ("可能是统称，不指单一机构；已按机构保留", "may be a phrase for many; kept as one body"),
    "group": ("统称，不指单一机构，不参与排名", "a phrase that names no single body; never ranked"),
    "repeated": ("同一名单中重复出现，只计一次", "stands twice in one list; counted once"),
    "restored-parent": ("补回省略的上级机构名称", "a left-out parent's name was put back"),
    "split-by-space": ("按空格分成两个参与方", "split in two at a space"),
    "split-by-and": ("按连词分成两个参与方", "split in two at a conjunction"),
    "joined-separator": ("名称内含分隔号，未拆开", "a separator inside a name; not split"),
    "joined-paragraph": ("名单跨段落，已接上", "a list goes on after a blank line; joined"),
    "split-lines": ("一行一个机构，按行拆开", "one body a line; split at line ends"),
    "description": ("名称前的说明文字记入 qualifier", "words that describe the name went to qualifier"),
    "unplaced": ("名单中的这段文字未能归入任何机构", "this part of a list belongs to no name"),
    "after-list": ("名单之后的文字，视为图片说明", "text after a list, taken for a caption"),
    "unknown-kind": (
        "名称形式看不出机构类别；可在 known-organizations.csv 补充",
        "the form of the name tells no kind; add it to known-organizations.csv",
    ),
    "undecided-name": (
        "可能与另一名称是同一机构，未合并；见 names-to-decide.csv",
        "may be the same body as another name; not merged; see names-to-decide.csv",
    ),
    "no-number": ("案例没有编号，用顺序号代替", "a case without a number; its place in order is used"),
    "repeated-number": ("编号与前面的案例相同，已加后缀", "another case has this number; a suffix was added"),
    "no-submitter": ("案例头没有提交机构；请在原文补上", "the header names no submitter; add it in the text"),
    "no-title": ("找不到案例标题", "no title found above the header"),
    "end-before-start": ("结束早于开始；请核对原文", "the end is before the start; compare with the source"),
    "bad-date": ("读不懂的日期，原样保留在 extra", "a date that cannot be read; kept in extra as printed"),
    "unknown-theme": ("案例方向不在 themes.csv 中，按原文保留", "the theme is not in themes.csv; kept as printed"),
    "control-character": ("名称中有控制字符，已去掉", "a control character in a name was left out"),
    "alias-conflict": ("原文的别名与名称决定相矛盾，未合并", "the text's alias contradicts a decision; not merged"),
}
"""Code → what it says in Chinese and in English."""


def message(note: Note, language: str = "en") -> str:
    """Return a note as one line: where, what, the words.

    >>> message(Note(code="empty-label", case="3", text="资助方", text_start=10, text_end=13))
    "case 3, offset 10: a label with no list under it: '资助方'"
    """
    zh, en = MESSAGES[note.code]
    words = f": {note.text!r}" if note.text else ""
    detail = f" ({note.detail})" if note.detail else ""
    at = "" if note.text_start is None else str(note.text_start)
    if language == "zh":
        places = "，".join(p for p in (note.case and f"案例 {note.case}", at and f"位置 {at}") if p)
        return f"{places}：{zh}{words}{detail}" if places else f"{zh}{words}{detail}"
    places = ", ".join(p for p in (note.case and f"case {note.case}", at and f"offset {at}") if p)
    return f"{places}: {en}{words}{detail}" if places else f"{en}{words}{detail}"
