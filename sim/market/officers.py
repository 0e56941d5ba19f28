"""What officers do with an identified need: refer, buy, find an alternative, or nothing.

Officers of both services look at posted waits (``sim.market.routing``). An NPS officer who finds no free desk
may buy from a card while the division has money; the draw of the purchase is its own, so a lower price never
turns a purchase into a refusal. This module must not know people beyond the draws it is given.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.categories import ALTERNATIVE, N_CATEGORIES, NPS_SERVICE, UNMET
from sim.kernel import Kernel
from sim.market.purses import Purses
from sim.market.routing import NO_DESK, RoutingTables
from sim.market.tally import Tally
from sim.market.terms import PurchaseTerms
from sim.world.places import World

FloatArray = NDArray[np.float64]
CellArray = NDArray[np.int32]


class Officers:
    """The officers of all areas.

    Attributes:
        tables: where referrals go.
        purses: what the NPS divisions may still commit.
        alternative: chance of an alternative for a case without a desk, shape (areas * categories,).
        terms: chances that an NPS officer buys where no wait is posted, and prices.
    """

    def __init__(self, world: World, balk_days: float, kernel: Kernel | None = None) -> None:
        n_areas = len(world.areas)
        self.tables = RoutingTables(n_areas, balk_days, kernel)
        self.purses = Purses(len(world.divisions))
        self.alternative = np.zeros(n_areas * N_CATEGORIES)
        self.terms = PurchaseTerms(n_areas * N_CATEGORIES)
        self._division = np.repeat(np.array(world.division_of_area), N_CATEGORIES)

    def decide(
        self,
        tally: Tally,
        cell: CellArray,
        day: FloatArray | float,
        u_route: FloatArray,
        u_buy: FloatArray,
        u_alternative: FloatArray,
    ) -> tuple[NDArray[np.int32], FloatArray]:
        """Decide cases, given in order of time; purchases are counted in the tally.

        Returns:
            For each case a desk's number, or -1 - fate; and the price committed in GBP, NaN where none was.
        """
        number = self.tables.refer(cell, u_route)
        price = np.full(len(cell), np.nan)
        place = cell >> 1
        of_terms = self.terms.at(place, day)
        chance, asked_gbp = self.terms.chance, self.terms.price_gbp
        buyers = np.flatnonzero((number == NO_DESK) & (cell & 1 == NPS_SERVICE) & (chance[of_terms] > 0.0))
        if len(buyers):
            desk, willing = self.tables.buy(place[buyers], u_route[buyers])
            wanted = np.flatnonzero(u_buy[buyers] < chance[of_terms[buyers]] * willing)
            buyers = buyers[wanted]
            asked = asked_gbp[of_terms[buyers]]
            paid = self.purses.commit(self._division[place[buyers]], asked)
            buyers = buyers[paid]
            number[buyers] = desk[wanted[paid]]
            price[buyers] = asked[paid]
            tally.purchase(place[buyers], price[buyers])
        rest = np.flatnonzero(number == NO_DESK)
        found = u_alternative[rest] < self.alternative[place[rest]]
        number[rest] = np.where(found, -1 - ALTERNATIVE, -1 - UNMET)
        return number, price
