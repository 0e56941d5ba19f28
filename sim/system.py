"""What all agents of a run share: the clock, the money, the people, the rules in force, and one another.

``System`` is the noticeboard, not a director: it holds no decision.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, first_of_month_on_or_after
from sim.categories import CRC_SERVICE, LEFT_QUEUE, UNMET
from sim.clock import Clock
from sim.ledger import Ledger
from sim.market.caseflow import CaseFlow
from sim.market.lot import Lot, cases_in
from sim.market.payments import Payments
from sim.market.tally import MonthTally, cases_by_fate
from sim.observe.events import EventLog
from sim.randomness import Luck
from sim.rules import Rules
from sim.scenario import Scenario, expected_referrals
from sim.world.people import PeopleCounts
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.agents.crc import CrcAgent
    from sim.agents.ministry import Ministry
    from sim.agents.nps import NpsDivision
    from sim.agents.owner import Owner
    from sim.agents.provider import Provider
    from sim.agents.purchasers import Purchasers
    from sim.agents.sector import Sector
    from sim.market.book import ContractBook
    from sim.market.contract import Contract
    from sim.policy.direct_national_framework import Framework
    from sim.policy.joint_commissioning import Board
    from sim.policy.stewardship import Fund

FloatArray = NDArray[np.float64]

MINISTRY_ACCOUNT = "ministry"


class System:
    """The shared state of one replication.

    Attributes:
        expected_referrals: referrals a year at the start of the contracts, shape (areas, categories, services): what
            every organisation planned from.
        tally: the case counts of the month just ended.
        cases_month: the same cases by fate, as ``cases_by_fate`` gives them.
        seen_referrals: referrals of the last 12 months by (area, category, service), as the officers' records show.
        seen_unplaced: of those, the ones that ended unmet or left a queue.
    """

    def __init__(
        self,
        scenario: Scenario,
        luck: Luck,
        flow: CaseFlow,
        ledger: Ledger,
        log: EventLog,
        env: simpy.Environment,
    ) -> None:
        self.scenario = scenario
        self.world = scenario.world
        self.luck = luck
        self.flow = flow
        self.ledger = ledger
        self.log = log
        self.env = env
        self.calendar = scenario.horizon.calendar()
        self.clock = Clock(env, self.calendar)
        self.rules = Rules.at_start(scenario)
        self.expected_referrals = expected_referrals(scenario)
        self.seen_referrals = self.expected_referrals.copy()
        self.seen_unplaced = np.zeros_like(self.expected_referrals)
        self._crc_of_area = np.array(self.world.crc_of_area)
        self.heads = np.ones(len(self.world.crcs))
        self.payments = Payments(self.world)
        self.nps_spend_gbp = np.zeros(len(self.world.crcs))
        self.nps_money_to_bodies_gbp = 0.0
        self.started = False
        self.tenders_opened = 0
        self.tenders_failed = 0
        self.bodies_hit: set[str] = set()
        self.tally: MonthTally | None = None
        self.people_month: PeopleCounts
        self.cases_month: NDArray[np.int64]
        self._first_caseload: FloatArray | None = None
        self._identified_by_crc = self._unmet_by_crc = np.zeros(len(self.world.crcs))  # in the month just ended
        self._wage_index = (math.nan, 1.0)  # day it was worked out for, and the index
        self._month_length = (-1, 1.0)  # month it was worked out for, and its length
        self.ministry: Ministry
        self.sector: Sector
        self.crcs: list[CrcAgent] = []
        self.owners: list[Owner] = []
        self.divisions: list[NpsDivision] = []
        self.purchasers: Purchasers
        self.providers: list[Provider] = []
        self.books: list[ContractBook] = []
        self.lots_out: list[Lot] = []  # awarded or out to tender, not yet begun
        self._tendered_day: dict[int, float] = {}
        self.stewards: list[Fund] = []
        self.boards: list[Board] = []
        self.national: Framework | None = None

    @property
    def now(self) -> float:
        """The day it is."""
        return self.env.now

    @property
    def case_day(self) -> float:
        """The day on which a change reaches the desks: before the run begins, the first day of their warm-up."""
        return self.now if self.started else self.flow.now

    @property
    def month_length(self) -> float:
        """Length of the month now closing, in twelfths of a year (1 for a whole calendar month)."""
        month, length = self._month_length
        if month != self.clock.month:
            month, edges = self.clock.month, self.calendar.month_edges
            days = edges[month + 1] - edges[month]
            length = 1.0 if days >= 28 else days * 12.0 / DAYS_PER_YEAR
            self._month_length = (month, length)
        return length

    def month_edge_after(self, day: float) -> float:
        """The first month boundary at or after a day, and never in the past."""
        return float(first_of_month_on_or_after(self.calendar, max(day, self.now)))

    def division_of(self, crc: Crc) -> NpsDivision:
        """The NPS division that may buy from a CRC."""
        return self.divisions[self.world.divisions.index(crc.division)]

    def caretaker(self) -> Owner:
        """Who takes over the CRCs of an owner that failed."""
        return self.owners[-1]

    def heads_ratio(self, crc_index: int) -> float:
        """People a CRC supervises now against the end of its first month; 1 where nobody was."""
        return float(self.heads[crc_index])

    def unmet_share(self, crc_index: int) -> float:
        """Share of the needs that a CRC's officers identified in the month just ended that went unmet."""
        identified, unmet = int(self._identified_by_crc[crc_index]), int(self._unmet_by_crc[crc_index])
        return min(1.0, unmet / identified) if identified else 0.0

    def lot_code(self, buyer: str, taken: dict[int, int]) -> str:
        """The code of a buyer's next lot: by month and place in the month, so that luck does not follow a count.

        A tender opened earlier under another policy then leaves the luck of later ones as it was.

        Args:
            taken: the buyer's lots by month so far; counted up here.
        """
        month = self.clock.month
        taken[month] = taken.get(month, 0) + 1
        return f"{buyer}-M{month:02d}-{taken[month]}"

    def cases_bought(self, category: int, areas: tuple[int, ...]) -> float:
        """Cases a year already bought, or out to tender, in these areas by whatever buyer."""
        bought, wanted = 0.0, set(areas)
        for book in self.books:
            here = [c for c in book.contracts if c.category == category and not wanted.isdisjoint(c.areas)]
            if here:
                bought += cases_in(here, category, areas)
        return cases_in(self.lots_out, category, areas) + bought

    def put_out(self, lot: Lot) -> None:
        """A buyer opens a tender: everybody can see it."""
        self.lots_out.append(lot)
        self.tenders_opened += 1
        for area in lot.areas:
            self._tendered_day[area] = self.now

    def take_in(self, lot: Lot, *, failed: bool) -> None:
        """A tender is over: the work begins, or nobody takes it on."""
        self.lots_out.remove(lot)
        self.tenders_failed += failed

    def tendered_lately(self, area: int) -> bool:
        """Whether a tender opened in an area still draws new bodies there."""
        within = self.scenario.provider.entry_tender_memory_months * DAYS_PER_MONTH
        return self.now - self._tendered_day.get(area, -math.inf) <= within

    def cases_coming(self, category: int, areas: tuple[int, ...]) -> float:
        """Cases a year that the records do not show yet: lots out, and contracts begun within their memory."""
        now, within = self.now, self.scenario.supply_chain.records_memory_months * DAYS_PER_MONTH
        coming: list[Lot | Contract] = list(self.lots_out)
        of_service = [c for book in self.books for c in book.contracts if c.category == category]
        coming += [c for c in of_service if now - c.start_day < within]
        return cases_in(coming, category, areas)

    def links_by_area(self) -> NDArray[np.int64]:
        """Live pairs of tier 2 body and area, by area; shape (areas,)."""
        links = [0] * len(self.world.areas)
        for provider in {c.provider for book in self.books for c in book.contracts}:
            held = provider.contracts
            for area in held[0].areas if len(held) == 1 else {area for c in held for area in c.areas}:
                links[area] += 1
        return np.array(links)

    def has_bidder(self, lot: Lot) -> bool:
        """Whether soundings of the market find anybody who would bid for a lot."""
        return any(True for _ in self.sector.bidders(lot))

    def wage_index(self) -> float:
        """Staff cost against the start, at fixed cash prices."""
        day, index = self._wage_index
        if day != self.env.now:
            drift = self.scenario.provider.real_wage_drift_per_year
            index = float((1.0 + drift) ** (self.now / DAYS_PER_YEAR))
            self._wage_index = (self.now, index)
        return index

    def tell(self, kind: str, who: str, detail: str = "") -> None:
        """Write a line of the organisations' event log."""
        self.log.add(self.now, kind, who, detail)

    def remember_month(self, tally: MonthTally, people: PeopleCounts) -> None:
        """Let officers' records of the last year or so move on by a month (an exponential memory)."""
        memory_months = self.scenario.supply_chain.records_memory_months
        self.tally = tally
        self.people_month = people
        crc_caseload = people.caseload_people[:, CRC_SERVICE]
        caseload = self._by_crc(crc_caseload)
        if self._first_caseload is None:
            self._first_caseload = caseload
        first = self._first_caseload
        self.heads = np.divide(caseload, first, out=np.ones(len(first)), where=first > 0)
        self.cases_month = cases = cases_by_fate(tally)
        identified, unmet = _by_service(cases[0]), _by_service(cases[1 + UNMET])
        self._identified_by_crc = self._by_crc(np.add.reduce(identified[:, :, CRC_SERVICE], axis=1))
        self._unmet_by_crc = self._by_crc(np.add.reduce(unmet[:, :, CRC_SERVICE], axis=1))
        unplaced = _by_service(cases[1 + LEFT_QUEUE]) + unmet
        self.seen_referrals += (identified * 12.0 - self.seen_referrals) / memory_months
        self.seen_unplaced += (unplaced * 12.0 - self.seen_unplaced) / memory_months

    def dissolve(self) -> None:
        """Let go of all agents and cases: they refer to one another and would hold memory until Python collects."""
        self.clock.let_go()
        self.__dict__.clear()

    def _by_crc(self, of_area: NDArray[np.int64]) -> FloatArray:
        """Counts of areas as counts of CRCs."""
        return np.asarray(np.bincount(self._crc_of_area, of_area, len(self.world.crcs)), np.float64)


def _by_service(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts by area, category, service and sex, over the sexes."""
    return np.asarray(counts[..., 0] + counts[..., 1])
