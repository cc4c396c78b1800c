"""The on-disk store: made from N-Triples in one go, opened for reading only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from cega_graph.errors import UnreadableInput

if TYPE_CHECKING:
    import pyoxigraph as ox

STORE: Final = "store"
"""The name of the store's folder in a build."""

_HEAD: Final = "CURRENT"
_LOCK: Final = "LOCK"
_LOG: Final = "LOG"


def is_store(folder: Path) -> bool:
    """Tell whether a folder is an on-disk store, by the file that every RocksDB has."""
    return (folder / _HEAD).is_file()


def store_of(folder: Path) -> Path:
    """Return the store that a folder is or, as a build, holds.

    Raises:
        UnreadableInput: It is none and holds none.
    """
    for place in (folder / STORE, folder):
        if is_store(place):
            return place
    message = f"{folder}: holds no store; make one with `cega-graph build DATA --no-page -o OUT` and give OUT"
    raise UnreadableInput(message)


class _Told:
    """A file that says how many bytes were read of it."""

    def __init__(self, file: IO[bytes], tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self._tell(len(content))
        return content


def write_store(ntriples: Path, folder: Path, tell: Callable[[int], None] = lambda _: None) -> None:
    """Load N-Triples into a new store, in its default graph; memory does not grow with the file.

    Args:
        ntriples: The file.
        folder: The store's folder, new; the caller renames it into its place when it is whole.
        tell: Called with the number of bytes of each piece that was read.

    Raises:
        OSError: It cannot be written, or the disk is full.
        SyntaxError: The file is not N-Triples.
    """
    import pyoxigraph as ox

    store = ox.Store(folder)
    with ntriples.open("rb", buffering=1 << 20) as file:
        store.bulk_load(input=_Told(file, tell), format=ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]
    store.optimize()
    store.flush()
    del store
    (folder / _LOG).unlink(missing_ok=True)  # it names paths and this machine, and nothing reads it


def open_store(folder: Path) -> ox.Store:
    """Open a store for reading; while it is open, no process can open it for writing.

    Raises:
        UnreadableInput: It is none, is damaged, or is open for writing elsewhere.
    """
    import pyoxigraph as ox

    if not is_store(folder):
        message = f"{folder}: is no store; make one with `cega-graph build DATA --no-page`"
        raise UnreadableInput(message)
    try:
        if not _shared(folder / _LOCK):
            message = f"{folder}: the store is open for writing elsewhere; stop that program, or copy the folder"
            raise UnreadableInput(message)
        return ox.Store.read_only(str(folder))
    except (OSError, RuntimeError) as error:
        said = " ".join(str(error).split())
        message = f"{folder}: the store cannot be opened ({said}); build it again"
        raise UnreadableInput(message) from None


_held: Final[dict[tuple[int, int], int]] = {}
"""Device and number of the lock files of stores that were opened → descriptor; closing one would let go of the lock."""


def _shared(path: Path) -> bool:
    """Take the lock that RocksDB takes, but for reading; tell whether nobody holds it for writing."""
    if sys.platform == "win32":
        return True
    import fcntl

    found = path.stat()
    if (found.st_dev, found.st_ino) in _held:
        return True
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(descriptor)
        return False
    _held[found.st_dev, found.st_ino] = descriptor
    return True
