"""Parties as records print them → names of bodies, each once, and what is the same in every row of a party."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from cega_graph.csv_lines import csv_cell
from cega_graph.identifiers import spelled
from cega_graph.names.bodies import Printed, is_borne_by_many, register_id
from cega_graph.sources.records import Party, Remark
from cega_graph.sources.values import clean, has_control
from cega_graph.vocabulary import kinds, roles

_NO_IDENTIFIERS: Final = frozenset({"n/a", "na", "none", "null", "-", "--", "0", "unknown", "tbc", "nil", "无", "不详"})
_REMEMBERED: Final = 1 << 16
"""Parties whose reading is kept; then it begins anew."""


class Mention(msgspec.Struct, frozen=True, gc=False):
    """A party that has been read.

    Args:
        printed: Its name, which counts its mentions.
        number: The position of `printed` among all, as text.
        role: One of the vocabulary.
        remarks: What is odd about it.
        says: What tells its row from others of the sum, as `cega_graph.identifiers.spelled` gives it.
        cells: Its row from `role` to `mention`, as part of a CSV line.
    """

    printed: Printed
    number: str
    role: str
    remarks: tuple[Remark, ...]
    says: str
    cells: str


def is_named(party: Party) -> bool:
    """Tell whether a party names anyone: by more than white space, or by a number and not a word for none.

    >>> is_named(Party(role="funder", identifier="7")), is_named(Party(role="funder", name=" ", identifier="n/a"))
    (True, False)
    """
    return clean(party.name) != "" or _identifier(party) != ""


def _identifier(party: Party) -> str:
    identifier = clean(party.identifier)
    return "" if identifier.lower() in _NO_IDENTIFIERS else identifier


class Mentions:
    """The names that are printed, in order of first appearance, and what the parties of a source say."""

    def __init__(self) -> None:
        self.printed: Final[list[Printed]] = []
        self.begin("")

    def begin(self, source_id: str) -> None:
        """Begin another source: what follows is from it."""
        self._source = source_id
        self._who: dict[tuple[str, ...], int] = {}
        self._known: dict[Party, Mention] = {}

    def read(self, party: Party, project_id: str, place: str) -> Mention | None:
        """Return what a party says, None if it names nobody.

        Equal ones are read once, unless who they are hangs on project or place.
        """
        return self._known.get(party) or (self._mention(party, project_id, place) if is_named(party) else None)

    def _mention(self, party: Party, project_id: str, place: str) -> Mention:
        name, identifier = clean(party.name), _identifier(party)
        person = ""
        if party.kind == "person":
            person = identifier or f"{self._source}\n{project_id}\n{name}"
        registered, mended = register_id(identifier) if identifier and not person else ("", "")
        own = "" if registered else identifier
        called = name if name or registered or person else own
        scope = project_id if not registered and not person and is_borne_by_many(called) else ""
        kind = party.kind if party.kind in kinds() else ""
        key = (called, registered, own, party.language, kind, person, scope)
        who = self._who.get(key)
        if who is None:
            who = self._who[key] = len(self.printed)
            self.printed.append(
                Printed(
                    source_id=self._source, name=called, identifier=registered, own=own, language=party.language,
                    kind=kind, person=person, scope=scope, label=clean(party.label), locator=party.locator or place,
                )
            )  # fmt: skip
        printed = self.printed[who]
        printed.also.update((clean(form), language) for form, language in party.also if clean(form) != called)
        mention = self._spelled(
            party, name, identifier, who, tuple(_remarks(party, name, identifier, registered, mended))
        )
        if not scope and not party.locator and (identifier or not person):
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[party] = mention
        return mention

    def _spelled(self, party: Party, name: str, identifier: str, who: int, remarks: tuple[Remark, ...]) -> Mention:
        role = party.role if party.role in roles() else "other"
        qualifier, activity, label = clean(party.qualifier), clean(party.activity), clean(party.label)
        says = (role, name, identifier, qualifier, activity, self._source, label)
        cells = (role, "record", "", qualifier, activity, "", "", self._source, "", label, name or identifier)
        return Mention(self.printed[who], str(who), role, remarks, spelled(says), ",".join(map(csv_cell, cells)))


def _remarks(party: Party, name: str, identifier: str, registered: str, mended: str) -> Iterator[Remark]:
    """What is odd about a party, whose name and identifier are cleaned, the latter perhaps a register's."""
    if party.role not in roles():
        yield Remark("unknown-role", party.role)
    if has_control(party.name):
        yield Remark("control-character", name)
    if mended:
        yield Remark(mended, identifier, registered)
    elif identifier and not registered and party.kind != "person":
        yield Remark("internal-identifier", identifier, name)
    if not name:
        yield Remark("no-name", identifier)
    if party.kind and party.kind not in kinds():
        yield Remark("unknown-kind", party.kind, name)
