"""An XML file cut at one of its elements, in constant memory, so that each piece is parsed alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from cega_graph.errors import UnreadableInput
from cega_graph.sources.files import File
from cega_graph.sources.records import Remark

_MOST: Final = 1 << 26
"""Bytes of one piece, or of what stands before the first: 64 MB."""
_COMMENT: Final = re.compile(rb"<!--.*?-->", re.DOTALL)
_DECLARED: Final = re.compile(rb"""\A\s*<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)""")
_LANGUAGE: Final = re.compile(rb"""\bxml:lang\s*=\s*["']([A-Za-z0-9-]+)""")


class Piece(msgspec.Struct):
    """One element of the file, as UTF-8: its bytes, and these within the root's tag, which declares its prefixes."""

    content: bytes
    head: bytes
    tail: bytes
    language: str = ""
    trouble: str = ""

    @property
    def is_wrapped(self) -> bool:
        """False if the element is the root itself."""
        return bool(self.head)

    @property
    def wrapped(self) -> bytes:
        """The bytes to be parsed."""
        return self.head + self.content + self.tail if self.head else self.content


def pieces(file: File, tag: str, note: Callable[[Remark], None] = lambda _: None) -> Iterator[Piece]:
    """Yield each element `tag` of an XML file; comments and CDATA are passed over as a parser does.

    What declares no encoding, or UTF-8, and is something else is read as texts are (`File.encoding`); `note` is told.

    Raises:
        UnreadableInput: There is a DOCTYPE, an encoding that is not known, no end of the last element or
            of the root, or a piece larger than 64 MB.
    """
    state = _State(file, tag.encode())
    for chunk in _utf8(file, note):
        yield from state.feed(chunk)
    state.close()


_ATTRIBUTES: Final = rb"""(?:[^<>"']|"[^"]*"|'[^']*')*?"""
_ROOT: Final = re.compile(rb"<(?![?!])([A-Za-z_][\w.:-]*)" + _ATTRIBUTES + rb">")


class _State:
    """How far a file has been cut: what of it is held, where the open piece begins, where to look on."""

    def __init__(self, file: File, name: bytes) -> None:
        self._file: Final = file
        self._name: Final = name
        self._tag: Final = re.compile(rb"<" + name + rb"(?=[\s/>])" + _ATTRIBUTES + rb"(?P<empty>/?)>")
        self._end_tag: Final = re.compile(rb"</" + name + rb"\s*>")
        self._marks: Final = (b"<" + name, b"</" + name, b"<!--", b"<![CDATA[")
        self._next: dict[bytes, int] = {}
        self._buffer = b""
        self._begun = -1
        self._end = 0
        self._at = 0
        self._passed = 0
        self._root: tuple[bytes, bytes, str] | None = None

    def feed(self, chunk: bytes) -> Iterator[Piece]:
        """Take a chunk in and yield the pieces that end in it."""
        self._buffer += chunk
        self._next = {}
        while (mark := self._nearest()) is not None:
            at = self._next[mark]
            after = self._passed_over(mark, at)
            if after < 0:
                self._at = at
                break
            self._at = after
            if mark[:2] == b"<!":
                continue
            is_end = mark[:2] == b"</" or self._buffer[after - 2 : after] == b"/>"
            if mark[:2] != b"</" and self._begun < 0:
                self._begun = at
                if self._root is None:
                    self._root = self._head(self._buffer[:at])
            if is_end and self._begun >= 0 and self._root is not None:
                yield Piece(self._buffer[self._begun : after], *self._root)
                self._begun, self._end = -1, after
        self._drop()

    def _nearest(self) -> bytes | None:
        """The mark that comes next; each is sought only when it has been passed."""
        nearest = None
        for mark in self._marks:
            at = self._next.get(mark, -2)
            if at == -2 or 0 <= at < self._at:
                at = self._next[mark] = self._buffer.find(mark, self._at)
            if at >= 0 and (nearest is None or at < self._next[nearest]):
                nearest = mark
        return nearest

    def _passed_over(self, mark: bytes, at: int) -> int:
        """Where the thing that a mark begins ends; -1 if that is not in the buffer yet."""
        if mark[:2] == b"<!":
            closing = b"-->" if mark == b"<!--" else b"]]>"
            found = self._buffer.find(closing, at + len(mark))
            return found + 3 if found >= 0 else -1
        match = (self._end_tag if mark[:2] == b"</" else self._tag).match(self._buffer, at)
        if match is not None:
            return match.end()
        follows = self._buffer[at + len(mark) : at + len(mark) + 1]
        is_another = follows and follows not in b" \t\r\n/>"
        return at + len(mark) if is_another else -1

    def _drop(self) -> None:
        """Let go of what is behind the last piece."""
        cut = self._begun if self._begun >= 0 else self._end
        self._passed += cut
        self._buffer, self._at = self._buffer[cut:], self._at - cut
        self._begun, self._end = min(self._begun, 0), 0
        if len(self._buffer) > _MOST:
            message = f"{self._file.name}: byte {self._passed}: an element of more than 64 MB; is the format right?"
            raise UnreadableInput(message)

    def close(self) -> None:
        """Refuse a file that ends before its elements do."""
        bare = _COMMENT.sub(b"", self._buffer).rstrip(b"\x00 \t\r\n")
        _, end, _ = self._root or self._head(bare)
        wanted = b"</" + self._name + b">" if self._begun >= 0 else end
        is_empty = self._root is None and bare.endswith(b"/>")
        if self._begun >= 0 or (end and not is_empty and not bare.endswith(end)):
            size = self._passed + len(self._buffer)
            message = (
                f"{self._file.name}: ends at byte {size} before {wanted.decode()}; fetch the whole file. "
                "Nothing was read"
            )
            raise UnreadableInput(message)

    def _head(self, prolog: bytes) -> tuple[bytes, bytes, str]:
        """The root's tag, its end, and its language; what stands before the first piece is looked at here."""
        bare = _COMMENT.sub(b"", prolog)
        if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
            message = f"{self._file.name}: has a DOCTYPE; entities are never expanded, so it is not read; remove it"
            raise UnreadableInput(message)
        match = _ROOT.search(bare)
        if match is None:
            return b"", b"", ""
        language = _LANGUAGE.search(match[0])
        return match[0], b"</" + match[1] + b">", language[1].decode() if language else ""


def _utf8(file: File, note: Callable[[Remark], None]) -> Iterator[bytes]:
    """The bytes of an XML file as UTF-8, decoded by its mark or declaration, without either."""
    declared = _DECLARED.match(file.head.removeprefix(b"\xef\xbb\xbf"))
    marked = file.head[:2] in (b"\xff\xfe", b"\xfe\xff")
    name = "utf-16" if marked else declared[1].decode() if declared else "utf-8"
    try:
        codec = codecs.lookup(name)
    except LookupError:
        message = f"{file.name}: declares the encoding {name!r}, which is not known; save it as UTF-8"
        raise UnreadableInput(message) from None
    if codec.name == "utf-8":
        yield from _unmarked(file, note)
        return
    decoder = codec.incrementaldecoder()
    try:
        for chunk in file.chunks():
            yield _DECLARED.sub(b"<?xml", decoder.decode(chunk).removeprefix("\ufeff").encode())
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        message = f"{file.name}: is not in the encoding {name} that it declares: {error.reason}; save it as UTF-8"
        raise UnreadableInput(message) from None


def _unmarked(file: File, note: Callable[[Remark], None]) -> Iterator[bytes]:
    """The bytes of a file that should be UTF-8, without mark; from where they are not, decoded as the file seems to be.

    What comes before is UTF-8 in either case, so a file that is all of it is gone through once.
    """
    odd: codecs.IncrementalDecoder | None = None
    held = b""
    for number, chunk in enumerate(file.chunks()):
        if odd is not None:
            yield odd.decode(chunk).encode()
            continue
        some = held + (chunk if number else chunk.removeprefix(b"\xef\xbb\xbf"))
        try:
            whole = len(some) if some.isascii() else codecs.utf_8_decode(some, "strict", False)[1]  # noqa: FBT003
        except UnicodeDecodeError:
            odd = _decoder(file, note)
            yield odd.decode(some).encode()
            continue
        held = some[whole:]
        yield some[:whole]
    yield odd.decode(b"", final=True).encode() if odd is not None else held


def _decoder(file: File, note: Callable[[Remark], None]) -> codecs.IncrementalDecoder:
    name, remark = file.encoding
    if remark is not None:
        note(remark)
    return codecs.getincrementaldecoder(name.removesuffix("-sig"))("replace")
