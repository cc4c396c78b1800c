"""Data sets united: rows in streams, frames on demand, inference on top."""

from __future__ import annotations

from cega_graph.dataset.load import Dataset, HasRows

__all__ = ["Dataset", "HasRows"]
