"""How long people wait at a desk, by service: the middle person and the one in ten who waits longest."""

from __future__ import annotations

import math

from sim.analysis.ensemble import period_words
from sim.analysis.intervals import t_interval
from sim.report.figures.common import (
    change_rules,
    early_and_late,
    from_to,
    interval_words,
    path_table,
    window_mean,
)
from sim.report.figures.lines import draw_lines, mean_line
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import plain

_SERVICE = {"crc": "CRC", "nps": "NPS"}


def build(story: Story) -> Picture:
    """Median and 90th percentile, CRC and NPS; colour is the service, dashes the percentile."""
    ensemble, months = story.ensemble, story.ensemble.months
    services = ensemble.places("service")
    lines, columns, ends = [], {}, []
    _, last = early_and_late(ensemble, story.horizon)
    for measure, words_, dash in (
        ("wait_p90_days", "one in ten waits over", 1),
        ("wait_median_days", "median", 0),
    ):
        values = ensemble.values("service", measure)
        for i, service in enumerate(services):
            column = values[:, :, i]
            now = t_interval(window_mean(column, last)).mean
            shown = f"{plain(now)} days" if math.isfinite(now) else "nobody began"
            label = f"{_SERVICE.get(service, service)}, {words_}: {shown}"
            lines.append(mean_line(label, column, colour=i, dash=dash))
            columns[f"{measure}_{service}"] = column
            ends.append(label)
    title = _title(story)
    subtitle = (
        f"Days between referral and start of services begun at a desk in the month (labels: mean of"
        f" {last.words});"
        f" solid: median, dashed: 90th percentile; {story.place}, {period_words(months)};"
        f" {interval_words(ensemble.n)}"
    )
    words = Words(story.titled(title), subtitle, story.footer())
    return Picture(
        name="waits",
        section="people",
        title=words.title,
        alt=f"Line chart. {words.title}. {subtitle}. {'; '.join(ends)}.",
        table=path_table(story, columns),
        draw=lambda layout: draw_lines(layout, words, months, lines, "days", change_rules(story)),
    )


def _title(story: Story) -> str:
    first, last = early_and_late(story.ensemble, story.horizon)
    values = story.ensemble.national("wait_p90_days")
    now = t_interval(window_mean(values, last))
    if not math.isfinite(now.mean):
        return "Nobody begins a service at a desk, so there is no wait to show"
    if first is None:
        return f"One person in ten waits over {plain(now.mean, now.half_width)} days"
    then = t_interval(window_mean(values, first))
    return f"The wait that one person in ten exceeds {from_to(then, now, 'days')} days"
