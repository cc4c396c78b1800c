"""Mentions in one source → bodies: which printed names are one, and what is left for a person to decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.identifiers import mint_organization_id
from cega_graph.model import Decision, Evidence, Identifier, Name, Organization
from cega_graph.names.compare import compare, is_subsequence
from cega_graph.names.forms import (
    infer_kind,
    is_bare_office,
    is_complete,
    is_generic,
    is_group,
    region_of,
    take_apart,
)
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import has_han, normalize


class StatedAlias(Evidence, frozen=True, kw_only=True):
    """Another name of the body that the text itself states; its evidence is the alias as printed."""

    status: str = "short"


class Mention(Evidence, frozen=True, kw_only=True):
    """A body as a source prints it.

    `name` is its full name where print leaves a parent out; `scope` the project that speaks of it, to
    which a name that many bear (`民政局`, `12 家社区`) is confined.
    """

    name: str
    scope: str = ""
    is_group: bool = False
    is_person: bool = False
    aliases: tuple[StatedAlias, ...] = ()
    identifiers: tuple[str, ...] = ()


class OpenCase(msgspec.Struct, frozen=True):
    """A pair of names that may mean one body, for a person to decide; `hint` says why it is asked."""

    name_a: str
    name_b: str
    hint: str


class Bodies(msgspec.Struct, frozen=True):
    """The bodies behind mentions; `ids` holds one organisation id for each mention, in their order."""

    ids: tuple[str, ...]
    organizations: tuple[Organization, ...]
    names: tuple[Name, ...]
    identifiers: tuple[Identifier, ...]
    decisions: tuple[Decision, ...]
    open_cases: tuple[OpenCase, ...]
    conflicts: tuple[StatedAlias, ...]


class _Grouping:
    """Sets of spellings that mean one body."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger: Final = ledger
        self._above: dict[str, str] = {}

    def key(self, name: str, scope: str = "") -> str:
        key = confined(self.ledger.body(name), scope)
        while key in self._above:
            key = self._above[key]
        return key

    def join(self, name: str, other: str, scope: str) -> None:
        a, b = self.key(name, scope), self.key(other, scope)
        if a != b:
            self._above[b] = a


def confined(name: str, scope: str) -> str:
    """Return what tells a body from others: its normalised name, and the scope if many bear such a name.

    >>> confined("民政局", "book-7"), confined("晋江市教育局", "book-7")
    ('民政局 book-7', '晋江市教育局')
    """
    return f"{name} {scope}" if scope and (is_bare_office(name) or is_group(name)) else name


def resolve(mentions: Sequence[Mention], ledger: Ledger) -> Bodies:
    """Return the bodies that the mentions of one source name.

    Args:
        mentions: In order of text.
        ledger: What people decided; it may be empty.

    Two mentions are one body if their spelling is the same, the ledger says so, or the text states
    the one as an alias of the other. Everything else stays apart; what looks alike is an open case.
    An office without its place and a phrase for many bodies are each project's own.
    """
    grouping = _Grouping(ledger)
    conflicts, decisions = _take_aliases(mentions, grouping)
    members: dict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        members[grouping.key(mention.name, mention.scope)].append(mention)
    ids: dict[str, str] = {}
    organizations: list[Organization] = []
    for key, group in members.items():
        body = _organization(group, ledger)
        ids[key] = body.organization_id
        organizations.append(body)
    organizations = _with_parents(organizations, ledger)
    return Bodies(
        ids=tuple(ids[grouping.key(m.name, m.scope)] for m in mentions),
        organizations=tuple(organizations),
        names=tuple(_names(members, ids, organizations, ledger)),
        identifiers=tuple(_identifiers(members, ids)),
        decisions=(*decisions, *_used_decisions(mentions, ledger)),
        open_cases=tuple(open_cases([o.name for o in organizations if o.kind not in {"group", "person"}], ledger)),
        conflicts=tuple(conflicts),
    )


def _take_aliases(mentions: Sequence[Mention], grouping: _Grouping) -> tuple[list[StatedAlias], list[Decision]]:
    """Join what the text states to be one; an alias stated for two bodies joins neither."""
    owners: dict[str, set[str]] = defaultdict(set)
    for mention in mentions:
        for alias in mention.aliases:
            owners[confined(normalize(alias.mention), mention.scope)].add(grouping.key(mention.name, mention.scope))
    conflicts: list[StatedAlias] = []
    decisions: list[Decision] = []
    for mention in mentions:
        for alias in mention.aliases:
            shared = len(owners[confined(normalize(alias.mention), mention.scope)]) > 1
            if shared or grouping.ledger.verdict(mention.name, alias.mention)[0] == "different":
                conflicts.append(alias)
                continue
            if is_generic(normalize(alias.mention)):
                continue
            grouping.join(mention.name, alias.mention, mention.scope)
            decisions.append(_stated(mention, alias))
    return conflicts, decisions


def _stated(mention: Mention, alias: StatedAlias) -> Decision:
    return Decision(
        name_a=mention.name, name_b=alias.mention, verdict="same", decided_by="source", basis="stated in the text",
        source_id=alias.source_id, text_start=alias.text_start, text_end=alias.text_end,
    )  # fmt: skip


def _used_decisions(mentions: Iterable[Mention], ledger: Ledger) -> Iterator[Decision]:
    """Yield the ledger's decisions between names of the bodies that are mentioned.

    A place in another source is left out: that source is not in this data set.
    """
    bodies, sources = {ledger.body(m.name) for m in mentions}, {m.source_id for m in mentions}
    for decision in ledger.decisions:
        if ledger.body(decision.name_a) in bodies and ledger.body(decision.name_b) in bodies:
            elsewhere = decision.source_id not in sources
            yield (
                msgspec.structs.replace(decision, source_id="", text_start=None, text_end=None)
                if elsewhere
                else decision
            )


def _organization(group: Sequence[Mention], ledger: Ledger) -> Organization:
    known = next((k for m in group if (k := ledger.official(m.name))), None)
    first = group[0]
    name = known.name if known else first.name
    kind, _ = infer_kind(normalize(name))
    if any(m.is_person for m in group):
        kind = "person"
    if any(m.is_group for m in group):
        kind = "group"
    identifiers = [i for m in group for i in m.identifiers]
    is_body = kind not in {"person", "group"}
    return Organization(
        organization_id=mint_organization_id(confined(normalize(name), first.scope), identifiers),
        name=name,
        name_en=known.name_en if known else "",
        kind=known.kind if known and known.kind else kind,
        level=known.level if known else "",
        region=(known.region if known and known.region else region_of(normalize(name))) if is_body else "",
    )


def _with_parents(organizations: Sequence[Organization], ledger: Ledger) -> list[Organization]:
    """Fill `parent_id` where the parent is among the bodies: known to the ledger, or a name that begins the unit's."""
    by_name = {normalize(o.name): o.organization_id for o in organizations}
    filled = []
    for one in organizations:
        known = ledger.official(one.name)
        above = ledger.official(known.parent) if known and known.parent else None
        parent = normalize(above.name if above else known.parent) if known and known.parent else ""
        if not parent and one.kind in {"university", "research_institute", "fund"}:
            name = normalize(one.name)
            starts = [
                n for n in by_name if n != name and name.startswith(n) and is_complete(n) and "(" not in name[len(n) :]
            ]
            parent = max(starts, key=len, default="")
        filled.append(msgspec.structs.replace(one, parent_id=by_name.get(parent, "")))
    return filled


def _names(
    members: dict[str, list[Mention]], ids: dict[str, str], organizations: Sequence[Organization], ledger: Ledger
) -> Iterator[Name]:
    """Yield each form of each body's name once, at the first place that prints it."""
    official = {o.organization_id: o for o in organizations}
    for key, group in members.items():
        body = official[ids[key]]
        seen: set[str] = set()
        for evidence, status in _printed_forms(group, body):
            if evidence.mention in seen or not evidence.mention:
                continue
            seen.add(evidence.mention)
            yield _name(body, evidence, status)
        yield from ledger_names(body, ledger, seen)


def ledger_names(body: Organization, ledger: Ledger, seen: set[str]) -> Iterator[Name]:
    """Yield the names of a body that people know but the source does not print; they have no evidence.

    Args:
        seen: Names that the body has already; changed.
    """
    known = ledger.official(body.name)
    forms = ledger.forms(body.name) if body.kind not in {"person", "group"} else ()
    spelled = {normalize(s) for s in seen}
    for form in (body.name, *([body.name_en] if body.name_en else []), *forms):
        if form in seen or normalize(form) in spelled:
            continue
        seen.add(form)
        spelled.add(normalize(form))
        status = status_of(form, body)
        if form == body.name_en:
            status = "official" if known and known.name_en_status == "official" else "translation"
        yield Name(
            organization_id=body.organization_id, name=form, language="zh" if has_han(form) else "en", status=status
        )


def _printed_forms(group: Sequence[Mention], body: Organization) -> Iterator[tuple[Evidence, str]]:
    for mention in group:
        printed = mention.mention if normalize(mention.mention) == normalize(mention.name) else ""
        if printed:
            yield mention, status_of(printed, body)
        yield from ((alias, alias.status) for alias in mention.aliases)


def _name(body: Organization, evidence: Evidence, status: str) -> Name:
    block = {field: getattr(evidence, field) for field in Evidence.__struct_fields__}
    language = "zh" if has_han(evidence.mention) else "en"
    return Name(organization_id=body.organization_id, name=evidence.mention, language=language, status=status, **block)


def status_of(form: str, body: Organization) -> str:
    """Return what sort of name a form is of a body: its own, a short one, or another spelling."""
    name, official = normalize(form), normalize(body.name)
    if form == body.name:
        return "official"
    if name != official and len(name) < len(official) and (is_subsequence(name, official) or not has_han(name)):
        return "short"
    return "variant"


def _identifiers(members: dict[str, list[Mention]], ids: dict[str, str]) -> Iterator[Identifier]:
    for key, group in members.items():
        seen: set[str] = set()
        for mention in group:
            for identifier in mention.identifiers:
                if identifier not in seen:
                    seen.add(identifier)
                    block = {field: getattr(mention, field) for field in Evidence.__struct_fields__}
                    yield Identifier(organization_id=ids[key], identifier=identifier, **block)


_ALIKE: Final = 75
_COMMON: Final = 40


def open_cases(names: Sequence[str], ledger: Ledger) -> Iterator[OpenCase]:
    """Yield the pairs of names that a person should look at, in order of name.

    A pair is asked if the rules leave it undecided, nobody looked at it yet, and the distinguishing
    words of one lie in the other or are alike (rapidfuzz ratio of at least 75, which only proposes).
    Pairs are sought among names that share two characters of their distinguishing words, unless
    more than 40 names share these.
    """
    from rapidfuzz import fuzz

    cores = {name: take_apart(normalize(name)).core or normalize(name) for name in sorted(names)}
    for a, b in _sharing(cores):
        x, y = cores[a], cores[b]
        if len(x) > len(y):
            x, y = y, x
        contained = len(x) >= 2 and (is_subsequence(x, y) or is_subsequence(normalize(a), normalize(b)))
        if not contained and fuzz.ratio(x, y, score_cutoff=_ALIKE) < _ALIKE:
            continue
        verdict = compare(a, b, ledger)
        if verdict.verdict == "undecided" and not ledger.verdict(a, b)[0]:
            yield OpenCase(a, b, "one lies in the other" if contained else "spelled alike")


def _sharing(cores: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names, sorted, that share two characters which no more than 40 share.

    Args:
        cores: Name → its distinguishing words, in order of name.
    """
    grams = {name: {core[i : i + 2] for i in range(max(1, len(core) - 1))} for name, core in cores.items()}
    sharing: dict[str, list[str]] = defaultdict(list)
    for name, own in grams.items():
        for gram in own:
            sharing[gram].append(name)
    for name, own in grams.items():
        others = {b for gram in own if len(sharing[gram]) <= _COMMON for b in sharing[gram] if b > name}
        yield from ((name, other) for other in sorted(others))
