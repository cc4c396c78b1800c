"""The command line: help, exit codes, one line for every error."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from cega_graph import __version__
from cega_graph.build import FILES
from cega_graph.cli import main
from cega_graph.model import Row
from factories import TINY_BOOK, a_grant, a_participation, sound_tables, write_sound_dataset


def run(*arguments: object) -> Result:
    """Run a command; whatever no user can cause is raised."""
    result = CliRunner().invoke(main, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def fails(code: int, *arguments: object) -> list[str]:
    """Return the lines of stderr of a command that fails with a code, without `cega-graph: `, and prints no result.

    What `extract` notes about a book comes before and is left out.
    """
    result = run(*arguments)
    assert (code, "") == (result.exit_code, result.stdout)
    lines = [line for line in result.stderr.splitlines() if not line.startswith("case ")]
    assert all(line.startswith("cega-graph: ") for line in lines), result.stderr
    return [line.removeprefix("cega-graph: ") for line in lines]


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command, groups too."""
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


def write_book(folder: Path, text: str = TINY_BOOK) -> Path:
    """Write a casebook's text, line ends untouched."""
    (folder / "book.txt").write_text(text, encoding="utf-8", newline="")
    return folder / "book.txt"


@pytest.mark.parametrize("path", sorted(set(commands())), ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(path: tuple[str, ...], option: str) -> None:
    """Usage, a sentence, an example or what it does; every option has a help text."""
    result = run(*path, option)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("Usage: ")
    explained = ("Example: cega-graph", "Exit code:", "Commands:", "`cega-graph build`")
    assert any(word in " ".join(result.stdout.split()) for word in explained)
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert [p.name for p in command.params if isinstance(p, click.Option) and not p.help] == []


def test_the_commands_are_these() -> None:
    """A promise to users: a new command is added here, none goes."""
    expected = """
        ask
        build
        check
        diff
        export
        extract
        import
        load
        map
        names
        names apply
        names compare
        names find
        query
        rank
    """
    assert sorted(" ".join(path) for path in commands() if path) == [
        c.strip() for c in expected.split("\n") if c.strip()
    ]


def test_the_version_is_the_packages() -> None:
    """One place."""
    assert run("--version").stdout == f"cega-graph, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("build", "--nothing"), ("names",), ("names", "compare", "a"), ("names", "compare", "a", "b", "c"),
     ("names", "compare", "a", "b", "--file", "x"), ("extract", "x"), ("check", "--lang", "de"),
     ("names", "apply", "x"), ("check", "--format", "xml"), ("extract", "x", "-o", "y", "--source-id", "a b")],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With usage on stderr, nothing on stdout and nothing written."""
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["build", "map", "check"])
def test_a_missing_folder_is_exit_code_3(command: str, tmp_path: Path) -> None:
    """One line that says where, what and what to do."""
    output = [] if command == "check" else ["-o", tmp_path / "out"]
    assert fails(3, command, tmp_path / "nowhere", *output) == [
        f"{tmp_path / 'nowhere'}: there is no such folder; give a data set made by extract or import"
    ]
    (tmp_path / "empty").mkdir()
    assert fails(3, command, tmp_path / "empty", *output) == [
        f"{tmp_path / 'empty'}: holds no tables/; give a data set made by extract or import"
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]


BROKEN: dict[str, tuple[dict[str, list[Row]], str]] = {
    "unknown role": (
        {"participations": [a_participation(1, role="boss", locator="r")]},
        "participations p-1: role 'boss' is not allowed; use one of submitter funder co_initiator co_developer "
        "executor grantee intermediary accountable partner supporter adviser other",
    ),
    "duplicate key": (
        {"grants": [a_grant(1), a_grant(1)]},
        "grants g-1: grant_id 'g-1' stands in more than one row; keep one row or correct the id",
    ),
    "dangling id": (
        {"participations": [a_participation(1, organization_id="o-9", locator="r")]},
        "participations p-1: organization_id 'o-9' is in no row of organizations; add the row or correct the id",
    ),
}  # fmt: skip


@pytest.mark.parametrize("command", ["build", "map"])
@pytest.mark.parametrize("what", sorted(BROKEN))
def test_a_data_set_that_does_not_conform_is_not_built(command: str, what: str, tmp_path: Path) -> None:
    """Exit code 1, the findings on stderr, nothing written."""
    changes, expected = BROKEN[what]
    folder = write_sound_dataset(tmp_path, **changes)
    out = tmp_path / "out"
    assert fails(1, command, folder, "-o", out) == [
        expected, "1 finding; nothing was built. `cega-graph check` lists them all"
    ]  # fmt: skip
    assert not out.exists()


@pytest.mark.parametrize("command", ["build", "map"])
def test_a_missing_column_is_not_built(command: str, tmp_path: Path) -> None:
    """The file, the column and what was expected."""
    folder = write_sound_dataset(tmp_path)
    (folder / "tables" / "identifiers.csv").write_text("identifier\nx\n")
    lines = fails(1, command, folder, "-o", tmp_path / "out")
    assert lines[0].startswith(
        "tables/identifiers.csv:1: column 'organization_id' is missing; expected organization_id,identifier,source_id,"
    )
    assert len(lines) == 2
    assert not (tmp_path / "out").exists()


def test_a_table_in_another_encoding_is_exit_code_3(tmp_path: Path) -> None:
    """With the place and what to do."""
    folder = write_sound_dataset(tmp_path)
    (folder / "tables" / "projects.csv").write_bytes("project_id,title\nx,项目\n".encode("gb18030"))
    assert fails(3, "check", folder) == ["tables/projects.csv: byte 19 is not UTF-8; save the file as CSV UTF-8"]


def test_check_says_conforms_in_both_languages(tmp_path: Path) -> None:
    """Exit code 0, nothing on stdout; with the text too."""
    folder = write_sound_dataset(tmp_path)
    book = write_book(tmp_path)
    for language, expected in (("en", "conforms to all rules\n"), ("zh", "符合全部规则\n")):
        result = run("check", folder, "--source", book, "--lang", language)
        assert (0, "", expected) == (result.exit_code, result.stdout, result.stderr)


def test_check_lists_findings_on_stdout(tmp_path: Path) -> None:
    """Exit code 1, one line each, the number on stderr; as JSON with rule, place, values and message."""
    folder = write_sound_dataset(tmp_path, grants=[a_grant(1, amount=-5), a_grant(2, type="gift")])
    result = run("check", folder)
    assert (result.exit_code, result.stderr) == (1, "2 findings\n")
    assert result.stdout.splitlines() == [
        "grants g-1: the amount is negative: -5",
        "grants g-2: type 'gift' is not allowed; use one of award commitment disbursement expenditure incoming "
        "incoming_commitment incoming_pledge pledge future",
    ]
    result = run("check", folder, "--format", "json", "--lang", "zh")
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout)[0] == {
        "rule": "negative-amount", "table": "grants", "row": "g-1", "column": "", "value": "-5", "expected": "",
        "passage": "", "message": "grants g-1: 金额为负：-5",
    }  # fmt: skip


def test_check_refuses_a_source_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 3."""
    assert fails(3, "check", write_sound_dataset(tmp_path), "--source", tmp_path / "no.txt") == [
        "no.txt: cannot be read: No such file or directory; check the path"
    ]


def test_build_says_where_the_page_lies(tmp_path: Path) -> None:
    """The path of the page on stdout, the number of files on stderr."""
    out = tmp_path / "out"
    result = run("build", write_sound_dataset(tmp_path), "-o", out)
    assert (0, f"{out / 'map.html'}\n", f"{out}: {len(FILES)} files\n") == (
        result.exit_code, result.stdout, result.stderr,
    )  # fmt: skip
    assert all((out / name).is_file() for name in FILES)


def test_map_writes_the_page_of_the_build(tmp_path: Path) -> None:
    """The same bytes."""
    folder = write_sound_dataset(tmp_path)
    run("build", folder, "-o", tmp_path / "out")
    result = run("map", folder, "-o", tmp_path / "m.html")
    assert (0, f"{tmp_path / 'm.html'}\n") == (result.exit_code, result.stdout)
    assert (tmp_path / "m.html").read_bytes() == (tmp_path / "out" / "map.html").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("build", "{data}", "-o", "{file}"), "{file}: is a file; choose a folder with -o"),
        (("build", "{data}", "-o", "{file}/x"), "{file}/x: cannot be written: Not a directory{other}"),
        (("map", "{data}", "-o", "{file}/x"), "{file}/x: cannot be written: File exists{other}"),
        (("map", "{data}", "-o", "{data}"), "{data}: cannot be written: Is a directory{other}"),
        (("extract", "{book}", "-o", "{file}"), "{file}: cannot be written: File exists{other}"),
        (("build", "{data}", "-o", "{data}"),
         "{data}: holds 'datapackage.json', which no build made; choose a new or empty folder with -o"),
    ],
)  # fmt: skip
def test_an_output_that_cannot_be_written_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    """Exit code 3; what lies there stays as it was."""
    (tmp_path / "file").write_text("mine")
    places = {"data": write_sound_dataset(tmp_path), "file": tmp_path / "file", "book": write_book(tmp_path)}
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    lines = fails(3, *(a.format(**places) for a in arguments))
    assert lines == [expected.format(**places, other="; choose another folder with -o")]
    assert before == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


@pytest.mark.parametrize("command", ["build", "map", "extract"])
def test_a_full_disk_is_one_line(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError]
) -> None:
    """Exit code 3, the old output whole, no temporary file or folder left."""
    data = write_sound_dataset(tmp_path)
    given = write_book(tmp_path) if command == "extract" else data
    out = tmp_path / "o" / "out"
    run(command, given, "-o", out)
    before = {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()}
    assert before
    with monkeypatch.context() as patch:
        for name in ("write_bytes", "write_text"):
            patch.setattr(Path, name, full_disk)
        lines = fails(3, command, given, "-o", out)
    assert "cannot be written: No space left on device; choose another folder with -o" in lines[-1]
    assert before == {p: p.read_bytes() for p in out.parent.rglob("*") if p.is_file()}
    assert [p.name for p in out.parent.iterdir()] == ["out"]


def test_extract_never_touches_curated(tmp_path: Path) -> None:
    """What a person wrote stays byte for byte; the tables are written anew."""
    book, out = write_book(tmp_path), tmp_path / "data"
    assert run("extract", book, "-o", out).exit_code == 0
    (out / "curated").mkdir()
    curated = out / "curated" / "participations.csv"
    curated.write_bytes(b"participation_id,project_id,organization_id,role,basis\r\np,x,o,funder,prose\r\n")
    before = (curated.read_bytes(), curated.stat().st_mtime_ns)
    tables = {p.name: p.read_bytes() for p in (out / "tables").iterdir()}
    (out / "tables" / "projects.csv").write_text("broken")
    assert run("extract", book, "-o", out).exit_code == 0
    assert before == (curated.read_bytes(), curated.stat().st_mtime_ns)
    assert tables == {p.name: p.read_bytes() for p in (out / "tables").iterdir()}
    assert [p.name for p in (out / "curated").iterdir()] == ["participations.csv"]


def test_extract_strict_writes_nothing_if_anything_is_left(tmp_path: Path) -> None:
    """Exit code 1; the notes say what."""
    book = write_book(tmp_path, TINY_BOOK.replace("指导单位\n", "掌勺单位\n"))
    result = run("extract", book, "-o", tmp_path / "data", "--strict")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines()[-1].endswith("things are left for a person; nothing was written (--strict)")
    assert not (tmp_path / "data").exists()


def test_what_extract_writes_is_read_by_check_and_build(tmp_path: Path) -> None:
    """The whole road on a book that nobody has seen."""
    book, data = write_book(tmp_path), tmp_path / "data"
    result = run("extract", book, "-o", data)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{data}: ")
    checked = run("check", data, "--source", book)
    assert (checked.exit_code, checked.stdout) == (0, ""), checked.stdout
    assert run("build", data, "--source", book, "-o", tmp_path / "out").exit_code == 0


def test_find_takes_any_form_of_a_name(tmp_path: Path) -> None:
    """Exact forms first, else parts; tab-separated id, name, English name, kind; exit code 1 if nothing is found."""
    folder = write_sound_dataset(tmp_path)
    for name in ("候鸟公益基金会", "候鳥公益基金會", "migratory bird foundation"):
        result = run("names", "find", name, "--data", folder)
        assert (result.exit_code, result.stdout) == (0, "o-f\t候鸟公益基金会\tMigratory Bird Foundation\tfoundation\n")
    assert run("names", "find", "盐城", "--data", folder).stdout.count("\n") == 2
    assert fails(1, "names", "find", "无此机构", "--data", folder) == [
        "no body is called '无此机构'; try a part of the name"
    ]


def test_compare_answers_with_a_reason(tmp_path: Path) -> None:
    """Verdict and reason of a pair, or of each pair of a file, cells guarded."""
    result = run("names", "compare", "候鸟公益基金会", "候鳥公益基金會")
    assert result.exit_code == 0
    assert result.stdout.split("\t")[0] == "same"
    (tmp_path / "pairs.csv").write_text("name_a,name_b\n候鸟公益基金会,候鳥公益基金會\n=甲,乙\n", encoding="utf-8-sig")
    result = run("names", "compare", "--file", tmp_path / "pairs.csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(r["name_a"], r["name_b"]) for r in rows] == [("候鸟公益基金会", "候鳥公益基金會"), ("'=甲", "乙")]
    assert rows[0]["verdict"] == "same"
    assert all(r["reason"] for r in rows)


def test_compare_refuses_a_file_without_its_columns(tmp_path: Path) -> None:
    """Exit code 3."""
    (tmp_path / "pairs.csv").write_text("a,b\n1,2\n")
    assert fails(3, "names", "compare", "--file", tmp_path / "pairs.csv") == [
        "pairs.csv:1: column 'name_a' is missing; the first line must be name_a,name_b"
    ]


def test_apply_takes_decisions_in(tmp_path: Path) -> None:
    """Rows with a verdict enter the ledger, others stay open; a contradiction or an unknown verdict writes nothing."""
    ledger = tmp_path / "ledger"
    ledger.mkdir()
    (ledger / "decisions.csv").write_text("name_a,name_b,verdict\n甲会,乙会,same\n", encoding="utf-8")
    filled = tmp_path / "filled.csv"
    filled.write_text("name_a,name_b,verdict,basis\n甲会,丙会,different,seen\n丁会,戊会,,\n", encoding="utf-8")
    result = run("names", "apply", filled, "--ledger", ledger, "--by", "Li", "--on", "2026-01-31")
    assert (0, f"{ledger / 'decisions.csv'}: 1 decisions taken in, 1 rows still open\n") == (
        result.exit_code, result.stdout,
    )  # fmt: skip
    before = (ledger / "decisions.csv").read_text(encoding="utf-8")
    assert before.splitlines()[1:] == ["甲会,丙会,different,Li,2026-01-31,seen,,,", "甲会,乙会,same,,,,,,"]
    for verdict, a, b in (("vielleicht", "甲会", "丁会"), ("same", "乙会", "丙会")):
        filled.write_text(f"name_a,name_b,verdict\n{a},{b},{verdict}\n", encoding="utf-8")
        assert len(fails(1, "names", "apply", filled, "--ledger", ledger, "--by", "Li")) >= 1
        assert before == (ledger / "decisions.csv").read_text(encoding="utf-8")
    assert fails(1, "names", "apply", filled, "--ledger", ledger, "--by", "Li", "--on", "gestern") == [
        "--on: 'gestern' is not a date; write 2026-01-31"
    ]


def test_a_missing_ledger_is_named(tmp_path: Path) -> None:
    """Exit code 3."""
    assert fails(3, "names", "compare", "a", "b", "--ledger", tmp_path / "no") == [
        f"{tmp_path / 'no'}: there is no such folder; give the folder that holds decisions.csv"
    ]


def test_a_closed_pipe_is_no_traceback(tmp_path: Path) -> None:
    """`cega-graph check | head -1`."""
    grants: list[Row] = [a_grant(n, amount=-5) for n in range(3000)]
    folder = write_sound_dataset(tmp_path, grants=[*sound_tables()["grants"][:0], *grants], participations=[])
    done = subprocess.run(
        ["bash", "-c", f"'{sys.executable}' -m cega_graph check '{folder}' | head -1"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.stdout == "grants g-0: the amount is negative: -5\n"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["check", "{data}", "--lang", "zh"], ["names", "find", "候鸟", "--data", "{data}"]]
)
def test_a_terminal_that_is_not_utf_8_gets_its_text(arguments: list[str], tmp_path: Path) -> None:
    """LC_ALL=C, as in many containers."""
    folder = write_sound_dataset(tmp_path, grants=[a_grant(1, amount=-5)])
    done = subprocess.run(
        [sys.executable, "-m", "cega_graph", *(a.format(data=folder) for a in arguments)],
        capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert b"Traceback" not in done.stderr
    assert "候鸟公益基金会" in done.stdout.decode() or "金额为负" in done.stdout.decode()
