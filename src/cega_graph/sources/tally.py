"""What an import counts: rows read, used and set aside, and what was mended, with examples."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import IO, Final, Self

import msgspec

from cega_graph.errors import InvalidData
from cega_graph.sources.records import Original, Record, Remark, SetAside
from cega_graph.sources.remarks import ASIDE, NOTE, REMARKS
from cega_graph.tabular import guard_formula

REPORT: Final = "report.csv"
REPORT_COLUMNS: Final = ("source_id", "code", "n", "locator", "text", "detail", "message_zh", "message_en")
ASIDE_FILE: Final = "set-aside.csv"
ASIDE_COLUMNS: Final = ("source_id", "locator", "code", "part", "text", "message_zh", "message_en", "original")
_EXAMPLES: Final = 5
_PARTS: Final = 200
"""Kinds of parts that are not read, which are told each."""
_COUNTS: Final = {
    "read": ("读取的行", "rows read"),
    "used": ("已使用的行", "rows used"),
    "set-aside": ("搁置的行；见 set-aside.csv", "rows set aside; see set-aside.csv"),
}


class Counts(msgspec.Struct):
    """The rows of one source."""

    read: int = 0
    used: int = 0
    aside: int = 0
    parts: int = 0


class Tally:
    """Counts and examples, by source; what is set aside goes to a file at once.

    Args:
        folder: Where `set-aside.csv` is written.
        strict: Raise at the first thing that is not as it should be.
    """

    def __init__(self, folder: Path, *, strict: bool = False) -> None:
        self.counts: Final[defaultdict[str, Counts]] = defaultdict(Counts)
        self.remarks: Final[Counter[tuple[str, str]]] = Counter()
        self._examples: Final[dict[tuple[str, str], list[Remark]]] = defaultdict(list)
        self._strict: Final = strict
        self.path: Final = folder / ASIDE_FILE
        self._file: Final[IO[str]] = self.path.open("w", encoding="utf-8-sig", newline="")
        self._writer: Final = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(ASIDE_COLUMNS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def close(self) -> None:
        """Finish `set-aside.csv`."""
        self._file.close()

    def keep(self, line: list[str]) -> None:
        """Write a line of an older `set-aside.csv` again, as it stood."""
        self._writer.writerow(line)

    def note(self, source_id: str, remark: Remark, locator: str = "") -> None:
        """Count a remark; five of a kind are kept as examples, of doubts about identity all, of parts not read 200.

        Raises:
            InvalidData: It is more than a note, and the tally is strict.
        """
        sort, _, english = REMARKS[remark.code]
        place = remark.locator or locator
        if self._strict and sort != NOTE:
            words = f" {remark.text!r}" if remark.text else ""
            raise InvalidData([f"{source_id} {place}:{words} {english}; nothing was written (--strict)"])
        key = (source_id, remark.code)
        self.remarks[key] += 1
        kept = self._examples[key]
        if len(kept) < (_PARTS if remark.code == "not-read" else _EXAMPLES) or sort == "identity":
            kept.append(Remark(remark.code, remark.text, remark.detail, place))

    def read(self, source_id: str, rows: int) -> None:
        """Count rows that a parser met."""
        self.counts[source_id].read += rows

    def use(self, source_id: str, record: Record) -> None:
        """Count a record that is used, and set aside those of its parts that are not."""
        counts = self.counts[source_id]
        counts.used += record.rows
        for part in record.parts:
            self._write(source_id, part, is_part=True)
            counts.parts += 1

    def set_aside(self, source_id: str, row: SetAside) -> None:
        """Count and write a row that is not used."""
        self._write(source_id, row, is_part=False)
        self.counts[source_id].aside += row.rows

    def _write(self, source_id: str, row: SetAside, *, is_part: bool) -> None:
        self.note(source_id, Remark(row.code, row.text, "", row.locator))
        said = [source_id, row.locator, row.code, "true" if is_part else "", row.text, *REMARKS[row.code][1:]]
        self._writer.writerow([guard_formula(cell) for cell in (*said, as_text(row.original))])

    def differences(self) -> list[str]:
        """Return a line for each source whose rows read are not used + set aside: a mistake of its reader."""
        return [
            f"{source_id}: {c.read} rows were read, but {c.used} used and {c.aside} set aside; please report this"
            for source_id, c in sorted(self.counts.items())
            if c.read != c.used + c.aside
        ]

    def lines(self) -> Iterator[list[str]]:
        """Yield the lines of the report: of each source its counts, then the remarks with examples."""
        for source_id, counts in sorted(self.counts.items()):
            for code, n in (("read", counts.read), ("used", counts.used), ("set-aside", counts.aside)):
                yield [source_id, code, str(n), "", "", "", *_COUNTS[code]]
            for code in sorted(code for one, code in self.remarks if one == source_id):
                n = self.remarks[source_id, code]
                for example in self._examples[source_id, code]:
                    cells = (source_id, code, str(n), example.locator, example.text, example.detail)
                    yield [guard_formula(cell) for cell in (*cells, *REMARKS[code][1:])]


def as_text(original: Original) -> str:
    r"""Return a row as the file had it: its bytes as text, its cells as a CSV line.

    >>> as_text(("a", "b,c")), as_text(b'{"id": 1}')
    ('a,"b,c"', '{"id": 1}')
    """
    if isinstance(original, bytes):
        return original.decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(original)
    return line.getvalue()


def summary(tally: Tally, language: str) -> Iterator[str]:
    """Yield the lines that an import ends with: rows by source, then what was mended, most first."""
    for source_id, c in sorted(tally.counts.items()):
        parts = ""
        if language == "zh":
            parts = f"；另有 {c.parts} 处局部搁置" if c.parts else ""
            yield f"{source_id}：读取 {c.read} 行 = 使用 {c.used} 行 + 搁置 {c.aside} 行{parts}"
        else:
            parts = f"; {c.parts} parts of rows set aside as well" if c.parts else ""
            yield f"{source_id}: {c.read} rows read = {c.used} used + {c.aside} set aside{parts}"
        codes = [(code, n) for (one, code), n in tally.remarks.items() if one == source_id]
        for code, n in sorted(codes, key=lambda pair: (REMARKS[pair[0]][0] == NOTE, -pair[1], pair[0])):
            zh, en = REMARKS[code][1:]
            mark = {NOTE: "·", ASIDE: "–"}.get(REMARKS[code][0], "!")
            yield f"  {mark} {n} × {zh} [{code}]" if language == "zh" else f"  {mark} {n} × {en} [{code}]"
