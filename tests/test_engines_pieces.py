"""What a worker makes of whole groups is what one machine makes of the data set, however the groups are dealt out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph.dataset import Dataset
from cega_graph.engines import pieces
from cega_graph.measures.tallies import contradicted, degrees, rankings, sum_totals, totals
from cega_graph.model import TABLES, Organization, Participation, Row
from cega_graph.package import CURATED_FOLDER, write_tables
from cega_graph.rdf import iter_lines
from dataset_strategies import tables
from factories import a_grant, a_participation


def worked(folder: Path, n_parts: int, seed: int) -> list[dict[str, object]]:
    """Deal the groups of a data set out to workers, shuffled, and return all that they make."""
    files = [
        {"table": t.name, "at": at, "path": str(folder / sub / f"{t.name}.csv")}
        for at, sub in enumerate(("tables", "curated"))
        for t in TABLES
        if (folder / sub / f"{t.name}.csv").exists()
    ]
    stored = [r for b in pieces.read_files(iter([pa.RecordBatch.from_pylist(files)])) for r in b.to_pylist()]
    random.Random(seed).shuffle(stored)
    names = sorted({str(row["group"]) for row in stored})
    parts = {name: random.Random(f"{seed} {name}").randrange(n_parts) for name in names}
    made: list[dict[str, object]] = []
    for part in range(n_parts):
        own = sorted((r for r in stored if parts[str(r["group"])] == part), key=lambda r: str(r["group"]))
        if own:
            made += [r for b in pieces.work(iter([pa.RecordBatch.from_pylist(own)])) for r in b.to_pylist()]
    return made


def lines_of(made: list[dict[str, object]]) -> Iterator[str]:
    """Yield the lines of statements, then those of places."""
    for row in made:
        if row["kind"] == "line":
            yield from str(row["text"]).split("\n")
    places = sorted(
        ({"key": r["key"], "text": r["text"]} for r in made if r["kind"] == "place"), key=lambda r: str(r["key"])
    )
    if places:
        for batch in pieces.write_places(iter([pa.RecordBatch.from_pylist(places)])):
            for text in batch.column("value").to_pylist():
                yield from text.split("\n")


@given(tables(), tables(), st.integers(1, 4), st.integers(0, 999))
def test_hostile_tables_give_the_lines_of_one_machine(
    tmp_path_factory: pytest.TempPathFactory,
    stored: dict[str, list[Row]],
    curated: dict[str, list[Row]],
    n_parts: int,
    seed: int,
) -> None:
    """Each line once; places that several groups state keep the words of the first row. Rules are not looked at."""
    folder = tmp_path_factory.mktemp("hostile")
    write_tables(folder, stored)
    kept = {name: curated[name] for name in ("organizations", "projects", "sources", "names")}
    write_tables(folder, kept, subfolder=CURATED_FOLDER)
    with mock.patch.object(pieces, "_findings", return_value=()):
        made = worked(folder, n_parts, seed)
    assert [row["text"] for row in made if row["kind"] == "finding"] == []
    expected = sorted(line for text in iter_lines(Dataset([folder])) for line in text.split("\n")[:-1])
    assert sorted(lines_of(made)) == expected


@given(st.lists(st.sampled_from(["0.1", "0.20", "-3", "1e390", "1e-390", "x"]), max_size=12), st.integers(0, 12))
def test_totals_of_parts_are_those_of_the_whole(amounts: list[str], cut: int) -> None:
    """Exactly, whatever the size of the amounts; x stands for one that is not known."""
    rows = [
        a_grant(grant_id=f"g-{at}", amount=None if text == "x" else Decimal(text), currency="EUR" if at % 2 else "",
                conflicts_with="g-0" if at == 5 else "", regrant_of="g-1" if at % 3 == 2 else "")
        for at, text in enumerate(amounts)
    ]  # fmt: skip
    named = contradicted(rows)
    assert sum_totals([*totals(rows[:cut], named), *totals(rows[cut:], named)]) == totals(rows, named)


def test_totals_take_out_regrants_and_both_sides_of_a_contradiction() -> None:
    rows = [
        a_grant(grant_id="a", amount=Decimal(100), currency="EUR"),
        a_grant(grant_id="b", amount=Decimal("0.5"), currency="EUR", regrant_of="a"),
        a_grant(grant_id="c", amount=Decimal(7), currency="EUR"),
        a_grant(grant_id="d", amount=Decimal(8), currency="EUR", conflicts_with="c", approximate=True),
        a_grant(grant_id="e", amount=None, currency="EUR"),
    ]
    (total,) = totals(rows, contradicted(rows))
    assert (total.n_grants, total.gross, total.net) == (5, Decimal("100.5"), Decimal(100))
    assert (total.n_unknown, total.n_approximate, total.n_conflicting) == (1, 1, 2)


def test_rankings_share_places_and_leave_groups_out() -> None:
    def row(n: int, project: str, body: str, basis: str = "record") -> Participation:
        return a_participation(n, project_id=project, organization_id=body, role="funder", basis=basis, rule="")

    rows = [row(1, "p", "a"), row(2, "p", "a", "inferred"), row(3, "p", "b"), row(4, "p", "many"), row(5, "q", "c"),
            row(6, "q", "b")]  # fmt: skip
    bodies = [Organization(organization_id=one, name=one, kind="ngo") for one in "abc"]
    bodies.append(Organization(organization_id="many", name="各地学校", kind="group"))
    ranked = [r for r in rankings(degrees(rows), bodies) if r.role == "funder"]
    found = [(r.rank, r.tied, r.organization_id, r.projects, r.rows, r.stated_rows) for r in ranked]
    assert found == [(1, 1, "b", 2, 2, 2), (2, 2, "a", 1, 2, 1), (2, 2, "c", 1, 1, 1)]
