"""Exports as a whole: every format, whole or not at all, the same bytes, persons, counts."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frictionless
import networkx as nx
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from frictionless.resources import TableResource
from hypothesis import given
from lxml import etree

from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.dataset.parquet import read_parquet
from cega_graph.errors import InvalidData, UnwritableOutput
from cega_graph.exporting import FORMATS, export
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import TABLES, Organization, Participation, Row
from cega_graph.package import table_schema, write_tables
from cega_graph.writers.table_files import read_csv, read_xlsx
from cega_graph.writers.tally import REASONS, WORDS, Options
from dataset_strategies import tables
from exports import a_grant_set, stored

FOLDERS = ("parquet", "csv")


def a_dataset(folder: Path, **changes: Any) -> Path:
    """Write `a_grant_set` and return its folder."""
    write_tables(folder / "data", a_grant_set(**changes))
    return folder / "data"


def run(*arguments: object) -> Result:
    """Run a command."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def content(path: Path) -> dict[str, bytes]:
    """Return the bytes of a file, or of the files of a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return {file.name: file.read_bytes() for file in files}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_whole_and_always_the_same(tmp_path: Path, form: str) -> None:
    """Twice over the same place; nothing lies beside it."""
    folder, out = a_dataset(tmp_path), tmp_path / "out" / "file"
    done = run("export", folder, "--format", form, "-o", out)
    assert (done.exit_code, done.stdout.startswith(f"{out}: ")) == (0, True), done.output
    first = content(out)
    assert run("export", folder, "--format", form, "-o", out).exit_code == 0
    assert first == content(out)
    assert [path.name for path in out.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError]
) -> None:
    """One line, exit code 3."""
    folder, out = a_dataset(tmp_path), tmp_path / "out" / "file"
    assert run("export", folder, "--format", form, "-o", out).exit_code == 0
    before = content(out)
    monkeypatch.setattr(Path, "replace", full_disk)
    done = run("export", folder, "--format", form, "-o", out)
    assert (done.exit_code, "cannot be written" in done.stderr, done.stderr.count("\n")) == (3, True, 1), done.output
    assert before == content(out)


@pytest.mark.parametrize(("form", "missing"), [("360giving", "grants"), ("iati", "activities")])
def test_where_nothing_is_left_nothing_is_written(tmp_path: Path, form: str, missing: str) -> None:
    """Exit code 1, the reason, no file; an older one stays."""
    folder, out = a_dataset(tmp_path, project={"description": ""}), tmp_path / "file"
    out.write_text("older", encoding="utf-8")
    done = run("export", folder, "--format", form, "-o", out)
    assert done.exit_code == 1
    assert f"left out 1 {missing}: no description (--fill description=… fills it)\n" in done.stderr
    assert done.stderr.endswith(f"{out}: nothing that the format can hold; no file was written\n")
    assert out.read_text(encoding="utf-8") == "older"
    done = run("export", folder, "--format", form, "-o", out, "--lang", "zh")
    assert done.stderr.endswith(f"{out}: 没有可写出的内容；未写文件\n")


@pytest.mark.parametrize("form", FOLDERS)
def test_a_folder_with_other_files_is_refused(tmp_path: Path, form: str) -> None:
    """Nothing of it is touched; a file in its place is refused too."""
    folder, out = a_dataset(tmp_path), tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("x", encoding="utf-8")
    with pytest.raises(UnwritableOutput, match=r"holds 'thesis\.docx', which no export made; choose a new or empty"):
        export(Dataset([folder]), form, out)
    assert content(out) == {"thesis.docx": b"x"}
    with pytest.raises(UnwritableOutput, match=r"is a file; choose a new or empty folder"):
        export(Dataset([folder]), form, out / "thesis.docx")


def test_the_zip_holds_what_the_folder_holds(tmp_path: Path) -> None:
    """Byte for byte."""
    folder = a_dataset(tmp_path)
    for name in ("folder", "file.zip"):
        assert run("export", folder, "--format", "csv", "-o", tmp_path / name).exit_code == 0
    with zipfile.ZipFile(tmp_path / "file.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == content(tmp_path / "folder")
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


NOT_IN_XLSX = re.compile("[\x00-\x1f\x7f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
"""Control characters and look-alikes of Excel's spelling of them; calamine reads these in its own way."""


@given(tables())
def test_tables_come_back(rows: dict[str, list[Row]]) -> None:
    """CSV, Parquet and XLSX read by our own readers are the rows of the data set, inferred ones among them."""
    with stored(rows) as dataset:
        folder = dataset.folders[0].parent
        expected = {one.name: list(dataset.rows(one.name)) for one in TABLES}
        for form in ("csv", "parquet", "xlsx"):
            export(dataset, form, folder / form, Options(persons=True))
        for one in TABLES:
            assert expected[one.name] == list(read_csv(folder / "csv" / f"{one.name}.csv", one.row))
            assert expected[one.name] == list(read_parquet(folder / "parquet" / f"{one.name}.parquet", one))
            for row, read in zip(expected[one.name], read_xlsx(folder / "xlsx", one), strict=True):
                assert row == read or NOT_IN_XLSX.search(texts_of(row))


def texts_of(row: Row) -> str:
    """Return all texts of a row in one."""
    values = (getattr(row, field) for field in row.__struct_fields__)
    return "".join(value for value in values if isinstance(value, str))


def test_frictionless_and_pyarrow_and_networkx_read_the_casebook(tmp_path: Path, bundled: KnowledgeGraph) -> None:
    """Other people's readers find the same rows, nodes and edges."""
    options = Options(persons=True)
    for form in ("csv", "parquet", "graphml", "gexf", "ftm"):
        export(bundled.dataset, form, tmp_path / form, options)
    for one in TABLES:
        n = len(list(bundled.dataset.rows(one.name)))
        schema = frictionless.Schema.from_descriptor(table_schema(one))
        resource = TableResource(
            path=f"{one.name}.csv", basepath=str(tmp_path / "csv"), schema=schema, encoding="utf-8-sig"
        )
        report = resource.validate()
        assert report.valid, report.flatten(["message"])
        assert pq.read_table(tmp_path / "parquet" / f"{one.name}.parquet").num_rows == n
        assert len(resource.read_rows()) == n
    network = bundled.network()
    for form, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        found = read(tmp_path / form)
        assert set(found.nodes) == set(network.nodes)
        assert found.number_of_edges() == network.number_of_edges()


def persons(folder: Path) -> Path:
    """Write a data set whose grantee is a person."""
    rows = a_grant_set(kinds=("foundation", "person"))
    rows["memberships"], rows["names"] = [], []
    write_tables(folder / "data", rows)
    return folder / "data"


@pytest.mark.parametrize("form", ["ftm", "csv", "graphml", "gexf", "iati"])
def test_persons_are_left_out_unless_asked_for(tmp_path: Path, form: str) -> None:
    """By name and by id; and the line says how to keep them."""
    folder, out = persons(tmp_path), tmp_path / "out.zip" if form != "csv" else tmp_path / "out"
    done = run("export", folder, "--format", form, "-o", out)
    assert "a person (--persons keeps persons)" in done.stderr
    assert not any("滩涂中心".encode() in text or b'"o-g"' in text for text in content(out).values())
    assert run("export", folder, "--format", form, "-o", out, "--persons").exit_code == 0
    assert any("滩涂中心".encode() in text for text in content(out).values())


def test_a_row_of_no_project_is_refused(tmp_path: Path) -> None:
    """Writers that go project by project say which."""
    rows = a_grant_set()
    stray = Participation(participation_id="p-x", project_id="s-2", organization_id="o-f", role="funder",
                          basis="record", source_id="s", locator="row=1")  # fmt: skip
    with stored({**rows, "participations": [stray]}) as dataset:
        for form in ("360giving", "iati", "ftm"):
            with pytest.raises(InvalidData, match=r"^participations: project_id 's-2' is in no row of projects; "):
                export(dataset, form, tmp_path / "out")
    lacking: dict[str, list[Row]] = {**rows, "organizations": [Organization(organization_id="o-f", name="一")]}
    refused = pytest.raises(InvalidData, match=r"^organization_id 'o-g' is in no row of organizations; ")
    with stored(lacking) as dataset, refused:
        export(dataset, "iati", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fill", "status=done"], "use one of planned, ongoing, completed, cancelled"),
        (["--fill", "colour=red"], "iati takes description, status, reporting-org"),
        (["--fill", "status"], "write NAME=VALUE"),
    ],
)
def test_a_wrong_fill_is_wrong_usage(tmp_path: Path, arguments: list[str], said: str) -> None:
    """Exit code 2, and what would be right."""
    done = run("export", a_dataset(tmp_path), "--format", "iati", "-o", tmp_path / "out", *arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_only_limits_an_export(tmp_path: Path) -> None:
    """What another source states is not written."""
    folder = a_dataset(tmp_path)
    other = a_grant_set(project={"project_id": "t-1", "source_id": "t"}, source={"source_id": "t", "title": "T"},
                        grant={"grant_id": "g-2", "project_id": "t-1", "source_id": "t", "identifier": "360G-x-2"},
                        parties=())  # fmt: skip
    write_tables(tmp_path / "other", other)
    out = tmp_path / "out.json"
    done = run("export", folder, tmp_path / "other", "--format", "360giving", "-o", out, "--only", "s")
    assert done.exit_code == 0, done.output
    assert [one["id"] for one in json.loads(out.read_bytes())["grants"]] == ["360G-x-1"]


def test_a_reader_of_xml_sees_no_entity_of_ours(tmp_path: Path) -> None:
    """No document type, nothing to expand."""
    export(Dataset([a_dataset(tmp_path)]), "iati", tmp_path / "out.xml")
    document = etree.parse(tmp_path / "out.xml")
    assert (document.docinfo.doctype, document.docinfo.encoding, document.getroot().get("version")) == (
        "",
        "UTF-8",
        "2.03",
    )


def test_every_reason_is_used_and_said_in_both_languages(repository: Path) -> None:
    """No reason is left over; each stands in docs/exchange.md."""
    folder = repository / "src" / "cega_graph"
    code = "".join(p.read_text(encoding="utf-8") for p in [*(folder / "writers").glob("*.py"), folder / "exporting.py"])
    for key, (zh, en) in {**REASONS, **WORDS}.items():
        assert code.count(f'"{key}"') > 1, key
        assert re.search("[\u4e00-\u9fff]", zh)
        assert not re.search("[\u4e00-\u9fff]", en)
