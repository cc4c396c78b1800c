"""Graphs that are empty, tiny, too large to draw as a whole, or full of names that try to break out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser

from browser.test_casebook import overlaps
from browser.test_map import Visit, browser  # noqa: F401 - fixture
from browser.tiny_page import write_tiny
from cega_graph.dataset import Dataset
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import Organization, Participation, Project, Source
from cega_graph.package import write_tables
from cega_graph.page import render, render_page
from cega_graph.page.content import clean

pytestmark = pytest.mark.browser

HOSTILE: Final = (
    '"><svg onload=window.hacked=1>', "javascript:window.hacked=1", "</style><script>window.hacked=1</script>",
    "{{ 7*7 }}{% for x in y %}", "长" * 500, "w" * 500,
    "🌍👩‍👩‍👧‍👦🏴‍☠️", "\u202e倒\u2066x\u2069", "a&amp;b<!--", "'`${window.hacked=1}`", "]]>", "\ud800半",
)  # fmt: skip


def opened(browser: Browser, tmp_path: Path, tables: dict[str, Any]) -> Visit:  # noqa: F811
    """Return the page of a data set, open."""
    write_tables(tmp_path / "data", tables)
    path = tmp_path / "map.html"
    path.write_text(render_page(Dataset([tmp_path / "data"])), encoding="utf-8", newline="\n")
    return Visit(browser, path)


def hostile_tables() -> dict[str, Any]:
    """Return a case for each name, in which a body of that name funds another."""
    names = [clean(name) for name in HOSTILE]
    bodies = [Organization(organization_id=f"o-{i}", name=name, kind="ngo") for i, name in enumerate(names)]
    projects = [
        Project(project_id=f"t-{i}", number=str(i), title=name, theme=name, place=name, programme=name)
        for i, name in enumerate(names)
    ]
    rows = [
        Participation(
            participation_id=f"p-{i}-{role}", project_id=f"t-{i}", organization_id=f"o-{(i + step) % len(names)}",
            role=role, basis="listed", source_id="t", section=name, label=name, mention=name, activity=name,
        )
        for i, name in enumerate(names)
        for step, role in enumerate(("funder", "grantee"))
    ]  # fmt: skip
    source = Source(source_id="t", title=names[0], year=2024)
    return {"sources": [source], "organizations": bodies, "projects": projects, "participations": rows}


def test_hostile_names_are_text_everywhere(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    """In panel, search, table, each view, each question, SVG, CSV and print: shown as they are, and nothing runs."""
    visit = opened(browser, tmp_path, hostile_tables())
    for i, name in enumerate(HOSTILE):
        visit.ask(f"location.hash = '#id=o-{i}'")
        visit.page.wait_for_function(f"cegaMap.open() === 'o-{i}'")
        assert visit.ask("document.querySelector('#panel h2').textContent") == clean(name)
        visit.page.fill("#search", clean(name)[:60])
    for hash_ in (
        "#view=funding",
        "#view=partners",
        "#tab=table",
        "#ask=path&a=o-0&b=o-2",
        "#ask=cofund",
        "#ask=like&a=o-1",
    ):
        visit.ask(f"location.hash = '{hash_}'")
        visit.settle()
    visit.ask("dispatchEvent(new Event('beforeprint'))")
    assert "<svg onload" not in visit.ask("cegaMap.svg()")
    assert all(clean(name)[:20].replace('"', '""') in visit.ask("cegaMap.csv()") for name in HOSTILE)
    assert visit.ask("[window.hacked, document.querySelectorAll('img, iframe, object, [onload]').length]") == [None, 0]
    assert visit.ask("document.documentElement.scrollWidth <= innerWidth")
    assert (visit.requests, visit.complaints) == ([(tmp_path / "map.html").as_uri()], [])
    visit.context.close()


def test_a_lone_surrogate_becomes_a_replacement_character() -> None:
    """Half a character, which no UTF-8 file can hold, is shown as U+FFFD."""
    assert clean("\ud800半") == "\ufffd半"


ONE: Final = Organization(organization_id="o-1", name="独")
CASE: Final = Project(project_id="t-1", title="一")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "没有可画的关系。"),
        ({"organizations": [ONE]}, "没有可画的关系。"),
        ({"organizations": [ONE], "projects": [CASE]}, "没有可画的关系。"),
    ],
    ids=["nothing", "one node", "no edges"],
)
def test_a_page_without_relations_says_so(browser: Browser, tmp_path: Path, tables: Any, message: str) -> None:  # noqa: F811
    """Map, table and every view stay usable."""
    visit = opened(browser, tmp_path, tables)
    assert visit.page.inner_text("#message") == message
    for hash_ in ("#view=funding", "#view=partners", "#tab=table", "#ask=cofund", "#id=o-1"):
        visit.ask(f"location.hash = '{hash_}'")
    assert visit.complaints == []
    visit.context.close()


def test_one_relation_is_drawn(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    """Two nodes and a line, each at a place of its own."""
    row = Participation(
        participation_id="p-1", project_id="t-1", organization_id="o-1", role="funder", basis="listed", source_id="t"
    )
    visit = opened(browser, tmp_path, {"organizations": [ONE], "projects": [CASE], "participations": [row]})
    assert visit.ask("cegaMap.nodes()") == ["o-1", "t-1"]
    assert visit.ask("JSON.stringify(cegaMap.at('o-1')) !== JSON.stringify(cegaMap.at('t-1'))")
    assert visit.complaints == []
    visit.context.close()


def test_two_nodes_at_one_place_can_both_be_read(
    browser: Browser,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The page opens, no label lies on another, and each node is found by search and by arrow."""
    monkeypatch.setattr(render, "positions", lambda network, **_: dict.fromkeys(sorted(network), (0, 0)))
    path = tmp_path / "map.html"
    path.write_text(render_page(write_tiny(tmp_path / "data")), encoding="utf-8", newline="\n")
    visit = Visit(browser, path)
    boxes = [one["box"] for one in visit.ask("cegaMap.labels()")]
    assert [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if overlaps(a, b)] == []
    for name, node in (("houniao", "o-1"), ("HOW", "o-2")):
        visit.page.fill("#search", name)
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_function(f"cegaMap.open() === '{node}'")
    assert (visit.requests, visit.complaints) == ([path.as_uri()], [])
    visit.context.close()


def test_several_sources_can_be_told_apart(browser: Browser, tmp_path: Path) -> None:  # noqa: F811
    """Each source has a box with its number; an unticked one is gone from map, table, questions and the address."""
    bodies = [Organization(organization_id=f"o-{i}", name=f"机构{i}", kind="ngo") for i in range(3)]
    projects = [Project(project_id=f"t-{i}", title=f"项目{i}", source_id=f"s-{i}") for i in range(2)]
    rows = [
        Participation(
            participation_id=f"p-{i}-{role}", project_id=f"t-{i}", organization_id=f"o-{i + step}", role=role,
            basis="listed", source_id=f"s-{i}",
        )
        for i in range(2)
        for step, role in enumerate(("funder", "grantee"))
    ]  # fmt: skip
    sources = [Source(source_id=f"s-{i}", title=f"<b>来源{i}") for i in range(2)]
    tables = {"sources": sources, "organizations": bodies, "projects": projects, "participations": rows}
    visit = opened(browser, tmp_path, tables)
    boxes = visit.page.locator("label:has(input[name=source])")
    assert [one.split() for one in boxes.all_inner_texts()] == [["<b>来源0", "2"], ["<b>来源1", "2"]]
    visit.ask("location.hash = '#ask=path&a=o-0&b=o-2'")
    visit.page.wait_for_selector("ol.path")
    visit.page.uncheck("input[name=source][value='s-1']")
    assert visit.ask("cegaMap.nodes()") == ["o-0", "o-1", "t-0"]
    assert "两者没有连起来" in visit.page.inner_text("#panel")
    assert "no-source=s-1" in visit.ask("cegaMap.address()")
    visit.page.click("#show-table")
    rows_shown = visit.page.locator("tr[data-relation]").evaluate_all("rows => rows.map((row) => row.dataset.relation)")
    assert sorted(rows_shown) == ["p-0-funder", "p-0-grantee"]
    assert visit.complaints == []
    visit.context.close()


@pytest.fixture
def large(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:  # noqa: F811
    """Yield the page of the tiny data set, drawn as if it had too many nodes."""
    monkeypatch.setattr(render, "WHOLE", 1)
    monkeypatch.setattr(render, "OVERVIEW", 2)
    path = tmp_path / "map.html"
    path.write_text(render_page(write_tiny(tmp_path / "data")), encoding="utf-8", newline="\n")
    visit = Visit(browser, path)
    yield visit
    assert (visit.requests, visit.complaints) == ([path.as_uri()], [])
    visit.context.close()


def test_a_large_graph_opens_on_search_and_neighbourhoods(large: Visit) -> None:
    """Nothing is drawn until a node is chosen; then what lies around it, in every view; the table holds all."""
    page = large.page
    assert large.ask("cegaMap.nodes()") == []
    assert "画在一起看不清" in page.inner_text("#message")
    page.keyboard.press("/")
    page.keyboard.type("houniao")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel h2")
    assert large.ask("cegaMap.nodes()") == ["o-1", "o-2", "o-3", "t-1"]
    page.click("[data-steps='3']")
    assert large.ask("cegaMap.nodes()") == ["o-1", "o-2", "o-3", "t-1", "t-2"]
    page.click("#views button[value=funding]")
    assert large.ask("cegaMap.nodes()") == ["o-1", "o-2"]
    page.keyboard.press("Escape")
    page.click("#views button[value=cases]")
    page.click("#show-table")
    assert page.locator("tr[data-relation]").count() == 9


def test_parts_of_a_network(tmp_path: Path) -> None:
    """A neighbourhood holds what lies within some edges; of more nodes than wanted the nearest and most joined stay."""
    kg = KnowledgeGraph(write_tiny(tmp_path))
    assert sorted(kg.shown(focus="o-1", steps=2).network) == ["o-1", "o-2", "o-3", "t-1"]
    assert sorted(kg.shown(top=3).network) == ["o-2", "t-1", "t-2"]
    assert sorted(kg.shown(focus="o-1", steps=6, top=3).network) == ["o-1", "o-2", "t-1"]
