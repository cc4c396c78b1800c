"""Ask a question of a data set: names become ids, ids become names, and the proviso comes along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from cega_graph.errors import UnknownIdentifier
from cega_graph.identifiers import iri
from cega_graph.questions.analyses import ANALYSES
from cega_graph.questions.catalogue import Question, question_of
from cega_graph.questions.naming import body_of, project_of
from cega_graph.store.convert import parse_ntriples
from cega_graph.store.engines import MAKERS, Engine
from cega_graph.store.labels import vocabulary_labels
from cega_graph.store.results import to_frame
from cega_graph.store.terms import Answer
from cega_graph.vocabulary import roles

if TYPE_CHECKING:
    import pandas as pd

    from cega_graph.dataset import Dataset


class LazyEngine:
    """An engine in this process, for queries of our own, loaded when first asked.

    Args:
        name: A name of `store.engines.MAKERS`.
        ntriples: Gives the text of the graph.
    """

    def __init__(self, name: str, ntriples: Callable[[], str]) -> None:
        self._name: Final = name
        self._ntriples: Final = ntriples
        self._made: Engine | None = None

    def answer(self, text: str, limit: int | None) -> Answer:
        """Return the answer to a query."""
        if self._made is None:
            self._made = MAKERS[self._name](parse_ntriples(self._ntriples()))
        return self._made.answer(text, limit)


_MARK: Final = "# parameters"


def ask(dataset: Dataset, engine: Engine, name: str, given: Mapping[str, str], *, language: str = "en") -> pd.DataFrame:
    """Return the answer to a question.

    Args:
        dataset: The tables.
        engine: The same data as a graph; asked by questions in SPARQL only, with queries of our own.
        name: The question's id.
        given: Parameters; bodies by any of their names.
        language: `zh` or `en`, of names.

    Returns:
        The columns that the question file lists, names in place of ids. `attrs` holds `question`,
        `title`, `headings`, `caveat` and `coverage`.

    Raises:
        UnknownIdentifier: No such question, parameter, body or project; or a parameter is missing.
    """
    question = question_of(name)
    values = _values(dataset, question, given)
    if question.sparql:
        frame = to_frame(engine.answer(bound(question, values), None), _labels(dataset, language))
    else:
        frame = ANALYSES[question.analysis](dataset, values)
        frame = _named(frame, _names(dataset, language), language)
    answer = frame[[c for c in question.columns if c in frame.columns]].reset_index(drop=True)
    answer.attrs = {
        "question": question.id, "title": question.title.of(language),
        "headings": [question.columns[c].of(language) for c in answer.columns],
        "caveat": question.caveat.of(language), "coverage": coverage(dataset, language),
        **{key: value for key, value in frame.attrs.items() if key in {"about", "agreement"}},
    }  # fmt: skip
    return answer


def bound(question: Question, values: Mapping[str, str]) -> str:
    """Return a question's query with its parameters bound where the file says so.

    A parameter that is not given stays a variable, so that the answer covers all.
    """
    lines = "".join(
        f"VALUES ?{p.name} {{ <{iri(p.kind, values[p.name])}> }} "
        for p in question.parameters
        if p.kind != "word" and values.get(p.name)
    )
    return question.sparql.replace(_MARK, lines)


def _values(dataset: Dataset, question: Question, given: Mapping[str, str]) -> dict[str, str]:
    known = {p.name: p for p in question.parameters}
    for name in given:
        if name not in known:
            takes = ", ".join(f"--{p}" for p in known) or "none"
            message = f"question {question.id} takes no --{name}; its parameters: {takes}"
            raise UnknownIdentifier(message)
    values: dict[str, str] = {}
    for name, parameter in known.items():
        value = given.get(name) or parameter.default
        if not value and parameter.required:
            message = f"question {question.id} needs --{name}: {parameter.kind}"
            raise UnknownIdentifier(message)
        resolve = {"organization": body_of, "project": project_of}.get(parameter.kind)
        values[name] = resolve(dataset, value) if resolve and value else value
    return values


def _names(dataset: Dataset, language: str) -> dict[str, str]:
    first, other = ("", "_en") if language == "zh" else ("_en", "")
    names: dict[str, str] = {}
    for table, column, key in (("organizations", "name", "organization_id"), ("projects", "title", "project_id")):
        for row in dataset.rows(table):
            name = getattr(row, column + first) or getattr(row, column + other)
            names[getattr(row, key)] = name or getattr(row, key)
    return names


def _labels(dataset: Dataset, language: str) -> dict[str, str]:
    bodies = {row.organization_id for row in dataset.rows("organizations")}
    named = {
        iri("organization" if key in bodies else "project", key): name
        for key, name in _names(dataset, language).items()
    }
    return {**vocabulary_labels(language), **named}


def _named(frame: pd.DataFrame, names: dict[str, str], language: str) -> pd.DataFrame:
    """Return a frame of an analysis with names for ids (several joined by `;`) and words for roles."""
    shown = frame.copy()
    words = {role: entry.label_zh if language == "zh" else entry.label_en for role, entry in roles().items()}
    for column in shown.columns:
        texts = shown[column]
        if str(texts.dtype) not in {"str", "object", "string"}:
            continue
        known = words if str(column).endswith("role") else names
        shown[column] = ["; ".join(known.get(p, p) for p in str(t).split(";")) for t in texts]
    return shown


def coverage(dataset: Dataset, language: str) -> str:
    """Return one line that says what the data hold and how much of it a rule inferred."""
    rows: list[Any] = list(dataset.rows("participations"))
    inferred = sum(row.basis == "inferred" for row in rows)
    years = sorted({p.start_date[:4] for p in dataset.rows("projects") if p.start_date})
    paid = [] if years else sorted({g.date[:4] for g in dataset.rows("grants") if g.date})
    span = f"{years[0]}–{years[-1]}" if years else ""
    sums = f"{paid[0]}–{paid[-1]}" if paid else ""
    begun_zh = f"款项日期 {sums}" if sums else f"开始于 {span or '未注明'}"
    begun_en = f"sums dated {sums}" if sums else f"begun {span or 'at no stated date'}"
    n_projects, n_bodies = (sum(1 for _ in dataset.rows(t)) for t in ("projects", "organizations"))
    if language == "zh":
        return (
            f"收录：{n_projects} 个项目（{begun_zh}），{n_bodies} 个参与方，"
            f"{len(rows)} 条参与关系，其中 {inferred} 条为推断。未收录不等于没有。"
        )
    return (
        f"Covers {n_projects} projects ({begun_en}), {n_bodies} participants, "
        f"{len(rows)} participations of which {inferred} are inferred. No record is not no funding."
    )
