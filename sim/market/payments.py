"""What the supply chain was paid: by month, by who and where, and over the last 12 months."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.categories import N_CATEGORIES
from sim.world.bodies import BODY_SIZES, Body
from sim.world.places import World

if TYPE_CHECKING:
    from sim.market.contract import Contract, Slices

BUYERS = ("commissioned", "joint", "granted", "national")
FloatArray = NDArray[np.float64]


class Payments:
    """Payments to tier 2 (and through it to tier 3), in GBP.

    Attributes:
        by_crc, by_area, by_category, by_size: this month's sums.
        by_kind: this month's sums by kind of buyer (commissioned by CRCs, joint, granted, national).
        by_body: this month's sums by body code.
        to_tier3_gbp: what of this month's payments tier 2 passed on.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._year: deque[FloatArray] = deque(maxlen=12)
        self._number: dict[str, int] = {}  # of every body ever paid, by code
        # by month, in the order in which bodies were first paid in it: their numbers, and the sums
        self._year_bodies: deque[tuple[NDArray[np.int64], FloatArray]] = deque(maxlen=12)
        self._clear()

    def _clear(self) -> None:
        self.by_crc = [0.0] * len(self._world.crcs)
        self.by_area = [0.0] * len(self._world.areas)
        self.by_category = [0.0] * N_CATEGORIES
        self.by_size = [0.0] * len(BODY_SIZES)
        self.by_kind = dict.fromkeys(BUYERS, 0.0)
        self.by_body: dict[str, float] = {}
        self.to_tier3_gbp = 0.0

    def count(self, contract: Contract, gbp: float, slices: Slices) -> None:
        """Count a payment for a contract, spread evenly over its areas; its slices go to the bodies that hold them."""
        self.by_kind[contract.book.kind] += gbp
        each, crc_of = gbp / len(contract.areas), self._world.crc_of_area
        for area in contract.areas:
            self.by_crc[crc_of[area]] += each
            self.by_area[area] += each
        self.by_category[contract.category] += gbp
        passed = 0.0
        for provider, share in slices:
            self._to(provider.body, gbp * share)
            passed += gbp * share
        self._to(contract.provider.body, gbp - passed)
        self.to_tier3_gbp += passed

    def _to(self, body: Body, gbp: float) -> None:
        by_body, code = self.by_body, body.code
        self.by_size[body.size] += gbp
        by_body[code] = by_body.get(code, 0.0) + gbp

    def close_month(self) -> None:
        """Move this month into the year's memory; the month's sums are cleared by ``start_month``."""
        self._year.append(np.array(self.by_crc))
        number = self._number
        at = [number.setdefault(code, len(number)) for code in self.by_body]
        self._year_bodies.append((np.array(at, np.int64), np.array([*self.by_body.values()])))

    def start_month(self) -> None:
        """Begin the next month's sums."""
        self._clear()

    def year_gbp_by_crc(self) -> FloatArray:
        """Paid over the last 12 months by CRC, scaled up while fewer have passed; shape (CRCs,)."""
        if not self._year:
            return np.zeros(len(self._world.crcs))
        return np.asarray(np.add.reduce(list(self._year)) * 12.0 / len(self._year))

    def concentration(self) -> float:
        """Herfindahl-Hirschman index of the last year's payments over bodies; 0 when nothing was paid."""
        if not self._year_bodies:
            return 0.0
        at, gbp = (np.concatenate(parts) for parts in zip(*self._year_bodies, strict=True))
        of_body = np.bincount(at, gbp)[_in_order_of_first(at)].tolist()
        paid = sum(of_body)
        return sum([(gbp / paid) ** 2 for gbp in of_body]) if paid > 0.0 else 0.0


def _in_order_of_first(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each number once, in the order in which they come first."""
    if not len(numbers):
        return numbers
    places = np.arange(len(numbers))
    first = np.empty(int(numbers.max()) + 1, np.int64)
    first[numbers[::-1]] = places[::-1]  # of places written to one number the last one stays: the first
    return np.asarray(numbers[first[numbers] == places])
