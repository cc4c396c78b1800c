"""Which bodies of two releases are one: the same id, or names that moved when a body came or went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cega_graph.dataset import Dataset
from cega_graph.model import Name, Organization
from cega_graph.names.normalize import normalize


@dataclass
class Side:
    """The bodies of one release: by id, and the ids that bear each name (spelling aside)."""

    bodies: dict[str, Organization]
    bearers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    names: list[Name] = field(default_factory=list)


@dataclass(frozen=True)
class Moved:
    """A body that a merger took away or a split brought: its id, and the names before and after."""

    change: str
    organization_id: str
    before: str
    after: str


@dataclass(frozen=True)
class Matched:
    """Bodies of two releases put together.

    `key` gives each id of either release what stands for the body in both: the smallest id of those
    that are one. `pairs` are (old id, new id) of bodies to compare, `added` and `removed` ids that
    only one release has, `moved` the mergers and splits.
    """

    old: Side
    new: Side
    key: Mapping[str, str]
    pairs: list[tuple[str, str]]
    added: list[str]
    removed: list[str]
    moved: list[Moved]


def side_of(dataset: Dataset) -> Side:
    """Return the bodies and names of a release."""
    side = Side({row.organization_id: row for row in dataset.rows("organizations")})
    for row in dataset.rows("names"):
        side.names.append(row)
        side.bearers[normalize(row.name)].add(row.organization_id)
    for body in side.bodies.values():
        side.bearers[normalize(body.name)].add(body.organization_id)
    return side


def match(old: Side, new: Side) -> Matched:
    """Return which bodies of two releases are one.

    A body that is in one release only is one with those of the other that bear one of its names: a
    body that is gone was merged into them, a new one split off, and where it is one against one, its
    id changed. Bodies that both releases have under their ids stay apart, whatever names they share.
    """
    links = _links(old, new)
    key: dict[str, str] = {}
    pairs: list[tuple[str, str]] = []
    moved: list[Moved] = []
    added: list[str] = []
    removed: list[str] = []
    for olds, news in _parts(sorted(old.bodies), sorted(new.bodies), links):
        for one in (*olds, *news):
            key[one] = min(*olds, *news) if len(olds) + len(news) > 1 else one
        if not olds:
            added += news
        elif not news:
            removed += olds
        elif len(olds) == len(news) == 1:
            pairs.append((olds[0], news[0]))
        else:
            pairs += [(one, one) for one in olds if one in news]
            moved += _moved(old, new, olds, news, links)
    return Matched(old, new, key, sorted(pairs), sorted(added), sorted(removed), moved)


def _links(old: Side, new: Side) -> set[tuple[str, str]]:
    """Return (old id, new id) of what belongs together."""
    links = {(one, one) for one in old.bodies if one in new.bodies}
    for spelling, bearers in old.bearers.items():
        if not spelling:
            continue
        for one in bearers:
            for other in new.bearers.get(spelling, ()):
                if one in old.bodies and other in new.bodies and (one not in new.bodies or other not in old.bodies):
                    links.add((one, other))
    return links


def _parts(olds: Iterable[str], news: Iterable[str], links: set[tuple[str, str]]) -> list[tuple[list[str], list[str]]]:
    """Return the connected parts, each as sorted old ids and sorted new ids."""
    nodes = [(0, one) for one in olds] + [(1, one) for one in news]
    joined: dict[tuple[int, str], list[tuple[int, str]]] = {node: [] for node in nodes}
    for one, other in sorted(links):
        joined[0, one].append((1, other))
        joined[1, other].append((0, one))
    seen: set[tuple[int, str]] = set()
    parts = []
    for node in nodes:
        stack, part = [node], []
        while stack:
            here = stack.pop()
            if here not in seen:
                seen.add(here)
                part.append(here)
                stack += joined[here]
        if part:
            parts.append((sorted(i for side, i in part if side == 0), sorted(i for side, i in part if side == 1)))
    return parts


def _moved(old: Side, new: Side, olds: list[str], news: list[str], links: set[tuple[str, str]]) -> list[Moved]:
    """Return a merger for each body that is gone and a split for each that is new.

    Where all bodies of one release became a single new one, that one is no split, and the other way round.
    """
    moved = []
    if len(olds) > 1:
        for one in olds:
            if one not in new.bodies:
                into = next(other for other in news if (one, other) in links)
                moved.append(Moved("merged", one, old.bodies[one].name, new.bodies[into].name))
    if len(news) > 1:
        for other in news:
            if other not in old.bodies:
                out_of = next(one for one in olds if (one, other) in links)
                moved.append(Moved("split", other, old.bodies[out_of].name, new.bodies[other].name))
    return moved
