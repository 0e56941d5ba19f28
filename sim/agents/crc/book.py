"""A CRC's book: the contracts it inherited, bought, squeezed and ended, its in-house desks, and its bills.

The book does what a decision asks (open, squeeze, end, pay) and keeps the consequences consistent: desks, staff,
invoices, sub-contracts. Decisions are in ``review``.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sim.agents.crc.accounts import Accounts
from sim.categories import CATEGORIES, CRC_SERVICE, IN_HOUSE, N_CATEGORIES, TIER2, TIER3
from sim.ledger import WORLD
from sim.market.contract import Contract, Invoice, SubContract, places_for
from sim.market.desk import Desk
from sim.market.lot import Lot, award, lot_areas, size_lot
from sim.world.bodies import LOCAL
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.system import System


class Book:
    """Contracts, in-house desks and bills of one CRC.

    Attributes:
        contracts: live contracts.
        legacy_total, legacy_ended: contracts inherited, and those ended since.
        in_house: desk of each category the CRC delivers itself.
        in_house_base: places of those desks before any cut.
    """

    def __init__(self, system: System, crc: Crc, index: int, accounts: Accounts) -> None:
        self._system = system
        self.crc = crc
        self.index = index
        self.accounts = accounts
        self.areas = tuple(i for i, c in enumerate(system.world.crc_of_area) if c == index)
        self.contracts: list[Contract] = []
        self.legacy_total = 0
        self.legacy_ended = 0
        self.in_house: dict[int, Desk] = {}
        self.in_house_base: dict[int, float] = {}
        self._bills: deque[Invoice] = deque()

    # --- what it holds -------------------------------------------------------------------------------------------

    def value_gbp_per_year(self) -> float:
        """Value of the live contracts."""
        return sum(c.value_gbp_per_year for c in self.contracts)

    def cases_bought(self, category: int, areas: tuple[int, ...]) -> float:
        """Cases a year already bought in these areas, each contract spread evenly over its own."""
        cases = 0.0
        for c in self.contracts:
            if c.category == category:
                cases += c.cases_per_year * len(set(c.areas) & set(areas)) / len(c.areas)
        return cases

    # --- opening -------------------------------------------------------------------------------------------------

    def open_in_house(self) -> None:
        """Day 0: the categories the CRC delivers itself, by luck of its history."""
        system, chain = self._system, self._system.scenario.supply_chain
        for category in range(N_CATEGORIES):
            if system.luck.happens(chain.in_house_categories_share, "in-house", self.crc.code, category):
                expected = float(system.expected_referrals[list(self.areas), category, CRC_SERVICE].sum())
                months = system.scenario.demand.service_months
                base = chain.in_house_places_share * expected * months / 12.0
                self._set_in_house(category, base)

    def _set_in_house(self, category: int, base: float) -> None:
        system = self._system
        places = round(base * (1.0 - self.accounts.cut_share))
        self.in_house_base[category] = base
        if category in self.in_house:
            if self.in_house[category].places != places:
                system.flow.set_places(self.in_house[category], places, system.case_day)
            return
        self.in_house[category] = system.flow.open_desk(
            name=f"{self.crc.code}-in-house-{CATEGORIES[category]}",
            category=category,
            fate=IN_HOUSE,
            places=places,
            quality=system.scenario.supply_chain.in_house_quality,
            area_indices=self.areas,
            crc_access=True,
            nps_access="card",
            now=system.case_day,
        )

    def follow_cuts(self) -> None:
        """In-house places shrink with the in-house cuts made so far."""
        for category, base in self.in_house_base.items():
            self._set_in_house(category, base)

    def bring_in_house(self, category: int, places: float) -> None:
        """Deliver more of a category with its own staff."""
        self._set_in_house(category, self.in_house_base.get(category, 0.0) + places)

    def inherit(self) -> None:
        """Day 0: the trusts' contracts, as many as the CRC's size and history suggest."""
        system, chain = self._system, self._system.scenario.supply_chain
        size = self.crc.caseload_people / max(system.world.national_mean_caseload_people, 1.0)
        expected = chain.legacy_contracts_per_crc * size**chain.book_caseload_power * self.crc.book_ratio
        n = int(expected) + system.luck.happens(expected % 1.0, "legacy", self.crc.code)
        for number in range(n):
            self._inherit_one(f"{self.crc.code}-L{number:02d}")

    def _inherit_one(self, code: str) -> None:
        """One inherited contract: a service in demand, in areas with bodies, with a body that can deliver it."""
        system, chain, luck = self._system, self._system.scenario.supply_chain, self._system.luck
        areas = list(self.areas)
        price = max(0.5, chain.price_to_full_cost + chain.price_to_full_cost_sd * luck.normal("price", code))
        weights = [
            float(system.expected_referrals[areas, k, CRC_SERVICE].sum()) * chain.fair_price_gbp[k]
            for k in range(N_CATEGORIES)
        ]
        by_luck = sorted(
            (k for k in range(N_CATEGORIES) if weights[k] > 0.0),
            key=lambda k: luck.waiting(weights[k] ** chain.legacy_demand_power, "legacy service", code, k),
        )
        density = {a: system.world.areas[a].provider_density for a in areas}
        ranked = sorted(areas, key=lambda a: luck.waiting(density[a], "legacy area", code, system.world.areas[a].code))
        for category in by_luck:
            where = lot_areas(system, self.index, code, ranked)
            while where:
                lot = size_lot(system, self.index, category, where, code, price, self.cases_bought(category, where))
                winner = award(system, lot) if lot else None
                if lot and winner:
                    contract = self.open(lot, winner, legacy=True)
                    contract.unit_price_gbp = (
                        price * winner.full_cost_gbp_per_year(lot.staff_fte) / max(lot.cases_per_year, 1e-9)
                    )
                    self.legacy_total += 1
                    self._prefill_bills(contract)
                    return
                where = where[:-1]

    def _prefill_bills(self, contract: Contract) -> None:
        """The months just before day 0 were delivered to the trusts' order and are paid as they fall due."""
        for month in range(contract.payment_delay_months):
            self._bills.append(Invoice(month, contract, contract.value_gbp_per_year / 12.0))

    def open(self, lot: Lot, provider: Provider, *, legacy: bool = False) -> Contract:
        """Begin a contract: staff, places, a desk, and a term."""
        system, rules, luck = self._system, self._system.rules, self._system.luck
        chain = system.scenario.supply_chain
        months = luck.between(rules.term_months_low, rules.term_months_high, "term", lot.code)
        desk = system.flow.open_desk(
            name=lot.code,
            category=lot.category,
            fate=TIER2,
            places=places_for(lot.staff_fte, lot.cases_per_staff_year, system.scenario.demand.service_months),
            quality=provider.body.quality,
            area_indices=lot.areas,
            crc_access=True,
            nps_access="card",
            now=system.case_day,
        )
        contract = Contract(
            code=lot.code,
            buyer=self.accounts.account,
            crc=self.index,
            provider=provider,
            category=lot.category,
            areas=lot.areas,
            cases_per_year=lot.cases_per_year,
            cases_per_staff_year=lot.cases_per_staff_year,
            unit_price_gbp=lot.unit_price_gbp,
            staff_fte=lot.staff_fte,
            guaranteed_share=chain.guaranteed_share,
            burden_gbp_per_year=lot.burden_gbp_per_year,
            payment_delay_months=rules.payment_delay_months,
            start_day=system.now,
            end_day=system.month_edge_after(system.now + months * 30.4375),
            legacy=legacy,
            desk=desk,
        )
        self.contracts.append(contract)
        provider.contracts.append(contract)
        system.tell(
            "contract_inherited" if legacy else "contract_began",
            provider.body.code,
            f"contract={lot.code} category={CATEGORIES[lot.category]} staff_fte={lot.staff_fte:.2f} "
            f"value_gbp={contract.value_gbp_per_year:.0f}",
        )
        self._pass_down(contract)
        return contract

    def _pass_down(self, contract: Contract) -> None:
        """The provider of a larger contract offers one area's slice to a small local body, if that body gains."""
        system, chain = self._system, self._system.scenario.supply_chain
        if contract.provider.body.reach == LOCAL or len(contract.areas) < 2:
            return
        area = contract.areas[-1]
        slice_gbp = chain.tier3_slice_share * contract.value_gbp_per_year
        staff = chain.tier3_slice_share * contract.staff_fte
        burden = chain.tier3_passed_burden_share * contract.burden_gbp_per_year
        paid = slice_gbp * (1.0 - chain.tier3_margin_share)
        takers = [
            p
            for p in system.sector.offering(contract.category)
            if p.body.reach == LOCAL and area in p.body.areas and p.would_take_slice(paid, staff, burden)
        ]
        if not takers:
            return
        taker = max(takers, key=lambda p: (p.body.quality, p.body.code))
        months = system.scenario.demand.service_months
        desk = system.flow.open_desk(
            name=f"{contract.code}-tier3",
            category=contract.category,
            fate=TIER3,
            places=places_for(staff, contract.cases_per_staff_year, months),
            quality=taker.body.quality,
            area_indices=(area,),
            crc_access=True,
            nps_access="card",
            now=system.case_day,
        )
        share = chain.tier3_slice_share * (1.0 - chain.tier3_margin_share)
        contract.sub = SubContract(taker, area, share, staff, burden, desk)
        taker.subs.append((contract, contract.sub))
        contract.provider.cut_staff(contract, chain.tier3_slice_share)
        system.tell("tier3_began", taker.body.code, f"contract={contract.code} value_gbp={paid:.0f}")

    # --- changing and ending -------------------------------------------------------------------------------------

    def squeeze(self, contract: Contract, share: float) -> None:
        """Take a share off the price; the body passes part of it on to staff, and so to places."""
        system, chain = self._system, self._system.scenario.supply_chain
        contract.unit_price_gbp *= 1.0 - share
        contract.squeezed_day = system.now
        contract.provider.last_cut_day = system.now
        contract.provider.cut_staff(contract, share * chain.squeeze_to_staff_share)
        system.tell("price_squeezed", contract.provider.body.code, f"contract={contract.code} share={share:.4f}")

    def end(self, contract: Contract, reason: str) -> None:
        """End a contract now: the desk closes, its waiting are decided again, the body loses the money."""
        system = self._system
        if contract.ended_day is not None:
            return
        contract.ended_day = system.now
        self.contracts.remove(contract)
        contract.provider.contracts.remove(contract)
        contract.provider.last_cut_day = system.now
        if contract.sub is not None:
            self.end_sub(contract, contract.sub, reason)
        self.legacy_ended += contract.legacy
        system.tell("contract_ended", contract.provider.body.code, f"contract={contract.code} reason={reason}")
        system.flow.close_desk(contract.desk, system.case_day)

    def end_sub(self, contract: Contract, sub: SubContract, reason: str) -> None:
        """End a slice: its desk closes; the main contract's body takes the staff back if it goes on."""
        system, chain = self._system, self._system.scenario.supply_chain
        contract.sub = None
        sub.provider.subs.remove((contract, sub))
        system.tell("tier3_ended", sub.provider.body.code, f"contract={contract.code} reason={reason}")
        if contract.live:
            contract.staff_fte /= 1.0 - chain.tier3_slice_share
            contract.provider.reset_places(contract)
        system.flow.close_desk(sub.desk, system.case_day)

    # --- bills ---------------------------------------------------------------------------------------------------

    def invoice_month(self) -> None:
        """Write the month's invoices: the contract payment, and the price of every NPS case begun."""
        system, month = self._system, self._system.clock.month
        for c in self.contracts:
            cases = c.desk.started_crc + (c.sub.desk.started_crc if c.sub else 0)
            bought = c.desk.started_nps + (c.sub.desk.started_nps if c.sub else 0)
            due = c.month_payment_gbp(system.month_length, cases) + c.unit_price_gbp * bought
            system.nps_money_to_bodies_gbp += c.unit_price_gbp * bought
            c.cases_last_year += ((cases + bought) * 12.0 - c.cases_last_year) / 12.0
            self._bills.append(Invoice(month + c.payment_delay_months, c, due))

    def pay_bills(self) -> None:
        """Pay what falls due this month, and let bodies that passed a slice down pay for it."""
        system, month = self._system, self._system.clock.month
        left: deque[Invoice] = deque()
        for bill in self._bills:
            if bill.due_month > month:
                left.append(bill)
                continue
            c = bill.contract
            gbp = system.ledger.transfer(c.buyer, c.provider.account, bill.gbp, "tier 2 payments")
            self.accounts.spend(gbp)
            system.payments.count(c, gbp)
            if c.sub is not None:
                system.ledger.transfer(c.provider.account, c.sub.provider.account, gbp * c.sub.share, "tier 3 payments")
        self._bills = left

    def lose_bills(self) -> set[str]:
        """The owner has failed: what was owed is lost. Returns the bodies hit."""
        hit = {bill.contract.provider.body.code for bill in self._bills if bill.contract.provider.alive}
        self._bills.clear()
        return hit

    def deliver_card_cases(self) -> None:
        """Pay for the NPS cases that its own desks began this month."""
        chain = self._system.scenario.supply_chain
        for category, desk in self.in_house.items():
            cost = desk.started_nps * chain.in_house_unit_cost_ratio * chain.fair_price_gbp[category]
            self.accounts.spend(self._system.ledger.transfer(self.accounts.account, WORLD, cost, "card delivery"))
