"""One desk: where a service of one category is delivered under one contract (or in-house), as officers see it.

Its queue is kept apart (``sim.market.queue``). This module must not know people or who refers.
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

CardAccess = Literal["card", "free", "none"]


class Desk:
    """A desk for one service category.

    Attributes:
        number: its number, never used again in a run.
        fate: what a service begun here counts as: TIER2, TIER3 or IN_HOUSE.
        places: cases it can serve at once.
        quality: quality of the service, 1 for a fair one.
        area_indices: the areas it serves, shape (areas of the desk,).
        crc_access: whether CRC officers may refer to it.
        nps_access: whether NPS officers buy from it by the card, use it free, or have no access.
        posted_wait_days: the wait that officers see.
        started_crc, started_nps: services begun in the month last closed, by the service that referred.
        started_nps_gbp: card money of those begun for the NPS.
    """

    __slots__ = (
        "area_indices",
        "category",
        "crc_access",
        "fate",
        "name",
        "nps_access",
        "number",
        "places",
        "posted_wait_days",
        "quality",
        "started_crc",
        "started_nps",
        "started_nps_gbp",
    )

    def __init__(
        self,
        number: int,
        name: str,
        category: int,
        fate: int,
        places: int,
        quality: float,
        area_indices: NDArray[np.intp],
        crc_access: bool,
        nps_access: CardAccess,
    ) -> None:
        self.number: Final = number
        self.name: Final = name
        self.category: Final = category
        self.fate: Final = fate
        self.places = _checked(name, places)
        self.quality = quality
        self.area_indices: Final = area_indices
        self.crc_access: Final = crc_access
        self.nps_access: Final = nps_access
        self.posted_wait_days = 0.0 if places else np.inf
        self.clear_month()

    def clear_month(self) -> None:
        """Set the month counters to nothing."""
        self.started_crc = self.started_nps = 0
        self.started_nps_gbp = 0.0

    def set_places(self, places: int) -> int:
        """Grow or shrink; returns how many places more that is."""
        more = _checked(self.name, places) - self.places
        self.places = places
        return more

    def post_wait(self, ahead: int, mean_service_days: float) -> None:
        """Renew the posted wait: none where a place would stay idle, endless where there is none.

        Args:
            ahead: cases waiting less places idle.
        """
        if not self.places:
            self.posted_wait_days = np.inf
        else:
            self.posted_wait_days = 0.0 if ahead < 0 else (ahead + 1) * mean_service_days / self.places


def _checked(name: str, places: int) -> int:
    if places < 0:
        raise ValueError(f"desk {name}: places must be 0 or more, got {places}")
    return places
