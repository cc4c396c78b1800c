"""A figure with a heading above it, drawn the same way every time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib.style
from matplotlib.figure import Figure

from cega_graph.errors import InvalidData, UnwritableOutput
from cega_graph.page.style import BLUE, GREY, INK
from cega_graph.plots.lettering import Lettering, wrapped
from cega_graph.tabular import write_bytes

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

DPI: Final = 110
TITLE_SIZE: Final = 12.0
TEXT_SIZE: Final = 9.0
NOTE_SIZE: Final = 8.0
"""Points."""

PAPER: Final = "#ffffff"
LINES: Final = "#d7dde3"
DARK: Final = BLUE.light
TEXT: Final = INK.light
FAINT: Final = GREY.light

_MARGIN: Final = 0.12
_LINE_HEIGHT: Final = 1.3
_HALF_WIDTH: Final = 0.56
"""Width of a Latin letter as a share of the size of type; a little more than fonts have."""

_FORMATS: Final = {".png": "png", ".svg": "svg"}


class Picture(Figure):
    """A matplotlib figure that notebooks show by themselves, without pyplot.

    Args:
        letters: Language and fonts.
        title: First line.
        notes: What stands below it in smaller type, one text a paragraph: n, and what to beware of.
        size: Width and height in inches, the heading aside; it is added to the height.
    """

    def __init__(self, letters: Lettering, title: str, notes: list[str], size: tuple[float, float]) -> None:
        self.letters: Final = letters
        self.title: Final = title
        self.notes: Final = notes
        width, height = size
        head, small = (
            _fitted(text, width, points) for text, points in ((title, TITLE_SIZE), (_joined(notes), NOTE_SIZE))
        )
        above = (
            (head.count("\n") + 1) * _inches(TITLE_SIZE) + (small.count("\n") + 1) * _inches(NOTE_SIZE) + 2 * _MARGIN
        )
        whole = height + above
        with self.style():
            super().__init__(figsize=(width, whole), dpi=DPI, layout="constrained", facecolor=PAPER)
            engine = self.get_layout_engine()
            if engine is not None:
                engine.set(rect=(0, 0, 1, height / whole))  # type: ignore[call-arg]
            top = 1 - _MARGIN / whole
            self._write(head, top, TITLE_SIZE, TEXT)
            self._write(small, top - (head.count("\n") + 1) * _inches(TITLE_SIZE) / whole, NOTE_SIZE, FAINT)

    def _write(self, text: str, y: float, points: float, colour: str) -> None:
        x = _MARGIN / float(self.get_figwidth())
        shown = self.text(x, y, text, fontsize=points, color=colour, va="top", linespacing=1.25, parse_math=False)
        shown.set_in_layout(False)

    def style(self) -> AbstractContextManager[None]:
        """Return the context in which everything is drawn, so that a matplotlibrc changes nothing."""
        return matplotlib.style.context([
            "default",
            {
                "font.family": list(self.letters.fonts), "font.size": TEXT_SIZE, "text.parse_math": False,
                "text.color": TEXT, "axes.labelcolor": TEXT, "xtick.color": TEXT, "ytick.color": TEXT,
                "axes.edgecolor": LINES, "hatch.linewidth": 0.6, "svg.hashsalt": "cega-graph",
            },
        ])  # fmt: skip

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw in the picture's style; then lay everything out, once.

        The layout of matplotlib starts from where things are, so doing it again would move them a little.
        """
        with self.style():
            yield
            self.draw_without_rendering()
            self.set_layout_engine("none")

    def panel(self, axes: Axes, *, x: str = "", y: str = "") -> Axes:
        """Label the axes, take away what carries no meaning, and return them."""
        axes.set_xlabel(x, fontsize=TEXT_SIZE)
        axes.set_ylabel(y, fontsize=TEXT_SIZE)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        axes.set_axisbelow(True)
        return axes

    def empty(self, axes: Axes) -> Picture:
        """Say that there is nothing to draw, and return the picture."""
        axes.set_axis_off()
        axes.text(0.5, 0.5, self.letters.word("没有记录", "nothing is recorded"), ha="center", va="center", color=FAINT,
                  transform=axes.transAxes)  # fmt: skip
        return self

    def savefig(self, fname: Any, *, transparent: bool | None = None, **kwargs: Any) -> None:  # noqa: ANN401
        """Write the picture as matplotlib does, in the picture's own style."""
        with self.style():
            super().savefig(fname, transparent=transparent, **kwargs)

    def to_bytes(self, form: str = "png") -> bytes:
        """Return the picture as `png` or `svg`; neither holds the time nor the version of a program."""
        buffer = io.BytesIO()
        unsaid = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
        self.savefig(buffer, format=form, dpi=DPI, metadata=unsaid[form])
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture into a file, whole or not at all.

        Args:
            path: Ends in `.png` or `.svg`.

        Raises:
            UnwritableOutput: Another ending, or the folder cannot be written.
        """
        target = Path(path)
        form = _FORMATS.get(target.suffix.lower())
        if form is None:
            message = f"{target}: pictures are written as {' or '.join(_FORMATS)}; choose one of these endings"
            raise UnwritableOutput(message)
        write_bytes(target, self.to_bytes(form))

    def __repr__(self) -> str:
        width, height = (round(float(inches) * DPI) for inches in self.get_size_inches())
        return f"<picture of {width} x {height} pixels: {self.title}>"

    def _repr_png_(self) -> bytes:
        return self.to_bytes()


def _joined(notes: list[str]) -> str:
    return "\n".join(note for note in notes if note)


def _inches(points: float) -> float:
    return points * _LINE_HEIGHT / 72


def _fitted(text: str, width: float, points: float) -> str:
    return wrapped(text, int((width - 2 * _MARGIN) * 72 / (points * _HALF_WIDTH)))


def needs(frame: pd.DataFrame, columns: tuple[str, ...], maker: str) -> None:
    """Make sure that a frame is what a plot is made for.

    Raises:
        InvalidData: Columns are missing; the text says which function gives such a frame.
    """
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise InvalidData([f"frame: has no column {', '.join(missing)}; give what {maker} returns"])
