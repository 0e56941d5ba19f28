"""What officers do with an identified need: refer, buy, find an alternative, or nothing.

Officers of both services look at posted waits (``sim.market.routing``). An NPS officer who finds no free desk
may buy from a card while the division has money; the draw of the purchase is its own, so a lower price never
turns a purchase into a refusal. Nothing is drawn for a case that does not come to the choice: draws are keyed, so
none moves another. This module must not know people beyond the draws it is given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.categories import ALTERNATIVE, N_CATEGORIES, NPS_SERVICE, UNMET
from sim.kernel import Kernel
from sim.market.purses import Purses
from sim.market.routing import NO_DESK, RoutingTables
from sim.market.tally import Tally
from sim.market.terms import PurchaseTerms
from sim.randomness import Uint64Array, uniforms
from sim.world.places import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
CellArray = NDArray[np.int32]
# A draw of some of the cases at hand, named by their indices: of the route, of the purchase, or of the alternative.
Draw = Callable[[int, IntArray], FloatArray]
ROUTE, BUY, ALTERNATIVELY = range(3)
# For each case a desk's number, or -1 - fate; and the price committed in GBP, NaN where none was.
Decided = tuple[NDArray[np.int32], FloatArray]

_WITHOUT_DESK = -1 - UNMET, -1 - ALTERNATIVE


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
        self.tables = RoutingTables(n_areas, balk_days)
        self.purses = Purses(len(world.divisions))
        self.alternative = np.zeros(n_areas * N_CATEGORIES)
        self.terms = PurchaseTerms(n_areas * N_CATEGORIES)
        self._division = np.repeat(np.array(world.division_of_area, np.int64), N_CATEGORIES)
        self._kernel = kernel

    def decide(
        self, tally: Tally, case_id: Uint64Array, cell: CellArray, day: FloatArray, keys: tuple[int, int, int]
    ) -> Decided:
        """Decide cases for the first time, given in order of time; purchases are counted in the tally.

        Args:
            cell: (area * categories + category) * services + service, of each case.
            day: when each case is decided.
            keys: of the draws of route, purchase and alternative.
        """
        self.tables.refresh()
        if self._kernel is not None:
            return self._decide_compiled(self._kernel, tally, (case_id, cell, day), keys)
        return self._decide(tally, cell, day, lambda choice, at: uniforms(keys[choice], case_id.take(at)))

    def decide_again(self, tally: Tally, category: int, cell: CellArray, day: float, luck: FloatArray) -> Decided:
        """Decide cases of one category anew, all on one day, in order.

        Args:
            luck: draws of route, purchase and alternative, shape (3, cases).
        """
        self.tables.refresh(category)
        return self._decide(tally, cell, day, lambda choice, at: luck[choice].take(at))

    def _decide(self, tally: Tally, cell: CellArray, day: FloatArray | float, draw: Draw) -> Decided:
        number = np.full(len(cell), NO_DESK, np.int32)
        price = np.full(len(cell), np.nan)
        row = cell.astype(np.int64)
        place = row >> 1
        served = self.tables.direct.open_rows(row)
        number[served] = self.tables.refer(row.take(served), draw(ROUTE, served))
        self._buy(tally, number, price, place, day, np.flatnonzero(row & 1 == NPS_SERVICE), draw)
        rest = np.flatnonzero(number == NO_DESK)
        found = draw(ALTERNATIVELY, rest) < self.alternative.take(place.take(rest))
        number[rest] = np.array(_WITHOUT_DESK, np.int32).take(found)
        return number, price

    def _decide_compiled(
        self,
        kernel: Kernel,
        tally: Tally,
        cases: tuple[Uint64Array, CellArray, FloatArray],
        keys: tuple[int, int, int],
    ) -> Decided:
        direct, card, terms, purses = self.tables.direct, self.tables.card, self.terms, self.purses
        number, price, spent_gbp, purchases = kernel.decide(
            cases,
            np.array(keys, np.uint64),
            (direct.cumulative, direct.number),
            (card.cumulative, card.number, card.willing),
            (terms.stack(), terms.chance, terms.price_gbp),
            self.alternative,
            self._division,
            purses.limit_gbp,
            purses.exhausted,
            _WITHOUT_DESK,
        )
        if purchases:
            purses.left_gbp -= spent_gbp
            bought = np.flatnonzero(price >= 0.0)
            tally.purchase(cases[1].take(bought) >> 1, price.take(bought))
        return number, price

    def _buy(
        self,
        tally: Tally,
        number: NDArray[np.int32],
        price: FloatArray,
        place: IntArray,
        day: FloatArray | float,
        buyers: IntArray,
        draw: Draw,
    ) -> None:
        """Let NPS officers buy for those of the cases that have no desk; number and price are written."""
        if self.tables.direct.serves(NPS_SERVICE):
            buyers = buyers.compress(number.take(buyers) == NO_DESK)
        at = self.terms.at(place.take(buyers), day if isinstance(day, float) else day.take(buyers))
        chance = self.terms.chance.take(at)
        may = np.flatnonzero(chance > 0.0)
        if not len(may):
            return
        buyers, at, chance = buyers.take(may), at.take(may), chance.take(may)
        desk, willing = self.tables.buy(place.take(buyers), draw(ROUTE, buyers))
        chance *= willing
        wanted = np.flatnonzero(draw(BUY, buyers) < chance)
        buyers, asked = buyers.take(wanted), self.terms.price_gbp.take(at.take(wanted))
        paid = self.purses.commit(self._division.take(place.take(buyers)), asked)
        buyers, asked = buyers.take(paid), asked.take(paid)
        number[buyers] = desk.take(wanted.take(paid))
        price[buyers] = asked
        tally.purchase(place.take(buyers), asked)
