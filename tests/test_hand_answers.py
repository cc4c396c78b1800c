"""What a programme officer might ask, answered by hand from the text of the casebook, and by ask, query, rank, frames.

The answers on the right were written down while reading the 15 cases, before asking the program.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cega_graph.errors import UnknownIdentifier
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.questions.naming import body_of

MCF, CANGO, VANKE, SEE = "红树林基金会", "中国国际民间组织合作促进会", "万科公益基金会", "北京市企业家环保基金会"
FON, HARMONY, GREEN, GINKGO = (
    "北京自然之友公益基金会", "广东省千禾社区公益基金会", "北京绿色阳光环保公益基金会", "北京市银杏公益基金会",
)  # fmt: skip
WWF, SAVE = "世界自然基金会（瑞士）北京代表处", "国际救助儿童会（英国）北京代表处"
QINGYE, SANZHENG, NJU_LISHUI = (
    "芜湖青野社区发展促进中心",
    "北京市东城区三正社工事务所",
    "南京大学（溧水）生态环境研究院",
)
HEALTH, ECOLOGY, JINGSHAN = "肇庆卫健委", "肇庆生态环境局", "北京市东城区景山街道办事处"
IVY, QUANZHOU = "北京西城区常青藤可持续发展研究所", "泉州市观鸟学会"
PLATFORMS = ["支付宝公益", "阿里公益", "腾讯公益", "字节跳动公益", "新浪微公益", "360 公益"]


@pytest.fixture(scope="module")
def rows(bundled: KnowledgeGraph) -> pd.DataFrame:
    """Return the participations with names, kinds, numbers and themes of cases beside them."""
    bodies = bundled.organizations[["organization_id", "name", "kind", "region"]]
    projects = bundled.projects[["project_id", "number", "theme", "start_date", "end_date"]]
    return bundled.participations.merge(bodies, on="organization_id").merge(projects, on="project_id")


def who(rows: pd.DataFrame, **wanted: str) -> set[str]:
    """Return the names of the rows whose columns are as wanted."""
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    return set(rows["name"])


def asked(kg: KnowledgeGraph, pattern: str, *, engine: str = "oxigraph") -> set[str]:
    """Return the names of ?x in a graph pattern."""
    select = f"SELECT DISTINCT ?name WHERE {{ {pattern} ?x rdfs:label ?name FILTER(lang(?name) = 'zh') }}"
    return set(kg.query(select, engine=engine)["name"])


def stated(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["basis"] != "inferred"]


def numbers(frame: pd.DataFrame) -> set[str]:
    return set(frame["number"])


def test_who_carries_out_case_12(bundled: KnowledgeGraph, rows: pd.DataFrame) -> None:
    """One executor is listed; four communities carried out activities of their own."""
    communities = {f"{name}社区（深圳）" for name in ("竹园", "樟树布", "南园", "大望")}
    assert who(rows, number="12", role="executor", basis="listed") == {"深圳经济特区社会工作院"}
    assert asked(bundled, "?x cega:executes project:cega-2024-12 .") == {"深圳经济特区社会工作院", *communities}


def test_who_carries_out_case_15(rows: pd.DataFrame) -> None:
    assert who(rows, number="15", role="executor") == {NJU_LISHUI}


def test_who_pays_for_case_1(bundled: KnowledgeGraph) -> None:
    answer = bundled.ask("CQ01", project="勺嘴鹬", language="zh")
    assert set(answer.loc[answer["role"] == "资助方", "participant"]) == {"中汇影视", "华泰公益基金会", SEE, *PLATFORMS}


def test_who_pays_for_climate_work(bundled: KnowledgeGraph) -> None:
    """Cases 3, 5 and 11, stated funders only."""
    pattern = "?x cega:funds ?p . ?p cega:theme theme:climate ."
    assert asked(bundled, pattern) == {WWF, FON, HARMONY, GREEN, GINKGO}


def test_who_pays_for_biodiversity_work(rows: pd.DataFrame) -> None:
    found = who(rows, theme="生物多样性保护", role="funder")
    assert found == {"中汇影视", "华泰公益基金会", SEE, *PLATFORMS}


def test_who_was_funded_in_more_than_one_case(bundled: KnowledgeGraph) -> None:
    pattern = "?p cega:hasGrantee ?x . ?q cega:hasGrantee ?x . FILTER(?p != ?q)"
    assert asked(bundled, pattern) == asked(bundled, pattern, engine="rdflib") == {QINGYE}


def test_who_is_grantee_here_and_partner_there(rows: pd.DataFrame) -> None:
    assert who(rows, role="grantee") & who(rows, role="partner") == {QUANZHOU, IVY}


def test_who_funds_and_supports(bundled: KnowledgeGraph) -> None:
    """Money and other help; the funding stated."""
    assert asked(bundled, "?x cega:funds ?p . ?x cega:supports ?q .") == {HARMONY, HEALTH, ECOLOGY, VANKE}


def test_nobody_is_stated_to_both_fund_and_be_funded(bundled: KnowledgeGraph) -> None:
    """Only the intermediaries that a rule infers both take and give."""
    assert asked(bundled, "?x cega:funds ?p . ?q cega:hasGrantee ?x .") == set()
    answer = bundled.ask("CQ06", language="zh")
    assert dict(zip(answer["organization_id"], answer["stated"], strict=True)) == {MCF: False, CANGO: False}


def test_since_when_two_bodies_run_the_cn_plan(bundled: KnowledgeGraph) -> None:
    answer = bundled.ask("CQ05", project="3", language="zh")
    assert answer[["initiator", "since"]].to_numpy().tolist() == [[CANGO, "2022"], [WWF, "2022"]]


def test_how_much_money_case_2_gave(bundled: KnowledgeGraph) -> None:
    """About 1.2 million yuan to 9 organisations without a purpose, 0.2 million to 40 people."""
    columns = ["amount", "currency", "recipients", "approximate", "funding_type"]
    assert bundled.grants[columns].to_numpy().tolist() == [
        [1200000.0, "CNY", 9, True, "非限定性资金"], [200000.0, "CNY", 40, False, "行动资金"],
    ]  # fmt: skip


def test_how_many_cases_state_no_amount(bundled: KnowledgeGraph) -> None:
    totals = bundled.ask("CQ17", by="theme", language="zh")
    unknown = totals[totals["type"] == ""]
    assert dict(zip(unknown["group"], unknown["n_unknown"], strict=True)) == {
        "生物多样性保护": 1, "气候变化减缓与适应": 3, "环境公益与其他领域的跨界联动": 9, "生态环境国际合作": 1,
    }  # fmt: skip


def test_the_way_from_friends_of_nature_to_vanke(bundled: KnowledgeGraph) -> None:
    """They share no case and no third body: over a grantee of two cases and its other funder."""
    answer = bundled.ask("CQ10", from_="自然之友", to="万科公益基金会", language="zh")
    assert answer[["from_id", "to_id"]].to_numpy().tolist() == [[FON, QINGYE], [QINGYE, CANGO], [CANGO, VANKE]]


def test_no_way_leads_to_a_body_that_takes_part_in_nothing(bundled: KnowledgeGraph) -> None:
    assert bundled.ask("CQ10", from_="老牛基金会", to="万科公益基金会").empty


def test_partners_of_case_13(rows: pd.DataFrame) -> None:
    """The two listed, and those whom the text names for an activity: these two are among them."""
    case = rows[(rows["number"] == "13") & (rows["role"] == "partner")]
    assert who(case, basis="listed") == {JINGSHAN, "北京兆军盛菜市场有限公司"}
    assert who(case, basis="prose") == {
        "中国农业大学有机循环教授工作站", "南京大学（溧水）生态环境研究院社区厨余堆肥平台", "北京市可持续社区行动网络",
        "景山街道魏家社区", "景山街道皇城根北街社区", "北京市城市管理委员会", "北京电视台",
        JINGSHAN, "北京兆军盛菜市场有限公司",
    }  # fmt: skip


def test_since_when_both_initiators_of_case_14_and_15(rows: pd.DataFrame) -> None:
    """Listed without a date; the text gives the day, or month and activity, for both of them."""
    begun = rows[(rows["role"] == "co_initiator") & (rows["basis"] == "prose")]
    compost = begun[begun["activity"] == "社区厨余堆肥试点项目"]
    palace = begun[begun["number"] == "14"]
    assert who(palace, since="2020-01-16") == {"万科公益基金会", "故宫博物院"}
    assert who(compost, since="2018-12") == {"万科公益基金会", "南京大学（溧水）生态环境研究院"}


def test_how_many_universities_take_part(rows: pd.DataFrame) -> None:
    """Schools of a university are bodies of their own; a university that only its school stands for is none."""
    assert who(rows, kind="university") == {
        "北京林业大学", "南方科技大学", "南京林业大学", "南京师范大学", "深圳大学政府管理学院",
        "中国农业大学资源与环境学院", "北京林业大学园林学院", "北京林业大学艺术设计学院", "清华大学", "南京大学",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("province", "cases"),
    [("11", {"13", "14"}), ("44", {"1", "6", "8", "12"}), ("32", {"1", "15"}), ("65", {"7"}), ("50", {"5"}),
     ("53", {"8"}), ("33", {"15"}), ("51", set())],
)  # fmt: skip
def test_which_cases_work_in_a_province(bundled: KnowledgeGraph, province: str, cases: set[str]) -> None:
    regions = bundled.projects["region"].str.split(";")
    there = [any(code.startswith(province) for code in codes) for codes in regions]
    assert numbers(bundled.projects[there]) == cases


def test_what_governments_do(bundled: KnowledgeGraph) -> None:
    """One initiates, two pay, one advises; the others help or take part."""
    answer = bundled.ask("CQ16", language="zh")
    by_role = {role: set(some["body"]) for role, some in answer.groupby("role")}
    assert by_role["联合发起方"] == {JINGSHAN}
    assert by_role["资助方"] == {HEALTH, ECOLOGY}
    assert by_role["指导单位"] == {JINGSHAN}
    assert by_role["合作方"] == {
        JINGSHAN, HEALTH, "晋江市教育局", "晋江市林业和园林绿化局", "北京市城市管理委员会",
        "克孜勒苏柯尔克孜自治州文化体育和旅游局",
    }  # fmt: skip
    shenzhen = {f"{name}（深圳）" for name in ("民政局", "社管局", "城管局", "社会工作部", "组织部")}
    nature = {"国家林业和草原局", "盐城市政府", "东台市政府"}
    assert by_role["支持方"] == {JINGSHAN, HEALTH, ECOLOGY, *shenzhen, *nature}
    assert set(answer["body"]) == set().union(*by_role.values())


def test_which_foundations_were_funded(rows: pd.DataFrame) -> None:
    assert who(rows, kind="foundation", role="grantee") == {
        "湖北省长江生态保护基金会", "北京博能志愿公益基金会", "广东省残培教育发展基金会",
    }  # fmt: skip


def test_which_cases_have_no_stated_end(bundled: KnowledgeGraph) -> None:
    assert numbers(bundled.projects[bundled.projects["end_date"] == ""]) == {"1", "6", "7", "8", "10", "12"}


def test_which_cases_ran_in_2021(bundled: KnowledgeGraph) -> None:
    """Begun by then, and not ended before."""
    select = """SELECT ?n WHERE { ?p a cega:Project ; cega:number ?n ; cega:start ?from . OPTIONAL { ?p cega:end ?to }
        FILTER(SUBSTR(STR(?from), 1, 4) <= "2021" && SUBSTR(COALESCE(STR(?to), "9999"), 1, 4) >= "2021") }"""
    assert set(bundled.query(select)["n"]) == {"1", "6", "7", "12", "14"}


def test_who_handed_in_which_cases(rows: pd.DataFrame) -> None:
    submitted = rows[rows["role"] == "submitter"].groupby("name")["number"].agg(set).to_dict()
    assert submitted == {
        MCF: {"1", "6"}, CANGO: {"2", "3", "4"}, FON: {"5", "8", "9"}, SEE: {"7"}, HARMONY: {"11"},
        VANKE: {"10", "12", "13", "14", "15"},
    }  # fmt: skip


def test_in_which_cases_the_funder_is_only_inferred(rows: pd.DataFrame) -> None:
    funders = rows[rows["role"] == "funder"]
    assert numbers(funders) - numbers(stated(funders)) == {"2", "6", "7", "9", "10", "12", "14"}


def test_who_initiated_with_vanke(bundled: KnowledgeGraph) -> None:
    pattern = "?f cega:coInitiates ?p ; rdfs:label '万科公益基金会'@zh . ?x cega:coInitiates ?p . FILTER(?x != ?f)"
    assert asked(bundled, pattern) == {CANGO, "大道应对气候变化促进中心", "故宫博物院", NJU_LISHUI}


def test_who_made_the_interactive_test(rows: pd.DataFrame) -> None:
    assert who(rows, number="9", role="co_developer") == {"果壳自然", FON}


def test_which_media_take_part(rows: pd.DataFrame) -> None:
    assert who(rows, kind="media") == {"一席", "清华媒体评论", "广东人民出版社", "果壳自然", "北京电视台"}


def test_which_persons_carry_out_and_which_are_funded(rows: pd.DataFrame) -> None:
    persons = rows[rows["kind"] == "person"]
    assert who(persons, role="executor") == {"陈畅", "卢辉", "孟璐璐"}
    assert who(persons, role="grantee") == {"柯伟国", "陈畅"}


def test_who_co_funds_more_than_once(bundled: KnowledgeGraph) -> None:
    pairs = bundled.ask("CQ04", language="zh")
    often = pairs.loc[pairs["n_projects"] > 1, ["funder_a", "funder_b", "n_projects"]].to_numpy().tolist()
    assert [({a, b}, n) for a, b, n in often] == [({HARMONY, FON}, 2)]
    assert len(pairs) == 51  # 36 in case 1, 10 in case 8, 6 in case 11; one pair in two of them


def test_who_depends_on_one_funder(bundled: KnowledgeGraph) -> None:
    """Stated on both sides: the grantees of cases 3 and 4, and that of case 13."""
    answer = bundled.ask("CQ13", language="zh")
    depends = answer[answer["stated"].astype(bool)].groupby("funder_id")["organization_id"].agg(len).to_dict()
    assert depends == {WWF: 5, SAVE: 5, VANKE: 1}
    assert QINGYE not in set(answer["organization_id"])


def test_who_stands_behind_wuhu_qingye(bundled: KnowledgeGraph) -> None:
    """Four that are stated, in case 11; in case 2 the submitter, by a rule."""
    answer = bundled.ask("CQ03", organization="芜湖青野", language="zh")
    assert dict(zip(answer["funder"], answer["funding"], strict=True)) == {
        HARMONY: "明文", FON: "明文", GREEN: "明文", GINKGO: "明文", CANGO: "推断",
    }  # fmt: skip


def test_which_members_fund_cases_of_others(bundled: KnowledgeGraph, rows: pd.DataFrame) -> None:
    members = set(bundled.memberships.loc[bundled.memberships["status"] == "current", "organization_id"])
    submitters = rows[rows["role"] == "submitter"].set_index("number")["organization_id"]
    funds = stated(rows)[(stated(rows)["role"] == "funder") & stated(rows)["organization_id"].isin(members)]
    others = funds[[submitters[n] != o for n, o in zip(funds["number"], funds["organization_id"], strict=True)]]
    assert set(others["name"]) == {SEE, HARMONY, FON, GREEN}


def test_who_takes_part_in_most_cases(bundled: KnowledgeGraph) -> None:
    top = bundled.rank("all", by="projects").head(4)
    assert top.loc[0, "name"] == VANKE
    assert set(top["name"][1:3]) == {CANGO, FON}
    assert top["score"].tolist() == [5.0, 4.0, 4.0, 2.0]


def test_who_is_stated_to_fund_most_cases(bundled: KnowledgeGraph) -> None:
    top = bundled.rank("funder", basis="stated").head(4)
    assert (top["name"].iloc[0], top["score"].iloc[0]) == (FON, 3.0)
    assert set(top.loc[top["score"] == 2, "name"]) == {VANKE, HARMONY}


def test_how_many_members_the_alliance_has(bundled: KnowledgeGraph) -> None:
    """18 places in two lists, one of them twice; the strategic partner and the hosts are no members."""
    posts = bundled.memberships[bundled.memberships["role"].isin(["member", "committee"])]
    assert posts["organization_id"].nunique() == 17
    assert (posts["role"] == "committee").sum() == 8


def test_who_leads_the_alliance_now(bundled: KnowledgeGraph) -> None:
    names = dict(zip(bundled.organizations["organization_id"], bundled.organizations["name"], strict=True))
    posts = bundled.memberships[bundled.memberships["status"] == "current"]
    chairs = posts[posts["role"] == "co_chair"]
    found = {names[p]: names[a] for p, a in zip(chairs["organization_id"], chairs["affiliation_id"], strict=True)}
    assert found == {"谢晓慧": VANKE, "姚瑶": "阿里巴巴公益基金会"}
    hosts = posts[posts["role"] == "host"]
    assert [(names[o], since) for o, since in zip(hosts["organization_id"], hosts["since"], strict=True)] == [
        ("中华环保联合会", "2024-04")
    ]


@pytest.mark.parametrize(
    ("name", "official"),
    [("MCF", MCF), ("民促会", CANGO), ("CANGO", CANGO), ("SEE 基金会", SEE), ("千禾社区基金会", HARMONY), ("WWF", WWF),
     ("克州登山环保协会", "克孜勒苏柯尔克孜自治州登山和登山环保协会"), ("深圳社工学院", "深圳经济特区社会工作院"),
     ("銀杏基金會", GINKGO), ("SBSTF", "勺嘴鹬特别行动组"), ("自然之友", FON), ("卫健委", HEALTH)],
)  # fmt: skip
def test_bodies_are_found_by_the_names_that_the_book_prints(bundled: KnowledgeGraph, name: str, official: str) -> None:
    bodies: dict[str, Any] = dict(
        zip(bundled.organizations["organization_id"], bundled.organizations["name"], strict=True)
    )
    assert bodies[body_of(bundled.dataset, name)] == official


def test_names_that_several_bear_are_not_guessed(bundled: KnowledgeGraph) -> None:
    for name in ("协作者", "观鸟协会", "湿地"):
        with pytest.raises(UnknownIdentifier, match=f"name '{name}' can mean \\d+ bodies"):
            body_of(bundled.dataset, name)


def test_what_beijing_forestry_university_does_in_case_1(bundled: KnowledgeGraph) -> None:
    answer = bundled.ask("CQ01", project="1", language="zh")
    mine = answer[answer["participant"] == "北京林业大学"]
    assert {(r, None if pd.isna(a) else a) for r, a in mine[["role", "activity"]].to_numpy().tolist()} == {
        ("联合发起方", None), ("合作方", "专家智库"), ("合作方", "条子泥湿地保护工作站"),
    }  # fmt: skip


def test_which_offices_of_foreign_bodies_take_part(rows: pd.DataFrame) -> None:
    assert {name for name in rows["name"] if name.endswith("代表处")} == {
        WWF, SAVE, "互满爱人与人国际运动联合会（瑞士）重庆代表处",
    }  # fmt: skip


def test_who_could_support_a_body_like_sanzheng(bundled: KnowledgeGraph) -> None:
    """NGOs that carry out work of its theme (cross-sector) or in Beijing, with other funders than its own."""
    answer = bundled.ask("CQ11", organization="三正社工", language="zh")
    assert set(answer["funder_id"]) == {CANGO, SAVE, SEE, FON, HARMONY, HEALTH, ECOLOGY, "星巴克"}


def test_through_whom_the_money_of_case_4_reaches_the_field(bundled: KnowledgeGraph) -> None:
    """From Save the Children over CANGO, which a rule takes for the intermediary, to five grantees."""
    chains = bundled.ask("CQ07", language="zh")
    case = chains[chains["project_id"].str.startswith("下一代的希望")]
    assert set(zip(case["source"], case["intermediary"], case["stated"], strict=True)) == {(SAVE, CANGO, False)}
    assert len(case) == 5


def test_when_new_funders_came(bundled: KnowledgeGraph) -> None:
    """By the first case: nine in 2018, MCF and Vanke in 2020, eight in 2023, two in 2024."""
    years = bundled.ask("CQ14")
    assert dict(zip(years["year"], years["new_funders"], strict=True)) == {
        2018: 9, 2019: 0, 2020: 2, 2021: 0, 2022: 0, 2023: 8, 2024: 2,
    }  # fmt: skip
