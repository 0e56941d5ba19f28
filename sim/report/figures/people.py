"""For whom: the share of identified needs met, by kind of need, sex and service."""

from __future__ import annotations

import math

import numpy as np

from sim.analysis.intervals import Interval, t_interval
from sim.categories import FATES, SERVED_FATES
from sim.observe.results import FloatArray
from sim.report.figures.common import STEADY_SHARE, early_and_late, window_share
from sim.report.figures.rows import Row, draw_rows
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import count_words, percent

LEVELS = (("category", "By kind of need"), ("sex", "By sex"), ("service", "By service"))
NAMES = {
    "crc": "people supervised by CRCs",
    "nps": "people supervised by the NPS",
    "finance_debt": "finance and debt",
    "dependency": "dependency and recovery",
    "wellbeing": "emotional wellbeing",
    "thinking_behaviour": "thinking and behaviour",
    "young_adults": "services for young adults",
    "minority_ethnic": "services for minority ethnic people",
    "service_user_involvement": "service-user involvement",
}
WOMEN_SERVICES = "services for women"


def build(story: Story) -> Picture:
    """Ranked bars of the last year with the first as a diamond."""
    import pandas as pd

    ensemble = story.ensemble
    first, last = early_and_late(ensemble, story.horizon)
    rows: list[Row] = []
    table: list[dict[str, object]] = []
    for colour, (level, head) in enumerate(LEVELS):
        met, all_ = _met(story, level)
        now = window_share(met, all_, last)
        then = window_share(met, all_, first) if first else np.full_like(now, np.nan)
        found = []
        for i, place in enumerate(ensemble.places(level)):
            value, earlier = t_interval(now[:, i]), t_interval(then[:, i])
            name = NAMES.get(place, place.replace("_", " "))
            if level == "category" and place == "women":
                name = WOMEN_SERVICES
            found.append(Row(name, value, _text(value, earlier), earlier.mean, "", colour))
            table.append(
                {
                    "level": level,
                    "group": place,
                    "met_share_last_year": value.mean,
                    "low95": value.low,
                    "high95": value.high,
                    "met_share_first_year": earlier.mean,
                }
            )
        found.sort(key=lambda row: -np.nan_to_num(row.value.mean, nan=-1.0))
        rows += [Row(r.label, r.value, r.text, r.earlier, head if k == 0 else "", colour) for k, r in enumerate(found)]
    categories = [r for r in rows[: len(ensemble.places("category"))] if math.isfinite(r.value.mean)]
    if not categories:
        title = "No identified need found a fate in the last year"
    else:
        best, worst = categories[0], categories[-1]
        high, low = percent(best.value.mean), percent(worst.value.mean)
        title = f"Needs are met most often for {best.label} ({high}), least often for {worst.label} ({low})"
        if best.value.mean - worst.value.mean < STEADY_SHARE:
            title = f"All kinds of need are met about equally often ({low.removesuffix('%')} to {high})"
    whisker = f"; whisker: 95% interval over {count_words(ensemble.n, 'replication')} (luck only)"
    subtitle = (
        f"Share of identified needs that were met (tier 2, tier 3, in-house or a body without a"
        f" contract), per cent;"
        f" {story.place}; bar: {last.words}" + (f", open diamond: {first.words}" if first else "")
        + (whisker if ensemble.n > 1 else "; one replication, so no interval")
    )  # fmt: skip
    words = Words(story.titled(title), subtitle, story.footer())
    return Picture(
        name="needs-met",
        section="people",
        title=words.title,
        alt=f"Bar chart. {words.title}. {subtitle}. " + "; ".join(f"{r.label}: {r.text}" for r in rows) + ".",
        table=pd.DataFrame(table),
        draw=lambda layout: draw_rows(layout, words, rows, "share"),
    )


def _met(story: Story, level: str) -> tuple[FloatArray, FloatArray]:
    """Needs met and needs with a fate, shape (replications, months, places)."""
    values = [story.ensemble.values(level, f"needs_{fate}") for fate in FATES]
    return np.sum([values[i] for i in SERVED_FATES], axis=0), np.sum(values, axis=0)


def _text(now: Interval, then: Interval) -> str:
    if now.n == 0:
        return "nobody"
    was = f" (was {percent(then.mean, then.half_width)})" if then.n else ""
    return percent(now.mean, now.half_width) + was
