"""Writers at 100,000 grants, beside a plain dump of the same rows."""

from __future__ import annotations

import csv
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from cega_graph.dataset import Dataset
from cega_graph.exporting import FORMATS, export
from cega_graph.model import Grant, Organization, Participation, Project, Row, Source
from cega_graph.package import write_tables

GRANTS: Final = 100_000


def grant_file(n: int) -> dict[str, list[Row]]:
    """Return the rows of an invented grant file: a project, a sum, a funder and a grantee a grant; seeded."""
    drawn = random.Random(n)  # noqa: S311 - rows to measure, not a secret
    n_bodies = max(2, n // 10)
    rows: dict[str, list[Row]] = {
        "sources": [Source(source_id="g", title="Grants", publisher="Grants Network", year=2024, language="zh")],
        "organizations": [
            Organization(organization_id=f"o-{i:010x}", name=f"第{i}环境保护中心", name_en=f"Centre {i}", kind="ngo")
            for i in range(n_bodies)
        ],
        "projects": [], "participations": [], "grants": [],
    }  # fmt: skip
    for i in range(n):
        key, place = f"{i:08d}", f"row={i}"
        date = f"{2010 + i % 14}-{1 + i % 12:02d}-{1 + i % 28:02d}"
        rows["projects"].append(
            Project(project_id=f"g-{key}", identifier=f"360G-x-{key}", title=f"湿地保护项目{i}", status="ongoing",
                    description="A restricted grant towards the protection of wetlands & their birds.",
                    start_date=date, source_id="g", locator=place)
        )  # fmt: skip
        rows["grants"].append(
            Grant(grant_id=f"g-{key}", project_id=f"g-{key}", identifier=f"360G-x-{key}",
                  amount=Decimal(drawn.randrange(10**8)) / 100, currency="CNY", date=date, source_id="g", locator=place)
        )  # fmt: skip
        for role, who in (("funder", int(drawn.paretovariate(1.2))), ("grantee", drawn.randrange(n_bodies))):
            rows["participations"].append(
                Participation(participation_id=f"p-{key}-{role}", project_id=f"g-{key}", grant_id=f"g-{key}", role=role,
                              organization_id=f"o-{who % n_bodies:010x}", basis="record", source_id="g", locator=place)
            )  # fmt: skip
    return rows


def _make(folder: Path) -> None:
    write_tables(folder, grant_file(GRANTS))


def _timed(turn: Callable[[Dataset, Path], object]) -> tuple[int, float]:
    """Return the grants and the seconds of reading a data set and writing it; making it is not counted."""
    with tempfile.TemporaryDirectory() as name:
        maker = get_context("spawn").Process(target=_make, args=(Path(name) / "data",))
        maker.start()  # in a process of its own, so that its memory does not count
        maker.join()
        start = time.perf_counter()
        turn(Dataset([Path(name) / "data"]), Path(name) / "out")
        return GRANTS, time.perf_counter() - start


def exporter(form: str) -> Callable[[], tuple[int, float]]:
    """Return the step of a format: tables on disk → the file."""
    return lambda: _timed(lambda dataset, path: export(dataset, form, path))


def _awards(dataset: Dataset) -> Iterator[dict[str, object]]:
    """The same facts, joined by dictionaries that hold everything, nothing checked."""
    names = {row.organization_id: row.name for row in dataset.rows("organizations")}
    projects = {row.project_id: row for row in dataset.rows("projects")}
    sides: dict[tuple[str, str], list[str]] = {}
    for row in dataset.rows("participations"):
        sides.setdefault((row.grant_id, row.role), []).append(names[row.organization_id])
    for row in dataset.rows("grants"):
        project = projects[row.project_id]
        yield {
            "id": row.identifier, "title": project.title, "description": project.description,
            "amountAwarded": float(row.amount), "currency": row.currency, "awardDate": row.date,
            "fundingOrganization": sides[row.grant_id, "funder"],
            "recipientOrganization": sides[row.grant_id, "grantee"],
        }  # fmt: skip


def plain_json() -> tuple[int, float]:
    """The naive way: everything in memory, `json.dump`."""

    def dump(dataset: Dataset, path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            json.dump({"grants": list(_awards(dataset))}, file, ensure_ascii=False)

    return _timed(dump)


def plain_csv() -> tuple[int, float]:
    """The limit for tables: the files read and written again by Python's csv module, nothing parsed."""

    def copy(dataset: Dataset, folder: Path) -> None:
        folder.mkdir()
        for source in sorted(dataset.folders[0].glob("tables/*.csv")):
            with (
                source.open(encoding="utf-8", newline="") as rows,
                (folder / source.name).open("w", encoding="utf-8", newline="") as file,
            ):
                csv.writer(file).writerows(csv.reader(rows))

    return _timed(copy)


EXPORTS: Final[dict[str, tuple[Callable[[], tuple[int, float]], str]]] = {
    **{f"export to {form}": (exporter(form), "grants") for form in FORMATS},
    "… naive: joined in memory, json.dump": (plain_json, "grants"),
    "… limit: the tables copied by the csv module": (plain_csv, "grants"),
}
