"""A world small enough to follow by eye: two CRCs of two divisions, five areas."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sim.calendar import Calendar
from sim.categories import CATEGORIES
from sim.parameters.demand import Demand
from sim.world.places import Area, Crc, World

NEED_SHARE = (0.39, 0.48, 0.38, 0.38, 0.60, 0.71, 0.40, 0.20, 0.72, 0.60, 0.80, 0.15, 0.03, 0.03)
SPECIALIST_SHARE = (
    0.44, 0.375, 0.31, 0.19, 0.125, 0.075, 0.15, 0.125, 0.0625, 1.0, 0.125, 0.125, 0.625, 0.625,
)  # fmt: skip
DEMAND = Demand(
    people_scale=1.0,
    crc_starts_per_person_supervised=0.7,
    nps_starts_per_crc_start=0.36,
    heads_growth_share=0.2,
    heads_growth_years=1.25,
    supervision_months_crc=15.0,
    supervision_months_nps=24.0,
    supervision_log_sd=0.5,
    women_share=0.1,
    young_adult_share=0.25,
    aged_25_to_39_share=0.47,
    complexity_correlation=0.5,
    need_share=NEED_SHARE,
    specialist_share=SPECIALIST_SHARE,
    detection_share=0.8,
    assessment_window_days=30.0,
    patience_days=120.0,
    balk_days=60.0,
    service_months=3.0,
    service_log_sd=0.5,
    stock_years=6,
    warm_up_days=240,
    shortfall_scale=1.0,
    shortfall_spread=1.0,
    shortfall_tau_years=2.2,
    shortfall_published_years=2.25,
    shortfall_cap_share=0.62,
)


def demand(**changes: Any) -> Demand:
    """The shipped volumes, with some changed."""
    return replace(DEMAND, **changes)


def only(category: str, share: float = 1.0) -> dict[str, Any]:
    """Changes by which people need nothing but one service, and a specialist for it, which is always seen."""
    needs = tuple(share if name == category else 0.0 for name in CATEGORIES)
    return {"need_share": needs, "specialist_share": (1.0,) * len(CATEGORIES), "detection_share": 1.0}


def calendar(months: int = 12, start: date = date(2015, 2, 1)) -> Calendar:
    """Whole months from a start."""
    index = start.year * 12 + start.month - 1 + months
    end = date(index // 12, index % 12 + 1, 1)
    return Calendar.between(start, date.fromordinal(end.toordinal() - 1))


def world(caseload_people: float = 3000.0) -> World:
    """Two CRCs, three areas and two, each in its own division."""
    north = tuple(Area(f"N-{i}", f"North {i}", "N", share, 1.0) for i, share in enumerate((0.5, 0.3, 0.2)))
    south = tuple(Area(f"S-{i}", f"South {i}", "S", share, 1.0) for i, share in enumerate((0.6, 0.4)))
    return World(
        "two",
        (
            Crc("N", "North", "Ann", "Upper", caseload_people, 0.3, 0.1, 1e7, 1.0, north),
            Crc("S", "South", "Bob", "Lower", 0.7 * caseload_people, 0.3, 0.1, 7e6, 1.0, south),
        ),
        4.5e8,
        7400.0,
    )


def one_area(caseload_people: float) -> World:
    """One CRC with one area."""
    area = Area("A-0", "Only", "A", 1.0, 1.0)
    return World("one", (Crc("A", "A", "Ann", "Upper", caseload_people, 0.3, 0.1, 1e7, 1.0, (area,)),), 4.5e8, 7400.0)
