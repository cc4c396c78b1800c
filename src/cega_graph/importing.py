"""Grant files → a data set: what readers hand over, put together, checked and written."""

from __future__ import annotations

import csv
import hashlib
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import msgspec

from cega_graph.dataset import Dataset
from cega_graph.errors import InvalidData, UnreadableInput, UnwritableOutput
from cega_graph.model import TABLES, Decision, Identifier, Name, Organization, Row, Source, table
from cega_graph.names.bodies import Doubt, Found, KnownBody, find_bodies_of
from cega_graph.names.ledger import Ledger
from cega_graph.names.resolve import OpenCase
from cega_graph.package import TABLES_FOLDER, make_folder, write_tables
from cega_graph.sources.apart import read_apart
from cega_graph.sources.collect import Collector
from cega_graph.sources.files import File
from cega_graph.sources.pairs import OPEN_CASES, format_open_cases
from cega_graph.sources.recognise import Format, recognise
from cega_graph.sources.records import About, Record, Remark, SetAside
from cega_graph.sources.remarks import NOTE, REMARKS
from cega_graph.sources.stored import STREAMED, Lines
from cega_graph.sources.tally import ASIDE_FILE, REPORT, REPORT_COLUMNS, Tally
from cega_graph.tabular import format_csv, read_rows, write_text

_WORK: Final = ".import.part"


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How to import: what `cega-graph import` is given.

    Args:
        source_id: Of the one file; made from its name if empty.
        into: Add to the data set instead of making its tables anew.
        strict: Stop at the first thing that is not as it should be; nothing is written.
        drop_duplicates: Set aside rows that are the same as an earlier one of their file.
        mapping: A file that says which column is what, for readers that need one.
    """

    source_id: str = ""
    into: bool = False
    strict: bool = False
    drop_duplicates: bool = False
    mapping: Path | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What was imported: the counts, the rows by table, files that the data set or an earlier one held already."""

    tally: Tally
    rows: dict[str, int]
    passed_over: tuple[str, ...]


def import_files(
    paths: Sequence[Path], folder: Path, ledger: Ledger, options: Options | None = None,
    tell: Callable[[File, Format, int, int], None] = lambda *_: None,
) -> Outcome:  # fmt: skip
    """Read grant files into a data set, or leave its folder as it was.

    Args:
        paths: Files of any known format, each recognised by its content.
        folder: The data set's. `curated/` in it stays.
        ledger: What people decided about names.
        tell: Called now and then with the file, its format, bytes read and rows so far.

    Raises:
        UnreadableInput: A file cannot be read, or the folder holds sources that are not among the files.
        UnwritableOutput: The folder cannot be written.
        InvalidData: `strict`, and something is not as it should be; or rows were lost, a mistake of a reader.
    """
    options = options or Options()
    files = [File(path, mapping=options.mapping) for path in paths]
    formats = [recognise(file) for file in files]
    old = _Old(folder, into=options.into)
    named = _source_ids(files, options.source_id, old)
    is_new = not folder.exists()
    work = folder / _WORK
    make_folder(work)
    try:
        with Tally(work, strict=options.strict) as tally:
            load = _Load(work, tally, options, old)
            for file, one, source_id in zip(files, formats, named, strict=True):
                if source_id:
                    load.read(file, one, source_id, tell)
            rows = load.write(folder, ledger)
        return Outcome(tally, rows, tuple(f.name for f, source_id in zip(files, named, strict=True) if not source_id))
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror}; choose another folder"
        raise UnwritableOutput(message) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


class _Old:
    """The data set that is added to, or an empty one."""

    def __init__(self, folder: Path, *, into: bool) -> None:
        self.folder: Final = folder
        self.into: Final = into
        has_tables = (folder / TABLES_FOLDER).is_dir()
        if into:
            self.dataset: Dataset | None = Dataset([folder])
        else:
            self.dataset = None
        self.sources: Final = list(Dataset([folder]).rows("sources")) if has_tables else []

    def rows(self, name: str) -> Iterator[Any]:
        """The rows of `tables/`, as they stand there; nothing if the data set is made anew."""
        path = self.folder / TABLES_FOLDER / f"{name}.csv"
        if self.into and path.exists():
            yield from read_rows(path, table(name).row)

    def bodies(self) -> list[KnownBody]:
        """The bodies, those that people wrote into `curated/` included."""
        if self.dataset is None:
            return []
        names: dict[str, list[str]] = defaultdict(list)
        identifiers: dict[str, list[str]] = defaultdict(list)
        for row in self.dataset.stored_rows("names"):
            names[row.organization_id].append(row.name)
        for row in self.dataset.stored_rows("identifiers"):
            identifiers[row.organization_id].append(row.identifier)
        return [
            KnownBody(organization=one, names=tuple(names[one.organization_id]),
                      identifiers=tuple(dict.fromkeys(identifiers[one.organization_id])))
            for one in self.dataset.rows("organizations")
        ]  # fmt: skip


def _source_ids(files: Sequence[File], given: str, old: _Old) -> list[str]:
    """A source id for each file; an empty one for what the data set or an earlier file holds already.

    Raises:
        UnreadableInput: The folder holds other sources, which making its tables anew would lose.
    """
    taken = {row.source_id for row in old.sources}
    others = set(taken) if old.into else set()
    known = {row.sha256 for row in old.sources} if old.into else set()
    made: list[str] = []
    for file in files:
        if file.sha256 in known:
            made.append("")
            continue
        known.add(file.sha256)
        name = given or _slug(file.name)
        made.append(name if name not in others else f"{name}-{file.sha256[:8]}")
        others.add(made[-1])
    lost = sorted(taken - set(made))
    if lost and not old.into:
        message = (
            f"{old.folder}: holds the source {lost[0]!r}, which is not among these files; add to the data set "
            "with --into, or choose another folder with -o"
        )
        raise UnreadableInput(message)
    return made


def _slug(name: str) -> str:
    """An id from a file's name: ASCII letters and digits; a hash where nothing is left.

    >>> _slug("A B Trust 2021.json"), _slug("资助.xlsx")
    ('a-b-trust-2021', 'file-af638358')
    """
    stem = name.removesuffix(".gz").rpartition(".")[0] or name
    slug = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:48].strip("-")
    return slug or "file-" + hashlib.sha256(stem.encode("utf-8", "surrogateescape")).hexdigest()[:8]


class _Load:
    """One import under way."""

    def __init__(self, work: Path, tally: Tally, options: Options, old: _Old) -> None:
        self._work: Final = work
        self._tally: Final = tally
        self._old: Final = old
        used = (row.project_id for row in old.rows("projects"))
        self._collector: Final = Collector(work, tally, drop_duplicates=options.drop_duplicates, used=used)
        self._sources: Final[list[Source]] = []
        self._rows: Final[dict[str, int]] = {}
        self._aside: list[list[str]] = []

    def read(self, file: File, form: Format, source_id: str, tell: Callable[[File, Format, int, int], None]) -> None:
        """Take in all that the file's reader hands over."""
        about = About()
        n = 0
        self._collector.begin(source_id)
        self._tally.read(source_id, 0)
        file.tell = lambda done: tell(file, form, done, n)
        with closing(read_apart(file, form)) as items:
            for item in items:
                if type(item) is Record:
                    n += item.rows
                    self._collector.take(item)
                elif type(item) is SetAside:
                    n += item.rows
                    self._tally.set_aside(source_id, item)
                elif type(item) is About:
                    about = item
                elif type(item) is Remark:
                    self._tally.note(source_id, item)
                else:
                    self._tally.read(source_id, item.rows)  # type: ignore[union-attr]
        tell(file, form, file.size, n)
        if differences := self._tally.differences():
            raise InvalidData(differences)
        self._sources.append(self._source(file, source_id, about))

    def _source(self, file: File, source_id: str, about: About) -> Source:
        first, last = self._collector.span.get(source_id, ("", ""))
        return Source(
            source_id=source_id, title=about.title or file.name, publisher=about.publisher, year=about.year,
            language=about.language, sha256=file.sha256, licence=about.licence, url=about.url,
            coverage_from=first.partition("/")[0], coverage_to=last.partition("/")[2] or last,
        )  # fmt: skip

    def write(self, folder: Path, ledger: Ledger) -> dict[str, int]:
        """Put the bodies together and write everything."""
        found = find_bodies_of(self._collector.printed, ledger, self._old.bodies())
        for doubt in found.doubts:
            self._note(doubt)
        if self._old.into:
            for name in STREAMED:
                self._collector.keep(name, self._old.rows(name))
        tables: dict[str, Iterable[Row]] = {
            name: self._counted(name, rows) for name, rows in self._new_tables(found).items()
        }
        lines = self._counted_lines(self._collector.lines(found.ids))
        write_tables(folder, tables, lines=lines, beside=lambda: self._beside(folder, found.open_cases))
        return {one.name: self._rows[one.name] for one in TABLES}

    def _note(self, doubt: Doubt) -> None:
        self._tally.note(doubt.source_id, Remark(doubt.code, doubt.text, doubt.detail, doubt.locator))

    def _new_tables(self, found: Found) -> dict[str, Iterable[Any]]:
        old = self._old
        decisions: Iterator[Decision] = iter([*old.rows("decisions"), *found.decisions])
        return {
            "sources": [*old.rows("sources"), *self._sources],
            "organizations": self._organizations(found.organizations),
            "names": _once([*old.rows("names"), *found.names], Name),
            "identifiers": _once([*old.rows("identifiers"), *found.identifiers], Identifier),
            "memberships": old.rows("memberships"),
            "decisions": _once(decisions, Decision),
        }

    def _organizations(self, new: Sequence[Organization]) -> list[Organization]:
        kept = {row.organization_id: row for row in self._old.rows("organizations")}
        return list((kept | {row.organization_id: row for row in new}).values())

    def _counted(self, name: str, rows: Iterable[Any]) -> Iterator[Any]:
        n = 0
        for row in rows:
            n += 1
            yield row
        self._rows[name] = n

    def _counted_lines(self, lines: Lines) -> Lines:
        self._rows.update(dict.fromkeys(STREAMED, 0))
        for name, some in lines:
            self._rows[name] += len(some)
            yield name, some

    def _beside(self, folder: Path, cases: Sequence[OpenCase]) -> list[Path]:
        """Finish the report, the rows set aside and the names to decide; those of older sources stay in them."""
        old_report: list[list[str]] = []
        if self._old.into:
            for line in _lines(folder / ASIDE_FILE):
                self._tally.keep(line)
            old_report = _lines(folder / REPORT)
        self._tally.close()
        report = format_csv(REPORT_COLUMNS, sorted([*old_report, *self._tally.lines()], key=lambda line: line[0]))
        write_text(self._work / REPORT, report, encoding="utf-8-sig")
        write_text(self._work / OPEN_CASES, format_open_cases(cases, folder / OPEN_CASES), encoding="utf-8-sig")
        return [self._tally.path, self._work / REPORT, self._work / OPEN_CASES]


def _once(rows: Iterable[Any], kind: type[Row]) -> list[Any]:
    """Rows without those that are the same in everything."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for row in rows:
        cells = tuple(getattr(row, f) for f in kind.__struct_fields__)
        if cells not in seen:
            seen.add(cells)
            kept.append(row)
    return kept


def _lines(path: Path) -> list[list[str]]:
    """The lines of an older report, its header aside."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def needs_a_person(tally: Tally) -> int:
    """Return how many things an import leaves for a person to look at."""
    return sum(n for (_, code), n in tally.remarks.items() if REMARKS[code][0] != NOTE)
