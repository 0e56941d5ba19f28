"""NPS divisions and their officers: hearing of the card, judging it, and being allowed to buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sim.parameters.record import Described, day, number

_SKETCH = "prior of the design sketch"


@dataclass(frozen=True, slots=True)
class Nps(Described):
    """The reluctant purchaser."""

    plan_share: float = number(
        "share of the NPS's specialist need planned to be bought from cards", 0, 1, (0.16, 0.43), "J", _SKETCH,
        "budget and the plan of pattern C11",
    )  # fmt: skip
    budget_of_plan_share: float = number(
        "budget as a share of the plan", 0, 5, (0.8, 1.2), "J", "judgement: the plan is the budget", "purchases"
    )
    awareness_at_publication_share: float = number(
        "share of officers", 0, 1, (0.0, 0.1), "J", "many did not know what was on offer (S)", "awareness"
    )
    awareness_contact_per_month: float = number("a month", 0, 5, (0.11, 0.21), "J", _SKETCH, "awareness")
    awareness_push_before_per_month: float = number(
        "a month, while told not to buy", 0, 1, (0.005, 0.02), "J", _SKETCH, "awareness"
    )
    awareness_push_after_per_month: float = number(
        "a month, once pressed to buy", 0, 1, (0.01, 0.057), "J", _SKETCH, "awareness"
    )
    awareness_fade_per_month: float = number(
        "a month", 0, 1, (0.02, 0.048), "J", _SKETCH + ": staff turnover", "awareness"
    )
    purchase_intercept: float = number("log odds", -10, 10, (0.3, 1.9), "J", _SKETCH, "purchases")
    price_slope: float = number("log odds per unit of price ratio", 0, 50, (1.9, 5.7), "J", _SKETCH, "purchases")
    price_reference_ratio: float = number("ratio to the fair price", 0.1, 5, (1.1, 1.4), "J", _SKETCH, "purchases")
    belief_slope: float = number("log odds per unit of believed success", 0, 50, (3.7, 10), "J", _SKETCH, "purchases")
    belief_reference_share: float = number("share", 0, 1, (0.45, 0.6), "J", _SKETCH, "purchases")
    belief_prior_share: float = number("believed share of successes", 0.01, 0.99, (0.3, 0.5), "J", _SKETCH, "purchases")
    belief_prior_weight: float = number("cases", 0.1, 1000, (4, 16), "J", _SKETCH, "how fast officers learn")
    success_share_at_quality_one: float = number(
        "share of purchases an officer counts as a success", 0, 1, (0.5, 0.7), "J", "judgement", "what officers learn"
    )
    reluctance: float = number("log odds, mean over areas", -10, 20, (0.35, 0.7), "J", _SKETCH, "purchases")
    reluctance_sd: float = number("log odds", 0, 10, (0.75, 1.6), "J", _SKETCH, "areas that buy little")
    ban_share: float = number(
        "share of areas whose head forbids buying", 0, 1, (0.11, 0.61), "J", "told not to buy (Q2), share " + _SKETCH,
        "areas with no purchases",
    )  # fmt: skip
    ban_lifted: date | None = day(
        "Q2",
        "by February 2018 staff were pressed to buy",
        "when bans end; null for never",
        optional=True,
        date="2018-02",
    )
    alternative_share_per_body: float = number(
        "chance that one living body nearby takes a person without a contract", 0, 1, (0.02, 0.15), "J", "judgement",
        "needs met outside the supply chain, both services",
    )  # fmt: skip
