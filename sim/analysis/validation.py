"""Does the baseline resemble the past? The published patterns scored on means over replications.

A pattern that cannot be scored (the run is too short, the world smaller than the nation) says why and is
never counted as reproduced.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.analysis.ensemble import Ensemble, month_words
from sim.analysis.intervals import EMPTY, Interval, t_interval
from sim.analysis.patterns import Part, Pattern
from sim.observe.results import FloatArray
from sim.world.places import World

if TYPE_CHECKING:
    import pandas as pd

ALL_CRCS: Final = 21
NAMED: Final = 5  # more than this are counted, not listed


@dataclass(frozen=True, slots=True)
class ScoredPart:
    """One number of a pattern against the simulation; ``reason`` says why it could not be scored."""

    part: Part
    simulated: Interval
    reproduced: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Scored:
    """A pattern against the simulation: reproduced when every part is, and scored when every part could
    be."""

    pattern: Pattern
    parts: tuple[ScoredPart, ...]

    @property
    def reason(self) -> str:
        """Why it could not be scored; empty when it could."""
        return next((part.reason for part in self.parts if part.reason), "")

    @property
    def scored(self) -> bool:
        """Whether every part could be scored."""
        return not self.reason

    @property
    def reproduced(self) -> bool:
        """Whether every part holds."""
        return self.scored and all(part.reproduced for part in self.parts)


def score(patterns: Sequence[Pattern], ensemble: Ensemble, world: World | None) -> list[Scored]:
    """Score every pattern on the replications of one scenario; ``world`` None counts as the nation."""
    n_crcs = len(world.crcs) if world is not None else ALL_CRCS
    scored = []
    for pattern in patterns:
        if pattern.national_only and n_crcs < ALL_CRCS:
            reason = f"says something of all {ALL_CRCS} CRCs; this world has {n_crcs}"
            parts = tuple(ScoredPart(part, EMPTY, False, reason) for part in pattern.parts)
        else:
            parts = tuple(_score_part(part, ensemble) for part in pattern.parts)
        scored.append(Scored(pattern, parts))
    return scored


def _score_part(part: Part, ensemble: Ensemble) -> ScoredPart:
    if part.how != "figure":
        for month in (part.first, part.last):
            if month and month not in ensemble.months:
                return ScoredPart(part, EMPTY, False, f"the run does not hold {month_words(month)}")
    interval = t_interval(values(part, ensemble))
    if interval.n == 0:
        return ScoredPart(part, EMPTY, False, "the run has no value to score")
    return ScoredPart(part, interval, part.holds(interval.mean), "")


def values(part: Part, ensemble: Ensemble) -> FloatArray:
    """The scored value of each replication, shape (replications,)."""
    if part.how == "figure":
        return ensemble.figure(part.name)
    monthly = ensemble.national(part.name)
    last = ensemble.months.index(part.last)
    if part.how == "at":
        return np.asarray(monthly[:, last])
    first = ensemble.months.index(part.first)
    if part.how == "mean":
        return np.asarray(monthly[:, first : last + 1].mean(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        change = monthly[:, last] / monthly[:, first] - 1
    return np.asarray(change)


def tally(scored: Sequence[Scored]) -> str:
    """``13 of 14 patterns (not C9)``, naming those that could not be scored."""
    hit = sum(s.reproduced for s in scored)
    missed = [s.pattern.id for s in scored if s.scored and not s.reproduced]
    unscored = [s.pattern.id for s in scored if not s.scored]
    notes = [f"not {', '.join(missed)}"] if missed else []
    if len(unscored) == len(scored):
        notes = ["none can be scored on this run"]
    elif unscored:
        which = ", ".join(unscored) if len(unscored) <= NAMED else f"{len(unscored)} of them"
        notes.append(f"cannot be scored on this run: {which}")
    return f"{hit} of {len(scored)} patterns" + (f" ({'; '.join(notes)})" if notes else "")


def validation_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a part, for ``validation.csv``; ``pattern_reproduced`` repeats the pattern's own score."""
    import pandas as pd

    rows = []
    for s in scored:
        for letter, part in zip("abcdef", s.parts, strict=False):
            rows.append(
                {
                    "id": s.pattern.id,
                    "part": letter if len(s.parts) > 1 else "",
                    "pattern": s.pattern.words,
                    "measure": part.part.name,
                    "unit": part.part.unit,
                    "target": part.part.target,
                    "low": _bound(part.part.low),
                    "high": _bound(part.part.high),
                    "simulated": part.simulated.mean,
                    "simulated_low": part.simulated.low,
                    "simulated_high": part.simulated.high,
                    "replications": part.simulated.n,
                    "reproduced": "not scored" if part.reason else ("yes" if part.reproduced else "no"),
                    "pattern_reproduced": _yes(s),
                    "grade": s.pattern.grade,
                    "kind": s.pattern.kind,
                    "why_not_scored": part.reason,
                    "source": s.pattern.source,
                }
            )
    return pd.DataFrame(rows)


def _yes(scored: Scored) -> str:
    if not scored.scored:
        return "not scored"
    return "yes" if scored.reproduced else "no"


def _bound(value: float) -> float:
    return value if math.isfinite(value) else math.nan
