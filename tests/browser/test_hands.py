"""Each use of the page once by mouse and once by keyboard: a table of what to do and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from browser.test_map import Visit, browser, file  # noqa: F401 - fixtures
from browser.tiny_page import SHOWN
from cega_graph.knowledge_graph import KnowledgeGraph

pytestmark = pytest.mark.browser

Act = Callable[[Page], object]


class Flow(NamedTuple):
    """What is done by each hand, from which address, and the expression that then has this value."""

    mouse: Act
    keyboard: Act
    asked: str
    value: Any
    start: str = ""


def tab_to(page: Page, selector: str) -> None:
    """Go to an element as those do who have no mouse: Tab, until it has the focus."""
    for _ in range(140):
        if page.evaluate("(one) => document.activeElement?.matches(one)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {selector}")


def pressed(selector: str, key: str = "Enter") -> Act:
    """Return how a control is used by keyboard."""

    def act(page: Page) -> None:
        tab_to(page, selector)
        page.keyboard.press(key)

    return act


def control(selector: str, asked: str, value: Any, *, start: str = "", key: str = "Enter") -> Flow:
    """Return the flow of a control that is clicked, or reached by Tab and pressed."""
    return Flow(lambda page: page.click(selector), pressed(selector, key), asked, value, start)


def in_menu(what: str, asked: str, value: Any, *, start: str = "") -> Flow:
    """Return the flow of an entry of the menu of exports; what is saved is told by the page."""

    def mouse(page: Page) -> None:
        page.click("#take summary")
        page.click(f"#take button[value={what}]")

    def keyboard(page: Page) -> None:
        pressed("#take summary")(page)
        pressed(f"#take button[value={what}]")(page)

    return Flow(mouse, keyboard, asked, value, start)


def chosen(box: str, typed: str, at: int = 0) -> tuple[Act, Act]:
    """Return how one of the suggestions is taken, by each hand."""

    def mouse(page: Page) -> None:
        page.click(box)
        page.keyboard.type(typed)
        listed = page.get_attribute(box, "aria-controls")
        page.click(f"#{listed} [role=option] >> nth={at}")

    def keyboard(page: Page) -> None:
        tab_to(page, box)
        page.keyboard.type(typed)
        for _ in range(at):
            page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")

    return mouse, keyboard


def after(*acts: Act) -> Act:
    """Return some acts as one."""

    def act(page: Page) -> None:
        for one in acts:
            one(page)

    return act


def click_node(node: str) -> Act:
    """Return a click on a node of the map."""

    def act(page: Page) -> None:
        page.click("#canvas", position=page.evaluate(f"cegaMap.at('{node}')"))

    return act


def walk(page: Page) -> None:
    """Open the node with most relations by arrow and Enter."""
    tab_to(page, "#canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")


def typed_year(page: Page) -> None:
    """Type the last year into its box, which is reached by Tab."""
    tab_to(page, "#to")
    page.keyboard.type("2022")
    page.keyboard.press("Enter")


def clicked_year(page: Page) -> None:
    """Click into the box of the last year, type, and click elsewhere."""
    page.click("#to")
    page.keyboard.type("2022")
    page.click("h1")


def there_and_back(act: Act) -> Act:
    """Return an act that is undone and done again by the browser's history."""
    return after(act, lambda page: page.go_back(), lambda page: page.go_forward())


NODES: Final = "cegaMap.nodes()"
EDGES: Final = "cegaMap.edges()"
HASH: Final = "location.hash"
OPEN: Final = "cegaMap.open()"
STEPS: Final = {1: ["o-1", "t-1"], 2: ["o-1", "o-2", "o-3", "t-1"], 3: ["o-1", "o-2", "o-3", "t-1", "t-2"]}
SAID: Final = "document.querySelector('#said').textContent"
RIVERS: Final = ["o-2", "o-4", "o-5", "o-6", "t-2"]

PICK_A, PICK_B = chosen("#pick-a", "MBF"), chosen("#pick-b", "HOW")

FLOWS: Final = {
    "search": Flow(*chosen("#search", "houniao"), OPEN, "o-1"),
    "another suggestion": Flow(*chosen("#search", "河", 1), "cegaMap.open() === cegaMap.find('河')[1]", value=True),
    "open": Flow(click_node("t-2"), walk, OPEN, "t-2"),
    "close": Flow(lambda page: page.click("#close"), lambda page: page.keyboard.press("Escape"), OPEN, None, "#id=o-1"),
    "follow a name": control("#panel a[href='#id=o-2']", OPEN, "o-2", start="#id=t-1"),
    **{
        f"steps {n}": control(f"[data-steps='{n}']", NODES, nodes, start="#id=o-1") for n, nodes in STEPS.items()
    },
    "back and forward": Flow(
        there_and_back(click_node("t-2")), there_and_back(walk), "[cegaMap.open(), location.hash]", ["t-2", "#id=t-2"]
    ),
    "back": Flow(
        after(click_node("t-2"), lambda page: page.go_back()), after(walk, lambda page: page.go_back()), OPEN, None
    ),
    "path": Flow(
        after(lambda page: page.click("#ask"), PICK_A[0], PICK_B[0]), after(pressed("#ask"), PICK_A[1], PICK_B[1]),
        "[location.hash, document.querySelectorAll('ol.path > li').length]", ["#ask=path&a=o-1&b=o-2", 3],
    ),
    "who funds together": control("#panel [data-ask=cofund]", HASH, "#ask=cofund&a=o-2", start="#id=o-2"),
    "in common": Flow(*chosen("#pick-b", "MBF"), HASH, "#ask=shared&a=o-2&b=o-1", "#ask=shared&a=o-2"),
    "who funds the like": control("#panel [data-ask=like]", HASH, "#ask=like&a=o-2", start="#id=o-2"),
    "view of funding": control("#views button[value=funding]", EDGES, ["o-1>o-2"]),
    "view of partnership": control("#views button[value=partners]", "cegaMap.edges().length", 9),
    "role": control("input[value=partner]", NODES, [one for one in SHOWN if one != "o-3"], key="Space"),
    "theme": control("input[name=theme][value='生物多样性保护']", NODES, RIVERS, key="Space"),
    "stated only": control("input[name=basis][value=inferred]", "cegaMap.edges().length", 8, key="Space"),
    "undated": control("input[name=undated]", "cegaMap.nodes().includes('t-2')", value=False, key="Space"),
    "years": Flow(clicked_year, typed_year, NODES, RIVERS),
    "everything again": control("#reset", NODES, SHOWN, start="#no-role=partner&to=2022"),
    "table": control("#show-table", "document.querySelectorAll('#rows tr').length", 9),
    "sort": control(
        "[data-sort=role]", "document.querySelector('#rows tr').dataset.relation", "p-1", start="#tab=table"
    ),
    "filter the table": control(
        "input[value=inferred]", "document.querySelectorAll('#rows tr').length", 8, start="#tab=table", key="Space"
    ),
    "png": in_menu("png", SAID, "已存为 map.png"),
    "svg": in_menu("svg", SAID, "已存为 map.svg"),
    "csv": in_menu("csv", SAID, "已存为 map.csv"),
    "link": in_menu(
        "link", "document.querySelector('#link').value.split('#')[1]", "no-role=partner&lang=zh",
        start="#no-role=partner",
    ),
    "print": in_menu("print", "window.printed", 1),
    "language": control("#language", "document.documentElement.lang", "en"),
    "zoom": Flow(
        lambda page: page.click("#zoom-in"), pressed("#canvas", "+"),
        "cegaMap.state().fitted", value=False,
    ),
    "embedded": Flow(click_node("t-2"), walk, OPEN, "t-2", "?embed"),
}  # fmt: skip


@pytest.fixture(scope="module")
def casebook_file(tmp_path_factory: pytest.TempPathFactory, bundled: KnowledgeGraph) -> Path:
    """Return the page of the bundled casebook, as a file."""
    path = tmp_path_factory.mktemp("hands") / "map.html"
    path.write_text(bundled.page(), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(scope="module")
def opened(browser: Browser, file: Path) -> Iterator[Visit]:  # noqa: F811
    """Yield one window for all flows; at the end nothing has been asked of any host, and nothing has complained."""
    visit = Visit(browser, file, reduced_motion="reduce")
    yield visit
    assert [url for url in visit.requests if not url.startswith(("file:", "blob:"))] == []
    assert visit.complaints == []
    visit.context.close()


def run(visit: Visit, file: Path, flow: Flow, hand: str) -> None:  # noqa: F811
    page = visit.page
    page.goto("about:blank")
    page.goto(file.as_uri() + flow.start)
    page.wait_for_selector("html[data-ready]")
    page.evaluate("window.print = () => { window.printed = 1; }")
    page.wait_for_timeout(150)
    (flow.mouse if hand == "mouse" else flow.keyboard)(page)
    found = None
    for _ in range(40):
        found = page.evaluate(flow.asked)
        if found == flow.value:
            break
        page.wait_for_timeout(50)
    assert found == flow.value


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
@pytest.mark.parametrize("name", FLOWS)
def test_flow(opened: Visit, file: Path, name: str, hand: str) -> None:  # noqa: F811
    """What is done by this hand has this outcome."""
    run(opened, file, FLOWS[name], hand)


def drag(page: Page) -> None:
    """Drag the handle of the first year to the middle of the scale."""
    box = page.locator("#from-slide").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 7, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, y, steps=4)
    page.mouse.up()


JOINT: Final = "cegaMap.joints().find(({ id }) => id === 'cega-2024-1')"
ON_CASEBOOK: Final = {
    "years by the slider": Flow(
        after(lambda page: page.locator("#from-slide").scroll_into_view_if_needed(), drag),
        after(lambda page: tab_to(page, "#from-slide"), *[lambda page: page.keyboard.press("ArrowRight")] * 4),
        "[/^20/.test(cegaMap.state().from), cegaMap.state().from === document.querySelector('#from').value,"
        "document.querySelectorAll('#bars .out').length > 0]", [True, True, True],
    ),
    "place": control("input[name=place][value='44']", "cegaMap.state().off.place", ["44"], key="Space"),
    "a case where funding meets": Flow(
        lambda page: page.click("#canvas", position=page.evaluate(JOINT)),
        chosen("#search", "1")[1], OPEN, "cega-2024-1", "#view=funding",
    ),
}  # fmt: skip


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
@pytest.mark.parametrize("name", [*ON_CASEBOOK])
def test_flow_on_the_casebook(opened: Visit, casebook_file: Path, name: str, hand: str) -> None:
    """The same for what the small data set has none of."""
    run(opened, casebook_file, ON_CASEBOOK[name], hand)
