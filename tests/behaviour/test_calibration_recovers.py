"""A twin experiment: from findings that the model itself made, the calibration finds the parameters that made them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.patterns import Part, Pattern
from sim.analysis.validation import values
from sim.experiment.engines import Engine
from sim.model import run_replication
from sim.parameters.register import rows
from sim.scenario import Scenario
from sim.settings.loading import load_all
from sim.settings.vary import varied
from sim.uncertainty.calibration import Calibrated, calibrate
from sim.uncertainty.study import CalibrationRule
from sim.uncertainty.waves import NothingLeft, WaveRule

TRUTH: Final = {"finance.bid_optimism_share": 0.025, "demand.shortfall_scale": 0.97}
UNINFORMED: Final = "nps.belief_slope"
REPLICATIONS: Final = 5
PARTS: Final = (
    Part("paid_volume_of_bid_share", "at", "", "2017-06", "", -np.inf, np.inf, True, True),
    Part("crc_forecast_gbp", "at", "", "2017-03", "", -np.inf, np.inf, True, True),
)
LOADED = load_all(["world=one_area"])


def world() -> Scenario:
    scenario = LOADED.scenarios[0]
    end = date(2017, 6, 30)
    return replace(scenario, horizon=replace(scenario.horizon, end=end, snapshot=end))


@cache
def findings() -> list[Pattern]:
    """What the model says at the truth, each within three standard deviations of its luck."""
    true = varied(world(), TRUTH)
    runs = [run_replication(true, seed=99, replication=r) for r in range(1, REPLICATIONS + 1)]
    patterns = []
    for k, part in enumerate(PARTS):
        found = values(part, Ensemble.of("truth", runs))
        middle, width = float(found.mean()), 3 * float(found.std(ddof=1)) + 0.02 * abs(float(found.mean()))
        bounded = replace(part, low=middle - width, high=middle + width)
        patterns.append(Pattern(f"T{k}", "made by the model", "test", "J", "the model", False, (bounded,)))
    return patterns


def calibrated(store: Path, patterns: list[Pattern], told: list[int] | None = None) -> Calibrated:
    rule = CalibrationRule(
        patterns="",
        waves=(WaveRule(24, 2, 3.0, 1), WaveRule(12, 2, 3.0, 1), WaveRule(12, 4, 3.0, 1)),
        most_waves=3,
        members=12,
        members_least=5,
        member_cutoff=2.0,
        member_replications=4,
        member_patterns=2,
        discrepancy_share=0.1,
        walls=(),
        parameters={**dict.fromkeys(TRUTH), UNINFORMED: None},
        also={},
    )
    register = rows(LOADED.scenarios[0], LOADED.run.figures)
    reused = (lambda _: None) if told is None else (lambda told_: told.append(told_.made.made))
    return calibrate(world(), rule, patterns, register, store, seed=7, engine=Engine("serial"), tell=reused)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("values")


@pytest.fixture(scope="module")
def found(store: Path) -> Calibrated:
    return calibrated(store, findings())


def test_the_true_parameters_are_never_ruled_out(found: Calibrated) -> None:
    truth = np.array([[*TRUTH.values(), LOADED.scenarios[0].nps.belief_slope]])
    for region in found.waves[-1].regions:
        assert region.worst_at(truth)[0] <= 3.0


def test_the_members_close_in_on_the_true_parameters_and_no_others(found: Calibrated) -> None:
    assert found.members.n >= 5
    told = {row.name: row for row in found.informed}
    for name, true in TRUTH.items():
        row = told[name]
        assert row.low <= true <= row.high, name
    widths = {name: (told[name].high - told[name].low) / (told[name].box_high - told[name].box_low) for name in told}
    assert widths["demand.shortfall_scale"] < 0.6
    assert widths[UNINFORMED] > 0.6


def test_the_same_calibration_again_looks_everything_up_and_gives_the_same_members(
    found: Calibrated, store: Path
) -> None:
    made: list[int] = []
    again = calibrated(store, findings(), made)
    assert max(made) == 0
    assert np.array_equal(again.members.runs.points, found.members.runs.points)


def test_a_damaged_result_is_made_again(found: Calibrated, store: Path) -> None:
    victim = next(store.glob("*/*.json"))
    victim.write_text(victim.read_text()[:20])
    made: list[int] = []
    again = calibrated(store, findings(), made)
    assert max(made) == 1
    assert np.array_equal(again.members.runs.mean, found.members.runs.mean)


def test_findings_that_cannot_be_met_end_in_a_clear_error_and_keep_the_runs(store: Path, found: Calibrated) -> None:
    impossible = [
        replace(p, parts=(replace(p.parts[0], low=p.parts[0].low + 1e9, high=p.parts[0].high + 1e9),))
        for p in findings()
    ]
    with pytest.raises(NothingLeft):
        calibrated(store, impossible)
    made: list[int] = []
    calibrated(store, findings(), made)
    assert max(made) == 0
