"""Ranks, and how far they move when any one case is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cega_graph.errors import InvalidData
from cega_graph.measures.ranking import MEASURES
from cega_graph.measures.words import about_rank, left_out_zh
from cega_graph.plots.lettering import Lettering, labels, lettering, wrapped
from cega_graph.plots.picture import DARK, LINES, PAPER, TEXT, Picture, needs
from cega_graph.vocabulary import roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_COLUMNS: Final = ("rank", "organization_id", "name", "name_en", "stated_share", "rank_min", "rank_max")
_ROW: Final = 0.3
_NAME_WIDTH: Final = 44
_MOST_TICKS: Final = 12


def rank_ranges(ranking: pd.DataFrame, *, language: str = "en", top: int = 20) -> Picture:
    """Return ranks as dots, each with a line from its best to its worst rank when any one case is left out.

    Args:
        ranking: What `kg.rank` returns, with its `attrs`. Not changed.
        language: `zh` or `en`.
        top: Draw the first so many rows; if the last of them shares its rank with rows that are not
            drawn, the picture says how many.

    Returns:
        Best rank on top and on the left. A filled dot: all that gives the body the role is stated; a
        hollow one: some of it is inferred. Without ranges (large data, costly measure) dots alone.

    Raises:
        InvalidData: The frame is no ranking.

    Warns:
        MissingFont: Names cannot be drawn in this language.
    """
    needs(ranking, _COLUMNS, "kg.rank()")
    about = ranking.attrs.get("about")
    if not about:
        raise InvalidData(
            ["ranking: attrs['about'] is missing; give the frame that kg.rank() returned, not a copy of it"]
        )
    letters = lettering(language)
    shown = ranking.sort_values(["rank", "organization_id"]).head(top)
    notes = [about_rank(about, letters.language)[0], _counts(letters, about), _reading(letters, ranking, shown)]
    picture = Picture(
        letters, _title(letters, about["role"], about["by"]), notes, (7.5, 0.75 + _ROW * max(3, len(shown)))
    )
    with picture.drawing():
        axes = picture.add_subplot()
        if shown.empty:
            return picture.empty(axes)
        picture.panel(axes, x=letters.word("名次（1 为最前）", "rank (1 is first)"))
        _draw(axes, shown, letters)
    return picture


def _title(letters: Lettering, role: str, by: str) -> str:
    measure, entry = MEASURES[by], roles().get(role)
    if letters.language == "zh":
        return f"{entry.label_zh if entry else '全部角色'}按{measure.title_zh}排名：名次，以及去掉案例时的范围"
    who = entry.label_en if entry else "all roles"
    return f"{who[0].upper()}{who[1:]} by {measure.title_en}: rank, and its range when cases are left out"


def _counts(letters: Lettering, about: dict[str, Any]) -> str:
    """Return n, what the lines leave out, and what to beware of."""
    n = letters.word(
        f"n = {about['bodies']} 个机构，{about['cases']} 个案例",
        f"n = {about['bodies']} bodies, {about['cases']} cases",
    )
    if about["left_out"].startswith("nothing"):
        _, _, why = about["left_out"].partition(": ")
        return n + letters.word(f"；没有横线：{left_out_zh(about)}", f"; no lines: {why}")
    return n + letters.word(
        f"；横线：{left_out_zh(about)}时的最好与最差名次；去掉唯一的案例后排在末位",
        f"; line: best and worst rank when leaving out {about['left_out']}; without its only case a body ranks last",
    )


def _reading(letters: Lettering, ranking: pd.DataFrame, shown: pd.DataFrame) -> str:
    """Return how to read the dots, and what is not drawn."""
    said = letters.word("● 全部为原文写明　○ 部分为推断", "● all stated   ○ partly inferred")
    hidden = len(ranking) - len(shown)
    if not hidden:
        return said
    last = int(shown["rank"].iloc[-1]) if len(shown) else 0
    tied = int((ranking["rank"] == last).sum() - (shown["rank"] == last).sum())
    return said + letters.word(
        f"　另有 {hidden} 个机构未画出" + (f"，其中 {tied} 个同为第 {last} 名" if tied else ""),
        f"   {hidden} more are not drawn" + (f", {tied} of them also at rank {last}" if tied else ""),
    )


def _draw(axes: Axes, shown: pd.DataFrame, letters: Lettering) -> None:
    names = labels(letters, shown[["name", "name_en", "organization_id"]].itertuples(index=False, name=None))
    places = range(len(shown))
    known = shown["rank_min"].notna() & shown["rank_max"].notna()
    for y, low, high, drawn in zip(places, shown["rank_min"], shown["rank_max"], known, strict=True):
        if drawn:
            axes.plot([int(low), int(high)], [y, y], color=DARK, linewidth=2.2, solid_capstyle="round", alpha=0.55)
    for y, rank, share in zip(places, shown["rank"], shown["stated_share"], strict=True):
        whole = float(share) == 1
        axes.plot(int(rank), y, "o", markersize=7.5, color=TEXT, markerfacecolor=TEXT if whole else PAPER,
                  markeredgewidth=1.4, zorder=3)  # fmt: skip
    axes.set_yticks(list(places), [wrapped(name, _NAME_WIDTH, lines=1) for name in names], parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    worst = max(int(value) for column in ("rank", "rank_max") for value in shown[column].dropna())
    axes.set_xlim(0.4, worst + 0.6)
    every = max(1, -(-worst // _MOST_TICKS))
    axes.set_xticks([1, *range(every, worst + 1, every)] if every > 1 else range(1, worst + 1))
    axes.grid(axis="x", color=LINES, linewidth=0.7)
