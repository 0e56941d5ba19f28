"""The ministry: pays CRCs, and makes the contract variation of 2017 when income has fallen too far below the bid.

It owns every policy lever; a lever changes the rules in force or hands the ministry something to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.clock import Process
from sim.system import MINISTRY_ACCOUNT

if TYPE_CHECKING:
    from sim.system import System


class Ministry:
    """The payer of tier 1.

    Attributes:
        month_spent_gbp: public money paid out this month.
    """

    account = MINISTRY_ACCOUNT

    def __init__(self, system: System) -> None:
        self._system = system
        self.month_spent_gbp = 0.0
        system.env.process(self.run_variation())

    def pay(self, payee: str, gbp: float, kind: str) -> float:
        """Pay public money; returns what was paid."""
        paid = self._system.ledger.transfer(self.account, payee, gbp, kind)
        self.month_spent_gbp += paid
        return paid

    def take(self, payer: str, gbp: float, kind: str) -> float:
        """Deduct money from a payment; returns what was deducted."""
        taken = self._system.ledger.transfer(payer, self.account, gbp, kind)
        self.month_spent_gbp -= taken
        return taken

    def run_variation(self) -> Process:
        """The dated contract variation: a sum over the rest of the contracts, shared by fee lost to low volume."""
        system, finance = self._system, self._system.scenario.finance
        if finance.rescue_date is None or finance.rescue_gbp <= 0.0:
            return
        day = system.calendar.day(finance.rescue_date)
        if day < 0:
            return
        yield system.env.timeout(day)
        if not system.rules.variation_replaced:
            self.vary_contracts(finance.rescue_gbp)

    def vary_contracts(self, national_gbp: float) -> None:
        """Add money to every CRC's contract for its remaining months, in proportion to the fee it has lost.

        A world smaller than the nation takes its share of the national sum by bid fee.
        """
        system = self._system
        fee = sum(c.accounts.fee_gbp_per_year for c in system.crcs)
        lost = {c.code: c.accounts.fee_gbp_per_year * c.accounts.shortfall(system.now) for c in system.crcs}
        total_lost = sum(lost.values())
        national_fee = system.world.national_bid_fee_gbp_per_year
        if total_lost <= 0.0 or national_fee <= 0.0:
            return
        total = national_gbp * min(1.0, fee / national_fee)
        for crc in system.crcs:
            months = crc.accounts.remaining_months()
            if months > 0.0:
                crc.accounts.rescue_gbp_per_month += total * lost[crc.code] / total_lost / months
        system.tell("contracts_varied", "ministry", f"gbp={total:.0f}")
