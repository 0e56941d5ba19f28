"""What the NPS buys from rate cards against its plan, and how many officers know of the offer."""

from __future__ import annotations

from sim.analysis.ensemble import month_words, period_words
from sim.report.figures.common import change_rules, interval_words, last_known, path_table
from sim.report.figures.lines import draw_lines, mean_line
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.words import percent

PLAN, AWARE, NONE = "nps_purchases_of_plan_share", "awareness_share", "areas_without_purchases_share"


def build(story: Story) -> Picture:
    """Three shares on one axis."""
    ensemble, months = story.ensemble, story.ensemble.months
    names = {
        PLAN: "Purchases, share of plan",
        AWARE: "Officers aware of the offer",
        NONE: "Areas that bought nothing",
    }
    values = {name: ensemble.national(name) for name in names}
    end = {name: last_known(v) for name, v in values.items()}
    lines = [
        mean_line(f"{label}: {percent(end[name])}", values[name], colour=i, dash=i)
        for i, (name, label) in enumerate(names.items())
    ]
    bought, aware = end[PLAN], end[AWARE]
    if not bought > 0:
        title = "The NPS buys nothing from rate cards"
    elif bought < 0.95:
        title = f"The NPS buys {percent(bought)} of the rate-card services it planned to, by {month_words(months[-1])}"
    else:
        title = f"NPS rate-card purchases reach {percent(bought)} of plan by {month_words(months[-1])}"
    if bought < 0.5 <= aware:
        title += f", though {percent(aware)} of its officers know of the offer"
    subtitle = (
        f"Purchases over the 12 months to each month end as a share of plan, officers aware at month end,"
        f" and areas"
        f" without a purchase in 12 months, per cent; {story.place}, {period_words(months)};"
        f" {interval_words(ensemble.n)}"
    )
    words = Words(story.titled(title), subtitle, story.footer())
    return Picture(
        name="nps-purchases",
        section="money",
        title=words.title,
        alt=f"Line chart. {words.title}. {subtitle}. At the end: {'; '.join(line.label for line in lines)}.",
        table=path_table(story, values),
        draw=lambda layout: draw_lines(layout, words, months, lines, "share", change_rules(story)),
    )
