"""The bodies that offer a service, and which of them a lot lies within reach of, found for all of them at once.

Size and reach rule out most bodies of every lot; whether the rest bid each of them decides itself
(``Provider.wants``). A test holds the two against ``Provider.would_bid``, which asks a single body for all of it.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from sim.world.bodies import LOCAL

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.market.lot import Lot


class Offering:
    """Bodies, living or not, that offer one service, oldest first.

    Args:
        n_areas: areas of the world.
        bid_most_turnover_share: the largest lot a body bids for, as a share of its turnover.
    """

    def __init__(self, n_areas: int, bid_most_turnover_share: float) -> None:
        self.bodies: list[Provider] = []
        self._most_share = bid_most_turnover_share
        self._turnover_gbp = np.zeros(0)
        self._least_share = np.zeros(0)
        self._is_local = np.zeros(0, np.bool_)
        self._works_in = np.zeros((n_areas, 0), np.int16)

    def add(self, provider: Provider) -> None:
        """A body enters."""
        self.bodies.append(provider)

    def within_reach(self, lot: Lot) -> list[Provider]:
        """Bodies whose size and areas do not rule the lot out, oldest first."""
        self._catch_up()
        value, areas = lot.value_gbp_per_year, lot.areas
        fits = (self._turnover_gbp >= lot.least_turnover_gbp) & (value <= self._most_share * self._turnover_gbp)
        works_in = self._works_in[areas[0]]
        for area in areas[1:]:
            works_in = works_in + self._works_in[area]
        fits &= works_in >= self._least_share * len(areas)
        return [self.bodies[i] for i in fits.nonzero()[0].tolist()]

    def local_in(self, area: int) -> list[Provider]:
        """Local bodies that work in an area, oldest first."""
        self._catch_up()
        return [self.bodies[i] for i in (self._is_local & (self._works_in[area] > 0)).nonzero()[0].tolist()]

    def _catch_up(self) -> None:
        """Columns for the bodies that entered since the last call."""
        new = self.bodies[len(self._turnover_gbp) :]
        if not new:
            return
        works_in = np.zeros((len(self._works_in), len(new)), np.int16)
        areas = [provider.body.areas for provider in new]
        works_in[[*chain.from_iterable(areas)], np.repeat(np.arange(len(new)), [*map(len, areas)])] = 1
        self._works_in = np.concatenate((self._works_in, works_in), axis=1)
        turnover = [provider.body.turnover_gbp_per_year for provider in new]
        self._turnover_gbp = np.concatenate((self._turnover_gbp, turnover))
        self._least_share = np.concatenate((self._least_share, [provider.foothold_share for provider in new]))
        self._is_local = np.concatenate((self._is_local, [provider.body.reach == LOCAL for provider in new]))
