"""Several data sets as one graph: what is joined, what is not, what is said about it, and limits to sources."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cega_graph.check import NOTES, Finding, check
from cega_graph.dataset import Dataset
from cega_graph.errors import InvalidData, UnknownIdentifier
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import (
    TABLES,
    Decision,
    Grant,
    Identifier,
    Name,
    Organization,
    Participation,
    Project,
    Row,
    Source,
)
from cega_graph.package import write_tables


def book(folder: Path, number: int, *bodies: tuple[str, str], roles: str = "funder", **tables: list[Row]) -> Path:
    """Write a data set of one project in which each body (id, name) has a role; return its folder."""
    source, project = f"book-{number}", f"book-{number}-1"
    place: dict[str, Any] = {"source_id": source, "locator": "page=1"}
    given: dict[str, list[Row]] = {
        "sources": [Source(source_id=source, title=f"第{number}册", year=2020 + number)],
        "organizations": [Organization(organization_id=i, name=name, kind="foundation") for i, name in bodies],
        "names": [Name(organization_id=i, name=name, status="official", mention=name, **place) for i, name in bodies],
        "projects": [Project(project_id=project, title=f"第{number}个项目", mention="标题", **place)],
        "participations": [
            Participation(participation_id=f"p-{number}-{i}", project_id=project, organization_id=i, role=roles,
                          basis="listed", mention=name, **place)
            for i, name in bodies
        ],
        **tables,
    }  # fmt: skip
    write_tables(folder / source, given)
    return folder / source


def identifiers(*pairs: tuple[str, str]) -> list[Row]:
    """Return rows that give each body (id) a register number."""
    return [Identifier(organization_id=i, identifier=n, source_id="any", locator="page=1") for i, n in pairs]


def bodies(dataset: Dataset) -> list[tuple[str, str]]:
    """Return id and name of every body."""
    return [(row.organization_id, row.name) for row in dataset.rows("organizations")]


def findings(dataset: Dataset) -> list[tuple[str, str, str, str]]:
    """Return what data sets say against each other: rule, row, the one value, the other."""
    return [(f.rule, f.row, f.value, f.expected) for f in check(dataset, shapes=False) if f.rule in NOTES]


def test_one_spelling_under_two_ids_is_one_body(tmp_path: Path) -> None:
    """The first data set's id stays; statements of both are kept, each with its source."""
    whole = Dataset([book(tmp_path, 1, ("o-1", "候鸟基金会")), book(tmp_path, 2, ("o-2", "候鳥基金會"))])
    assert bodies(whole) == [("o-1", "候鸟基金会")]
    assert [(r.organization_id, r.source_id) for r in whole.rows("participations")] == [
        ("o-1", "book-1"), ("o-1", "book-2"),
    ]  # fmt: skip
    assert [(r.organization_id, r.name) for r in whole.rows("names")] == [("o-1", "候鳥基金會"), ("o-1", "候鸟基金会")]
    assert check(whole) == []


@pytest.mark.parametrize(
    ("verdict", "by", "expected"),
    [("same", "Li", 1), ("undecided", "Li", 2), ("different", "Li", 2), ("same", "source", 2)],
)
def test_a_persons_decision_joins_two_names(tmp_path: Path, verdict: str, by: str, expected: int) -> None:
    """An alias that one text states holds in that text only."""
    decision = Decision(name_a="候鸟会", name_b="候鸟基金会", verdict=verdict, decided_by=by)
    whole = Dataset([
        book(tmp_path, 1, ("o-1", "候鸟基金会")), book(tmp_path, 2, ("o-2", "候鸟会"), decisions=[decision]),
    ])  # fmt: skip
    assert len(bodies(whole)) == expected


def test_decisions_that_contradict_each_other_are_a_finding(tmp_path: Path) -> None:
    """One data set says same, the other different."""
    folders = [
        book(tmp_path, n, (f"o-{n}", name), decisions=[Decision(name_a="甲会", name_b="乙会", verdict=verdict)])
        for n, name, verdict in ((1, "甲会", "same"), (2, "乙会", "different"))
    ]
    with pytest.raises(InvalidData, match="decided different, but other decisions make them the same"):
        list(Dataset(folders).rows("organizations"))
    assert [(f.rule, "change one of them" in f.message()) for f in check(Dataset(folders))] == [("cell", True)]


def test_a_register_number_joins_two_names_and_reports_them(tmp_path: Path) -> None:
    """Never in silence: the finding holds both names."""
    whole = Dataset([
        book(tmp_path, 1, ("o-1", "候鸟基金会"), identifiers=identifiers(("o-1", "GB-CHC-7"))),
        book(tmp_path, 2, ("GB-CHC-7", "飞鸟基金会")),
    ])  # fmt: skip
    assert bodies(whole) == [("o-1", "候鸟基金会")]
    assert findings(whole) == [("id-two-names", "o-1", "候鸟基金会", "飞鸟基金会")]


def test_a_renamed_body_is_no_contradiction(tmp_path: Path) -> None:
    """The newer book knows the former name."""
    second = book(tmp_path, 2, ("GB-CHC-7", "飞鸟基金会"))
    names = [*Dataset([second]).rows("names"), Name(organization_id="GB-CHC-7", name="候鸟基金会", status="former")]
    whole = Dataset(
        [book(tmp_path, 1, ("GB-CHC-7", "候鸟基金会")), book(tmp_path, 2, ("GB-CHC-7", "飞鸟基金会"), names=names)]
    )
    assert findings(whole) == []


def test_one_name_with_two_register_numbers_stays_two_bodies(tmp_path: Path) -> None:
    """And is reported with both numbers."""
    whole = Dataset([
        book(tmp_path, 1, ("o-1", "候鸟基金会"), identifiers=identifiers(("o-1", "GB-CHC-7"))),
        book(tmp_path, 2, ("o-2", "候鸟基金会"), identifiers=identifiers(("o-2", "GB-CHC-8"))),
    ])  # fmt: skip
    assert bodies(whole) == [("o-1", "候鸟基金会"), ("o-2", "候鸟基金会")]
    assert findings(whole) == [("name-two-ids", "候鸟基金会", "GB-CHC-7", "GB-CHC-8")]


def test_two_bodies_that_one_data_set_tells_apart_are_not_joined_over_the_other(tmp_path: Path) -> None:
    """A third of the same name belongs to neither until somebody decides."""
    whole = Dataset([book(tmp_path, 1, ("o-1", "协作者"), ("o-2", "协作者")), book(tmp_path, 2, ("o-3", "协作者"))])
    assert [i for i, _ in bodies(whole)] == ["o-1", "o-2", "o-3"]
    assert [f[0] for f in findings(whole)] == ["name-two-ids"]


@pytest.mark.parametrize("kind", ["person", "group"])
def test_equal_names_of_persons_and_groups_join_nothing(tmp_path: Path, kind: str) -> None:
    """Even where both data sets made the same id of the same name, they are two."""
    rows: list[Row] = [Organization(organization_id="o-1", name="卢小辉", kind=kind)]
    folders = [book(tmp_path, n, ("o-1", "卢小辉"), organizations=rows) for n in (1, 2)]
    whole = Dataset(folders)
    assert [name for _, name in bodies(whole)] == ["卢小辉", "卢小辉"]
    ids = {(r.source_id, r.organization_id) for r in whole.rows("participations")}
    assert len({i for _, i in ids}) == 2
    assert ("book-1", "o-1") in ids
    assert check(whole) == []


def project_decision(a: str, b: str, verdict: str) -> list[Row]:
    """Return a decision about two projects."""
    return [Decision(name_a=f"project:{a}", name_b=f"project:{b}", verdict=verdict, decided_by="Li")]


def test_a_decision_joins_two_projects_and_counts_them_once(tmp_path: Path) -> None:
    """The first book's id stays, its empty cells are filled, and the rank counts one project."""
    second = book(
        tmp_path, 2, ("o-1", "候鸟基金会"), decisions=project_decision("book-2-1", "book-1-1", "same"),
        projects=[Project(project_id="book-2-1", title="别名", place="盐城", source_id="book-2", locator="page=2")],
    )  # fmt: skip
    whole = Dataset([book(tmp_path, 1, ("o-1", "候鸟基金会")), second])
    assert [(p.project_id, p.title, p.place) for p in whole.rows("projects")] == [("book-1-1", "第1个项目", "盐城")]
    assert [(r.project_id, r.source_id) for r in whole.rows("participations")] == [
        ("book-1-1", "book-1"), ("book-1-1", "book-2"),
    ]  # fmt: skip
    assert KnowledgeGraph(whole).rank("funder")["score"].tolist() == [1.0]
    assert check(whole) == []


def test_projects_of_one_title_are_asked_about_once(tmp_path: Path) -> None:
    """Equal titles join nothing; a decision, whatever it is, ends the question."""
    title: list[Row] = [Project(project_id="book-2-1", title="第1个项目", source_id="book-2", locator="page=2")]
    first = book(tmp_path, 1, ("o-1", "甲会"))
    whole = Dataset([first, book(tmp_path, 2, ("o-1", "甲会"), projects=title)])
    assert findings(whole) == [("maybe-same-project", "book-1-1", "project:book-1-1", "project:book-2-1")]
    decided = project_decision("book-1-1", "book-2-1", "different")
    whole = Dataset([first, book(tmp_path, 2, ("o-1", "甲会"), projects=title, decisions=decided)])
    assert (findings(whole), len(list(whole.rows("projects")))) == ([], 2)


def test_a_project_id_with_two_titles_is_reported(tmp_path: Path) -> None:
    """It is one project, under the first title."""
    rows: list[Row] = [Project(project_id="book-1-1", title="别名", source_id="book-2", locator="page=2")]
    whole = Dataset([book(tmp_path, 1, ("o-1", "甲会")), book(tmp_path, 2, projects=rows)])
    assert [p.title for p in whole.rows("projects")] == ["第1个项目"]
    assert findings(whole) == [("project-two-titles", "book-1-1", "第1个项目", "别名")]


def test_two_texts_under_one_source_id_stop_a_build(tmp_path: Path) -> None:
    """Every id of the one would mean something in the other."""
    other = tmp_path / "other"
    rows: list[Row] = [Source(source_id="book-1", year=2030)]
    whole = Dataset([book(tmp_path, 1, ("o-1", "甲会")), book(other, 1, ("o-1", "甲会"), sources=rows)])
    found = [f for f in check(whole, shapes=False) if f.rule not in NOTES]
    assert [(f.rule, f.row, f.value, f.expected) for f in found] == [
        ("source-twice", "book-1", "year 2021", "year 2030")
    ]


def grant(number: int, amount: str, **cells: Any) -> list[Row]:
    """Return one grant of the data set of that number, under the publisher's identifier G-1."""
    given: dict[str, Any] = {"project_id": f"book-{number}-1", "identifier": "G-1", "currency": "CNY", **cells}
    place: dict[str, Any] = {"source_id": f"book-{number}", "locator": "row=1"}
    return [Grant(grant_id=f"g-{number}", amount=Decimal(amount), mention=amount, **place, **given)]


@pytest.mark.parametrize(
    ("amount", "expected", "rule"),
    [
        ("100", [("g-1", Decimal(100), "")], "grant-twice"),
        ("120", [("g-1", Decimal(100), ""), ("g-2", Decimal(120), "g-1")], "grant-two-amounts"),
    ],
)
def test_one_grant_in_two_data_sets_is_counted_once(
    tmp_path: Path, amount: str, expected: list[tuple[str, Decimal, str]], rule: str
) -> None:
    """Alike: one row, to which both point. Otherwise: two rows in conflict, of which a total takes neither."""
    second = book(
        tmp_path, 2, ("o-1", "甲会"), grants=grant(2, amount, project_id="book-1-1"),
        projects=[Project(project_id="book-1-1", title="第1个项目", source_id="book-2", locator="row=1")],
        participations=[
            Participation(participation_id="p-2", project_id="book-1-1", organization_id="o-1", role="funder",
                          basis="record", grant_id="g-2", source_id="book-2", locator="row=1")
        ],
    )  # fmt: skip
    whole = Dataset([book(tmp_path, 1, ("o-1", "甲会"), grants=grant(1, "100")), second])
    assert [(g.grant_id, g.amount, g.conflicts_with) for g in whole.rows("grants")] == expected
    assert {r.grant_id for r in whole.rows("participations")} == {"", expected[-1][0]}
    assert [f[0] for f in findings(whole)] == [rule]
    assert [f for f in check(whole) if f.rule not in NOTES] == []


def test_one_grant_under_one_id_in_two_data_sets_is_counted_once(tmp_path: Path) -> None:
    """What two years of a publisher repeat has one id in both; each year keeps it, and the whole has it once."""
    later = [msgspec.structs.replace(row, source_id="book-2") for row in grant(1, "100")]
    folders = [
        book(tmp_path, 1, ("o-1", "甲会"), grants=grant(1, "100")),
        book(tmp_path, 2, ("o-1", "甲会"), grants=later, participations=[],
             projects=[Project(project_id="book-1-1", title="第1个项目", source_id="book-2", locator="row=1")]),
    ]  # fmt: skip
    for order in (folders, folders[::-1]):
        whole = Dataset(order)
        first = "book-1" if order is folders else "book-2"
        assert [(g.grant_id, g.amount, g.source_id) for g in whole.rows("grants")] == [("g-1", Decimal(100), first)]
        assert [f[0] for f in findings(whole)] == ["grant-twice"]
        assert [f for f in check(whole) if f.rule not in NOTES] == []
        assert len(list(whole.only(["book-2"]).rows("grants"))) == 1


def test_a_data_set_named_twice_counts_once(tmp_path: Path) -> None:
    """Also under another spelling of its path, and as a copy."""
    folder = book(tmp_path, 1, ("o-1", "甲会"), grants=grant(1, "100"))
    alone = {t.name: list(Dataset([folder]).rows(t.name)) for t in TABLES}
    copy = book(tmp_path / "copy", 1, ("o-1", "甲会"), grants=grant(1, "100"))
    for folders in ([folder, folder / ".." / "book-1"], [folder, copy]):
        whole = Dataset(folders)
        assert alone == {t.name: list(whole.rows(t.name)) for t in TABLES}
        assert check(whole, shapes=False) == []


def test_only_takes_what_a_source_states(tmp_path: Path) -> None:
    """Of whole data sets: the rows of that data set alone. Inference sees only what is left."""
    first, second = book(tmp_path, 1, ("o-1", "甲会"), roles="submitter"), book(tmp_path, 2, ("o-2", "乙会"))
    whole = Dataset([first, second])
    for folder, source in ((first, "book-1"), (second, "book-2")):
        assert {t.name: list(whole.only([source]).rows(t.name)) for t in TABLES} == {
            t.name: list(Dataset([folder]).rows(t.name)) for t in TABLES
        }
    both = whole.only(["book-2", "book-1"])
    assert [list(both.rows(t.name)) for t in TABLES] == [list(whole.rows(t.name)) for t in TABLES]


def test_only_takes_a_data_set_of_two_sources_apart(tmp_path: Path) -> None:
    """The rows of the source, and the bodies and projects that they are about; no sum of the other source."""
    place: dict[str, Any] = {"source_id": "b", "locator": "row=1"}
    folder = book(
        tmp_path, 1, ("o-1", "甲会"),
        sources=[Source(source_id="book-1"), Source(source_id="b")],
        organizations=[
            Organization(organization_id="o-1", name="甲会"), Organization(organization_id="o-3", name="丙会"),
            Organization(organization_id="o-2", name="乙会", parent_id="o-3"),
            Organization(organization_id="o-4", name="丁会"),
        ],
        names=[Name(organization_id="o-2", name="乙"), Name(organization_id="o-4", name="丁")],
        participations=[
            Participation(participation_id="p-1", project_id="book-1-1", organization_id="o-1", role="funder",
                          basis="record", source_id="book-1", locator="row=1"),
            Participation(participation_id="p-2", project_id="book-1-1", organization_id="o-2", role="grantee",
                          basis="record", grant_id="g-2", **place),
        ],
        grants=[*grant(1, "100"), Grant(grant_id="g-2", project_id="book-1-1", regrant_of="g-1", **place)],
    )  # fmt: skip
    limited = Dataset([folder]).only(["b"])
    assert [row.source_id for row in limited.rows("sources")] == ["b"]
    assert [i for i, _ in bodies(limited)] == ["o-2", "o-3"]
    assert [row.name for row in limited.rows("names")] == ["乙"]
    assert [row.participation_id for row in limited.rows("participations")] == ["p-2"]
    assert [(row.grant_id, row.regrant_of) for row in limited.rows("grants")] == [("g-2", "")]
    assert [(row.project_id, row.title, row.source_id) for row in limited.rows("projects")] == [
        ("book-1-1", "第1个项目", "")
    ]
    assert check(limited, shapes=False) == []


def test_only_names_the_sources_that_there_are(tmp_path: Path) -> None:
    """An unknown one is an error."""
    with pytest.raises(UnknownIdentifier, match=r"^no source has the id 'x'; there are book-1$"):
        Dataset([book(tmp_path, 1, ("o-1", "甲会"))]).only(["x"])


def test_every_clash_has_its_words() -> None:
    """Each is said in Chinese and in English, with both values."""
    for rule in NOTES | {"source-twice"}:
        finding = Finding(rule=rule, table="t", row="r", column="a / b", value="VALUE", expected="OTHER")
        for language in ("zh", "en"):
            assert "VALUE" in finding.message(language)
            assert "OTHER" in finding.message(language) or rule == "grant-twice"
