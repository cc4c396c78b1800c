"""The reader knows no name, title or number of the 2024 casebook: it must carry over to other books."""

from __future__ import annotations

import ast
from pathlib import Path

import cega_graph
from cega_graph.model import Name, Organization, Project
from cega_graph.names.normalize import has_han
from cega_graph.tabular import read_rows


def strings_of(path: Path) -> list[str]:
    """Return the text constants of a module that are no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return [
        node.value for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]  # fmt: skip


def test_no_name_or_title_of_the_casebook_stands_in_code(data_folder: Path) -> None:
    known: set[str] = set()
    for sub in ("tables", "curated"):
        known |= {o.name for o in read_rows(data_folder / sub / "organizations.csv", Organization)}
        known |= {n.name for n in read_rows(data_folder / sub / "names.csv", Name)}
        known |= {p.title for p in read_rows(data_folder / sub / "projects.csv", Project)}
    known = {n for n in known if sum(map(has_han, n)) >= 4}
    assert len(known) > 100
    source = Path(cega_graph.__file__).parent
    found = {
        (path.name, name)
        for path in sorted(source.rglob("*.py"))
        for text in strings_of(path)
        for name in known
        if name in text
    }
    assert set() == found
