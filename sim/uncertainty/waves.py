"""History matching: waves of runs that rule out, wave by wave, what cannot have made the published findings.

Wave 1 fills the whole box. After each wave one emulator a target is fitted to all runs so far, and the next wave's
points fill the region that none of the emulators finds implausible. The last points, simulated often enough, are judged
by their own means and not by an emulator: those left are the members of the calibrated ensemble.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.parameters.record import Described, count, number
from sim.uncertainty.emulator import Emulator
from sim.uncertainty.space import Points, Space, rounded
from sim.uncertainty.targets import Target, worst

Floats = NDArray[np.float64]
POOL_LOG2: Final = 15  # 32,768 candidates a draw
DRAWS: Final = 24  # draws before a region counts as too small to find by filling the box
SHRINK: Final = 0.6  # how far a proposal steps, as a share of the survivors' own spread


@dataclass(frozen=True, slots=True)
class WaveRule(Described):
    """How a wave is made: its points, their replications, and the implausibility beyond which a point is out."""

    points: int = count("points", 8, 100_000, None, "set", "", "how densely a wave fills what is left")
    replications: int = count("replications", 1, 10_000, None, "set", "", "runs of every point")
    cutoff: float = number(
        "standard deviations", 0.01, 100, None, "set", "three: Pukelsheim's rule", "what is ruled out"
    )
    nth: int = count(
        "rank of the implausibility held against the cutoff, 1 the largest", 1, 10, None, "set", "", "what is ruled out"
    )


@dataclass(frozen=True, slots=True)
class Simulated:
    """Points that have been run.

    Attributes:
        points: shape (points, axes).
        wave: the wave of each point, from 1.
        mean, variance: over replications, shape (points, targets); the variance is that of the mean.
        replications: of each point.
    """

    points: Points
    wave: NDArray[np.int64]
    mean: Floats
    variance: Floats
    replications: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Points."""
        return len(self.points)

    def and_(self, other: Simulated) -> Simulated:
        """Both, in order."""
        return Simulated(
            *(
                np.concatenate([getattr(self, name), getattr(other, name)])
                for name in ("points", "wave", "mean", "variance", "replications")
            )
        )

    def implausibility(self, targets: Sequence[Target]) -> Floats:
        """Of every point and target by its own runs, shape (points, targets)."""
        columns = [t.implausibility(self.mean[:, j], self.variance[:, j]) for j, t in enumerate(targets)]
        return np.stack(columns, axis=1)

    def reproduced(self, targets: Sequence[Target]) -> NDArray[np.int64]:
        """How many patterns each point reproduces on its means, shape (points,): every part of a pattern must hold."""
        ids = list(dict.fromkeys(t.pattern.id for t in targets))
        holds = np.stack([t.accepts(self.mean[:, j]) for j, t in enumerate(targets)], axis=1)
        of = np.array([ids.index(t.pattern.id) for t in targets])
        return np.asarray(np.stack([holds[:, of == k].all(axis=1) for k in range(len(ids))], axis=1).sum(axis=1))


def simulated(points: Points, wave: int, values: Floats) -> Simulated:
    """Points with what their runs gave, of shape (points, replications, targets).

    The variance of luck is pooled over the points of the wave: two or three replications alone do not show it.
    """
    n, replications, _ = values.shape
    good = np.isfinite(values)
    count = np.maximum(good.sum(axis=1), 1)
    with np.errstate(invalid="ignore"):
        mean = np.where(good.any(axis=1), np.where(good, values, 0.0).sum(axis=1) / count, np.nan)
    if replications > 1:
        deviation = np.where(good, values - np.nan_to_num(mean)[:, None, :], 0.0)
        pooled = (deviation**2).sum(axis=(0, 1)) / np.maximum((count - 1).sum(axis=0), 1)
    else:
        pooled = np.zeros(values.shape[2])
    return Simulated(
        points=points,
        wave=np.full(n, wave, dtype=np.int64),
        mean=mean,
        variance=pooled[None, :] / count,
        replications=np.full(n, replications, dtype=np.int64),
    )


@dataclass(frozen=True, slots=True)
class Region:
    """What the emulators of a wave have not ruled out."""

    space: Space
    targets: tuple[Target, ...]
    emulators: tuple[Emulator, ...]
    rule: WaveRule

    def worst_at(self, points: Points) -> Floats:
        """The implausibility held against the cutoff, shape (points,)."""
        unit = self.space.to_unit(points)
        columns = []
        for target, emulator in zip(self.targets, self.emulators, strict=True):
            mean, variance = emulator.predict(unit)
            columns.append(target.implausibility(mean, variance))
        return worst(np.stack(columns, axis=1), self.rule.nth)


def inside(regions: Sequence[Region], points: Points) -> NDArray[np.bool_]:
    """Which points no wave's emulators rule out; the cheapest question (the latest wave) is asked first."""
    kept = np.ones(len(points), dtype=bool)
    for region in reversed(regions):
        if kept.any():
            kept[kept] = region.worst_at(points[kept]) <= region.rule.cutoff
    return kept


def next_points(regions: Sequence[Region], n: int, *, seed: int, known: Points | None = None) -> tuple[Points, float]:
    """``n`` points of the region left, and the share of the whole box that it takes (an estimate; 0 if not met).

    The box is filled with Sobol points and what is implausible is dropped. Where that finds too few, further points are
    proposed around those found (and around ``known`` plausible points), and again only the plausible ones are kept.

    Raises:
        NothingLeft: no plausible point could be found.
    """
    space = regions[-1].space
    found: list[Points] = []
    seen = left = 0
    for draw in range(DRAWS):
        candidates = space.sobol(2**POOL_LOG2, seed=seed + 1000 * draw)
        kept = candidates[inside(regions, candidates)]
        seen, left = seen + len(candidates), left + len(kept)
        found.append(kept)
        if left >= n:
            return np.concatenate(found)[:n], left / seen
        if draw >= 2 and left < n / DRAWS * (draw + 1) / 4:
            break  # the region is too small for the box to find it often
    around = np.concatenate([*found, *([known] if known is not None else [])])
    if not len(around):
        raise NothingLeft
    grown = _around(regions, around, n, left, np.random.default_rng(seed))
    return grown, left / seen


class NothingLeft(Exception):
    """No point of the box is plausible any more."""


def _around(regions: Sequence[Region], start: Points, n: int, first: int, random: np.random.Generator) -> Points:
    """Plausible points proposed by stepping along the differences of plausible ones (differential evolution's move)."""
    space = regions[-1].space
    low, high = space.low, space.high
    chosen = start[:first]
    parents = start
    for _ in range(4 * DRAWS):
        if len(chosen) >= n:
            break
        a, b, c = (parents[random.integers(len(parents), size=2**12)] for _ in range(3))
        spread = np.maximum(parents.std(axis=0), 0.02 * (high - low))
        step = SHRINK * (b - c) + random.normal(0.0, 0.15, a.shape) * spread
        proposed = a + step * (random.random(a.shape) < random.uniform(0.15, 1.0, (len(a), 1)))
        proposed = proposed[((proposed >= low) & (proposed <= high)).all(axis=1)]
        whole = np.array([axis.whole for axis in space.axes])
        proposed = rounded(np.where(whole, np.round(proposed), proposed))
        kept = proposed[inside(regions, proposed)]
        chosen = np.concatenate([chosen, kept[: max(16, n // 4)]])
        parents = np.concatenate([parents, kept])
    if not len(chosen):
        raise NothingLeft
    return chosen[:n]


Fit = Callable[[Simulated, int], tuple[Emulator, ...]]
Run = Callable[[Points, int, int], Floats]  # points, replications, wave -> values (points, replications, targets)


@dataclass(frozen=True, slots=True)
class WaveDone:
    """What a wave gave.

    Attributes:
        left_share: share of the box not ruled out before this wave's runs (an estimate); 1 for the first.
        all_runs: of this wave and those before it.
        regions: what the emulators of the waves before it rule out, in order.
    """

    number: int
    rule: WaveRule
    left_share: float
    all_runs: Simulated
    regions: tuple[Region, ...]


def history_match(
    space: Space,
    targets: Sequence[Target],
    rules: Sequence[WaveRule],
    run: Run,
    fit: Fit,
    *,
    seed: int,
    extra: Points | None = None,
    enough: Callable[[Simulated], bool] = lambda runs: True,
    most_waves: int = 0,
) -> Iterator[WaveDone]:
    """Wave after wave; each is given as soon as it is done, so that what is done can be kept.

    Args:
        rules: the waves in order; the last is repeated while there is not ``enough``, up to ``most_waves`` in all.
        run: makes the runs of points.
        fit: fits one emulator a target to all runs so far.
        extra: points to run in the first wave beside those that fill the box, for instance present values.

    Raises:
        NothingLeft: every point is ruled out.
    """
    regions: list[Region] = []
    runs: Simulated | None = None
    number = 0
    while number < len(rules) or (number < most_waves and runs is not None and not enough(runs)):
        number += 1
        rule = rules[min(number, len(rules)) - 1]
        if runs is None:
            points, share = space.sobol(rule.points, seed=seed), 1.0
            if extra is not None:
                points = np.concatenate([np.atleast_2d(extra), points])
        else:
            regions.append(Region(space, tuple(targets), fit(runs, number - 1), rule))
            good = runs.points[worst(runs.implausibility(targets), rule.nth) <= rule.cutoff]
            try:
                points, share = next_points(regions, rule.points, seed=seed + number, known=good)
            except NothingLeft:
                if number <= len(rules):
                    raise
                return  # what was asked for is done; there is no room for a further wave
        made = simulated(points, number, run(points, rule.replications, number))
        runs = made if runs is None else runs.and_(made)
        yield WaveDone(number, rule, share, runs, tuple(regions))
