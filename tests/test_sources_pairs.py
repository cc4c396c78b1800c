"""Files of pairs of names, read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cega_graph.errors import UnreadableInput
from cega_graph.sources.pairs import read_pairs


def a_file(folder: Path, content: str | bytes) -> Path:
    """Write a file of pairs."""
    path = folder / "pairs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_file_in_gb18030_is_read(tmp_path: Path) -> None:
    path = a_file(tmp_path, "name_a,name_b\n中国甲会的,中国乙会\n".encode("gb18030"))
    assert read_pairs(path) == [{"name_a": "中国甲会的", "name_b": "中国乙会"}]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name_a,other\n甲,乙\n", "pairs.csv:1: column 'name_b' is missing; the first line must be name_a,name_b"),
        ('name_a,name_b\n"甲,乙\n', "pairs.csv: not readable as CSV: unexpected end of data"),
        (b"", "pairs.csv: is empty; give the text of a casebook"),
    ],
)
def test_what_is_no_file_of_pairs_says_so(content: str | bytes, says: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read_pairs(a_file(tmp_path, content))
    assert says == str(caught.value)
