"""docs/python.md: its examples run and give what it shows, and it leaves nothing public out."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import cega_graph as cg
from cega_graph import plots
from cega_graph.measures import connections, coverage, money


@pytest.fixture
def page(repository: Path) -> str:
    """Return the text of the page."""
    return (repository / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_examples_give_what_the_page_shows(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one session, in the order of the page, on a screen of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")
    fences = re.findall(r"^```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert all(fence.startswith(">>> ") for fence in fences)
    told: list[str] = []
    test = doctest.DocTestParser().get_doctest("".join(fences), {}, "docs/python.md", None, None)
    done = doctest.DocTestRunner(verbose=False).run(test, out=told.append)
    assert done.failed == 0, "".join(told)
    assert done.attempted > 25


def test_the_page_names_all_that_is_public(page: str) -> None:
    """Every member of the graph, every picture, every analysis; and names nothing that is not there."""
    members = {name for name in dir(cg.KnowledgeGraph) if not name.startswith("_")}
    assert members - set(re.findall(r"kg\.([a-z_]+)", page)) == set()
    named = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    assert named == {name for name in plots.__all__ if name != "Picture"}
    for module in (connections, coverage, money):
        row = next(line for line in page.splitlines() if line.startswith(f"| `{module.__name__}`"))
        public = {name for name, thing in vars(module).items()
                  if callable(thing) and thing.__module__ == module.__name__ and not name.startswith("_")}  # fmt: skip
        assert set(re.findall(r"`([a-z_]+)`", row)) == public


def test_the_pictures_of_the_page_are_small(repository: Path, page: str) -> None:
    """`scripts/draw_plots.py` draws them; 150 kB at most."""
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page)
    assert pictures
    for picture in pictures:
        content = (repository / "docs" / picture).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 150_000
