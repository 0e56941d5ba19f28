"""What NPS officers do with rate cards, and from when: chances to buy and prices, by version.

A new card changes what officers do from its day on; cases are routed later, in one window, each by the terms of its
own day. This module must not know budgets or who buys.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class PurchaseTerms:
    """The terms in force from each day on, for cases not yet routed.

    Args:
        places: areas x categories.

    Attributes:
        chance, price_gbp: of all versions, one after the other, as ``stack`` last left them.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._from = [-math.inf]
        self._chances = [np.zeros(places)]
        self._prices_gbp = [np.zeros(places)]
        self.chance, self.price_gbp = self._chances[0], self._prices_gbp[0]
        self._stacked = True

    def renew(self, chance: FloatArray, price_gbp: FloatArray, day: float) -> None:
        """From a day on, officers buy with these chances at these prices.

        Raises:
            ValueError: the day lies before that of the last renewal.
        """
        if day < self._from[-1]:
            raise ValueError(f"terms of day {self._from[-1]:g} are in force, got some for day {day:g}")
        if day == self._from[-1]:
            del self._from[-1], self._chances[-1], self._prices_gbp[-1]
        self._from.append(day)
        self._chances.append(np.array(chance, np.float64).ravel())
        self._prices_gbp.append(np.array(price_gbp, np.float64).ravel())
        self._stacked = False

    def forget_before(self, day: float) -> None:
        """No case before a day will be asked about again."""
        old = sum(begins <= day for begins in self._from[1:])
        if old:
            del self._from[:old], self._chances[:old], self._prices_gbp[:old]
            self._stacked = False

    def stack(self) -> FloatArray:
        """Lay all versions one after the other; returns the days from which they are in force."""
        if not self._stacked:
            self.chance, self.price_gbp = np.concatenate(self._chances), np.concatenate(self._prices_gbp)
            self._stacked = True
        return np.array(self._from)

    def at(self, place: NDArray[np.integer], day: FloatArray | float) -> NDArray[np.intp]:
        """Where in ``chance`` and ``price_gbp`` the terms of cases stand, by place and day."""
        self.stack()
        if len(self._from) == 1:
            return np.asarray(place, np.intp)
        version = np.searchsorted(self._from, day, side="right") - 1
        return np.asarray(version * self._places + place, np.intp)
