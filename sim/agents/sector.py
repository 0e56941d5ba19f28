"""The third sector as a whole: everybody's income shocks, unpaid help, and who enters.

Not an agent that decides: the surroundings in which bodies live. Shocks hit the whole body, not its contracts;
without them nothing would ever close.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sim.agents.offering import Offering
from sim.agents.provider import Provider
from sim.categories import ALTERNATIVE, N_CATEGORIES
from sim.clock import Phase, Process
from sim.ledger import WORLD
from sim.market.lot import Lot
from sim.randomness import SEPARATOR, normals
from sim.system import System
from sim.world.bodies import BODY_SIZES, Body, bodies_at_start, draw_bodies

FloatArray = NDArray[np.float64]


class Sector:
    """Bodies, living and past, and what happens to them all.

    Attributes:
        hand_backs, closed, entered: counts since the start.
        living_by_size: bodies alive now, shape (body sizes,).
    """

    def __init__(self, system: System) -> None:
        self.hand_backs = 0
        self.closed = 0
        self.entered = 0
        self.living_by_size = np.zeros(len(BODY_SIZES), np.int64)
        self._system = system
        most = system.scenario.provider.bid_most_turnover_share
        self._by_category = [Offering(len(system.world.areas), most) for _ in range(N_CATEGORIES)]
        # Columns over all bodies that ever lived, in the order of ``system.providers``; so are the ledger's rows.
        self._all_alive = np.zeros(0, bool)
        self._all_ids = np.zeros(0, np.uint64)
        self._all_turnover, self._all_reserves_months = np.zeros(0), np.zeros(0)
        self._all_pair_body, self._all_pair_cell = np.zeros(0, np.int64), np.zeros(0, np.int64)
        for body in bodies_at_start(system.world, system.scenario.provider, system.luck):
            self._add(body)
        self._entry_chances = self._chances_of_entry()
        self._dirty = True
        self._refresh()
        system.env.process(self.run())
        system.env.process(self.run_bodies())

    def _add(self, body: Body) -> Provider:
        opening = body.reserves_months * body.turnover_gbp_per_year / 12.0
        providers = self._system.providers
        provider = Provider(body, self._system, opening, len(providers))
        providers.append(provider)
        self.living_by_size[body.size] += 1
        for category in body.categories:
            self._by_category[category].add(provider)
        self._dirty = True
        return provider

    def local_bodies(self, category: int, area: int) -> list[Provider]:
        """Local bodies, living or not, that offer a service and work in an area, oldest first."""
        return self._by_category[category].local_in(area)

    def bidders(self, lot: Lot) -> Iterator[Provider]:
        """Bodies that bid for a lot, oldest first."""
        within_reach = self._by_category[lot.category].within_reach(lot)
        return (provider for provider in within_reach if provider.wants(lot))

    def note_closure(self, provider: Provider) -> None:
        """A body closed: it helps nobody any more."""
        self.closed += 1
        self.living_by_size[provider.body.size] -= 1
        self._all_alive[provider.number : provider.number + 1] = False  # a newcomer is not in the columns yet
        self._dirty = True

    def run(self) -> Process:
        """Each month: unpaid help and shocks are known before the bodies close their books; then newcomers."""
        system = self._system
        while True:
            yield system.clock.wait(Phase.SETTLE)
            self._refresh()
            self._set_other_results()
            yield system.clock.wait(Phase.REVIEWS)
            self._let_enter()

    def run_bodies(self) -> Process:
        """Each month every body closes its books, oldest first."""
        while True:
            yield self._system.clock.wait(Phase.BODIES)
            self._close_months()

    def _close_months(self) -> None:
        """Let the living close the month.

        Other results are booked together. A body that delivers nothing has nothing else to book, so what it puts into
        other work is booked together too; it decides in its turn all the same.
        """
        ledger, p = self._system.ledger, self._system.scenario.provider
        turnover = self._turnover
        ledger.transfer_each(WORLD, self._living_at, self._other_results, "other result")
        months = ledger.balances_gbp(self._living_at) / np.maximum(turnover / 12.0, 1.0)
        idle = np.ones(len(months), bool)
        idle[self._holders()] = False
        rich = (idle & (months > p.reserves_cap_months)).nonzero()[0]
        excess = (months[rich] - p.reserves_cap_months) * turnover[rich] / 12.0
        ledger.transfer_each(WORLD, self._living_at[rich], -excess, "other work")
        decide = (~idle | (months < p.close_reserves_months)).nonzero()[0]
        for number, holds in zip(self._living_at[decide].tolist(), (~idle[decide]).tolist(), strict=True):
            body = self._system.providers[number]
            if not holds:
                body.consider_closing()
            elif body.alive:
                body.close_month()

    def _holders(self) -> NDArray[np.intp]:
        """Where the bodies that hold a contract or a slice stand among the living."""
        contracts = [contract for book in self._system.books for contract in book.contracts]
        holding = {contract.provider.number for contract in contracts}
        holding.update([sub.provider.number for contract in contracts for sub in contract.subs])
        return np.searchsorted(self._living_at, np.fromiter(holding, np.int64, len(holding)))

    # --- who helps whom without a contract -----------------------------------------------------------------------

    def _refresh(self) -> None:
        """Renew the arrays over living bodies after an entry or a closure, and the chance of an alternative."""
        if not self._dirty:
            return
        self._dirty = False
        system = self._system
        self._note_newcomers()
        lives = self._all_alive
        living = self._living_at = np.flatnonzero(lives)
        self._ids = self._all_ids[living]
        self._turnover = self._all_turnover[living]
        self._target = self._all_reserves_months[living] * self._turnover / 12.0
        self._other_results = np.zeros(len(living))
        helps = lives[self._all_pair_body]
        self._pair_body = (np.cumsum(lives) - 1)[self._all_pair_body[helps]]
        self._pair_cell = self._all_pair_cell[helps]
        n_areas = len(system.world.areas)
        self._helpers = np.bincount(self._pair_cell, minlength=n_areas * N_CATEGORIES)
        chance = system.scenario.nps.alternative_share_per_body
        p_by_helpers = 1.0 - (1.0 - chance) ** np.arange(self._helpers.max(initial=0) + 1)
        p_alternative = p_by_helpers.take(self._helpers).reshape(n_areas, N_CATEGORIES)
        system.flow.set_alternatives(p_alternative, system.case_day)

    def _note_newcomers(self) -> None:
        """Columns of the bodies that entered since the last call: traits, and the places where each helps."""
        known = len(self._all_ids)
        new = self._system.providers[known:]
        if not new:
            return
        bodies = [p.body for p in new]
        self._system.ledger.keep_in_rows([p.account for p in new])
        self._all_alive = np.concatenate((self._all_alive, [p.alive for p in new]))
        self._all_ids = np.concatenate((self._all_ids, np.array([p.entity for p in new], np.uint64)))
        self._all_turnover = np.concatenate((self._all_turnover, [b.turnover_gbp_per_year for b in bodies]))
        self._all_reserves_months = np.concatenate((self._all_reserves_months, [b.reserves_months for b in bodies]))
        who = np.repeat(np.arange(known, known + len(new)), [len(p.helps_in) for p in new])
        self._all_pair_body = np.concatenate((self._all_pair_body, who))
        cells = np.array([*chain.from_iterable([p.helps_in for p in new])], np.int64)
        self._all_pair_cell = np.concatenate((self._all_pair_cell, cells))

    def _set_other_results(self) -> None:
        """Each body's month outside its contracts: an income shock, recovery towards its reserves, unpaid help."""
        system, p = self._system, self._system.scenario.provider
        if not len(self._living_at):
            return
        tally = system.tally
        assert tally is not None
        month = system.clock.month
        share_of_year = system.month_length / 12.0
        luck = system.luck
        z = normals(luck.key("shock", month, 1), luck.key("shock", month, 2), self._ids)
        shock = z * p.shock_sd_share * math.sqrt(share_of_year) * self._turnover
        reserves = system.ledger.balances_gbp(self._living_at)
        recovery = (self._target - reserves) * p.reserves_recovery_per_year * share_of_year
        cases = tally.fates[..., ALTERNATIVE].sum(axis=(2, 3)).ravel()
        cost = np.tile(np.array(system.scenario.supply_chain.fair_price_gbp), len(system.world.areas))
        per_helper = cases * cost * p.unfunded_case_cost_share / np.maximum(self._helpers, 1)
        unpaid = np.bincount(self._pair_body, per_helper.take(self._pair_cell), len(self._living_at))
        self._other_results = shock + recovery - unpaid

    # --- entry ---------------------------------------------------------------------------------------------------

    def _let_enter(self) -> None:
        """A new body in an area, more likely where a tender was opened in the last year."""
        system, p = self._system, self._system.scenario.provider
        if p.entries_per_year_share <= 0.0:
            return
        unasked, wanted = self._entry_chances
        month = system.clock.month
        drawn = system.luck.uniforms_of(
            [f"entry{SEPARATOR}{area.code}{SEPARATOR}{month}" for area in system.world.areas]
        )
        comes = np.flatnonzero(drawn < np.maximum(unasked, wanted)).tolist()
        comes = [at for at in comes if drawn[at] < (wanted if system.tendered_lately(at) else unasked)[at]]
        # named by the month, so that the same body enters then under every policy
        for body in draw_bodies(system.world, comes, [f"M{month:02d}"] * len(comes), p, system.luck):
            self._add(body)
            self.entered += 1
            system.tell("provider_entered", body.code, f"area={system.world.areas[body.home_area].code}")

    def _chances_of_entry(self) -> tuple[FloatArray, FloatArray]:
        """Chances a month by area: where no tender was opened lately, and where one was; shape (areas,) each."""
        p = self._system.scenario.provider
        rates = [
            p.entries_per_year_share * p.bodies_per_area * area.provider_density / 12.0
            for area in self._system.world.areas
        ]
        unasked = np.array([1.0 - math.exp(-rate) for rate in rates])
        return unasked, np.array([1.0 - math.exp(-rate * p.entry_tender_ratio) for rate in rates])
