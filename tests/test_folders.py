"""Folders that are replaced whole: locks, what a killed process leaves, and who puts it right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cega_graph.dataset import Dataset
from cega_graph.errors import UnwritableOutput
from cega_graph.folders import recover, replacing
from factories import write_sound_dataset

HOLD = """
import sys, time
from pathlib import Path
from cega_graph.folders import replacing
with replacing(Path(sys.argv[1])) as part:
    (part / "x").write_text("new")
    print("in", flush=True)
    sys.stdin.readline()
"""


def names(folder: Path) -> list[str]:
    """Return what lies in a folder."""
    return sorted(p.name for p in folder.iterdir())


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Return a function that starts a process which is replacing `tmp_path/final`."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(tmp_path / "final")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ),
        )  # fmt: skip
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_the_second_of_two_writers_is_told(tmp_path: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    """And the first goes on as if nothing had happened; afterwards nothing but the folder is there."""
    first = holder()
    with (
        pytest.raises(UnwritableOutput, match=r"final: another process is writing it; wait for it, or choose another"),
        replacing(tmp_path / "final"),
    ):
        pass
    first.communicate("\n")
    assert (first.returncode, names(tmp_path), names(tmp_path / "final")) == (0, ["final"], ["x"])


def test_a_killed_process_leaves_no_lock(tmp_path: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    """What it left is cleared by the next."""
    killed = holder()
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert [name.rpartition("-")[0] or name for name in names(tmp_path)] == [".final.lock", ".final.part"]
    with replacing(tmp_path / "final") as part:
        assert names(part) == []
    assert names(tmp_path) == ["final"]


@pytest.mark.parametrize("finished", [False, True])
def test_a_kill_between_the_two_renames_is_put_right(tmp_path: Path, *, finished: bool) -> None:
    """By a reader or the next writer, whether or not the new folder had got its name."""
    (tmp_path / ".final.old").mkdir()
    (tmp_path / ".final.old" / "x").write_text("old")
    if finished:
        (tmp_path / "final").mkdir()
        (tmp_path / "final" / "x").write_text("new")
    recover(tmp_path / "final")
    assert (tmp_path / "final" / "x").read_text() == ("new" if finished else "old")
    with pytest.raises(KeyError), replacing(tmp_path / "final"):
        raise KeyError
    assert (tmp_path / "final" / "x").read_text() == ("new" if finished else "old")
    assert names(tmp_path) == ["final"]


def test_a_reader_leaves_a_living_writer_alone(tmp_path: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    """Between its renames the writer holds the lock, so nobody puts the old folder back under its hands."""
    process = holder()
    (tmp_path / ".final.old").mkdir()
    recover(tmp_path / "final")
    assert [name.rpartition("-")[0] or name for name in names(tmp_path)] == [".final.lock", ".final.old", ".final.part"]
    process.communicate("\n")
    assert names(tmp_path) == ["final"]


def test_a_data_set_is_found_again(tmp_path: Path) -> None:
    """Reading puts its tables back."""
    folder = write_sound_dataset(tmp_path)
    whole = [row.organization_id for row in Dataset([folder]).rows("organizations")]
    (folder / "tables").rename(folder / ".tables.old")
    assert [row.organization_id for row in Dataset([folder]).rows("organizations")] == whole
    folder.rename(folder.with_name(f".{folder.name}.old"))
    assert [row.organization_id for row in Dataset([folder]).rows("organizations")] == whole
