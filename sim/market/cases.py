"""Cases as columns: those open at desks, those on their way to one, and the record of what became of each.

A stratum is ((area * categories + category) * services + service) * sexes + sex. This module stores; it must
not decide or count.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.categories import N_CATEGORIES
from sim.randomness import Uint64Array
from sim.world.needs import person_of

FloatArray = NDArray[np.float64]
Column = NDArray[np.generic]

OPEN = -1  # the fate of what has none yet


class RoutedCases(NamedTuple):
    """Cases on their way to a desk, one an element."""

    case_id: Uint64Array
    stratum: NDArray[np.int32]
    age_band: NDArray[np.int8]
    day: FloatArray
    supervision_end_day: FloatArray
    number: NDArray[np.int32]
    price_gbp: FloatArray


class OpenCases:
    """Cases at desks, one a row; rows are used again, so memory follows the number open, not the horizon.

    Attributes:
        case_id: keyed name of (person, category).
        referred_day: day of the first referral.
        ends: whether the deadline is the end of supervision (else patience).
        bought: whether the case was bought from a card, at ``price_gbp``.
        occurrence: how many times it has been decided.
    """

    def __init__(self) -> None:
        self.case_id = np.empty(0, np.uint64)
        self.stratum = np.empty(0, np.int32)
        self.age_band = np.empty(0, np.int8)
        self.referred_day = np.empty(0)
        self.ends = np.empty(0, bool)
        self.bought = np.empty(0, bool)
        self.price_gbp = np.empty(0)
        self.occurrence = np.empty(0, np.int16)
        self._free = np.empty(0, np.intp)

    def __len__(self) -> int:
        return len(self.stratum) - len(self._free)

    def allocate(self, n: int) -> NDArray[np.intp]:
        """Rows for n new cases."""
        if n > len(self._free):
            old, new = len(self.stratum), max(1024, len(self.stratum) + n)
            for name in (
                "case_id",
                "stratum",
                "age_band",
                "referred_day",
                "ends",
                "bought",
                "price_gbp",
                "occurrence",
            ):
                column = getattr(self, name)
                setattr(self, name, np.concatenate((column, np.empty(new, column.dtype))))
            self._free = np.concatenate((np.arange(old + new - 1, old - 1, -1), self._free))
        rows, self._free = self._free[len(self._free) - n :], self._free[: len(self._free) - n]
        return rows

    def release(self, rows: NDArray[np.intp]) -> None:
        """Give back the rows of cases that have their fate."""
        self._free = np.concatenate((self._free, rows))


def case_rows(
    case_id: Uint64Array,
    stratum: NDArray[np.int32],
    age_band: NDArray[np.int8],
    referred_day: FloatArray,
    desk: NDArray[np.integer] | int,
    start_day: FloatArray | float,
    fate: NDArray[np.integer] | int,
) -> dict[str, NDArray[np.generic]]:
    """Rows of the case record; where none served, desk is -1 and start_day NaN; fate is -1 while open."""
    n = len(case_id)
    return {
        "person_id": person_of(case_id),
        "area": (stratum // (N_CATEGORIES * 4)).astype(np.int16),
        "category": (stratum // 4 % N_CATEGORIES).astype(np.int8),
        "service": (stratum // 2 % 2).astype(np.int8),
        "sex": (stratum % 2).astype(np.int8),
        "age_band": age_band,
        "referred_day": referred_day,
        "desk": np.broadcast_to(np.asarray(desk, np.int32), n),
        "start_day": np.broadcast_to(np.asarray(start_day, np.float64), n),
        "fate": np.broadcast_to(np.asarray(fate, np.int8), n),
    }


def join_record(parts: list[dict[str, NDArray[np.generic]]]) -> dict[str, NDArray[np.generic]]:
    """Parts of the case record as one, ordered by (day of referral, person, category)."""
    if not parts:
        return {}
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((whole["category"], whole["person_id"], whole["referred_day"]))
    return {name: column[order] for name, column in whole.items()}
