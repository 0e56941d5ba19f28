"""The options ranked: difference from doing nothing, a dot a pair, interval, and band of no difference."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.intervals import Interval
from sim.analysis.paired import LESS, MORE, PairedVerdict
from sim.report.figures.axis import value_scale
from sim.report.figures.common import early_and_late
from sim.report.figures.rows import row_frame
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import BACK, INK, PALETTE, Layout, Words
from sim.report.sweep import told
from sim.report.words import capital, join_words, money, money_range, name_words, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def build(story: Story) -> Picture | None:
    """None when there is nothing to compare with doing nothing."""
    import pandas as pd

    names = told(story)
    shown = [v for v in story.paired.values() if v.headline.scenario in names]
    ranked = sorted(shown, key=lambda v: -v.headline.difference.mean)
    if not ranked:
        return None
    base = ranked[0].headline.base
    level = f" ({money(base.mean, base.half_width)} a year)"
    _, last = early_and_late(story.ensemble, story.horizon)
    n = max(v.headline.n for v in ranked)
    subtitle = (
        f"Difference from doing nothing{' under the same other settings' if story.crossed else level} in what tier 2"
        f" and tier 3 are paid, GBP, {last.words}, constant prices; {story.place}; dot: one pair of replications; bar:"
        f" 95% interval"
        f" of the mean over {n} pairs (luck only); grey: within {percent(story.margin_share)}, no difference"
    )
    over = dict(story.worlds.differences) if story.worlds else {}
    if over:
        subtitle += f"; thin bar: where 95% of {story.worlds.n if story.worlds else 0} calibrated worlds lie (inputs)"
    words = Words(capital(_title(ranked, story.withheld)), subtitle, story.footer(compared=True))
    rows = [
        {
            "scenario": v.headline.scenario,
            "pair": i + 1,
            "difference_gbp_per_year": gap,
            "mean_gbp_per_year": v.headline.difference.mean,
            "low95_gbp_per_year": v.headline.difference.low,
            "high95_gbp_per_year": v.headline.difference.high,
            "verdict": v.word,
            **(_over_columns(over.get(v.headline.scenario)) if over else {}),
        }
        for v in ranked
        for i, gap in enumerate(v.headline.differences)
    ]
    return Picture(
        name="options",
        section="options",
        title=words.title,
        alt=f"Dot and interval chart. {words.title}. {subtitle}. "
        + "; ".join(f"{name_words(v.headline.scenario)}: {_text(v)}" for v in ranked)
        + ".",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw(layout, words, ranked, over),
    )


def _title(ranked: Sequence[PairedVerdict], withheld: bool) -> str:
    if withheld:
        return f"So far {name_words(ranked[0].headline.scenario)} pays supply chains most; verdicts are withheld"
    names = {word: [name_words(v.headline.scenario) for v in ranked if v.word == word] for word in (MORE, LESS)}
    parts = [
        f"{join_words(names[word])} {'bring' if len(names[word]) > 1 else 'brings'} {word}"
        for word in names
        if names[word]
    ]
    if not parts:
        return "No option is clearly different from doing nothing"
    return " and ".join(parts) + " than doing nothing" + (
        "" if len(names[MORE]) + len(names[LESS]) == len(ranked) else "; the rest is not clearly different"
    )  # fmt: skip


def _text(v: PairedVerdict) -> str:
    d = v.headline.difference
    ends = f" ({money_range(d, signed=True)})" if d.known else ""
    return f"{v.word}: {money(d.mean, d.half_width, signed=True)}{ends}"


def _over_columns(found: Interval | None) -> dict[str, float]:
    low, high = (found.low, found.high) if found else (math.nan, math.nan)
    return {"worlds_low95_gbp_per_year": low, "worlds_high95_gbp_per_year": high}


def draw(layout: Layout, words: Words, ranked: Sequence[PairedVerdict], over: Mapping[str, Interval]) -> Figure:
    """Rows from the largest gain down; the grey band is that of each row's own do-nothing.

    ``over`` holds the range over calibrated worlds of the scenarios that were run in them.
    """
    margins = [abs(v.headline.base.mean) * v.margin_share for v in ranked]
    widest = max(margins)
    reach = [np.array([*v.headline.differences, v.headline.difference.low, v.headline.difference.high]) for v in ranked]
    reach += [np.array([found.low, found.high]) for found in over.values() if found.known]
    scale = value_scale([*reach, np.array([-widest, widest])], "GBP", bins=4 if layout.narrow else 6)
    labels = [name_words(v.headline.scenario) for v in ranked]
    frame = row_frame(layout, words, labels, [_text(v) for v in ranked], scale)
    ax = frame.ax
    one = len({f"{margin:.9g}" for margin in margins}) == 1
    if one:
        ax.axvspan(-widest, widest, color=BACK, alpha=0.35, linewidth=0)
    ax.axvline(0, color=INK, linewidth=1)
    for v, y, margin in zip(ranked, frame.places, margins, strict=True):
        d = v.headline.difference
        if not one:
            ax.fill(
                [-margin, margin, margin, -margin],
                [y - 0.13, y - 0.13, y + 0.13, y + 0.13],
                color=BACK,
                alpha=0.35,
                lw=0,
            )
        gaps = np.array(v.headline.differences)
        ax.plot(
            gaps,
            np.full(len(gaps), y + 0.06),
            "o",
            color=PALETTE[0],
            alpha=0.5,
            markersize=3.5,
            markeredgewidth=0,
        )
        if d.known:
            ax.plot([d.low, d.high], [y - 0.05] * 2, color=PALETTE[0], linewidth=3, solid_capstyle="butt")
        ax.plot(d.mean, y - 0.05, "D", color=PALETTE[2], markersize=5)
        wide = over.get(v.headline.scenario)
        if wide is not None and wide.known:
            ax.plot([wide.low, wide.high], [y - 0.17] * 2, "|-", color=INK, linewidth=1, markersize=6)
    return frame.sheet.figure
