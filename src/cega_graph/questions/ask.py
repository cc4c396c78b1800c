"""Ask a question of a data set: names become ids, ids become names, and the proviso comes along."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final

from cega_graph.errors import UnknownIdentifier
from cega_graph.identifiers import iri
from cega_graph.measures.words import about_rank
from cega_graph.questions.analyses import ANALYSES
from cega_graph.questions.catalogue import Parameter, Question, question_of
from cega_graph.questions.naming import body_of, project_of
from cega_graph.questions.wording import (
    ids_by_iri,
    ids_in_answer,
    ids_in_frame,
    in_language,
    labels_in,
    names_of,
    worded,
)
from cega_graph.store.convert import load_texts, parse_ntriples
from cega_graph.store.engines import Engine, Rdflib, Stored
from cega_graph.store.results import to_frame
from cega_graph.store.terms import Answer

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset import Dataset
    from cega_graph.dataset.load import Extent


class LazyEngine:
    """An engine in this process, for queries of our own, loaded when first asked.

    Args:
        name: A name of `store.engines.ENGINES`.
        ntriples: Gives the text of the graph, whole or in pieces of whole lines.
    """

    def __init__(self, name: str, ntriples: Callable[[], str | Iterable[str]]) -> None:
        self._name: Final = name
        self._ntriples: Final = ntriples
        self._made: Engine | None = None

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query."""
        if self._made is None:
            given = self._ntriples()
            pieces = [given] if isinstance(given, str) else given
            is_reference = self._name == "rdflib"
            self._made = Rdflib(parse_ntriples("".join(pieces))) if is_reference else Stored(load_texts(pieces))
        return self._made.answer(text, limit)


_MARK: Final = "# parameters"


def ask(dataset: Dataset, engine: Engine, name: str, given: Mapping[str, str], *, language: str = "en") -> pd.DataFrame:
    """Return the answer to a question.

    Args:
        dataset: The tables.
        engine: The same data as a graph; asked by questions in SPARQL only, with queries of our own.
        name: The question's id.
        given: Parameters; bodies by any of their names.
        language: `zh` or `en`, of names and of words for codes.

    Returns:
        The columns that the question file lists, names in place of ids. `attrs` holds `question`,
        `title`, `headings`, `caveat`, `coverage`, `ids` (of the bodies and projects in the rows, sorted) and
        `notes` (lines that say what a ranking or a partition rests on).

    Raises:
        UnknownIdentifier: No such question, parameter, value, body or project; or a parameter is missing.
    """
    question = question_of(name)
    values = _values(dataset, question, given)
    names = names_of(dataset, language)
    if question.sparql:
        by_iri = ids_by_iri(dataset)
        answered = engine.answer(bound(question, values), None)
        frame, ids = to_frame(answered, labels_in(names, by_iri, language)), ids_in_answer(answered, by_iri)
    else:
        frame = in_language(ANALYSES[question.analysis](dataset, values), question, language)
        ids = ids_in_frame(frame, question)
    shown = [n for n, c in question.columns.items() if n in frame and not (c.optional and frame[n].isna().all())]
    answer = worded(frame[shown], question, names, language).reset_index(drop=True)
    proviso = question.provisos.get(frame.attrs.get("proviso", ""), question.caveat)
    answer.attrs = {
        "question": question.id, "title": question.title.of(language),
        "headings": [question.columns[c].of(language) for c in answer.columns],
        "caveat": proviso.of(language), "ids": ids,
        "coverage": _compared(frame.attrs["covered"], language) if "covered" in frame.attrs
        else coverage(dataset.extent(), language),
        "notes": _notes(frame, language),
        **{key: value for key, value in frame.attrs.items() if key in {"about", "agreement"}},
    }  # fmt: skip
    return answer


def _notes(frame: pd.DataFrame, language: str) -> list[str]:
    """What a ranking or a partition rests on, in lines."""
    notes = about_rank(frame.attrs["about"], language) if "about" in frame.attrs else []
    if "agreement" in frame.attrs:
        said = "全部关系的平均稳定度：" if language == "zh" else "mean agreement over all links: "
        notes.append(f"{said}{frame.attrs['agreement']:.4f}")
    return notes


def bound(question: Question, values: Mapping[str, str]) -> str:
    """Return a question's query with its parameters bound where the file says so.

    A parameter that is not given stays a variable, so that the answer covers all.
    """
    lines = "".join(
        f"VALUES ?{p.name} {{ <{iri(p.kind, values[p.name])}> }} "
        for p in question.parameters
        if p.kind in {"organization", "project"} and values.get(p.name)
    )
    return question.sparql.replace(_MARK, lines)


def _values(dataset: Dataset, question: Question, given: Mapping[str, str]) -> dict[str, str]:
    known = {p.name: p for p in question.parameters}
    for name in given:
        if name not in known:
            takes = ", ".join(f"--{p}" for p in known) or "none"
            message = f"question {question.id} takes no --{name}; its parameters: {takes}"
            raise UnknownIdentifier(message)
    return {parameter.name: _value(dataset, question, parameter, given) for parameter in question.parameters}


_NEEDED: Final = {
    "organization": "a body, by any of its names",
    "project": "a project, by id, number or part of its title",
    "data": "the folder of a data set or of a build",
    "word": "a word",
}


def _value(dataset: Dataset, question: Question, parameter: Parameter, given: Mapping[str, str]) -> str:
    value = given.get(parameter.name) or parameter.default
    if not value and parameter.required:
        message = f"question {question.id} needs --{parameter.name}: {_NEEDED[parameter.kind]}"
        raise UnknownIdentifier(message)
    if parameter.choices and value not in parameter.choices:
        known = ", ".join(parameter.choices)
        message = f"question {question.id} --{parameter.name}: {value!r} is not known; there are {known}"
        raise UnknownIdentifier(message)
    resolve = {"organization": body_of, "project": project_of}.get(parameter.kind)
    return resolve(dataset, value) if resolve and value else value


def _compared(held: tuple[Extent, Extent], language: str) -> str:
    """Return two lines: what the earlier release holds, and the later one."""
    first, second = ("旧版", "新版") if language == "zh" else ("Earlier release: ", "Later release: ")
    return f"{first}{coverage(held[0], language)}\n{second}{coverage(held[1], language)}"


def coverage(held: Extent, language: str) -> str:
    """Return one line that says what the data hold and how much of it a rule inferred."""
    span = f"{held.first_year}–{held.last_year}" if held.first_year else ""
    sums = f"{held.first_paid}–{held.last_paid}" if held.first_paid and not span else ""
    if language == "zh":
        begun = f"款项日期 {sums}" if sums else f"开始于 {span or '未注明'}"
        return (
            f"收录：{held.projects} 个项目（{begun}），{held.participants} 个参与方"
            f"（机构、个人与群体共 {held.bodies} 个），"
            f"{held.participations} 条参与关系，其中 {held.inferred} 条为推断。未收录不等于没有。"
        )
    begun = f"sums dated {sums}" if sums else f"begun {span or 'at no stated date'}"
    return (
        f"Covers {held.projects} projects ({begun}), {held.participants} participants "
        f"({held.bodies} bodies, persons and groups in all), "
        f"{held.participations} participations of which {held.inferred} are inferred. No record is not no funding."
    )
