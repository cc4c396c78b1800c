"""What rankings and their provisos are called, in Chinese and English."""

from __future__ import annotations

from typing import Any, Final

from cega_graph.measures.ranking import MEASURES
from cega_graph.vocabulary import roles

RANK_HEADINGS: Final = {
    "rank": {"en": "rank", "zh": "名次"},
    "tied": {"en": "tied", "zh": "并列数"},
    "organization_id": {"en": "id", "zh": "标识"},
    "name": {"en": "name", "zh": "名称"},
    "name_en": {"en": "English name", "zh": "英文名"},
    "kind": {"en": "kind", "zh": "类型"},
    "score": {"en": "score", "zh": "得分"},
    "projects": {"en": "projects", "zh": "项目数"},
    "stated_share": {"en": "stated", "zh": "明文占比"},
    "rank_min": {"en": "best", "zh": "最好名次"},
    "rank_max": {"en": "worst", "zh": "最差名次"},
    "top_share": {"en": "in top", "zh": "入前占比"},
}
"""Column of a ranking → its heading."""

_PROJECTIONS_ZH: Final = {"funding": "资助关系", "partnership": "合作关系", "none": "无（项目计数）"}
_DIRECTIONS_ZH: Final = {
    "grantee ← funder or intermediary": "受资助方 ← 资助方或中介方",
    "funder or intermediary → grantee": "资助方或中介方 → 受资助方",
    "undirected: bodies that share a project, in whatever roles": "无向：同在一个项目，不论角色",
    "none: a count of projects": "无：项目计数",
}
_WEIGHTS_ZH: Final = {"none": "无", "shared projects": "共同项目数"}


def about_rank(about: dict[str, Any], language: str) -> list[str]:
    """Return the lines that stand below a ranking.

    Args:
        about: `attrs["about"]` of a ranking.
        language: `zh` or `en`.
    """
    groups, persons = about["unranked"]["group"], about["unranked"].get("person")
    measure = MEASURES[about["by"]]
    sample = about.get("estimated_from", 0)
    if language == "zh":
        people = "" if persons is None else f" {persons} 位个人、"
        holding = "参与" if about["role"] == "all" else "担任此角色"
        role = "全部角色" if about["role"] == "all" else roles()[about["role"]].label_zh
        basis = "含推断" if about["basis"] == "all" else "仅明文"
        first = (
            f"{role}，按{measure.title_zh}排名；网络：{_PROJECTIONS_ZH[about['projection']]}；"
            f"方向：{_DIRECTIONS_ZH[about['direction']]}；权重：{_WEIGHTS_ZH[about['weight']]}；依据：{basis}"
            + (f"；得分为估计值：只计从随机选定的 {sample} 个机构出发的路径" if sample else "")
        )
        second = (
            f"n = {about['bodies']} 个机构，{about['cases']} 个案例；另有{people}"
            f" {groups} 个未具名群体{holding}，不参与排名；名次范围：{left_out_zh(about)}；"
            f"入前 {about['top']} 占比：{about['resamples']} 次重抽样"
        )
        return [first, second]
    basis = "stated and inferred" if about["basis"] == "all" else "stated only"
    role = "all roles" if about["role"] == "all" else about["role"]
    first = (
        f"{role} ranked by {measure.title_en}, {about['order']}; projection: {about['projection']}; "
        f"direction: {about['direction']}; weight: {about['weight']}; basis: {basis}"
        + (f"; scores are estimated, from the paths that begin at {sample} bodies chosen at random" if sample else "")
    )
    people = "" if persons is None else f"{persons} person{'s' * (persons != 1)} and "
    holding = "take part" if about["role"] == "all" else "hold the role"
    second = (
        f"n = {about['bodies']} bodies, {about['cases']} cases; {people}{groups} unnamed group{'s' * (groups != 1)} "
        f"that {holding} are not ranked; best and worst rank leave out {about['left_out']}; "
        f"in top {about['top']}: share of {about['resamples']} resamples of cases"
    )
    return [first, second]


def left_out_zh(about: dict[str, Any]) -> str:
    """Return in Chinese what the range of ranks leaves out; `attrs["about"]["left_out"]` says it in English."""
    if about["left_out"].startswith("nothing"):
        return "案例过多，仅计数、强度与 PageRank 计算"
    return "逐一去掉各案例" if about["cases"] <= 200 else "逐一去掉 100 个随机案例组"
