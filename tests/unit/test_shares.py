"""The recorder's own statistics are the usual ones."""

from __future__ import annotations

import numpy as np
import pytest

from sim.observe.shares import mean, quantiles, share_true


@pytest.mark.parametrize("n", [1, 2, 3, 10, 11, 1000, 4321])
def test_quantiles_are_numpy_s_to_the_last_digit(n: int) -> None:
    values = np.random.default_rng(n).exponential(30.0, n)
    values[: n // 3] = 0.0
    shares = (0.0, 0.1, 0.5, 0.73, 0.9, 1.0)
    assert np.array(quantiles(values, shares)).tobytes() == np.quantile(values, shares).tobytes()


def test_quantiles_of_nothing_are_no_numbers() -> None:
    assert np.isnan(quantiles(np.zeros(0), (0.5, 0.9))).all()


@pytest.mark.parametrize("n", [1, 5, 7, 8, 21, 300])
def test_means_are_numpy_s_to_the_last_digit(n: int) -> None:
    values = np.random.default_rng(n).normal(0.3, 1.0, n)
    assert mean(values) == mean(values.tolist()) == np.mean(values)
    assert share_true((values > 0.0).tolist()) == np.mean(values > 0.0)


def test_a_mean_of_nothing_is_no_number_and_nobody_says_yes() -> None:
    assert np.isnan(mean([]))
    assert share_true([]) == 0.0
