"""Which desks cover which areas, as arrays of (desk, area) pairs, and how much each weighs there.

What the routing tables are made from. This module must not know what officers do with the weights.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.categories import IN_HOUSE, N_CATEGORIES
from sim.market.desk import CardAccess

FloatArray = NDArray[np.float64]
Weights = tuple[FloatArray, FloatArray, FloatArray]


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


class Cover:
    """Desks open to one kind of officer, as (desk, area) pairs, specialists first; of one category or of all.

    Attributes:
        categories: which categories it covers.
        desk: the pair's desk, as an index into ``desks``.
        column: the pair's place among those of its area and category; ``columns`` is the most that any has.
    """

    def __init__(self, desks: list[Refers], category: int) -> None:
        self.categories = slice(category, category + 1)
        self.desks = sorted(desks, key=lambda desk: (desk.fate == IN_HOUSE, desk.number))
        sizes = [len(desk.area_indices) for desk in self.desks]
        self.desk = np.repeat(np.arange(len(sizes)), sizes)
        self.area = np.concatenate([np.empty(0, np.intp), *(desk.area_indices for desk in self.desks)])
        self.category = np.full(len(self.area), category)
        self.in_house = np.array([desk.fate == IN_HOUSE for desk in self.desks], bool)[self.desk]
        self.number = np.array([desk.number for desk in self.desks], np.int32)[self.desk]
        order = np.argsort(self.area, kind="stable")
        first = np.searchsorted(self.area[order], self.area[order])
        self.column = np.empty(len(order), np.intp)
        self.column[order] = np.arange(len(order)) - first
        self.columns = int(self.column.max(initial=-1)) + 1

    @classmethod
    def of_all(cls, parts: list[Cover]) -> Cover:
        """The covers of the categories, in order, as one."""
        whole = cls([], 0)
        whole.categories = slice(0, len(parts))
        whole.desks = [desk for part in parts for desk in part.desks]
        first = np.cumsum([0, *(len(part.desks) for part in parts[:-1])])
        whole.desk = np.concatenate([part.desk + n for part, n in zip(parts, first, strict=True)])
        for name in ("area", "category", "in_house", "number", "column"):
            setattr(whole, name, np.concatenate([getattr(part, name) for part in parts]))
        whole.columns = max(part.columns for part in parts)
        return whole

    @property
    def place(self) -> NDArray[np.intp]:
        """The pair's area and category."""
        return np.asarray(self.area * N_CATEGORIES + self.category)

    def weigh(self, balk_days: float, n_areas: int) -> Weights:
        """Each pair's share among specialists or in-house desks of its place; its willingness; weight by place.

        The weights of places are those of specialists, shape (areas * categories,).
        """
        willing = np.exp(np.array([desk.posted_wait_days for desk in self.desks]) / -balk_days)
        weight = (willing * np.array([desk.places for desk in self.desks]))[self.desk]
        group = self.place * 2 + self.in_house
        total = np.bincount(group, weight, 2 * n_areas * N_CATEGORIES)
        of_group = total[group]
        share = np.divide(weight, of_group, out=np.zeros_like(weight), where=of_group > 0.0)
        return share, willing[self.desk], np.asarray(total[::2], np.float64)
