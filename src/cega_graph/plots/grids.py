"""Grids of counts: who funds with whom, and which kinds of bodies take which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from cega_graph.plots.lettering import labels, lettering, wrapped
from cega_graph.plots.picture import DARK, LINES, NOTE_SIZE, PAPER, TEXT, TEXT_SIZE, Picture, needs
from cega_graph.vocabulary import kinds, roles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SHADES: Final = LinearSegmentedColormap.from_list("shades", ["#eef3f7", DARK])
"""From near white to dark: the order stays in grey."""

_CELL: Final = 0.34
_NAME_WIDTH: Final = 38
_DARK_FROM: Final = 0.55
"""Share of the darkest shade from which numbers are drawn in white."""


def co_funding_matrix(
    pairs: pd.DataFrame, organizations: pd.DataFrame, *, language: str = "en", top: int = 20
) -> Picture:
    """Return which funders stand in the same projects, and in how many.

    Args:
        pairs: What `measures.money.co_funding_pairs` returns. Not changed.
        organizations: The table, for names.
        language: `zh` or `en`.
        top: Draw so many funders, those with the most shared projects, then by id; the picture says how
            many are left out.

    Returns:
        A triangle of cells, rows and columns in the same order; columns bear the numbers of the rows. A
        cell shows the number of projects, in brackets where one of the two funders is inferred in all of
        them; an empty cell means that no project is recorded with both.

    Raises:
        InvalidData: A frame has not the columns.

    Warns:
        MissingFont: Names cannot be drawn in this language.
    """
    needs(pairs, ("funder_a", "funder_b", "n_projects", "stated"), "measures.money.co_funding_pairs()")
    needs(organizations, ("organization_id", "name", "name_en"), "kg.organizations")
    letters = lettering(language)
    pairs = pairs.sort_values(["funder_a", "funder_b"])
    order = _most_shared(pairs)
    chosen = order[:top]
    notes = [
        letters.word(
            f"n = {len(order)} 家资助方，{len(pairs)} 对"
            + (f"；只画出前 {len(chosen)} 家" if len(chosen) < len(order) else "")
            + "。格中为共同项目数；（）表示其中一方属推断；空格：没有记录。",
            f"n = {len(order)} funders, {len(pairs)} pairs"
            + (f"; the first {len(chosen)} are drawn" if len(chosen) < len(order) else "")
            + ". Numbers: projects with both; (in brackets): one of the two is inferred; empty: none recorded.",
        ),
        letters.word("同在一个项目不等于协同资助。", "To fund the same project is not to coordinate."),
    ]
    title = letters.word("哪些资助方出现在同一项目", "Which funders stand in the same projects")
    picture = Picture(letters, title, notes, (7.5, 0.8 + _CELL * max(3, len(chosen))))
    with picture.drawing():
        axes = picture.add_subplot()
        if not chosen:
            return picture.empty(axes)
        names = labels(letters, _names_of(organizations, chosen))
        _triangle(axes, pairs, chosen, names)
        axes.set_xlabel(letters.word("资助方（编号同左）", "funder, numbered as the rows"))
    return picture


def _most_shared(pairs: pd.DataFrame) -> list[str]:
    """Return the funders of all pairs, those with the most shared projects first, then by id."""
    shared: dict[str, int] = {}
    for a, b, n in zip(pairs["funder_a"], pairs["funder_b"], pairs["n_projects"], strict=True):
        for funder in (str(a), str(b)):
            shared[funder] = shared.get(funder, 0) + int(n)
    return sorted(shared, key=lambda funder: (-shared[funder], funder))


def _names_of(organizations: pd.DataFrame, chosen: list[str]) -> list[tuple[str, str, str]]:
    rows = zip(organizations["organization_id"], organizations["name"], organizations["name_en"], strict=True)
    known = {str(key): (str(zh), str(en), str(key)) for key, zh, en in rows}
    return [known.get(funder, ("", "", funder)) for funder in chosen]


def _triangle(axes: Axes, pairs: pd.DataFrame, chosen: list[str], names: list[str]) -> None:
    places = {funder: place for place, funder in enumerate(chosen)}
    most = int(pairs["n_projects"].max())
    for a, b, n, stated in zip(pairs["funder_a"], pairs["funder_b"], pairs["n_projects"], pairs["stated"], strict=True):
        if a in places and b in places:
            low, high = sorted((places[a], places[b]))
            _cell(axes, low, high, str(n) if stated else f"({n})", int(n) / most)
    rows = range(len(chosen))
    for place in rows:
        axes.add_patch(Rectangle((place - 0.5, place - 0.5), 1, 1, facecolor=LINES, edgecolor=PAPER, hatch="////"))
    numbered = [f"{wrapped(name, _NAME_WIDTH, lines=1)}  {place + 1}" for place, name in enumerate(names)]
    axes.set_yticks(list(rows), numbered, parse_math=False)
    axes.set_xticks(list(rows), [str(place + 1) for place in rows])
    _framed(axes, len(chosen), len(chosen))


def _cell(axes: Axes, x: int, y: int, text: str, shade: float) -> None:
    axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=_SHADES(shade), edgecolor=PAPER, in_layout=False))
    colour = PAPER if shade >= _DARK_FROM else TEXT
    number = axes.text(x, y, text, ha="center", va="center_baseline", fontsize=NOTE_SIZE, color=colour)
    number.set_in_layout(False)  # inside the axes anyway


def _framed(axes: Axes, columns: int, rows: int) -> None:
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def role_mix(mix: pd.DataFrame, *, language: str = "en") -> Picture:
    """Return which roles each kind of participant takes.

    Args:
        mix: What `measures.coverage.roles_by_kind` returns. Not changed.
        language: `zh` or `en`.

    Returns:
        A grid, kinds × roles, both in the order of the vocabulary, those that do not occur left out. A
        cell shows how often a body of the kind has the role in a project; it is the darker the larger
        its share of the row, so that rows of different length compare. Rows name how many bodies they
        count.

    Raises:
        InvalidData: The frame has not the columns of `roles_by_kind`.

    Warns:
        MissingFont: Chinese was asked for and cannot be drawn.
    """
    needs(mix, ("kind", "role", "n", "n_inferred", "n_bodies_of_kind"), "measures.coverage.roles_by_kind()")
    letters = lettering(language)
    mix = mix.sort_values(["kind", "role"])
    total, inferred = int(mix["n"].sum()), int(mix["n_inferred"].sum())
    notes = [
        letters.word(
            f"n = {total} 次参与（同一机构在同一项目中的同一角色计一次），其中 {inferred} 次为推断。"
            "颜色深浅：占本行的比例；（）：该类的数目。",
            f"n = {total} participations (a role of a body in a project counts once), {inferred} of them inferred. "
            "Shade: share of the row. In brackets: how many there are of the kind.",
        ),
        letters.word(
            "只计入收录的案例；未具名群体与个人列出，但不参与排名。",
            "Counts what the data record, which is no census. Groups and persons are shown, and never ranked.",
        ),
    ]
    title = letters.word("各类参与方承担的角色", "Which roles each kind of participant takes")
    of_kind = dict(zip(mix["kind"], mix["n_bodies_of_kind"], strict=True))
    rows = [kind for kind in kinds() if kind in of_kind]
    columns = [role for role in roles() if role in set(mix["role"])]
    picture = Picture(letters, title, notes, (7.5, 1.1 + _CELL * max(3, len(rows))))
    with picture.drawing():
        axes = picture.add_subplot()
        if mix.empty:
            return picture.empty(axes)
        lengths = mix.groupby("kind")["n"].sum()
        for kind, role, n in zip(mix["kind"], mix["role"], mix["n"], strict=True):
            _cell(axes, columns.index(role), rows.index(kind), str(n), float(n) / float(lengths[kind]))
        of_row = [letters.word(kinds()[kind].label_zh, kinds()[kind].label_en) for kind in rows]
        of_column = [letters.word(roles()[role].label_zh, roles()[role].label_en) for role in columns]
        axes.set_yticks(
            range(len(rows)), [f"{word} ({of_kind[kind]})" for kind, word in zip(rows, of_row, strict=True)]
        )
        axes.set_xticks(range(len(columns)), of_column, rotation=35, ha="left", fontsize=TEXT_SIZE)
        axes.xaxis.tick_top()
        _framed(axes, len(columns), len(rows))
        axes.hlines(
            [y + 0.5 for y in range(len(rows) - 1)], -0.5, len(columns) - 0.5, color=LINES, linewidth=0.7, zorder=0
        )
    return picture
