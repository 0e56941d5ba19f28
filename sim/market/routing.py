"""Where an officer's referral goes: tables of cumulative chances by area, category and service.

A CRC officer shares referrals over the specialist desks of the cell in proportion to places and to how short
their posted waits are, refers with a chance that falls with the wait, and turns to in-house delivery for the
rest. An NPS officer does the same with desks that are free to use, and picks a desk to buy from by the same
weights. The tables are rebuilt lazily, and only for the categories whose desks, places or posted waits
changed. This module must not know budgets, prices or persons. ``place`` in arrays of chances is
area * categories + category.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.categories import CRC_SERVICE, IN_HOUSE, N_CATEGORIES, NPS_SERVICE
from sim.market.desk import CardAccess

FloatArray = NDArray[np.float64]
CellArray = NDArray[np.int32]
NO_DESK = -1


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


class _Cover:
    """The desks of one category open to one kind of officer, as (desk, area) pairs, specialists first.

    Attributes:
        group: area * 2 + (1 for an in-house desk), a pair.
        column: the pair's place among those of its area.
    """

    def __init__(self, desks: list[Refers], n_areas: int) -> None:
        self.desks = sorted(desks, key=lambda desk: (desk.fate == IN_HOUSE, desk.number))
        self.n_areas = n_areas
        sizes = [len(desk.area_indices) for desk in self.desks]
        self.desk = np.repeat(np.arange(len(sizes)), sizes)
        self.area = np.concatenate([np.empty(0, np.intp), *(desk.area_indices for desk in self.desks)])
        self.in_house = np.array([desk.fate == IN_HOUSE for desk in self.desks], bool)[self.desk]
        self.number = np.array([desk.number for desk in self.desks], np.int32)[self.desk]
        self.group = self.area * 2 + self.in_house
        order = np.argsort(self.area, kind="stable")
        first = np.searchsorted(self.area[order], self.area[order])
        self.column = np.empty(len(order), np.intp)
        self.column[order] = np.arange(len(order)) - first
        self.columns = int(self.column.max(initial=-1)) + 1

    def weigh(self, balk_days: float) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Each pair's share within its group and willingness to refer; each group's total weight."""
        willing = np.exp(np.array([desk.posted_wait_days for desk in self.desks]) / -balk_days)
        weight = (willing * np.array([desk.places for desk in self.desks]))[self.desk]
        total = np.bincount(self.group, weight, 2 * self.n_areas)
        of_group = total[self.group]
        share = np.divide(weight, of_group, out=np.zeros_like(weight), where=of_group > 0.0)
        return share, willing[self.desk], np.asarray(total, np.float64)


class _Table:
    """One row a cell, one column a desk: cumulative chances, desk numbers, willingness; at the end none."""

    def __init__(self, n_areas: int) -> None:
        self.width = 4
        self._shape = (n_areas, N_CATEGORIES)
        self._filled = [False] * N_CATEGORIES
        self._allocate(self.width)

    @property
    def any_desk(self) -> bool:
        """Whether any cell has a desk."""
        return any(self._filled)

    def _allocate(self, width: int) -> None:
        self.cumulative = np.zeros((*self._shape, width))
        self.number = np.full((*self._shape, width + 1), NO_DESK, np.int32)
        self.willing = np.zeros((*self._shape, width + 1))

    def fill(self, category: int, cover: _Cover, chance: FloatArray, willing: FloatArray) -> None:
        """Write the rows of a category from the chances of its pairs."""
        if not cover.columns and not self._filled[category]:
            return
        self._filled[category] = cover.columns > 0
        if cover.columns > self.width:
            old = self.cumulative, self.number, self.willing
            before, self.width = self.width, 2 * cover.columns
            self._allocate(self.width)
            self.cumulative[:, :, :before] = old[0]
            self.cumulative[:, :, before:] = old[0][:, :, -1:]
            self.number[:, :, :before] = old[1][:, :, :before]
            self.willing[:, :, :before] = old[2][:, :, :before]
        rows = np.zeros((self._shape[0], self.width))
        rows[cover.area, cover.column] = chance
        np.cumsum(rows, axis=1, out=self.cumulative[:, category])
        self.number[:, category] = NO_DESK
        self.number[cover.area, category, cover.column] = cover.number
        self.willing[cover.area, category, cover.column] = willing

    def look_up(self, place: CellArray, u: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        """Desk numbers (NO_DESK where u lies above all chances) and the willingness their waits leave."""
        chances = self.cumulative.reshape(-1, self.width)[place]
        column = np.count_nonzero(chances <= u[:, None], axis=1)
        at = place * (self.width + 1) + column
        return self.number.ravel()[at], self.willing.ravel()[at]

    def total(self, place: CellArray) -> FloatArray:
        """Chance that any desk of the row is chosen."""
        return np.asarray(self.cumulative.reshape(-1, self.width)[place, -1])


class RoutingTables:
    """The tables in force, and the desks they are made from.

    Args:
        n_areas: areas of the world.
        balk_days: posted wait, in days, at which willingness to refer falls by a factor e.
    """

    def __init__(self, n_areas: int, balk_days: float) -> None:
        self._n_areas, self._balk_days = n_areas, balk_days
        self._desks: list[list[Refers]] = [[] for _ in range(N_CATEGORIES)]
        self._covers: list[list[_Cover]] = [self._cover(k) for k in range(N_CATEGORIES)]
        self._regrouped: set[int] = set()
        self._changed: set[int] = set()
        self._direct = {service: _Table(n_areas) for service in (CRC_SERVICE, NPS_SERVICE)}
        self._card = _Table(n_areas)

    def add(self, desk: Refers) -> None:
        """A desk opens."""
        self._desks[desk.category].append(desk)
        self._regrouped.add(desk.category)
        self._changed.add(desk.category)

    def remove(self, desk: Refers) -> None:
        """A desk closes."""
        self._desks[desk.category].remove(desk)
        self._regrouped.add(desk.category)
        self._changed.add(desk.category)

    def places_changed(self, desk: Refers) -> None:
        """A desk grew or shrank."""
        self._changed.add(desk.category)

    def waits_posted(self) -> None:
        """Posted waits changed everywhere."""
        self._changed.update(range(N_CATEGORIES))

    def refer(self, cell: CellArray, u: FloatArray) -> NDArray[np.int32]:
        """The desk each referral goes to unbought, NO_DESK where none; cell = place * services + service."""
        self._refresh()
        place, nps = cell >> 1, (cell & 1) == NPS_SERVICE
        number, _ = self._direct[CRC_SERVICE].look_up(place, u)
        free = self._direct[NPS_SERVICE]
        number[nps] = free.look_up(place[nps], u[nps])[0] if free.any_desk else NO_DESK
        return number

    def buy(self, place: CellArray, u: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        """The desk an NPS officer without a free one would buy from, and the willingness its wait leaves.

        ``u`` is the draw that found no free desk: what is left of it above that chance chooses the desk.
        """
        self._refresh()
        free = self._direct[NPS_SERVICE].total(place)
        return self._card.look_up(place, (u - free) / (1.0 - free))

    def _cover(self, category: int) -> list[_Cover]:
        opens: tuple[Callable[[Refers], bool], ...] = (
            lambda desk: desk.crc_access,
            lambda desk: desk.nps_access == "free",
            lambda desk: desk.nps_access == "card",
        )
        return [_Cover([d for d in self._desks[category] if open_to(d)], self._n_areas) for open_to in opens]

    def _refresh(self) -> None:
        for category in self._regrouped:
            self._covers[category] = self._cover(category)
        for category in self._changed:
            crc, free, card = self._covers[category]
            self._fill_direct(self._direct[CRC_SERVICE], category, crc)
            self._fill_direct(self._direct[NPS_SERVICE], category, free)
            share, willing, total = card.weigh(self._balk_days)
            # In-house delivery is on offer only where no specialist with places is.
            share[card.in_house & (total[card.area * 2] > 0.0)] = 0.0
            self._card.fill(category, card, share, willing)
        self._regrouped.clear()
        self._changed.clear()

    def _fill_direct(self, table: _Table, category: int, cover: _Cover) -> None:
        share, willing, _ = cover.weigh(self._balk_days)
        chance = share * willing
        specialist = np.bincount(cover.area, np.where(cover.in_house, 0.0, chance), self._n_areas)
        chance = np.where(cover.in_house, chance * (1.0 - specialist[cover.area]), chance)
        table.fill(category, cover, chance, willing)
