"""The pairs of levers that strengthen or weaken each other most: small panels, one line without and one with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.factorial import Effect, Factorial
from sim.analysis.intervals import Interval
from sim.report.figures.axis import Scale, put_scale, value_scale
from sim.report.figures.common import early_and_late
from sim.report.figures.effects import certain, name, strongest
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import GREY, INK, PALETTE, TEXT_PALETTE, Layout, Sheet, Words, line_height, spread, wrap
from sim.report.words import capital, money

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS: Final = 3
TALL: Final = 1.7  # inches of a panel's axes
LABEL: Final = 1.4  # inches beside a panel for its labels
Corners = dict[tuple[bool, bool], Interval]


def build(story: Story, factorial: Factorial | None) -> Picture | None:
    """None when the sweep is no factorial, or no pair can be told from single levers."""
    import pandas as pd

    shown = strongest(factorial)[:PANELS] if factorial is not None else []
    if factorial is None or not shown:
        return None
    ordered = [_ordered(factorial, e) for e in shown]
    corners = [factorial.corners(*pair) for pair in ordered]
    _, last = early_and_late(story.ensemble, story.horizon)
    n = factorial.values.shape[0]
    bar = f"bar: 95% interval over {n} replications (luck only)" if n > 1 else "one replication, so no interval"
    subtitle = (
        f"What tier 2 and tier 3 are paid beyond what they are with both levers off, averaged over the other levers,"
        f" GBP, {last.words}, constant prices; {story.place}; {bar}; open diamond: where both would lie if they"
        " simply added up"
    )
    words = Words(_title(shown), subtitle, story.footer(compared=True))
    rows = [
        {
            "lever": pair[0],
            "second_lever": pair[1],
            "lever_on": x,
            "second_lever_on": y,
            "above_both_off_gbp_per_year": value.mean,
            "low95": value.low,
            "high95": value.high,
        }
        for pair, found in zip(ordered, corners, strict=True)
        for (x, y), value in found.items()
    ]
    return Picture(
        name="interactions",
        section="options",
        title=words.title,
        alt=f"Small line charts, one a pair of levers. {words.title}. {subtitle}. "
        + "; ".join(_told(pair, found) for pair, found in zip(ordered, corners, strict=True))
        + ".",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw(layout, words, shown, ordered, corners),
    )


def _ordered(factorial: Factorial, effect: Effect) -> tuple[str, str]:
    """The lever of the larger effect by itself goes along the axis."""
    by_lever = {e.levers[0]: abs(e.size.mean) for e in factorial.effects if not e.pair}
    a, b = sorted(effect.levers, key=lambda lever: -by_lever[lever])
    return a, b


def _title(shown: Sequence[Effect]) -> str:
    sure = [e for e in shown if certain(e)]
    if not sure:
        return "No two levers clearly strengthen or weaken each other"
    e = sure[0]
    how = "strengthen" if e.size.mean > 0 else "weaken"
    more = "more" if e.size.mean > 0 else "less"
    amount = money(abs(e.size.mean), e.size.half_width)
    return f"{capital(name(e))} {how} each other most: together {amount} a year {more} than the sum of each alone"


def _told(pair: tuple[str, str], found: Corners) -> str:
    a, b = (lever.replace("_", " ") for lever in pair)
    alone_a, alone_b, both = (
        money(found[way].mean, signed=True) for way in ((True, False), (False, True), (True, True))
    )
    return f"{a} alone {alone_a}, {b} alone {alone_b}, both {both}"


def draw(
    layout: Layout,
    words: Words,
    shown: Sequence[Effect],
    ordered: Sequence[tuple[str, str]],
    corners: Sequence[Corners],
) -> Figure:
    """Panels side by side, one below another on a telephone; all on one scale."""
    columns = 1 if layout.narrow else len(shown)
    rows = -(-len(shown) // columns)
    values = [np.array([v.mean, v.low, v.high]) for found in corners for v in found.values()]
    sums = [np.array([found[True, False].mean + found[False, True].mean]) for found in corners]
    scale = value_scale([*values, *sums], "GBP", bins=4)
    size = layout.text - 0.5
    step = line_height(size)
    left = scale.width(layout) + 0.12
    width = (layout.width - 0.24 - left - 0.2 * (columns - 1)) / columns
    heads = [wrap(capital(name(e)), size, width - 0.1, "bold") for e in shown]
    feet = [wrap(pair[0].replace("_", " "), size - 0.5, width - LABEL + 0.3) for pair in ordered]
    head = max(map(len, heads)) * step + 0.1
    foot = (1 + max(map(len, feet))) * line_height(size - 0.5) + 0.15
    block = head + TALL + foot + 0.1
    sheet = Sheet(words, layout, rows * block, left=left, right=0.0, below=0.0)
    for i, (pair, found) in enumerate(zip(ordered, corners, strict=True)):
        row, column = divmod(i, columns)
        x0, top = sheet.left + column * (width + 0.2), sheet.top - row * block
        for k, text in enumerate(heads[i]):
            sheet.write(x0, top - (k + 0.5) * step, text, size=size, weight="bold")
        _panel(sheet, x0, top - head - TALL, width - LABEL, pair, found, scale, bool(column))
        y = top - head - TALL - 0.07 - line_height(size - 0.5) / 2
        for text, share in (("without", 0.15), ("with", 1.15)):
            at = x0 + (width - LABEL) * share / 1.3
            sheet.write(at, y, text, size=size - 0.5, colour=GREY, ha="center")
        for k, text in enumerate(feet[i]):
            below = y - (k + 1) * line_height(size - 0.5)
            sheet.write(x0 + (width - LABEL) / 2, below, text, size=size - 0.5, colour=GREY, ha="center")
    return sheet.figure


def _panel(
    sheet: Sheet, x0: float, y0: float, width: float, pair: tuple[str, str], found: Corners, scale: Scale, inner: bool
) -> None:
    ax = sheet.axes(x0, y0, width, TALL)
    put_scale(ax, scale)
    if inner:
        ax.set_yticklabels([])
    ax.set_xlim(-0.15, 1.15)
    ax.set_xticks([])
    second = pair[1].replace("_", " ")
    for on, dash in ((False, (0, (4, 2))), (True, "solid")):
        colour = PALETTE[2 if on else 0]
        ends = [found[False, on], found[True, on]]
        ax.plot(
            [0.025 if on else -0.025, 1.025 if on else 0.975],
            [e.mean for e in ends],
            color=colour,
            linewidth=2,
            linestyle=dash,
        )
        for k, e in enumerate(ends):
            x = k + (0.025 if on else -0.025)  # side by side, so that both bars are seen
            if e.known:
                ax.plot([x, x], [e.low, e.high], color=colour, linewidth=1.3, marker="_", markersize=6)
            ax.plot(x, e.mean, "o", color=colour, markerfacecolor=colour if on else "white", markersize=5.5)
    added = found[True, False].mean + found[False, True].mean
    ax.plot(1, added, "D", color=INK, markerfacecolor="none", markersize=7, zorder=5)
    size = sheet.layout.text - 1
    step = line_height(size)
    texts = [wrap(f"without {second}", size, LABEL - 0.2), wrap(f"with {second}", size, LABEL - 0.2)]
    tops = [found[True, False].mean, found[True, True].mean]
    wanted = [y0 + TALL * (value - scale.low) / (scale.high - scale.low) for value in tops]
    places = spread(wanted, [len(t) * step + 0.04 for t in texts], y0 - 0.05, y0 + TALL + 0.1)
    for lines, y, colour in zip(texts, places, (TEXT_PALETTE[0], TEXT_PALETTE[2]), strict=True):
        for k, text in enumerate(lines):
            sheet.write(x0 + width + 0.06, y + ((len(lines) - 1) / 2 - k) * step, text, size=size, colour=colour)
