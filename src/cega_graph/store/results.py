"""Answers as frames, SPARQL results JSON, and Turtle."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from cega_graph.store.terms import XSD, Answer, Term, shorten

if TYPE_CHECKING:
    import pandas as pd

_WHOLE: Final = frozenset(
    XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger",
        "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort", "unsignedByte",
    )
)  # fmt: skip
_NUMBER: Final = _WHOLE | {XSD + name for name in ("decimal", "double", "float")}
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z")


def to_frame(answer: Answer, labels: dict[str, str] | None = None) -> pd.DataFrame:
    """Return an answer as a frame.

    Args:
        answer: Of any form; an ASK gives one row with the column `answer`.
        labels: IRI → words to show in its place.

    Returns:
        One column a variable, rows in their order. A column of whole numbers is `Int64` (or Python
        integers if one exceeds 64 bits), of numbers `Float64`, of truth values `boolean`, of full
        dates `datetime64[s]`; everything else, mixed columns and partial dates included, is text,
        IRIs shortened by the known prefixes. What is not bound is missing.
    """
    import pandas as pd

    if answer.form == "ask":
        return pd.DataFrame({"answer": pd.array([answer.truth], dtype="boolean")})
    columns = {name: _column([row[at] for row in answer.rows], labels or {}) for at, name in enumerate(answer.columns)}
    return pd.DataFrame(columns, columns=answer.columns)


def _column(cells: list[Term | None], labels: dict[str, str]) -> pd.Series[Any]:
    import pandas as pd

    kinds = {cell.datatype if cell.kind == "literal" else cell.kind for cell in cells if cell is not None}
    texts = [None if cell is None else cell.value for cell in cells]
    try:
        if kinds and kinds <= _WHOLE:
            return _whole([None if t is None else int(t) for t in texts])
        if kinds and kinds <= _NUMBER:
            return pd.Series([None if t is None else float(t) for t in texts], dtype="Float64")
        if kinds == {XSD + "boolean"}:
            return pd.Series([None if t is None else t in {"true", "1"} for t in texts], dtype="boolean")
        if kinds == {XSD + "date"} and all(t is None or _DATE.match(t) for t in texts):
            return pd.Series(pd.to_datetime(pd.Series(texts, dtype="object")).astype("datetime64[s]"))
    except ValueError:  # "x"^^xsd:integer is allowed in RDF, and is shown as it stands
        pass
    return pd.Series([_shown(cell, labels) for cell in cells], dtype="str")


def _whole(values: list[int | None]) -> pd.Series[Any]:
    import pandas as pd

    if any(v is not None and abs(v) >= 2**63 for v in values):
        return pd.Series(values, dtype="object")
    return pd.Series(values, dtype="Int64")


def _shown(cell: Term | None, labels: dict[str, str]) -> str | None:
    if cell is None or cell.kind == "literal":
        return None if cell is None else cell.value
    if cell.kind == "blank":
        return f"_:{cell.value}"
    return labels.get(cell.value) or shorten(cell.value)


def to_json(answer: Answer) -> str:
    """Return an answer in the SPARQL 1.1 Query Results JSON Format; a graph as its triples."""
    if answer.form == "ask":
        return json.dumps({"head": {}, "boolean": answer.truth}) + "\n"
    bindings = [
        {name: _binding(cell) for name, cell in zip(answer.columns, row, strict=True) if cell is not None}
        for row in answer.rows
    ]
    document = {"head": {"vars": answer.columns}, "results": {"bindings": bindings}}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _binding(cell: Term) -> dict[str, str]:
    kind = {"iri": "uri", "blank": "bnode"}.get(cell.kind, "literal")
    said = {"type": kind, "value": cell.value}
    if cell.datatype:
        said["datatype"] = cell.datatype
    if cell.language:
        said["xml:lang"] = cell.language
    return said


def to_turtle_text(answer: Answer) -> str:
    """Return the triples of a CONSTRUCT or DESCRIBE as Turtle, sorted."""
    import pyoxigraph as ox

    from cega_graph.store.convert import to_turtle

    triples = [ox.Triple(*(_oxigraph(cell) for cell in row)) for row in answer.rows]
    return to_turtle(triples)


def _oxigraph(cell: Term | None) -> Any:  # noqa: ANN401 - any term
    import pyoxigraph as ox

    if cell is None or cell.kind == "blank":
        return ox.BlankNode(cell.value if cell else "unbound")
    if cell.kind == "iri":
        return ox.NamedNode(cell.value)
    if cell.language:
        return ox.Literal(cell.value, language=cell.language)
    return ox.Literal(cell.value, datatype=ox.NamedNode(cell.datatype or f"{XSD}string"))
