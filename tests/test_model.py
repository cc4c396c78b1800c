"""The declarations of the tables agree with the contract and with each other."""

from __future__ import annotations

from typing import Final

import pytest

from cega_graph.errors import UnknownIdentifier
from cega_graph.model import TABLES, Table, table

_EVIDENCE: Final = "source_id, section, label, mention, locator, text_start, text_end"
_CONTRACT: Final = {
    "sources": "source_id, title, publisher, year, language, sha256, characters, licence, url, coverage_themes, "
    "coverage_regions, coverage_from, coverage_to",
    "organizations": "organization_id, name, name_en, kind, level, region, parent_id",
    "names": f"organization_id, name, language, status, {_EVIDENCE}",
    "identifiers": f"organization_id, identifier, {_EVIDENCE}",
    "projects": "project_id, number, identifier, title, title_en, theme, start_date, end_date, region, place, "
    f"programme, status, description, extra, {_EVIDENCE}",
    "participations": "participation_id, project_id, grant_id, organization_id, role, basis, rule, qualifier, "
    f"activity, since, until, {_EVIDENCE}",
    "grants": "grant_id, project_id, identifier, type, amount, currency, date, funding_type, regrant_of, recipients, "
    f"approximate, conflicts_with, {_EVIDENCE}",
    "memberships": "membership_id, organization_id, network_id, role, status, affiliation_id, since, until, "
    f"{_EVIDENCE}",
    "decisions": "name_a, name_b, verdict, decided_by, decided_on, basis, source_id, text_start, text_end",
}
"""The columns as `DESIGN.md` gives them, which other programs rely on."""


def test_the_columns_are_the_contracts() -> None:
    assert {one.name: ", ".join(one.columns) for one in TABLES} == _CONTRACT


@pytest.mark.parametrize("one", TABLES, ids=lambda t: t.name)
def test_a_declaration_speaks_of_its_own_columns(one: Table) -> None:
    named = {*one.key, *one.references, *one.enums, *one.dates, *one.order, *one.required}
    assert set() == named - set(one.columns)
    assert set() == {target for target in one.references.values() if not table(target).key}


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(UnknownIdentifier, match=r"table 'grnts' does not exist; there are sources, "):
        table("grnts")
