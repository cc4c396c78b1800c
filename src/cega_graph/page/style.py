"""The one place where a symbol, colour or line is chosen for a kind of body or a role.

Colours follow Okabe and Ito's palette (https://jfly.uni-koeln.de/color/), darkened for light and
lightened for dark backgrounds to a contrast of at least 3:1. None of them says anything alone:
kinds differ in symbol and filling as well, roles in the form of the arrow head and in words.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec


class Colour(msgspec.Struct, frozen=True):
    """One colour, on light and on dark backgrounds."""

    light: str
    dark: str


class Mark(msgspec.Struct, frozen=True):
    """How a node looks: a symbol of `SYMBOLS`, hollow or filled, and a colour."""

    symbol: str
    colour: Colour
    hollow: bool = False


class Line(msgspec.Struct, frozen=True):
    """How an edge looks: colour, form of the arrow head (a vis-network type), width in pixels."""

    colour: Colour
    head: str
    width: float


INK: Final = Colour("#24303a", "#e8edf2")
VERMILION: Final = Colour("#c4500a", "#ff9b62")
AMBER: Final = Colour("#97650a", "#e9b949")
GREEN: Final = Colour("#007a5a", "#3cc79e")
BLUE: Final = Colour("#0b63a5", "#6cb4f5")
SKY: Final = Colour("#24809f", "#85d3ee")
PURPLE: Final = Colour("#97487f", "#e39bcb")
GREY: Final = Colour("#6a7681", "#9fabb6")


def _polygon(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.3g} {y:.3g}" for x, y in points) + "Z"


def _regular(corners: int, radius: float, inner: float | None = None) -> list[tuple[float, float]]:
    """Return the corners of a regular polygon, the first on top; with `inner`, of a star."""
    radii = [radius] if inner is None else [radius, inner]
    steps = corners * len(radii)
    turns = [2 * math.pi * i / steps - math.pi / 2 for i in range(steps)]
    return [
        (radii[i % len(radii)] * math.cos(turn), radii[i % len(radii)] * math.sin(turn)) for i, turn in enumerate(turns)
    ]


def _scalloped(petals: int) -> str:
    """Return the outline of a badge with round petals: the symbol of a case."""
    points = _regular(petals, 1.0)
    arcs = "".join(f"A.42 .42 0 0 1 {x:.3g} {y:.3g}" for x, y in [*points[1:], points[0]])
    return f"M{points[0][0]:.3g} {points[0][1]:.3g}{arcs}Z"


SYMBOLS: Final = {
    "badge": _scalloped(10),
    "dot": "M1 0A1 1 0 1 1 -1 0A1 1 0 1 1 1 0Z",
    "square": "M-.9 -.9H.9V.9H-.9Z",
    "diamond": "M0 -1.25L1.25 0L0 1.25L-1.25 0Z",
    "triangle": "M0 -1.2L1.15 .85H-1.15Z",
    "triangle_down": "M0 1.2L1.15 -.85H-1.15Z",
    "hexagon": "M1.15 0L.58 1H-.58L-1.15 0L-.58 -1H.58Z",
    "pentagon": _polygon(_regular(5, 1.15)),
    "star": _polygon(_regular(5, 1.4, 0.6)),
    "plus": "M-.42 -1.1H.42V-.42H1.1V.42H.42V1.1H-.42V.42H-1.1V-.42H-.42Z",
}
"""Symbol → outline as an SVG path around 0, 0 with a radius near 1; the map and the legend draw the same path."""

PROJECT: Final = Mark("badge", INK)

KINDS: Final = {
    "foundation": Mark("square", VERMILION),
    "fund": Mark("square", VERMILION, hollow=True),
    "ngo": Mark("dot", BLUE),
    "community": Mark("dot", BLUE, hollow=True),
    "network": Mark("star", BLUE),
    "international_organization": Mark("star", SKY, hollow=True),
    "government": Mark("diamond", PURPLE),
    "public_institution": Mark("diamond", PURPLE, hollow=True),
    "protected_area": Mark("pentagon", GREEN),
    "university": Mark("triangle", GREEN),
    "research_institute": Mark("triangle", GREEN, hollow=True),
    "company": Mark("triangle_down", AMBER),
    "media": Mark("triangle_down", SKY, hollow=True),
    "platform": Mark("hexagon", AMBER),
    "programme": Mark("hexagon", AMBER, hollow=True),
    "person": Mark("plus", PURPLE),
    "group": Mark("plus", GREY, hollow=True),
    "other": Mark("pentagon", GREY, hollow=True),
}

ROLES: Final = {
    "submitter": Line(INK, "bar", 1.4),
    "funder": Line(VERMILION, "arrow", 2.2),
    "intermediary": Line(AMBER, "arrow", 2.2),
    "grantee": Line(GREEN, "arrow", 2.2),
    "co_initiator": Line(BLUE, "vee", 1.6),
    "co_developer": Line(SKY, "vee", 1.6),
    "accountable": Line(INK, "vee", 1.6),
    "executor": Line(PURPLE, "diamond", 1.6),
    "partner": Line(SKY, "circle", 1.2),
    "supporter": Line(GREY, "circle", 1.2),
    "adviser": Line(AMBER, "circle", 1.2),
    "other": Line(GREY, "box", 1.2),
}

PAPER: Final = {"back": "#ffffff", "ink": "#1c252d", "soft": "#55616c", "accent": "#0b63a5"}
"""The colours of exported and printed pictures; as in page.css on light backgrounds."""

HEADS: Final = {
    "arrow": "M32 6L22 1.5V10.5Z",
    "vee": "M32 6L22 1.5L25 6L22 10.5Z",
    "bar": "M29.5 1H32V11H29.5Z",
    "diamond": "M32 6L27 2.5L22 6L27 9.5Z",
    "circle": "M32 6A3.5 3.5 0 1 1 25 6A3.5 3.5 0 1 1 32 6Z",
    "box": "M25 2.5H32V9.5H25Z",
}
"""Form of an arrow head → its outline in the legend, in a box of 34 × 12."""


def mark_of(kind: str) -> Mark:
    """Return how a node of a kind looks; `project` is a kind here, an unknown kind looks like `other`.

    >>> mark_of("foundation").symbol
    'square'
    """
    return PROJECT if kind == "project" else KINDS.get(kind, KINDS["other"])


def line_of(role: str) -> Line:
    """Return how an edge of a role looks; an unknown role looks like `other`.

    >>> line_of("funder").head
    'arrow'
    """
    return ROLES.get(role, ROLES["other"])


def radius_of(kind: str, n_projects: int) -> float:
    """Return the radius of a node in pixels at zoom 1: bodies grow with the root of the number of their projects.

    >>> radius_of("ngo", 1), radius_of("ngo", 4), radius_of("project", 0)
    (6.0, 10.5, 15.0)
    """
    if kind == "project":
        return 15.0
    return round(min(6 + 4.5 * (math.sqrt(max(n_projects, 1)) - 1), 20), 1)


def colour_rules() -> str:
    """Return the CSS rules that give each kind and role its colour in the legend, panel and table."""
    kinds = {"project": PROJECT.colour, **{kind: mark.colour for kind, mark in KINDS.items()}}
    pairs = [(f".k-{kind}", colour) for kind, colour in kinds.items()]
    pairs += [(f".r-{role}", line.colour) for role, line in ROLES.items()]
    light = "".join(f"{name}{{color:{colour.light}}}" for name, colour in pairs)
    dark = "".join(f"{name}{{color:{colour.dark}}}" for name, colour in pairs)
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}@media print{{{light}}}"
