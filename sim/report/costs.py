"""What an option costs the public against what it brings: a year, pair by pair, against doing nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.intervals import EMPTY, Interval, t_interval
from sim.categories import FATES, SERVED_FATES
from sim.report.story import Story
from sim.report.words import money


@dataclass(frozen=True, slots=True)
class Cost:
    """Per year of the last 12 months.

    Attributes:
        public_gbp: extra public money.
        needs_met: extra needs met.
        per_need_gbp: the one over the other; NaN unless both are clearly above zero.
    """

    public_gbp: Interval
    needs_met: Interval
    per_need_gbp: float

    @property
    def public_words(self) -> str:
        """Extra public money a year, with its sign."""
        return money(self.public_gbp.mean, self.public_gbp.half_width, signed=True) if self.public_gbp.n else "-"

    @property
    def per_need_words(self) -> str:
        """Public money per extra need met, or a dash where the ratio would mean nothing."""
        return money(self.per_need_gbp) if math.isfinite(self.per_need_gbp) else "-"


def cost_of(story: Story, scenario: str) -> Cost:
    """The cost of a scenario that was compared with doing nothing."""
    found = {d.measure: d for d in story.differences if d.scenario == scenario}
    public = found["public_cost_gbp"].difference if "public_cost_gbp" in found else EMPTY
    met = [found[name] for i in SERVED_FATES if (name := f"needs_{FATES[i]}") in found]
    whole = bool(met) and len({d.n for d in met}) == 1
    needs = t_interval(np.sum([d.differences for d in met], axis=0)) if whole else EMPTY
    clear = public.known and needs.known and public.low > 0 and needs.low > 0
    return Cost(public, needs, public.mean / needs.mean if clear else math.nan)
