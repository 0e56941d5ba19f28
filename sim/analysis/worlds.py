"""Verdicts over several parameter worlds: what is luck, and what is not knowing the inputs.

Every world has the same replications with the same luck. The spread of a paired difference over worlds holds both the
worlds' own differences and luck; a one-way analysis of variance parts them. Nothing here knows how worlds were found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.ensemble import Ensemble, last_month_before, year_ending
from sim.analysis.intervals import Interval
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
        interval: mean over worlds, and the range that holds 95% of worlds once luck is taken out.
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
    worlds = [w for w in policy if w in base]
    runs = min((min(policy[w].n, base[w].n) for w in worlds), default=0)
    if len(worlds) < 2 or runs < 1:
        return None
    ours = np.stack([_headline(policy[w])[:runs] for w in worlds])
    theirs = np.stack([_headline(base[w])[:runs] for w in worlds])
    level = theirs.mean(axis=1, keepdims=True)
    if not (np.abs(level) > 0).all():
        return None
    gaps = ours - theirs
    return _over(scenario, AGAINST_NOTHING, worlds, gaps / np.abs(level), gaps.mean(axis=1), margin_share)


def against_past(
    policy: Mapping[str, Ensemble], scenario: str, horizon: Horizon, margin_share: float
) -> OverWorlds | None:
    """A policy's own path in every world: its last 12 months against the 12 before the verdict date; None as above."""
    worlds = list(policy)
    runs = min((policy[w].n for w in worlds), default=0)
    if len(worlds) < 2 or runs < 1:
        return None
    months = policy[worlds[0]].months
    before, after = year_ending(months, horizon, last_month_before(horizon.verdict_from)), year_ending(months, horizon)
    if before is None or after is None or after.first <= before.last:
        return None
    paid = [policy[w].national(PAID)[:runs] for w in worlds]
    was, now = np.stack([before.total(p) for p in paid]), np.stack([after.total(p) for p in paid])
    if not (was > 0).all():
        return None
    return _over(scenario, AGAINST_PAST, worlds, now / was - 1, None, margin_share)


def luck_and_inputs(values: FloatArray) -> tuple[float, float]:
    """The variance from luck (of one run) and from worlds, of values of shape (worlds, replications).

    One-way random effects: the variance of world means holds luck / replications, which is taken out; luck is NaN with
    one replication, and then nothing can be taken out.
    """
    _, replications = values.shape
    luck = float(values.var(axis=1, ddof=1).mean()) if replications > 1 else math.nan
    between = float(values.mean(axis=1).var(ddof=1))
    return luck, max(0.0, between - (luck / replications if math.isfinite(luck) else 0.0))


def _over(
    scenario: str,
    words: tuple[str, str, str],
    worlds: Sequence[str],
    changes: FloatArray,
    gbp: FloatArray | None,
    margin_share: float,
) -> OverWorlds:
    luck, inputs = luck_and_inputs(changes)
    means = changes.mean(axis=1)
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
        gbp_per_year=() if gbp is None else tuple(gbp.tolist()),
        replications=changes.shape[1],
        interval=interval,
        luck_share=luck / total if math.isfinite(total) and total > 0 else math.nan,
        word=word_for(interval, margin_share, *words),
        counts={word: found.count(word) for word in words},
    )


def _word(change: float, margin_share: float, words: tuple[str, str, str]) -> str:
    if change > margin_share:
        return words[0]
    return words[2] if change < -margin_share else words[1]


def _headline(ensemble: Ensemble) -> FloatArray:
    return summarise(BY_NAME[HEADLINE], ensemble.national(HEADLINE))
