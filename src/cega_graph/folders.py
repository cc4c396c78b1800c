"""Folders that are replaced whole or not at all, by one process at a time, whatever kills it."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cega_graph.errors import UnwritableOutput


@contextmanager
def replacing(final: Path) -> Iterator[Path]:
    """Yield an empty folder beside `final`, which takes its place when the block ends without an error.

    Whoever kills the process at any moment leaves the old folder or the new one. Between two renames
    the old one lies under another name for an instant; `recover` puts it back, here and for readers.

    Args:
        final: Its parents are made; it need not exist. Nothing asks what it holds.

    Raises:
        UnwritableOutput: Another process is replacing it right now.
        OSError: It cannot be written, or the disk is full; `final` is as it was.
    """
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(final.parent)) from None
    part, old = _beside(final, f"part-{secrets.token_hex(4)}"), _beside(final, "old")
    with locked(final):
        _recover(final, old)
        _remove_parts(final)
        part.mkdir()
        try:
            yield part
            replace_folder(part, final, old)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _remove_parts(final: Path) -> None:
    """Remove what killed processes left. A child of theirs that lives on finds its folder gone, never a new one."""
    for found in final.parent.iterdir():
        if found.name.startswith(f"{_beside(final, 'part').name}-"):
            shutil.rmtree(found, ignore_errors=True)


def replace_folder(part: Path, final: Path, old: Path) -> None:
    """Put a finished folder in the place of an older one; if the second rename fails, the first is taken back."""
    if final.exists():
        shutil.rmtree(old, ignore_errors=True)
        final.replace(old)
    try:
        part.replace(final)
    except OSError:
        if old.exists():
            old.replace(final)
        raise
    shutil.rmtree(old, ignore_errors=True)


def recover(final: Path) -> None:
    """Put back the folder that a process killed between two renames left under another name.

    For readers: nothing happens where the folder is there, where nothing was left, where another
    process is replacing it at this moment, or where this one may not write.
    """
    final = final.resolve()
    old = _beside(final, "old")
    if final.exists() or not old.is_dir():
        return
    with suppress(OSError, UnwritableOutput), locked(final):
        _recover(final, old)


def _recover(final: Path, old: Path) -> None:
    if old.is_dir() and not final.exists():
        old.replace(final)
    shutil.rmtree(old, ignore_errors=True)


def _beside(final: Path, ending: str) -> Path:
    return final.with_name(f".{final.name}.{ending}")


@contextmanager
def locked(final: Path) -> Iterator[None]:
    """Hold the lock of a file or folder; the kernel lets go of it when the process ends, however it ends.

    Raises:
        UnwritableOutput: Another process holds it.
        OSError: The folder around it cannot be written.
    """
    path = _beside(final, "lock")
    file = _own_lock(path)
    if file is None:
        message = f"{final}: another process is writing it; wait for it, or choose another folder with -o"
        raise UnwritableOutput(message)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        file.close()


def _own_lock(path: Path) -> IO[bytes] | None:
    """Return the locked file, or None if another process holds it.

    The holder removes the file before it lets go, so a lock counts only if it is on the file that
    bears the name.
    """
    while True:
        file = path.open("ab")
        try:
            if not _try_lock(file):
                file.close()
                return None
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            file.close()
            raise
        file.close()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
