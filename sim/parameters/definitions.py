"""Numbers that define what is measured: written here once, in the register, and not to be set.

A measure's name and label state them ("under two staff"), so a run with others would mislabel its tables. Numbers that
may be argued with are settings, in the records beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sim.parameters.record import number


@dataclass(frozen=True, slots=True)
class Definitions:
    """The lines that measures draw."""

    few_staff_fte: float = number(
        "staff on a body's contracts with one CRC, fewer than which are few", 0, 100, None, "S",
        "nearly half of providers employed under two staff", "pattern C6: providers with under two staff",
    )  # fmt: skip
    sustainable_income_share: float = number(
        "share of full cost, contract income below which is unsustainable", 0, 2, None, "set",
        "our reading of TrackTR 2018, whose bodies called their funding unsustainable",
        "pattern C9: bodies that are not sustained by their contracts",
    )  # fmt: skip


DEFINITIONS: Final = Definitions(few_staff_fte=2.0, sustainable_income_share=0.95)
