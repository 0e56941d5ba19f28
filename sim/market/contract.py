"""Contracts: a buyer pays a third-sector body for places in a service; a sub-contract passes a slice further down.

Records of what was agreed and what it is worth. Who decides to agree, squeeze or end is in ``sim.agents``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.market.desk import Desk

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.market.book import ContractBook


@dataclass(slots=True, eq=False)
class Contract:
    """A live or past tier 2 contract.

    Attributes:
        code: stable name, for instance ``C07-L03`` (legacy) or ``C07-M45-1`` (tendered in month 45).
        book: the buyer's book it stands in.
        crc: index of the CRC in whose area it lies.
        category: index of the service.
        areas: indices of the areas covered.
        cases_per_year: cases the price assumes.
        cases_per_staff_year: cases one staff member sees through in a year.
        unit_price_gbp: price of a case, fixed in cash.
        staff_fte: staff the provider keeps on it.
        guaranteed_share: share of the value paid whatever the referrals.
        burden_gbp_per_year: what the standard agreement costs the provider.
        start_day, end_day: term; ``ended_day`` when it really ended.
        legacy: whether it was inherited from a probation trust.
        squeezed_day: when its price was last squeezed.
        cases_last_year: services begun over about the last 12 months; at first, those it was sized for.
    """

    code: str
    book: ContractBook
    crc: int
    provider: Provider
    category: int
    areas: tuple[int, ...]
    cases_per_year: float
    cases_per_staff_year: float
    unit_price_gbp: float
    staff_fte: float
    guaranteed_share: float
    burden_gbp_per_year: float
    payment_delay_months: int
    start_day: float
    end_day: float
    legacy: bool
    desk: Desk
    subs: list[SubContract] = field(default_factory=list)
    ended_day: float | None = None
    squeezed_day: float = -math.inf
    notice_given: bool = False
    cases_last_year: float = 0.0

    @property
    def live(self) -> bool:
        """Whether it is being delivered."""
        return self.ended_day is None

    @property
    def value_gbp_per_year(self) -> float:
        """What it is worth a year at the cases it assumes."""
        return self.unit_price_gbp * self.cases_per_year

    def slices(self) -> Slices:
        """The tier 3 bodies and their share of the payment, as they stand now."""
        return tuple([(sub.provider, sub.share) for sub in self.subs])

    def month_payment_gbp(self, months: float, cases: int) -> float:
        """What is due for a month: the guaranteed part, and the rest by cases begun, up to the contract's value.

        Args:
            months: length of the period in months (1, or less for a part).
            cases: services begun for the buyer's own people.
        """
        value = self.unit_price_gbp * self.cases_per_year * months / 12.0
        by_case = min(self.unit_price_gbp * cases, value)
        return self.guaranteed_share * value + (1.0 - self.guaranteed_share) * by_case


@dataclass(slots=True, eq=False)
class SubContract:
    """A slice of a tier 2 contract passed to a small tier 3 body in one area.

    Attributes:
        share: share of the main contract's payment that goes down.
        staff_fte: staff the tier 3 body keeps on it.
    """

    provider: Provider
    area: int
    share: float
    staff_fte: float
    burden_gbp_per_year: float
    desk: Desk


Slices = tuple[tuple["Provider", float], ...]


@dataclass(slots=True)
class Invoice:
    """Money due to a body, paid at the end of a later month.

    Attributes:
        due_month: index of the month at whose end it is paid.
        contract: for whose delivery.
        gbp: the sum.
        slices: tier 3 bodies and their share of it, as they stood when the work was done.
    """

    due_month: int
    contract: Contract
    gbp: float
    slices: Slices


def places_for(staff_fte: float, cases_per_staff_year: float, service_months: float) -> int:
    """Places that staff can hold open at once: cases a year times months each, over 12, at least one."""
    if staff_fte <= 0.0:
        return 0
    return max(1, round(staff_fte * cases_per_staff_year * service_months / 12.0))
