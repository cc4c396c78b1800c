"""What must hold of any import: rows add up, order does not matter, money is conserved."""

from __future__ import annotations

import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cega_graph import spilling
from cega_graph.model import Grant, Organization, Participation, Project
from cega_graph.sources.tally import as_text
from cega_graph.sources.values import read_amount, read_date
from cega_graph.spilling import Spill
from importing_cases import counts, imported, package, rows

NAMES = st.sampled_from(
    ["Tide Trust", "tide trust", "Reed Club", "滩涂基金会", "民政局", "=cmd()", "a\x00b", "<script>", ""]
)
IDS = st.sampled_from(["GB-CHC-1", "GB-CHC-2", "360G-x-1", "", None, 7])
SIDE = st.lists(st.fixed_dictionaries({"name": NAMES, "id": IDS}), max_size=2)
ANYTHING = st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=3), st.lists(st.integers(), max_size=2))
GRANT = st.fixed_dictionaries(
    {"id": st.sampled_from(["g-1", "g-2", "", "g 3"]), "fundingOrganization": SIDE, "recipientOrganization": SIDE,
     "amountAwarded": st.one_of(st.integers(-10, 10**9), st.sampled_from(["1,000", "tbc", None, "£5"])),
     "currency": st.sampled_from(["GBP", "GPB", "", None, "usd"]),
     "awardDate": st.sampled_from(["2020-02-30", "2021-01-01", "1/2/2020", None, "soon"])},
    optional={"title": ANYTHING, "plannedDates": ANYTHING, "beneficiaryLocation": ANYTHING, "regrantType": ANYTHING,
              "recipientIndividual": ANYTHING, "relatedActivity": ANYTHING, "classifications": ANYTHING},
)  # fmt: skip
ROWS = st.lists(st.one_of(GRANT, st.just("no object"), st.just({})), min_size=1, max_size=5)


def shape(data: Path) -> tuple[Any, ...]:
    """Return what a data set says, without the places that say it."""
    return (
        sorted((o.organization_id, o.kind) for o in rows(data, Organization)),
        sorted(p.participation_id for p in rows(data, Participation)),
        sorted((g.grant_id, str(g.amount), g.currency, g.date) for g in rows(data, Grant)),
        sorted(p.project_id for p in rows(data, Project)),
    )


@given(ROWS)
def test_rows_read_are_used_or_set_aside(grants: list[Any]) -> None:
    """Whatever a package holds, each row is one or the other, and the data set conforms."""
    from cega_graph.check import check
    from cega_graph.dataset import Dataset

    with tempfile.TemporaryDirectory() as folder:
        data, outcome = imported(Path(folder), package(Path(folder), *grants))
        read, used, aside = counts(outcome)["grants"]
        assert (read, used + aside) == (len(grants), len(grants))
        assert check(Dataset([data]), shapes=False) == []


@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    """Same bodies, participations, sums and projects, whatever row comes first."""
    grants = [
        {"id": f"g-{n}", "fundingOrganization": [{"name": "Tide Trust"}], "amountAwarded": n, "currency": "GBP",
         "recipientOrganization": [{"name": name, **({"id": i} if i else {})}]}
        for n, (name, i) in enumerate([("Reed Club", ""), ("Reed Club", "GB-CHC-5"), ("Sedge", ""), ("reed club", "")])
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a").mkdir()
        one, _ = imported(Path(folder), package(Path(folder), *grants))
        other, _ = imported(Path(folder) / "a", package(Path(folder) / "a", *(grants[n] for n in order)))
        assert shape(one) == shape(other)


@given(st.decimals(min_value=0, max_value=10**12, places=2, allow_nan=False))
def test_an_amount_is_read_back_in_each_of_its_spellings(value: Decimal) -> None:
    for text in (str(value), f"£{value:,}", f"$ {value:,f}", f"{value} GBP", f"({value:,})"):
        amount = read_amount(text)[0]
        assert amount is not None
        assert abs(amount) == value


@given(st.dates())
def test_a_date_is_read_back_in_each_of_its_spellings(day: Any) -> None:
    iso, year = day.isoformat(), f"{day.year:04d}"
    named = f"{day.day} {day.strftime('%B')} {year}"
    for text in (iso, f"{iso}T00:00:00Z", f"{iso} 00:00", f"{day.day}/{day.month}/{year}", named):
        assert read_date(text)[0] == day.isoformat()


class _Pair(msgspec.Struct, frozen=True, array_like=True, order=True):
    first: str
    second: int


@given(st.lists(st.tuples(st.text(), st.integers(-(2**62), 2**62))), st.integers(1, 7), st.integers(1, 3))
def test_spilled_rows_come_back_sorted(pairs: list[tuple[str, int]], run: int, block: int) -> None:
    """Whatever the sizes of runs and of the blocks that are read back."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spilling, "_BLOCK", block)
        spill, texts = Spill(_Pair, Path(folder), "x", run=run), Spill(str, Path(folder), "y")
        for number, (first, second) in enumerate(pairs):
            spill.add(_Pair(first, second))
            texts.hold(first)
            if number % run == 0:
                texts.write()
        assert [(p.first, p.second) for p in spill] == sorted(pairs)
        assert list(texts) == sorted(first for first, _ in pairs)


@given(st.lists(st.text(), min_size=1).map(tuple))
def test_a_row_set_aside_can_be_read_back(cells: tuple[str, ...]) -> None:
    import csv
    import io

    assert as_text(json.dumps(cells).encode()) == json.dumps(cells)
    if not any("\r" in cell or "\n" in cell or "\0" in cell for cell in cells) and cells != ("",):
        assert tuple(next(csv.reader(io.StringIO(as_text(cells))))) == cells
