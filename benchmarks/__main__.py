"""`python -m benchmarks [SECTION [NUMBER …] | STEP …]`: each step in a process of its own; time, rate, peak memory.

Without arguments everything is measured and written to BENCHMARKS.md; that takes about an hour.
"""

from __future__ import annotations

import io
import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

from benchmarks import measures, steps
from benchmarks.imports import print_imports
from benchmarks.page import print_pages
from benchmarks.readers import print_readers
from benchmarks.scale import SIZES, print_scale
from benchmarks.spark import print_spark
from benchmarks.stores import STORE_STEPS

STEPS = {**steps.STEPS, **measures.STEPS, **STORE_STEPS}


def run_step(name: str) -> None:
    """Run one step and print what it took; called in a process of its own."""
    step, _ = STEPS[name]
    n, seconds = step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{n}\t{seconds:.4f}\t{peak:.0f}")


def start_up(code: list[str]) -> float:
    """Return the median seconds of a cold process, of nine."""
    taken = []
    for _ in range(9):
        start = time.perf_counter()
        subprocess.run([sys.executable, *code], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[4]


def print_steps(names: list[str]) -> None:
    """Print a table with a line a step."""
    print("| step | n | seconds | n per second | peak MB |\n|---|---|---|---|---|")
    for name in names:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks"], check=True, capture_output=True, text=True,
            env={**os.environ, "BENCHMARK_STEP": name},
        )  # fmt: skip
        n, seconds, peak = done.stdout.split("\t")
        rate = int(n) / float(seconds)
        what = f"{int(n):,} {STEPS[name][1]}"
        print(f"| {name} | {what} | {float(seconds):.2f} | {rate:,.0f} | {peak.strip()} |", flush=True)


def print_starts() -> None:
    """Print what the start of the program takes."""
    bare, own = start_up(["-c", "import click"]), start_up(["-m", "cega_graph", "--help"])
    cold = start_up(["-m", "cega_graph", "ask", "CQ04"])
    print("| command, cold | seconds |\n|---|---|")
    print(f"| `python -c 'import click'` | {bare:.3f} |")
    print(f"| `cega-graph --help` | {own:.3f} ({own / bare:.1f} ×) |")
    print(f"| `cega-graph ask CQ04` | {cold:.3f} |")


SECTIONS: Final[dict[str, tuple[str, Callable[..., None]]]] = {
    "scale": ("A grant file from end to end", lambda *sizes: print_scale(sizes or SIZES)),
    "readers": ("Readers beside the best parser alone", lambda *names: print_readers(names)),
    "imports": ("Grant files into tables", print_imports),
    "steps": ("Single steps", lambda: print_steps(list(STEPS))),
    "starts": ("Start of the program", print_starts),
    "pages": ("The page in Chromium", print_pages),
    "spark": ("Spark beside one machine", print_spark),
}
"""What can be asked for → its heading and what prints it."""


def machine() -> str:
    """Return what the numbers were measured on, in a line."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    info = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else []
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    model = models[0] if models else platform.machine()
    return f"{python}, {platform.system()}, {os.cpu_count()} cores of {model}, {memory:.0f} GiB"


def write(path: Path) -> None:
    """Measure everything and write it as Markdown, section by section."""
    text = f"# Benchmarks\n\nWritten by `make bench`. {machine()}. Ratios matter, not the times.\n"
    for name, (heading, show) in SECTIONS.items():
        printed = io.StringIO()
        with redirect_stdout(printed):
            show()
        text += f"\n## {heading}\n\n`python -m benchmarks {name}`\n\n{printed.getvalue().strip()}\n"
        print(text, flush=True)
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Print what is asked for, or write everything to BENCHMARKS.md."""
    asked = sys.argv[1:]
    if os.environ.get("BENCHMARK_STEP"):
        run_step(os.environ["BENCHMARK_STEP"])
    elif not asked:
        write(Path(__file__).resolve().parent.parent / "BENCHMARKS.md")
    elif asked[0] in SECTIONS:
        print(f"{machine()}\n")
        _, show = SECTIONS[asked[0]]
        show(*(int(word) if word.isdecimal() else word for word in asked[1:]))
    else:
        print_steps(asked)


if __name__ == "__main__":
    main()
