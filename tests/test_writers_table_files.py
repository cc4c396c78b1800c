"""CSV and workbook for people."""

from __future__ import annotations

import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree as ET

from cega_graph.model import Grant, Organization, table
from cega_graph.writers.table_files import to_csv, to_xlsx
from factories import a_grant, an_organization

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(content: bytes, sheet: int = 1) -> list[tuple[str, str, str]]:
    """Return (place, type, value) of every cell of a sheet; type `s` is a text, `n` a number, `b` a flag."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        shared = ET.fromstring(book.read("xl/sharedStrings.xml"))
        texts = ["".join(t.text or "" for t in one.iter(f"{MAIN}t")) for one in shared.iter(f"{MAIN}si")]
        page = ET.fromstring(book.read(f"xl/worksheets/sheet{sheet}.xml"))
    found = []
    for cell in page.iter(f"{MAIN}c"):
        assert cell.find(f"{MAIN}f") is None, "a formula"
        value = cell.findtext(f"{MAIN}v", "")
        kind = cell.get("t", "n")
        found.append((cell.get("r", ""), kind, texts[int(value)] if kind == "s" else value))
    return found


def test_csv_opens_right_in_excel() -> None:
    """BOM, header, guards, one line a row."""
    body = an_organization("o-1", "=1+1", name_en="a,b")
    assert to_csv([body], Organization) == (
        '\ufefforganization_id,name,name_en,kind,level,region,parent_id\no-1,\'=1+1,"a,b",ngo,,,\n'.encode()
    )


def test_a_workbook_has_texts_numbers_and_flags() -> None:
    """A text that looks like a formula, a link or a number stays a text; amounts and offsets are numbers."""
    body = an_organization("0012", "=1+1", name_en="https://example.org", region="320900")
    grant = a_grant(1, amount=Decimal("1000.50"), approximate=True, text_start=3, text_end=5, locator="")
    content = to_xlsx({"organizations": (table("organizations"), [body]), "grants": (table("grants"), [grant])})
    columns = [c for _, _, c in cells(content)[:7]]
    assert columns == list(table("organizations").columns)
    assert cells(content)[7:] == [
        ("A2", "s", "0012"), ("B2", "s", "'=1+1"), ("C2", "s", "https://example.org"), ("D2", "s", "ngo"),
        ("F2", "s", "320900"),
    ]  # fmt: skip
    second = cells(content, 2)[len(table("grants").columns) :]
    assert {value: kind for _, kind, value in second if kind != "s"} == {"1000.5": "n", "1": "b", "3": "n", "5": "n"}


def test_a_workbook_has_the_same_bytes_on_every_day() -> None:
    """It states a fixed date of making."""
    tables = {"grants": (table("grants"), [a_grant()])}
    content = to_xlsx(tables)
    assert content == to_xlsx(tables)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")
        assert {info.date_time for info in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_control_characters_do_not_break_a_workbook() -> None:
    """The file stays readable XML."""
    content = to_xlsx({"organizations": (table("organizations"), [an_organization("o", "a\x00\x0b\x1f<&>b")])})
    assert [place for place, _, _ in cells(content)[7:]] == ["A2", "B2", "D2"]


def test_an_empty_table_has_its_header() -> None:
    """In both files."""
    assert to_csv([], Grant).decode("utf-8-sig") == ",".join(table("grants").columns) + "\n"
    assert [c for _, _, c in cells(to_xlsx({"grants": (table("grants"), [])}))] == list(table("grants").columns)
