"""A plain SimPy twin of the case flow: one process a person's need, one loop over desks a decision.

It is slow and obvious on purpose, and shares with ``CaseFlow`` nothing but the people and their luck. It takes the
same calls and gives the same answers, so a whole model can be run on it: ``run_replication(flow_class=TwinFlow)``.

How it differs: every need is a SimPy process that waits for its place or its deadline; a desk holds its idle places
and the ends of those in use; an officer's decision is a scalar walk over the desks of the area. A change made at a
moment acts on people through an event of that moment, which SimPy runs when the clock next moves.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH, Calendar
from sim.categories import (
    ALTERNATIVE,
    CRC_SERVICE,
    IN_HOUSE,
    LEFT_QUEUE,
    N_CATEGORIES,
    N_FATES,
    NPS_SERVICE,
    SUPERVISION_ENDED,
    UNMET,
)
from sim.kernel import Kernel
from sim.market.desk import CardAccess
from sim.market.tally import MonthTally, PeopleBalanceError
from sim.parameters.demand import Demand
from sim.randomness import Luck
from sim.world.people import PeopleStream
from sim.world.places import World

FloatArray = NDArray[np.float64]
Process = Generator[simpy.Event, Any, None]
PENNY_GBP = 1e-6


@dataclass(eq=False)
class Need:
    """One need of one person that calls for a specialist."""

    case_id: np.uint64
    person_id: int
    area: int
    category: int
    service: int
    sex: int
    age_band: int
    referred_day: float
    u_detect: float
    luck: tuple[float, float, float]  # to be routed, to be bought, to find an alternative
    service_days: float
    deadline: float
    ends: bool  # the deadline is the end of supervision
    called: simpy.Event
    occurrence: int = 1
    desk: TwinDesk | None = None
    start_day: float = math.nan
    bought: bool = False
    price_gbp: float = 0.0
    fate: int | None = None
    fate_day: float = math.nan

    @property
    def cell(self) -> tuple[int, int, int, int]:
        return self.area, self.category, self.service, self.sex


@dataclass(eq=False)
class TwinDesk:
    """A desk: people in a line, idle places, and the people being served with the day each will end."""

    env: simpy.Environment
    number: int
    name: str
    category: int
    fate: int
    places: int
    quality: float
    area_indices: NDArray[np.intp]
    crc_access: bool
    nps_access: CardAccess
    posted_wait_days: float = 0.0
    started_crc: int = 0
    started_nps: int = 0
    started_nps_gbp: float = 0.0
    queue: list[Need] = field(default_factory=list)
    ends: dict[Need, float] = field(default_factory=dict)  # of those whose place will serve again
    idle: int = 0

    def join(self, need: Need) -> None:
        need.desk = self
        self.queue.append(need)
        self.look()

    def leave(self, need: Need) -> None:
        self.queue.remove(need)

    def finish(self, need: Need) -> None:
        if self.ends.pop(need, None) is not None:  # else the place was retired meanwhile
            self.idle += 1
            self.look()

    def set_places(self, places: int) -> None:
        for _ in range(self.places, places):
            self.idle += 1
        for _ in range(places, self.places):
            if self.idle:
                self.idle -= 1
            else:
                self.ends.pop(min(self.ends, key=lambda need: self.ends[need]))
        self.places = places
        self.look()

    def look(self) -> None:
        """Call people in as soon as the clock runs."""
        event = self.env.event()
        event.callbacks.append(lambda _: self._call_in())
        event.succeed()

    def _call_in(self) -> None:
        while self.idle and self.queue:
            need = self.queue.pop(0)
            self.idle -= 1
            self.ends[need] = self.env.now + need.service_days
            need.called.succeed()

    def post_wait(self, mean_service_days: float) -> None:
        ahead = len(self.queue) - self.idle
        if not self.places:
            self.posted_wait_days = math.inf
        elif ahead < 0:
            self.posted_wait_days = 0.0
        else:
            self.posted_wait_days = (ahead + 1) * mean_service_days / self.places


class TwinFlow:
    """Takes the calls of ``CaseFlow``; see there for what each means."""

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
        self.world, self.demand, self.calendar, self.luck, self.people = world, demand, calendar, luck, people
        self.env = simpy.Environment(initial_time=people.begin_day)
        self.shape = (len(world.areas), N_CATEGORIES)
        self.detection = [demand.detection_share] * len(world.areas)
        self.alternative = np.zeros(self.shape)
        self.buying = np.zeros(self.shape)
        self.price_gbp = np.zeros(self.shape)
        self.budget_left_gbp = np.zeros(len(world.divisions))
        self.exhausted = [False] * len(world.divisions)
        self.success_share = success_share_at_quality_one
        self.record = record_cases
        self.desks: list[TwinDesk] = []  # open now
        self.ever: list[TwinDesk] = []
        self.opening = 0
        self.n_identified = self.n_fates = 0
        self.log: list[Need] = []
        self._new_month()

    def _new_month(self) -> None:
        self.identified: list[Need] = []
        self.settled: list[Need] = []
        self.purchases: list[tuple[int, int, float]] = []

    @property
    def now(self) -> float:
        return float(self.env.now)

    # What agents change.

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
    ) -> TwinDesk:
        self.advance(now)
        areas = np.array(area_indices, np.intp)
        desk = TwinDesk(self.env, len(self.ever), name, category, fate, places, quality, areas, crc_access, nps_access)
        desk.idle = places
        desk.posted_wait_days = 0.0 if places else math.inf
        self.desks.append(desk)
        self.ever.append(desk)
        return desk

    def set_places(self, desk: TwinDesk, places: int, now: float) -> None:
        self.advance(now)
        desk.set_places(places)

    def close_desk(self, desk: TwinDesk, now: float) -> None:
        self.advance(now)
        self.desks.remove(desk)
        waiting, desk.queue = desk.queue, []
        desk.ends.clear()
        desk.idle = desk.places = 0
        for need in waiting:
            need.desk = None
            need.occurrence += 1
            route, buy, alternative = self.people.decisions(np.array([need.case_id]), need.occurrence)
            need.luck = float(route[0]), float(buy[0]), float(alternative[0])
            self._decide(need)
            if need.fate is not None:
                need.called.succeed()

    def set_alternatives(self, share: FloatArray, now: float | None = None) -> None:
        self.advance(self.now if now is None else now)
        self.alternative = np.array(share).reshape(self.shape)

    def set_purchase_terms(self, share: FloatArray, price_gbp: FloatArray, now: float | None = None) -> None:
        self.advance(self.now if now is None else now)
        self.buying = np.array(share).reshape(self.shape)
        self.price_gbp = np.array(price_gbp).reshape(self.shape)

    def release_budget(self, division: int, gbp: float, now: float | None = None) -> None:
        self.advance(self.now if now is None else now)
        self.budget_left_gbp[division] += gbp
        self.exhausted[division] = False

    def set_detection(self, share: FloatArray, now: float | None = None) -> None:
        self.advance(self.now if now is None else now)
        self.detection = [float(x) for x in share]

    def set_success_share(self, share: float) -> None:
        self.success_share = share

    def post_waits(self, now: float) -> None:
        self.advance(now)
        for desk in self.desks:
            desk.post_wait(self.demand.service_months * DAYS_PER_MONTH)

    # Time.

    def advance(self, now: float) -> None:
        if now < self.now:
            raise ValueError(f"cases are already at day {self.now:g}, got a call for day {now:g}")
        if now > self.now:
            self._meet(now)
            if self.now < 0.0 <= now:
                self._run(0.0)
                self.opening = self.open_at_desks
            if now > self.now:
                self._run(now)

    def _run(self, until: float) -> None:
        self.env.run(until=until)
        self.env._now = until  # SimPy adds delays, and so may miss a day by its last digit

    def _meet(self, until: float) -> None:
        """Start the process of every need that an officer could identify before a day."""
        batch = self.people.take(until)
        patience, service_days = self.people.patience_days(batch.case_id), self.people.service_days(batch.case_id)
        person_id, luck = batch.person_id, self.people.decisions(batch.case_id, 1)
        area, category, service = batch.area, batch.category, batch.service
        for i in range(len(batch)):
            patient_until = float(batch.day[i] + patience[i])
            supervised_until = float(batch.supervision_end_day[i])
            need = Need(
                case_id=batch.case_id[i],
                person_id=int(person_id[i]),
                area=int(area[i]),
                category=int(category[i]),
                service=int(service[i]),
                sex=int(batch.sex[i]),
                age_band=int(batch.age_band[i]),
                referred_day=float(batch.day[i]),
                u_detect=float(batch.u_detect[i]),
                luck=(float(luck[0][i]), float(luck[1][i]), float(luck[2][i])),
                service_days=float(service_days[i]),
                deadline=min(patient_until, supervised_until),
                ends=supervised_until <= patient_until,
                called=self.env.event(),
            )
            self.env.process(self._life(need))

    def _life(self, need: Need) -> Process:
        """From the officer's desk to a fate."""
        env = self.env
        yield env.timeout(need.referred_day - env.now)
        if need.u_detect >= self.detection[need.area]:
            return
        if self.counting:
            self.identified.append(need)
            self.n_identified += 1
        self._decide(need)
        if need.fate is not None:
            return
        yield need.called | env.timeout(need.deadline - env.now)
        if need.fate is not None:  # the desk closed and nothing else was found
            return
        assert need.desk is not None
        if not need.called.triggered:
            need.desk.leave(need)
            need.desk = None
            self._settle(need, SUPERVISION_ENDED if need.ends else LEFT_QUEUE)
            return
        need.start_day = env.now
        self._settle(need, need.desk.fate)
        yield env.timeout(need.service_days)
        need.desk.finish(need)

    @property
    def counting(self) -> bool:
        return self.now >= 0.0

    def _settle(self, need: Need, fate: int) -> None:
        need.fate, need.fate_day = fate, self.now
        if self.counting:
            self.settled.append(need)
            self.n_fates += 1

    # Decisions.

    def _decide(self, need: Need) -> None:
        """Join a desk or find a fate at once."""
        u_route, u_buy, u_alternative = need.luck
        here = [d for d in self.desks if d.category == need.category and need.area in d.area_indices]
        if need.service == CRC_SERVICE:
            unbought = [d for d in here if d.crc_access]
        else:
            unbought = [d for d in here if d.nps_access == "free"]
        passed = 0.0  # chance of the options already turned down
        for specialist in (True, False):
            group = [d for d in unbought if (d.fate != IN_HOUSE) == specialist]
            left = 1.0 - passed
            for desk, share in self._shares(group):
                passed += left * share * self._willing(desk)
                if u_route < passed:
                    need.bought = False
                    desk.join(need)
                    return
        if need.service == NPS_SERVICE:
            card = [d for d in here if d.nps_access == "card"]
            specialists = self._shares([d for d in card if d.fate != IN_HOUSE])
            offers = specialists or self._shares([d for d in card if d.fate == IN_HOUSE])
            u, so_far = (u_route - passed) / (1.0 - passed), 0.0
            for desk, share in offers:
                so_far += share
                if u < so_far:
                    wanted = u_buy < self.buying[need.area, need.category] * self._willing(desk)
                    if wanted and self._pay(need):
                        desk.join(need)
                        return
                    break
        found = u_alternative < self.alternative[need.area, need.category]
        self._settle(need, ALTERNATIVE if found else UNMET)

    def _willing(self, desk: TwinDesk) -> float:
        return math.exp(-desk.posted_wait_days / self.demand.balk_days)

    def _shares(self, desks: list[TwinDesk]) -> list[tuple[TwinDesk, float]]:
        """Desks with the share of referrals each attracts; none where no desk attracts any."""
        weights = [desk.places * self._willing(desk) for desk in desks]
        total = sum(weights)
        return [(desk, w / total) for desk, w in zip(desks, weights, strict=True)] if total > 0.0 else []

    def _pay(self, need: Need) -> bool:
        """Commit the price; a division that cannot pay a purchase makes no other until money is released."""
        division = self.world.division_of_area[need.area]
        price = float(self.price_gbp[need.area, need.category])
        if self.exhausted[division] or price > self.budget_left_gbp[division] + PENNY_GBP:
            self.exhausted[division] = True
            return False
        self.budget_left_gbp[division] -= price
        need.bought, need.price_gbp = True, price
        if self.counting:
            self.purchases.append((need.area, need.category, price))
        return True

    # Counts.

    def close_month(self, now: float) -> MonthTally:
        self.advance(now)
        self.check_balance()
        shape = (*self.shape, 2, 2)
        identified, fates = np.zeros(shape, np.int64), np.zeros((*shape, N_FATES), np.int64)
        bought, committed = np.zeros(self.shape, np.int64), np.zeros(self.shape)
        started, started_gbp = np.zeros(self.shape, np.int64), np.zeros(self.shape)
        trials, successes = np.zeros(self.shape[0], np.int64), np.zeros(self.shape[0], np.int64)
        for each in self.ever:
            each.started_crc = each.started_nps = 0
            each.started_nps_gbp = 0.0
        for need in self.identified:
            identified[need.cell] += 1
        for area, category, price in self.purchases:
            bought[area, category] += 1
            committed[area, category] += price
        begun = [need for need in self.settled if not math.isnan(need.start_day)]
        for need in self.settled:
            fates[(*need.cell, need.fate)] += 1
        for need in begun:
            assert need.desk is not None
            desk = need.desk
            if need.service == CRC_SERVICE:
                desk.started_crc += 1
            else:
                desk.started_nps += 1
            if need.bought:
                desk.started_nps_gbp += need.price_gbp
                started[need.area, need.category] += 1
                started_gbp[need.area, need.category] += need.price_gbp
                trials[need.area] += 1
                u = float(self.people.outcome(np.array([need.case_id]))[0])
                successes[need.area] += u < min(1.0, self.success_share * desk.quality)
        if self.record:
            self.log += self.settled
        self._new_month()
        return MonthTally(
            identified=identified,
            fates=fates,
            wait_days=np.array([need.start_day - need.referred_day for need in begun]),
            wait_service=np.array([need.service for need in begun], np.int8),
            nps_purchases=bought,
            nps_committed_gbp=committed,
            nps_started=started,
            nps_started_gbp=started_gbp,
            nps_trials=trials,
            nps_successes=successes,
            open_at_desks=self.open_at_desks,
        )

    @property
    def open_at_desks(self) -> int:
        return sum(len(desk.queue) for desk in self.desks)

    def check_balance(self) -> None:
        expected = self.opening + self.n_identified - self.n_fates
        if self.counting and expected != self.open_at_desks:
            raise PeopleBalanceError(f"the twin expects {expected} waiting, but {self.open_at_desks} are")

    @property
    def cases(self) -> dict[str, NDArray[np.generic]]:
        waiting = [need for desk in self.desks for need in desk.queue]
        everybody = sorted([*self.log, *waiting], key=lambda need: (need.referred_day, need.person_id, need.category))
        if not self.record:
            return {}
        begun = [not math.isnan(need.start_day) for need in everybody]
        return {
            "person_id": np.array([need.person_id for need in everybody], np.uint64),
            "area": np.array([need.area for need in everybody], np.int16),
            "category": np.array([need.category for need in everybody], np.int8),
            "service": np.array([need.service for need in everybody], np.int8),
            "sex": np.array([need.sex for need in everybody], np.int8),
            "age_band": np.array([need.age_band for need in everybody], np.int8),
            "referred_day": np.array([need.referred_day for need in everybody]),
            "desk": np.array(
                [need.desk.number if need.desk and b else -1 for need, b in zip(everybody, begun, strict=True)],
                np.int32,
            ),
            "start_day": np.array([need.start_day for need in everybody]),
            "fate": np.array([-1 if need.fate is None else need.fate for need in everybody], np.int8),
        }
