"""The replications of one scenario, stacked, and the months that can be compared.

Everything that reads results reads them through here, so that a missing panel or a short run is met in one
place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from sim.observe.results import FloatArray, RunResult
from sim.scenario import Horizon

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Ensemble:
    """All finished replications of a scenario, in order of replication.

    Raises:
        ValueError: when there is no run, or the runs cover different months.
    """

    name: str
    runs: tuple[RunResult, ...]

    def __post_init__(self) -> None:
        if not self.runs:
            raise ValueError(f"scenario {self.name!r} has no finished run")
        if len({run.months for run in self.runs}) > 1:
            raise ValueError(f"the runs of scenario {self.name!r} cover different months")

    @classmethod
    def of(cls, name: str, runs: Sequence[RunResult]) -> Ensemble:
        """Stack runs, sorted by seed and replication."""
        return cls(name, tuple(sorted(runs, key=lambda run: (run.seed, run.replication))))

    @property
    def n(self) -> int:
        """Replications."""
        return len(self.runs)

    @property
    def months(self) -> tuple[str, ...]:
        """ISO months of the run."""
        return self.runs[0].months

    def places(self, level: str) -> tuple[str, ...]:
        """The units of a level; empty when the runs carry no such panel."""
        panel = self.runs[0].panels.get(level)
        return panel.places if panel is not None else ()

    def has(self, level: str, measure: str) -> bool:
        """Whether every run carries the measure at the level."""
        return all(level in run.panels and measure in run.panels[level].values for run in self.runs)

    def values(self, level: str, measure: str) -> FloatArray:
        """Shape (replications, months, places); all NaN when the runs do not carry the measure."""
        if not self.has(level, measure):
            return np.full((self.n, len(self.months), max(1, len(self.places(level)))), np.nan)
        return np.stack([np.asarray(run.panels[level].values[measure], dtype=float) for run in self.runs])

    def national(self, measure: str) -> FloatArray:
        """Shape (replications, months)."""
        return self.values("national", measure)[:, :, 0]

    def figure(self, name: str) -> FloatArray:
        """A single figure of each replication, shape (replications,)."""
        return np.array([run.figures.get(name, np.nan) for run in self.runs], dtype=float)

    def month(self, iso: str) -> int | None:
        """The index of an ISO month, or None when the run does not reach it."""
        return self.months.index(iso) if iso in self.months else None


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive months of a run: ``first`` and ``last`` are month indices, both included."""

    first: int
    last: int
    months: tuple[str, ...]

    @property
    def length(self) -> int:
        """Months."""
        return self.last - self.first + 1

    @property
    def words(self) -> str:
        """For instance ``the year to Sep 2018``."""
        end = month_words(self.months[self.last])
        if self.length == 12:
            return f"the year to {end}"
        return end if self.length == 1 else f"the {self.length} months to {end}"

    def total(self, values: FloatArray) -> FloatArray:
        """The sum over the window along the second axis (months), NaN counted as nothing."""
        part = values[:, self.first : self.last + 1]
        return np.asarray(np.nansum(part, axis=1), dtype=float)


def month_words(iso: str) -> str:
    """``2018-09`` -> ``Sep 2018``."""
    year, month = iso.split("-")[:2]
    return f"{MONTH_NAMES[int(month) - 1]} {year}"


def period_words(months: Sequence[str]) -> str:
    """``Feb 2015 to Jan 2022``, or the one month."""
    first, last = month_words(months[0]), month_words(months[-1])
    return first if len(months) == 1 else f"{first} to {last}"


def iso_month(when: date) -> str:
    """The ISO month of a date."""
    return f"{when.year:04d}-{when.month:02d}"


def last_month_before(when: date) -> str:
    """The ISO month that is over when a date begins: ``2017-12-01`` -> ``2017-11``."""
    return iso_month(when.replace(day=1) - timedelta(days=1))


def whole_months(months: Sequence[str], horizon: Horizon) -> tuple[int, int]:
    """First and last index of the months simulated from their first day to their last; (0, -1) when there is
    none."""
    first = 0 if horizon.start.day == 1 else 1
    last = len(months) - 1 if (horizon.end + timedelta(days=1)).day == 1 else len(months) - 2
    return (first, last) if last >= first else (0, -1)


def year_ending(months: Sequence[str], horizon: Horizon, iso: str | None = None) -> Window | None:
    """The 12 whole months that end with an ISO month (or with the run), or None when the run does not hold
    them."""
    first, last = whole_months(months, horizon)
    if iso is not None:
        if iso not in months:
            return None
        end = list(months).index(iso)
    else:
        end = last
    if end > last or end - 11 < first:
        return None
    return Window(end - 11, end, tuple(months))


def first_year(months: Sequence[str], horizon: Horizon) -> Window | None:
    """The first 12 whole months, or None when the run is shorter."""
    first, last = whole_months(months, horizon)
    return Window(first, first + 11, tuple(months)) if first + 11 <= last else None
