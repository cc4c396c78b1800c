"""The other side of `store.worker`: start it, ask it, kill it when its time is over."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from typing import BinaryIO, Final, cast

import msgspec

from cega_graph import errors
from cega_graph.errors import StoppedQuery, UnreadableInput
from cega_graph.store.disk import store_of
from cega_graph.store.terms import Answer, Failure, Load, Reply, Request
from cega_graph.store.worker import read_frame, write_frame

SECONDS: Final = 30.0
"""The time that a query gets unless told otherwise."""

LIMIT: Final = 10_000
"""The rows that a query gives unless told otherwise."""

NTRIPLES: Final = "application/n-triples"

FORMS: Final = {
    ".nt": NTRIPLES, ".ttl": "text/turtle", ".nq": "application/n-quads", ".trig": "application/trig",
    ".rdf": "application/rdf+xml", ".owl": "application/rdf+xml", ".xml": "application/rdf+xml",
    ".jsonld": "application/ld+json", ".n3": "text/n3",
}  # fmt: skip
"""How a file's name ends → its media type."""

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from cega_graph.store.worker import main; main()"
)


def file_load(path: Path, engine: str) -> Load:
    """Return the order to load an RDF file.

    Raises:
        UnreadableInput: There is no such file, or its name ends in no known way.
    """
    if not path.is_file():
        message = f"{path}: there is no such file or folder"
        raise UnreadableInput(message)
    form = FORMS.get(path.suffix.lower())
    if form is None:
        message = f"{path}: is no RDF file by its name; expected one that ends in {' '.join(FORMS)}"
        raise UnreadableInput(message)
    return Load(engine=engine, form=form, path=str(path.resolve()))


def store_load(folder: Path) -> Load:
    """Return the order to open the on-disk store that a folder is or holds.

    Raises:
        UnreadableInput: It is none and holds none.
    """
    return Load(engine="oxigraph", form=NTRIPLES, store=str(store_of(folder).resolve()))


class Worker:
    """A graph in a process of its own, started on the first query and again after it was killed.

    Not `multiprocessing`: that would run a user's script once more where it has no main guard.
    """

    def __init__(self, load: Load) -> None:
        self._load: Final = load
        self._process: subprocess.Popen[bytes] | None = None

    def ask(
        self, text: str, *, limit: int | None = LIMIT, seconds: float = SECONDS, option: str = "seconds="
    ) -> Answer:
        """Return the answer to a query.

        Args:
            text: SPARQL 1.1; the prefixes of `rdf.PREFIXES` need not be declared.
            limit: The most rows or triples; the answer says if there are more. None for all.
            seconds: After them the process is killed; loading the graph does not count.
            option: What the caller's users set the seconds by; errors name it.

        Raises:
            InvalidQuery: It is not SPARQL.
            RefusedQuery: It would reach out or change something.
            StoppedQuery: It took too long, or too much memory.
            UnreadableInput: The graph cannot be loaded.
        """
        process = self._process or self._started()
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            request = Request(text=text, limit=limit, seconds=seconds)
            write_frame(cast("BinaryIO", process.stdin), msgspec.msgpack.encode(request))
            frame = read_frame(cast("BinaryIO", process.stdout))
        except BrokenPipeError:
            frame = None
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        if frame is not None:
            return _answer(frame)
        code = process.wait()
        self.close()
        if late.is_set():
            message = f"query: stopped after {seconds:g} s; ask for less, or give it more time with {option}"
            raise StoppedQuery(message)
        message = f"query: its process broke off ({code}), most often because it needs over 2 GiB; ask for less"
        raise StoppedQuery(message)

    def _started(self) -> subprocess.Popen[bytes]:
        errors_file = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as the process
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors_file,
        )  # fmt: skip
        self._process = process
        self._end = weakref.finalize(self, _ended, process, errors_file)
        try:
            write_frame(cast("BinaryIO", process.stdin), msgspec.msgpack.encode(self._load))
            frame = read_frame(cast("BinaryIO", process.stdout))
        except BrokenPipeError:
            frame = None
        if frame == b"":
            return process
        process.wait()
        errors_file.seek(0)
        said = errors_file.read().decode("utf-8", "replace").strip().rsplit("\n", 1)[-1]
        self.close()
        if frame is not None:
            _answer(frame)
        message = f"query: its process did not start: {said or process.returncode}"
        raise UnreadableInput(message)

    def close(self) -> None:
        """End the process; the next query starts a new one."""
        if self._process is not None:
            self._end()
            self._process = None


def _ended(process: subprocess.Popen[bytes], said: BinaryIO) -> None:
    process.kill()
    process.wait()
    said.close()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue


def _answer(frame: bytes) -> Answer:
    reply = msgspec.msgpack.decode(frame, type=Reply | Failure)
    if isinstance(reply, Reply):
        return reply.answer
    kind: type[errors.CegaGraphError] = getattr(errors, reply.error)
    raise kind(reply.message)
