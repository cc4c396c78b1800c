"""A data set → one HTML page that shows its network offline."""

from __future__ import annotations

from cega_graph.page.content import Excerpt, Unshowable, unshowable
from cega_graph.page.frame import PageText
from cega_graph.page.render import render_page

__all__ = ["Excerpt", "PageText", "Unshowable", "render_page", "unshowable"]
