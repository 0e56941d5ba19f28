"""Direct national framework: the 2021 successor. The ministry buys national lots from lead providers.

Fixed prices, volume caps, lots of a set number of areas, and a number of named supply-chain partners per lead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from sim.agents.commissioner import Commissioner
from sim.calendar import DAYS_PER_MONTH
from sim.categories import CATEGORIES, N_CATEGORIES
from sim.clock import Process
from sim.market.contract import Contract
from sim.parameters.record import count, number
from sim.policy.base import Lever

if TYPE_CHECKING:
    from sim.scenario import Scenario
    from sim.system import System


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectNationalFramework(Lever):
    """National lots."""

    name: ClassVar[str] = "direct_national_framework"
    title: ClassVar[str] = "Direct national framework"

    amount_gbp_per_year: float = number("GBP a year", 0, 1e9, (2e7, 8e7), "J", "judgement", "size of the framework")
    lot_areas: int = count(
        "areas in a lot", 1, 200, (3, 20), "J", "judgement: regions, not local units", "who can lead"
    )
    lead_turnover_gbp: float = number(
        "GBP a year, least turnover of a lead", 0, 1e9, (5e5, 5e6), "J", "judgement", "who can lead"
    )
    price_ratio: float = number(
        "fixed price over the fair price", 0.1, 5, (0.9, 1.1), "J", "judgement", "bodies' results"
    )
    partners_per_lead: int = count("partners a lead names in its bid", 0, 20, (0, 5), "J", "judgement", "tier 3")
    partner_share: float = number(
        "share of a lot each partner is to have", 0, 0.5, (0.05, 0.2), "J", "judgement", "tier 3"
    )
    guaranteed_share: float = number(
        "share of a lot's value paid whatever the referrals", 0, 1, (0.0, 0.5), "J",
        "judgement: paid by case, up to the lot's value", "leads' income",
    )  # fmt: skip
    tender_again_months: float = number(
        "months after which what is then lacking is tendered",
        1,
        240,
        (6, 36),
        "J",
        "judgement",
        "size of the framework",
    )
    mobilise_months: float = number(
        "months over which lots are let", 0, 60, (3, 18), "J", "judgement", "when lots begin"
    )

    def begin(self, system: System) -> None:
        system.national = Framework(system, self)

    def finish(self, system: System) -> None:
        if system.national is not None:
            system.national.buying = False

    def inert_because(self, scenario: Scenario) -> str | None:
        return "amount_gbp_per_year is 0" if self.amount_gbp_per_year == 0.0 else None


class Framework(Commissioner):
    """The ministry as national commissioner.

    Attributes:
        partners_named: slices that leads were to pass down.
    """

    def __init__(self, system: System, lever: DirectNationalFramework) -> None:
        super().__init__(system, "national", system.ministry.account, "national")
        self._lever = lever
        self.partners_named = 0
        self.passes_down = False  # leads pass down what they named partners for, and no more
        for division in system.divisions:
            for first in range(0, len(division.areas), lever.lot_areas):
                areas = division.areas[first : first + lever.lot_areas]
                for category in range(N_CATEGORIES):
                    system.env.process(self._let(category, areas))

    def _let(self, category: int, areas: tuple[int, ...]) -> Process:
        """Put one service in one group of areas out in its turn, and again later for what is lacking then."""
        system, lever = self.system, self._lever
        name = f"{self.name}-{CATEGORIES[category]}-{system.world.areas[areas[0]].code}"
        yield system.env.timeout(system.luck.between(0.0, lever.mobilise_months, "national lot", name) * DAYS_PER_MONTH)
        year = 0
        while self.buying:
            free = lever.amount_gbp_per_year - self.committed_gbp_per_year()
            if free > 0.0:
                lot = self.gap_lot(
                    category,
                    areas,
                    f"{name}-{year}",
                    price_ratio=lever.price_ratio,
                    most_gbp=free,
                    least_turnover_gbp=lever.lead_turnover_gbp,
                    any_number_of_contracts=True,
                )
                if lot.cases_per_year >= system.scenario.supply_chain.smallest_lot_cases_per_year:
                    # the volume cap: never paid above the value
                    self.tender(lot, "national_lot", guaranteed_share=lever.guaranteed_share, term_months=None)
            yield system.env.timeout(lever.tender_again_months * DAYS_PER_MONTH)
            year += 1

    def began(self, contract: Contract) -> None:
        """The lead names its partners: each is offered a slice in an area of the lot."""
        for i in range(self._lever.partners_per_lead):
            self.partners_named += 1
            self.book.pass_down(contract, contract.areas[i % len(contract.areas)], self._lever.partner_share)

    def fund(self, gbp: float) -> None:
        """Paid straight from the ministry's account: count it as public money."""
        self.system.ministry.month_spent_gbp += gbp
