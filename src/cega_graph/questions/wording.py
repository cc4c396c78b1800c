"""What stands in the cells of an answer: names for ids, words for codes, in one language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from cega_graph.identifiers import iri
from cega_graph.places import PROVINCES
from cega_graph.questions.catalogue import Column, Question
from cega_graph.store.labels import vocabulary_labels
from cega_graph.vocabulary import roles, theme_of

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset import Dataset
    from cega_graph.store.terms import Answer


def names_of(dataset: Dataset, language: str) -> dict[str, str]:
    """Return id → name of every body and project, in a language or else in the other."""
    first, other = ("", "_en") if language == "zh" else ("_en", "")
    names: dict[str, str] = {}
    for table, column, key in (("organizations", "name", "organization_id"), ("projects", "title", "project_id")):
        rows = dataset.frame(table)
        cells = (rows[one].to_numpy(dtype=object) for one in (key, column + first, column + other))
        for one, name, fallback in zip(*cells, strict=True):
            names[one] = name or fallback or one
    return names


def ids_by_iri(dataset: Dataset) -> dict[str, str]:
    """Return IRI → id of every body and project."""
    bodies, projects = dataset.frame("organizations")["organization_id"], dataset.frame("projects")["project_id"]
    return {
        iri(kind, one): one
        for kind, ids in (("organization", bodies), ("project", projects))
        for one in ids.to_numpy(dtype=object)
    }


def labels_in(names: dict[str, str], ids: dict[str, str], language: str) -> dict[str, str]:
    """Return IRI → label of bodies, projects, roles, kinds, themes and bases."""
    return {**vocabulary_labels(language), **{address: names[key] for address, key in ids.items()}}


def ids_in_answer(answer: Answer, ids: dict[str, str]) -> tuple[str, ...]:
    """Return the ids of the bodies and projects that the rows of an answer name, sorted."""
    found = {ids.get(cell.value, "") for row in answer.rows for cell in row if cell is not None and cell.kind == "iri"}
    return tuple(sorted(found - {""}))


def ids_in_frame(frame: pd.DataFrame, question: Question) -> tuple[str, ...]:
    """Return the ids that the rows of an analysis name, sorted; groups that are no ids are among them."""
    columns = [name for name, column in question.columns.items()
               if column.shows in {"name", "group"} and name in frame]  # fmt: skip
    cells = {cell for name in columns for cell in frame[name].to_numpy(dtype=object)}
    return tuple(sorted({one for cell in cells for one in str(cell).split(";")} - {""}))


def in_language(frame: pd.DataFrame, question: Question, language: str) -> pd.DataFrame:
    """Return an analysis's frame with the English columns in their place, of an English answer."""
    other = {n: frame[c.english] for n, c in question.columns.items() if c.english and language != "zh"}
    return frame.assign(**other)


def worded(frame: pd.DataFrame, question: Question, names: dict[str, str], language: str) -> pd.DataFrame:
    """Return an answer's frame with names for ids and words for codes; not changed in place."""
    shown = frame.copy()
    for name, column in question.columns.items():
        if name in shown and (turn := _turn(column, names, language)) is not None:
            missing = shown[name].isna()
            cells = shown[name].astype("object")
            said = {cell: turn(str(cell)) for cell in cells[~missing].unique()}
            texts = cells.map(said).where(~missing, cells)
            shown[name] = texts.where(~missing, None).astype("str") if missing.any() else texts.astype("str")
    return shown


def _turn(column: Column, names: dict[str, str], language: str) -> Callable[[str], str] | None:
    words = {code: word.of(language) for code, word in column.words.items()}
    if column.shows == "text":
        return (lambda cell: words.get(cell, cell)) if words else None
    says: dict[str, Callable[[str], str]] = {
        "name": lambda key: names.get(key, key),
        "role": lambda key: _role(key, language),
        "theme": lambda printed: _theme(printed, language),
        "province": lambda code: _province(code, language),
        "group": lambda group: names.get(group, _theme(group, language)),
    }
    say = says[column.shows]
    return lambda cell: words.get(cell) or _JOIN.join(_sorted_if_names(column, map(say, cell.split(";"))))


_JOIN: Final = "; "


def _sorted_if_names(column: Column, said: Iterable[str]) -> Iterable[str]:
    return sorted(said) if column.shows == "name" else said


def _role(role: str, language: str) -> str:
    if role not in roles():
        return role
    return roles()[role].label_zh if language == "zh" else roles()[role].label_en


def _theme(printed: str, language: str) -> str:
    theme = theme_of(printed)
    return printed if theme is None or language == "zh" else theme.label_en


def _province(code: str, language: str) -> str:
    return PROVINCES[code][0 if language == "zh" else 1] if code in PROVINCES else code
