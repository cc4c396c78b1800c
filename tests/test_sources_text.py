"""A file → its text, or a line that says why not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.errors import UnreadableInput
from cega_graph.model import Evidence
from cega_graph.sources.text import Sentences, SourceText, read_text, unbroken
from factories import TINY_BOOK


def read_bytes(content: bytes, folder: Path) -> SourceText:
    """Return the text of a file with this content."""
    path = folder / "book.txt"
    path.write_bytes(content)
    return read_text(path)


def test_a_bom_goes_and_line_ends_stay(tmp_path: Path) -> None:
    content = ("\ufeff" + TINY_BOOK.replace("\n", "\r\n")).encode()
    expected = SourceText(text=TINY_BOOK.replace("\n", "\r\n"), sha256=hashlib.sha256(content).hexdigest())
    assert expected == read_bytes(content, tmp_path)


def test_gb18030_is_read_and_reported(tmp_path: Path) -> None:
    read = read_bytes(TINY_BOOK.encode("gb18030"), tmp_path)
    note = "book.txt: is not UTF-8; read as GB18030. Save it as UTF-8 if names look wrong"
    assert (TINY_BOOK, (note,)) == (read.text, read.notes)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TINY_BOOK.encode("utf-16"), "book.txt: is UTF-16; save it as plain text in UTF-8"),
        (
            TINY_BOOK.encode("utf-16-be"),
            "book.txt: byte 21 is neither UTF-8 nor GB18030; save it as plain text in UTF-8",
        ),
        (TINY_BOOK.encode("big5hkscs", "replace"), "neither UTF-8 nor GB18030"),
        (
            b"\n%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            "book.txt: is damaged or no PDF; open it in a PDF reader and save it anew",
        ),
        (b"PK\x03\x04\x14\x00", "book.txt: is an office or zip file, not a text; save it as plain text in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "book.txt: is an office or zip file"),
        (bytes(range(256)) * 8, "is neither UTF-8 nor GB18030"),
        (b"", "book.txt: is empty; give the text of a casebook"),
        ("\ufeff \n\t\u3000\r\n\f".encode(), "book.txt: is empty; give the text of a casebook"),
    ],
)
def test_what_is_no_text_says_what_to_do(content: bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_bytes(content, tmp_path)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_say_so(tmp_path: Path) -> None:
    said = []
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(UnreadableInput) as caught:
            read_text(path)
        said.append(str(caught.value))
    assert ["none.txt: cannot be read: No such file or directory; check the path",
            f"{tmp_path.name}: cannot be read: Is a directory; check the path"] == said  # fmt: skip


def test_control_characters_are_kept_and_reported(tmp_path: Path) -> None:
    read = read_bytes(b"a\x00b\x01\n", tmp_path)
    note = "book.txt:1: 2 control characters, the first U+0000; they are kept in offsets and left out of names"
    assert ("a\x00b\x01\n", (note,)) == (read.text, read.notes)


@given(content=st.binary(max_size=200))
def test_any_bytes_give_a_text_or_one_line(content: bytes, tmp_path: Path) -> None:
    try:
        read = read_bytes(content, tmp_path)
        said = (bool(read.text.strip()), read.sha256)
    except UnreadableInput as error:
        said = ("\n" not in str(error), hashlib.sha256(content).hexdigest())
    assert said == (True, hashlib.sha256(content).hexdigest())


@given(st.text(st.sampled_from("甲乙 a\t\r\n\f\v\x1c\x1d\x1e\x85\u2028\u2029")))
def test_unbroken_takes_out_line_breaks_only(text: str) -> None:
    assert "".join(text.splitlines()) == unbroken(text)


def test_a_sentence_goes_from_stop_to_stop() -> None:
    text = "前一句。甲会与乙\n会一起。后一句。"
    rows = [
        Evidence(source_id="t", text_start=4, text_end=6),
        Evidence(source_id="u", text_start=4, text_end=6),
        Evidence(),
    ]
    assert [Sentences({"t": text}).around(r) for r in rows] == ["甲会与乙会一起。", "", ""]


def test_a_long_sentence_is_cut_around_the_place() -> None:
    text = "水" * 5000 + "甲会" + "山" * 5000
    around = Sentences({"t": text}).around(Evidence(source_id="t", text_start=5000, text_end=5002))
    assert around == "水" * 150 + "甲会" + "山" * 150
