"""What becomes of the needs that officers identify, year by year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import t_interval
from sim.categories import FATES
from sim.observe.results import FloatArray
from sim.report.figures.axis import put_scale, value_scale
from sim.report.figures.lines import GAP
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import (
    INK,
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
from sim.report.words import count_words, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# From the bottom of the bar up: what it is called, and the fates it holds.
GROUPS: Final = (
    ("met by tier 2 or tier 3", ("tier2", "tier3"), ""),
    ("met by the CRC itself", ("in_house",), "///"),
    ("met by a body without a contract", ("alternative",), ""),
    ("not met", ("left_queue", "supervision_ended", "unmet"), ""),
)
COLOURS: Final = (0, 1, 3, 2)


def build(story: Story) -> Picture:
    """Stacked bars of needs by the year of their fate, means over replications."""
    import pandas as pd

    ensemble, months = story.ensemble, story.ensemble.months
    years = [(i, min(i + 12, len(months))) for i in range(0, len(months), 12)]
    fates = {fate: ensemble.national(f"needs_{fate}") for fate in FATES}
    by_year = {f: np.stack([np.nansum(v[:, a:b], axis=1) for a, b in years], axis=1) for f, v in fates.items()}
    names = [_year(months[a], b - a) for a, b in years]
    groups = np.array([sum(by_year[f].mean(axis=0) for f in fates_) for _, fates_, _ in GROUPS])
    total = np.sum(list(by_year.values()), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        missed = np.sum([by_year[f] for f in GROUPS[3][1]], axis=0) / total
        shares = groups / groups.sum(axis=0)
    last = t_interval(missed[:, -1])
    if last.n == 0:
        title = "No need found a fate in the last year" if total.any() else "Nobody needs anything in this run"
    else:
        title = f"{percent(last.mean)} of identified needs are not met in {names[-1]}"
        if len(years) > 1 and np.isfinite(shares[3, 0]):
            title += f"; {percent(float(shares[3, 0]))} were not in {names[0]}"
        title += f". Tier 2 and 3 meet {percent(float(shares[0, -1]))}"
    subtitle = (
        f"Identified needs that call for a specialist, thousands, by the year of their fate (years from"
        f" February);"
        f" {story.place}; mean of {count_words(ensemble.n, 'replication')};"
        " not met: unmet, left the queue, or supervision ended first"
    )
    words = Words(story.titled(title), subtitle, story.footer())
    rows = [
        {"year": name, "fate": fate, "needs": i.mean, "low95": i.low, "high95": i.high}
        for k, name in enumerate(names)
        for fate in FATES
        for i in [t_interval(by_year[fate][:, k])]
    ]
    ends = "; ".join(f"{label} {percent(float(shares[g, -1]))}" for g, (label, _, _) in enumerate(GROUPS))
    return Picture(
        name="needs",
        section="people",
        title=words.title,
        alt=f"Stacked bars, one a year. {words.title}. {subtitle}. In {names[-1]}: {ends}.",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw(layout, words, names, groups / 1000, shares),
    )


def _year(month: str, length: int) -> str:
    first = int(month[:4])
    name = f"{first}-{(first + 1) % 100:02d}" if month[5:] != "01" else str(first)
    return name if length == 12 else f"{name} (part)"


def draw(layout: Layout, words: Words, years: Sequence[str], groups: FloatArray, shares: FloatArray) -> Figure:
    """``groups`` in thousands, shape (groups, years)."""
    size = layout.text - 0.5
    labels = []
    for g, (name, _, _) in enumerate(GROUPS):
        share = f": {percent(float(shares[g, -1]))}" if np.isfinite(shares[g, -1]) else ""
        labels.append(wrap(f"{name}{share}", size, 1.05 if layout.narrow else 1.9))
    scale = value_scale([groups.sum(axis=0)], "needs")
    right = GAP + max(text_width(t, size) for label in labels for t in label) + 0.05
    step = line_height(size)
    heights = [len(label) * step + 0.06 for label in labels]
    room = layout.width - 0.24 - scale.width(layout) - 0.1 - right
    each = max(room / max(len(years), 1) - 0.05, 0.1)
    texts = [wrap(_short(year, layout), layout.text - 1, each) for year in years]
    below = 0.14 + max(len(text) for text in texts) * line_height(layout.text - 1)
    sheet = Sheet(words, layout, max(3.0, sum(heights)), left=scale.width(layout) + 0.1, right=right, below=below)
    ax = sheet.plot()
    put_scale(ax, scale)
    at = np.arange(len(years))
    bottom = np.zeros(len(years))
    for g, (_, _, hatch) in enumerate(GROUPS):
        ax.bar(
            at,
            groups[g],
            0.72,
            bottom=bottom,
            color=PALETTE[COLOURS[g]],
            edgecolor="white",
            linewidth=0.8,
            hatch=hatch,
        )
        bottom = bottom + groups[g]
    ax.set_xticks([])
    ax.set_xlim(-0.5, len(years) - 0.5)
    wide = sheet.right - sheet.left
    for i, text in enumerate(texts):
        for k, line in enumerate(text):
            y = sheet.bottom - 0.08 - k * line_height(layout.text - 1)
            sheet.write(
                sheet.left + wide * (i + 0.5) / len(years),
                y,
                line,
                size=layout.text - 1,
                ha="center",
                va="top",
            )
    tops = np.cumsum(groups[:, -1])
    middles = (tops - groups[:, -1] / 2 - scale.low) / (scale.high - scale.low) * (sheet.top - sheet.bottom)
    centres = spread([sheet.bottom + m for m in middles], heights, sheet.bottom, sheet.top + 0.1)
    for g, (label, centre) in enumerate(zip(labels, centres, strict=True)):
        for k, line in enumerate(label):
            y = centre + ((len(label) - 1) / 2 - k) * step
            sheet.write(sheet.right + GAP, y, line, size=size, colour=TEXT_PALETTE[COLOURS[g]])
    if groups.sum() == 0:
        sheet.write(
            (sheet.left + sheet.right) / 2,
            (sheet.top + sheet.bottom) / 2,
            "no needs",
            colour=INK,
            ha="center",
        )
    return sheet.figure


def _short(year: str, layout: Layout) -> str:
    """In the narrow layout a year is its last digits: ``2015-16`` -> ``15-16``."""
    return year[2:] if layout.narrow and year.startswith("20") and len(year) > 4 else year
