"""What a reader of grant files hands over: records, and what it sets aside.

How a reader plugs in
---------------------
A reader is a function `read(file: File) -> Iterator[Item]`. It goes through the file once, from top to
bottom, holds no more of it than one record (what one parser call returns aside), and yields

- `About`, at most once: what the file says of itself;
- `Record`: one project (a grant, an activity, a row) with its parties and sums, as printed. Values
  are read through `cega_graph.sources.values`, which says what it mended; the mendings go to `remarks`;
- `SetAside`: a row that cannot be used, with the code of the reason and the original row;
- `Remark`: something about the file as a whole, such as its encoding;
- `Total`, once, at the end: how many rows the parser met. Every row of the file is one `Record` or one
  `SetAside` (what several rows make up states their number in `rows`); the importer counts these and
  stops if rows read are not used + set aside.

Large files are read in a process of their own, from which items come as bytes: hence `array_like`.
A reader decides nothing about who is who, mints no id and writes nothing: `cega_graph.importing` does
that for all of them. It becomes reachable by one `Format` in `cega_graph.sources.recognise.FORMATS`.
Codes are keys of `cega_graph.sources.remarks.REMARKS`, where each is worded in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import repeat
from typing import Any, Final, TypeAlias

import msgspec

Original: TypeAlias = bytes | tuple[str, ...]
"""A row as the file has it: the bytes of a JSON object or XML element, or the cells of a table's row."""


class Remark(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One thing that was mended or that a person should know; `code` is a key of `REMARKS`.

    `text` is the value as printed, `detail` what was made of it; `locator` the place, the record's if empty.
    """

    code: str
    text: str = ""
    detail: str = ""
    locator: str = ""


class Party(msgspec.Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """A body in a role, as one place prints it. At least one of `name` and `identifier` is there.

    Args:
        role: A key of `ontology/roles.csv`.
        name: As printed; an empty text if only an identifier is.
        identifier: As printed. The importer takes it for a register's number if it has that form;
            of persons any identifier tells one from another.
        language: Of the name; made from its script if empty.
        kind: A key of `ontology/kinds.csv` if the file states it, `person` for individuals; else
            it is inferred from the name.
        label: The field, column or element that names the party, as printed.
        grant: The position in `Record.grants` of the sum that the party gives or gets; -1: none.
        also: Other names that the same place prints, with their languages.
        locator: The place, if it is another than the record's.
    """

    role: str
    name: str = ""
    identifier: str = ""
    language: str = ""
    kind: str = ""
    qualifier: str = ""
    activity: str = ""
    label: str = ""
    grant: int = -1
    also: tuple[tuple[str, str], ...] = ()
    locator: str = ""


class Money(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A sum; who gives and who gets it is said by the parties whose `grant` is its position.

    Args:
        type: One of `cega_graph.model.GRANT_TYPES`.
        amount: None where it is unknown.
        printed: The amount as printed.
        currency: ISO 4217, or an empty text.
        date: ISO 8601 at the precision stated.
        identifier: The publisher's own number of the sum.
        passes_on: Identifiers of records that this money may be passed on from. It is, if one of them
            names a sum that is given to be passed on, to the body that gives this one.
        is_for_regrant: The sum is given to be passed on.
        locator: The place, if it is another than the record's.
    """

    type: str = "award"
    amount: Decimal | None = None
    printed: str = ""
    currency: str = ""
    date: str = ""
    identifier: str = ""
    funding_type: str = ""
    passes_on: tuple[str, ...] = ()
    is_for_regrant: bool = False
    recipients: int | None = None
    approximate: bool = False
    label: str = ""
    locator: str = ""


class Record(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One project of the file, with everything that the file says about it.

    Args:
        locator: The place: a JSON pointer, `row=17` (the header is row 1), an XPath.
        original: The row or rows as the file has them.
        identifier: The publisher's identifier; records with one identifier are one project.
        key: What tells the project from others of the file where there is no identifier, such as the
            title in a table with several rows a project; the whole row if empty.
        number: Of a numbered case.
        title: As printed, in the language of the file.
        title_en: The English title where `title` is in another language.
        theme, place, programme: In the file's words.
        region: Codes of GB/T 2260 or ISO 3166-2, joined by `;`.
        start_date, end_date: ISO 8601 at the precision stated.
        status: One of `cega_graph.model.PROJECT_STATUSES`, or an empty text.
        extra: What fits no column, as printed; written as JSON.
        remarks: What was mended, and what is odd.
        parts: Parts of the row that cannot be used, while the rest is.
        rows: How many rows of the file make up the record.
        is_whole: It is all that its identifier names, so that the same once more says nothing new.
    """

    locator: str
    original: Original
    identifier: str = ""
    key: str = ""
    number: str = ""
    title: str = ""
    title_en: str = ""
    description: str = ""
    theme: str = ""
    start_date: str = ""
    end_date: str = ""
    region: str = ""
    place: str = ""
    programme: str = ""
    status: str = ""
    extra: object = None
    parties: tuple[Party, ...] = ()
    grants: tuple[Money, ...] = ()
    remarks: tuple[Remark, ...] = ()
    parts: tuple[SetAside, ...] = ()
    rows: int = 1
    is_whole: bool = False


class SetAside(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A row (or, in `Record.parts`, a part of one) that is not used: the reason's code, the place, the original."""

    code: str
    locator: str
    original: Original
    text: str = ""
    rows: int = 1


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of itself; each field as the column of `sources` with its name."""

    title: str = ""
    publisher: str = ""
    year: int | None = None
    language: str = ""
    licence: str = ""
    url: str = ""


class Total(msgspec.Struct, frozen=True):
    """How many rows the file has, as its parser counted them."""

    rows: int


Item: TypeAlias = Record | SetAside | About | Remark | Total
Items: TypeAlias = Iterator[Item]


_DEFAULTS: Final = dict(
    zip(reversed(Record.__struct_fields__), reversed(Record.__struct_defaults__), strict=False)
)  # fmt: skip


def records_of(columns: dict[str, Iterable[Any]]) -> Iterator[Record]:
    """Yield records from what they say in each field, one after the other; fields not among the columns say nothing.

    >>> [r.title for r in records_of({"locator": ["row=2", "row=3"], "original": [(), ()], "title": "ab"})]
    ['a', 'b']
    """
    fields = Record.__struct_fields__
    return map(Record, *[columns[field] if field in columns else repeat(_DEFAULTS[field]) for field in fields])
