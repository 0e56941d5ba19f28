"""One fully specified world to simulate: everything a replication needs apart from its luck.

A ``Scenario`` is frozen and holds no files, paths or Hydra objects; it is built and checked by ``sim.settings``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.calendar import Calendar
from sim.categories import CATEGORY_INDEX, CRC_SERVICE, N_CATEGORIES
from sim.parameters.demand import Demand
from sim.parameters.finance import Finance
from sim.parameters.nps import Nps
from sim.parameters.provider import Provider
from sim.parameters.rate_card import RateCard
from sim.parameters.supply_chain import SupplyChain
from sim.world.places import World

if TYPE_CHECKING:
    from sim.policy.base import Policy


@dataclass(frozen=True, slots=True)
class Horizon:
    """The dates of a run: first and last day, planned contract end, snapshot, and where the verdict starts."""

    start: date
    end: date
    contract_end: date
    snapshot: date
    verdict_from: date

    def calendar(self) -> Calendar:
        """The calendar of the run."""
        return Calendar.between(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Record:
    """What a run keeps beside its monthly panels: the organisations' event log, one row a case."""

    events: bool = False
    cases: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world under rules, without its luck.

    Attributes:
        name: the scenario's name in tables and folders (the policy's name, or what a sweep varies).
        policy: the dated levers; None is to do nothing.
    """

    name: str
    world: World
    horizon: Horizon
    demand: Demand
    finance: Finance
    supply_chain: SupplyChain
    rate_card: RateCard
    nps: Nps
    provider: Provider
    record: Record = Record()
    policy: Policy | None = None


def expected_referrals(scenario: Scenario) -> NDArray[np.float64]:
    """Referrals a year that bidders planned for: shape (areas, categories, services), at the start's volumes."""
    demand = scenario.demand
    need = np.array(demand.need_share) * np.array(demand.specialist_share) * demand.detection_share
    need[CATEGORY_INDEX["women"]] *= demand.women_share
    need[CATEGORY_INDEX["young_adults"]] *= demand.young_adult_share
    starts = np.array(scenario.world.caseload_of_area) * demand.crc_starts_per_person_supervised * demand.people_scale
    expected = np.zeros((len(starts), N_CATEGORIES, 2))
    expected[:, :, CRC_SERVICE] = starts[:, None] * need[None, :]
    expected[:, :, 1 - CRC_SERVICE] = expected[:, :, CRC_SERVICE] * demand.nps_starts_per_crc_start
    return expected
