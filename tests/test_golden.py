"""Whole commands: what they print, write and exit with, compared byte for byte with `tests/golden`.

`make golden` writes the expected files anew; review the diff.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from cega_graph.cli import main

CASES: Final = sorted((Path(__file__).parent / "golden").glob("*/cmd.txt"))


def test_all_cases_are_found() -> None:
    """An empty glob would pass every test below."""
    assert [path.parent.name for path in CASES] == [
        "ask-all-en", "ask-all-zh", "ask-ambiguous", "ask-like-us-zh", "ask-list-zh", "ask-needs", "ask-path-en",
        "ask-path-zh", "ask-unknown-name", "build-findings", "build-foreign-folder", "check-conforms",
        "check-findings-en", "check-findings-zh", "check-json", "check-missing-column", "check-missing-folder",
        "diff-zh", "extract", "extract-not-a-casebook", "extract-pdf", "extract-strict-zh", "names-compare",
        "names-compare-file", "names-compare-usage", "names-find", "names-find-none", "rank-funders-zh",
    ]  # fmt: skip


def outcome(folder: Path, output: Path) -> dict[str, bytes]:
    """Return the expected files of a case as a run gives them: `stdout.txt`, …, `expected/…`."""
    command = shlex.split((folder / "cmd.txt").read_text(encoding="utf-8"))
    assert command[0] == "cega-graph"
    result = CliRunner().invoke(main, command[1:], prog_name="cega-graph")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    told = {
        "stdout.txt": result.stdout.encode(),
        "stderr.txt": result.stderr.encode(),
        "exit_code.txt": f"{result.exit_code}\n".encode(),
    }
    written = {f"expected/{p.relative_to(output).as_posix()}": p.read_bytes()
               for p in sorted(output.rglob("*")) if p.is_file()}  # fmt: skip
    return told | written


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.parent.name)
def test_a_command_does_what_it_did(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """In a folder with a copy of `input/`, it prints and writes into `output/` what the case says; input stays."""
    case = path.parent
    if (case / "input").is_dir():
        shutil.copytree(case / "input", tmp_path / "input")
    monkeypatch.chdir(tmp_path)
    found = outcome(case, tmp_path / "output")
    assert {p.relative_to(tmp_path): p.read_bytes() for p in (tmp_path / "input").rglob("*") if p.is_file()} == {
        p.relative_to(case): p.read_bytes() for p in (case / "input").rglob("*") if p.is_file()
    }
    if request.config.getoption("--write-golden"):
        shutil.rmtree(case / "expected", ignore_errors=True)
        for name, content in found.items():
            (case / name).parent.mkdir(parents=True, exist_ok=True)
            (case / name).write_bytes(content)
    files = [case / name for name in ("stdout.txt", "stderr.txt", "exit_code.txt")]
    files += sorted(p for p in (case / "expected").rglob("*") if p.is_file())
    assert found == {p.relative_to(case).as_posix(): p.read_bytes() for p in files}
