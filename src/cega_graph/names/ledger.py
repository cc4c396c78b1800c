"""The ledger: what people decided about names, and the bodies they know."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cega_graph.errors import InvalidData
from cega_graph.model import Decision, Row
from cega_graph.names.normalize import has_han, normalize


class KnownOrganization(Row, frozen=True, kw_only=True):
    """A body that people know beyond what one source prints; a row of `data/known-organizations.csv`."""

    name: str
    name_en: str = ""
    name_en_status: str = ""
    kind: str = ""
    level: str = ""
    region: str = ""
    parent: str = ""


class Ledger:
    """Decisions about pairs of names, closed under "same", and the known bodies.

    Args:
        decisions: Verdicts on pairs; of `same` the transitive closure holds, `different` holds for
            all names of the two bodies.
        known: Bodies whose name is the official one of all names decided the same.

    Raises:
        InvalidData: Two names are decided both the same (perhaps over others) and different.
    """

    def __init__(self, decisions: Iterable[Decision] = (), known: Iterable[KnownOrganization] = ()) -> None:
        self.decisions: Final = tuple(decisions)
        self.known: Final = {normalize(k.name): k for k in known}
        self._spelling: dict[str, str] = {normalize(k.name): k.name for k in self.known.values()}
        self._above: dict[str, str] = {}
        self._reasons: dict[frozenset[str], Decision] = {}
        self._apart: dict[frozenset[str], Decision] = {}
        for decision in self.decisions:
            self._take(decision)
        self._members: dict[str, list[str]] = {}
        for name in self._spelling:
            self._members.setdefault(self._find(name), []).append(name)
        self._close()

    def _take(self, decision: Decision) -> None:
        a, b = normalize(decision.name_a), normalize(decision.name_b)
        self._spelling.setdefault(a, decision.name_a)
        self._spelling.setdefault(b, decision.name_b)
        self._reasons[frozenset((a, b))] = decision
        if decision.verdict == "same":
            self._above[self._find(a)] = self._find(b)

    def _close(self) -> None:
        for pair, decision in self._reasons.items():
            if decision.verdict != "different" or len(pair) != 2:
                continue
            roots = frozenset(self._find(n) for n in pair)
            if len(roots) == 1:
                line = (
                    f"decisions: {decision.name_a!r} and {decision.name_b!r} are decided different, "
                    "but other decisions make them the same; change one of them"
                )
                raise InvalidData([line])
            self._apart[roots] = decision

    def _find(self, name: str) -> str:
        while name in self._above and self._above[name] != name:
            name = self._above[name]
        return name

    def holds(self, name: str) -> bool:
        """Tell whether any decision or known body bears this name."""
        return normalize(name) in self._spelling

    def forms(self, name: str) -> tuple[str, ...]:
        """Return all names decided the same as this one, itself included, as written, sorted."""
        key = normalize(name)
        if key not in self._spelling:
            return (name,)
        return tuple(sorted(self._spelling[n] for n in self._members[self._find(key)]))

    def official(self, name: str) -> KnownOrganization | None:
        """Return the known body that this name is decided to mean, if any."""
        key = normalize(name)
        if key in self.known:
            return self.known[key]
        if key not in self._spelling:
            return None
        hits = sorted(n for n in self._members[self._find(key)] if n in self.known)
        return self.known[hits[0]] if hits else None

    def body(self, name: str) -> str:
        """Return a key that all names of one body share.

        It is the official name's spelling where a known body has one; otherwise the first Chinese
        name in the order of code points, so that it does not depend on the order of decisions.
        """
        key = normalize(name)
        if key not in self._spelling:
            return key
        if known := self.official(name):
            return normalize(known.name)
        members = sorted(self._members[self._find(key)], key=lambda n: (not has_han(n), n))
        return members[0]

    def verdict(self, name_a: str, name_b: str) -> tuple[str, str]:
        """Return what the ledger says of two names, and why.

        Returns:
            `same`, `different`, `undecided` (someone looked and could not tell) or an empty text
            (no decision), and the reason.
        """
        a, b = normalize(name_a), normalize(name_b)
        direct = self._reasons.get(frozenset((a, b)))
        if a in self._spelling and b in self._spelling and self._find(a) == self._find(b):
            return "same", _why(direct) if direct else "ledger: over other names of the same body"
        apart = self._apart.get(frozenset((self._find(a), self._find(b))))
        if apart:
            return "different", _why(apart)
        if direct and direct.verdict == "undecided":
            return "undecided", _why(direct)
        if self._are_known_bodies(a, b):
            return "different", "ledger: names of two different known bodies"
        return "", ""

    def _are_known_bodies(self, a: str, b: str) -> bool:
        known_a, known_b = self.official(a), self.official(b)
        return known_a is not None and known_b is not None and known_a != known_b


def _why(decision: Decision) -> str:
    return f"ledger: {decision.basis}" if decision.basis else "ledger"


def read_ledger(folder: Path) -> Ledger:
    """Return the ledger of a folder with `decisions.csv` and `known-organizations.csv`; either may be missing.

    Raises:
        InvalidData: A row breaks its table, or decisions contradict each other.
    """
    from cega_graph.tabular import read_rows

    decisions = folder / "decisions.csv"
    known = folder / "known-organizations.csv"
    return Ledger(
        read_rows(decisions, Decision) if decisions.exists() else (),
        read_rows(known, KnownOrganization) if known.exists() else (),
    )
