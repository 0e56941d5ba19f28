"""How many tier 2 providers an area has, against the count published for December 2017."""

from __future__ import annotations

from sim.analysis.ensemble import last_month_before, month_words, period_words
from sim.report.figures.common import (
    change_rules,
    early_and_late,
    from_to,
    interval_words,
    last_known,
    level_at,
    path_table,
)
from sim.report.figures.lines import Published, draw_lines, mean_line
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import percent, plain

MEASURE, NONE = "tier2_links_per_area", "areas_without_tier2_share"


def build(story: Story) -> Picture:
    """Mean over areas with its interval; the published mean as an open circle with the range that counts."""
    ensemble, months = story.ensemble, story.ensemble.months
    values, none = ensemble.national(MEASURE), ensemble.national(NONE)
    first, last = level_at(ensemble, MEASURE, 0), level_at(ensemble, MEASURE, len(months) - 1)
    early, _ = early_and_late(ensemble, story.horizon)
    title = f"Tier 2 providers per area: the mean {from_to(first, last, 'providers')}"
    share = percent(last_known(none))
    if early is None:
        title = f"An area has {plain(last.mean, last.half_width)} tier 2 providers on average"
    subtitle = (
        f"Mean number of tier 2 providers with a live contract per area (local delivery unit); {story.place},"
        f" {period_words(months)}, month ends; {interval_words(ensemble.n)};"
        " open circle: published finding, with the range that counts as reproduced"
    )
    points = [
        Published(p.last, float(p.target), p.low, p.high, f"published: {p.target}")
        for s in story.scored
        for p in s.pattern.parts
        if s.pattern.id == "C1"
    ]
    words = Words(story.titled(title), subtitle, story.footer())
    label = f"{plain(last.mean, last.half_width)} per area; {share} of areas have none"
    line = mean_line(label, values)
    published = " ".join(f"An open circle at {month_words(p.month)}: {p.label}." for p in points if p.month in months)
    when = month_words(last_month_before(story.horizon.snapshot))
    return Picture(
        name="tier2-links",
        section="path",
        title=words.title,
        alt=f"Line chart. {words.title}. {subtitle}. At the end: {label}. {published} Snapshot: {when}.",
        table=path_table(story, {"tier2_links_per_area": values, "areas_without_tier2_share": none}),
        draw=lambda layout: draw_lines(layout, words, months, [line], "providers", change_rules(story), points),
    )
