"""The page of the bundled casebook: its size, its labels at every layout, and the notebook's frame."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from browser.test_map import Visit, browser  # noqa: F401 - fixture
from cega_graph.knowledge_graph import KnowledgeGraph

pytestmark = pytest.mark.browser

LAYOUTS = [(1440, 900), (1024, 768), (390, 844)]


@pytest.fixture(scope="module")
def casebook(tmp_path_factory: pytest.TempPathFactory, bundled: KnowledgeGraph) -> Path:
    """Return the page of the bundled casebook, as a file."""
    path = tmp_path_factory.mktemp("casebook") / "map.html"
    path.write_text(bundled.page(), encoding="utf-8", newline="\n")
    return path


@pytest.fixture(params=[(size, lang) for size in LAYOUTS for lang in ("zh-CN", "en-GB")], ids=str)
def visit(request: pytest.FixtureRequest, browser: Browser, casebook: Path) -> Iterator[Visit]:  # noqa: F811
    """Yield the page in one layout and language; afterwards it has asked for nothing and has not complained."""
    (width, height), lang = request.param
    opened = Visit(browser, casebook, viewport={"width": width, "height": height}, locale=lang)
    opened.settle()
    yield opened
    assert (opened.requests, opened.complaints) == ([casebook.as_uri()], [])
    opened.context.close()


def test_the_page_fits_into_a_mail(casebook: Path) -> None:
    """At most 1 MB, and 250 kB compressed."""
    content = casebook.read_bytes()
    assert (len(content) <= 1_000_000, len(gzip.compress(content)) <= 250_000) == (True, True)


def overlaps(a: list[float], b: list[float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_no_label_lies_over_a_node_or_label_or_is_cut(visit: Visit) -> None:
    """Measured at rest: boxes of labels are free of each other, of all symbols, and inside the map."""
    labels: list[dict[str, Any]] = visit.ask("cegaMap.labels()")
    boxes = [one["box"] for one in labels]
    assert len(labels) >= 8
    assert [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if overlaps(a, b)] == []
    scale = visit.ask("cegaMap.network.getScale()")
    symbols = visit.ask(
        "cegaMap.nodes().map((id) => { const { x, y } = cegaMap.network.getPosition(id);"
        "const s = cegaMap.network.getScale(); return [id, x * s - 3, y * s - 3, x * s + 3, y * s + 3]; })"
    )
    assert [
        (one["id"], s[0]) for one in labels for s in symbols if one["id"] != s[0] and overlaps(one["box"], s[1:])
    ] == []
    low = visit.ask("cegaMap.network.DOMtoCanvas({ x: 0, y: 0 })")
    size = "(({ clientWidth: x, clientHeight: y }) => ({ x, y }))(document.querySelector('#canvas'))"
    high = visit.ask(f"cegaMap.network.DOMtoCanvas({size})")
    cut = [
        box for box in boxes
        if box[0] < low["x"] * scale - 1 or box[1] < low["y"] * scale - 1
        or box[2] > high["x"] * scale + 1 or box[3] > high["y"] * scale + 1
    ]  # fmt: skip
    assert cut == []


def test_the_most_connected_are_labelled_and_every_row_is_there(browser: Browser, casebook: Path) -> None:  # noqa: F811
    """On a desktop each case and each body in several has its label; the table holds all its rows at once."""
    opened = Visit(browser, casebook, viewport={"width": 1440, "height": 900}, locale="zh-CN")
    opened.settle()
    assert opened.ask(
        "(() => { const named = new Set(cegaMap.labels().map(({ id }) => id));"
        "return JSON.parse(document.querySelector('#data').textContent).nodes.filter((node) => !named.has(node.id)"
        "&& (node.type === 'project' || node.n_projects > 1)).map((node) => node.name); })()"
    ) == []  # fmt: skip
    opened.page.click("#show-table")
    assert opened.page.locator("tr[data-relation]").count() == len(opened.ask("cegaMap.edges()"))
    opened.context.close()


def test_an_excerpt_says_so_on_map_and_in_panels(browser: Browser, bundled: KnowledgeGraph, tmp_path: Path) -> None:  # noqa: F811
    """Status and panel name the part that is shown; the body in the middle has its label."""
    path = tmp_path / "near.html"
    path.write_text(bundled.page(focus="o-51b1427e37", steps=2, top=20), encoding="utf-8", newline="\n")
    opened = Visit(browser, path)
    opened.settle()
    whole = len(bundled.network())
    said = f"以红树林基金会为中心、2步以内；共{whole}个机构和项目，显示20个。"
    assert opened.page.inner_text("#status").startswith(said)
    assert "o-51b1427e37" in opened.ask("cegaMap.labels().map(({ id }) => id)")
    opened.page.goto(path.as_uri() + "#id=o-51b1427e37")
    assert opened.page.inner_text("#panel .excerpt") == "本页只是节选；节选之外可能还有更多。"
    opened.context.close()


def test_nothing_is_wider_than_the_screen(visit: Visit) -> None:
    """Heading, tools, panel and table stay inside the window, and no control cuts its words."""
    page = visit.page
    for hash_ in ("#id=o-51b1427e37", "#tab=table", "#ask=path"):
        visit.ask(f"location.hash = '{hash_}'")
        visit.settle()
        assert visit.ask("document.documentElement.scrollWidth <= innerWidth")
        cut = page.evaluate(
            "[...document.querySelectorAll('button, summary, h1, h2:not(#legend-title), h3')]"
            ".filter((one) => one.checkVisibility()"
            "&& one.clientWidth && one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent)"
        )
        assert [one for one in cut if one.strip()] == []


def test_heading_and_search_are_not_cut(visit: Visit) -> None:
    """What the data cover is there to the last word, and the search box has room for what it says."""
    assert visit.ask(
        "(({ scrollHeight: all, clientHeight: seen }) => all <= seen + 1)(document.querySelector('.coverage'))"
    )
    assert visit.ask(
        "(() => { const box = document.querySelector('#search'); const style = getComputedStyle(box);"
        "const ctx = document.createElement('canvas').getContext('2d');"
        "ctx.font = `${style.fontSize} ${style.fontFamily}`;"
        "const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);"
        "return ctx.measureText(box.placeholder).width <= room; })()"
    )


def test_counts_are_the_graphs(visit: Visit, bundled: KnowledgeGraph) -> None:
    """Nodes and relations on the map are those of the network."""
    network = bundled.network()
    assert visit.ask("cegaMap.edges()") == sorted(key for _, _, key in network.edges(keys=True))
    assert visit.ask("cegaMap.nodes()") == sorted(node for node in network if network.degree(node))


def test_the_funding_view_is_the_projection(visit: Visit, bundled: KnowledgeGraph) -> None:
    """The view of funding holds the edges of `cega_graph.network.funding`."""
    from cega_graph.network import funding

    visit.ask("location.hash = '#view=funding'")
    visit.page.wait_for_function("cegaMap.edges()[0].includes('>')")
    edges = funding(bundled.dataset.rows("participations")).edges()
    assert visit.ask("cegaMap.edges()") == sorted(f"{giver}>{taker}" for giver, taker in edges)


def test_a_notebook_shows_the_page_in_a_sandbox(browser: Browser, bundled: KnowledgeGraph, tmp_path: Path) -> None:  # noqa: F811
    """The frame runs the page, links in it work, and it cannot reach what is around it."""
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!DOCTYPE html><meta charset=utf-8><body>{bundled.page()._repr_html_()}", encoding="utf-8")
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(notebook.as_uri())
    frame = page.frame_locator("iframe")
    frame.locator("html[data-ready]").wait_for()
    frame.locator("#search").fill("hslj")
    frame.locator("#search").press("Enter")
    frame.locator("#panel h2").wait_for()
    shown = frame.locator("#panel h2").inner_text()  # a frame in a process of its own may not hear of the locale
    assert shown in {"红树林基金会", "Shenzhen Mangrove Wetlands Conservation Foundation"}
    frame.locator("#panel .joined a").first.click()
    frame.locator(f"#panel h2:not(:text('{shown}'))").wait_for()
    assert (
        page.frames[1].evaluate("(() => { try { return parent.document.title; } catch { return 'refused'; } })()")
        == "refused"
    )
    assert page.url == notebook.as_uri()
    assert complaints == []
    context.close()
