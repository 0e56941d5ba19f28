"""The second rung of certainty: what runs over many calibrated sets of inputs say. Filled in by who makes such runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.analysis.intervals import Interval


@dataclass(frozen=True)
class Worlds:
    """The answer over calibrated worlds: sets of inputs that reproduce the published patterns about as well.

    Attributes:
        n: worlds that were run.
        words: how they were chosen, as a sentence without its full stop.
        counts: scenario -> verdict word against doing nothing (or, of doing nothing, against its own past) -> worlds.
        differences: scenario -> difference from doing nothing in what supply chains are paid, GBP a year: the mean
            over worlds with the range that holds 95% of them.
    """

    n: int
    words: str = ""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    differences: Mapping[str, Interval] = field(default_factory=dict)
