"""Which simulated points may stand for the world: the members of the calibrated ensemble, and the best of them.

A member is judged by its own runs, not by an emulator. What the members' spread says of each parameter, against the box
they came from, tells what the patterns informed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.uncertainty.space import Points, Space
from sim.uncertainty.targets import Target, worst
from sim.uncertainty.waves import Simulated

Floats = NDArray[np.float64]
STRONGLY, SOMEWHAT = 0.6, 0.85  # of the box's spread: narrower is informed strongly, somewhat; wider not
SHIFTED: Final = 0.2  # a shift of the middle by this share of the box informs somewhat by itself
UNIFORM_SD: Final = 12**-0.5


@dataclass(frozen=True, slots=True)
class Members:
    """The calibrated ensemble, best member first.

    Attributes:
        runs: the members' points and simulated means.
        worst: the largest implausibility of each, shape (members,).
        reproduced: patterns reproduced by each on its means, shape (members,).
    """

    space: Space
    runs: Simulated
    worst: Floats
    reproduced: NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many there are."""
        return self.runs.n


@dataclass(frozen=True, slots=True)
class Informed:
    """What the patterns said of one parameter.

    Attributes:
        low, median, high: 5%, 50% and 95% of the members.
        spread_share: the members' standard deviation over that of a flat range.
        word: strongly, somewhat or not.
    """

    name: str
    unit: str
    grade: str
    box_low: float
    box_high: float
    low: float
    median: float
    high: float
    spread_share: float
    word: str


def members_of(
    space: Space,
    targets: Sequence[Target],
    runs: Simulated,
    *,
    cutoff: float,
    least_replications: int,
    least_patterns: int = 0,
    most: int,
) -> Members:
    """The points that are not implausible by their own runs and reproduce enough patterns, best first.

    Best is: most patterns reproduced, then the smallest sum of squared implausibilities. Of more than ``most``, those
    kept are the best one and, one after another, the point farthest from all kept: the ensemble is to span what is
    plausible, not to crowd about its best point.
    """
    implausibility = runs.implausibility(targets)
    largest = worst(implausibility)
    reproduced = runs.reproduced(targets)
    judged = (runs.replications >= least_replications) & (reproduced >= least_patterns)
    fine = np.flatnonzero((largest <= cutoff) & judged)
    fit = (np.minimum(implausibility, 1e6) ** 2).sum(axis=1)
    order = fine[np.lexsort((fit[fine], -reproduced[fine]))]
    if len(order) > most:
        order = order[_spread(space.to_unit(runs.points[order]), most)]
    return Members(space, _taken(runs, order), largest[order], reproduced[order])


def _spread(unit: Floats, most: int) -> NDArray[np.int64]:
    """Positions of the first point and of those farthest from all kept, in their original order."""
    kept = [0]
    nearest = ((unit - unit[0]) ** 2).sum(axis=1)
    while len(kept) < most:
        following = int(nearest.argmax())
        kept.append(following)
        nearest = np.minimum(nearest, ((unit - unit[following]) ** 2).sum(axis=1))
    return np.array(sorted(kept), dtype=np.int64)


def _taken(runs: Simulated, order: NDArray[np.int64]) -> Simulated:
    names = ("points", "wave", "mean", "variance", "replications")
    return Simulated(*(getattr(runs, name)[order] for name in names))


def informed(space: Space, points: Points) -> list[Informed]:
    """What the members say of each parameter, most informed first."""
    unit = space.to_unit(points)
    found = []
    for j, axis in enumerate(space.axes):
        share = float(unit[:, j].std(ddof=1) / UNIFORM_SD) if len(unit) > 1 else float("nan")
        low, median, high = (float(v) for v in np.quantile(points[:, j], (0.05, 0.5, 0.95)))
        shift = abs(float(np.median(unit[:, j])) - 0.5)
        word = "strongly" if share < STRONGLY else "somewhat" if share < SOMEWHAT or shift > SHIFTED else "not"
        found.append(Informed(axis.name, axis.unit, axis.grade, axis.low, axis.high, low, median, high, share, word))
    return sorted(found, key=lambda i: ("strongly", "somewhat", "not").index(i.word) * 10 + i.spread_share)
