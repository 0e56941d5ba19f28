"""An NPS division: what its officers may spend on rate cards, released month by month, and what is paid.

What officers do with the money is theirs to decide (``sim.agents.purchasers``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.categories import NPS_SERVICE
from sim.clock import Phase, Process

if TYPE_CHECKING:
    from sim.system import System

FINANCIAL_YEAR_BEGINS = 4  # April


class NpsDivision:
    """The budget holder of one division.

    Attributes:
        areas: indices of its areas.
    """

    def __init__(self, system: System, name: str, index: int) -> None:
        self._system = system
        self.name = name
        self.index = index
        self.account = f"nps:{name}"
        self.areas = tuple(i for i, d in enumerate(system.world.division_of_area) if d == index)
        self._fair_price_gbp = np.array(system.scenario.supply_chain.fair_price_gbp)
        self._crcs = [crc for crc in system.crcs if crc.crc.division == name]
        self._crc_areas = [np.array(crc.book.areas) for crc in self._crcs]
        self._expected_a_year = system.expected_referrals[list(self.areas), :, NPS_SERVICE].sum()
        self._expected_gbp: dict[tuple[int, ...], float] = {}  # a year at fair prices, by areas asked for
        system.env.process(self.run())

    def plan_purchases_per_month(self) -> float:
        """Purchases a month that the division planned for."""
        nps, rules = self._system.scenario.nps, self._system.rules
        return float(nps.plan_share * rules.plan_scale * self._expected_a_year / 12.0)

    def plan_gbp_per_year(self, areas: tuple[int, ...]) -> float:
        """Money planned for specialist services in some of its areas, at fair prices."""
        system, nps = self._system, self._system.scenario.nps
        expected = self._expected_gbp.get(areas)
        if expected is None:
            referrals = system.expected_referrals[list(areas), :, NPS_SERVICE]
            expected = self._expected_gbp[areas] = float((referrals @ self._fair_price_gbp).sum())
        return nps.plan_share * nps.budget_of_plan_share * system.rules.plan_scale * expected

    def budget_gbp_per_month(self) -> float:
        """Money released each month to buy from cards: the plan, less what is pledged to joint boards."""
        pledged = sum([c.board.nps_pledge_gbp_per_year() for c in self._crcs if c.board is not None])
        return max(0.0, self.plan_gbp_per_year(self.areas) - pledged) / 12.0

    # --- its month -----------------------------------------------------------------------------------------------

    def run(self) -> Process:
        """Pay for services begun, and release the next month's money."""
        self._release()
        clock = self._system.clock
        while True:
            yield clock.wait(Phase.SETTLE)
            self._pay()
            yield clock.wait(Phase.DIVISIONS)
            self._release()

    def _release(self) -> None:
        """Release a month's money; what is left on 31 March lapses, as public money does."""
        system = self._system
        gbp = self.budget_gbp_per_month()
        if system.calendar.date_of(system.now).month == FINANCIAL_YEAR_BEGINS:
            gbp -= float(system.flow.budget_left_gbp[self.index])
        system.flow.release_budget(self.index, gbp, system.case_day)

    def _pay(self) -> None:
        """Pay each CRC for the purchased services that began, at the price agreed; a block is paid used or not."""
        system, rules = self._system, self._system.rules
        tally = system.tally
        assert tally is not None
        for crc, areas in zip(self._crcs, self._crc_areas, strict=True):
            due = float(tally.nps_started_gbp[areas].sum())
            if rules.block_share > 0.0:
                pledged = crc.board.nps_pledge_gbp_per_year() if crc.board is not None else 0.0
                free = max(0.0, self.plan_gbp_per_year(crc.book.areas) - pledged)
                due = max(due, rules.block_share * free * system.month_length / 12.0)
            gbp = system.ledger.transfer(self.account, crc.accounts.account, due, "card purchases")
            crc.accounts.receive(gbp)
            system.nps_spend_gbp[crc.index] = gbp
            system.ministry.month_spent_gbp += gbp
