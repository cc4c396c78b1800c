"""A mapping: which column of a table is what, as a person wrote it in TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Dict
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import msgspec

from cega_graph.errors import InvalidMapping, UnreadableInput
from cega_graph.model import GRANT_TYPES
from cega_graph.vocabulary import kinds, roles

TEXT_FIELDS: Final = (
    "identifier", "title", "title_en", "description", "theme", "region", "place", "programme", "status", "url",
)  # fmt: skip
"""What a row says of its project; several columns are joined."""

DATE_FIELDS: Final = ("date", "start_date", "end_date")
"""Dates; several columns are the parts of one, year first."""

MONEY_FIELDS: Final = ("amount", "currency", "date_precision", "funding_type", "recipients", "grant_identifier", "type")
"""What a row says of its sum of money, the date aside."""

CONSTANTS: Final = (
    "currency", "type", "funding_type", "theme", "region", "place", "programme", "status", "amount_unit",
)  # fmt: skip
"""What is the same in all rows; a cell that says otherwise counts more."""

ABOUT: Final = ("title", "publisher", "year", "licence", "url", "language")
_TABLE: Final = ("sheet", "header_row", "fill_down", "day_first", "decimal_comma", "extra")
_ROLE: Final = ("column", "constant", "identifier", "scheme", "kind", "language", "split", "separators")
_LONG: Final = (
    "project",
    "organization",
    "role",
    "identifier",
    "scheme",
    "qualifier",
    "activity",
    "amount_of",
    "roles",
)
_SECTIONS: Final = ("table", "source", "columns", "constants", "roles", "long")


class RoleColumns(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bodies of one role stand.

    Args:
        role: A key of `roles.csv`.
        columns: Their names are there; none if `constant` names the body of all rows.
        identifier: The column of their identifiers.
        scheme: The list of org-id.guide that bare identifiers are from, such as `US-EIN`.
        kind: The kind that all of them are of; inferred from the name if empty.
        split: Whether a cell may name several; None: if it is Chinese.
        separators: Between the names of a cell; by the rules of Chinese lists if empty.
    """

    role: str
    columns: tuple[str, ...] = ()
    constant: str = ""
    identifier: str = ""
    scheme: str = ""
    kind: str = ""
    language: str = ""
    split: bool | None = None
    separators: tuple[str, ...] = ()


class LongForm(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a table that has a row for each participant of a project.

    Args:
        project: What tells that rows are of one project: its number or title.
        role: The column with the role; printed words are looked up in `roles`, then in `roles.csv`.
        amount_of: `row` if each row has a sum of its own, `project` if the rows of a project repeat one.
        roles: Printed word → key of `roles.csv`.
    """

    project: str
    organization: str
    role: str
    identifier: str = ""
    scheme: str = ""
    qualifier: str = ""
    activity: str = ""
    amount_of: str = ""
    roles: dict[str, str] = {}


class ColumnMapping(msgspec.Struct, frozen=True, kw_only=True):
    """What `docs/tables.md` describes, checked but for the columns, which `check_columns` compares with a file.

    `columns` holds field → columns, `extra` the columns kept as they are; None: all that nothing else uses.
    """

    name: str
    sheet: str = ""
    header_row: int | None = None
    fill_down: tuple[str, ...] = ()
    day_first: bool = True
    decimal_comma: bool = False
    extra: tuple[str, ...] | None = None
    source: dict[str, str] = {}
    columns: dict[str, tuple[str, ...]] = {}
    constants: dict[str, str] = {}
    roles: tuple[RoleColumns, ...] = ()
    long: LongForm | None = None


def read_mapping(path: Path) -> ColumnMapping:
    """Return a mapping.

    Raises:
        UnreadableInput: The file cannot be read or is not TOML.
        InvalidMapping: Keys or values that a mapping cannot have, one line each.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        message = f"{path.name}: cannot be read: {reason}; give a mapping in TOML (`--suggest` writes one)"
        raise UnreadableInput(message) from None
    return parse_mapping(text, path.name)


def parse_mapping(text: str, name: str) -> ColumnMapping:
    """Return the mapping that a text in TOML is; see `read_mapping`."""
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = f"{name}: is not TOML: {' '.join(str(error).split())}; quote names of columns"
        raise UnreadableInput(message) from None
    findings: list[str] = []
    mapping = _Checker(name, findings).mapping(given)
    if findings:
        raise InvalidMapping("\n".join(findings))
    return mapping


class _Checker:
    """Takes a mapping apart and collects what is wrong with it."""

    def __init__(self, name: str, findings: list[str]) -> None:
        self._name: Final = name
        self._findings: Final = findings

    def wrong(self, key: str, message: str) -> None:
        self._findings.append(f"{self._name}: {key}: {message}")

    def known(self, where: str, given: Dict[str, Any], keys: Iterable[str]) -> None:
        for key in given:
            if key not in keys:
                self.wrong(f"{where}{key}", f"is not known{nearest(key, keys)}; there are {', '.join(keys)}")

    def section(self, given: Dict[str, Any], key: str) -> dict[str, Any]:
        value = given.get(key, {})
        if not isinstance(value, dict):
            self.wrong(key, f"is {value!r}; expected a section [{key}]")
            return {}
        return value

    def text(self, where: str, value: object) -> str:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        self.wrong(where, f"is {value!r}; expected a text in quotes")
        return ""

    def texts(self, where: str, value: object) -> tuple[str, ...]:
        if isinstance(value, list):
            return tuple(self.text(where, one) for one in value)
        return (self.text(where, value),)

    def flag(self, where: str, value: object) -> bool | None:
        if value is not None and not isinstance(value, bool):
            self.wrong(where, f"is {value!r}; expected true or false")
        return value if isinstance(value, bool) else None

    def choice(self, where: str, value: str, choices: Iterable[str]) -> str:
        if value and value not in choices:
            self.wrong(where, f"{value!r} is not one of its values{nearest(value, choices)}: {', '.join(choices)}")
            return ""
        return value

    def mapping(self, given: Dict[str, Any]) -> ColumnMapping:
        self.known("", given, _SECTIONS)
        found = {key: self.section(given, key) for key in _SECTIONS}
        table, source, columns, constants = (found[key] for key in _SECTIONS[:4])
        for key, keys in (("table", _TABLE), ("source", ABOUT), ("constants", CONSTANTS)):
            self.known(f"{key}.", found[key], keys)
        self.known("columns.", columns, (*TEXT_FIELDS, *DATE_FIELDS, *MONEY_FIELDS))
        header = table.get("header_row")
        if header is not None and (isinstance(header, bool) or not isinstance(header, int) or header < 1):
            self.wrong("table.header_row", f"is {header!r}; expected the number of the row with the titles, from 1")
            header = None
        if (year := source.get("year", "")) and not str(year).isdecimal():
            self.wrong("source.year", f"is {year!r}; expected a year such as 2024")
        mapping = ColumnMapping(
            name=self._name, header_row=header, sheet=self.text("table.sheet", table.get("sheet", "")),
            fill_down=self.texts("table.fill_down", table.get("fill_down", [])),
            day_first=self.flag("table.day_first", table.get("day_first")) is not False,
            decimal_comma=self.flag("table.decimal_comma", table.get("decimal_comma")) is True,
            extra=self._extra(table.get("extra", True)),
            source={key: self.text(f"source.{key}", value) for key, value in source.items() if key in ABOUT},
            columns={key: self._columns(key, value) for key, value in columns.items()},
            constants={key: self._constant(key, value) for key, value in constants.items() if key in CONSTANTS},
            roles=tuple(self._role(key, value) for key, value in found["roles"].items()),
            long=self._long(found["long"], has_amount="amount" in columns) if found["long"] else None,
        )  # fmt: skip
        if bool(mapping.roles) == bool(mapping.long):
            self.wrong("roles", "give either [roles], with a column for each role, or [long], with one for all")
        return mapping

    def _extra(self, value: object) -> tuple[str, ...] | None:
        if isinstance(value, bool):
            return None if value else ()
        return self.texts("table.extra", value)

    def _columns(self, key: str, value: object) -> tuple[str, ...]:
        names = self.texts(f"columns.{key}", value)
        if len(names) > 1 and key in MONEY_FIELDS:
            self.wrong(f"columns.{key}", f"has {len(names)} columns; give one")
        return tuple(name for name in names if name)

    def _constant(self, key: str, value: object) -> str:
        text = self.text(f"constants.{key}", value)
        if key == "type":
            return self.choice("constants.type", text, GRANT_TYPES)
        if key == "amount_unit" and text not in _UNITS:
            self.wrong("constants.amount_unit", f"is {text!r}; expected a number such as 10000 for 万元")
        return text

    def _role(self, key: str, value: object) -> RoleColumns:
        where = f"roles.{key}"
        self.choice(where, key, tuple(roles()))
        if isinstance(value, str | list):
            value = {"column": value}
        if not isinstance(value, dict):
            self.wrong(where, f'is {value!r}; expected a column or {{column = "…", …}}')
            value = {}
        self.known(f"{where}.", value, _ROLE)
        texts = {
            k: self.text(f"{where}.{k}", value.get(k, "")) for k in ("constant", "identifier", "scheme", "language")
        }
        found = RoleColumns(
            role=key, columns=self.texts(f"{where}.column", value["column"]) if "column" in value else (),
            kind=self.choice(f"{where}.kind", self.text(f"{where}.kind", value.get("kind", "")), tuple(kinds())),
            split=self.flag(f"{where}.split", value.get("split")),
            separators=self.texts(f"{where}.separators", value.get("separators", [])), **texts,
        )  # fmt: skip
        if bool(found.columns) == bool(found.constant):
            self.wrong(where, "give either column or constant")
        if found.identifier and len(found.columns) > 1:
            self.wrong(f"{where}.identifier", "goes with one column of names")
        return found

    def _long(self, given: dict[str, Any], *, has_amount: bool) -> LongForm:
        self.known("long.", given, _LONG)
        missing = [key for key in ("project", "organization", "role") if not given.get(key)]
        for key in missing:
            self.wrong(f"long.{key}", "is missing; name its column")
        texts = {k: self.text(f"long.{k}", given.get(k, "")) for k in _LONG if k != "roles"}
        self.choice("long.amount_of", texts["amount_of"], ("row", "project"))
        if has_amount and not texts["amount_of"]:
            self.wrong(
                "long.amount_of", 'is missing; "row" if each row has a sum of its own, "project" if they repeat one'
            )
        words = self.section(given, "roles")
        for word, role in words.items():
            self.choice(f"long.roles.{word}", str(role), tuple(roles()))
        return LongForm(roles={word: str(role) for word, role in words.items()}, **texts)


_UNITS: Final = ("1", "10", "100", "1000", "10000", "1000000", "10000000", "100000000", "1000000000")


def nearest(word: str, words: Iterable[str]) -> str:
    """Return `; did you mean '…'?` with the word most like one that is not known, or nothing.

    >>> nearest("funderr", ["funder", "grantee"]), nearest("x", ["funder"])
    ("; did you mean 'funder'?", '')
    """
    by_fold = {" ".join(one.split()).casefold(): one for one in reversed(list(words))}
    close = get_close_matches(" ".join(word.split()).casefold(), list(by_fold), n=1, cutoff=0.5)
    return f"; did you mean {by_fold[close[0]]!r}?" if close else ""


def columns_used(mapping: ColumnMapping) -> dict[str, str]:
    """Return key of the mapping → column, for every column that a mapping names."""
    used: dict[str, str] = {}
    for key, names in mapping.columns.items():
        used |= {f"columns.{key}" + (f"[{n}]" if len(names) > 1 else ""): name for n, name in enumerate(names)}
    for role in mapping.roles:
        many = len(role.columns) > 1
        used |= {f"roles.{role.role}.column" + (f"[{n}]" if many else ""): c for n, c in enumerate(role.columns)}
        if role.identifier:
            used[f"roles.{role.role}.identifier"] = role.identifier
    if mapping.long:
        keys = ("project", "organization", "role", "identifier", "qualifier", "activity")
        used |= {f"long.{key}": getattr(mapping.long, key) for key in keys if getattr(mapping.long, key)}
    used |= {f"table.fill_down[{n}]": name for n, name in enumerate(mapping.fill_down)}
    used |= {f"table.extra[{n}]": name for n, name in enumerate(mapping.extra or ())}
    return used


def check_columns(mapping: ColumnMapping, header: Iterable[str], file: str) -> None:
    """Compare a mapping with the columns of a file.

    Raises:
        InvalidMapping: Columns that the file does not have, a line for each with the one most like it; a unit
            in the title of the amounts that the mapping says nothing of.
    """
    names = list(header)
    folded = {fold(name) for name in names}
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    findings = [
        f"{mapping.name}: {key}: {name!r} is no column of {file}{nearest(name, names)}; its columns: {shown}"
        for key, name in columns_used(mapping).items()
        if fold(name) not in folded
    ]
    title = (mapping.columns.get("amount") or ("",))[0]
    if unit_of(title) != "1" and "amount_unit" not in mapping.constants:
        findings.append(
            f"{mapping.name}: constants.amount_unit: is missing, and the title {title!r} names a unit; "
            f"give {unit_of(title)}, or 1 if the cells hold whole sums"
        )
    if findings:
        raise InvalidMapping("\n".join(findings))


_UNIT_WORDS: Final = (
    ("亿", "100000000"), ("百万", "1000000"), ("千万", "10000000"), ("万", "10000"), ("千元", "1000"),
    ("million", "1000000"), ("thousand", "1000"), ("'000", "1000"), ("000s", "1000"),
)  # fmt: skip


def unit_of(title: str) -> str:
    """Return by how much the cells of a column are to be multiplied, as its title says.

    >>> unit_of("金额（万元）"), unit_of("Amount (thousand USD)"), unit_of("金额")
    ('10000', '1000', '1')
    """
    folded = title.casefold()
    return next((unit for word, unit in _UNIT_WORDS if word in folded), "1")


def fold(name: str) -> str:
    """Return what two spellings of a column's title have in common: case and white space do not count."""
    return "".join(name.split()).casefold()
