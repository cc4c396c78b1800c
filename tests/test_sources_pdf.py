"""A PDF → text: heads, columns, paragraphs, and files that are damaged or hostile."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.errors import UnreadableInput
from cega_graph.extracting import write_extract
from cega_graph.model import Evidence
from cega_graph.names.ledger import Ledger
from cega_graph.sources.casebook import read_casebook
from cega_graph.sources.pdf.pieces import Glyph, Page, Piece, pieces_of
from cega_graph.sources.pdf.read import arrange, read_pdf
from cega_graph.sources.text import read_text
from pdf_files import forms_within_forms, laid_out, one_page, pdf_of, shown, stream, swelling


def prose(page: int) -> list[str]:
    """Return three full lines that no other page has."""
    return [f"{chr(0x4E00 + 97 * page + n)}{line[1:]}" for n, line in enumerate(PROSE)]


PROSE = ["项目邀请牧民参与监测并试行", "围栏改造减少原羚受伤的次数", "基金会与管理局签有合作备忘"]


# From glyphs to pieces


def glyphs(text: str, *, x: float = 0, y: float = 50, size: float = 10, advance: float = 10) -> list[Glyph]:
    """Return the glyphs of a text set in squares; a space is a gap of a quarter of one."""
    found = []
    for char in text:
        if char == " ":
            x += size / 4
            continue
        found.append(Glyph(char, x, x + size, y, size))
        x += advance
    return found


def test_a_small_gap_is_a_space_and_a_wide_one_ends_the_piece() -> None:
    wide = [*glyphs("提交机构"), *glyphs("自然学堂 卢辉", x=52)]
    assert [p.text for p in pieces_of(wide)] == ["提交机构", "自然学堂 卢辉"]


def test_letters_set_apart_by_justified_type_are_one_word() -> None:
    assert [p.text for p in pieces_of(glyphs("中国国际民间组织", advance=13))] == ["中国国际民间组织"]


@pytest.mark.parametrize("shift", [0.0, 0.4])
def test_type_printed_twice_for_boldness_is_read_once_and_ligatures_twice(shift: float) -> None:
    bold = [g for x in (0, shift) for g in glyphs("资助方", x=x)]
    ligatures = [Glyph(char, 31, 39, 50, 10) for char in "ff"] + [Glyph("—", 40, 60, 50, 10)] * 2
    numbered = [glyph._replace(order=n) for n, glyph in enumerate([*bold, *ligatures])]
    assert [p.text for p in pieces_of(numbered)] == ["资助方ff——"]


def test_a_bracket_without_its_empty_half_does_not_reach_into_the_next_column() -> None:
    line = [*glyphs("生物）"), *glyphs("学校", x=35)]
    assert [(p.text, p.x0, p.x1) for p in pieces_of(line)] == [("生物）", 0, 25), ("学校", 35, 55)]


# From pieces to text


def test_columns_are_read_one_after_the_other_and_wrapped_lines_joined() -> None:
    left = [*PROSE, *PROSE, "", "资助方", "", "甲基金会、乙协会、丙中心、", "丁研究院"]
    right = [*PROSE[:2], "的长期资助。", "", *PROSE, "全文完。"]
    text, _ = arrange([laid_out({60: left, 220: right})])
    assert text == (
        "".join(PROSE * 2) + "\n\n资助方\n\n甲基金会、乙协会、丙中心、丁研究院\n\n"
        + "".join(PROSE[:2]) + "的长期资助。\n\n" + "".join(PROSE) + "全文完。\n"
    )  # fmt: skip


def test_cells_of_a_header_are_no_columns() -> None:
    header = ["提交机构\t候鸟公益基金会", "开始时间\t2023年", "完成时间\t2024年"]
    text, _ = arrange([laid_out({60: [*header, "", *PROSE]})])
    assert text == "提交机构\t候鸟公益基金会\n开始时间\t2023年\n完成时间\t2024年\n\n" + "".join(PROSE) + "\n"


def test_a_name_goes_on_over_a_page_and_a_form_feed_stands_there() -> None:
    pages = [laid_out({60: [*PROSE, "甲基金会、乙协会、定边宇君"]}), laid_out({60: ["社区文化服务中心。", "", *PROSE]})]
    text, _ = arrange(pages)
    assert text == "".join(PROSE) + "甲基金会、乙协会、定边宇君\f社区文化服务中心。\n\n" + "".join(PROSE) + "\n"


def test_heads_and_page_numbers_go_and_are_counted() -> None:
    pages = [laid_out({60: prose(n)}, head="案例精选", foot=f"- {n} -") for n in range(2, 9)]
    text, notes = arrange(pages)
    assert ("案例精选" in text, "- 3 -" in text, notes) == (
        False, False, ["14 running heads and page numbers are left out"]
    )  # fmt: skip


def test_a_head_that_changes_with_the_chapter_goes_where_it_repeats() -> None:
    heads = ["甲章", "甲章", "甲章", "乙章", "乙章", "丙章的题目"]
    text, _ = arrange([laid_out({60: prose(n)}, head=head) for n, head in enumerate(heads)])
    assert [head in text for head in ("甲章", "乙章", "丙章的题目")] == [False, False, True]


def test_case_numbers_and_labels_at_the_top_of_pages_stay() -> None:
    pages = [
        laid_out({60: [number, f"标题{number}", *prose(n)]}, foot=f"{40 + n}") for n, number in enumerate("142536")
    ]
    text, _ = arrange(pages)
    assert [page.split("\n")[0] for page in text.split("\f")] == list("142536")
    labels = [laid_out({60: ["资助对象", "甲协会", *prose(n)]}) for n in range(6)]
    assert arrange(labels)[0].count("资助对象") == 6


def test_pages_without_text_are_named_and_keep_their_number() -> None:
    text, notes = arrange([laid_out({60: PROSE}), laid_out({}), laid_out({60: ["资助方"]})])
    assert (text.split("\f")[2], notes) == ("资助方\n", ["pages without text, most likely pictures: 2"])


@given(st.lists(st.lists(st.text("甲乙丙丁、。", min_size=1, max_size=13), max_size=8), min_size=1, max_size=4))
def test_no_character_of_the_text_is_lost_or_doubled(pages: list[list[str]]) -> None:
    drawn = [laid_out({60: ["起承转合"[n], *lines, "东南西北"[n]]}) for n, lines in enumerate(pages)]
    text, _ = arrange(drawn)
    assert sorted("".join(text.split())) == sorted("".join(p.text for page in drawn for p in page.pieces))
    assert text.count("\f") == len(pages) - 1


def last_lines(*pages: Sequence[str], gap: float = 8.0) -> str:
    """Return the text of lines at the end of columns 13 characters wide, below paragraphs that show how wide."""
    shown = [*PROSE, "完。", ""] * 4
    text, _ = arrange([laid_out({60: [*shown, *lines] if not n else lines}, gap=gap) for n, lines in enumerate(pages)])
    return text.split("完。\n\n")[4]


@pytest.mark.parametrize(
    ("lines", "header"),
    [
        (
            ["提交机构 候鸟基金会 案例", "方向 环境公益与其他领域的", "跨界联动"],
            "提交机构\t候鸟基金会\t案例方向\t环境公益与其他领域的跨界联动\n",
        ),
        (["提交机构 候鸟基金会 案", "例方向 气候"], "提交机构\t候鸟基金会\t案例方向\t气候\n"),
        (["提交机构\t北方候鸟与", "湿地基金会"], "提交机构\t北方候鸟与\n湿地基金会\n"),
        (["案例方向 生态保护的国际间", "合作"], "案例方向\t生态保护的国际间合作\n"),
        (["开始时间 2023年12月", "2018年起在此"], "开始时间\t2023年12月\n2018年起在此\n"),
        (["开始时间2018年9月"], "开始时间\t2018年9月\n"),
    ],
    ids=[
        "inside-a-name",
        "early-inside-a-name",
        "that-ends-early",
        "on-a-word-like-a-label",
        "that-ends-with-its-date",
        "without-a-gap",
    ],
)
def test_a_header_wraps_inside_a_narrow_column(lines: list[str], header: str) -> None:
    assert last_lines(lines) == header


def test_a_header_that_goes_on_over_a_page_stands_on_the_first() -> None:
    text = last_lines(["提交机构 候鸟基金会 案例"], ["方向 气候变化", "", *PROSE])
    assert text == "提交机构\t候鸟基金会\t案例方向\t气候变化\n\f" + "".join(PROSE) + "\n"


def test_cells_of_a_header_that_take_several_lines_are_put_together() -> None:
    cells = {60: ("提交", "机构"), 90: ("候鸟公益", "基金会"), 140: ("案例", "方向"), 170: ("（气候变化", "与适应）")}
    pieces = [
        Piece(text, x + 5 * text.startswith("（"), x + 10 * len(text) - 5 * text.endswith("）"), 700.0 - 14 * n, 10)
        for n in (0, 1)
        for x, texts in cells.items()
        for text in texts[n : n + 1]
    ]
    below = Piece("项目与牧民商量。", 60, 140, 672, 10)
    text, _ = arrange([Page(595, 842, (*pieces, below))])
    assert text == "提交机构\t候鸟公益基金会\t案例方向\t（气候变化与适应）\n项目与牧民商量。\n"


def test_a_title_below_a_full_line_is_known_by_the_header_below_it() -> None:
    text = last_lines([PROSE[0], "8 湖边围栏改造与牧民共管", "计划", "提交机构\t候鸟基金会"])
    assert text == f"{PROSE[0]}\n8 湖边围栏改造与牧民共管计划\n提交机构\t候鸟基金会\n"


def test_a_full_stop_ends_a_list_whose_last_line_is_full() -> None:
    text = last_lines(["资助方", "甲基金会、乙协会、丙研究会", "丁基金会、戊协会、己中心。", "志愿者在湖边"])
    assert text == "资助方\n甲基金会、乙协会、丙研究会丁基金会、戊协会、己中心。\n志愿者在湖边\n"


@pytest.mark.parametrize("gap", [2.0, 3.0, 8.0])
def test_paragraphs_are_set_apart_by_little(gap: float) -> None:
    assert last_lines([*PROSE, "", "资助对象"], gap=gap) == "".join(PROSE) + "\n\n资助对象\n"


def test_where_nothing_sets_paragraphs_apart_their_short_last_lines_do() -> None:
    text, _ = arrange([laid_out({60: [*PROSE, "完。"] * 10, 220: [*PROSE, "完。"] * 10 + ["资助方", "甲协会"]})])
    assert text == ("".join(PROSE) + "完。\n\n") * 20 + "资助方\n甲协会\n"


def test_dots_that_run_over_the_edge_do_not_widen_the_column() -> None:
    lines = [[line for n in range(8) for line in prose(8 * page + n)] for page in range(13)]
    pages = [laid_out({60: one}) for one in lines]
    dots = [Piece("一 湖边围栏改造……", 60, 201.5, 100.0 - 16 * n, 10) for n in range(3)]
    text, _ = arrange([Page(595, 842, (*pages[0].pieces, *dots)), *pages[1:]])
    assert text.split("\f")[1] == "".join(lines[1])


def test_latin_words_that_justified_type_draws_apart_are_parted_by_spaces() -> None:
    line = [Piece("Global", 60, 100, 700, 10), Piece("Biodiversity", 115, 190, 700, 10)]
    rest = laid_out({60: PROSE}, top=684).pieces
    text, _ = arrange([Page(595, 842, (*line, *rest))])
    assert text.startswith("Global Biodiversity")


def test_a_heading_beside_a_gap_of_the_other_column_does_not_part_the_page() -> None:
    left, right = prose(1) + prose(2) + prose(3), prose(4) + prose(5) + prose(6)
    page = laid_out({60: [*left, "", "", *prose(7)], 220: [*right, "", "", "", *prose(8)]})
    heading = Piece("案例亮点", 60, 110, 638, 12.5)
    text, _ = arrange([Page(595, 842, tuple(sorted((*page.pieces, heading), key=lambda p: (-p.y, p.x0))))])
    assert text.index(prose(7)[2]) < text.index(prose(4)[0])


# Files


def write(content: bytes, folder: Path) -> Path:
    """Write a PDF and return its path."""
    path = folder / "book.pdf"
    path.write_bytes(content)
    return path


def test_a_line_of_a_file_is_read(tmp_path: Path) -> None:
    assert read_pdf(write(one_page(shown("Hello world")), tmp_path)).text == "Hello world\n"


def test_a_page_that_lies_on_its_side_is_read_upright(tmp_path: Path) -> None:
    turned = b"BT /F 12 Tf 0 1 -1 0 300 100 Tm (First line) Tj 0 -16 Td (Second line) Tj ET"
    assert read_pdf(write(one_page(turned), tmp_path)).text == "First line\nSecond line\n"


def test_a_watermark_is_left_out_and_counted(tmp_path: Path) -> None:
    aslant = b" BT /F 40 Tf 0.7 0.7 -0.7 0.7 100 100 Tm (DRAFT) Tj ET"
    read = read_pdf(write(one_page(shown("Hello") + aslant), tmp_path))
    note = "book.pdf: 5 characters that stand aslant or across, such as a watermark, are left out"
    assert (read.text, read.notes) == ("Hello\n", (note,))


LOCKED = f"/Encrypt <</Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <{'41' * 32}> /U <{'42' * 32}>>> /ID [<00> <00>]"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            one_page(shown("x"), trailer=LOCKED),
            "book.pdf: is encrypted and asks for a password; save a copy without one",
        ),
        (one_page(b"0 0 100 100 re f"), "book.pdf: 1 pages without any text, most likely pictures of pages; run text"),
        (pdf_of([b"<</Type /Catalog>>"]), "book.pdf: "),
        (one_page(shown("x"))[:200], "book.pdf: is damaged or no PDF; open it in a PDF reader and save it anew"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 9, "book.pdf: is damaged or no PDF"),
        (b"%PDF-1.7\n%%EOF", "book.pdf: is damaged or no PDF"),
    ],
    ids=["encrypted", "pictures", "no-pages", "cut", "noise", "empty"],
)
def test_what_cannot_be_read_is_said_in_one_line(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_pdf(write(content, tmp_path))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_stream_that_swells_beyond_bounds_is_stopped(tmp_path: Path) -> None:
    path = write(one_page(swelling(3000), "/Filter /FlateDecode"), tmp_path)
    assert path.stat().st_size < 4_000_000
    with pytest.raises(UnreadableInput, match=r"book\.pdf: "):
        read_pdf(path, seconds=60)


def test_forms_that_multiply_are_stopped(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"book\.pdf: reading was stopped after 2 s|broke off|characters"):
        read_pdf(write(forms_within_forms(9), tmp_path), seconds=2)


def test_without_pypdfium2_a_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UnreadableInput) as caught:
        read_pdf(write(one_page(shown("x")), tmp_path))
    expected = "book.pdf: reading a PDF needs pypdfium2; install it with `pip install 'cega-graph[pdf]'`"
    assert expected == str(caught.value)


# A casebook


def in_english_letters(text: str) -> bytes:
    """Return the content of a page with a line of UTF-16 text in a font that maps code to character."""
    codes = text.encode("utf-16-be").hex()
    return f"BT /C 12 Tf 72 700 Td <{codes}> Tj ET".encode()


def a_chinese_book(lines: list[list[str]]) -> bytes:
    """Return a PDF with these lines a page, in a font without outlines whose codes are Unicode."""
    to_unicode = (
        b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        b"1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end"
    )
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [%s] /Count %d>>"
        % (b" ".join(b"%d 0 R" % (7 + 2 * n) for n in range(len(lines))), len(lines)),
        b"<</Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 6 0 R>>",
        b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) "
        b"/Supplement 0>> /FontDescriptor 5 0 R /DW 1000>>",
        b"<</Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 /Ascent 900 "
        b"/Descent -200 /CapHeight 700 /StemV 80>>",
        stream(to_unicode),
    ]
    for number, page in enumerate(lines):
        content = b"BT /C 12 Tf 72 760 Td 20 TL "
        for line in page:
            codes = [part.encode("utf-16-be").hex() for part in line.split("\t")]
            content += f"[{' -2000 '.join(f'<{c}>' for c in codes)}] TJ T* ".encode() if line else b"T* "
        objects.append(
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources <</Font <</C 3 0 R>>>>>>" % (8 + 2 * number)
        )
        objects.append(stream(content + b"ET"))
    return pdf_of(objects)


def test_rows_of_a_pdf_name_their_page_and_its_text_is_written(tmp_path: Path) -> None:
    pages = [
        ["2031 案例集"],
        [
            "1 候⻦归来",
            "",
            "提交机构\t候鸟公益基⾦会",
            "开始时间\t2023年4月",
            "",
            "项目合作方",
            "",
            "资助方",
            "候鸟公益基金会、",
        ],
        ["滩涂保护协会。"],
    ]
    source = read_text(write(a_chinese_book(pages), tmp_path))
    extract = read_casebook(source, "book.pdf", Ledger(), source_id="b")
    assert "候鸟归来\n\n提交机构\t候鸟公益基金会\n" in source.text
    rows = [(r.role, r.mention, r.locator) for r in extract.tables["participations"]]  # type: ignore[attr-defined]
    assert rows == [
        ("submitter", "候鸟公益基金会", "page=2"),
        ("funder", "候鸟公益基金会", "page=2"),
        ("funder", "滩涂保护协会", "page=3"),
    ]
    write_extract(extract, tmp_path / "out", text=source.text)
    written = read_text(tmp_path / "out" / "source.txt")
    assert (written.text, written.sha256) == (source.text, source.sha256)
    for table in extract.tables.values():
        for row in table:
            if isinstance(row, Evidence) and row.text_start is not None:
                assert "".join(source.text[row.text_start : row.text_end].split()) == row.mention
    with (tmp_path / "out" / "tables" / "sources.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["sha256"] == written.sha256
