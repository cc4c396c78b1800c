"""The fast row functions say what the plain ones of `plain_triples` say, byte by byte, whatever the rows hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.model import TABLES, Evidence, Row
from cega_graph.ordering import sort_rows
from cega_graph.rdf import LINES, evidence_lines, evidence_node, iter_lines
from dataset_strategies import repeating_tables, tables
from plain_triples import PLAIN, place_lines, place_node, plain_lines


class Held:
    """Rows of tables in the stored order."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.sorted = {one.name: sort_rows(rows[one.name], one) for one in TABLES}

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table."""
        return iter(self.sorted[name])


def text_of(lines: list[str]) -> str:
    """Return lines as a text."""
    return "".join(f"{line}\n" for line in lines)


@given(tables())
def test_a_row_says_what_its_columns_say(rows: dict[str, list[Row]]) -> None:
    """In the same order and spelling; what is written is N-Triples, a triple a line."""
    for one in TABLES:
        for row in rows[one.name]:
            expected = text_of(PLAIN[one.name](row))
            assert expected == LINES[one.name](row)
            assert expected.count("\n") == sum(1 for _ in ox.parse(expected, format=ox.RdfFormat.N_TRIPLES))
            if isinstance(row, Evidence):
                node = evidence_node(row)
                assert (place_node(row), expected) == (node, LINES[one.name](row, node))
                assert not node or text_of(place_lines(row)) == evidence_lines(row)


@given(st.one_of(tables(), repeating_tables()))
def test_a_data_set_says_every_line_once(rows: dict[str, list[Row]]) -> None:
    """Nothing that another row has said, and a place where it is stated first."""
    held = Held(rows)
    assert text_of(plain_lines(held.sorted)) == "".join(iter_lines(held))
