"""What the NPS divisions may still commit to rate-card purchases, spent in order of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MONEY_TOLERANCE_GBP = 1e-6


class Purses:
    """Money is committed when a purchase is decided; who cannot pay one buys no more until a release.

    Attributes:
        left_gbp: money left, shape (divisions,).
        exhausted: which divisions buy no more until a release, shape (divisions,).
    """

    def __init__(self, n_divisions: int) -> None:
        self.left_gbp = np.zeros(n_divisions)
        self.exhausted = np.zeros(n_divisions, bool)

    def release(self, division: int, gbp: float) -> None:
        """Add money; a division that ran out can buy again."""
        self.left_gbp[division] += gbp
        self.exhausted[division] = False

    @property
    def limit_gbp(self) -> FloatArray:
        """What may be committed before the next release, shape (divisions,)."""
        return self.left_gbp + MONEY_TOLERANCE_GBP

    def commit(self, division: NDArray[np.int64], price_gbp: FloatArray) -> NDArray[np.intp]:
        """Pay for purchases in order of time; returns the indices of those paid for."""
        wanted = np.bincount(division, price_gbp, len(self.left_gbp))
        short = (wanted > self.limit_gbp) | self.exhausted
        paid = np.ones(len(division), bool)
        for d in np.flatnonzero(short):
            mine = np.flatnonzero(division == d)
            spent = np.cumsum(price_gbp[mine])
            limit = -1.0 if self.exhausted[d] else self.limit_gbp[d]
            n = int(np.searchsorted(spent, limit, side="right"))
            paid[mine[n:]] = False
            self.exhausted[d] |= n < len(mine)
            wanted[d] = spent[n - 1] if n else 0.0
        self.left_gbp -= wanted
        return np.flatnonzero(paid)
