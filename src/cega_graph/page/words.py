"""The words of the page in Chinese and English, those of the vocabularies excepted."""

from __future__ import annotations

from typing import Final

import msgspec

from cega_graph.page.content import Content
from cega_graph.places import PROVINCES
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
    "sources": Words("来源", "Sources"),
    "kinds": Words("参与者类别", "Kinds of participant"),
    "roles": Words("角色", "Roles"),
    "statement": Words("依据", "Basis"),
    "stated": Words("原文写明", "stated"),
    "inferred": Words("按规则推断", "inferred by a rule"),
    "same_grant": Words("同一笔资助", "same grant"),
    "same_project": Words("同一{project}", "same {project}"),
    "and_inferred": Words("（角色为推断）", " (a role is inferred)"),
    "pair_stated": Words("双方的角色原文写明", "roles of both stated"),
    "pair_inferred": Words("有角色按规则推断", "a role inferred by a rule"),
    "col_note": Words("说明", "Note"),
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
    "identifiers": Words("标识", "Identifiers"),
    "parent": Words("隶属于", "Part of"),
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
    "printed_as": Words("原文写法", "printed as"),
    "under": Words("标签", "label"),
    "deciding": Words("关键词", "deciding words"),
    "case": Words("案例 {n}", "Case {n}"),
    "activity": Words("所涉活动", "Activity"),
    "qualifier": Words("附注", "Note in print"),
    "col_body": Words("参与者", "Participant"),
    "col_role": Words("角色", "Role"),
    "col_basis": Words("依据", "Basis"),
    "col_section": Words("章节", "Section"),
    "col_label": Words("原文标签", "Printed label"),
    "col_mention": Words("原文写法", "Name as printed"),
    "table_caption": Words(
        "全部关系：谁在哪个案例中担任什么角色，原文何处写明",
        "All relations: who has which role in which case, and where that is stated",
    ),
    "map_label": Words(
        "关系图。用方向键移动，回车打开详情；表格里有同样的内容。",
        "Network map. Arrow keys move, Enter opens details; the table holds the same.",
    ),
    "view": Words("看什么", "View"),
    "undated": Words("时间未写明", "undated"),
    "years": Words("时间（年）", "Years"),
    "year_from": Words("从哪一年", "From year"),
    "year_to": Words("到哪一年", "To year"),
    "years_note": Words("未写结束的算作仍在进行", "without a stated end: taken as going on"),
    "unstated": Words("未写明", "not stated"),
    "place_filter": Words("项目地点", "Place of the project"),
    "least": Words("至少共同参与", "At least this many shared"),
    "partner": Words("共同参与", "shared"),
    "everything": Words("全部", "all"),
    "around": Words("周围几步", "Steps around"),
    "funders": Words("资助过它的", "Funders"),
    "grantees": Words("它资助过的", "Grantees"),
    "funders_same": Words("同{project}的资助方", "Funders of the same {project}s"),
    "grantees_same": Words("同{project}的资助对象", "Grantees of the same {project}s"),
    "partners": Words("一起参与的", "Takes part together with"),
    "together": Words(
        "同一{project}中的资助方与资助对象；原文未必写明谁付给了谁。",
        "Funder and grantee of the same {project}; the source need not say who paid whom.",
    ),
    "one_grant": Words("同一笔资助写明了双方。", "One grant names both."),
    "share_project": Words(
        "参与了同样的案例；未必直接合作。",
        "Both take part; this need not mean that they worked together.",
    ),
    "excerpt_more": Words(
        "本页只是节选；节选之外可能还有更多。",
        "This page is an excerpt; there may be more outside it.",
    ),
    "more": Words("另外 {n} 个", "{n} more"),
    "n_case": Words("{n} 个案例", "{n} case"),
    "n_cases": Words("{n} 个案例", "{n} cases"),
    "n_project": Words("{n} 个项目", "{n} project"),
    "n_projects": Words("{n} 个项目", "{n} projects"),
    "is_member": Words("联盟成员", "alliance member"),
    "questions": Words("提问", "Questions"),
    "ask_path": Words("关系路径", "Path"),
    "ask_cofund": Words("共同资助", "Co-funders"),
    "ask_shared": Words("共同之处", "In common"),
    "ask_like": Words("谁资助同类", "Who funds the like"),
    "question_path": Words("两个机构之间最短的、有依据的路径", "The shortest evidenced path between two bodies"),
    "question_cofund": Words("谁与谁共同资助", "Who funds together with whom"),
    "question_shared": Words("两个机构有什么共同之处", "What two bodies share"),
    "question_like": Words("谁资助与它相近的机构，却没有资助它", "Who funds bodies like this one, but not this one"),
    "caveat_path": Words(
        "有路径不等于有人引荐。经过参与者很多的案例或参与很多案例的机构（◎）的路径说明不了多少。左侧的筛选同样起作用。",
        "A path is not an introduction. One through a hub (◎: a case of many, or a body in many) says little. "
        "The filters apply.",
    ),
    "caveat_cofund": Words(
        "资助同一案例不等于相互协调；推断的资助也算在内，除非在左侧去掉。",
        "Funding the same case is not coordination. Inferred funders count unless the filter takes them out.",
    ),
    "caveat_shared": Words("只数这里记录的；左侧的筛选同样起作用。", "Only what is recorded here; the filters apply."),
    "caveat_like": Words(
        "没有记录不等于没有资助。左侧的筛选同样起作用。",
        "No record is not no funding. The filters apply.",
    ),
    "like_rule": Words(
        "“相近”的规则：同为{kind}，在方向相同（{themes}）或地点相同（{places}）的其他案例里是资助对象或执行方。",
        "The rule for “like”: also of kind {kind}, and grantee or executor in another case of the same theme ({themes})"
        " or place ({places}).",
    ),
    "like_found": Words("{n} 个资助方：", "Funders: {n}"),
    "like_none": Words("没有找到。", "None found."),
    "like_peers": Words("资助了 {n} 个相近的机构", "funds projects of like bodies ({n})"),
    "no_path": Words(
        "没有记录把两者连起来（成员关系不算在内）。", "Nothing recorded joins them (memberships are not counted)."
    ),
    "no_path_filtered": Words("在筛选后的关系里，两者没有连起来。", "Under these filters nothing joins them."),
    "same_body": Words("是同一机构。", "These are the same body."),
    "unknown_id": Words("这个链接所指的不在本页上。", "This link points to something that is not on this page."),
    "path_found": Words("经过 {n} 个案例：", "Through cases: {n}"),
    "alternatives": Words("同样短的路径", "Equally short"),
    "hub": Words("枢纽，连着 {n} 个", "hub, joins {n}"),
    "cofund_found": Words("{n} 对：", "Pairs: {n}"),
    "cofund_none": Words("没有记录共同的资助。", "No shared funding is recorded."),
    "shared_none": Words("没有共同参与的案例。", "No case in common."),
    "shared_partners": Words("在不同案例中都一起参与过的", "Partners of both, in different cases"),
    "shared_networks": Words("都属于的网络", "Networks of both"),
    "choose_bodies": Words("请选择机构。", "Choose the bodies."),
    "pick_a": Words("从", "From"),
    "pick_b": Words("到", "To"),
    "pick_body": Words("机构", "Body"),
    "pick_any": Words("机构（不选则看全部）", "Body (all if left empty)"),
    "col_case": Words("案例", "Case"),
    "col_from": Words("机构", "Body"),
    "col_to": Words("对方", "With or to"),
    "col_n": Words("数目", "Number"),
    "col_cases": Words("哪些案例", "Which cases"),
    "caption_funding": Words(
        "资助关系：资助方或中介方 → 资助对象，及其背后的案例",
        "Funding: funder or intermediary → grantee, and the cases behind it",
    ),
    "caption_partners": Words("合作关系：共同参与案例的双方", "Partnership: bodies that take part in the same cases"),
    "take": Words("导出", "Export"),
    "png": Words("图片 PNG（2×）", "Picture, PNG (2×)"),
    "svg": Words("矢量图 SVG", "Drawing, SVG"),
    "csv": Words("表格 CSV", "Table, CSV"),
    "link": Words("指向这一画面的链接", "Link to this view"),
    "print": Words("打印", "Print"),
    "copied": Words("链接已复制", "Link copied"),
    "copy_yourself": Words("请复制上面的链接", "Copy the link above"),
    "saved": Words("已存为 {name}", "Saved as {name}"),
    "no_canvas": Words("此浏览器不能画图，请看表格。", "This browser cannot draw; the table holds the same."),
    "search_first": Words(
        "共 {n} 个节点，画在一起看不清。请查找一个机构或项目，看它的周围；或者看表格。",
        "{n} nodes are too many to read at once. Find a body or project to see its surroundings, or look at the table.",
    ),
    "shown_funding": Words("显示 {nodes} 个机构、{edges} 条资助关系", "{nodes} bodies, {edges} funding links shown"),
    "shown_partners": Words("显示 {nodes} 个机构、{edges} 条合作关系", "{nodes} bodies, {edges} partnerships shown"),
    "and_filtered": Words("；{n} 条被筛去", "; {n} filtered out"),
    "joint": Words("同一案例或项目的资助在此会合", "where the funding of one case or project meets"),
    "without": Words("不含：{what}", "without {what}"),
    "shown": Words("显示 {nodes} 个节点、{edges} 条关系", "{nodes} nodes, {edges} relations shown"),
    "and_unfunded": Words("；另有 {n} 个没有资助关系", "; {n} more without a funding relation"),
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
    "host": Words("秘书处托管机构", "host of the secretariat"),
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
    "incoming_commitment": Words("应收承诺", "incoming commitment"),
    "incoming_pledge": Words("应收认捐", "incoming pledge"),
    "pledge": Words("认捐", "pledge"),
    "future": Words("拟资助", "future"),
}


VIEWS: Final = {
    "funding": Words("资助", "Funding"),
    "partners": Words("合作", "Partnership"),
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
        "views": {"cases": Words("案例", "Cases") if are_cases else Words("项目", "Projects"), **VIEWS},
        "places": {code: Words(*names) for code, names in PROVINCES.items()},
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
    cut = excerpt_in_words(content)
    first = f"{cut.en} " if cut.en else ""
    return Words(
        f"{cut.zh}{titles_zh}的 {n_projects} 个{noun_zh}："
        f"{n_bodies} 个机构、个人与群体，{n_relations} 条关系{inferred_zh}。"
        "这里没有的，不等于现实中没有。",
        f"{first}{_n(n_projects, noun_en)} of {titles_en}: {_n(n_bodies, 'participant')}, "
        f"{_n(n_relations, 'relation')}"
        f"{inferred_en}. Silence is not absence.",
    )


def title_of(content: Content) -> Words:
    """Return the title: what is shown, of which source if it is one, and around whom if it is an excerpt."""
    zh, en = INTERFACE["title"].zh, INTERFACE["title"].en
    if len(content.books) == 1 and content.books[0].title:
        zh, en = f"{content.books[0].title} · {zh}", f"{en} · {content.books[0].title}"
    if content.excerpt is None:
        return Words(zh, en)
    if focus := _focus(content):
        return Words(f"{zh}（{focus.zh}周围）", f"{en} (around {focus.en})")
    return Words(f"{zh}（节选）", f"{en} (excerpt)")


def excerpt_in_words(content: Content) -> Words:
    """Return a sentence on what an excerpt shows and of how many; empty if everything is shown."""
    if content.excerpt is None:
        return Words("", "")
    shown, total, steps = len(content.nodes), content.excerpt.total, content.excerpt.steps
    focus = _focus(content)
    around_zh = f"以{focus.zh}为中心、{steps}步以内；" if focus else "节选："
    around_en = f"Around {focus.en}, {_n(steps, 'step')}: " if focus else "An excerpt: "
    return Words(
        f"{around_zh}共{total}个机构和项目，显示{shown}个。", f"{around_en}{shown} of {total} bodies and projects."
    )


def _focus(content: Content) -> Words | None:
    """Return the name of what an excerpt is around."""
    focus = content.excerpt.focus if content.excerpt else ""
    return next((Words(node.name, node.name_en or node.name) for node in content.nodes if node.id == focus), None)


def _year(year: int | None, form: str) -> str:
    return "" if year is None else form.format(year)


def _n(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")
