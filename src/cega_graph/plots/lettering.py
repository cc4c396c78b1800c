"""Which fonts draw the names, and which names they can draw."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from matplotlib import font_manager

from cega_graph.errors import MissingFont

SAMPLE: Final = "资助机构环境保护协会湿业学绿"
"""A font that has all of these, each with a glyph of its own, is taken to have simplified Chinese."""

PLAIN: Final = "DejaVu Sans"
"""Comes with matplotlib."""

_SIMPLIFIED: Final = re.compile(r"\b(SC|CN|GB)\b|Hei|YaHei|PingFang")
_LESS_LEGIBLE: Final = re.compile(r"Serif|Mono|Song|Ming|Kai|Fang ?Song|Light|Thin|Bold|Black", re.IGNORECASE)
_BOLDEST: Final = 500
_WIDE: Final = "WF"


def chinese_font() -> str | None:
    """Return the installed font that is to draw Chinese, or None if no font has its characters.

    Fonts are looked up by what they hold, not by name; of several, the name only decides which comes
    first: made for simplified Chinese, sans serif, then in order of the alphabet.
    """
    names = {
        font.name for font in font_manager.fontManager.ttflist
        if font.style == "normal" and _weight(font.weight) <= _BOLDEST
    }  # fmt: skip
    return _first_with_sample(tuple(sorted(names, key=_preference)))


def _weight(weight: object) -> int:
    return weight if isinstance(weight, int) else font_manager.weight_dict.get(str(weight), 400)


def _preference(name: str) -> tuple[bool, bool, str]:
    return (not _SIMPLIFIED.search(name), bool(_LESS_LEGIBLE.search(name)), name)


@cache
def _first_with_sample(names: tuple[str, ...]) -> str | None:
    return next((name for name in names if _has_sample(name)), None)


def _has_sample(name: str) -> bool:
    """A font of last resort draws every character with one and the same glyph: that is none."""
    glyphs = {_glyph(name, character) for character in SAMPLE}
    return 0 not in glyphs and len(glyphs) == len(SAMPLE)


@cache
def _glyph(name: str, character: str) -> int:
    """Return the number of the glyph that a font has for a character, 0 for none."""
    try:
        path = font_manager.findfont(font_manager.FontProperties(family=[name]), fallback_to_default=False)
        return font_manager.get_font(path).get_char_index(ord(character))
    except (ValueError, OSError, RuntimeError):  # listed, but gone or broken
        return 0


@dataclass(frozen=True)
class Lettering:
    """The language that a picture can be drawn in, and the fonts that draw it, the first preferred."""

    language: str
    fonts: tuple[str, ...]

    def draws(self, text: str) -> bool:
        """Return whether the fonts have every character of a text."""
        return all(any(_glyph(font, character) for font in self.fonts) for character in text if character != " ")

    def word(self, zh: str, en: str) -> str:
        """Return the word of the picture's language."""
        return zh if self.language == "zh" else en


def lettering(language: str) -> Lettering:
    """Return the lettering for a language, `zh` or `en`; without a Chinese font it is English, with a notice.

    Warns:
        MissingFont: Chinese was asked for and cannot be drawn.
    """
    found = chinese_font()
    if found is None:
        if language == "zh":
            _notice("no installed font has Chinese characters, so the picture is in English")
        return Lettering("en", (PLAIN,))
    return Lettering(language, (found, PLAIN) if language == "zh" else (PLAIN, found))


def _notice(what: str) -> None:
    message = f"{what}; install a font such as Noto Sans CJK and start Python again"
    warnings.warn(message, MissingFont, stacklevel=5)


def labels(letters: Lettering, names: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return how things are labelled: the name in the picture's language, else in the other, else the id.

    Args:
        letters: The first form that it can draw whole is taken.
        names: Chinese name, English name, id (ASCII), each of one thing.

    Warns:
        MissingFont: Names of the picture's language that it cannot draw; one notice for all.
    """
    chosen, missing = [], 0
    for zh, en, key in names:
        forms = [form for form in (plain(zh), plain(en)) if form]
        if letters.language == "en":
            forms.reverse()
        drawn = [form for form in forms if letters.draws(form)]
        missing += bool(forms) and forms[:1] != drawn[:1]
        chosen.append(drawn[0] if drawn else plain(key))
    if missing:
        have = "name has" if missing == 1 else "names have"
        _notice(f"{missing} {have} characters that no font here has; another name or the id stands instead")
    return chosen


def plain(text: str) -> str:
    r"""Return a text on one line, without characters that are not drawn (controls, marks of direction).

    >>> plain("A\n\u202eB\x00  C ")
    'A B C'
    """
    shown = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(shown.split())


def width_of(text: str) -> int:
    """Return how wide a text is, in half the width of a Chinese character.

    >>> width_of("SEE 基金会")
    10
    """
    return sum(2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in text)


_PIECES: Final = re.compile(r"\s+|[\u2e80-\uffef][，。；：、）》”]*|[^\s\u2e80-\uffef]+[，。；：、）》”]*")


def wrapped(text: str, width: int, *, lines: int | None = None) -> str:
    r"""Return a text broken into lines, Chinese anywhere, other scripts at spaces.

    Args:
        text: Line breaks in it stay.
        width: Of a line, as `width_of` counts; a longer word is cut.
        lines: Keep so many; what is cut off shows as `…`.

    >>> wrapped("资助方 by partners", 8)
    '资助方\nby\npartners'
    >>> wrapped("湿地保护协会", 6, lines=1)
    '湿地…'
    """
    rows = [row for line in text.split("\n") for row in _rows(line, width)]
    if lines is not None and len(rows) > lines:
        rows = [*rows[: lines - 1], _cut(rows[lines - 1], width - 1) + "…"]
    return "\n".join(rows)


def _rows(line: str, width: int) -> Sequence[str]:
    rows = [""]
    for found in _PIECES.findall(line):
        piece = found
        if width_of(rows[-1] + piece.rstrip()) > width and rows[-1].strip():
            rows.append("")
            piece = piece.lstrip()
        while width_of(piece) > width:
            head = _cut(piece, width)
            rows[-1] = head
            rows.append("")
            piece = piece[len(head) :]
        rows[-1] += piece
    return [row.strip() for row in rows]


def _cut(text: str, width: int) -> str:
    """Return as much of the beginning of a text as fits; at least a character."""
    end = len(text)
    while end > 1 and width_of(text[:end]) > width:
        end -= 1
    return text[:end].rstrip() or text[:1]
