"""Cost per extra need met: the difference in public cost over the difference in needs met, pair by pair.

The interval of the ratio is Fieller's for paired means (E. C. Fieller, J. R. Stat. Soc. B 16, 1954): it holds where the
plain ratio of each pair would not, and it is bounded exactly when the difference in needs met is clear of zero.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import EMPTY, Interval, t_interval, t_quantile
from sim.analysis.outcomes import MET, PUBLIC, needs_met, public_cost
from sim.analysis.sameness import pairs_of
from sim.observe.results import FloatArray


@dataclass(frozen=True, slots=True)
class CostPerNeed:
    """Of a scenario against the baseline, over the last 12 months.

    Attributes:
        public_gbp: extra public money, GBP a year.
        needs_met: extra needs met a year.
        per_need_gbp: the one over the other; empty unless the extra needs are clearly above zero. Below zero it
            means that more is met for less money.
    """

    public_gbp: Interval
    needs_met: Interval
    per_need_gbp: Interval


NOTHING = CostPerNeed(EMPTY, EMPTY, EMPTY)


def cost_per_need(base: Ensemble, other: Ensemble) -> CostPerNeed:
    """The cost of a scenario per need it meets beyond the baseline, from the replications both have."""
    pairs = pairs_of(base, other)
    if not pairs or not all(e.has("national", name) for e in (base, other) for name in (*MET, PUBLIC)):
        return NOTHING
    ours, theirs = [i for i, _ in pairs], [j for _, j in pairs]
    money = public_cost(other)[theirs] - public_cost(base)[ours]
    needs = needs_met(other)[theirs] - needs_met(base)[ours]
    known = np.isfinite(money) & np.isfinite(needs)
    return ratio_of(money[known], needs[known])


def ratio_of(money: FloatArray, needs: FloatArray) -> CostPerNeed:
    """The ratio of the means of paired differences, with Fieller's interval."""
    cost, met = t_interval(money), t_interval(needs)
    if not (met.known and met.low > 0):
        return CostPerNeed(cost, met, EMPTY)
    n = met.n
    around = np.cov(money, needs, ddof=1) / n * t_quantile(n - 1) ** 2
    a = met.mean**2 - around[1, 1]
    b = cost.mean * met.mean - around[0, 1]
    c = cost.mean**2 - around[0, 0]
    root = math.sqrt(max(b * b - a * c, 0.0))
    return CostPerNeed(cost, met, Interval(cost.mean / met.mean, float((b - root) / a), float((b + root) / a), n))
