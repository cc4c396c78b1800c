"""Which bodies and projects a map shows: chosen from columns, so that millions of others cost a moment.

No row is made of what is not shown. The plain, slow way to say the same stands in the tests.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.measures.codes import coded, distinct
from cega_graph.tabular import Wanted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cega_graph.dataset.piece import Piece

    Booleans = NDArray[np.bool_]
    Integers = NDArray[np.int64]

_FAR: Final = np.iinfo(np.int64).max
"""The distance of what cannot be reached."""


class Links(NamedTuple):
    """Which bodies take part in which projects.

    Attributes:
        ids: Of all bodies and projects, in the order of code points.
        is_project: For each id.
        bodies: For each pair of a body and a project that it takes part in the place of the body in `ids`.
        projects: For each pair the place of the project.
        individuals: For each id whether it is a person whom only rows of files name (basis `record`).
        n_loose: Participations of bodies or in projects that are in no table; no pair says them.
    """

    ids: pd.Index[str]
    is_project: Booleans
    bodies: Integers
    projects: Integers
    individuals: Booleans
    n_loose: int

    def everything(self) -> Booleans:
        """Return a choice of all."""
        return np.ones(len(self.ids), dtype=np.bool_)

    def place(self, node: str) -> int:
        """Return the place of an id; -1 if there is no such body or project."""
        return int(self.ids.get_indexer(pd.Index([node], dtype=self.ids.dtype))[0])

    def among(self, chosen: Booleans) -> tuple[Integers, Integers]:
        """Return the pairs of which both are chosen, as places of bodies and of projects."""
        both = chosen[self.bodies] & chosen[self.projects]
        return self.bodies[both], self.projects[both]


def read_links(dataset: Dataset) -> Links:
    """Return who takes part in what; inference adds no pair, so that stored rows are enough."""
    bodies, projects = dataset.frame("organizations"), dataset.texts("projects", ["project_id"])
    rows = dataset.texts("participations", ["organization_id", "project_id", "basis"])
    columns = [bodies["organization_id"], projects["project_id"], rows["organization_id"], rows["project_id"]]
    codes, texts = coded(pd.concat(columns, ignore_index=True))
    of_body, of_project, body, project = np.split(codes, np.cumsum([len(column) for column in columns])[:-1])
    is_body, is_project = np.zeros((2, len(texts)), dtype=np.bool_)
    is_body[of_body], is_project[of_project] = True, True
    is_whole = is_body[body] & is_project[project]
    persons, printed = np.zeros((2, len(texts)), dtype=np.bool_)
    persons[of_body[(bodies["kind"] == "person").to_numpy()]] = True
    printed[body[~rows["basis"].isin(["record", "inferred"]).to_numpy()]] = True
    takes_part = np.zeros(len(texts), dtype=np.bool_)
    takes_part[body] = True
    known = is_body | is_project
    place = np.cumsum(known) - 1
    pairs = distinct(place[body[is_whole]] * max(1, len(texts)) + place[project[is_whole]])
    first, second = np.divmod(pairs, max(1, len(texts)))
    individuals = (persons & takes_part & ~printed)[known]
    return Links(texts[known], is_project[known], first, second, individuals, int((~is_whole).sum()))


def choose(  # noqa: PLR0913 - what a page is asked for
    links: Links, *, focus: str = "", steps: int = 2, top: int | None = None, nodes: Iterable[str] | None = None,
    individuals: bool = False,
) -> tuple[Booleans, Booleans]:  # fmt: skip
    """Return a choice of what the whole map shows, and of what the part shows that the arguments name.

    Args:
        focus, steps, top, nodes, individuals: As for `KnowledgeGraph.page`.

    Raises:
        UnknownIdentifier: Nothing that is shown has one of these ids, or `nodes` is empty.
    """
    visible = links.everything() if individuals else ~links.individuals
    wanted = None if nodes is None else sorted(set(nodes))
    if wanted is not None and not wanted:
        message = "there is no body and no project to show"
        raise UnknownIdentifier(message)
    for one in (*(wanted or ()), *([focus] if focus else [])):
        if (place := links.place(one)) < 0 or not visible[place]:
            message = f"{one}: no body or project has this id; `cega-graph names find NAME` prints ids"
            raise UnknownIdentifier(message)
    chosen = visible if wanted is None else joined(links, visible, wanted)
    if not focus:
        return visible, chosen if top is None else most_connected(links, chosen, top)
    start = links.place(focus)
    if not chosen[start]:
        message = f"{focus}: is not among the bodies and projects to show; name it with them, or leave it out"
        raise UnknownIdentifier(message)
    far = distances(links, chosen, start, steps=steps)
    near = chosen & (far <= steps)
    return visible, near if top is None else most_connected(links, near, top, far)


def distances(links: Links, chosen: Booleans, start: int, *, steps: int) -> Integers:
    """Return how many participations, at most `steps`, lie between a place and each of the chosen; else a huge number.

    >>> import pandas as pd
    >>> links = Links(pd.Index(["o-1", "o-2", "t-1", "t-2"]), np.array([False, False, True, True]),
    ...               np.array([0, 1, 1]), np.array([2, 2, 3]), np.zeros(4, dtype=bool), 0)
    >>> np.flatnonzero(distances(links, links.everything(), 0, steps=2) <= 2).tolist()
    [0, 1, 2]
    """
    bodies, projects = links.among(chosen)
    far = np.full(len(links.ids), _FAR, dtype=np.int64)
    far[start] = 0
    for step in range(1, steps + 1):
        reached = np.concatenate([projects[far[bodies] == step - 1], bodies[far[projects] == step - 1]])
        reached = reached[far[reached] == _FAR]
        if not len(reached):
            break
        far[reached] = step
    return far


def most_connected(links: Links, chosen: Booleans, n: int, far: Integers | None = None) -> Booleans:
    """Return a choice of at most `n` of the chosen, those with the most neighbours among them.

    What is nearer comes first, if distances are given. Of equals the lower id stays; what loses all its
    neighbours by this goes as well, the place at distance 0 excepted.
    """
    degrees = _degrees(links, chosen)
    near = np.zeros(len(links.ids), dtype=np.int64) if far is None else far
    ranked = np.lexsort((-degrees, near, ~chosen))
    part = np.zeros(len(links.ids), dtype=np.bool_)
    part[ranked[:n]] = True
    part &= chosen
    lost = part & (degrees > 0) & (_degrees(links, part) == 0)
    if far is not None:
        lost &= far > 0
    part[lost] = False
    return part


def _degrees(links: Links, chosen: Booleans) -> Integers:
    return np.bincount(np.concatenate(links.among(chosen)), minlength=len(links.ids))


def joined(links: Links, chosen: Booleans, wanted: Collection[str]) -> Booleans:
    """Return a choice of the bodies and projects that are wanted and among the chosen.

    Where no project is wanted, the projects that join at least two of the bodies come along.
    """
    part: Booleans = np.logical_and(chosen, links.ids.isin(list(wanted)))
    if not (part & links.is_project).any():
        projects = links.projects[part[links.bodies]]
        part |= chosen & (np.bincount(projects, minlength=len(links.ids)) > 1)
    return part


def rows_of(dataset: Dataset, links: Links, chosen: Booleans) -> Piece:
    """Return what a data set says about the chosen: of the projects all participations, so that inference is the same.

    The rows of bodies that are not chosen are left out.
    """
    bodies = frozenset(links.ids[chosen & ~links.is_project])
    projects = frozenset(links.ids[chosen & links.is_project])
    sources = frozenset(dataset.texts("sources", ["source_id"])["source_id"])
    of_bodies, of_projects = Wanted("organization_id", bodies), Wanted("project_id", projects)
    return dataset.part({
        "sources": Wanted("source_id", sources),
        **dict.fromkeys(("organizations", "names", "identifiers", "memberships"), of_bodies),
        **dict.fromkeys(("projects", "participations", "grants"), of_projects),
    })  # fmt: skip
