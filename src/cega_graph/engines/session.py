"""A Spark session, started quietly, or one line that says what is missing."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from cega_graph.errors import FailedEngine, MissingExtra

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

OLDEST_JAVA: Final = 17
"""What Spark 4 needs (its documentation, "Overview")."""

_PATIENCE: Final = 5.0
"""Seconds in which a master must take a connection."""

_CONF: Final = {
    "spark.app.name": "cega-graph",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    # No .crc file beside each file on a local disk.
    "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
}

_ON_THIS_MACHINE: Final = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    # Driver and workers are one process here; Spark's 1g is for a driver alone.
    "spark.driver.memory": "2g",
}


@contextmanager
def session(master: str = "", conf: Mapping[str, str] | None = None) -> Iterator[SparkSession]:
    """Yield a Spark session that ends with the block.

    Args:
        master: Address as Spark takes it, such as `local[2]`, `spark://host:7077`, `yarn`. If empty, that of
            `spark-submit` if it runs this program, else `local[*]`; then nothing listens beyond loopback.
        conf: Settings of Spark, over those that are set here.

    Raises:
        MissingExtra: PySpark is not installed.
        FailedEngine: Java is missing or too old, the master cannot be reached, a job broke off.
    """
    is_submitted = "PYSPARK_GATEWAY_PORT" in os.environ
    master = master or ("" if is_submitted else "local[*]")
    _require_pyspark()
    if not is_submitted:
        _require_java()
    _require_master(master)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    settings = {**_CONF, **(_ON_THIS_MACHINE if master.startswith("local") else {}), **(conf or {})}
    with tempfile.TemporaryFile() as said, plain_failures():
        spark, java = _started(master, settings, said)
        try:
            yield spark
        except (FailedEngine, ConnectionError):
            if java is None or java.poll() is None:
                raise
            message = f"Java, which runs Spark, ended: {_last_words(said)}; nothing was changed"
            raise FailedEngine(message) from None
        finally:
            if java is None or java.poll() is None:
                spark.stop()


def _started(
    master: str, settings: Mapping[str, str], said: IO[bytes]
) -> tuple[SparkSession, subprocess.Popen[bytes] | None]:
    """Return a session, and the process of Java if it was started for it; what that says goes to `said`."""
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    conf = SparkConf().setAll(list(settings.items()))
    if master:
        conf.setMaster(master)
    gateway: Any = None
    try:
        if SparkContext._gateway is None:  # noqa: SLF001 - else the Java that runs already is used
            gateway = launch_gateway(conf=conf, popen_kwargs={"stderr": said})  # type: ignore[no-untyped-call]
        context = SparkContext(conf=conf, gateway=gateway)
    except (PySparkException, Py4JError, RuntimeError, OSError) as error:
        said.seek(0)
        message = f"Spark did not start: {_reason(str(error) + chr(10) + said.read().decode(errors='replace'))}"
        raise FailedEngine(message) from None
    context.setLogLevel("ERROR")
    return SparkSession(context), getattr(gateway, "proc", None)


_END: Final = 100_000


def _last_words(said: IO[bytes]) -> str:
    """Return the last error in what Java said, and for want of memory what to do."""
    size = said.seek(0, os.SEEK_END)
    said.seek(max(0, size - _END))
    found = re.findall(r"^.*\b\w+(?:Error|Exception)\b.*$", said.read().decode(errors="replace"), re.MULTILINE)
    reason = found[-1].strip()[:500] if found else "it gave no reason"
    return f"{reason}; give it more with --conf spark.driver.memory=8g" if "OutOfMemory" in reason else reason


@contextmanager
def plain_failures() -> Iterator[None]:
    """Turn what Spark says when a job breaks off into one line.

    PySpark warns of a pandas that is newer than itself; no frame of pandas is made here, so it is not passed on.

    Raises:
        FailedEngine: With the first line that says why.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
            yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        message = f"Spark broke off: {_reason(str(error))}; nothing was changed"
        raise FailedEngine(message) from None


def _reason(said: str) -> str:
    """Return the line of a report of Spark's that tells most: the last cause, else the last error, else the first."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    errors = [line for line in lines if re.match(r"[\w.]*(Error|Exception)\b", line)]
    chosen = [*lines[:1], *errors, *causes][-1:] or ["no reason given"]
    return chosen[0].removeprefix("Caused by:").strip()[:500]


def _require_pyspark() -> None:
    missing = [name for name in ("pyspark", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        message = f"Spark needs {missing[0]}, which is not installed; python -m pip install 'cega-graph[spark]'"
        raise MissingExtra(message)


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME", "")
    java = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    todo = f"install Java {OLDEST_JAVA} or newer (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME"
    if java is None:
        where = f"JAVA_HOME={home} holds no bin/java" if home else "there is no java on the PATH"
        message = f"Spark needs Java, and {where}; {todo}"
        raise FailedEngine(message)
    version = java_version(java)
    if version < OLDEST_JAVA:
        message = f"{java}: is Java {version or 'of an unknown version'}; {todo}"
        raise FailedEngine(message)


def java_version(java: str) -> int:
    """Return the major version that a `java` says it is; 0 if it says none."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', done.stderr + done.stdout)
    return int(found.group(1)) if found else 0


_MASTER: Final = re.compile(r"(local(\[.+\])?|local-cluster\[.+\]|spark://\S+|yarn|k8s://\S+)\Z")


def _require_master(master: str) -> None:
    if master and not _MASTER.match(master):
        message = f"--master {master!r} is no address of Spark; use local[2], spark://HOST:PORT, yarn or k8s://URL"
        raise FailedEngine(message)
    if not master.startswith("spark://"):
        return
    addresses = master.removeprefix("spark://").split(",")
    if not any(_answers(address) for address in addresses):
        message = f"--master {master}: does not answer within {_PATIENCE:g} s; start it or correct the address"
        raise FailedEngine(message)


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return False
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
    except (OSError, OverflowError):
        return False
    return True
