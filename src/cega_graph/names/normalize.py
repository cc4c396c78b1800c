"""One spelling for all the spellings of a name that say the same."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opencc import OpenCC

_RADICALS: Final = {
    0x2E81: "厂", 0x2E8C: "小", 0x2E8D: "小", 0x2E8E: "兀", 0x2E92: "巳", 0x2E93: "幺", 0x2E9C: "日",
    0x2E9D: "月", 0x2E9F: "母", 0x2EA0: "民", 0x2EA7: "牛", 0x2EA9: "王", 0x2EAB: "目", 0x2EAC: "示",
    0x2EB5: "网", 0x2EB6: "羊", 0x2EBB: "聿", 0x2EC1: "虎", 0x2EC4: "西", 0x2EC5: "见", 0x2EC6: "角",
    0x2EC7: "角", 0x2EC9: "贝", 0x2ECA: "足", 0x2ECB: "车", 0x2ED1: "长", 0x2ED2: "长", 0x2ED3: "长",
    0x2ED4: "门", 0x2ED5: "阜", 0x2ED7: "雨", 0x2ED8: "青", 0x2ED9: "韦", 0x2EDA: "页", 0x2EDB: "风",
    0x2EDC: "飞", 0x2EDD: "食", 0x2EDE: "食", 0x2EE1: "首", 0x2EE2: "马", 0x2EE3: "骨", 0x2EE4: "鬼",
    0x2EE5: "鱼", 0x2EE6: "鸟", 0x2EE7: "卤", 0x2EE8: "麦", 0x2EE9: "黄", 0x2EEA: "黾", 0x2EEB: "齐",
    0x2EEC: "齐", 0x2EED: "齿", 0x2EEE: "齿", 0x2EEF: "龙", 0x2EF0: "龙", 0x2EF1: "龟", 0x2EF2: "龟",
    0x2EF3: "龟",
}  # fmt: skip
"""CJK radicals supplement → the character that looks the same (Unicode's EquivalentUnifiedIdeograph);
NFKC maps the Kangxi radicals but not these, and PDF fonts print both."""

_KANGXI: Final = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}

_HAN: Final = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ANY_HAN: Final = re.compile(f"[{_HAN}]")
_COMPATIBILITY: Final = re.compile(r"[\uf900-\ufaff\U0002f800-\U0002fa1f\ufb00-\ufb06]")
_INNER_SPACE: Final = re.compile(rf"(?<=[{_HAN}()·、,;])\s+|\s+(?=[{_HAN}()·、,;])")
_SPACES: Final = re.compile(r"\s+")
_QUOTES: Final = dict.fromkeys(map(ord, "“”‘’\"'「」『』《》〈〉"))
_UNSEEN: Final = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_HYPHENS: Final = re.compile(r"[‐‑‒–—―﹣－]+")
_PINYIN: Final = re.compile(rf"(?<=[{_HAN}])\([a-zü]*[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ][a-zü]*\)")
_DOTS: Final = re.compile(r"[•‧・･]")


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def has_han(text: str) -> bool:
    """Tell whether a text holds a Chinese character.

    >>> has_han("SEE 基金会"), has_han("MCF")
    (True, False)
    """
    return not text.isascii() and _ANY_HAN.search(text) is not None


def plain_characters(text: str) -> str:
    """Return a text with radicals, compatibility ideographs and ligatures as the characters they look like.

    What fonts of PDFs print instead of them; full-width punctuation stays as it is.

    >>> plain_characters("提交机构（⼤⻓ﬁ）")
    '提交机构（大长fi）'
    """
    plain = text.translate(_RADICALS).translate(_KANGXI)
    return _COMPATIBILITY.sub(lambda found: unicodedata.normalize("NFKC", found.group()), plain)


@cache
def normalize(name: str) -> str:
    """Return the spelling that two names share if they differ only in script, width, case or spaces.

    NFKC, CJK radicals, traditional → simplified, half-width brackets, no quotation marks, no
    invisible characters, no pinyin behind a character (`会(huì)`), no space beside a Chinese
    character, Latin letters in lower case. Doing it twice changes nothing.

    >>> normalize("世界自然基金會 （瑞士） 北京代表处"), normalize("SEE 基⾦会"), normalize("Merlot  Art Space")
    ('世界自然基金会(瑞士)北京代表处', 'see基金会', 'merlot art space')
    """
    return _of_ascii(name) if name.isascii() else _of_any(name)


def _of_ascii(name: str) -> str:
    """What `_of_any` makes of a name that most of its rules are not about."""
    text = _UNSEEN.sub("", name).replace('"', "").replace("'", "").replace("[", "(").replace("]", ")")
    return _SPACES.sub(" ", _INNER_SPACE.sub("", text)).strip().lower()


def _of_any(name: str) -> str:
    text = unicodedata.normalize("NFKC", name.translate(_RADICALS))
    text = _UNSEEN.sub("", text).translate(_QUOTES)
    text = _DOTS.sub("·", _HYPHENS.sub("-", text)).replace("〔", "(").replace("〕", ")")
    text = text.replace("[", "(").replace("]", ")").replace("【", "(").replace("】", ")")
    if has_han(text):
        text = _converter().convert(text)
    text = _SPACES.sub(" ", _INNER_SPACE.sub("", text)).strip()
    text = unicodedata.normalize("NFKC", text.casefold())
    return _PINYIN.sub("", text)
