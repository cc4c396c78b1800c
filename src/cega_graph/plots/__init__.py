"""Pictures of frames that people would show: readable in grey, names in Chinese where a font has them.

Each function takes a frame and returns a `Picture`, a matplotlib figure that notebooks show by
themselves; nothing is kept between calls, and equal frames give equal bytes on one machine.
They need the extra `notebooks`.

>>> import cega_graph as cg
>>> rank_ranges(cg.load().rank("funder"), top=5)
<picture of 825 x 377 pixels: Funder by projects: rank, and its range when cases are left out>
"""

from cega_graph.errors import MissingExtra

try:
    import matplotlib as _  # noqa: F401, ICN001 - only whether it is there
except ImportError:
    _MESSAGE = "plots need matplotlib; install the extra: python -m pip install 'cega-graph[notebooks]'"
    raise MissingExtra(_MESSAGE) from None

from cega_graph.plots.grids import co_funding_matrix, role_mix
from cega_graph.plots.picture import Picture
from cega_graph.plots.ranges import rank_ranges
from cega_graph.plots.years import timeline

__all__ = ["Picture", "co_funding_matrix", "rank_ranges", "role_mix", "timeline"]
