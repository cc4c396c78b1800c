"""The notebooks: each runs in a fresh kernel, from any folder, and shows what the package computes."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

import cega_graph as cg
from cega_graph.measures.connections import shortest_path
from cega_graph.measures.coverage import by_year, roles_by_kind
from cega_graph.measures.money import co_funding_pairs
from cega_graph.plots.lettering import chinese_font
from cega_graph.questions.catalogue import questions
from cega_graph.sources.text import read_text, unbroken

FOLDER: Final = Path(__file__).resolve().parents[1] / "notebooks"
NAMES: Final = (
    "01_network_map", "02_sparql", "03_central_funders_and_grantees", "04_partnerships_and_paths", "05_your_own_data",
)  # fmt: skip
METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
"""Enough for an editor to start a kernel without asking; nothing of the machine that wrote it."""

_MANY: Final = 3
"""More than a stub has."""


def path_of(name: str) -> Path:
    """Return the file of a notebook."""
    return FOLDER / f"{name}.ipynb"


def cells_of(name: str, kind: str) -> list[str]:
    """Return the texts of a notebook's cells of one kind, in order."""
    return [c.source for c in nbformat.read(path_of(name), as_version=4).cells if c.cell_type == kind]  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Ran:
    """A notebook that has run: its outputs, and the values asked for at its end."""

    outputs: list[dict[str, Any]]
    printed: list[str]

    def frame(self, place: int) -> pd.DataFrame:
        """Return a value that was asked for as a frame."""
        return pd.read_json(StringIO(self.printed[place]), orient="split", dtype=False)

    def said(self, name: str) -> str:
        """Return what went to a stream."""
        return "".join(o["text"] for o in self.outputs if o["output_type"] == "stream" and o["name"] == name)

    def count(self, kind: str) -> int:
        """Return how many outputs have a media type."""
        return sum(kind in o.get("data", {}) for o in self.outputs)


Run = Callable[..., Ran]


@pytest.fixture(scope="session")
def matplotlib_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for matplotlib's list of fonts, which takes seconds to make."""
    return tmp_path_factory.mktemp("matplotlib")


@pytest.fixture
def run(tmp_path: Path, matplotlib_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a notebook in a kernel of this Python, in a folder that has nothing to do with it."""
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    for variable in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("MPLCONFIGDIR", str(matplotlib_folder))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    def run_notebook(name: str, *expressions: str, book: Path | None = None) -> Ran:
        if book is not None:
            shutil.copy(book, elsewhere / "casebook.txt")
        notebook = nbformat.read(path_of(name), as_version=4)  # type: ignore[no-untyped-call]
        for expression in expressions:
            notebook.cells.append(nbformat.v4.new_code_cell(f"print({expression})"))  # type: ignore[no-untyped-call]
        place = {"metadata": {"path": str(elsewhere)}}
        client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources=place, record_timing=False)
        client.execute()
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        own, asked = code[: len(code) - len(expressions)], code[len(code) - len(expressions) :]
        return Ran([o for cell in own for o in cell.outputs], ["".join(o["text"] for o in c.outputs) for c in asked])

    return run_notebook


def a_frame(expression: str) -> str:
    """Return an expression that prints a frame so that it can be read back whole."""
    return f"({expression}).to_json(orient='split', force_ascii=False, double_precision=15)"


def same_frame(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether two frames have the same columns and cells, whatever the types that JSON keeps."""
    back = pd.read_json(StringIO(other.to_json(orient="split", double_precision=15)), orient="split", dtype=False)
    return len(one) > 0 and one.equals(back)


def test_there_are_five_notebooks() -> None:
    """And no other."""
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_holds_no_output_and_nothing_of_a_machine(name: str) -> None:
    """One spelling of the file, so that a diff shows what changed."""
    text = path_of(name).read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    assert (notebook["metadata"], notebook["nbformat"], notebook["nbformat_minor"]) == (METADATA, 4, 5)
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [(cell["outputs"], cell["execution_count"]) for cell in code] == [([], None)] * len(code)
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    numbers = [f"cell-{number:02d}" for number in range(1, len(notebook["cells"]) + 1)]
    assert [cell["id"] for cell in notebook["cells"]] == numbers


@pytest.mark.parametrize("name", NAMES)
def test_headings_are_in_both_languages(name: str) -> None:
    """Chinese, a slash, English; the first is the title."""
    headings = [line for cell in cells_of(name, "markdown") for line in cell.splitlines() if line.startswith("#")]
    assert len(headings) > _MANY
    both = re.compile(r"#{1,2} .*[\u4e00-\u9fff].* / .*[A-Za-z]{3}[^\u4e00-\u9fff]*")
    assert [line for line in headings if not both.fullmatch(line)] == []
    assert [line for line in headings if line.startswith("# ")] == headings[:1]


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_defines_nothing(name: str) -> None:
    """Whatever is used twice is in the package, with tests; prose says what the code does."""
    tree = ast.parse("\n".join(cells_of(name, "code")))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, defined)] == []
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {module.partition(".")[0] for module in imported} <= {"cega_graph", "pathlib", "tempfile"}
    assert max(len(cell.splitlines()) for cell in cells_of(name, "code")) <= 30


def quiet(ran: Ran) -> bool:
    """Return whether a run said nothing on stderr, but for the one notice where no Chinese font is installed."""
    said = ran.said("stderr")
    return said == "" if chinese_font() else "Glyph" not in said


def test_01_shows_map_roles_and_years(run: Run, bundled: cg.KnowledgeGraph) -> None:
    """The page whole and around a body, and the frames that the pictures are drawn from."""
    ran = run("01_network_map", a_frame("mix"), a_frame("years"), "rows['organization_id'].nunique()")
    assert same_frame(ran.frame(0), roles_by_kind(bundled.participations, bundled.organizations))
    assert same_frame(ran.frame(1), by_year(bundled.projects, bundled.participations))
    assert ran.printed[2] == "1\n"
    pages = [o["data"]["text/html"] for o in ran.outputs if "<iframe sandbox" in o.get("data", {}).get("text/html", "")]
    assert [page.count("<iframe ") for page in pages] == [1, 1]
    assert len(pages[1]) < len(pages[0])
    assert ran.count("image/png") == 2
    assert f"({bundled.network().number_of_nodes()}, {bundled.network().number_of_edges()})" in str(ran.outputs)
    assert quiet(ran)


def test_02_answers_queries_and_refuses_to_reach_out(run: Run, bundled: cg.KnowledgeGraph) -> None:
    """Stated and inferred counts add up to those of the ranking; both engines agree; a refusal gives its reason."""
    ran = run("02_sparql", a_frame("cases"), "list(kg.query(begun)['start'].dt.year)")
    ranking = bundled.rank("funder").set_index("name")["projects"]
    cases = ran.frame(0).set_index("funder")
    assert len(cases) == 10
    assert (cases["n_stated"] + cases["n_inferred"]).to_dict() == ranking.reindex(cases.index).to_dict()
    years = sorted(int(start[:4]) for start in bundled.projects["start_date"])
    assert ast.literal_eval(ran.printed[1]) == years
    assert "SERVICE would send data to another server" in ran.said("stdout")
    assert ran.outputs[-1]["data"]["text/plain"] == "True"
    listed = [o["data"]["text/plain"] for o in ran.outputs if "'CQ01'" in o.get("data", {}).get("text/plain", "")]
    assert list(ast.literal_eval(listed[0])) == list(questions())
    assert quiet(ran)


def test_03_leads_from_a_number_to_rows_and_offsets(run: Run, bundled: cg.KnowledgeGraph) -> None:
    """The rankings are those of the package, and the three steps agree; without the text there is no sentence."""
    asked = ("funders", "stated", "grantees", "behind.drop(columns='sentence')", "sums.drop(columns='sentence')")
    ran = run("03_central_funders_and_grantees", *map(a_frame, asked), "set(behind['sentence'])")
    assert same_frame(ran.frame(0), bundled.rank("funder"))
    assert same_frame(ran.frame(1), bundled.rank("funder", basis="stated"))
    assert same_frame(ran.frame(2), bundled.rank("grantee", by="pagerank"))
    first = bundled.rank("funder").iloc[0]
    behind = bundled.evidence(organization=first["organization_id"], role="funder", language="zh")
    assert same_frame(ran.frame(3), behind.drop(columns="sentence"))
    assert ran.frame(3)["project_id"].nunique() == first["projects"]
    assert same_frame(ran.frame(4), bundled.evidence("grants", language="zh").drop(columns="sentence"))
    assert ran.printed[5] == "{''}\n"
    assert f"({first['projects']}, {first['projects']})" in [
        o["data"]["text/plain"] for o in ran.outputs if "data" in o
    ]
    assert ran.count("image/png") == 2
    assert quiet(ran)


def test_03_shows_the_sentences_where_the_text_lies_beside_it(run: Run, casebook_text_path: Path) -> None:
    """The third step ends in the book: offsets read back, and the sentence around them."""
    ran = run("03_central_funders_and_grantees", a_frame("behind"), book=casebook_text_path)
    text = read_text(casebook_text_path).text
    rows = ran.frame(0).to_dict("records")
    assert len(rows) > _MANY
    for row in rows:
        assert unbroken(text[row["text_start"] : row["text_end"]]) == row["mention"]
        assert row["mention"] in row["sentence"]


def test_04_shows_pairs_and_a_path_with_evidence(run: Run, bundled: cg.KnowledgeGraph) -> None:
    """The first pair leads to both funders in each of its projects, the path to its two ends in each of its own."""
    asked = ("pairs", "shared", "path", "steps.loc[on_path]")
    ran = run("04_partnerships_and_paths", *map(a_frame, asked))
    pairs = co_funding_pairs(bundled.participations, bundled.projects)
    assert same_frame(ran.frame(0), pairs)
    shared = ran.frame(1)
    assert set(shared["organization_id"]) == set(pairs.loc[0, ["funder_a", "funder_b"]])
    assert ";".join(sorted(set(shared["project_id"]))) == pairs.loc[0, "project_ids"]
    ids = bundled.names.drop_duplicates("name").set_index("name")["organization_id"]
    path = shortest_path(bundled.participations, ids["芜湖青野社区发展促进中心"], ids["万科公益基金会"])
    assert ran.frame(2)[["from_mention", "to_mention"]].equals(path[["from_mention", "to_mention"]])
    assert set(ran.frame(3)["project_id"]) == set(path["project_id"])
    assert set(ran.frame(3)["organization_id"]) == {*path["from_id"], *path["to_id"]}
    assert ran.count("image/png") == 1
    assert quiet(ran)


def test_05_reads_checks_and_ranks_a_book_of_its_own(run: Run) -> None:
    """One note for the unknown theme, no finding, every offset in the text, and the ranking by hand."""
    asked = ("rows", "ranking", "both.projects")
    ran = run("05_your_own_data", *map(a_frame, asked), "len(extracted.notes), findings", "repr(text)")
    text = ast.literal_eval(ran.printed[4])
    rows = ran.frame(0)
    assert len(rows) == 11
    assert [text[a:b] for a, b in zip(rows["text_start"], rows["text_end"], strict=True)] == rows["mention"].tolist()
    assert [m in s for m, s in zip(rows["mention"], rows["sentence"], strict=True)] == [True] * 11
    assert set(rows.loc[rows["mention"] == "苇协", "organization"]) == {"湖滨市芦苇保护协会"}
    assert rows.loc[rows["basis"] == "inferred", ["organization", "role", "rule"]].to_numpy().tolist() == [
        ["白鹭公益基金会", "funder", "submitter-funds"]
    ]
    assert ran.frame(1)[["rank", "name", "projects", "stated_share"]].to_numpy().tolist() == [
        [1, "白鹭公益基金会", 2, 0.5], [2, "青苇公益基金会", 1, 1.0],
    ]  # fmt: skip
    assert len(ran.frame(2)) == 17
    assert ran.printed[3] == "1 []\n"
    assert ran.count("image/png") == 1
    assert quiet(ran)


def test_running_leaves_the_home_folder_alone(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernel, history and font cache stay in the folders that the environment names."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    run("05_your_own_data")
    assert list(home.iterdir()) == []
