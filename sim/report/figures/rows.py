"""Ranked rows: a label, a bar or points with an interval, and the value in words at the row's end.

In the narrow layout the label and the value stand above the bar, so that the bar keeps the whole width.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.intervals import Interval
from sim.report.figures.axis import Scale, value_scale
from sim.report.style import GREY, GRID, INK, PAD, PALETTE, Layout, Sheet, Words, line_height, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Row:
    """One row; a row with ``head`` starts a group under that heading.

    Attributes:
        value: what the bar shows, with its interval.
        earlier: an earlier value, shown as an open diamond; NaN for none.
        text: the value in words.
    """

    label: str
    value: Interval
    text: str
    earlier: float = math.nan
    head: str = ""
    colour: int = 0


@dataclass(frozen=True)
class Frame:
    """Axes with one unit of height a row, top row at the largest y."""

    sheet: Sheet
    ax: Axes
    places: tuple[float, ...]


def row_frame(
    layout: Layout,
    words: Words,
    labels: Sequence[str],
    texts: Sequence[str],
    scale: Scale,
    heads: Sequence[str] = (),
) -> Frame:
    """Set labels and values of rows around empty axes whose y unit is inches from the bottom."""
    heads = heads or [""] * len(labels)
    size, step = layout.text - 0.5, line_height(layout.text - 0.5)
    if layout.narrow:
        left, right = 0.02, 0.02
        wrapped = [wrap(f"{a}: {b}" if b else a, size, layout.width - 0.3) for a, b in zip(labels, texts, strict=True)]
        heights = [len(lines) * step + 0.28 for lines in wrapped]
        ends: list[list[str]] = [[] for _ in labels]
    else:
        wrapped = [wrap(label, size, 2.6) for label in labels]
        ends = [[line for part in text.split("\n") for line in wrap(part, size, 1.9)] for text in texts]
        heights = [max(0.3, max(len(a), len(b)) * step + 0.06) for a, b in zip(wrapped, ends, strict=True)]
        left = max((text_width(t, size) for lines in wrapped for t in lines), default=0.0) + 0.12
        right = max((text_width(t, size) for lines in ends for t in lines), default=0.0) + 0.15
    head_room = [step + 0.14 if head else 0.0 for head in heads]
    total = sum(heights) + sum(head_room)
    edge = max(text_width(label, layout.text - 1) for label in (scale.labels[0], scale.labels[-1])) / 2
    sheet = Sheet(words, layout, max(total, 0.4), left=max(left, edge), right=max(right, edge))
    ax = sheet.plot()
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=GRID, linewidth=0.8)
    ax.set_xlim(scale.low, scale.high)
    ax.set_xticks(scale.ticks, scale.labels)
    ax.set_ylim(0, sheet.top - sheet.bottom)
    ax.set_yticks([])
    places, y = [], sheet.top
    for lines, end, height, head, room in zip(wrapped, ends, heights, heads, head_room, strict=True):
        if head:
            sheet.write(PAD, y - room / 2 - 0.03, head, size=size, weight="bold", back=True)
            y -= room
        if layout.narrow:
            centre = y - height + 0.15
            for k, text in enumerate(lines):
                sheet.write(sheet.left, y - (k + 0.55) * step, text, size=size, back=True)
        else:
            centre = y - height / 2
            for k, text in enumerate(lines):
                sheet.write(sheet.left - 0.1, centre + ((len(lines) - 1) / 2 - k) * step, text, size=size, ha="right")
            for k, text in enumerate(end):
                sheet.write(sheet.right + 0.12, centre + ((len(end) - 1) / 2 - k) * step, text, size=size)
        places.append(centre - sheet.bottom)
        y -= height
    return Frame(sheet, ax, tuple(places))


def draw_rows(layout: Layout, words: Words, rows: Sequence[Row], unit: str) -> Figure:
    """Bars from zero with whiskers for the interval and open diamonds for the earlier value."""
    if unit == "share":
        rows = [replace(row, value=_within(row.value)) for row in rows]
    reach = [np.array([r.value.mean, r.value.low, r.value.high, r.earlier, 0.0]) for r in rows]
    scale = value_scale(reach, unit, bins=4 if layout.narrow else 6)
    frame = row_frame(layout, words, [r.label for r in rows], [r.text for r in rows], scale, [r.head for r in rows])
    ax = frame.ax
    for row, y in zip(rows, frame.places, strict=True):
        if math.isfinite(row.value.mean):
            ax.barh(y, row.value.mean, height=0.15, color=PALETTE[row.colour % 4])
        if row.value.known:
            ends = [row.value.low, row.value.high]
            ax.plot(ends, [y, y], color="white", linewidth=3.2, solid_capstyle="butt")  # seen on a dark bar
            ax.plot(ends, [y, y], color=INK, linewidth=1.3, marker="|", markersize=6)
        if math.isfinite(row.earlier):
            ax.plot(
                row.earlier,
                y,
                "D",
                markerfacecolor="white",
                markeredgecolor=INK,
                markersize=5.5,
                clip_on=False,
            )
    if scale.low < 0:
        ax.axvline(0, color=GREY, linewidth=1)
    return frame.sheet.figure


def _within(share: Interval) -> Interval:
    """A share's interval, cut where a share cannot go."""
    low, high = (min(max(end, 0.0), 1.0) if math.isfinite(end) else end for end in (share.low, share.high))
    return Interval(share.mean, low, high, share.n)
