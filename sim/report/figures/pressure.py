"""Financial pressure by owner: one small panel each, the other owners in grey behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.ensemble import month_words, period_words
from sim.analysis.intervals import pointwise
from sim.observe.results import FloatArray
from sim.report.figures.axis import month_ends, put_scale, value_scale
from sim.report.figures.common import interval_words
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import BACK, GREY, PALETTE, Layout, Sheet, Words, line_height, wrap
from sim.report.words import percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MEASURE = "pressure_share"


def build(story: Story) -> Picture:
    """Small multiples, the owner under most pressure at the end first."""
    import pandas as pd

    ensemble, months = story.ensemble, story.ensemble.months
    owners = ensemble.places("owner")
    mean, low, high = pointwise(ensemble.values("owner", MEASURE))
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    order = sorted(range(len(owners)), key=lambda i: -np.nan_to_num(mean[-1, i], nan=-1.0))
    top = mean[-1, order]
    if not np.nansum(np.abs(mean)):
        title = "No owner is under financial pressure"
    elif len(order) == 1:
        title = f"Financial pressure on {owners[order[0]]} stands at {percent(top[0])} of its most"
    else:
        title = (
            f"Financial pressure is highest on {owners[order[0]]} ({percent(top[0])}) and lowest on"
            f" {owners[order[-1]]} ({percent(top[-1])}) by {month_words(months[-1])}"
        )
    subtitle = (
        f"Index of financial pressure, mean over each owner's CRCs, 0% (none) to 100% (most), month ends;"
        f" {story.place}, {period_words(months)}; other owners in grey;"
        f" {interval_words(ensemble.n)}"
    )
    words = Words(story.titled(title), subtitle, story.footer())
    table = pd.DataFrame(
        {
            "month": np.repeat(np.array(months), len(owners)),
            "owner": np.tile(np.array(owners), len(months)),
            "pressure_share": mean.ravel(),
            "low95": low.ravel(),
            "high95": high.ravel(),
        }
    )
    names = [owners[i] for i in order]
    ends = "; ".join(f"{owners[i]} {percent(mean[-1, i])}" for i in order)
    return Picture(
        name="pressure",
        section="money",
        title=words.title,
        alt=f"Small line charts, one an owner. {words.title}. {subtitle}. At the end: {ends}.",
        table=table,
        draw=lambda layout: draw(layout, words, months, names, mean[:, order], low[:, order], high[:, order]),
    )


def draw(
    layout: Layout,
    words: Words,
    months: Sequence[str],
    owners: Sequence[str],
    mean: FloatArray,
    low: FloatArray,
    high: FloatArray,
) -> Figure:
    """Panels in rows of four or five (two in the narrow layout), all on one scale."""
    columns = min(2 if layout.narrow else 4 if len(owners) <= 8 else 5, len(owners))
    rows = -(-len(owners) // columns)
    step = line_height(layout.text - 0.5)
    scale = value_scale([np.array([0.0, 1.0])], "share", bins=4)  # the whole index, so that panels compare
    left = scale.width(layout) + 0.1
    gap = 0.18
    width = (layout.width - 0.24 - left - 0.1 - gap * (columns - 1)) / columns
    names = [
        wrap(f"{owner}: {percent(mean[-1, i])}", layout.text - 0.5, width - 0.05) for i, owner in enumerate(owners)
    ]
    head = max(len(name) for name in names) * step + 0.08
    panel = 1.05
    sheet = Sheet(words, layout, rows * (panel + head + 0.28) - 0.28, left=left, right=0.1)
    x = month_ends(months)
    thin = np.arange(len(months) - 1, -1, -3)[::-1]  # the grey lines need no more than quarters
    for i, name in enumerate(names):
        row, column = divmod(i, columns)
        x0 = sheet.left + column * (width + gap)
        y0 = sheet.top - row * (panel + head + 0.28) - head - panel
        ax = sheet.axes(x0, y0, width, panel)
        ax.plot(x[thin], np.delete(mean, i, axis=1)[thin], color=BACK, linewidth=0.7)
        if len(months) > 1:
            ax.fill_between(x, low[:, i], high[:, i], color=PALETTE[0], alpha=0.2, linewidth=0)
        ax.plot(x, mean[:, i], color=PALETTE[0], linewidth=2)
        ax.plot(x[-1], mean[-1, i], "o", color=PALETTE[0], markersize=4, clip_on=False)
        put_scale(ax, scale)
        if column:
            ax.set_yticklabels([])
        pad = max(float(x[-1] - x[0]) * 0.02, 1 / 24)
        ax.set_xlim(float(x[0]) - pad, float(x[-1]) + pad)
        _ends(ax, x, months, layout)
        for k, text in enumerate(name):
            sheet.write(x0, y0 + panel + 0.06 + (len(name) - 1 - k) * step, text, size=layout.text - 0.5, va="bottom")
    return sheet.figure


def _ends(ax: object, x: FloatArray, months: Sequence[str], layout: Layout) -> None:
    """Label only the first and last month, in years where the run is long."""
    from matplotlib.axes import Axes

    assert isinstance(ax, Axes)
    if len(months) == 1:
        ax.set_xticks([float(x[0])], [month_words(months[0])])
        return
    ax.set_xticks([float(x[0]), float(x[-1])], [month_words(months[0]), month_words(months[-1])])
    start, end = ax.get_xticklabels()
    start.set_horizontalalignment("left")
    end.set_horizontalalignment("right")
    for label in (start, end):
        label.set_fontsize(layout.text - 2)
        label.set_color(GREY)
