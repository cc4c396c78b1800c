"""Fixtures and Hypothesis profiles that all tests share."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, Phase, settings

from cega_graph.build import build
from cega_graph.engines.session import session
from cega_graph.errors import FailedEngine, MissingExtra
from cega_graph.knowledge_graph import KnowledgeGraph, load
from cega_graph.names.ledger import Ledger, read_ledger
from cega_graph.resources import root
from factories import write_sound_dataset
from missing import IN_CI, left_out

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

REALDATA: Final = Path(__file__).resolve().parents[2] / "shared" / "realdata"
CASEBOOK: Final = Path(__file__).resolve().parents[2] / "shared" / "seed" / "cega-2024-casebook.txt"

_CALM: Final = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
_PHASES: Final = [Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink]
settings.register_profile("default", max_examples=60, deadline=None, phases=_PHASES, suppress_health_check=_CALM)
settings.register_profile(
    "ci", max_examples=40, deadline=None, phases=_PHASES, derandomize=True, suppress_health_check=_CALM
)
settings.register_profile("quick", max_examples=5, deadline=None, derandomize=True, suppress_health_check=_CALM)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IN_CI else "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the golden files anew."""
    parser.addoption("--write-golden", action="store_true", help="write tests/golden anew instead of comparing")


@pytest.fixture(scope="session")
def repository() -> Path:
    """Return the repository's folder, for what is no part of the package."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def bundled() -> KnowledgeGraph:
    """Return the graph of the bundled casebook, whose frames and texts are made once for all tests."""
    return load()


@pytest.fixture(scope="session")
def built(bundled: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the build of the bundled casebook; not to be changed."""
    folder = tmp_path_factory.mktemp("built") / "out"
    build(bundled, folder)
    return folder


@pytest.fixture(scope="session")
def casebook_text_path() -> Path:
    """Return the text of the 2024 casebook, which is no part of the repository."""
    if not CASEBOOK.is_file():
        left_out(f"the casebook's text is not at {CASEBOOK}")
    return CASEBOOK


@pytest.fixture(scope="session")
def codelists() -> Path:
    """Return the schemas and codelists of 360Giving and IATI, which are no part of the repository."""
    folder = REALDATA / "codelists"
    if not folder.is_dir():
        left_out(f"the schemas are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Return a Spark of two workers on this machine, which runs a task that fails up to four times."""
    light = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "4",
    }
    try:
        with session("local[2,4]", light) as it:
            yield it
    except (FailedEngine, MissingExtra) as error:
        left_out(str(error))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Return the bundled data set of the 2024 casebook."""
    return root("data") / "cega-2024"


@pytest.fixture(scope="session")
def bundled_ledger() -> Ledger:
    """Return the ledger that ships with the package."""
    return read_ledger(root("data"))


@pytest.fixture
def full_disk() -> Callable[..., OSError]:
    """Return what to put in the place of a function that writes: it raises what a full disk raises."""

    def fail(*_: object, **__: object) -> OSError:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return fail


@pytest.fixture
def copy_dataset(data_folder: Path) -> Callable[[Path], Path]:
    """Return a function that copies the bundled data set into a folder and returns the copy."""

    def copy(folder: Path) -> Path:
        return shutil.copytree(data_folder, folder / "copy")

    return copy


@pytest.fixture
def tiny_data(tmp_path: Path) -> Path:
    """Return the folder of a small data set that conforms."""
    return write_sound_dataset(tmp_path)
