"""The arithmetic of the statistical benchmark gives known answers on made-up numbers, and its tables hold it."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import MOST_REPLICATIONS, replications_for, t_interval, t_quantile
from sim.analysis.paired import compare
from sim.analysis.stopping import Stopping
from sim.model import build
from sim.observe.measures import HEADLINE
from sim.observe.results import FloatArray, RunResult
from sim.randomness import Luck
from sim.settings import load
from tests.benchmarks import statistical_tables as tables
from tests.benchmarks.controls import DIFFERENCE, KNOWN, gain, known_draws, left_out, wanted_spending, with_further_runs
from tests.benchmarks.deciding import Cost, Need, cost_of, costs_of_all, need, seconds_for_all
from tests.benchmarks.pairing import (
    against_fresh,
    correlated_ratio,
    over_time,
    rotated_variance,
    typical,
    variance_ratio,
    worth_of,
    worth_of_all,
)
from tests.benchmarks.statistical import write_csv
from tests.support import synthetic
from tests.support.results import bare_run, valued

RULE = Stopping(batch=10, cap=100, margin_share=0.05)


def correlated(n: int, correlation: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """Two standard normal columns."""
    rng = np.random.default_rng(seed)
    x, e = rng.normal(size=n), rng.normal(size=n)
    return x, correlation * x + math.sqrt(1 - correlation**2) * e


# --- pairing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.9, 0.99])
def test_a_planted_correlation_saves_the_replications_it_should(correlation: float) -> None:
    found = variance_ratio(*correlated(40_000, correlation, seed=1))
    assert found.mean == pytest.approx(1 / (1 - correlation), rel=0.03)
    assert found.low < 1 / (1 - correlation) < found.high


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_claims(correlation: float) -> None:
    truth, trials = 1 / (1 - correlation), 2_000
    found = [variance_ratio(*correlated(30, correlation, seed=s)) for s in range(trials)]
    share = np.mean([f.low <= truth <= f.high for f in found])
    assert 0.935 < share < 0.965


def test_a_ratio_is_not_given_where_nothing_varies_or_pairs_are_few() -> None:
    x, y = correlated(30, 0.5, seed=1)
    assert math.isnan(variance_ratio(x, x + 3.0).mean)
    assert math.isnan(variance_ratio(np.ones(30), np.ones(30)).mean)
    assert math.isnan(variance_ratio(np.zeros(30), y).mean)
    assert math.isnan(variance_ratio(x[:3], y[:3]).mean)
    assert worth_of("p", "m", x, x + 3.0).word == ""


def test_words_follow_the_interval() -> None:
    words = {r: worth_of("p", "m", *correlated(200, r, seed=2)).word for r in (-0.8, 0.0, 0.8)}
    assert words == {-0.8: "loses", 0.0: "unclear", 0.8: "gains"}


def test_pairing_with_another_replication_is_the_sum_of_variances() -> None:
    x, y = correlated(30, 0.9, seed=3)
    covariance = float(np.cov(x, y)[0, 1])
    total = float(x.var(ddof=1) + y.var(ddof=1))
    assert rotated_variance(x, y) == pytest.approx(total + 2 * covariance / 29)
    many = correlated(2_000, 0.9, seed=3)
    assert rotated_variance(*many) == pytest.approx(float(many[0].var() + many[1].var()), rel=0.01)


def test_really_unpaired_runs_agree_with_the_sum_of_variances_and_others_do_not() -> None:
    x, y = correlated(60, 0.9, seed=4)
    fresh = np.random.default_rng(5).normal(size=60)
    total = float(x.var(ddof=1) + y.var(ddof=1))
    found, p = against_fresh(y, fresh, total)
    assert found == pytest.approx(float((y - fresh).var(ddof=1)))
    assert p > 0.05
    assert against_fresh(y, 3 * fresh, total)[1] < 0.01
    assert against_fresh(y, x, total)[1] < 0.01  # a pair is not unpaired


def test_the_worth_of_pairing_is_the_column_of_comparison_csv() -> None:
    ensembles = {
        "do_nothing": Ensemble.of("do_nothing", synthetic.runs(8)),
        "x": Ensemble.of("x", synthetic.runs(8, "x", effect=0.2)),
    }
    column = {d.measure: d.variance_reduction for d in compare(ensembles)}
    rows = tables.worth_rows(worth_of_all(ensembles))
    assert {row["measure"] for row in rows} == set(column)
    varying = [row for row in rows if row["pairing"]]
    assert HEADLINE in {row["measure"] for row in varying}
    for row in varying:
        assert row["replications_saved"] == pytest.approx(column[row["measure"]])
        assert row["replications_saved"] == pytest.approx(row["independent_variance"] / row["paired_variance"])
        assert row["low"] < row["replications_saved"] < row["high"]
        assert (row["policy"], row["pairs"]) == ("x", 8)


def test_the_worth_of_pairing_is_followed_over_time() -> None:
    rng = np.random.default_rng(11)
    runs: dict[str, list[RunResult]] = {"do_nothing": [], "x": []}
    for replication in range(1, 31):
        level = np.full(84, 100.0 + 10 * rng.normal())
        later = level + np.where(np.arange(84) < 60, 0.0, 10 * rng.normal())
        runs["do_nothing"].append(bare_run(replication, {HEADLINE: level}))
        runs["x"].append(bare_run(replication, {HEADLINE: later}, name="x"))
    found = over_time({name: Ensemble.of(name, made) for name, made in runs.items()}, synthetic.HORIZON)
    assert list(found) == ["2019-03", "2019-09", "2020-09", "2021-09", "2022-01"]
    assert not found["2019-09"]["x"].known  # pairs are still equal
    assert found["2020-09"]["x"].low < 3.0 < found["2020-09"]["x"].high  # (1 + 2) / 1
    rows = tables.over_time_rows(found)
    assert [row["month"] for row in rows] == list(found)
    assert rows[-1]["replications_saved"] == found["2022-01"]["x"].mean


def test_the_typical_ratio_is_a_geometric_mean_of_those_that_exist() -> None:
    x, y = correlated(30, 0.9, seed=6)
    one, nothing = worth_of("a", "m", x, y), worth_of("b", "m", x, x)
    assert typical([one, nothing]) == pytest.approx(one.ratio.mean)
    assert math.isnan(typical([nothing]))


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_the_replications_for_a_verdict_are_the_fewest_whose_interval_clears_the_margin() -> None:
    # room 0.15: t(3) 0.1 / 2 = 0.159 is too wide, t(4) 0.1 / sqrt(5) = 0.124 is not
    assert need(0.2, 0.1, RULE) == Need(fixed=5, auto=10)
    # within the margin the room is to the nearer edge
    assert need(0.0, 0.01, RULE).fixed == replications_for(0.2, 0.01, 0.15) == 3


def test_auto_looks_only_after_batches_and_with_wider_intervals() -> None:
    sd, mean = 0.2, 0.15
    fixed, auto = need(mean, sd, RULE).fixed, need(mean, sd, RULE).auto
    assert (fixed, auto) == (18, 40)
    wide = t_quantile(29, RULE.level) * sd / math.sqrt(30)
    assert t_quantile(39, RULE.level) * sd / math.sqrt(40) < 0.1 < wide


def test_what_is_never_decided_is_said_so() -> None:
    assert need(0.05, 0.1, RULE) == Need(None, None)
    assert need(0.0501, 0.1, RULE) == Need(None, None)
    assert t_quantile(MOST_REPLICATIONS - 1) * 0.1 / math.sqrt(MOST_REPLICATIONS) > 0.0001
    row = tables.cost_rows([Cost("p", "more", 0.05, Need(None, None), Need(7, None), 4.0, 2.0)])[0]
    assert row["replications_keyed"] is None
    assert row["seconds_keyed"] is None
    assert (row["replications_independent"], row["seconds_independent"]) == (7, 28.0)


def test_independent_seeds_have_the_freedom_of_two_arms() -> None:
    base, value = correlated(30, 0.0, seed=7)
    value = (value - value.mean()) / value.std() * base.std() + 0.3
    found = cost_of("p", base + 1 - base.mean(), value + 1, RULE, 2.0, 3.0)
    sd = math.sqrt(2 * float(base.var(ddof=1)))
    assert found.difference_share == pytest.approx(0.3)
    assert found.independent.fixed == replications_for(0.3, sd, 0.05, freedom=2.0)
    assert found.independent.fixed is not None
    assert found.independent.fixed <= (replications_for(0.3, sd, 0.05) or 0)
    assert (found.word, found.seconds) == ("more", 5.0)


def test_keyed_luck_decides_sooner_where_pairs_go_together() -> None:
    levels = [90.0, 100.0, 110.0, 120.0, 80.0]
    ensembles = {
        "do_nothing": valued(levels),
        "x": valued([level * 1.1 + k for k, level in enumerate(levels)], name="x"),
    }
    (cost,) = costs_of_all(ensembles, RULE, {"do_nothing": 2.0, "x": 3.0})
    assert cost.keyed.fixed is not None
    assert cost.independent.fixed is not None
    assert cost.keyed.fixed * 4 < cost.independent.fixed
    (row,) = tables.cost_rows([cost])
    assert row["seconds_keyed"] == cost.keyed.fixed * 5.0
    assert row["difference_share"] == pytest.approx(0.12)
    assert row["word"] == "more"


def test_do_nothing_is_run_once_for_all_policies() -> None:
    costs = [Cost(p, "more", 0.2, Need(3, 10), Need(9, None), 5.0, s) for p, s in (("a", 3.0), ("b", 4.0))]
    assert seconds_for_all(costs, [3, 5], 2.0) == 2.0 * 5 + 3 * 3.0 + 5 * 4.0
    assert seconds_for_all(costs, [3, None], 2.0) is None


# --- controls ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", KNOWN)
def test_a_control_with_a_known_mean_has_that_mean(name: str) -> None:
    scenario = load(["world=pair"])[0][0]
    drawn = np.array([KNOWN[name](scenario, Luck(2015, r)) for r in range(1, 801)])
    interval = t_interval(drawn, level=0.9999)
    assert interval.low < 0.0 < interval.high
    assert drawn.std() > 0


def test_a_control_is_the_draw_that_the_model_makes() -> None:
    scenario = load(["world=pair"])[0][0]
    chain = scenario.supply_chain
    mean = chain.budget_share * math.exp(chain.budget_share_log_sd**2 / 2)
    for replication in (1, 2):
        agents = build(scenario, seed=2015, replication=replication).crcs
        wanted = sum((a.budget_share - mean * a.crc.book_ratio) * a.accounts.fee_gbp_per_year for a in agents)
        assert wanted_spending(scenario, Luck(2015, replication)) == pytest.approx(wanted / 1e6)


def test_a_pair_is_predicted_from_the_others_alone() -> None:
    rng = np.random.default_rng(8)
    controls, values = rng.normal(size=(12, 2)), rng.normal(size=12)
    plain, adjusted = left_out(values, controls)
    for i in range(12):
        rest = np.arange(12) != i
        design = np.column_stack([np.ones(11), controls[rest]])
        fit = np.linalg.lstsq(design, values[rest], rcond=None)[0]
        assert plain[i] == pytest.approx(values[i] - values[rest].mean())
        assert adjusted[i] == pytest.approx(values[i] - fit[0] - controls[i] @ fit[1:])


def test_a_planted_control_gains_what_it_explains_and_noise_gains_nothing() -> None:
    rng = np.random.default_rng(9)
    x, noise = rng.normal(size=400), rng.normal(size=(400, 9))
    values = math.sqrt(3) * x + rng.normal(size=400)
    planted = gain(DIFFERENCE, "p", "x", values, x[:, None])
    assert planted.ratio.mean == pytest.approx(4.0, rel=0.15)
    assert planted.explained_share == pytest.approx(0.75, abs=0.04)
    assert gain(DIFFERENCE, "p", "noise", values[:30], noise[:30]).ratio.mean < 1.1
    assert math.isnan(gain(DIFFERENCE, "p", "noise", values[:12], noise[:12]).ratio.mean)
    (row,) = tables.gain_rows([planted])
    assert (row["replications_saved"], row["mean"]) == (planted.ratio.mean, "known")


def test_controls_are_read_for_the_replications_of_the_runs() -> None:
    scenario = load(["world=pair"])[0][0]
    found = known_draws(scenario, Ensemble.of("do_nothing", [synthetic.run(r, seed=7) for r in (4, 2)]))
    assert set(found) == set(KNOWN)
    assert found["bid costs"][0] == KNOWN["bid costs"](scenario, Luck(7, 2))


@pytest.mark.parametrize(("explained", "share"), [(0.3, 0.5), (0.8, 0.5), (0.6, 0.1), (0.0, 0.1)])
def test_the_best_number_of_further_runs_is_best(explained: float, share: float) -> None:
    m, worth = with_further_runs(explained, share)
    grid = np.linspace(1.0, 20.0, 2_000)
    others = 1 / ((1 - explained + explained / grid) * (1 - share + share * grid))
    assert worth == pytest.approx(float(others.max()), rel=1e-4)
    assert worth >= 1.0
    if explained < share:
        assert (m, worth) == (1.0, 1.0)


def test_the_ratio_of_two_columns_is_theirs() -> None:
    x, y = correlated(30, 0.4, seed=10)
    found = correlated_ratio(3 * x, y)
    assert found.mean == pytest.approx(9 * x.var() / y.var())
    assert found.low < found.mean < found.high
    turned = correlated_ratio(y, 3 * x)
    assert turned.low == pytest.approx(1 / found.high)


def test_a_table_written_reads_the_same(tmp_path: Path) -> None:
    write_csv(tmp_path / "a" / "t.csv", [{"policy": "x", "n": 3, "low": math.nan, "never": None, "high": 1.25}])
    with (tmp_path / "a" / "t.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row == {"policy": "x", "n": "3", "low": "", "never": "", "high": "1.25"}
