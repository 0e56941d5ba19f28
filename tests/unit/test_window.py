"""All queues served together over windows give, to the last digit, what the recursion gives one by one."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from sim.market.queue import Queue
from sim.market.queues import Queues


@pytest.mark.parametrize(
    ("service_days", "places"),
    [
        pytest.param(90.0, (0, 1, 8, 30), id="services longer than a window"),
        pytest.param(12.0, (0, 1, 3, 9), id="places that serve twice in a window"),
    ],
)
@pytest.mark.parametrize("patience_days", [math.inf, 120.0, 5.0])
def test_windows_of_all_queues_are_the_recursion_of_each(
    service_days: float, places: tuple[int, ...], patience_days: float
) -> None:
    luck = np.random.default_rng(5)
    n, n_queues, windows = 4000, 40, 24
    arrivals = np.sort(luck.uniform(0.0, 30.0 * windows, n))
    numbers = luck.integers(0, n_queues, n).astype(np.int32)
    wait = luck.exponential(patience_days, n) if math.isfinite(patience_days) else np.full(n, math.inf)
    services = luck.lognormal(math.log(service_days), 0.5, n)
    together = Queues()
    one_by_one = [Queue(places[number % len(places)], 0.0) for number in range(n_queues)]
    for number in range(n_queues):
        together.open(number, places[number % len(places)], 0.0)

    found: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for window in range(windows):
        begin, end = 30.0 * window, 30.0 * (window + 1)
        come = np.flatnonzero((arrivals >= begin) & (arrivals < end))
        together.join(numbers[come], come, arrivals[come], (arrivals + wait)[come], services[come])
        for number, queue in enumerate(one_by_one):
            theirs = come[numbers[come] == number]
            queue.join(*(column[theirs].tolist() for column in (np.arange(n), arrivals, arrivals + wait, services)))
        for number in range(0, n_queues, 7):
            more = -1 if window % 3 == 2 else 1
            together.change_places(number, more, end - 10.0)
            one_by_one[number].change_places(more, end - 10.0)
        together.advance(end)
        for queue in one_by_one:
            queue.advance(end)
        assert together.rows(range(n_queues)).tolist() == [row for queue in one_by_one for row in queue.rows]
        assert [*together.ahead(range(n_queues), end)] == [queue.ahead(end) for queue in one_by_one]
        for number, row, day in zip(*(column.tolist() for column in together.take_done(range(n_queues))), strict=True):
            found[number].append((row, day))
    for number, queue in enumerate(one_by_one):
        expected = [*zip(queue.done_rows, queue.done_days, strict=True)]
        assert repr(found[number]) == repr(expected)  # GONE is not equal to itself
    assert any(math.isnan(day) for queue in one_by_one for day in queue.done_days) == math.isfinite(patience_days)
