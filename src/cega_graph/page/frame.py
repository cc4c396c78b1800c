"""The page inside a notebook: a frame of its own that can run its script and save files, and nothing else."""

from __future__ import annotations

import html


class PageText(str):
    """The text of a page; a notebook shows the page itself.

    >>> PageText("<p>a</p>")._repr_html_().partition(" srcdoc=")[2]
    '"&lt;p&gt;a&lt;/p&gt;"></iframe>'
    """

    __slots__ = ()

    def __repr__(self) -> str:
        """A notebook that cannot show the page prints this, not a megabyte."""
        return f"<page of {len(self):,} characters; write it to a file, or show it in a notebook>"

    def _repr_html_(self) -> str:
        """Return a frame that holds the page; `allow-same-origin` stays away, so it cannot reach the notebook."""
        return (
            '<iframe sandbox="allow-scripts allow-downloads allow-modals" title="cega-graph" width="100%" height="640" '
            f'style="border:1px solid #d7dde3;border-radius:8px" srcdoc="{html.escape(self)}"></iframe>'
        )
