"""A casebook's text → the tables: the bundled book, invented books with a key, drawn books, and bad ones."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.errors import UnreadableInput
from cega_graph.model import TABLES, Decision, Evidence, Organization, Participation, Project, Table
from cega_graph.names.ledger import Ledger
from cega_graph.ordering import sort_rows
from cega_graph.sources.casebook import Extract, read_casebook, source_id_of
from cega_graph.sources.text import SourceText, read_text, unbroken
from cega_graph.tabular import read_rows
from factories import TINY_BOOK, a_source, book_of, extract_text, rows_in
from strategies import DrawnBook, sound_books, wild_lists

BOOKS: Final = sorted((Path(__file__).parent / "data" / "casebooks").glob("*.txt"))
N_BOOKS: Final = 7

NAMES_READ_OTHERWISE: Final = {
    # A hospital and schools of a university, whose own names show no subject of study.
    ("book4", "14", "华西第二医院", "name"),
    ("book7", "10", "深圳国际研究生院", "name"),
    ("book7", "10", "苏世民书院", "name"),
    # Phrases for an unnamed many without a word that says so; reported as bodies of unknown kind.
    ("book3", "6", "国家公园管理站", "group"),
    ("book4", "13", "外伶仃岛上的民宿", "group"),
    ("book5", "3", "业主委员会", "group"),
    # A general word before the name is taken for its description.
    ("book7", "6", "抱朴再生", "qualifier"),
}
"""(book, case, mention, column) where the reader, without a ledger, differs from the key, and why."""


def read_key(book: Path, part: str) -> list[dict[str, str]]:
    """Return the rows of a book's key."""
    with book.with_name(f"{book.stem}.{part}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=BOOKS, ids=lambda p: p.stem)
def book(request: pytest.FixtureRequest) -> tuple[Path, Extract]:
    """Return an invented book and what the reader makes of it without a ledger."""
    path: Path = request.param
    return path, read_casebook(read_text(path), path.name, Ledger(), source_id="b")


@pytest.fixture(scope="module")
def casebook(casebook_text_path: Path, bundled_ledger: Ledger) -> tuple[SourceText, Extract]:
    """Return the 2024 casebook and what the reader makes of it with the bundled ledger."""
    text = read_text(casebook_text_path)
    return text, read_casebook(text, casebook_text_path.name, bundled_ledger, source_id="cega-2024")


# The invented books


def test_every_invented_book_is_read() -> None:
    assert [f"book{n}" for n in range(1, N_BOOKS + 1)] == [b.stem for b in BOOKS]
    assert set() == {key[0] for key in NAMES_READ_OTHERWISE} - {b.stem for b in BOOKS}


def test_every_listed_role_and_offset_of_an_invented_book_is_as_in_its_key(book: tuple[Path, Extract]) -> None:
    path, extract = book
    numbers = {p.project_id: p.number for p in rows_in(extract, Project)}
    read = {
        (numbers[r.project_id], r.role, r.mention, r.text_start, r.text_end) for r in rows_in(extract, Participation)
    }
    key = {
        (r["case"], r["role"], r["mention"], int(r["text_start"]), int(r["text_end"])) for r in read_key(path, "gold")
    }
    assert key == read


def test_every_header_of_an_invented_book_is_as_in_its_key(book: tuple[Path, Extract]) -> None:
    path, extract = book
    submitters = {r.project_id: r.mention for r in rows_in(extract, Participation) if r.role == "submitter"}
    read = [
        {
            "case": p.number,
            "title": p.title,
            "submitter": submitters[p.project_id],
            "theme": p.theme,
            "start_date": p.start_date,
            "end_date": p.end_date,
        }
        for p in rows_in(extract, Project)
    ]
    assert read_key(path, "header") == read


def test_names_labels_and_qualifiers_of_an_invented_book_are_as_in_its_key(book: tuple[Path, Extract]) -> None:
    path, extract = book
    numbers = {p.project_id: p.number for p in rows_in(extract, Project)}
    bodies = {o.organization_id: o for o in rows_in(extract, Organization)}
    rows = {(numbers[r.project_id], r.role, r.text_start): r for r in rows_in(extract, Participation)}
    otherwise: set[tuple[str, str, str, str]] = set()
    for key in read_key(path, "gold"):
        row = rows[key["case"], key["role"], int(key["text_start"])]
        body = bodies[row.organization_id]
        read = {
            "name": body.name,
            "label": row.label,
            "qualifier": row.qualifier,
            "section": row.section,
            "basis": row.basis,
            "group": "yes" if body.kind == "group" else "",
        }
        wanted = {**key, "group": key["kind_group"]}
        otherwise |= {(path.stem, key["case"], key["mention"], c) for c in read if read[c] != wanted[c]}
    assert {one for one in NAMES_READ_OTHERWISE if one[0] == path.stem} == otherwise


def test_the_characters_of_an_invented_books_lists_add_up(book: tuple[Path, Extract]) -> None:
    c = book[1].characters
    assert (True, c.total) == (c.total > 0, c.in_rows + c.in_separators + c.in_notes)


def test_every_offset_of_an_invented_book_reads_back(book: tuple[Path, Extract]) -> None:
    path, extract = book
    assert unread(extract, read_text(path).text) == []


# The 2024 casebook


@pytest.mark.parametrize("declared", TABLES, ids=lambda t: t.name)
def test_the_bundled_tables_are_what_the_reader_makes_of_the_casebook(
    declared: Table, casebook: tuple[SourceText, Extract], data_folder: Path
) -> None:
    stored = list(read_rows(data_folder / "tables" / f"{declared.name}.csv", declared.row))
    assert stored == sort_rows(casebook[1].tables[declared.name], declared)


@pytest.mark.parametrize("folder", ["tables", "curated"])
def test_every_offset_of_the_bundled_data_reads_back(
    folder: str, casebook: tuple[SourceText, Extract], data_folder: Path
) -> None:
    text, wrong, n = casebook[0].text, [], 0
    for declared in TABLES:
        path = data_folder / folder / f"{declared.name}.csv"
        for row in read_rows(path, declared.row) if path.exists() and issubclass(declared.row, Evidence) else ():
            if row.text_start is not None or row.text_end is not None:
                n += 1
                if row.mention != unbroken(text[row.text_start : row.text_end]) or not row.mention:
                    wrong.append((declared.name, row))
    assert wrong == []
    assert n > 50


def test_decisions_stated_by_the_casebook_read_back(casebook: tuple[SourceText, Extract], data_folder: Path) -> None:
    stated = [
        d
        for folder in ("tables", "curated")
        for d in read_rows(data_folder / folder / "decisions.csv", Decision)
        if d.text_start is not None
    ]
    read = [unbroken(casebook[0].text[d.text_start : d.text_end]) for d in stated]
    assert [(d, r) for d, r in zip(stated, read, strict=True) if r not in (d.name_a, d.name_b)] == []
    assert stated


def test_the_casebooks_list_characters_add_up_and_none_is_left(casebook: tuple[SourceText, Extract]) -> None:
    c = casebook[1].characters
    assert (c.total, 0) == (c.in_rows + c.in_separators + c.in_notes, c.in_notes)
    assert c.total > 1000


def test_the_casebook_is_read_within_a_second(casebook_text_path: Path) -> None:
    text = read_text(casebook_text_path)
    started = time.process_time()
    read_casebook(text, "book", Ledger())
    assert time.process_time() - started < 1.0


# Drawn books


def unread(extract: Extract, text: str) -> list[object]:
    """Return the rows whose offsets do not read back to their mention."""
    rows = [r for rows in extract.tables.values() for r in rows if isinstance(r, Evidence) and r.text_start is not None]
    return [r for r in rows if r.mention != unbroken(text[r.text_start : r.text_end]).strip()]


@given(sound_books())
def test_a_drawn_book_is_read_as_it_was_written(drawn: DrawnBook) -> None:
    extract = extract_text(drawn.text)
    numbers = {p.project_id: p.number for p in rows_in(extract, Project)}
    read = [(numbers[r.project_id], r.label, r.mention) for r in rows_in(extract, Participation)]
    assert list(drawn.says) == read
    assert unread(extract, drawn.text) == []
    assert [n for n in extract.notes if n.code not in {"undecided-name", "unknown-kind"}] == []


@given(sound_books(), st.sampled_from(["\r\n", "\r", "\u2028"]))
def test_line_ends_move_offsets_only(drawn: DrawnBook, line_break: str) -> None:
    text = drawn.text.replace("\r\n", "\n")
    other = text.replace("\n", line_break)
    before, after = extract_text(text), extract_text(other)
    assert unread(after, other) == []
    assert [(r.role, r.mention) for r in rows_in(before, Participation)] == [
        (r.role, r.mention) for r in rows_in(after, Participation)
    ]


@given(st.lists(wild_lists, min_size=1, max_size=3), st.sampled_from(["\n", "\r\n"]))
def test_whatever_stands_in_a_list_nothing_is_lost(lists: list[str], line_break: str) -> None:
    text = book_of(*lists, line_break=line_break)
    try:
        extract = extract_text(text)
    except UnreadableInput:
        pytest.fail("the header is sound")
    c = extract.characters
    assert c.total == c.in_rows + c.in_separators + c.in_notes
    assert unread(extract, text) == []
    ids = [r.participation_id for r in rows_in(extract, Participation)]
    assert len(ids) == len(set(ids))
    unplaced = [n for n in extract.notes if n.code == "unplaced"]
    assert [n.text for n in unplaced] == [text[n.text_start : n.text_end] for n in unplaced]
    assert c.in_notes <= sum(len(n.text) for n in unplaced)


def test_a_file_with_bom_and_crlf_reads_as_without(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(("\ufeff" + TINY_BOOK.replace("\n", "\r\n")).encode())
    text = read_text(path)
    extract = read_casebook(text, "book.txt", Ledger(), source_id="tiny")
    assert unread(extract, text.text) == []
    assert [r.mention for r in rows_in(extract_text(TINY_BOOK), Participation)] == [
        r.mention for r in rows_in(extract, Participation)
    ]


def test_the_tiny_book_by_eye() -> None:
    extract = extract_text(TINY_BOOK)
    read = [(r.project_id, r.role, r.basis, r.label, r.qualifier, r.mention) for r in rows_in(extract, Participation)]
    both, grantee = "联合发起方 / 执行方", "资助对象（2024 年）"
    assert [
        ("tiny-1", "submitter", "header", "提交机构", "", "候鸟公益基金会"),
        ("tiny-1", "co_initiator", "listed", both, "", "江苏省候鸟研究会"),
        ("tiny-1", "executor", "listed", both, "", "江苏省候鸟研究会"),
        ("tiny-1", "co_initiator", "listed", both, "", "盐城市湿地保护协会"),
        ("tiny-1", "executor", "listed", both, "", "盐城市湿地保护协会"),
        ("tiny-1", "grantee", "listed", grantee, "2024 年", "盐城市滩涂志愿服务中心"),
        ("tiny-1", "grantee", "listed", grantee, "2024 年；个人", "卢小辉"),
        ("tiny-1", "grantee", "listed", grantee, "2024 年", "各地中小学校"),
        ("tiny-2", "submitter", "header", "提交机构", "", "清水公益基金会"),
        ("tiny-2", "funder", "listed", "资助方", "", "清水公益基金会"),
        ("tiny-2", "funder", "listed", "资助方", "", "候鸟公益基金会"),
        ("tiny-2", "adviser", "listed", "指导单位", "", "安徽省生态环境厅"),
    ] == read
    assert [(n.code, n.text) for n in extract.notes] == [("group", "各地中小学校")]


# Bad books


def codes(text: str) -> list[tuple[str, str, str]]:
    """Return (code, case, text) of the notes on a book."""
    return [(n.code, n.case, n.text) for n in extract_text(text).notes]


def test_a_text_without_a_case_says_what_a_case_is() -> None:
    for text in ("只是一段文字。", "提交机构应当说明。\n", "x" * 100, "\x00\x01甲"):
        with pytest.raises(UnreadableInput) as caught:
            extract_text(text)
        line = "book.txt: no case found; a case has a header line that begins with 提交机构 and a tab"
        assert line == str(caught.value)


def test_a_header_without_submitter_is_reported() -> None:
    text = TINY_BOOK.replace("提交机构\t清水公益基金会\t", "")
    assert ("no-submitter", "2", "清水同行") in codes(text)
    assert len(rows_in(extract_text(text), Project)) == 2


def test_two_cases_with_one_number_stay_two() -> None:
    text = TINY_BOOK.replace("\n2 清水同行\n\n", "\n1 清水同行\n\n")
    extract = extract_text(text)
    assert [p.project_id for p in rows_in(extract, Project)] == ["tiny-1", "tiny-1-2"]
    assert [(n.code, n.detail) for n in extract.notes if n.code != "group"] == [("repeated-number", "1-2")]


def test_a_date_nobody_can_read_is_kept_as_printed() -> None:
    text = TINY_BOOK.replace("2022 年", "前年秋天").replace("2024 年\n", "至今\n")
    first, second = rows_in(extract_text(text), Project)
    assert (first.end_date, first.extra) == ("", '{"end_date": "至今"}')
    assert (second.start_date, second.extra) == ("", '{"start_date": "前年秋天"}')
    assert [n for n in codes(text) if n[0] == "bad-date"] == [("bad-date", "2", "前年秋天")]


def test_an_unknown_theme_is_kept_and_reported() -> None:
    assert ("unknown-theme", "2", "深海采矿") in codes(TINY_BOOK.replace("气候变化减缓与适应", "深海采矿"))


def test_a_label_at_the_end_of_the_file_is_reported() -> None:
    assert ("empty-label", "2", "顾问单位") in codes(TINY_BOOK + "\n顾问单位")


def test_a_case_without_number_or_title_is_kept() -> None:
    text = "书名\n\n提交机构\t青禾协会\n开始时间\t2022\n\n项目合作方\n\n资助方\n松柏协会\n"
    assert ("no-number", "1", "书名") in codes(text)
    assert ("no-title", "1", "") in codes(text.removeprefix("书名"))
    assert [r.mention for r in rows_in(extract_text(text), Participation)] == ["青禾协会", "松柏协会"]


def test_a_name_twice_in_one_list_counts_once_and_is_reported() -> None:
    text = book_of("青禾协会、松柏协会、青禾协会")
    assert [r.mention for r in rows_in(extract_text(text), Participation)] == ["候鸟公益基金会", "青禾协会", "松柏协会"]
    assert ("repeated", "1", "青禾协会") in codes(text)


@pytest.mark.parametrize(
    "one",
    [
        "（青禾协会、松柏协会",
        "青禾协会）、松柏协会",
        "青禾协会（、松柏协会",
        "（（（）",
        "“青禾协会、松柏协会",
        "）、（",
        "等",
        "、、、",
        "青禾\x00协会、松柏\x07协会",
    ],
)
def test_unbalanced_brackets_and_control_characters_lose_nothing(one: str) -> None:
    text = book_of(one)
    extract = extract_text(text)
    c = extract.characters
    assert c.total == c.in_rows + c.in_separators + c.in_notes
    assert unread(extract, text) == []


def test_control_characters_stay_in_mentions_and_leave_names() -> None:
    extract = extract_text(book_of("青禾\x00协会、松柏\x07协会"))
    assert {"青禾协会", "松柏协会"} <= {o.name for o in rows_in(extract, Organization)}
    assert [r.mention for r in rows_in(extract, Participation)][1:] == ["青禾\x00协会", "松柏\x07协会"]


@pytest.mark.parametrize(
    "name",
    [
        "<img src=x onerror=alert(1)>协会",
        "</script><script>x</script>协会",
        "=HYPERLINK(1)公司",
        "@SUM(1)协会",
        '"青禾"协会',
        "'青禾'协会",
        "+86协会",
        "-1协会",
        "{{7*7}}协会",
        "青禾\u202e协会",
    ],
)
def test_hostile_names_are_names(name: str) -> None:
    extract = extract_text(book_of(f"{name}、松柏协会"))
    mentions = [r.mention for r in rows_in(extract, Participation)]
    assert ["候鸟公益基金会", name, "松柏协会"] == mentions


_CORES: Final = "禾云溪松柏麓槐榆栖渚汀沅湄鹭雁"


def test_a_list_of_a_thousand_names() -> None:
    names = [f"{a}{b}{c}协会" for a in _CORES for b in _CORES for c in _CORES][:1000]
    text = book_of("、".join(names))
    started = time.process_time()
    extract = extract_text(text)
    assert ["候鸟公益基金会", *names] == [r.mention for r in rows_in(extract, Participation)]
    assert time.process_time() - started < 8


@pytest.mark.parametrize(
    "line",
    [
        "水" * 3_400_000,
        "提交机构\t" * 700_000,
        " " * 10_000_000 + "x",
        "（" * 3_400_000,
        "青禾协会、" * 30_000,
        "江苏、" * 8_000,
        "和" * 3_400_000,
        "1 " * 5_000_000,
    ],
    ids=["prose", "headers", "blanks", "brackets", "names", "places", "conjunctions", "numbers"],
)
@pytest.mark.parametrize("where", ["at the end", "in a list"])
def test_a_very_long_line_takes_seconds(line: str, where: str) -> None:
    text = TINY_BOOK + line if where == "at the end" else book_of(line)
    started = time.process_time()
    extract = extract_text(text)
    assert time.process_time() - started < 15
    assert rows_in(extract, Participation)


@pytest.mark.slow
def test_time_grows_with_the_length_of_the_book() -> None:
    """1,500 cases of the same form take no more than 100 times what 15 take."""

    def book(cases: int) -> str:
        header = "提交机构\t候鸟公益基金会\t案例方向\t生物多样性保护\n开始时间\t2022"
        form = f"\n{{0}} 第{{0}}个案例\n\n{header}\n\n项目背景\n\n{{1}}。\n\n项目合作方\n\n资助方\n{{2}}\n"
        names = ["、".join(f"{a}{b}{_CORES[n % 15]}{n}协会" for a in "禾云溪" for b in "松柏麓") for n in range(cases)]
        return "2031 案例集\n" + "".join(form.format(n + 1, "水" * 1500, names[n]) for n in range(cases))

    def seconds(cases: int) -> float:
        text = book(cases)
        started = time.process_time()
        extract_text(text)
        return time.process_time() - started

    seconds(15)
    small = sorted(seconds(15) for _ in range(3))[1]
    assert seconds(1500) <= 100 * max(small, 0.05)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024 CEGA案例精选\n", "cega-2024"),
        ("\n\n 2031 ABC 案例\n", "abc-2031"),
        ("某案例集", "book-abababab"),
        ("", "book-abababab"),
    ],
)
def test_a_book_that_nobody_named_gets_an_id(text: str, expected: str) -> None:
    assert expected == source_id_of(text, "ab" * 32)


def test_reading_twice_gives_the_same() -> None:
    assert extract_text(TINY_BOOK) == read_casebook(a_source(TINY_BOOK), "book.txt", Ledger(), source_id="tiny")
