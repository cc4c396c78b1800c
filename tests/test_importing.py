"""Grant files into a data set: identity across files, counts that add up, hostile files, atomic writing."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from cega_graph import importing
from cega_graph.check import check
from cega_graph.cli import main
from cega_graph.dataset import Dataset
from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.importing import import_files
from cega_graph.knowledge_graph import load
from cega_graph.model import Grant, Name, Organization, Participation, Project, Source
from cega_graph.names.ledger import Ledger
from cega_graph.sources import files as source_files
from cega_graph.sources import recognise
from cega_graph.sources.files import File
from cega_graph.sources.records import Items, Money, Party, Record, Total
from factories import a_decision
from importing_cases import a_grant, activities, counts, files, flows, imported, package, remarked, rows, table_file

HEAD = "Identifier,Title,Currency,Amount Awarded,Award Date,Funding Org:Name,Recipient Org:Name"


def to(number: int, name: str, identifier: str = "", **fields: object) -> dict[str, object]:
    """Return a grant to a recipient."""
    recipient = {"name": name, **({"id": identifier} if identifier else {})}
    return a_grant(number, recipientOrganization=[recipient], **fields)


def bodies(data: Path) -> dict[str, str]:
    """Return organisation id → name, the funder of all grants aside."""
    return {o.organization_id: o.name for o in rows(data, Organization) if o.name != "Tide Trust"}


def test_an_identifier_decides(tmp_path: Path) -> None:
    """Its names are one body, called as it is most often; a name without it joins where it is the usual one."""
    data, outcome = imported(
        tmp_path,
        package(tmp_path, to(1, "Reed Club", "GB-CHC-5"), to(2, "Reed Club", "gb-chc-5 "), to(3, "Sedge", "GB-CHC-5"),
                to(4, "reed club"), to(5, "Sedge")),
    )  # fmt: skip
    assert sorted(bodies(data).values()) == ["Reed Club", "Sedge"]
    assert bodies(data)["GB-CHC-5"] == "Reed Club"
    found = remarked(outcome)
    codes = ("identifier-names", "identifier-case", "joined-by-name", "name-of-several")
    assert {code: found[code] for code in codes} == dict.fromkeys(codes, 1)
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert "GB-CHC-5,Reed Club (2); Sedge (1)" in report


def test_one_name_with_two_identifiers_is_two_bodies(tmp_path: Path) -> None:
    data, outcome = imported(
        tmp_path, package(tmp_path, to(1, "Reed Club", "GB-CHC-5"), to(2, "Reed Club", "GB-CHC-6"), to(3, "Reed Club"))
    )
    assert len(bodies(data)) == 3
    assert (remarked(outcome)["name-identifiers"], remarked(outcome)["name-of-several"]) == (1, 1)


def test_the_ledger_decides_about_names(tmp_path: Path) -> None:
    path = package(tmp_path, to(1, "红树林基金会"), to(2, "MCF"))
    ledger = Ledger([a_decision("红树林基金会", "MCF")])
    import_files([path], tmp_path / "data", ledger)
    assert list(bodies(tmp_path / "data").values()) == ["红树林基金会"]


def test_an_office_without_its_place_is_each_projects_own(tmp_path: Path) -> None:
    data, _ = imported(
        tmp_path, package(tmp_path, to(1, "民政局"), to(2, "民政局"), to(3, "晋江市民政局"), to(4, "晋江市民政局"))
    )
    assert sorted(bodies(data).values()) == ["晋江市民政局", "民政局", "民政局"]


def test_a_wrong_credit_code_is_no_identifier(tmp_path: Path) -> None:
    data, outcome = imported(
        tmp_path, package(tmp_path, to(1, "甲公司", "91350100M000100Y43"), to(2, "乙公司", "91350100M000100Y44"))
    )
    assert bodies(data)["CN-USCI-91350100M000100Y43"] == "甲公司"
    assert remarked(outcome)["bad-identifier"] == 1
    assert check(Dataset([data])) == []


def test_a_body_in_two_files_is_one_body_with_two_sources(tmp_path: Path) -> None:
    """Into a data set: ids stay, also where the new file knows the register identifier; the sum is not doubled."""
    data, _ = imported(tmp_path, package(tmp_path, to(1, "Reed Club"), to(2, "Kelp Group", "GB-CHC-7"), name="a.json"))
    before = bodies(data)
    second = package(tmp_path, to(1, "Reed Club"), to(3, "REED CLUB", "GB-CHC-5"), to(4, "Kelp Group"), name="b.json")
    _, outcome = imported(tmp_path, second, into=data)
    assert bodies(data) == before
    assert counts(outcome) == {"b": (3, 3, 0)}
    reed = next(key for key, name in before.items() if name == "Reed Club")
    assert {(n.name, n.source_id) for n in rows(data, Name) if n.organization_id == reed} == {
        ("Reed Club", "a"), ("REED CLUB", "b"), ("Reed Club", "b"),
    }  # fmt: skip
    assert [s.source_id for s in rows(data, Source)] == ["a", "b"]
    assert sorted(g.identifier for g in rows(data, Grant)) == [f"360G-tide-{n}" for n in (1, 2, 3, 4)]
    assert len([p for p in rows(data, Participation) if p.project_id == "360G-tide-1"]) == 4
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert "a,read,2" in report
    assert "b,read,3" in report
    assert check(Dataset([data])) == []
    again, outcome = imported(tmp_path, second, into=data)
    assert outcome.passed_over == ("b.json",)
    assert len(rows(again, Grant)) == 4


def test_a_sum_that_a_later_file_states_otherwise_is_in_conflict(tmp_path: Path) -> None:
    data, _ = imported(tmp_path, package(tmp_path, to(1, "Reed Club"), name="a.json"))
    _, outcome = imported(tmp_path, package(tmp_path, to(1, "Reed Club", amountAwarded=5), name="b.json"), into=data)
    old, new = sorted(rows(data, Grant), key=lambda g: g.source_id)
    assert (old.conflicts_with, new.conflicts_with) == ("", old.grant_id)
    assert remarked(outcome)["contradiction"] == 1
    totals = load(data).ask("CQ17")
    assert totals["gross"].tolist() == [0]


def test_what_one_identifier_states_otherwise_is_kept(tmp_path: Path) -> None:
    """The first stands, its empty columns are filled, the later values are in extra and in the report."""
    one = to(
        1, "Reed Club", ours="a", tags=["x"], plannedDates=[{"startDate": "2020-05", "duration": 3}], description=""
    )
    two = to(
        1, "Sedge", ours="b", theirs="c", tags=["x", "y"], title="Second", description="Later",
        plannedDates=[{"startDate": "2021", "endDate": "2019", "duration": 3}], grantProgramme=[{"title": "PB"}],
    )  # fmt: skip
    data, outcome = imported(tmp_path, package(tmp_path, one, two))
    (project,) = rows(data, Project)
    assert (project.title, project.start_date, project.end_date) == ("Grant 1", "2020-05", "")
    assert (project.description, project.programme, project.locator) == ("Later", "PB", "/grants/0")
    extra = json.loads(project.extra)
    assert (extra["ours"], extra["theirs"], extra["tags"]) == ("a", "c", ["x", "y"])
    assert extra["also"] == [
        {"source_id": "grants", "locator": "/grants/1", "title": "Second", "start_date": "2021", "extra": {"ours": "b"}}
    ]
    assert extra["unread"] == {"endDate": "2019"}
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    for said in ("title: Grant 1 / Second", "start_date: 2020-05 / 2021", "ours: a / b", "grantee: Reed Club / Sedge"):
        assert f"/grants/1,360G-tide-1,{said}" in report, said
    assert remarked(outcome)["contradicting-fields"] == 3


@pytest.mark.parametrize("adds", [False, True])
def test_a_later_file_states_a_grant_otherwise(tmp_path: Path, *, adds: bool) -> None:
    """Read together or one after the other, the later values are kept and told; the sum that is the same is one."""
    first = package(tmp_path, to(1, "Reed Club", fundingType=[{"title": "Project"}]), name="a.json")
    core, end = [{"title": "Core"}], [{"endDate": "2024"}]
    later = to(1, "Reed Club", title="River", fundingType=core, plannedDates=end)
    second = package(tmp_path, later, name="b.json")
    if adds:
        data, _ = imported(tmp_path, first)
        _, outcome = imported(tmp_path, second, into=data)
    else:
        data, outcome = imported(tmp_path, first, second)
    (project,), (grant,) = rows(data, Project), rows(data, Grant)
    assert (project.title, project.end_date, project.source_id, grant.funding_type) == (
        "Grant 1",
        "2024",
        "a",
        "Project",
    )
    where = {"source_id": "b", "locator": "/grants/0"}
    assert json.loads(project.extra)["also"] == [{**where, "funding_type": "Core"}, {**where, "title": "River"}]
    assert remarked(outcome)["contradicting-fields"] == 2
    report = (data / "report.csv").read_text(encoding="utf-8-sig")
    assert "360G-tide-1,title: Grant 1 / River" in report
    assert "360G-tide-1,funding_type: Project / Core" in report
    assert check(Dataset([data])) == []


@pytest.mark.parametrize("order", ["aa", "aba", "aab", "ac"])
def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, order: str) -> None:
    """The first naming counts, also of a copy (c); the second is told."""
    paths = {
        "a": package(tmp_path, to(1, "Reed Club"), name="a.json"),
        "b": package(tmp_path, to(2, "Sedge"), name="b.json"),
        "c": package(tmp_path, to(1, "Reed Club"), name="c.json"),
    }
    data, outcome = imported(tmp_path, *[paths[one] for one in order])
    assert {g.identifier for g in rows(data, Grant)} == {f"360G-tide-{' ab'.index(one)}" for one in order if one != "c"}
    assert outcome.passed_over == ("c.json" if order == "ac" else "a.json",)
    assert {source: n for source, (n, _, _) in counts(outcome).items()} == {one: 1 for one in order if one != "c"}


def test_a_repeated_grant_comes_back_once(tmp_path: Path) -> None:
    """Written as 360Giving and read again, it keeps its identifier and its sum."""
    data, _ = imported(tmp_path, package(tmp_path, to(1, "Reed Club"), to(1, "Reed Club"), to(2, "Sedge")))
    done = CliRunner().invoke(main, ["export", str(data), "--format", "360giving", "-o", str(tmp_path / "out.json")])
    assert done.exit_code == 0, done.output
    (tmp_path / "again").mkdir()
    again, _ = imported(tmp_path / "again", tmp_path / "out.json")
    assert {g.identifier: g.amount for g in rows(again, Grant)} == {"360G-tide-1": 1000, "360G-tide-2": 2000}
    assert len(rows(again, Grant)) == 2


def test_what_made_anew_would_lose_is_refused(tmp_path: Path) -> None:
    data, _ = imported(tmp_path, package(tmp_path, a_grant(), name="a.json"))
    before = files(data)
    with pytest.raises(UnreadableInput, match="holds the source 'a', which is not among these files; add to the data"):
        imported(tmp_path, package(tmp_path, a_grant(), name="b.json"))
    assert files(data) == before


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    path = package(tmp_path, to(2, "Reed Club"), to(1, "Reed Club"), to(1, "Reed Club", amountAwarded="x"))
    first, _ = imported(tmp_path, path)
    kept = files(first)
    assert set(kept) > {"report.csv", "set-aside.csv", "names-to-decide.csv", "datapackage.json", "tables/grants.csv"}
    imported(tmp_path, path)
    assert files(first) == kept


def test_strict_stops_at_the_first_problem(tmp_path: Path) -> None:
    sound = package(tmp_path, a_grant(), name="sound.json")
    imported(tmp_path, sound, strict=True)
    odd = package(tmp_path, a_grant(), a_grant(2, currency="GPB"), name="odd.json")
    with pytest.raises(InvalidData, match=r"odd /grants/1: 'GPB' the currency is not in ISO 4217.*nothing was written"):
        import_files([odd], tmp_path / "other", Ledger(), importing.Options(strict=True))
    assert not (tmp_path / "other").exists()


def test_a_full_disk_leaves_the_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_disk: Callable[..., OSError]
) -> None:
    data, _ = imported(tmp_path, package(tmp_path, a_grant()))
    before = files(data)
    for failing in ("cega_graph.package.dump_rows", "pathlib.Path.replace"):
        with monkeypatch.context() as patch:
            patch.setattr(failing, full_disk)
            with pytest.raises(UnwritableOutput, match="No space left on device"):
                imported(tmp_path, package(tmp_path, a_grant(), a_grant(2)))
        assert files(data) == before


def test_lost_rows_stop_the_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that loses a row is a mistake, and is said."""

    def read(_: File) -> Items:
        yield Record(locator="row=2", original=("x",), parties=(Party(role="funder", name="Tide Trust"),))
        yield Total(2)

    monkeypatch.setattr(recognise, "FORMATS", (recognise.Format("lossy", lambda _: True, read),))
    with pytest.raises(InvalidData, match="grants: 2 rows were read, but 1 used and 0 set aside; please report this"):
        imported(tmp_path, table_file(tmp_path, "a"))


def test_a_reader_of_another_format_gets_all_of_the_road(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any role, dates and values that no table may hold, a number that is no register's."""

    def read(_: File) -> Items:
        parties = (Party(role="executor", name="Reed Club"), Party(role="boss", name="Kelp Group", kind="whale"))
        yield Record(
            locator="row=2", original=("x",), title="A", parties=parties, start_date="2024", end_date="2020",
            status="odd", grants=(Money(amount=None, printed="some", type="future", date="soon"),), identifier="a b",
        )  # fmt: skip
        yield Total(1)

    monkeypatch.setattr(recognise, "FORMATS", (recognise.Format("any", lambda _: True, read),))
    data, outcome = imported(tmp_path, table_file(tmp_path, "a"))
    assert sorted(p.role for p in rows(data, Participation)) == ["executor", "other"]
    project = rows(data, Project)[0]
    assert (project.start_date, project.end_date, project.status, project.identifier) == ("2024", "", "", "a b")
    assert json.loads(project.extra) == {
        "unread": {"identifier": "a b", "date": "soon", "endDate": "2020", "status": "odd"}
    }
    codes = {"odd-identifier", "unknown-role", "unknown-kind", "end-before-start", "unknown-value", "bad-date"}
    assert set(remarked(outcome)) == codes
    assert check(Dataset([data])) == []


DEEP = '{"grants": [' + '{"id": ' * 5000 + "1" + "}" * 5000 + "]}"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x00\x00\x00", "is empty"),
        (b"%PDF-1.7", "is PDF"),
        (b"PK\x03\x04 not a zip", "is a damaged zip or spreadsheet file"),
        (b"a,b,c\n1,2,3\n", "is a table or text that begins with 'a, b, c'; formats known: CEGA Graph template, 360"),
        (b'<?xml version="1.0"?><rss/>', "is XML with the root <rss>"),
        (b'{"grants": [{"id": 1}, ', "ends in the middle of a value, at byte 23"),
        (b'{"grants": [NaN]}', "is not readable as 360Giving JSON"),
        (",".join(f"Recipient Org:{n}:Name" for n in range(20_000)).encode(), "20000 columns"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "grants.json"
    path.write_bytes(content)
    with pytest.raises(UnreadableInput) as raised:
        imported(tmp_path, path)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "data").exists()


def test_deep_nesting_is_refused_or_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text(DEEP, encoding="utf-8")
    try:
        _, outcome = imported(tmp_path, path)
    except UnreadableInput as error:
        assert "deep.json" in str(error)  # noqa: PT017 - either outcome is sound
    else:
        assert counts(outcome) == {"deep": (1, 0, 1)}


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in range(11):
            packed.writestr(f"xl/worksheets/sheet{part}.xml", b"\x00" * 100_000_000)
    with pytest.raises(UnreadableInput, match=r"bomb.xlsx: unpacks to 1,100,000,000 bytes, more than the 1 GB"):
        imported(tmp_path, path)


@pytest.mark.parametrize(
    ("encoding", "name", "notes"),
    [("utf-8", "滩涂", 0), ("utf-8-sig", "滩涂", 0), ("utf-16", "滩涂", 1), ("utf-16-le", "Reed", 1),
     ("gb18030", "中国滩涂基金会", 1), ("cp1252", "Société Générale – “Reed”", 1)],
)  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str, name: str, notes: int) -> None:
    path = table_file(tmp_path, HEAD, f"t-1,One,GBP,5,2023-01-01,Tide Trust,{name}", encoding=encoding)
    data, outcome = imported(tmp_path, path)
    assert list(bodies(data).values()) == [name]
    assert remarked(outcome).get("encoding", 0) == notes


@pytest.mark.parametrize("form", ["csv", "json", "xml"])
@pytest.mark.parametrize("chunk", [1 << 20, 7])
def test_a_stray_byte_does_not_change_the_encoding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, chunk: int
) -> None:
    """The other letters stay as they are; the byte is U+FFFD, and the report says where the first stands."""
    monkeypatch.setattr(source_files, "_CHUNK", chunk)
    names = ("滩涂基金会", "Société Reed", "caf?")
    if form == "json":
        path = package(tmp_path, *[to(n, name) for n, name in enumerate(names, 1)])
    elif form == "csv":
        lines = [f"t-{n},One,GBP,5,2023-01-01,Tide Trust,{name}" for n, name in enumerate(names)]
        path = table_file(tmp_path, HEAD, *lines)
    else:
        path = activities(tmp_path, *[
            f"<iati-activity><iati-identifier>{n}</iati-identifier>"
            f"<participating-org role='1'><narrative>{name}</narrative></participating-org></iati-activity>"
            for n, name in enumerate(names)
        ])  # fmt: skip
    content = path.read_bytes().replace(b"caf?", b"caf\xe9")
    path.write_bytes(content)
    data, outcome = imported(tmp_path, path)
    assert set(bodies(data).values()) == {"滩涂基金会", "Société Reed", "caf\ufffd"}
    assert remarked(outcome)["bad-bytes"] == 1
    at = content.index(b"\xe9", content.index(b"caf"))
    line = content[:at].count(b"\n") + 1
    assert f'"line {line}, byte {at}",1,' in (data / "report.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("chunk", [1 << 20, 7])
@pytest.mark.parametrize("declared", ["", ' encoding="UTF-8"'])
@pytest.mark.parametrize(("encoding", "name"), [("cp1252", "Exécutant Sarl – Ñ"), ("gb18030", "中国滩涂基金会")])
def test_xml_in_another_encoding_than_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, name: str, declared: str, chunk: int
) -> None:
    monkeypatch.setattr(source_files, "_CHUNK", chunk)
    path = activities(
        tmp_path,
        "<iati-activity><iati-identifier>a</iati-identifier>"
        f"<participating-org role='1'><narrative>{name}</narrative></participating-org></iati-activity>",
    )
    path.write_bytes(path.read_text(encoding="utf-8").replace("?>", f"{declared}?>").encode(encoding))
    data, outcome = imported(tmp_path, path)
    assert list(bodies(data).values()) == [name]
    assert remarked(outcome)["encoding"] == 1


def test_a_party_that_names_nobody_is_none(tmp_path: Path) -> None:
    """White space, control characters and words for no number name nobody; a row of nobody is set aside."""
    nobody: dict[str, Any] = {"fundingOrganization": [{"name": " \x00", "id": "n/a"}]}
    data, outcome = imported(
        tmp_path, package(tmp_path, to(1, "Reed Club", **nobody), to(2, "\u2028", "-", **nobody), to(3, "", "7"))
    )
    assert counts(outcome) == {"grants": (3, 2, 1)}
    assert sorted(bodies(data).values()) == ["7", "Reed Club"]
    assert len(rows(data, Participation)) == 3
    assert check(Dataset([data])) == []


def test_rows_of_other_lengths_and_nuls(tmp_path: Path) -> None:
    """Short rows are read, long ones set aside as they were; nothing starts a formula in the reports."""
    path = table_file(
        tmp_path, HEAD, "t-1,One,GBP,5,2023-01-01,Tide\x00 Trust,Reed", "t-2,Two,GBP,6,2023-01-01,Tide Trust",
        "=1+1,Three,GBP,6,2023-01-01,Tide Trust,Reed,more", "",
    )  # fmt: skip
    data, outcome = imported(tmp_path, path)
    assert counts(outcome) == {"grants": (3, 2, 1)}
    assert flows(data) == [("Tide Trust", "Reed", "award", "5 GBP")]
    aside = (data / "set-aside.csv").read_text(encoding="utf-8-sig")
    assert "grants,row=4,ragged-row" in aside
    assert '"\'=1+1,Three,GBP,6,2023-01-01,Tide Trust,Reed,more"' in aside


def test_a_gzipped_file_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "grants.data"
    path.write_bytes(gzip.compress(json.dumps({"grants": [a_grant()]}).encode()))
    data, _ = imported(tmp_path, path)
    assert len(rows(data, Grant)) == 1


def test_individuals_are_shown_and_ranked_only_if_asked(tmp_path: Path) -> None:
    person = {"id": "360G-tide-p1", "name": "Zenobia Reed"}
    data, _ = imported(tmp_path, package(tmp_path, a_grant(recipientOrganization=None, recipientIndividual=person)))
    kg = load(data)
    assert "Zenobia Reed" not in kg.page()
    assert "Zenobia Reed" in kg.page(individuals=True)
    assert kg.rank("grantee")["name"].tolist() == []
    assert kg.rank("grantee", individuals=True)["name"].tolist() == ["Zenobia Reed"]
    assert kg.organizations["kind"].tolist() == ["other", "person"] or "person" in set(kg.organizations["kind"])


def test_the_command(tmp_path: Path) -> None:
    """Import, ask, rank and map in four commands; counts on stderr, in both languages."""
    path = package(tmp_path, to(1, "Reed Club"), to(2, "Reed Club", currency=None), title="G")
    data = tmp_path / "data"
    done = CliRunner().invoke(main, ["import", str(path), "-o", str(data), "--lang", "zh"])
    assert (done.exit_code, done.stdout) == (
        0, f"{data}: 1 sources, 2 organizations, 2 names, 1 identifiers, 2 projects, 4 participations, 2 grants\n",
    )  # fmt: skip
    assert done.stderr == ("grants：读取 2 行 = 使用 2 行 + 搁置 0 行\n  ! 1 × 金额没有币种，记为 XXX [no-currency]\n")
    asked = CliRunner().invoke(main, ["ask", "CQ17", "--data", str(data), "--format", "csv"])
    assert ["GBP,1,1000" in asked.stdout, "XXX,1,2000" in asked.stdout] == [True, True]
    ranked = CliRunner().invoke(main, ["rank", "grantee", "--data", str(data)])
    assert "Reed Club" in ranked.stdout
    drawn = CliRunner().invoke(main, ["map", str(data), "-o", str(tmp_path / "map.html")])
    assert (drawn.exit_code, (tmp_path / "map.html").is_file()) == (0, True)
    wrong = CliRunner().invoke(main, ["import", str(path)])
    assert (wrong.exit_code, "give -o for a new data set, or --into" in wrong.stderr) == (2, True)
    missing = CliRunner().invoke(main, ["import", str(tmp_path / "none.json"), "-o", str(data)])
    assert (missing.exit_code, missing.stderr) == (
        3, "cega-graph: none.json: cannot be read: No such file or directory; check the path\n",
    )  # fmt: skip


def test_a_record_is_what_the_reader_says(tmp_path: Path) -> None:
    """Records are values: equal ones are equal, and none can be changed."""
    record = Record(locator="row=2", original=("x",))
    with pytest.raises(AttributeError):
        record.title = "y"  # type: ignore[misc]
    assert record == msgspec.structs.replace(record)
