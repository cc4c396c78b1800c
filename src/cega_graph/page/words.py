"""The words of the page in Chinese and English, those of the vocabularies excepted."""

from __future__ import annotations

from typing import Final

import msgspec

from cega_graph.page.content import Content
from cega_graph.vocabulary import bases, kinds, roles


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str


INTERFACE: Final = {
    "title": Words("环境公益合作关系图", "Who funds, starts and carries out what"),
    "search": Words("搜索机构、人或案例…", "Search bodies, people or cases…"),
    "search_label": Words("按任何名称查找", "Find by any name"),
    "found_none": Words("没有找到这个名称", "No such name here"),
    "map": Words("关系图", "Map"),
    "table": Words("表格", "Table"),
    "switch": Words("English", "中文"),
    "legend": Words("图例与筛选", "Legend and filters"),
    "kinds": Words("参与者类型", "Kinds"),
    "roles": Words("角色", "Roles"),
    "statement": Words("依据", "Basis"),
    "stated": Words("原文写明", "stated"),
    "inferred": Words("按规则推断", "inferred by a rule"),
    "member": Words("联盟成员（外圈）", "alliance member (ring)"),
    "size": Words("越大：参与的越多", "larger: takes part in more"),
    "reset": Words("全部显示", "Show all"),
    "isolated": Words("没有参与记录的", "No relation recorded"),
    "zoom_in": Words("放大", "Zoom in"),
    "zoom_out": Words("缩小", "Zoom out"),
    "fit": Words("看全图", "Fit the whole map"),
    "close": Words("关闭", "Close"),
    "details": Words("详情", "Details"),
    "also": Words("又名", "Also known as"),
    "belongs": Words("所属网络", "Networks"),
    "identifiers": Words("登记号", "Identifiers"),
    "parent": Words("上级机构", "Part of"),
    "in_projects": Words("参与", "Takes part in"),
    "amounts": Words("金额", "Amounts"),
    "unknown_amount": Words("金额未知", "amount unknown"),
    "approximate": Words("约", "about"),
    "recipients": Words("{n} 个受资助者", "{n} recipients"),
    "conflict": Words("与同一原文的另一处说法不一致", "another place of the source says otherwise"),
    "theme": Words("方向", "Theme"),
    "time": Words("时间", "Time"),
    "place": Words("地点", "Place"),
    "programme": Words("所属计划", "Programme"),
    "end_unknown": Words("结束时间未写明", "end not stated"),
    "no_relation": Words("原文没有记录与任何案例的关系。", "The source records no relation to a case."),
    "printed_as": Words("印作", "printed as"),
    "under": Words("标签", "label"),
    "deciding": Words("关键词", "deciding words"),
    "case": Words("案例 {n}", "Case {n}"),
    "activity": Words("所涉活动", "Activity"),
    "qualifier": Words("附注", "Note in print"),
    "col_body": Words("参与者", "Participant"),
    "col_role": Words("角色", "Role"),
    "col_basis": Words("依据", "Basis"),
    "col_section": Words("小节", "Section"),
    "col_label": Words("印出的标签", "Label as printed"),
    "col_mention": Words("印出的名称", "Name as printed"),
    "table_caption": Words(
        "全部关系：谁在哪个案例中担任什么角色，原文何处写明",
        "All relations: who has which role in which case, and where that is stated",
    ),
    "map_label": Words(
        "关系图。用方向键移动，回车打开详情；表格里有同样的内容。",
        "Network map. Arrow keys move, Enter opens details; the table holds the same.",
    ),
    "shown": Words("显示 {nodes} 个节点、{edges} 条关系", "{nodes} nodes, {edges} relations shown"),
    "and_isolated": Words("；另有 {n} 个没有参与记录", "; {n} more without a recorded relation"),
    "empty": Words("没有可画的关系。", "There is no relation to draw."),
    "nothing_shown": Words("筛选后没有剩下的关系。", "No relation is left by these filters."),
    "no_script": Words(
        "此浏览器不运行脚本，下面是全部关系的表格。",
        "Without JavaScript the map cannot be drawn; the table below holds all relations.",
    ),
}  # fmt: skip

RULES: Final = {
    "submitter-funds": Words(
        "推断：案例未写明资助方，按规则视提交机构为资助方。",
        "Inferred: the case states no funder, so by rule its submitter is taken to be one.",
    ),
    "submitter-passes-on": Words(
        "推断：案例写明了资助方与资助对象，按规则视提交机构为中介方。",
        "Inferred: the case states a funder and grantees, so by rule its submitter passes the money on.",
    ),
}

MEMBERSHIP_ROLES: Final = {
    "member": Words("成员", "member"),
    "committee": Words("决策委员会成员", "member of the decision committee"),
    "strategic_partner": Words("战略合作伙伴", "strategic partner"),
    "host": Words("秘书处托管机构", "host"),
    "chair": Words("主席", "chair"),
    "co_chair": Words("联席主席", "co-chair"),
}

MEMBERSHIP_STATUSES: Final = {"current": Words("现任", "current"), "former": Words("曾任", "former")}

NAME_STATUSES: Final = {
    "official": Words("正式名称", "official"),
    "short": Words("简称", "short"),
    "former": Words("曾用名", "former"),
    "brand": Words("品牌", "brand"),
    "variant": Words("异写", "variant"),
    "translation": Words("译名", "translation"),
}

GRANT_TYPES: Final = {
    "award": Words("资助", "award"),
    "commitment": Words("承诺", "commitment"),
    "disbursement": Words("拨付", "disbursement"),
    "expenditure": Words("支出", "expenditure"),
    "incoming": Words("收入", "incoming"),
    "pledge": Words("认捐", "pledge"),
    "future": Words("拟资助", "future"),
}


def term_words(*, are_cases: bool) -> dict[str, dict[str, Words]]:
    """Return vocabulary → term → its label in both languages; `project` is a kind here, called a case if all are."""
    project = Words("案例", "case") if are_cases else Words("项目", "project")
    kind_words = {kind: Words(term.label_zh, term.label_en) for kind, term in kinds().items()}
    return {
        "kinds": {"project": project, **kind_words},
        "roles": {role: Words(term.label_zh, term.label_en) for role, term in roles().items()},
        "bases": {basis: Words(term.label_zh, term.label_en) for basis, term in bases().items()},
        "rules": RULES,
        "membership_roles": MEMBERSHIP_ROLES,
        "membership_statuses": MEMBERSHIP_STATUSES,
        "name_statuses": NAME_STATUSES,
        "grant_types": GRANT_TYPES,
    }


def coverage(content: Content) -> Words:
    """Return what the data covers, in one sentence, and what silence means, in a second."""
    n_projects, n_relations = content.n_projects, len(content.relations)
    n_bodies = len(content.nodes) - n_projects
    noun_zh, noun_en = ("案例", "case") if content.are_cases else ("项目", "project")
    titles_zh = "、".join(f"《{book.title}》{_year(book.year, '（{}）')}" for book in content.books[:3])
    titles_en = ", ".join(f"“{book.title}”{_year(book.year, ' ({})')}" for book in content.books[:3])
    if len(content.books) > 3:
        titles_zh, titles_en = f"{len(content.books)} 份资料", f"{len(content.books)} sources"
    inferred_zh = f"，其中 {content.n_inferred} 条为推断" if content.n_inferred else ""
    inferred_en = f" ({content.n_inferred} inferred)" if content.n_inferred else ""
    return Words(
        f"{titles_zh}的 {n_projects} 个{noun_zh}：{n_bodies} 个机构、个人与群体，{n_relations} 条关系{inferred_zh}。"
        "这里没有的，不等于现实中没有。",
        f"{_n(n_projects, noun_en)} of {titles_en}: {_n(n_bodies, 'participant')}, {_n(n_relations, 'relation')}"
        f"{inferred_en}. Silence is not absence.",
    )


def _year(year: int | None, form: str) -> str:
    return "" if year is None else form.format(year)


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
