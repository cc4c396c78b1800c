"""The page in Chromium, opened as a file: what users do with it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from browser.tiny_page import IMAGE, SHOWN, render_tiny

pytestmark = pytest.mark.browser

CHROMIUM: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the tiny data set, as a file."""
    folder = tmp_path_factory.mktemp("map")
    path = folder / "map.html"
    path.write_text(render_tiny(folder / "data"), encoding="utf-8", newline="\n")
    return path


class Visit:
    """A page that is open, with what it asked for and complained about."""

    def __init__(self, browser: Browser, file: Path, **options: Any) -> None:
        settings: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options}
        self.context = browser.new_context(**settings)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(file.as_uri())
        if settings.get("java_script_enabled", True):
            self.page.wait_for_selector("html[data-ready]")

    def ask(self, expression: str) -> Any:
        """Return the value of an expression, as Python has it."""
        return self.page.evaluate(expression)

    def settle(self) -> None:
        """Wait until the camera stands still."""
        self.page.wait_for_timeout(600)


@pytest.fixture
def visit(browser: Browser, file: Path) -> Iterator[Visit]:
    """Yield the open page; afterwards it has asked for nothing but itself and has not complained."""
    opened = Visit(browser, file)
    yield opened
    assert (opened.requests, opened.complaints) == ([file.as_uri()], [])
    opened.context.close()


def test_all_nodes_and_relations_are_drawn(visit: Visit, file: Path) -> None:
    """The map holds what the payload holds, and says how much."""
    data = json.loads(file.read_text(encoding="utf-8").split('type="application/json">')[1].split("</script>")[0])
    assert visit.ask("cegaMap.nodes()") == SHOWN
    assert visit.ask("cegaMap.edges()") == sorted(relation["id"] for relation in data["relations"])
    assert visit.page.inner_text("#status") == "显示 8 个节点、9 条关系；另有 2 个没有参与记录"


def test_labels_lie_over_no_node_and_no_other_label(visit: Visit) -> None:
    """Every label that is drawn is free of the others and inside the map."""
    labels = visit.ask("cegaMap.labels()")
    assert sorted(label["id"] for label in labels) == SHOWN
    boxes = [label["box"] for label in labels]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert [
        p for p in pairs if p[0][0] < p[1][2] and p[1][0] < p[0][2] and p[0][1] < p[1][3] and p[1][1] < p[0][3]
    ] == []


def test_search_finds_by_alias_and_enter_opens_the_evidence(visit: Visit) -> None:
    """An English short name leads to the body, its case, label, printed name and sentence; by keyboard alone."""
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("how")
    assert visit.page.inner_text("#found li[aria-selected=true] .why") == "HOW"
    assert visit.page.get_attribute("#search", "aria-activedescendant") == "found-0"
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel:not([hidden])")
    assert visit.ask("cegaMap.open()") == "o-2"
    assert visit.page.inner_text("#panel h2") == "湿地之家"
    evidence = visit.page.inner_text('#panel [data-evidence="p-2"]').split("\n")
    assert [line for line in evidence if line.strip()] == [
        "资助对象", "名单", "案例 1 候鸟归来 › 项目合作方 › 标签 「资助对象（部分）」，原文写法 「湿地之家」",
        "资助对象：湿地之家、另一家。",
    ]  # fmt: skip
    assert visit.ask("[...document.querySelectorAll('#panel [data-evidence]')].map((e) => e.dataset.evidence)") == [
        "p-2", "p-4", "p-5",
    ]  # fmt: skip


def test_a_click_on_a_node_opens_it_and_back_returns(visit: Visit) -> None:
    """The panel follows the pointer, each name in it is a link, and the browser's back button works."""
    at = visit.ask("cegaMap.at('t-1')")
    visit.page.click("#canvas", position={"x": at["x"], "y": at["y"]})
    visit.page.wait_for_selector("#panel h2")
    assert visit.page.inner_text("#panel h2") == "候鸟归来"
    visit.page.click("#panel a:has-text('候鸟基金会') >> nth=0")
    visit.page.wait_for_function("cegaMap.open() === 'o-1'")
    assert "推断：案例未写明资助方，按规则视提交机构为资助方。" in visit.page.inner_text("#panel .relation.inferred")
    assert "河流联盟 · 决策委员会成员2018" in visit.page.inner_text("#panel").replace("\n", "")
    visit.page.go_back()
    visit.page.wait_for_function("cegaMap.open() === 't-1'")
    visit.page.keyboard.press("Escape")
    visit.page.wait_for_function("cegaMap.open() === null")


def test_arrow_keys_and_enter_walk_the_map(visit: Visit) -> None:
    """From the node with most relations an arrow leads on, Enter opens what it led to."""
    visit.page.focus("#canvas")
    visit.page.keyboard.press("ArrowRight")
    first = visit.page.inner_text("#status")
    assert first == "河流清洁"
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"):
        visit.page.keyboard.press(key)
    last = visit.page.inner_text("#status")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel h2")
    assert visit.page.inner_text("#panel h2").strip() == last.strip()


def test_the_legend_filters_map_and_table(visit: Visit) -> None:
    """An unticked role or kind takes its relations, and the nodes that have no other, from map and table."""
    visit.page.uncheck("input[value=partner]")
    assert visit.ask("cegaMap.nodes()") == [node for node in SHOWN if node != "o-3"]
    visit.page.uncheck("input[value=inferred]")
    visit.page.uncheck("input[value=university]")
    assert visit.ask("cegaMap.edges()") == ["p-1", "p-2", "p-4", "p-5", "p-7", "p-8"]
    assert visit.page.inner_text("label:has(input[value=ngo]) output") == "1"
    visit.page.click("#show-table")
    shown = visit.page.locator("tr[data-relation]:visible")
    assert shown.evaluate_all("rows => rows.map((row) => row.dataset.relation).sort()") == visit.ask("cegaMap.edges()")
    visit.page.click("#reset")
    assert visit.ask("cegaMap.nodes()") == SHOWN


def test_isolated_bodies_are_listed_and_found(visit: Visit) -> None:
    """A body without a relation is no node, but it is in the list and the search."""
    visit.page.click("#isolated summary")
    assert visit.page.inner_text("#isolated ul").split("\n") == ["从未参与的协会", "河流联盟"]
    visit.page.fill("#search", "从未参与")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel h2")
    assert "原文没有记录与任何案例的关系。" in visit.page.inner_text("#panel")


def test_the_language_can_be_switched(visit: Visit) -> None:
    """Words, names and the language of the page change together."""
    visit.page.click("#language")
    assert visit.ask("document.documentElement.lang") == "en"
    assert visit.page.title() == "Who funds, starts and carries out what · 试验案例集"
    assert visit.page.inner_text("#status") == "8 nodes, 9 relations shown; 2 more without a recorded relation"
    assert visit.page.inner_text("label:has(input[value=foundation]) .word") == "foundation"
    assert "Clean rivers" in [row for label in visit.ask("cegaMap.labels()") for row in label["rows"]]


def test_the_language_is_the_browsers(browser: Browser, file: Path) -> None:
    """A browser in another language than Chinese gets English."""
    opened = Visit(browser, file, locale="de-DE")
    assert opened.page.inner_text(".coverage") == (
        "2 cases of “试验案例集” (2024): 8 participants, 9 relations (1 inferred). Silence is not absence."
    )
    opened.context.close()


def test_hostile_names_run_nothing(visit: Visit) -> None:
    """A name full of markup is text in search, panel and table."""
    visit.page.fill("#search", "<img")
    assert visit.page.inner_text("#found li bdi >> nth=0") == IMAGE
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#panel h2")
    assert visit.page.inner_text("#panel h2") == IMAGE
    for node in SHOWN:
        visit.ask(f"location.hash = '#id={node}'")
        visit.page.wait_for_function(f"cegaMap.open() === '{node}'")
    assert visit.ask("[window.hacked, document.querySelectorAll('img, iframe, object').length]") == [None, 0]


def test_two_loads_give_the_same_picture(browser: Browser, file: Path) -> None:
    """Every node is at the same pixel after each load."""
    seen = []
    for _ in range(2):
        opened = Visit(browser, file)
        seen.append(opened.ask("cegaMap.nodes().map((id) => cegaMap.at(id))"))
        opened.context.close()
    assert seen[0] == seen[1]


@pytest.mark.parametrize("width", [375, 390])
def test_a_phone_can_use_it(browser: Browser, file: Path, width: int) -> None:
    """Nothing is wider than the screen; legend, details and table open and close."""
    opened = Visit(browser, file, viewport={"width": width, "height": 780}, has_touch=True, is_mobile=True)
    page = opened.page
    assert opened.ask("document.documentElement.scrollWidth") == width
    page.tap("#show-legend")
    assert page.is_visible("input[value=partner]")
    page.tap("#show-legend")
    at = opened.ask("cegaMap.at('t-2')")
    page.tap("#canvas", position={"x": at["x"], "y": at["y"]})
    page.wait_for_selector("#panel h2")
    opened.settle()
    assert opened.ask("cegaMap.at('t-2').y < document.querySelector('#canvas').clientHeight * 0.44")
    page.tap("#close")
    page.wait_for_selector("#panel", state="hidden")
    page.tap("#show-table")
    assert page.is_visible("tr[data-relation=p-8]")
    assert opened.ask("document.documentElement.scrollWidth") == width
    assert opened.complaints == []
    opened.context.close()


def test_without_script_there_is_the_table(browser: Browser, file: Path) -> None:
    """A browser that runs no script shows heading, legend and all relations in both languages."""
    opened = Visit(browser, file, java_script_enabled=False)
    assert opened.page.locator("tr[data-relation]:visible").count() == 9
    assert opened.page.inner_text("tr[data-relation=p-2]").split("\t")[1] == "资助对象grantee"
    assert not opened.page.is_visible("#map")
    opened.context.close()


def test_dark_mode_changes_the_ink(browser: Browser, file: Path) -> None:
    """The map is drawn on the dark background, without a complaint."""
    opened = Visit(browser, file, color_scheme="dark")
    assert opened.ask("getComputedStyle(document.documentElement).backgroundColor") == "rgb(19, 24, 29)"
    assert (opened.requests, opened.complaints) == ([file.as_uri()], [])
    opened.context.close()
