"""An NPS division: officers who hear of rate cards, judge them, and buy case by case, area by area.

Two hard gates (a card is published; the area head does not forbid buying) and one index: price, believed quality and
the area's reluctance, times awareness and range. Who does not buy does not learn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.categories import NPS_SERVICE
from sim.clock import Phase, Process

if TYPE_CHECKING:
    from sim.agents.crc import CrcAgent
    from sim.system import System

FloatArray = NDArray[np.float64]

FINANCIAL_YEAR_BEGINS = 4  # April


class NpsDivision:
    """The purchasers of one division.

    Attributes:
        areas: indices of its areas.
        awareness: share of officers aware of the offer, by area of the division.
        trials, successes: what each area's officers have seen of purchases, with their prior.
    """

    def __init__(self, system: System, name: str, index: int) -> None:
        nps, luck, world = system.scenario.nps, system.luck, system.world
        self._system = system
        self.name = name
        self.index = index
        self.account = f"nps:{name}"
        self.areas = tuple(i for i, d in enumerate(world.division_of_area) if d == index)
        codes = [world.areas[a].code for a in self.areas]
        n = len(self.areas)
        self._at = np.array(self.areas)
        self._fair_price_gbp = np.array(system.scenario.supply_chain.fair_price_gbp)
        self.awareness: FloatArray = np.zeros(n)
        self._heard: set[str] = set()
        self._reluctance: FloatArray = np.array(
            [nps.reluctance + nps.reluctance_sd * luck.normal("reluctance", c) for c in codes]
        )
        self._banned = np.array([luck.happens(nps.ban_share, "ban", c) for c in codes])
        self.trials: FloatArray = np.full(n, nps.belief_prior_weight)
        self.successes: FloatArray = np.full(n, nps.belief_prior_weight * nps.belief_prior_share)
        system.env.process(self.run())

    def plan_purchases_per_month(self) -> float:
        """Purchases a month that the division planned for."""
        expected = self._system.expected_referrals[list(self.areas), :, NPS_SERVICE].sum()
        return float(self._system.scenario.nps.plan_share * self._system.rules.plan_scale * expected / 12.0)

    def plan_gbp_per_year(self, areas: list[int]) -> float:
        """Money planned for specialist services in some of its areas, at fair prices."""
        system = self._system
        expected = float((system.expected_referrals[areas, :, NPS_SERVICE] @ self._fair_price_gbp).sum())
        nps = system.scenario.nps
        return nps.plan_share * nps.budget_of_plan_share * system.rules.plan_scale * expected

    def budget_gbp_per_month(self) -> float:
        """Money released each month to buy from cards: the plan, less what is pledged to joint boards."""
        pledged = sum(c.board.nps_pledge_gbp_per_year() for c in self._crcs() if c.board is not None)
        return max(0.0, self.plan_gbp_per_year(list(self.areas)) - pledged) / 12.0

    def _crcs(self) -> list[CrcAgent]:
        return [c for c in self._system.crcs if c.crc.division == self.name]

    # --- its month -----------------------------------------------------------------------------------------------

    def run(self) -> Process:
        """Pay for services begun, release the next month's money, learn, spread the word, and renew terms."""
        self._release()
        self.renew_terms()
        system = self._system
        while True:
            yield system.clock.wait(Phase.SETTLE)
            self._pay()
            yield system.clock.wait(Phase.DIVISIONS)
            self._learn()
            self._spread_the_word()
            self._release()
            self.renew_terms()

    def _release(self) -> None:
        """Release a month's money; what is left on 31 March lapses, as public money does."""
        system = self._system
        gbp = self.budget_gbp_per_month()
        if system.calendar.date_of(system.now).month == FINANCIAL_YEAR_BEGINS:
            gbp -= float(system.flow.budget_left_gbp[self.index])
        system.flow.release_budget(self.index, gbp, system.case_day)

    def _pay(self) -> None:
        """Pay each CRC for the purchased services that began, at the price agreed; a block is paid used or not."""
        system = self._system
        tally = system.tally
        assert tally is not None
        for crc in self._crcs():
            areas = list(crc.book.areas)
            due = float(tally.nps_started_gbp[areas].sum())
            if system.rules.block_share > 0.0:
                pledged = crc.board.nps_pledge_gbp_per_year() if crc.board is not None else 0.0
                free = max(0.0, self.plan_gbp_per_year(areas) - pledged)
                due = max(due, system.rules.block_share * free * system.month_length / 12.0)
            gbp = system.ledger.transfer(self.account, crc.accounts.account, due, "card purchases")
            crc.accounts.receive(gbp)
            system.nps_spend_gbp[crc.index] = gbp
            system.ministry.month_spent_gbp += gbp

    def _learn(self) -> None:
        """Add the outcomes of its own purchases to what each area believes (Beta-Bernoulli)."""
        tally = self._system.tally
        assert tally is not None
        areas = list(self.areas)
        self.trials += tally.nps_trials[areas]
        self.successes += tally.nps_successes[areas]

    def _spread_the_word(self) -> None:
        """Awareness: contact between officers, instruction from above, and forgetting as staff move on."""
        nps = self._system.scenario.nps
        pressed = self._pressed_to_buy()
        push = nps.awareness_push_after_per_month if pressed else nps.awareness_push_before_per_month
        crc_of = self._system.world.crc_of_area
        for i, area in enumerate(self.areas):
            if self._system.crcs[crc_of[area]].card.published_day is None:
                continue
            a = self.awareness[i]
            change = nps.awareness_contact_per_month * a * (1.0 - a) + push * (1.0 - a)
            change -= nps.awareness_fade_per_month * a
            self.awareness[i] = min(1.0, max(0.0, a + change * self._system.month_length))

    def _pressed_to_buy(self) -> bool:
        lifted = self._system.scenario.nps.ban_lifted
        return lifted is not None and self._system.now >= self._system.calendar.day(lifted)

    def hear_of_card(self, crc_code: str) -> None:
        """A CRC has published: a few officers know at once, and terms change from today."""
        system = self._system
        if crc_code not in self._heard:
            self._heard.add(crc_code)
            first = system.scenario.nps.awareness_at_publication_share
            for i, area in enumerate(self.areas):
                if system.world.areas[area].crc == crc_code:
                    self.awareness[i] = max(self.awareness[i], first)
        self.renew_terms()

    # --- what an officer will do ---------------------------------------------------------------------------------

    def renew_terms(self) -> None:
        """Tell officers' tables today's chances to buy and prices, by area and category."""
        system, areas = self._system, self._at
        crc_of = system.world.crc_of_area
        price = np.array([system.crcs[crc_of[a]].card.price_gbp for a in self.areas])
        price *= 1.0 - system.rules.block_share * system.rules.block_discount_share
        system.purchase_price_gbp[areas] = np.where(np.isnan(price), 0.0, price)
        system.purchase_chance[areas] = self.purchase_chance(price / self._fair_price_gbp)
        system.flow.set_purchase_terms(system.purchase_chance, system.purchase_price_gbp, system.case_day)

    def purchase_chance(self, price_ratio: FloatArray) -> FloatArray:
        """Chance that an officer buys a case, before the posted wait and the money left.

        aware x logistic(b0 - b1 (price ratio - reference) + b2 (belief - reference) - reluctance), behind two gates.

        For the share bought in blocks the money is spent already: price and reluctance to pay drop out.

        Args:
            price_ratio: card price over fair price, shape (areas of the division, categories); nan when the service
                is not on the card.

        Returns:
            Chances of the same shape; 0 where a gate is shut.
        """
        nps, rules = self._system.scenario.nps, self._system.rules
        willing = nps.purchase_intercept + nps.belief_slope * (self.beliefs() - nps.belief_reference_share)[:, None]
        price = nps.price_slope * (price_ratio - nps.price_reference_ratio) + self._reluctance[:, None]
        case_by_case = _logistic(willing - price) if rules.case_by_case else np.zeros_like(price_ratio)
        chance = case_by_case
        if rules.block_share > 0.0:
            chance = rules.block_share * _logistic(willing) + (1.0 - rules.block_share) * case_by_case
        chance = self.awareness[:, None] * chance
        chance[np.isnan(price_ratio)] = 0.0
        if not self._pressed_to_buy():
            chance[self._banned] = 0.0
        return np.asarray(chance)

    def beliefs(self) -> FloatArray:
        """Share of successes its areas expect; shape (areas of the division,)."""
        return self.successes / self.trials


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -700.0, 700.0))))
