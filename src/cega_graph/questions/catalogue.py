"""The question files: what is asked, with which parameters, answered by what, with which proviso."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from cega_graph.errors import InvalidVocabulary, UnknownIdentifier

FOLDER: Final = Path(__file__).resolve().parent / "files"

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in both languages."""

    zh: Text
    en: Text

    def of(self, language: str) -> str:
        """Return the text in a language, `zh` or `en`."""
        return self.zh if language == "zh" else self.en


class Column(Words, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The heading of a column, and what its cells hold.

    `shows` says what an analysis puts there: ids of bodies or projects (`name`), a role, a theme, the
    code of a province, or ids or a theme (`group`), joined by `;` if there are several; in SPARQL, IRIs
    are named anyhow. `words`
    are the words for codes. A column that is `optional` is left out where no row fills it. `english` is
    the column of the analysis that takes its place in an English answer.
    """

    shows: Literal["text", "name", "role", "theme", "province", "group"] = "text"
    words: dict[str, Words] = {}
    optional: bool = False
    english: str = ""


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a question may be asked about; `name` is the option on the command line.

    `choices` are the values that a `word` may have; without them the analysis says what it knows.
    """

    name: Literal["project", "organization", "from", "to", "role", "by", "basis", "old", "new"]
    kind: Literal["project", "organization", "data", "word"]
    required: bool = False
    default: str = ""
    choices: tuple[str, ...] = ()


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question file.

    `sparql` is a query in which the line `# parameters` stands where the given parameters are bound
    (`VALUES ?project { … }`); `analysis` the name of a function of `analyses`. Either is there.
    `columns` gives the columns of the answer in their order, `example` parameters for which the bundled
    casebook has an answer. `provisos` take the place of the caveat where an analysis names one of them in
    `attrs["proviso"]`.
    """

    id: str
    title: Words
    caveat: Words
    columns: dict[str, Column]
    parameters: tuple[Parameter, ...] = ()
    sparql: str = ""
    analysis: str = ""
    example: dict[str, str] = {}
    provisos: dict[str, Words] = {}


@cache
def questions() -> dict[str, Question]:
    """Return id → question, in the order of the ids.

    Raises:
        InvalidVocabulary: A file is not what it should be.
    """
    found = [_read(path) for path in sorted(FOLDER.glob("CQ*.toml"))]
    return {question.id: question for question in found}


def _read(path: Path) -> Question:
    where = f"questions/files/{path.name}"
    try:
        question = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Question)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
        message = f"{where}: {error}"
        raise InvalidVocabulary(message) from None
    if question.id != path.stem or bool(question.sparql) == bool(question.analysis):
        message = f"{where}: needs the id {path.stem!r} and either sparql or analysis"
        raise InvalidVocabulary(message)
    return question


def question_of(name: str) -> Question:
    """Return the question of an id, in any spelling of case and zeros.

    Raises:
        UnknownIdentifier: There is none.

    >>> question_of("cq1").id
    'CQ01'
    """
    digits = name.strip().upper().removeprefix("CQ")
    wanted = f"CQ{int(digits):02d}" if digits.isdecimal() and digits.isascii() else name
    if wanted not in questions():
        message = f"question {name!r} does not exist; there are {', '.join(questions())}"
        raise UnknownIdentifier(message)
    return questions()[wanted]
