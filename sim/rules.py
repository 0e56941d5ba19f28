"""What agents are allowed or obliged to do now: policy levers change it at their dates and nothing else does."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.scenario import Scenario


@dataclass(slots=True)
class Rules:
    """What agents may and must do now. Levers change these at their dates; agents read them when they decide."""

    pricing: str
    markup_cap_share: float | None
    regulated_price_ratio: float
    extra_range_share: float
    known_share: float
    standard_burden_gbp_per_year: float
    burden_share: float
    term_months_low: int
    term_months_high: int
    payment_delay_months: int
    # duty to spend: share of income, share of the shortfall deducted, most tenders a review
    least_spend_share: float = 0.0
    least_spend_credit_share: float = 0.0
    least_spend_lots_per_review: int = 0
    # the fee: share that no longer follows volume, and whether the 2017 variation is replaced
    fixed_fee_share: float = 0.0
    variation_replaced: bool = False
    # the rate card: whether officers may buy case by case, and the share of the NPS budget bought in blocks
    case_by_case: bool = True
    block_share: float = 0.0
    block_discount_share: float = 0.0
    plan_scale: float = 1.0

    def burden_gbp(self, value_gbp_per_year: float) -> float:
        """What the agreement costs a provider a year: the standard sum, or a share of the value if that is less."""
        return min(self.standard_burden_gbp_per_year, self.burden_share * value_gbp_per_year)

    @classmethod
    def at_start(cls, scenario: Scenario) -> Rules:
        """The rules of the scenario before any lever."""
        card, chain = scenario.rate_card, scenario.supply_chain
        return cls(
            pricing=card.pricing,
            markup_cap_share=card.markup_cap_share,
            regulated_price_ratio=card.regulated_price_ratio,
            extra_range_share=card.extra_range_share,
            known_share=chain.known_share,
            standard_burden_gbp_per_year=chain.agreement_burden_gbp_per_year,
            burden_share=math.inf,
            term_months_low=chain.term_months_low,
            term_months_high=chain.term_months_high,
            payment_delay_months=scenario.finance.payment_delay_months,
        )
