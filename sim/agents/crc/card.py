"""A CRC's rate card: published late, revised about twice a year, priced by cost, mark-up and pressure.

The range is what the CRC delivers or buys at the time of publication; what it stops buying stays on the card until
the next revision but cannot be delivered.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.agents.crc.book import CrcBook
from sim.calendar import DAYS_PER_MONTH
from sim.categories import N_CATEGORIES, NPS_SERVICE
from sim.clock import Process
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.system import System

FloatArray = NDArray[np.float64]


class Card:
    """The rate card of one CRC.

    Attributes:
        published_day: first publication, or None.
        version: 1 at first publication, one more at each revision.
        price_gbp: price of a case by category, nan where not on the card; shape (categories,).
        price_ratio: mean over the card of price to fair price; nan when nothing is on it.
    """

    def __init__(self, system: System, crc: Crc, book: CrcBook) -> None:
        self._system = system
        self._crc = crc
        self._book = book
        self._fair_price_gbp = np.array(system.scenario.supply_chain.fair_price_gbp)
        self.published_day: float | None = None
        self.version = 0
        self.price_gbp: FloatArray = np.full(N_CATEGORIES, np.nan)
        self.price_ratio = math.nan

    @property
    def on_card(self) -> NDArray[np.bool_]:
        """Which categories are on the card; shape (categories,)."""
        return ~np.isnan(self.price_gbp)

    @property
    def in_force(self) -> bool:
        """Whether it is published and cards have not been abolished."""
        rules = self._system.rules
        return self.published_day is not None and (rules.case_by_case or rules.block_share > 0.0)

    def run(self) -> Process:
        """First publication after a delay of the CRC's own, then revisions."""
        system, rules = self._system, self._system.scenario.rate_card
        if not rules.published:
            return
        months = system.luck.lognormal(rules.publication_months, rules.publication_log_sd, "card", self._crc.code)
        if rules.publication_deadline_months is not None:
            months = min(months, rules.publication_deadline_months)
        yield system.env.timeout(months * DAYS_PER_MONTH)
        while True:
            self.publish()
            yield system.env.timeout(rules.revision_months * DAYS_PER_MONTH)

    def publish(self) -> None:
        """Set range and prices anew and let the NPS division know that a version is out."""
        system = self._system
        if not (system.rules.case_by_case or system.rules.block_share > 0.0):
            return  # cards have been abolished
        self._widen()
        self.version += 1
        if self.published_day is None:
            self.published_day = system.now
        prices: list[list[float]] = [[] for _ in range(N_CATEGORIES)]
        for contract in self._book.contracts:
            prices[contract.category].append(contract.unit_price_gbp)
        self.price_gbp = np.array([self._price(category, paid) for category, paid in enumerate(prices)])
        on_card = np.flatnonzero(self.on_card)
        ratios = self.price_gbp.take(on_card) / self._fair_price_gbp.take(on_card)
        self.price_ratio = float(ratios.mean()) if len(on_card) else math.nan
        system.tell(
            "rate_card_published",
            self._crc.code,
            f"version={self.version} services={len(on_card)} mean_price_ratio={self.price_ratio:.4f}",
        )
        system.purchasers.hear_of_card(self._crc, self._book.index, self.price_gbp)

    def _unit_cost_gbp(self, category: int, paid: list[float]) -> float | None:
        """What a case costs the CRC: the mean price of its contracts, else its own delivery; None with neither."""
        chain = self._system.scenario.supply_chain
        if paid:
            return sum(paid) / len(paid)
        if category not in self._book.in_house:
            return None
        return chain.in_house_unit_cost_ratio * chain.fair_price_gbp[category]

    def _widen(self) -> None:
        """Where the rules want a wider range, open places of its own for services it neither buys nor delivers."""
        system, book = self._system, self._book
        if system.rules.extra_range_share <= 0.0:
            return
        bought = {c.category for c in book.contracts}
        for category in range(N_CATEGORIES):
            if category in bought or category in book.in_house:
                continue
            if system.luck.happens(system.rules.extra_range_share, "extra range", self._crc.code, category):
                expected = float(system.expected_referrals[list(book.areas), category, NPS_SERVICE].sum())
                share = system.scenario.supply_chain.in_house_places_share
                book.bring_in_house(category, share * expected * system.scenario.demand.service_months / 12.0)

    def _price(self, category: int, paid: list[float]) -> float:
        """Price = unit cost x (1 + overhead + mark-up + slope x pressure), or as the rules in force say.

        Args:
            paid: prices of the CRC's contracts for the category.
        """
        card, rules = self._system.scenario.rate_card, self._system.rules
        cost = self._unit_cost_gbp(category, paid)
        if cost is None:
            return float("nan")
        if rules.pricing == "regulated":
            return rules.regulated_price_ratio * self._system.scenario.supply_chain.fair_price_gbp[category]
        markup = 0.0
        if rules.pricing == "mark_up":
            markup = card.markup_share + card.markup_pressure_slope * self._book.accounts.pressure_share
        if rules.markup_cap_share is not None:
            markup = min(markup, rules.markup_cap_share)
        return cost * (1.0 + card.overhead_share + markup)
