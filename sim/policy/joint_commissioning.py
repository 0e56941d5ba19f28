"""Joint commissioning: part of the NPS's and the CRC's specialist money is pooled, and a local board buys by known need.

Boards come into being one by one; what a CRC puts in falls due only as its board signs contracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.agents.commissioner import Commissioner
from sim.calendar import DAYS_PER_MONTH, MONTHS_PER_QUARTER
from sim.clock import Phase, Process
from sim.parameters.record import count, number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.agents.crc import CrcAgent
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class JointCommissioning(Lever):
    """The pool and how boards use it."""

    name: ClassVar[str] = "joint_commissioning"
    title: ClassVar[str] = "Joint commissioning"

    pooled_share: float = number(
        "share of CRC supply-chain budget and NPS plan money", 0, 1, (0.1, 0.6), "J", "judgement", "size of the pool"
    )
    lot_areas: int = count("areas in a lot", 1, 50, (1, 8), "J", "judgement", "who can win")
    mobilise_months: float = number(
        "months over which boards come into being", 0, 120, (6, 36), "J", "judgement", "when boards buy"
    )
    lots_per_quarter: int = count(
        "tenders a board opens a quarter", 1, 50, (1, 4), "J", "judgement", "how fast boards buy"
    )
    known_share: float = number(
        "share of unmet need a board knows",
        0,
        1,
        (0.4, 0.9),
        "J",
        "judgement: two services compare records",
        "what is bought",
    )
    price_ratio: float = number("price offered over the fair price", 0.1, 5, (0.9, 1.1), "J", "judgement", "who bids")

    def begin(self, system: System) -> None:
        for crc in system.crcs:
            delay = system.luck.between(0.0, self.mobilise_months, "board", crc.code) * DAYS_PER_MONTH
            system.env.process(open_board(system, crc, delay, self, self.pooled_share, self.pooled_share))

    def finish(self, system: System) -> None:
        close_boards(system, self)

    def inert_because(self, scenario: Scenario) -> str | None:
        return "pooled_share is 0" if self.pooled_share == 0.0 else None


def open_board(
    system: System,
    crc: CrcAgent,
    delay_days: float,
    lever: JointCommissioning,
    crc_share: float,
    nps_share: float,
) -> Process:
    """A CRC's board comes into being after a delay of its own."""
    yield system.env.timeout(delay_days)
    if lever.end is not None and system.now >= system.calendar.day(lever.end):
        return
    board = Board(system, crc, lever, crc_share, nps_share)
    system.boards.append(board)
    crc.board = board
    system.tell("board_opened", board.name)


def close_boards(system: System, lever: JointCommissioning) -> None:
    """The boards of a lever open no more tenders; what they have signed runs off."""
    for board in system.boards:
        if board.lever is lever:
            board.buying = False


class Board(Commissioner):
    """The joint board of one CRC's territory."""

    def __init__(
        self, system: System, crc: CrcAgent, lever: JointCommissioning, crc_share: float, nps_share: float
    ) -> None:
        super().__init__(system, f"board-{crc.code}", f"board:{crc.code}", "joint")
        self._crc = crc
        self.lever = lever
        self._crc_share = crc_share
        self._nps_share = nps_share
        system.env.process(self.run())

    def _purses(self) -> tuple[float, float]:
        """What the CRC and the NPS pledge, GBP a year."""
        division = self.system.division_of(self._crc.crc)
        nps = division.plan_gbp_per_year(self._crc.book.areas) * self._nps_share
        return self._crc.unpooled_budget_gbp_per_year() * self._crc_share, nps

    def crc_part(self) -> float:
        """The share of its bills that the CRC pays."""
        crc, nps = self._purses()
        return crc / (crc + nps) if crc + nps > 0.0 else 0.0

    def crc_pledge_gbp_per_year(self) -> float:
        """What the CRC has to find a year for the contracts signed so far: its own budget falls by this, not more."""
        return self.book.value_gbp_per_year() * self.crc_part()

    def nps_pledge_gbp_per_year(self) -> float:
        """What the NPS has to find a year for the contracts signed so far."""
        return self.book.value_gbp_per_year() * (1.0 - self.crc_part())

    def fund(self, gbp: float) -> None:
        """Both services bring their part of the month's bills."""
        system = self.system
        part = self.crc_part()
        paid = system.ledger.transfer(self._crc.accounts.account, self.account, gbp * part, "pooled by CRCs")
        self._crc.accounts.spend(paid)
        division = system.division_of(self._crc.crc)
        system.ledger.transfer(division.account, self.account, gbp - paid, "pooled by the NPS")
        system.ministry.month_spent_gbp += gbp - paid

    def run(self) -> Process:
        """Each quarter, tender for the largest gaps known while the pool lasts."""
        system = self.system
        while True:
            yield system.clock.wait(Phase.REVIEWS)
            if not self.buying:
                return
            if system.clock.month % MONTHS_PER_QUARTER == self._crc.index % MONTHS_PER_QUARTER:
                self._commission()

    def _commission(self) -> None:
        system, lever = self.system, self.lever
        areas = list(self._crc.book.areas)
        least = system.scenario.supply_chain.smallest_lot_cases_per_year
        for _ in range(lever.lots_per_quarter):
            free = sum(self._purses()) - self.committed_gbp_per_year()
            if free <= 0.0:
                return
            code = self.next_lot_code()
            for _, category in self.known_gaps(areas, lever.known_share, code):
                ranked = sorted(areas, key=lambda a: (-float(system.seen_unplaced[a, category].sum()), a))
                where = tuple(sorted(ranked[: lever.lot_areas]))
                lot = self.gap_lot(category, where, code, price_ratio=lever.price_ratio, most_gbp=free)
                if lot.cases_per_year >= least and system.has_bidder(lot):
                    self.tender(lot, "known_need", guaranteed_share=None, term_months=None)
                    break
