"""The process that runs queries: it loads a graph, shuts itself in, and answers until its input ends.

Run by `Worker` of `store.client` only. Frames on both pipes are a length of eight bytes and msgpack.
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

import msgspec

from cega_graph.errors import CegaGraphError
from cega_graph.store.disk import open_store
from cega_graph.store.engines import MAKERS, Engine, Stored
from cega_graph.store.guard import checked
from cega_graph.store.sockets import refuse_sockets
from cega_graph.store.terms import Failure, Load, Reply, Request

QUERY_MEMORY: Final = 2 * 1024**3
"""Bytes of address space that a query may take beyond those of the loaded graph."""


def read_frame(pipe: BinaryIO) -> bytes | None:
    """Return the next frame, or None where the pipe ends."""
    head = pipe.read(8)
    if len(head) < 8:
        return None
    (size,) = struct.unpack("<Q", head)
    body = pipe.read(size)
    return body if len(body) == size else None


def write_frame(pipe: BinaryIO, body: bytes) -> None:
    """Write a frame."""
    pipe.write(struct.pack("<Q", len(body)))
    pipe.write(body)
    pipe.flush()


def main() -> None:
    """Load what the first frame names, then answer the others."""
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not stand between frames
    first = read_frame(incoming)
    if first is None:
        return
    load = msgspec.msgpack.decode(first, type=Load)
    try:
        engine = _opened(load) if load.store else _loaded(load)
    except CegaGraphError as error:
        write_frame(outgoing, _encoded(Failure(error=type(error).__name__, message=str(error))))
        return
    except (OSError, SyntaxError, ValueError) as error:
        message = f"{load.path or 'graph'}: is not readable as {load.form}: {' '.join(str(error).split())}"
        write_frame(outgoing, _encoded(Failure(error="UnreadableInput", message=message)))
        return
    write_frame(outgoing, b"")
    while (frame := read_frame(incoming)) is not None:
        request = msgspec.msgpack.decode(frame, type=Request)
        _stop_after(request.seconds)
        write_frame(outgoing, _encoded(_answered(engine, request)))
        _stop_after(0)


def _encoded(message: Reply | Failure) -> bytes:
    return msgspec.msgpack.encode(message)


def _answered(engine: Engine, request: Request) -> Reply | Failure:
    try:
        return Reply(answer=engine.answer(checked(request.text), request.limit))
    except CegaGraphError as error:
        return Failure(error=type(error).__name__, message=str(error))
    except RecursionError:
        return Failure(error="InvalidQuery", message="query: is nested too deeply; write it flatter")
    except MemoryError:
        return Failure(error="StoppedQuery", message="query: needs more than 2 GiB of memory; ask for less")
    except (OSError, ValueError, RuntimeError) as error:  # a damaged store raises the last
        return Failure(error="InvalidQuery", message=f"query: fails: {' '.join(str(error).split())}")


def _loaded(load: Load) -> Engine:
    import pyoxigraph as ox

    form = ox.RdfFormat.from_media_type(load.form)
    content = open(load.path, "rb") if load.path else load.content  # noqa: SIM115, PTH123 - read after shutting in
    statm = _statm()
    _warm_up(load.engine)
    shut_in()
    engine = MAKERS[load.engine](quad.triple for quad in ox.parse(content, format=form, lenient=False))
    if not isinstance(content, bytes):
        content.close()
    _bound_memory(statm)
    return engine


def _opened(load: Load) -> Engine:
    """An on-disk store opens its files when it needs them, so only sockets are refused."""
    statm = _statm()
    store = open_store(Path(load.store))
    _warm_up(load.engine)
    refuse_sockets()
    sys.addaudithook(_refuse)
    _bound_memory(statm)
    return Stored(store)


def _statm() -> BinaryIO | None:
    return open("/proc/self/statm", "rb", buffering=0) if sys.platform == "linux" else None  # noqa: PTH123


def _warm_up(engine: str) -> None:
    """Let the libraries import what they import on first use, while files can still be opened."""
    checked("SELECT (SUM(?o) AS ?n) WHERE { ?s ?p ?o FILTER REGEX(?o, 'a') } GROUP BY ?s")
    empty = MAKERS[engine]([])
    for text in ("SELECT (GROUP_CONCAT(?o) AS ?n) WHERE { ?s <a:b>+ ?o } GROUP BY ?s", "ASK {}", "DESCRIBE <a:b>",
                 "CONSTRUCT WHERE { ?s ?p ?o }"):  # fmt: skip
        empty.answer(text, None)


def shut_in() -> None:
    """Let this process open no socket and no file any more: the kernel refuses every new descriptor.

    Where there are no resource limits (Windows), Python code is refused by an audit hook and
    Oxigraph's own client is held back by `guard` alone.
    """
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    sys.addaudithook(_refuse)


def _refuse(event: str, _: object) -> None:
    if event in {"open", "socket.__new__", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.exec"}:
        _never(event)


def _never(event: str) -> NoReturn:
    message = f"a query may not use {event}"
    raise PermissionError(message)


def _bound_memory(statm: BinaryIO | None) -> None:
    """Bound what queries may take beyond the loaded graph; on Linux only, where the kernel counts it."""
    if statm is None:
        return
    import resource

    pages = int(statm.read().split()[0])
    bound = pages * resource.getpagesize() + QUERY_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    statm.close()


def _stop_after(seconds: float) -> None:
    """End the process in native code too, should nobody be left to kill it."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, seconds + 5 if seconds else 0)
