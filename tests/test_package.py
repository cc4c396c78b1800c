"""Data packages on disk: written whole or not at all, described, read back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cega_graph import package
from cega_graph.dataset import Dataset
from cega_graph.errors import UnreadableInput, UnwritableOutput
from cega_graph.folders import replace_folder
from cega_graph.model import TABLES, table
from cega_graph.package import read_descriptor, table_schema, write_tables
from factories import an_organization, sound_tables, write_sound_dataset


def contents(folder: Path) -> dict[str, bytes]:
    """Return path → content of every file below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_written_tables_read_back_as_they_were(tmp_path: Path) -> None:
    """Every row of every table comes back, in the stored order."""
    dataset = Dataset([write_sound_dataset(tmp_path)])
    for declared in TABLES:
        expected = sorted(sound_tables()[declared.name], key=str)
        assert expected == sorted(dataset.stored_rows(declared.name), key=str), declared.name


def test_a_table_that_is_left_out_gets_its_header_only(tmp_path: Path) -> None:
    """`tables/` always holds all nine files, `curated/` only those that were given."""
    bodies = [an_organization("o-1", "一")]
    write_tables(tmp_path / "d", {"organizations": bodies})
    write_tables(tmp_path / "d", {"organizations": bodies}, subfolder="curated")
    assert (tmp_path / "d/tables/grants.csv").read_text() == ",".join(table("grants").columns) + "\n"
    assert [f"{t.name}.csv" for t in TABLES] == sorted(
        (p.name for p in (tmp_path / "d/tables").iterdir()), key=[f"{t.name}.csv" for t in TABLES].index
    )
    assert [p.name for p in (tmp_path / "d/curated").iterdir()] == ["organizations.csv"]


def test_what_else_lies_in_the_folder_stays(tmp_path: Path) -> None:
    """Writing `tables/` anew touches neither `curated/` nor other files, nor what people wrote in the descriptor."""
    folder = write_sound_dataset(tmp_path)
    write_tables(folder, {"organizations": [an_organization("o-1", "一")]}, subfolder="curated")
    (folder / "notes.txt").write_text("mine")
    described = {**read_descriptor(folder), "title": "Mine", "licenses": [{"name": "CC0-1.0"}]}
    (folder / "datapackage.json").write_text(json.dumps(described))
    before = contents(folder)
    write_tables(folder, {})
    after = contents(folder)
    assert before["notes.txt"] == after["notes.txt"]
    assert before["curated/organizations.csv"] == after["curated/organizations.csv"]
    assert described == read_descriptor(folder)


@pytest.mark.parametrize("failing", ["cega_graph.package.dump_rows", "pathlib.Path.mkdir", "pathlib.Path.replace"])
def test_a_failed_write_leaves_the_old_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, full_disk: Callable[..., OSError]
) -> None:
    """A full disk at any step leaves the old folder as it was and nothing beside it."""
    folder = write_sound_dataset(tmp_path)
    before = contents(folder)
    with monkeypatch.context() as patch:
        patch.setattr(failing, full_disk)
        with pytest.raises(UnwritableOutput, match="tiny: cannot be written: No space left on device; choose another"):
            write_tables(folder, {})
    assert before == contents(folder)
    assert sorted(p.name for p in folder.iterdir()) == ["datapackage.json", "tables"]


def test_a_folder_that_cannot_take_the_place_leaves_the_old_one_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError]
) -> None:
    """If the second of the two renames fails, the first is taken back."""
    part, final, old = tmp_path / "part", tmp_path / "final", tmp_path / "old"
    for folder in (part, final):
        folder.mkdir()
        (folder / "x").write_text(folder.name)
    rename = Path.replace
    monkeypatch.setattr(Path, "replace", lambda self, to: full_disk() if self == part else rename(self, to))
    with pytest.raises(OSError, match="No space left"):
        replace_folder(part, final, old)
    assert (final / "x").read_text() == "final"
    assert not old.exists()


def test_an_older_folder_is_gone_once_it_is_replaced(tmp_path: Path) -> None:
    """What an interrupted run left under the temporary names does not stay."""
    part, final, old = tmp_path / "part", tmp_path / "final", tmp_path / "old"
    for folder in (part, final, old):
        folder.mkdir()
        (folder / "x").write_text(folder.name)
    replace_folder(part, final, old)
    assert contents(tmp_path) == {"final/x": b"part"}


def test_a_descriptor_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """The error names the file, and nothing is written."""
    folder = write_sound_dataset(tmp_path)
    (folder / "datapackage.json").write_text("{")
    with pytest.raises(UnreadableInput, match=r"^tiny/datapackage\.json: is not JSON: "):
        write_tables(folder, {})
    assert (folder / "tables" / "grants.csv").read_text(encoding="utf-8").count("\n") == 2
    (folder / "datapackage.json").write_text("[]")
    with pytest.raises(UnreadableInput, match=r"^tiny/datapackage\.json: is not a JSON object$"):
        read_descriptor(folder)


def test_a_folder_without_descriptor_has_an_empty_one(tmp_path: Path) -> None:
    """Nothing is made up."""
    assert read_descriptor(tmp_path) == {}


def test_curated_rows_that_fill_others_are_a_resource_of_their_own(tmp_path: Path) -> None:
    """A key may stand in `tables/` and in `curated/` of the three tables that are united, and in no other."""
    folder = write_sound_dataset(tmp_path)
    write_tables(folder, sound_tables(), subfolder="curated")
    paths = {r["name"]: r["path"] for r in read_descriptor(folder)["resources"]}
    expected: dict[str, object] = {}
    for declared in TABLES:
        if declared.name in package.UNITED:
            expected[declared.name] = f"tables/{declared.name}.csv"
            expected[f"curated-{declared.name}"] = f"curated/{declared.name}.csv"
        else:
            expected[declared.name] = [f"tables/{declared.name}.csv", f"curated/{declared.name}.csv"]
    assert expected == paths


def test_the_schema_says_types_keys_and_allowed_values() -> None:
    """The Table Schema of a table holds what its declaration says."""
    schema = table_schema(table("memberships"))
    assert schema["primaryKey"] == ["membership_id"]
    assert schema["missingValues"] == [""]
    fields = {field["name"]: field for field in schema["fields"]}
    assert list(fields) == list(table("memberships").columns)
    assert fields["role"]["constraints"]["enum"] == [
        "member",
        "committee",
        "strategic_partner",
        "host",
        "chair",
        "co_chair",
    ]
    assert fields["text_start"] == {"name": "text_start", "type": "integer"}


def test_a_data_set_can_be_moved(tmp_path: Path) -> None:
    """No path of the machine stands in it."""
    folder = write_sound_dataset(tmp_path)
    before = contents(folder)
    assert all(str(tmp_path).encode() not in content for content in before.values())
    moved = Path(shutil.move(folder, tmp_path / "moved"))
    assert [row.project_id for row in Dataset([moved]).rows("projects")] == ["tiny-1", "tiny-2"]
