"""Write `curated/` of a data set from the sheets in `reading/` that its readers keep.

The sheets name bodies by their full names; this mints ids and adds what the ledger knows. It reads
the data set's `tables/`, so run `cega-graph extract` first. `--check` writes nothing and exits 1 if
`curated/` is not what the sheets give.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec

from cega_graph.identifiers import mint_organization_id, mint_project_id, mint_statement_id
from cega_graph.model import (
    TABLES,
    Decision,
    Evidence,
    Grant,
    Membership,
    Name,
    Organization,
    Participation,
    Project,
    Row,
    Source,
    table,
)  # fmt: skip
from cega_graph.names.forms import infer_kind, region_of
from cega_graph.names.ledger import KnownOrganization, Ledger, read_ledger
from cega_graph.names.normalize import has_han, normalize
from cega_graph.names.resolve import confined, ledger_names
from cega_graph.ordering import sort_rows
from cega_graph.package import CURATED_FOLDER, TABLES_FOLDER, write_tables
from cega_graph.resources import root
from cega_graph.sources.casebook import with_participation_id
from cega_graph.tabular import format_rows, read_rows

Sheet = list[dict[str, str]]


def read_sheet(folder: Path, name: str) -> Sheet:
    """Return the rows of a reader's sheet."""
    with (folder / "reading" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Bodies:
    """Full names → organisations: those of `tables/`, and those that only readers found."""

    def __init__(self, folder: Path, ledger: Ledger) -> None:
        self.ledger = ledger
        self.sheet = {normalize(r["name"]): r for r in read_sheet(folder, "organizations")}
        rows = read_rows(folder / TABLES_FOLDER / "organizations.csv", Organization)
        self.extracted = {row.organization_id: row for row in rows}
        self.found: dict[str, Organization] = {}

    def id_of(self, name: str, scope: str = "") -> str:
        """Return the id of a body, which is noted as found; its parents too."""
        body = self._describe(name, scope)
        if body.organization_id not in self.found:
            self.found[body.organization_id] = body
        return body.organization_id

    def _known(self, name: str) -> KnownOrganization | None:
        said = self.sheet.get(normalize(name))
        if said is not None:
            return KnownOrganization(**said)
        return self.ledger.official(name)

    def _describe(self, name: str, scope: str = "") -> Organization:
        known = self._known(name)
        full = known.name if known else name
        kind = (known.kind if known else "") or infer_kind(normalize(full))[0]
        region = known.region if known and known.region else region_of(normalize(full))
        parent = self.id_of(known.parent) if known and known.parent else ""
        return Organization(
            organization_id=mint_organization_id(confined(normalize(full), scope)), name=full,
            name_en=known.name_en if known else "",
            kind=kind, level=known.level if known else "", region=region if kind != "person" else "", parent_id=parent,
        )  # fmt: skip

    def rows(self) -> Iterator[Organization]:
        """Yield what `tables/` lacks: other bodies, and more about its own."""
        for row in list(self.extracted.values()):
            known = self._known(row.name)
            if known is not None and (known.parent or normalize(row.name) in self.sheet):
                body = msgspec.structs.replace(self._describe(row.name), organization_id=row.organization_id)
                self.found.setdefault(row.organization_id, body)
        for organization_id, body in self.found.items():
            if body != self.extracted.get(organization_id):
                yield body


def evidence(row: dict[str, str], source_id: str) -> dict[str, object]:
    """Return the evidence block of a sheet's row."""
    return {
        "source_id": source_id, "section": row.get("section", ""), "label": row.get("label", ""),
        "mention": row["mention"], "text_start": int(row["text_start"]), "text_end": int(row["text_end"]),
    }  # fmt: skip


def participations(sheet: Sheet, source_id: str, bodies: Bodies, grants: dict[str, str]) -> Iterator[Participation]:
    """Yield the prose participations."""
    said: Counter[tuple[str, ...]] = Counter()
    for row in sheet:
        project_id = mint_project_id(source_id, row["case"])
        plain = Participation(
            participation_id="", project_id=project_id,
            grant_id=grants.get(row["grant"], ""),
            organization_id=bodies.id_of(row["name"], project_id), role=row["role"], basis="prose",
            qualifier=row["qualifier"], activity=row["activity"], since=row["since"], until=row["until"],
            **evidence(row, source_id),  # type: ignore[arg-type]
        )  # fmt: skip
        yield with_participation_id(plain, said)


def grant_rows(sheet: Sheet, source_id: str) -> dict[str, Grant]:
    """Return key of the sheet → grant."""
    rows = {}
    for row in sheet:
        project_id = mint_project_id(source_id, row["case"])
        says = [project_id, row["type"], row["amount"], row["currency"], row["recipients"], row["mention"]]
        rows[row["grant"]] = Grant(
            grant_id=mint_statement_id("g", says, 0), project_id=project_id, type=row["type"],
            amount=Decimal(row["amount"]), currency=row["currency"], funding_type=row["funding_type"],
            recipients=int(row["recipients"]),
            approximate=row["approximate"] == "true", **evidence(row, source_id),  # type: ignore[arg-type]
        )  # fmt: skip
    return rows


def memberships(sheet: Sheet, source_id: str, bodies: Bodies) -> Iterator[Membership]:
    """Yield who belongs to the alliance."""
    for row in sheet:
        member, network = bodies.id_of(row["name"]), bodies.id_of(row["network"])
        affiliation = bodies.id_of(row["affiliation"]) if row["affiliation"] else ""
        says = [member, network, row["role"], row["status"], affiliation, row["since"], row["until"]]
        yield Membership(
            membership_id=mint_statement_id("m", says, 0), organization_id=member, network_id=network, role=row["role"],
            status=row["status"], affiliation_id=affiliation, since=row["since"], until=row["until"],
            **evidence(row, source_id),  # type: ignore[arg-type]
        )  # fmt: skip


def projects(sheet: Sheet, source_id: str) -> Iterator[Project]:
    """Yield what readers add to the projects of `tables/`."""
    for row in sheet:
        yield Project(
            project_id=mint_project_id(source_id, row["case"]), title_en=row["title_en"], region=row["region"],
            place=row["place"], programme=row["programme"], status=row["status"],
        )  # fmt: skip


def names(folder: Path, sheet: Sheet, stated: list[Evidence], bodies: Bodies, source_id: str) -> Iterator[Name]:
    """Yield the printed forms that `tables/` lacks, and what the ledger knows of the bodies that only readers found."""
    seen: dict[str, set[str]] = {}
    for extracted in read_rows(folder / TABLES_FOLDER / "names.csv", Name):
        seen.setdefault(extracted.organization_id, set()).add(extracted.name)
    for row in sheet:
        organization_id = bodies.id_of(row["name"])
        if row["mention"] not in seen.setdefault(organization_id, set()):
            seen[organization_id].add(row["mention"])
            yield Name(
                organization_id=organization_id, name=row["mention"],
                language="zh" if has_han(row["mention"]) else "en",
                status=row["status"], **evidence(row, source_id),  # type: ignore[arg-type]
            )  # fmt: skip
    for place in sorted(stated, key=lambda r: r.text_start or 0):
        body = bodies.found[place.organization_id]  # type: ignore[attr-defined]
        if normalize(place.mention) == normalize(body.name) and place.mention not in seen.setdefault(
            body.organization_id, set()
        ):
            seen[body.organization_id].add(place.mention)
            block = {field: getattr(place, field) for field in Evidence.__struct_fields__}
            yield Name(organization_id=body.organization_id, name=place.mention, status="official", **block)
    for body in bodies.found.values():
        if body.organization_id not in bodies.extracted or normalize(body.name) in bodies.sheet:
            yield from ledger_names(body, bodies.ledger, seen.setdefault(body.organization_id, set()))


def decisions(folder: Path, bodies: Bodies) -> Iterator[Decision]:
    """Yield the ledger's decisions between bodies of the data set that `tables/` lacks."""
    have = {(d.name_a, d.name_b, d.source_id) for d in read_rows(folder / TABLES_FOLDER / "decisions.csv", Decision)}
    present = {bodies.ledger.body(o.name) for o in (*bodies.extracted.values(), *bodies.found.values())}
    for decision in bodies.ledger.decisions:
        ends = {bodies.ledger.body(decision.name_a), bodies.ledger.body(decision.name_b)}
        if ends <= present and (decision.name_a, decision.name_b, decision.source_id) not in have:
            yield decision


def curated(folder: Path) -> dict[str, list[Row]]:
    """Return the tables of `curated/` that the sheets give."""
    ledger = read_ledger(root("data"))
    bodies = Bodies(folder, ledger)
    sources = [Source(**{**r, "year": int(r["year"])}) for r in read_sheet(folder, "sources")]  # type: ignore[arg-type]
    source_id = sources[0].source_id
    grants = grant_rows(read_sheet(folder, "grants"), source_id)
    grant_ids = {key: grant.grant_id for key, grant in grants.items()}
    stated = list(participations(read_sheet(folder, "participations"), source_id, bodies, grant_ids))
    members = list(memberships(read_sheet(folder, "memberships"), source_id, bodies))
    for row in read_sheet(folder, "names"):
        bodies.id_of(row["name"])
    organizations = list(bodies.rows())
    listed = list(names(folder, read_sheet(folder, "names"), [*stated, *members], bodies, source_id))
    found: dict[str, list[Row]] = {
        "sources": [*sources],
        "organizations": [*organizations],
        "names": [*listed],
        "projects": [*projects(read_sheet(folder, "projects"), source_id)],
        "participations": [*stated],
        "grants": [*grants.values()],
        "memberships": [*members],
        "decisions": [*decisions(folder, bodies)],
    }
    return found


def main() -> None:
    """Write, or compare with what lies there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    tables = curated(asked.folder)
    if not asked.check:
        write_tables(asked.folder, tables, subfolder=CURATED_FOLDER)
        return
    for declared in TABLES:
        if declared.name not in tables:
            continue
        path = asked.folder / CURATED_FOLDER / f"{declared.name}.csv"
        expected = format_rows(sort_rows(tables[declared.name], table(declared.name)), declared.row)
        if not path.exists() or path.read_text(encoding="utf-8") != expected:
            print(f"{path}: is not what reading/ gives; run `make curate SOURCE=book.txt`")
            sys.exit(1)


if __name__ == "__main__":
    main()
