"""Pictures: what is drawn, in which letters, and that nothing is clipped, lost or different the second time."""

from __future__ import annotations

import importlib
import sys
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import cega_graph as cg
from cega_graph.errors import InvalidData, MissingExtra, MissingFont, UnwritableOutput
from cega_graph.measures.coverage import by_year, roles_by_kind
from cega_graph.measures.money import co_funding_pairs
from cega_graph.plots import Picture, co_funding_matrix, rank_ranges, role_mix, timeline
from cega_graph.plots.grids import _SHADES
from cega_graph.plots.lettering import chinese_font, labels, lettering
from missing import left_out

Draw = Callable[[cg.KnowledgeGraph, str], Picture]

PLOTS: Final[dict[str, Draw]] = {
    "ranges": lambda kg, language: rank_ranges(kg.rank("funder"), language=language, top=12),
    "pairs": lambda kg, language: co_funding_matrix(
        co_funding_pairs(kg.participations, kg.projects), kg.organizations, language=language
    ),
    "years": lambda kg, language: timeline(by_year(kg.projects, kg.participations), language=language),
    "roles": lambda kg, language: role_mix(roles_by_kind(kg.participations, kg.organizations), language=language),
}


@pytest.fixture
def chinese() -> str:
    """Return the font that draws Chinese here."""
    found = chinese_font()
    if found is None:
        left_out("no Chinese font is installed")
    return found


@pytest.fixture
def no_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave only the fonts that come with matplotlib, that of last resort among them."""
    own = [f for f in font_manager.fontManager.ttflist if "matplotlib" in f.fname]
    assert own
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)


def quietly(draw: Callable[[], Picture]) -> Picture:
    """Return a picture whatever it has to say about fonts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MissingFont)
        return draw()


def the_axes(picture: Picture) -> Axes:
    """Return the only axes of a picture."""
    (axes,) = picture.axes
    return axes


def ticks_of(axes: Axes) -> list[str]:
    """Return the labels of the rows, from top to bottom."""
    return [tick.get_text() for tick in axes.get_yticklabels()]


def sticking_out(picture: Picture) -> list[str]:
    """Return what of a picture sticks out of it: lines of the heading, or the panels."""
    picture.to_bytes()
    whole, panels = picture.bbox, picture.get_tightbbox()
    boxes = {text.get_text(): text.get_window_extent() for text in picture.texts}
    boxes["panels"] = panels.transformed(picture.dpi_scale_trans)
    assert len(boxes) == 3
    inside = {
        name: b.x0 > -1 and b.y0 > -1 and b.x1 < whole.x1 + 1 and b.y1 < whole.y1 + 1 for name, b in boxes.items()
    }
    return [name for name, fits in inside.items() if not fits]


@pytest.mark.parametrize("name", PLOTS)
def test_chinese_is_drawn_where_a_font_has_it(bundled: cg.KnowledgeGraph, chinese: str, name: str) -> None:
    """Without a notice and without matplotlib's own about glyphs, both of which would be errors here."""
    picture = PLOTS[name](bundled, "zh")
    assert picture.letters.language == "zh"
    assert picture.letters.fonts[0] == chinese
    assert any("\u4e00" <= c <= "\u9fff" for c in picture.title)
    assert picture.to_bytes().startswith(b"\x89PNG")
    assert sticking_out(picture) == []


@pytest.mark.parametrize("name", PLOTS)
@pytest.mark.usefixtures("no_chinese")
def test_without_a_chinese_font_there_is_one_notice_and_english(bundled: cg.KnowledgeGraph, name: str) -> None:
    """The picture is the English one; matplotlib has nothing to complain about when it is drawn."""
    with pytest.warns(
        MissingFont, match=r"^no installed font has Chinese characters, so the picture is in English; "
    ) as said:
        picture = PLOTS[name](bundled, "zh")
    assert len(said) == 1
    assert "\n" not in str(said[0].message)
    assert said[0].filename == __file__
    assert repr(picture) == repr(PLOTS[name](bundled, "en"))
    assert not any(
        c >= "\u2e80"
        for text in picture.findobj(Text)
        if isinstance(text, Text)
        for c in text.get_text()
        if c not in "●○…"
    )
    assert sticking_out(picture) == []


@pytest.mark.usefixtures("no_chinese")
def test_a_font_of_last_resort_is_no_chinese_font() -> None:
    """It has a glyph for everything, and it is always the same one."""
    assert any("Last Resort" in font.name for font in font_manager.fontManager.ttflist)
    assert chinese_font() is None


def test_a_listed_font_that_is_gone_is_passed_over(monkeypatch: pytest.MonkeyPatch, chinese: str) -> None:
    """Font lists outlive the fonts; the next one is taken."""
    gone = font_manager.FontEntry(fname="/nowhere/gone.ttf", name="AAA Hei SC", style="normal", weight=400)
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [gone, *font_manager.fontManager.ttflist])
    assert chinese_font() == chinese


def test_names_without_glyphs_give_way_to_what_can_be_drawn() -> None:
    """English name, then Chinese name, then id; one notice for all of them."""
    names = [("\U00012000", "Unicorn", "o-1"), ("", "\U00012000", "o-2"), ("", "", "o-3"), ("A", "B", "o-4")]
    assert labels(lettering("en"), names[2:]) == ["o-3", "B"]
    with pytest.warns(MissingFont, match=r"^1 names? ha(s|ve) characters"):
        assert labels(lettering("en"), names[1:]) == ["o-2", "o-3", "B"]


@pytest.mark.usefixtures("no_chinese")
def test_a_body_without_an_english_name_is_drawn_as_its_id() -> None:
    """Boxes would say less."""
    with pytest.warns(MissingFont, match=r"^1 name has characters"):
        assert labels(lettering("en"), [("红树林", "", "o-1"), ("红树林", "Mangrove", "o-2")]) == ["o-1", "Mangrove"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", PLOTS)
def test_the_same_frames_give_the_same_bytes(bundled: cg.KnowledgeGraph, name: str, language: str) -> None:
    """Also under another matplotlibrc."""
    first = quietly(lambda: PLOTS[name](bundled, language))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "savefig.dpi": 300, "text.parse_math": True}):
        second = quietly(lambda: PLOTS[name](bundled, language))
        assert first.to_bytes() == second.to_bytes()
        assert first.to_bytes("svg") == second.to_bytes("svg")
    assert first._repr_png_() == first.to_bytes()


def test_the_order_of_rows_does_not_matter_and_frames_are_not_changed(bundled: cg.KnowledgeGraph) -> None:
    """Pictures put rows in order themselves."""
    ranking = bundled.rank("grantee")
    pairs = co_funding_pairs(bundled.participations, bundled.projects)
    years = by_year(bundled.projects, bundled.participations)
    mix = roles_by_kind(bundled.participations, bundled.organizations)
    copies = [frame.copy() for frame in (ranking, pairs, years, mix)]
    bodies = bundled.organizations
    for frame, draw in (
        (ranking, rank_ranges), (pairs, lambda f: co_funding_matrix(f, bodies)), (years, timeline), (mix, role_mix),
    ):  # fmt: skip
        shuffled = frame.sample(frac=1, random_state=3)
        assert draw(shuffled).to_bytes() == draw(frame).to_bytes()
    assert all(copy.equals(frame) for copy, frame in zip(copies, (ranking, pairs, years, mix), strict=True))


def test_dots_and_lines_are_ranks_and_their_ranges(bundled: cg.KnowledgeGraph) -> None:
    """One dot and one line a body, in order; hollow where some of it is inferred."""
    ranking = bundled.rank("funder").head(6)
    axes = the_axes(rank_ranges(ranking))
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    lines = [line for line in axes.lines if line.get_marker() != "o"]
    assert [np.asarray(dot.get_xdata()).tolist() for dot in dots] == [[rank] for rank in ranking["rank"]]
    spans = [np.asarray(line.get_xdata()).tolist() for line in lines]
    assert spans == ranking[["rank_min", "rank_max"]].to_numpy().tolist()
    hollow = [dot.get_markerfacecolor() != dot.get_markeredgecolor() for dot in dots]
    assert hollow == (ranking["stated_share"] < 1).tolist()
    assert ticks_of(axes) == ranking["name_en"].tolist()


def test_what_a_ranking_leaves_out_is_said(bundled: cg.KnowledgeGraph) -> None:
    """Rows cut off, and those of them that tie with the last one drawn."""
    ranking = bundled.rank("funder")
    picture = rank_ranges(ranking, top=6)
    tied = int((ranking["rank"].iloc[6:] == ranking["rank"].iloc[5]).sum())
    assert picture.notes[-1].endswith(f"{len(ranking) - 6} more are not drawn, {tied} of them also at rank 5")
    assert f"n = {len(ranking)} bodies, 15 cases" in picture.notes[1]
    assert "not drawn" not in rank_ranges(ranking, top=100).notes[-1]


def test_a_ranking_without_ranges_has_dots_alone(bundled: cg.KnowledgeGraph) -> None:
    """Above two hundred cases costly measures have none, and the picture says so."""
    ranking = bundled.rank("all", by="betweenness").head(3)
    ranking[["rank_min", "rank_max"]] = pd.NA
    ranking.attrs["about"]["left_out"] = "nothing: above 200 cases only for counts"
    picture = rank_ranges(ranking)
    assert [line.get_marker() for line in the_axes(picture).lines] == ["o"] * 3
    assert picture.notes[1].endswith("; no lines: above 200 cases only for counts")
    assert sticking_out(picture) == []


def test_a_cell_of_the_matrix_is_a_pair(bundled: cg.KnowledgeGraph) -> None:
    """As many cells as pairs, their numbers those of the frame, bracketed where it is not stated."""
    pairs = co_funding_pairs(bundled.participations, bundled.projects)
    pairs.loc[3, "stated"] = False
    axes = the_axes(co_funding_matrix(pairs, bundled.organizations))
    expected = [str(n) if stated else f"({n})" for n, stated in zip(pairs["n_projects"], pairs["stated"], strict=True)]
    assert sorted(text.get_text() for text in axes.texts) == sorted(expected)
    by_id = bundled.organizations.set_index("organization_id")["name_en"]
    rows = {label.rpartition("  ")[0] for label in ticks_of(axes)}
    assert {by_id[one].split()[0] for one in {*pairs["funder_a"], *pairs["funder_b"]}} == {r.split()[0] for r in rows}


def test_a_matrix_says_how_many_funders_it_leaves_out(bundled: cg.KnowledgeGraph) -> None:
    """The first by shared projects; ties by id."""
    pairs = co_funding_pairs(bundled.participations, bundled.projects)
    picture = co_funding_matrix(pairs, bundled.organizations, top=3)
    assert len(the_axes(picture).texts) == 3
    assert "n = 16 funders, 51 pairs; the first 3 are drawn." in picture.notes[0]


def test_years_show_every_count_and_what_has_no_date() -> None:
    """A gap is a zero; the undated stand apart, hatched."""
    years = pd.DataFrame(
        {"year": [2020, 2021, None], "n_projects": [3, 0, 2], "new_funders": [1, 0, 4]}
    ).astype("Int64")  # fmt: skip
    picture = timeline(years)
    assert [[text.get_text() for text in axes.texts] for axes in picture.axes] == [["3", "0", "2"], ["1", "0", "4"]]
    bars = [[p for p in axes.patches if isinstance(p, Rectangle)] for axes in picture.axes]
    assert [[bar.get_height() for bar in of_axes] for of_axes in bars] == [[3, 0, 2], [1, 0, 4]]
    assert [[bool(bar.get_hatch()) for bar in of_axes] for of_axes in bars] == [[False, False, True]] * 2
    assert [t.get_text() for t in picture.axes[-1].get_xticklabels()] == ["2020", "2021", "no date"]
    assert picture.notes[0].startswith("n = 5 projects, 2 of them without a start")


def test_a_century_of_years_stays_readable() -> None:
    """Labels thin out and do not touch; bars bear no numbers."""
    span = range(1890, 2025)
    years = pd.DataFrame({"year": span, "n_projects": [1] * len(span), "new_funders": [0] * len(span)}).astype("Int64")
    picture = timeline(years)
    assert sticking_out(picture) == []
    assert [t.get_text() for t in picture.axes[0].texts] == ["0"]
    boxes = [t.get_window_extent() for t in picture.axes[-1].get_xticklabels() if t.get_text()]
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_roles_add_up(bundled: cg.KnowledgeGraph) -> None:
    """The cells are the frame's counts, and the note says their sum."""
    mix = roles_by_kind(bundled.participations, bundled.organizations)
    picture = role_mix(mix)
    assert sorted(int(text.get_text()) for text in the_axes(picture).texts) == sorted(mix["n"])
    assert picture.notes[0].startswith(f"n = {mix['n'].sum()} participations")
    assert "other body (2)" in ticks_of(the_axes(picture))


def test_shades_keep_their_order_in_grey() -> None:
    """Darker means more, to every eye and on every printer."""
    shades = [_SHADES(step / 20) for step in range(21)]
    grey = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b, _ in shades]
    assert grey == sorted(grey, reverse=True)
    assert grey[0] - grey[-1] > 0.5


HOSTILE: Final = (
    r"$\frac{1}{2$ not mathematics", "_hidden", "<script>alert(1)</script>", "a\nb\x00\u202ec", "极长的名称" * 60,
    "Averylongwordthatneverends" * 12, "",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_hostile_names_are_drawn_as_they_are(bundled: cg.KnowledgeGraph, language: str) -> None:
    """No mathematics, no markup, no line break, nothing outside the picture."""
    ranking = bundled.rank("funder").head(len(HOSTILE))
    ranking["name"] = ranking["name_en"] = list(HOSTILE)
    picture = quietly(lambda: rank_ranges(ranking, language=language))
    with mpl.rc_context({"text.parse_math": True}):
        assert sticking_out(picture) == []
        root = ET.fromstring(picture.to_bytes("svg"))
    assert [element.tag for element in root.iter() if element.tag.endswith("script")] == []
    shown = ticks_of(the_axes(picture))
    assert shown[:4] == [r"$\frac{1}{2$ not mathematics", "_hidden", "<script>alert(1)</script>", "a bc"]
    assert shown[-1] == ranking["organization_id"].iloc[-1]


@pytest.mark.parametrize(
    "draw",
    [
        lambda kg: rank_ranges(kg.rank("adviser").head(0)),
        lambda kg: co_funding_matrix(co_funding_pairs(kg.participations.head(0), kg.projects), kg.organizations),
        lambda kg: timeline(by_year(kg.projects.head(0), kg.participations.head(0))),
        lambda kg: role_mix(roles_by_kind(kg.participations.head(0), kg.organizations)),
    ],
)
def test_nothing_to_draw_is_said(bundled: cg.KnowledgeGraph, draw: Callable[[cg.KnowledgeGraph], Picture]) -> None:
    """An empty frame gives a picture with a sentence."""
    picture = draw(bundled)
    assert [text.get_text() for text in the_axes(picture).texts] == ["nothing is recorded"]
    assert picture.to_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("draw", "says"),
    [
        (rank_ranges, "frame: has no column rank, organization_id, name, name_en, stated_share, rank_min, rank_max; "
                      "give what kg.rank() returns"),
        (lambda f: co_funding_matrix(f, f), "frame: has no column funder_a, funder_b, n_projects, stated; give what "
                                            "measures.money.co_funding_pairs() returns"),
        (timeline, "frame: has no column year, n_projects, new_funders; give what measures.coverage.by_year() returns"),
        (role_mix, "frame: has no column kind, role, n, n_inferred, n_bodies_of_kind; give what "
                   "measures.coverage.roles_by_kind() returns"),
    ],
)  # fmt: skip
def test_another_frame_is_refused(draw: Callable[[pd.DataFrame], Picture], says: str) -> None:
    """The message says which function makes the right one."""
    with pytest.raises(InvalidData) as caught:
        draw(pd.DataFrame({"x": [1]}))
    assert str(caught.value) == says


def test_a_ranking_that_lost_what_it_is_about_is_refused(bundled: cg.KnowledgeGraph) -> None:
    """Without projection and n there is no honest picture."""
    bare = bundled.rank("funder")
    bare.attrs = {}
    with pytest.raises(InvalidData, match=r"^ranking: attrs\['about'\] is missing"):
        rank_ranges(bare)


def test_pictures_are_written_whole_as_png_or_svg(bundled: cg.KnowledgeGraph, tmp_path: Path) -> None:
    """Folders are made; another ending is refused before anything is written."""
    picture = rank_ranges(bundled.rank("funder"))
    picture.save(tmp_path / "new" / "a.png")
    picture.save(str(tmp_path / "new" / "a.SVG"))
    assert (tmp_path / "new" / "a.png").read_bytes() == picture.to_bytes()
    assert b"<dc:date>" not in (tmp_path / "new" / "a.SVG").read_bytes()
    with pytest.raises(UnwritableOutput, match=r"a\.pdf: pictures are written as \.png or \.svg"):
        picture.save(tmp_path / "new" / "a.pdf")
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == ["a.SVG", "a.png"]


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of ours, not one of the import system."""
    monkeypatch.delitem(sys.modules, "cega_graph.plots")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtra, match=r"install the extra: python -m pip install 'cega-graph\[notebooks\]'$"):
        importlib.import_module("cega_graph.plots")
