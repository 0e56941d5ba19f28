"""Made-up studies: a calibration and a sensitivity study of the shipped settings, without a run."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import numpy as np

from sim.analysis.intervals import Interval
from sim.analysis.patterns import load_patterns
from sim.parameters.register import rows
from sim.report.calibration import CalibrationStory
from sim.report.sensitivity import SensitivityStory
from sim.settings.loading import Loaded, load_all
from sim.settings.vary import value_of
from sim.uncertainty.calibration import Calibrated
from sim.uncertainty.members import informed, members_of
from sim.uncertainty.sensitivity import DIFFERENCE_ANSWER, HEADLINE_ANSWER, Bar, Screened, Sensitivity
from sim.uncertainty.space import Space, space_of
from sim.uncertainty.targets import Target, targets_of
from sim.uncertainty.waves import Simulated, WaveDone, WaveRule

STARTED = datetime(2026, 11, 22, 17, 31)
NAMES = (
    "supply_chain.pressure_on_budget_share",
    "supply_chain.agreement_burden_gbp_per_year",
    "supply_chain.areas_per_contract_log_sd",
    "supply_chain.known_share",
    "provider.turnover_gbp_per_year",
    "nps.awareness_push_after_per_month",
)
GAIN_GBP = 4.2e6


@cache
def loaded() -> Loaded:
    """The shipped settings."""
    return load_all(["name=study"])


@cache
def space() -> Space:
    """A few parameters over their plausible ranges."""
    scenario = loaded().scenarios[0]
    return space_of(dict.fromkeys(NAMES), rows(scenario, loaded().run.figures), scenario)


def _middle(target: Target) -> float:
    """A value well inside the accepted range."""
    if target.low == -np.inf:
        return target.high - 0.05
    return target.low + 1.0 if target.high == np.inf else (target.low + target.high) / 2


def calibration(points: int = 40, missed: str = "C9", cutoff: float = 1e9, wanted: int = 10) -> CalibrationStory:
    """A calibration whose members all miss the pattern ``missed`` and narrow the first parameter strongly."""
    scenario = loaded().scenarios[0]
    targets = tuple(targets_of(load_patterns(), discrepancy_share=0.25))
    random = np.random.default_rng(1)
    unit = random.uniform(0.0, 1.0, (points, len(NAMES)))
    unit[:, 0] = 0.4 + 0.1 * unit[:, 0]
    mean = np.array([[_middle(t) * (1 + 0.01 * random.normal()) for t in targets] for _ in range(points)])
    for j, target in enumerate(targets):
        if target.pattern.id == missed:
            mean[:, j] = target.high + 5 * (target.high - target.low)
    runs = Simulated(
        space().from_unit(unit), np.ones(points, dtype=np.int64), mean, np.zeros_like(mean), np.full(points, 6)
    )
    members = members_of(space(), targets, runs, cutoff=cutoff, least_replications=6, most=30)
    wave = WaveDone(1, WaveRule(points, 6, 3.0, 1), 1.0, runs, ())
    told = tuple(informed(space(), members.runs.points)) if members.n else ()
    found = Calibrated(space(), targets, (wave,), runs, members, told, 0, ())
    single = (9, 10, 12) if members.n else ()
    command = "python -m sim +experiment=calibrate"
    return CalibrationStory(found, single, wanted, command, "Made on 2026-11-22.", scenario, STARTED, 1)


def sensitivity(replications: int = 6, turning: bool = False) -> SensitivityStory:
    """A sensitivity study in which the first parameter moves both answers most."""
    scenario = loaded().scenarios[0]
    half = 0.3e6 if replications > 1 else np.nan

    def move(mean: float) -> Interval:
        return Interval(mean, mean - half, mean + half, replications)

    bars, screened = [], []
    for j, axis in enumerate(space().axes):
        size = 3e6 / (j + 1) ** 2
        low = -2 * GAIN_GBP if turning and j == 0 else -size / 3
        bars.append(
            Bar(
                axis,
                float(value_of(axis.name, scenario)),
                {HEADLINE_ANSWER: move(-size), DIFFERENCE_ANSWER: move(low)},
                {HEADLINE_ANSWER: move(size / 2), DIFFERENCE_ANSWER: move(size / 4)},
            )
        )
        both = (HEADLINE_ANSWER, DIFFERENCE_ANSWER)
        spread = size if j == 1 else 0.1 * size
        screened.append(
            Screened(axis, dict.fromkeys(both, size), dict.fromkeys(both, 0.2 * size), dict.fromkeys(both, spread))
        )
    base = {HEADLINE_ANSWER: move(37.4e6), DIFFERENCE_ANSWER: move(GAIN_GBP)}
    found = Sensitivity("all_recommendations", base, tuple(bars), tuple(screened), 120, 0, ())
    figures = loaded().run.figures
    return SensitivityStory(found, scenario, figures, "python -m sim +experiment=sensitivity", STARTED, 1)
