"""Folders of tables → one data set: united, in order, framed."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pytest

from cega_graph.dataset import Dataset
from cega_graph.dataset.load import read_dataset
from cega_graph.errors import InvalidData, UnreadableInput
from cega_graph.model import TABLES, Organization, Project
from cega_graph.tabular import read_rows
from factories import FOUNDATION, a_grant, a_participation, an_organization, sound_tables, write_sound_dataset


def shuffle(folder: Path, seed: int) -> None:
    """Put the lines of every table of a data set into another order."""
    for path in sorted(folder.glob("*/*.csv")):
        header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(seed).shuffle(lines)
        path.write_text("".join([header, *lines]), encoding="utf-8")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """One line that says where, what and what to do."""
    with pytest.raises(UnreadableInput, match=r"nowhere: there is no such folder; give a data set made by extract"):
        Dataset([tmp_path / "nowhere"])


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    """A folder of something else is no data set."""
    with pytest.raises(UnreadableInput, match=r"holds no tables/; give a data set made by extract or import$"):
        Dataset([tmp_path])


def test_a_person_fills_what_the_reader_left_empty(tmp_path: Path) -> None:
    """A curated row of the same key fills empty cells and a kind that is not known, and overrules nothing."""
    folder = write_sound_dataset(tmp_path, organizations=[an_organization("o-1", "一", "other", region="320000")])
    (folder / "curated").mkdir()
    (folder / "curated" / "organizations.csv").write_text(
        "organization_id,name,name_en,kind,region\no-1,二,One,company,110000\n", encoding="utf-8"
    )
    expected = [
        Organization(organization_id="o-1", name="一", name_en="One", kind="company", region="320000"),
    ]
    assert expected == list(Dataset([folder]).rows("organizations"))


def test_a_curated_column_may_be_left_out_but_its_key_may_not(tmp_path: Path) -> None:
    """Required columns are asked for by name."""
    folder = write_sound_dataset(tmp_path)
    (folder / "tables" / "projects.csv").write_text("number\n1\n", encoding="utf-8")
    with pytest.raises(InvalidData, match=r"^tables/projects\.csv:1: column 'project_id' is missing; expected "):
        list(Dataset([folder]).rows("projects"))


def test_several_data_sets_are_one(tmp_path: Path) -> None:
    """A body that two of them hold is one body; statements of both are kept, in the stored order."""
    first = write_sound_dataset(tmp_path, "a", projects=[Project(project_id="tiny-2", title="二")])
    second = write_sound_dataset(
        tmp_path, "b",
        projects=[Project(project_id="tiny-1", title="一"), Project(project_id="tiny-2", title="贰", place="上海")],
        participations=[a_participation(n) for n in (9, 8)], memberships=[], names=[], decisions=[],
    )  # fmt: skip
    dataset = Dataset([first, second])
    assert list(dataset.rows("projects")) == [
        Project(project_id="tiny-1", title="一"),
        Project(project_id="tiny-2", title="二", place="上海"),
    ]
    assert [row.organization_id for row in dataset.rows("organizations")] == ["o-a", "o-c", "o-f", "o-n"]
    stated = [row.participation_id for row in dataset.stored_rows("participations")]
    assert sorted(stated) == ["p-1", "p-2", "p-3", "p-4", "p-5", "p-6", "p-8", "p-9"]
    assert stated.index("p-8") < stated.index("p-9")


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_lines_in_a_file_does_not_matter(tmp_path: Path, seed: int) -> None:
    """Rows come in the stored order, whatever order a person saved them in."""
    folder = write_sound_dataset(tmp_path)
    before = {t.name: list(Dataset([folder]).rows(t.name)) for t in TABLES}
    shuffle(folder, seed)
    assert before == {t.name: list(Dataset([folder]).rows(t.name)) for t in TABLES}


def test_rows_in_the_stored_order_are_made_once(tmp_path: Path) -> None:
    """To know that a file is in order takes its cells, not its rows."""
    dataset = Dataset([write_sound_dataset(tmp_path)])
    with mock.patch("cega_graph.dataset.load.read_rows", wraps=read_rows) as reading:
        assert [row.participation_id for row in dataset.rows("participations") if not row.rule] == [
            row.participation_id for row in dataset.stored_rows("participations")
        ]
    assert [call.args[0].name for call in reading.call_args_list].count("participations.csv") == 2


def test_a_stored_inference_is_inferred_anew(tmp_path: Path) -> None:
    """Inferred rows are never read from a file: the rules of this version add them."""
    rows = [*sound_tables()["participations"], a_participation(7, basis="inferred", rule="submitter-funds")]
    dataset = Dataset([write_sound_dataset(tmp_path, participations=rows)])
    inferred = [(r.project_id, r.organization_id, r.role, r.rule) for r in dataset.rows("participations") if r.rule]
    assert inferred == [("tiny-2", FOUNDATION, "funder", "submitter-funds")]


def test_frames_have_the_columns_and_types_of_the_contract(tmp_path: Path) -> None:
    """Texts are str and never missing, offsets Int64, amounts Float64, flags bool; a frame is made once."""
    dataset = Dataset([write_sound_dataset(tmp_path, grants=[a_grant(1), a_grant(2, amount=None, approximate=True)])])
    types = {"string": "str", "integer": "Int64", "number": "Float64", "boolean": "bool"}
    for declared in TABLES:
        frame = dataset.frame(declared.name)
        assert {c: types[declared.types[c]] for c in declared.columns} == dict(frame.dtypes.astype(str))
        texts = [c for c in declared.columns if declared.types[c] == "string"]
        assert not frame[texts].isna().any().any(), declared.name
        assert frame is dataset.frame(declared.name)
    grants = dataset.frame("grants")
    assert grants["amount"].tolist()[0] == float(Decimal("1000.50"))
    assert grants["amount"].isna().tolist() == [False, True]
    assert grants["approximate"].tolist() == [False, True]


def test_an_empty_table_is_an_empty_frame(tmp_path: Path) -> None:
    """Columns and types stay."""
    frame = Dataset([write_sound_dataset(tmp_path, grants=[])]).frame("grants")
    assert (len(frame), str(frame["amount"].dtype), str(frame["approximate"].dtype)) == (0, "Float64", "bool")


def test_reading_a_whole_data_set_collects_every_broken_cell(tmp_path: Path) -> None:
    """All of them at once, one line each, with file, line, column and value."""
    folder = write_sound_dataset(tmp_path)
    (folder / "tables" / "grants.csv").write_text("grant_id,project_id,amount\ng-1,tiny-1,US$10\n,tiny-1,5\n")
    (folder / "tables" / "sources.csv").write_text("source_id,year\ntiny,zwei\n")
    with pytest.raises(InvalidData) as caught:
        read_dataset(folder)
    assert caught.value.findings == [
        "tables/sources.csv:2 year: 'zwei' is not a whole number",
        "tables/grants.csv:2 amount: 'US$10' is not a decimal number; put the currency in its own column, "
        "without separators",
        "tables/grants.csv:3 grant_id: is empty; every row needs one",
    ]


def test_a_sound_data_set_is_read_without_a_word(tmp_path: Path) -> None:
    """The same data set is given back."""
    folder = write_sound_dataset(tmp_path)
    assert (folder,) == read_dataset(folder).folders
