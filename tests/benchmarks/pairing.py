"""What keyed luck is worth, by measure and policy: variances of a difference in pairs and between independent seeds.

The variance of a mean difference falls with the number of replications, so the ratio of the two variances is how many
times as many replications independent seeds need for the same interval. From some 30 pairs that ratio is itself
uncertain, and is given with an interval of its own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import stats

from sim.analysis.ensemble import Ensemble, iso_month
from sim.analysis.intervals import LEVEL, Interval, t_quantile
from sim.analysis.paired import BASELINE
from sim.analysis.sameness import pairs_of
from sim.analysis.summaries import summarise
from sim.observe.measures import BY_NAME, HEADLINE, names_at
from sim.observe.results import FloatArray
from sim.scenario import Horizon

NOTHING: Final = 1e-18  # of another variance: a smaller one is rounding


@dataclass(frozen=True, slots=True)
class Worth:
    """One measure of one policy.

    Attributes:
        paired_variance: of the difference within pairs, in the measure's unit squared.
        independent_variance: of the difference between independent seeds: the two variances added.
        rotated_variance: the same found by pairing every replication with every other one but its own.
        ratio: replications saved: independent over paired variance, with its 95% interval.
    """

    policy: str
    measure: str
    paired_variance: float
    independent_variance: float
    rotated_variance: float
    ratio: Interval

    @property
    def word(self) -> str:
        """``gains``, ``loses``, or ``unclear`` when the interval holds 1; empty where there is nothing to divide."""
        if not self.ratio.known:
            return ""
        return "gains" if self.ratio.low > 1 else "loses" if self.ratio.high < 1 else "unclear"


def correlated_ratio(x: FloatArray, y: FloatArray) -> Interval:
    """var(x) / var(y) of two columns that may be correlated, with its interval at 95%.

    Exact for normal values (E. J. G. Pitman, Biometrika 31, 1939; W. A. Morgan, the same issue): with w the observed
    ratio, r the correlation and K = 1 + 2 (1 - r^2) t^2 / (n - 2), the ends are w (K -+ sqrt(K^2 - 1)). Heavy tails
    make the true interval wider. NaN where fewer than four rows exist or a column does not vary.
    """
    n = int(x.size)
    if n < 4 or not x.var() > 0 or not y.var() > NOTHING * x.var():
        return Interval(math.nan, math.nan, math.nan, n)
    w = float(x.var(ddof=1) / y.var(ddof=1))
    r = float(np.corrcoef(x, y)[0, 1])
    k = 1 + 2 * max(0.0, 1 - r * r) * t_quantile(n - 2, LEVEL) ** 2 / (n - 2)
    spread = math.sqrt(k * k - 1)
    return Interval(w, w * (k - spread), w * (k + spread), n)


def variance_ratio(base: FloatArray, value: FloatArray) -> Interval:
    """(var(base) + var(value)) / var(value - base) over pairs, with its interval at 95%.

    With S = value + base and D = value - base it is (1 + var(S) / var(D)) / 2. NaN also where one of the two does not
    vary at all, as what a policy alone brings about: there is no luck to share.
    """
    if not min(base.var(), value.var()) > NOTHING * max(base.var(), value.var()):
        return Interval(math.nan, math.nan, math.nan, int(base.size))
    found = correlated_ratio(value + base, value - base)
    return Interval((1 + found.mean) / 2, (1 + found.low) / 2, (1 + found.high) / 2, found.n)


def rotated_variance(base: FloatArray, value: FloatArray) -> float:
    """Mean variance of value[r] - base[r + k] over all rotations k but 0: no replication meets its own pair."""
    if base.size < 2:
        return math.nan
    return float(np.mean([(value - np.roll(base, k)).var(ddof=1) for k in range(1, base.size)]))


def worth_of(policy: str, measure: str, base: FloatArray, value: FloatArray) -> Worth:
    """The worth of pairing on one measure; pairs in which either is not finite are left out."""
    known = np.isfinite(base) & np.isfinite(value)
    base, value = base[known], value[known]
    enough = base.size >= 2
    return Worth(
        policy=policy,
        measure=measure,
        paired_variance=float((value - base).var(ddof=1)) if enough else math.nan,
        independent_variance=float(base.var(ddof=1) + value.var(ddof=1)) if enough else math.nan,
        rotated_variance=rotated_variance(base, value),
        ratio=variance_ratio(base, value),
    )


def paired_summaries(base: Ensemble, other: Ensemble, measure: str) -> tuple[FloatArray, FloatArray]:
    """The year's value of a measure in do_nothing and in a policy, the pairs in the same order."""
    ours, theirs = _rows(base, other)
    one, two = (summarise(BY_NAME[measure], ensemble.national(measure)) for ensemble in (base, other))
    return one[ours], two[theirs]


def worth_of_all(ensembles: Mapping[str, Ensemble]) -> list[Worth]:
    """Every national measure of every policy against do_nothing, measures in the order of their definitions."""
    base = ensembles[BASELINE]
    return [
        worth_of(name, measure, *paired_summaries(base, other, measure))
        for measure in names_at("national")
        if base.has("national", measure)
        for name, other in ensembles.items()
        if name != BASELINE
    ]


def over_time(ensembles: Mapping[str, Ensemble], horizon: Horizon) -> dict[str, dict[str, Interval]]:
    """What pairing is worth on the headline as time goes on: month -> policy -> ratio.

    Months are half a year after the first verdict date, one, two and three years after it, and the last.
    """
    base = ensembles[BASELINE]
    start = base.month(iso_month(horizon.verdict_from))
    assert start is not None
    last = len(base.months) - 1
    found: dict[str, dict[str, Interval]] = {}
    for month in (*(m for m in (start + after - 1 for after in (6, 12, 24, 36)) if m < last), last):
        found[base.months[month]] = {
            name: variance_ratio(base.national(HEADLINE)[ours, month], other.national(HEADLINE)[theirs, month])
            for name, other in ensembles.items()
            if name != BASELINE
            for ours, theirs in [_rows(base, other)]
        }
    return found


def _rows(base: Ensemble, other: Ensemble) -> tuple[list[int], list[int]]:
    pairs = pairs_of(base, other)
    return [i for i, _ in pairs], [j for _, j in pairs]


def against_fresh(value: FloatArray, fresh: FloatArray, independent_variance: float) -> tuple[float, float]:
    """The variance of differences from replications of other seeds, and the two-sided p that it is the sum's.

    Args:
        fresh: do_nothing in replications that no policy was run with; as many are used as there are values.
        independent_variance: the sum of the two variances within the pairs, to be compared with.

    Returns:
        The variance, and p of an F test of its ratio to the sum. The test takes both for independent although the
        values are the same, so p is too large rather than too small.
    """
    n = min(value.size, fresh.size)
    if n < 3 or not independent_variance > 0:
        return math.nan, math.nan
    found = float((value[:n] - fresh[:n]).var(ddof=1))
    tail = float(stats.f.cdf(found / independent_variance, n - 1, 2 * (n - 1)))
    return found, 2 * min(tail, 1 - tail)


def typical(worths: list[Worth]) -> float:
    """The geometric mean ratio of some comparisons; NaN without any."""
    logs = [math.log(w.ratio.mean) for w in worths if math.isfinite(w.ratio.mean)]
    return math.exp(sum(logs) / len(logs)) if logs else math.nan
