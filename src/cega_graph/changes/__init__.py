"""What changed between two releases of the data, row by row and in words."""

from __future__ import annotations

from cega_graph.changes.compare import changes
from cega_graph.changes.words import headings, sentence, summary

__all__ = ["changes", "headings", "sentence", "summary"]
