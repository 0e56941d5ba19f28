"""NPS officers who hear of rate cards, judge them, and buy case by case: the officers of all areas, in vectors.

Two hard gates (a card is published; the area head does not forbid buying) and one index: price, believed quality and
the area's reluctance, times awareness and range. Who does not buy does not learn. What they may spend is their
division's business (``sim.agents.nps``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.categories import N_CATEGORIES
from sim.clock import Phase, Process
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.system import System

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Purchasers:
    """The purchasing officers of all areas.

    Attributes:
        awareness: share of officers aware of the offer, shape (areas,).
        trials, successes: what each area's officers have seen of purchases, with their prior, shape (areas,).
        chance: chance that an officer buys a case where no wait is posted, shape (areas, categories).
        price_gbp: the price paid, shape (areas, categories).
    """

    def __init__(self, system: System) -> None:
        nps, luck, world = system.scenario.nps, system.luck, system.world
        self._system = system
        codes = [area.code for area in world.areas]
        n = len(codes)
        self._crc_of = np.array(world.crc_of_area)
        self._all = np.arange(n)
        division_of = np.array(world.division_of_area)
        self._of_division = [np.flatnonzero(division_of == d) for d in range(len(world.divisions))]
        self._fair_price_gbp = np.array(system.scenario.supply_chain.fair_price_gbp)
        self.awareness: FloatArray = np.zeros(n)
        self._heard = np.zeros(len(world.crcs), bool)  # of a first card of each CRC
        self._card_gbp: FloatArray = np.full((len(world.crcs), N_CATEGORIES), np.nan)  # prices published last
        self._reluctance: FloatArray = np.array(
            [nps.reluctance + nps.reluctance_sd * luck.normal("reluctance", c) for c in codes]
        )
        self._banned = np.array([luck.happens(nps.ban_share, "ban", c) for c in codes])
        self.trials: FloatArray = np.full(n, nps.belief_prior_weight)
        self.successes: FloatArray = np.full(n, nps.belief_prior_weight * nps.belief_prior_share)
        self.chance: FloatArray = np.zeros((n, N_CATEGORIES))
        self.price_gbp: FloatArray = np.zeros((n, N_CATEGORIES))
        system.env.process(self.run())

    # --- their month ---------------------------------------------------------------------------------------------

    def run(self) -> Process:
        """Learn, spread the word, and renew terms, in all divisions together: nobody is routed in between."""
        self.renew_terms()
        while True:
            yield self._system.clock.wait(Phase.DIVISIONS)
            self._learn()
            self._spread_the_word()
            self.renew_terms()

    def _learn(self) -> None:
        """Add the outcomes of its own purchases to what each area believes (Beta-Bernoulli)."""
        tally = self._system.tally
        assert tally is not None
        self.trials += tally.nps_trials
        self.successes += tally.nps_successes

    def _spread_the_word(self) -> None:
        """Awareness, where there is a card: contact, instruction from above, and forgetting as staff move on."""
        nps, aware = self._system.scenario.nps, self.awareness
        push = nps.awareness_push_after_per_month if self._pressed_to_buy() else nps.awareness_push_before_per_month
        change = nps.awareness_contact_per_month * aware * (1.0 - aware) + push * (1.0 - aware)
        change -= nps.awareness_fade_per_month * aware
        then = np.minimum(1.0, np.maximum(0.0, aware + change * self._system.month_length))
        self.awareness = np.where(self._heard.take(self._crc_of), then, aware)

    def _pressed_to_buy(self) -> bool:
        lifted = self._system.scenario.nps.ban_lifted
        return lifted is not None and self._system.now >= self._system.calendar.day(lifted)

    def hear_of_card(self, crc: Crc, index: int, price_gbp: FloatArray) -> None:
        """A CRC has published: a few officers know at once, and the division's terms change from today.

        Args:
            index: of the CRC.
            price_gbp: what a case costs, nan where not on the card; shape (categories,).
        """
        system = self._system
        self._card_gbp[index] = price_gbp
        if not self._heard[index]:
            self._heard[index] = True
            first = system.scenario.nps.awareness_at_publication_share
            here = self._crc_of == index
            self.awareness[here] = np.maximum(self.awareness[here], first)
        self.renew_terms(self._of_division[system.world.divisions.index(crc.division)])

    # --- what an officer will do ---------------------------------------------------------------------------------

    def renew_terms(self, areas: IntArray | None = None) -> None:
        """Tell officers' tables today's chances to buy and prices, in some areas or in all."""
        system, rules = self._system, self._system.rules
        at = self._all if areas is None else areas
        price = self._card_gbp.take(self._crc_of.take(at), axis=0)
        price *= 1.0 - rules.block_share * rules.block_discount_share
        self.chance[at] = self.purchase_chance(price / self._fair_price_gbp, at)
        price[np.isnan(price)] = 0.0
        self.price_gbp[at] = price
        system.flow.set_purchase_terms(self.chance, self.price_gbp, system.case_day)

    def purchase_chance(self, price_ratio: FloatArray, areas: IntArray | None = None) -> FloatArray:
        """Chance that an officer buys a case, before the posted wait and the money left.

        aware x logistic(b0 - b1 (price ratio - reference) + b2 (belief - reference) - reluctance), behind two gates.

        For the share bought in blocks the money is spent already: price and reluctance to pay drop out.

        Args:
            price_ratio: card price over fair price, shape (areas asked for, categories); nan when the service is
                not on the card.
            areas: the areas asked for, or None for all.

        Returns:
            Chances of the same shape; 0 where a gate is shut.
        """
        nps, rules = self._system.scenario.nps, self._system.rules
        at = self._all if areas is None else areas
        belief = self.successes.take(at) / self.trials.take(at)
        willing = (nps.purchase_intercept + nps.belief_slope * (belief - nps.belief_reference_share))[:, None]
        price = nps.price_slope * (price_ratio - nps.price_reference_ratio) + self._reluctance.take(at)[:, None]
        chance = _logistic(willing - price) if rules.case_by_case else np.zeros_like(price_ratio)
        if rules.block_share > 0.0:
            chance = rules.block_share * _logistic(willing) + (1.0 - rules.block_share) * chance
        chance *= self.awareness.take(at)[:, None]
        chance[np.isnan(price_ratio)] = 0.0
        if not self._pressed_to_buy():
            chance[self._banned.take(at)] = 0.0
        return chance

    def beliefs(self) -> FloatArray:
        """Share of successes that officers expect, shape (areas,)."""
        return self.successes / self.trials


def _logistic(x: FloatArray) -> FloatArray:
    within = np.minimum(np.maximum(x, -700.0), 700.0)
    return np.asarray(1.0 / (1.0 + np.exp(-within)))
