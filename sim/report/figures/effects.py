"""A factorial's effects: what each lever brings, and what two bring together beyond the sum of each alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.factorial import Effect, Factorial, effects_table
from sim.report.figures.axis import value_scale
from sim.report.figures.common import early_and_late
from sim.report.figures.rows import row_frame
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import INK, PALETTE, Layout, Words
from sim.report.words import capital, join_words, money, money_range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PAIRS: Final = 6
ONE, TWO = "One lever, averaged over the others", "Two together, beyond their sum"


def build(story: Story, factorial: Factorial | None) -> Picture | None:
    """None when the sweep is no factorial."""
    if factorial is None:
        return None
    shown = ranked(factorial)
    pairs = sum(e.pair for e in factorial.effects)
    _, last = early_and_late(story.ensemble, story.horizon)
    n = factorial.values.shape[0]
    left_out = f", the {MOST_PAIRS} largest of {pairs}" if pairs > MOST_PAIRS else ""
    bar = f"bar: 95% interval over {n} replications (luck only)" if n > 1 else "one replication, so no interval"
    subtitle = (
        f"Effect on what tier 2 and tier 3 are paid, GBP, {last.words}, constant prices; {story.place};"
        f" {factorial.design.words}. One lever: on less off, averaged over the others. Two: what they bring together"
        f" beyond the sum of each alone{left_out}. Dot: one replication; {bar}; filled: clear of zero"
    )
    words = Words(_title(factorial), subtitle, story.footer(compared=True))
    return Picture(
        name="effects",
        section="options",
        title=words.title,
        alt=f"Dot and interval chart. {words.title}. {subtitle}. "
        + "; ".join(f"{name(e)}: {size(e)}" for e in shown)
        + ".",
        table=effects_table([factorial]).drop(columns=["measure", "label", "design"]),
        draw=lambda layout: draw(layout, words, shown),
    )


def ranked(factorial: Factorial) -> list[Effect]:
    """Single levers from the largest gain down, then the pairs of the largest effects either way."""
    single = sorted((e for e in factorial.effects if not e.pair), key=lambda e: -e.size.mean)
    return [*single, *strongest(factorial)[:MOST_PAIRS]]


def strongest(factorial: Factorial) -> list[Effect]:
    """Pairs, the largest effect first: those clear of zero before the others."""
    pairs = [e for e in factorial.effects if e.pair]
    return sorted(pairs, key=lambda e: (not clear(e), -abs(e.size.mean)))


def clear(effect: Effect) -> bool:
    """Whether the interval lies wholly on one side of zero."""
    return effect.size.known and (effect.size.low > 0 or effect.size.high < 0)


def certain(effect: Effect) -> bool:
    """Whether it is clear of zero even after allowing for how many effects are looked at."""
    return effect.p_holm < 0.05


def name(effect: Effect) -> str:
    """``stewardship and needs data``; with what it cannot be told from, where that would spoil its reading."""
    label = join_words([lever.replace("_", " ") for lever in effect.levers])
    others = [join_words([lever.replace("_", " ") for lever in levers]) for levers in effect.blurred]
    return label + (f" (or: {'; '.join(others)})" if others else "")


def size(effect: Effect) -> str:
    """``+GBP 0.44m (+0.22 to +0.65m)``."""
    ends = f" ({money_range(effect.size, signed=True)})" if effect.size.known else ""
    return money(effect.size.mean, effect.size.half_width, signed=True) + ends


def _title(factorial: Factorial) -> str:
    single = sorted((e for e in factorial.effects if not e.pair and certain(e)), key=lambda e: -abs(e.size.mean))
    if not single:
        return "No single lever has an effect on supply chains that is clear of luck"
    best = single[0]
    verb = "adds" if best.size.mean > 0 else "takes away"
    most = " most" if len(single) > 1 else ""
    amount = money(abs(best.size.mean), best.size.half_width)
    title = f"{capital(name(best))} {verb}{most}, {amount} a year; "
    pairs = [e for e in strongest(factorial) if certain(e)]
    if not pairs:
        return title + "no two levers clearly strengthen or weaken each other"
    pair = pairs[0]
    how = "more" if pair.size.mean > 0 else "less"
    extra = money(abs(pair.size.mean), pair.size.half_width)
    return title + f"{name(pair)} bring {extra} {how} together than apart"


def draw(layout: Layout, words: Words, shown: Sequence[Effect]) -> Figure:
    """Rows in two groups, on one scale."""
    reach = [np.array([*e.values, e.size.low, e.size.high]) for e in shown]
    scale = value_scale(reach, "GBP", bins=4 if layout.narrow else 6)
    heads = [ONE if i == 0 else TWO if e.pair and not shown[i - 1].pair else "" for i, e in enumerate(shown)]
    frame = row_frame(layout, words, [name(e) for e in shown], [size(e) for e in shown], scale, heads)
    ax = frame.ax
    ax.axvline(0, color=INK, linewidth=1)
    for e, y in zip(shown, frame.places, strict=True):
        colour = PALETTE[2 if e.pair else 0]
        dots = np.full(len(e.values), y + 0.06)
        ax.plot(e.values, dots, "o", color=colour, alpha=0.5, markersize=3.5, markeredgewidth=0)
        if e.size.known:
            ax.plot([e.size.low, e.size.high], [y - 0.05] * 2, color=colour, linewidth=3, solid_capstyle="butt")
        fill = colour if clear(e) else "white"
        ax.plot(e.size.mean, y - 0.05, "D", color=colour, markerfacecolor=fill, markersize=5.5)
    return frame.sheet.figure
