"""What several figures need: the change dates, the windows compared, and sentences that follow the data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.ensemble import Ensemble, Window, first_year, year_ending
from sim.analysis.intervals import Interval, pointwise, t_interval
from sim.observe.results import FloatArray
from sim.report.figures.lines import Rule
from sim.report.story import Story
from sim.report.words import by_unit
from sim.scenario import Horizon

if TYPE_CHECKING:
    import pandas as pd

STEADY_SHARE: Final = 0.05  # a title calls a smaller relative move "about the same"


def change_rules(story: Story) -> list[Rule]:
    """The contract variation and the day from which the last part of the run is judged."""
    rescue = story.scenarios[story.lead].finance.rescue_date
    start = story.horizon.verdict_from
    rules = [Rule(rescue, f"Contract variation, {rescue:%b %Y}")] if rescue is not None else []
    return [*rules, Rule(start, f"{start:%b %Y}: verdict from here")]


def early_and_late(ensemble: Ensemble, horizon: Horizon) -> tuple[Window | None, Window]:
    """The first whole year, if it lies wholly before the last, and the last (or all of a short run)."""
    months = ensemble.months
    last = year_ending(months, horizon) or Window(max(0, len(months) - 12), len(months) - 1, months)
    first = first_year(months, horizon)
    return (first if first is not None and first.last < last.first else None), last


def window_mean(values: FloatArray, window: Window) -> FloatArray:
    """The mean over a window along the second axis, leaving out NaN; shape without that axis."""
    part = values[:, window.first : window.last + 1]
    known = np.isfinite(part)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, part, 0.0).sum(axis=1) / known.sum(axis=1))


def window_share(part: FloatArray, whole: FloatArray, window: Window) -> FloatArray:
    """A part as a share of a whole over a window, by replication (and place)."""
    cut = slice(window.first, window.last + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(part[:, cut], axis=1) / np.nansum(whole[:, cut], axis=1))


def moved(then: float, now: float) -> str:
    """``falls``, ``rises`` or ``stays`` for a move from one level to another."""
    if not (math.isfinite(then) and math.isfinite(now)):
        return "has no value"
    scale = max(abs(then), abs(now))
    if scale == 0 or abs(now - then) <= STEADY_SHARE * scale:
        return "stays"
    return "rises" if now > then else "falls"


def from_to(then: Interval | float, now: Interval | float, unit: str) -> str:
    """``falls from GBP 24m to GBP 11m``, ``stays near 3.1``, ``is at 0 throughout``."""
    a, half_a = (then.mean, then.half_width) if isinstance(then, Interval) else (then, math.nan)
    b, half_b = (now.mean, now.half_width) if isinstance(now, Interval) else (now, math.nan)
    verb = moved(a, b)
    if a == 0 == b:
        return "is at zero throughout"
    if verb == "has no value":
        return verb if not math.isfinite(b) else f"is {by_unit(b, unit, half_b)}"
    if verb == "stays":
        return f"stays near {by_unit(b, unit, half_b)}"
    return f"{verb} from {by_unit(a, unit, half_a)} to {by_unit(b, unit, half_b)}"


def level_at(ensemble: Ensemble, measure: str, index: int) -> Interval:
    """A national measure at a month, over replications."""
    return t_interval(ensemble.national(measure)[:, index])


def last_known(values: FloatArray) -> float:
    """The mean over replications of the last month that has one."""
    mean = pointwise(values)[0]
    known = np.flatnonzero(np.isfinite(mean))
    return float(mean[known[-1]]) if known.size else math.nan


def path_table(story: Story, columns: dict[str, FloatArray]) -> pd.DataFrame:
    """Month by month: mean and 95% interval over replications of each column, (replications, months)."""
    import pandas as pd

    data: dict[str, object] = {"month": list(story.ensemble.months)}
    for name, values in columns.items():
        mean, low, high = pointwise(values)
        data |= {name: mean, f"{name}_low95": low, f"{name}_high95": high}
    return pd.DataFrame(data)


def interval_words(n: int) -> str:
    """The kind of interval shown, for a subtitle."""
    if n == 1:
        return "one replication, so no interval"
    return f"band: 95% interval of the mean of {n} replications (luck only)"
