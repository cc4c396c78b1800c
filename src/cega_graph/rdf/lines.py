"""A data set → N-Triples, row by row, no line twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from cega_graph.model import TABLES, Evidence, Row
from cega_graph.rdf.places import evidence_lines, evidence_node, place_of
from cega_graph.rdf.rows import LINES
from cega_graph.rdf.terms import ALSO

if TYPE_CHECKING:
    from cega_graph.dataset import Dataset, HasRows
    from cega_graph.sources.text import Sentences


def iter_lines(dataset: HasRows, sentences: Sentences | None = None) -> Iterator[str]:
    """Yield the N-Triples of a data set, a row at a time, in the order of the sorted tables; no line twice.

    Args:
        dataset: Read row by row; memory grows with the number of places only.
        sentences: The source's text, for the sentence around each place; without it none is written.
    """
    seen: set[str] = set()
    for text, row, node in iter_statements(dataset):
        if not node or node in seen or (place := place_of(row)) is None:
            yield text
        else:
            seen.add(node)
            yield text + evidence_lines(place, sentences.around(place) if sentences else "", node)


def iter_statements(dataset: HasRows) -> Iterator[tuple[str, Row, str]]:
    """Yield the lines of each row without those of its place; the row; the node of its place or an empty text.

    Args:
        dataset: Read row by row. What rows share in the group of `_REPEATING`, or with the row of their
            body, is said once; so a part of a data set that holds its groups whole gives its part of the lines.
    """
    labels: set[str] = set()
    for one in TABLES:
        write, rows = LINES[one.name], dataset.rows(one.name)
        if one.name in _REPEATING:
            yield from _said_once(one.name, rows, labels if one.name == "names" else frozenset())
        elif issubclass(one.row, Evidence):
            for row in rows:
                node = evidence_node(row)
                yield write(row, node), row, node
        else:
            for row in rows:
                text = write(row)
                if one.name == "organizations" and ALSO in text:
                    labels.update(line for line in text.split("\n") if ALSO in line)
                yield text, row, ""


_REPEATING: Final = {
    "names": ("organization_id", ("name",)),
    "identifiers": ("organization_id", ("identifier",)),
    "participations": ("project_id", ("participation_id", "organization_id")),
    "decisions": ("name_a", ("name_b",)),
}
"""Tables whose rows can say a triple that another row has said: the column whose equal values make a group, and
columns of which two such rows have one alike. Rows are sorted by group; only names repeat a label of their body."""


def _said_once(name: str, rows: Iterable[Any], labels: frozenset[str] | set[str]) -> Iterator[tuple[str, Row, str]]:
    """Yield as `iter_statements` does, without lines that the group has said or that are labels of the body's row."""
    (column, columns), write = _REPEATING[name], LINES[name]
    group_of, values_of = attrgetter(column), _getter(columns)
    node_of = _node if name == "decisions" else evidence_node
    said: set[str] | None = None  # lines; looked at where values of two rows are alike only
    group, texts, values, n_values = None, list[str](), set[str](), 0
    for row in rows:
        node = node_of(row)
        text = write(row, node)
        if group != (own := group_of(row)):
            group, texts, values, n_values, said = own, [], set(), 0, None
        values.update(values_of(row))
        n_values += len(columns)
        if said is None and len(values) == n_values and not (labels and ALSO in text):
            texts.append(text)
            yield text, row, node
            continue
        if said is None:
            said = {line for earlier in texts for line in earlier.split("\n")}
        lines = [line for line in text.split("\n")[:-1] if line not in said and line not in labels]
        said.update(lines)
        yield "".join(f"{line}\n" for line in lines), row, node


def _node(row: Row) -> str:
    place = place_of(row)
    return evidence_node(place) if place is not None else ""


def _getter(columns: tuple[str, ...]) -> Callable[[Row], tuple[str, ...]]:
    return attrgetter(*columns) if len(columns) > 1 else lambda row: (getattr(row, columns[0]),)


def to_ntriples(dataset: Dataset, sentences: Sentences | None = None) -> str:
    r"""Return a data set as N-Triples text: one triple a line, `\n` line ends, no blank nodes.

    Args:
        dataset: Read table by table, in the stored order. Inferred participations are included, as
            properties of their own.
        sentences: Adds the sentence around each place whose source is at hand.

    Returns:
        Lines in the order of the sorted tables; the same data give the same text.
    """
    return "".join(iter_lines(dataset, sentences))
