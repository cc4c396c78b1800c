"""A data set → one HTML page that shows its network offline."""

from __future__ import annotations

from cega_graph.page.render import render_page

__all__ = ["render_page"]
