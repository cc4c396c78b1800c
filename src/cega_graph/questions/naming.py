"""The body or project that a person means by a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.finding import find_bodies
from cega_graph.names.ledger import read_ledger
from cega_graph.names.normalize import normalize
from cega_graph.resources import root

if TYPE_CHECKING:
    import pandas as pd


def body_of(dataset: Dataset, name: str) -> str:
    """Return the id of the body that bears a name, in any form that names or the ledger know; or is the id.

    Raises:
        UnknownIdentifier: No body or several bear it; the text names the candidates, or the nearest names.
    """
    if (dataset.frame("organizations")["organization_id"] == name).any():
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

    names = sorted(set(dataset.frame("names")["name"].to_numpy(dtype=object)))
    return [match[0] for match in process.extract(name, names, scorer=fuzz.WRatio, limit=3)]


def project_of(dataset: Dataset, name: str) -> str:
    """Return the id of the project of an id, number or part of a title; whole words win over parts of words.

    Raises:
        UnknownIdentifier: No project or several are meant.
    """
    projects = dataset.frame("projects")
    known = [projects[column] == name for column in ("project_id", "number", "identifier", "title", "title_en")]
    exact = projects[np.logical_or.reduce(known)]
    found = _titled(exact) if len(exact) else _called(_titled(projects), normalize(name))
    if len(found) == 1:
        return found[0][0]
    if not found:
        message = f"no project is called {name!r}; give its id, number or a part of its title"
        raise UnknownIdentifier(message)
    shown = "; ".join(f"{title or title_en} ({project})" for project, title, title_en in found[:8])
    message = f"project {name!r} can mean {len(found)}: {shown}; give the id"
    raise UnknownIdentifier(message)


Titled = tuple[str, str, str]
"""Id, title and English title of a project."""


def _titled(projects: pd.DataFrame) -> list[Titled]:
    columns = (projects[column].to_numpy(dtype=object) for column in ("project_id", "title", "title_en"))
    return list(zip(*columns, strict=True))


def _called(projects: list[Titled], part: str) -> list[Titled]:
    """Return the projects in whose titles some words stand, as whole words if there are such."""
    spelled = [(one, normalize(f"{one[1]} {one[2]}")) for one in projects]
    partly = [(one, titles) for one, titles in spelled if part and part in titles]
    word = re.compile(rf"(?<![a-z0-9]){re.escape(part)}(?![a-z0-9])")
    return [one for one, titles in partly if word.search(titles)] or [one for one, _ in partly]
