"""SPARQL servers on loopback: a real one that can be killed, and one that misbehaves as it is told."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from missing import left_out


def binary() -> str:
    """Return the server's program, which PyPI's `oxigraph` installs beside the interpreter."""
    found = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which("oxigraph")
    if found is None:
        left_out("the program oxigraph is not installed; it comes with the extra `test`")
    return found


class RealServer:
    """Oxigraph with its data in a folder, on a free port of 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/query"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [binary(), "serve", "-l", str(self.folder), "-b", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(f"{self.url}?query=ASK%7B%7D", timeout=5):
                    return
            except urllib.error.URLError:
                time.sleep(0.02)
        pytest.fail("oxigraph did not start")

    def kill(self) -> None:
        """Kill it without a warning."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def real_server(folder: Path) -> Iterator[RealServer]:
    """Run a server; it is killed at the end."""
    server = RealServer(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Moody(http.server.ThreadingHTTPServer):
    """A server of `/query`, `/store` and `/update` over a store in memory, which follows `moods` first.

    A mood is taken by the next request: `500`, `503`, `413`, `401`, `late` (no answer in time), `drop`
    (the connection closes at once), `half` (the work is done, the answer breaks off), `lie` (a count
    that is no number). `heard` holds path, headers and content of each request.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.store = ox.Store()
        self.moods: list[str] = []
        self.heard: list[tuple[str, dict[str, str], str]] = []
        self.most = 1 << 40
        self.closed: set[str] = set()
        self.url = f"http://127.0.0.1:{self.server_port}/query"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Moody

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.heard.append((self.path, dict(self.headers), content))
        path = self.path.partition("?")[0]
        if path in self.server.closed or path not in {"/query", "/store", "/update"}:
            self._say(404, b"nothing here")
            return
        mood = self.server.moods.pop(0) if self.server.moods else ""
        if mood == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        elif mood == "late":
            time.sleep(1.5)
            self._say(500, b"too late")
        elif mood.isdigit():
            self._say(int(mood), b"not now", wait="0" if mood == "503" else "")
        elif len(content) > self.server.most:
            self._say(413, b"too much")
        else:
            self._work(path, content, mood)

    def _work(self, path: str, content: str, mood: str) -> None:
        reply = b""
        if path == "/store":
            named = re.search(r"graph=([^&]*)", self.path)
            graph = ox.NamedNode(urllib.parse.unquote(named[1])) if named else ox.DefaultGraph()
            self.server.store.load(content.encode(), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        elif path == "/update":
            self.server.store.update(content)
        else:
            found = self.server.store.query(content)
            assert isinstance(found, ox.QuerySolutions)
            number = "no number" if mood == "lie" else next(found)["n"].value
            cell = {"type": "literal", "value": number}
            reply = json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode()
        self._say(200, reply or b"done", short=5 if mood == "half" else 0)

    def _say(self, status: int, content: bytes, *, short: int = 0, wait: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(content)))
        if wait:
            self.send_header("Retry-After", wait)
        self.end_headers()
        self.wfile.write(content[: len(content) - short])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def moody_server() -> Iterator[Moody]:
    """Run a misbehaving server."""
    server = Moody()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
