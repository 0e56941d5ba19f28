"""Needs: how likely each is for a person of given complexity, and the referrals they give rise to.

A referral here is a need that would call for a specialist if an officer identified it. This module must not
know who starts supervision, or what becomes of a referral.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.categories import N_CATEGORIES
from sim.kernel import Kernel
from sim.kernel.functions import ReferralColumns
from sim.randomness import Uint64Array

FloatArray = NDArray[np.float64]

COMPLEXITY_BINS = 64


@dataclass(frozen=True, slots=True)
class ReferralBatch:
    """Needs that call for a specialist, in order of (day, person, category), one an element of every array.

    Attributes:
        day: when the officer would identify the need.
        case_id: keyed name of (person, category).
        stratum: ((area * categories + category) * services + service) * sexes + sex.
        supervision_end_day: day on which the person's supervision ends.
        u_detect: the need is identified where the detection share exceeds this number in (0, 1).
    """

    day: FloatArray
    case_id: Uint64Array
    stratum: NDArray[np.int32]
    age_band: NDArray[np.int8]
    supervision_end_day: FloatArray
    u_detect: FloatArray

    def __len__(self) -> int:
        return len(self.day)

    @property
    def person_id(self) -> Uint64Array:
        """Whose need it is."""
        return person_of(self.case_id)

    @property
    def area(self) -> NDArray[np.int32]:
        """Index of the area."""
        return self.stratum // np.int32(N_CATEGORIES * 2 * 2)

    @property
    def category(self) -> NDArray[np.int32]:
        """Index of the category."""
        return (self.stratum >> 2) % np.int32(N_CATEGORIES)

    @property
    def service(self) -> NDArray[np.int32]:
        """Index of the service that supervises the person."""
        return (self.stratum >> 1) & 1

    @property
    def sex(self) -> NDArray[np.int32]:
        """Index of the person's sex."""
        return self.stratum & 1

    @property
    def columns(self) -> ReferralColumns:
        """All of it, in the order of the attributes."""
        return self.day, self.case_id, self.stratum, self.age_band, self.supervision_end_day, self.u_detect

    def pick(self, which: slice | NDArray[np.intp]) -> ReferralBatch:
        """The elements of a slice (views) or of an index array (copies)."""
        if isinstance(which, slice):
            columns: tuple[Any, ...] = self.columns
            return ReferralBatch(*(column[which] for column in columns))
        day, case_id, end, u_detect = together(which, self.day, self.case_id, self.supervision_end_day, self.u_detect)
        stratum, age_band = self.stratum.take(which), self.age_band.take(which)
        return ReferralBatch(day.copy(), case_id, stratum, age_band, end, u_detect)

    def in_order(self, kernel: Kernel | None = None) -> ReferralBatch:
        """The same in order of (day, person, category); with a kernel, by it."""
        if kernel:
            return ReferralBatch(*kernel.in_order(CATEGORY_MASK, self.columns))
        batch = self.pick(_order_of(self.day))
        if np.any(batch.day[1:] <= batch.day[:-1]):  # ties: settled by person, then category
            return self.pick(np.lexsort((self.category, self.person_id, self.day)))
        return batch

    @staticmethod
    def join(parts: list[ReferralBatch]) -> ReferralBatch:
        """Batches one after the other."""
        return ReferralBatch(*map(np.concatenate, zip(*(part.columns for part in parts), strict=True)))


CATEGORY_BIT = 28  # a case is named by its person's number with the category in bits 28 to 31
CATEGORY_MASK = 0xF << CATEGORY_BIT


def case_of(person_id: Uint64Array, category: NDArray[np.int64]) -> Uint64Array:
    """The keyed names of persons' needs, each of its category."""
    return person_id | (category.astype(np.uint64) << np.uint64(CATEGORY_BIT))


def category_of(case_id: Uint64Array) -> NDArray[np.int64]:
    """The categories of the needs that cases are of."""
    return (case_id & np.uint64(CATEGORY_MASK)).view(np.int64) >> CATEGORY_BIT


def person_of(case_id: Uint64Array) -> Uint64Array:
    """The persons whose needs these are."""
    return case_id & ~np.uint64(CATEGORY_MASK)


def together(which: NDArray[np.intp], *columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Some elements of columns of 8 bytes each, as views of one array of rows.

    Elements taken row by row cost about what those of a single column do.
    """
    rows = np.empty((len(columns[0]), len(columns)), np.int64)
    for number, column in enumerate(columns):
        rows[:, number] = column.view(np.int64)
    rows = rows.take(which, axis=0)
    return tuple(rows[:, number].view(column.dtype) for number, column in enumerate(columns))


def _order_of(day: FloatArray) -> NDArray[np.intp]:
    """What puts days in order, but for days too close to tell apart by the bits that an element's number leaves.

    Whole numbers made of both, day first, are sorted several times faster than numbers are sorted indirectly.
    """
    if not len(day):
        return np.empty(0, np.intp)
    bits = len(day).bit_length()
    first, last = float(day.min()), float(day.max())
    key = ((day - first) * (((1 << (63 - bits)) - 1) / max(last - first, 1.0))).astype(np.int64)
    key <<= bits
    key |= np.arange(len(day))
    key.sort()
    key &= (1 << bits) - 1
    return key


@lru_cache(maxsize=16)
def need_table(need_share: tuple[float, ...], correlation: float) -> FloatArray:
    """Chance of each need by latent complexity, shape (categories, 64 equally likely bins, simplest first).

    A Gaussian copula with one factor: needs i and j of a person have latent correlation ``correlation``. The
    threshold of each need is found by bisection so that the mean over the bins is ``need_share`` exactly.
    """
    normal = NormalDist()
    middle = [normal.inv_cdf((b + 0.5) / COMPLEXITY_BINS) for b in range(COMPLEXITY_BINS)]
    load, rest, root_2 = math.sqrt(correlation), math.sqrt(1.0 - correlation), math.sqrt(2.0)
    common = [load * z for z in middle]
    erfc = math.erfc

    def chance(threshold: float) -> FloatArray:
        return np.array([0.5 * erfc((threshold - c) / rest / root_2) for c in common])

    def row(share: float) -> FloatArray:
        if share <= 0.0 or share >= 1.0:
            return np.full(COMPLEXITY_BINS, min(max(share, 0.0), 1.0))
        low, high = -12.0, 12.0
        for _ in range(60):
            threshold = (low + high) / 2.0
            low, high = (threshold, high) if chance(threshold).mean() > share else (low, threshold)
        return chance((low + high) / 2.0)

    return np.array([row(share) for share in need_share])
