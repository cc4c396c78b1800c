"""Two invented casebooks and the bundled one in one graph: counts add up, limits give each book back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.extracting import write_extract
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.names.ledger import Ledger
from cega_graph.sources.casebook import read_casebook
from cega_graph.sources.text import read_text

BOOKS = ("book1", "book2")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, bundled_ledger: Ledger) -> list[Path]:
    """Return the data sets of the bundled book and of two invented ones."""
    made = [data_folder]
    for name in BOOKS:
        text = Path(__file__).parent / "data" / "casebooks" / f"{name}.txt"
        extracted = read_casebook(read_text(text), text.name, bundled_ledger, source_id=name)
        made.append(tmp_path_factory.mktemp("books") / name)
        write_extract(extracted, made[-1])
    return made


@pytest.fixture(scope="module")
def whole(folders: list[Path]) -> KnowledgeGraph:
    """Return the three as one graph."""
    return load(*folders)


def statements(rows: Iterable[Any]) -> Counter[tuple[str, ...]]:
    """Return who is said to do what, by the words of print, so that ids do not matter."""
    return Counter((r.source_id, r.project_id, r.role, r.basis, r.mention, str(r.text_start)) for r in rows)


def test_every_statement_is_there_once_and_says_its_source(folders: list[Path], whole: KnowledgeGraph) -> None:
    """What is stated, and what the rules infer, of three books is the sum of the three."""
    for table in ("projects", "sources", "grants"):
        assert sum(len(list(Dataset([f]).rows(table))) for f in folders) == len(list(whole.dataset.rows(table)))
    apart = sum((statements(Dataset([f]).rows("participations")) for f in folders), Counter[tuple[str, ...]]())
    assert apart == statements(whole.dataset.rows("participations"))


def test_a_body_of_several_books_is_one_body_with_several_sources(folders: list[Path], whole: KnowledgeGraph) -> None:
    """SEE Foundation stands in all three."""
    names = whole.names[whole.names["name"] == "北京市企业家环保基金会"]
    assert names["organization_id"].nunique() == 1
    alone = sum(len(list(Dataset([f]).rows("organizations"))) for f in folders)
    shared = alone - len(whole.organizations)
    assert shared > 0
    rows = whole.participations
    of_see = rows[rows["organization_id"] == names["organization_id"].iloc[0]]
    assert set(of_see["source_id"]) >= {"cega-2024", "book1"}


@pytest.mark.parametrize(("position", "source"), [(0, "cega-2024"), (1, "book1"), (2, "book2")])
def test_questions_limited_to_one_book_are_those_of_the_book_alone(
    folders: list[Path], position: int, source: str
) -> None:
    """The same answers, ranks and network."""
    alone, limited = load(folders[position]), load(*folders, only=[source])
    for role in ("funder", "grantee"):
        assert alone.rank(role).equals(limited.rank(role))
    for question in ("CQ01", "CQ05"):
        assert alone.ask(question).equals(limited.ask(question))
    assert sorted(alone.network().edges(keys=True)) == sorted(limited.network().edges(keys=True))
    assert alone.ntriples() == limited.ntriples()


def test_ranks_over_all_books_count_the_projects_of_each(folders: list[Path], whole: KnowledgeGraph) -> None:
    """By the names of the whole, a funder's projects are those of the three books together."""
    counted: Counter[str] = Counter()
    for folder in folders:
        one = load(folder)
        frame = one.rank("funder", top=10_000)
        counted.update(dict(zip(frame["organization_id"], frame["score"], strict=True)))
    frame = whole.rank("funder", top=10_000)
    assert counted == Counter(dict(zip(frame["organization_id"], frame["score"], strict=True)))


def run(*arguments: object) -> tuple[int, str, str]:
    """Run a command; return exit code, stdout and stderr."""
    done = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return done.exit_code, done.stdout, done.stderr


def test_commands_take_one_source(folders: list[Path], tmp_path: Path) -> None:
    """`build`, `map`, `rank`, `ask`, `query` and `export`, each with --only."""
    data = [part for folder in folders for part in ("--data", folder)]
    alone = ["--data", folders[1]]
    for asked in (["rank", "funder", "--format", "csv"], ["ask", "CQ01", "--format", "csv"],
                    ["query", "SELECT ?p { ?p a cega:Project } ORDER BY ?p", "--format", "csv"]):  # fmt: skip
        assert run(*asked, *data, "--only", "book1")[:2] == run(*asked, *alone)[:2]
    assert run("build", *folders, "--only", "book1", "-o", tmp_path / "out")[0] == 0
    report = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert [one["source_id"] for one in report["sources"]] == ["book1"]
    for command in ("map", "export"):
        form = ["--format", "ftm"] if command == "export" else []
        for given, name in ((folders, "limited"), (folders[1:2], "alone")):
            code, _, said = run(command, *given, *form, "--only", "book1", "-o", tmp_path / f"{command}-{name}")
            assert code == 0, said
        limited, one = (tmp_path / f"{command}-{name}" for name in ("limited", "alone"))
        assert limited.read_bytes() == one.read_bytes()


def test_an_unknown_source_is_named(folders: list[Path]) -> None:
    """With those that there are."""
    code, _, said = run("rank", "funder", "--data", folders[1], "--only", "book9")
    assert (code, said) == (3, "cega-graph: no source has the id 'book9'; there are book1\n")


def test_only_does_not_go_with_a_built_folder(built: Path) -> None:
    """It holds one graph, and no tables that could be limited."""
    code, _, said = run("query", "ASK {}", "--data", built, "--only", "cega-2024")
    assert (code, "--only takes data sets; a built folder or an RDF file holds one graph" in said) == (2, True)
