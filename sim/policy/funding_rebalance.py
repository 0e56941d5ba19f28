"""Funding rebalance: a fee that reflects fixed cost, or a contract variation of another size or date, none included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.parameters.record import number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRebalance(Lever):
    """More (or less) fee for service from a date."""

    name: ClassVar[str] = "funding_rebalance"
    title: ClassVar[str] = "Funding rebalance"
    moves_funding: ClassVar[bool] = True

    fixed_fee_share: float = number(
        "share of the fee that no longer follows volume",
        0,
        1,
        (0.0, 0.77),
        "J",
        "77% of cost was later accepted as fixed (recalled)",
        "CRC income",
    )
    variation_gbp: float | None = number(
        "GBP over the rest of the contracts, all 21 CRCs, instead of the 2017 variation", 0, 5e9, (0, 9e8), "J",
        "judgement; null keeps the 2017 variation", "CRC income", optional=True,
    )  # fmt: skip

    def begin(self, system: System) -> None:
        system.rules.fixed_fee_share = self.fixed_fee_share
        if self.variation_gbp is not None:
            system.rules.variation_replaced = True
            for crc in system.crcs:
                crc.accounts.rescue_gbp_per_month = 0.0
            if self.variation_gbp > 0.0:
                system.ministry.vary_contracts(self.variation_gbp)

    def finish(self, system: System) -> None:
        system.rules.fixed_fee_share = 0.0

    def inert_because(self, scenario: Scenario) -> str | None:
        if self.fixed_fee_share == 0.0 and self.variation_gbp is None:
            return "fixed_fee_share is 0 and variation_gbp is null"
        return None
