"""Frames of whole data sets by columns: the same as from rows."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.dataset import Dataset
from cega_graph.dataset.frames import compare_neighbours, rows_frame
from cega_graph.model import TABLES, Organization, Participation, Row, table
from cega_graph.package import CURATED_FOLDER, write_tables
from dataset_strategies import stated_participations, tables
from factories import a_grant, a_participation, write_sound_dataset, write_tiny_dataset
from many_grants import write_many_grants
from test_dataset_load import shuffle

NAMES: Final = tuple(declared.name for declared in TABLES)


def assert_the_same_by_columns(folder: Path, *, always: bool = True, names: Sequence[str] = NAMES) -> None:
    """Compare each frame with the one that rows give.

    Args:
        always: Columns have to give each frame that has a file.
        names: The tables.
    """
    dataset = Dataset([folder])
    for declared in map(table, names):
        by_columns = dataset._by_columns(declared)
        assert by_columns is not None or not always or not dataset.files(declared.name), declared.name
        if by_columns is not None:
            pd.testing.assert_frame_equal(rows_frame(declared, dataset.rows(declared.name)), by_columns)


def test_the_casebook(data_folder: Path) -> None:
    """Two files a table, two rules that infer."""
    assert_the_same_by_columns(data_folder)


@pytest.mark.parametrize("seed", range(2))
def test_many_grants_in_any_order(tmp_path: Path, seed: int) -> None:
    """With curated rows, and with lines that a person put into another order."""
    folder = write_many_grants(tmp_path / "many", 300, seed=seed)
    assert_the_same_by_columns(folder)
    shuffle(folder, seed)
    assert_the_same_by_columns(folder)


def test_what_build_wrote(built: Path) -> None:
    """Guards come off; stored inferences are inferred anew."""
    assert_the_same_by_columns(built)


@given(read=tables(), kept=tables(), chance=st.randoms(use_true_random=False))
def test_hostile_rows_in_two_files(
    read: dict[str, list[Row]], kept: dict[str, list[Row]], chance: random.Random
) -> None:
    """Keys that both hold are united, or left to the rows; texts that a reader of columns refuses are, too."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_tables(folder, read)
        write_tables(folder, kept, subfolder=CURATED_FOLDER)
        for path in sorted(folder.glob("*/*.csv")):
            if chance.random() < 0.2:
                path.unlink()
        assert_the_same_by_columns(folder, always=False)


@given(rows=stated_participations(), placed=st.lists(st.none() | st.integers(0, 3), min_size=8, max_size=8))
def test_what_the_rules_add_stands_where_rows_put_it(rows: list[Participation], placed: list[int | None]) -> None:
    """Project by project, wherever the submitter is named."""
    cells: list[dict[str, Any]] = [{"text_start": at, "text_end": None if at is None else at + 1} for at in placed]
    given_rows = [Participation(**{c: getattr(row, c) for c in row.__struct_fields__} | more)
                  for row, more in zip(rows, cells, strict=False)]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        write_tables(Path(name), {"participations": given_rows})
        assert_the_same_by_columns(Path(name), names=("participations",))


def test_two_rows_with_one_key_are_left_to_the_rows(tmp_path: Path) -> None:
    """Which of two amounts comes first, floats cannot tell."""
    folder = write_tiny_dataset(tmp_path, changes={"grants": [a_grant(1, amount=None), a_grant(1)]})
    assert Dataset([folder])._by_columns(table("grants")) is None
    assert_the_same_by_columns(folder, always=False)


def test_a_body_that_stands_three_times_is_filled_from_each(tmp_path: Path) -> None:
    """In the order of the files, and in each in that of the rows."""
    rows = [Organization(organization_id="o-1", name=name, kind="other", level=level)
            for name, level in (("乙", "national"), ("甲", ""))]  # fmt: skip
    folder = write_sound_dataset(tmp_path, organizations=rows)
    curated = [Organization(organization_id="o-1", name="丙", kind="ngo", region="110000")]
    write_tables(folder, {"organizations": curated}, subfolder=CURATED_FOLDER)
    frame = Dataset([folder])._by_columns(table("organizations"))
    assert frame is not None
    assert frame[["name", "kind", "level", "region"]].to_numpy().tolist() == [["乙", "ngo", "national", "110000"]]
    assert_the_same_by_columns(folder)


def test_several_folders_and_renamed_projects_are_left_to_the_rows(tmp_path: Path) -> None:
    """What is called otherwise in the whole is not told by columns."""
    one, other = write_sound_dataset(tmp_path, "a"), write_sound_dataset(tmp_path, "b")
    assert Dataset([one, other])._by_columns(table("projects")) is None
    assert Dataset([one]).only(["tiny"])._by_columns(table("projects")) is not None


def test_what_is_wrong_is_said_as_rows_say_it(tmp_path: Path) -> None:
    """The same error, with the same line."""
    folder = write_sound_dataset(tmp_path, participations=[a_participation(1)])
    path = folder / "tables" / "participations.csv"
    path.write_text(path.read_text(encoding="utf-8") + "p-2,x\n", encoding="utf-8")
    with pytest.raises(
        Exception, match=r"^tables/participations\.csv:3: 2 cells; the header has 18 columns$"
    ) as raised:
        Dataset([folder]).frame("participations")
    assert type(raised.value).__name__ == "InvalidData"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], (True, False)),
        ([("a", 1)], (True, False)),
        ([("a", None), ("a", -5), ("a", 3), ("b", None)], (True, False)),
        ([("a", 1), ("a", 1)], (True, True)),
        ([("a", 1), ("a", None)], (False, False)),
        ([("b", 1), ("a", 2)], (False, False)),
        ([("Z", 1), ("a", 1), ("é", 1), ("名", 1), ("𠮷", 1)], (True, False)),
    ],
)
def test_neighbours_are_compared_column_by_column(
    cells: list[tuple[str, int | None]], expected: tuple[bool, bool]
) -> None:
    """By code points; missing numbers first."""
    frame = pd.DataFrame({
        "text": pd.Series([text for text, _ in cells], dtype="str"),
        "at": pd.Series([at for _, at in cells], dtype="Int64"),
    })  # fmt: skip
    assert compare_neighbours(frame, ["text", "at"]) == expected
