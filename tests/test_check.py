"""Each rule of `check`: a data set that breaks exactly it, and the finding in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cega_graph.check import NOTES, RULES, Finding, check
from cega_graph.dataset import Dataset
from cega_graph.model import Identifier, Name, Project, Row
from cega_graph.sources.text import SourceText, read_text
from factories import (
    ASSOCIATION,
    FOUNDATION,
    TINY_BOOK,
    a_grant,
    a_participation,
    a_source,
    sound_tables,
    write_sound_dataset,
)

Changes = dict[str, list[Row]]
PLACE: dict[str, Any] = {"locator": "row=9", "source_id": "tiny"}


def more(table: str, *rows: Row) -> Changes:
    """Return the sound table with more rows."""
    return {table: [*sound_tables()[table], *rows]}


def with_cell(table: str, index: int, **cells: Any) -> Changes:
    """Return the sound table with cells of one row replaced."""
    rows = sound_tables()[table]
    rows[index] = msgspec.structs.replace(rows[index], **cells)
    return {table: rows}


def identifier(code: str, body: str) -> Identifier:
    """Return a statement of a 统一社会信用代码."""
    return Identifier(organization_id=body, identifier=f"CN-USCI-{code}", **PLACE)


BROKEN: dict[str, tuple[Changes, str, str]] = {
    "duplicate-key": (
        more("participations", a_participation(5, role="partner", **PLACE)),
        "participations p-5: participation_id 的值 'p-5' 出现了不止一次；保留一行，或改正编号",
        "participations p-5: participation_id 'p-5' stands in more than one row; keep one row or correct the id",
    ),
    "dangling-id": (
        more("participations", a_participation(9, project_id="tiny-9", **PLACE)),
        "participations p-9: project_id 的值 'tiny-9' 不在 projects 表中；请补上该行或改正编号",
        "participations p-9: project_id 'tiny-9' is in no row of projects; add the row or correct the id",
    ),
    "unknown-value": (
        with_cell("grants", 0, type="gift"),
        "grants g-1: type 的值 'gift' 不在允许的取值内；应为：award commitment disbursement expenditure incoming "
        "incoming_commitment incoming_pledge pledge future",
        "grants g-1: type 'gift' is not allowed; use one of award commitment disbursement expenditure incoming "
        "incoming_commitment incoming_pledge pledge future",
    ),
    "bad-date": (
        with_cell("projects", 1, start_date="去年"),
        "projects tiny-2: start_date 的值 '去年' 不是日期；应写作 2015、2018-09、2024-05-31 或 2017-10/2017-12",
        "projects tiny-2: start_date '去年' is not a date; write 2015, 2018-09, 2024-05-31 or 2017-10/2017-12",
    ),
    "end-before-start": (
        with_cell("projects", 0, end_date="2023-03"),
        "projects tiny-1: 结束 2023-03 早于开始 2023-04；请核对原文",
        "projects tiny-1: ends 2023-03, before it starts 2023-04; compare with the source",
    ),
    "half-offset": (
        with_cell("memberships", 0, text_start=9, text_end=9),
        "memberships m-1: text_start 和 text_end 必须同时填写，且前者小于后者；现为 9, 9",
        "memberships m-1: text_start and text_end go together, the first below the second; they are 9, 9",
    ),
    "no-evidence": (
        with_cell("grants", 0, locator=""),
        "grants g-1: 没有出处：需要 source_id，以及位置（text_start/text_end 或 locator）",
        "grants g-1: has no evidence: give source_id, and a place (text_start and text_end, or locator)",
    ),
    "wrong-offset": (
        with_cell("participations", 4, text_start=0, text_end=4),
        "participations p-5: 0-4 处原文是 '2031'，与 mention 不符；请改正位置或 mention"
        f"（原文：{TINY_BOOK[:24].replace(chr(10), '')}）",
        "participations p-5: the source reads '2031' at 0-4, which is not the mention; correct the offsets or the "
        f"mention (source: {TINY_BOOK[:24].replace(chr(10), '')})",
    ),
    "other-source": (
        with_cell("sources", 0, sha256="0" * 64),
        "sources: 给出的原文与此数据集所读的不是同一份（sha256 不同）：tiny",
        "sources: the text given is not the one that this data set was read from (sha256 differs): tiny",
    ),
    "stored-inference": (
        more("participations", a_participation(9, basis="inferred", rule="submitter-funds", **PLACE)),
        "participations p-9: 推断的行不应存入表中；读取时会按规则重新推断。请删去此行",
        "participations p-9: an inferred row is stored; the rules add it on reading, so delete the row",
    ),
    "bad-identifier": (
        more("identifiers", identifier("91350100M000100Y44", ASSOCIATION)),
        "identifiers o-a: '91350100M000100Y44' 不是有效的统一社会信用代码（GB 32100-2015 校验不符）",
        "identifiers o-a: '91350100M000100Y44' is no valid 统一社会信用代码 (its GB 32100-2015 check digit is wrong)",
    ),
    "kind-conflict": (
        more("identifiers", identifier("91350100M000100Y43", ASSOCIATION)),
        "identifiers o-a: 信用代码说明它是 company，表中写的是 ngo；请改正其一",
        "identifiers o-a: its registration code says company, the table says ngo; correct one of them",
    ),
    "negative-amount": (
        more("grants", a_grant(2, amount=-5)),
        "grants g-2: 金额为负：-5",
        "grants g-2: the amount is negative: -5",
    ),
    "shape": (
        more("projects", Project(project_id="tiny-3", number="3", source_id="tiny")),
        "project tiny-3: 案例没有标题；来源若有，请补上。",
        "project tiny-3: A case has no title; add it if the source gives one.",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> SourceText:
    """Return the text that the sound data set was read from."""
    return a_source(TINY_BOOK)


def test_a_sound_data_set_has_no_findings(tmp_path: Path, book: SourceText) -> None:
    """With the text and with the shapes."""
    assert check(Dataset([write_sound_dataset(tmp_path)]), book) == []


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_a_broken_rule_is_the_one_finding(tmp_path: Path, book: SourceText, rule: str) -> None:
    """One finding, of this rule, that names table, row, value and repair in zh and en."""
    changes, zh, en = BROKEN[rule]
    findings = check(Dataset([write_sound_dataset(tmp_path, **changes)]), book)
    assert [rule] == [finding.rule for finding in findings]
    assert zh == findings[0].message("zh")
    assert en == findings[0].message("en")


def test_every_rule_is_broken_by_a_test() -> None:
    """`cell` has tests of its own, `more-shapes` in test_shapes.py."""
    assert set(RULES) == {*BROKEN, "cell", "more-shapes", "source-twice", *NOTES}  # the last: test_dataset_uniting.py


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("grants", "grant_id,project_id,amount\ng-1,tiny-1,US$10\n",
         "tables/grants.csv:2 amount: 'US$10' is not a decimal number; put the currency in its own column, "
         "without separators"),
        ("projects", "project_id,text_start\ntiny-1,1.5\n",
         "tables/projects.csv:2 text_start: '1.5' is not a whole number"),
        ("organizations", "organization_id\no-1\n",
         "tables/organizations.csv:1: column 'name' is missing; "
         "expected organization_id,name,name_en,kind,level,region,parent_id"),
        ("organizations", "organization_id,name,colour\no-1,一,red\n",
         "tables/organizations.csv:1: column 'colour' is not known; "
         "expected organization_id,name,name_en,kind,level,region,parent_id"),
        ("organizations", "organization_id,name\no-1\n",
         "tables/organizations.csv:2: 1 cells; the header has 2 columns"),
        ("organizations", "organization_id,name\n,一\n",
         "tables/organizations.csv:2 organization_id: is empty; every row needs one"),
        ("organizations", "",
         "tables/organizations.csv:1: the file is empty; expected a header line with "
         "organization_id,name,name_en,kind,level,region,parent_id"),
    ],
)  # fmt: skip
def test_a_broken_cell_is_named_by_file_and_line(tmp_path: Path, name: str, content: str, expected: str) -> None:
    """Cells come first: where one cannot be read, nothing else is said."""
    folder = write_sound_dataset(tmp_path)
    (folder / "tables" / f"{name}.csv").write_text(content, encoding="utf-8")
    findings = check(Dataset([folder]))
    assert [("cell", expected)] == [(f.rule, f.message()) for f in findings]
    assert [expected] == [f.message("zh") for f in findings]


@pytest.mark.parametrize(
    ("table", "index", "column", "value"),
    [
        ("organizations", 0, "kind", "charity"), ("organizations", 1, "level", "x"), ("participations", 1, "role", "x"),
        ("participations", 1, "basis", "x"), ("participations", 1, "rule", "x"), ("names", 0, "status", "x"),
        ("names", 0, "language", "中文"), ("memberships", 0, "role", "x"), ("memberships", 0, "status", "x"),
        ("projects", 0, "status", "x"), ("decisions", 0, "verdict", "x"),
    ],
)  # fmt: skip
def test_every_column_with_fixed_values_is_looked_at(
    tmp_path: Path, table: str, index: int, column: str, value: str
) -> None:
    """A value that is not in the vocabulary is the one finding, by table, column and value."""
    findings = check(
        Dataset([write_sound_dataset(tmp_path, **with_cell(table, index, **{column: value}))]), shapes=False
    )
    assert [("unknown-value", table, column, value)] == [(f.rule, f.table, f.column, f.value) for f in findings]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("organizations", "parent_id"), ("names", "organization_id"), ("names", "source_id"),
        ("identifiers", "organization_id"), ("projects", "source_id"), ("participations", "organization_id"),
        ("participations", "grant_id"), ("grants", "project_id"), ("grants", "regrant_of"),
        ("grants", "conflicts_with"), ("memberships", "network_id"), ("memberships", "affiliation_id"),
    ],
)  # fmt: skip
def test_every_reference_is_followed(tmp_path: Path, table: str, column: str) -> None:
    """An id that no row has is the one finding, with the table that should hold it."""
    folder = write_sound_dataset(tmp_path, **with_cell(table, 0, **{column: "nowhere"}))
    findings = [f for f in check(Dataset([folder]), shapes=False) if f.rule == "dangling-id"]
    assert [(table, column, "nowhere")] == [(f.table, f.column, f.value) for f in findings]


def test_a_key_may_repeat_only_where_rows_are_united(tmp_path: Path) -> None:
    """A curated participation with an id of `tables/` is found; a curated body that adds to one is not."""
    tables = sound_tables()
    folder = write_sound_dataset(tmp_path)
    for name in ("organizations", "projects"):
        (folder / "curated").mkdir(exist_ok=True)
        (folder / "curated" / f"{name}.csv").write_bytes((folder / "tables" / f"{name}.csv").read_bytes())
    assert check(Dataset([folder]), shapes=False) == []
    (folder / "curated" / "participations.csv").write_bytes((folder / "tables" / "participations.csv").read_bytes())
    findings = check(Dataset([folder]), shapes=False)
    assert [("duplicate-key", row.participation_id) for row in tables["participations"]] == [  # type: ignore[attr-defined]
        (f.rule, f.row) for f in findings
    ]


def test_findings_hide_no_others(tmp_path: Path, book: SourceText) -> None:
    """Broken rules of several tables come together, in the order of the tables."""
    changes = {**BROKEN["bad-date"][0], **BROKEN["negative-amount"][0], **BROKEN["wrong-offset"][0]}
    findings = check(Dataset([write_sound_dataset(tmp_path, **changes)]), book)
    assert [f.rule for f in findings] == ["bad-date", "negative-amount", "wrong-offset"]


def test_offsets_are_read_back_only_with_the_text(tmp_path: Path) -> None:
    """Without it a wrong offset cannot be known."""
    assert check(Dataset([write_sound_dataset(tmp_path, **BROKEN["wrong-offset"][0])]), shapes=False) == []


def test_a_name_over_a_line_break_reads_back(tmp_path: Path, book: SourceText) -> None:
    """A mention is the slice without its line breaks."""
    rows: list[Any] = [row for row in sound_tables()["participations"] if "湿地" in row.mention]  # type: ignore[attr-defined]
    assert [book.text[row.text_start : row.text_end] for row in rows] == ["盐城市湿地保\n护协会"] * 2
    assert check(Dataset([write_sound_dataset(tmp_path)]), book, shapes=False) == []


@pytest.mark.parametrize("code", ["91350100M000100Y43", "G1610000713522976L"])
def test_a_kind_that_is_not_known_conflicts_with_nothing(tmp_path: Path, code: str) -> None:
    """`other` says that nobody knew."""
    changes = {**with_cell("organizations", 1, kind="other"), **more("identifiers", identifier(code, ASSOCIATION))}
    assert check(Dataset([write_sound_dataset(tmp_path, **changes)]), shapes=False) == []


def test_a_name_that_a_ledger_knows_needs_no_place(tmp_path: Path) -> None:
    """Only what was printed has one."""
    changes = more("names", Name(organization_id=FOUNDATION, name="MBF", language="en", status="short"))
    assert check(Dataset([write_sound_dataset(tmp_path, **changes)]), shapes=False) == []
    changes = more("names", Name(organization_id=FOUNDATION, name="MBF", mention="MBF", source_id="tiny"))
    findings = check(Dataset([write_sound_dataset(tmp_path, **changes)]), shapes=False)
    assert [f.rule for f in findings] == ["no-evidence"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_message_is_one_line(language: str) -> None:
    """Whatever the value holds."""
    finding = Finding(rule="wrong-offset", table="names", row="o-1", value="1-2", expected="a\nb", passage="c")
    assert "\n" not in finding.message(language)


def test_the_bundled_data_set_conforms(data_folder: Path) -> None:
    """Integrity rules and shapes."""
    assert check(Dataset([data_folder])) == []


def test_every_offset_of_the_bundled_data_set_reads_back(data_folder: Path, casebook_text_path: Path) -> None:
    """With the text of the casebook."""
    findings = check(Dataset([data_folder]), read_text(casebook_text_path), shapes=False)
    assert [f.message() for f in findings if f.rule in {"wrong-offset", "half-offset", "other-source"}] == []


def test_a_wrong_offset_in_the_bundled_data_set_is_found(
    data_folder: Path, casebook_text_path: Path, tmp_path: Path, copy_dataset: Callable[[Path], Path]
) -> None:
    """One participation moved by one character is the one finding."""
    folder = copy_dataset(tmp_path)
    path = folder / "curated" / "participations.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    *cells, start, end = first.rstrip("\n").split(",")
    path.write_text("".join([header, ",".join([*cells, str(int(start) + 1), end]) + "\n", *rest]), encoding="utf-8")
    findings = check(Dataset([folder]), read_text(casebook_text_path), shapes=False)
    wrong = [(f.table, f.row) for f in findings if f.rule == "wrong-offset"]
    assert [("participations", cells[0])] == wrong
