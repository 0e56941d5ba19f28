"""The recorder's own statistics are the usual ones."""

from __future__ import annotations

import numpy as np
import pytest

from sim.observe.shares import quantiles


@pytest.mark.parametrize("n", [1, 2, 3, 10, 11, 1000, 4321])
def test_quantiles_are_numpy_s_to_the_last_digit(n: int) -> None:
    values = np.random.default_rng(n).exponential(30.0, n)
    values[: n // 3] = 0.0
    shares = (0.0, 0.1, 0.5, 0.73, 0.9, 1.0)
    assert np.array(quantiles(values, shares)).tobytes() == np.quantile(values, shares).tobytes()


def test_quantiles_of_nothing_are_no_numbers() -> None:
    assert np.isnan(quantiles(np.zeros(0), (0.5, 0.9))).all()
