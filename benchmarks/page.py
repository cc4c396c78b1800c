"""The page in headless Chromium, beside pyvis's own page of the same network: sizes and times, as medians."""

from __future__ import annotations

import gzip
import os
import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from cega_graph.dataset import Dataset
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.model import Organization, Participation, Project, Source
from cega_graph.package import write_tables

SIZES: Final = (1000, 5000)
TURNS: Final = 5
PATIENCE: Final = 60_000
"""Milliseconds after which a page counts as not drawn."""

LEGEND: Final = (
    f"Medians of {TURNS} openings in a running browser that has opened the page before, from the start of the "
    "navigation in a new window. First map: the frame that holds all nodes, lines and labels is handed over. Ready: "
    "map and search answer. Filter: from the click to the end of the next frame. Frame: from a step of zooming and "
    "panning until it is drawn. Neighbourhood: from choosing a body until what lies around it is drawn."
)
_OPENED: Final = "['first-map', 'ready'].map((name) => performance.getEntriesByName(name)[0].startTime)"
_FILTER: Final = """async () => {
  const taken = [];
  const box = document.querySelector("input[name=role]");
  for (let turn = 0; turn < 9; turn += 1) {
    const start = performance.now();
    box.click();
    await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
    taken.push(performance.now() - start);
  }
  return taken;
}"""
_FRAMES: Final = """async () => {
  const taken = [];
  const { network } = cegaMap;
  for (let turn = 0; turn < 40; turn += 1) {
    network.moveTo({ scale: network.getScale() * (turn % 20 < 10 ? 1.05 : 1 / 1.05), offset: { x: 3, y: 2 } });
    const start = performance.now();
    await new Promise((then) => requestAnimationFrame(then));
    taken.push(performance.now() - start);
  }
  return taken;
}"""
_OPEN: Final = """async (ids) => {
  const taken = [];
  for (const id of ids) {
    const start = performance.now();
    location.hash = `#id=${id}`;
    while (cegaMap.open() !== id) await new Promise((then) => setTimeout(then));
    await new Promise((then) => requestAnimationFrame(() => setTimeout(then)));
    taken.push(performance.now() - start);
    await new Promise((then) => setTimeout(then, 500));
  }
  return taken;
}"""


def invented(folder: Path, n: int) -> KnowledgeGraph:
    """Return a network of n nodes, four relations a project; few bodies fund much, as in grant files."""
    drawn = random.Random(n)  # noqa: S311 - a network to measure, not a secret
    n_bodies = n * 3 // 5
    bodies = [
        Organization(
            organization_id=f"o-{i:010x}", name=f"第{i}环境保护中心", name_en=f"Environment Centre {i}", kind=kind
        )
        for i, kind in zip(range(n_bodies), ("ngo", "foundation", "company", "government") * n_bodies, strict=False)
    ]
    projects = [
        Project(project_id=f"g-{i}", title=f"湿地保护项目{i}", start_date=str(2010 + i % 14), source_id="g")
        for i in range(n - n_bodies)
    ]
    participations = []
    for project in projects:
        for role in ("funder", "grantee", "executor", "partner"):
            at = int(drawn.paretovariate(1.2)) if role == "funder" else drawn.randrange(n_bodies)
            body = bodies[at % n_bodies]
            row = Participation(
                participation_id=f"p-{project.project_id}-{role}",
                project_id=project.project_id,
                organization_id=body.organization_id,
                role=role,
                basis="record",
                source_id="g",
                mention=body.name,
            )
            participations.append(row)
    source = Source(source_id="g", title="Grants", year=2024)
    write_tables(
        folder,
        {"sources": [source], "organizations": bodies, "projects": projects, "participations": participations},
    )
    return KnowledgeGraph(Dataset([folder]))


def pyvis_page(kg: KnowledgeGraph, path: Path) -> None:
    """Write what `Network.from_nx` and its own template make of the network, with its defaults."""
    from pyvis.network import Network

    net = Network(directed=True, cdn_resources="in_line")
    net.from_nx(kg.network())
    path.write_text(net.generate_html(), encoding="utf-8")


def measured(browser: Browser, path: Path, steps: Callable[[Page], dict[str, float]]) -> dict[str, float]:
    """Return medians in milliseconds of opening a page several times, and of what is done on the last one.

    The browser runs and has opened the page once before. Each time is that of a new window, from the start of the
    navigation: reading the file, starting a process for the window, parsing, scripts, layout and drawing are in it.
    """
    times = []
    for turn in range(-1, TURNS):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
        page = context.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        if turn >= 0:
            times.append(page.evaluate(_OPENED))
        rest = steps(page) if turn == TURNS - 1 else {}
        context.close()
    first, ready = (statistics.median(found) for found in zip(*times, strict=True))
    return {"first": first, "ready": ready, **rest}


def on_map(page: Page) -> dict[str, float]:
    """Return the medians of a filter update and of a frame while panning and zooming."""
    return {"filter": statistics.median(page.evaluate(_FILTER)), "frame": statistics.median(page.evaluate(_FRAMES))}


def on_search(page: Page) -> dict[str, float]:
    """Return the median of choosing a body and seeing its neighbourhood."""
    ids = [f"o-{i:010x}" for i in (40, 50, 60, 70, 80)]
    return {"open": statistics.median(page.evaluate(_OPEN, ids))}


def pyvis_first(browser: Browser, path: Path) -> float | None:
    """Return when pyvis's own page has settled and drawn, in milliseconds; None if it has not in a minute."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    try:
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_function("window.network && network.physics.stabilized && network.canvas.frame", timeout=PATIENCE)
        found: float = page.evaluate("performance.now()")
    except PlaywrightTimeout:
        return None
    finally:
        context.close()
    return found


def print_pages() -> None:
    """Print one row a network."""
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    print(f"\n{LEGEND}\n")
    print("| page | size | gzip | first map | ready | filter | frame | neighbourhood | pyvis's own page |")
    print("|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=flags
        )
        graphs = {"casebook": load(), **{f"{n:,} nodes": invented(folder / str(n), n) for n in SIZES}}
        for title, kg in graphs.items():
            path, theirs = folder / "page.html", folder / "pyvis.html"
            text = kg.page()
            path.write_text(text, encoding="utf-8")
            pyvis_page(kg, theirs)
            content = text.encode()
            search = '"scale":"search"' in text
            found = measured(browser, path, on_search if search else on_map)
            other = pyvis_first(browser, theirs)
            cells: list[Any] = [title, f"{len(content):,} B", f"{len(gzip.compress(content)):,} B"]
            cells += [
                f"{found[one]:.0f} ms" if one in found else "–" for one in ("first", "ready", "filter", "frame", "open")
            ]
            cells.append("not within 60 s" if other is None else f"{other:.0f} ms")
            print(f"| {' | '.join(cells)} |", flush=True)
        browser.close()
