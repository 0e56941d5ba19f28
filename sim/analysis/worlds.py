"""Verdicts over several parameter worlds: what is luck, and what is not knowing the inputs.

Every world has the same replications with the same luck. The spread of a paired difference over worlds holds both the
worlds' own differences and luck; an analysis of variance parts them. Nothing here knows how worlds were found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.ensemble import Ensemble, last_month_before, year_ending
from sim.analysis.intervals import EMPTY, Interval
from sim.analysis.paired import LESS, MORE, NO_DIFFERENT
from sim.analysis.summaries import summarise
from sim.analysis.verdict import GROWS, HOLDS, PAID, SHRINKS, word_for
from sim.observe.measures import BY_NAME, HEADLINE
from sim.observe.results import FloatArray
from sim.scenario import Horizon

AGAINST_NOTHING = (MORE, NO_DIFFERENT, LESS)
AGAINST_PAST = (GROWS, HOLDS, SHRINKS)


@dataclass(frozen=True, slots=True)
class OverWorlds:
    """One comparison over all worlds; changes are shares of what is compared with.

    Attributes:
        scenario: the policy's name.
        words: the three words of this comparison: above, inside and below the margin.
        worlds: their ids, in order.
        change: mean change of each world, over its replications.
        gbp_per_year: mean difference of each world; empty for a change against the past.
        replications: in each world.
        interval: mean over worlds, and the range that holds 95% of worlds once luck is taken out (with one replication
            nothing can be taken out).
        interval_gbp: the same in money; empty for a change against the past.
        luck_share: the share of a single run's variance that is luck; the rest is inputs; NaN with one replication.
        word: what the interval over worlds earns, or undecided.
        counts: word -> worlds whose own mean earns it.
    """

    scenario: str
    words: tuple[str, str, str]
    worlds: tuple[str, ...]
    change: tuple[float, ...]
    gbp_per_year: tuple[float, ...]
    replications: int
    interval: Interval
    interval_gbp: Interval
    luck_share: float
    word: str
    counts: dict[str, int]

    @property
    def n(self) -> int:
        """Worlds."""
        return len(self.worlds)

    def in_words(self, word: str) -> int:
        """In how many worlds the change earns this word."""
        return self.counts.get(word, 0)


def against_nothing(
    base: Mapping[str, Ensemble], policy: Mapping[str, Ensemble], scenario: str, margin_share: float
) -> OverWorlds | None:
    """A policy against do_nothing in every world; None when fewer than two worlds hold both.

    Args:
        base, policy: world id -> replications; the point values under the empty id.
    """
    there = {w: _replications(policy[w]) & _replications(base[w]) for w in policy if w in base}
    worlds, wanted = _complete(there)
    if len(worlds) < 2:
        return None
    ours, theirs = (np.stack([_of(e[w], _headline(e[w]), wanted) for w in worlds]) for e in (policy, base))
    level = theirs.mean(axis=1, keepdims=True)
    if not (np.abs(level) > 0).all():
        return None
    gaps = ours - theirs
    first = worlds[0]
    every = sorted(there[first])
    whole = [_of(e[first], _headline(e[first]), every) for e in (policy, base)]
    point = float((whole[0] - whole[1]).mean() / abs(whole[1].mean()))
    return _over(scenario, AGAINST_NOTHING, worlds, gaps / np.abs(level), level[:, 0], point, margin_share)


def against_past(
    policy: Mapping[str, Ensemble], scenario: str, horizon: Horizon, margin_share: float
) -> OverWorlds | None:
    """A policy's own path in every world: its last 12 months against the 12 before the verdict date; None as above."""
    worlds, wanted = _complete({w: _replications(e) for w, e in policy.items()})
    if len(worlds) < 2:
        return None
    months = policy[worlds[0]].months
    before, after = year_ending(months, horizon, last_month_before(horizon.verdict_from)), year_ending(months, horizon)
    if before is None or after is None or after.first <= before.last:
        return None

    def change(ensemble: Ensemble) -> FloatArray:
        paid = ensemble.national(PAID)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(after.total(paid) / before.total(paid) - 1)

    changes = np.stack([_of(policy[w], change(policy[w]), wanted) for w in worlds])
    if not np.isfinite(changes).all():
        return None
    point = float(change(policy[worlds[0]]).mean())
    return _over(scenario, AGAINST_PAST, worlds, changes, None, point, margin_share)


def luck_and_inputs(values: FloatArray) -> tuple[float, float]:
    """The variance from luck (of one run) and from worlds, of values of shape (worlds, replications).

    Two-way analysis of variance: every world meets the same luck, so what a replication does to all worlds alike does
    not spread them. Only what a replication does to one world and not to others (the interaction) blurs the means of
    worlds, and is taken out. Luck is NaN with one replication, and then nothing can be taken out.
    """
    _, replications = values.shape
    between = float(values.mean(axis=1).var(ddof=1))
    if replications < 2:
        return math.nan, between
    return float(values.var(axis=1, ddof=1).mean()), max(0.0, between - _alone(values) / replications)


def shared_luck_share(values: FloatArray) -> float:
    """The share of luck that moves all worlds alike, from values of shape (worlds, replications); 0 with one."""
    worlds, replications = values.shape
    if replications < 2:
        return 0.0
    blur = _alone(values)
    common = max(0.0, float(values.mean(axis=0).var(ddof=1)) - blur / worlds)
    return common / (common + blur) if common > 0 else 0.0


def _alone(values: FloatArray) -> float:
    """The variance of what a replication does to one world and not to the others (the interaction)."""
    worlds, replications = values.shape
    alone = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
    return float((alone**2).sum() / ((worlds - 1) * (replications - 1)))


def _replications(ensemble: Ensemble) -> set[tuple[int, int]]:
    return {(run.seed, run.replication) for run in ensemble.runs}


def _complete(there: Mapping[str, set[tuple[int, int]]]) -> tuple[list[str], list[tuple[int, int]]]:
    """The worlds that hold every replication of the fullest further world, and these replications.

    The first world is the point world, which has more of them. A world that lacks one is left out, not cut short.
    """
    further = list(there)[1:]
    wanted = max((there[w] for w in further), key=len, default=set())
    return [w for w in there if wanted and wanted <= there[w]], sorted(wanted)


def _of(ensemble: Ensemble, values: FloatArray, wanted: Sequence[tuple[int, int]]) -> FloatArray:
    place = {(run.seed, run.replication): k for k, run in enumerate(ensemble.runs)}
    return np.asarray(values[[place[key] for key in wanted]])


def _over(
    scenario: str,
    words: tuple[str, str, str],
    worlds: Sequence[str],
    changes: FloatArray,
    level_gbp: FloatArray | None,
    point: float,
    margin_share: float,
) -> OverWorlds:
    """``point`` is the point world's change over all its replications: the few that all worlds share may be lucky ones
    for all alike, so every world's change is moved by what they differ from it, as far as luck is shared."""
    luck, inputs = luck_and_inputs(changes)
    means = changes.mean(axis=1)
    means = means + shared_luck_share(changes) * (point - means[0])
    centre, seen = float(means.mean()), float(means.var(ddof=1))
    narrowed = centre + (means - centre) * (math.sqrt(inputs / seen) if seen > 0 else 0.0)
    low, high = (float(q) for q in np.quantile(narrowed, (0.025, 0.975)))
    interval = Interval(centre, low, high, len(worlds))
    found = [_word(mean, margin_share, words) for mean in means]
    total = luck + inputs
    return OverWorlds(
        scenario=scenario,
        words=words,
        worlds=tuple(worlds),
        change=tuple(means.tolist()),
        gbp_per_year=() if level_gbp is None else tuple((means * np.abs(level_gbp)).tolist()),
        interval_gbp=_money(narrowed, level_gbp),
        replications=changes.shape[1],
        interval=interval,
        luck_share=luck / total if math.isfinite(total) and total > 0 else math.nan,
        word=word_for(interval, margin_share, *words),
        counts={word: found.count(word) for word in words},
    )


def _money(narrowed: FloatArray, level_gbp: FloatArray | None) -> Interval:
    """The range over worlds in GBP a year: each world's change of its own level."""
    if level_gbp is None:
        return EMPTY
    gaps = narrowed * np.abs(level_gbp)
    low, high = (float(q) for q in np.quantile(gaps, (0.025, 0.975)))
    return Interval(float(gaps.mean()), low, high, len(gaps))


def _word(change: float, margin_share: float, words: tuple[str, str, str]) -> str:
    if change > margin_share:
        return words[0]
    return words[2] if change < -margin_share else words[1]


def _headline(ensemble: Ensemble) -> FloatArray:
    return summarise(BY_NAME[HEADLINE], ensemble.national(HEADLINE))
