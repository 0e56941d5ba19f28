"""What tier 2 and tier 3 are paid a year, over time: the headline of a single run."""

from __future__ import annotations

import numpy as np

from sim.analysis.ensemble import month_words, period_words
from sim.analysis.verdict import GROWS, HOLDS, SHRINKS
from sim.observe.measures import HEADLINE
from sim.report.figures.common import change_rules, from_to, level_at
from sim.report.figures.lines import draw_lines, quantile_line
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import count_words, money, percent


def build(story: Story) -> Picture:
    """Median over replications with the bands that hold half and 95% of them."""
    import pandas as pd

    ensemble, months = story.ensemble, story.ensemble.months
    values = ensemble.national(HEADLINE)
    line = quantile_line("", values)
    end = line.middle[-1]
    label = f"{money(float(end))} a year in {month_words(months[-1])}"
    line = quantile_line(label, values)
    bands = (
        f"line: median of {ensemble.n} replications; bands: the middle 50% and 95% of them (luck only)"
        if ensemble.n > 1
        else "one replication, so no interval"
    )
    subtitle = (
        f"Paid to tier 2 and tier 3 over the 12 months to each month end, GBP a year, constant prices;"
        f" {story.place},"
        f" {period_words(months)} (scaled up while fewer than 12 months have passed);"
        f" {bands}"
    )
    words = Words(story.titled(_title(story)), subtitle, story.footer())
    table = pd.DataFrame({"month": list(months), "median_gbp_per_year": line.middle})
    for (low, high), name in zip(line.bands, ("95", "50"), strict=False):
        table[f"low{name}_gbp_per_year"], table[f"high{name}_gbp_per_year"] = low, high
    table["replications"] = np.full(len(months), ensemble.n)
    return Picture(
        name="headline",
        section="path",
        title=words.title,
        alt=f"Line chart. {words.title}. {subtitle}. The last value is {label}. Dotted rules mark "
        + " and ".join(rule.label for rule in change_rules(story))
        + ".",
        table=table,
        draw=lambda layout: draw_lines(layout, words, months, [line], "GBP", change_rules(story)),
    )


def _title(story: Story) -> str:
    """The message: the verdict where there is one, else the plain course of the run."""
    past = story.past[story.lead]
    ensemble = story.ensemble
    values = ensemble.national(HEADLINE)
    if not np.nansum(np.abs(values)):
        return "No money reaches tier 2 or tier 3 bodies in this run"
    if past.main is not None:
        change = percent(abs(past.change.mean), past.change.half_width)
        years = f"{past.main.after.words} against {past.main.before.words}"
        if past.word == SHRINKS:
            return f"Supply chains shrink: {change} less paid in {years}"
        if past.word == GROWS:
            return f"Supply chains grow: {change} more paid in {years}"
        if past.word == HOLDS:
            return (
                f"Supply chains hold: within {percent(past.margin_share)} of what was paid in {past.main.before.words}"
            )
        if story.withheld:
            so_far = percent(past.change.mean, past.change.half_width, signed=True)
            return f"So far {so_far} in {years}; the verdict is withheld"
        low = (
            f"{percent(past.change.mean, past.change.half_width, signed=True)} in"
            f" {count_words(ensemble.n, 'replication')}"
        )
        return f"Whether supply chains grow or shrink is undecided: {low}"
    last = len(ensemble.months) - 1
    if last < 12:
        return f"Supply chains are paid at a rate of {money(level_at(ensemble, HEADLINE, last).mean)} a year"
    then, now = level_at(ensemble, HEADLINE, 11), level_at(ensemble, HEADLINE, last)
    return f"What supply chains are paid {from_to(then, now, 'GBP')} a year"
