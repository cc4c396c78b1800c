"""Large files are read in a process of their own: the same items, the same errors, and nothing left behind."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cega_graph.errors import CegaGraphError, InvalidData, InvalidMapping, UnreadableInput
from cega_graph.sources import apart
from cega_graph.sources.apart import read_apart
from cega_graph.sources.files import File
from cega_graph.sources.recognise import recognise
from cega_graph.sources.records import Item
from importing_cases import a_grant, files, imported, package, table_file


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """Let every file be read apart, and return the processes that do."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(apart, "LARGE", 0)
    monkeypatch.setattr(apart, "LARGE_PACKED", 0)
    monkeypatch.setattr(apart, "_cores", lambda: 2)
    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def items(path: Path, mapping: Path | None = None) -> list[Item]:
    file = File(path, mapping=mapping)
    return list(read_apart(file, recognise(file)))


def in_this_process(path: Path, mapping: Path | None = None) -> list[Item]:
    file = File(path, mapping=mapping)
    return list(recognise(file).read(file))


def odd_grants() -> list[Any]:
    """Return grants with values of every sort: nested, of thirty digits, mended, unusable."""
    return [
        a_grant(1), a_grant(2, more={"a": [1, None, True, 1.5, "é"]}, title=None), "no object",
        a_grant(3, amountAwarded=10**30, currency="GPB", extra=10**30, awardDate="soon"),
        *(a_grant(n) for n in range(4, 700)),
    ]  # fmt: skip


def test_the_items_are_the_same(tmp_path: Path, all_large: list[subprocess.Popen[bytes]]) -> None:
    """Of a package, of JSON lines that are packed, and of a table with a mapping."""
    whole = package(tmp_path, *odd_grants(), title="Odd", license="CC0")
    lines = tmp_path / "lines.gz"
    lines.write_bytes(gzip.compress("\n".join(json.dumps(grant) for grant in odd_grants()).encode()))
    table = table_file(tmp_path, "who,sum", *(f"Body {n},{n}" for n in range(600)))
    mapping = tmp_path / "m.toml"
    mapping.write_text('[columns]\namount = "sum"\n[roles]\nfunder = "who"\n', encoding="utf-8")
    assert items(whole) == in_this_process(whole)
    assert items(lines) == in_this_process(lines)
    assert items(table, mapping) == in_this_process(table, mapping)
    assert [process.returncode for process in all_large] == [0, 0, 0]


def test_the_data_set_is_the_same(tmp_path: Path, all_large: list[subprocess.Popen[bytes]]) -> None:
    path = package(tmp_path, *odd_grants())
    (tmp_path / "here").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "LARGE", 1 << 40)
        here, _ = imported(tmp_path / "here", path)
    told: list[int] = []
    there, _ = imported(tmp_path, path)
    assert len(all_large) == 1
    assert files(there) == files(here)
    file = File(path, tell=told.append)
    list(read_apart(file, recognise(file)))
    assert told == sorted(told)
    assert told


@pytest.mark.parametrize(
    ("content", "mapping", "kind"),
    [('{"grants": [{"id": 1}, ', "", UnreadableInput), ("a,b\n1,2\n", "[roles]\nfunder='c'", InvalidMapping)],
)  # fmt: skip
def test_the_errors_are_the_same(
    tmp_path: Path, all_large: list[subprocess.Popen[bytes]], content: str, mapping: str, kind: type[CegaGraphError]
) -> None:
    path = table_file(tmp_path, content)
    toml = tmp_path / "m.toml"
    toml.write_text(mapping, encoding="utf-8")
    said = []
    for read in (items, in_this_process):
        with pytest.raises(kind) as caught:
            read(path, toml if mapping else None)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert len(all_large) == 1


def test_a_process_that_breaks_off_is_said_in_one_line(
    tmp_path: Path, all_large: list[subprocess.Popen[bytes]]
) -> None:
    path = package(tmp_path, *odd_grants())
    file = File(path)
    read = read_apart(file, recognise(file))
    next(read)
    os.kill(all_large[0].pid, signal.SIGSTOP)
    os.kill(all_large[0].pid, signal.SIGKILL)
    with pytest.raises(UnreadableInput, match=r"^grants\.json: reading it broke off \(-9\); give it in parts$"):
        list(read)


def test_who_stops_early_ends_the_process(tmp_path: Path, all_large: list[subprocess.Popen[bytes]]) -> None:
    path = package(tmp_path, a_grant(1, currency="GPB"), *odd_grants())
    with pytest.raises(InvalidData, match="nothing was written"):
        imported(tmp_path, path, strict=True)
    assert all_large[0].poll() is not None
    assert not (tmp_path / "data").exists()


def test_small_files_and_a_single_core_start_no_process(
    tmp_path: Path, all_large: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = package(tmp_path, a_grant())
    monkeypatch.setattr(apart, "_cores", lambda: 1)
    assert items(path) == in_this_process(path)
    monkeypatch.setattr(apart, "_cores", lambda: 2)
    monkeypatch.setattr(apart, "LARGE", path.stat().st_size + 1)
    assert items(path) == in_this_process(path)
    assert all_large == []
