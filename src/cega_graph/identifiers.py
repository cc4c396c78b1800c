"""The only place where an id or an IRI is made, and where a register number is checked."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import msgspec

BASE: Final = "https://w3id.org/cega-graph/"
ONTOLOGY: Final = BASE + "ontology#"

_ORGANIZATION_DIGITS: Final = 10
_STATEMENT_DIGITS: Final = 16


def mint_organization_id(normalized_name: str, identifiers: Sequence[str] = ()) -> str:
    """Return a body's id: its register id if a source states one, else a hash of its name.

    Args:
        normalized_name: The name first recorded, as `names.normalize` gives it.
        identifiers: Stated org-id style identifiers; the first in order of text counts. Ids that a
            publisher made up for its own file (`360G-…`) are not register ids.

    >>> mint_organization_id("万科公益基金会")
    'o-5021e29a59'
    >>> mint_organization_id("Example Trust", ["GB-CHC-1000147"])
    'GB-CHC-1000147'
    """
    registered = sorted(i for i in identifiers if is_register_id(i))
    if registered:
        return registered[0]
    return "o-" + hashlib.sha256(normalized_name.encode()).hexdigest()[:_ORGANIZATION_DIGITS]


def mint_project_id(source_id: str, number: str) -> str:
    """Return the id of a case: its source's id and its number.

    >>> mint_project_id("cega-2024", "7")
    'cega-2024-7'
    """
    return f"{source_id}-{number}"


def mint_statement_id(prefix: str, says: Sequence[object], occurrence: int) -> str:
    """Return the id of a participation, grant or membership.

    Args:
        prefix: `p`, `g` or `m`.
        says: What the row says, at least one thing; no offset and no position in a file.
        occurrence: 0 for the first row that says this, 1 for the next: equal rows stay two rows.

    >>> mint_statement_id("p", ["cega-2024-1", "funder"], 0)
    'p-b01a745e1e7ec2b1'
    """
    return mint_spelled_id(prefix, spelled(says), occurrence)


_encode: Final = msgspec.json.Encoder().encode


def spelled(says: Sequence[object]) -> str:
    """Return what a row says as the members of a JSON list, for `mint_spelled_id`.

    >>> spelled(["cega-2024-1", "funder"])
    '"cega-2024-1","funder"'
    """
    try:
        text = _encode(says).decode()
    except UnicodeEncodeError:  # lone surrogates, which msgspec refuses; of all else both write the same
        text = json.dumps(list(says), ensure_ascii=False, separators=(",", ":"))
    return text[1:-1]


def mint_spelled_id(prefix: str, says: str, occurrence: int) -> str:
    """Return what `mint_statement_id` does, of what is spelled already: rows that share much spell that once.

    >>> mint_spelled_id("p", '"cega-2024-1",' + '"funder"', 0)
    'p-b01a745e1e7ec2b1'
    """
    # A JSON list, not joined text, so that ("ab", "c") and ("a", "bc") differ.
    text = f"[{says},{occurrence}]"
    hashed = hashlib.sha256(text.encode() if text.isascii() else text.encode("utf-8", "surrogatepass"))
    return f"{prefix}-{hashed.hexdigest()[:_STATEMENT_DIGITS]}"


def mint_evidence_key(source_id: str, locator: str, text_start: int | None, text_end: int | None) -> str:
    """Return the name of a place in a source, the same for all that the place states.

    >>> mint_evidence_key("cega-2024", "", 3120, 3126)
    'cega-2024/3120-3126'
    >>> mint_evidence_key("grants", "row=17", None, None)
    'grants/row%3D17'
    """
    place = f"{text_start}-{text_end}" if text_start is not None else _segment(locator)
    return f"{_source_segment(source_id)}/{place}"


_COMMON: Final = re.compile(r"[A-Za-z0-9._~=/-]+\Z")


def _segment(text: str) -> str:
    """Return `quote(text, safe="")`, at once where the text has only what ids and places are mostly made of."""
    return text.replace("=", "%3D").replace("/", "%2F") if _COMMON.match(text) else quote(text, safe="")


_source_segment: Final = lru_cache(maxsize=1 << 10)(_segment)
"""Kept, because all places of a source begin so."""


def iri(kind: str, identifier: str) -> str:
    """Return the IRI of a thing.

    Args:
        kind: `organization`, `project`, `participation`, `grant`, `membership`, `source`,
            `evidence`, `name`, `identifier`, `decision`; or a vocabulary: `role`, `kind`, `theme`,
            `basis`.
        identifier: Its id; whatever an IRI may not hold is percent-encoded. The key of an evidence
            node is encoded already.

    >>> iri("organization", "GB-CHC-1000147")
    'https://w3id.org/cega-graph/id/organization/GB-CHC-1000147'
    >>> iri("role", "funder")
    'https://w3id.org/cega-graph/role/funder'
    """
    if kind in {"role", "kind", "theme", "basis"}:
        return f"{BASE}{kind}/{_segment(identifier)}"
    tail = identifier if kind == "evidence" else _segment(identifier)
    return f"{BASE}id/{kind}/{tail}"


_ENTITY_ID: Final = re.compile(r"[0-9A-Za-z-]*[0-9A-Za-z]\Z")


def mint_entity_id(kind: str, identifier: str) -> str:
    """Return the id of a thing as FollowTheMoney takes it: ASCII letters, digits, `-` and `.` between them.

    Args:
        kind: As in `iri`; without it an organisation and a project of one id would be one entity.
        identifier: Its id. What the form does not allow is spelled `.` and two hex digits a byte, so that
            two ids never become one.

    Source: FollowTheMoney 4, the pattern of the property type `entity`.

    >>> mint_entity_id("organization", "GB-CHC-1000147"), mint_entity_id("project", "a/b.c-")
    ('organization-GB-CHC-1000147', 'project-a.2Fb.2Ec.2D')
    """
    if _ENTITY_ID.match(identifier):
        return f"{kind}-{identifier}"
    spelled = "".join(
        chr(byte) if re.match(rb"[0-9A-Za-z-]", bytes([byte])) else f".{byte:02X}"
        for byte in identifier.encode("utf-8", "surrogatepass")
    )
    return f"{kind}-{spelled[:-1]}.2D" if spelled.endswith("-") else f"{kind}-{spelled}"


_ORG_ID: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9_]+)+-[A-Za-z0-9][A-Za-z0-9._/-]*\Z")


def is_register_id(identifier: str) -> bool:
    """Tell whether an identifier has the form of org-id.guide: a list code, a hyphen, a number.

    Prefixes that begin with a digit (`360G-…`) are a publisher's own numbering, not a register.

    >>> is_register_id("GB-CHC-1000147"), is_register_id("360G-ABCT-7"), is_register_id("1000147")
    (True, False, False)
    """
    return _ORG_ID.match(identifier) is not None


_LANGUAGE: Final = re.compile(r"[a-zA-Z]{2,8}(?:-[a-zA-Z0-9]{1,8})*\Z")


def is_language(tag: str) -> bool:
    """Tell whether a text is a language tag that RDF can carry (the form of BCP 47, not its registry).

    >>> is_language("zh"), is_language("zh-Hant"), is_language("中文"), is_language("")
    (True, True, False, False)
    """
    return _LANGUAGE.match(tag) is not None


_USCI_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCI_WEIGHTS: Final = tuple(3**i % 31 for i in range(17))
_CODE_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)


def is_usci(code: str) -> bool:
    """Tell whether a text is a valid 统一社会信用代码.

    Source: GB 32100-2015 §4 (18 characters of a 31 character alphabet, check character 18 with
    weights 3^(i-1) mod 31) and GB 11714 (characters 9–17, whose last is a check character of its
    own). Every issuing authority's letter is allowed, `G` of overseas NGO offices included.

    >>> is_usci("91350100M000100Y43"), is_usci("G1610000713522976L")
    (True, True)
    >>> is_usci("91350100M000100Y44"), is_usci("91350100M000100I43")
    (False, False)
    """
    if len(code) != 18 or any(c not in _USCI_ALPHABET for c in code):
        return False
    values = [_USCI_ALPHABET.index(c) for c in code]
    total = sum(v * w for v, w in zip(values, _USCI_WEIGHTS, strict=False))
    return values[17] == (31 - total % 31) % 31 and _is_organization_code(code[8:17])


def _is_organization_code(code: str) -> bool:
    total = sum(_CODE_ALPHABET.index(c) * w for c, w in zip(code, _CODE_WEIGHTS, strict=False))
    check = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))


_USCI_KINDS: Final = {
    "53": "foundation",
    "52": "ngo",
    "51": "ngo",
    "11": "government",
    "12": "public_institution",
    "91": "company",
    "G1": "ngo",
}


def usci_kind(code: str) -> str:
    """Return the kind of body that a valid 统一社会信用代码 states in its first two characters.

    Returns:
        A kind of `ontology/kinds.csv`, or an empty text where the class fixes none.

    Source: GB 32100-2015 table 2 and its amendment; G1 is read off codes in use.

    >>> usci_kind("G1610000713522976L"), usci_kind("not a code")
    ('ngo', '')
    """
    return _USCI_KINDS.get(code[:2], "") if is_usci(code) else ""
