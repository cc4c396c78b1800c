"""`python -m benchmarks [SECTION [NUMBER …] | STEP … | --write SECTION …]`: time, rate, peak memory of processes.

Without arguments everything is measured and written to BENCHMARKS.md; that takes about an hour.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
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


def write(path: Path, names: Sequence[str]) -> None:
    """Measure what is named and write it as Markdown, section by section; other sections of the file stay."""
    sections = _written(path)
    for name in names:
        heading, _ = SECTIONS[name]
        own = [sys.executable, "-m", "benchmarks", name]  # a process of its own: peak memory is handed on to children
        printed = subprocess.run(own, check=True, stdout=subprocess.PIPE, text=True).stdout
        sections[heading] = f"`python -m benchmarks {name}`, {printed.strip()}\n"
        print(f"## {heading}\n\n{sections[heading]}", flush=True)
        order = [heading for heading, _ in SECTIONS.values() if heading in sections]
        body = "".join(f"\n## {heading}\n\n{sections[heading]}" for heading in order)
        path.write_text(f"{_HEAD}{body}", encoding="utf-8")


_HEAD: Final = """# Benchmarks

Written by `make bench`: each line is what one run of a command took. Naive ways and limits ran beside the product in
the same run, on the same machine: the ratios between them matter, not the times. Peak memory is summed over all
processes of a command; pages that they share are counted for each. What these numbers mean stands in
[docs/scale.md](docs/scale.md).
"""


def _written(path: Path) -> dict[str, str]:
    """Return the sections that a file has, by heading."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = (part.partition("\n\n") for part in text.split("\n## ")[1:])
    return {heading: f"{body.strip()}\n" for heading, _, body in parts}


def main() -> None:
    """Print what is asked for, or write it to BENCHMARKS.md: `--write SECTION …`, everything if none is named."""
    asked = sys.argv[1:]
    if os.environ.get("BENCHMARK_STEP"):
        run_step(os.environ["BENCHMARK_STEP"])
    elif not asked or asked[0] == "--write":
        write(Path(__file__).resolve().parent.parent / "BENCHMARKS.md", asked[1:] or list(SECTIONS))
    elif asked[0] in SECTIONS:
        print(f"{machine()}\n")
        _, show = SECTIONS[asked[0]]
        show(*(int(word) if word.isdecimal() else word for word in asked[1:]))
    else:
        print_steps(asked)


if __name__ == "__main__":
    main()
