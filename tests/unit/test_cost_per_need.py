"""What a need met more costs: a ratio of paired means with an interval, and silence where it would mean nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.analysis.cost import NOTHING, cost_per_need, ratio_of
from sim.analysis.ensemble import Ensemble
from sim.report.story import Story
from sim.report.tables import verdicts
from tests.support import stories, synthetic
from tests.support.results import bare_run

MET = ("needs_tier2", "needs_tier3", "needs_in_house", "needs_alternative")


def made(extra: list[tuple[float, float]], name: str, luck: float = 1000.0) -> Ensemble:
    """One replication for each (extra public money, extra needs) a month; levels differ much between replications."""
    runs = []
    for r, (money, needs) in enumerate(extra, 1):
        values = {m: np.full(84, luck * r) for m in MET} | {"public_cost_gbp": np.full(84, 1e6 * r + money)}
        values["needs_tier3"] = values["needs_tier3"] + needs
        runs.append(bare_run(r, values, name=name))
    return Ensemble.of(name, runs)


def test_all_four_ways_of_being_met_count_over_the_last_year() -> None:
    base = made([(0.0, 0.0)] * 3, "do_nothing")
    other = made([(1000.0, 10.0), (1100.0, 11.0), (900.0, 9.0)], "x")
    cost = cost_per_need(base, other)
    assert cost.public_gbp.mean == pytest.approx(12_000)
    assert cost.needs_met.mean == pytest.approx(120)
    assert cost.per_need_gbp.mean == pytest.approx(100)
    assert cost.per_need_gbp.low == pytest.approx(100)  # money and needs move together: nothing is left to luck


def test_the_interval_widens_where_money_and_needs_part() -> None:
    money = np.array([900.0, 1100.0, 1000.0, 1000.0])
    together = ratio_of(money, money / 10)
    apart = ratio_of(money, (2000 - money) / 10)
    assert together.per_need_gbp.half_width == pytest.approx(0, abs=1e-6)
    assert apart.per_need_gbp.low < 10 < apart.per_need_gbp.high
    assert apart.per_need_gbp.half_width > 1


def test_the_interval_covers_the_true_ratio_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        needs = rng.normal(50, 10, 8)
        found = ratio_of(6 * needs + rng.normal(0, 60, 8), needs).per_need_gbp
        held += found.low <= 6 <= found.high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("needs", [[-1.0, 1.0, 0.5], [-5.0, -6.0, -7.0], [0.0, 0.0, 0.0], [4.0]])
def test_without_clearly_more_needs_met_there_is_no_ratio(needs: list[float]) -> None:
    found = ratio_of(np.full(len(needs), 100.0), np.array(needs))
    assert found.per_need_gbp.n == 0
    assert math.isnan(found.per_need_gbp.mean)


def test_more_met_for_less_money_is_below_zero() -> None:
    found = ratio_of(np.array([-100.0, -110.0, -90.0]), np.array([10.0, 11.0, 9.0]))
    assert found.per_need_gbp.high < 0


def test_runs_without_the_measures_have_no_cost() -> None:
    bare = Ensemble.of("x", [bare_run(1, {"chain_paid_gbp": np.ones(84)})])
    assert cost_per_need(bare, bare) is NOTHING


def test_the_table_of_verdicts_carries_the_cost_with_its_interval() -> None:
    results = {"do_nothing": synthetic.runs(3), "x": synthetic.runs(3, "x", effect=0.2)}
    for i, run in enumerate(results["x"]):
        values = run.panels["national"].values
        values["public_cost_gbp"] += 60_000 + 1000 * i
        values["needs_tier2"] += 100 + i
    scenarios = [synthetic.scenario(), synthetic.scenario("x")]
    table = verdicts(Story.of(results, stories.Settings(planned_runs=6), scenarios, stories.STARTED)).set_index(
        "scenario"
    )
    row = table.loc["x"]
    assert row.public_cost_difference_gbp_per_year == pytest.approx(12 * 61_000)
    assert row.needs_met_difference_per_year == pytest.approx(12 * 101)
    assert row.cost_per_extra_need_met_gbp == pytest.approx(61_000 / 101)
    assert row.cost_per_extra_need_met_gbp_low < 61_000 / 101 < row.cost_per_extra_need_met_gbp_high
    assert math.isnan(table.loc["do_nothing"].cost_per_extra_need_met_gbp)
