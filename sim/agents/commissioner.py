"""A public buyer other than a CRC: it has a purse a year, a mandate, and tenders lots within it.

Joint boards, the ministry's grants and the national framework are commissioners that differ in who pays, how lots
are cut, who may win, and on what terms. People reach their desks free at the point of use, from both services.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.calendar import DAYS_PER_MONTH
from sim.categories import N_CATEGORIES
from sim.clock import Phase, Process
from sim.market.book import ContractBook
from sim.market.contract import Contract
from sim.market.lot import Lot, award, describe

if TYPE_CHECKING:
    from sim.system import System


class Commissioner:
    """A buyer with a purse.

    Args:
        name: short name; its lots and luck are keyed by it.
        account: ledger account that pays.
        kind: what its payments are called in the tables (``joint``, ``granted``, ``national``).

    Attributes:
        buying: whether it still opens tenders.
        passes_down: whether a winner may pass a slice down as it sees fit.
        tendering_gbp: value a year of lots out to tender.
    """

    def __init__(self, system: System, name: str, account: str, kind: str) -> None:
        self.system = system
        self.name = name
        self.account = account
        self.book = ContractBook(system, account, kind, "free")
        self.buying = True
        self.passes_down = True
        self.tendering_gbp = 0.0
        self._lots: dict[int, int] = {}  # by month
        system.env.process(self.run_settling())

    def committed_gbp_per_year(self) -> float:
        """Value of its live contracts and of lots out to tender."""
        return self.book.value_gbp_per_year() + self.tendering_gbp

    def run_settling(self) -> Process:
        """Each month: invoices, money from whoever funds it, payments; contracts that end run off."""
        system = self.system
        while True:
            yield system.clock.wait(Phase.SETTLE)
            self.book.invoice_month()
            due = self.book.due_gbp()
            if due > 0.0:
                self.fund(due)
                self.book.pay_bills()
            yield system.clock.wait(Phase.REVIEWS)
            for contract in list(self.book.contracts):
                if contract.end_day <= system.now:
                    self.end_term(contract)

    def fund(self, gbp: float) -> None:
        """Bring the month's money into the account."""
        raise NotImplementedError

    def end_term(self, contract: Contract) -> None:
        """A term ends: renewed at the same price while the buyer still buys, else let go."""
        system = self.system
        if not self.buying:
            self.book.end(contract, "term ended")
            return
        months = (system.rules.term_months_low + system.rules.term_months_high) / 2.0
        contract.end_day = system.month_edge_after(system.now + months * DAYS_PER_MONTH)
        system.tell("contract_renewed", contract.provider.body.code, f"contract={contract.code} months={months:.1f}")

    # --- tenders -------------------------------------------------------------------------------------------------

    def next_lot_code(self) -> str:
        """The code of its next lot."""
        return self.system.lot_code(self.name, self._lots)

    def known_gaps(self, areas: list[int], known_share: float, code: str) -> list[tuple[float, int]]:
        """Services by worth of the gap it knows of in some areas, both services together, largest first.

        What is not known is guesswork: the less is known, the noisier the ranking.

        Returns:
            (GBP a year, category), without services that lack nothing.
        """
        system, chain = self.system, self.system.scenario.supply_chain
        gap = system.seen_unplaced[areas].sum(axis=(0, 2))
        worth = []
        for category in range(N_CATEGORIES):
            noise = (1.0 - known_share) * chain.guess_log_sd * system.luck.normal("guess", code, category)
            value = float(gap[category]) * chain.fair_price_gbp[category] * math.exp(noise)
            if value > 0.0:
                worth.append((value, category))
        return sorted(worth, reverse=True)

    def gap_lot(
        self,
        category: int,
        areas: tuple[int, ...],
        code: str,
        *,
        price_ratio: float,
        most_gbp: float,
        burden_gbp: float | None = None,
        least_turnover_gbp: float = 0.0,
        any_number_of_contracts: bool = False,
    ) -> Lot:
        """A lot for what is unplaced in some areas, cut to a largest value.

        Args:
            burden_gbp: what the agreement costs the winner a year; by the rules in force when not given.
            least_turnover_gbp: bodies below this are not eligible.
            any_number_of_contracts: whether a body may win whatever it holds already.
        """
        system, chain = self.system, self.system.scenario.supply_chain
        cases = float(system.seen_unplaced[list(areas), category].sum()) * chain.intensity_share
        cases = max(0.0, cases - system.cases_coming(category, areas))
        price = price_ratio * chain.fair_price_gbp[category]
        cases = min(cases, most_gbp / price)
        lot = Lot(
            code=code,
            crc=system.world.crc_of_area[areas[0]],
            category=category,
            areas=areas,
            cases_per_year=cases,
            cases_per_staff_year=chain.cases_per_staff_year[category],
            unit_price_gbp=price,
            burden_gbp_per_year=0.0,
            least_turnover_gbp=least_turnover_gbp,
            any_number_of_contracts=any_number_of_contracts,
        )
        burden = system.rules.burden_gbp(lot.value_gbp_per_year) if burden_gbp is None else burden_gbp
        return replace(lot, burden_gbp_per_year=burden)

    def tender(self, lot: Lot, reason: str, *, guaranteed_share: float | None, term_months: float | None) -> None:
        """Put a lot out to tender."""
        self.tendering_gbp += lot.value_gbp_per_year
        self.system.put_out(lot)
        self.system.tell("tender_opened", self.name, f"{describe(self.system, lot)} reason={reason}")
        self.system.env.process(self._run_tender(lot, guaranteed_share, term_months))

    def _run_tender(self, lot: Lot, guaranteed_share: float | None, term_months: float | None) -> Process:
        system, chain = self.system, self.system.scenario.supply_chain
        yield system.env.timeout(chain.tender_days)
        winner = award(system, lot)
        if winner is not None:
            system.tell("tender_awarded", winner.body.code, f"lot={lot.code}")
            start = system.month_edge_after(system.now + chain.mobilisation_days)
            yield system.env.timeout(start - system.now)
        self.tendering_gbp -= lot.value_gbp_per_year
        takes = winner is not None and winner.would_bid(lot)
        system.take_in(lot, failed=not takes)
        if winner is None or not takes:
            system.tell("tender_failed", self.name, f"lot={lot.code}")
            return
        contract = self.book.open(
            lot,
            winner,
            guaranteed_share=guaranteed_share,
            term_months=term_months,
            passes_down=self.passes_down,
        )
        self.began(contract)

    def began(self, contract: Contract) -> None:
        """Called when a contract begins."""
