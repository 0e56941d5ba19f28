"""Needs data: officers identify more of people's needs, and buyers learn how much of it goes unmet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.clock import Phase, Process
from sim.ledger import WORLD
from sim.parameters.record import number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsData(Lever):
    """Better detection and a periodic needs analysis."""

    name: ClassVar[str] = "needs_data"
    title: ClassVar[str] = "Needs data"

    detection_share: float = number(
        "share of needs identified", 0, 1, (0.8, 0.95), "J", "judgement", "needs identified"
    )
    known_share: float = number("share of unmet need known to buyers", 0, 1, (0.5, 0.95), "J", "judgement", "tenders")
    analysis_gbp_per_area_year: float = number(
        "GBP an area a year", 0, 1e7, (5e3, 5e4), "J", "judgement: part of an analyst's post", "public cost"
    )

    def begin(self, system: System) -> None:
        self._set(system, self.detection_share, self.known_share)
        system.env.process(self._pay(system))

    def finish(self, system: System) -> None:
        demand, chain = system.scenario.demand, system.scenario.supply_chain
        self._set(system, demand.detection_share, chain.known_share)

    def _set(self, system: System, detection: float, known: float) -> None:
        system.rules.known_share = known
        system.flow.set_detection(np.full(len(system.world.areas), detection), system.now)

    def _pay(self, system: System) -> Process:
        """The analysts are paid while the lever is in force."""
        last = system.calendar.day(self.end) if self.end else system.calendar.n_days
        while True:
            yield system.clock.wait(Phase.MINISTRY)
            if system.now > last:
                return
            yearly = self.analysis_gbp_per_area_year * len(system.world.areas)
            system.ministry.pay(WORLD, yearly * system.month_length / 12.0, "needs analysis")

    def inert_because(self, scenario: Scenario) -> str | None:
        same = (
            self.detection_share == scenario.demand.detection_share
            and self.known_share == scenario.supply_chain.known_share
            and self.analysis_gbp_per_area_year == 0.0
        )
        return "detection_share and known_share are those of the baseline" if same else None
