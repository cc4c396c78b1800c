"""From a number to the rows behind it, and from a row to its place in the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from cega_graph.errors import UnknownIdentifier
from cega_graph.model import TABLES, Evidence

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset import Dataset
    from cega_graph.sources.text import Sentences

WITH_PLACES: Final = tuple(declared.name for declared in TABLES if issubclass(declared.row, Evidence))
"""The tables whose rows name the place that states them."""

_NAMED: Final = (
    ("project", "projects", "project_id", "title"),
    ("organization", "organizations", "organization_id", "name"),
)
"""Column to add, table that knows the name, its key, its column. The table itself has the name already."""


def evidence(  # noqa: PLR0913 - what rows are chosen by
    dataset: Dataset, sentences: Sentences | None = None, table: str = "participations", *,
    organizations: Sequence[str] = (), projects: Sequence[str] = (), roles: Sequence[str] = (), basis: str = "all",
    language: str = "en",
) -> pd.DataFrame:  # fmt: skip
    """Return the rows of a table that are about some bodies, projects and roles, each with its place.

    Args:
        dataset: The tables. Not changed.
        sentences: Of the sources whose text is at hand.
        table: One of `WITH_PLACES`.
        organizations: Ids; any if empty. Of `grants`: the bodies that take part with the grant.
        projects: Ids; any if empty.
        roles: Any if empty. Of `grants`: the roles in which bodies take part with the grant.
        basis: `all`, or `stated` to leave out what a rule inferred.
        language: `zh` or `en`, of the names that are added.

    Returns:
        The chosen rows in the stored order, with all columns of the table; behind `project_id` and
        `organization_id` their names as `project` and `organization` (in the other language where one
        is missing); as last column `sentence` (str), the words around the place, empty where the text
        is not at hand. An inferred row points to the place that its rule rests on.

    Raises:
        UnknownIdentifier: No such table or basis; or its rows have nothing of what they are to be chosen by.
    """
    _checked(table, basis)
    rows = dataset.frame(table)
    if table == "grants" and (organizations or roles):
        carriers = _chosen(dataset.frame("participations"), "participations", organizations, projects, roles)
        rows = _chosen(rows[rows["grant_id"].isin(set(carriers["grant_id"]) - {""})], table, (), projects, ())
    else:
        rows = _chosen(rows, table, organizations, projects, roles)
    if basis == "stated" and "basis" in rows:
        rows = rows[rows["basis"] != "inferred"]
    rows = rows.reset_index(drop=True)
    rows["sentence"] = _sentences(rows, sentences)
    return _with_names(rows, table, dataset, language)


def _checked(table: str, basis: str) -> None:
    for what, value, known in (("table", table, WITH_PLACES), ("basis", basis, ("all", "stated"))):
        if value not in known:
            message = f"{what} {value!r} is not known here; there are {', '.join(known)}"
            raise UnknownIdentifier(message)


def _chosen(
    rows: pd.DataFrame, table: str, organizations: Sequence[str], projects: Sequence[str], roles: Sequence[str]
) -> pd.DataFrame:
    for column, wanted in (("organization_id", organizations), ("project_id", projects), ("role", roles)):
        if wanted and column not in rows:
            message = f"rows of {table} have no {column}, so they cannot be chosen by it"
            raise UnknownIdentifier(message)
        if wanted:
            rows = rows[rows[column].isin(list(wanted))]
    return rows


def _sentences(rows: pd.DataFrame, sentences: Sentences | None) -> pd.Series[str]:
    import pandas as pd

    if sentences is None:
        return pd.Series([""] * len(rows), index=rows.index, dtype="str")
    places = zip(rows["source_id"], rows["text_start"].astype("object"), rows["text_end"].astype("object"), strict=True)
    around = [
        "" if start is pd.NA or end is pd.NA
        else sentences.around(Evidence(source_id=str(source), text_start=int(start), text_end=int(end)))
        for source, start, end in places
    ]  # fmt: skip
    return pd.Series(around, index=rows.index, dtype="str")


def _with_names(rows: pd.DataFrame, own: str, dataset: Dataset, language: str) -> pd.DataFrame:
    first, other = ("", "_en") if language == "zh" else ("_en", "")
    for column, table, key, name in _NAMED:
        if key not in rows or table == own:
            continue
        known = dataset.frame(table)
        cells = (known[column].to_numpy(dtype=object) for column in (key, name + first, name + other))
        names = {identifier: preferred or fallback for identifier, preferred, fallback in zip(*cells, strict=True)}
        at = rows.columns.get_loc(key)
        said = [names.get(identifier, "") for identifier in rows[key].to_numpy(dtype=object)]
        rows.insert(int(at) + 1 if isinstance(at, int) else 0, column, said)
        rows[column] = rows[column].astype("str")
    return rows
