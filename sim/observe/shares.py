"""Small statistics of the recorder that say what they do when there is nothing to divide by."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

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


def share_true(answers: Sequence[bool]) -> float:
    """The share of yes among answers; 0 of nothing."""
    return sum(answers) / len(answers) if answers else 0.0


def mean(values: Sequence[float] | FloatArray) -> float:
    """The mean; nan of nothing. What ``np.mean`` gives, to the last digit: it adds in numpy's order."""
    return float(np.add.reduce(values)) / len(values) if len(values) else math.nan


def counts_of(kinds: Iterable[int], n_kinds: int) -> list[int]:
    """How many there are of each kind, the kinds being numbered from 0."""
    counts = [0] * n_kinds
    for kind in kinds:
        counts[kind] += 1
    return counts


def quantiles(values: FloatArray, shares_below: tuple[float, ...]) -> list[float]:
    """Quantiles, one a share; nan of nothing.

    What ``np.quantile`` gives, to the last digit (a test holds them against each other), in a fraction of the time.
    """
    if not len(values):
        return [math.nan] * len(shares_below)
    ordered, last = np.sort(values), len(values) - 1
    found = []
    for share_below in shares_below:
        low = int(last * share_below)
        part = last * share_below - low
        below, above = float(ordered[low]), float(ordered[min(low + 1, last)])
        step = above - below
        found.append(above - step * (1.0 - part) if part >= _HALF else below + step * part)
    return found
