"""Needs: how likely each is for a person of given complexity, and the referrals they give rise to.

A referral here is a need that would call for a specialist if an officer identified it. This module must not
know who starts supervision, or what becomes of a referral.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.categories import N_CATEGORIES
from sim.randomness import Uint64Array, draws, positions

FloatArray = NDArray[np.float64]

COMPLEXITY_BINS = 64


@dataclass(frozen=True, slots=True)
class ReferralBatch:
    """Needs that call for a specialist, in order of (day, person, category), one an element of every array.

    Attributes:
        day: when the officer would identify the need.
        case_id: keyed name of (person, category).
        cell: (area * categories + category) * services + service.
        supervision_end_day: day on which the person's supervision ends.
        u_detect: the need is identified where the detection share exceeds this number in (0, 1).
    """

    day: FloatArray
    case_id: Uint64Array
    cell: NDArray[np.int32]
    sex: NDArray[np.int8]
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
        return self.cell // np.int32(N_CATEGORIES * 2)

    @property
    def category(self) -> NDArray[np.int32]:
        """Index of the category."""
        return (self.cell >> 1) % np.int32(N_CATEGORIES)

    @property
    def service(self) -> NDArray[np.int32]:
        """Index of the service that supervises the person."""
        return self.cell & 1

    def pick(self, which: slice | NDArray[np.intp]) -> ReferralBatch:
        """The elements of a slice (views) or of an index array (copies)."""
        return ReferralBatch(*(getattr(self, name)[which] for name in _COLUMNS))

    @staticmethod
    def join(parts: list[ReferralBatch]) -> ReferralBatch:
        """Batches one after the other."""
        return ReferralBatch(*(np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS))


_CATEGORY_BIT = 28  # a case is named by its person's number with the category in bits 28 to 31
_CATEGORY_MASK = np.uint64(0xF << _CATEGORY_BIT)


def case_of(person_id: Uint64Array, category: NDArray[np.int64]) -> Uint64Array:
    """The keyed names of persons' needs, each of its category."""
    return person_id | (category.astype(np.uint64) << np.uint64(_CATEGORY_BIT))


def person_of(case_id: Uint64Array) -> Uint64Array:
    """The persons whose needs these are."""
    return case_id & ~_CATEGORY_MASK


_COLUMNS = tuple(field.name for field in fields(ReferralBatch))


@lru_cache(maxsize=16)
def need_table(need_share: tuple[float, ...], correlation: float) -> FloatArray:
    """Chance of each need by latent complexity, shape (categories, 64 equally likely bins, simplest first).

    A Gaussian copula with one factor: needs i and j of a person have latent correlation ``correlation``. The
    threshold of each need is found by bisection so that the mean over the bins is ``need_share`` exactly.
    """
    normal = NormalDist()
    middle = np.array([normal.inv_cdf((b + 0.5) / COMPLEXITY_BINS) for b in range(COMPLEXITY_BINS)])
    load, rest = math.sqrt(correlation), math.sqrt(1.0 - correlation)

    def chance(threshold: float) -> FloatArray:
        return np.array([0.5 * math.erfc((threshold - load * z) / rest / math.sqrt(2.0)) for z in middle])

    def row(share: float) -> FloatArray:
        if share <= 0.0 or share >= 1.0:
            return np.full(COMPLEXITY_BINS, min(max(share, 0.0), 1.0))
        low, high = -12.0, 12.0
        for _ in range(60):
            threshold = (low + high) / 2.0
            low, high = (threshold, high) if chance(threshold).mean() > share else (low, threshold)
        return chance((low + high) / 2.0)

    return np.array([row(share) for share in need_share])


def draw_needs(
    ids: Uint64Array,
    complexity: NDArray[np.uint8],
    women: NDArray[np.bool_],
    young: NDArray[np.bool_],
    group: NDArray[np.int64],
    keys: Uint64Array,
    present_below: Uint64Array,
    called_below: Uint64Array,
    only_women: int,
    only_young: int,
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], Uint64Array]:
    """The needs of people that call for a specialist, category by category; all needs are added to ``counts``.

    ``sim.kernel.Kernel.needs`` is the same compiled, person by person.

    Args:
        ids, complexity, women, young, group: of each person, shape (people,).
        keys: of the stream of each category, shape (categories,).
        present_below, called_below: whole draws below which a need is there, and calls for a specialist, by
            complexity and category.
        only_women, only_young: the categories that only these can have.
        counts: needs by group and category.

    Returns:
        The person (an index), the category and the whole draw of each.
    """
    at, only = positions(ids), {only_women: women, only_young: young}
    who, drawn = [], []
    for k, key in enumerate(keys.tolist()):
        x = draws(key, at)
        present = np.flatnonzero(x < present_below[:, k].take(complexity))
        if k in only:
            present = present[only[k][present]]
        counts[:, k] += np.bincount(group[present], minlength=len(counts))
        x = x[present]
        called = np.flatnonzero(x < called_below[:, k].take(complexity[present]))
        who.append(present[called])
        drawn.append(x[called])
    category = np.repeat(np.arange(len(keys)), [len(part) for part in who])
    return np.concatenate(who), category, np.concatenate(drawn)
