"""All desks of a replication: the cases on their way to them, those that wait, and what happened there.

Desks are served lazily, when something of theirs is asked. This module must not know officers, purchases or
budgets: where a case goes was decided before it comes here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH
from sim.market.cases import OPEN, OpenCases, RoutedCases, case_rows
from sim.market.desk import CardAccess, Desk
from sim.market.queues import AllQueues, Rows
from sim.market.tally import Tally
from sim.parameters.demand import Demand
from sim.world.people import PeopleStream

FloatArray = NDArray[np.float64]


class Desks:
    """Desks, open and just closed, and the cases they hold.

    Args:
        demand: service lengths.
        people: the cases' luck.
        tally: counts what happens at desks.
        queues: the queues of its desks, none open.
        day: the day it is.

    Attributes:
        now: the day to which cases have come.
        cases: the cases at desks, a row each.
    """

    def __init__(self, demand: Demand, people: PeopleStream, tally: Tally, queues: AllQueues, day: float) -> None:
        self.now = day
        self.cases: Final = OpenCases()
        self._mean_service_days = demand.service_months * DAYS_PER_MONTH
        self._people, self._tally, self._queues = people, tally, queues
        self._open: dict[int, Desk] = {}
        self._opened = 0
        self._closed: list[Desk] = []  # closed since the last month end: still to be counted
        self._counted: list[Desk] = []  # closed before it: counted in the last month
        self._served = True  # whether every desk has been served to now
        self._routed: list[RoutedCases] = []  # not yet at their desks

    def __iter__(self) -> Iterator[Desk]:
        return iter(self._open.values())

    def open(
        self,
        name: str,
        category: int,
        fate: int,
        places: int,
        quality: float,
        area_indices: NDArray[np.intp],
        crc_access: bool,
        nps_access: CardAccess,
    ) -> Desk:
        """Open a desk with idle places and no queue."""
        number, self._opened = self._opened, self._opened + 1
        desk = Desk(number, name, category, fate, places, quality, area_indices, crc_access, nps_access)
        self._queues.open(number, places, self.now)
        self._open[number] = desk
        return desk

    def close(self, desk: Desk) -> tuple[Rows, FloatArray, FloatArray]:
        """Close a desk now: rows, deadlines and services of the waiting, to be decided again."""
        self._deliver()
        del self._open[desk.number]
        self._closed.append(desk)
        desk.places = 0
        return self._queues.close(desk.number, self.now)

    def set_places(self, desk: Desk, places: int) -> None:
        """Give a desk more or fewer places from now on."""
        more = desk.set_places(places)
        if more:
            self._queues.change_places(desk.number, more, self.now)
            self._served = False

    def come_to(self, day: float) -> None:
        """Cases have been routed up to a day."""
        self.now = day
        self._served = False

    def send(self, cases: RoutedCases) -> None:
        """Cases are on their way to their desks, in order of time."""
        self._routed.append(cases)

    def send_again(self, rows: Rows, numbers: NDArray[np.int32], deadlines: FloatArray, services: FloatArray) -> None:
        """Cases of a closed desk join the queues of others now."""
        self._queues.join(numbers, rows, np.full(len(rows), self.now), deadlines, services)
        self._served = False

    def post_waits(self) -> None:
        """Renew the waits that officers see."""
        self._serve()
        for desk, ahead in zip(self, self._queues.ahead([*self._open], self.now), strict=True):
            desk.post_wait(ahead, self._mean_service_days)

    @property
    def waiting(self) -> int:
        """Cases waiting now."""
        self._serve()
        return self._queues.waiting([*self._open])

    @property
    def uncounted(self) -> int:
        """Cases begun or gone that have not been counted."""
        return self._queues.uncounted([desk.number for desk in (*self, *self._closed)])

    def waiting_rows(self) -> dict[str, NDArray[np.generic]]:
        """The waiting as rows of the case record."""
        rows = self._queues.rows([*self._open])
        held = self.cases
        return case_rows(
            held.case_id[rows],
            held.stratum[rows],
            held.age_band[rows],
            held.referred_day[rows],
            desk=-1,
            start_day=np.nan,
            fate=OPEN,
        )

    def count_warm_up(self) -> None:
        """Count what happened before day 0 and forget it."""
        warmed = [*self, *self._closed]
        self._collect()
        for desk in warmed:
            desk.clear_month()

    def count_month(self) -> None:
        """Count what happened since the last month end, desk by desk."""
        for desk in self._counted:
            desk.clear_month()
        self._counted = [*self._closed]
        self._collect()

    def _collect(self) -> None:
        self._serve()
        desks = [*self, *self._closed]
        done = self._queues.take_done([desk.number for desk in desks])
        self._tally.collect(desks, *done, self.cases, self._people.outcome)
        self._closed.clear()

    def _serve(self) -> None:
        """Serve every desk to now, unless that is done."""
        if self._served:
            return
        self._deliver()
        self._queues.advance(self.now)
        self._served = True

    def _deliver(self) -> None:
        """Put the routed cases in the queues of their desks."""
        if not self._routed:
            return
        columns = zip(*self._routed, strict=True)
        case_id, stratum, age_band, day, supervision_end, number, price = map(np.concatenate, columns)
        self._routed.clear()
        held = self.cases
        rows = held.allocate(len(case_id))
        patient_until = day + self._people.patience_days(case_id)
        held.case_id[rows] = case_id
        held.stratum[rows] = stratum
        held.age_band[rows] = age_band
        held.referred_day[rows] = day
        held.ends[rows] = supervision_end <= patient_until
        held.bought[rows] = ~np.isnan(price)
        held.price_gbp[rows] = price
        held.occurrence[rows] = 1
        deadline = np.minimum(patient_until, supervision_end)
        self._queues.join(number, rows, day, deadline, self._people.service_days(case_id))
