"""Which inputs move the answer: one at a time (tornado), and all together in steps (Morris screen, SALib).

Two answers are watched: what tier 2 and tier 3 are paid at the end under doing nothing (the headline), and what the
policy adds to it, pair by pair with the same luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.analysis.intervals import Interval, t_interval
from sim.analysis.patterns import Part
from sim.experiment.engines import Engine
from sim.observe.measures import HEADLINE
from sim.scenario import Scenario
from sim.settings.vary import value_of
from sim.uncertainty.points import Made, evaluate, runs_of
from sim.uncertainty.space import Axis, Points, Space
from sim.uncertainty.study import SensitivityRule

Floats = NDArray[np.float64]
HEADLINE_ANSWER, DIFFERENCE_ANSWER = "headline", "difference"
ANSWERS: Final = (HEADLINE_ANSWER, DIFFERENCE_ANSWER)


@dataclass(frozen=True, slots=True)
class Bar:
    """One entry moved alone, GBP a year.

    Attributes:
        value: where it stands; ``low`` and ``high`` are the ends it was moved to.
        at_low, at_high: the answer less that at the present value, over replications, for each answer.
    """

    axis: Axis
    value: float
    at_low: dict[str, Interval]
    at_high: dict[str, Interval]

    def swing(self, answer: str) -> float:
        """How far the answer moves between the ends and the present value, GBP a year."""
        moves = (0.0, self.at_low[answer].mean, self.at_high[answer].mean)
        return max(moves) - min(moves)


@dataclass(frozen=True, slots=True)
class Screened:
    """One entry in the Morris screen, GBP a year for a move across its whole range.

    Attributes:
        mu_star: mean size of its effect, for each answer.
        mu_star_half: half the 95% interval of that.
        sigma: how much the effect depends on the other entries, or bends.
    """

    axis: Axis
    mu_star: dict[str, float]
    mu_star_half: dict[str, float]
    sigma: dict[str, float]


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the study found.

    Attributes:
        base: each answer at the present values, over replications.
        bars: one an entry, widest swing of the headline first.
        screened: the same entries, largest effect on the headline first.
    """

    policy: str
    base: dict[str, Interval]
    bars: tuple[Bar, ...]
    screened: tuple[Screened, ...]
    runs: int
    failed_runs: int
    causes: tuple[str, ...]


def measure_sensitivity(
    nothing: Scenario,
    policy: Scenario,
    space: Space,
    rule: SensitivityRule,
    store: Path,
    *,
    seed: int,
    engine: Engine,
    tell: Callable[[str, Made], None] = lambda what, made: None,
) -> Sensitivity:
    """Move every axis alone to its ends, then all in Morris trajectories.

    Args:
        nothing, policy: the same world without and with the policy's levers.
        store: where finished runs are looked up and kept.
    """
    months = nothing.horizon.calendar().month_names
    wanted = [Part(HEADLINE, "at", "", months[-1], "", -np.inf, np.inf, True, True)]
    failures: list[Made] = []
    total = 0

    def answers(points: Points, replications: int, what: str) -> dict[str, Floats]:
        """Each answer, shape (points, replications)."""
        nonlocal total
        both = [space.scenario(s, p, f"{what} {k}") for k, p in enumerate(points, 1) for s in (nothing, policy)]
        runs = runs_of(both, range(1, replications + 1), seed=seed, wanted=wanted)

        last: list[Made] = []

        def progress(made: Made) -> None:
            last[:] = [made]
            tell(what, made)

        found = evaluate(runs, wanted, store, engine=engine, progress=progress)
        failures.extend(last)
        total += len(runs)
        values = np.array(found).reshape(len(points), 2, replications)
        return {HEADLINE_ANSWER: values[:, 0], DIFFERENCE_ANSWER: values[:, 1] - values[:, 0]}

    present = space.present(nothing)
    bars, base = _bars(space, present, nothing, answers(_ends(space, present), rule.replications, "one at a time"))
    design, problem = _trajectories(space, rule, seed)
    screen = answers(design, rule.screen_replications, "all together")
    screened = _screened(space, problem, design, screen, rule.levels, seed)
    return Sensitivity(
        policy.name,
        base,
        bars,
        screened,
        total,
        sum(m.failed for m in failures),
        tuple(dict.fromkeys(c for m in failures for c in m.causes)),
    )


def _ends(space: Space, present: Points) -> Points:
    """The present values, then each axis at its low and at its high end; shape (1 + 2 axes, axes)."""
    points = np.tile(present, (1 + 2 * len(space.axes), 1))
    for j, axis in enumerate(space.axes):
        points[1 + 2 * j, j], points[2 + 2 * j, j] = axis.low, axis.high
    return points


def _bars(
    space: Space, present: Points, scenario: Scenario, found: dict[str, Floats]
) -> tuple[tuple[Bar, ...], dict[str, Interval]]:
    def move(position: int) -> dict[str, Interval]:
        return {answer: t_interval(values[position] - values[0]) for answer, values in found.items()}

    bars = [
        Bar(axis, value_of(axis.name, scenario), move(1 + 2 * j), move(2 + 2 * j)) for j, axis in enumerate(space.axes)
    ]
    bars.sort(key=lambda bar: -bar.swing(HEADLINE_ANSWER))
    return tuple(bars), {answer: t_interval(values[0]) for answer, values in found.items()}


def _trajectories(space: Space, rule: SensitivityRule, seed: int) -> tuple[Points, dict[str, Any]]:
    """The design of the screen: ``trajectories`` walks that move one entry at a time."""
    from SALib.sample import morris

    axes = len(space.axes)
    problem = {"num_vars": axes, "names": list(space.names), "bounds": [[0.0, 1.0]] * axes}
    unit = morris.sample(problem, rule.trajectories, num_levels=rule.levels, seed=seed)
    return space.from_unit(np.asarray(unit)), problem | {"unit": np.asarray(unit)}


def _screened(
    space: Space, problem: dict[str, Any], design: Points, found: dict[str, Floats], levels: int, seed: int
) -> tuple[Screened, ...]:
    from SALib.analyze import morris

    unit = problem["unit"]
    asked = {key: problem[key] for key in ("num_vars", "names", "bounds")}
    effects = {
        answer: morris.analyze(asked, unit, values.mean(axis=1), num_levels=levels, seed=seed, print_to_console=False)
        for answer, values in found.items()
    }
    rows = [
        Screened(
            axis,
            {answer: float(effect["mu_star"][j]) for answer, effect in effects.items()},
            {answer: float(effect["mu_star_conf"][j]) for answer, effect in effects.items()},
            {answer: float(effect["sigma"][j]) for answer, effect in effects.items()},
        )
        for j, axis in enumerate(space.axes)
    ]
    return tuple(sorted(rows, key=lambda row: -row.mu_star[HEADLINE_ANSWER]))


def widest(axes: Sequence[Axis], scenario: Scenario, entries: int) -> Space:
    """The space of the first ``entries`` of these axes that the present value lies within."""
    kept = [axis for axis in axes if axis.low <= value_of(axis.name, scenario) <= axis.high]
    return Space(tuple(kept[:entries]))
