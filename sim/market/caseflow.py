"""The flow of cases: referrals are routed, desks serve them, and each finds exactly one fate.

Nothing that routes or serves cases changes between two organisational events, so the flow is advanced in
windows: every change first advances it to now, routes what was identified before now by the tables then in
force, and only then takes effect. Times equal to a window's end belong to the next window. This module must
not know agents, contracts or policies: it is told desks, chances, prices and budgets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.calendar import Calendar
from sim.categories import N_CATEGORIES, SERVICES, SEXES
from sim.kernel import Kernel
from sim.market.cases import RoutedCases, join_record
from sim.market.desk import CardAccess, Desk
from sim.market.desks import Desks
from sim.market.officers import Officers
from sim.market.queues import Queues, Rows
from sim.market.tally import MonthTally, Tally
from sim.parameters.demand import Demand
from sim.randomness import Luck
from sim.world.people import PeopleStream
from sim.world.places import World

FloatArray = NDArray[np.float64]


class CaseFlow:
    """All cases of a replication.

    Args:
        world: areas and divisions.
        demand: detection, balking and service lengths.
        calendar: the days of the run.
        luck: the replication's keyed draws (those of cases are read through ``people``).
        people: the referrals; a flow uses up its stream, so two flows need two.
        record_cases: keep one row a case.
        success_share_at_quality_one: chance that a purchased service of quality 1 succeeds.
        kernel: the compiled kernel; None for the plain loops, which give the same bytes.

    Attributes:
        now: the day to which cases have been routed.
    """

    def __init__(
        self,
        world: World,
        demand: Demand,
        calendar: Calendar,
        luck: Luck,
        people: PeopleStream,
        *,
        record_cases: bool = False,
        success_share_at_quality_one: float = 1.0,
        kernel: Kernel | None = None,
    ) -> None:
        n_areas = len(world.areas)
        self.world, self.demand, self.calendar, self.luck, self.people = world, demand, calendar, luck, people
        self.now = people.begin_day
        self._officers = Officers(world, demand.balk_days, kernel)
        self._set_detection(np.full(n_areas, demand.detection_share))
        self._tally = Tally(n_areas, success_share_at_quality_one, record_cases)
        self._record = record_cases
        self._desks = Desks(demand, people, self._tally, kernel.queues() if kernel else Queues(), self.now)

    # What agents change. All but purchase terms first bring the flow to `now`; without it, to where it already is.

    def open_desk(
        self,
        name: str,
        category: int,
        fate: int,
        places: int,
        quality: float,
        area_indices: NDArray[np.intp] | Sequence[int],
        crc_access: bool,
        nps_access: CardAccess,
        now: float,
    ) -> Desk:
        """Open a desk with idle places, a posted wait of 0 (infinite without places) and no queue."""
        self.advance(now)
        areas = np.array(area_indices, np.intp)
        desk = self._desks.open(name, category, fate, places, quality, areas, crc_access, nps_access)
        self._officers.tables.add(desk)
        return desk

    def set_places(self, desk: Desk, places: int, now: float) -> None:
        """Give a desk more or fewer places; 0 is allowed. Its posted wait stays until waits are posted."""
        self.advance(now)
        self._desks.set_places(desk, places)
        self._officers.tables.places_changed(desk)

    def close_desk(self, desk: Desk, now: float) -> None:
        """Close a desk: its waiting cases are decided again now, in queue order, with fresh keyed luck.

        They keep their deadlines, their wait counts from the first referral, and money committed stays so.
        """
        self.advance(now)
        waiting = self._desks.close(desk)
        self._officers.tables.remove(desk)
        self._decide_again(desk.category, *waiting)

    def set_alternatives(self, share: FloatArray, now: float | None = None) -> None:
        """Chance that a case without a desk finds a body without a contract, shape (areas, categories)."""
        self.advance(self.now if now is None else now)
        self._officers.alternative = np.array(share, np.float64).ravel()

    def set_purchase_terms(self, share: FloatArray, price_gbp: FloatArray, now: float | None = None) -> None:
        """What NPS officers do with the card from now on, both of shape (areas, categories).

        Nobody is routed yet: cases are routed by the terms of their own day, whenever that is done.

        Args:
            share: chance that an officer buys where no wait is posted; 0 where there is no card or a ban.
            price_gbp: the price paid, GBP a case.
        """
        now = self.now if now is None else now
        self._must_not_be_past(now)
        below_nothing = np.less(price_gbp, 0.0)
        if below_nothing.any() and np.any(below_nothing & np.greater(share, 0.0)):
            raise ValueError("set_purchase_terms: a price is below GBP 0")
        self._officers.terms.renew(share, price_gbp, now)

    def release_budget(self, division: int, gbp: float, now: float | None = None) -> None:
        """Add to a division's money to commit; a division that ran out can buy again."""
        self.advance(self.now if now is None else now)
        self._officers.purses.release(division, gbp)

    def set_detection(self, share: FloatArray, now: float | None = None) -> None:
        """The share of needs identified, shape (areas,)."""
        self.advance(self.now if now is None else now)
        self._set_detection(np.asarray(share, np.float64))

    def set_success_share(self, share: float) -> None:
        """The chance that a purchased service of quality 1 succeeds, used from the month now open."""
        self._tally.success_share_at_quality_one = share

    def post_waits(self, now: float) -> None:
        """Renew the waits that officers see, at every desk."""
        self.advance(now)
        self._desks.post_waits()
        self._officers.tables.waits_posted()

    @property
    def budget_left_gbp(self) -> FloatArray:
        """Money the NPS divisions have left to commit, shape (divisions,)."""
        return self._officers.purses.left_gbp

    # Time.

    def advance(self, now: float) -> None:
        """Route every referral identified before a day; raises ValueError when the day lies in the past."""
        self._must_not_be_past(now)
        if self.now < 0.0 <= now:  # the desks' warm-up ends: who waits now is the opening balance
            self._route(0.0)
            self._desks.count_warm_up()
            self._tally.start(self.open_at_desks)
        if now > self.now:
            self._route(now)

    def close_month(self, now: float) -> MonthTally:
        """Count the month that ends now, set the desks' month counters, and check the balance of people."""
        self.advance(now)
        self._desks.count_month()
        self.check_balance()
        return self._tally.close(self.open_at_desks)

    @property
    def open_at_desks(self) -> int:
        """Cases waiting at desks now."""
        return self._desks.waiting

    def check_balance(self) -> None:
        """Raise PeopleBalanceError unless opening + identified - fates = open."""
        self._tally.check_balance(self.now, self.open_at_desks + self._desks.uncounted)

    @property
    def cases(self) -> dict[str, NDArray[np.generic]]:
        """The case record from day 0 to the last month end, ordered by day of referral.

        Columns: person_id, area, category, service, sex, age_band, referred_day, desk (-1 where none served),
        start_day (not a number where none served), fate (-1 while waiting).
        """
        if not self._record:
            return {}
        return join_record([*self._tally.record, self._desks.waiting_rows()])

    # How.

    def _set_detection(self, share: FloatArray) -> None:
        self._detection_of_stratum = np.repeat(share, N_CATEGORIES * len(SERVICES) * len(SEXES))

    def _must_not_be_past(self, now: float) -> None:
        if now < self.now:
            raise ValueError(f"cases are already at day {self.now:g}, got a call for day {now:g}")

    def _route(self, until: float) -> None:
        """Decide every referral identified before a day, by the tables in force."""
        batch = self.people.take(until)
        self.now = until
        self._desks.come_to(until)
        known = np.flatnonzero(batch.u_detect < self._detection_of_stratum.take(batch.stratum))
        if not len(known):
            return
        stratum = batch.stratum[known]
        self._tally.identify(stratum)
        case_id = batch.case_id[known]
        keys = self.people.decision_keys(1)
        number, price = self._officers.decide(self._tally, case_id, stratum >> 1, batch.day[known], keys)
        self._officers.terms.forget_before(until)
        to_desk = np.flatnonzero(number >= 0)
        if len(to_desk):
            who = known[to_desk]
            self._desks.send(
                RoutedCases(
                    batch.case_id[who],
                    stratum[to_desk],
                    batch.age_band[who],
                    batch.day[who],
                    batch.supervision_end_day[who],
                    number[to_desk],
                    price[to_desk],
                )
            )
        lost = np.flatnonzero(number < 0)
        fate = -1 - number[lost]
        self._tally.settle(stratum[lost], fate)
        if self._record:
            who = known[lost]
            self._tally.note(batch.case_id[who], stratum[lost], batch.age_band[who], batch.day[who], -1, np.nan, fate)

    def _decide_again(self, category: int, rows: Rows, deadlines: FloatArray, services: FloatArray) -> None:
        """Route the cases of a closed desk, all of one category, by the tables now in force, with fresh keyed luck."""
        if not len(rows):
            return
        held = self._desks.cases
        held.occurrence[rows] += 1
        occurrence, case_id = held.occurrence[rows], held.case_id[rows]
        luck = np.empty((3, len(rows)))
        for n in set(occurrence.tolist()):
            again = occurrence == n
            luck[:, again] = self.people.decisions(case_id[again], n)
        stratum = held.stratum[rows]
        number, price = self._officers.decide_again(self._tally, category, stratum >> 1, self.now, luck)
        held.bought[rows] = ~np.isnan(price)
        held.price_gbp[rows] = price
        found = np.flatnonzero(number >= 0)
        self._desks.send_again(rows[found], number[found], deadlines[found], services[found])
        gone = np.flatnonzero(number < 0)
        fate = -1 - number[gone]
        self._tally.settle(stratum[gone], fate)
        lost = rows[gone]
        self._tally.note(case_id[gone], stratum[gone], held.age_band[lost], held.referred_day[lost], -1, np.nan, fate)
        held.release(lost)
