"""Changes in people's words, in Chinese and English."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from cega_graph.changes.compare import CHANGES, KINDS
from cega_graph.vocabulary import Term, bases, kinds, roles, theme_of

_HEADINGS: Final = {
    "kind": ("内容", "what"), "change": ("变化", "change"), "id": ("标识", "id"), "name": ("名称", "name"),
    "name_en": ("英文名", "English name"), "role": ("角色", "role"), "project_id": ("项目标识", "project id"),
    "project": ("项目", "project"), "project_en": ("项目英文名", "English title"), "detail": ("细目", "detail"),
    "field": ("字段", "field"), "before": ("原为", "before"), "after": ("现为", "after"),
}  # fmt: skip

_KINDS: Final = {
    "source": ("来源", "source"), "body": ("参与方", "body"), "name": ("名称", "name"),
    "identifier": ("登记号", "identifier"), "project": ("项目", "project"), "relation": ("参与关系", "relation"),
    "grant": ("金额", "amount"), "membership": ("成员关系", "membership"), "decision": ("名称认定", "name decision"),
}  # fmt: skip

_CHANGES: Final = {
    "added": ("新增", "added"), "removed": ("删除", "removed"), "merged": ("合并", "merged"),
    "split": ("拆分", "split"), "corrected": ("更正", "corrected"),
}  # fmt: skip

_FIELDS: Final = {
    "affiliation_id": ("所属机构", "affiliation"), "amount": ("金额", "amount"), "approximate": ("约数", "approximate"),
    "basis": ("依据", "basis"), "conflict": ("与他处矛盾", "conflict"), "coverage_from": ("收录起始", "covers from"),
    "coverage_regions": ("收录地区", "covers regions"), "coverage_themes": ("收录议题", "covers themes"),
    "coverage_to": ("收录截止", "covers to"), "currency": ("币种", "currency"), "date": ("日期", "date"),
    "decided_by": ("认定者", "decided by"), "decided_on": ("认定日期", "decided on"),
    "description": ("说明", "description"), "end_date": ("结束", "end"), "extra": ("其他", "other"),
    "funders": ("出资方", "funders"), "funding_type": ("款项性质", "form of funding"),
    "grantees": ("受资助方", "grantees"), "id": ("标识", "id"), "identifier": ("编号", "identifier"),
    "kind": ("类型", "kind"), "label": ("原文标签", "label"), "language": ("语言", "language"),
    "level": ("层级", "level"), "licence": ("许可", "licence"), "mention": ("原文写法", "as printed"),
    "name": ("名称", "name"), "name_en": ("英文名", "English name"), "number": ("序号", "number"),
    "parent_id": ("上级机构", "part of"), "place": ("地点", "place"), "programme": ("所属计划", "programme"),
    "publisher": ("出版者", "publisher"), "qualifier": ("附注", "qualifier"),
    "recipients": ("受资助者数", "recipients"),
    "region": ("地区", "region"), "regrant": ("再资助", "regrant"), "rule": ("推断规则", "rule"),
    "since": ("起始", "since"), "start_date": ("开始", "begin"), "status": ("状态", "status"),
    "theme": ("议题", "theme"), "title": ("标题", "title"), "title_en": ("英文标题", "English title"),
    "type": ("类型", "type"), "until": ("截止", "until"), "url": ("网址", "address"), "verdict": ("结论", "verdict"),
    "year": ("年份", "year"),
}  # fmt: skip

_MEMBERSHIPS: Final = {
    "member": ("成员", "member"), "committee": ("决策委员会成员", "member of the committee"),
    "strategic_partner": ("战略合作伙伴", "strategic partner"), "host": ("依托机构", "host"),
    "chair": ("主席", "chair"),
    "co_chair": ("联席主席", "co-chair"),
}  # fmt: skip

_VALUES: Final = {
    "status": {
        "official": ("正式", "official"), "short": ("简称", "short"), "former": ("曾用", "former"),
        "brand": ("品牌", "brand"), "variant": ("异写", "variant"), "translation": ("译名", "translation"),
        "current": ("现任", "current"), "unknown": ("不详", "unknown"), "planned": ("计划中", "planned"),
        "ongoing": ("进行中", "ongoing"), "completed": ("已完成", "completed"), "cancelled": ("已取消", "cancelled"),
    },
    "verdict": {"same": ("同一", "same"), "different": ("不同", "different"), "undecided": ("未定", "undecided")},
    "approximate": {"true": ("是", "yes"), "false": ("否", "no")},
    "regrant": {"true": ("是", "yes")},
    "conflict": {"true": ("是", "yes")},
}  # fmt: skip


def _at(language: str) -> int:
    return 0 if language == "zh" else 1


def headings(columns: Iterable[str], language: str) -> list[str]:
    """Return the headings of columns of `changes`."""
    return [_HEADINGS[column][_at(language)] for column in columns]


def sentence(line: Mapping[str, str], language: str) -> str:
    """Return a row of `changes` as one line of text.

    >>> sentence({"kind": "body", "change": "added", "name": "甲", "name_en": "A"}, "zh")
    '新增参与方：甲'
    """
    at = _at(language)
    kind, change = _KINDS[line["kind"]][at], _CHANGES[line["change"]][at]
    head = f"{change}{kind}：" if language == "zh" else f"{kind} {change}: "
    if line["change"] in {"merged", "split"}:
        return f"{head}{line['before']} → {line['after']}"
    text = head + _subject(line, language)
    if line["change"] != "corrected":
        return text + (("（推断）", " (inferred)")[at] if line.get("field") == "basis" else "")
    field = _FIELDS[line["field"]][at]
    before, after = (value_words(line["field"], line[side], language) for side in ("before", "after"))
    nothing = ("（空）", "(nothing)")[at]
    stop, colon = ("；", "：") if language == "zh" else ("; ", ": ")
    return f"{text}{stop}{field}{colon}{before or nothing} → {after or nothing}"


def _subject(line: Mapping[str, str], language: str) -> str:
    zh = language == "zh"
    name = line.get("name" if zh else "name_en", "")
    project = line.get("project" if zh else "project_en", "")
    role, detail = line.get("role", ""), line.get("detail", "")
    if line["kind"] == "relation":
        word = (roles()[role].label_zh if zh else roles()[role].label_en) if role in roles() else role
        part = (f"（{detail}）" if zh else f" ({detail})") if detail else ""
        return f"{name} 是《{project}》的{word}{part}" if zh else f"{name} as {word} of “{project}”{part}"
    if line["kind"] == "membership":
        word = _MEMBERSHIPS[role][_at(language)] if role in _MEMBERSHIPS else role
        return f"{name} 是{project}的{word}" if zh else f"{name} as {word} of {project}"
    if line["kind"] == "grant":
        which = (f"（{detail}）" if zh else f" ({detail})") if detail else ""
        return f"《{project}》的一笔资助{which}" if zh else f"a grant of “{project}”{which}"
    if line["kind"] == "project":
        return f"《{project}》" if zh else f"“{project}”"
    if detail:
        return f"{name}：{detail}" if zh else f"{name}: {detail}"
    return name or line.get("id", "")


def value_words(field: str, value: str, language: str) -> str:
    """Return a value in words where it is a code.

    >>> value_words("basis", "prose", "zh"), value_words("amount", "12", "zh")
    ('正文', '12')
    """
    at = _at(language)
    if field == "theme" and (theme := theme_of(value)) is not None:
        return value if language == "zh" else theme.label_en
    terms: Mapping[str, Term] = bases() if field == "basis" else kinds() if field == "kind" else {}
    if value in terms:
        return terms[value].label_zh if language == "zh" else terms[value].label_en
    known = _VALUES.get(field, {})
    return known[value][at] if value in known else value


def summary(counts: Mapping[tuple[str, str], int], language: str) -> str:
    """Return how many changes there are, by what they concern.

    Args:
        counts: (kind, change) → number.
        language: `zh` or `en`.

    >>> summary({("body", "added"): 2, ("name", "removed"): 1}, "en")
    '3 changes: 2 body added, 1 name removed'
    """
    at = _at(language)
    total = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda item: (KINDS.index(item[0][0]), CHANGES.index(item[0][1])))
    if language == "zh":
        parts = "，".join(f"{_CHANGES[change][at]}{_KINDS[kind][at]} {n}" for (kind, change), n in ordered)
        return f"{total} 处变化：{parts}" if total else "没有变化"
    parts = ", ".join(f"{n} {_KINDS[kind][at]} {_CHANGES[change][at]}" for (kind, change), n in ordered)
    return f"{total} change{'s' * (total != 1)}: {parts}" if total else "no change"


def counted(lines: Iterable[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    """Return (kind, change) → number of rows."""
    return Counter((line["kind"], line["change"]) for line in lines)
