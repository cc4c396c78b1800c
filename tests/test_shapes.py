"""`shapes.breaks` says what pySHACL says, and is never silent where it could not validate."""

from __future__ import annotations

import sys
import tempfile
import time
from _thread import interrupt_main
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, Final

import pyshacl
import pytest
import rdflib
import shacl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.namespace import SH

from cega_graph import shapes
from cega_graph.check import check
from cega_graph.dataset import Dataset
from cega_graph.errors import FailedEngine, MissingExtra, UnwritableOutput
from cega_graph.knowledge_graph import KnowledgeGraph
from cega_graph.model import TABLES, Organization, Project, Row
from cega_graph.ordering import sort_rows
from cega_graph.rdf import iter_lines
from cega_graph.resources import root
from cega_graph.shapes import Break, breaks
from dataset_strategies import HOSTILE, tables
from factories import sound_tables, write_sound_dataset

EXAMPLES: Final = sorted((root("ontology") / "examples").glob("*/*.ttl"))
SHAPE: Final = "https://w3id.org/cega-graph/shapes#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
STRANGE: Final = (
    '"x"', '""', '"x"@en', '"-5"^^<{}decimal>', '"5.5"^^<{}decimal>', '"2020"^^<{}gYear>', '"2020-01-01"^^<{}date>',
    '"1"^^<{}nonNegativeInteger>', '"7"^^<{}integer>', '"a\\"b\\\\c\\u0000\u2028"',
)  # fmt: skip
"""Objects that few properties take. Ill-formed numbers and dates are not among them: pySHACL raises when it compares
them, or takes them for smaller, where SHACL says that what cannot be compared breaks the shape."""

Said = tuple[str, str, str | None, str, frozenset[str]]


class Held:
    """Rows of tables in the stored order."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self.sorted = {one.name: sort_rows(rows[one.name], one) for one in TABLES}

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table."""
        return iter(self.sorted[name])


def by_pyshacl(text: str) -> set[Said]:
    """Return what pySHACL says about a graph together with the vocabularies: node, shape, value, severity, messages."""
    data = rdflib.Graph().parse(data=text, format="nt")
    for name in shapes.VOCABULARIES:
        data.parse(root("ontology") / name)
    _, report, _ = pyshacl.validate(
        data, shacl_graph=rdflib.Graph().parse(root("ontology") / "shapes.ttl"), inplace=True
    )
    assert isinstance(report, rdflib.Graph)
    said = set()
    for result in report.objects(None, SH.result):
        focus, value = report.value(result, SH.focusNode), report.value(result, SH.value)
        messages = frozenset(map(str, report.objects(result, SH.resultMessage)))
        shape, severity = report.value(result, SH.sourceShape), report.value(result, SH.resultSeverity)
        other = None if value in {None, focus} else str(value)
        said.add((str(focus), str(shape), other, str(severity).removeprefix(str(SH)), messages))
    return said


def by_product(text: str) -> set[Said]:
    """Return the same from `breaks`."""
    found = breaks([text])
    assert not found.is_cut
    return {(one.focus, one.shape, one.value, one.severity, frozenset({one.zh, one.en})) for one in found.found}


def sound_lines() -> list[str]:
    """Return the lines of a small graph that breaks no shape."""
    return "".join(iter_lines(Held(sound_tables()))).splitlines(keepends=True)


SOUND: Final = sound_lines()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_example_breaks_what_pyshacl_says(path: Path) -> None:
    """Valid ones nothing, invalid ones the shape that their first line names; node, value and messages too."""
    text = rdflib.Graph().parse(path).serialize(format="nt")
    found = by_product(text)
    named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# breaks: ")
    assert {shape for _, shape, *_ in found} == ({named} if path.parent.name == "invalid" else set())
    assert by_pyshacl(text) == found


def test_the_casebook_breaks_what_pyshacl_says(bundled: KnowledgeGraph) -> None:
    """Nothing as it is; with every seventh line left out, the same as pySHACL, of many shapes."""
    lines = bundled.ntriples().splitlines(keepends=True)
    assert breaks(lines) == (frozenset(), False)
    damaged = "".join(line for at, line in enumerate(lines) if at % 7)
    found = by_product(damaged)
    assert len({shape for _, shape, *_ in found}) > 10
    assert by_pyshacl(damaged) == found


@st.composite
def damaged_graphs(draw: st.DrawFn) -> str:
    """Draw a small graph of which triples are gone, doubled, or have another subject, property or object."""
    parts = [line.removesuffix(" .\n").split(" ", 2) for line in SOUND]
    subjects, properties, objects = (sorted(set(column)) for column in zip(*parts, strict=True))
    anything = st.sampled_from([*objects, *(text.format(XSD) for text in STRANGE)])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(parts) - 1))
        subject, name, value = parts[at]
        match draw(st.sampled_from(["drop", "more", "subject", "property", "object"])):
            case "drop":
                parts.pop(at)
            case "more":
                parts.append([subject, name, draw(anything)])
            case "subject":
                parts[at] = [draw(st.sampled_from(subjects)), name, value]
            case "property":
                parts[at] = [subject, draw(st.sampled_from(properties)), value]
            case _:
                parts[at] = [subject, name, draw(anything)]
    return "".join(f"{' '.join(part)} .\n" for part in parts)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(damaged_graphs())
def test_a_damaged_graph_breaks_what_pyshacl_says(text: str) -> None:
    """Whatever is gone, doubled or changed."""
    try:
        expected = by_pyshacl(text)
    except TypeError as error:  # pySHACL compares two dates of different kinds by the order of Python
        assert "not supported between instances" in str(error)  # noqa: PT017
        breaks([text])
        return
    found = by_product(text)
    assert expected <= found
    assert {shape.removeprefix(SHAPE) for _, shape, *_ in found - expected} <= ORDERED


ORDERED = {
    "project-end-after-start", "participation-until-after-since", "membership-until-after-since", "start-bounds",
    "end-bounds", "since-bounds", "until-bounds", "date-bounds", "selector-order",
}  # fmt: skip
"""Shapes that say what comes first: pySHACL lets values pass that cannot be compared, which SHACL forbids."""


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(tables())
def test_hostile_rows_break_what_pyshacl_says(rows: dict[str, list[Row]]) -> None:
    """Quotes, NUL, U+2028, ids that no IRI takes: every line is read, and read alike."""
    text = "".join(iter_lines(Held(rows)))
    assert by_pyshacl(text) == by_product(text)


@pytest.mark.parametrize("text", [*(text for text in HOSTILE if ";" not in text), "长" * 1_000_000])
def test_a_hostile_text_is_shown_as_it_is(text: str) -> None:
    """A region that is none is the one finding, and its value what the cell holds."""
    rows = [*sound_tables()["organizations"], Organization(organization_id="o-9", name="某站", kind="ngo", region=text)]
    held = Held({**sound_tables(), "organizations": rows})
    (found,) = breaks(iter_lines(held)).found
    assert (f"{SHAPE}participant-region", text) == (found.shape, found.value)


def test_findings_are_in_order_of_table_and_row(tmp_path: Path) -> None:
    """Each once, with both messages, whatever order the validator finds them in."""
    untitled = [Project(project_id=f"tiny-{n}", number="3", region="x", source_id="tiny") for n in (9, 7, 8)]
    folder = write_sound_dataset(tmp_path, projects=[*sound_tables()["projects"], *untitled])
    findings = check(Dataset([folder]))
    assert [(f.rule, f.table, f.row) for f in findings] == [
        ("shape", "project", f"tiny-{n}") for n in (7, 8, 9) for _ in range(2)
    ]
    assert [f.message() for f in findings[:2]] == [
        "project tiny-7: A case has no title; add it if the source gives one.",
        "project tiny-7: A region must be a code of GB/T 2260 or ISO 3166-2; join several by semicolons. (x)",
    ]
    assert all("\u4e00" <= f.message("zh")[len("project tiny-7: ")] <= "\u9fff" for f in findings)


def broken_bodies(n: int) -> Iterable[str]:
    """Yield bodies without label and kind, each of which breaks two shapes."""
    base = "https://w3id.org/cega-graph"
    types = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    return (f"<{base}/id/organization/o-{at}> <{types}> <{base}/ontology#Organization> .\n" for at in range(n))


def test_a_hopeless_graph_is_not_listed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validation stops at a number, the same results each time, and says so; one less is listed whole."""
    assert len(breaks(broken_bodies(3), 6).found) == 6
    assert not breaks(broken_bodies(3), 6).is_cut
    first, again = breaks(broken_bodies(40), 6), breaks(broken_bodies(40), 6)
    assert (6, True, again) == (len(first.found), first.is_cut, first)
    untitled = [Project(project_id=f"tiny-{n}", number="3", source_id="tiny") for n in range(7, 17)]
    folder = write_sound_dataset(tmp_path, projects=[*sound_tables()["projects"], *untitled])
    monkeypatch.setattr(shapes, "MOST", 4)
    findings = check(Dataset([folder]))
    assert [f.rule for f in findings] == [*["shape"] * 4, "more-shapes"]
    assert findings[-1].message() == (
        "more than 4 places of the graph break a shape; the rest was not looked at. Correct these, check again"
    )
    assert findings[-1].message("zh").startswith("不符合图的规则的地方超过 4 处")


class Fails:
    """Shapes whose validator fails."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def from_file(self, _: str) -> Fails:
        """Return shapes."""
        return self

    def validate_file(self, *_: Any, **__: Any) -> Any:
        """Fail."""
        raise self.error


class PanicException(BaseException):
    """What a panic in Rust is in Python."""


@pytest.mark.parametrize("error", [ValueError("parse error:\nline 1"), PanicException("parse error: line 1")])
def test_a_validator_that_fails_is_one_line(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """So the shapes are checked by it, and a data set never conforms because it broke off."""
    monkeypatch.setattr(shacl, "Shapes", Fails(error))
    with pytest.raises(FailedEngine, match=r"^shapes: the validator broke off: parse error: line 1; [^\n]*$"):
        breaks(SOUND)


class Waits(Fails):
    """Shapes whose validator hears Ctrl-C and goes on."""

    def __init__(self) -> None:
        self.end = Event()

    def validate_file(self, *_: Any, **__: Any) -> Any:
        """Wait until the test is over."""
        interrupt_main()
        self.end.wait(60)


def test_an_interrupt_is_heard_while_the_validator_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ctrl-C ends the program at once, not when all is validated, and leaves no file."""
    waits = Waits()
    monkeypatch.setattr(shacl, "Shapes", waits)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        breaks(SOUND)
    waits.end.set()
    assert time.monotonic() - start < 30
    assert list(tmp_path.iterdir()) == []


def test_lines_that_are_no_triples_are_not_passed_over() -> None:
    """The validator names the place."""
    with pytest.raises(FailedEngine, match=r"^shapes: the validator broke off: .*Parser error at line \d+"):
        breaks(["<x:s> <x:p> nonsense .\n"])


def test_without_a_wheel_pyshacl_validates(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says the same."""
    lines = [line for line in SOUND if "ontology#kind>" not in line]
    expected = breaks(lines)
    assert {one.shape for one in expected.found} == {f"{SHAPE}participant-kind"}
    monkeypatch.setitem(sys.modules, "shacl", None)
    assert expected == breaks(lines)
    assert breaks(lines, 2).is_cut
    monkeypatch.setitem(sys.modules, "pyshacl", None)
    with pytest.raises(MissingExtra, match=r"^shapes: no validator is installed; .*$"):
        breaks(lines)


def test_no_room_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The temporary file cannot be written; else it is gone afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    breaks(SOUND)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(
        UnwritableOutput,
        match=r"^shapes: the graph cannot be kept as a temporary file: [^\n]*; make room or set TMPDIR$",
    ):
        breaks(SOUND)


def test_a_literal_in_place_of_a_node_is_shown() -> None:
    """It has no table and no row."""
    (found,) = breaks(['<x:s> <http://www.w3.org/ns/prov#wasQuotedFrom> "a\\"b"@en .\n']).found
    assert found == Break(
        'a"b', f"{SHAPE}quoted-from-evidence", None, "Violation", "prov:wasQuotedFrom 指向的不是出处。",
        "What prov:wasQuotedFrom points to is no evidence.",
    )  # fmt: skip
