"""A verdict word is given only when the interval earns it, and never from months that cannot be compared."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import NO_INTERVAL, pointwise, replications_to_decide, t_interval, t_quantile
from sim.analysis.verdict import against_past
from tests.support.results import bare_run, paying
from tests.support.synthetic import HORIZON, horizon

MARGIN = 0.05


@pytest.mark.parametrize(
    ("after", "word"),
    [
        ((1.19, 1.20, 1.21), "grows"),
        ((0.79, 0.80, 0.81), "shrinks"),
        ((0.99, 1.00, 1.01), "holds"),
        ((0.80, 1.00, 1.20), "undecided"),
        ((1.04, 1.06, 1.08), "undecided"),  # above zero, but not wholly above the margin
    ],
)
def test_the_word_follows_the_whole_interval(after: tuple[float, ...], word: str) -> None:
    assert against_past(paying([(1.0, a) for a in after]), HORIZON, MARGIN).word == word


def test_a_wider_margin_turns_grows_into_holds() -> None:
    ensemble = paying([(1.0, 1.09), (1.0, 1.10), (1.0, 1.11)])
    assert against_past(ensemble, HORIZON, 0.05).word == "grows"
    assert against_past(ensemble, HORIZON, 0.20).word == "holds"


def test_the_change_and_the_chance_are_those_of_the_replications() -> None:
    verdict = against_past(paying([(100.0, 90.0), (100.0, 80.0), (100.0, 110.0)]), HORIZON, MARGIN)
    assert verdict.main is not None
    assert verdict.change.mean == pytest.approx((-0.1 - 0.2 + 0.1) / 3)
    assert verdict.chance_of_growth == pytest.approx(1 / 3)
    assert (verdict.main.up, verdict.main.down) == (1, 2)
    assert verdict.main.gbp_before.mean == pytest.approx(1200.0)
    assert verdict.main.before.words == "the year to Sep 2018"
    assert verdict.main.after.words == "the year to Jan 2022"


def test_one_replication_gives_a_size_but_no_word() -> None:
    verdict = against_past(paying([(1.0, 2.0)]), HORIZON, MARGIN)
    assert verdict.word == "undecided"
    assert verdict.reason == NO_INTERVAL
    assert verdict.change.mean == pytest.approx(1.0)
    assert not verdict.change.known
    assert verdict.replications_needed is None


@pytest.mark.parametrize("months", [1, 12, 43, 50, 55])
def test_a_run_without_a_year_on_both_sides_says_so(months: int) -> None:
    verdict = against_past(paying([(1.0, 1.0)] * 3, months=months), horizon(months), MARGIN)
    assert verdict.word == "no verdict"
    assert "does not hold both" in verdict.reason


def test_fifty_six_months_are_the_first_that_hold_both_years() -> None:
    assert against_past(paying([(1.0, 1.0)] * 3, months=56), horizon(56), MARGIN).word == "holds"


def test_a_part_of_a_month_is_never_compared() -> None:
    ensemble = paying([(1.0, 1.0)] * 3)
    cut = replace(HORIZON, end=date(2022, 1, 15))
    verdict = against_past(ensemble, cut, MARGIN)
    assert verdict.main is not None
    assert verdict.main.after.words == "the year to Dec 2021"


def test_nothing_paid_before_gives_no_verdict_instead_of_infinity() -> None:
    verdict = against_past(paying([(0.0, 5.0), (1.0, 1.0)]), HORIZON, MARGIN)
    assert verdict.word == "no verdict"
    assert "nothing was paid" in verdict.reason


def test_the_stretches_are_first_year_to_snapshot_and_snapshot_to_end() -> None:
    months = np.arange(84)
    paid = np.where(months < 12, 100.0, np.where(months < 34, 60.0, 30.0))
    verdict = against_past(Ensemble.of("x", [bare_run(1, {"chain_paid_gbp": paid})]), HORIZON, MARGIN)
    first, second = verdict.stretches
    assert first.change.mean == pytest.approx(-0.4)
    assert (first.before.words, first.after.words) == ("the year to Jan 2016", "the year to Nov 2017")
    assert second.change.mean == pytest.approx(-0.5)


def test_the_interval_is_students() -> None:
    values = [3.0, 5.0, 4.0, 8.0]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    ours = t_interval(values)
    assert (ours.low, ours.high) == pytest.approx((low, high))
    mean, lows, highs = pointwise(np.array(values).reshape(4, 1))
    assert (mean[0], lows[0], highs[0]) == pytest.approx((5.0, low, high))


def test_values_that_are_missing_are_not_counted() -> None:
    interval = t_interval([1.0, math.nan, 3.0])
    assert (interval.mean, interval.n) == (2.0, 2)
    assert t_interval([math.nan]).n == 0


@given(
    mean=st.floats(-0.5, 0.5),
    spread=st.floats(0.01, 0.3),
)
def test_the_replications_needed_are_the_fewest_that_settle_it(mean: float, spread: float) -> None:
    values = [mean - spread, mean + spread]
    sd = float(np.std(values, ddof=1))
    room = min(abs(np.mean(values) - MARGIN), abs(np.mean(values) + MARGIN))
    needed = replications_to_decide(values, MARGIN)
    if needed is None:
        assert t_quantile(9_999) * sd / math.sqrt(10_000) > room * 0.98
        return
    assert t_quantile(needed - 1) * sd / math.sqrt(needed) < room
    if needed > 2:
        before = needed - max(1, needed // 40)
        assert t_quantile(before - 1) * sd / math.sqrt(before) > room * 0.95


def test_no_interval_says_that_less_than_nothing_is_paid() -> None:
    verdict = against_past(paying([(1.0, 0.1), (1.0, 3.0)]), HORIZON, MARGIN)
    assert verdict.main is not None
    assert verdict.change.low == -1.0
    assert verdict.main.gbp_after.low == 0.0
    assert verdict.change.high > 10
    assert verdict.word == "undecided"
