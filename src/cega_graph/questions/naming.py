"""The body or project that a person means by a word."""

from __future__ import annotations

import re

from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.finding import find_bodies
from cega_graph.names.ledger import read_ledger
from cega_graph.names.normalize import normalize
from cega_graph.resources import root


def body_of(dataset: Dataset, name: str) -> str:
    """Return the id of the body that bears a name, in any form that names or the ledger know; or is the id.

    Raises:
        UnknownIdentifier: No body or several bear it; the text names the candidates, or the nearest names.
    """
    if any(row.organization_id == name for row in dataset.rows("organizations")):
        return name
    found = find_bodies(dataset, name, read_ledger(root("data"))) if normalize(name) else []
    if len(found) == 1:
        return found[0][0]
    if found:
        shown = "; ".join(f"{body[1]} ({body[0]})" for body in found[:8])
        more = f"; and {len(found) - 8} more" if len(found) > 8 else ""
        message = f"name {name!r} can mean {len(found)} bodies: {shown}{more}; give a longer name or the id"
        raise UnknownIdentifier(message)
    message = f"nobody bears the name {name!r}; nearest are {', '.join(_nearest(dataset, name)) or 'none'}"
    raise UnknownIdentifier(message)


def _nearest(dataset: Dataset, name: str) -> list[str]:
    """The three names most alike; a proposal for the reader, never a decision."""
    from rapidfuzz import fuzz, process

    names = sorted({row.name for row in dataset.rows("names")})
    return [match[0] for match in process.extract(name, names, scorer=fuzz.WRatio, limit=3)]


def project_of(dataset: Dataset, name: str) -> str:
    """Return the id of the project of an id, number or part of a title; whole words win over parts of words.

    Raises:
        UnknownIdentifier: No project or several are meant.
    """
    projects = list(dataset.rows("projects"))
    exact = [p for p in projects if name in {p.project_id, p.number, p.identifier, p.title, p.title_en}]
    part = normalize(name)
    partly = [p for p in projects if part and part in normalize(f"{p.title} {p.title_en}")]
    word = re.compile(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])")
    found = exact or [p for p in partly if word.search(normalize(f"{p.title} {p.title_en}"))] or partly
    if len(found) == 1:
        return str(found[0].project_id)
    if not found:
        message = f"no project is called {name!r}; give its id, number or a part of its title"
        raise UnknownIdentifier(message)
    shown = "; ".join(f"{p.title or p.title_en} ({p.project_id})" for p in found[:8])
    message = f"project {name!r} can mean {len(found)}: {shown}; give the id"
    raise UnknownIdentifier(message)
