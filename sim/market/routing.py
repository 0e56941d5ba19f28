"""Where an officer's referral goes: tables of cumulative chances by area, category and service.

A CRC officer shares referrals over the specialist desks of the cell in proportion to places and to how short
their posted waits are, refers with a chance that falls with the wait, and turns to in-house delivery for the
rest. An NPS officer does the same with desks that are free to use, and picks a desk to buy from by the same
weights. The tables are renewed lazily, and only for the categories whose desks, places or posted waits
changed. This module must not know budgets, prices or persons. A place is area * categories + category, a cell
place * services + service.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.categories import CRC_SERVICE, N_CATEGORIES, NPS_SERVICE, SERVICES
from sim.market.cover import Cover, Refers, cover_of, join

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
NO_DESK = -1
_ONE_BY_ONE = N_CATEGORIES // 2  # categories changed, beyond which it is quicker to fill them all together


class Table:
    """Desks by row (a place, or a cell) and column, with the chance that one is chosen up to that column.

    Attributes:
        cumulative: chances, shape (width, rows); they rise down the columns, and stay where a row has no more desks.
        number: desk numbers, shape (width + 1, rows); the last are NO_DESK. Read only where ``cumulative`` rises.
        willing: willingness to refer that the desk's posted wait leaves, shape of ``number``.
    """

    def __init__(self, n_areas: int, services: int) -> None:
        self._shape = (-1, n_areas, N_CATEGORIES, services)
        self.rows = n_areas * N_CATEGORIES * services
        self._filled: list[set[int]] = [set() for _ in range(services)]  # categories that have desks, by service
        self.cumulative = np.zeros((0, self.rows))
        self.number = np.full((1, self.rows), NO_DESK, np.int32)
        self.willing = np.zeros((1, self.rows))

    def serves(self, service: int) -> bool:
        """Whether any row of a service has a desk."""
        return bool(self._filled[service])

    def fill(self, cover: Cover, chance: FloatArray, willing: FloatArray, service: int = 0) -> None:
        """Write the rows of a cover's categories, for one service, from the chances of its pairs."""
        self.clear(cover, service)
        self._filled[service].update(range(cover.categories.start, cover.categories.stop))
        self._widen(cover.columns - len(self.cumulative))
        slot = cover.slot * self._shape[-1] + service
        self.cumulative.ravel()[slot] = chance
        self.number.ravel()[slot] = cover.number
        self.willing.ravel()[slot] = willing
        mine = self._rows(cover, service)
        for before, here in pairwise(mine):
            here += before

    def _widen(self, more: int) -> None:
        if more > 0:
            last = self.cumulative[-1:] if len(self.cumulative) else np.zeros((1, self.rows))
            self.cumulative = np.concatenate((self.cumulative, last.repeat(more, axis=0)))
            self.number = np.concatenate((self.number, np.full((more, self.rows), NO_DESK, np.int32)))
            self.willing = np.concatenate((self.willing, np.zeros((more, self.rows))))

    def clear(self, cover: Cover, service: int = 0) -> None:
        """Leave the rows of a cover's categories without a desk."""
        categories = range(cover.categories.start, cover.categories.stop)
        if not self._filled[service].isdisjoint(categories):
            self._filled[service].difference_update(categories)
            self._rows(cover, service)[:] = 0.0

    def _rows(self, cover: Cover, service: int) -> FloatArray:
        return self.cumulative.reshape(self._shape)[:, :, cover.categories, service]

    def total(self, row: IntArray) -> FloatArray:
        """Chance that any desk of the row is chosen."""
        return self.cumulative[-1].take(row) if len(self.cumulative) else np.zeros(len(row))

    def open_rows(self, row: IntArray) -> IntArray:
        """Which of some rows have a desk that may be chosen, as indices."""
        if not len(self.cumulative):
            return np.empty(0, np.int64)
        return np.flatnonzero((self.cumulative[-1] > 0.0).take(row))

    def look_up(self, row: IntArray, u: FloatArray) -> IntArray:
        """Where in ``number`` and ``willing``, laid flat, the choice of each row's draw stands."""
        column = np.zeros(len(row), np.int64)
        for cumulative in self.cumulative:
            column += cumulative.take(row) <= u
        return column * self.rows + row


class _Covers(NamedTuple):
    """The desks open to CRC officers, to NPS officers free of charge, and to those by the card."""

    crc: Cover
    free: Cover
    card: Cover


class RoutingTables:
    """The tables in force, and the desks they are made from.

    Args:
        n_areas: areas of the world.
        balk_days: posted wait, in days, at which willingness to refer falls by a factor e.

    Attributes:
        direct: where referrals go unbought, by cell.
        card: where NPS officers buy, by place.
    """

    def __init__(self, n_areas: int, balk_days: float) -> None:
        self._n_areas, self._balk_days = n_areas, balk_days
        self._desks: list[list[Refers]] = [[] for _ in range(N_CATEGORIES)]
        self._nobody = [cover_of([], k, n_areas) for k in range(N_CATEGORIES)]
        self._nobody_anywhere = join(self._nobody)
        self._covers = [_Covers(none, none, none) for none in self._nobody]
        self._whole: _Covers | None = None  # of all categories, while none is regrouped
        self._regrouped: set[int] = set()
        self._changed: set[int] = set()
        self.direct = Table(n_areas, len(SERVICES))
        self.card = Table(n_areas, 1)

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

    def refresh(self, only: int | None = None) -> None:
        """Renew the tables for what changed; of one category only, where nothing else will be asked for."""
        changed = self._changed if only is None else self._changed & {only}
        if not changed:
            return
        for category in self._regrouped & changed:
            self._covers[category] = self._cover(category)
            self._whole = None
        self._regrouped -= changed
        if len(changed) > _ONE_BY_ONE:
            if self._whole is None:
                self._whole = self._cover_of_all()
            self._fill(self._whole)
        else:
            for category in changed:
                self._fill(self._covers[category])
        self._changed = self._changed - changed

    def refer(self, row: IntArray, u: FloatArray) -> NDArray[np.int32]:
        """The desk each referral of a cell goes to unbought, NO_DESK where none."""
        return self.direct.number.take(self.direct.look_up(row, u))

    def buy(self, place: IntArray, u: FloatArray) -> tuple[NDArray[np.int32], FloatArray]:
        """The desk an NPS officer without a free one would buy from, and the willingness its wait leaves.

        ``u`` is the draw that found no free desk: what is left of it above that chance chooses the desk.
        """
        if self.direct.serves(NPS_SERVICE):
            free = self.direct.total(place * len(SERVICES) + NPS_SERVICE)
            u = (u - free) / (1.0 - free)
        at = self.card.look_up(place, u)
        return self.card.number.take(at), self.card.willing.take(at)

    def _cover(self, category: int) -> _Covers:
        def of(mine: list[Refers]) -> Cover:
            return cover_of(mine, category, self._n_areas) if mine else self._nobody[category]

        desks = self._desks[category]
        for_crc = [desk for desk in desks if desk.crc_access]
        by_card = [desk for desk in desks if desk.nps_access == "card"]
        crc, free = of(for_crc), of([desk for desk in desks if desk.nps_access == "free"])
        return _Covers(crc, free, crc if by_card == for_crc else of(by_card))

    def _cover_of_all(self) -> _Covers:
        crc, free, card = (list(parts) for parts in zip(*self._covers, strict=True))
        whole = join(crc)
        same = all(a is b for a, b in zip(crc, card, strict=True))
        for_free = join(free) if any(part.desks for part in free) else self._nobody_anywhere
        return _Covers(whole, for_free, whole if same else join(card))

    def _fill(self, covers: _Covers) -> None:
        # The desks open to both kinds of officer are mostly the same, and then weighed once.
        crc, free, card = covers
        n_places = self.card.rows
        weighed = crc.weigh(self._balk_days, n_places)
        self._fill_direct(crc, *weighed[:2], CRC_SERVICE)
        if free.columns:
            self._fill_direct(free, *free.weigh(self._balk_days, n_places)[:2], NPS_SERVICE)
        else:
            self.direct.clear(free, NPS_SERVICE)
        share, willing, weight = weighed if card is crc else card.weigh(self._balk_days, n_places)
        # In-house delivery is on offer only where no specialist with places is.
        of_specialists = weight.take(card.group.take(card.in_house) - 1)
        share[card.in_house.compress(of_specialists > 0.0)] = 0.0
        self.card.fill(card, share, willing)

    def _fill_direct(self, cover: Cover, share: FloatArray, willing: FloatArray, service: int) -> None:
        chance = share * willing
        of_specialists = np.bincount(cover.group, chance, 2 * self.card.rows)
        chance[cover.in_house] *= 1.0 - of_specialists.take(cover.group.take(cover.in_house) - 1)
        self.direct.fill(cover, chance, willing, service)
