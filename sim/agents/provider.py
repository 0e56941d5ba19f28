"""A third-sector body: its month, what it bids for, when it subsidises, shrinks, hands back or closes.

A body sees its own books, the lots offered to it and the agreement that goes with them. It never sees the buyer's
pressure or other bodies' results.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.categories import N_CATEGORIES
from sim.ledger import WORLD
from sim.market.contract import Contract, SubContract, places_for
from sim.randomness import entity_id
from sim.world.bodies import LOCAL, NATIONAL, Body

if TYPE_CHECKING:
    from sim.market.lot import Lot
    from sim.system import System


class Provider:
    """One body and its decisions.

    Args:
        body: its traits.
        system: the shared state.
        opening_gbp: reserves it starts with.
        number: its place among all bodies that ever lived, oldest first.
    """

    def __init__(self, body: Body, system: System, opening_gbp: float, number: int) -> None:
        self.body = body
        self.number = number
        self.account = f"body:{body.code}"
        self.alive = True
        self.contracts: list[Contract] = []
        self.subs: list[tuple[Contract, SubContract]] = []
        self.last_cut_day = -math.inf  # when a price was squeezed or a contract ended
        self.shrunk = False
        self.entity = entity_id(body.code)
        # the share of a lot's areas in which it must already work
        self.foothold_share = system.scenario.provider.foothold_share if body.reach == LOCAL else 1.0
        # where it helps people without a contract: its own areas if local, else only at home
        homes = sorted(body.areas) if body.reach == LOCAL else [body.home_area]
        self.helps_in = [a * N_CATEGORIES + k for a in homes for k in body.categories]
        self._system = system
        self._parameters = system.scenario.provider
        system.ledger.transfer(WORLD, self.account, opening_gbp, "opening reserves")

    # --- what it can see of itself -------------------------------------------------------------------------------

    @property
    def reserves_gbp(self) -> float:
        """What it has in the bank."""
        return self._system.ledger.balance_gbp(self.account)

    @property
    def reserves_months(self) -> float:
        """Reserves in months of its other turnover."""
        return self.reserves_gbp / max(self.body.turnover_gbp_per_year / 12.0, 1.0)

    def direct_cost_gbp_per_year(self, staff_fte: float) -> float:
        """Direct cost of staff, at today's wages."""
        p = self._parameters
        return staff_fte * p.staff_cost_gbp_per_year * self.body.cost_factor * self._system.wage_index()

    def full_cost_gbp_per_year(self, staff_fte: float) -> float:
        """Full cost of staff: direct cost and a fair share of the body's overhead."""
        return self.direct_cost_gbp_per_year(staff_fte) * self._parameters.overhead_on_direct_ratio

    def staff_on_contracts(self, crc: int | None = None) -> float:
        """Staff it employs on tier 2 contracts, of one CRC or of all."""
        return sum(c.staff_fte for c in self.contracts if crc is None or c.crc == crc)

    def contract_position(self) -> tuple[float, float, float]:
        """Its CRC contracts together, in GBP a year: income, direct cost with burden, full cost."""
        p, cost_factor, wages = self._parameters, self.body.cost_factor, self._system.wage_index()
        income = direct = full = 0.0
        for c in self.contracts:
            value = c.unit_price_gbp * c.cases_per_year
            income += value * (1.0 - sum([sub.share for sub in c.subs])) if c.subs else value
            cost = c.staff_fte * p.staff_cost_gbp_per_year * cost_factor * wages
            direct += cost + c.burden_gbp_per_year
            full += cost * p.overhead_on_direct_ratio
        return income, direct, full

    # --- bidding -------------------------------------------------------------------------------------------------

    def contracts_most(self) -> int:
        """How many CRC contracts it will hold at once."""
        p = self._parameters
        return p.contracts_most_national if self.body.reach == NATIONAL else p.contracts_most_local

    def would_bid(self, lot: Lot) -> bool:
        """Whether it bids for a lot at the price offered: reach, room, size, and whether the sum pays.

        The result after direct cost and the burden of the agreement, helped by part of what it will put into its
        mission, must not fall below a small share of the value.
        """
        value, turnover = lot.value_gbp_per_year, self.body.turnover_gbp_per_year
        if turnover < lot.least_turnover_gbp or value > self._parameters.bid_most_turnover_share * turnover:
            return False
        return lot.category in self.body.categories and self.covers(lot.areas) and self.wants(lot)

    def wants(self, lot: Lot) -> bool:
        """Whether it bids for a lot that its size, its services and its areas do not rule out."""
        p, value = self._parameters, lot.value_gbp_per_year
        if not self.alive or (len(self.contracts) >= self.contracts_most() and not lot.any_number_of_contracts):
            return False
        cash_cost = self.direct_cost_gbp_per_year(lot.staff_fte) * p.cash_overhead_ratio + lot.burden_gbp_per_year
        return value - cash_cost + self._mission_gbp(value) > p.bid_least_result_share * value

    def _mission_gbp(self, value_gbp: float) -> float:
        """Mission money a year that it counts on in a bid of some value."""
        p = self._parameters
        mission = p.mission_in_bid_share * p.mission_subsidy_share * self.body.turnover_gbp_per_year
        return min(mission, p.mission_of_value_most_share * value_gbp)

    def covers(self, areas: tuple[int, ...]) -> bool:
        """Whether it can work in these areas: a local body needs a foothold in most of them."""
        return len(self.body.areas.intersection(areas)) >= self.foothold_share * len(areas)

    def would_take_slice(self, value_gbp: float, staff_fte: float, burden_gbp: float) -> bool:
        """Whether it takes a tier 3 slice: the same sum on what is left after the burden passed on to it."""
        p = self._parameters
        if not self.alive or self.subs or self.contracts:
            return False
        cash_cost = self.direct_cost_gbp_per_year(staff_fte) * p.cash_overhead_ratio + burden_gbp
        return value_gbp - cash_cost + self._mission_gbp(value_gbp) > p.bid_least_result_share * value_gbp

    # --- its month -----------------------------------------------------------------------------------------------

    def close_month(self) -> None:
        """Pay staff and the burden, then decide whether to go on; its other result is booked already."""
        ledger, p = self._system.ledger, self._parameters
        if self.contracts or self.subs:
            ledger.transfer(self.account, WORLD, self.contract_cost_gbp(), "delivery cost")
        months = self.reserves_months
        if months > p.reserves_cap_months:
            excess = (months - p.reserves_cap_months) * self.body.turnover_gbp_per_year / 12.0
            ledger.transfer(self.account, WORLD, excess, "other work")
        if months < p.hand_back_reserves_months and (self.contracts or self.subs):
            self._consider_handing_back()
        if months < p.close_reserves_months:
            self.consider_closing()

    def contract_cost_gbp(self) -> float:
        """Cash cost of its contracts and slices this month."""
        staff = burden = 0.0
        for c in self.contracts:
            staff += c.staff_fte
            burden += c.burden_gbp_per_year
        if self.subs:
            staff += sum([s.staff_fte for _, s in self.subs])
            burden += sum([s.burden_gbp_per_year for _, s in self.subs])
        yearly = self.direct_cost_gbp_per_year(staff) * self._parameters.cash_overhead_ratio + burden
        return yearly * self._system.month_length / 12.0

    def _consider_handing_back(self) -> None:
        """With reserves nearly gone and contracts that lose money: first shrink, then hand the worst back."""
        income, direct, _ = self.contract_position()
        if not self.contracts or income >= direct:
            return
        system, p = self._system, self._parameters
        if not system.luck.happens(p.hand_back_chance_per_month, "hand back", self.body.code, system.clock.month):
            return
        worst = min(self.contracts, key=lambda c: (self._result_gbp_per_year(c), c.code))
        if not self.shrunk:
            self.shrunk = True
            self.cut_staff(worst, p.shrink_step_share)
            system.tell("provider_shrank", self.body.code, f"contract={worst.code} staff_fte={worst.staff_fte:.2f}")
            return
        system.tell("contract_handed_back", self.body.code, f"contract={worst.code}")
        system.sector.hand_backs += 1
        worst.book.end(worst, "handed back")

    def _result_gbp_per_year(self, c: Contract) -> float:
        return c.value_gbp_per_year - self.direct_cost_gbp_per_year(c.staff_fte) - c.burden_gbp_per_year

    def consider_closing(self) -> None:
        """With reserves gone it may go on for a while: each month it closes by chance."""
        system, p = self._system, self._parameters
        if system.luck.happens(p.close_chance_per_month, "close", self.body.code, system.clock.month):
            self.close()

    def close(self) -> None:
        """Close for good: contracts fall, creditors write off what is owed or the rest goes to others."""
        system = self._system
        self.alive = False
        system.tell("provider_closed", self.body.code, f"reserves_gbp={self.reserves_gbp:.2f}")
        for contract in list(self.contracts):
            contract.book.end(contract, "provider closed")
        for contract, sub in list(self.subs):
            contract.book.end_sub(contract, sub, "tier 3 body closed")
        system.ledger.transfer(self.account, WORLD, self.reserves_gbp, "winding up")
        system.sector.note_closure(self)

    def pass_on_if_closed(self) -> None:
        """What still reaches a body that has closed goes to whoever winds it up."""
        if not self.alive:
            self._system.ledger.transfer(self.account, WORLD, self.reserves_gbp, "winding up")

    # --- its staff -----------------------------------------------------------------------------------------------

    def cut_staff(self, contract: Contract, share: float) -> None:
        """Keep fewer staff on a contract; places follow."""
        contract.staff_fte *= 1.0 - share
        self.reset_places(contract)

    def reset_places(self, contract: Contract) -> None:
        """Let the desk's places follow the staff left on the contract and on its slice."""
        system = self._system
        months = system.scenario.demand.service_months
        places = places_for(contract.staff_fte, contract.cases_per_staff_year, months)
        if places != contract.desk.places:
            system.flow.set_places(contract.desk, places, system.case_day)
