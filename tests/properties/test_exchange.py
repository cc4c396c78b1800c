"""What is written and read back is what docs/exchange.md says is kept: read(write(x)) == kept(x)."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given

from cega_graph.dataset import Dataset
from cega_graph.dates import earliest, latest
from cega_graph.exporting import export
from cega_graph.importing import import_files
from cega_graph.model import Grant, Participation, Project, Row
from cega_graph.names.ledger import Ledger
from cega_graph.vocabulary import roles
from cega_graph.writers.iati import STATUSES, TRANSACTION_TYPES
from exports import stored
from grant_strategies import PLAIN, grant_tables


@contextmanager
def written_and_read(dataset: Dataset, form: str) -> Iterator[Dataset | None]:
    """Export a data set, import the file, and give what was read; None if nothing could be written."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"file.{'xml' if form == 'iati' else 'json'}"
        export(dataset, form, path)
        if not path.exists():
            yield None
            return
        import_files([path], Path(name) / "read", Ledger())
        yield Dataset([Path(name) / "read"])


class Facts:
    """A data set, looked up."""

    def __init__(self, dataset: Dataset) -> None:
        self.names = {row.organization_id: row.name for row in dataset.rows("organizations")}
        self.kinds = {row.organization_id: row.kind for row in dataset.rows("organizations")}
        self.projects = {row.project_id: row for row in dataset.rows("projects")}
        self.grants: list[Grant] = list(dataset.rows("grants"))
        self.stated: list[Participation] = [r for r in dataset.rows("participations") if r.basis != "inferred"]

    def sides(self, grant: Grant, role: str) -> tuple[str, ...]:
        """The names of those who give or get a sum."""
        ids = {r.organization_id for r in self.stated if (r.grant_id, r.role) == (grant.grant_id, role)}
        return tuple(sorted(self.names[one] for one in ids))

    def hidden(self, grant: Grant) -> bool:
        """Tell whether a person or a group gives or gets a sum."""
        ids = {r.organization_id for r in self.stated if r.grant_id == grant.grant_id}
        return bool({"person", "group"} & {self.kinds[one] for one in ids})


def awards(facts: Facts) -> Counter[tuple[Any, ...]]:
    """Return what 360Giving keeps of each award."""
    found: Counter[tuple[Any, ...]] = Counter()
    for grant in facts.grants:
        project = facts.projects[grant.project_id]
        dates = (date if "/" not in date else "" for date in (project.start_date, project.end_date))
        found[
            project.title, project.description, grant.amount, grant.currency, grant.date, *dates, project.place,
            project.programme, project.theme, grant.funding_type, facts.sides(grant, "funder"),
            facts.sides(grant, "grantee"),
        ] += 1  # fmt: skip
    return found


def can_be_an_award(grant: Grant, facts: Facts) -> bool:
    """Tell whether 360Giving can hold a sum."""
    project = facts.projects[grant.project_id]
    takers = facts.sides(grant, "grantee")
    return (
        grant.type == "award" and grant.amount is not None and not grant.approximate and len(grant.date) == 10
        and grant.currency in {"GBP", "CNY"} and not facts.hidden(grant) and bool(project.title and project.description)
        and bool(takers and facts.sides(grant, "funder")) and (grant.recipients or 0) <= len(takers)
    )  # fmt: skip


def _ends_after_it_begins(project: Project) -> bool:
    both = project.start_date and project.end_date
    return not both or latest(project.end_date) >= earliest(project.start_date)


@given(grant_tables(PLAIN))
def test_360giving_keeps_awards(rows: dict[str, list[Row]]) -> None:
    """Sum, date, title, description, times, place, programme, theme, form of funding, and who gave and got it.

    An end before the start goes to `extra` on import, so it does not come back.
    """
    assume(all(_ends_after_it_begins(row) for row in rows["projects"] if isinstance(row, Project)))
    with stored(rows) as dataset, written_and_read(dataset, "360giving") as read:
        facts = Facts(dataset)
        facts.grants = [grant for grant in facts.grants if can_be_an_award(grant, facts)]
        assert awards(facts) == (awards(Facts(read)) if read else Counter())


def activities(facts: Facts, *, of_ours: bool) -> dict[str, tuple[Any, ...]]:
    """Return what IATI keeps of each activity, by identifier."""
    found: dict[str, tuple[Any, ...]] = {}
    for project in facts.projects.values():
        takes_part = {
            (roles()[r.role].iati_role, facts.names[r.organization_id])
            for r in facts.stated
            if r.project_id == project.project_id and roles()[r.role].iati_role
            and facts.kinds[r.organization_id] not in {"person", "group"}
        }  # fmt: skip
        sums = Counter(
            (TRANSACTION_TYPES[g.type], g.amount, g.currency, g.date, g.identifier, *facts.sides(g, "funder"))
            for g in facts.grants
            if g.project_id == project.project_id and (not of_ours or can_be_a_transaction(g, facts))
        )
        days = tuple(date if len(date) == 10 else "" for date in (project.start_date, project.end_date))
        found[project.identifier or project.project_id] = (
            project.title, project.description, project.status, days, takes_part, sums,
        )  # fmt: skip
    return found


def can_be_a_transaction(grant: Grant, facts: Facts) -> bool:
    """Tell whether IATI can hold a sum."""
    givers = {r.organization_id for r in facts.stated if (r.grant_id, r.role) == (grant.grant_id, "funder")}
    return (
        grant.type in TRANSACTION_TYPES and grant.amount is not None and not grant.approximate
        and len(grant.date) == 10 and grant.currency in {"GBP", "CNY"} and len(givers) == 1
        and facts.kinds[min(givers)] not in {"person", "group"}
    )  # fmt: skip


@given(grant_tables(PLAIN))
def test_iati_keeps_activities(rows: dict[str, list[Row]]) -> None:
    """Titles, description, status, days, each body's roles, and every sum with its giver."""
    assume(all(_ends_after_it_begins(row) for row in rows["projects"] if isinstance(row, Project)))
    with stored(rows) as dataset, written_and_read(dataset, "iati") as read:
        ours = activities(Facts(dataset), of_ours=True)
        expected = {
            key: one for key, one in ours.items()
            if one[0] and one[1] and one[2] in STATUSES and one[4]
            and (by_key(dataset)[key].start_date or by_key(dataset)[key].end_date)
        }  # fmt: skip
        found = activities(Facts(read), of_ours=False) if read else {}
    assert expected.keys() == found.keys()
    for key, (title, description, status, days, takes_part, sums) in expected.items():
        got = found[key]
        assert (title, description, status) == got[:3]
        assert all(day in {"", read_day} for day, read_day in zip(days, got[3], strict=True))
        assert takes_part <= got[4]
        assert sums == got[5]


def by_key(dataset: Dataset) -> dict[str, Any]:
    """Return the projects by the identifier that they are written under."""
    return {row.identifier or row.project_id: row for row in dataset.rows("projects")}


@pytest.mark.parametrize(("folder", "name", "form"), [
    ("360giving", "ab-charitable-trust.json", "360giving"), ("360giving", "validfile.json", "360giving"),
])  # fmt: skip
def test_a_real_file_comes_back(codelists: Path, tmp_path: Path, folder: str, name: str, form: str) -> None:
    """Every award of it."""
    import_files([codelists.parent / folder / name], tmp_path / "data", Ledger())
    dataset = Dataset([tmp_path / "data"])
    with written_and_read(dataset, form) as read:
        assert read is not None
        assert awards(Facts(dataset)) == awards(Facts(read))
