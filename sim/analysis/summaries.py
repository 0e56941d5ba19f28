"""One number a run for each measure: how a monthly measure becomes the value that is tabled and compared.

The rule follows the measure's definition, so that a table never mixes a month with a year.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.observe.measures import BY_NAME, Measure
from sim.observe.results import FloatArray

TOTAL, MEAN, LAST = "total of the last 12 months", "mean of the last 12 months", "at the end of the run"
_NOT_ADDED: Final = ("days", "share")


def how_taken(measure: Measure) -> str:
    """A total of what happens in a month, a mean of what stands at month end, the last of what
    accumulates."""
    if measure.when.startswith("during the month"):
        return MEAN if measure.unit in _NOT_ADDED else TOTAL
    if measure.when.startswith("over the 12 months") or _cumulative(measure):
        return LAST
    return MEAN


def unit_of(measure: Measure) -> str:
    """The unit of the summary, for instance ``GBP a year`` where the month's is ``GBP``."""
    return f"{measure.unit} a year" if how_taken(measure) == TOTAL else measure.unit


def _cumulative(measure: Measure) -> bool:
    return "since the start" in measure.label or "since the start" in measure.over or measure.unit == "0 or 1"


def summarise(measure: Measure, values: FloatArray, last: int | None = None) -> FloatArray:
    """One number a run (and place) from values of shape (replications, months, ...), up to month ``last``.

    A total over fewer than 12 months is scaled up to a year. NaN months are left out; all NaN gives NaN.
    """
    end = values.shape[1] if last is None else last + 1
    year = values[:, max(0, end - 12) : end]
    how = how_taken(measure)
    if how == LAST:
        return np.asarray(values[:, end - 1], dtype=float)
    known = np.isfinite(year)
    count = known.sum(axis=1)
    total = np.where(known, year, 0.0).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    return np.asarray(mean * 12 if how == TOTAL else mean, dtype=float)


def national_summaries(ensemble: Ensemble, names: Iterable[str]) -> dict[str, FloatArray]:
    """The summary of each national measure, one value a replication."""
    return {name: summarise(BY_NAME[name], ensemble.national(name)) for name in names if ensemble.has("national", name)}
