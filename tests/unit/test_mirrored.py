"""Mirrored luck is the opposite of the plain, and its worth is what a planted correlation says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.randomness import Luck
from tests.benchmarks.mirrored import Mirrored, worth


def test_every_draw_of_an_organisation_is_turned_round() -> None:
    plain, opposite = Luck(2015, 3), Mirrored(2015, 3)
    assert opposite.uniform("a", 1) == 1.0 - plain.uniform("a", 1)
    assert opposite.normal("a", 1) == -plain.normal("a", 1)
    assert opposite.lognormal(2.0, 0.3, "b") * plain.lognormal(2.0, 0.3, "b") == pytest.approx(4.0)
    assert opposite.between(0.0, 10.0, "c") + plain.between(0.0, 10.0, "c") == pytest.approx(10.0)
    assert opposite.happens(0.5, "d") != plain.happens(0.5, "d")
    assert opposite.key("start") != plain.key("start")


@pytest.mark.parametrize("correlation", [-0.6, 0.0, 0.4])
def test_the_worth_of_opposites_is_what_their_correlation_says(correlation: float) -> None:
    rng = np.random.default_rng(1)
    x, e = rng.normal(size=20_000), rng.normal(size=20_000)
    found = worth(x, correlation * x + math.sqrt(1 - correlation**2) * e)
    assert found.mean == pytest.approx(1 / (1 + correlation), rel=0.03)
    assert found.low < 1 / (1 + correlation) < found.high
