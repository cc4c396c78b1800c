"""Projects and new funders by year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.ticker import MaxNLocator

from cega_graph.plots.lettering import Lettering, lettering
from cega_graph.plots.picture import DARK, FAINT, LINES, PAPER, TEXT, Picture, needs

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SERIES: Final = (
    ("n_projects", "开始的项目（个）", "projects begun"),
    ("new_funders", "首次出现的资助方（家）", "funders seen first"),
)
_MOST_LABELS: Final = 16
_MOST_NUMBERS: Final = 30


def timeline(years: pd.DataFrame, *, language: str = "en") -> Picture:
    """Return how many projects begin and how many funders appear for the first time, year by year.

    Args:
        years: What `measures.coverage.by_year` returns. Not changed.
        language: `zh` or `en`.

    Returns:
        Two rows of bars over the same years, the number above each bar (up to 30 years); at the right, apart and
        hatched, what has no date, also where that is 0.

    Raises:
        InvalidData: The frame has not the columns of `by_year`.

    Warns:
        MissingFont: Chinese was asked for and cannot be drawn.
    """
    needs(years, ("year", *(column for column, _, _ in _SERIES)), "measures.coverage.by_year()")
    letters = lettering(language)
    dated, undated = years[years["year"].notna()].sort_values("year"), years[years["year"].isna()]
    total, unknown = int(years["n_projects"].sum()), int(undated["n_projects"].sum())
    notes = [
        letters.word(
            f"n = {total} 个项目，其中 {unknown} 个未注明开始时间；按开始年份计。",
            f"n = {total} projects, {unknown} of them without a start; by the year in which a project starts.",
        ),
        letters.word(
            "“首次出现”只就收录的项目而言；没有记录不等于没有资助。",
            "Seen first in these data, which is not the first time they gave. No record is not no funding.",
        ),
    ]
    title = letters.word("逐年开始的项目与新出现的资助方", "Projects begun and funders seen first, by year")
    picture = Picture(letters, title, notes, (7.5, 3.6))
    with picture.drawing():
        if years.empty:
            return picture.empty(picture.add_subplot())
        panels = picture.subplots(len(_SERIES), 1, sharex=True)
        for axes, (column, zh, en) in zip(panels, _SERIES, strict=True):
            picture.panel(axes, y=letters.word(zh, en))
            _bars(axes, [int(n) for n in dated[column]], int(undated[column].sum()))
        _years(panels[-1], [int(year) for year in dated["year"]], letters)
    return picture


def _bars(axes: Axes, counts: list[int], undated: int) -> None:
    places = [*range(len(counts)), len(counts) + 0.6]
    axes.bar(places[:-1], counts, width=0.72, color=DARK)
    axes.bar(places[-1:], [undated], width=0.72, color=PAPER, edgecolor=FAINT, hatch="////")
    highest = max(1, undated, *counts) if counts else max(1, undated)
    numbered = [*counts, undated] if len(counts) <= _MOST_NUMBERS else [*[None] * len(counts), undated]
    for x, n in zip(places, numbered, strict=True):
        if n is None:
            continue
        axes.text(x, n + highest * 0.03, str(n), ha="center", va="bottom", fontsize=8, color=TEXT)
    axes.set_ylim(0, highest * 1.2)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=LINES, linewidth=0.7)
    axes.axvline(len(counts) - 0.2, color=LINES, linewidth=0.9)


def _years(axes: Axes, years: list[int], letters: Lettering) -> None:
    every = -(-len(years) // _MOST_LABELS) or 1
    named = [str(year) if at % every == 0 else "" for at, year in enumerate(years)]
    undated = letters.word("未注明", "no date")
    axes.set_xticks([*range(len(years)), len(years) + 0.6], [*named, undated], parse_math=False)
    axes.set_xlabel(letters.word("开始年份", "year of start"))
    axes.set_xlim(-0.7, len(years) + 1.2)
