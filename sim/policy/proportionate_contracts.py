"""Proportionate contracts: the agreement's burden scales with its value; terms are longer, payment is faster."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.calendar import DAYS_PER_MONTH
from sim.clock import Process
from sim.parameters.record import count, flag, number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionateContracts(Lever):
    """The standard agreement made to measure, for new contracts and by variation of existing ones."""

    name: ClassVar[str] = "proportionate_contracts"
    title: ClassVar[str] = "Proportionate contracts"

    burden_share: float = number(
        "most burden, share of the contract's value", 0, 1, (0.01, 0.05), "J", "judgement", "who bids; bodies' results"
    )
    vary_existing: bool = flag("J", "judgement", "whether existing contracts are varied too")
    variation_months: float = number(
        "months over which existing contracts are varied", 0, 120, (3, 24), "J", "judgement", "bodies' results"
    )
    term_months_low: int = count("months", 1, 240, (24, 60), "J", "judgement", "terms")
    term_months_high: int = count("months", 1, 240, (36, 84), "J", "judgement", "terms")
    payment_delay_months: int = count("months", 0, 12, (0, 1), "J", "judgement", "bodies' cash")

    def begin(self, system: System) -> None:
        rules = system.rules
        rules.burden_share = self.burden_share
        rules.term_months_low, rules.term_months_high = self.term_months_low, self.term_months_high
        rules.payment_delay_months = self.payment_delay_months
        if self.vary_existing:
            system.env.process(self._vary(system))

    def _vary(self, system: System) -> Process:
        """Existing contracts are varied one by one, each at a moment of its own; bills already written stand."""
        contracts = [c for book in system.books for c in book.contracts]
        moments = [
            (system.luck.between(0.0, self.variation_months, "variation", c.code) * DAYS_PER_MONTH, c.code, c)
            for c in contracts
        ]
        began = system.now
        for after, code, contract in sorted(moments, key=lambda row: row[:2]):
            yield system.env.timeout(began + after - system.now)
            if not contract.live:
                continue
            contract.burden_gbp_per_year = min(
                contract.burden_gbp_per_year, system.rules.burden_gbp(contract.value_gbp_per_year)
            )
            contract.payment_delay_months = min(contract.payment_delay_months, system.rules.payment_delay_months)
            system.tell("contract_varied", contract.provider.body.code, f"contract={code}")

    def finish(self, system: System) -> None:
        rules, chain = system.rules, system.scenario.supply_chain
        rules.burden_share = math.inf
        rules.term_months_low, rules.term_months_high = chain.term_months_low, chain.term_months_high
        rules.payment_delay_months = system.scenario.finance.payment_delay_months

    def contradiction(self) -> str | None:
        if self.term_months_low > self.term_months_high:
            return f"term_months_low {self.term_months_low} exceeds term_months_high {self.term_months_high}"
        return None

    def inert_because(self, scenario: Scenario) -> str | None:
        chain, finance = scenario.supply_chain, scenario.finance
        same = (
            self.burden_share >= 1.0
            and (self.term_months_low, self.term_months_high) == (chain.term_months_low, chain.term_months_high)
            and self.payment_delay_months == finance.payment_delay_months
        )
        return "burden, terms and payment are those of the baseline" if same else None
