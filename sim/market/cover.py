"""Which desks cover which areas, as arrays of (desk, area) pairs, and how much each weighs there.

What the routing tables are made from. This module must not know what officers do with the weights. A place is
area * categories + category.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.categories import IN_HOUSE, N_CATEGORIES
from sim.market.desk import CardAccess

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Refers(Protocol):
    """What routing sees of a desk."""

    @property
    def number(self) -> int: ...
    @property
    def category(self) -> int: ...
    @property
    def fate(self) -> int: ...
    @property
    def area_indices(self) -> NDArray[np.intp]: ...
    @property
    def crc_access(self) -> bool: ...
    @property
    def nps_access(self) -> CardAccess: ...

    places: int
    posted_wait_days: float


class Cover(NamedTuple):
    """Desks open to one kind of officer, as (desk, area) pairs, specialists first; of one category or of all.

    Attributes:
        categories: which categories it covers.
        desk: the pair's desk, as an index into ``desks``.
        number: the desk's number.
        group: the pair's place * 2, and 1 more where the desk is in-house.
        slot: the pair's column among those of its place, times all places, plus its place.
        in_house: the pairs of in-house desks, as indices.
        columns: the most pairs that any place has.
    """

    categories: slice
    desks: list[Refers]
    desk: IntArray
    number: NDArray[np.int32]
    group: IntArray
    slot: IntArray
    in_house: IntArray
    columns: int

    def weigh(self, balk_days: float, n_places: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Each pair's share among specialists or in-house desks of its place; its willingness; weight by group.

        Args:
            n_places: areas * categories.
        """
        willing = np.exp(np.array([desk.posted_wait_days for desk in self.desks]) / -balk_days)
        weight = (willing * np.array([desk.places for desk in self.desks])).take(self.desk)
        total: FloatArray = np.bincount(self.group, weight, 2 * n_places).astype(np.float64, copy=False)
        of_group = total.take(self.group)
        share = np.divide(weight, of_group, out=np.zeros(len(weight)), where=of_group > 0.0)
        return share, willing.take(self.desk), total


def cover_of(desks: list[Refers], category: int, n_areas: int) -> Cover:
    """The cover of some desks of one category."""
    desks = sorted(desks, key=lambda desk: (desk.fate == IN_HOUSE, desk.number))
    sizes = [len(desk.area_indices) for desk in desks]
    area = np.concatenate([np.empty(0, np.intp), *[desk.area_indices for desk in desks]])
    pairs_of_area, column = [0] * n_areas, []
    for a in area.tolist():
        column.append(pairs_of_area[a])
        pairs_of_area[a] += 1
    specialists = sum([size for size, desk in zip(sizes, desks, strict=True) if desk.fate != IN_HOUSE])
    place = area * N_CATEGORIES + category
    group = place * 2
    group[specialists:] += 1
    return Cover(
        categories=slice(category, category + 1),
        desks=desks,
        desk=np.repeat(np.arange(len(desks)), sizes),
        number=np.repeat(np.array([desk.number for desk in desks], np.int32), sizes),
        group=group,
        slot=np.array(column, np.int64) * (n_areas * N_CATEGORIES) + place,
        in_house=np.arange(specialists, len(area)),
        columns=max(pairs_of_area),
    )


def join(parts: list[Cover]) -> Cover:
    """The covers of all categories, in order, as one."""
    desks_before = accumulate([len(part.desks) for part in parts], initial=0)
    pairs_before = accumulate([len(part.desk) for part in parts], initial=0)
    return Cover(
        categories=slice(0, len(parts)),
        desks=[desk for part in parts for desk in part.desks],
        desk=np.concatenate([part.desk + n for part, n in zip(parts, desks_before, strict=False)]),
        number=np.concatenate([part.number for part in parts]),
        group=np.concatenate([part.group for part in parts]),
        slot=np.concatenate([part.slot for part in parts]),
        in_house=np.concatenate([part.in_house + n for part, n in zip(parts, pairs_before, strict=False)]),
        columns=max(part.columns for part in parts),
    )
