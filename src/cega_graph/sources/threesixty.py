"""360Giving grants: JSON packages and lines, and tables with the standard's column titles.

What is read of a grant says `threesixty_grant`.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources.files import File
from cega_graph.sources.records import About, Items, Record, Remark, SetAside, Total
from cega_graph.sources.threesixty_flat import read_flat
from cega_graph.sources.threesixty_grant import text_of, to_record
from cega_graph.sources.threesixty_titles import is_flat

_FIELDS: Final = re.compile(
    r'"(?:fundingOrganization|recipientOrganization|recipientIndividual|amountAwarded|awardDate)"\s*:'
)
_PACKAGE: Final = re.compile(r'\A\s*\{.*?"grants"\s*:\s*\[', re.DOTALL)


def is_one(file: File) -> bool:
    """Tell whether a file holds 360Giving grants: by two of its fields, or by its column titles."""
    if file.form == "json":
        start = file.start
        return len(set(_FIELDS.findall(start))) >= 2 or _PACKAGE.match(start) is not None
    return bool(_flat_tables(file))


def _flat_tables(file: File) -> dict[str, int]:
    """Sheet name (empty for a text table) → the number of the row with the standard's titles, where it has one."""
    found = {
        name: next((number for number, cells in top if is_flat(cells)), 0) for name, top in file.tops.items()
    }  # fmt: skip
    return {name: number for name, number in found.items() if number}


def read(file: File) -> Items:
    """Yield the grants of a file.

    Raises:
        UnreadableInput: The JSON is cut off or malformed; the text names the byte.
    """
    if file.form != "json":
        yield from _read_tables(file)
    elif _PACKAGE.match(file.start) or file.start.lstrip().startswith("["):
        yield from _read_package(file)
    else:
        yield from _read_lines(file)


class _Package(msgspec.Struct):
    grants: list[msgspec.Raw]
    title: Any = ""
    license: Any = ""
    license_name: Any = msgspec.field(default="", name="licenseName")
    publisher: Any = None
    issued: Any = ""
    modified: Any = ""
    access_url: Any = msgspec.field(default="", name="accessURL")
    download_url: Any = msgspec.field(default="", name="downloadURL")


def _read_package(file: File) -> Items:
    content, encoding = file.read_utf8()
    if encoding:
        yield encoding
    is_list = content[:200].lstrip().startswith(b"[")
    try:
        if is_list:
            package = _Package(grants=msgspec.json.decode(content, type=list[msgspec.Raw]))
        else:
            package = msgspec.json.decode(content, type=_Package)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(file, len(content), error) from None
    del content
    yield _about(package)
    start = "" if is_list else "/grants"
    n = len(package.grants)
    for position, raw in enumerate(package.grants):
        if position % 512 == 0:
            file.tell(file.size * position // n)
        yield _grant(bytes(raw), f"{start}/{position}")
    yield Total(n)


def _not_json(file: File, size: int, error: Exception) -> UnreadableInput:
    """The error of a file that is not JSON; it names the byte."""
    said = str(error) or "it is nested too deeply"
    if "truncated" in said:
        said = f"it ends in the middle of a value, at byte {size}; fetch the whole file"
    return UnreadableInput(f"{file.name}: is not readable as 360Giving JSON: {said}; nothing was read")


def _about(package: _Package) -> About:
    publisher = package.publisher if isinstance(package.publisher, dict) else {}
    issued = text_of(package.modified) or text_of(package.issued)
    return About(
        title=text_of(package.title),
        publisher=text_of(publisher.get("name")) or (package.publisher if isinstance(package.publisher, str) else ""),
        licence=text_of(package.license) or text_of(package.license_name),
        url=text_of(package.access_url) or text_of(package.download_url) or text_of(publisher.get("website")),
        year=int(issued[:4]) if re.match(r"[12]\d{3}", issued) else None,
    )


def _read_lines(file: File) -> Items:
    n = 0
    _, remark = file.encoding
    if remark:
        yield remark
    with file.text() as opened:
        for number, line in enumerate(opened, 1):
            if number % 1024 == 0:
                file.tell_of(opened)
            if line.strip("\ufeff \t\r\n\x00"):
                n += 1
                yield _grant(line.strip().encode("utf-8", "surrogatepass"), f"row={number}")
    yield Total(n)


_decode: Final = msgspec.json.Decoder().decode


def _grant(raw: bytes, locator: str) -> Record | SetAside:
    try:
        grant = _decode(raw)
        if type(grant) is dict:
            return to_record(grant, raw, locator)
    except (msgspec.DecodeError, RecursionError) as error:
        return SetAside("unreadable-row", locator, raw, str(error) or "nested too deeply")
    return SetAside("not-an-object", locator, raw)


def _read_tables(file: File) -> Items:
    _, encoding = file.encoding if file.form == "text" else ("", None)
    if encoding:
        yield encoding
    flat = _flat_tables(file)
    about, n = About(), 0
    for name, top in file.tops.items():
        if name == "Meta":
            about = _meta(file)
        elif name not in flat and top:
            yield Remark("sheet-not-read", name, str(sum(len(block.rows) for block in file.sheet_blocks(name))))
    for name, number in flat.items():
        place = "" if len(flat) == 1 else f"sheet={name}&"
        for above, cells in file.tops[name]:
            if above < number:
                yield Remark("row-above", " | ".join(filter(None, cells)), "", f"{place}row={above}")
        for item in read_flat(file, name, place, number):
            n += item.rows
            yield item
    yield about
    yield Total(n)


def _meta(file: File) -> About:
    """What the sheet `Meta` says: titles in its first column, values in the second."""
    cells = {row[0].strip().lower(): row[1] for _, row in file.sheet("Meta") if len(row) > 1}
    return About(
        title=cells.get("title", ""), publisher=cells.get("publisher:name", ""), licence=cells.get("license", ""),
        url=cells.get("publisher:website", ""),
    )  # fmt: skip
