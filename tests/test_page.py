"""The text of the page: what is in it, what is not, and that it is the same every time."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from browser.tiny_page import BODIES, FORMULA, IMAGE, REVERSED, SCRIPT, SHOWN, TEMPLATE, render_tiny, write_tiny
from cega_graph import vocabulary
from cega_graph.dataset import Dataset
from cega_graph.model import Organization, Project
from cega_graph.network import to_network
from cega_graph.package import write_tables
from cega_graph.page import Excerpt, render_page
from cega_graph.page.layout import isolated, positions
from cega_graph.page.style import KINDS, ROLES, SYMBOLS
from cega_graph.page.words import INTERFACE, MEMBERSHIP_ROLES, term_words

_VOID = {"meta", "input", "br"}


class Reader(HTMLParser):
    """Collects the elements of a page, and the text of each script, style and table cell."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "td": []}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element; what it holds comes next."""
        self.elements.append((tag, dict(attrs)))
        if tag in self.texts:
            self.texts[tag].append("")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that closes itself."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Note a text for each of the elements it stands in."""
        for tag in self.texts:
            if tag in self._open:
                self.texts[tag][-1] += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def payload(html: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(read(html).texts["script"][1])
    return loaded


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render_tiny(tmp_path_factory.mktemp("tiny"))


def test_the_page_is_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    """Two processes with different hash seeds and folders write the same bytes."""
    code = (
        "import sys, hashlib; from pathlib import Path; from browser.tiny_page import render_tiny;"
        "print(hashlib.sha256(render_tiny(Path(sys.argv[1])).encode()).hexdigest())"
    )
    digests = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    ]  # fmt: skip
    assert digests[0] == digests[1]


def test_the_payload_holds_every_row(html: str, dataset: Dataset) -> None:
    """Bodies, projects, relations and isolated bodies are those of the data set."""
    found = payload(html)
    assert sorted(node["id"] for node in found["nodes"]) == sorted(to_network(dataset))
    rows = dataset.rows("participations")
    assert sorted(r["id"] for r in found["relations"]) == sorted(row.participation_id for row in rows)
    assert sorted(node["id"] for node in found["model"]["nodes"]) == SHOWN
    assert found["isolated"] == ["o-7", "o-8"]
    edges = {edge["id"]: (edge["from"], edge["to"], edge.get("dashes", False)) for edge in found["model"]["edges"]}
    inferred = next(r["id"] for r in found["relations"] if r["basis"] == "inferred")
    assert edges == {
        "p-1": ("o-1", "t-1", False), "p-2": ("t-1", "o-2", False), "p-3": ("o-3", "t-1", False),
        "p-4": ("o-2", "t-2", False), "p-5": ("o-2", "t-2", False), "p-6": ("o-4", "t-2", False),
        "p-7": ("o-5", "t-2", False), "p-8": ("o-6", "t-2", False), inferred: ("o-1", "t-1", True),
    }  # fmt: skip


def test_parallel_relations_bend_apart(html: str) -> None:
    """Two roles of one body in one case bend to different sides, a single one is straight."""
    edges = {edge["id"]: edge.get("smooth", False) for edge in payload(html)["model"]["edges"]}
    bent = {"enabled": True, "roundness": 0.13}
    assert [edges["p-4"], edges["p-5"], edges["p-2"]] == [
        {**bent, "type": "curvedCCW"}, {**bent, "type": "curvedCW"}, False,
    ]  # fmt: skip


def test_a_relation_carries_its_evidence(html: str) -> None:
    """Section, label, name as printed and the sentence around it stand in the payload."""
    found = next(r for r in payload(html)["relations"] if r["id"] == "p-2")
    assert found == {
        "id": "p-2", "project": "t-1", "body": "o-2", "role": "grantee", "basis": "listed",
        "place": {
            "source": "t", "section": "项目合作方", "label": "资助对象（部分）", "mention": "湿地之家",
            "sentence": "资助对象：湿地之家、另一家。",
        },
    }  # fmt: skip


def test_hostile_names_stay_text(html: str) -> None:
    """No name opens an element, an attribute or a template; each stands in the table as it is."""
    reader = read(html)
    handlers = [name for _, attrs in reader.elements for name in attrs if name.startswith("on")]
    assert handlers == []
    assert [tag for tag, _ in reader.elements if tag in {"img", "iframe", "object", "link", "base"}] == []
    assert sum(tag == "script" for tag, _ in reader.elements) == 4
    cells = set(reader.texts["td"])
    assert {IMAGE, SCRIPT + TEMPLATE, FORMULA, REVERSED} <= cells
    assert {node["name"] for node in payload(html)["nodes"] if node["type"] == "organization"} == {
        b.name for b in BODIES
    }


def test_controls_and_lone_surrogates_become_replacement_characters(tmp_path: Path) -> None:
    """What HTML cannot hold is shown as U+FFFD."""
    write_tables(tmp_path, {"projects": [Project(project_id="t-1", title="a\x01b\x7f")]})
    assert payload(render_page(Dataset([tmp_path])))["nodes"][0]["name"] == "a\ufffdb\ufffd"


def test_replaced_characters_are_reported(tmp_path: Path) -> None:
    """`map` and `build` say in one line how many characters no page can hold and where; report.json lists all."""
    from click.testing import CliRunner

    from cega_graph.cli import main

    bodies = [Organization(organization_id="o-1", name="a\x01b\x7f", kind="ngo")]
    projects = [Project(project_id="t-1", title="c\x02")]
    write_tables(tmp_path / "data", {"organizations": bodies, "projects": projects})
    line = "cega-graph: 3 characters shown as U+FFFD on the page: organizations o-1 name, projects t-1 title"
    for command, output in (("map", "map.html"), ("build", "out")):
        done = CliRunner().invoke(main, [command, str(tmp_path / "data"), "-o", str(tmp_path / output)])
        assert (done.exit_code, done.stderr.splitlines()[0]) == (0, line)
    assert json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))["replaced_on_page"] == [
        {"table": "organizations", "row": "o-1", "column": "name", "n": 2},
        {"table": "projects", "row": "t-1", "column": "title", "n": 1},
    ]


SAME_WORDS = {
    "col_role": "role", "col_basis": "basis", "theme": "theme", "place": "place", "programme": "programme",
    "parent": "partOf", "belongs": "network", "identifiers": "identifier", "amounts": "amount", "activity": "activity",
    "qualifier": "qualifier", "col_section": "section", "col_label": "label", "col_mention": "mention",
    "col_body": "Participant",
}  # fmt: skip
"""A word of the page → the term of cega.ttl that it stands for."""


def test_the_pages_words_are_those_of_the_ontology(repository: Path) -> None:
    """Properties, kinds, roles, standings: the same words in both, capitals and plurals aside."""
    import rdflib

    graph = rdflib.Graph()
    for name in ("cega", "kinds", "roles"):
        graph.parse(repository / "ontology" / f"{name}.ttl")
    cega, scheme = rdflib.Namespace("https://w3id.org/cega-graph/ontology#"), "https://w3id.org/cega-graph/"

    def labels(subject: rdflib.term.Node, said: rdflib.term.Node) -> dict[str, str]:
        found = [one for one in graph.objects(subject, said) if isinstance(one, rdflib.Literal)]
        return {str(one.language): str(one) for one in found}

    def plain(zh: str, en: str) -> dict[str, str]:
        return {"zh": zh, "en": en.lower().removesuffix("s")}

    ours = {word: plain(INTERFACE[word].zh, INTERFACE[word].en) for word in SAME_WORDS}
    theirs = {word: plain(**labels(cega[term], rdflib.RDFS.label)) for word, term in SAME_WORDS.items()}
    assert ours == theirs
    kinds = INTERFACE["kinds"]
    assert {"zh": kinds.zh, "en": kinds.en.lower()} == labels(rdflib.URIRef(f"{scheme}kind"), rdflib.SKOS.prefLabel)
    terms = term_words(are_cases=True)
    for group, one in (("roles", "role"), ("kinds", "kind")):
        said = {term: {"zh": word.zh, "en": word.en} for term, word in terms[group].items() if term != "project"}
        assert said == {term: labels(rdflib.URIRef(f"{scheme}{one}/{term}"), rdflib.SKOS.prefLabel) for term in said}
    comment = labels(cega["membershipRole"], rdflib.RDFS.comment)
    assert [
        word for word in MEMBERSHIP_ROLES.values() if word.zh not in comment["zh"] or word.en not in comment["en"]
    ] == []


def test_nothing_is_requested(html: str) -> None:
    """No attribute names a host or file; links lead to places within the page."""
    attributes = [(name, value or "") for _, attrs in read(html).elements for name, value in attrs.items()]
    assert [pair for pair in attributes if re.search(r"https?:|//|javascript:|url\(", pair[1])] == []
    assert {value[0] for name, value in attributes if name in {"src", "href", "action"}} <= {"#"}
    assert "sourceMappingURL" not in html


def test_the_policy_allows_the_pages_own_texts_only(html: str) -> None:
    """The hashes in the policy are those of the three scripts and the style that are there."""
    reader = read(html)
    digests = {
        kind: [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts]
        for kind, texts in {
            "script": [reader.texts["script"][i] for i in (0, 2, 3)],
            "style": reader.texts["style"],
        }.items()
    }
    policy = next(a["content"] for _, a in reader.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; script-src {' '.join(digests['script'])}; "
        f"style-src {digests['style'][0]}; base-uri 'none'; form-action 'none'"
    )


def test_the_script_writes_text_nodes_only() -> None:
    """Nothing in our script parses HTML or evaluates text."""
    folder = Path(sys.modules["cega_graph.page"].__file__ or "").parent
    scripts = {path: path.read_text(encoding="utf-8") for path in [folder / "early.js", *folder.glob("js/*.js")]}
    assert len(scripts) > 10
    assert [path.name for path, text in scripts.items() if text.count("\n") >= 400] == []
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|fetch\(|XMLHttp"
    )
    assert re.findall(forbidden, "".join(scripts.values())) == []


def test_the_heading_says_what_is_covered(html: str) -> None:
    """Cases, source, year, relations, what is inferred, and that silence is not absence."""
    reader = read(html)
    said = next(attrs["content"] for _, attrs in reader.elements if attrs.get("name") == "description")
    assert said == (
        "《试验案例集》（2024）的 2 个案例：8 个机构、个人与群体，9 条关系，其中 1 条为推断。"
        "这里没有的，不等于现实中没有。 "
        "2 cases of “试验案例集” (2024): 8 participants, 9 relations (1 inferred). Silence is not absence."
    )


def test_a_part_of_the_network_gives_a_part_of_the_page(dataset: Dataset) -> None:
    """Only the nodes and relations of the given network are shown, and it is not changed."""
    network = to_network(dataset).subgraph(["t-1", "o-2", "o-3"]).copy()
    before = sorted(network.edges(keys=True))
    found = payload(render_page(dataset, network=network))
    assert [node["id"] for node in found["nodes"]] == ["t-1", "o-2", "o-3"]
    assert sorted(r["id"] for r in found["relations"]) == ["p-2", "p-3"]
    assert sorted(network.edges(keys=True)) == before


def test_an_excerpt_says_what_it_is_cut_from(dataset: Dataset) -> None:
    """Title, heading and description name the focus, the steps, and how many of how many are shown."""
    network = to_network(dataset).subgraph(["t-1", "o-1", "o-2", "o-3"]).copy()
    html = render_page(dataset, network=network, excerpt=Excerpt(total=10, focus="o-1", steps=2))
    zh = "以候鸟基金会为中心、2步以内；共10个机构和项目，显示4个。"
    en = "Around Migratory Bird Foundation, 2 steps: 4 of 10 bodies and projects."
    said = next(attrs["content"] or "" for _, attrs in read(html).elements if attrs.get("name") == "description")
    assert (zh in said, en in said) == (True, True)
    found = payload(html)
    assert found["excerpt"] == {"focus": "o-1", "words": {"zh": zh, "en": en}}
    assert found["titles"]["zh"].endswith("（候鸟基金会周围）")
    chosen = payload(render_page(dataset, network=network, excerpt=Excerpt(total=10)))
    assert chosen["excerpt"]["words"]["en"] == "An excerpt: 4 of 10 bodies and projects."
    assert payload(render_page(dataset))["excerpt"] is None


@pytest.mark.parametrize(
    "tables",
    [
        {},
        {"organizations": [Organization(organization_id="o-1", name="独")]},
        {"projects": [Project(project_id="t-1", title="一"), Project(project_id="t-2", title="二")]},
    ],
    ids=["nothing", "one body", "projects without relations"],
)
def test_a_data_set_without_relations_gives_a_page(tables: dict[str, list[Any]], tmp_path: Path) -> None:
    """Everything there is stands in the list; the map is empty."""
    write_tables(tmp_path, tables)
    found = payload(render_page(Dataset([tmp_path])))
    ids = [
        row.project_id if isinstance(row, Project) else row.organization_id for rows in tables.values() for row in rows
    ]
    assert (found["model"]["nodes"], found["relations"], found["isolated"]) == ([], [], ids)


def test_every_kind_and_role_has_a_look_of_its_own() -> None:
    """Kinds differ by symbol and filling, not by colour alone; every term of the vocabularies has a look."""
    assert sorted(KINDS) == sorted(vocabulary.kinds())
    assert sorted(ROLES) == sorted(vocabulary.roles())
    looks = [(mark.symbol, mark.hollow) for mark in KINDS.values()]
    assert sorted(set(looks)) == sorted(looks)
    assert {mark.symbol for mark in KINDS.values()} <= set(SYMBOLS)


def test_positions_are_seeded_whole_and_apart(dataset: Dataset) -> None:
    """Two runs give the same whole pixels, each node its own place; isolated nodes have none."""
    network = to_network(dataset)
    places = positions(network, aspect=1.45)
    assert places == positions(network, aspect=1.45)
    assert sorted(places) == SHOWN
    assert isolated(network) == ["o-7", "o-8"]
    near = [(a, b) for a in places for b in places if a < b and _distance(places[a], places[b]) < 40]
    assert near == []


def _distance(a: tuple[int, int], b: tuple[int, int]) -> float:
    return float(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5)
