"""Rows → everything the page shows, as plain values."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec
import networkx as nx

from cega_graph import model
from cega_graph.network import funding
from cega_graph.page.layout import isolated
from cega_graph.page.spelling import spelled
from cega_graph.places import provinces_of
from cega_graph.vocabulary import theme_of

if TYPE_CHECKING:
    from cega_graph.dataset import HasRows
    from cega_graph.sources.text import Sentences

_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The place of a source that states something; `sentence` only if the source is at hand."""

    source: str = ""
    section: str = ""
    label: str = ""
    mention: str = ""
    locator: str = ""
    sentence: str = ""


class Relation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One participation: a body in a role in a project."""

    id: str
    project: str
    body: str
    role: str
    basis: str
    rule: str = ""
    qualifier: str = ""
    activity: str = ""
    since: str = ""
    until: str = ""
    place: Place


class PrintedName(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of the names of a body."""

    name: str
    language: str
    status: str


class Belonging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a body, or a person for it, is in a network."""

    network: str
    role: str
    status: str
    affiliation: str = ""
    since: str = ""
    until: str = ""
    place: Place


class Amount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An amount that a source states; `amount` is empty where it is unknown."""

    id: str
    type: str
    amount: str = ""
    currency: str = ""
    date: str = ""
    recipients: int | None = None
    approximate: bool = False
    conflicts_with: str = ""
    place: Place


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A body or a project."""

    id: str
    type: str
    kind: str
    name: str
    name_en: str = ""
    names: tuple[PrintedName, ...] = ()
    identifiers: tuple[str, ...] = ()
    belongs: tuple[Belonging, ...] = ()
    member: bool = False
    parent: str = ""
    number: str = ""
    theme: str = ""
    theme_en: str = ""
    start_date: str = ""
    end_date: str = ""
    location: str = ""
    places: tuple[str, ...] = ()
    pinyin: tuple[str, ...] = ()
    programme: str = ""
    status: str = ""
    amounts: tuple[Amount, ...] = ()
    n_projects: int = 0


class Book(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A source that the page rests on."""

    id: str
    title: str
    year: int | None = None


class Excerpt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a page that does not show everything is cut from.

    Attributes:
        total: The number of bodies and projects of the whole.
        focus: The id of the node in the middle, if there is one.
        steps: The most edges between it and what is shown.
    """

    total: int
    focus: str = ""
    steps: int = 0


class Gift(msgspec.Struct, frozen=True, kw_only=True):
    """Who gives to whom, and the projects behind it; see `cega_graph.network.funding`."""

    giver: str = msgspec.field(name="from")
    taker: str = msgspec.field(name="to")
    basis: str
    projects: tuple[str, ...]


class Unshowable(msgspec.Struct, frozen=True):
    """A field with characters that HTML cannot hold, and how many; `row` is the row's id."""

    table: str
    row: str
    column: str
    n: int


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All that a page shows; each tuple is sorted."""

    books: tuple[Book, ...]
    nodes: tuple[Node, ...]
    relations: tuple[Relation, ...]
    gifts: tuple[Gift, ...]
    isolated: tuple[str, ...]
    excerpt: Excerpt | None = None

    @property
    def n_projects(self) -> int:
        """The number of projects."""
        return sum(node.type == "project" for node in self.nodes)

    @property
    def n_inferred(self) -> int:
        """The number of relations that no source states."""
        return sum(relation.basis == "inferred" for relation in self.relations)

    @property
    def are_cases(self) -> bool:
        """True if every project is a numbered case of a casebook."""
        return all(node.number for node in self.nodes if node.type == "project")


def read_content(
    dataset: HasRows,
    network: nx.MultiDiGraph[str],
    sentences: Sentences | None = None,
    excerpt: Excerpt | None = None,
) -> Content:
    """Return what the page shows of a data set.

    Args:
        dataset: The rows.
        network: The nodes and edges that are shown, as `to_network` makes them from `dataset`, or a part of them.
        sentences: The texts of sources at hand.
        excerpt: What `network` is cut from, if it is a part.
    """
    places = _Places(sentences)
    relations = tuple(sorted(_relations(dataset, network, places), key=_stated_first))
    projects: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        projects[relation.body].add(relation.project)
    counts = {body: len(found) for body, found in projects.items()}
    belongs = _belongings(dataset, places)
    nodes = [*_bodies(dataset, network, belongs, counts), *_projects(dataset, network, places)]
    return Content(
        books=tuple(Book(id=row.source_id, title=clean(row.title), year=row.year) for row in dataset.rows("sources")),
        nodes=tuple(sorted(nodes, key=lambda node: (node.type != "project", _natural(node.number), node.id))),
        relations=relations,
        gifts=tuple(_gifts(dataset, network)),
        isolated=tuple(isolated(network)),
        excerpt=excerpt,
    )


def clean(text: str) -> str:
    r"""Return a text that HTML can hold: control characters and lone surrogates become U+FFFD.

    >>> clean("a\x00b")
    'a\ufffdb'
    """
    return _UNSHOWABLE.sub("\ufffd", text)


def unshowable(dataset: HasRows) -> list[Unshowable]:
    """Return the fields of a data set of which `clean` changes something, in the order of the tables and rows."""
    found = []
    for table in model.TABLES:
        for row in dataset.rows(table.name):
            for column, value in msgspec.structs.asdict(row).items():
                if isinstance(value, str) and (n := len(_UNSHOWABLE.findall(value))):
                    named = ";".join(getattr(row, key) for key in table.key or table.columns[:1])
                    found.append(Unshowable(table.name, named, column, n))
    return found


def _gifts(dataset: HasRows, network: nx.MultiDiGraph[str]) -> Iterable[Gift]:
    shown = {key for _, _, key in network.edges(keys=True)}
    rows = (row for row in dataset.rows("participations") if row.participation_id in shown)
    for giver, taker, edge in funding(rows).edges(data=True):
        yield Gift(giver=giver, taker=taker, basis=edge["basis"], projects=tuple(edge["projects"].split(";")))


def _natural(number: str) -> tuple[int, str]:
    return (int(number), "") if number.isascii() and number.isdecimal() else (1_000_000, number)


class _Places:
    """Evidence blocks → places, with sentences where the text is at hand."""

    def __init__(self, sentences: Sentences | None) -> None:
        self._sentences: Final = sentences

    def of(self, row: model.Evidence) -> Place:
        return Place(
            source=row.source_id,
            section=clean(row.section),
            label=clean(row.label),
            mention=clean(row.mention),
            locator=clean(row.locator),
            sentence=clean(self._sentences.around(row)) if self._sentences else "",
        )


def _relations(dataset: HasRows, network: nx.MultiDiGraph[str], places: _Places) -> Iterable[Relation]:
    shown = {key for _, _, key in network.edges(keys=True)}
    for row in dataset.rows("participations"):
        if row.participation_id in shown:
            yield Relation(
                id=row.participation_id, project=row.project_id, body=row.organization_id, role=row.role,
                basis=row.basis, rule=row.rule, qualifier=clean(row.qualifier), activity=clean(row.activity),
                since=row.since, until=row.until, place=places.of(row),
            )  # fmt: skip


def _stated_first(relation: Relation) -> tuple[str, bool]:
    """Within a project, the order of the source; what is inferred follows."""
    return relation.project, relation.basis == "inferred"


def _belongings(dataset: HasRows, places: _Places) -> dict[str, list[Belonging]]:
    found: dict[str, list[Belonging]] = defaultdict(list)
    for row in dataset.rows("memberships"):
        belonging = Belonging(
            network=row.network_id, role=row.role, status=row.status, affiliation=row.affiliation_id,
            since=row.since, until=row.until, place=places.of(row),
        )  # fmt: skip
        found[row.organization_id].append(belonging)
    return found


def _grouped(rows: Iterable[Any], key: str) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def _bodies(
    dataset: HasRows, network: nx.MultiDiGraph[str], belongs: dict[str, list[Belonging]], counts: dict[str, int]
) -> Iterable[Node]:
    names = _grouped(dataset.rows("names"), "organization_id")
    identifiers = _grouped(dataset.rows("identifiers"), "organization_id")
    for row in dataset.rows("organizations"):
        body = row.organization_id
        if body in network:
            printed = tuple(_names(names[body]))
            yield Node(
                id=body, type="organization", kind=row.kind, name=clean(row.name) or body, name_en=clean(row.name_en),
                names=printed, pinyin=spelled(clean(row.name), *(name.name for name in printed)),
                places=provinces_of(row.region),
                identifiers=tuple(sorted({clean(i.identifier) for i in identifiers[body]})),
                belongs=tuple(belongs.get(body, ())), member=bool(network.nodes[body]["member_of"]),
                parent=row.parent_id if row.parent_id in network else "", n_projects=counts.get(body, 0),
            )  # fmt: skip


def _names(rows: Iterable[model.Name]) -> Iterable[PrintedName]:
    """Yield each name once, however many places print it."""
    found = {(clean(row.name), row.language): row.status for row in rows}
    for (name, language), status in sorted(found.items()):
        yield PrintedName(name=name, language=language, status=status)


def _projects(dataset: HasRows, network: nx.MultiDiGraph[str], places: _Places) -> Iterable[Node]:
    grants = _grouped(dataset.rows("grants"), "project_id")
    for row in dataset.rows("projects"):
        if row.project_id not in network:
            continue
        theme = theme_of(row.theme)
        yield Node(
            id=row.project_id, type="project", kind="project", name=clean(row.title) or row.project_id,
            name_en=clean(row.title_en), number=clean(row.number), theme=clean(row.theme),
            theme_en=theme.label_en if theme else "", start_date=row.start_date, end_date=row.end_date,
            location=clean(row.place), places=provinces_of(row.region), pinyin=spelled(clean(row.title)),
            programme=clean(row.programme), status=row.status,
            amounts=tuple(_amount(grant, places) for grant in grants[row.project_id]),
        )  # fmt: skip


def _amount(row: model.Grant, places: _Places) -> Amount:
    return Amount(
        id=row.grant_id, type=row.type, amount="" if row.amount is None else f"{row.amount:,f}", currency=row.currency,
        date=row.date, recipients=row.recipients, approximate=row.approximate, conflicts_with=row.conflicts_with,
        place=places.of(row),
    )  # fmt: skip
