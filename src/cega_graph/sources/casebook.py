"""A casebook's text → the tables: cases, headers, labelled lists; prose is for people."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from cega_graph.dates import earliest, latest, parse_date
from cega_graph.errors import UnreadableInput
from cega_graph.identifiers import mint_project_id, mint_statement_id
from cega_graph.model import Evidence, Name, Organization, Participation, Project, Row, Source
from cega_graph.names.ledger import Ledger
from cega_graph.names.resolve import Mention, OpenCase, StatedAlias, resolve
from cega_graph.sources.layout import Case, Field, cases_of, lines_of, section_names
from cega_graph.sources.lists import LabelledList, lists_of, parse_label
from cega_graph.sources.parties import Alias, Party, read_list, read_name
from cega_graph.sources.report import Note
from cega_graph.sources.stated_aliases import with_stated_aliases
from cega_graph.sources.text import SourceText, unbroken
from cega_graph.vocabulary import theme_of


class ListCharacters(msgspec.Struct, frozen=True):
    """How many characters of all lists went where; `total` is the sum of the others."""

    total: int
    in_rows: int
    in_separators: int
    in_notes: int


class Extract(msgspec.Struct, frozen=True):
    """What a casebook gives: rows by table, notes for a person, open cases of names, counted characters of lists."""

    tables: dict[str, tuple[Row, ...]]
    notes: tuple[Note, ...]
    open_cases: tuple[OpenCase, ...]
    characters: ListCharacters


class _Stated(msgspec.Struct, frozen=True):
    """A participation before its body is known."""

    project_id: str
    role: str
    basis: str
    label: str
    section: str
    qualifier: str
    mention: Mention
    list_index: int


class _Collected(msgspec.Struct, frozen=True):
    """What the cases gave so far; `counts` are characters of lists: all, in rows, separators, in notes."""

    stated: list[_Stated]
    notes: list[Note]
    counts: list[int]


def source_id_of(text: str, sha256: str) -> str:
    r"""Return the id of a book that nobody named: the letters and the year of its first line, else its hash.

    >>> source_id_of("2024 CEGA案例精选\n", "ab" * 32), source_id_of("某案例集", "ab" * 32)
    ('cega-2024', 'book-abababab')
    """
    title = _title_of(text)
    year = re.search(r"(?:19|20)\d{2}", title)
    letters = re.search(r"[A-Za-z]{2,12}", title)
    if year and letters:
        return f"{letters.group().lower()}-{year.group()}"
    return f"book-{sha256[:8]}"


def _title_of(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:200]


def read_casebook(source: SourceText, name: str, ledger: Ledger, *, source_id: str = "") -> Extract:
    """Return the tables that a casebook's headers and labelled lists state.

    Args:
        source: The text; all offsets are in it.
        name: How messages call the file.
        ledger: What people decided about names; it may be empty.
        source_id: The id of the source; made from the title if empty.

    Raises:
        UnreadableInput: The text holds no case.

    Source: the annotation guideline of this project, `docs/reading.md`.
    """
    text = source.text
    cases = cases_of(lines_of(text))
    if not cases:
        message = f"{name}: no case found; a case has a header line that begins with 提交机构 and a tab"
        raise UnreadableInput(message)
    source_id = source_id or source_id_of(text, source.sha256)
    sections = section_names(cases, _labels(cases))
    projects: list[Project] = []
    got = _Collected([], [], [0, 0, 0, 0])
    notes = got.notes
    numbers = _numbers(cases, notes)
    for case, number in zip(cases, numbers, strict=True):
        project = _project(case, number, text, source_id, notes)
        projects.append(project)
        got.stated.extend(_submitter(case, project, text, notes))
        lists = lists_of(case.body, sections)
        for index, one in enumerate(lists.found):
            _take_list(one, index, project, text, got)
        notes.extend(
            Note(code=code, case=number, section=section, text=line.text[:80], text_start=line.start, text_end=line.end)
            for code, line, section in lists.doubts
        )
    tables, more, open_cases = _tables(source, source_id, projects, got.stated, ledger)
    notes.extend(more)
    notes.sort(key=lambda n: (n.text_start or 0, n.code))
    if source.is_paged:
        tables = {name: with_pages(rows, text) for name, rows in tables.items()}
    return Extract(tables, tuple(notes), open_cases, ListCharacters(*got.counts))


def with_pages(rows: Iterable[Row], text: str) -> tuple[Row, ...]:
    """Return rows with the page of their place as `locator`, where they have a place; pages end at form feeds."""
    ends = [match.start() for match in re.finditer("\f", text)]
    return tuple(
        msgspec.structs.replace(row, locator=f"page={bisect_right(ends, row.text_start) + 1}")
        if isinstance(row, Evidence) and row.text_start is not None
        else row
        for row in rows
    )


def _labels(cases: Sequence[Case]) -> dict[str, bool]:
    return {
        line.text: parse_label(line.text) is not None for case in cases for line in case.body if len(line.text) <= 40
    }


def _numbers(cases: Sequence[Case], notes: list[Note]) -> list[str]:
    """Return a number for each case, no two alike: as printed, with a suffix if repeated, by order if missing."""
    taken = {case.number for case in cases}
    numbers: list[str] = []
    for index, case in enumerate(cases, start=1):
        number = case.number
        place = {"text": case.heading[:80], "text_start": case.title_start, "text_end": case.title_end}
        if not number:
            number = str(index) if str(index) not in taken else f"x{index}"
            notes.append(Note(code="no-number", case=number, detail=number, **place))  # type: ignore[arg-type]
        if number in numbers:
            again = next(n for n in range(2, len(cases) + 2) if f"{number}-{n}" not in numbers)
            notes.append(Note(code="repeated-number", case=number, detail=f"{number}-{again}", **place))  # type: ignore[arg-type]
            number = f"{number}-{again}"
        numbers.append(number)
    return numbers


def _project(case: Case, number: str, text: str, source_id: str, notes: list[Note]) -> Project:
    mention = unbroken(text[case.title_start : case.title_end]).strip()
    if not mention:
        notes.append(Note(code="no-title", case=number, text_start=case.title_start, text_end=case.title_end))
    extra: dict[str, str] = {}
    dates = {}
    for column, key in (("start_date", "start"), ("end_date", "end")):
        dates[column] = _date(case.fields.get(key), column, number, extra, notes)
    start, end = dates["start_date"], dates["end_date"]
    if start and end and latest(end) < earliest(start):
        notes.append(_field_note("end-before-start", number, case.fields.get("end")))
    theme = case.fields.get("theme")
    printed = _words(theme.value) if theme else ""
    if printed and theme_of(printed) is None:
        notes.append(_field_note("unknown-theme", number, theme))
    return Project(
        project_id=mint_project_id(source_id, number),
        number=number,
        title=_words(mention),
        theme=printed,
        extra=json.dumps(extra, ensure_ascii=False, sort_keys=True) if extra else "",
        source_id=source_id,
        mention=mention,
        text_start=case.title_start if mention else None,
        text_end=case.title_end if mention else None,
        **dates,
    )


_STILL_OPEN: Final = re.compile(r"(?:至今|迄今|进行中|持续|持续中|长期|未结束|未完成|待定|[-—–/无])*\Z")


def _date(field: Field | None, column: str, number: str, extra: dict[str, str], notes: list[Note]) -> str:
    if field is None or not field.value:
        return ""
    date = parse_date(field.value)
    if not date:
        extra[column] = field.value
        if not _STILL_OPEN.match(field.value):
            notes.append(_field_note("bad-date", number, field))
    return date


def _field_note(code: str, number: str, field: Field | None) -> Note:
    if field is None:
        return Note(code=code, case=number)
    return Note(
        code=code, case=number, text=field.value[:80], detail=field.label, text_start=field.start, text_end=field.end
    )


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _submitter(case: Case, project: Project, text: str, notes: list[Note]) -> Iterator[_Stated]:
    field = case.fields.get("submitter")
    if field is None or not field.value:
        notes.append(Note(code="no-submitter", case=project.number, text=project.title[:80],
                          text_start=case.title_start, text_end=case.title_end))  # fmt: skip
        return
    reading = read_name(text, field.start, field.end)
    for party in reading.parties:
        mention = _mention(party, text, project, field.label, "")
        yield _Stated(project.project_id, "submitter", "header", field.label, "", party.qualifier, mention, -1)


def _take_list(one: LabelledList, index: int, project: Project, text: str, got: _Collected) -> None:
    """Add what a list states, its notes, and the count of its characters by where they went."""
    reading = read_list(one.lines)
    label = one.label
    for party in reading.parties:
        mention = _mention(party, text, project, label.printed, one.section)
        qualifier = "；".join(q for q in (label.qualifier, party.qualifier) if q)
        got.stated.extend(
            _Stated(project.project_id, role, "listed", label.printed, one.section, qualifier, mention, index)
            for role in label.roles
        )
        got.notes.extend(_party_note(code, party, project.number, one.section, text) for code in _codes(party))
    got.notes.extend(
        Note(
            code="unplaced",
            case=project.number,
            section=one.section,
            text=text[start:end],
            text_start=start,
            text_end=end,
        )
        for start, end in reading.unplaced
    )
    got.notes.extend(
        Note(
            code=code,
            case=project.number,
            section=one.section,
            text=line.text[:80],
            text_start=line.start,
            text_end=line.end,
        )
        for code, line in one.notes
    )
    _count(reading.parties, reading.separators, reading.unplaced, one, got.counts)


def _count(
    parties: Iterable[Party],
    separators: Iterable[tuple[int, int]],
    unplaced: Iterable[tuple[int, int]],
    one: LabelledList,
    counts: list[int],
) -> None:
    rows = {o for p in parties for o in range(p.start, p.end)}
    rest = {o for start, end in separators for o in range(start, end)} - rows
    noted = {o for start, end in unplaced for o in range(start, end)} - rows - rest
    everything = {o for line in one.lines for o in range(line.start, line.end)}
    counts[0] += len(everything)
    for place, group in enumerate((rows, rest, noted), start=1):
        counts[place] += len(group & everything)


def _codes(party: Party) -> Iterator[str]:
    yield from party.notes
    if party.is_group:
        yield "group"


def _party_note(code: str, party: Party, number: str, section: str, text: str) -> Note:
    return Note(
        code=code, case=number, section=section, text=unbroken(text[party.start : party.end]),
        detail=party.name or party.qualifier, text_start=party.start, text_end=party.end,
    )  # fmt: skip


def _mention(party: Party, text: str, project: Project, label: str, section: str) -> Mention:
    place = {"source_id": project.source_id, "section": section, "label": label}
    printed = unbroken(text[party.start : party.end])
    return Mention(
        name=_clean(party.name or printed), scope=project.project_id,
        is_group=party.is_group, is_person=party.is_person, identifiers=party.identifiers,
        aliases=tuple(_alias(a, text, place) for a in party.aliases),
        mention=printed, text_start=party.start, text_end=party.end, **place,
    )  # fmt: skip


def _alias(alias: Alias, text: str, place: dict[str, str]) -> StatedAlias:
    return StatedAlias(
        status="former" if alias.former else "short", mention=unbroken(text[alias.start : alias.end]),
        text_start=alias.start, text_end=alias.end, **place,
    )  # fmt: skip


def _clean(name: str) -> str:
    """A name without the control characters and repeated spaces that its mention keeps."""
    return _words("".join(c for c in name if c.isprintable() or c.isspace()))


def _tables(
    source: SourceText, source_id: str, projects: Sequence[Project], stated: Sequence[_Stated], ledger: Ledger
) -> tuple[dict[str, tuple[Row, ...]], list[Note], tuple[OpenCase, ...]]:
    order = sorted(range(len(stated)), key=lambda i: (stated[i].mention.text_start or 0, i))
    mentions = with_stated_aliases([stated[i].mention for i in order], source.text)
    bodies = resolve(mentions, ledger)
    ids = dict(zip(order, bodies.ids, strict=True))
    participations, repeated = _participations(stated, ids, projects)
    notes = [*repeated, *_name_notes(bodies.organizations, bodies.names, bodies.open_cases)]
    notes.extend(
        Note(code="alias-conflict", section=a.section, text=a.mention, text_start=a.text_start, text_end=a.text_end)
        for a in bodies.conflicts
    )
    title = _words(_title_of(source.text))
    year = re.search(r"(?:19|20)\d{2}", title)
    themes = dict.fromkeys(p.theme for p in projects if p.theme)
    tables: dict[str, tuple[Row, ...]] = {
        "sources": (
            Source(
                source_id=source_id, title=title, year=int(year.group()) if year else None, language="zh",
                sha256=source.sha256, characters=len(source.text), coverage_themes=";".join(themes),
            ),
        ),
        "organizations": bodies.organizations,
        "names": bodies.names,
        "identifiers": bodies.identifiers,
        "projects": tuple(projects),
        "participations": tuple(participations),
        "grants": (),
        "memberships": (),
        "decisions": bodies.decisions,
    }  # fmt: skip
    return tables, notes, bodies.open_cases


def _participations(
    stated: Sequence[_Stated], ids: dict[int, str], projects: Sequence[Project]
) -> tuple[list[Participation], list[Note]]:
    """Return one participation for each body, role and list; the second in one list becomes a note."""
    numbers = {p.project_id: p.number for p in projects}
    seen: set[tuple[str, int, str, str]] = set()
    said: Counter[tuple[str, ...]] = Counter()
    rows: list[Participation] = []
    notes: dict[tuple[int | None, int | None], Note] = {}
    for index, one in enumerate(stated):
        key = (one.project_id, one.list_index, one.role, ids[index])
        mention = one.mention
        if key in seen:
            place = (mention.text_start, mention.text_end)
            notes[place] = Note(
                code="repeated", case=numbers[one.project_id], section=one.section, text=mention.mention,
                text_start=mention.text_start, text_end=mention.text_end,
            )  # fmt: skip
            continue
        seen.add(key)
        row = Participation(
            participation_id="", project_id=one.project_id, organization_id=ids[index], role=one.role, basis=one.basis,
            qualifier=one.qualifier, source_id=mention.source_id, section=one.section, label=one.label,
            mention=mention.mention, text_start=mention.text_start, text_end=mention.text_end,
        )  # fmt: skip
        rows.append(with_participation_id(row, said))
    return rows, list(notes.values())


def with_participation_id(row: Participation, said: Counter[tuple[str, ...]]) -> Participation:
    """Return the row with its id; `said` counts the rows that say the same, and is changed."""
    says = (
        row.project_id, row.grant_id, row.organization_id, row.role, row.basis, row.rule, row.qualifier, row.activity,
        row.since, row.until, row.source_id, row.section, row.label, row.mention,
    )  # fmt: skip
    occurrence = said[says]
    said[says] += 1
    return msgspec.structs.replace(row, participation_id=mint_statement_id("p", says, occurrence))


def _name_notes(
    organizations: Iterable[Organization], names: Iterable[Name], open_cases: Iterable[OpenCase]
) -> Iterator[Note]:
    places = {n.organization_id: n for n in reversed(list(names)) if n.text_start is not None}
    for one in organizations:
        if one.kind == "other" and one.organization_id in places:
            at = places[one.organization_id]
            yield Note(
                code="unknown-kind", section=at.section, text=one.name, text_start=at.text_start, text_end=at.text_end
            )
    for pair in open_cases:
        yield Note(code="undecided-name", text=pair.name_a, detail=pair.name_b)
