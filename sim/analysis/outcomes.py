"""The few outcomes that effects and costs are told on, each one number a replication over the last 12 months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.analysis.ensemble import Ensemble
from sim.analysis.summaries import summarise
from sim.categories import FATES, SERVED_FATES
from sim.observe.measures import BY_NAME, HEADLINE
from sim.observe.results import FloatArray

MET: Final = tuple(f"needs_{FATES[i]}" for i in SERVED_FATES)
PUBLIC: Final = "public_cost_gbp"


@dataclass(frozen=True)
class Outcome:
    """A number a replication.

    Attributes:
        name: its column name, with its unit.
        take: from the replications of a scenario to one value each.
    """

    name: str
    label: str
    unit: str
    take: Callable[[Ensemble], FloatArray]


def headline(ensemble: Ensemble) -> FloatArray:
    """Paid to tier 2 and tier 3 over the 12 months to the end, GBP a year."""
    return summarise(BY_NAME[HEADLINE], ensemble.national(HEADLINE))


def needs_met(ensemble: Ensemble) -> FloatArray:
    """Needs met by tier 2, tier 3, in-house or a body without a contract, in the last 12 months."""
    return np.asarray(np.sum([summarise(BY_NAME[name], ensemble.national(name)) for name in MET], axis=0))


def public_cost(ensemble: Ensemble) -> FloatArray:
    """Public money spent in the last 12 months, GBP."""
    return summarise(BY_NAME[PUBLIC], ensemble.national(PUBLIC))


OUTCOMES: Final = (
    Outcome(HEADLINE, BY_NAME[HEADLINE].label, "GBP a year", headline),
    Outcome("needs_met_per_year", "Needs met", "needs a year", needs_met),
    Outcome("public_cost_gbp_per_year", BY_NAME[PUBLIC].label, "GBP a year", public_cost),
)
