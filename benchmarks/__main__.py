"""`python -m benchmarks [STEP ... | pages | spark [GRANTS]]`: each in a process of its own; time, rate, peak memory."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time

from benchmarks import measures, steps
from benchmarks.page import print_pages
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


def main() -> None:
    """Print the table."""
    if os.environ.get("BENCHMARK_STEP"):
        run_step(os.environ["BENCHMARK_STEP"])
        return
    if sys.argv[1:] == ["pages"]:
        print_pages()
        return
    if sys.argv[1:2] == ["spark"]:
        print_spark(*map(int, sys.argv[2:]))
        return
    asked = sys.argv[1:] or list(STEPS)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{python}, {os.cpu_count()} cores, {platform.machine()}\n")
    print("| step | n | seconds | n per second | peak MB |\n|---|---|---|---|---|")
    for name in asked:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks"], check=True, capture_output=True, text=True,
            env={**os.environ, "BENCHMARK_STEP": name},
        )  # fmt: skip
        n, seconds, peak = done.stdout.split("\t")
        rate = int(n) / float(seconds)
        what = f"{int(n):,} {STEPS[name][1]}"
        print(f"| {name} | {what} | {float(seconds):.2f} | {rate:,.0f} | {peak.strip()} |", flush=True)
    if len(sys.argv) > 1:
        return
    bare, own = start_up(["-c", "import click"]), start_up(["-m", "cega_graph", "--help"])
    cold = start_up(["-m", "cega_graph", "ask", "CQ04"])
    print(f"| `python -c 'import click'` | | {bare:.3f} | | |")
    print(f"| `cega-graph --help` | | {own:.3f} | {own / bare:.1f} × | |")
    print(f"| `cega-graph ask CQ04`, cold | | {cold:.3f} | | |")
    print_pages()


if __name__ == "__main__":
    main()
