"""Rate-card reform: a deadline, a mark-up cap or a regulated price, a wider range, block purchase, or abolition.

Abolition names its successor: nothing, block purchase from the CRCs, or the NPS's money pooled in local boards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.calendar import DAYS_PER_MONTH
from sim.clock import Process
from sim.parameters.record import choice, count, flag, number
from sim.policy.base import Lever
from sim.policy.joint_commissioning import JointCommissioning, open_board

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System

NONE, BLOCK, POOLED = "none", "block", "pooled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCardReform(Lever):
    """What changes about the card."""

    name: ClassVar[str] = "rate_card_reform"
    title: ClassVar[str] = "Rate-card reform"

    deadline_months: float = number(
        "months by which every card is out and revised under the new rules",
        0,
        60,
        (1, 6),
        "J",
        "judgement",
        "publication and revision",
    )
    markup_cap_share: float | None = number(
        "share of unit cost", 0, 3, (0.0, 0.15), "J", "judgement; null for none", "card prices", optional=True
    )
    regulated_price_ratio: float | None = number(
        "regulated price over the fair price",
        0.1,
        5,
        (0.9, 1.2),
        "J",
        "judgement; null for none",
        "card prices",
        optional=True,
    )
    extra_range_share: float = number(
        "share of services not otherwise on it that every card must add", 0, 1, (0.0, 1.0), "J", "judgement", "range"
    )
    block_share: float = number(
        "share of the NPS plan bought in blocks", 0, 1, (0.0, 1.0), "J", "judgement", "purchases"
    )
    block_discount_share: float = number(
        "share off the card price in a block", 0, 1, (0.0, 0.15), "J", "judgement", "price"
    )
    plan_scale: float = number(
        "times the NPS plan",
        0,
        10,
        (0.7, 2.5),
        "J",
        "judgement: the plan's size was never published",
        "size of the plan",
    )
    abolish: bool = flag("set", "a setting of the policy", "whether the card goes")
    successor: str = choice((NONE, BLOCK, POOLED), "set", "a setting of the policy", "what follows an abolished card")
    pooled_lot_areas: int = count("areas in a lot of a successor board", 1, 50, (1, 8), "J", "judgement", "who can win")
    pooled_mobilise_months: float = number(
        "months over which successor boards come into being", 0, 120, (6, 36), "J", "judgement", "when boards buy"
    )
    pooled_lots_per_quarter: int = count(
        "tenders a successor board opens a quarter", 1, 50, (1, 4), "J", "judgement", "how fast boards buy"
    )
    pooled_known_share: float = number(
        "share of unmet need a successor board knows", 0, 1, (0.4, 0.9), "J", "judgement", "what is bought"
    )
    pooled_price_ratio: float = number(
        "price a successor board offers over the fair price", 0.1, 5, (0.9, 1.1), "J", "judgement", "who bids"
    )

    def begin(self, system: System) -> None:
        rules = system.rules
        rules.plan_scale = self.plan_scale
        if self.abolish:
            self._abolish(system)
            return
        if self.markup_cap_share is not None:
            rules.markup_cap_share = self.markup_cap_share
        if self.regulated_price_ratio is not None:
            rules.pricing, rules.regulated_price_ratio = "regulated", self.regulated_price_ratio
        rules.extra_range_share = max(rules.extra_range_share, self.extra_range_share)
        rules.block_share, rules.block_discount_share = self.block_share, self.block_discount_share
        for crc in system.crcs:
            delay = system.luck.between(0.0, self.deadline_months, "reform", crc.code) * DAYS_PER_MONTH
            system.env.process(_publish(system, crc.index, delay))

    def _abolish(self, system: System) -> None:
        rules = system.rules
        rules.case_by_case = False
        if self.successor == BLOCK:
            rules.block_share, rules.block_discount_share = 1.0, self.block_discount_share
        system.purchasers.renew_terms()
        if self.successor == POOLED:
            pool = self._pool()
            for crc in system.crcs:
                delay = system.luck.between(0.0, pool.mobilise_months, "board", crc.code) * DAYS_PER_MONTH
                system.env.process(open_board(system, crc, delay, pool, crc_share=0.0, nps_share=1.0))

    def _pool(self) -> JointCommissioning:
        """The terms of a successor board: all of the NPS's plan, nothing of the CRC's."""
        return JointCommissioning(
            start=self.start,
            end=self.end,
            active=True,
            pooled_share=1.0,
            lot_areas=self.pooled_lot_areas,
            mobilise_months=self.pooled_mobilise_months,
            lots_per_quarter=self.pooled_lots_per_quarter,
            known_share=self.pooled_known_share,
            price_ratio=self.pooled_price_ratio,
        )

    def finish(self, system: System) -> None:
        card, rules = system.scenario.rate_card, system.rules
        rules.case_by_case, rules.block_share, rules.block_discount_share, rules.plan_scale = True, 0.0, 0.0, 1.0
        rules.markup_cap_share, rules.pricing = card.markup_cap_share, card.pricing
        rules.regulated_price_ratio, rules.extra_range_share = card.regulated_price_ratio, card.extra_range_share
        for board in system.boards:
            if board.lever == self._pool():
                board.buying = False
        system.purchasers.renew_terms()

    def inert_because(self, scenario: Scenario) -> str | None:
        changes = (
            self.abolish
            or self.markup_cap_share is not None
            or self.regulated_price_ratio is not None
            or self.extra_range_share > scenario.rate_card.extra_range_share
            or self.block_share > 0.0
            or self.plan_scale != 1.0
        )
        return None if changes else "no cap, no regulated price, no wider range, no block, and the card stays"

    def contradiction(self) -> str | None:
        """Two settings of this lever that cannot both hold; None when there are none."""
        if self.abolish:
            for name in ("markup_cap_share", "regulated_price_ratio"):
                if getattr(self, name) is not None:
                    return f"abolish and {name} contradict; keep one"
            for name in ("extra_range_share", "block_share"):
                if getattr(self, name) > 0.0:
                    return f"abolish and {name} contradict; keep one (successor: block buys in blocks)"
        elif self.successor != NONE:
            return f"successor is {self.successor} but the card is not abolished"
        if self.markup_cap_share is not None and self.regulated_price_ratio is not None:
            return "markup_cap_share and regulated_price_ratio contradict; keep one"
        return None


def _publish(system: System, crc: int, delay_days: float) -> Process:
    """A CRC brings out a version under the new rules."""
    yield system.env.timeout(delay_days)
    system.crcs[crc].card.publish()
