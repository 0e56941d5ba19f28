"""An owner: pools its CRCs' results, bears losses up to a tolerance, then may fail.

When it fails its CRCs pass to a caretaker; each of their contracts is carried over or dropped, and what was owed to
bodies is lost.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.clock import Phase, Process

if TYPE_CHECKING:
    from sim.agents.crc import CrcAgent
    from sim.system import System

CARETAKER = "Caretaker"


class Owner:
    """The parent of one or more CRCs.

    Attributes:
        crcs: those it owns now.
        pooled_gbp: result pooled since the start.
        failed: whether it has given up.
    """

    def __init__(self, system: System, name: str) -> None:
        finance, luck = system.scenario.finance, system.luck
        self._system = system
        self.name = name
        self.account = f"owner:{name}"
        self.crcs: list[CrcAgent] = []
        self.pooled_gbp = 0.0
        self.failed = False
        self._income: deque[float] = deque(maxlen=12)
        self._month_income_gbp = 0.0
        self.tolerance_share = luck.lognormal(
            finance.owner_tolerance_share, finance.owner_tolerance_log_sd, "tolerance", name
        )
        system.env.process(self.run())

    def take_on(self, crc: CrcAgent) -> None:
        """Become the owner of a CRC."""
        crc.owner = self
        self.crcs.append(crc)

    def pool(self, crc: CrcAgent) -> None:
        """Take a CRC's month, surplus or deficit, into the group's account."""
        ledger = self._system.ledger
        gbp = ledger.transfer(
            crc.accounts.account, self.account, ledger.balance_gbp(crc.accounts.account), "group result"
        )
        self.pooled_gbp += gbp
        self._month_income_gbp += crc.accounts.month_income_gbp

    def run(self) -> Process:
        """Each month, once all its CRCs have closed: go on, or give up."""
        system, finance = self._system, self._system.scenario.finance
        while not self.failed:
            yield system.clock.wait(Phase.OWNERS)
            self._income.append(self._month_income_gbp)
            self._month_income_gbp = 0.0
            if self.name == CARETAKER or not self.crcs:
                continue
            income = sum(self._income) * 12.0 / len(self._income)
            if self.pooled_gbp >= -self.tolerance_share * income or self.pooled_gbp >= 0.0:
                continue
            chance = finance.owner_failure_rate_per_year / 12.0
            if system.luck.happens(chance, "owner failure", self.name, system.clock.month):
                self.fail()

    def fail(self) -> None:
        """Give up: CRCs pass to the caretaker, contracts are novated or dropped, unpaid invoices are lost."""
        system, finance = self._system, self._system.scenario.finance
        self.failed = True
        system.tell("owner_failed", self.name, f"pooled_gbp={self.pooled_gbp:.0f} crcs={len(self.crcs)}")
        caretaker = system.caretaker()
        for crc in list(self.crcs):
            hit = crc.book.lose_bills()
            for contract in list(crc.book.contracts):
                if system.luck.happens(finance.novation_share, "novation", contract.code):
                    system.tell("contract_novated", contract.provider.body.code, f"contract={contract.code}")
                else:
                    hit.add(contract.provider.body.code)
                    crc.book.end(contract, "owner failed")
            system.bodies_hit |= hit
            self.crcs.remove(crc)
            caretaker.take_on(crc)
