"""The queues of all desks together, in plain Python.

``sim.kernel.queues`` is the same compiled; a run uses one or the other and gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim.market.queue import Queue

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]
Waiting = tuple[Rows, FloatArray, FloatArray]


class AllQueues(Protocol):
    """What desks ask of their queues; a queue is known by its desk's number, given out from 0 on."""

    def open(self, number: int, places: int, now: float) -> None:
        """A queue with idle places and nobody waiting."""

    def change_places(self, number: int, more: int, now: float) -> None:
        """Add places from now on, or take some away."""

    def join(
        self, numbers: NDArray[np.int32], rows: Rows, arrivals: FloatArray, deadlines: FloatArray, services: FloatArray
    ) -> None:
        """Cases join their queues, given in order of time; one an element of every array."""

    def advance(self, until: float) -> None:
        """Serve every open queue up to a day, not included."""

    def close(self, number: int, now: float) -> Waiting:
        """Serve a queue up to now and close it: rows, deadlines and services of the waiting, first come first."""

    def waiting(self, numbers: Sequence[int]) -> int:
        """Cases that wait at some queues."""

    def rows(self, numbers: Sequence[int]) -> Rows:
        """Their rows, queue by queue."""

    def uncounted(self, numbers: Sequence[int]) -> int:
        """Cases begun or gone at some queues since the last count."""

    def take_done(self, numbers: Sequence[int]) -> tuple[NDArray[np.int64], Rows, FloatArray]:
        """Those cases, queue by queue: which of the queues (by its place in ``numbers``), row, and day or GONE.

        They are forgotten, and with them the closed among the queues.
        """

    def ahead(self, numbers: Sequence[int], now: float) -> Sequence[int]:
        """Of each queue the cases waiting less the places idle now."""


class Queues:
    """``AllQueues`` in plain Python."""

    def __init__(self) -> None:
        self._open: dict[int, Queue] = {}
        self._closed: dict[int, Queue] = {}

    def open(self, number: int, places: int, now: float) -> None:
        self._open[number] = Queue(places, now)

    def change_places(self, number: int, more: int, now: float) -> None:
        self._open[number].change_places(more, now)

    def join(
        self, numbers: NDArray[np.int32], rows: Rows, arrivals: FloatArray, deadlines: FloatArray, services: FloatArray
    ) -> None:
        if not len(numbers):
            return
        order = np.argsort(numbers, kind="stable")
        numbers = numbers[order]
        row, arrival, deadline, service = (column[order].tolist() for column in (rows, arrivals, deadlines, services))
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        ends = [*first[1:].tolist(), len(row)]
        for number, a, b in zip(numbers[first].tolist(), first.tolist(), ends, strict=True):
            self._open[number].join(row[a:b], arrival[a:b], deadline[a:b], service[a:b])

    def advance(self, until: float) -> None:
        for queue in self._open.values():
            queue.advance(until)

    def close(self, number: int, now: float) -> Waiting:
        queue = self._closed[number] = self._open.pop(number)
        queue.advance(now)
        rows, deadlines, services = queue.close()
        return np.array(rows, np.int64), np.array(deadlines), np.array(services)

    def waiting(self, numbers: Sequence[int]) -> int:
        return sum([len(self._open[number].rows) for number in numbers])

    def rows(self, numbers: Sequence[int]) -> Rows:
        return np.array([row for number in numbers for row in self._open[number].rows], np.int64)

    def uncounted(self, numbers: Sequence[int]) -> int:
        return sum([len(queue.done_rows) for queue in self._of(numbers)])

    def take_done(self, numbers: Sequence[int]) -> tuple[NDArray[np.int64], Rows, FloatArray]:
        queues = self._of(numbers)
        sizes = [len(queue.done_rows) for queue in queues]
        rows = np.fromiter(chain.from_iterable([queue.done_rows for queue in queues]), np.int64, sum(sizes))
        days = np.fromiter(chain.from_iterable([queue.done_days for queue in queues]), np.float64, sum(sizes))
        for queue in queues:
            queue.done_rows.clear()
            queue.done_days.clear()
        for number in numbers:
            self._closed.pop(number, None)
        return np.repeat(np.arange(len(queues)), sizes), rows, days

    def ahead(self, numbers: Sequence[int], now: float) -> Sequence[int]:
        return [self._open[number].ahead(now) for number in numbers]

    def _of(self, numbers: Sequence[int]) -> list[Queue]:
        return [self._open[number] if number in self._open else self._closed[number] for number in numbers]
