"""Which reader a file is for, by what it holds; its name does not count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources import iati, irs990, tables, template, threesixty
from cega_graph.sources.files import File
from cega_graph.sources.records import Items


class Format(msgspec.Struct, frozen=True):
    """A format that can be read: its name, whether a file is of it, and its reader."""

    name: str
    is_one: Callable[[File], bool]
    read: Callable[[File], Items]


FORMATS: Final = (
    Format("table", tables.is_one, tables.read),
    Format("CEGA Graph template", template.is_one, template.read),
    Format("360Giving", threesixty.is_one, threesixty.read),
    Format("IATI", iati.is_one, iati.read),
    Format("US 990", irs990.is_one, irs990.read),
)
"""All formats; the first whose `is_one` says yes is taken. A table is what came with a mapping, so it stands first."""


def recognise(file: File) -> Format:
    """Return the format of a file.

    Raises:
        UnreadableInput: No reader knows it; the text says what the file seems to be.
    """
    for one in FORMATS:
        if one.is_one(file):
            return one
    seems = {"zip": "a spreadsheet or zip file", "xml": f"XML with the root <{file.root}>", "text": "a table or text"}
    known = ", ".join(one.name for one in FORMATS[1:])
    headers = next(iter(file.headers.values()), ()) if file.form in {"zip", "text"} else ()
    shown = f" that begins with {', '.join(h for h in headers if h)[:80]!r}" if headers else ""
    message = f"{file.name}: is {seems.get(file.form, file.form.upper())}{shown}; formats known: {known}"
    if file.form in tables.FORMS:
        message += f"; for any other table write a mapping: `cega-graph import {file.name} --suggest > mapping.toml`"
    raise UnreadableInput(message)
