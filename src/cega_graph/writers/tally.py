"""What a writer wrote, what it left out and why, what it changed: counted, and said in two languages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import msgspec

WORDS: Final[dict[str, tuple[str, str]]] = {
    "grants": ("笔资助", "grants"),
    "activities": ("个活动", "activities"),
    "transactions": ("笔交易", "transactions"),
    "participations": ("条参与关系", "participations"),
    "bodies": ("个机构或个人", "bodies"),
    "projects": ("个项目", "projects"),
    "memberships": ("条成员关系", "memberships"),
    "entities": ("个实体", "entities"),
    "rows": ("行", "rows"),
    "nodes": ("个节点", "nodes"),
    "edges": ("条边", "edges"),
    "texts": ("处文本", "texts"),
    "dates": ("个日期", "dates"),
}
"""What is counted, in Chinese and English."""

REASONS: Final[dict[str, tuple[str, str]]] = {
    "inferred": ("是按规则推断的，原文没有写明", "inferred by a rule, not stated by a source"),
    "person": ("是个人（加 --persons 可保留）", "a person (--persons keeps persons)"),
    "group": ("是未具名群体，不是一个机构", "a group that is not named, so no single body"),
    "no-title": ("没有标题", "no title"),
    "no-description": ("没有说明（可用 --fill description=… 填写）", "no description (--fill description=… fills it)"),
    "no-funder": ("没有写明资助方", "no stated funder"),
    "no-recipient": ("没有写明受资助方", "no stated recipient"),
    "several-funders": ("有几个资助方，此格式只容一个", "several funders, and the format takes one"),
    "mixed-recipients": ("受资助方不止一人，或兼有机构和个人", "several persons, or persons and bodies, receive it"),
    "other-recipients": ("金额所给的受资助方多于所列", "the sum is for more recipients than are named"),
    "no-amount": ("没有金额", "no amount"),
    "negative-amount": ("金额为负", "a negative amount"),
    "approximate": ("金额是约数，此格式只能写成确数", "an approximate amount, which the format would state as exact"),
    "disputed": ("另有一处说的金额不同", "another row says otherwise about the same money"),
    "no-currency": ("没有币种", "no currency of ISO 4217"),
    "no-day": ("日期没有精确到日", "no date to the day"),
    "type": ("此格式没有这种金额类型", "a type of sum that the format does not have"),
    "no-award": ("所属项目没有唯一一笔可写出的资助", "not in a project with exactly one grant that is written"),
    "no-role": ("此格式没有这种角色", "a role that the format does not have"),
    "no-sum": ("没有与一笔金额相连", "not tied to a sum of money"),
    "no-participant": ("没有可写出的参与方", "no participant that the format takes"),
    "no-date": ("没有开始或结束日期", "neither start nor end"),
    "no-status": ("没有状态（可用 --fill status=… 填写）", "no status (--fill status=… fills it)"),
    "no-publisher": (
        "资料没有写明发布者（可用 --fill reporting-org=… 填写）",
        "a source without publisher (--fill reporting-org=… fills it)",
    ),
    "no-network": ("所属网络不是机构", "a network that is no organisation in this format"),
    "too-long": ("超出此格式的行数上限", "beyond the most rows that the format holds"),
    "unfit-amount": ("金额超出此格式的位数", "an amount with more digits than the format holds"),
    "refers": ("指向未写出的行", "refers to what is left out"),
    "illegal-character": ("有 XML 不容的字符，已换成 U+FFFD", "hold characters that XML cannot, replaced by U+FFFD"),
    "widened": ("没有精确到日：写成首日或末日，原样注在旁边", "to no day: first or last day, as stated beside it"),
    "receivers": ("有几个受资助方，没有写出", "without receiver: there are several, and the format takes one"),
    "filled": ("按 --fill 填写", "filled in as told by --fill"),
    "second-id": ("编号已用过，改用内部编号", "whose identifier is taken: written under their own id"),
    "cut": ("太长，已截短（CSV 中完整）", "too long for a cell: cut (whole in CSV)"),
}  # fmt: skip
"""Why something is left out or changed, in Chinese and English."""


class Tally:
    """Counts of one export: `written` by thing, `left_out` and `changed` by thing and reason."""

    def __init__(self) -> None:
        self.written: Final[Counter[str]] = Counter()
        self.left_out: Final[Counter[tuple[str, str]]] = Counter()
        self.changed: Final[Counter[tuple[str, str]]] = Counter()

    def lines(self, language: str = "en") -> Iterator[str]:
        """Yield one line for what was written, one for each reason, in order of thing and reason."""
        at = 0 if language == "zh" else 1
        wrote = [f"{n:,} {WORDS[thing][at]}" for thing, n in self.written.items() if n]
        none = ("没有可写出的内容", "nothing that the format can hold")[at]
        yield (("、" if language == "zh" else ", ").join(wrote) or none)
        for (thing, reason), n in sorted((+self.left_out).items()):
            what = f"{n:,} {WORDS[thing][at]}"
            why = REASONS[reason][at]
            yield f"未写出 {what}：{why}" if language == "zh" else f"left out {what}: {why}"
        for (thing, reason), n in sorted(self.changed.items()):
            what = f"{n:,} {WORDS[thing][at]}"
            why = REASONS[reason][at]
            yield f"{what}：{why}" if language == "zh" else f"{what} {why}"


class Options(msgspec.Struct, frozen=True):
    """What a person asks of a writer: `persons` keeps persons; `fill` gives what the data do not say."""

    persons: bool = False
    fill: dict[str, str] = {}

    def filled(self, key: str, title: str = "") -> str:
        """Return what is to be written where the data say nothing; `{title}` stands for the title."""
        return self.fill.get(key, "").replace("{title}", title)
