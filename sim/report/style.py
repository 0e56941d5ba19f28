"""The look of every figure: palette, fonts, and a sheet with title, subtitle, footer and room for direct
labels.

A sheet measures its words before it draws, so that the figure grows with its text and nothing is clipped.
Colours in palette order follow the Government Analysis Function; text in a colour uses a darker shade of it
(4.5:1 on white).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE: Final = ("#12436D", "#28A197", "#801650", "#F46A25")
TEXT_PALETTE: Final = ("#12436D", "#17655F", "#801650", "#A33A06")
INK, GREY, GRID, BACK = "#0B0C0C", "#505A5F", "#D5D9DC", "#B1B7BB"
NOTE: Final = "A scenario, not a forecast."
PAD: Final = 0.12  # inches around the sheet


@dataclass(frozen=True, slots=True)
class Layout:
    """A drawing's width in inches and its text sizes in points."""

    name: str
    width: float
    title: float
    text: float

    @property
    def narrow(self) -> bool:
        """Whether this is the drawing for a telephone."""
        return self.name == "narrow"


WIDE: Final = Layout("wide", 9.6, 14.0, 10.5)
NARROW: Final = Layout("narrow", 3.9, 12.0, 9.5)


@contextmanager
def drawing() -> Iterator[None]:
    """Matplotlib's settings for our figures; nothing outside is changed."""
    import matplotlib as mpl

    with mpl.rc_context(
        {
            "font.family": "sans-serif",
            "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],
            "svg.fonttype": "none",
            "svg.hashsalt": "probation",
            "text.parse_math": False,
            "text.hinting": "none",
            "axes.unicode_minus": False,
            "figure.dpi": 72,
            "hatch.linewidth": 0.6,
        }
    ):
        yield


@cache
def _renderer() -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    return FigureCanvasAgg(Figure(dpi=72)).get_renderer()  # type: ignore[no-untyped-call]


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width in inches of one line of text."""
    from matplotlib.font_manager import FontProperties

    properties = FontProperties(family="sans-serif", size=size, weight=weight)
    return float(_renderer().get_text_width_height_descent(text, properties, False)[0]) / 72


def line_height(size: float) -> float:
    """Height in inches of one line of text."""
    return size * 1.32 / 72


def wrap(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Break text into lines no wider than ``width`` inches; a word too long for a line is cut."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        trial = f"{line} {word}" if line else word
        if text_width(trial, size, weight) <= width:
            line = trial
            continue
        if line:
            lines.append(line)
        while text_width(word, size, weight) > width and len(word) > 1:
            cut = max((k for k in range(1, len(word)) if text_width(word[:k], size, weight) <= width), default=1)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    return [*lines, line] if line else lines


@dataclass(frozen=True, slots=True)
class Words:
    """What stands around a figure: the message, what it shows, and under which condition."""

    title: str
    subtitle: str
    footer: str


class Sheet:
    """A figure with its words set and its plotting area known, in inches from the bottom left.

    Args:
        plot_height: height in inches of the plotting area, without tick labels.
        left, right: inches beside the plotting area, for tick labels and direct labels.
        below, above: inches under it for tick labels, and over it for labels of dates.
    """

    def __init__(
        self,
        words: Words,
        layout: Layout,
        plot_height: float,
        left: float = 0.5,
        right: float = 0.2,
        below: float = 0.32,
        above: float = 0.1,
    ) -> None:
        from matplotlib.figure import Figure

        self.layout = layout
        inner = layout.width - 2 * PAD
        title = wrap(words.title, layout.title, inner, "bold")
        subtitle = wrap(words.subtitle, layout.text, inner)
        footer = wrap(words.footer, layout.text - 1.5, inner)
        head = len(title) * line_height(layout.title) + 0.06 + len(subtitle) * line_height(layout.text) + 0.12
        foot = len(footer) * line_height(layout.text - 1.5) + 0.1
        self.height = PAD + head + above + plot_height + below + foot + PAD
        self.left, self.right = PAD + left, layout.width - PAD - right
        self.bottom = PAD + foot + below
        self.top = self.bottom + plot_height
        self.figure: Figure = Figure(figsize=(layout.width, self.height), facecolor="white")
        y = self.height - PAD
        for line in title:
            self.write(PAD, y, line, size=layout.title, weight="bold", va="top")
            y -= line_height(layout.title)
        y -= 0.06
        for line in subtitle:
            self.write(PAD, y, line, colour=GREY, va="top")
            y -= line_height(layout.text)
        y = PAD + (len(footer) - 1) * line_height(layout.text - 1.5)
        for line in footer:
            self.write(PAD, y, line, size=layout.text - 1.5, colour=GREY, va="bottom")
            y -= line_height(layout.text - 1.5)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float | None = None,
        colour: str = INK,
        weight: str = "normal",
        ha: str = "left",
        va: str = "center",
        back: bool = False,
    ) -> None:
        """Put text at a place in inches; ``back`` puts white behind it, over lines it would cross."""
        self.figure.text(
            x / self.layout.width,
            y / self.height,
            text,
            fontsize=size if size is not None else self.layout.text,
            color=colour,
            fontweight=weight,
            ha=ha,
            va=va,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8} if back else None,
        )

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Axes at a place in inches, with only a light horizontal grid."""
        w, h = self.layout.width, self.height
        ax = self.figure.add_axes((left / w, bottom / h, width / w, height / h))
        for side in ("top", "right", "left"):
            ax.spines[side].set_visible(False)
        ax.spines["bottom"].set_color(GREY)
        ax.tick_params(length=0, labelsize=self.layout.text - 1, labelcolor=GREY, pad=4)
        ax.tick_params(axis="x", length=3, color=GREY)
        ax.grid(axis="y", color=GRID, linewidth=0.8)
        ax.set_axisbelow(True)
        return ax

    def plot(self) -> Axes:
        """One pair of axes over the whole plotting area."""
        return self.axes(self.left, self.bottom, self.right - self.left, self.top - self.bottom)


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres as near as possible to those wanted, in their order, that do not overlap and stay within
    bounds.

    When they cannot all fit, they are stacked from the top and run past the bottom: give them fewer labels.
    """
    order = sorted(range(len(wanted)), key=lambda i: -wanted[i])
    places = [0.0] * len(wanted)
    ceiling = high
    for i in order:
        places[i] = min(wanted[i], ceiling - heights[i] / 2)
        ceiling = places[i] - heights[i] / 2
    floor = low
    for i in reversed(order):
        if places[i] - heights[i] / 2 >= floor:
            break
        places[i] = floor + heights[i] / 2
        floor = places[i] + heights[i] / 2
    return places
