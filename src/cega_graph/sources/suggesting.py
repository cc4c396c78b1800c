"""A table → a first mapping, guessed from titles and cells, with the reason of every guess beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import chain, islice, pairwise
from typing import Final

import msgspec

from cega_graph.names.normalize import has_han
from cega_graph.sources.files import File
from cega_graph.sources.mapping import fold, unit_of
from cega_graph.sources.table_rows import Rows, Sheet, open_table
from cega_graph.sources.values import CURRENCIES, clean, has_decimal_comma, read_amount, read_date
from cega_graph.vocabulary import heading_uses, heading_words, roles

_SAMPLE: Final = 1000
"""Rows that are looked at."""

_SHOWN: Final = 3
_FIELDS: Final = (
    "identifier", "title", "title_en", "description", "theme", "place", "programme", "status", "url", "start_date",
    "end_date", "date", "date_precision", "amount", "currency", "funding_type", "recipients",
)  # fmt: skip
_LONG_FIELDS: Final = ("organization", "role")
_ENOUGH: Final = 0.5
"""Share of the filled cells that must read as what the title says."""


class Column(msgspec.Struct, frozen=True):
    """A column with the cells of the first rows that are not empty."""

    title: str
    cells: tuple[str, ...]
    is_first: bool


class Guess(msgspec.Struct, frozen=True, order=True):
    """That a column is a field, how sure (1: the title is a word for it), and why."""

    score: float
    field: str
    column: Column
    why: str


def suggest(file: File) -> str:
    """Return a mapping of a table as TOML, with sample values and reasons as comments.

    Nothing is imported by it before a person has looked at it and passes it as `--mapping`.

    Raises:
        UnreadableInput: The file is no table.
    """
    sheet = open_table(file, choose=lambda rows, _: title_row(rows))
    blocks = (zip(*some.columns, strict=True) for some in sheet.rows if isinstance(some, Rows))
    rows = list(islice(chain.from_iterable(blocks), _SAMPLE))
    columns = [
        Column(title, tuple(filter(None, (clean(row[place]) for row in rows))), is_first=place == 0)
        for place, title in enumerate(sheet.header)
    ]
    chosen = _chosen(columns)
    is_long = "long.organization" in chosen and "long.role" in chosen
    parts = [
        f"# How the columns of {_comment(file.name)} are read: a first guess, to be looked through.",
        f"# Then: cega-graph import {_comment(file.name)} --mapping THIS_FILE -o data/…",
        "# docs/tables.md explains every key. A line that begins with # is not in force.",
        "",
        *_table_section(
            sheet,
            len(file.sheets) if file.form in {"zip", "xls"} else 1,
            columns,
            _unused(chosen, columns),
            chosen["amount"].column if "amount" in chosen else None,
        ),
        *_source_section(sheet.preamble),
        *_column_section(chosen),
        *_constant_section(chosen, columns),
        *(_long_section(chosen, rows, sheet.header) if is_long else _role_section(chosen)),
        *_rest(_unused(chosen, columns)),
    ]
    return "\n".join(parts) + "\n"


def title_row(rows: Sequence[Sequence[str]]) -> int:
    """Return which of the first rows holds the titles: the one with most words for columns, else the first full one."""
    known = [sum(bool(_words_for(cell)) for cell in row) for row in rows]
    if max(known) >= 2:
        return known.index(max(known))
    return next((at for at, row in enumerate(rows) if sum(bool(cell.strip()) for cell in row) > 1), 0)


@cache
def _heading_index() -> dict[str, tuple[str, ...]]:
    """Folded word of a title → the fields that it may head."""
    index: dict[str, list[str]] = {}
    uses = heading_uses()
    wanted = {field: uses[field] for field in _FIELDS}
    wanted |= {f"long.{field}": uses[field] for field in _LONG_FIELDS}
    for role in roles().values():
        if role.role != "other":
            words = (*uses.get(f"role_{role.role}", ()), role.label_zh, role.label_en, *role.printed)
            wanted[f"roles.{role.role}"] = words
    for field, words in wanted.items():
        for word in words:
            if field not in index.setdefault(fold(word), []):
                index[fold(word)].append(field)
    return {word: tuple(fields) for word, fields in index.items()}


def _bare(title: str) -> str:
    """A title without brackets, units and signs: `资助金额（万元）` → `资助金额`."""
    bare = re.sub(r"[（(\[【].*?[）)\]】]", "", title)
    return fold(re.sub(r"[_*:：/\-.#]+", "", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)))


def _words_for(title: str) -> tuple[str, ...]:
    index = _heading_index()
    return index.get(fold(title)) or index.get(_bare(title)) or ()


def _guesses(column: Column) -> Iterable[Guess]:
    exact = _words_for(column.title)
    for field in exact:
        yield Guess(1.0, field, column, "its title says so")
    bare = _bare(column.title)
    if not exact and column.title and not column.title.startswith("#"):
        for word, fields in _heading_index().items():
            if len(word) >= 2 and (len(word) >= 4 or has_han(word)) and word in bare:
                share = len(word) / len(bare)
                for field in fields:
                    yield Guess(round(0.4 + 0.5 * share, 3), field, column, f"its title holds {word!r}")


def _is_role(cell: str) -> bool:
    return fold(cell) in _role_words()


@cache
def _role_words() -> frozenset[str]:
    return frozenset(fold(w) for r in roles().values() for w in (r.role, r.label_zh, r.label_en, *r.printed))


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "amount": lambda cell: read_amount(cell)[0] is not None,
    "date": lambda cell: bool(read_date(cell)[0]),
    "start_date": lambda cell: bool(read_date(cell)[0]),
    "end_date": lambda cell: bool(read_date(cell)[0]),
    "url": lambda cell: re.match(r"(?:https?://|www\.)", cell, re.IGNORECASE) is not None,
    "currency": lambda cell: len(cell) <= 12 and not cell.replace(".", "").isdecimal(),
    "recipients": str.isdecimal,
    "long.role": _is_role,
}


def _fits(guess: Guess) -> bool:
    if guess.field == "currency" and re.search("original|原", guess.column.title, re.IGNORECASE):
        return False  # of a sum that another column holds
    check = _CHECKS.get(guess.field)
    cells = guess.column.cells
    if check is None:
        return not (guess.field.startswith("roles.") and cells and _share(cells, _is_number) > _ENOUGH)
    return not cells or _share(cells, check) >= _ENOUGH


def _share(cells: Sequence[str], check: Callable[[str], bool]) -> float:
    return sum(map(check, cells)) / len(cells)


def _is_number(cell: str) -> bool:
    return bool(re.fullmatch(r"[\d.,\s$¥€£%-]+", cell))


def _chosen(columns: Sequence[Column]) -> dict[str, Guess]:
    """Return field → guess: the surest first, each column once, but for the long form's own."""
    guesses = [g for column in columns for g in _guesses(column) if _fits(g)]
    numbers = _identifiers(columns)
    taken: set[str] = {guess.column.title for guess in numbers.values()}
    chosen: dict[str, Guess] = {}
    places = {column.title: place for place, column in enumerate(columns)}
    order = sorted(guesses, key=lambda g: (-g.score, not g.column.cells, _rank(g.field), places[g.column.title]))
    has_role = any(g.field == "long.role" and g.score == 1.0 and g.column.cells for g in order)
    for guess in order:
        if guess.field.startswith("long.") and not has_role:
            continue
        if guess.field.startswith("roles.") and has_role:
            continue
        if guess.field not in chosen and guess.column.title not in taken:
            chosen[guess.field] = guess
            taken.add(guess.column.title)
    return chosen | {key: guess for key, guess in numbers.items() if key.split("#")[0] in chosen}


def _rank(field: str) -> int:
    """Of two fields that one title may head, the commoner comes first."""
    order = ("roles.funder", "roles.grantee", "long.role", "long.organization", "amount", "date", "title", "theme")
    return order.index(field) if field in order else len(order)


def _identifiers(columns: Sequence[Column]) -> dict[str, Guess]:
    """Return `roles.funder#identifier` → guess for titles that join a role's word and one for a number."""
    found: dict[str, Guess] = {}
    numbers = [fold(word) for word in heading_words("number")]
    index = _heading_index()
    for column in columns:
        bare = _bare(column.title)
        for number in sorted(numbers, key=len, reverse=True):
            stem = bare.removesuffix(number)
            fields = [f for f in index.get(stem, ()) if f.startswith(("roles.", "long.organization"))]
            if stem != bare and stem and fields:
                found.setdefault(f"{fields[0]}#identifier", Guess(0.9, fields[0], column, "its title says so"))
                break
    for before, column in pairwise(columns):
        roles_before = [f for f in _words_for(before.title) if f.startswith("roles.")]
        if roles_before and _bare(column.title) in numbers:
            guess = Guess(0.6, roles_before[0], column, "it stands behind a column of names")
            found.setdefault(f"{roles_before[0]}#identifier", guess)
    return found


# The text


def _quoted(text: str) -> str:
    """Return a text as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Return a text that ends no comment and is not too long for one."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _samples(column: Column) -> str:
    shown = list(dict.fromkeys(column.cells))[:_SHOWN]
    return "e.g. " + " | ".join(map(_comment, shown)) if shown else "its cells are empty"


def _line(key: str, guess: Guess) -> str:
    sure = "" if guess.score >= 0.9 else "guessed: "
    return f"{key} = {_quoted(guess.column.title)}  # {sure}{_comment(guess.why)}; {_samples(guess.column)}"


def _table_section(
    sheet: Sheet, n_sheets: int, columns: Sequence[Column], unused: Sequence[Column], amount: Column | None
) -> list[str]:
    lines = ["[table]"]
    if n_sheets > 1:
        lines.append(f"sheet = {_quoted(sheet.name)}  # of {n_sheets} sheets; a mapping is for one")
    if sheet.header_row > 1:
        lines.append(f"header_row = {sheet.header_row}  # the row that holds most words for columns")
    dates = [cell for column in columns for cell in column.cells if re.match(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", cell)]
    month_first = [cell for cell in dates if int(re.split(r"[./-]", cell)[1]) > 12]
    if month_first:
        lines.append(f"day_first = false  # the month comes first: {_comment(month_first[0])}")
    elif dates:
        lines.append(f"day_first = true  # false if the month comes first in {_comment(dates[0])}")
    lines += _decimal_comma(amount)
    personal = [column.title for column in unused if _is_personal(column.title)]
    if personal:
        kept = ", ".join(_quoted(column.title) for column in unused if column.title not in personal)
        named = _comment(", ".join(personal))
        lines.append(
            f"extra = [{kept}]  # columns kept as they are; left out, because they may tell of persons: {named}"
        )
    else:
        lines.append("extra = true  # keep the columns that nothing else uses; false drops them, a list keeps some")
    return [*lines, ""]


def _decimal_comma(amount: Column | None) -> list[str]:
    """Return the line that says so if more amounts have a decimal comma than a decimal point."""
    cells = amount.cells if amount else ()
    found = [cell for cell in cells if has_decimal_comma(cell)]
    pointed = [cell for cell in cells if re.search(r"\d\.(\d{1,2}|\d{4,})(?!\d)", cell)]
    if len(found) <= len(pointed):
        return []
    return [f"decimal_comma = true  # as in {_comment(found[0])}; 1.000 is a thousand then"]


def _is_personal(title: str) -> bool:
    return any(fold(word) in fold(title) for word in heading_words("personal"))


def _source_section(preamble: Sequence[Sequence[str]]) -> list[str]:
    title = next((clean(cell) for row in preamble for cell in row if cell.strip()), "")
    shown = f"title = {_quoted(title)}  # what stands above the table" if title else '# title = ""'
    return ["[source]", shown, '# publisher = ""', "# year = 2024", '# licence = ""', '# url = ""', ""]


def _column_section(chosen: dict[str, Guess]) -> list[str]:
    lines = [_line(field, chosen[field]) for field in _FIELDS if field in chosen]
    absent = [field for field in ("title", "amount", "date") if field not in chosen]
    return ["[columns]", *lines, *(f'# {field} = ""  # no column found' for field in absent), ""]


def _constant_section(chosen: dict[str, Guess], columns: Sequence[Column]) -> list[str]:
    lines = ["[constants]"]
    amount = chosen.get("amount")
    if amount is None:
        return [*lines, ""]
    unit = unit_of(amount.column.title)
    if unit != "1":
        lines.append(f"amount_unit = {unit}  # the title {_comment(amount.column.title)} says so")
    if "currency" not in chosen:
        lines.append(_currency(amount.column, columns))
    return [*lines, ""]


def _currency(amount: Column, columns: Sequence[Column]) -> str:
    named = [code for code in re.findall(r"[A-Z]{3}", amount.title) if code in CURRENCIES]
    if named:
        return f'currency = "{named[0]}"  # the title {_comment(amount.title)} says so'
    signs = {sign for cell in amount.cells for sign in (read_amount(cell)[1],) if sign}
    if len(signs) == 1:
        return f'currency = "{signs.pop()}"  # the cells say so'
    if "元" in amount.title or any("元" in cell for cell in amount.cells):
        return 'currency = "CNY"  # 元 in the title or the cells; another currency would have its own name'
    if any(has_han(column.title) for column in columns):
        return 'currency = "CNY"  # guessed, because the titles are Chinese; change it if the sums are in another one'
    if any("$" in cell for cell in amount.cells):
        return '# currency = "USD"  # the cells say $, which several currencies use; name the one'
    return '# currency = ""  # nothing names one; without it sums are of the currency XXX, unknown'


def _role_section(chosen: dict[str, Guess]) -> list[str]:
    lines = ["[roles]"]
    for role in roles():
        guess = chosen.get(f"roles.{role}")
        if guess is None:
            continue
        given = [f"column = {_quoted(guess.column.title)}"]
        if number := chosen.get(f"roles.{role}#identifier"):
            given.append(f"identifier = {_quoted(number.column.title)}")
        sign, why = _separator(guess.column)
        if sign:
            given.append(f"split = true, separators = [{_quoted(sign)}]")
        sure = "" if guess.score >= 0.9 else "guessed: "
        lines.append(
            f"{role} = {{{', '.join(given)}}}  # {sure}{_comment(guess.why)}; {_samples(guess.column)}{why}"
        )  # fmt: skip
    absent = [role for role in ("funder", "grantee") if f"roles.{role}" not in chosen]
    return [*lines, *(f'# {role} = {{constant = ""}}  # no column found; name it, or who it is in all rows'
                      for role in absent), ""]  # fmt: skip


def _separator(column: Column) -> tuple[str, str]:
    """Return what parts several names of a cell that is not Chinese; Chinese lists have rules of their own."""
    latin = [cell for cell in column.cells if not has_han(cell)]
    for sign in ("|", ";", "\n"):
        n = sum(sign in cell for cell in latin)
        if n:
            return sign, f"; {n} of {len(latin)} cells hold {_comment(sign.strip() or 'line breaks')}"
    return "", ""


def _long_section(chosen: dict[str, Guess], rows: Sequence[Sequence[str]], header: Sequence[str]) -> list[str]:
    project = chosen.get("identifier") or chosen.get("title")
    lines = ["[long]  # each row is one participant of a project"]
    if project is None:
        lines.append('# project = ""  # no column found; name the one that tells which rows are of one project')
    else:
        lines.append(f"project = {_quoted(project.column.title)}  # rows with the same cell are of one project")
    lines += [_line(key, chosen[f"long.{key}"]) for key in _LONG_FIELDS]
    if number := chosen.get("long.organization#identifier"):
        lines.append(_line("identifier", number))
    if project and "amount" in chosen:
        lines.append(_amount_of(project.column.title, chosen["amount"].column.title, rows, header))
    unknown = [w for w in dict.fromkeys(chosen["long.role"].column.cells) if not _is_role(w)]
    if unknown:
        lines += [
            "",
            "[long.roles]  # words for roles that are not known",
            *(f'{_quoted(w)} = "other"' for w in unknown),
        ]
    return [*lines, ""]


def _amount_of(project: str, amount: str, rows: Sequence[Sequence[str]], header: Sequence[str]) -> str:
    at, sums = header.index(project), header.index(amount)
    said: dict[str, set[str]] = {}
    for row in rows:
        if row[sums]:
            said.setdefault(row[at], set()).add(row[sums])
    if all(len(one) == 1 for one in said.values()):
        return 'amount_of = "project"  # the rows of each project state one sum; "row" if each row has its own'
    return 'amount_of = "row"  # rows of one project state different sums'


def _unused(chosen: dict[str, Guess], columns: Sequence[Column]) -> list[Column]:
    used = {guess.column.title for guess in chosen.values()}
    return [column for column in columns if column.title not in used]


def _rest(unused: Sequence[Column]) -> list[str]:
    lines = [f"#   {_quoted(column.title)}: {_samples(column)}" for column in unused]
    return ["# Columns that nothing above uses:", *lines] if lines else []
