"""Lots: what a buyer puts out to tender, sized from the referrals it expects, and who wins it.

A lot is sized from demand, never drawn: staff = intensity x expected referrals / cases per staff year. Places, price
and value follow. The winner is judged on quality, a little on size, and on luck of the day.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.categories import CATEGORIES, CRC_SERVICE
from sim.randomness import SEPARATOR

if TYPE_CHECKING:
    from sim.agents.provider import Provider
    from sim.market.contract import Contract
    from sim.system import System


@dataclass(frozen=True, slots=True)
class Lot:
    """A piece of work offered.

    Attributes:
        code: stable name; luck of the tender is keyed by it.
        cases_per_year: cases it is sized for.
        unit_price_gbp: price of a case, set by the buyer.
        burden_gbp_per_year: what the agreement that goes with it costs the winner.
        least_turnover_gbp: bodies below this are not eligible.
        any_number_of_contracts: whether a body may win it whatever it holds already.
    """

    code: str
    crc: int
    category: int
    areas: tuple[int, ...]
    cases_per_year: float
    cases_per_staff_year: float
    unit_price_gbp: float
    burden_gbp_per_year: float
    least_turnover_gbp: float = 0.0
    any_number_of_contracts: bool = False

    @property
    def staff_fte(self) -> float:
        """Staff the work needs."""
        return self.cases_per_year / self.cases_per_staff_year

    @property
    def value_gbp_per_year(self) -> float:
        """What it pays a year."""
        return self.unit_price_gbp * self.cases_per_year


def cases_in(works: Iterable[Lot | Contract], category: int, areas: tuple[int, ...]) -> float:
    """Cases a year of a service that lots or contracts bring to these areas, each spread evenly over its own."""
    of_service = [work for work in works if work.category == category]
    if not of_service:
        return 0.0
    wanted = set(areas)
    return sum([w.cases_per_year * len(wanted.intersection(w.areas)) / len(w.areas) for w in of_service])


def referrals_in(referrals: NDArray[np.float64], areas: tuple[int, ...], category: int) -> float:
    """Referrals by CRC officers to a service in some areas together.

    Args:
        referrals: shape (areas, categories, services).
    """
    return float(np.add.reduce(referrals[:, category, CRC_SERVICE].take(areas)))


def lot_areas(system: System, crc: int, code: str, ranked: Sequence[int]) -> tuple[int, ...]:
    """The first few of the areas ranked by the buyer: how many is a trait of the lot.

    The number is lognormal, larger for CRCs with more areas (a power of the ratio to a reference number).
    """
    chain, luck = system.scenario.supply_chain, system.luck
    relative = len(ranked) / chain.areas_per_contract_reference
    median = chain.areas_per_contract * relative**chain.areas_per_contract_crc_power
    n = round(luck.lognormal(median, chain.areas_per_contract_log_sd, "areas of lot", code))
    return tuple(sorted(ranked[: min(max(n, 1), len(ranked))]))


def lot_intensity(system: System, code: str) -> float:
    """The share of the referrals it expects that a buyer sizes a lot for: a trait of the lot."""
    chain = system.scenario.supply_chain
    return system.luck.lognormal(chain.intensity_share, chain.intensity_log_sd, "intensity", code)


def size_lot(
    system: System,
    crc: int,
    category: int,
    areas: tuple[int, ...],
    code: str,
    price_ratio: float,
    already: float = 0.0,
    intensity: float | None = None,
) -> Lot | None:
    """Size a lot from the referrals seen in its areas, less the cases already bought there.

    Args:
        price_ratio: price offered, relative to the fair price.
        already: cases a year already bought in these areas.
        intensity: trait of the lot, where it is known already.

    Returns:
        The lot, or None when nothing is left to buy.
    """
    chain = system.scenario.supply_chain
    seen = referrals_in(system.seen_referrals, areas, category)
    if intensity is None:
        intensity = lot_intensity(system, code)
    cases = intensity * seen - already
    if cases < chain.smallest_lot_cases_per_year or cases < chain.smallest_lot_share * seen:
        return None
    price = price_ratio * chain.fair_price_gbp[category]
    return Lot(
        code=code,
        crc=crc,
        category=category,
        areas=areas,
        cases_per_year=cases,
        cases_per_staff_year=chain.cases_per_staff_year[category],
        unit_price_gbp=price,
        burden_gbp_per_year=system.rules.burden_gbp(price * cases),
    )


def award(system: System, lot: Lot) -> Provider | None:
    """The winner among the bodies that bid, or None when nobody does."""
    chain, luck = system.scenario.supply_chain, system.luck
    bidders = list(system.sector.bidders(lot))
    if not bidders:
        return None
    if len(bidders) == 1:  # wins whatever the luck of the day
        return bidders[0]
    best, best_score = None, -math.inf
    of_the_day = luck.normals_of([f"award{SEPARATOR}{lot.code}{SEPARATOR}{p.body.code}" for p in bidders])
    for provider, z in zip(bidders, of_the_day, strict=True):
        body = provider.body
        score = (
            body.quality
            + chain.award_size_weight * math.log10(max(body.turnover_gbp_per_year, 1.0))
            + chain.award_noise_sd * z
        )
        if score > best_score:
            best, best_score = provider, score
    return best


def describe(system: System, lot: Lot) -> str:
    """A few words for the event log."""
    areas = "+".join(system.world.areas[a].code for a in lot.areas)
    return f"lot={lot.code} category={CATEGORIES[lot.category]} areas={areas} value_gbp={lot.value_gbp_per_year:.0f}"
