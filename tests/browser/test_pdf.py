"""Casebooks typeset into PDF by Chromium give the same rows as their text."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, sync_playwright

from browser.test_map import CHROMIUM, FLAGS
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import normalize
from cega_graph.sources.casebook import Extract, read_casebook
from cega_graph.sources.text import SourceText, read_text

pytestmark = pytest.mark.browser

HEAD: Final = '<div style="font-size:9px;width:100%;padding:0 20mm;font-family:Noto Sans CJK SC">环境资助案例精选</div>'
FOOT: Final = '<div style="font-size:9px;width:100%;text-align:center">- <span class="pageNumber"></span> -</div>'
MARGIN: Final = {"top": "25mm", "bottom": "25mm", "left": "20mm", "right": "20mm"}
COLUMNS: Final = "body{columns:2;column-gap:10mm} p{margin:0 0 .7em}"
ONE_COLUMN: Final = "p{margin:0 0 .7em}"
NARROW: Final = "body{columns:3;column-gap:5mm;font-size:9pt} p{white-space:normal;margin:0 0 .3em}"
JUSTIFIED: Final = "body{columns:2;text-align:justify} p{margin:0;text-indent:2em}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


def typeset(browser: Browser, text: str, css: str, path: Path) -> Path:
    """Print a text as a PDF with running heads and page numbers; blank lines part its paragraphs."""
    flowing = "text-indent" in css
    paragraphs = [html.escape(p.strip("\n")) for p in text.split("\n\n") if p.strip()]
    body = "".join(f"<p>{p.replace(chr(10), '' if flowing else '<br>')}</p>" for p in paragraphs)
    page = browser.new_page()
    page.set_content(
        f"<!doctype html><html lang=zh><meta charset=utf-8><style>body{{font:11pt/1.6 'Noto Sans CJK SC'}}"
        f"p{{white-space:pre-wrap}}{css}</style>{body}"
    )
    page.pdf(
        path=str(path), format="A4", display_header_footer=True, header_template=HEAD, footer_template=FOOT,
        margin=MARGIN,  # type: ignore[arg-type]
    )  # fmt: skip
    page.close()
    return path


def said(extract: Extract) -> list[tuple[str, str, str]]:
    """Return case, role and name as printed of every row, in order."""
    numbers = {p.project_id: p.number for p in extract.tables["projects"]}  # type: ignore[attr-defined]
    rows = extract.tables["participations"]
    return [(numbers[r.project_id], r.role, r.mention) for r in rows]  # type: ignore[attr-defined]


def headers(extract: Extract) -> list[tuple[str, str, str, str]]:
    """Return number, dates and theme of every case."""
    return [(p.number, p.start_date, p.end_date, p.theme) for p in extract.tables["projects"]]  # type: ignore[attr-defined]


def read(source: SourceText, ledger: Ledger) -> Extract:
    """Return what the reader makes of a text."""
    return read_casebook(source, "book", ledger, source_id="b")


@pytest.mark.parametrize(
    "css", [COLUMNS, ONE_COLUMN, NARROW, JUSTIFIED], ids=["columns", "one-column", "narrow", "justified"]
)
def test_the_casebook_as_pdf_gives_the_rows_of_its_text(
    css: str, browser: Browser, casebook_text_path: Path, bundled_ledger: Ledger, tmp_path: Path
) -> None:
    text = read_text(casebook_text_path)
    pdf = read_text(typeset(browser, text.text, css, tmp_path / "book.pdf"))
    assert (pdf.text.count("\f") > 10, "环境资助案例精选" in pdf.text) == (True, False)
    expected, found = read(text, bundled_ledger), read(pdf, bundled_ledger)
    assert said(expected) == said(found)
    assert headers(expected) == headers(found)
    pages = [int(r.locator.removeprefix("page=")) for r in found.tables["participations"]]  # type: ignore[attr-defined]
    assert pages == sorted(pages)


@pytest.mark.parametrize("css", [COLUMNS, ONE_COLUMN], ids=["columns", "one-column"])
@pytest.mark.parametrize("book", ["book1", "book4", "book6"])
def test_an_invented_casebook_as_pdf_gives_the_rows_of_its_text(
    book: str, css: str, browser: Browser, tmp_path: Path
) -> None:
    text = read_text(Path(__file__).parents[1] / "data" / "casebooks" / f"{book}.txt")
    pdf = read_text(typeset(browser, text.text, css, tmp_path / "book.pdf"))
    expected, found = read(text, Ledger()), read(pdf, Ledger())
    # A space that a line break takes the place of cannot be seen, unless the book sets the same words elsewhere.
    assert [(*r[:2], normalize(r[2])) for r in said(expected)] == [(*r[:2], normalize(r[2])) for r in said(found)]
    assert headers(expected) == headers(found)
