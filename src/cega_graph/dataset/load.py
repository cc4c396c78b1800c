"""Folders of tables → one data set."""

from __future__ import annotations

import copy
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from cega_graph.csv_lines import Span
from cega_graph.dataset.filling import key_of, united
from cega_graph.dataset.inference import infer
from cega_graph.dataset.limits import Limit, limit_to
from cega_graph.dataset.piece import Piece
from cega_graph.dataset.uniting import PROJECT_PREFIX, Clash, Part, Union, unite
from cega_graph.errors import InvalidData, UnknownIdentifier, UnreadableInput
from cega_graph.folders import recover
from cega_graph.model import TABLES, Participation, Row, Table, table
from cega_graph.ordering import are_sorted, is_file_sorted, rank, sort_rows
from cega_graph.package import CURATED_FOLDER, DESCRIPTOR, TABLES_FOLDER, UNITED
from cega_graph.tabular import Wanted, read_rows

if TYPE_CHECKING:
    import pandas as pd


class Extent(NamedTuple):
    """How much a data set holds; years, in which projects start and sums are paid, are texts, empty if none says.

    `bodies` are all bodies, persons and groups, `participants` those of them that take part in a project.
    """

    projects: int
    bodies: int
    participants: int
    participations: int
    inferred: int
    first_year: str
    last_year: str
    first_paid: str
    last_paid: str


class HasRows(Protocol):
    """Whatever gives the rows of tables in the stored order, such as a data set."""

    def rows(self, name: str) -> Iterator[Any]:
        """Yield the rows of a table."""


Watch = Callable[[Table, Path, Iterator[Any]], Iterator[Any]]
"""Given a table, one of its files and the rows as they stand there: yields the same rows."""


class Dataset:
    """The tables of one or several data packages, as one.

    Bodies and projects that several of them hold are one, under the id of the data set that is named
    first; `uniting.unite` says how that is decided. `clashes` is what they say against each other.

    Args:
        folders: Folders with `tables/` and perhaps `curated/`, or what `build` wrote; one that is named
            twice counts once.

    Raises:
        UnreadableInput: A folder is missing or holds no tables.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders: Final = tuple({folder.resolve(): folder for folder in reversed(folders)}.values())[::-1]
        self._frames: dict[str, pd.DataFrame] = {}
        self._sorted: dict[Path, bool] = {}
        self._limits: dict[Path, Limit] = {}
        self._spans: Mapping[Path, Span] = {}
        self._watch: Watch | None = None
        for folder in self.folders:
            for part in (folder, folder / TABLES_FOLDER, folder / CURATED_FOLDER):
                recover(part)
            if not folder.is_dir():
                message = f"{folder}: there is no such folder; give a data set made by extract or import"
                raise UnreadableInput(message)
            if not (folder / TABLES_FOLDER).is_dir():
                message = f"{folder}: holds no {TABLES_FOLDER}/; give a data set made by extract or import"
                raise UnreadableInput(message)

    def only(self, sources: Iterable[str]) -> Dataset:
        """Return the data set limited to what some of its sources state.

        Of a data set all of whose sources are named, everything stays; of one that holds others too,
        the rows of the named sources, and the bodies and projects that these rows are about. What a
        rule infers is inferred from what is left.

        Raises:
            UnknownIdentifier: No source has the id.
        """
        wanted = frozenset(sources)
        held = {folder: {row.source_id for row in self._stored(folder, "sources")} for folder in self.folders}
        known = sorted(set().union(*held.values()))
        unknown = sorted(wanted.difference(known))
        if unknown:
            message = f"no source has the id {unknown[0]!r}; there are {', '.join(known) or 'none'}"
            raise UnknownIdentifier(message)
        limited = Dataset([folder for folder in self.folders if held[folder] & wanted])
        for folder in limited.folders:
            if held[folder] - wanted:
                limited._limits[folder] = limit_to(wanted, partial(self._stored, folder))
        return limited

    def cut(self, spans: Mapping[Path, Span], watch: Watch | None = None) -> Dataset:
        """Return the same data set, of some files only a part.

        Args:
            spans: File → the part of it; other files are read whole.
            watch: Sees each row as it stands in its file.
        """
        part = copy.copy(self)
        vars(part).update(_frames={}, _sorted={}, _spans=spans, _watch=watch)
        return part

    @property
    def clashes(self) -> tuple[Clash, ...]:
        """What the data sets say against each other, in the order of tables; nothing if there is only one.

        Raises:
            InvalidData: Their decisions about names contradict each other.
        """
        return self._union.clashes if self._union else ()

    @cached_property
    def _union(self) -> Union | None:
        """What is called how in the whole; None where nothing is called otherwise."""
        decisions = (row for folder in self.folders for row in self._stored(folder, "decisions"))
        if len(self.folders) == 1 and not any(row.name_a.startswith(PROJECT_PREFIX) for row in decisions):
            return None
        return unite([self._part(folder) for folder in self.folders])

    def _part(self, folder: Path) -> Part:
        spellings: dict[str, set[str]] = defaultdict(set)
        identifiers: dict[str, set[str]] = defaultdict(set)
        for name in self._stored(folder, "names"):
            spellings[name.organization_id].add(name.name)
        for row in self._stored(folder, "identifiers"):
            identifiers[row.organization_id].add(row.identifier)
        return Part(
            name=folder.name,
            sources=tuple(united(self._stored(folder, "sources"), table("sources"))),
            organizations=tuple(united(self._stored(folder, "organizations"), table("organizations"))),
            spellings={key: frozenset(found) for key, found in spellings.items()},
            identifiers={key: frozenset(found) for key, found in identifiers.items()},
            projects=tuple(united(self._stored(folder, "projects"), table("projects"))),
            decisions=tuple(self._stored(folder, "decisions")),
            grants=tuple(row for row in self._stored(folder, "grants") if row.identifier),
        )

    def files(self, name: str) -> list[Path]:
        """Return the files of a table, a reader's before a person's, in the order of the folders.

        They are CSV or Parquet, the latter perhaps a folder of parts; see `read_stored`.
        """
        return [path for folder in self.folders for path in _files(folder, name)]

    def is_guarded(self, path: Path) -> bool:
        """Tell whether the cells of a file are guarded against being taken for formulas."""
        return any(is_built(folder) for folder in self.folders if folder in path.parents)

    def _stored(self, folder: Path, name: str) -> Iterator[Any]:
        """Yield the rows of a table of one data set as they stand in its files, limited to some sources."""
        limit = self._limits.get(folder)
        for path in _files(folder, name):
            rows = read_stored(path, table(name), guarded=is_built(folder))
            yield from limit.apply(name, rows) if limit else rows

    def stored_rows(self, name: str, wanted: Wanted | None = None) -> Iterator[Any]:
        """Yield the rows of a table as stored, all or those wanted, in the stored order; rows of one key not united.

        Ids are those of the whole. A row that two data sets hold alike comes once. Files in the stored
        order are streamed; one that a person put into another order is sorted in memory first.
        """
        declared = table(name)
        streams = [(at, self._in_order(declared, path, at, wanted)) for at, path in self._places(name)]
        if len(self.folders) == 1:
            yield from heapq.merge(*(rows for _, rows in streams), key=partial(rank, declared))
            return
        placed = (zip(repeat(at), rows, strict=False) for at, rows in streams)
        last: tuple[int, Row] | None = None
        for at, row in heapq.merge(*placed, key=lambda one: rank(declared, one[1])):
            if last is None or at == last[0] or row != last[1] or name in UNITED:
                last = (at, row)
                yield row

    def _places(self, name: str) -> Iterator[tuple[int, Path]]:
        """Yield the CSV files of a table, each with the place of its folder among the folders."""
        return ((at, path) for at, folder in enumerate(self.folders) for path in _files(folder, name))

    def _in_order(self, declared: Table, path: Path, at: int, wanted: Wanted | None = None) -> Iterator[Any]:
        if wanted:
            return iter(sort_rows(self._read(declared, path, at, wanted), declared))
        if path not in self._sorted:
            self._sorted[path] = self._is_sorted(declared, path, at)
        rows = self._read(declared, path, at)
        return rows if self._sorted[path] else iter(sort_rows(rows, declared))

    def _is_sorted(self, declared: Table, path: Path, at: int) -> bool:
        if path.suffix != ".csv" or self.folders[at] in self._limits or self._renamed(declared, at):
            return are_sorted(self._read(declared, path, at), declared)
        return is_file_sorted(path, declared, guarded=is_built(self.folders[at]), span=self._spans.get(path))

    def _read(self, declared: Table, path: Path, at: int, wanted: Wanted | None = None) -> Iterator[Any]:
        """Return the rows of a file under the ids of the whole, limited to some sources."""
        guarded, columns = is_built(self.folders[at]), self._renamed(declared, at)
        asked = None if columns else wanted  # under the ids of the whole it is not known what is wanted in the file
        rows: Iterator[Any] = read_stored(path, declared, guarded=guarded, span=self._spans.get(path), wanted=asked)
        if self._watch:
            rows = self._watch(declared, path, rows)
        if limit := self._limits.get(self.folders[at]):
            rows = limit.apply(declared.name, rows)
        if columns:
            rows = self._under_new_ids(rows, declared, columns)
            rows = (row for row in rows if getattr(row, wanted.column) in wanted.texts) if wanted else rows
        return rows

    def _under_new_ids(self, rows: Iterable[Any], declared: Table, columns: dict[str, dict[str, str]]) -> Iterator[Any]:
        for row in rows:
            changes = {c: ids[getattr(row, c)] for c, ids in columns.items() if getattr(row, c) in ids}
            if "grant_id" in changes and declared.name == "grants":
                continue  # another data set states this sum under the same identifier
            if declared.name == "grants" and not row.conflicts_with:
                changes |= self._conflict(row.grant_id)
            yield msgspec.structs.replace(row, **changes) if changes else row

    def _conflict(self, grant_id: str) -> dict[str, str]:
        against = self._union.conflicting.get(grant_id, "") if self._union else ""
        return {"conflicts_with": against} if against else {}

    def _renamed(self, declared: Table, at: int) -> dict[str, dict[str, str]]:
        """Return the columns of a table that hold ids which are called otherwise in the whole, with these."""
        if self._union is None:
            return {}
        ids = {
            "organizations": self._union.organizations[at],
            "projects": self._union.projects,
            "grants": self._union.grants[at],
        }
        columns = {**declared.references, **dict.fromkeys(declared.key, declared.name)}
        found = {column: ids[target] for column, target in columns.items() if ids.get(target)}
        if declared.name == "grants" and self._union.conflicting:
            found.setdefault("grant_id", {})
        return found

    def texts(self, name: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return some columns of texts of the rows as they are stored, in any order, as a frame of `str`.

        Rows of one key are not united, and what is inferred is left out where it is not stored.

        Raises:
            InvalidData: Cells that are not of their column's type; not always, where no row is made.
        """
        import pandas as pd

        if self.whole_folder is not None and self._union is None:
            from cega_graph.dataset.frames import read_stored_texts

            read = [
                read_stored_texts(path, table(name), columns, guarded=self.is_guarded(path))
                for path in self.files(name)
            ]
            frames = [frame for frame in read if frame is not None]
            if frames and len(frames) == len(read):
                return pd.concat(frames, ignore_index=True)
        rows = list(map(attrgetter(*columns), self.stored_rows(name)))
        cells = zip(*rows, strict=True) if rows and len(columns) > 1 else [rows] * len(columns)
        return pd.DataFrame({c: pd.Series(list(some), dtype="str") for c, some in zip(columns, cells, strict=True)})

    def part(self, wanted: Mapping[str, Wanted]) -> Piece:
        """Return what the data set says about some bodies and projects, read once and held.

        Args:
            wanted: Table → which of its rows; other tables are empty. Rows of one group (`piece.GROUP_COLUMNS`) must
                be wanted together.

        Raises:
            InvalidData: Cells of these rows that are not of their column's type.
        """
        return Piece((name, at, row) for name, some in wanted.items() for at, row in self._wanted(name, some))

    def _wanted(self, name: str, wanted: Wanted) -> Iterator[tuple[int, Any]]:
        """Yield rows with the number of their file, where rows of one key are united in the order of the files."""
        if name not in UNITED:
            yield from ((0, row) for row in self.stored_rows(name, wanted))
            return
        for number, (at, path) in enumerate(self._places(name)):
            yield from ((number, row) for row in self._read(table(name), path, at, wanted))

    def rows(self, name: str) -> Iterator[Any]:
        """Return the rows of a table in the stored order, united and with what is inferred.

        Raises:
            InvalidData: Cells that are not of their column's type.
        """
        if name in UNITED:
            return self._merged(table(name))
        return self._participations() if name == "participations" else self.stored_rows(name)

    def _merged(self, declared: Table) -> Iterator[Row]:
        streams = [self._in_order(declared, path, at) for at, path in self._places(declared.name)]
        yield from united(heapq.merge(*streams, key=key_of(declared)), declared, in_order=True)

    def _participations(self) -> Iterator[Participation]:
        """Yield stated and inferred rows, project by project: both rules look at one project only."""
        rows: list[Participation] = []
        for row in self.stored_rows("participations"):
            if rows and row.project_id != rows[0].project_id:
                yield from _with_inferred(rows)
                rows = []
            if row.basis != "inferred":
                rows.append(row)
        yield from _with_inferred(rows)

    def extent(self) -> Extent:
        """Return how much there is."""
        participations, grants = self.frame("participations"), self.frame("grants")
        starts, paid = self.frame("projects")["start_date"], grants.loc[grants["date"] != "", "date"].str[:4]
        dated = starts[starts != ""].str[:4]
        return Extent(
            projects=len(starts), bodies=len(self.frame("organizations")),
            participants=participations["organization_id"].nunique(), participations=len(participations),
            inferred=int((participations["basis"] == "inferred").sum()),
            first_year=dated.min() if len(dated) else "", last_year=dated.max() if len(dated) else "",
            first_paid=paid.min() if len(paid) else "", last_paid=paid.max() if len(paid) else "",
        )  # fmt: skip

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as a frame, made on first use and kept.

        Columns and their order are the contract's; texts are `str` (empty where the source is
        silent), offsets and counts `Int64`, amounts `Float64`, flags `bool`.
        """
        if name not in self._frames:
            from cega_graph.dataset.frames import rows_frame

            frame = self._by_columns(table(name))
            self._frames[name] = rows_frame(table(name), self.rows(name)) if frame is None else frame
        return self._frames[name]

    @property
    def whole_folder(self) -> Path | None:
        """The folder of which this is all, no more and no less; None if there are several or it is limited."""
        return self.folders[0] if len(self.folders) == 1 and not self._limits else None

    def _by_columns(self, declared: Table) -> pd.DataFrame | None:
        """Return a table as a frame straight from its files; None where only rows tell."""
        folder = self.whole_folder
        if folder is None or self._union is not None:
            return None
        from cega_graph.dataset.frames import read_frame

        return read_frame(declared, _files(folder, declared.name), guarded=is_built(folder))


def is_built(folder: Path) -> bool:
    """Tell whether `build` wrote a folder: its tables are for people, and their cells are guarded."""
    return (folder / "report.json").is_file() and not (folder / DESCRIPTOR).exists()


def _files(folder: Path, name: str) -> list[Path]:
    places = [folder / sub for sub in (TABLES_FOLDER, CURATED_FOLDER)]
    found = ([path for ending in _ENDINGS if (path := place / f"{name}{ending}").exists()] for place in places)
    return [paths[0] for paths in found if paths]


_ENDINGS: Final = (".parquet", ".csv")
"""Of a table; where both are there, the first is read."""


def read_stored(
    path: Path, declared: Table, *, guarded: bool = False, span: Span | None = None, wanted: Wanted | None = None
) -> Iterator[Any]:
    """Yield the rows of a file, or folder of parts, as they stand there.

    Args:
        path: As `Dataset.files` gives it.
        guarded, span, wanted: As for `tabular.read_rows`; in Parquet nothing is guarded, and it is read whole.

    Raises:
        UnreadableInput: The file cannot be read as what its name says.
        MissingExtra: It is Parquet, and pyarrow is not installed.
        InvalidData: Cells that are not of their column's type.
    """
    if path.suffix == ".parquet":
        from cega_graph.dataset.parquet import read_parquet

        return read_parquet(path, declared, wanted)
    return read_rows(path, declared.row, guarded=guarded, span=span, wanted=wanted)


def _with_inferred(rows: list[Participation]) -> list[Participation]:
    """Return the stated participations of a project, in the stored order, with those that the rules add."""
    inferred = list(infer(rows))
    return sort_rows([*rows, *inferred], table("participations")) if inferred else rows


def read_dataset(*folders: Path) -> Dataset:
    """Return the data sets of the folders as one, every cell of the small tables checked for its type."""
    dataset = Dataset(folders)
    findings: list[str] = []
    for one in TABLES:
        for path in dataset.files(one.name):
            try:
                for _ in read_stored(path, one):
                    pass
            except InvalidData as error:
                findings.extend(error.findings)
    if findings:
        raise InvalidData(findings)
    return dataset
