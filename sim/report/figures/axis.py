"""Axes in the reader's units: months of the real calendar across, round numbers up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.ensemble import month_words
from sim.observe.results import FloatArray
from sim.report.style import Layout, text_width
from sim.report.words import fixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True)
class Scale:
    """Round ticks that hold the data, with their labels."""

    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    @property
    def low(self) -> float:
        """The lowest tick."""
        return self.ticks[0]

    @property
    def high(self) -> float:
        """The highest tick."""
        return self.ticks[-1]

    def width(self, layout: Layout) -> float:
        """Inches the labels need."""
        return max(text_width(label, layout.text - 1) for label in self.labels)


def value_scale(values: Sequence[FloatArray], unit: str, bins: int = 5, zero: bool = True) -> Scale:
    """Ticks that hold all finite values (and zero), labelled in the unit: ``GBP``, ``share`` or another."""
    from matplotlib.ticker import MaxNLocator

    known = np.concatenate([np.asarray(v, dtype=float).ravel() for v in values] or [np.zeros(1)])
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12:
        high = low + 1.0
    ticks = [float(t) for t in MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)]
    step = ticks[1] - ticks[0]
    while len(ticks) > 2 and ticks[1] <= low + 1e-9 * step:
        ticks.pop(0)
    while len(ticks) > 2 and ticks[-2] >= high - 1e-9 * step:
        ticks.pop()
    return Scale(tuple(ticks), tuple(tick_labels(ticks, unit)))


def tick_labels(ticks: Sequence[float], unit: str) -> list[str]:
    """Labels of ticks, all in one unit and with equal decimals."""
    factor, ending = 1.0, ""
    size = max(abs(t) for t in ticks)
    if unit == "share":
        factor, ending = 100.0, "%"
    elif unit.startswith("GBP") and size >= 1e6:
        factor, ending = 1e-6, "m"
    step = (ticks[1] - ticks[0]) * factor if len(ticks) > 1 else 1.0
    places = next((p for p in range(4) if abs(round(step, p) - step) < 1e-9 * abs(step)), 4)
    return [fixed(t * factor, places) + ending for t in ticks]


def put_scale(ax: Axes, scale: Scale) -> None:
    """Set the vertical axis."""
    ax.set_ylim(scale.low, scale.high)
    ax.set_yticks(scale.ticks, scale.labels)
    if scale.low < 0 < scale.high:
        ax.axhline(0, color="#505A5F", linewidth=1)


def month_ends(months: Sequence[str]) -> FloatArray:
    """Month ends as fractions of a year, ``2015-02`` -> 2015.167."""
    return np.array([int(m[:4]) + int(m[5:7]) / 12 for m in months])


def year_fraction(when: date) -> float:
    """A date as a fraction of a year on the same axis."""
    return when.year + (when.month - 1) / 12 + (when.day - 1) / 372


def put_months(ax: Axes, months: Sequence[str], layout: Layout) -> None:
    """Set the time axis: years for long runs, months for short ones."""
    x = month_ends(months)
    low, high = float(x[0]), float(x[-1])
    if len(months) > 30:
        every = 2 if layout.narrow and len(months) > 48 else 1
        years = range(int(np.ceil(low)), int(np.floor(high)) + 1)
        chosen = [year for year in years if (year - years[0]) % every == 0]
        ax.set_xticks(
            [float(year) for year in chosen],
            [f"Jan {year}" if not layout.narrow else str(year) for year in chosen],
        )
    else:
        count = min(len(months), 3 if layout.narrow else 5)
        places = sorted({round(i) for i in np.linspace(0, len(months) - 1, count)})
        ax.set_xticks([float(x[i]) for i in places], [month_words(months[i]) for i in places])
    pad = max((high - low) * 0.01, 1 / 24)
    ax.set_xlim(low - pad, high + pad)
