"""The text of a list → the parties named in it; every character goes to a party, a separator or a note."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

import msgspec

from cega_graph.identifiers import is_usci
from cega_graph.names.compare import alias_in_bracket, announcement, belongs_to_name
from cega_graph.names.forms import form_of, is_complete, is_generic, is_group, is_person_name
from cega_graph.names.normalize import normalize
from cega_graph.sources.layout import Line
from cega_graph.sources.runs import Run, items_of, run_of
from cega_graph.sources.splitting import (
    CONJUNCTION,
    RUN_END,
    grouped,
    is_any_place,
    is_place_with_head,
    is_tail,
    pieces_of,
)
from cega_graph.sources.units import restored_name
from cega_graph.vocabulary import reading_words


class Alias(msgspec.Struct, frozen=True):
    """Another name that the text itself states, at its offsets."""

    name: str
    start: int
    end: int
    former: bool = False


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party named in a list.

    `start`, `end` are the offsets of the printed name; `name` is the full name if print leaves a
    parent out, else empty; `notes` are codes of `report.MESSAGES` with the words they are about.
    """

    start: int
    end: int
    name: str = ""
    qualifier: str = ""
    aliases: tuple[Alias, ...] = ()
    identifiers: tuple[str, ...] = ()
    is_group: bool = False
    is_person: bool = False
    notes: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a list says: its parties, the spans that are separators or qualifiers, and those nobody claims."""

    parties: tuple[Party, ...]
    separators: tuple[tuple[int, int], ...]
    unplaced: tuple[tuple[int, int], ...]


def read_list(lines: Sequence[Line]) -> Reading:
    """Return the parties of a list.

    Separators are `、，；` and, between an organisation and a person or two whole names, a space or
    a conjunction. Tails (`等`, `等5家机构`) go. What a name leaves out of its parent is put back.
    """
    by_lines = _is_one_a_line(lines)
    run = run_of(lines, keep_breaks=by_lines)
    items = list(items_of(run.text))
    parties: list[Party] = []
    covered: list[tuple[int, int]] = []
    unplaced: list[tuple[int, int]] = []
    previous = ""
    for first, last in grouped(run.text, items):
        start, end = items[first].start, items[last].end
        is_places = first != last and _names_places(run.text[start:end])
        before = None
        for piece in pieces_of(run.text, start, end, is_run=first != last):
            party, printed = _party(run, piece, previous)
            doubts = _doubts_of_split(run.text, before, piece, joined=first != last and not is_places)
            before = piece
            if party is None:
                unplaced.append(run.span(*piece))
                continue
            doubts += ("split-lines",) if by_lines else ()
            party = msgspec.structs.replace(party, notes=(*party.notes, *doubts)) if doubts else party
            parties.append(party)
            covered.append((party.start, party.end))
            previous = printed
    separators: list[tuple[int, int]] = []
    qualifiers = {w for p in parties for w in p.qualifier.split("；")}
    for first, last in _rest(run, [*covered, *unplaced]):
        known = _is_between(run.text[first:last], qualifiers)
        (separators if known else unplaced).append(run.span(first, last))
    return Reading(tuple(parties), tuple(separators), tuple(unplaced))


def _doubts_of_split(
    text: str, before: tuple[int, int] | None, piece: tuple[int, int], *, joined: bool
) -> tuple[str, ...]:
    """Return the codes that say how an item was cut in two, or that a separator in it was not a cut."""
    if joined:
        return ("joined-separator",)
    if before is None:
        return ()
    return ("split-by-space",) if not text[before[1] : piece[0]].strip() else ("split-by-and",)


def _is_between(text: str, qualifiers: set[str]) -> bool:
    """Tell whether what no name covers is only separators, brackets, tails, conjunctions or qualifiers."""
    text = re.sub(r"[（(](?:[^（）()]|[（(][^（）()]*[）)])*[）)]", "", text)
    parts = re.split(r"[、，；,;。．.\s|｜“”「」：:]+", re.sub(r"(?<=等)\s+|(?<=\d)\s+", "", text))
    return all(
        part == ""
        or part in qualifiers
        or (part[-1] == "等" and part[:-1] in qualifiers)
        or CONJUNCTION.fullmatch(part)
        or (part[0] == "等" and is_tail(normalize(part[1:])))
        for part in parts
    )


def read_name(text: str, start: int, end: int) -> Reading:
    """Return what a slice of a source says that holds names but is no list, such as a header's field."""
    first = start + len(text[start:end]) - len(text[start:end].lstrip())
    stripped = text[start:end].strip()
    return read_list([Line(first, first + len(stripped), stripped, follows_blank=True)])


def _is_one_a_line(lines: Sequence[Line]) -> bool:
    """Several lines without any separator, each a whole name by itself that does not begin inside one."""
    if len(lines) < 2 or any(re.search("[、，；,;]", line.text) for line in lines):
        return False
    names = [normalize(re.sub(r"[（(][^（）()]*[）)]$|[。等]+$", "", line.text)) for line in lines]
    wholes = all(is_complete(name) for name in names) and all(len(name) >= 5 for name in names[1:])
    return wholes or all(is_person_name(name) for name in names)


_CODE: Final = re.compile(r"[0-9A-Z]{18}")


_TRAILING_BRACKET: Final = re.compile(r"\s*[（(]([^（）()]*(?:[（(][^（）()]*[）)][^（）()]*)*)[）)]\s*$")


_UNSEEN: Final = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u200b-\u200f\ufeff]")


def _party(run: Run, piece: tuple[int, int], previous: str) -> tuple[Party | None, str]:
    """Return the party that a slice names, and the name that a later one may lean on."""
    start, end = piece
    text = run.text
    notes: list[str] = []
    start, qualifier = _description(text, start, end)
    qualifiers = [qualifier] if qualifier else []
    if qualifier:
        notes.append("description")
    end, aliases, inside = _brackets(run, start, end)
    identifiers = tuple(f"CN-USCI-{code}" for q in inside for code in _CODE.findall(q) if is_usci(code))
    qualifiers.extend(q for q in inside if not any(is_usci(code) for code in _CODE.findall(q)))
    end, ending = _ending(text, start, end)
    qualifiers.extend([ending] if ending else [])
    printed = text[start:end]
    name = normalize(printed)
    if not re.search(r"\w", name):
        return None, previous
    if _UNSEEN.search(printed):
        notes.append("control-character")
    group = is_group(name) or _names_places(printed)
    person = not group and _is_person(name, qualifiers)
    full = "" if group or person else restored_name(name, printed, previous)
    if full:
        notes.append("restored-parent")
    if not group and not person and _may_be_group(name):
        notes.append("possible-group")
    source_start, source_end = run.span(start, end)
    party = Party(
        start=source_start, end=source_end, name=full, qualifier="；".join(qualifiers), aliases=tuple(aliases),
        identifiers=identifiers, is_group=group, is_person=person, notes=tuple(notes),
    )  # fmt: skip
    return party, full or printed


@cache
def _longest_first(use: str) -> tuple[str, ...]:
    return tuple(sorted(reading_words(use), key=lambda word: (-len(word), word)))


def _description(text: str, start: int, end: int) -> tuple[int, str]:
    """`企业公益项目星巴克星社区`: words that say what is named, before the name."""
    item = text[start:end]
    quoted = re.match(r"(.{2,10}?)[“「](.{2,30})[”」]$", item)
    if quoted and is_generic(normalize(quoted.group(1))):
        return start + len(quoted.group(1)), quoted.group(1)
    for word in _longest_first("descriptor"):
        if not item.startswith(word):
            continue
        rest = item[len(word) :].lstrip(" ：:")
        if len(rest) < 2:
            continue
        name = normalize(re.sub(r"[（(][^（）()]*[）)]\s*$", "", rest))
        if is_person_name(name) or (len(word) >= 4 and not is_generic(name) and not _is_only_form(name)):
            return end - len(rest), word
    return start, ""


def _is_only_form(name: str) -> bool:
    form = form_of(name)
    return form is not None and is_generic(name.removesuffix(normalize(form.form)) or "机构")


def _brackets(run: Run, start: int, end: int) -> tuple[int, list[Alias], list[str]]:
    """Take the brackets behind a name off: aliases and qualifiers; those of the name itself stay."""
    aliases: list[Alias] = []
    qualifiers: list[str] = []
    while match := _TRAILING_BRACKET.search(run.text[start:end]):
        inner, stem = match.group(1), run.text[start : start + match.start()]
        if not stem.strip() or belongs_to_name(normalize(inner), normalize(stem)):
            break
        at = start + match.start(1)
        found = [_alias(run, at + m.start(), m.group(), stem) for m in re.finditer(r"[^、，,；;]+", inner)]
        if any(found):
            aliases[:0] = [a for a in found if a]
        elif inner.strip():
            qualifiers.insert(0, inner.strip())
        end = start + len(stem.rstrip())
    return end, aliases, qualifiers


def _alias(run: Run, at: int, printed: str, stem: str) -> Alias | None:
    if not alias_in_bracket(normalize(printed), normalize(stem)):
        return None
    said, former = announcement(printed)
    first = said or len(printed) - len(printed.lstrip())
    name = printed[first:].rstrip("”」 ")
    if not name:
        return None
    start, end = run.span(at + first, at + first + len(name))
    return Alias(name, start, end, former=former)


def _ending(text: str, start: int, end: int) -> tuple[int, str]:
    """`柳州市观鸟协会项目`, `张雪华老师`: what print adds behind a whole name."""
    item = text[start:end]
    for word in _longest_first("qualifier_ending"):
        stem = item.removesuffix(word)
        if stem != item and is_complete(normalize(stem)):
            return start + len(stem.rstrip()), word
    for word in _longest_first("person_title"):
        stem = item.removesuffix(word)
        if stem != item and is_person_name(normalize(stem)):
            return start + len(stem.rstrip()), word
    return end, ""


def _names_places(printed: str) -> bool:
    """A run of places with one head noun, or a place and general words with 等."""
    parts = re.split("[、，；,;]", printed)
    if len(parts) > 1 and (all(is_any_place(p) for p in parts[:-1]) or RUN_END.fullmatch(parts[-1])):
        return True
    return "等" in printed and is_place_with_head(printed)


def _is_person(name: str, qualifiers: Sequence[str]) -> bool:
    if any("个人" in q for q in qualifiers):
        return True
    return is_person_name(name)


def _may_be_group(name: str) -> bool:
    heads = reading_words("group_head")
    return name.endswith(heads) and not is_complete(name) and form_of(name) is None


def _rest(run: Run, covered: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the slices of the run, by index, that no party and no unplaced part covers."""
    index = 0
    for start, end in sorted(covered):
        first = bisect_left(run.offsets, start, index)
        if first > index:
            yield index, first
        index = max(index, bisect_left(run.offsets, end, index))
    if index < len(run.offsets):
        yield index, len(run.offsets)
