"""Ids, IRIs and register numbers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.identifiers import (
    iri,
    is_register_id,
    is_usci,
    mint_evidence_key,
    mint_organization_id,
    mint_project_id,
    mint_statement_id,
    usci_kind,
)
from strategies import printed_names, usci_codes

_PARTS = st.lists(st.text(max_size=3) | st.integers(0, 3), max_size=4)


@given(_PARTS, st.integers(0, 2), _PARTS, st.integers(0, 2))
def test_what_differs_gets_different_ids(says_a: list[object], a: int, says_b: list[object], b: int) -> None:
    alike = json.dumps([*says_a, a]) == json.dumps([*says_b, b])
    assert alike == (mint_statement_id("p", says_a, a) == mint_statement_id("p", says_b, b))


@pytest.mark.parametrize(
    ("one", "other"), [(["ab", "c"], ["a", "bc"]), (["a", ""], ["a"]), (["1"], [1]), (['a","b'], ["a", "b"])]
)
def test_parts_are_not_run_together(one: list[object], other: list[object]) -> None:
    assert mint_statement_id("p", one, 0) != mint_statement_id("p", other, 0)


@given(st.lists(printed_names, unique=True, min_size=2, max_size=6))
def test_different_names_get_different_organization_ids(names: list[str]) -> None:
    ids = [mint_organization_id(name) for name in names]
    assert len(names) == len(set(ids))
    assert all(one.isascii() for one in ids)


def test_a_register_id_names_the_body_in_any_order() -> None:
    stated = ["360G-x-1", "XI-GRID-7", "GB-CHC-1000147"]
    assert (
        mint_organization_id("x", stated), mint_organization_id("y", stated[::-1]),
    ) == ("GB-CHC-1000147", "GB-CHC-1000147")  # fmt: skip


def test_a_publishers_own_numbering_is_no_register_id() -> None:
    assert mint_organization_id("x") == mint_organization_id("x", ["360G-x-1", "1000147", "org:7"])


@given(st.text(min_size=1, max_size=8), st.sampled_from(["organization", "project", "role", "name"]))
def test_an_iri_holds_only_what_an_iri_may_hold(identifier: str, kind: str) -> None:
    made = iri(kind, identifier.encode("utf-8", "replace").decode())
    assert made.isascii()
    assert not set(made) & set(' <>"{}|\\^`\n')


def test_one_place_has_one_evidence_key() -> None:
    keys = [
        mint_evidence_key("a b", "", 1, 2),
        mint_evidence_key("a", "page=3/4", None, None),
        mint_project_id("s", "7"),
    ]
    assert keys == ["a%20b/1-2", "a/page%3D3%2F4", "s-7"]


@pytest.mark.parametrize("code", ["91350100M000100Y43", "G1610000713522976L", "12100000400002259P"])
def test_codes_in_use_are_valid(code: str) -> None:
    assert (is_usci(code), is_register_id(f"CN-SAMR-{code}")) == (True, True)


@given(usci_codes())
def test_codes_made_by_the_standard_are_valid(code: str) -> None:
    assert is_usci(code)


@given(usci_codes(), st.integers(0, 17), st.characters(codec="ascii"))
def test_no_single_wrong_character_passes(code: str, at: int, char: str) -> None:
    wrong = code[:at] + char + code[at + 1 :]
    assert (char == code[at]) == is_usci(wrong)


@given(usci_codes())
def test_every_wrong_character_of_one_code_is_found(code: str) -> None:
    """All 18 × 35 codes that differ in one character."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    passed = [c for at in range(18) for c in letters if c != code[at] and is_usci(code[:at] + c + code[at + 1 :])]
    assert passed == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("G1610000713522976L", "ngo"),
        ("91350100M000100Y43", "company"),
        ("91350100M000100Y44", ""),
        ("53", ""),
        ("", ""),
    ],
)
def test_only_a_valid_code_tells_a_kind(code: str, kind: str) -> None:
    assert kind == usci_kind(code)
