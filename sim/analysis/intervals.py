"""A mean and its interval over replications.

The interval is Student's t over independent replications: it covers luck only. One replication gives no
interval, and says so; it never pretends to one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from sim.observe.results import FloatArray

LEVEL: Final = 0.95  # the confidence claimed
_level: ContextVar[float] = ContextVar("level", default=LEVEL)  # the confidence computed with
NO_INTERVAL: Final = "one replication: no interval is possible"
MOST_REPLICATIONS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over ``n`` replications with its 95% interval; ``low`` and ``high`` are NaN when there is
    none."""

    mean: float
    low: float
    high: float
    n: int

    @property
    def half_width(self) -> float:
        """Half the width of the interval; NaN when there is none."""
        return (self.high - self.low) / 2

    @property
    def known(self) -> bool:
        """Whether there is an interval at all."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    def at_least(self, floor: float) -> Interval:
        """The same, cut where the quantity cannot go: with few replications Student's t does not know."""
        return Interval(self.mean, max(self.low, floor), max(self.high, floor), self.n) if self.known else self

    def scaled(self, factor: float) -> Interval:
        """The same in another unit; a negative factor turns it round."""
        ends = sorted((self.low * factor, self.high * factor))
        return Interval(self.mean * factor, ends[0], ends[1], self.n)


EMPTY: Final = Interval(math.nan, math.nan, math.nan, 0)


@contextmanager
def computed_at(level: float) -> Iterator[None]:
    """Within this block every interval is made wider (or narrower), for instance to claim 95% over several looks."""
    token = _level.set(level)
    try:
        yield
    finally:
        _level.reset(token)


def level_of_each(looks: int, level: float = LEVEL) -> float:
    """The level of each of several looks at growing data that leaves ``level`` for all together (Bonferroni)."""
    return 1 - (1 - level) / looks


def t_quantile(degrees: int, level: float | None = None) -> float:
    """The two-sided Student quantile, for instance 2.262 for 9 degrees of freedom and 95%."""
    return _t_quantile(degrees, _level.get() if level is None else level)


@lru_cache(maxsize=1024)
def _t_quantile(degrees: int, level: float) -> float:
    from scipy import stats

    return float(stats.t.ppf(0.5 + level / 2, degrees))


def t_interval(values: Iterable[float] | FloatArray, level: float | None = None) -> Interval:
    """The mean over replications with its t-interval; values that are not finite are left out and not
    counted."""
    array = np.asarray(list(values), dtype=float)
    array = array[np.isfinite(array)]
    n = int(array.size)
    if n == 0:
        return EMPTY
    mean = float(array.mean())
    if n == 1:
        return Interval(mean, math.nan, math.nan, 1)
    half = t_quantile(n - 1, level) * float(array.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def pointwise(values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, low and high along the first axis (replications) of an array of any shape, leaving out NaN.

    Low and high are NaN wherever fewer than two replications have a value.
    """
    known = np.isfinite(values)
    n = known.sum(axis=0)
    filled = np.where(known, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, filled.sum(axis=0) / n, np.nan)
        spread = np.where(known, (values - mean) ** 2, 0.0).sum(axis=0)
        error = np.where(n > 1, np.sqrt(spread / (n - 1) / n), np.nan)
    quantile = np.array([t_quantile(int(k) - 1) if k > 1 else np.nan for k in n.ravel()]).reshape(n.shape)
    return mean, mean - quantile * error, mean + quantile * error


def replications_to_decide(values: Iterable[float] | FloatArray, margin: float) -> int | None:
    """How many replications in all until the interval no longer straddles +margin or -margin, if nothing
    else moves.

    Assumes that the mean and the spread stay as seen. None when that cannot be said: fewer than two
    replications, or a mean so near the margin that no reasonable number settles it.
    """
    array = np.asarray(list(values), dtype=float)
    array = array[np.isfinite(array)]
    if array.size < 2:
        return None
    return replications_for(float(array.mean()), float(array.std(ddof=1)), margin, first=int(array.size))


def replications_for(mean: float, sd: float, margin: float, *, first: int = 2, freedom: float = 1.0) -> int | None:
    """How many replications, from ``first`` on, an interval of this mean and spread needs to clear both margins.

    Args:
        sd: standard deviation of one replication's value.
        freedom: degrees of freedom that a replication brings: 1 for one value a replication, more (at most 2) for a
            difference of two independent ones (Welch).

    Returns:
        The number, or None when more than ``MOST_REPLICATIONS`` would be needed.
    """
    room = min(abs(mean - margin), abs(mean + margin))
    n = first
    while n <= MOST_REPLICATIONS:
        if t_quantile(max(1, int(freedom * (n - 1)))) * sd / math.sqrt(n) < room:
            return n
        n += max(1, n // 50)
    return None
