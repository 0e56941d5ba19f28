"""Small statistics of the recorder that say what they do when there is nothing to divide by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_HALF = 0.5  # from here on it is nearer to interpolate from above


def gini(values: FloatArray) -> float:
    """Gini index of non-negative values, 0 when all are equal (or none is given); shape (n,)."""
    x = np.sort(values)
    n, total = len(x), float(x.sum())
    if n == 0 or total <= 0.0:
        return 0.0
    return float((2.0 * np.arange(1, n + 1) - n - 1) @ x / (n * total))


def share(part: float, whole: float) -> float:
    """Part of a whole; nan of nothing."""
    return float(part) / float(whole) if whole else float("nan")


def shares(part: NDArray[np.int64], whole: NDArray[np.int64]) -> FloatArray:
    """Parts of wholes, element by element; nan of nothing; shape that of the arguments."""
    return np.asarray(np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0))


def quantiles(values: FloatArray, shares_below: tuple[float, ...]) -> FloatArray:
    """Quantiles, shape (shares,); nan of nothing.

    What ``np.quantile`` gives, to the last digit (a test holds them against each other), in a fifth of the time.
    """
    if not len(values):
        return np.full(len(shares_below), np.nan)
    at = (len(values) - 1) * np.array(shares_below)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    parted = np.partition(values, sorted({*low.tolist(), *high.tolist()}))
    below, above, part = parted[low], parted[high], at - low
    step = above - below
    return np.asarray(np.where(part >= _HALF, above - step * (1.0 - part), below + step * part))


def margins(counts: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
    """Counts by area, by category, by service and by sex; further axes, such as that of the fate, are kept.

    Args:
        counts: shape (areas, categories, services, sexes, ...).
    """
    areas, categories, services, sexes = counts.shape[:4]
    rest = counts.shape[4:]
    of_area = counts.reshape(areas, -1, *rest)
    others = counts.sum(axis=0)
    by_person = others.sum(axis=0)
    return {
        "area": of_area.sum(axis=1),
        "category": others.reshape(categories, services * sexes, *rest).sum(axis=1),
        "service": by_person.sum(axis=1),
        "sex": by_person.sum(axis=0),
    }
