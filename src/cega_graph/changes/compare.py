"""Two releases → a table of what changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from cega_graph.changes.bodies import Matched, Side, match, side_of
from cega_graph.dataset import Dataset
from cega_graph.model import Row
from cega_graph.tabular import format_cell

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: Final = ("kind", "change", "id", "name", "name_en", "role", "project_id", "project", "project_en", "detail",
                  "field", "before", "after")  # fmt: skip

KINDS: Final = ("source", "body", "name", "identifier", "project", "relation", "grant", "membership", "decision")
"""What a change concerns, in the order of the answer."""

CHANGES: Final = ("added", "removed", "merged", "split", "corrected")
"""What can happen, in the order of the answer."""

_FIELDS: Final = {
    "source": ("title", "publisher", "year", "language", "licence", "url", "coverage_themes", "coverage_regions",
               "coverage_from", "coverage_to"),
    "body": ("name", "name_en", "kind", "level", "region", "parent_id"),
    "name": ("language", "status"),
    "project": ("number", "identifier", "title", "title_en", "theme", "start_date", "end_date", "region", "place",
                "programme", "status", "description", "extra"),
    "relation": ("basis", "rule", "qualifier", "since", "until", "label", "mention"),
    "grant": ("funders", "grantees", "recipients", "date", "type", "currency", "funding_type", "approximate", "amount",
              "regrant", "conflict", "mention"),
    "membership": ("status", "affiliation_id", "since", "until"),
    "decision": ("verdict", "decided_by", "decided_on", "basis"),
}  # fmt: skip
"""Kind → the columns whose change is one. What only moves when a text is laid out anew is not among them."""

_BODIES: Final = frozenset({"parent_id", "affiliation_id", "funders", "grantees"})
"""Fields that name bodies; compared by who is meant, shown by name."""

_Key = tuple[str, ...]
_Values = tuple[str, ...]
_Items = dict[_Key, list[_Values]]
_Line = tuple[str, ...]


def changes(old: Dataset, new: Dataset) -> pd.DataFrame:
    """Return what changed between two releases.

    Rows are compared by what they say: a statement that moved in its text, or a source laid out anew
    (`text_start`, `text_end`, `section`, `locator`, `sha256`, `characters`), is no change, and neither
    is an id that was made anew from a corrected value. A body that is gone and whose name another one
    now bears was merged into it; a split is the reverse. Its statements are those of the body that it
    became. Nor is it a change that another source states a relation now. Inferred relations are compared
    like stated ones.

    Args:
        old: The earlier release, with its inferred rows.
        new: The later one.

    Returns:
        One row a change, all columns `str`, empty where they do not apply: `kind` (of `KINDS`), `change`
        (of `CHANGES`), `id` (of the body, source or project; of a relation or membership the body),
        `name`, `name_en` (what bears the id, as in the new release; of a decision both names; of a
        membership the member), `role`, `project_id`, `project`, `project_en` (of relations and grants; of
        a membership the network), `detail` (of a relation the activity, of a grant the amount as printed,
        of names and identifiers the name or identifier), `field` (of a correction the column), `before`,
        `after` (of a merger the body that is gone and the one it became; of a relation that a rule added
        or that went with it, `inferred` with the field `basis`). In the order of `KINDS` and
        `CHANGES`, then project, id, role, detail, field and values.
    """
    import pandas as pd

    matched = match(side_of(old), side_of(new))
    say = _Sayer(matched, _titles(old), _titles(new))
    lines = [*_sources(old, new, say), *_bodies(matched, say), *_names(matched, say), *_identifiers(old, new, say),
             *_projects(old, new, say), *_relations(old, new, say), *_grants(old, new, say),
             *_memberships(old, new, say), *_decisions(old, new, say)]  # fmt: skip
    order = (COLUMNS.index(c) for c in ("project_id", "id", "role", "detail", "field", "before", "after"))
    by = tuple(order)
    lines.sort(key=lambda line: (KINDS.index(line[0]), CHANGES.index(line[1]), *(line[at] for at in by), line))
    return pd.DataFrame(lines, columns=list(COLUMNS), dtype="str")


def _titles(dataset: Dataset) -> dict[str, tuple[str, str]]:
    return {p.project_id: (p.title or p.title_en, p.title_en or p.title) for p in dataset.rows("projects")}


class _Sayer:
    """Makes the rows of the answer: names for keys, as the new release has them, else the old one."""

    def __init__(
        self, matched: Matched, old_titles: Mapping[str, tuple[str, str]], new_titles: Mapping[str, tuple[str, str]]
    ) -> None:
        self.key: Final = matched.key
        self._titles: Final = {**old_titles, **new_titles}
        self._before: Final = {matched.key[i]: body for i, body in sorted(matched.old.bodies.items(), reverse=True)}
        self._after: Final = {matched.key[i]: body for i, body in sorted(matched.new.bodies.items(), reverse=True)}

    def body(self, key: str) -> tuple[str, str]:
        """Return the name of a body in Chinese and English."""
        body = self._after.get(key) or self._before.get(key)
        return (body.name, body.name_en or body.name) if body else (key, key)

    def named(self, keys: str, *, before: bool) -> str:
        """Return the names of bodies whose keys are joined by `;`, as one release has them."""
        bodies = self._before if before else self._after
        return "; ".join(bodies[k].name if k in bodies else k for k in keys.split(";") if k)

    def about_body(self, key: str) -> dict[str, str]:
        name, name_en = self.body(key)
        return {"id": key, "name": name, "name_en": name_en}

    def about_project(self, project_id: str) -> dict[str, str]:
        title, title_en = self._titles.get(project_id, (project_id, project_id))
        return {"project_id": project_id, "project": title, "project_en": title_en}


def _line(kind: str, change: str, cells: Mapping[str, str]) -> _Line:
    given = {"kind": kind, "change": change, **cells}
    return tuple(given.get(column, "") for column in COLUMNS)


def _compared(
    kind: str, sides: tuple[_Items, _Items], about: Callable[[_Key], dict[str, str]], say: _Sayer
) -> Iterable[_Line]:
    """Yield what differs between items of one key: equal ones cancel out, the others are paired in order."""
    old, new = sides
    for key in sorted({*old, *new}):
        before, after = Counter(old.get(key, ())), Counter(new.get(key, ()))
        gone, come = sorted((before - after).elements()), sorted((after - before).elements())
        both = min(len(gone), len(come))
        for a, b in zip(gone[:both], come[:both], strict=True):
            yield from _corrected(kind, a, b, {**about(key), **min(_detail(kind, a), _detail(kind, b), key=str)}, say)
        for change, left in (("removed", gone[both:]), ("added", come[both:])):
            for values in left:
                yield _line(kind, change, {**about(key), **_detail(kind, values), **_inferred(kind, change, values)})


def _inferred(kind: str, change: str, values: _Values) -> dict[str, str]:
    """Of a relation that a rule added, the basis: it must not pass for a stated one."""
    if kind != "relation" or values[_FIELDS[kind].index("basis")] != "inferred":
        return {}
    return {"field": "basis", "after" if change == "added" else "before": "inferred"}


def _detail(kind: str, values: _Values) -> dict[str, str]:
    """Of a grant, the amount as printed, or in figures: several of a project are told apart by it."""
    if kind != "grant":
        return {}
    said = dict(zip(_FIELDS[kind], values, strict=True))
    return {"detail": said["mention"] or f"{said['amount']} {said['currency']}".strip()}


def _corrected(kind: str, a: _Values, b: _Values, about: dict[str, str], say: _Sayer) -> Iterable[_Line]:
    for field, before, after in zip(_FIELDS[kind], a, b, strict=True):
        if before != after:
            shown = (
                (say.named(before, before=True), say.named(after, before=False))
                if field in _BODIES
                else (before, after)
            )
            yield _line(kind, "corrected", {**about, "field": field, "before": shown[0], "after": shown[1]})


def _values(kind: str, row: Row, **own: str) -> _Values:
    return tuple(own[f] if f in own else format_cell(getattr(row, f)) for f in _FIELDS[kind])


def _both(make: Callable[[Dataset], _Items], old: Dataset, new: Dataset) -> tuple[_Items, _Items]:
    return make(old), make(new)


def _sources(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    sides = _both(lambda d: {(r.source_id,): [_values("source", r)] for r in d.rows("sources")}, old, new)
    titles = {r.source_id: r.title for d in (old, new) for r in d.rows("sources")}

    def about(key: _Key) -> dict[str, str]:
        return {"id": key[0], "name": titles[key[0]], "name_en": titles[key[0]]}

    return _compared("source", sides, about, say)


def _bodies(matched: Matched, say: _Sayer) -> Iterable[_Line]:
    for change, ids in (("added", matched.added), ("removed", matched.removed)):
        for one in ids:
            yield _line("body", change, say.about_body(one))
    for moved in matched.moved:
        name = moved.before if moved.change == "merged" else moved.after
        about = {"id": moved.organization_id, "name": name, "name_en": name}
        yield _line("body", moved.change, {**about, "before": moved.before, "after": moved.after})
    for one, other in matched.pairs:
        about = say.about_body(matched.key[other])
        if one != other:
            yield _line("body", "corrected", {**about, "field": "id", "before": one, "after": other})
        rows = (matched.old.bodies[one], matched.new.bodies[other])
        a, b = (_values("body", row, parent_id=say.key.get(row.parent_id, row.parent_id)) for row in rows)
        yield from _corrected("body", a, b, about, say)


def _names(matched: Matched, say: _Sayer) -> Iterable[_Line]:
    """Names of bodies that came or went as a whole are not listed again."""
    alone = {*matched.added, *matched.removed}

    def make(side: Side) -> _Items:
        items: dict[_Key, set[_Values]] = defaultdict(set)
        for row in side.names:
            if row.organization_id not in alone:
                items[say.key.get(row.organization_id, row.organization_id), row.name].add(_values("name", row))
        return {key: sorted(values) for key, values in items.items()}

    sides = make(matched.old), make(matched.new)
    return _compared("name", sides, lambda key: {**say.about_body(key[0]), "detail": key[1]}, say)


def _identifiers(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    def make(dataset: Dataset) -> _Items:
        rows = dataset.rows("identifiers")
        return {(say.key.get(r.organization_id, r.organization_id), r.identifier): [()] for r in rows}

    sides = _both(make, old, new)
    return _compared("identifier", sides, lambda key: {**say.about_body(key[0]), "detail": key[1]}, say)


def _projects(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    sides = _both(lambda d: {(r.project_id,): [_values("project", r)] for r in d.rows("projects")}, old, new)
    return _compared("project", sides, lambda key: {"id": key[0], **say.about_project(key[0])}, say)


def _relations(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    def make(dataset: Dataset) -> _Items:
        items: _Items = defaultdict(list)
        for row in dataset.rows("participations"):
            body = say.key.get(row.organization_id, row.organization_id)
            key = (row.project_id, body, row.role, row.activity)
            items[key].append(_values("relation", row))
        return items

    def about(key: _Key) -> dict[str, str]:
        return {**say.about_project(key[0]), **say.about_body(key[1]), "role": key[2], "detail": key[3]}

    return _compared("relation", _both(make, old, new), about, say)


def _grants(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    sides = _both(lambda dataset: _grants_of(dataset, say), old, new)
    return _compared("grant", sides, lambda key: {"id": key[1], **say.about_project(key[0])}, say)


def _grants_of(dataset: Dataset, say: _Sayer) -> _Items:
    ends: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in dataset.rows("participations"):
        if row.grant_id:
            ends[row.grant_id, row.role].add(say.key.get(row.organization_id, row.organization_id))
    items: _Items = defaultdict(list)
    for row in dataset.rows("grants"):
        own = {
            "funders": ";".join(sorted(ends[row.grant_id, "funder"])),
            "grantees": ";".join(sorted(ends[row.grant_id, "grantee"])),
            "regrant": "true" if row.regrant_of else "", "conflict": "true" if row.conflicts_with else "",
        }  # fmt: skip
        items[row.project_id, row.identifier].append(_values("grant", row, **own))
    return items


def _memberships(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    def make(dataset: Dataset) -> _Items:
        items: _Items = defaultdict(list)
        for row in dataset.rows("memberships"):
            member, network = (say.key.get(i, i) for i in (row.organization_id, row.network_id))
            from_whom = say.key.get(row.affiliation_id, row.affiliation_id)
            items[member, network, row.role].append(_values("membership", row, affiliation_id=from_whom))
        return items

    def about(key: _Key) -> dict[str, str]:
        network, network_en = say.body(key[1])
        there = {"project_id": key[1], "project": network, "project_en": network_en}
        return {**say.about_body(key[0]), "role": key[2], **there}

    return _compared("membership", _both(make, old, new), about, say)


def _decisions(old: Dataset, new: Dataset, say: _Sayer) -> Iterable[_Line]:
    def make(dataset: Dataset) -> _Items:
        items: _Items = defaultdict(list)
        for row in dataset.rows("decisions"):
            items[*sorted((row.name_a, row.name_b)), row.source_id].append(_values("decision", row))
        return items

    def about(key: _Key) -> dict[str, str]:
        return dict.fromkeys(("name", "name_en"), f"{key[0]} / {key[1]}")

    return _compared("decision", _both(make, old, new), about, say)
