"""A CRC's book: what any buyer's book holds, and the trusts' legacy and the in-house desks besides.

Decisions are in ``review``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.agents.crc.accounts import Accounts
from sim.categories import CATEGORIES, IN_HOUSE, N_CATEGORIES
from sim.ledger import WORLD
from sim.market.book import ContractBook
from sim.market.contract import Contract
from sim.market.desk import Desk
from sim.market.lot import award, cases_in, lot_areas, lot_intensity, referrals_in, size_lot
from sim.randomness import SEPARATOR, turns
from sim.world.places import Crc

if TYPE_CHECKING:
    from sim.system import System


class CrcBook(ContractBook):
    """Contracts, in-house desks and bills of one CRC.

    Attributes:
        legacy_total: contracts inherited on day 0.
        legacy_ended: those ended since.
        in_house: desk of each category the CRC delivers itself.
        in_house_base: places of those desks before any cut.
    """

    def __init__(self, system: System, crc: Crc, index: int, accounts: Accounts) -> None:
        super().__init__(system, accounts.account, "commissioned", "card")
        self.crc = crc
        self.index = index
        self.accounts = accounts
        self.areas = tuple(i for i, c in enumerate(system.world.crc_of_area) if c == index)
        self.legacy_total = 0
        self.legacy_ended = 0
        self.in_house: dict[int, Desk] = {}
        self.in_house_base: dict[int, float] = {}

    def end(self, contract: Contract, reason: str) -> None:
        """End a contract now, and count it if it was inherited."""
        self.legacy_ended += contract.legacy and contract.live
        super().end(contract, reason)

    # --- opening -------------------------------------------------------------------------------------------------

    def open_in_house(self) -> None:
        """Day 0: the categories the CRC delivers itself, by luck of its history."""
        system, chain = self.system, self.system.scenario.supply_chain
        for category in range(N_CATEGORIES):
            if system.luck.happens(chain.in_house_categories_share, "in-house", self.crc.code, category):
                expected = referrals_in(system.expected_referrals, self.areas, category)
                months = system.scenario.demand.service_months
                base = chain.in_house_places_share * expected * months / 12.0
                self._set_in_house(category, base)

    def _set_in_house(self, category: int, base: float) -> None:
        system = self.system
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
        """Deliver more of a category with its own staff, at the cost of those not idle already."""
        system, chain = self.system, self.system.scenario.supply_chain
        slack = chain.make_or_buy_weight * self.accounts.shortfall(system.now)
        cases = places * 12.0 / system.scenario.demand.service_months
        unit = chain.in_house_unit_cost_ratio * max(0.0, 1.0 - slack) * chain.fair_price_gbp[category]
        self.accounts.added_in_house_gbp_per_year += cases * unit
        self._set_in_house(category, self.in_house_base.get(category, 0.0) + places)

    def inherit(self) -> None:
        """Day 0: the trusts' contracts, as many as the CRC's size and history suggest."""
        system, chain = self.system, self.system.scenario.supply_chain
        size = self.crc.caseload_people / max(system.world.national_mean_caseload_people, 1.0)
        expected = chain.legacy_contracts_per_crc * size**chain.book_caseload_power * self.crc.book_ratio
        n = int(expected) + system.luck.happens(expected % 1.0, "legacy", self.crc.code)
        worth = [
            referrals_in(system.expected_referrals, self.areas, k) * chain.fair_price_gbp[k]
            for k in range(N_CATEGORIES)
        ]
        demanded = [k for k in range(N_CATEGORIES) if worth[k] > 0.0]
        demand = [worth[k] ** chain.legacy_demand_power for k in demanded]
        places = [system.world.areas[a] for a in self.areas]
        codes = [f"{self.crc.code}-L{number:02d}" for number in range(n)]
        services = self._turns("legacy service", codes, demanded, demand)
        areas = self._turns(
            "legacy area", codes, [place.code for place in places], [place.provider_density for place in places]
        )
        for code, of_services, of_areas in zip(codes, services, areas, strict=True):
            self._inherit_one(code, [demanded[i] for i in of_services], [self.areas[i] for i in of_areas])

    def _turns(
        self, purpose: str, codes: Sequence[str], items: Sequence[object], rates: Sequence[float]
    ) -> list[list[int]]:
        """For each contract the order in which items are considered, by their place among the items."""
        drawn = self.system.luck.uniforms_of(
            [f"{purpose}{SEPARATOR}{code}{SEPARATOR}{item}" for code in codes for item in items]
        )
        return turns(drawn.reshape(len(codes), len(items)), np.array(rates))

    def _inherit_one(self, code: str, services: Sequence[int], ranked: Sequence[int]) -> None:
        """One inherited contract: a service in demand, in areas with bodies, with a body that can deliver it.

        Args:
            services: those in demand, in the order in which they are considered.
            ranked: the CRC's areas, likewise.
        """
        system, chain, luck = self.system, self.system.scenario.supply_chain, self.system.luck
        ratio = chain.price_to_full_cost + chain.price_to_full_cost_sd * luck.normal("price", code)
        price = max(chain.legacy_price_least_ratio, ratio)
        first_choice, intensity = lot_areas(system, self.index, code, ranked), lot_intensity(system, code)
        for category in services:
            where = first_choice
            while where:
                already = cases_in(self.contracts, category, where)  # in its areas nobody else buys before day 0
                lot = size_lot(system, self.index, category, where, code, price, already, intensity)
                winner = award(system, lot) if lot else None
                if lot and winner:
                    full_cost = winner.full_cost_gbp_per_year(lot.staff_fte)
                    lot = replace(lot, unit_price_gbp=price * full_cost / lot.cases_per_year)
                    contract = self.open(lot, winner, legacy=True)
                    self.legacy_total += 1
                    self.prefill_bills(contract)
                    return
                where = where[:-1]

    # --- bills ---------------------------------------------------------------------------------------------------

    def settle_month(self) -> None:
        """Write and pay the month's bills; what is paid is a cost of the month."""
        self.invoice_month()
        self.accounts.spend(self.pay_bills())
        self.deliver_card_cases()

    def deliver_card_cases(self) -> None:
        """Pay for the NPS cases that its own desks began this month."""
        chain = self.system.scenario.supply_chain
        for category, desk in self.in_house.items():
            if not desk.started_nps:
                continue
            cost = desk.started_nps * chain.in_house_unit_cost_ratio * chain.fair_price_gbp[category]
            paid = self.system.ledger.transfer(self.accounts.account, WORLD, cost, "card delivery")
            self.accounts.spend(paid, on_chain=False)
