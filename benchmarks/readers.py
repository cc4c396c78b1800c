"""`python -m benchmarks readers [FILE …]`: each reader beside what the best parser alone needs on the same file."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks import grant_files as made

_TURNS: Final = 3
"""Processes a step, in turn with the others of its file; the one that took least counts."""


class Case(NamedTuple):
    """A file: how it is written and how many rows it has, the format that reads it, and the parsers beside it.

    The first parser is the one that the target of three times is about.
    """

    write: Callable[[Path, int], None]
    rows: int
    format: str
    parsers: Mapping[str, Callable[[Path], Callable[[], int]]]
    is_usual: bool = True


def _pandas(path: Path) -> Callable[[], int]:
    """The C reader, every cell a text of Python's, as a reader of records needs it."""
    import pandas as pd

    return lambda: len(pd.read_csv(path, engine="c", dtype=object, na_filter=False))


def _calamine(path: Path) -> Callable[[], int]:
    import python_calamine

    return lambda: sum(1 for _ in python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def _structs(row: dict[str, Any]) -> type:
    """Return the struct of a grant: what msgspec fills fastest."""
    import msgspec

    kinds: dict[str, Any] = {
        key: list[_structs(value[0])] if isinstance(value, list) else type(value)  # type: ignore[misc]
        for key, value in row.items()
    }
    fields = [(f"field_{i}", kind, msgspec.field(name=key)) for i, (key, kind) in enumerate(kinds.items())]
    return msgspec.defstruct("Grant", fields, gc=False)


def _msgspec_lines(path: Path) -> Callable[[], int]:
    """All lines at once, each a struct with all of its fields."""
    import msgspec

    with path.open("rb") as file:
        decoder: Any = msgspec.json.Decoder(_structs(msgspec.json.decode(file.readline())))
    return lambda: len(decoder.decode_lines(path.read_bytes()))


def _msgspec_list(path: Path) -> Callable[[], int]:
    """The whole list, each of its objects a struct with all of its fields."""
    import msgspec

    with path.open("rb") as file:
        first = file.readline().strip().removeprefix(b"[").rstrip(b",")
    decoder: Any = msgspec.json.Decoder(list[_structs(msgspec.json.decode(first))])  # type: ignore[misc]
    return lambda: len(decoder.decode(path.read_bytes()))


def _msgspec_package(path: Path) -> Callable[[], int]:
    """The same of a package."""
    import msgspec

    with path.open("rb") as file:
        file.readline()
        first = file.readline().strip().rstrip(b",")
    package = msgspec.defstruct("Package", [("grants", list[_structs(msgspec.json.decode(first))])])  # type: ignore[misc]
    decoder: Any = msgspec.json.Decoder(package)
    return lambda: len(decoder.decode(path.read_bytes()).grants)


def _expat(path: Path) -> Callable[[], int]:
    """No handler: the file is gone through, nothing of it is handed over."""
    from xml.parsers import expat

    def parse() -> int:
        with path.open("rb") as file:
            return expat.ParserCreate().ParseFile(file) or 0

    return parse


def _lxml(path: Path) -> Callable[[], int]:
    """`iterparse` with elements cleared, as its manual advises for large files."""
    from lxml import etree

    def parse() -> int:
        n = 0
        for _, element in etree.iterparse(str(path), tag=("{*}iati-activity", "{*}RecipientTable")):
            n += 1
            element.clear(keep_tail=True)
            while element.getprevious() is not None:
                del element.getparent()[0]
        return n

    return parse


_XML: Final = {"expat": _expat, "lxml iterparse": _lxml}
_LINES: Final = {"msgspec": _msgspec_lines}

CASES: Final[dict[str, Case]] = {
    "table.csv": Case(made.write_csv, 100_000, "table", {"pandas C": _pandas}),
    "table.jsonl": Case(made.write_lines, 100_000, "table", _LINES),
    "table.json": Case(made.write_list, 100_000, "table", {"msgspec": _msgspec_list}),
    "table.xlsx": Case(made.write_xlsx, 20_000, "table", {"calamine": _calamine}),
    "360giving.csv": Case(made.write_standard_csv, 100_000, "360Giving", {"pandas C": _pandas}),
    "360giving.jsonl": Case(made.write_standard_lines, 100_000, "360Giving", _LINES),
    "360giving.json": Case(made.write_package, 100_000, "360Giving", {"msgspec": _msgspec_package}),
    "iati.xml": Case(made.write_activities, 30_000, "IATI", _XML),
    "irs990.xml": Case(made.write_return, 100_000, "US 990", _XML),
    "large.json": Case(made.write_list, 770_000, "table", {"msgspec": _msgspec_list}, is_usual=False),
    "360giving-large.json": Case(
        made.write_package, 540_000, "360Giving", {"msgspec": _msgspec_package}, is_usual=False
    ),
}
"""The last two, 300 MB each, are read only if they are named."""


def _reader(path: Path, name: str) -> Callable[[], int]:
    """Return the reading of a file by the product: through everything that it yields."""
    from cega_graph.sources.files import File
    from cega_graph.sources.recognise import FORMATS

    mapping = path.parent / "mapping.toml"
    form = next(one for one in FORMATS if one.name == name)
    return lambda: sum(1 for _ in form.read(File(path, mapping=mapping)))


def run(path: Path, step: str) -> None:
    """Take one step and print its CPU seconds and peak memory; called in a process of its own."""
    case = CASES[path.name]
    turn = case.parsers[step](path) if step else _reader(path, case.format)
    start = time.process_time()
    turn()
    seconds = time.process_time() - start
    print(f"{seconds:.4f}\t{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}")


def _measured(path: Path, step: str) -> tuple[float, int]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.readers"], check=True, capture_output=True, text=True,
        env={**os.environ, "BENCHMARK_FILE": str(path), "BENCHMARK_STEP": step},
    )  # fmt: skip
    seconds, peak = done.stdout.split("\t")
    return float(seconds), int(peak)


def print_readers(names: Sequence[str]) -> None:
    """Print the table."""
    print("| file | rows | MB | CPU seconds | peak MB | parser alone | its CPU seconds | its peak MB | times |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names or [name for name, case in CASES.items() if case.is_usual]:
        with tempfile.TemporaryDirectory() as folder:
            _print_file(Path(folder) / name, CASES[name])


def _print_file(path: Path, case: Case) -> None:
    (path.parent / "mapping.toml").write_text(made.MAPPING, encoding="utf-8")
    case.write(path, case.rows)
    turns = [{step: _measured(path, step) for step in ("", *case.parsers)} for _ in range(_TURNS)]
    best = {step: min(turn[step] for turn in turns) for step in turns[0]}
    seconds, peak = best.pop("")
    size = path.stat().st_size / 1e6
    for step, (alone, its_peak) in best.items():
        print(
            f"| {path.name} | {case.rows:,} | {size:.0f} | {seconds:.2f} | {peak} | {step} | {alone:.2f} | {its_peak} "
            f"| {seconds / alone:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    run(Path(os.environ["BENCHMARK_FILE"]), os.environ["BENCHMARK_STEP"])
