"""Where the bundled folders `data/` and `ontology/` lie."""

from __future__ import annotations

from pathlib import Path

from cega_graph.errors import UnreadableInput

_PACKAGE = Path(__file__).resolve().parent
_REPOSITORY = _PACKAGE.parent.parent


def root(name: str) -> Path:
    """Return the folder `name` of the installed package or, in a checkout, of the repository.

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
    message = f"{name}: the installed package lacks this folder; install cega-graph again"
    raise UnreadableInput(message)
