"""What the house promises as a whole: layers, sizes, docstrings, a quick start, locked versions, no network."""

from __future__ import annotations

import inspect
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import cega_graph
from cega_graph.model import Row

PACKAGE = Path(cega_graph.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "pandas",
    "rdflib",
    "networkx",
    "pyoxigraph",
    "numpy",
    "pyshacl",
    "shacl",
    "pyvis",
    "opencc",
    "xlsxwriter",
    "jinja2",
)


def modules() -> Iterator[ModuleType]:
    """Yield every module of the package."""
    for found in pkgutil.walk_packages([str(PACKAGE)], "cega_graph."):
        if found.name != "cega_graph.__main__":
            yield import_module(found.name)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a copy of the package below a folder."""
    code = (
        f"import sys; sys.path.insert(0, {str(folder)!r}); sys.argv = ['lint-imports', '--no-cache']; "
        "from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def copied(tmp_path: Path, repository: Path) -> Path:
    """Return a folder with a copy of the package's modules and of pyproject.toml."""
    shutil.copytree(PACKAGE, tmp_path / "cega_graph", ignore=shutil.ignore_patterns("__pycache__", "data", "ontology"))
    shutil.copy(repository / "pyproject.toml", tmp_path)
    return tmp_path


def test_imports_point_one_way(copied: Path) -> None:
    """Every contract of import-linter is kept, and every module stands in a layer."""
    done = lint_imports(copied)
    assert "1 kept, 0 broken." in done.stdout, done.stdout + done.stderr
    with (copied / "pyproject.toml").open("rb") as file:
        layers = tomllib.load(file)["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {name.strip().removeprefix("cega_graph.") for layer in layers for name in layer.split("|")}
    top = {
        p.stem
        for p in PACKAGE.iterdir()
        if (p.suffix == ".py" and p.stem != "__init__") or (p / "__init__.py").exists()
    }
    assert top == named


@pytest.mark.parametrize(
    ("module", "upward"), [("model", "dataset"), ("rdf/terms", "network"), ("names/ledger", "cli")]
)
def test_an_upward_import_is_caught(copied: Path, module: str, upward: str) -> None:
    """A planted one breaks the contract, also between siblings."""
    path = copied / "cega_graph" / f"{module}.py"
    path.write_text(path.read_text(encoding="utf-8") + f"\nimport cega_graph.{upward}\n", encoding="utf-8")
    done = lint_imports(copied)
    assert done.returncode == 1
    assert "0 kept, 1 broken." in done.stdout, done.stdout + done.stderr
    assert f"cega_graph.{module.replace('/', '.')} -> cega_graph.{upward}" in done.stdout


def test_generated_vocabularies_are_in_sync(repository: Path, tmp_path: Path) -> None:
    """`ontology/*.ttl` is what the CSV files give; a changed label is noticed."""
    script = repository / "scripts" / "build_vocabularies.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_public_api_is_frozen() -> None:
    """What `dir()` shows is importable, and is this."""
    assert dir(cega_graph) == ["KnowledgeGraph", "__version__", "load"]
    assert all(getattr(cega_graph, name) is not None for name in dir(cega_graph))
    with pytest.raises(AttributeError, match="module 'cega_graph' has no attribute 'nothing'"):
        _ = cega_graph.nothing
    members = {name for name in dir(cega_graph.KnowledgeGraph) if not name.startswith("_")}
    expected = """
        answer
        ask
        decisions
        evidence
        grants
        graph
        identifiers
        memberships
        names
        network
        ntriples
        organizations
        page
        participations
        projects
        query
        rank
        shown
        sources
        worker
    """
    assert members == set(expected.split())


def undescribed(name: str, thing: object) -> Iterator[str]:
    """Yield what of a function or of a class and its members has no docstring."""
    is_row = inspect.isclass(thing) and issubclass(thing, Row)
    if (inspect.isfunction(thing) or inspect.isclass(thing)) and not thing.__doc__ and not is_row:
        yield name
    for member, value in vars(thing).items() if inspect.isclass(thing) else ():
        described = value.fget if isinstance(value, property) else value
        if not member.startswith("_") and inspect.isfunction(described) and not described.__doc__:
            yield f"{name}.{member}"


def test_everything_public_says_what_it_is() -> None:
    """Modules, classes, functions, methods and properties; the tables are described in DESIGN.md."""
    silent = [module.__name__ for module in modules() if not module.__doc__]
    for module in modules():
        for name, thing in vars(module).items():
            if not name.startswith("_") and getattr(thing, "__module__", "") == module.__name__:
                silent += [f"{module.__name__}.{place}" for place in undescribed(name, thing)]
    assert silent == []


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_a_module_can_be_read_in_one_sitting(path: Path) -> None:
    """500 lines at most."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_help_imports_nothing_heavy() -> None:
    """`cega-graph --help` stays instant."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cega_graph", "--help"], capture_output=True, text=True, check=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert "click" in imported
    assert [name for name in HEAVY if name in imported] == []


_NO_NETWORK = """
import socket, sys
def refuse(*arguments, **keywords):
    raise AssertionError(f"a connection was asked for: {arguments}")
socket.socket.connect = refuse
socket.create_connection = refuse
socket.getaddrinfo = refuse
from cega_graph.cli import main
main(sys.argv[1:], standalone_mode=False)
"""


def test_a_build_asks_for_no_connection(tmp_path: Path, tiny_data: Path) -> None:
    """Neither `build` nor `check` with its shapes touches the network."""
    for arguments in (["build", tiny_data, "-o", tmp_path / "out"], ["check", tiny_data]):
        done = subprocess.run(
            [sys.executable, "-c", _NO_NETWORK, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, "a connection was asked for" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "out" / "map.html").is_file()


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_holds_hashes_and_no_address(repository: Path, name: str) -> None:
    """Every version with its hashes; no index, no host, no path."""
    text = (repository / name).read_text(encoding="utf-8")
    pinned = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==(\S+)(?: ; [^\n]+)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
        text,
        re.MULTILINE,
    )
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) == sum(1 + hashes.count("--hash=") for _, _, hashes in pinned)
    assert len(pinned) > 10
    assert re.findall(r"https?:|index-url|find-links|trusted-host|file:|@ |^-e", text, re.MULTILINE) == []


def test_both_locks_agree(repository: Path) -> None:
    """A package that both hold has one version."""
    versions = []
    for name in ("requirements.lock", "requirements-test.lock"):
        text = (repository / name).read_text(encoding="utf-8")
        versions.append(dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.MULTILINE)))
    assert [n for n in versions[0].keys() & versions[1].keys() if versions[0][n] != versions[1][n]] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_shows_the_two_commands(repository: Path, name: str) -> None:
    """And a picture of the page that lies in the repository."""
    text = (repository / name).read_text(encoding="utf-8")
    assert "make map" in text
    assert "make test" in text
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+\.(?:png|jpg|webp))\)", text)
    assert pictures
    assert [p for p in pictures if not (repository / p).is_file()] == []


def test_the_repository_has_what_a_visitor_looks_for(repository: Path) -> None:
    """Licence, changelog, how to contribute, decisions."""
    for name in ("LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "ontology/CHANGELOG.md", ".ci/run"):
        assert (repository / name).is_file(), name
    assert list((repository / "docs" / "adr").glob("0*.md"))
