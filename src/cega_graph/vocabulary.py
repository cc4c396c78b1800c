"""Roles, kinds, themes and bases, and the words that readers go by, as `ontology/*.csv` has them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
from msgspec import Meta

from cega_graph.errors import InvalidVocabulary
from cega_graph.resources import root

_Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
_Text = Annotated[str, Meta(pattern=r"^\S(.*\S)?$")]
_Class = Annotated[str, Meta(pattern=r"^[A-Z][A-Za-z0-9]*$")]
_Property = Annotated[str, Meta(pattern=r"^[a-z][A-Za-z0-9]*$")]
_PropertyOrNone = Annotated[str, Meta(pattern=r"^([a-z][A-Za-z0-9]*)?$")]
_Iri = Annotated[str, Meta(pattern=r"^https?://[^\s<>\"{}|\\^`]+$")]
_IatiRole = Annotated[str, Meta(pattern=r"^[1-4]?$")]


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """What every concept of a vocabulary has: a label and a definition in both languages."""

    label_zh: _Text
    label_en: _Text
    definition_zh: _Text
    definition_en: _Text


class Role(Term, frozen=True, kw_only=True):
    """A role in a project.

    `property` is its direct edge, `inferred_property` the edge of an inferred row or empty,
    `printed` the labels that casebooks print for it, `iati_role` IATI's OrganisationRole or empty.
    """

    role: _Id
    property: _Property
    inferred_property: _PropertyOrNone
    exact_match: tuple[_Iri, ...]
    close_match: tuple[_Iri, ...]
    iati_role: _IatiRole
    printed: tuple[_Text, ...]


class Kind(Term, frozen=True, kw_only=True, rename={"class_name": "class"}):
    """A kind of participant; `class_name` is its class in `cega.ttl`."""

    kind: _Id
    class_name: _Class


class Theme(Term, frozen=True, kw_only=True):
    """A 案例方向; `printed` are the forms in which casebooks print it."""

    theme: _Id
    printed: tuple[_Text, ...]


class Basis(Term, frozen=True, kw_only=True):
    """A way in which a statement is known."""

    basis: _Id


class NameForm(msgspec.Struct, frozen=True, kw_only=True):
    """A word that ends names, the kind that it tells, and its family or empty: two families veto a merge."""

    form: _Text
    kind: _Id
    family: str


class IrsCountry(msgspec.Struct, frozen=True, kw_only=True):
    """A country code of the IRS, which follow FIPS 10-4, and its code in ISO 3166-1."""

    irs: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    iso: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]


class ReadingWord(msgspec.Struct, frozen=True, kw_only=True):
    """A word that a reader of casebooks goes by, and what for."""

    use: _Id
    word: _Text


_Row = TypeVar("_Row", bound=msgspec.Struct)

_SEPARATORS: Final = {"exact_match": None, "close_match": None, "printed": "|"}


@cache
def roles() -> dict[str, Role]:
    """Return role id → role, in the order of `roles.csv`.

    >>> roles()["grantee"].property
    'hasGrantee'
    """
    unique = ("role", "label_zh", "label_en", "property", "inferred_property", "printed")
    return {row.role: row for row in _rows("roles.csv", Role, unique)}


@cache
def kinds() -> dict[str, Kind]:
    """Return kind id → kind, in the order of `kinds.csv`.

    >>> kinds()["foundation"].class_name
    'Foundation'
    """
    unique = ("kind", "label_zh", "label_en", "class_name")
    return {row.kind: row for row in _rows("kinds.csv", Kind, unique)}


@cache
def themes() -> dict[str, Theme]:
    """Return theme id → theme, in the order of `themes.csv`."""
    unique = ("theme", "label_zh", "label_en", "printed")
    return {row.theme: row for row in _rows("themes.csv", Theme, unique)}


@cache
def bases() -> dict[str, Basis]:
    """Return basis id → basis, in the order of `bases.csv`."""
    unique = ("basis", "label_zh", "label_en")
    return {row.basis: row for row in _rows("bases.csv", Basis, unique)}


def theme_of(printed: str) -> Theme | None:
    """Return the theme that a casebook prints so, white space aside; None if no theme is.

    >>> theme_of("气候变化 减缓与适应").theme
    'climate'
    """
    return _themes_by_print().get("".join(printed.split()))


@cache
def name_forms() -> tuple[NameForm, ...]:
    """Return the form words of names, in the order of `name_forms.csv`."""
    rows = _rows("name_forms.csv", NameForm, ("form",))
    unknown = sorted({row.kind for row in rows} - set(kinds()))
    if unknown:
        message = f"ontology/name_forms.csv kind: {unknown[0]!r} is not a kind of kinds.csv"
        raise InvalidVocabulary(message)
    return rows


@cache
def reading_words(use: str) -> tuple[str, ...]:
    """Return the words of one use, in the order of `reading.csv`.

    Raises:
        InvalidVocabulary: `reading.csv` has no word of that use.
    """
    found = tuple(row.word for row in _reading() if row.use == use)
    if not found:
        message = f"ontology/reading.csv use: no word of use {use!r}; add one"
        raise InvalidVocabulary(message)
    return found


@cache
def heading_words(use: str) -> tuple[str, ...]:
    """Return the words of one use that titles and cells of tables hold, in the order of `headings.csv`.

    Raises:
        InvalidVocabulary: `headings.csv` has no word of that use.
    """
    found = heading_uses().get(use, ())
    if not found:
        message = f"ontology/headings.csv use: no word of use {use!r}; add one"
        raise InvalidVocabulary(message)
    return found


@cache
def irs_countries() -> dict[str, str]:
    """Return country code of the IRS → code of ISO 3166-1.

    >>> irs_countries()["CI"], irs_countries()["CH"], irs_countries()["SZ"]
    ('CL', 'CN', 'CH')
    """
    return {row.irs: row.iso for row in _rows("irs_countries.csv", IrsCountry, ("irs",))}


@cache
def heading_uses() -> dict[str, tuple[str, ...]]:
    """Return use → words of `headings.csv`, in its order."""
    uses: dict[str, list[str]] = {}
    for row in _rows("headings.csv", ReadingWord, ()):
        uses.setdefault(row.use, []).append(row.word)
    return {use: tuple(words) for use, words in uses.items()}


@cache
def _themes_by_print() -> dict[str, Theme]:
    return {"".join(text.split()): t for t in themes().values() for text in (t.label_zh, *t.printed)}


@cache
def _reading() -> tuple[ReadingWord, ...]:
    return _rows("reading.csv", ReadingWord, ())


def _rows(name: str, row: type[_Row], unique: tuple[str, ...]) -> tuple[_Row, ...]:
    """Return the rows of a file in its order; no value of a field in `unique` may stand in two of them."""
    where = f"ontology/{name}"
    rows: list[_Row] = []
    lines: dict[tuple[str, str], int] = {}
    try:
        for line, cells in _cells(root("ontology") / name, row.__struct_encode_fields__):
            parsed = _parse(f"{where}:{line}", cells, row)
            for said in ((field, value) for field in unique for value in _values(parsed, field)):
                if lines.setdefault(said, line) != line:
                    message = f"{where}:{line} {said[0]}: {said[1]!r} stands in line {lines[said]} already"
                    raise InvalidVocabulary(message)
            rows.append(parsed)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{where}: not readable as CSV in UTF-8: {error}"
        raise InvalidVocabulary(message) from None
    if not rows:
        message = f"{where}: no rows; expected at least one"
        raise InvalidVocabulary(message)
    return tuple(rows)


def _cells(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    where = f"ontology/{path.name}"
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        if sorted(header) != sorted(columns):
            message = f"{where}:1: columns are {','.join(header)}; expected {','.join(columns)}"
            raise InvalidVocabulary(message)
        for cells in reader:
            if len(cells) != len(header):
                message = f"{where}:{reader.line_num}: {len(cells)} cells; expected {len(header)}"
                raise InvalidVocabulary(message)
            yield reader.line_num, dict(zip(header, cells, strict=True))


def _parse(where: str, cells: dict[str, str], row: type[_Row]) -> _Row:
    lists = {
        column: cells[column].split(separator) if cells[column] else []
        for column, separator in _SEPARATORS.items()
        if column in cells
    }
    try:
        return msgspec.convert({**cells, **lists}, row)
    except msgspec.ValidationError as error:
        message = f"{where}: {error}"
        raise InvalidVocabulary(message) from None


def _values(row: msgspec.Struct, field: str) -> tuple[str, ...]:
    """Return what a field says: its members, or its value unless empty."""
    value = getattr(row, field)
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()
