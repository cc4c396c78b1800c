"""Finding, asking, filtering and taking away, each once by pointer and once by keyboard."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.test_map import Visit, browser, file  # noqa: F401 - fixtures
from browser.tiny_page import FORMULA, IMAGE, SCRIPT, SHOWN

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser: Browser, file: Path) -> Iterator[Visit]:  # noqa: F811
    """Yield the open page; afterwards it has asked for nothing but itself and has not complained."""
    opened = Visit(browser, file)
    yield opened
    asked = [url for url in opened.requests if not url.startswith("blob:")]
    assert (asked, opened.complaints) == ([file.as_uri()], [])
    opened.context.close()


def saved(visit: Visit, what: str) -> bytes:
    """Return the file that an export gives."""
    visit.page.click("#take summary")
    with visit.page.expect_download() as download:
        visit.page.click(f"#take button[value={what}]")
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("候鸟", "o-1"),
        ("houniao", "o-1"),
        ("hnjjh", "o-1"),
        ("MBF", "o-1"),
        ("how", "o-2"),
        ("hw", "o-2"),
        ("wetlands house", "o-2"),
        ("SDZJ", "o-2"),
        ("heliulianmeng", "o-8"),
        ("2", "t-2"),
    ],
)
def test_a_name_is_found_however_it_is_typed(visit: Visit, typed: str, found: str) -> None:
    """Chinese, English, alias, pinyin, its initials, an acronym, words in any order, a case number."""
    assert visit.ask(f"cegaMap.find({typed!r})")[0] == found


def test_suggestions_are_an_aria_combobox(visit: Visit) -> None:
    """Arrows, Home and End move through the options, Escape closes them, the box names the option it is at."""
    page = visit.page
    page.focus("#search")
    page.keyboard.type("河")
    options = page.locator("#found [role=option]")
    assert page.get_attribute("#search", "aria-expanded") == "true"
    last = options.count() - 1
    for pressed, at in (("End", last), ("Home", 0), ("ArrowUp", last), ("ArrowDown", 0)):
        page.keyboard.press(pressed)
        assert page.get_attribute("#search", "aria-activedescendant") == f"found-{at}"
        assert options.nth(at).get_attribute("aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.get_attribute("#search", "aria-expanded") == "false"


def test_filters_count_what_each_choice_would_show(visit: Visit) -> None:
    """Themes and years take cases away; every count is what its box shows or would show under the other filters."""
    page = visit.page
    page.uncheck("input[name=theme][value='生物多样性保护']")
    assert visit.ask("cegaMap.nodes()") == ["o-2", "o-4", "o-5", "o-6", "t-2"]
    assert page.inner_text("label:has(input[value=partner]) output") == "0"
    assert page.inner_text("label:has(input[value='生物多样性保护']) output") == "1"
    page.click("#reset")
    page.fill("#to", "2022")
    page.keyboard.press("Enter")
    assert "t-1" not in visit.ask("cegaMap.nodes()")
    page.uncheck("input[name=undated]")
    assert visit.ask("cegaMap.nodes()") == []
    assert page.inner_text("label:has(input[name=undated]) output") == "1"
    page.fill("#to", "")
    page.fill("#from", "2040")
    page.keyboard.press("Enter")
    assert visit.ask("cegaMap.nodes().includes('t-1')"), "a case without a stated end goes on"


def test_funding_view_by_pointer(visit: Visit) -> None:
    """The funding view joins funder and grantee; its edge names the case behind it, with both places."""
    page = visit.page
    page.click("#views button[value=funding]")
    assert visit.ask("cegaMap.edges()") == ["o-1>o-2"]
    visit.settle()
    (x0, y0), (x1, y1) = visit.ask("['o-1', 'o-2'].map(cegaMap.at).map(({ x, y }) => [x, y])")
    page.click("#canvas", position={"x": (x0 + x1) / 2, "y": (y0 + y1) / 2})
    page.wait_for_selector("#panel h2")
    evidence = visit.ask("[...document.querySelectorAll('#panel [data-evidence]')].map((e) => e.dataset.evidence)")
    assert evidence[1] == "p-2"
    assert page.locator("#panel .relation.inferred").count() == 1


def test_partnership_view_by_keyboard(visit: Visit) -> None:
    """Tab and Enter choose the view; the edges are the pairs that share a case."""
    visit.page.focus("#views button[value=partners]")
    visit.page.keyboard.press("Enter")
    assert visit.ask("cegaMap.edges()") == [
        "o-1|o-2", "o-1|o-3", "o-2|o-3", "o-2|o-4", "o-2|o-5", "o-2|o-6", "o-4|o-5", "o-4|o-6", "o-5|o-6",
    ]  # fmt: skip


def test_steps_around_a_body_and_back(visit: Visit) -> None:
    """One step shows its cases, two their participants; the browser's back button undoes each."""
    page = visit.page
    page.goto(page.url + "#id=o-1")
    page.click("[data-steps='1']")
    assert visit.ask("cegaMap.nodes()") == ["o-1", "t-1"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert visit.ask("cegaMap.nodes()") == ["o-1", "o-2", "o-3", "t-1"]
    page.go_back()
    page.wait_for_function("cegaMap.nodes().length === 2")
    page.go_back()
    page.wait_for_function("cegaMap.nodes().length === 8")
    page.go_forward()
    page.wait_for_function("cegaMap.nodes().length === 2")


def test_a_path_by_keyboard(visit: Visit) -> None:
    """Two bodies are chosen from their names; the path lists every hop with its evidence."""
    page = visit.page
    page.focus("#ask")
    page.keyboard.press("Enter")
    page.focus("#pick-a")
    page.keyboard.type("houniao")
    page.keyboard.press("Enter")
    page.keyboard.type("gongsi")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel ol.path")
    names = page.locator("ol.path > li > .who a")
    assert names.all_inner_texts() == ["候鸟基金会", "候鸟归来", "湿地之家", "河流清洁", FORMULA]
    evidence = visit.ask("[...document.querySelectorAll('ol.path [data-evidence]')].map((e) => e.dataset.evidence)")
    assert [one for one in evidence if one in {"p-1", "p-2", "p-4", "p-5", "p-7"}] == [
        "p-1",
        "p-2",
        "p-4",
        "p-5",
        "p-7",
    ]
    assert page.evaluate("location.hash") == "#ask=path&a=o-1&b=o-5"


def test_questions_by_pointer(visit: Visit) -> None:
    """Co-funders, what two bodies share, and who funds the like, each with its caveat and rule."""
    page = visit.page
    page.goto(page.url + "#id=o-2")
    page.click("#panel [data-ask=cofund]")
    assert "没有记录共同的资助。" in page.inner_text("#panel")
    page.click("#panel [data-ask=like]")
    assert "“相近”的规则：同为社会组织" in page.inner_text("#panel .rule")
    page.click("#panel [data-ask=shared]")
    page.click("#pick-b")
    page.keyboard.type("MBF")
    page.click("#picks-b [role=option]")
    assert page.inner_text("#panel h3").strip() == "候鸟归来"


def test_the_table_sorts_and_filters(visit: Visit) -> None:
    """A header sorts, again turns, a third time undoes; the rows are those of the map."""
    page = visit.page
    page.click("#show-table")
    rows = "[...document.querySelectorAll('tr[data-relation]')].map((row) => row.dataset.relation)"
    unsorted = visit.ask(rows)
    page.focus("[data-sort=role]")
    page.keyboard.press("Enter")
    assert page.get_attribute("th:has([data-sort=role])", "aria-sort") == "ascending"
    ascending = visit.ask(rows)
    assert ascending[0] == "p-1"
    page.keyboard.press("Enter")
    assert visit.ask(rows)[-1] == "p-1"
    page.keyboard.press("Enter")
    assert visit.ask(rows) == unsorted
    page.uncheck("input[value=inferred]")
    assert sorted(visit.ask(rows)) == visit.ask("cegaMap.edges()")


def test_csv_has_a_mark_and_guards_formulas(visit: Visit) -> None:
    """The file begins with a BOM, holds the rows that are shown, and no cell starts a formula."""
    content = saved(visit, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == [
        "案例", "参与者", "角色", "依据", "章节", "原文标签", "原文写法",
        "project_id", "organization_id", "participation_id", "rule", "sentence",
    ]  # fmt: skip
    assert len(rows) == 10
    cells = [one for row in rows for one in row]
    assert "'" + FORMULA in cells
    assert [one for one in cells if re.match(r"[=+\-@]", one)] == []
    assert {IMAGE, SCRIPT} <= set(cells)


def test_svg_holds_real_text_and_no_markup_of_names(visit: Visit) -> None:
    """Names are text nodes of a well-formed drawing; nothing in it runs."""
    import xml.etree.ElementTree as ET

    content = saved(visit, "svg").decode()
    tree = ET.fromstring(content)
    texts = "".join("".join(one.itertext()) for one in tree.iter("{http://www.w3.org/2000/svg}text"))
    assert "候鸟归来" in texts
    tags = {one.tag.removeprefix("{http://www.w3.org/2000/svg}") for one in tree.iter()}
    assert tags <= {"svg", "rect", "path", "circle", "text", "title"}
    paths = [one for one in tree.iter("{http://www.w3.org/2000/svg}path") if one.get("fill") == "none"]
    strokes = [one.get("stroke") for one in paths if len(one)]
    assert len(strokes) == len(visit.ask("cegaMap.edges()"))
    assert [one for one in strokes if not re.fullmatch("#[0-9a-f]{6}", one or "")] == []


LEGEND = {
    "zh": ["案例", "基金会", "联盟成员（外圈）", "资助方", "原文写明", "按规则推断", "不含：角色：合作方", "2020–…"],
    "en": [
        "case", "foundation", "alliance member (ring)", "funder", "stated", "inferred by a rule",
        "without Roles: partner; Years: 2020–…",
    ],
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_picture_carries_its_legend(visit: Visit, file: Path, lang: str) -> None:  # noqa: F811
    """Below the drawing stand title, coverage, kinds, roles, bases and what the filters leave out; nothing is cut."""
    visit.page.goto("about:blank")
    visit.page.goto(f"{file.as_uri()}#no-role=partner&from=2020&lang={lang}")
    visit.page.wait_for_selector("html[data-ready]")
    visit.requests[:] = visit.requests[:1]
    visit.ask("dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    texts = visit.page.locator("#print svg text").all_text_contents()
    whole = " ".join(texts)
    assert [word for word in LEGEND[lang] if word not in whole] == []
    assert [visit.page.title(), visit.page.inner_text(".coverage")] == [
        word for word in (visit.page.title(), visit.page.inner_text(".coverage")) if word in whole
    ]
    cut = visit.ask(
        "(() => { const { width, height } = document.querySelector('#print svg').viewBox.baseVal;"
        "return [...document.querySelectorAll('#print svg text')].map((one) => [one.textContent, one.getBBox()])"
        ".filter(([, box]) => box.x < 0 || box.x + box.width > width || box.y + box.height > height)"
        ".map(([text]) => text); })()"
    )
    assert cut == []


def test_a_pair_is_not_shown_as_stated(visit: Visit) -> None:
    """Status, caption, rows, CSV and picture say that a pair shares a case, not that one paid the other."""
    page = visit.page
    page.click("#views button[value=funding]")
    caveat = "同一案例中的资助方与资助对象；原文未必写明谁付给了谁。"
    assert caveat in page.inner_text("#status")
    assert caveat in re.sub("<[^>]*>", "", visit.ask("cegaMap.svg()").replace("</text>", ""))
    row = next(csv.DictReader(io.StringIO(visit.ask("cegaMap.csv()").lstrip("\ufeff"), newline="")))
    assert (row["依据"], row["说明"]) == ("同一案例（角色为推断）", caveat)
    page.click("#show-table")
    assert caveat in page.inner_text("caption")
    assert page.inner_text("td[data-column=stated]") == "同一案例（角色为推断）"
    page.goto(page.url.split("#")[0] + "#id=o-1")
    headings = page.locator("#panel h3").all_inner_texts()
    assert headings.index("参与 (1)") < headings.index("同案例的资助对象 (1)")


def test_the_legend_shows_the_signs_of_its_view(visit: Visit) -> None:
    """Funding draws the lines of givers alone; the bodies that it leaves out are counted."""
    page = visit.page
    page.click("#views button[value=funding]")
    drawn = (
        "[...document.querySelectorAll('#filters label:not(.undrawn) input:is([name=kind],[name=role],[name=basis])')]"
        ".map((one) => one.value)"
    )
    assert visit.ask(drawn) == ["foundation", "ngo", "funder", "inferred"]
    assert "显示 2 个机构、1 条资助关系；另有 6 个没有资助关系。" in page.inner_text("#status")


def test_no_path_is_put_down_to_filters_only_if_there_are_any(visit: Visit) -> None:
    """Without a filter nothing recorded joins the two; one body is the same as itself."""
    page = visit.page
    start = page.url.split("#")[0]
    for hash_, answer in (
        ("#ask=path&a=o-1&b=o-7", "没有记录把两者连起来（成员关系不算在内）。"),
        ("#ask=path&a=o-1&b=o-5&no-role=co_initiator,executor", "在筛选后的关系里，两者没有连起来。"),
        ("#ask=path&a=o-1&b=o-1", "是同一机构。"),
    ):
        page.goto(start + hash_)
        page.wait_for_function(f"document.querySelector('#panel .answer')?.textContent === '{answer}'")


def test_a_link_to_what_is_not_here_says_so(visit: Visit) -> None:
    """One line above the map, gone with the next choice."""
    page = visit.page
    page.goto(page.url.split("#")[0] + "#id=o-999")
    page.wait_for_selector("#unknown:not([hidden])")
    assert page.inner_text("#unknown") == "这个链接所指的不在本页上。"
    page.click("#views button[value=partners]")
    assert not page.is_visible("#unknown")


def test_a_zoomed_picture_is_cut_at_its_rule(visit: Visit) -> None:
    """However far the map is zoomed, its shapes stand in a part that ends where the legend, on white, begins."""
    import xml.etree.ElementTree as ET

    for _ in range(3):
        visit.page.click("#zoom-in")
        visit.settle()
    drawing = ET.fromstring(visit.ask("cegaMap.svg()"))
    back, inner, under, *foot = drawing
    below = float(inner.get("height") or 0)
    assert (inner.get("overflow"), float(under.get("y") or 0), under.get("fill")) == ("hidden", below, "#ffffff")
    assert below + float(under.get("height") or 0) == float(back.get("height") or 0)
    assert min(float(one.get("y") or 0) for one in foot if one.tag.endswith("text")) > below
    ys = [float(one.get("y") or 0) for one in inner.iter() if one.tag.endswith("text")]
    assert max(ys) > below, "the map goes on below the rule"


def test_png_is_twice_the_size(visit: Visit) -> None:
    """The picture has two pixels for each of the screen."""
    content = saved(visit, "png")
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20], "big") == 2 * visit.ask("document.querySelector('#canvas').clientWidth")


def test_a_link_restores_the_view(visit: Visit, browser: Browser, file: Path) -> None:  # noqa: F811
    """Filters, view, table order, language, open body and camera come back from the address alone."""
    page = visit.page
    page.uncheck("input[value=partner]")
    page.click("#language")
    page.click("#zoom-in")
    visit.settle()
    address = visit.ask("cegaMap.address()")
    again = Visit(browser, file)
    again.page.goto("about:blank")
    again.page.goto(file.as_uri() + address)
    again.page.wait_for_selector("html[data-ready]")
    again.settle()
    assert again.ask("cegaMap.nodes()") == visit.ask("cegaMap.nodes()")
    assert again.ask("document.documentElement.lang") == "en"
    difference = visit.ask("cegaMap.network.getScale()") / again.ask("cegaMap.network.getScale()")
    assert abs(difference - 1) < 0.01
    again.context.close()


@pytest.mark.parametrize(
    "hash_", ["#id=%E0%A4%A", "#id=<img src=x onerror=hacked=1>", "#view=x&steps=9&from=abc&at=1,2", "#pair=a>b&ask=no"]
)
def test_a_broken_address_shows_the_whole_map(visit: Visit, file: Path, hash_: str) -> None:  # noqa: F811
    """What an address names wrongly is as at the beginning, and nothing of it runs."""
    visit.page.goto("about:blank")
    visit.page.goto(file.as_uri() + hash_)
    visit.page.wait_for_selector("html[data-ready]")
    assert visit.ask("cegaMap.nodes()") == SHOWN
    assert visit.ask("window.hacked") is None
    visit.requests[:] = visit.requests[:1]


def test_paper_gets_drawing_and_table(visit: Visit) -> None:
    """Printing puts the map as SVG and every row on the paper."""
    visit.ask("dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    assert visit.ask("document.querySelector('#print svg').getBoundingClientRect().height") > 300
    assert visit.page.locator("#print svg text").count() > 8
    assert visit.page.locator("tr[data-relation]:visible").count() == 9
    assert not visit.page.is_visible("#legend")
    visit.ask("dispatchEvent(new Event('afterprint'))")
    assert visit.page.locator("#print svg").count() == 0


def test_embedded_there_is_only_the_map(browser: Browser, file: Path) -> None:  # noqa: F811
    """`?embed` leaves title, map, zoom and panel."""
    opened = Visit(browser, file)
    opened.page.goto(file.as_uri() + "?embed")
    opened.page.wait_for_selector("html[data-ready]")
    assert opened.page.is_visible("#canvas")
    assert [one for one in ("#legend", "#search", ".bar") if opened.page.is_visible(one)] == []
    opened.context.close()


def test_without_canvas_there_is_the_table(browser: Browser, file: Path) -> None:  # noqa: F811
    """A browser that cannot draw says so and shows the rows, with filters and details."""
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.is_visible("#no-canvas")
    assert page.locator("tr[data-relation]:visible").count() == 9
    page.click("tr[data-relation=p-2] td[data-column=body] a")
    assert page.inner_text("#panel h2") == "湿地之家"
    assert complaints == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("width", "hash_"),
    [(1280, ""), (1280, "#id=o-1"), (1280, "#tab=table"), (1280, "#ask=path&a=o-1&b=o-5"), (390, "#id=t-1"), (390, "")],
)
def test_axe_finds_nothing(browser: Browser, file: Path, width: int, hash_: str, scheme: Any) -> None:  # noqa: F811
    """No violation of WCAG 2.1 A and AA that axe-core can see."""
    import axe_playwright_python

    opened = Visit(browser, file, viewport={"width": width, "height": 844}, color_scheme=scheme)
    opened.page.goto("about:blank")
    opened.page.goto(file.as_uri() + hash_)
    opened.page.wait_for_selector("html[data-ready]")
    opened.settle()
    axe = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
    opened.page.evaluate(axe)
    found = opened.page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}).then((result) => "
        "result.violations.map((one) => [one.id, one.nodes.map((node) => node.html.slice(0, 160))]))"
    )
    assert found == []
    opened.context.close()
