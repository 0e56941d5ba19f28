"""Where an officer's referral goes: tables of cumulative chances by area, category and service.

A CRC officer shares referrals over the specialist desks of the cell in proportion to places and to how short
their posted waits are, refers with a chance that falls with the wait, and turns to in-house delivery for the
rest. An NPS officer does the same with desks that are free to use, and picks a desk to buy from by the same
weights. The tables are rebuilt lazily, and only for the categories whose desks, places or posted waits
changed. This module must not know budgets, prices or persons. ``place`` in arrays of chances is
area * categories + category.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.categories import CRC_SERVICE, N_CATEGORIES, NPS_SERVICE
from sim.kernel import Kernel
from sim.market.cover import Cover, Refers, Weights

FloatArray = NDArray[np.float64]
CellArray = NDArray[np.int32]
NO_DESK = -1
_ONE_BY_ONE = N_CATEGORIES // 2  # categories changed, beyond which it is quicker to fill them all together


class _Table:
    """One row a cell, one column a desk: cumulative chances, desk numbers, willingness; at the end none."""

    def __init__(self, n_areas: int, kernel: Kernel | None) -> None:
        self.width = 4
        self._column = kernel.columns if kernel else _columns
        self._shape = (n_areas, N_CATEGORIES)
        self._filled = np.zeros(N_CATEGORIES, bool)
        self._allocate(self.width)

    @property
    def any_desk(self) -> bool:
        """Whether any cell has a desk."""
        return bool(self._filled.any())

    def _allocate(self, width: int) -> None:
        self.cumulative = np.zeros((*self._shape, width))
        self.number = np.full((*self._shape, width + 1), NO_DESK, np.int32)
        self.willing = np.zeros((*self._shape, width + 1))

    def fill(self, cover: Cover, chance: FloatArray, willing: FloatArray) -> None:
        """Write the rows of a cover's categories from the chances of its pairs."""
        if not cover.columns:
            self.clear(cover)
            return
        at = cover.categories
        self._filled[at] = False
        self._filled[cover.category] = True
        if cover.columns > self.width:
            old = self.cumulative, self.number, self.willing
            before, self.width = self.width, 2 * cover.columns
            self._allocate(self.width)
            self.cumulative[:, :, :before] = old[0]
            self.cumulative[:, :, before:] = old[0][:, :, -1:]
            self.number[:, :, :before] = old[1][:, :, :before]
            self.willing[:, :, :before] = old[2][:, :, :before]
        rows = np.zeros((self._shape[0], at.stop - at.start, self.width))
        rows[cover.area, cover.category - at.start, cover.column] = chance
        np.cumsum(rows, axis=2, out=self.cumulative[:, at])
        self.number[:, at] = NO_DESK
        self.number[cover.area, cover.category, cover.column] = cover.number
        self.willing[cover.area, cover.category, cover.column] = willing

    def clear(self, cover: Cover) -> None:
        """Leave the rows of a cover's categories without a desk."""
        at = cover.categories
        if self._filled[at].any():
            self._filled[at] = False
            self.cumulative[:, at] = 0.0
            self.number[:, at] = NO_DESK

    def look_up(self, place: CellArray, u: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        """Desk numbers (NO_DESK where u lies above all chances) and the willingness their waits leave."""
        column = self._column(place, u, self.cumulative.reshape(-1, self.width))
        at = place * (self.width + 1) + column
        return self.number.ravel()[at], self.willing.ravel()[at]

    def total(self, place: CellArray) -> FloatArray:
        """Chance that any desk of the row is chosen."""
        return np.asarray(self.cumulative.reshape(-1, self.width)[place, -1])


def _columns(place: CellArray, u: FloatArray, cumulative: FloatArray) -> NDArray[np.intp]:
    """The first column of each place's row that exceeds u; the width where none does."""
    return np.asarray(np.count_nonzero(cumulative[place] <= u[:, None], axis=1))


class RoutingTables:
    """The tables in force, and the desks they are made from.

    Args:
        n_areas: areas of the world.
        balk_days: posted wait, in days, at which willingness to refer falls by a factor e.
        kernel: the compiled kernel, or None.
    """

    def __init__(self, n_areas: int, balk_days: float, kernel: Kernel | None = None) -> None:
        self._n_areas, self._balk_days = n_areas, balk_days
        self._desks: list[list[Refers]] = [[] for _ in range(N_CATEGORIES)]
        self._covers: list[list[Cover]] = [self._cover(k) for k in range(N_CATEGORIES)]
        self._regrouped: set[int] = set()
        self._changed: set[int] = set()
        self._direct = {service: _Table(n_areas, kernel) for service in (CRC_SERVICE, NPS_SERVICE)}
        self._card = _Table(n_areas, kernel)

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
        number = np.full(len(cell), NO_DESK, np.int32)
        for service, table in self._direct.items():
            if table.any_desk:
                mine = np.flatnonzero((cell & 1) == service)
                number[mine] = table.look_up(cell[mine] >> 1, u[mine])[0]
        return number

    def buy(self, place: CellArray, u: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        """The desk an NPS officer without a free one would buy from, and the willingness its wait leaves.

        ``u`` is the draw that found no free desk: what is left of it above that chance chooses the desk.
        """
        self._refresh()
        free = self._direct[NPS_SERVICE].total(place)
        return self._card.look_up(place, (u - free) / (1.0 - free))

    def _cover(self, category: int) -> list[Cover]:
        mine = self._desks[category]
        groups = (
            [desk for desk in mine if desk.crc_access],
            [desk for desk in mine if desk.nps_access == "free"],
            [desk for desk in mine if desk.nps_access == "card"],
        )
        crc, free = (Cover(group, category) for group in groups[:2])
        return [crc, free, crc if groups[2] == groups[0] else Cover(groups[2], category)]

    def _refresh(self) -> None:
        if not self._changed:
            return
        for category in self._regrouped:
            self._covers[category] = self._cover(category)
        self._regrouped.clear()
        if len(self._changed) > _ONE_BY_ONE:
            crc, free, card = (list(parts) for parts in zip(*self._covers, strict=True))
            whole = Cover.of_all(crc)
            self._fill(whole, Cover.of_all(free), whole if card == crc else Cover.of_all(card))
        else:
            for category in self._changed:
                self._fill(*self._covers[category])
        self._changed.clear()

    def _fill(self, crc: Cover, free: Cover, card: Cover) -> None:
        # The desks open to both kinds of officer are mostly the same, and then weighed once.
        of_crc = crc.weigh(self._balk_days, self._n_areas)
        self._fill_direct(self._direct[CRC_SERVICE], crc, of_crc)
        self._fill_direct(self._direct[NPS_SERVICE], free, free.weigh(self._balk_days, self._n_areas))
        share, willing, specialist = of_crc if card is crc else card.weigh(self._balk_days, self._n_areas)
        # In-house delivery is on offer only where no specialist with places is.
        share = np.where(card.in_house & (specialist[card.place] > 0.0), 0.0, share)
        self._card.fill(card, share, willing)

    def _fill_direct(self, table: _Table, cover: Cover, weighed: Weights) -> None:
        if not cover.columns:
            table.clear(cover)
            return
        share, willing, _ = weighed
        chance, place = share * willing, cover.place
        specialist = np.bincount(place, np.where(cover.in_house, 0.0, chance), self._n_areas * N_CATEGORIES)
        chance = np.where(cover.in_house, chance * (1.0 - specialist[place]), chance)
        table.fill(cover, chance, willing)
