"""Stewardship: a ministry fund with two arms, tabled apart.

Liquidity keeps bodies near exhaustion alive; granted capacity buys places from bodies in areas with few providers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from sim.agents.commissioner import Commissioner
from sim.clock import Phase, Process
from sim.parameters.record import count, number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System

_GRANTS = "HMPPS 2022: grants of GBP 8,000 to 250,000 a year, up to 36 months"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stewardship(Lever):
    """The fund and how it is used."""

    name: ClassVar[str] = "stewardship"
    title: ClassVar[str] = "Stewardship fund"

    amount_gbp_per_year: float = number("GBP a year", 0, 2e8, (1e6, 2e7), "J", "judgement", "size of the fund")
    grants_share: float = number(
        "share of the fund for granted capacity", 0, 1, (0.0, 1.0), "J", "judgement", "arms of the fund"
    )
    grant_least_gbp: float = number("GBP a year", 0, 1e7, None, "Q", _GRANTS, "size of grants", date="2022")
    grant_most_gbp: float = number("GBP a year", 0, 1e8, None, "Q", _GRANTS, "size of grants", date="2022")
    grant_months: int = count("months", 1, 120, (12, 36), "Q", _GRANTS, "length of grants", date="2022")
    grant_round_months: int = count(
        "months between two rounds of grants", 1, 60, (1, 12), "J", "judgement", "when grants begin"
    )
    grant_price_ratio: float = number(
        "price a grant pays, over the fair price", 0.1, 5, (0.9, 1.1), "J", "judgement: in full", "size of grants"
    )
    grant_guaranteed_share: float = number(
        "share of a grant paid whatever the referrals", 0, 1, (0.8, 1.0), "J", "judgement: a grant is not paid by case",
        "bodies' income",
    )  # fmt: skip
    grant_burden_gbp_per_year: float = number(
        "GBP a year", 0, 1e6, (500, 4000), "J", "a grant letter, not the standard agreement", "who applies"
    )
    thin_area_links: int = count(
        "tier 2 links at or below which an area is thin", 0, 50, (0, 3), "J", "judgement", "where grants go"
    )
    weak_reserves_months: float = number(
        "months of turnover", 0, 24, (0.25, 1.0), "J", "judgement", "who gets liquidity"
    )
    top_up_to_months: float = number("months of turnover", 0, 24, (0.5, 2.0), "J", "judgement", "how much liquidity")

    def begin(self, system: System) -> None:
        fund = Fund(system, self)
        system.stewards.append(fund)

    def finish(self, system: System) -> None:
        for fund in system.stewards:
            fund.buying = False

    def inert_because(self, scenario: Scenario) -> str | None:
        return "amount_gbp_per_year is 0" if self.amount_gbp_per_year == 0.0 else None


class Fund(Commissioner):
    """The ministry as steward.

    Attributes:
        liquidity_gbp: paid so far to bodies near exhaustion.
    """

    def __init__(self, system: System, lever: Stewardship) -> None:
        super().__init__(system, "steward", system.ministry.account, "granted")
        self._lever = lever
        self._liquidity_left_gbp = 0.0
        self.liquidity_gbp = 0.0
        system.env.process(self.run())

    def fund(self, gbp: float) -> None:
        """Grants are paid straight from the ministry's account: count them as public money."""
        self.system.ministry.month_spent_gbp += gbp

    def run(self) -> Process:
        """Each month, liquidity to the weakest; in rounds, grants where providers are few."""
        system, lever = self.system, self._lever
        while True:
            yield system.clock.wait(Phase.BODIES)
            if not self.buying:
                return
            month_gbp = lever.amount_gbp_per_year * (1.0 - lever.grants_share) * system.month_length / 12.0
            self._liquidity_left_gbp += month_gbp
            self._support_the_weak()
            yield system.clock.wait(Phase.REVIEWS)
            if system.clock.month % lever.grant_round_months == 0:
                self._grant()

    def _support_the_weak(self) -> None:
        """Top up bodies that deliver contracts and are near exhaustion, weakest first, while money lasts."""
        system, lever = self.system, self._lever
        weak = [
            (p.reserves_months, p.body.code, p)
            for p in system.providers
            if p.alive and (p.contracts or p.subs) and p.reserves_months < lever.weak_reserves_months
        ]
        for months, _, provider in sorted(weak, key=lambda row: row[:2]):
            gap = (lever.top_up_to_months - months) * provider.body.turnover_gbp_per_year / 12.0
            gbp = min(gap, self._liquidity_left_gbp)
            if gbp <= 0.0:
                break
            self._liquidity_left_gbp -= gbp
            self.liquidity_gbp += system.ministry.pay(provider.account, gbp, "stewardship liquidity")
            system.tell("liquidity_granted", provider.body.code, f"gbp={gbp:.2f}")

    def _grant(self) -> None:
        """Offer grants in thin areas, thinnest first, for what is most lacking there, while the fund's year lasts."""
        system, lever = self.system, self._lever
        free = lever.amount_gbp_per_year * lever.grants_share - self.committed_gbp_per_year()
        links = system.links_by_area()
        thin = [int(a) for a in np.argsort(links, kind="stable") if links[a] <= lever.thin_area_links]
        for area in thin:
            if free < lever.grant_least_gbp or free <= 0.0:
                return
            code = self.next_lot_code()
            for _, category in self.known_gaps([area], system.rules.known_share, code):
                lot = self.gap_lot(
                    category,
                    (area,),
                    code,
                    price_ratio=lever.grant_price_ratio,
                    most_gbp=min(lever.grant_most_gbp, free),
                    burden_gbp=lever.grant_burden_gbp_per_year,
                )
                if lot.value_gbp_per_year < lever.grant_least_gbp or not system.has_bidder(lot):
                    continue
                free -= lot.value_gbp_per_year
                self.tender(
                    lot,
                    "thin_area",
                    guaranteed_share=lever.grant_guaranteed_share,
                    term_months=float(lever.grant_months),
                )
                break
