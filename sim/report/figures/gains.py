"""Who gains and who loses against doing nothing: people by need, sex and service; bodies by size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.analysis.intervals import Interval, t_interval
from sim.analysis.sameness import pairs_of
from sim.categories import FATES, SERVED_FATES
from sim.observe.results import FloatArray
from sim.report.figures.common import early_and_late, window_share
from sim.report.figures.panels import Panel, clear_of_zero, draw_panels
from sim.report.figures.people import LEVELS, NAMES, WOMEN_SERVICES
from sim.report.picture import Picture
from sim.report.story import Story
from sim.report.style import Words
from sim.report.sweep import told
from sim.report.words import count_words, fixed, money, name_words

if TYPE_CHECKING:
    from sim.analysis.ensemble import Ensemble

MOST: Final = 3
PAID: Final = "chain_paid_gbp"


def top(story: Story) -> list[str]:
    """The policies that move supply chains furthest from doing nothing, either way."""
    names = told(story)
    shown = [v for v in story.paired.values() if v.headline.scenario in names]
    ranked = sorted(shown, key=lambda v: -abs(v.headline.difference.mean))
    return [v.headline.scenario for v in ranked[:MOST]]


def people(story: Story) -> Picture | None:
    """Needs met, by kind of need, sex and service."""
    levels = [(level, head) for level, head in LEVELS if story.ensemble.places(level)]
    names = top(story)
    if not names or not levels:
        return None
    labels, heads = [], []
    for level, head in levels:
        for i, place in enumerate(story.ensemble.places(level)):
            labels.append(
                WOMEN_SERVICES if (level, place) == ("category", "women") else NAMES.get(place, place.replace("_", " "))
            )
            heads.append(head if i == 0 else "")
    panels = []
    for name in names:
        found = [value for level, _ in levels for value in _differences(story, name, level, _met_share)]
        panels.append(Panel(name_words(name), tuple(found)))
    count = [sum(clear_of_zero(v) and v.mean > 0 for v in p.values) for p in panels]
    lost = [sum(clear_of_zero(v) and v.mean < 0 for v in p.values) for p in panels]
    title = (
        f"Under {panels[0].title} clearly more needs are met in {count[0] or 'none'} of {len(labels)} groups,"
        f" fewer in {lost[0] or 'none'}"
    )
    what = "Difference in the share of identified needs met, percentage points"
    return _picture(story, "gains-people", title, what, labels, heads, panels, "points")


def bodies(story: Story) -> Picture | None:
    """Supply-chain money, by size of body."""
    sizes, names = story.ensemble.places("body_size"), top(story)
    if not names or not sizes:
        return None
    labels = [f"{size} bodies" for size in sizes]
    panels = [Panel(name_words(n), tuple(_differences(story, n, "body_size", _paid))) for n in names]
    first = panels[0].values
    best = max(range(len(labels)), key=lambda i: abs(first[i].mean) if first[i].n else -1.0)
    verb = "gain" if first[best].mean > 0 else "lose"
    amount = money(abs(first[best].mean), first[best].half_width)
    title = f"Under {panels[0].title} {labels[best]} {verb} most, {amount} a year"
    if not any(clear_of_zero(v) for v in first):
        title = f"Under {panels[0].title} no size of body clearly gains or loses"
    what = "Difference in supply-chain money by yearly turnover of the body, GBP a year"
    return _picture(story, "gains-bodies", title, what, labels, [""] * len(labels), panels, "GBP")


def _picture(
    story: Story, name: str, title: str, what: str, labels: list[str], heads: list[str], panels: list[Panel], unit: str
) -> Picture:
    import pandas as pd

    _, last = early_and_late(story.ensemble, story.horizon)
    n, left = story.ensemble.n, len(story.paired) - len(panels)
    bar = f"bar: 95% interval over {n} pairs (luck only)" if n > 1 else "one replication, so no interval"
    which = (
        f"the {len(panels)} options that move supply chains furthest" if left else count_words(len(panels), "option")
    )
    subtitle = (
        f"{what}, against doing nothing, {last.words}; {story.place}; {which}; {bar}; filled: clear of zero"
        " (row by row, so one row in twenty may be so by luck)"
    )
    words = Words(title, subtitle, story.footer(compared=True))
    rows: list[dict[str, Any]] = [
        {"option": p.title, "group": label, "difference": v.mean, "low95": v.low, "high95": v.high, "pairs": v.n}
        for p in panels
        for label, v in zip(labels, p.values, strict=True)
    ]
    return Picture(
        name=name,
        section="people",
        title=title,
        alt=f"Small interval charts, one an option. {title}. {subtitle}. "
        + ". ".join(f"{p.title}: {_told(labels, p, unit)}" for p in panels)
        + ".",
        table=pd.DataFrame(rows),
        draw=lambda layout: draw_panels(layout, words, labels, heads, panels, unit),
    )


def _told(labels: list[str], panel: Panel, unit: str) -> str:
    says = []
    for label, value in zip(labels, panel.values, strict=True):
        amount = (
            f"{fixed(value.mean, 1, True)} points" if unit == "points" else money(value.mean, value.half_width, True)
        )
        says.append(f"{label} {amount}")
    return ", ".join(says)


def _differences(story: Story, name: str, level: str, take: Any) -> list[Interval]:
    """One interval a place: the policy less doing nothing, over pairs."""
    base, other = story.base(name), story.ensembles[name]
    pairs = pairs_of(base, other)
    gaps = take(story, other, level)[[j for _, j in pairs]] - take(story, base, level)[[i for i, _ in pairs]]
    return [t_interval(gaps[:, i]) for i in range(gaps.shape[1])]


def _met_share(story: Story, ensemble: Ensemble, level: str) -> FloatArray:
    _, last = early_and_late(ensemble, story.horizon)
    values = [ensemble.values(level, f"needs_{fate}") for fate in FATES]
    met: FloatArray = np.sum([values[i] for i in SERVED_FATES], axis=0)
    return 100 * window_share(met, np.sum(values, axis=0), last)


def _paid(story: Story, ensemble: Ensemble, level: str) -> FloatArray:
    """GBP a year by place, shape (replications, places)."""
    _, last = early_and_late(ensemble, story.horizon)
    return last.total(ensemble.values(level, PAID)) * (12 / last.length)
