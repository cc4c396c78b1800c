"""Parts of a network chosen by columns are those that networkx gives, however the data are stored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cega_graph.dataset import Dataset
from cega_graph.errors import UnknownIdentifier
from cega_graph.excerpt import choose, read_links
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.model import Membership, Name, Organization, Participation, Project, Row, Source
from cega_graph.package import write_tables
from cega_graph.page.content import read_content
from plain_network import among, most_connected, neighbourhood, without_individuals
from test_answers_hold import run

BODIES: Final = [f"o-{n}" for n in range(1, 9)]
PROJECTS: Final = [f"{'a' if n % 2 else 't'}-{n}" for n in range(1, 7)]
"""Some ids come before those of bodies, some after them."""


@st.composite
def networks(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Draw bodies, some of them persons, that take part in projects in roles that rules infer from, or in none."""
    place: dict[str, Any] = {"source_id": "s-1", "locator": "row 1"}
    kinds = [draw(st.sampled_from(["ngo", "person", "foundation"])) for _ in BODIES]
    pairs = draw(st.lists(st.tuples(
        st.sampled_from(BODIES), st.sampled_from(PROJECTS), st.sampled_from(["submitter", "funder", "grantee"]),
        st.sampled_from(["record", "record", "prose"]),
    ), max_size=20))  # fmt: skip
    return {
        "sources": [Source(source_id="s-1", title="一")],
        "organizations": [
            Organization(organization_id=one, name=f"名{one}", kind=kind)
            for one, kind in zip(BODIES, kinds, strict=True)
        ],
        "names": [Name(organization_id=one, name=f"名{one}", language="zh", status="official") for one in BODIES],
        "projects": [Project(project_id=one, title=f"题{one}") for one in PROJECTS],
        "participations": [
            Participation(
                participation_id=f"p-{n}", organization_id=body, project_id=project, role=role, basis=basis, **place
            )
            for n, (body, project, role, basis) in enumerate(pairs)
        ],
        "memberships": [
            Membership(
                membership_id="m-1", organization_id="o-1", network_id="o-2", role="member", status="current", **place
            )
        ],
    }


@given(
    networks(), st.sampled_from(["", *BODIES, *PROJECTS]), st.integers(1, 5), st.none() | st.integers(1, 9),
    st.none() | st.lists(st.sampled_from([*BODIES, *PROJECTS]), min_size=1), st.booleans(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_part_is_the_one_that_networkx_gives(
    tables: dict[str, list[Row]],
    focus: str,
    steps: int,
    top: int | None,
    nodes: list[str] | None,
    individuals: bool,  # noqa: FBT001
) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_tables(Path(name), tables)
        kg = load(name)
        whole = network = kg.network() if individuals else without_individuals(kg.network())
        wanted = [*(nodes or ()), *([focus] if focus else [])]
        if any(one not in whole for one in wanted) or (nodes and focus and focus not in among(whole, nodes)):
            with pytest.raises(UnknownIdentifier):
                kg.shown(focus=focus, steps=steps, top=top, nodes=nodes, individuals=individuals)
            return
        network = among(network, nodes) if nodes else network
        network = neighbourhood(network, focus, steps=steps) if focus else network
        network = most_connected(network, top, focus=focus) if top else network
        shown = kg.shown(focus=focus, steps=steps, top=top, nodes=nodes, individuals=individuals)
        assert_alike(shown.network, network)
        assert (shown.excerpt is None) == (len(network) == len(whole))
        assert shown.excerpt is None or (shown.excerpt.total, shown.excerpt.focus) == (len(whole), focus)
        assert read_content(shown.rows, shown.network) == read_content(kg.dataset, shown.network)


def assert_alike(network: nx.MultiDiGraph[str], other: nx.MultiDiGraph[str]) -> None:
    """Same nodes, edges and attributes."""
    assert dict(network.nodes.items()) == dict(other.nodes.items())
    edges = [sorted(one.edges(keys=True, data=True), key=lambda edge: edge[2]) for one in (network, other)]
    assert edges[0] == edges[1]


def _stored_variously(folder: Path) -> Iterator[KnowledgeGraph]:
    """The casebook: built in bulk (CSV, Parquet), as it is, built, beside another data set, limited to a source."""
    assert run("build", "-o", str(folder / "built"))[0] == 0
    for form in ("csv", "parquet"):
        assert run("build", "--no-page", "--tables", form, "-o", str(folder / form))[0] == 0
        yield load(folder / form)
    yield load()
    yield load(folder / "built")
    bundled = load().dataset.folders[0]
    write_tables(folder / "other", {
        "sources": [Source(source_id="s-1", title="一")],
        "organizations": [Organization(organization_id="o-x", name="万科公益基金会", kind="foundation")],
        "names": [Name(organization_id="o-x", name="万科公益基金会", language="zh", status="official")],
        "projects": [Project(project_id="t-1", title="题")],
        "participations": [Participation(participation_id="p-x", organization_id="o-x", project_id="t-1", role="funder",
                                         basis="record", source_id="s-1", locator="row 1")],
    })  # fmt: skip
    both = load(folder / "other", bundled)
    yield both
    yield load(folder / "other", bundled, only=["cega-2024"])


def test_a_part_is_the_same_however_the_data_are_stored(tmp_path: Path) -> None:
    for kg in _stored_variously(tmp_path):
        focus = min(kg.organizations.loc[kg.organizations["name"] == "万科公益基金会", "organization_id"])
        shown = kg.shown(focus=focus, steps=2, top=30)
        expected = most_connected(neighbourhood(kg.network(), focus, steps=2), 30, focus=focus)
        assert 10 < len(expected) <= 30
        assert_alike(shown.network, expected)
        assert read_content(shown.rows, shown.network) == read_content(kg.dataset, shown.network)


def test_rows_of_what_is_not_shown_are_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred projects, one is shown: the rows of the others are never read, let alone kept."""
    place: dict[str, Any] = {"source_id": "s-1", "locator": "row 1"}
    write_tables(tmp_path / "data", {
        "sources": [Source(source_id="s-1", title="一")],
        "organizations": [Organization(organization_id=f"o-{n}", name="名", kind="ngo") for n in range(100)],
        "projects": [Project(project_id=f"t-{n}", title="题") for n in range(100)],
        "participations": [Participation(participation_id=f"p-{n}", organization_id=f"o-{n}", project_id=f"t-{n}",
                                         role="funder", basis="record", **place) for n in range(100)],
    })  # fmt: skip
    made: list[Row] = []
    stored = Dataset.stored_rows

    def watched(self: Dataset, *given: Any) -> Iterator[Any]:
        for row in stored(self, *given):
            made.append(row)
            yield row

    monkeypatch.setattr(Dataset, "stored_rows", watched)
    shown = load(tmp_path / "data").shown(focus="o-7", steps=1)
    assert sorted(shown.network) == ["o-7", "t-7"]
    assert {getattr(row, "project_id", "t-7") for row in made} == {"t-7"}
    assert len(list(shown.rows.rows("participations"))) == 1


def test_a_participation_of_nobody_is_counted(tmp_path: Path) -> None:
    """It makes no pair, and the map is not drawn before the check has said what is wrong."""
    write_tables(tmp_path, {
        "sources": [Source(source_id="s-1", title="一")],
        "organizations": [Organization(organization_id="o-1", name="名", kind="ngo")],
        "projects": [Project(project_id="t-1", title="题")],
        "participations": [Participation(participation_id="p-1", organization_id="o-9", project_id="t-1", role="funder",
                                         basis="record", source_id="s-1", locator="row 1")],
    })  # fmt: skip
    links = read_links(Dataset([tmp_path]))
    assert (links.n_loose, len(links.bodies), list(links.ids)) == (1, 0, ["o-1", "t-1"])
    assert choose(links, focus="o-1")[1].tolist() == [True, False]
    code, out, err = run("map", str(tmp_path), "--focus", "o-1", "-o", str(tmp_path / "map.html"))
    assert (code, out) == (1, "")
    assert "o-9" in err.splitlines()[0]
    assert not (tmp_path / "map.html").exists()


def test_a_broken_row_that_is_shown_stops_the_map(tmp_path: Path) -> None:
    write_tables(tmp_path, {
        "sources": [Source(source_id="s-1", title="一")],
        "organizations": [Organization(organization_id="o-1", name="名", kind="ngo")],
        "projects": [Project(project_id="t-1", start_date="gestern"), Project(project_id="t-2")],
        "participations": [Participation(participation_id="p-1", organization_id="o-1", project_id="t-1", role="funder",
                                         basis="record", source_id="s-1", locator="row 1")],
    })  # fmt: skip
    code, _, err = run("map", str(tmp_path), "--focus", "o-1", "-o", str(tmp_path / "map.html"))
    assert code == 1
    assert "gestern" in err
    code, out, err = run("map", str(tmp_path), "--focus", "t-2", "-o", str(tmp_path / "map.html"))
    assert (code, out.strip(), err) == (0, str(tmp_path / "map.html"), "")
