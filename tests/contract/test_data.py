"""The data in `data/cega-2024`: complete, in sync with what it is made from, and free of the source's sentences."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import frictionless
import pytest

from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import Decision
from cega_graph.sources.text import read_text, unbroken
from cega_graph.vocabulary import themes

RUN = 40
"""So many characters in a row, white space squeezed out, are a sentence of the source and no name."""


def test_frictionless_validates_the_data_package(data_folder: Path) -> None:
    """Types, keys and allowed values of every table, by a tool that is not ours."""
    done = frictionless.validate(str(data_folder / "datapackage.json"))
    assert done.flatten(["resource", "type", "note"]) == []
    assert done.stats["tasks"] >= 9


def test_the_descriptor_says_licence_and_sources(data_folder: Path) -> None:
    """What may be done with the data, and what it was made from."""
    package = frictionless.Package(str(data_folder / "datapackage.json"))
    assert package.name == "cega-2024"
    assert [one for one in package.licenses if one.get("name") and one.get("path")]
    assert [one for one in package.sources if one.get("title")]


def test_curated_tables_are_what_the_sheets_give(data_folder: Path, repository: Path) -> None:
    """`scripts/curate.py --check`."""
    done = subprocess.run(
        [sys.executable, repository / "scripts" / "curate.py", "--check", data_folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_curated_cell_changed_by_hand_is_noticed(tmp_path: Path, repository: Path, copy_dataset: object) -> None:
    """The check names the file."""
    assert callable(copy_dataset)
    folder = copy_dataset(tmp_path)
    path = folder / "curated" / "memberships.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",2018,", ",2017,"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, repository / "scripts" / "curate.py", "--check", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (1, f"{path}: is not what reading/ gives; run `make curate SOURCE=book.txt`\n") == (
        done.returncode, done.stdout,
    )  # fmt: skip


def test_there_are_fifteen_cases_with_header_and_english_title(bundled: KnowledgeGraph) -> None:
    """Numbered 1 to 15; each with title, theme of the casebook, start, and one submitter at least."""
    projects = bundled.projects
    assert [f"cega-2024-{n}" for n in range(1, 16)] == sorted(projects["project_id"], key=lambda p: int(p[10:]))
    printed = {form for theme in themes().values() for form in (theme.label_zh, *theme.printed)}
    assert set(projects["theme"]) <= printed
    for column in ("number", "title", "title_en", "theme", "start_date", "mention"):
        assert (projects[column] != "").all(), column
    rows = bundled.participations
    submitted = Counter(rows[rows["role"] == "submitter"]["project_id"])
    assert set(projects["project_id"]) == set(submitted)


def test_the_alliance_has_its_members(bundled: KnowledgeGraph) -> None:
    """17 members, 8 of them in the committee, one strategic partner, two hosts with dates, chairs with affiliation."""
    rows = bundled.memberships
    assert rows["network_id"].nunique() == 1
    of = {role: rows[rows["role"] == role] for role in rows["role"].unique()}
    members = {*of["member"]["organization_id"], *of["committee"]["organization_id"]}
    assert (len(members), of["committee"]["organization_id"].nunique()) == (17, 8)
    names = dict(zip(bundled.organizations["organization_id"], bundled.organizations["name"], strict=True))
    assert [names[i] for i in of["strategic_partner"]["organization_id"]] == ["能源基金会"]
    hosts = of["host"].sort_values("since")
    assert [(names[row.organization_id], row.since, row.until, row.status) for row in hosts.itertuples()] == [
        ("基金会中心网", "2018", "2024-03", "former"),
        ("中华环保联合会", "2024-04", "", "current"),
    ]
    chairs = [*of["chair"].itertuples(), *of["co_chair"].itertuples()]
    assert (len(of["chair"]), len(of["co_chair"])) == (4, 2)
    assert all(row.affiliation_id in members for row in chairs)


def test_every_statement_has_its_place(bundled: KnowledgeGraph) -> None:
    """Every participation, prose ones too, grant, membership and project has offsets and a mention."""
    for name in ("participations", "grants", "memberships", "projects"):
        frame = bundled.dataset.frame(name)
        assert frame["text_start"].notna().all(), name
        assert (frame["mention"] != "").all(), name
    bases = Counter(bundled.participations["basis"])
    assert set(bases) == {"header", "listed", "prose", "inferred"}
    assert min(bases.values()) > 0


def test_every_offset_in_every_table_reads_back(bundled: KnowledgeGraph, casebook_text_path: Path) -> None:
    """The mention, or one of the two names of a decision that the text states, is what the source prints there."""
    text = read_text(casebook_text_path).text
    wrong: list[tuple[str, object]] = []
    for name in ("names", "identifiers", "projects", "participations", "grants", "memberships"):
        placed = (row for row in bundled.dataset.rows(name) if row.text_start is not None)
        wrong += [(name, row) for row in placed if unbroken(text[row.text_start : row.text_end]) != row.mention]
    decisions: Iterator[Decision] = bundled.dataset.rows("decisions")
    for decision in decisions:
        if decision.text_start is not None:
            printed = unbroken(text[decision.text_start : decision.text_end])
            if printed not in {decision.name_a, decision.name_b}:
                wrong.append(("decisions", decision))
    assert wrong == []


def test_every_body_has_a_known_kind_and_both_names_are_among_its_names(bundled: KnowledgeGraph) -> None:
    """`organizations.name` and `name_en` are each one of the body's names (DESIGN.md)."""
    names = set(zip(bundled.names["organization_id"], bundled.names["name"], strict=True))
    for body in bundled.organizations.itertuples():
        assert (body.organization_id, body.name) in names, body.name
        assert not body.name_en or (body.organization_id, body.name_en) in names, body.name


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture(scope="session")
def runs(casebook_text_path: Path) -> set[str]:
    """Return every run of 40 characters of the casebook that stands in one cell or paragraph, half of it Chinese."""
    parts = map(_squeezed, re.split(r"\t|\n\s*\n", read_text(casebook_text_path).text.replace("\r", "")))
    found = {part[i : i + RUN] for part in parts for i in range(len(part) - RUN + 1)}
    return {run for run in found if len(re.findall("[\u4e00-\u9fff]", run)) >= RUN // 2}


def _tracked(repository: Path) -> list[Path]:
    """Return the files that git holds or would take in; all files where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=repository, capture_output=True, check=False
    )
    if listed.returncode == 0:
        return [repository / name for name in listed.stdout.decode().split("\0") if name]
    hidden = {".git", ".venv", ".venv-wheel", "out", "dist", "build"}
    return [p for p in repository.rglob("*") if p.is_file() and not hidden & set(p.relative_to(repository).parts)]


def test_no_sentence_of_the_casebook_is_in_the_repository(repository: Path, runs: set[str]) -> None:
    """No 40 characters in a row, white space squeezed, in any file that git holds or would take in."""
    assert len(runs) > 10_000
    files = _tracked(repository)
    assert repository / "data" / "decisions.csv" in files
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            continue
        squeezed = _squeezed(text)
        hits = (squeezed[i : i + RUN] for i in range(len(squeezed) - RUN + 1))
        first = next((run for run in hits if run in runs), None)
        if first is not None:
            found.append((path.relative_to(repository).as_posix(), first))
    assert found == []
