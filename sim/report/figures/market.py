"""The rate-card market: who knows of the offer, what it costs, how much is bought of the plan, where nothing is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.ensemble import month_words, period_words
from sim.observe.results import FloatArray
from sim.report.figures.axis import month_ends, put_months, put_scale, value_scale, year_fraction
from sim.report.figures.common import change_rules, interval_words, last_known, path_table
from sim.report.figures.lines import Line, Rule, bounded, mean_line
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import INK, PALETTE, Layout, Sheet, Words, line_height, wrap
from sim.report.words import percent, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.report.figures.axis import Scale

AWARE, PRICE = "awareness_share", "card_price_ratio"
PLAN, NONE = "nps_purchases_of_plan_share", "areas_without_purchases_share"
HEADS: Final = {
    AWARE: "Officers aware of the offer",
    PRICE: "Card price against the fair price",
    PLAN: "Bought of what was planned, 12 months",
    NONE: "Areas where nothing was bought, 12 months",
}


@dataclass(frozen=True)
class Part:
    """One small chart: its heading, its unit and its line."""

    head: str
    unit: str
    line: Line


def build(story: Story) -> Picture:
    """Four small charts over the same months."""
    ensemble, months = story.ensemble, story.ensemble.months
    values = {name: ensemble.national(name) for name in HEADS}
    end = {name: last_known(v) for name, v in values.items()}
    parts = [
        Part(f"{head}: {_end(name, end[name])}", "ratio" if name == PRICE else "share", mean_line("", values[name], i))
        for i, (name, head) in enumerate(HEADS.items())
    ]
    subtitle = (
        f"Headings: what is drawn, with its last value; per cent, the price as a ratio; month ends; {story.place},"
        f" {period_words(months)}; {interval_words(ensemble.n)}; the dotted line marks"
        f" {', '.join(rule.label for rule in change_rules(story)[-1:])}"
    )
    words = Words(story.titled(_title(end, month_words(months[-1]))), subtitle, story.footer())
    rules = change_rules(story)[-1:]
    return Picture(
        name="rate-card-market",
        section="money",
        title=words.title,
        alt=f"Four small line charts. {words.title}. {subtitle}. At the end: {'; '.join(p.head for p in parts)}.",
        table=path_table(story, values),
        draw=lambda layout: draw(layout, words, months, parts, rules),
    )


def _end(name: str, value: float) -> str:
    if not np.isfinite(value):
        return "no card published" if name == PRICE else "no value"
    return f"{plain(value)} times" if name == PRICE else percent(value)


def _title(end: dict[str, float], when: str) -> str:
    bought, aware = end[PLAN], end[AWARE]
    if not bought > 0:
        title = "The NPS buys nothing from rate cards"
    elif bought < 0.95:
        title = f"The NPS buys {percent(bought)} of the rate-card services it planned to, by {when}"
    else:
        title = f"NPS rate-card purchases reach {percent(bought)} of plan by {when}"
    if bought < 0.5 <= aware:
        title += f", though {percent(aware)} of its officers know of the offer"
    return title


def draw(layout: Layout, words: Words, months: Sequence[str], parts: Sequence[Part], rules: Sequence[Rule]) -> Figure:
    """Two by two, or one under another on a narrow sheet."""
    across = 1 if layout.narrow else 2
    size = layout.text - 0.5
    step = line_height(size)
    lines = [bounded(part.line, part.unit) for part in parts]
    scales = [
        value_scale([line.middle, *(edge for band in line.bands for edge in band)], part.unit, bins=3)
        for part, line in zip(parts, lines, strict=True)
    ]
    left = max(scale.width(layout) for scale in scales) + 0.12
    gap = 0.25
    each = (layout.width - 0.24 - gap * (across - 1)) / across
    heads = [wrap(part.head, size, each, "bold") for part in parts]
    room = max(map(len, heads)) * step + 0.1
    tall, below = 1.15, 0.42
    rows = -(-len(parts) // across)
    sheet = Sheet(words, layout, rows * (room + tall + below), left=0.0, right=0.0, below=0.0, above=0.0)
    for k, (part, line, scale, head) in enumerate(zip(parts, lines, scales, heads, strict=True)):
        x = sheet.left + (k % across) * (each + gap)
        top = sheet.top - (k // across) * (room + tall + below)
        for m, text in enumerate(head):
            sheet.write(x, top - (m + 0.5) * step, text, size=size, weight="bold")
        ax = sheet.axes(x + left, top - room - tall, each - left - 0.12, tall)
        _one(ax, months, line, part.unit, scale, layout, rules)
    return sheet.figure


def _one(
    ax: Axes, months: Sequence[str], line: Line, unit: str, scale: Scale, layout: Layout, rules: Sequence[Rule]
) -> None:
    x: FloatArray = month_ends(months)
    put_months(ax, months, Layout("narrow", layout.width, layout.title, layout.text))  # bare years: the room is small
    put_scale(ax, scale)
    colour = PALETTE[line.colour % 4]
    for low, high in line.bands:
        ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    ax.plot(x, line.middle, color=colour, linewidth=2)
    known = np.flatnonzero(np.isfinite(line.middle))
    if known.size:
        ax.plot(x[known[-1]], line.middle[known[-1]], "o", color=colour, markersize=4.5, clip_on=False)
    for rule in rules:
        if x[0] < year_fraction(rule.when) < x[-1]:
            ax.axvline(year_fraction(rule.when), color=INK, linewidth=0.9, linestyle=(0, (2, 2)))
