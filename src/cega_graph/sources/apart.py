"""Large files are read in a process of their own, while this one takes in what has been read.

Frames come from it: a length of four bytes, a letter, and msgpack.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec

from cega_graph import errors
from cega_graph.sources.files import File
from cega_graph.sources.recognise import FORMATS, Format
from cega_graph.sources.records import About, Item, Items, Record, Remark, SetAside, Total

LARGE = 1 << 22
"""Bytes of a file from which reading it takes longer than starting a process."""
LARGE_PACKED = 1 << 19
"""The same of a file that is gzipped, or a workbook."""
_PACKED: Final = (b"\x1f\x8b", b"PK")
_BATCH: Final = 256
"""Items that are handed over at a time, some 120 kB: what reads and what takes in would else evict each other."""
_PIPE: Final = 1 << 20
"""Bytes that a pipe should hold, so that neither process waits for the other; Linux allows so many."""
_LENGTH: Final = 4

_LETTERS: Final[dict[type, bytes]] = {Record: b"r", SetAside: b"s", About: b"a", Remark: b"m", Total: b"t"}
_TOLD: Final = b"d"
_PICKLED: Final = b"p"
_ERROR: Final = b"e"
_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from cega_graph.sources.apart import main; main()"
)


def read_apart(file: File, form: Format) -> Generator[Item, None, None]:
    """Yield what the reader of a format yields; of a large file from a process of its own.

    Raises:
        CegaGraphError: What the reader raises.
        UnreadableInput: Its process broke off.
    """
    if not _is_large(file) or _cores() < 2:
        read = form.read(file)
        while batch := list(islice(read, _BATCH)):
            yield from batch
        return
    with tempfile.TemporaryFile() as said, _started(file, form, said) as process:
        pipe = cast("IO[bytes]", process.stdout)
        yield from _received(file, pipe)
        if process.wait() == 0:
            return
        said.seek(0)
        last = said.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        message = f"{file.name}: reading it broke off ({last or process.returncode}); give it in parts"
        raise errors.UnreadableInput(message)


def _is_large(file: File) -> bool:
    with file.path.open("rb") as raw:
        is_packed = raw.read(2) in _PACKED
    return file.size >= (LARGE_PACKED if is_packed else LARGE)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _started(file: File, form: Format, said: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the process; it is ended with the block. What it says goes to a file."""
    order = json.dumps([str(file.path), str(file.mapping or ""), form.name])
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-c", _START, json.dumps(sys.path), order],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
    )  # fmt: skip
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(cast("IO[bytes]", process.stdout), fcntl.F_SETPIPE_SZ, _PIPE)
    with process:
        try:
            yield process
        finally:
            process.kill()


def _received(file: File, pipe: IO[bytes]) -> Items:
    decoders = {letter: msgspec.msgpack.Decoder(list[kind]).decode for kind, letter in _LETTERS.items()}  # type: ignore[valid-type]
    while length := pipe.read(_LENGTH):
        frame = memoryview(pipe.read(int.from_bytes(length, "big")))
        letter, body = bytes(frame[:1]), frame[1:]
        if decode := decoders.get(letter):
            yield from decode(body)
        elif letter == _PICKLED:
            yield from pickle.loads(body)  # noqa: S301 - from our own process
        elif letter == _TOLD:
            file.tell(msgspec.msgpack.decode(body, type=int))
        elif letter == _ERROR:
            name, said = msgspec.msgpack.decode(body, type=tuple[str, str | list[str]])
            raise getattr(errors, name)(said)


def main() -> None:
    """Read the file that the arguments name, and send what its reader yields."""
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between frames
    path, mapping, name = json.loads(sys.argv[2])
    send = partial(_send, outgoing)
    try:
        file = File(Path(path), mapping=Path(mapping) if mapping else None, tell=partial(send, _TOLD))
        form = next(one for one in FORMATS if one.name == name)
        for kind, items in groupby(form.read(file), key=type):
            while batch := list(islice(items, _BATCH)):
                send(_LETTERS[kind], batch)
    except errors.CegaGraphError as error:
        send(_ERROR, (type(error).__name__, getattr(error, "findings", str(error))))
    outgoing.close()


def _send(outgoing: IO[bytes], letter: bytes, what: Any) -> None:  # noqa: ANN401
    try:
        body = letter + msgspec.msgpack.encode(what)
    except (
        TypeError,
        ValueError,
        OverflowError,
    ):  # what JSON allows and msgpack does not, such as numbers of 30 digits
        body = _PICKLED + pickle.dumps(what)
    outgoing.write(len(body).to_bytes(_LENGTH, "big") + body)
    outgoing.flush()
