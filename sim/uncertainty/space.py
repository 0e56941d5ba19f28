"""The parameters that are moved together, each between two ends, and designs that fill the space between them.

The ends come from the register's plausible ranges unless a study narrows them; they never reach outside.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.parameters.register import Row
from sim.scenario import Scenario
from sim.settings.problems import NAME, Problem, SettingsError, did_you_mean, shown
from sim.settings.vary import is_whole, value_of, varied

Points = NDArray[np.float64]  # shape (points, axes), in the parameters' own units
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter.

    Attributes:
        name: in full, for instance ``finance.bid_optimism_share``.
        low, high: the ends between which it is moved.
        whole: whether only whole numbers are meant.
    """

    name: str
    low: float
    high: float
    unit: str
    grade: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Space:
    """The box of all parameters moved together."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters' names, in order."""
        return tuple(axis.name for axis in self.axes)

    @property
    def low(self) -> NDArray[np.float64]:
        """The lower ends, shape (axes,)."""
        return np.array([axis.low for axis in self.axes])

    @property
    def high(self) -> NDArray[np.float64]:
        """The upper ends, shape (axes,)."""
        return np.array([axis.high for axis in self.axes])

    def from_unit(self, unit: NDArray[np.float64]) -> Points:
        """Points of the unit cube as parameter values, whole numbers rounded; shape (points, axes).

        Each whole number between the ends takes an equal part of its edge of the cube.
        """
        low, high, whole = self.low, self.high, np.array([axis.whole for axis in self.axes])
        wide = low + unit * (high - low)
        stepped = np.minimum(np.floor(low + unit * (high - low + 1)), high)
        return rounded(np.where(whole, stepped, wide))

    def to_unit(self, points: Points) -> NDArray[np.float64]:
        """Parameter values as points of the unit cube; a parameter with equal ends counts as 0.5."""
        width = self.high - self.low
        safe = np.where(width > 0, width, 1.0)
        return np.asarray(np.where(width > 0, (points - self.low) / safe, 0.5))

    def sobol(self, n: int, *, seed: int) -> Points:
        """``n`` space-filling points: the first of a scrambled Sobol sequence (scipy.stats.qmc)."""
        from scipy.stats import qmc

        sampler = qmc.Sobol(d=len(self.axes), scramble=True, rng=seed)
        return self.from_unit(sampler.random_base2(math.ceil(math.log2(max(n, 1))))[:n])

    def present(self, scenario: Scenario) -> Points:
        """The scenario's own values, shape (axes,)."""
        return np.array([value_of(name, scenario) for name in self.names])

    def point(self, values: Mapping[str, float]) -> Points:
        """A point from values by name, shape (axes,); the middle of its range where a parameter is not named."""
        return rounded(np.array([values.get(axis.name, (axis.low + axis.high) / 2) for axis in self.axes]))

    def scenario(self, base: Scenario, point: Points, name: str) -> Scenario:
        """The base with the values of one point."""
        from dataclasses import replace

        return replace(varied(base, dict(zip(self.names, map(float, point), strict=True))), name=name)


def rounded(points: Points) -> Points:
    """Four significant digits: a member that is written down is the member that was run."""
    digits = 3 - np.floor(np.log10(np.maximum(np.abs(points), 1e-12)))
    return np.asarray(np.vectorize(round)(points, digits.astype(int)), dtype=float)


def space_of(wanted: Mapping[str, Sequence[float] | None], register: Sequence[Row], scenario: Scenario) -> Space:
    """The space of these parameters.

    Args:
        wanted: parameter -> [low, high], or None for the register's plausible range.
        register: the rows of the scenario's register.

    Raises:
        SettingsError: a parameter is unknown, has no plausible range, or is given a range that is empty, turned
            round, or wider than the plausible one. Every problem is named.
    """
    rows = {row.name: row for row in register}
    problems: list[Problem] = []
    axes = []
    for name, ends in wanted.items():
        row = rows.get(name)
        if row is None:
            what = f'there is no parameter "{name}" in the register'
            problems.append(Problem(name, what, advice=did_you_mean(name, tuple(rows)), rank=NAME))
            continue
        if row.plausible_low is None or row.plausible_high is None:
            problems.append(Problem(name, f"{name} has no plausible range in the register, so it cannot be varied"))
            continue
        fault = _fault(name, ends, row.plausible_low, row.plausible_high)
        if fault:
            problems.append(Problem(name, fault))
            continue
        low, high = (row.plausible_low, row.plausible_high) if ends is None else (float(ends[0]), float(ends[1]))
        axes.append(Axis(name, low, high, row.unit, row.grade, is_whole(name)))
    if not problems and not axes:
        problems.append(Problem("parameters", "no parameter is named: there is nothing to vary", rank=NAME))
    if problems:
        raise SettingsError(problems)
    return Space(tuple(axes))


def _fault(name: str, ends: Sequence[float] | None, low: float, high: float) -> str:
    if ends is None:
        return ""
    numbers = isinstance(ends, Sequence) and len(ends) == 2 and all(isinstance(e, int | float) for e in ends)
    if not numbers or any(isinstance(e, bool) or not math.isfinite(e) for e in ends):
        return f"the range of {name} must be two numbers, [low, high], got {shown(ends)}"
    if ends[0] >= ends[1]:
        return f"the range of {name} is empty: low must be below high, got {shown(list(ends))}"
    if ends[0] < low - _TOLERANCE or ends[1] > high + _TOLERANCE:
        return f"the range of {name} must lie within its plausible range {low:g} to {high:g}, got {shown(list(ends))}"
    return ""
