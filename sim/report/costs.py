"""What an option costs the public against what it brings: a year, pair by pair, against doing nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.analysis.cost import CostPerNeed, cost_per_need
from sim.analysis.intervals import Interval
from sim.report.story import Story
from sim.report.words import money


@dataclass(frozen=True, slots=True)
class Cost:
    """Per year of the last 12 months.

    Attributes:
        public_gbp: extra public money.
        needs_met: extra needs met.
        per_need: the one over the other with its interval; empty unless the needs are clearly above zero.
    """

    public_gbp: Interval
    needs_met: Interval
    per_need: Interval

    @classmethod
    def of(cls, found: CostPerNeed) -> Cost:
        """Put what was found into words' reach."""
        return cls(found.public_gbp, found.needs_met, found.per_need_gbp)

    @property
    def per_need_gbp(self) -> float:
        """Public money per extra need met; NaN unless both are clearly above zero."""
        return self.per_need.mean if self.public_gbp.known and self.public_gbp.low > 0 else math.nan

    @property
    def public_words(self) -> str:
        """Extra public money a year, with its sign."""
        return money(self.public_gbp.mean, self.public_gbp.half_width, signed=True) if self.public_gbp.n else "-"

    @property
    def per_need_words(self) -> str:
        """Public money per extra need met, or a dash where the ratio would mean nothing."""
        return money(self.per_need_gbp, self.per_need.half_width) if math.isfinite(self.per_need_gbp) else "-"


def cost_of(story: Story, scenario: str) -> Cost:
    """The cost of a scenario that was compared with doing nothing."""
    return Cost.of(cost_per_need(story.base(scenario), story.ensembles[scenario]))
