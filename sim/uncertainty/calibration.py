"""A calibration from its rule to its members: which parameter values the published findings do not rule out.

Runs stop at the last month that a pattern needs, which changes nothing before it. Nothing here writes a report.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from sim.analysis.patterns import Pattern
from sim.experiment.engines import Engine, open_engine, worker_count
from sim.parameters.register import Row
from sim.scenario import Scenario
from sim.uncertainty.emulator import Emulator, fit
from sim.uncertainty.members import Informed, Members, informed, members_of
from sim.uncertainty.points import Made, evaluate, runs_of
from sim.uncertainty.space import Points, Space, space_of
from sim.uncertainty.study import CalibrationRule
from sim.uncertainty.targets import Target, targets_of, worst
from sim.uncertainty.waves import Floats, Simulated, WaveDone, history_match, simulated

PROMISING: Final = 1.5  # times the members' cutoff within which an earlier point is run again, often enough to judge


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration found.

    Attributes:
        waves: each wave as it was.
        runs: every point, those run again with all their replications.
        failed_runs, causes: runs that gave no numbers, and why.
    """

    space: Space
    targets: tuple[Target, ...]
    waves: tuple[WaveDone, ...]
    runs: Simulated
    members: Members
    informed: tuple[Informed, ...]
    failed_runs: int
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What is said while a calibration runs: the wave in hand and how far its runs are."""

    wave: int
    made: Made
    doing: str = "runs"


def last_day(patterns: Sequence[Pattern], scenario: Scenario) -> date:
    """The end of the last month that a pattern needs, at most the scenario's own end."""
    months = [part.last for pattern in patterns for part in pattern.parts if part.last]
    year, month = (int(word) for word in max(months, default=f"{scenario.horizon.snapshot:%Y-%m}").split("-"))
    month_end = date(year, month, monthrange(year, month)[1])
    return min(max(month_end, scenario.horizon.snapshot), scenario.horizon.end)


def calibrate(
    scenario: Scenario,
    rule: CalibrationRule,
    patterns: Sequence[Pattern],
    register: Sequence[Row],
    store: Path,
    *,
    seed: int,
    engine: Engine,
    tell: Callable[[Told], None] = lambda told: None,
    keep: Callable[[WaveDone], None] = lambda wave: None,
) -> Calibrated:
    """Run the waves and judge the members.

    Args:
        scenario: the world, doing nothing. Its own values of the parameters varied do not matter: the same rule gives
            the same members whatever the settings hold, and can be run again after its best member was taken over.
        store: where finished runs are looked up and kept.
        tell: called as runs finish.
        keep: called as waves finish, before the next begins.

    Raises:
        SettingsError: a parameter cannot be varied as asked.
        NothingLeft: every point was ruled out; what was run is in the store.
    """
    space = space_of(rule.parameters, register, scenario)
    targets = targets_of(patterns, discrepancy_share=rule.discrepancy_share, walls=rule.walls)
    wanted = [target.part for target in targets]
    base = replace(scenario, horizon=replace(scenario.horizon, end=last_day(patterns, scenario)))
    failures: list[Made] = []

    def run(points: Points, replications: int, wave: int) -> Floats:
        named = [space.scenario(base, point, f"wave {wave} point {k}") for k, point in enumerate(points, 1)]
        runs = runs_of(named, range(1, replications + 1), seed=seed, wanted=wanted)

        last: list[Made] = []

        def progress(made: Made) -> None:
            last[:] = [made]
            tell(Told(wave, made))

        values = evaluate(runs, wanted, store, engine=engine, progress=progress)
        failures.extend(last)
        return np.array(values).reshape(len(points), replications, len(wanted))

    def fit_all(runs: Simulated, wave: int) -> tuple[Emulator, ...]:
        unit = space.to_unit(runs.points)
        tell(Told(wave + 1, Made(0), "emulators"))
        with open_engine(engine, worker_count(engine.kind, engine.workers, len(targets))) as executor:
            futures = [
                executor.submit(fit, unit, runs.mean[:, j], runs.variance[:, j], seed=seed + j)
                for j in range(len(targets))
            ]
            return tuple(future.result() for future in futures)

    def judged(runs: Simulated) -> tuple[Simulated, Members]:
        again = _again(runs, targets, rule, run)
        return again, members_of(
            space,
            targets,
            again,
            cutoff=rule.member_cutoff,
            least_replications=rule.member_replications,
            least_patterns=rule.member_patterns,
            most=rule.members,
        )

    waves = []
    for wave in history_match(
        space,
        targets,
        rule.waves,
        run,
        fit_all,
        seed=seed,
        extra=space.point(rule.also) if rule.also else None,
        enough=lambda runs: judged(runs)[1].n >= rule.members,
        most_waves=rule.most_waves,
    ):
        waves.append(wave)
        keep(wave)
    runs, members = judged(waves[-1].all_runs)
    return Calibrated(
        space,
        tuple(targets),
        tuple(waves),
        runs,
        members,
        tuple(informed(space, members.runs.points)) if members.n > 1 else (),
        sum(made.failed for made in failures),
        tuple(dict.fromkeys(cause for made in failures for cause in made.causes)),
    )


def _again(runs: Simulated, targets: Sequence[Target], rule: CalibrationRule, run: Callable[..., Floats]) -> Simulated:
    """The points, those of earlier waves that look promising with as many replications as a member must have."""
    promising = worst(runs.implausibility(targets)) <= PROMISING * rule.member_cutoff
    short = np.flatnonzero(promising & (runs.replications < rule.member_replications))
    if not len(short):
        return runs
    values = run(runs.points[short], rule.member_replications, 0)
    fresh = simulated(runs.points[short], 0, values)
    fresh = replace(fresh, wave=runs.wave[short])
    return _without(runs, short).and_(fresh)


def _without(runs: Simulated, out: np.ndarray) -> Simulated:
    kept = np.setdiff1d(np.arange(runs.n), out)
    return Simulated(runs.points[kept], runs.wave[kept], runs.mean[kept], runs.variance[kept], runs.replications[kept])


def single_replications(
    scenario: Scenario,
    found: Calibrated,
    patterns: Sequence[Pattern],
    store: Path,
    *,
    replications: int,
    seed: int,
    engine: Engine,
) -> np.ndarray:
    """How many patterns the best member reproduces in each single replication, shape (replications,)."""
    base = replace(scenario, horizon=replace(scenario.horizon, end=last_day(patterns, scenario)))
    wanted = [target.part for target in found.targets]
    best = found.space.scenario(base, found.members.runs.points[0], "best member")
    runs = runs_of([best], range(1, replications + 1), seed=seed, wanted=wanted)
    values = np.array(evaluate(runs, wanted, store, engine=engine))
    alone = simulated(np.zeros((replications, 0)), 0, values[:, None, :])
    return alone.reproduced(found.targets)
