"""The knowledge graph as Python users meet it."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
import rdflib

import cega_graph as cg
from cega_graph.errors import CegaGraphError, InvalidData, UnknownIdentifier, UnreadableInput
from cega_graph.model import TABLES
from factories import ASSOCIATION, CENTRE, FOUNDATION, TINY_BOOK, a_grant, a_participation, write_sound_dataset


def test_the_bundled_casebook_is_loaded_where_none_is_named(bundled: cg.KnowledgeGraph) -> None:
    """Fifteen cases, numbered 1 to 15."""
    assert [str(n) for n in range(1, 16)] == sorted(bundled.projects["number"], key=int)
    assert repr(bundled).startswith("<KnowledgeGraph: 1 sources, ")


def test_frames_are_the_tables(tmp_path: Path) -> None:
    """One for each table, its columns those of the contract; `grants` says who gives and gets."""
    kg = cg.load(write_sound_dataset(tmp_path))
    for declared in TABLES:
        extra = ["funder_ids", "grantee_ids"] if declared.name == "grants" else []
        assert [*declared.columns, *extra] == list(getattr(kg, declared.name).columns)


def test_grants_name_funders_and_grantees(tmp_path: Path) -> None:
    """Ids joined by `;` in order; empty where no participation carries the grant; the stored frame is not changed."""
    rows = [
        a_participation(1, grant_id="g-1", role="funder", organization_id=FOUNDATION, locator="r"),
        a_participation(2, grant_id="g-1", role="funder", organization_id=ASSOCIATION, locator="r"),
        a_participation(3, grant_id="g-1", role="funder", organization_id=ASSOCIATION, locator="r", activity="x"),
        a_participation(4, grant_id="g-1", role="grantee", organization_id=CENTRE, locator="r"),
    ]
    kg = cg.load(write_sound_dataset(tmp_path, participations=rows, grants=[a_grant(1), a_grant(2)]))
    assert kg.grants[["grant_id", "funder_ids", "grantee_ids"]].to_numpy().tolist() == [
        ["g-1", f"{ASSOCIATION};{FOUNDATION}", CENTRE], ["g-2", "", ""],
    ]  # fmt: skip
    assert "funder_ids" not in kg.dataset.frame("grants").columns


def test_a_data_set_without_grants_has_the_columns_all_the_same(tmp_path: Path) -> None:
    """No special case for notebooks."""
    kg = cg.load(write_sound_dataset(tmp_path, grants=[], participations=[a_participation(1, locator="r")]))
    assert [] == kg.grants["funder_ids"].tolist() == kg.grants["grantee_ids"].tolist()


def test_grants_that_nobody_carries_name_nobody(tmp_path: Path) -> None:
    """Empty texts, and no word from pandas about types."""
    kg = cg.load(write_sound_dataset(tmp_path, participations=[a_participation(1, locator="r")]))
    assert kg.grants[["funder_ids", "grantee_ids"]].to_numpy().tolist() == [["", ""]]
    assert kg.grants["funder_ids"].dtype == "str"


def test_renderings_are_of_their_kinds(tmp_path: Path) -> None:
    """networkx, rdflib and one HTML file."""
    kg = cg.load(write_sound_dataset(tmp_path))
    assert isinstance(kg.network(), nx.MultiDiGraph)
    assert isinstance(kg.graph(), rdflib.Graph)
    assert len(kg.graph()) == kg.ntriples().count("\n")
    assert "节选" not in kg.page().split('type="application/json">')[0]
    assert "共6个机构和项目，显示" in kg.page(top=3)
    assert kg.page().lower().startswith("<!doctype html>")


def test_changing_a_rendering_changes_no_other(tmp_path: Path) -> None:
    """Each call gives a new one."""
    kg = cg.load(write_sound_dataset(tmp_path))
    kg.network().clear()
    kg.graph().remove((None, None, None))
    grants = kg.grants
    grants.loc[:, "currency"] = "XXX"
    assert kg.network().number_of_nodes() == 6
    assert len(kg.graph()) > 0
    assert kg.grants["currency"].tolist() == ["CNY"]


def test_texts_may_be_named_as_strings(tmp_path: Path) -> None:
    """A path is a path."""
    folder = write_sound_dataset(tmp_path)
    (tmp_path / "book.txt").write_text(TINY_BOOK, encoding="utf-8", newline="\n")
    kg = cg.load(str(folder), source=str(tmp_path / "book.txt"))
    assert kg.sentences is not None


def test_another_text_is_refused(tmp_path: Path) -> None:
    """Its offsets would point at other words."""
    folder = write_sound_dataset(tmp_path)
    (tmp_path / "book.txt").write_text(TINY_BOOK + "x", encoding="utf-8", newline="\n")
    with pytest.raises(UnknownIdentifier, match=r"^book\.txt: is not the text that this data set was read from"):
        cg.load(folder, source=tmp_path / "book.txt")


@pytest.mark.parametrize(
    ("error", "name"), [(UnreadableInput, "nowhere"), (UnreadableInput, "empty"), (InvalidData, "tiny")]
)
def test_what_users_can_cause_is_an_error_of_ours(tmp_path: Path, error: type[CegaGraphError], name: str) -> None:
    """All under one base class."""
    folder = write_sound_dataset(tmp_path)
    (tmp_path / "empty").mkdir()
    (folder / "tables" / "projects.csv").write_text("project_id,text_start\nx,one\n")
    with pytest.raises(error) as caught:
        len(cg.load(tmp_path / name).projects)
    assert isinstance(caught.value, CegaGraphError)
