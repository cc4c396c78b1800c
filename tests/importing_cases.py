"""Small grant files that can be checked by eye, and what an import makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

from cega_graph.importing import Options, Outcome, import_files
from cega_graph.model import TABLES, Row
from cega_graph.names.ledger import Ledger
from cega_graph.tabular import read_rows
from missing import left_out

_R = TypeVar("_R", bound=Row)

REALDATA: Final = Path(__file__).resolve().parents[2] / "shared" / "realdata"


def real(name: str) -> Path:
    """Return a real file; without it the test is left out, or fails under CI."""
    path = REALDATA / name
    if not path.is_file():
        left_out(f"the real file is not at {path}")
    return path


def a_grant(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return a 360Giving grant; `fields` replace its own, and those that are None are left out."""
    grant: dict[str, Any] = {
        "id": f"360G-tide-{number}", "title": f"Grant {number}", "description": "For the tidal flats",
        "currency": "GBP", "amountAwarded": 1000 * number, "awardDate": "2023-04-05",
        "fundingOrganization": [{"id": "GB-CHC-1111111", "name": "Tide Trust"}],
        "recipientOrganization": [{"id": "GB-CHC-2222222", "name": "Mudflat Friends"}],
    }  # fmt: skip
    return {key: value for key, value in (grant | fields).items() if value is not None}


def package(folder: Path, *grants: object, name: str = "grants.json", **about: object) -> Path:
    """Write a 360Giving package and return its path."""
    path = folder / name
    path.write_text(json.dumps({**about, "grants": list(grants)}, ensure_ascii=False), encoding="utf-8")
    return path


def table_file(folder: Path, *lines: str, name: str = "grants.csv", encoding: str = "utf-8") -> Path:
    """Write lines of a table and return the file's path."""
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def activities(folder: Path, *xml: str, root: str = '<iati-activities version="2.03">', name: str = "act.xml") -> Path:
    """Write IATI activities and return the file's path."""
    path = folder / name
    path.write_text(f"<?xml version='1.0'?>\n{root}\n{''.join(xml)}\n</iati-activities>\n", encoding="utf-8")
    return path


def imported(folder: Path, *paths: Path, into: Path | None = None, **options: Any) -> tuple[Path, Outcome]:
    """Import files into a new data set, or into one, without a ledger."""
    target = into or folder / "data"
    outcome = import_files(paths, target, Ledger(), Options(into=into is not None, **options))
    return target, outcome


def rows(data: Path, row: type[_R]) -> list[_R]:
    """Return the rows of a table of a data set."""
    name = next(t.name for t in TABLES if t.row is row)
    return list(read_rows(data / "tables" / f"{name}.csv", row))


def counts(outcome: Outcome) -> dict[str, tuple[int, int, int]]:
    """Return source → rows read, used and set aside."""
    return {source: (c.read, c.used, c.aside) for source, c in outcome.tally.counts.items()}


def remarked(outcome: Outcome) -> dict[str, int]:
    """Return code → how many remarks, over all sources."""
    found: dict[str, int] = {}
    for (_, code), n in outcome.tally.remarks.items():
        found[code] = found.get(code, 0) + n
    return found


def flows(data: Path) -> list[tuple[str, str, str, str]]:
    """Return (giver, taker, type, amount with currency) of every sum whose giver and taker are stated, sorted."""
    from cega_graph.model import Grant, Organization, Participation

    names = {o.organization_id: o.name for o in rows(data, Organization)}
    sides: dict[tuple[str, str], list[str]] = {}
    for one in rows(data, Participation):
        if one.grant_id:
            sides.setdefault((one.grant_id, one.role), []).append(names[one.organization_id])
    return sorted(
        (giver, taker, grant.type, f"{grant.amount} {grant.currency}")
        for grant in rows(data, Grant)
        for giver in sides.get((grant.grant_id, "funder"), ())
        for taker in sides.get((grant.grant_id, "grantee"), ())
    )


def files(folder: Path, names: Iterable[str] = ()) -> dict[str, bytes]:
    """Return path → content of all files below a folder."""
    found = {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    return {name: found[name] for name in names} if names else found
