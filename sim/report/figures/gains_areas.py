"""How evenly an option reaches areas: a dot an area, how many gain and lose, and which are left with nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.intervals import Interval, t_interval
from sim.analysis.sameness import pairs_of
from sim.report.figures.axis import value_scale
from sim.report.figures.common import early_and_late
from sim.report.figures.gains import PAID
from sim.report.figures.panels import clear_of_zero
from sim.report.figures.rows import row_frame
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import INK, PALETTE, Layout, Words
from sim.report.sweep import told
from sim.report.words import count_words, join_words, name_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.analysis.ensemble import Ensemble

MOST: Final = 10
NAMED: Final = 6


@dataclass(frozen=True)
class Spread:
    """An option over areas.

    Attributes:
        values: the difference in supply-chain money, GBP a year, one interval an area.
        without: areas where nothing is paid in the last year in most replications.
    """

    name: str
    values: tuple[Interval, ...]
    without: tuple[str, ...]

    @property
    def gain(self) -> int:
        """Areas that clearly gain."""
        return sum(clear_of_zero(v) and v.mean > 0 for v in self.values)

    @property
    def lose(self) -> int:
        """Areas that clearly lose."""
        return sum(clear_of_zero(v) and v.mean < 0 for v in self.values)

    @property
    def text(self) -> str:
        """``12 of 18 gain, 1 loses; 2 with none``."""
        loses = "loses" if self.lose == 1 else "lose"
        says = f"{self.gain} of {len(self.values)} gain, {self.lose or 'none'} {loses}"
        return says + (f"; {len(self.without)} with none" if self.without else "")


def build(story: Story) -> Picture | None:
    """None when nothing is compared or the runs hold no areas."""
    import pandas as pd

    codes = story.ensemble.places("area")
    names = told(story)
    ranked = [v for v in story.paired.values() if v.headline.scenario in names]
    if not ranked or not codes:
        return None
    ranked.sort(key=lambda v: -v.headline.difference.mean)
    if len(ranked) > MOST:
        ranked = sorted(ranked, key=lambda v: -abs(v.headline.difference.mean))[:MOST]
    found = [_spread(story, v.headline.scenario, codes) for v in ranked]
    _, last = early_and_late(story.ensemble, story.horizon)
    base = _without(story, story.base(ranked[0].headline.scenario), codes)
    n = story.ensemble.n
    marks = (
        "filled: clear of zero over the pairs (luck only), open: not" if n > 1 else "one replication, so none is sure"
    )
    subtitle = (
        f"Difference from doing nothing in what tier 2 and tier 3 are paid by area, GBP a year, {last.words};"
        f" {story.place}; dot: one of {count_words(len(codes), 'area')}; {marks}. Areas with none (nothing paid in most"
        f" replications): doing nothing {_named(base)}; {found[0].name} {_named(found[0].without)}"
    )
    words = Words(_title(found[0], len(codes)), subtitle, story.footer(compared=True))
    rows = [
        {
            "option": s.name,
            "area": code,
            "difference_gbp_per_year": v.mean,
            "low95": v.low,
            "high95": v.high,
            "nothing_paid": names[code] in s.without,
        }
        for names in (_area_names(story, codes),)
        for s in found
        for code, v in zip(codes, s.values, strict=True)
    ]
    return Picture(
        name="gains-areas",
        section="people",
        title=words.title,
        alt=f"Dot chart, one row an option. {words.title}. {subtitle}. "
        + "; ".join(f"{s.name}: {s.text}" for s in found)
        + ".",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw(layout, words, found),
    )


def _title(first: Spread, n: int) -> str:
    where = "every area gains" if first.gain == n else f"{first.gain} of {n} areas gain"
    lost = "none loses" if not first.lose else f"{first.lose} {'loses' if first.lose == 1 else 'lose'}"
    rest = n - first.gain - first.lose
    return f"Under {first.name} {where}, {lost}" + (
        f", {rest} {'is' if rest == 1 else 'are'} not clear" if rest else ""
    )


def _named(names: tuple[str, ...]) -> str:
    if not names:
        return "no area"
    more = len(names) - NAMED
    return join_words([*names[:NAMED], f"{more} more"]) if more > 0 else join_words(list(names))


def _area_names(story: Story, codes: tuple[str, ...]) -> dict[str, str]:
    known = {area.code: area.name for crc in story.scenarios[story.lead].world.crcs for area in crc.areas}
    return {code: known.get(code, code) for code in codes}


def _year(story: Story, ensemble: Ensemble) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    _, last = early_and_late(ensemble, story.horizon)
    return last.total(ensemble.values("area", PAID)) * (12 / last.length)


def _without(story: Story, ensemble: Ensemble, codes: tuple[str, ...]) -> tuple[str, ...]:
    nothing = (_year(story, ensemble) <= 0).mean(axis=0) > 0.5
    names = _area_names(story, codes)
    return tuple(names[code] for code, none in zip(codes, nothing, strict=True) if none)


def _spread(story: Story, name: str, codes: tuple[str, ...]) -> Spread:
    base, other = story.base(name), story.ensembles[name]
    pairs = pairs_of(base, other)
    gaps = _year(story, other)[[j for _, j in pairs]] - _year(story, base)[[i for i, _ in pairs]]
    return Spread(
        name_words(name), tuple(t_interval(gaps[:, i]) for i in range(gaps.shape[1])), _without(story, other, codes)
    )


def draw(layout: Layout, words: Words, found: list[Spread]) -> Figure:
    """Rows of dots, stacked a little so that they can be told apart."""
    reach = [np.array([v.mean for v in s.values]) for s in found]
    scale = value_scale(reach, "GBP", bins=3 if layout.narrow else 6)
    frame = row_frame(layout, words, [s.name for s in found], [s.text for s in found], scale)
    ax = frame.ax
    ax.axvline(0, color=INK, linewidth=1)
    for s, y in zip(found, frame.places, strict=True):
        for k, v in enumerate(sorted(s.values, key=lambda v: v.mean)):
            lift = (k % 3 - 1) * 0.055
            colour = PALETTE[0] if v.mean >= 0 else PALETTE[2]
            fill = colour if clear_of_zero(v) else "white"
            mark = "o" if v.mean >= 0 else "v"
            ax.plot(v.mean, y + lift, mark, color=colour, markerfacecolor=fill, markersize=4, alpha=0.8, clip_on=False)
    return frame.sheet.figure
