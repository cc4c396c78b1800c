"""From a number to the rows behind it, and from a row to its place in the source."""

from __future__ import annotations

from pathlib import Path

import pytest

import cega_graph as cg
from cega_graph.errors import UnknownIdentifier
from cega_graph.evidence import WITH_PLACES
from cega_graph.measures.money import co_funding_pairs
from cega_graph.sources.text import read_text, unbroken
from factories import ASSOCIATION, CENTRE, FOUNDATION, TINY_BOOK, place_of, write_sound_dataset


@pytest.fixture
def tiny(tmp_path: Path) -> cg.KnowledgeGraph:
    """Return the tiny data set together with its text."""
    (tmp_path / "book.txt").write_text(TINY_BOOK, encoding="utf-8", newline="\n")
    return cg.load(write_sound_dataset(tmp_path), source=tmp_path / "book.txt")


def test_rows_come_with_names_place_and_sentence(tiny: cg.KnowledgeGraph) -> None:
    """The grantee of the first case, as its row and the text have it."""
    rows = tiny.evidence(role="grantee", language="zh")
    start, end = place_of("盐城市滩涂志愿服务中心")
    (row,) = rows.to_dict("records")
    assert (row["project"], row["organization"], row["role"], row["basis"]) == (
        "候鸟归来", "盐城市滩涂志愿服务中心", "grantee", "listed",
    )  # fmt: skip
    assert (row["text_start"], row["text_end"], row["label"]) == (start, end, "资助对象（2024 年）")
    assert row["sentence"] == "资助对象（2024 年）盐城市滩涂志愿服务中心，卢小辉（个人），各地中小学校等"
    assert rows.columns[:6].tolist() == [
        "participation_id", "project_id", "project", "grant_id", "organization_id", "organization",
    ]  # fmt: skip


def test_without_the_text_sentences_are_empty_and_all_else_is_the_same(tiny: cg.KnowledgeGraph, tmp_path: Path) -> None:
    """No column comes or goes with the text."""
    bare = cg.load(tmp_path / "tiny").evidence()
    assert set(bare["sentence"]) == {""}
    assert bare.dtypes.astype(str).tolist() == tiny.evidence().dtypes.astype(str).tolist()
    assert bare.drop(columns="sentence").equals(tiny.evidence().drop(columns="sentence"))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"organization": "候鸟公益基金会"}, ["funder", "funder", "submitter", "submitter"]),
        ({"organization": "Migratory Bird Foundation", "project": "1"}, ["funder", "submitter"]),
        ({"organization": f"{ASSOCIATION};{CENTRE}"}, ["co_initiator", "executor", "grantee"]),
        ({"organization": [ASSOCIATION, CENTRE], "role": ["executor"]}, ["executor"]),
        ({"project": "tiny-1;tiny-2", "role": "submitter"}, ["submitter", "submitter"]),
        ({"project": "tiny-2", "basis": "stated"}, ["submitter"]),
        ({"project": "tiny-2"}, ["funder", "submitter"]),
    ],
)
def test_rows_are_chosen_by_name_or_id(tiny: cg.KnowledgeGraph, given: dict[str, str], found: list[str]) -> None:
    """One or several; ids joined as other frames join them."""
    assert sorted(tiny.evidence(**given)["role"]) == found


def test_sums_are_found_by_who_gives_or_gets_them(tiny: cg.KnowledgeGraph) -> None:
    """Grants name no body themselves; the participations that carry them do."""
    assert tiny.evidence("grants", organization=CENTRE)["grant_id"].tolist() == ["g-1"]
    assert tiny.evidence("grants", organization=FOUNDATION, role="funder")["amount"].tolist() == [1000.5]
    assert tiny.evidence("grants", organization=ASSOCIATION).empty
    assert tiny.evidence("grants", project="tiny-2").empty


@pytest.mark.parametrize("table", WITH_PLACES)
def test_every_table_with_places_can_be_asked(tiny: cg.KnowledgeGraph, table: str) -> None:
    """All rows, the table's own columns in their order, and what is added."""
    rows, own = tiny.evidence(table), tiny.dataset.frame(table)
    assert len(rows) == len(own)
    assert [c for c in rows.columns if c in own.columns] == own.columns.tolist()
    assert rows.columns[-1] == "sentence"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"table": "decisions"}, "table 'decisions' is not known here; there are names, identifiers, projects, "),
        ({"basis": "sure"}, "basis 'sure' is not known here; there are all, stated"),
        ({"role": "donor"}, "role 'donor' is not known; there are submitter, funder, "),
        ({"organization": "没有的机构"}, "nobody bears the name '没有的机构'; nearest are "),
        ({"project": "没有的项目"}, "no project is called '没有的项目'"),
        ({"table": "memberships", "project": "1"}, "rows of memberships have no project_id"),
    ],
)
def test_what_is_not_there_is_named(tiny: cg.KnowledgeGraph, given: dict[str, str], says: str) -> None:
    """One line, with the value."""
    with pytest.raises(UnknownIdentifier) as caught:
        tiny.evidence(**given)
    assert str(caught.value).startswith(says)
    assert "\n" not in str(caught.value)


def test_the_tables_are_not_changed(tiny: cg.KnowledgeGraph) -> None:
    """What is handed out is a copy."""
    before = tiny.participations.copy()
    rows = tiny.evidence()
    rows.loc[:, "role"] = "other"
    assert before.equals(tiny.participations)


@pytest.mark.parametrize("role", ["funder", "grantee", "executor", "co_initiator", "partner", "all"])
@pytest.mark.parametrize("basis", ["all", "stated"])
def test_every_count_of_a_ranking_leads_to_as_many_projects(bundled: cg.KnowledgeGraph, role: str, basis: str) -> None:
    """Step two of three: the rows behind `projects`, and the share of them that is stated."""
    for place in bundled.rank(role, basis=basis).itertuples():
        rows = bundled.evidence(
            organization=str(place.organization_id), role="" if role == "all" else role, basis=basis
        )
        assert rows["project_id"].nunique() == place.projects
        assert (rows["basis"] != "inferred").mean() == pytest.approx(place.stated_share)


def test_every_pair_of_funders_leads_to_its_projects(bundled: cg.KnowledgeGraph) -> None:
    """The ids that a frame holds joined by `;` can be passed on as they are."""
    for pair in co_funding_pairs(bundled.participations, bundled.projects).itertuples():
        rows = bundled.evidence(
            organization=[str(pair.funder_a), str(pair.funder_b)], project=str(pair.project_ids), role="funder"
        )
        assert rows.groupby("project_id")["organization_id"].nunique().tolist() == [2] * int(str(pair.n_projects))


def test_every_place_is_in_its_sentence(casebook_text_path: Path) -> None:
    """Step three of three: the offsets give the name as printed, and the sentence holds it."""
    text = read_text(casebook_text_path).text
    kg = cg.load(source=casebook_text_path)
    for table in ("participations", "grants", "memberships", "projects"):
        rows = kg.evidence(table)
        placed = rows[rows["text_start"].notna()]
        assert len(placed) > 0
        for row in placed.itertuples():
            start, end = int(str(row.text_start)), int(str(row.text_end))
            assert unbroken(text[start:end]) == row.mention
            assert "".join(str(row.mention).split()) in "".join(str(row.sentence).split())
