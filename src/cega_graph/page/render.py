"""Content, layout and style → the text of one HTML file.

pyvis 0.3.2 is the model of nodes, edges and options, and its package the place that vis-network
9.1.2 comes from; nothing of pyvis's own page is used (it loads files from CDNs and lets names run
as script: WestHealth/pyvis#228).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import networkx as nx
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from cega_graph.network import to_network
from cega_graph.page.content import Content, Excerpt, Relation, read_content
from cega_graph.page.layout import Position, positions
from cega_graph.page.style import HEADS, KINDS, PAPER, ROLES, SYMBOLS, colour_rules, line_of, mark_of, radius_of
from cega_graph.page.words import INTERFACE, Words, coverage, excerpt_in_words, term_words, title_of

if TYPE_CHECKING:
    from cega_graph.dataset import HasRows
    from cega_graph.sources.text import Sentences

LANDSCAPE: Final = 1.45
PORTRAIT: Final = 0.45
"""Width over height of the map on a desktop and on a phone."""

WHOLE: Final = 300
OVERVIEW: Final = 1500
"""The most nodes that are shown with all their labels, and as an overview."""

_VIS: Final = "lib/vis-9.1.2/vis-network.min.js"

_OPTIONS: Final = {
    "autoResize": True,
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {
        "hover": True, "tooltipDelay": 100000, "multiselect": False, "dragNodes": False, "selectConnectedEdges": False,
        "keyboard": {"enabled": False}, "zoomSpeed": 0.6,
    },
    "nodes": {"shape": "custom", "chosen": False},
    "edges": {"chosen": False, "selectionWidth": 0, "hoverWidth": 0, "smooth": False},
}  # fmt: skip


def render_page(
    dataset: HasRows,
    *,
    network: nx.MultiDiGraph[str] | None = None,
    sentences: Sentences | None = None,
    excerpt: Excerpt | None = None,
) -> str:
    """Return the network map as the text of one HTML file that needs nothing else, to be written as UTF-8.

    The same data give the same text: no time, no path, no order of a hash table is in it.

    Args:
        dataset: The rows.
        network: What to show, if not all: a part of `to_network(dataset)`. Not changed.
        sentences: The texts of sources at hand; with them each relation shows its sentence.
        excerpt: What `network` is cut from; heading, status and panels say so.
    """
    shown = to_network(dataset) if network is None else network
    content = read_content(dataset, shown, sentences, excerpt)
    style = _file("page.css") + colour_rules()
    early, vis, script = _file("early.js"), _vis(), _script()
    page = _template().render(
        policy=_policy(styles=(style,), scripts=(early, script, vis)),
        style=Markup(style),  # noqa: S704 - our own file
        early=Markup(early),  # noqa: S704 - our own file
        vis=Markup(vis),  # noqa: S704 - pyvis's own file
        script=Markup(script),  # noqa: S704 - our own file
        payload=Markup(_json(_payload(content, shown))),  # noqa: S704 - escaped by _json
        content=content,
        coverage=coverage(content),
        title=title_of(content),
        words=INTERFACE,
        terms=term_words(are_cases=content.are_cases),
        nodes={node.id: node for node in content.nodes},
        groups=_groups(content),
        legend=_legend(content),
        years=_years(content),
        titles={book.id: book.title for book in content.books},
        theme_names={node.theme: Words(node.theme, node.theme_en or node.theme) for node in content.nodes},
        symbols=SYMBOLS,
        heads=HEADS,
        marks={"project": mark_of("project"), **KINDS},
        lines=ROLES,
    )
    return page.replace("\r\n", "\n")


def _groups(content: Content) -> list[tuple[str, list[Relation]]]:
    """Return the rows of the table, by project in the order of the nodes."""
    found: dict[str, list[Relation]] = defaultdict(list)
    for relation in content.relations:
        found[relation.project].append(relation)
    return [(node.id, found[node.id]) for node in content.nodes if node.id in found]


def _legend(content: Content) -> dict[str, list[tuple[str, int]]]:
    """Return the kinds on the map and the roles with their numbers, in the order of the vocabularies."""
    away = set(content.isolated)
    kinds = Counter(node.kind for node in content.nodes if node.id not in away)
    roles = Counter(relation.role for relation in content.relations)
    bases = Counter("inferred" if relation.basis == "inferred" else "stated" for relation in content.relations)
    terms = term_words(are_cases=content.are_cases)
    projects = [node for node in content.nodes if node.type == "project" and node.id not in away]
    members = sum(node.member and node.id not in away for node in content.nodes)
    sources = Counter(relation.place.source for relation in content.relations)
    return {
        "sources": sorted(sources.items()) if len(sources) > 1 else [],
        "kinds": _in_order(kinds, terms["kinds"]),
        "roles": _in_order(roles, terms["roles"]),
        "bases": [(basis, bases[basis]) for basis in ("stated", "inferred") if bases[basis]],
        "members": [("member", members)] if members else [],
        "themes": _unstated_last(Counter(project.theme for project in projects)),
        "places": _unstated_last(Counter(place for project in projects for place in project.places or ("",))),
        "undated": [("undated", sum(not project.start_date and not project.end_date for project in projects))],
    }


def _unstated_last(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return values and their numbers, the most frequent first; nothing if there is nothing to choose between."""
    if len(counts) < 2:
        return []
    return sorted(counts.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))


def _years(content: Content) -> tuple[str, str] | None:
    """Return the first and last year that a project names."""
    dates = [date for node in content.nodes for date in (node.start_date, node.end_date) if date]
    years = sorted(part[:4] for date in dates for part in date.split("/"))
    return (years[0], years[-1]) if years else None


def _in_order(counts: Mapping[str, int], terms: Iterable[str]) -> list[tuple[str, int]]:
    known = [term for term in terms if term in counts]
    return [(term, counts[term]) for term in [*known, *sorted(set(counts) - set(known))]]


def _payload(content: Content, network: nx.MultiDiGraph[str]) -> dict[str, Any]:
    """Return what the script of the page works on."""
    scale = _scale(content)
    places = {} if scale == "search" else positions(network, aspect=LANDSCAPE)
    upright = {} if scale == "search" else positions(network, aspect=PORTRAIT)
    nodes: list[dict[str, Any]] = msgspec.to_builtins(content.nodes)
    if scale == "search":
        for node in nodes:
            node["size"] = radius_of(node["kind"], node.get("n_projects", 0))
    return {
        "scale": scale,
        "model": _model(content, places, upright),
        "nodes": nodes,
        "funding": msgspec.to_builtins(content.gifts),
        "are_cases": content.are_cases,
        "notes": msgspec.to_builtins(coverage(content)),
        "excerpt": None
        if content.excerpt is None
        else {"focus": content.excerpt.focus, "words": msgspec.to_builtins(excerpt_in_words(content))},
        "paper": PAPER,
        "relations": msgspec.to_builtins(content.relations),
        "books": msgspec.to_builtins(content.books),
        "isolated": list(content.isolated),
        "marks": msgspec.to_builtins({kind: mark_of(kind) for kind in sorted({n.kind for n in content.nodes})}),
        "lines": msgspec.to_builtins({role: line_of(role) for role in sorted({r.role for r in content.relations})}),
        "symbols": SYMBOLS,
        "words": msgspec.to_builtins(INTERFACE),
        "titles": msgspec.to_builtins(title_of(content)),
        "terms": msgspec.to_builtins(term_words(are_cases=content.are_cases)),
    }


def _scale(content: Content) -> str:
    """Return how a network of that size is shown: `whole`, as an `overview`, or by `search` and neighbourhoods."""
    n = len(content.nodes) - len(content.isolated)
    return "whole" if n <= WHOLE else "overview" if n <= OVERVIEW else "search"


def _model(content: Content, places: Mapping[str, Position], upright: Mapping[str, Position]) -> dict[str, Any]:
    """Return pyvis's model of the map: nodes with stored positions, edges, options of vis-network."""
    from pyvis.network import Network  # takes 0.4 s, most of it IPython

    net = Network(directed=True)
    net.set_options(json.dumps(_OPTIONS))
    for node in content.nodes:
        if node.id in places:
            net.add_node(
                node.id, label=node.name, shape="custom", group=node.kind, x=places[node.id][0], y=places[node.id][1],
                upright=upright[node.id], size=radius_of(node.kind, node.n_projects),
            )  # fmt: skip
    drawn = content.relations if places else ()  # without places the page draws neighbourhoods from the relations
    bends = _bends(drawn)
    for relation in drawn:
        ends = (relation.body, relation.project) if relation.role != "grantee" else (relation.project, relation.body)
        net.add_edge(*ends, id=relation.id, dashes=relation.basis == "inferred", smooth=bends[relation.id])
    # the page draws the lines itself, from the relations: what it takes for granted, or knows from them, is left out
    edges = [{key: edge[key] for key in ("id", "from", "to", "dashes", "smooth") if edge[key]} for edge in net.edges]
    return {"nodes": net.nodes, "edges": edges, "options": net.options}


def _bends(relations: Iterable[Relation]) -> dict[str, Any]:
    """Return how each edge bends, so that several between the same two nodes lie side by side."""
    parallel: dict[tuple[str, str], list[Relation]] = defaultdict(list)
    for relation in relations:
        parallel[relation.project, relation.body].append(relation)
    bends: dict[str, Any] = {}
    for found in parallel.values():
        for index, relation in enumerate(found):
            offset = 2 * index - (len(found) - 1)
            side = offset if relation.role != "grantee" else -offset
            way = "curvedCW" if side > 0 else "curvedCCW"
            bends[relation.id] = (
                {"enabled": True, "type": way, "roundness": round(abs(side) * 0.13, 2)} if side else False
            )
    return bends


def _json(value: object) -> str:
    """Return JSON that no HTML parser and no older JavaScript parser reads as anything else."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _policy(*, styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Return a Content-Security-Policy that allows these texts and nothing else, not even a request."""
    return (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts))}; style-src {' '.join(map(_hash, styles))}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _vis() -> str:
    """Return vis-network's script from the installed pyvis, without the address of its source map."""
    script = (_pyvis() / _VIS).read_text(encoding="utf-8").replace("\r\n", "\n")
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", script)


def _pyvis() -> Path:
    from importlib.util import find_spec

    spec = find_spec("pyvis")
    if spec is None or spec.origin is None:
        message = "pyvis is not installed; install cega-graph with its dependencies"
        raise ModuleNotFoundError(message)
    return Path(spec.origin).parent


@cache
def _file(name: str) -> str:
    return files("cega_graph.page").joinpath(name).read_text(encoding="utf-8").replace("\r\n", "\n")


@cache
def _script() -> str:
    """Return our script: the files of `js/` in order, in one function, without their indentation and comments."""
    folder = files("cega_graph.page").joinpath("js")
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".js"))
    lines = [line.strip() for name in names for line in _file(f"js/{name}").splitlines()]
    kept = [line for line in lines if line and not line.startswith(("//", "/** "))]
    return "\n".join(['"use strict";(() => {', *kept, "})();\n"])


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_file("page.html.j2"))
