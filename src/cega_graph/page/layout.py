"""Where the nodes lie: every case a flower of the bodies that only it names, joined by the bodies it shares.

Cases and shared bodies are discs that springs pull together and that do not overlap; several starts
are computed at once and the clearest is taken. The petals then stand around their case, those of
one role side by side, with room left in the direction of the shared bodies.

Only operations whose result IEEE 754 fixes (`+ - * /` and square roots) run inside the simulation,
because any last digit that differs between machines would grow into another picture.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Final

import networkx as nx
import numpy as np
import numpy.typing as npt

Position = tuple[int, int]
_Floats = npt.NDArray[np.float64]

WIDENING: Final = 1.4
"""Widths over heights: labels are wider than high, so all is stretched sideways by this factor."""

_PETAL_SPACE: Final = 50.0
_FIRST_RING: Final = 80.0
_NEXT_RING: Final = 42.0
_RIM: Final = 26.0
_BODY_RADIUS: Final = 30.0
_GAP: Final = 10.0
_STEPS: Final = 260
_STARTS: Final = 40
_BUDGET: Final = 26_000_000
"""Pairs × starts × steps that a layout may look at; larger networks get fewer starts, then fewer steps."""

ROLE_ORDER: Final = (
    "submitter", "funder", "intermediary", "co_initiator", "co_developer", "accountable", "executor",
    "grantee", "partner", "supporter", "adviser", "other",
)  # fmt: skip
"""The order of petals around a case."""


def isolated(network: nx.MultiDiGraph[str]) -> list[str]:
    """Return the nodes without an edge, sorted; they go to a list, not on the map."""
    return sorted(node for node in network if network.degree(node) == 0)


def positions(network: nx.MultiDiGraph[str], *, aspect: float) -> dict[str, Position]:
    """Return the position of each node that has an edge, in whole pixels, sorted by id.

    Args:
        network: As `cega_graph.network.to_network` makes it: every edge joins a body and a project. Not changed.
        aspect: Width over height of the place the map is drawn in.
    """
    flowers = _flowers(network)
    hubs = sorted({*flowers, *(n for n in network if network.degree(n) and n not in _petals(flowers))})
    if not hubs:
        return {}
    index = {hub: i for i, hub in enumerate(hubs)}
    slots = {hub: len(flowers.get(hub, ())) + len(_shared(network, hub, index)) for hub in hubs}
    radii = np.array([_radius(slots[hub]) if hub in flowers else _BODY_RADIUS for hub in hubs])
    pairs = sorted({_pair(index[a], index[b]) for a, b in network.edges() if a in index and b in index})
    places = _settle(radii, np.array(pairs, dtype=np.int64).reshape(-1, 2), aspect / WIDENING)
    found = {hub: (float(places[i, 0]), float(places[i, 1])) for hub, i in index.items()}
    for hub, petals in flowers.items():
        around = [found[other] for other in _shared(network, hub, index)]
        found.update(zip(petals, _ring(found[hub], len(petals), around), strict=True))
    return {node: (round(x * WIDENING), round(y)) for node, (x, y) in sorted(found.items())}


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _flowers(network: nx.MultiDiGraph[str]) -> dict[str, list[str]]:
    """Return project → the bodies that take part in it only, by role and name."""
    flowers: dict[str, list[str]] = {}
    for node in sorted(network):
        if network.nodes[node]["type"] == "project" and network.degree(node):
            only = {body for body in nx.all_neighbors(network, node) if len(set(nx.all_neighbors(network, body))) == 1}
            flowers[node] = sorted(
                only, key=lambda body: (_first_role(network, body), network.nodes[body]["label"], body)
            )
    return flowers


def _first_role(network: nx.MultiDiGraph[str], body: str) -> int:
    edges = [*network.in_edges(body, data="role"), *network.out_edges(body, data="role")]
    ranks = {role: rank for rank, role in enumerate(ROLE_ORDER)}
    return min(ranks.get(role, len(ranks)) for _, _, role in edges)


def _petals(flowers: Mapping[str, Sequence[str]]) -> set[str]:
    return {petal for petals in flowers.values() for petal in petals}


def _shared(network: nx.MultiDiGraph[str], hub: str, index: Mapping[str, int]) -> list[str]:
    return sorted(other for other in set(nx.all_neighbors(network, hub)) if other in index)


def _rings(slots: int) -> list[float]:
    """Return the radii of the rings that hold a number of slots, inner first; slots go to them in turn."""
    n_rings = 1 if slots <= 10 else 2 if slots <= 24 else 3 if slots <= 48 else 4
    radii: list[float] = []
    for ring in range(n_rings):
        least = radii[-1] + _NEXT_RING if radii else _FIRST_RING
        radii.append(max(least, _PETAL_SPACE * (slots / n_rings) / (2 * math.pi)) if not ring else least)
    return radii


def _radius(slots: int) -> float:
    return _rings(slots)[-1] + _RIM


def _ring(centre: tuple[float, float], petals: int, around: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the places of the petals of a flower; the slots nearest to the shared bodies stay free."""
    slots = petals + len(around)
    if not petals:
        return []
    turns = sorted(math.atan2(y - centre[1], x - centre[0]) for x, y in around)
    start = turns[0] if turns else -math.pi / 2
    free = list(range(slots))
    for turn in turns:
        wanted = (turn - start) / (2 * math.pi) * slots
        free.remove(min(free, key=lambda slot: (min((slot - wanted) % slots, (wanted - slot) % slots), slot)))
    rings = _rings(slots)
    places = []
    for slot in free:
        turn, radius = start + 2 * math.pi * slot / slots, rings[slot % len(rings)]
        places.append((centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)))
    return places


def _settle(radii: _Floats, pairs: npt.NDArray[np.int64], aspect: float) -> _Floats:
    """Return the places of discs, as an array of shape (n, 2): of several starts, the clearest outcome."""
    n = len(radii)
    starts = max(1, min(_STARTS, _BUDGET // (n * n * _STEPS)))
    steps = max(20, min(_STEPS, _BUDGET // (n * n)))
    at = _start(radii, starts, aspect)
    apart = radii[:, None] + radii[None, :] + _GAP
    np.fill_diagonal(apart, 0.0)
    linked = np.zeros((n, n))
    linked[pairs[:, 0], pairs[:, 1]] = linked[pairs[:, 1], pairs[:, 0]] = 1.0
    linked /= np.maximum(np.add.reduce(linked, axis=0), 1.0)
    for step in range(steps):
        heat = 1.0 - step / steps
        _move(at, apart, linked * (0.30 * heat + 0.02), min(1.0, 0.15 + 1.2 * step / steps))
        at *= 1.0 - np.array([0.02 / aspect, 0.02 * aspect]) * heat
    for _ in range(60):
        _move(at, apart, None, 1.0)
    turned = [_turned(at[start], radii, aspect) for start in range(starts)]
    costs = [_cost(places, radii, pairs, aspect) for places in turned]
    best = turned[costs.index(min(costs))]
    low, high = (best - radii[:, None]).min(axis=0), (best + radii[:, None]).max(axis=0)
    centred: _Floats = best - (low + high) / 2
    return centred


def _turned(at: _Floats, radii: _Floats, aspect: float) -> _Floats:
    """Return the places turned so that they fill the page best."""
    turns = [(math.cos(math.pi * i / 18), math.sin(math.pi * i / 18)) for i in range(18)]
    found = [np.stack([at[:, 0] * c - at[:, 1] * s, at[:, 0] * s + at[:, 1] * c], axis=1) for c, s in turns]
    needed = [_extent(places, radii, aspect) for places in found]
    return found[needed.index(min(needed))]


def _extent(at: _Floats, radii: _Floats, aspect: float) -> float:
    """Return how high a page of that aspect must be to hold the discs."""
    extent = (at + radii[:, None]).max(axis=0) - (at - radii[:, None]).min(axis=0)
    return max(float(extent[0]) / aspect, float(extent[1]))


def _start(radii: _Floats, starts: int, aspect: float) -> _Floats:
    """Return seeded random places, of shape (starts, n, 2)."""
    generator = random.Random(20240129)  # noqa: S311 - a picture, not a secret
    width = math.sqrt(float((radii * radii).sum())) * 1.5
    drawn = [generator.random() - 0.5 for _ in range(starts * len(radii) * 2)]
    spread = np.array([width * math.sqrt(aspect), width / math.sqrt(aspect)])
    places: _Floats = np.array(drawn).reshape(starts, len(radii), 2) * spread
    return places


def _move(at: _Floats, apart: _Floats, pull: _Floats | None, push: float) -> None:
    """Move all discs one step: away from those they overlap, towards those they are linked to."""
    across = at[:, :, None, 0] - at[:, None, :, 0]
    down = at[:, :, None, 1] - at[:, None, :, 1]
    distance = np.sqrt(across * across + down * down) + 1e-6
    beyond = distance - apart
    force = np.minimum(beyond, 0.0) * (0.4 * push)
    if pull is not None:
        force += np.maximum(beyond, 0.0) * pull
    force /= distance
    at[:, :, 0] += np.add.reduce(across * force, axis=1)
    at[:, :, 1] += np.add.reduce(down * force, axis=1)


def _cost(at: _Floats, radii: _Floats, pairs: npt.NDArray[np.int64], aspect: float) -> float:
    """Return how unclear a picture is: crossings, lines through foreign flowers, its extent, long lines."""
    scale = 2.0 * _extent(at, radii, aspect)
    if not len(pairs) or len(pairs) > 400:
        return scale
    a, b = at[pairs[:, 0]], at[pairs[:, 1]]
    along = b - a
    lengths = np.sqrt(along[:, 0] ** 2 + along[:, 1] ** 2) + 1e-9
    to = at[None, :, :] - a[:, None, :]
    part = np.clip((to[..., 0] * along[:, None, 0] + to[..., 1] * along[:, None, 1]) / (lengths**2)[:, None], 0.0, 1.0)
    off = to - along[:, None, :] * part[..., None]
    near = np.sqrt(off[..., 0] ** 2 + off[..., 1] ** 2)
    pierced = np.maximum(1.0 - near / radii[None, :], 0.0)
    rows = np.arange(len(pairs))
    pierced[rows, pairs[:, 0]] = pierced[rows, pairs[:, 1]] = 0.0
    return scale + 60.0 * float(pierced.sum()) + 40.0 * _crossings(a, b) + 0.15 * float(lengths.sum())


def _crossings(a: _Floats, b: _Floats) -> int:
    def side(p: _Floats, q: _Floats, r: _Floats) -> _Floats:
        to, on = q - p, r - p
        turned: _Floats = to[..., 0] * on[..., 1] - to[..., 1] * on[..., 0]
        return turned

    p, q, r, s = a[:, None], b[:, None], a[None, :], b[None, :]
    crossing = (side(p, q, r) * side(p, q, s) < 0) & (side(r, s, p) * side(r, s, q) < 0)
    return int(crossing.sum()) // 2
