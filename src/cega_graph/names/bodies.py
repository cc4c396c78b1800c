"""Bodies of grant files: which printed names and register identifiers are one. Near linear in the number of names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

import msgspec

from cega_graph.identifiers import is_register_id, is_usci, mint_organization_id, usci_kind
from cega_graph.model import Decision, Identifier, Name, Organization
from cega_graph.names.forms import infer_kind, region_of
from cega_graph.names.ledger import Ledger
from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.resolve import OpenCase, confined, ledger_names, open_cases, status_of

_USCI: Final = "CN-USCI-"


class Printed(msgspec.Struct, kw_only=True):
    """A name with its identifier, as one source prints it, with the first place that does; `n` counts places.

    `identifier` is a register's, else empty; `own` is a number of the publisher's own, which decides
    nothing but for persons. `person` is what tells a person from others of the name; `scope` the project
    that a name which many bear (`民政局`) is confined to.
    """

    source_id: str
    name: str
    identifier: str = ""
    own: str = ""
    language: str = ""
    kind: str = ""
    person: str = ""
    scope: str = ""
    label: str = ""
    locator: str = ""
    n: int = 0
    also: set[tuple[str, str]] = msgspec.field(default_factory=set)


class Doubt(msgspec.Struct, frozen=True):
    """Something about who is who that a person should look at; `text` and `detail` name both sides."""

    code: str
    source_id: str
    locator: str
    text: str
    detail: str


class KnownBody(msgspec.Struct, frozen=True, kw_only=True):
    """A body of a data set that is added to; it keeps its id."""

    organization: Organization
    names: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The bodies behind printed names: `ids` holds one organisation id for each, in their order.

    `organizations` has the bodies that are new or were filled in; `names` and `identifiers` what the
    printed names add; `decisions` the ledger's about these bodies; `doubts` what should be looked at.
    """

    ids: tuple[str, ...]
    organizations: tuple[Organization, ...]
    names: tuple[Name, ...]
    identifiers: tuple[Identifier, ...]
    decisions: tuple[Decision, ...]
    doubts: tuple[Doubt, ...]
    open_cases: tuple[OpenCase, ...]


@lru_cache(maxsize=1 << 16)
def register_id(printed: str) -> tuple[str, str]:
    """Return the register identifier that a text is, in its usual case, and the code of a remark.

    A bare 统一社会信用代码 becomes one with its list code; one with wrong check digits is none.

    >>> register_id("gb-chc-1000147 "), register_id("360G-ABCT-7"), register_id("91350100M000100Y43")
    (('GB-CHC-1000147', 'identifier-case'), ('', ''), ('CN-USCI-91350100M000100Y43', ''))
    >>> register_id("CN-USCI-91350100M000100Y44")
    ('', 'bad-identifier')
    """
    compact = re.sub(r"\s+", "", printed)
    if is_usci(compact.upper()):
        return _USCI + compact.upper(), ""
    if re.fullmatch(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}", compact.upper()):
        return "", "bad-identifier"
    head, hyphen, number = _list_code(compact)
    spelled = f"{head.upper()}{hyphen}{number}"
    if not is_register_id(spelled) or (spelled != compact and not re.search(r"\d", number)):
        return "", ""
    if spelled.startswith(_USCI) and not is_usci(number.upper()):
        return "", "bad-identifier"
    return spelled, "" if spelled == printed else "identifier-case"


def _list_code(text: str) -> tuple[str, str, str]:
    """`gb-chc-1000147` → `gb-chc`, `-`, `1000147`; the list code has two parts, the first of two letters."""
    match = re.match(r"([A-Za-z]{2}-[A-Za-z0-9_]+)(-)(.+)\Z", text)
    return (match[1], match[2], match[3]) if match else ("", "", "")


@lru_cache(maxsize=1 << 16)
def is_borne_by_many(name: str) -> bool:
    """Tell whether a printed name is borne by many: an office without its place, a phrase for unnamed bodies.

    >>> is_borne_by_many("民政局"), is_borne_by_many("Oxfam")
    (True, False)
    """
    return confined(normalize(name), "x") != normalize(name)


class _Body:
    """What is one: printed names by position, and the body of the data set that they are, if any."""

    __slots__ = ("identifiers", "known", "members")

    def __init__(self, identifiers: Iterable[str] = (), known: KnownBody | None = None) -> None:
        self.members: list[int] = []
        self.identifiers: list[str] = list(identifiers)
        self.known = known


def find_bodies_of(printed: Sequence[Printed], ledger: Ledger, known: Sequence[KnownBody] = ()) -> Found:
    """Return the bodies that printed names and identifiers mean.

    Args:
        printed: Each name, identifier and source once, in order of first appearance.
        ledger: What people decided about names.
        known: The bodies of the data set that is added to.

    A register identifier decides: all its names are one body, whatever they are, and names that
    differ are a doubt. A name without identifier is the body without identifier that is spelled so
    (or that the ledger says it is); or the one body with an identifier whose usual name it is; if
    several bear it, or it is not the usual name, it stays apart and is a doubt. A person is told from
    others by the publisher's number, or else by the place.
    """
    work = _Work(printed, ledger, known)
    work.by_identifier()
    work.by_name()
    return work.finish()


class _Work:
    """The steps of `find_bodies_of` and what they share."""

    def __init__(self, printed: Sequence[Printed], ledger: Ledger, known: Sequence[KnownBody]) -> None:
        self.printed: Final = printed
        self.ledger: Final = ledger
        self.of: Final[list[_Body | None]] = [None] * len(printed)
        self.bodies: Final[list[_Body]] = []
        self.registered: Final[dict[str, _Body]] = {}
        self.bearers: Final[dict[str, dict[_Body, None]]] = defaultdict(dict)
        self.unregistered: Final[dict[str, list[_Body]]] = defaultdict(list)
        self.doubts: Final[list[Doubt]] = []
        self.keys: Final = [confined(ledger.body(p.name), p.scope) if p.name else "" for p in printed]
        for one in known:
            self._take_known(one)

    def _take_known(self, one: KnownBody) -> None:
        body = _Body(one.identifiers, one)
        self.bodies.append(body)
        for identifier in one.identifiers:
            self.registered.setdefault(identifier, body)
        if one.organization.kind == "person":
            return
        for key in sorted({self.ledger.body(name) for name in (one.organization.name, *one.names)}):
            if one.identifiers:
                self.bearers[key][body] = None
            else:
                self.unregistered[key].append(body)

    def _join(self, position: int, body: _Body) -> None:
        body.members.append(position)
        self.of[position] = body

    def by_identifier(self) -> None:
        """Put together what a register identifier names, then give each of these bodies its usual name."""
        fresh: dict[str, list[int]] = defaultdict(list)
        bearing: dict[str, set[str]] = defaultdict(set)
        for position, one in enumerate(self.printed):
            if one.identifier and not one.person:
                fresh[one.identifier].append(position)
                bearing[self.keys[position]].add(one.identifier)
        for identifier, positions in fresh.items():
            body = self.registered.get(identifier) or self._of_known_name(positions, bearing)
            if identifier not in body.identifiers:
                body.identifiers.append(identifier)
            self.registered[identifier] = body
            for position in positions:
                self._join(position, body)
            for key in sorted({self.keys[p] for p in positions if self.keys[p]}):
                self.bearers[key][body] = None

    def _of_known_name(self, positions: list[int], bearing: dict[str, set[str]]) -> _Body:
        """The body of the data set that bears the usual name and has no identifier yet, or a new body.

        Args:
            positions: Of what is printed with one identifier.
            bearing: Key → the identifiers that are printed with names of that key.
        """
        key = self._usual_key(positions)
        bodies = self.unregistered.get(key, []) if key else []
        if len(bodies) == 1 and bodies[0].known is not None and not self.bearers.get(key) and len(bearing[key]) == 1:
            del self.unregistered[key]
            return bodies[0]
        body = _Body()
        self.bodies.append(body)
        return body

    def _usual_key(self, positions: Sequence[int]) -> str:
        return _most((self.keys[position], self.printed[position].n) for position in positions)

    def by_name(self) -> None:
        """Give each name without identifier its body."""
        usual = {id(body): self._usual_key(body.members) for body in self.registered.values()}
        persons: dict[str, _Body] = {}
        for position, one in enumerate(self.printed):
            if one.person:
                body = persons.get(one.person) or self._new(one.person, persons)
            elif self.of[position] is not None:
                continue
            else:
                body = self._named(position, usual)
            self._join(position, body)

    def _new(self, key: str, among: dict[str, _Body]) -> _Body:
        body = among[key] = _Body()
        self.bodies.append(body)
        return body

    def _named(self, position: int, usual: dict[int, str]) -> _Body:
        key, one = self.keys[position], self.printed[position]
        bodies, plain = list(self.bearers.get(key, ())), self.unregistered[key]
        if len(bodies) == 1 and not plain:
            known = bodies[0].known
            if usual[id(bodies[0])] == key or (known is not None and key == self.ledger.body(known.organization.name)):
                self._doubt("joined-by-name", one, one.name, ";".join(bodies[0].identifiers))
                return bodies[0]
        if bodies:
            identifiers = ";".join(i for body in bodies for i in body.identifiers)
            self._doubt("name-of-several", one, one.name, identifiers)
        if not plain:
            plain.append(_Body())
            self.bodies.append(plain[0])
        return plain[0]

    def _doubt(self, code: str, one: Printed, text: str, detail: str) -> None:
        self.doubts.append(Doubt(code, one.source_id, one.locator, text, detail))

    def finish(self) -> Found:
        """Name the bodies and mint their ids."""
        taken = {b.known.organization.organization_id for b in self.bodies if b.known is not None}
        ids: dict[int, str] = {}
        organizations: list[Organization] = []
        for body in self.bodies:
            if not body.members:
                continue
            made = self._organization(body, taken)
            ids[id(body)] = made.organization_id
            if body.known is None or made != body.known.organization:
                organizations.append(made)
        rows = [(b, b.known.organization if b.known is not None else None) for b in self.bodies if b.members]
        official = {o.organization_id: o for _, o in rows if o is not None} | {
            o.organization_id: o for o in organizations
        }
        self._identity_doubts()
        return Found(
            ids=tuple(ids[id(body)] for body in self.of if body is not None),
            organizations=tuple(organizations),
            names=tuple(self._names(ids, official)),
            identifiers=tuple(self._identifiers(ids)),
            decisions=tuple(self._decisions()),
            doubts=tuple(self.doubts),
            open_cases=tuple(self._open_cases(official)),
        )

    def _organization(self, body: _Body, taken: set[str]) -> Organization:
        if body.known is not None:
            return body.known.organization
        members = [self.printed[p] for p in body.members]
        name, name_en = _usual_name(members)
        known = None if members[0].person else next((k for m in members if (k := self.ledger.official(m.name))), None)
        if known is not None:
            name, name_en = known.name, known.name_en or name_en
        kind = known.kind if known is not None and known.kind else _kind(members, name, body.identifiers)
        return Organization(
            organization_id=_mint(
                members[0].person or confined(normalize(name), members[0].scope), body.identifiers, taken
            ),
            name=name,
            name_en=name_en,
            kind=kind,
            level=known.level if known is not None else "",
            region="" if kind in {"person", "group"} else (known and known.region) or region_of(normalize(name)),
        )

    def _names(self, ids: dict[int, str], official: dict[str, Organization]) -> Iterator[Name]:
        """Yield each name of each body once a source, at the first place that prints it; then the ledger's."""
        for body in self.bodies:
            if not body.members:
                continue
            one = official[ids[id(body)]]
            seen: set[tuple[str, str]] = set()
            for printed in (self.printed[p] for p in body.members):
                forms = [(printed.name or printed.identifier or printed.own, printed.language), *sorted(printed.also)]
                for form, language in forms:
                    if (form, printed.source_id) not in seen:
                        seen.add((form, printed.source_id))
                        yield _name(one, form, language, printed)
            if one.kind not in {"person", "group"}:
                borne = {form for form, _ in seen} | set(body.known.names if body.known else ())
                yield from ledger_names(one, self.ledger, borne)

    def _identifiers(self, ids: dict[int, str]) -> Iterator[Identifier]:
        seen: set[tuple[str, str]] = set()
        for position, printed in enumerate(self.printed):
            key = (printed.identifier, printed.source_id)
            body = self.of[position]
            if printed.identifier and body is not None and key not in seen and not printed.person:
                seen.add(key)
                yield Identifier(
                    organization_id=ids[id(body)], identifier=printed.identifier, source_id=printed.source_id,
                    label=printed.label, mention=printed.identifier, locator=printed.locator,
                )  # fmt: skip

    def _identity_doubts(self) -> None:
        """One identifier with different names, one name with different identifiers, own numbers with several names.

        And bodies that are said to be of another kind than their number.
        """
        for identifier, body in self.registered.items():
            members = [self.printed[p] for p in body.members if self.printed[p].identifier == identifier]
            self._kind_doubts(identifier, members)
            names = list(dict.fromkeys(m.name for m in members if m.name))
            before = () if body.known is None else (body.known.organization.name,)
            if len({*before, *names}) > 1:
                counts = Counter[str]()
                for m in members:
                    counts[m.name] += m.n
                said = "; ".join([*before, *(f"{name} ({counts[name]})" for name in names)])
                self._doubt("identifier-names", members[0], identifier, said)
        for bodies in self.bearers.values():
            both = [b for b in bodies if b.members]
            if both and len(bodies) > 1:
                one = self.printed[both[0].members[0]]
                self._doubt("name-identifiers", one, one.name, "; ".join(i for b in bodies for i in b.identifiers))
        own: dict[str, dict[str, Printed]] = defaultdict(dict)
        for printed in self.printed:
            if printed.own and printed.name and not printed.person:
                own[printed.own].setdefault(normalize(printed.name), printed)
        for number, spelled in own.items():
            if len(spelled) > 1:
                said = "; ".join(p.name for p in spelled.values())
                self._doubt("internal-names", next(iter(spelled.values())), number, said)

    def _kind_doubts(self, identifier: str, members: Sequence[Printed]) -> None:
        """A kind that is stated beside a 统一社会信用代码 of another class."""
        told = usci_kind(identifier.removeprefix(_USCI)) if identifier.startswith(_USCI) else ""
        if told:
            stated = {one.kind: one for one in reversed(members) if _contradicts(one.kind, told, identifier)}
            for kind, one in sorted(stated.items()):
                self._doubt("kind-identifier", one, identifier, f"{kind} / {told}")

    def _decisions(self) -> Iterator[Decision]:
        keys = {key for key in self.keys if key}
        for decision in self.ledger.decisions:
            if self.ledger.body(decision.name_a) in keys and self.ledger.body(decision.name_b) in keys:
                yield msgspec.structs.replace(decision, source_id="", text_start=None, text_end=None)

    def _open_cases(self, official: dict[str, Organization]) -> Iterator[OpenCase]:
        """Names to be decided: alike by the rules for Chinese names, or equal but for punctuation in Latin ones."""
        bodies = [o for o in official.values() if o.kind not in {"group", "person"}]
        names = sorted({o.name for o in bodies})
        yield from open_cases([n for n in names if has_han(n)], self.ledger)
        alike: dict[str, list[str]] = defaultdict(list)
        for name in names:
            if not has_han(name):
                alike[_bare(name)].append(name)
        for group in alike.values():
            for a, b in pairwise(group):
                if normalize(a) != normalize(b) and not self.ledger.verdict(a, b)[0]:
                    yield OpenCase(a, b, "equal but for punctuation and words such as The or Ltd")


_CLASSES: Final = frozenset({
    "foundation", "ngo", "government", "company", "public_institution", "international_organization",
})  # fmt: skip
"""Kinds that exclude each other in law; a university may be a public institution or an NGO, a medium a company."""


def _contradicts(stated: str, told: str, identifier: str) -> bool:
    """Tell whether a stated kind and that of a 统一社会信用代码 cannot both be.

    G1 are offices of bodies abroad, which may be foundations there.
    """
    is_office = identifier.startswith(f"{_USCI}G1")
    return stated in _CLASSES and stated != told and not (is_office and stated == "foundation")


_LEGAL: Final = frozenset({
    "the", "ltd", "limited", "inc", "incorporated", "llc", "plc", "cic", "cio", "co", "corp", "corporation", "gmbh",
})  # fmt: skip


def _bare(name: str) -> str:
    words = re.findall(r"\w+", normalize(name).replace("&", " and ").replace("'", ""))
    return " ".join(w for w in words if w not in _LEGAL) or name


def _most(counted: Iterable[tuple[str, int]]) -> str:
    """The text that is counted most, the first of equals; an empty text counts for nothing.

    >>> _most([("a", 1), ("", 9), ("b", 1), ("b", 1)]), _most([])
    ('b', '')
    """
    counts: dict[str, int] = {}
    for text, n in counted:
        if text:
            counts[text] = counts.get(text, 0) + n
    return max(counts, key=counts.__getitem__) if counts else ""


def _usual_name(members: Sequence[Printed]) -> tuple[str, str]:
    """The name printed most often, the first of equals; and an English one if that is in Chinese letters."""
    first = members[0]
    name = _most((one.name, one.n) for one in members) or first.identifier or first.own
    if not has_han(name):
        return name, ""
    english = (
        (form, one.n)
        for one in members
        for form, language in ((one.name, one.language), *sorted(one.also))
        if language.startswith("en")
    )
    return name, _most(english)


def _kind(members: Sequence[Printed], name: str, identifiers: Sequence[str]) -> str:
    """Of a person `person`; else what the 统一社会信用代码 says, what the file says, what the form of the name says."""
    if members[0].person:
        return "person"
    for identifier in identifiers:
        if identifier.startswith(_USCI) and usci_kind(identifier.removeprefix(_USCI)):
            return usci_kind(identifier.removeprefix(_USCI))
    return _most((one.kind, one.n) for one in members) or infer_kind(normalize(name))[0]


def _mint(name: str, identifiers: Sequence[str], taken: set[str]) -> str:
    """The id of a new body; where ten digits of two names are equal, the later one is hashed anew."""
    made = mint_organization_id(name, identifiers)
    again = 1
    while made in taken:
        again += 1
        made = mint_organization_id(f"{name}\n{again}")
    taken.add(made)
    return made


def _name(body: Organization, form: str, language: str, printed: Printed) -> Name:
    return Name(
        organization_id=body.organization_id, name=form, language=language or ("zh" if has_han(form) else "en"),
        status=status_of(form, body), source_id=printed.source_id, label=printed.label, mention=form,
        locator=printed.locator,
    )  # fmt: skip
