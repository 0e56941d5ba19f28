"""What the figures of a world file mean: unit, allowed range and what each drives.

The values, with grade, source and date, live in ``configs/world``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.parameters.record import Spec


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a world file, with where it comes from.

    Attributes:
        name: in full, for instance ``world.C01.caseload_people``.
        date: when it was true (``2019-09``), or empty.
    """

    name: str
    value: float | str
    unit: str
    grade: str
    source: str
    date: str = ""
    low: float | None = None
    high: float | None = None
    drives: str = ""
    plausible: tuple[float, float] | None = None


CRC_FIGURES: Final[dict[str, Spec]] = {
    "caseload_people": Spec("number", "people supervised", 1, 1e6, drives="people, size of the bid"),
    "shortfall_share": Spec("number", "share of the bid's volume, Q1 2017-18", -1, 1, drives="CRC income"),
    "bid_discount_share": Spec("number", "share of the ministry's maximum price", 0, 0.9, drives="bid fee"),
    "bid_fee_gbp_per_year": Spec("number", "GBP a year", 0, 1e10, drives="CRC income, cost and supply-chain budget"),
    "book_ratio": Spec("number", "times the inherited book its caseload suggests", 0, 20, drives="legacy contracts"),
}
AREA_FIGURES: Final[dict[str, Spec]] = {
    "share": Spec("number", "share of the CRC's people", 0, 1, drives="people by area"),
    "provider_density": Spec("number", "times the bodies of the mean area", 0, 50, drives="who may bid, alternatives"),
}
NATIONAL_FEE: Final = Spec("number", "GBP a year", 1, 1e11, drives="a smaller world's share of national sums")
