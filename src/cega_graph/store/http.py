"""One HTTP exchange with a SPARQL server: whole answers, no redirects, no secrets in messages."""

from __future__ import annotations

import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from cega_graph.errors import StoppedQuery, UnreadableInput

AUTHORIZATION: Final = "CEGA_GRAPH_AUTHORIZATION"
"""The environment variable that holds the value of the header `Authorization`, such as `Bearer …`."""

_MOST_BYTES: Final = 256 * 1024**2
_HEADER: Final = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([\t\x20-\x7e]*)\Z")
_URL: Final = re.compile(r"(?i)https?://[^\s\x00-\x20\x7f<>\"{}|\\^`]+\Z")


class Access(NamedTuple):
    """How to talk to a server.

    `headers` authorise; `seconds` are those of each exchange; `tell` hears why something is sent again.
    """

    headers: Mapping[str, str] = MappingProxyType({})
    seconds: float = 60.0
    tell: Callable[[str], None] = lambda _: None


class Reply(NamedTuple):
    """A successful answer: its media type and its content."""

    kind: str
    content: bytes


class Answered(UnreadableInput):
    """A server answers with a status that is no success.

    `wait` are the seconds that it asks for; `passing` says that the same may succeed later.
    """

    def __init__(self, message: str, status: int, retry_after: str = "") -> None:
        super().__init__(message)
        self.status: Final = status
        self.wait: Final = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
        self.passing: Final = status in {408, 429} or (status >= 500 and status != 501)


class Lost(UnreadableInput):
    """A server cannot be reached, or the connection breaks off."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET without its content, and would carry the headers elsewhere."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def checked_url(url: str) -> str:
    """Return an address that may be asked.

    Raises:
        UnreadableInput: It is not `http` or `https`, or it holds a password.
    """
    host = urllib.parse.urlsplit(url).netloc if _URL.match(url) else ""
    if not host:
        message = f"{url}: is no endpoint; expected an address that begins with http:// or https://"
        raise UnreadableInput(message)
    if "@" in host:
        message = f"{shown(url)}: the address holds a password; put it into {AUTHORIZATION} or --header-file instead"
        raise UnreadableInput(message)
    return url


def shown(url: str) -> str:
    """Return an address as messages may show it: without user, password and parameters.

    >>> shown("https://me:secret@example.org/sparql?key=secret")
    'https://example.org/sparql'
    """
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def with_parameter(url: str, name: str, value: str = "") -> str:
    """Return an address with one more parameter.

    >>> with_parameter("http://h/store", "graph", "a:b&c"), with_parameter("http://h/store?x=1", "default")
    ('http://h/store?graph=a%3Ab%26c', 'http://h/store?x=1&default')
    """
    more = f"{name}={urllib.parse.quote(value, safe='')}" if value else name
    return f"{url}{'&' if '?' in url else '?'}{more}"


def read_headers(path: Path | None) -> dict[str, str]:
    """Return the headers that authorise: `Name: value` lines of a file, and the environment's.

    Raises:
        UnreadableInput: The file cannot be read or holds another line; the text never shows it.
    """
    found = {"Authorization": os.environ[AUTHORIZATION]} if os.environ.get(AUTHORIZATION) else {}
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines() if path else []
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: is not readable as UTF-8 text: {getattr(error, 'strerror', None) or type(error).__name__}"
        raise UnreadableInput(message) from None
    for number, line in enumerate(lines, start=1):
        match = _HEADER.match(line)
        if match:
            found[match[1].title()] = match[2]
        elif line.strip():
            message = f"{path}:{number}: is no header; write lines such as `Authorization: Bearer ...`, in ASCII"
            raise UnreadableInput(message)
    return found


def exchange(url: str, body: bytes, headers: Mapping[str, str], *, seconds: float) -> Reply:
    """Send a POST and return the whole answer.

    Args:
        url: Checked by `checked_url`.
        body: The content.
        headers: Beside those that every request has.
        seconds: For the whole exchange.

    Raises:
        Answered: With a status that is no success; redirects are none.
        Lost: The server cannot be reached, or breaks off.
        StoppedQuery: Time is over, or the answer exceeds 256 MiB.
    """
    every = {"User-Agent": "cega-graph", **headers}
    request = urllib.request.Request(checked_url(url), data=body, headers=every)  # noqa: S310 - the scheme was checked
    end = time.monotonic() + seconds
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=seconds) as response:
            kind = response.headers.get_content_type()
            return Reply(kind, _read(cast("HTTPResponse", response), url, end, seconds))
    except urllib.error.HTTPError as error:
        raise _answered(url, error) from None
    except TimeoutError:
        raise StoppedQuery(_late(url, seconds)) from None
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            raise StoppedQuery(_late(url, seconds)) from None
        message = f"{shown(url)}: cannot be reached: {reason}"
        raise Lost(message) from None


def _answered(url: str, error: urllib.error.HTTPError) -> Answered:
    try:
        said = " ".join(error.read(2000).decode("utf-8", "replace").split())[:200]
    except (OSError, HTTPException):
        said = ""
    hint = f"; put the server's credentials into {AUTHORIZATION} or --header-file" if error.code in {401, 403} else ""
    message = f"{shown(url)}: answers {error.code} {error.reason}: {said}{hint}"
    return Answered(message, error.code, error.headers.get("Retry-After", ""))


def _late(url: str, seconds: float) -> str:
    return f"{shown(url)}: no whole answer within {seconds:g} s; ask for less, or give it more time with --timeout"


def _read(response: HTTPResponse, url: str, end: float, seconds: float) -> bytes:
    parts, size = list[bytes](), 0
    while part := response.read1(1 << 16):
        parts.append(part)
        size += len(part)
        if time.monotonic() > end:
            raise StoppedQuery(_late(url, seconds))
        if size > _MOST_BYTES:
            message = f"{shown(url)}: the answer exceeds {_MOST_BYTES >> 20} MiB; ask for less"
            raise StoppedQuery(message)
    if response.length:
        message = f"{shown(url)}: the answer breaks off, {response.length} bytes before its end; ask again"
        raise Lost(message)
    return b"".join(parts)
