"""Files and folders through Hadoop: on a local disk, HDFS or an object store, as the address says."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def to_address(place: str) -> str:
    """Return a place as Hadoop takes it: what has a scheme as it is, a local path absolute.

    >>> to_address("hdfs://node/data/")
    'hdfs://node/data'
    """
    place = place.rstrip("/") or "/"
    return place if "://" in place else Path(place).resolve().as_uri().replace("file:///", "file:/", 1)


def local_path(address: str) -> str | None:
    """Return the path on this machine that an address means; None if it means another place.

    >>> local_path("file:/data/a"), local_path("hdfs://node/a")
    ('/data/a', None)
    """
    if not address.startswith("file:"):
        return None
    from urllib.parse import unquote

    return unquote("/" + address.removeprefix("file:").lstrip("/"))


class Files:
    """What Hadoop can do with files; addresses as `to_address` gives them."""

    def __init__(self, spark: SparkSession) -> None:
        context: Any = spark.sparkContext
        self._hadoop: Final = context._jvm.org.apache.hadoop.fs  # noqa: SLF001 - the only way to Hadoop's files
        self._configuration: Final = context._jsc.hadoopConfiguration()  # noqa: SLF001
        self._uri: Final = context._jvm.java.net.URI  # noqa: SLF001

    def _path(self, address: str) -> Any:  # noqa: ANN401
        return self._hadoop.Path(self._uri.create(address))

    def _system(self, address: str) -> Any:  # noqa: ANN401
        return self._path(address).getFileSystem(self._configuration)

    def is_folder(self, address: str) -> bool:
        """Tell whether there is such a folder."""
        path = self._path(address)
        system = self._system(address)
        return bool(system.exists(path)) and bool(system.getFileStatus(path).isDirectory())

    def exists(self, address: str) -> bool:
        """Tell whether there is such a file or folder."""
        return bool(self._system(address).exists(self._path(address)))

    def names(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none if there is no such folder."""
        if not self.is_folder(folder):
            return []
        found = self._system(folder).listStatus(self._path(folder))
        return sorted(str(one.getPath().getName()) for one in found)

    def size(self, address: str) -> int:
        """Return how many bytes the files of a folder hold; 0 if it is not there."""
        if not self.exists(address):
            return 0
        return int(self._system(address).getContentSummary(self._path(address)).getLength())

    def walk(self, folder: str) -> Iterator[str]:
        """Yield the files below a folder, relative to it, with `/`."""
        for name in self.names(folder):
            inside = f"{folder}/{name}"
            if self.is_folder(inside):
                yield from (f"{name}/{below}" for below in self.walk(inside))
            else:
                yield name

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder a name that is free.

        Raises:
            OSError: It could not be done.
        """
        if self.exists(new) or not self._system(old).rename(self._path(old), self._path(new)):
            message = f"{old} could not be renamed to {new}"
            raise OSError(message)

    def remove(self, address: str) -> None:
        """Remove a file or a folder with all that it holds; nothing happens if there is none."""
        self._system(address).delete(self._path(address), True)  # noqa: FBT003

    def write(self, address: str, pieces: Iterable[bytes]) -> None:
        """Write a new file."""
        stream = self._system(address).create(self._path(address), False)  # noqa: FBT003
        try:
            for piece in pieces:
                stream.write(bytearray(piece))
        finally:
            stream.close()

    @contextmanager
    def replacing(self, final: str) -> Iterator[str]:
        """Yield the address of a folder to make, which takes the place of `final` when the block ends without an error.

        Each process has a folder of its own, so of two builds the later one stays, whole. What killed
        processes of this machine left is removed, and put back where they were killed between two renames.

        Raises:
            OSError: A rename failed; `final` is as it was.
        """
        parent, _, name = final.rpartition("/")
        mine = f"{socket.gethostname()}-{os.getpid()}"
        self._clean(parent, name)
        part, old = f"{parent}/.{name}.part-{mine}", f"{parent}/.{name}.old-{mine}"
        try:
            yield part
            if self.exists(final):
                self.rename(final, old)
            try:
                self.rename(part, final)
            except OSError:
                if self.exists(old):
                    self.rename(old, final)
                raise
        finally:
            self.remove(part)
            self.remove(old)

    def _clean(self, parent: str, name: str) -> None:
        for found in self.names(parent):
            for ending in (f".{name}.old-", f".{name}.part-"):
                if found.startswith(ending) and _is_dead(found.removeprefix(ending)):
                    if "old-" in ending and not self.exists(f"{parent}/{name}"):
                        self.rename(f"{parent}/{found}", f"{parent}/{name}")
                    self.remove(f"{parent}/{found}")


def _is_dead(owner: str) -> bool:
    host, _, process = owner.rpartition("-")
    if host != socket.gethostname() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
