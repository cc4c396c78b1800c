"""A command and all processes below it: seconds, CPU seconds, peak memory."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_TICK: Final = os.sysconf("SC_CLK_TCK")
_INTERVAL: Final = 0.1


class Taken(NamedTuple):
    """What a command took; `peak` MB are summed over its processes, pages that they share counted for each."""

    seconds: float
    cpu: float
    peak: float
    said: str


def _descendants(root: int) -> Iterator[tuple[int, float]]:
    """Yield resident bytes and CPU seconds, with those of its ended children, of a process and all below it."""
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            stats[int(path.parent.name)] = (
                path.read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
            )
        except OSError:
            continue
    below = {root}
    while more := {pid for pid, stat in stats.items() if int(stat[1]) in below and pid not in below}:
        below |= more
    for pid in below & stats.keys():
        yield int(stats[pid][21]) * _PAGE, sum(map(int, stats[pid][11:15])) / _TICK


def measured(command: Sequence[str], *, seconds: float = 3600) -> Taken | None:
    """Run a command and return what it took and printed; None if it was stopped after some seconds.

    Raises:
        CalledProcessError: It failed.
    """
    with tempfile.TemporaryFile() as printed:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=printed, stderr=subprocess.DEVNULL)
        peak, cpu = 0.0, 0.0
        while process.poll() is None:
            found = list(_descendants(process.pid))
            peak = max(peak, sum(size for size, _ in found) / 2**20)
            cpu = max(cpu, sum(taken for _, taken in found))
            if time.perf_counter() - start > seconds:
                process.kill()
                process.wait()
                return None
            time.sleep(_INTERVAL)
        took = time.perf_counter() - start
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        printed.seek(0)
        return Taken(took, cpu, peak, printed.read().decode("utf-8", "replace"))
