"""Cost against effect: one labelled dot a policy, with the interval of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.cost import ratio_of
from sim.analysis.factorial import Factorial
from sim.analysis.intervals import Interval
from sim.analysis.outcomes import headline, needs_met, public_cost
from sim.report.costs import Cost, cost_of
from sim.report.figures.axis import put_scale, value_scale
from sim.report.figures.common import early_and_late
from sim.report.figures.places import Box, place_label, segment_boxes
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import GREY, INK, PALETTE, Layout, Sheet, Words, line_height, text_width, wrap
from sim.report.words import capital, money, money_range, name_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST: Final = 10
TALL: Final = 3.6
ACROSS, UP = "Public cost, GBP a year more than doing nothing", "Paid to tier 2 and 3, GBP a year more"


@dataclass(frozen=True, slots=True)
class Dot:
    """A policy: what it costs more, what it pays the chains more, and what a need met more costs, in words."""

    name: str
    cost: Interval
    effect: Interval
    per_need: str


def build(story: Story, found: Sequence[Factorial] = ()) -> Picture | None:
    """One dot a policy, of a factorial one dot a lever; None when nothing is compared, or no cost is known."""
    import pandas as pd

    costs = _levers(found) if found else _policies(story)
    dots = [Dot(name_words(name), cost.public_gbp, effect, cost.per_need_words) for name, cost, effect in costs]
    rows = [
        {
            "option": name,
            "public_cost_gbp_per_year": cost.public_gbp.mean,
            "public_cost_low95": cost.public_gbp.low,
            "public_cost_high95": cost.public_gbp.high,
            "paid_to_chains_gbp_per_year": effect.mean,
            "paid_to_chains_low95": effect.low,
            "paid_to_chains_high95": effect.high,
            "needs_met_per_year": cost.needs_met.mean,
            "cost_per_need_met_gbp": cost.per_need.mean,
            "cost_per_need_met_low95": cost.per_need.low,
            "cost_per_need_met_high95": cost.per_need.high,
        }
        for name, cost, effect in costs
    ]
    if not dots:
        return None
    dots.sort(key=lambda dot: -abs(dot.effect.mean))
    shown, left = dots[:MOST], max(0, len(dots) - MOST)
    _, last = early_and_late(story.ensemble, story.horizon)
    n = story.ensemble.n
    bars = f"bars: 95% intervals over {n} pairs (luck only)" if n > 1 else "one replication, so no interval"
    subtitle = (
        f"{'Each lever on less off, averaged over the others' if found else 'Differences from doing nothing'}, GBP,"
        f" {last.words}, constant prices; {story.place}; up: paid to tier 2 and"
        f" tier 3; across: public money spent; on the dashed line every pound spent reaches them; {bars}; in brackets:"
        f" public cost of a need met more, where both are clearly above zero"
        + (f"; {left} more in the CSV" if left else "")
    )
    words = Words(_title(dots), subtitle, story.footer(compared=True))
    return Picture(
        name="cost-effect",
        section="options",
        title=words.title,
        alt=f"Scatter chart. {words.title}. {subtitle}. " + "; ".join(_told(dot) for dot in shown) + ".",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw(layout, words, shown),
    )


def _policies(story: Story) -> list[tuple[str, Cost, Interval]]:
    """Each policy against doing nothing: its name, cost, and what it pays the chains more."""
    found = [(name, cost_of(story, name), verdict.headline.difference) for name, verdict in story.paired.items()]
    return [(name, cost, effect) for name, cost, effect in found if cost.public_gbp.n and effect.n]


def _levers(found: Sequence[Factorial]) -> list[tuple[str, Cost, Interval]]:
    """The same of each lever of a factorial, from its effects on the three outcomes."""
    by_name = {f.outcome.take: {e.levers[0]: e for e in f.effects if not e.pair} for f in found}
    if not {headline, needs_met, public_cost} <= set(by_name):
        return []
    told = []
    for lever, effect in by_name[headline].items():
        paid, met = (np.array(by_name[take][lever].values) for take in (public_cost, needs_met))
        if len(paid) == len(met):
            told.append((lever, Cost.of(ratio_of(paid, met)), effect.size))
    return told


def _title(dots: Sequence[Dot]) -> str:
    """The policy whose chains gain most for each pound, among those with a clear gain."""
    gains = [dot for dot in dots if dot.effect.known and dot.effect.low > 0]
    if not gains:
        return "No option clearly brings supply chains more than doing nothing, whatever it costs"
    most = max(gains, key=lambda dot: dot.effect.mean)
    title = f"{capital(most.name)}: most for supply chains, {_money(most.effect)} a year {_price(most.cost)}"
    dear = max(gains, key=lambda dot: dot.cost.mean)
    if dear is not most and dear.cost.low > 0 and dear.cost.mean > 2 * abs(dear.effect.mean):
        title += f"; {dear.name} is dearest, {_money(dear.effect)} for {_money(dear.cost)}"
    return title


def _price(cost: Interval) -> str:
    """What it costs, in words that do not give a sign to a cost that has none."""
    if cost.known and cost.low > 0:
        return f"for {_money(cost)} of public money"
    if cost.known and cost.high < 0:
        return f"while saving {_money(cost.scaled(-1))} of public money"
    return "at no clear public cost"


def _money(value: Interval) -> str:
    return money(value.mean, value.half_width)


def _told(dot: Dot) -> str:
    ends = f" ({money_range(dot.effect, signed=True)})" if dot.effect.known else ""
    return (
        f"{dot.name}: {money(dot.effect.mean, dot.effect.half_width, signed=True)}{ends} for"
        f" {money(dot.cost.mean, dot.cost.half_width, signed=True)}" + _bracket(dot, ", {} a need met more")
    )


def _bracket(dot: Dot, shape: str) -> str:
    return shape.format(dot.per_need) if dot.per_need != "-" else ""


def draw(layout: Layout, words: Words, dots: Sequence[Dot]) -> Figure:
    """Dots with bars both ways; labels where there is room, with a thin line where they stand apart."""
    xs = value_scale(
        [np.array([d.cost.mean, d.cost.low, d.cost.high]) for d in dots], "GBP", bins=4 if layout.narrow else 6
    )
    ys = value_scale([np.array([d.effect.mean, d.effect.low, d.effect.high]) for d in dots], "GBP")
    size = layout.text - 0.5
    step = line_height(size)
    left = ys.width(layout) + 0.12
    right = max(0.15, text_width(xs.labels[-1], layout.text - 1) / 2)
    across = wrap(ACROSS, size - 0.5, layout.width - left - 0.4)
    up = wrap(UP, size - 0.5, layout.width - 0.3)
    sheet = Sheet(
        words, layout, TALL, left=left, right=right, below=0.36 + len(across) * step, above=0.16 + len(up) * step
    )
    ax = sheet.plot()
    put_scale(ax, ys)
    ax.set_xlim(xs.low, xs.high)
    ax.set_xticks(xs.ticks, xs.labels)
    ax.axvline(0, color=GREY, linewidth=1)
    ax.grid(axis="x", color="#E8EAEC", linewidth=0.8)
    lowest, highest = max(xs.low, ys.low), min(xs.high, ys.high)
    ax.plot([lowest, highest], [lowest, highest], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
    for k, text in enumerate(up):
        sheet.write(sheet.left - left, sheet.top + 0.1 + (len(up) - 0.5 - k) * step, text, size=size - 0.5, colour=GREY)
    for k, text in enumerate(across):
        sheet.write(sheet.left, sheet.bottom - 0.36 - (k + 0.4) * step, text, size=size - 0.5, colour=GREY)

    def inches(x: float, y: float) -> tuple[float, float]:
        return (
            sheet.left + (sheet.right - sheet.left) * (x - xs.low) / (xs.high - xs.low),
            sheet.bottom + TALL * (y - ys.low) / (ys.high - ys.low),
        )

    taken: list[Box] = []
    bars: list[Box] = []
    for dot in dots:
        for value, along in ((dot.cost, True), (dot.effect, False)):
            if not value.known:
                continue
            ends = [(v, dot.effect.mean) if along else (dot.cost.mean, v) for v in (value.low, value.high)]
            ax.plot(*zip(*ends, strict=True), color=PALETTE[0], linewidth=1.4, alpha=0.75)
            bars += segment_boxes(inches(*ends[0]), inches(*ends[1]))
        ax.plot(dot.cost.mean, dot.effect.mean, "o", color=PALETTE[2], markersize=6.5, zorder=5)
        x, y = inches(dot.cost.mean, dot.effect.mean)
        taken.append(Box(x - 0.06, y - 0.06, x + 0.06, y + 0.06))
    inside = Box(sheet.left + 0.03, sheet.bottom + 0.03, layout.width - 0.05, sheet.top + 0.08)
    for dot in sorted(dots, key=lambda d: -d.effect.mean):
        lines = wrap(dot.name + _bracket(dot, " ({} a need)"), size - 0.5, 1.45 if layout.narrow else 3.1)
        width = max(text_width(t, size - 0.5) for t in lines)
        at = inches(dot.cost.mean, dot.effect.mean)
        box = place_label(at, width, len(lines) * step, taken, bars, inside)
        taken.append(box)
        _label(sheet, box, lines, at, size - 0.5, step)
    return sheet.figure


def _label(sheet: Sheet, box: Box, lines: Sequence[str], at: tuple[float, float], size: float, step: float) -> None:
    from matplotlib.lines import Line2D

    nearest = (min(max(at[0], box.x0), box.x1), min(max(at[1], box.y0), box.y1))
    if np.hypot(nearest[0] - at[0], nearest[1] - at[1]) > 0.14:
        w, h = sheet.layout.width, sheet.height
        line = Line2D([at[0] / w, nearest[0] / w], [at[1] / h, nearest[1] / h], color=GREY, linewidth=0.7)
        sheet.figure.add_artist(line)
    for k, text in enumerate(lines):
        sheet.write(box.x0, box.y1 - (k + 0.5) * step, text, size=size, colour=INK, back=True)
