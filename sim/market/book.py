"""A buyer's book: its contracts with third-sector bodies, their desks, their slices passed down, and its bills.

Every buyer keeps one: a CRC, a joint board, the ministry as grant-giver or as national commissioner. The book does
what a decision asks (open, squeeze, end, pay) and keeps the consequences consistent. It decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.calendar import DAYS_PER_MONTH
from sim.categories import CATEGORIES, TIER2, TIER3
from sim.market.contract import Contract, Invoice, SubContract, places_for
from sim.market.desk import CardAccess, Desk
from sim.market.lot import Lot, referrals_in
from sim.world.bodies import LOCAL

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.system import System


class ContractBook:
    """Contracts and bills of one buyer.

    Args:
        account: ledger account that pays.
        kind: ``commissioned`` (a CRC), ``joint``, ``granted`` or ``national``: payments are told apart by it.
        nps_access: whether NPS officers reach the desks through a rate card or free at the point of use.

    Attributes:
        contracts: live contracts.
        ended: contracts ended since the start.
    """

    def __init__(self, system: System, account: str, kind: str, nps_access: CardAccess) -> None:
        self.system = system
        self.account = account
        self.kind = kind
        self.nps_access: CardAccess = nps_access
        self.contracts: list[Contract] = []
        self.ended = 0
        self._bills: list[Invoice] = []
        system.books.append(self)

    # --- what it holds -------------------------------------------------------------------------------------------

    def value_gbp_per_year(self) -> float:
        """Value of the live contracts."""
        return sum([c.unit_price_gbp * c.cases_per_year for c in self.contracts])

    def kept_gbp_per_year(self) -> float:
        """Value of the live contracts that have not been given notice."""
        return sum([c.unit_price_gbp * c.cases_per_year for c in self.contracts if not c.notice_given])

    # --- opening -------------------------------------------------------------------------------------------------

    def open(
        self,
        lot: Lot,
        provider: Provider,
        *,
        legacy: bool = False,
        term_months: float | None = None,
        guaranteed_share: float | None = None,
        passes_down: bool = True,
    ) -> Contract:
        """Begin a contract: staff, places, a desk, and a term (by luck within the rules unless given)."""
        system, rules = self.system, self.system.rules
        chain = system.scenario.supply_chain
        if term_months is None:
            term_months = system.luck.between(rules.term_months_low, rules.term_months_high, "term", lot.code)
        months = system.scenario.demand.service_months
        contract = Contract(
            code=lot.code,
            book=self,
            crc=lot.crc,
            provider=provider,
            category=lot.category,
            areas=lot.areas,
            cases_per_year=lot.cases_per_year,
            cases_per_staff_year=lot.cases_per_staff_year,
            unit_price_gbp=lot.unit_price_gbp,
            staff_fte=lot.staff_fte,
            guaranteed_share=chain.guaranteed_share if guaranteed_share is None else guaranteed_share,
            burden_gbp_per_year=min(lot.burden_gbp_per_year, rules.burden_gbp(lot.value_gbp_per_year)),
            payment_delay_months=rules.payment_delay_months,
            start_day=system.now,
            end_day=system.month_edge_after(system.now + term_months * DAYS_PER_MONTH),
            legacy=legacy,
            cases_last_year=lot.cases_per_year,
            desk=self._desk(
                lot.code,
                lot.category,
                TIER2,
                places_for(lot.staff_fte, lot.cases_per_staff_year, months),
                provider,
                lot.areas,
            ),
        )
        self.contracts.append(contract)
        provider.contracts.append(contract)
        system.tell(
            "contract_inherited" if legacy else "contract_began",
            provider.body.code,
            f"contract={lot.code} category={CATEGORIES[lot.category]} staff_fte={lot.staff_fte:.2f} "
            f"value_gbp={contract.value_gbp_per_year:.0f}",
        )
        if passes_down and provider.body.reach != LOCAL and len(contract.areas) > 1:
            self.pass_down(contract, contract.areas[-1], chain.tier3_slice_share)
        return contract

    def _desk(
        self, name: str, category: int, fate: int, places: int, provider: Provider, areas: tuple[int, ...]
    ) -> Desk:
        return self.system.flow.open_desk(
            name=name,
            category=category,
            fate=fate,
            places=places,
            quality=provider.body.quality,
            area_indices=areas,
            crc_access=True,
            nps_access=self.nps_access,
            now=self.system.case_day,
        )

    def pass_down(self, contract: Contract, area: int, share: float) -> bool:
        """Offer one area's slice of a contract to small local bodies; the best that gains by it takes it on.

        Args:
            share: share of the contract's value and staff that the slice is.

        Returns:
            Whether a body took it.
        """
        system, chain = self.system, self.system.scenario.supply_chain
        staff = share * (contract.staff_fte + sum(sub.staff_fte for sub in contract.subs))
        burden = chain.tier3_passed_burden_share * contract.burden_gbp_per_year
        paid = share * contract.value_gbp_per_year * (1.0 - chain.tier3_margin_share)
        takers = [
            p for p in system.sector.local_bodies(contract.category, area) if p.would_take_slice(paid, staff, burden)
        ]
        if not takers:
            return False
        taker = max(takers, key=lambda p: (p.body.quality, p.body.code))
        places = places_for(staff, contract.cases_per_staff_year, system.scenario.demand.service_months)
        name = f"{contract.code}-tier3-{len(contract.subs)}"
        desk = self._desk(name, contract.category, TIER3, places, taker, (area,))
        sub = SubContract(taker, area, share * (1.0 - chain.tier3_margin_share), staff, burden, desk)
        contract.subs.append(sub)
        taker.subs.append((contract, sub))
        contract.staff_fte = max(0.0, contract.staff_fte - staff)
        contract.provider.reset_places(contract)
        system.tell("tier3_began", taker.body.code, f"contract={contract.code} value_gbp={paid:.0f}")
        return True

    # --- changing and ending -------------------------------------------------------------------------------------

    def squeeze(self, contract: Contract, share: float) -> None:
        """Take a share off the price; the body passes part of it on to staff, and so to places."""
        system, chain = self.system, self.system.scenario.supply_chain
        contract.unit_price_gbp *= 1.0 - share
        contract.squeezed_day = system.now
        contract.provider.last_cut_day = system.now
        contract.provider.cut_staff(contract, share * chain.squeeze_to_staff_share)
        system.tell("price_squeezed", contract.provider.body.code, f"contract={contract.code} share={share:.4f}")

    def end(self, contract: Contract, reason: str) -> None:
        """End a contract now: the desk closes, its waiting are decided again, the body loses the money."""
        system = self.system
        if not contract.live:
            return
        contract.ended_day = system.now
        self.contracts.remove(contract)
        self.ended += 1
        contract.provider.contracts.remove(contract)
        contract.provider.last_cut_day = system.now
        for sub in list(contract.subs):
            self.end_sub(contract, sub, reason)
        system.tell(
            "contract_ended", contract.provider.body.code, f"contract={contract.code} reason={reason.replace(' ', '_')}"
        )
        system.flow.close_desk(contract.desk, system.case_day)

    def end_sub(self, contract: Contract, sub: SubContract, reason: str) -> None:
        """End a slice: its desk closes; the main contract's body takes the staff back if it goes on."""
        system = self.system
        contract.subs.remove(sub)
        sub.provider.subs.remove((contract, sub))
        system.tell(
            "tier3_ended", sub.provider.body.code, f"contract={contract.code} reason={reason.replace(' ', '_')}"
        )
        if contract.live:
            contract.staff_fte += sub.staff_fte
            contract.provider.reset_places(contract)
        system.flow.close_desk(sub.desk, system.case_day)

    # --- bills ---------------------------------------------------------------------------------------------------

    def invoice_month(self) -> None:
        """Write the month's invoices: the contract payment, and the price of every case bought from a card."""
        system, month = self.system, self.system.clock.month
        memory_months = system.scenario.supply_chain.records_memory_months
        length, by_card = system.month_length, self.nps_access == "card"
        for c in self.contracts:
            cases, nps, slices = c.desk.started_crc, c.desk.started_nps, c.slices() if c.subs else ()
            for sub in c.subs:
                cases += sub.desk.started_crc
                nps += sub.desk.started_nps
            bought = nps if by_card else 0
            due = c.month_payment_gbp(length, cases + nps - bought) + c.unit_price_gbp * bought
            system.nps_money_to_bodies_gbp += c.unit_price_gbp * bought
            c.cases_last_year += ((cases + nps) * 12.0 - c.cases_last_year) / memory_months
            self._bills.append(Invoice(month + c.payment_delay_months, c, due, slices))

    def prefill_bills(self, contract: Contract) -> None:
        """The months just before day 0 were delivered too and are paid as they fall due, at the use then expected."""
        expected = referrals_in(self.system.expected_referrals, contract.areas, contract.category)
        due = contract.month_payment_gbp(1.0, round(expected / 12.0))
        slices = contract.slices()
        self._bills += [Invoice(month, contract, due, slices) for month in range(contract.payment_delay_months)]

    def due_gbp(self) -> float:
        """What falls due at the end of this month."""
        return sum(bill.gbp for bill in self._bills if bill.due_month <= self.system.clock.month)

    def pay_bills(self) -> float:
        """Pay what falls due this month, and let bodies that passed a slice down pay for it; returns the sum."""
        system, month, kind = self.system, self.system.clock.month, f"tier 2 payments, {self.kind}"
        left: list[Invoice] = []
        total, transfer = 0.0, system.ledger.transfer
        for bill in self._bills:
            if bill.due_month > month:
                left.append(bill)
                continue
            provider = bill.contract.provider
            gbp = transfer(self.account, provider.account, bill.gbp, kind)
            total += gbp
            system.payments.count(bill.contract, gbp, bill.slices)
            for taker, share in bill.slices:
                transfer(provider.account, taker.account, gbp * share, "tier 3 payments")
            provider.pass_on_if_closed()
            for taker, _ in bill.slices:
                taker.pass_on_if_closed()
        self._bills = left
        return total

    def lose_bills(self) -> set[str]:
        """What was owed is lost. Returns the codes of the bodies hit."""
        hit = {bill.contract.provider.body.code for bill in self._bills if bill.contract.provider.alive}
        self._bills.clear()
        return hit
