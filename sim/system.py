"""What all agents of a run share: the clock, the money, the people, the rules in force, and one another.

``System`` is the noticeboard, not a director: it holds no decision. ``Rules`` is what agents are allowed or obliged
to do now; policy levers change it at their dates and nothing else does.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, first_of_month_on_or_after
from sim.categories import CATEGORY_INDEX, CRC_SERVICE, LEFT_QUEUE, N_CATEGORIES, UNMET
from sim.clock import Clock
from sim.ledger import Ledger
from sim.market.caseflow import CaseFlow
from sim.market.lot import Lot, cases_in
from sim.market.payments import Payments
from sim.market.tally import MonthTally
from sim.observe.events import EventLog
from sim.randomness import Luck
from sim.scenario import Scenario
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


@dataclass(slots=True)
class Rules:
    """What agents may and must do now. Levers change these at their dates; agents read them when they decide."""

    pricing: str
    markup_cap_share: float | None
    regulated_price_ratio: float
    extra_range_share: float
    known_share: float
    standard_burden_gbp_per_year: float
    burden_share: float
    term_months_low: int
    term_months_high: int
    payment_delay_months: int
    # duty to spend: share of income, share of the shortfall deducted, most tenders a review
    least_spend_share: float = 0.0
    least_spend_credit_share: float = 0.0
    least_spend_lots_per_review: int = 0
    # the fee: share that no longer follows volume, and whether the 2017 variation is replaced
    fixed_fee_share: float = 0.0
    variation_replaced: bool = False
    # the rate card: whether officers may buy case by case, and the share of the NPS budget bought in blocks
    case_by_case: bool = True
    block_share: float = 0.0
    block_discount_share: float = 0.0
    plan_scale: float = 1.0

    def burden_gbp(self, value_gbp_per_year: float) -> float:
        """What the agreement costs a provider a year: the standard sum, or a share of the value if that is less."""
        return min(self.standard_burden_gbp_per_year, self.burden_share * value_gbp_per_year)

    @classmethod
    def at_start(cls, scenario: Scenario) -> Rules:
        """The rules of the scenario before any lever."""
        card, chain = scenario.rate_card, scenario.supply_chain
        return cls(
            pricing=card.pricing,
            markup_cap_share=card.markup_cap_share,
            regulated_price_ratio=card.regulated_price_ratio,
            extra_range_share=card.extra_range_share,
            known_share=chain.known_share,
            standard_burden_gbp_per_year=chain.agreement_burden_gbp_per_year,
            burden_share=math.inf,
            term_months_low=chain.term_months_low,
            term_months_high=chain.term_months_high,
            payment_delay_months=scenario.finance.payment_delay_months,
        )


class System:
    """The shared state of one replication.

    Attributes:
        expected_referrals: referrals a year at the start of the contracts, shape (areas, categories, services): what
            every organisation planned from.
        tally: the case counts of the month just ended.
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
        return float(self.env.now)

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
        out = cases_in(self.lots_out, category, areas)
        return out + sum(book.cases_bought(category, areas) for book in self.books)

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
        within = self.scenario.supply_chain.records_memory_months * DAYS_PER_MONTH
        coming: list[Lot | Contract] = list(self.lots_out)
        coming += [c for book in self.books for c in book.contracts if self.now - c.start_day < within]
        return cases_in(coming, category, areas)

    def links_by_area(self) -> NDArray[np.int64]:
        """Live pairs of tier 2 body and area, by area; shape (areas,)."""
        areas_of: defaultdict[str, set[int]] = defaultdict(set)
        for book in self.books:
            for contract in book.contracts:
                areas_of[contract.provider.body.code].update(contract.areas)
        return np.bincount([*chain.from_iterable(areas_of.values())], minlength=len(self.world.areas))

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
        self._identified_by_crc = self._by_crc(tally.identified[:, :, CRC_SERVICE].sum(axis=(1, 2)))
        self._unmet_by_crc = self._by_crc(tally.fates[:, :, CRC_SERVICE, :, UNMET].sum(axis=(1, 2)))
        identified = tally.identified.sum(axis=3) * 12.0
        unplaced = tally.fates[..., LEFT_QUEUE].sum(axis=3) + tally.fates[..., UNMET].sum(axis=3)
        self.seen_referrals += (identified - self.seen_referrals) / memory_months
        self.seen_unplaced += (unplaced * 12.0 - self.seen_unplaced) / memory_months

    def dissolve(self) -> None:
        """Let go of all agents and cases: they refer to one another and would hold memory until Python collects."""
        self.__dict__.clear()

    def _by_crc(self, of_area: NDArray[np.int64]) -> FloatArray:
        """Counts of areas as counts of CRCs."""
        return np.asarray(np.bincount(self.world.crc_of_area, of_area, len(self.world.crcs)), np.float64)


def expected_referrals(scenario: Scenario) -> FloatArray:
    """Referrals a year that bidders planned for: shape (areas, categories, services), at the start's volumes."""
    demand = scenario.demand
    need = np.array(demand.need_share) * np.array(demand.specialist_share) * demand.detection_share
    need[CATEGORY_INDEX["women"]] *= demand.women_share
    need[CATEGORY_INDEX["young_adults"]] *= demand.young_adult_share
    starts = np.array(scenario.world.caseload_of_area) * demand.crc_starts_per_person_supervised * demand.people_scale
    expected = np.zeros((len(starts), N_CATEGORIES, 2))
    expected[:, :, CRC_SERVICE] = starts[:, None] * need[None, :]
    expected[:, :, 1 - CRC_SERVICE] = expected[:, :, CRC_SERVICE] * demand.nps_starts_per_crc_start
    return expected
