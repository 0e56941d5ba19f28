"""Published patterns as targets of a calibration: how far a simulated value may lie from what was found.

Implausibility (Craig and others 1997; Vernon, Goldstein and Bower 2010): the distance from the target in standard
deviations of everything that may part the two - the finding itself, the model's own shortcomings, luck, and the
emulator where there is one:

    I = |z - E f(x)| / sqrt(V_target + V_model + V_luck + V_emulator)

A finding with two ends is read as target +/- two standard deviations. One with a single end ("shrinking", "virtually
none") is a wall: I is 0 on its right side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.analysis.patterns import Part, Pattern

Floats = NDArray[np.float64]
ENDS_IN_SDS = 2.0  # the accepted interval reaches this many standard deviations either side


@dataclass(frozen=True, slots=True)
class Target:
    """One scored number of a pattern.

    Attributes:
        label: ``C8b``: the pattern's id, and a letter where it has several parts.
        low, high: the accepted interval; infinite where open.
        target_sd: standard deviation of the finding; 0 at a wall.
        model_sd: standard deviation granted to the model's own shortcomings (discrepancy).
    """

    label: str
    pattern: Pattern
    part: Part
    low: float
    high: float
    target_sd: float
    model_sd: float

    @property
    def centre(self) -> float:
        """The middle of the accepted interval; its one end where it has one only."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return (self.low + self.high) / 2
        return self.low if math.isfinite(self.low) else self.high

    @property
    def is_wall(self) -> bool:
        """Whether only one side is bounded, by the finding or by what the number can be."""
        return self.target_sd == 0.0

    def implausibility(self, mean: Floats, variance: Floats) -> Floats:
        """I of simulated means, same shape; ``variance`` is that of luck and emulator together.

        A mean that is not a number is infinitely implausible.
        """
        spread = np.sqrt(self.target_sd**2 + self.model_sd**2 + np.maximum(variance, 0.0))
        if self.is_wall:
            distance = np.maximum(np.maximum(self.low - mean, mean - self.high), 0.0)
        else:
            distance = np.abs(mean - self.centre)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(distance > 0, distance / spread, 0.0)
        return np.where(np.isfinite(mean), found, np.inf)

    def accepts(self, mean: Floats) -> NDArray[np.bool_]:
        """Whether simulated means count as reproduced, shape (points,)."""
        return np.array([self.part.holds(float(value)) for value in mean], dtype=bool)


def targets_of(patterns: Sequence[Pattern], *, discrepancy_share: float, walls: Sequence[str] = ()) -> list[Target]:
    """Every part of these patterns as a target.

    Args:
        discrepancy_share: standard deviation of the model's discrepancy, as a share of half the accepted interval; at
            a wall, of the wall's distance from 0, or of 0.1 where it stands at 0.
        walls: ids of patterns whose parts count as walls on both sides (any value inside is as good as another).
    """
    found = []
    for pattern in patterns:
        letters = "abcdef" if len(pattern.parts) > 1 else ("",)
        for letter, part in zip(letters, pattern.parts, strict=False):
            two_ended = math.isfinite(part.low) and math.isfinite(part.high) and pattern.id not in walls
            half = (part.high - part.low) / 2 if math.isfinite(part.high - part.low) else _scale(part)
            found.append(
                Target(
                    label=f"{pattern.id}{letter}",
                    pattern=pattern,
                    part=part,
                    low=part.low,
                    high=part.high,
                    target_sd=half / ENDS_IN_SDS if two_ended else 0.0,
                    model_sd=discrepancy_share * half,
                )
            )
    return found


def worst(implausibility: Floats, nth: int = 1) -> Floats:
    """The largest (or second, third ... largest) implausibility over targets, from shape (points, targets)."""
    return np.sort(implausibility, axis=1)[:, -nth]


def _scale(part: Part) -> float:
    end = part.low if math.isfinite(part.low) else part.high
    return abs(end) if end else 0.1
