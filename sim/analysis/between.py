"""Two sets of runs of one scenario, made at different times: what moved between them, paired where that is fair.

Pairs are fair where seed, replication and the people are the same: then both runs met the same luck.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import LEVEL, Interval, t_interval
from sim.analysis.paired import difference_of
from sim.analysis.summaries import summarise
from sim.observe.measures import BY_NAME, HEADLINE
from sim.observe.results import FloatArray
from sim.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Between:
    """One measure of a scenario in two experiments.

    Attributes:
        before, after: its level in each, over all its replications.
        difference: after less before; over pairs where ``pairs`` is above 0, else Welch's over separate samples.
        unpaired: why the runs are not paired; empty when they are.
    """

    scenario: str
    measure: str
    before: Interval
    after: Interval
    difference: Interval
    pairs: int
    unpaired: str


def why_unpaired(before: Ensemble, after: Ensemble, one: Scenario | None, other: Scenario | None) -> str:
    """What keeps two sets of runs from being paired, in words; empty when nothing does."""
    if one is None or other is None:
        return "the settings of one are not known"
    seeds = {run.seed for run in before.runs}, {run.seed for run in after.runs}
    if seeds[0] != seeds[1]:
        return f"the seed was {min(seeds[0])}, is {min(seeds[1])}"
    for part in ("world", "horizon", "demand"):
        if getattr(one, part) != getattr(other, part):
            return f"the {part} is not the same, so the people are not"
    if not {run.replication for run in before.runs} & {run.replication for run in after.runs}:
        return "no replication is in both"
    return ""


def between(
    before: Ensemble, after: Ensemble, one: Scenario | None, other: Scenario | None, measure: str = HEADLINE
) -> Between:
    """What moved between two sets of runs of one scenario."""
    old = summarise(BY_NAME[measure], before.national(measure))
    new = summarise(BY_NAME[measure], after.national(measure))
    reason = why_unpaired(before, after, one, other)
    if reason:
        return Between(before.name, measure, t_interval(old), t_interval(new), welch(old, new), 0, reason)
    first = {run.replication: i for i, run in enumerate(before.runs)}
    pairs = [(first[run.replication], j) for j, run in enumerate(after.runs) if run.replication in first]
    found = difference_of(before.name, measure, old[[i for i, _ in pairs]], new[[j for _, j in pairs]])
    return Between(before.name, measure, t_interval(old), t_interval(new), found.difference, found.n, "")


def welch(before: FloatArray, after: FloatArray) -> Interval:
    """The difference of two means of separate samples with its 95% interval (Welch); no interval under two each."""
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if not before.size or not after.size:
        return Interval(math.nan, math.nan, math.nan, 0)
    gap, n = float(after.mean() - before.mean()), min(before.size, after.size)
    if n < 2:
        return Interval(gap, math.nan, math.nan, n)
    parts = before.var(ddof=1) / before.size, after.var(ddof=1) / after.size
    error = math.sqrt(sum(parts))
    if error == 0.0:
        return Interval(gap, gap, gap, n)
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (before.size - 1) + parts[1] ** 2 / (after.size - 1))
    from scipy import stats

    half = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
    return Interval(gap, gap - half, gap + half, n)
