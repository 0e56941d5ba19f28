"""Rows of intervals in panels side by side, all on one scale: the same rows under each of a few policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import Interval
from sim.report.figures.axis import value_scale
from sim.report.style import GRID, INK, PAD, PALETTE, Layout, Sheet, Words, line_height, text_width, wrap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP: Final = 0.3  # inches between panels


@dataclass(frozen=True)
class Panel:
    """A policy: its name and one interval a row."""

    title: str
    values: tuple[Interval, ...]


def clear_of_zero(value: Interval) -> bool:
    """Whether the interval lies wholly on one side of zero."""
    return value.known and (value.low > 0 or value.high < 0)


def draw_panels(
    layout: Layout, words: Words, labels: Sequence[str], heads: Sequence[str], panels: Sequence[Panel], unit: str
) -> Figure:
    """Filled dots where the difference is clear of zero, open ones where it is not; ``heads`` start groups of rows.

    In the narrow layout a row's label stands above its marks.
    """
    size = layout.text - 0.5
    step = line_height(size)
    reach = [np.array([v.mean, v.low, v.high]) for p in panels for v in p.values]
    scale = value_scale(reach, unit, bins=2 if layout.narrow else 3)
    edge = max(text_width(scale.labels[0], layout.text - 1), text_width(scale.labels[-1], layout.text - 1)) / 2
    left = edge if layout.narrow else max(max(text_width(label, size) for label in labels) + 0.15, edge)
    inner = layout.width - 2 * PAD - left - edge
    gap = max(GAP, 2 * edge + 0.08)
    width = (inner - gap * (len(panels) - 1)) / len(panels)
    titles = [wrap(p.title, size, width + gap - 0.1, "bold") for p in panels]
    above = max(map(len, titles)) * step + 0.12
    height = (step + 0.2) if layout.narrow else max(step, 0.22) + 0.02
    rooms = [step + 0.12 if head else 0.0 for head in heads]
    sheet = Sheet(words, layout, height * len(labels) + sum(rooms), left=left, right=edge, above=above)
    y, places = sheet.top, []
    for label, head, room in zip(labels, heads, rooms, strict=True):
        if head:
            sheet.write(PAD, y - room / 2 - 0.03, head, size=size, weight="bold", back=True)
            y -= room
        if layout.narrow:
            sheet.write(sheet.left - edge, y - step / 2, label, size=size, back=True)
            places.append(y - step - 0.09 - sheet.bottom)
        else:
            sheet.write(sheet.left - 0.12, y - height / 2, label, size=size, ha="right")
            places.append(y - height / 2 - sheet.bottom)
        y -= height
    for k, (panel, title) in enumerate(zip(panels, titles, strict=True)):
        x0 = sheet.left + k * (width + gap)
        ax = sheet.axes(x0, sheet.bottom, width, sheet.top - sheet.bottom)
        ax.grid(axis="y", visible=False)
        ax.grid(axis="x", color=GRID, linewidth=0.8)
        ax.set_xlim(scale.low, scale.high)
        ax.set_xticks(scale.ticks, scale.labels)
        if width < text_width(scale.labels[0], layout.text - 1) * len(scale.labels) * 1.3:
            ax.set_xticks([scale.low, 0.0, scale.high], [scale.labels[0], "0", scale.labels[-1]])
        ax.set_ylim(0, sheet.top - sheet.bottom)
        ax.set_yticks([])
        ax.axvline(0, color=INK, linewidth=1)
        for m, text in enumerate(title):
            sheet.write(x0 - 0.05, sheet.top + 0.06 + (len(title) - 0.5 - m) * step, text, size=size, weight="bold")
        for value, place in zip(panel.values, places, strict=True):
            if value.known:
                ax.plot([value.low, value.high], [place] * 2, color=PALETTE[0], linewidth=2, solid_capstyle="butt")
            if value.n:
                fill = PALETTE[0] if clear_of_zero(value) else "white"
                ax.plot(value.mean, place, "o", color=PALETTE[0], markerfacecolor=fill, markersize=5, clip_on=False)
    return sheet.figure
