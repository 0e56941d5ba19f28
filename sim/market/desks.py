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
        day: the day it is.

    Attributes:
        now: the day to which cases have come.
        cases: the cases at desks, a row each.
    """

    def __init__(self, demand: Demand, people: PeopleStream, tally: Tally, day: float) -> None:
        self.now = day
        self.cases: Final = OpenCases()
        self._mean_service_days = demand.service_months * DAYS_PER_MONTH
        self._people, self._tally = people, tally
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
        desk = Desk(number, name, category, fate, places, quality, area_indices, crc_access, nps_access, now=self.now)
        self._open[number] = desk
        return desk

    def close(self, desk: Desk) -> tuple[list[int], list[float], list[float]]:
        """Close a desk now: rows, deadlines and services of the waiting, to be decided again."""
        self._deliver()
        desk.advance(self.now)
        del self._open[desk.number]
        self._closed.append(desk)
        return desk.close()

    def set_places(self, desk: Desk, places: int) -> None:
        """Give a desk more or fewer places from now on."""
        desk.set_places(places, self.now)
        self._served = False

    def come_to(self, day: float) -> None:
        """Cases have been routed up to a day."""
        self.now = day
        self._served = False

    def send(self, cases: RoutedCases) -> None:
        """Cases are on their way to their desks, in order of time."""
        self._routed.append(cases)

    def send_again(self, rows: list[int], numbers: list[int], deadlines: list[float], services: list[float]) -> None:
        """Cases of a closed desk join the queues of others now; who has no other (a number below 0) is left out."""
        for row, number, deadline, service in zip(rows, numbers, deadlines, services, strict=True):
            if number >= 0:
                self._open[number].join([row], [self.now], [deadline], [service])
        self._served = False

    def post_waits(self) -> None:
        """Renew the waits that officers see."""
        self._serve()
        for desk in self:
            desk.post_wait(self.now, self._mean_service_days)

    @property
    def waiting(self) -> int:
        """Cases waiting now."""
        self._serve()
        return sum([desk.waiting for desk in self])

    @property
    def uncounted(self) -> int:
        """Cases begun or gone that have not been counted."""
        return sum([desk.uncounted for desk in (*self, *self._closed)])

    def waiting_rows(self) -> dict[str, NDArray[np.generic]]:
        """The waiting as rows of the case record."""
        rows = np.array([row for desk in self for row in desk.waiting_rows], np.intp)
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
        self._tally.collect([*self, *self._closed], self.cases, self._people.outcome)
        self._closed.clear()

    def _serve(self) -> None:
        """Serve every desk to now, unless that is done."""
        if self._served:
            return
        self._deliver()
        for desk in self._open.values():
            desk.advance(self.now)
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

        order = np.argsort(number, kind="stable")
        number = number[order]
        row = rows[order].tolist()
        arrival = day[order].tolist()
        deadline = np.minimum(patient_until, supervision_end)[order].tolist()
        service = self._people.service_days(case_id)[order].tolist()
        first = np.flatnonzero(np.diff(number, prepend=-1))
        ends = [*first[1:].tolist(), len(row)]
        for desk, a, b in zip(number[first].tolist(), first.tolist(), ends, strict=True):
            self._open[desk].join(row[a:b], arrival[a:b], deadline[a:b], service[a:b])
