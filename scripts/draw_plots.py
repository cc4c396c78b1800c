"""Draw the pictures of docs/python.md from the bundled casebook: `python scripts/draw_plots.py [docs/images]`."""

from __future__ import annotations

import sys
from pathlib import Path

import cega_graph as cg
from cega_graph import plots
from cega_graph.measures.money import co_funding_pairs


def draw(folder: Path) -> None:
    """Write each picture as PNG."""
    kg = cg.load()
    pairs = co_funding_pairs(kg.participations, kg.projects)
    drawn = {
        "rank-ranges": plots.rank_ranges(kg.rank("funder"), top=12),
        "rank-ranges.zh-CN": plots.rank_ranges(kg.rank("funder"), top=12, language="zh"),
        "co-funding": plots.co_funding_matrix(pairs, kg.organizations),
    }
    for name, picture in drawn.items():
        target = folder / f"{name}.png"
        picture.save(target)
        print(target)


if __name__ == "__main__":
    draw(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images"))
