"""The errors that a user can cause, each named after whose fault it is."""

from __future__ import annotations


class CegaGraphError(Exception):
    """Base of every error raised on purpose; its text is one line that says where, what and what to do."""


class UnreadableInput(CegaGraphError):
    """A file or folder cannot be read as what it should be."""


class InvalidData(CegaGraphError):
    """Rows break the rules of their table; `findings` holds one line for each broken cell."""

    def __init__(self, findings: list[str]) -> None:
        self.findings = findings
        shown = findings[:20]
        if len(findings) > len(shown):
            shown = [*shown, f"and {len(findings) - len(shown)} more"]
        super().__init__("\n".join(shown))


class InvalidVocabulary(CegaGraphError):
    """A file of `ontology/` breaks its own rules."""


class UnknownIdentifier(CegaGraphError):
    """An id or a name that the data does not hold."""


class UnwritableOutput(CegaGraphError):
    """The output folder cannot be written."""


class InvalidQuery(CegaGraphError):
    """A query is not SPARQL; the text names the position and the words that stand there."""


class RefusedQuery(CegaGraphError):
    """A query asks for what is never done here: reach out, read other files, change the data."""


class StoppedQuery(CegaGraphError):
    """A query took more time or memory than it was given, or its worker ended."""


class MissingExtra(CegaGraphError):
    """A library is not installed that only some uses need; the text names the extra that brings it."""


class InvalidMapping(CegaGraphError):
    """A mapping of columns is wrong or names columns that its file does not have; the text has a line for each."""


class FailedEngine(CegaGraphError):
    """An engine that runs beside this program cannot be started, or broke off."""


class CutResult(UserWarning):
    """A query has more rows than its cap; the rest is left out."""


class MissingFont(UserWarning):
    """Names cannot be drawn as they are written; the text says what stands in their place."""
