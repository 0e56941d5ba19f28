"""Contract accountability: a duty on CRCs to spend a share of income on the supply chain, enforced by credits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.parameters.record import count, number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractAccountability(Lever):
    """The duty and what a CRC loses by falling short of it."""

    name: ClassVar[str] = "contract_accountability"
    title: ClassVar[str] = "Contract accountability"

    least_spend_share: float = number(
        "share of income", 0, 1, (0.04, 0.12), "J", "judgement; bids planned about 12% of the fee", "CRC budgets"
    )
    credit_share: float = number(
        "share of the shortfall deducted from the fee", 0, 2, (0.0, 1.0), "J", "judgement", "CRC income"
    )
    lots_per_review: int = count(
        "most tenders a CRC opens at a review to comply", 1, 50, (1, 4), "J", "judgement", "how fast CRCs comply"
    )

    def begin(self, system: System) -> None:
        system.rules.least_spend_share = self.least_spend_share
        system.rules.least_spend_credit_share = self.credit_share
        system.rules.least_spend_lots_per_review = self.lots_per_review

    def finish(self, system: System) -> None:
        system.rules.least_spend_share = 0.0
        system.rules.least_spend_credit_share = 0.0

    def inert_because(self, scenario: Scenario) -> str | None:
        return "least_spend_share is 0" if self.least_spend_share == 0.0 else None
