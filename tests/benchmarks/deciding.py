"""What a decided verdict costs: replications until the word is given, times what a replication costs.

Two rules, both of the product: a number of replications fixed beforehand (``intervals.replications_for``, 95%), and
``replications=auto`` (``stopping``: batches, wider intervals over all looks planned). Both take mean and spread as
seen; at the number found about half of all experiments would have decided: an interval's ends are luck as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import MOST_REPLICATIONS, Interval, computed_at, replications_for, t_quantile
from sim.analysis.paired import BASELINE, LESS, MORE, NO_DIFFERENT
from sim.analysis.stopping import Stopping
from sim.analysis.verdict import GROWS, HOLDS, SHRINKS, against_past, word_for
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray
from sim.scenario import Horizon
from tests.benchmarks.pairing import paired_summaries


@dataclass(frozen=True, slots=True)
class Need:
    """Replications of each arm that one way of drawing luck needs; None when the rule ends without a word.

    Attributes:
        fixed: at 95%, one look.
        auto: by batches up to the cap.
    """

    fixed: int | None
    auto: int | None


@dataclass(frozen=True, slots=True)
class Cost:
    """The verdict of one policy on the headline.

    Attributes:
        word: the word its difference earns if it is exactly as seen.
        difference_share: the difference, as a share of do_nothing's level.
        keyed, independent: replications needed with the same luck in both arms, and with other luck.
        seconds: processor seconds of a run of each arm together.
        policy_seconds: of the policy's run alone.
    """

    policy: str
    word: str
    difference_share: float
    keyed: Need
    independent: Need
    seconds: float
    policy_seconds: float


def need(mean: float, sd: float, rule: Stopping, freedom: float = 1.0) -> Need:
    """Replications of a relative difference of this mean and spread; ``freedom`` as in ``replications_for``."""
    auto = None
    with computed_at(rule.level):
        for n in range(rule.batch, rule.cap + 1, rule.batch):
            if t_quantile(int(freedom * (n - 1))) * sd / math.sqrt(n) < room(mean, rule.margin_share):
                auto = n
                break
    return Need(replications_for(mean, sd, rule.margin_share, freedom=freedom), auto)


def room(mean: float, margin: float) -> float:
    """How far a mean lies from the nearer margin."""
    return min(abs(mean - margin), abs(mean + margin))


def word_of(mean: float, margin: float, words: tuple[str, str, str] = (MORE, NO_DIFFERENT, LESS)) -> str:
    """The word (above, within, below) of a relative difference or change that is known exactly."""
    exactly = Interval(mean, mean, mean, MOST_REPLICATIONS)
    return word_for(exactly, margin, *words)


def cost_of(policy: str, base: FloatArray, value: FloatArray, rule: Stopping, base_s: float, policy_s: float) -> Cost:
    """The cost of one policy's verdict from paired values of the headline."""
    level = abs(float(base.mean()))
    mean = float((value - base).mean()) / level
    paired = float((value - base).std(ddof=1)) / level
    spreads = np.array([base.var(ddof=1), value.var(ddof=1)])
    freedom = float(spreads.sum() ** 2 / (spreads**2).sum()) if spreads.any() else 1.0  # Welch, two arms of n each
    return Cost(
        policy=policy,
        word=word_of(mean, rule.margin_share),
        difference_share=mean,
        keyed=need(mean, paired, rule),
        independent=need(mean, float(np.sqrt(spreads.sum())) / level, rule, freedom),
        seconds=base_s + policy_s,
        policy_seconds=policy_s,
    )


def costs_of_all(ensembles: Mapping[str, Ensemble], rule: Stopping, seconds: Mapping[str, float]) -> list[Cost]:
    """Every policy against do_nothing on the headline.

    Args:
        seconds: processor seconds of a run, by scenario.
    """
    base = ensembles[BASELINE]
    return [
        cost_of(name, *paired_summaries(base, other, HEADLINE), rule, seconds[BASELINE], seconds[name])
        for name, other in ensembles.items()
        if name != BASELINE
    ]


@dataclass(frozen=True, slots=True)
class PastCost:
    """The verdict of one policy (or of do_nothing) against its own past, which no pairing helps."""

    policy: str
    word: str
    change_share: float
    need: Need
    seconds: float


def past_costs_of_all(
    ensembles: Mapping[str, Ensemble], horizon: Horizon, rule: Stopping, seconds: Mapping[str, float]
) -> list[PastCost]:
    """Every scenario that has a past to be held against."""
    found = []
    for name, ensemble in ensembles.items():
        past = against_past(ensemble, horizon, rule.margin_share).main
        if past is not None:
            mean, sd = past.change.mean, float(np.std(past.values, ddof=1))
            word = word_of(mean, rule.margin_share, (GROWS, HOLDS, SHRINKS))
            found.append(PastCost(name, word, mean, need(mean, sd, rule), seconds[name]))
    return found


def seconds_for_all(costs: Sequence[Cost], needs: Sequence[int | None], base_seconds: float) -> float | None:
    """Seconds until every one is decided, do_nothing being run once for all; None when one never is."""
    known = [n for n in needs if n is not None]
    if not known or len(known) < len(needs):
        return None
    return base_seconds * max(known) + sum(n * cost.policy_seconds for n, cost in zip(known, costs, strict=True))
