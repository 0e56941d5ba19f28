"""Our forms: the model's own queues, joined and served a month at a time, as the flow of cases does."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import nan

import numpy as np

from sim.kernel import find
from sim.market.queue import Queue
from sim.market.queues import AllQueues, Queues
from tests.benchmarks.peers.work import Outcome, Run, Work, outcome_of


def prepare(work: Work) -> Run:
    """In plain Python; a work of one desk has its queue to itself."""
    if len(work.places) > 1:
        return _together(work, Queues())
    queue, windows = Queue(work.places[0], 0.0), list(_windows(work))

    def go() -> None:
        for end, a, b in windows:
            if b > a:
                queue.join(list(range(a, b)), work.arrivals[a:b], work.deadlines[a:b], work.services[a:b])
            queue.advance(end)

    return Run(go, lambda: _outcome(work, queue.done_rows, queue.done_days))


def prepare_compiled(work: Work) -> Run:
    """By the compiled kernel; raises ModuleNotFoundError where it has not been built."""
    kernel = find()
    if kernel is None:
        raise ModuleNotFoundError("the kernel is not built", name="sim.kernel")
    return _together(work, kernel.queues())


def _together(work: Work, queues: AllQueues) -> Run:
    for number, places in enumerate(work.places):
        queues.open(number, places, 0.0)
    numbers, rows = np.array(work.desks, np.int32), np.arange(work.customers)
    arrivals, deadlines, services = (np.array(days) for days in (work.arrivals, work.deadlines, work.services))
    windows = list(_windows(work))

    def go() -> None:
        for end, a, b in windows:
            queues.join(numbers[a:b], rows[a:b], arrivals[a:b], deadlines[a:b], services[a:b])
            queues.advance(end)

    def outcome() -> Outcome:
        _, done, days = queues.take_done(range(len(work.places)))
        return _outcome(work, done.tolist(), days.tolist())

    return Run(go, outcome)


def _windows(work: Work) -> Iterator[tuple[float, int, int]]:
    """The end of each window, and the first and last case that come in it."""
    ends = work.window_ends
    cuts = [0, *np.searchsorted(np.array(work.arrivals), ends).tolist()]
    for end, (a, b) in zip(ends, pairwise(cuts), strict=True):
        yield end, a, b


def _outcome(work: Work, rows: list[int], days: list[float]) -> Outcome:
    start_days, left = [nan] * work.customers, []
    for row, day in zip(rows, days, strict=True):
        if day == day:
            start_days[row] = day
        else:
            left.append(row)
    return outcome_of(work, start_days, left)
