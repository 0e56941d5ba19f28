"""Control variates for a difference: what is known of a replication's luck beforehand, taken out of the answer.

Luck is keyed, so many draws can be read without running anything, and their means are known exactly: how much each
CRC means to spend, what its bid cost was off by, how good and how large bodies are, the luck of later growth. What a
run of do_nothing shows (its level before the first lever, and at the end) has no known mean; that has to be estimated
from further runs of do_nothing, which cost half as much as a pair.

A coefficient fitted to some thirty pairs flatters itself, so a gain is measured on pairs that the fit has not seen:
each pair is predicted from the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.analysis.ensemble import Ensemble, last_month_before
from sim.analysis.intervals import Interval
from sim.analysis.paired import BASELINE
from sim.analysis.sameness import pairs_of
from sim.analysis.verdict import against_past
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray
from sim.randomness import Luck
from sim.scenario import Scenario
from tests.benchmarks.pairing import correlated_ratio, paired_summaries

Control = Callable[[Scenario, Luck], float]


def wanted_spending(scenario: Scenario, luck: Luck) -> float:
    """What all CRCs mean to spend on supply chains, GBP m a year, less its expectation."""
    chain, crcs = scenario.supply_chain, scenario.world.crcs
    mean = chain.budget_share * math.exp(chain.budget_share_log_sd**2 / 2)
    drawn = [luck.lognormal(chain.budget_share, chain.budget_share_log_sd, "budget share", crc.code) for crc in crcs]
    return sum((d - mean) * c.book_ratio * c.bid_fee_gbp_per_year for d, c in zip(drawn, crcs, strict=True)) / 1e6


def bid_costs(scenario: Scenario, luck: Luck) -> float:
    """How far bids were off their cost, over all CRCs by fee, less its expectation."""
    sd, crcs = scenario.finance.bid_cost_log_sd, scenario.world.crcs
    mean = math.exp(sd**2 / 2)
    off = [(luck.lognormal(1.0, sd, "bid cost", c.code) - mean) * c.bid_fee_gbp_per_year for c in crcs]
    return sum(off) / sum(c.bid_fee_gbp_per_year for c in crcs)


def results_seen(scenario: Scenario, luck: Luck) -> float:
    """Luck of payment by results, over all CRCs by fee; mean 0."""
    crcs = scenario.world.crcs
    total = sum(luck.normal("payment by results", c.code) * c.bid_fee_gbp_per_year for c in crcs)
    return total / sum(c.bid_fee_gbp_per_year for c in crcs)


def owners_patience(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of owners' tolerance of losses; mean 0."""
    return float(np.mean([luck.normal("tolerance", name) for name in scenario.world.owners]))


def inherited_prices(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of the prices of the first five inherited contracts of every CRC; mean 0."""
    codes = [f"{crc.code}-L{number:02d}" for crc in scenario.world.crcs for number in range(5)]
    return float(np.mean([luck.normal("price", code) for code in codes]))


def later_growth(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of growth at the reviews from the verdict's date on, over CRCs by wanted spending; mean 0."""
    every = scenario.supply_chain.review_months
    calendar = scenario.horizon.calendar()
    first = calendar.month_names.index(scenario.horizon.verdict_from.strftime("%Y-%m"))
    total = weight = 0.0
    for index, crc in enumerate(scenario.world.crcs):
        fee = crc.book_ratio * crc.bid_fee_gbp_per_year
        for month in range(first, len(calendar.month_names) - 12):
            if month % every == index % every:
                total += fee * (luck.uniform("grow", crc.code, month, 0) - 0.5)
                weight += fee
    return total / weight


def bodies_quality(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of the first five bodies' quality in every area; mean 0."""
    codes = [f"B-{area.code}-{number:02d}" for area in scenario.world.areas for number in range(5)]
    return float(np.mean([luck.normal("quality", code) for code in codes]))


def bodies_cost(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of the first five bodies' cost in every area; mean 0."""
    codes = [f"B-{area.code}-{number:02d}" for area in scenario.world.areas for number in range(5)]
    return float(np.mean([luck.normal("cost", code) for code in codes]))


def bodies_size(scenario: Scenario, luck: Luck) -> float:
    """Mean luck of the first five bodies' turnover in every area; mean 0."""
    codes = [f"B-{area.code}-{number:02d}" for area in scenario.world.areas for number in range(5)]
    return float(np.mean([luck.normal("turnover", code) for code in codes]))


KNOWN: Final[dict[str, Control]] = {
    "wanted spending": wanted_spending,
    "bid costs": bid_costs,
    "payment by results": results_seen,
    "owners' patience": owners_patience,
    "inherited prices": inherited_prices,
    "later growth": later_growth,
    "bodies' quality": bodies_quality,
    "bodies' cost": bodies_cost,
    "bodies' size": bodies_size,
}
ALL_KNOWN: Final = "all with known means"
SEEN: Final = ("do_nothing before the lever", "do_nothing at the end", "both of these")
DIFFERENCE, CHANGE = "against doing nothing", "against its past"


@dataclass(frozen=True, slots=True)
class Gain:
    """What a set of controls gains on one policy's answer.

    Attributes:
        answer: the headline's difference, or the policy's change against its own past.
        ratio: how many times fewer replications, on pairs that the fit has not seen, with its 95% interval.
        explained_share: of the variance, on the same pairs; below 0 when the fit makes it worse.
    """

    answer: str
    policy: str
    controls: str
    ratio: Interval

    @property
    def explained_share(self) -> float:
        """1 - 1 / ratio."""
        return 1 - 1 / self.ratio.mean if self.ratio.mean else math.nan


def known_draws(scenario: Scenario, ensemble: Ensemble) -> dict[str, FloatArray]:
    """Every control with a known mean (0) in each replication, without running anything."""
    lucks = [Luck(run.seed, run.replication) for run in ensemble.runs]
    return {name: np.array([control(scenario, luck) for luck in lucks]) for name, control in KNOWN.items()}


def seen_levels(scenario: Scenario, ensemble: Ensemble) -> dict[str, FloatArray]:
    """What a run of do_nothing is paid a year when the levers begin, and at its end: means unknown."""
    paid = ensemble.national(HEADLINE)
    month = ensemble.month(last_month_before(scenario.horizon.verdict_from))
    assert month is not None
    return {SEEN[0]: paid[:, month], SEEN[1]: paid[:, -1], SEEN[2]: paid[:, [month, -1]]}


def left_out(values: FloatArray, controls: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Errors of each value predicted from the others: from their mean alone, and with controls (least squares).

    Args:
        controls: shape (replications,) or (replications, controls).
    """
    design = np.column_stack([np.ones(values.size), controls])
    leverage = np.einsum("ij,ji->i", design, np.linalg.pinv(design))
    error = values - design @ (np.linalg.pinv(design) @ values)
    plain = (values - values.mean()) / (1 - 1 / values.size)
    return plain, error / (1 - leverage)


def gain(answer: str, policy: str, name: str, values: FloatArray, controls: FloatArray) -> Gain:
    """The gain of a set of controls, on replications that the fit has not seen; NaN where they are too few."""
    if values.size < np.atleast_2d(controls.T).shape[0] + 4:
        return Gain(answer, policy, name, Interval(math.nan, math.nan, math.nan, int(values.size)))
    return Gain(answer, policy, name, correlated_ratio(*left_out(values, controls)))


def with_further_runs(explained_share: float, cost_share: float) -> tuple[float, float]:
    """What a control is worth whose mean has to be estimated from further runs of do_nothing.

    With m times as many runs of do_nothing as pairs the variance falls to 1 - R + R / m of what it was, and the cost
    rises to 1 - c + c m.

    Args:
        explained_share: R, the variance that the control explains.
        cost_share: c, what a run of do_nothing costs of all that is run in a replication.

    Returns:
        The best m (1: no further run is worth it) and the gain in seconds at that m.
    """
    r, c = min(max(explained_share, 0.0), 1.0 - 1e-9), cost_share
    m = max(1.0, math.sqrt(r * (1 - c) / ((1 - r) * c)))
    return m, 1 / ((1 - r + r / m) * (1 - c + c * m))


def gains_of_all(scenario: Scenario, ensembles: Mapping[str, Ensemble]) -> list[Gain]:
    """Both answers of every policy with every control alone, and with all that have known means together."""
    base = ensembles[BASELINE]
    known, seen = known_draws(scenario, base), seen_levels(scenario, base)
    sets = known | {ALL_KNOWN: np.column_stack(list(known.values()))} | seen
    found = []
    for name, other in ensembles.items():
        if name == BASELINE:
            continue
        rows = [i for i, _ in pairs_of(base, other)]
        ours, theirs = paired_summaries(base, other, HEADLINE)
        past = against_past(other, scenario.horizon, 0.0).main
        answers = {DIFFERENCE: theirs - ours} | ({CHANGE: np.array(past.values)} if past else {})
        found += [
            gain(answer, name, label, values, controls[rows])
            for answer, values in answers.items()
            for label, controls in sets.items()
        ]
    return found
