"""Spark gives what one machine gives, also where tasks fail; and says in one line what is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import cega_graph
from cega_graph.build import report
from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.dataset.parquet import read_parquet
from cega_graph.engines import pieces
from cega_graph.engines import session as sessions
from cega_graph.engines.spark import SPARK_FILES, build_on_spark
from cega_graph.errors import FailedEngine, InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.measures.tallies import Ranked, Total, contradicted, degrees, rankings, totals
from cega_graph.model import TABLES, Row
from cega_graph.ordering import sort_rows
from cega_graph.rdf import iter_lines
from cega_graph.resources import root
from cega_graph.vocabulary import roles
from cega_graph.writers.table_files import iter_csv
from factories import a_grant, write_sound_dataset
from many_grants import write_many_grants

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession


def lines_of(folder: Path) -> list[str]:
    """Return the lines of all parts, sorted; none is lost if one stands twice."""
    parts = sorted((folder / "graph.nt").glob("part-*.nt"))
    return sorted(line for part in parts for line in part.read_text(encoding="utf-8").split("\n")[:-1])


def expected_lines(dataset: Dataset) -> list[str]:
    """Return what one machine writes."""
    return sorted(line for text in iter_lines(dataset) for line in text.split("\n")[:-1])


def rows_of(folder: Path) -> dict[str, list[Row]]:
    """Return the rows of all tables of a build, in the stored order."""
    return {
        one.name: sort_rows(
            (row for part in (folder / f"tables/{one.name}.parquet").glob("part-*") for row in read_parquet(part, one)),
            one,
        )
        for one in TABLES
    }


def assert_equal_to_one_machine(folder: Path, kg: KnowledgeGraph) -> None:
    """Compare triples, tables, totals, rankings and counts."""
    data = kg.dataset
    expected = expected_lines(data)
    assert lines_of(folder) == expected
    assert rows_of(folder) == {one.name: list(data.rows(one.name)) for one in TABLES}
    named = contradicted(data.rows("grants"))
    assert (folder / "totals.csv").read_bytes() == b"".join(iter_csv(totals(data.rows("grants"), named), Total))
    ranked = rankings(degrees(data.rows("participations")), data.rows("organizations"))
    assert (folder / "rankings.csv").read_bytes() == b"".join(iter_csv(ranked, Ranked))
    told = report(kg, len(expected))
    shared = ("sources", "rows", "triples", "participations", "organizations", "grants")
    assert json.loads((folder / "report.json").read_text(encoding="utf-8")) == {
        **{key: told[key] for key in shared}, "left_out": {},
    }  # fmt: skip


@pytest.fixture(scope="session")
def casebook(spark: SparkSession, data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the casebook, built on Spark."""
    folder = tmp_path_factory.mktemp("spark") / "out"
    build_on_spark(spark, str(data_folder), str(folder))
    return folder


def test_the_casebook_is_that_of_one_machine(casebook: Path, bundled: KnowledgeGraph) -> None:
    assert_equal_to_one_machine(casebook, bundled)


def test_it_holds_what_is_listed_and_nothing_of_its_making(casebook: Path) -> None:
    """No staging folder, checksum or other trace stays, in it or beside it."""
    found = {path.relative_to(casebook).as_posix() for path in casebook.rglob("*") if path.is_file()}
    listed = {name for name in found if name.startswith(tuple(SPARK_FILES))}
    assert found == listed
    assert {name for name in found if "/part-" not in name} == {
        *(f"{name}_SUCCESS" for name in SPARK_FILES if name.endswith("/")),
        *(name for name in SPARK_FILES if not name.endswith("/")),
    }
    assert [path.name for path in casebook.parent.iterdir()] == ["out"]


def test_two_thousand_grants_are_those_of_one_machine(spark: SparkSession, tmp_path: Path) -> None:
    """Curated rows, inference, regrants, contradictions, and places that several partitions state in other words."""
    data = write_many_grants(tmp_path / "data", 2_000)
    build_on_spark(spark, str(data), str(tmp_path / "out"))
    assert_equal_to_one_machine(tmp_path / "out", load(data))
    total = (tmp_path / "out/totals.csv").read_text(encoding="utf-8-sig").splitlines()
    assert total[0] == "type,currency,n_grants,gross,net,n_unknown,n_approximate,n_conflicting"
    assert len(total) == 9


def test_its_own_tables_are_input_and_a_build_is_replaced(spark: SparkSession, casebook: Path, tmp_path: Path) -> None:
    """Parquet in parts, with what was inferred; the folder held a build before."""
    shutil.copytree(casebook, tmp_path / "out")
    build_on_spark(spark, str(casebook), str(tmp_path / "out"))
    assert lines_of(tmp_path / "out") == lines_of(casebook)
    assert (tmp_path / "out/rankings.csv").read_bytes() == (casebook / "rankings.csv").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_tasks_that_fail_once_change_nothing(
    spark: SparkSession, data_folder: Path, casebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every first attempt dies after its first records are out: of making the groups, and of writing places."""
    attempts = tmp_path / "attempts"
    attempts.mkdir()

    def dying(function: Any) -> Any:
        name = function.__name__

        def once(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            from pyspark import TaskContext

            context = TaskContext.get()
            assert context is not None
            (attempts / f"{name}-{context.partitionId()}-{context.attemptNumber()}").touch()
            made = function(batches)
            for batch in made:
                yield batch
                if context.attemptNumber() == 0:
                    message = "the first attempt dies"
                    raise RuntimeError(message)

        return once

    for name in ("work", "write_places"):
        monkeypatch.setattr(pieces, name, dying(getattr(pieces, name)))
    build_on_spark(spark, str(data_folder), str(tmp_path / "out"))
    died = {path.name.rpartition("-")[0] for path in attempts.iterdir() if path.name.endswith("-1")}
    assert {name.rpartition("-")[0] for name in died} == {"work", "write_places"}
    assert lines_of(tmp_path / "out") == lines_of(casebook)
    for name in ("totals.csv", "rankings.csv", "report.json"):
        assert (tmp_path / "out" / name).read_bytes() == (casebook / name).read_bytes()


def test_a_build_that_breaks_off_leaves_the_old_one(
    spark: SparkSession, data_folder: Path, casebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        message = "no space left"
        raise OSError(message)

    out = tmp_path / "out"
    shutil.copytree(casebook, out)
    monkeypatch.setattr(pieces, "write_places", broken)
    with pytest.raises(FailedEngine, match=r"^Spark broke off: .*no space left; nothing was changed$"):
        build_on_spark(spark, str(data_folder), str(out))
    assert lines_of(out) == lines_of(casebook)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"grants": [a_grant(project_id="nowhere")]},
         "grants g-1: project_id 'nowhere' is in no row of projects; add the row or correct the id"),
        ({"grants": [a_grant(), a_grant(amount=Decimal(1))]},
         "grants g-1: grant_id 'g-1' stands in more than one row; keep one row or correct the id"),
    ],
)  # fmt: skip
def test_rows_that_do_not_fit_are_told_as_check_tells_them(
    spark: SparkSession, tmp_path: Path, changes: dict[str, list[Row]], expected: str
) -> None:
    data = write_sound_dataset(tmp_path, **changes)
    with pytest.raises(InvalidData) as caught:
        build_on_spark(spark, str(data), str(tmp_path / "out"))
    assert expected in caught.value.findings
    assert not (tmp_path / "out").exists()


def test_a_broken_cell_is_told_with_file_and_line(spark: SparkSession, tiny_data: Path) -> None:
    (tiny_data / "tables/grants.csv").write_text("grant_id,project_id,amount\ng-1,tiny-1,US$10\n", encoding="utf-8")
    with pytest.raises(InvalidData) as caught:
        build_on_spark(spark, str(tiny_data), str(tiny_data / "out"))
    assert caught.value.findings == [
        "tables/grants.csv:2 amount: 'US$10' is not a decimal number; put the currency in its own column, "
        "without separators"
    ]


def test_a_folder_that_no_build_made_is_refused(spark: SparkSession, data_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UnwritableOutput, match=r"holds 'letter.txt', which no build made"):
        build_on_spark(spark, str(data_folder), str(tmp_path))
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_missing_data_set_is_told(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"none: holds no tables/; give a data set"):
        build_on_spark(spark, str(tmp_path / "none"), str(tmp_path / "out"))


def fails(*arguments: str) -> tuple[int, str]:
    """Return exit code and stderr of a command that prints no result."""
    result = CliRunner().invoke(main, ["build", "--engine", "spark", *arguments])
    assert result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr


def test_without_java_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    todo = "install Java 17 or newer (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME"
    assert fails() == (3, f"cega-graph: Spark needs Java, and there is no java on the PATH; {todo}\n")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert fails() == (3, f"cega-graph: Spark needs Java, and JAVA_HOME={tmp_path} holds no bin/java; {todo}\n")


@pytest.mark.parametrize(
    ("says", "version"), [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_392"', 8), ("?", 0)]
)
def test_the_version_of_java_is_read(tmp_path: Path, says: str, version: int) -> None:
    java = tmp_path / "java"
    java.write_text(f"#!/bin/sh\necho '{says}' >&2\n", encoding="utf-8")
    java.chmod(0o755)
    assert sessions.java_version(str(java)) == version


def test_without_pyspark_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    expected = "Spark needs pyspark, which is not installed; python -m pip install 'cega-graph[spark]'"
    assert fails() == (3, f"cega-graph: {expected}\n")


@pytest.mark.parametrize(
    ("master", "expected"),
    [
        ("spark://127.0.0.1:9",
         "--master spark://127.0.0.1:9: does not answer within 5 s; start it or correct the address"),
        ("loca", "--master 'loca' is no address of Spark; use local[2], spark://HOST:PORT, yarn or k8s://URL"),
    ],
)  # fmt: skip
def test_a_master_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, master: str, expected: str) -> None:
    monkeypatch.setattr(sessions, "_require_java", lambda: None)
    assert fails("--master", master) == (3, f"cega-graph: {expected}\n")


def test_options_of_spark_want_spark() -> None:
    result = CliRunner().invoke(main, ["build", "--master", "local[2]"])
    assert (result.exit_code, "--master and --conf go with --engine spark" in result.stderr) == (2, True)


def test_an_archived_package_has_its_vocabularies(tmp_path: Path) -> None:
    """As `--py-files` ships it: nothing of it is a file of its own."""
    package = Path(cega_graph.__file__).parent
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for path in package.rglob("*.py"):
            archive.write(path, f"cega_graph/{path.relative_to(package).as_posix()}")
        for path in root("ontology").iterdir():
            if path.is_file():
                archive.write(path, f"cega_graph/ontology/{path.name}")
    said = "import cega_graph.engines.pieces as p, cega_graph.vocabulary as v; print(p.__file__, len(v.roles()))"
    done = subprocess.run(
        [sys.executable, "-c", said], env={"PYTHONPATH": str(tmp_path / "package.zip")}, cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == [str(tmp_path / "package.zip/cega_graph/engines/pieces.py"), str(len(roles()))]
