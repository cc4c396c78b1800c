"""A data set on disk: a data package with `tables/` (a reader's rows) and `curated/` (a person's)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

from cega_graph.errors import UnreadableInput, UnwritableOutput
from cega_graph.folders import replacing
from cega_graph.model import TABLES, Row, Table
from cega_graph.ordering import sort_rows
from cega_graph.tabular import columns_of, dump_rows, write_text

TABLES_FOLDER: Final = "tables"
CURATED_FOLDER: Final = "curated"
DESCRIPTOR: Final = "datapackage.json"

UNITED: Final = frozenset({"sources", "organizations", "projects"})
"""Tables whose curated rows may repeat a key of `tables/`, to fill what the reader left empty."""


def write_tables(
    folder: Path, tables: Mapping[str, Iterable[Row]], *, subfolder: str = TABLES_FOLDER,
    lines: Iterable[tuple[str, Iterable[str]]] = (), beside: Callable[[], Iterable[Path]] = tuple,
) -> None:  # fmt: skip
    """Write the tables of a data set, all of them or none, and renew its descriptor.

    Args:
        folder: The data set's folder; what else lies in it stays.
        tables: Table name → rows, in any order; a table that is left out gets its header only.
        subfolder: `tables` or `curated`.
        lines: Names of further tables, each with some of its lines, spelled and in the stored order;
            they are written as they come.
        beside: Called when all rows are written; the finished files that it returns are put into the folder too.

    Raises:
        UnwritableOutput: The folder cannot be written or the disk is full.
    """
    known = read_descriptor(folder)
    make_folder(folder)
    try:
        with replacing(folder / subfolder) as part:
            with ExitStack() as opened:
                files: dict[str, IO[str]] = {}
                for one in TABLES:
                    if subfolder == TABLES_FOLDER or one.name in tables:
                        path = part / f"{one.name}.csv"
                        files[one.name] = opened.enter_context(path.open("w", encoding="utf-8", newline=""))
                        dump_rows(sort_rows(tables.get(one.name, ()), one), one.row, files[one.name])
                for name, some in lines:
                    files[name].writelines(some)
            finished = list(beside())
        for path in finished:
            path.replace(folder / path.name)
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None
    write_descriptor(folder, known)


def make_folder(folder: Path) -> None:
    """Make a folder if it is not there.

    Raises:
        UnwritableOutput: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}; choose another folder with -o"
        raise UnwritableOutput(message) from None


def read_descriptor(folder: Path) -> dict[str, Any]:
    """Return the descriptor of a data set, or an empty one if the folder has none.

    Raises:
        UnreadableInput: It is not JSON.
    """
    path = folder / DESCRIPTOR
    if not path.exists():
        return {}
    try:
        loaded = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{folder.name}/{DESCRIPTOR}: is not JSON: {error}"
        raise UnreadableInput(message) from None
    if not isinstance(loaded, dict):
        message = f"{folder.name}/{DESCRIPTOR}: is not a JSON object"
        raise UnreadableInput(message)
    return loaded


def write_descriptor(folder: Path, known: Mapping[str, Any]) -> None:
    """Write `datapackage.json` for the tables that lie in the folder.

    Args:
        known: The descriptor so far; what people wrote in it stays, the resources are made anew.
    """
    name = known.get("name") or folder.resolve().name.lower().replace(" ", "-")
    described = {
        "profile": "tabular-data-package",
        **{key: value for key, value in known.items() if key != "resources"},
        "name": name,
        "resources": list(_resources(folder)),
    }
    write_text(folder / DESCRIPTOR, json.dumps(described, ensure_ascii=False, indent=2) + "\n")


def _resources(folder: Path) -> Iterable[dict[str, Any]]:
    for one in TABLES:
        paths = [f"{sub}/{one.name}.csv" for sub in (TABLES_FOLDER, CURATED_FOLDER)]
        paths = [p for p in paths if (folder / p).exists()]
        if one.name in UNITED and len(paths) == 2:
            yield _resource(one, one.name, paths[:1])
            yield _resource(one, f"curated-{one.name}", paths[1:])
        elif paths:
            yield _resource(one, one.name, paths)


def _resource(one: Table, name: str, paths: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "path": paths[0] if len(paths) == 1 else paths,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": table_schema(one),
    }


def table_schema(one: Table) -> dict[str, Any]:
    """Return the Table Schema of a table: fields with types and constraints, keys, references.

    >>> from cega_graph.model import table
    >>> table_schema(table("identifiers"))["fields"][1]
    {'name': 'identifier', 'type': 'string', 'constraints': {'required': True}}
    """
    fields = []
    for column in columns_of(one.row):
        field: dict[str, Any] = {"name": column, "type": one.types[column]}
        constraints: dict[str, Any] = {}
        if column in one.required:
            constraints["required"] = True
        if column in one.enums:
            constraints["enum"] = list(one.enums[column])
        if constraints:
            field["constraints"] = constraints
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if one.key:
        schema["primaryKey"] = list(one.key)
    return schema
