"""docs/exchange.md says what the writers do: every column, every reason, every mapping."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cega_graph.check import NOTES, RULES
from cega_graph.model import EVIDENCE_COLUMNS, GRANT_TYPES, TABLES, Evidence, Table
from cega_graph.vocabulary import kinds, roles
from cega_graph.writers.ftm import PAYMENTS, SCHEMATA
from cega_graph.writers.iati import ORGANISATION_TYPES, STATUSES, TRANSACTION_TYPES
from cega_graph.writers.tally import REASONS


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    """Return the page."""
    return (repository / "docs" / "exchange.md").read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """Return what stands below a heading, up to the next."""
    return re.split(r"\n#+ ", page.split(f"\n### {heading}\n")[1])[0]


def cell(page: str, table: str, column: str, place: int) -> str:
    """Return what the page says of a column: 1 360Giving, 2 IATI, 3 FollowTheMoney."""
    (line,) = re.findall(rf"^\| `{column}` \|(.*)\|$", section(page, table), re.MULTILINE)
    return str(line.split(" | ")[place - 1])


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_every_column_is_explained_for_every_format(page: str, table: Table) -> None:
    """In the contract's order, with a word in each of the three columns."""
    lines = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", section(page, table.name), re.MULTILINE)
    own = [c for c in table.columns if not issubclass(table.row, Evidence) or c not in EVIDENCE_COLUMNS]
    assert [line[0] for line in lines] == own


def test_every_reason_is_explained(page: str) -> None:
    """In the order in which they are declared, in the words that are printed."""
    listed = page.split("## Why something is left out or changed")[1].split("## Field by field", maxsplit=1)[0]
    assert re.findall(r"^\| (.+?) \| .+ \|$", listed, re.MULTILINE)[1:] == [en for _, en in REASONS.values()]


def test_roles_of_iati_are_those_of_the_vocabulary(page: str) -> None:
    """Each with its number; roles without one are not named."""
    said = cell(page, "participations", "role", 2)
    of: dict[str, set[str]] = {}
    for number, names in re.findall(r"(\d) ([a-z_, ]+?)(?:;|$)", said.split(". ")[0]):
        of[number] = {name.strip() for name in names.split(",")}
    expected: dict[str, set[str]] = {}
    for role in roles().values():
        if role.iati_role:
            expected.setdefault(role.iati_role, set()).add(role.role)
    assert expected == {number: names - {"no other"} for number, names in of.items()}


def test_codes_of_iati_are_those_of_the_writer(page: str) -> None:
    """Status by status, type by type."""
    said = dict(re.findall(r"([a-z]+) (\d)", cell(page, "projects", "status", 2)))
    assert said == STATUSES
    types = cell(page, "grants", "type", 2).split("`: ")[1].split(". ")[0]
    listed = re.findall(r"([a-z_ ]+?) (\d+)", types)
    found = {name: code for names, code in listed for name in names.strip().split(" and ")}
    assert found == TRANSACTION_TYPES


def test_the_mappings_stay_within_the_vocabularies() -> None:
    """No kind and no type is misspelled; what is mapped to nothing is said on the page."""
    assert set(ORGANISATION_TYPES) | set(SCHEMATA) <= set(kinds())
    assert set(TRANSACTION_TYPES) == set(GRANT_TYPES) - {"future"}
    assert set(PAYMENTS) == set(GRANT_TYPES) - {"pledge", "incoming_pledge", "future"}


def test_the_casebook_page_names_commands_that_there_are(repository: Path) -> None:
    """docs/next-year.md uses the finding codes of `check`."""
    page = (repository / "docs" / "next-year.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+-[a-z]+(?:-[a-z]+)*)`", page)) & set(RULES)
    assert named == NOTES | {"source-twice"}
