"""Scenarios are compared pair by pair, on the same luck, and their shared history is proved."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.paired import compare, comparison_table, difference_of, holm, verdicts
from sim.analysis.sameness import compare_digests
from sim.observe.measures import names_at
from sim.report.costs import Cost, cost_of
from sim.report.story import Story
from tests.support import stories, synthetic
from tests.support.results import bare_run, paying

LEVER = date(2018, 10, 1)


def test_holm_on_the_worked_example() -> None:
    # 0.01 x 4, 0.02 x 3, 0.03 x 2, 0.04 x 1, kept rising.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])


def test_holm_is_capped_at_one_and_leaves_missing_values_out() -> None:
    adjusted = holm([0.9, math.nan, 0.6])
    assert adjusted[0] == 1.0
    assert adjusted[2] == 1.0
    assert math.isnan(adjusted[1])
    assert holm([0.02]) == [0.02]


def test_pairs_are_found_by_seed_and_replication_not_by_order() -> None:
    base = paying([(1.0, 10.0), (1.0, 20.0), (1.0, 30.0)])
    runs = [bare_run(r, {"chain_value_gbp_per_year": np.full(84, 12 * v)}, name="x") for r, v in ((3, 31.0), (1, 11.0))]
    (headline,) = [
        d for d in compare({"do_nothing": base, "x": Ensemble.of("x", runs)}) if d.measure == "chain_value_gbp_per_year"
    ]
    assert headline.differences == pytest.approx((12.0, 12.0))
    assert headline.n == 2


def test_pairing_is_worth_what_the_variances_say() -> None:
    base = np.array([1.0, 2.0, 3.0, 4.0])
    value = base + np.array([1.0, 1.1, 0.9, 1.0])
    d = difference_of("x", "m", base, value)
    assert d.variance_reduction == pytest.approx((base.var(ddof=1) + value.var(ddof=1)) / (value - base).var(ddof=1))
    assert d.variance_reduction > 100
    assert d.pairs_up == 4
    assert d.chance_above > 0.999


def test_equal_scenarios_are_no_different_and_certainly_not_significant() -> None:
    ensembles = {"do_nothing": paying([(1.0, 5.0), (1.0, 7.0)]), "x": paying([(1.0, 5.0), (1.0, 7.0)], name="x")}
    differences = compare(ensembles)
    assert all(d.p == 1.0 for d in differences)
    assert verdicts(differences, 0.05)["x"].word == "no different"


@pytest.mark.parametrize(
    ("gains", "word"),
    [
        ((0.19, 0.20, 0.21), "more"),
        ((-0.19, -0.20, -0.21), "less"),
        ((0.00, 0.01, 0.02), "no different"),
        ((-0.2, 0.0, 0.3), "undecided"),
    ],
)
def test_the_word_against_doing_nothing(gains: tuple[float, ...], word: str) -> None:
    base = paying([(1.0, 100.0)] * 3)
    other = paying([(1.0, 100.0 * (1 + gain)) for gain in gains], name="x")
    verdict = verdicts(compare({"do_nothing": base, "x": other}), 0.05)["x"]
    assert verdict.word == word
    assert (verdict.replications_needed is not None) == (word == "undecided")


def test_every_national_measure_of_every_scenario_has_a_row() -> None:
    ensembles = {
        name: Ensemble.of(name, synthetic.runs(4, name, effect=effect))
        for name, effect in (("do_nothing", 0.0), ("a", 0.3), ("b", 0.0))
    }
    table = comparison_table(compare(ensembles))
    assert len(table) == 2 * len(names_at("national"))
    row = table[(table.scenario == "a") & (table.measure == "chain_paid_gbp")].iloc[0]
    assert row.low < row.difference < row.high
    assert row.p_holm >= row.p
    assert row.relative_share == pytest.approx(0.3, abs=0.05)


def test_without_a_baseline_nothing_is_compared() -> None:
    assert compare({"a": paying([(1.0, 1.0)], name="a"), "b": paying([(1.0, 2.0)], name="b")}) == []


def _digested(name: str, *replications: tuple[str, ...]) -> Ensemble:
    return Ensemble.of(
        name,
        [bare_run(i, {"chain_paid_gbp": np.ones(84)}, name=name, digests=d) for i, d in enumerate(replications)],
    )


def test_a_stray_draw_before_the_lever_is_caught() -> None:
    months = tuple(f"d{i}" for i in range(84))
    lever = tuple("x" if i >= 44 else mark for i, mark in enumerate(months))
    stray = tuple("x" if i >= 30 else mark for i, mark in enumerate(months))
    base = _digested("do_nothing", months, months)
    good = compare_digests(base, _digested("x", lever, lever), LEVER)
    assert good.ok
    assert good.words == "same as do_nothing until 2018-10-01"
    bad = compare_digests(base, _digested("x", lever, stray), LEVER)
    assert not bad.ok
    assert bad.broken == ((1, "2017-08"),)
    assert "Aug 2017" in bad.words


def test_without_a_lever_date_the_first_difference_is_reported() -> None:
    months = tuple(f"d{i}" for i in range(84))
    other = tuple("x" if i >= 10 else mark for i, mark in enumerate(months))
    base = _digested("do_nothing", months)
    assert compare_digests(base, _digested("x", other), None).first_difference == "2015-12"
    assert compare_digests(base, _digested("x", months), None).words == "same as do_nothing in every month"
    assert not compare_digests(base, _digested_other_seed(), None).ok


def _digested_other_seed() -> Ensemble:
    return Ensemble.of("x", [bare_run(0, {"chain_paid_gbp": np.ones(84)}, name="x", seed=2)])


def _costly(public: float, needs: float) -> Cost:
    """An option that costs and meets so much more a month than doing nothing, in three pairs."""
    results = {"do_nothing": synthetic.runs(3), "x": synthetic.runs(3, "x")}
    for i, run in enumerate(results["x"]):
        values = run.panels["national"].values
        values["public_cost_gbp"] += public * (1 + 0.01 * i)
        values["needs_tier2"] += needs * (1 + 0.01 * i)
    scenarios = [synthetic.scenario(), synthetic.scenario("x")]
    return cost_of(Story.of(results, stories.Settings(planned_runs=6), scenarios, stories.STARTED), "x")


def test_the_cost_of_an_extra_need_is_public_money_over_needs_a_year() -> None:
    cost = _costly(50_000.0, 100.0)
    assert cost.public_gbp.mean == pytest.approx(12 * 50_000 * 1.01)
    assert cost.needs_met.mean == pytest.approx(12 * 100 * 1.01)
    assert cost.per_need_gbp == pytest.approx(500.0)
    assert cost.per_need_words == "GBP 500"


@pytest.mark.parametrize(("public", "needs"), [(-50_000.0, 100.0), (50_000.0, -100.0), (50_000.0, 0.0)])
def test_a_ratio_that_would_mean_nothing_is_not_given(public: float, needs: float) -> None:
    assert _costly(public, needs).per_need_words == "-"
