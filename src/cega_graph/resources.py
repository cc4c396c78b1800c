"""Where the bundled folders `data/` and `ontology/` lie."""

from __future__ import annotations

import tempfile
import zipfile
from functools import cache
from pathlib import Path

from cega_graph.errors import UnreadableInput

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parent.parent
_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def root(name: str) -> Path:
    """Return the folder `name` of the installed package or, in a checkout, of the repository.

    Of a package that is run out of an archive, as clusters ship it, the folder is a temporary copy.

    Args:
        name: `data` or `ontology`.

    Raises:
        UnreadableInput: Neither place has such a folder.

    >>> root("ontology").joinpath("roles.csv").is_file()
    True
    """
    for folder in (_PACKAGE / name, _REPOSITORY / name):
        if folder.is_dir():
            return folder
    archive = next((parent for parent in _PACKAGE.parents if parent.is_file()), None)
    if archive is not None and (folder := _unpacked(archive, name)).is_dir():
        return folder
    message = f"{name}: the installed package lacks this folder; install cega-graph again"
    raise UnreadableInput(message)


@cache
def _unpacked(archive: Path, name: str) -> Path:
    """Return a copy of a folder of the archived package; it lasts as long as this process."""
    copy = tempfile.TemporaryDirectory(prefix="cega-graph-")
    _KEPT.append(copy)
    inside = f"{_PACKAGE.name}/{name}/"
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(copy.name, [member for member in opened.namelist() if member.startswith(inside)])
    return Path(copy.name) / inside
