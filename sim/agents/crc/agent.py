"""The CRC as an agent: its processes on the calendar, and what it remembers between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.agents.crc import review
from sim.agents.crc.accounts import Accounts
from sim.agents.crc.book import CrcBook
from sim.agents.crc.card import Card
from sim.calendar import DAYS_PER_MONTH
from sim.clock import Phase, Process
from sim.market.contract import Contract
from sim.market.lot import Lot, award
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.agents.owner import Owner
    from sim.policy.joint_commissioning import Board
    from sim.system import System


class CrcAgent:
    """One Community Rehabilitation Company.

    Attributes:
        budget_share: its own supply-chain share of the bid fee.
        plan_open: items of the bid's supply-chain plan not yet tendered.
        tendering_gbp: value a year of lots out to tender.
    """

    def __init__(self, system: System, crc: Crc, index: int) -> None:
        chain, luck = system.scenario.supply_chain, system.luck
        self.system = system
        self.crc = crc
        self.code = crc.code
        self.index = index
        self.owner: Owner
        self.accounts = Accounts(system, crc, index)
        self.book = CrcBook(system, crc, index, self.accounts)
        self.card = Card(system, crc, self.book)
        self.budget_share = (
            luck.lognormal(chain.budget_share, chain.budget_share_log_sd, "budget share", crc.code) * crc.book_ratio
        )
        items = chain.bid_plan_contracts_per_crc * crc.book_ratio
        self.plan_open = set(range(int(items) + luck.happens(items % 1.0, "plan items", crc.code)))
        self.tendering_gbp = 0.0
        self.board: Board | None = None
        self._lots: dict[int, int] = {}  # by month
        # reviews are staggered over CRCs: all in one month would lock the market in step
        self._review_month = index % chain.review_months

    def open_for_business(self) -> None:
        """Day 0: in-house delivery, the trusts' book, and the processes that follow."""
        self.book.open_in_house()
        self.book.inherit()
        env = self.system.env
        env.process(self.run_month_ends())
        env.process(self.run_reviews())
        env.process(self.card.run())
        for contract in self.book.contracts:
            env.process(self._review_legacy_contract(contract))

    # --- month ends ----------------------------------------------------------------------------------------------

    def run_month_ends(self) -> Process:
        """Settle with bodies, be paid, close the month."""
        system = self.system
        while True:
            yield system.clock.wait(Phase.SETTLE)
            self.accounts.start_month()
            self.book.settle_month()
            yield system.clock.wait(Phase.MINISTRY)
            self.accounts.receive_month(system.unmet_share(self.index))
            yield system.clock.wait(Phase.CRCS)
            self.accounts.close_month()
            self.accounts.renew_forecast(self.chain_gbp_per_year())
            self.owner.pool(self)

    # --- reviews -------------------------------------------------------------------------------------------------

    def run_reviews(self) -> Process:
        """At month ends: terms that end are renewed or not; every few months the whole chain is reviewed."""
        system = self.system
        every = system.scenario.supply_chain.review_months
        while True:
            yield system.clock.wait(Phase.REVIEWS)
            now = system.now
            for contract in [c for c in self.book.contracts if c.end_day <= now and not c.notice_given]:
                if contract.live and not contract.notice_given:
                    review.renew_or_let_go(self, contract)
            if system.clock.month % every == self._review_month:
                self.accounts.renew_pressure(self.chain_gbp_per_year())
                self.book.follow_cuts()
                review.review_chain(self)
                review.open_bid_plan(self)

    def _review_legacy_contract(self, contract: Contract) -> Process:
        """One review of each inherited contract, at a month of its own."""
        chain, system = self.system.scenario.supply_chain, self.system
        month = system.luck.between(
            chain.legacy_review_first_month, chain.legacy_review_last_month, "legacy month", contract.code
        )
        yield system.env.timeout(month * DAYS_PER_MONTH)
        if contract.live and not contract.notice_given:
            review.review_legacy(self, contract)

    def chain_gbp_per_year(self) -> float:
        """What the supply chain costs it a year: its own contracts and what it has pledged to a board."""
        pledged = self.board.crc_pledge_gbp_per_year() if self.board is not None else 0.0
        return self.book.value_gbp_per_year() + pledged

    def unpooled_budget_gbp_per_year(self) -> float:
        """What it wants or has to spend on the supply chain, before any of it is pooled."""
        return review.unpooled_budget_gbp_per_year(self)

    def give_notice(self, contract: Contract, reason: str) -> None:
        """Tell a body that its contract ends, on the first of a month after the notice."""
        contract.notice_given = True
        self.system.tell("notice_given", self.code, f"contract={contract.code} reason={reason.replace(' ', '_')}")
        self.system.env.process(self._end_after_notice(contract, reason))

    def _end_after_notice(self, contract: Contract, reason: str) -> Process:
        system = self.system
        end = system.month_edge_after(system.now + system.scenario.supply_chain.notice_days)
        yield system.env.timeout(end - system.now)
        if contract.live:
            self.book.end(contract, reason)

    # --- tenders -------------------------------------------------------------------------------------------------

    def next_lot_code(self) -> str:
        """The code of the next lot tendered outside the bid's plan."""
        return self.system.lot_code(self.code, self._lots)

    def tender(self, lot: Lot | None, reason: str) -> None:
        """Put a lot out to tender; nothing happens without one."""
        if lot is None:
            return
        self.tendering_gbp += lot.value_gbp_per_year
        self.system.put_out(lot)
        review.announce(self, lot, reason)
        self.system.env.process(self._run_tender(lot))

    def _run_tender(self, lot: Lot) -> Process:
        """Advert and bids, award, mobilisation, and a start on the first of a month."""
        system, chain = self.system, self.system.scenario.supply_chain
        yield system.env.timeout(chain.tender_days)
        winner = award(system, lot)
        if winner is None:
            self.tendering_gbp -= lot.value_gbp_per_year
            system.take_in(lot, failed=True)
            system.tell("tender_failed", self.code, f"lot={lot.code}")
            return
        system.tell("tender_awarded", winner.body.code, f"lot={lot.code}")
        start = system.month_edge_after(system.now + chain.mobilisation_days)
        yield system.env.timeout(start - system.now)
        self.tendering_gbp -= lot.value_gbp_per_year
        takes = winner.would_bid(lot)
        system.take_in(lot, failed=not takes)
        if takes:
            self.book.open(lot, winner)
        else:
            system.tell("award_fell_through", winner.body.code, f"lot={lot.code}")
