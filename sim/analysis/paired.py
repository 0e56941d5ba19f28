"""Paired comparison with the baseline: the same people and the same luck, so only the difference counts.

Words here are more, no different, less or undecided: for a difference between scenarios, never for a path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import Interval, replications_to_decide, t_interval
from sim.analysis.sameness import pairs_of
from sim.analysis.summaries import how_taken, summarise, unit_of
from sim.analysis.verdict import UNDECIDED, word_for
from sim.observe.measures import BY_NAME, HEADLINE, names_at
from sim.observe.results import FloatArray

if TYPE_CHECKING:
    import pandas as pd

BASELINE: Final = "do_nothing"
MORE, NO_DIFFERENT, LESS = "more", "no different", "less"


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one scenario less the baseline's, over pairs of replications.

    Attributes:
        base, value: the two levels over the pairs.
        difference: value less base, in the measure's unit.
        differences: one a pair.
        pairs_up: pairs in which the scenario lies above the baseline.
        chance_above: probability that the mean difference is above zero (Student's t); NaN for one pair.
        variance_reduction: how many times as many unpaired replications the pairing was worth; NaN when all
            differences are equal or fewer than two pairs exist.
        p: two-sided p of the paired t-test against zero.
        p_holm: the same after Holm's correction over the scenarios compared.
    """

    scenario: str
    measure: str
    base: Interval
    value: Interval
    difference: Interval
    differences: tuple[float, ...]
    pairs_up: int
    chance_above: float
    variance_reduction: float
    p: float
    p_holm: float

    @property
    def n(self) -> int:
        """Pairs."""
        return self.difference.n

    @property
    def relative(self) -> Interval:
        """The difference as a share of the baseline's mean level; NaN when that is zero."""
        return self.difference.scaled(1 / abs(self.base.mean) if self.base.mean else math.nan)


@dataclass(frozen=True, slots=True)
class PairedVerdict:
    """A scenario against do_nothing on the headline: the word, and what it rests on."""

    word: str
    headline: Difference
    margin_share: float
    replications_needed: int | None


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment: the k-th smallest of m is multiplied by m - k + 1, kept rising, at most 1.

    NaN stays NaN and does not count towards m. (S. Holm, Scandinavian Journal of Statistics 6, 1979.)
    """
    known = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    adjusted = [math.nan] * len(p_values)
    highest = 0.0
    for rank, (p, i) in enumerate(known):
        highest = max(highest, min(1.0, p * (len(known) - rank)))
        adjusted[i] = highest
    return adjusted


def difference_of(scenario: str, measure: str, base: FloatArray, value: FloatArray) -> Difference:
    """Compare paired values of one measure; pairs in which either is not finite are left out."""
    known = np.isfinite(base) & np.isfinite(value)
    base, value = base[known], value[known]
    gaps = value - base
    interval = t_interval(gaps)
    chance, p = student(gaps)
    return Difference(
        scenario=scenario,
        measure=measure,
        base=t_interval(base),
        value=t_interval(value),
        difference=interval,
        differences=tuple(gaps.tolist()),
        pairs_up=int((gaps > 0).sum()),
        chance_above=chance,
        variance_reduction=_variance_reduction(base, value, gaps),
        p=p,
        p_holm=p,
    )


def student(gaps: FloatArray) -> tuple[float, float]:
    """Probability that the mean lies above zero, and the two-sided p against zero."""
    n = gaps.size
    if n < 2:
        return math.nan, math.nan
    mean, error = float(gaps.mean()), float(gaps.std(ddof=1)) / math.sqrt(n)
    if error == 0:
        return (0.5, 1.0) if mean == 0 else (float(mean > 0), 0.0)
    from scipy import stats

    return float(stats.t.cdf(mean / error, n - 1)), float(2 * stats.t.sf(abs(mean) / error, n - 1))


def _variance_reduction(base: FloatArray, value: FloatArray, gaps: FloatArray) -> float:
    if gaps.size < 2:
        return math.nan
    spread = float(gaps.var(ddof=1))
    return float(base.var(ddof=1) + value.var(ddof=1)) / spread if spread > 0 else math.nan


def compare(ensembles: dict[str, Ensemble], baseline: str = BASELINE) -> list[Difference]:
    """Every scenario against the baseline on every national measure, Holm-adjusted over the scenarios.

    An empty list when the baseline is missing, alone, or shares no replication with the others.
    """
    if baseline not in ensembles:
        return []
    base = ensembles[baseline]
    others = [e for name, e in ensembles.items() if name != baseline and pairs_of(base, e)]
    found: list[Difference] = []
    for name in names_at("national"):
        row = [_one(name, base, other) for other in others if base.has("national", name)]
        adjusted = holm([difference.p for difference in row])
        found += [replace(d, p_holm=p) for d, p in zip(row, adjusted, strict=True)]
    return found


def _one(name: str, base: Ensemble, other: Ensemble) -> Difference:
    pairs = pairs_of(base, other)
    ours, theirs = [i for i, _ in pairs], [j for _, j in pairs]
    measure = BY_NAME[name]
    return difference_of(
        other.name,
        name,
        summarise(measure, base.national(name))[ours],
        summarise(measure, other.national(name))[theirs],
    )


def verdict_against_baseline(headline: Difference, margin_share: float) -> PairedVerdict:
    """The word for the headline's difference; the margin is a share of the baseline's level."""
    relative = headline.relative
    if not math.isfinite(headline.base.mean) or headline.base.mean == 0:
        word = word_for(headline.difference, 0.0, MORE, NO_DIFFERENT, LESS)
        return PairedVerdict(word, headline, margin_share, None)
    word = word_for(relative, margin_share, MORE, NO_DIFFERENT, LESS)
    needed = None
    if word == UNDECIDED:
        scale = abs(headline.base.mean)
        needed = replications_to_decide([d / scale for d in headline.differences], margin_share)
    return PairedVerdict(word, headline, margin_share, needed)


def verdicts(differences: list[Difference], margin_share: float) -> dict[str, PairedVerdict]:
    """The verdict of each scenario compared, by name."""
    return {d.scenario: verdict_against_baseline(d, margin_share) for d in differences if d.measure == HEADLINE}


def comparison_table(differences: list[Difference]) -> pd.DataFrame:
    """All comparisons as rows, for ``comparison.csv``."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "scenario": d.scenario,
                "measure": d.measure,
                "label": BY_NAME[d.measure].label,
                "unit": unit_of(BY_NAME[d.measure]),
                "taken": how_taken(BY_NAME[d.measure]),
                "pairs": d.n,
                "do_nothing": d.base.mean,
                "value": d.value.mean,
                "difference": d.difference.mean,
                "low": d.difference.low,
                "high": d.difference.high,
                "relative_share": d.relative.mean,
                "relative_low_share": d.relative.low,
                "relative_high_share": d.relative.high,
                "pairs_up": d.pairs_up,
                "chance_above_zero": d.chance_above,
                "variance_reduction": d.variance_reduction,
                "p": d.p,
                "p_holm": d.p_holm,
            }
            for d in differences
        ]
    )
