"""The headline over time, one line a scenario: where options part from doing nothing."""

from __future__ import annotations

import numpy as np

from sim.analysis.ensemble import month_words, period_words
from sim.analysis.intervals import pointwise
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray
from sim.report.figures.common import change_rules, interval_words
from sim.report.figures.lines import Line, Rule, draw_lines
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.sweep import told
from sim.report.words import capital, money, name_words

MOST_LINES = 8


def build(story: Story) -> Picture | None:
    """None unless two scenarios are told one by one over the same months."""
    import pandas as pd

    months = story.ensemble.months
    same = [name for name in (story.lead, *told(story)) if story.ensembles[name].months == months]
    if len(same) < 2:
        return None
    values = {name: story.ensembles[name].national(HEADLINE) for name in same}
    ends = {name: float(np.nanmean(v[:, -1])) for name, v in values.items()}
    base = ends[story.lead]
    others = sorted((name for name in same if name != story.lead), key=lambda name: -abs(ends[name] - base))
    shown = [story.lead, *others[: MOST_LINES - 1]]
    lines = [_line(name, values[name], i) for i, name in enumerate(shown)]
    best = max(shown, key=lambda name: ends[name])
    worst = min(shown, key=lambda name: ends[name])
    title = (
        f"By {month_words(months[-1])} {name_words(best)} leaves most for supply chains"
        f" ({money(ends[best])} a year),"
        f" {name_words(worst)} least ({money(ends[worst])})"
    )
    if max(ends.values()) - min(ends.values()) <= 0.01 * max(abs(base), 1e-9):
        title = "The options leave supply chains with the same money"
    left = len(same) - len(shown)
    subtitle = (
        f"Paid to tier 2 and tier 3 over the 12 months to each month end, GBP a year, constant prices;"
        f" {story.place},"
        f" {period_words(months)}; {interval_words(story.ensemble.n)}"
        + (f"; {left} more in the CSV" if left > 0 else "")
    )
    words = Words(capital(title), subtitle, story.footer(compared=True))
    table = pd.concat([_rows(name, months, values[name]) for name in same], ignore_index=True)
    return Picture(
        name="paths",
        section="path",
        title=words.title,
        alt=f"Line chart. {words.title}. {subtitle}. At the end: {'; '.join(line.label for line in lines)}.",
        table=table,
        draw=lambda layout: draw_lines(layout, words, months, lines, "GBP", _rules(story), height=3.4),
    )


def _rules(story: Story) -> list[Rule]:
    """The dates of change; the last one says that every history is the same until there, where that was proved."""
    rules = change_rules(story)
    same = [*story.sameness, *(s for group in story.within for s in group.sameness)]
    start = story.horizon.verdict_from
    if not story.crossed and same and all(s.ok and s.before is not None and s.before >= start for s in same):
        rules[-1] = Rule(start, f"{start:%b %Y}: the same until here, checked")
    return rules


def _line(name: str, values: FloatArray, i: int) -> Line:
    mean, low, high = pointwise(values)
    return Line(f"{name_words(name)}: {money(float(mean[-1]))}", mean, ((low, high),), i % 4, (i % 4 + i // 4) % 4)


def _rows(name: str, months: tuple[str, ...], values: FloatArray):  # type: ignore[no-untyped-def]
    import pandas as pd

    mean, low, high = pointwise(values)
    return pd.DataFrame(
        {"scenario": name, "month": list(months), "mean_gbp_per_year": mean, "low95": low, "high95": high}
    )
