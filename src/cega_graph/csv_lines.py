"""A CSV file as lines of cells, and lines of cells as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

from cega_graph.errors import UnreadableInput

csv.field_size_limit(2**31 - 1)


class Span(NamedTuple):
    """A part of a CSV file, in bytes: where the header ends, and where whole lines of rows begin and end."""

    header: int
    start: int
    end: int


def _opened(path: Path, span: Span | None) -> IO[str]:
    if span is None:
        return path.open(encoding="utf-8-sig", newline="")
    with path.open("rb") as file:
        header = file.read(span.header)
        file.seek(span.start)
        return io.StringIO((header + file.read(span.end - span.start)).decode("utf-8-sig"), newline="")


@contextmanager
def open_csv(path: Path, where: str, span: Span | None = None) -> Iterator[IO[str]]:
    """Open a CSV file for `Lines`: UTF-8, with or without a BOM.

    Args:
        where: How error messages call the file.
        span: Only the header and the rows there.

    Raises:
        UnreadableInput: It is missing, or what is read of it is not UTF-8 or not CSV.
    """
    try:
        with _opened(path, span) as file:
            yield file
    except FileNotFoundError:
        message = f"{where}: there is no such file"
        raise UnreadableInput(message) from None
    except UnicodeDecodeError as error:
        message = f"{where}: byte {error.start} is not UTF-8; save the file as CSV UTF-8"
        raise UnreadableInput(message) from None
    except csv.Error as error:
        message = f"{where}: not readable as CSV: {error}"
        raise UnreadableInput(message) from None
    except OSError as error:
        message = f"{where}: cannot be read: {error.strerror}"
        raise UnreadableInput(message) from None


class Lines:
    """The cells of a CSV file line by line, as a strict `csv.reader` gives them, in half its time.

    A line without a quotation mark that begins a record is the whole record and needs no more than a split.

    Args:
        file: Opened with `newline=""`.
    """

    def __init__(self, file: IO[str]) -> None:
        self.line_num = 0
        self._cells: Final = self._split(file)

    def __iter__(self) -> Iterator[list[str]]:
        return self._cells

    def __next__(self) -> list[str]:
        return next(self._cells)

    def _split(self, file: IO[str]) -> Iterator[list[str]]:
        held: list[str] = []
        quoted = csv.reader(iter(lambda: held.pop() if held else next(file), None), strict=True)
        for line in file:
            if '"' in line:
                held.append(line)
                lines_before = quoted.line_num
                cells = next(quoted)
                self.line_num += quoted.line_num - lines_before
                yield cells
            else:
                self.line_num += 1
                record = line.rstrip("\r\n")
                yield record.split(",") if record else []


class _Echo:
    """Gives back what a CSV writer writes."""

    write = staticmethod(str)


_plain: Final = csv.writer(_Echo(), lineterminator="\n").writerow
_quoted: Final = csv.writer(_Echo(), lineterminator="\n", quoting=csv.QUOTE_ALL).writerow


def csv_line(cells: Sequence[str]) -> str:
    r"""Return cells as a line of CSV with its end, a cell in quotation marks only where it must be.

    >>> csv_line(("a", "x,y", "")), csv_line(("a", "one\rtwo"))
    ('a,"x,y",\n', '"a","one\rtwo"\n')
    """
    line = ",".join(cells)
    if line.count(",") == len(cells) - 1 and '"' not in line and "\n" not in line and "\r" not in line and line:
        return line + "\n"  # most are; a writer takes five times as long
    # Before Python 3.13 the writer leaves a lone carriage return unquoted, and the reader refuses it.
    spelled: str = (_quoted if "\r" in line else _plain)(cells)
    return spelled


def csv_cell(text: str) -> str:
    r"""Return a cell as `csv_line` spells it beside others that hold no carriage return.

    >>> csv_cell("a"), csv_cell('x, "y" z')
    ('a', '"x, ""y"" z"')
    """
    if "," in text or '"' in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def read_csv_line(line: str) -> list[str]:
    """Return the cells that `csv_line` has spelled."""
    return next(csv.reader([line]))
