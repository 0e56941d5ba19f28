"""Lines over time: bands, direct labels at their ends, dated rules, published findings as open circles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import pointwise
from sim.observe.results import FloatArray
from sim.report.figures.axis import month_ends, put_months, put_scale, value_scale, year_fraction
from sim.report.style import (
    GREY,
    INK,
    PAD,
    PALETTE,
    TEXT_PALETTE,
    Layout,
    Sheet,
    Words,
    line_height,
    spread,
    text_width,
    wrap,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES: Final = ("solid", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
GAP: Final = 0.14  # inches between a line's end and its label


@dataclass(frozen=True)
class Line:
    """A path over the months with nested bands (low, high), narrowest last; the label gets the last value."""

    label: str
    middle: FloatArray
    bands: tuple[tuple[FloatArray, FloatArray], ...] = ()
    colour: int = 0
    dash: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A date worth a vertical line."""

    when: date
    label: str


@dataclass(frozen=True, slots=True)
class Published:
    """A published finding at a month end: an open circle with the range that counts as reproduced."""

    month: str
    value: float
    low: float
    high: float
    label: str


def bounded(line: Line, unit: str) -> Line:
    """The line with its bands cut where the quantity cannot go: below zero, or for a share above one.

    A quantity whose middle never goes there is taken to be one that cannot.
    """
    middle = line.middle[np.isfinite(line.middle)]
    low = 0.0 if (middle >= 0).all() else -np.inf
    high = 1.0 if unit == "share" and (middle <= 1).all() else np.inf
    return replace(line, bands=tuple((np.clip(a, low, high), np.clip(b, low, high)) for a, b in line.bands))


def mean_line(label: str, values: FloatArray, colour: int = 0, dash: int = 0, band: bool = True) -> Line:
    """The mean over replications, shape (replications, months), with its 95% interval."""
    mean, low, high = pointwise(values)
    return Line(label, mean, ((low, high),) if band else (), colour, dash)


def quantile_line(label: str, values: FloatArray, colour: int = 0) -> Line:
    """The median over replications with the bands that hold 95% and 50% of them."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        q = np.nanquantile(values, (0.025, 0.25, 0.5, 0.75, 0.975), axis=0)
    bands = ((q[0], q[4]), (q[1], q[3])) if values.shape[0] > 1 else ()
    return Line(label, q[2], bands, colour)


def draw_lines(
    layout: Layout,
    words: Words,
    months: Sequence[str],
    lines: Sequence[Line],
    unit: str,
    rules: Sequence[Rule] = (),
    published: Sequence[Published] = (),
    height: float = 3.0,
) -> Figure:
    """Draw; ``unit`` is that of the measure and only shapes the tick labels."""
    published = [p for p in published if p.month in months]
    lines = [bounded(line, unit) for line in lines]
    reach = [line.middle for line in lines] + [edge for line in lines for band in line.bands for edge in band]
    scale = value_scale([*reach, *(np.array([p.low, p.high, p.value]) for p in published)], unit)
    widest = 1.15 if layout.narrow else 1.9
    labels = [wrap(line.label, layout.text - 0.5, widest) for line in lines]
    step = line_height(layout.text - 0.5)
    needed = sum(len(label) * step + 0.05 for label in labels)
    right = GAP + max((text_width(t, layout.text - 0.5) for label in labels for t in label), default=0.0) + 0.05
    left = scale.width(layout) + 0.1
    placed, above = _place_rules(rules, months, layout, left, right)
    sheet = Sheet(words, layout, max(height, needed + 0.1), left=left, right=right, above=above)
    ax = sheet.plot()
    put_months(ax, months, layout)
    put_scale(ax, scale)
    x = month_ends(months)
    for line in lines:
        _draw_line(ax, x, line)
    for p in published:
        _draw_published(ax, p, float(x[list(months).index(p.month)]), layout)
    for rule, centre, row in placed:
        ax.axvline(year_fraction(rule.when), color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
        y = sheet.top + 0.06 + row * line_height(layout.text - 1.5)
        sheet.write(centre, y, rule.label, size=layout.text - 1.5, ha="center", va="bottom")
    _end_labels(sheet, ax, x, lines, labels)
    return sheet.figure


def _draw_line(ax: Axes, x: FloatArray, line: Line) -> None:
    colour = PALETTE[line.colour % 4]
    for depth, (low, high) in enumerate(line.bands):
        if len(x) == 1:
            ax.vlines(x, low, high, color=colour, linewidth=3 + 4 * depth, alpha=0.35)
        else:
            ax.fill_between(x, low, high, color=colour, alpha=0.16 + 0.14 * depth, linewidth=0)
    ax.plot(x, line.middle, color=colour, linewidth=2, linestyle=DASHES[line.dash % 4], solid_capstyle="round")
    known = np.flatnonzero(np.isfinite(line.middle))
    if known.size:
        ax.plot(x[known[-1]], line.middle[known[-1]], "o", color=colour, markersize=4.5, clip_on=False)


def _draw_published(ax: Axes, p: Published, at: float, layout: Layout) -> None:
    ax.vlines(at, p.low, p.high, color=INK, linewidth=1.2)
    for end in (p.low, p.high):
        ax.plot(at, end, "_", color=INK, markersize=7)
    ax.plot(at, p.value, "o", markerfacecolor="white", markeredgecolor=INK, markersize=7, zorder=5)
    ax.annotate(
        p.label,
        (at, p.high),
        xytext=(6, -2),
        textcoords="offset points",
        fontsize=layout.text - 1.5,
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        zorder=6,
    )


def _place_rules(
    rules: Sequence[Rule], months: Sequence[str], layout: Layout, left: float, right: float
) -> tuple[list[tuple[Rule, float, int]], float]:
    """Where each rule's label goes (centre in inches, row) and the room they need above the plot."""
    x = month_ends(months)
    span = float(x[-1] - x[0])
    inside = [r for r in sorted(rules, key=lambda r: r.when) if x[0] < year_fraction(r.when) < x[-1]]
    start, end = PAD + left, layout.width - PAD - right
    placed: list[tuple[Rule, float, int]] = []
    taken: list[tuple[int, float, float]] = []
    for i, rule in enumerate(inside):
        at = start + (end - start) * (year_fraction(rule.when) - float(x[0])) / span
        half = text_width(rule.label, layout.text - 1.5) / 2
        last = i == len(inside) - 1
        order = (at - half, at, at + half) if not last else (at + half, at, at - half)
        spots = [(row, max(PAD + half, min(c, layout.width - PAD - half))) for row in range(4) for c in order]
        row, centre = next(
            (row, c)
            for row, c in [*spots, (4 + i, spots[0][1])]
            if all(r != row or c + half + 0.12 < a or c - half - 0.12 > b for r, a, b in taken)
        )
        taken.append((row, centre - half, centre + half))
        placed.append((rule, centre, row))
    rows = max((row + 1 for _, _, row in placed), default=0)
    return placed, 0.1 + rows * line_height(layout.text - 1.5) + (0.04 if rows else 0)


def _end_labels(sheet: Sheet, ax: Axes, x: FloatArray, lines: Sequence[Line], labels: Sequence[Sequence[str]]) -> None:
    """Put each label beside its line's end, moved apart where they would overlap."""
    size = sheet.layout.text - 0.5
    step = line_height(size)
    low, high = ax.get_ylim()
    x_low, x_high = ax.get_xlim()
    tall, wide = sheet.top - sheet.bottom, sheet.right - sheet.left
    ends = [_end(line) for line in lines]
    y_of = [sheet.bottom + tall * (value - low) / (high - low) for _, value in ends]
    x_of = [sheet.left + wide * (float(x[i]) - x_low) / (x_high - x_low) for i, _ in ends]
    centres = spread(y_of, [len(label) * step + 0.05 for label in labels], sheet.bottom - 0.1, sheet.top + 0.1)
    for line, label, y, centre, x_end in zip(lines, labels, y_of, centres, x_of, strict=True):
        if abs(y - centre) > 0.06:
            w, h = sheet.layout.width, sheet.height
            from matplotlib.lines import Line2D

            sheet.figure.add_artist(
                Line2D(
                    [(x_end + 0.04) / w, (sheet.right + GAP - 0.03) / w],
                    [y / h, centre / h],
                    color=GREY,
                    linewidth=0.7,
                )
            )
        top = centre + (len(label) - 1) * step / 2
        for k, text in enumerate(label):
            sheet.write(sheet.right + GAP, top - k * step, text, size=size, colour=TEXT_PALETTE[line.colour % 4])


def _end(line: Line) -> tuple[int, float]:
    known = np.flatnonzero(np.isfinite(line.middle))
    return (int(known[-1]), float(line.middle[known[-1]])) if known.size else (len(line.middle) - 1, 0.0)
