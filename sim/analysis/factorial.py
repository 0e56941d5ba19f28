"""Two-level factorials: what each lever brings by itself, and what two bring together beyond that.

A sweep is a factorial when its scenarios differ only in which levers are on, each lever is on in half of them, and
every two levers meet in all four ways equally often: all combinations, or a balanced fraction of them. Effects are
taken within each replication, on the same people and luck, then averaged over replications.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.intervals import Interval, t_interval
from sim.analysis.outcomes import OUTCOMES, Outcome
from sim.analysis.paired import holm, student
from sim.observe.results import FloatArray
from sim.policy import LEVERS
from sim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.policy import Lever

MOST_LEVERS: Final = 10  # names of confused effects are looked for among all sets of levers
_KEYS: Final = {kind: key for key, kind in LEVERS.items()}


@dataclass(frozen=True)
class Design:
    """Which levers are on in which scenario.

    Attributes:
        levers: the levers that vary, in the order of the list of levers.
        names: scenario names, in the order of the rows of ``on``.
        on: shape (scenarios, levers), True where the lever is on.
    """

    levers: tuple[str, ...]
    names: tuple[str, ...]
    on: np.ndarray[tuple[int, int], np.dtype[np.bool_]]

    @property
    def share(self) -> float:
        """The scenarios as a share of all combinations: 1 for a full factorial, 0.5 for half of it."""
        return float(len(self.names) / 2 ** len(self.levers))

    @property
    def words(self) -> str:
        """``all 64 combinations of 6 levers`` or ``32 of the 64 combinations of 6 levers``."""
        whole = 2 ** len(self.levers)
        part = f"all {whole}" if len(self.names) == whole else f"{len(self.names)} of the {whole}"
        return f"{part} combinations of {len(self.levers)} levers"

    def column(self, levers: Sequence[str]) -> FloatArray:
        """+1 or -1 a scenario: the product of the columns of some levers."""
        chosen = [self.levers.index(lever) for lever in levers]
        return np.asarray(np.where(self.on[:, chosen], 1.0, -1.0).prod(axis=1))

    def confused_with(self, levers: Sequence[str]) -> tuple[tuple[float, tuple[str, ...]], ...]:
        """Other sets of levers whose effect this design cannot tell from that of these, smallest sets first.

        With each stands how much of it is mixed in: 1 or -1 wholly, between them partly; sets that are mixed in
        only partly are named up to pairs.
        """
        if self.share == 1 or len(self.levers) > MOST_LEVERS:
            return ()
        own, found = self.column(levers), []
        for size in range(1, len(self.levers) + 1):
            for other in combinations(self.levers, size):
                mixed = float((own * self.column(other)).mean())
                if set(other) != set(levers) and (abs(mixed) == 1 or (mixed and size <= 2)):
                    found.append((mixed, other))
        return tuple(found)


@dataclass(frozen=True)
class Effect:
    """What a lever, or two together, do to an outcome.

    Attributes:
        levers: one lever, or two.
        size: one lever: the outcome with it on less with it off, averaged over the other levers. Two: what the first
            brings with the second on less what it brings with it off, which is what the two bring together beyond
            the sum of each alone.
        values: the size in each replication.
        p, p_holm: two-sided p against zero, and after Holm's correction: over the single levers for one of them, over
            the pairs for a pair.
        confused_with: see ``Design.confused_with``.
    """

    levers: tuple[str, ...]
    size: Interval
    values: tuple[float, ...]
    p: float
    p_holm: float
    confused_with: tuple[tuple[float, tuple[str, ...]], ...]

    @property
    def pair(self) -> bool:
        """Whether it is of two levers."""
        return len(self.levers) == 2

    @property
    def blurred(self) -> tuple[tuple[str, ...], ...]:
        """Single levers and pairs that it cannot be told from: these spoil its reading; larger sets hardly do."""
        return tuple(levers for _, levers in self.confused_with if len(levers) <= 2)


@dataclass(frozen=True)
class Factorial:
    """The effects on one outcome, and the values they come from.

    Attributes:
        effects: single levers first, then pairs, in the order of the levers.
        values: shape (replications, scenarios).
    """

    design: Design
    outcome: Outcome
    effects: tuple[Effect, ...]
    values: FloatArray

    def corners(self, first: str, second: str) -> dict[tuple[bool, bool], Interval]:
        """The outcome with two levers off and on, averaged over the others, less its value with both off."""
        a, b = (self.design.on[:, self.design.levers.index(lever)] for lever in (first, second))
        ways = [(x, y) for x in (False, True) for y in (False, True)]
        means = {(x, y): self.values[:, (a == x) & (b == y)].mean(axis=1) for x, y in ways}
        return {way: t_interval(mean - means[False, False]) for way, mean in means.items()}


def find_design(scenarios: Sequence[Scenario]) -> Design | None:
    """The factorial that scenarios make, or None when they make none of at least two levers."""
    if len(scenarios) < 4 or any(
        replace(s, name="", policy=None) != replace(scenarios[0], name="", policy=None) for s in scenarios[1:]
    ):
        return None
    held = [_levers(scenario) for scenario in scenarios]
    levers = tuple(key for key in LEVERS if 0 < sum(key in found for found in held) < len(held))
    for key in LEVERS:
        if len({lever for found in held if (lever := found.get(key)) is not None}) > 1:
            return None  # of two sizes: not the same lever on and off
    if len(levers) < 2 or any(set(found) - set(_KEYS.values()) for found in held):
        return None
    on = np.array([[lever in found for lever in levers] for found in held])
    if len({row.tobytes() for row in on}) < len(on):
        return None
    signs = np.where(on, 1, -1)
    if signs.sum(axis=0).any() or (signs.T @ signs - len(on) * np.eye(len(levers))).any():
        return None
    return Design(levers, tuple(scenario.name for scenario in scenarios), on)


def _levers(scenario: Scenario) -> dict[str, Lever]:
    policy = scenario.policy
    return {_KEYS[type(lever)]: lever for lever in (policy.levers if policy is not None else ()) if lever.active}


def analyse(design: Design, ensembles: Mapping[str, Ensemble], outcome: Outcome) -> Factorial | None:
    """The effects on an outcome, from the replications that every scenario has; None when there are none."""
    if any(name not in ensembles for name in design.names):
        return None
    rows = [_by_luck(ensembles[name], outcome.take) for name in design.names]
    shared = sorted(set.intersection(*(set(row) for row in rows)))
    values = np.array([[row[luck] for row in rows] for luck in shared])
    values = values[np.isfinite(values).all(axis=1)] if values.size else values
    if not values.size:
        return None
    sets: list[tuple[str, ...]] = [(lever,) for lever in design.levers]
    sets += [pair for pair in combinations(design.levers, 2) if not _same_as_single(design, pair)]
    found = [_effect(design, values, levers) for levers in sets]
    families = [[effect for effect in found if effect.pair is pair] for pair in (False, True)]
    effects = [
        replace(effect, p_holm=p)
        for family in families
        for effect, p in zip(family, holm([effect.p for effect in family]), strict=True)
    ]
    return Factorial(design, outcome, tuple(effects), values)


def analyse_all(design: Design, ensembles: Mapping[str, Ensemble]) -> list[Factorial]:
    """The effects on every outcome, the headline first."""
    found = [analyse(design, ensembles, outcome) for outcome in OUTCOMES]
    return [factorial for factorial in found if factorial is not None]


def _by_luck(ensemble: Ensemble, take: Callable[[Ensemble], FloatArray]) -> dict[tuple[int, int], float]:
    values = take(ensemble)
    return {(run.seed, run.replication): float(v) for run, v in zip(ensemble.runs, values, strict=True)}


def _same_as_single(design: Design, pair: tuple[str, ...]) -> bool:
    """Whether a pair's column equals a single lever's, so that its effect is already in the list under that name."""
    return any(len(levers) == 1 and abs(mixed) == 1 for mixed, levers in design.confused_with(pair))


def _effect(design: Design, values: FloatArray, levers: tuple[str, ...]) -> Effect:
    column = design.column(levers)
    sizes = values[:, column > 0].mean(axis=1) - values[:, column < 0].mean(axis=1)
    sizes = sizes * len(levers)  # of a pair: the difference of differences is twice the contrast
    _, p = student(sizes)
    return Effect(levers, t_interval(sizes), tuple(sizes.tolist()), p, p, design.confused_with(levers))


def effects_table(found: Sequence[Factorial]) -> pd.DataFrame:
    """One row an outcome and effect, for ``effects.csv``."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "measure": f.outcome.name,
                "label": f.outcome.label,
                "unit": f.outcome.unit,
                "kind": "two levers together" if e.pair else "one lever",
                "lever": e.levers[0],
                "second_lever": e.levers[1] if e.pair else "",
                "effect": e.size.mean,
                "low": e.size.low,
                "high": e.size.high,
                "replications": e.size.n,
                "replications_up": sum(value > 0 for value in e.values),
                "p": e.p,
                "p_holm": e.p_holm,
                "design": f.design.words,
                "confused_with": "; ".join(_set_words(mixed, levers) for mixed, levers in e.confused_with),
            }
            for f in found
            for e in f.effects
        ]
    )


def _set_words(mixed: float, levers: tuple[str, ...]) -> str:
    how = "" if mixed == 1 else "minus " if mixed == -1 else f"{mixed:.2f} of "
    return how + " x ".join(levers)
