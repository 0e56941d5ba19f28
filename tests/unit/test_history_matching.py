"""What cannot have made the findings is ruled out, what can is not, and a member is judged by its own runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.patterns import Part, Pattern
from sim.uncertainty.emulator import fit, main_effects
from sim.uncertainty.members import informed, members_of
from sim.uncertainty.space import Axis, Space
from sim.uncertainty.targets import Target, targets_of, worst
from sim.uncertainty.waves import NothingLeft, WaveRule, history_match, simulated

SPACE = Space(tuple(Axis(name, 0.0, 1.0, "", "J", False) for name in ("a", "b", "c")))
TRUTH = np.array([0.3, 0.7, 0.5])


def pattern(id_: str, low: float, high: float) -> Pattern:
    part = Part("services_per_crc", "at", "", "2017-11", "", low, high, True, True)
    return Pattern(id_, "words", "test", "J", "source", False, (part,))


def toy(points: np.ndarray) -> np.ndarray:
    """Two numbers that depend on a and b; c moves nothing."""
    return np.stack([points[:, 0] + 0.3 * points[:, 1], (points[:, 1] - 0.2) ** 2], axis=1)


def targets(width: float = 0.05) -> list[Target]:
    truth = toy(TRUTH[None])[0]
    patterns = [pattern(f"T{k}", value - width, value + width) for k, value in enumerate(truth)]
    return targets_of(patterns, discrepancy_share=0.1)


def run(points: np.ndarray, replications: int, wave: int) -> np.ndarray:
    noise = np.random.default_rng(wave).normal(0.0, 0.01, (len(points), replications, 2))
    return toy(points)[:, None, :] + noise


def fit_all(runs, wave):  # type: ignore[no-untyped-def]
    unit = SPACE.to_unit(runs.points)
    return tuple(fit(unit, runs.mean[:, j], runs.variance[:, j], seed=j) for j in range(2))


def test_implausibility_counts_the_distance_in_standard_deviations_of_everything() -> None:
    [target] = targets_of([pattern("T", 2.0, 6.0)], discrepancy_share=0.5)
    assert (target.centre, target.target_sd, target.model_sd) == (4.0, 1.0, 1.0)
    found = target.implausibility(np.array([4.0, 6.0, np.nan]), np.array([2.0, 2.0, 2.0]))
    assert found.tolist() == [0.0, 1.0, np.inf]


def test_a_finding_in_words_is_a_wall_and_any_value_inside_is_as_good() -> None:
    [target] = targets_of([pattern("T", 2.0, 6.0)], discrepancy_share=0.25, walls=["T"])
    found = target.implausibility(np.array([2.0, 5.9, 7.0]), np.zeros(3))
    assert found.tolist() == [0.0, 0.0, 2.0]
    part = replace(pattern("T", 0, 1).parts[0], low=-np.inf, high=0.0, high_included=False)
    [shrinking] = targets_of([replace(pattern("T", 0, 1), parts=(part,))], discrepancy_share=0.5)
    assert shrinking.implausibility(np.array([-3.0, 0.1]), np.zeros(2)).tolist() == [0.0, pytest.approx(2.0)]


def test_waves_keep_the_truth_and_rule_out_most_of_the_rest() -> None:
    rules = [WaveRule(40, 2, 3.0, 1), WaveRule(30, 2, 3.0, 1), WaveRule(30, 4, 3.0, 1)]
    waves = list(history_match(SPACE, targets(), rules, run, fit_all, seed=1))
    assert [wave.number for wave in waves] == [1, 2, 3]
    assert waves[0].left_share == 1.0 > waves[1].left_share >= waves[2].left_share > 0.0
    assert waves[2].left_share < 0.3
    assert all(region.worst_at(TRUTH[None])[0] <= 3.0 for region in waves[-1].regions)
    members = members_of(SPACE, targets(), waves[-1].all_runs, cutoff=2.0, least_replications=4, most=20)
    assert 5 <= members.n <= 20
    assert (members.worst <= 2.0).all()
    told = {row.name: row for row in informed(SPACE, members.runs.points)}
    assert told["c"].word == "not"
    assert told["a"].word == "strongly"
    for j, name in enumerate(("a", "b")):
        points = members.runs.points[:, j]
        assert points.min() <= TRUTH[j] <= points.max(), name


def test_the_same_seed_gives_the_same_members() -> None:
    rules = [WaveRule(30, 2, 3.0, 1), WaveRule(20, 2, 3.0, 1)]
    once, again = (list(history_match(SPACE, targets(), rules, run, fit_all, seed=5))[-1].all_runs for _ in range(2))
    assert np.array_equal(once.points, again.points)


def test_findings_that_nothing_can_make_leave_nothing_and_say_so() -> None:
    far = targets_of([pattern("T0", 50.0, 50.1), pattern("T1", 0.0, 0.1)], discrepancy_share=0.1)
    found = []
    with pytest.raises(NothingLeft):
        found.extend(
            history_match(SPACE, far, [WaveRule(30, 2, 3.0, 1), WaveRule(30, 2, 3.0, 1)], run, fit_all, seed=1)
        )
    waves = history_match(SPACE, far, [WaveRule(30, 2, 3.0, 1), WaveRule(30, 2, 3.0, 1)], run, fit_all, seed=1)
    assert next(waves).all_runs.n == 30, "the wave made before is given before the next one fails"


def test_luck_is_pooled_over_points_and_shrinks_with_replications() -> None:
    values = np.random.default_rng(0).normal(0.0, 2.0, (400, 4, 1))
    made = simulated(np.zeros((400, 1)), 1, values)
    assert made.variance[0, 0] == pytest.approx(1.0, rel=0.15)


def test_a_pattern_counts_as_reproduced_only_when_all_its_parts_hold() -> None:
    two = replace(pattern("T", 0.0, 1.0), parts=pattern("T", 0.0, 1.0).parts * 2)
    found = targets_of([two, pattern("U", 0.0, 1.0)], discrepancy_share=0.1)
    values = np.array([[[0.5, 0.5, 0.5]], [[0.5, 2.0, 0.5]], [[0.5, 2.0, 9.0]]])
    assert simulated(np.zeros((3, 1)), 1, values).reproduced(found).tolist() == [2, 1, 0]


def test_of_many_members_the_best_and_the_most_spread_are_kept() -> None:
    points = np.concatenate([np.full((30, 3), 0.5), np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])])
    runs = simulated(points, 1, np.zeros((32, 1, 1)) + 0.5)
    found = targets_of([pattern("T", 0.0, 1.0)], discrepancy_share=0.1)
    kept = members_of(SPACE, found, runs, cutoff=2.0, least_replications=1, most=3)
    assert sorted(kept.runs.points[:, 0].tolist()) == [0.0, 0.5, 1.0]


def test_an_emulator_foretells_what_it_has_not_seen_and_knows_which_axis_matters() -> None:
    random = np.random.default_rng(2)
    unit = random.random((120, 3))
    emulator = fit(unit, 3 * unit[:, 0] + unit[:, 1] ** 2, np.full(120, 1e-4), seed=1)
    assert emulator.explained_share > 0.95
    effects = main_effects(emulator, 3, seed=1)
    assert effects[0] > 0.7 > 0.3 > effects[1] > 0.02 > effects[2]


def test_what_never_varies_is_emulated_by_its_value() -> None:
    emulator = fit(np.random.default_rng(0).random((40, 2)), np.full(40, 7.0), np.zeros(40), seed=1)
    mean, variance = emulator.predict(np.zeros((3, 2)))
    assert mean.tolist() == [7.0] * 3
    assert variance.tolist() == [0.0] * 3


def test_the_second_largest_implausibility_forgives_one_miss() -> None:
    assert worst(np.array([[1.0, 9.0, 2.0]]), 2).tolist() == [2.0]
