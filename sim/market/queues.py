"""The queues of all desks together, in plain Python.

``sim.kernel.queues`` is the same compiled; a run uses one or the other and gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.market.queue import GONE
from sim.market.window import Cases, Served, in_order, serve, sizes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Rows = IntArray
Waiting = tuple[Rows, FloatArray, FloatArray]


class Done(NamedTuple):
    """Cases begun or gone, one an element: queue, row, and the day the case began or GONE."""

    number: IntArray
    row: Rows
    day: FloatArray


NOTHING = Done(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


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
    """``AllQueues`` in plain Python: a window of all queues at once, by vectors.

    Cases join in order of time and none before the day served up to, so to be served again to the same day changes
    nothing.
    """

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._known: set[int] = set()  # the open, and the closed until what was done there is taken
        self._places = np.empty(0, np.int64)  # of each queue ever opened
        self._free_at = np.empty(0)  # the day each place falls free or IDLE, queue by queue
        self._changes: list[tuple[float, int, int]] = []  # changes of places not yet reached: day, queue, places more
        self._waiting = Cases.none()
        self._served_to = -inf
        self._done: list[Done] = []

    def open(self, number: int, places: int, now: float) -> None:
        if number != len(self._places):
            raise ValueError(f"queues are opened in the order of their numbers: {len(self._places)}, not {number}")
        self._open.add(number)
        self._known.add(number)
        self._places = np.append(self._places, places)
        self._free_at = np.append(self._free_at, np.full(places, now))

    def change_places(self, number: int, more: int, now: float) -> None:
        _must_hold([number], self._open)
        self._changes.append((now, number, more))

    def join(
        self, numbers: NDArray[np.int32], rows: Rows, arrivals: FloatArray, deadlines: FloatArray, services: FloatArray
    ) -> None:
        _must_hold({*numbers.tolist()}, self._open)
        cases = self._waiting.followed_by(Cases(numbers.astype(np.int64), rows, arrivals, deadlines, services))
        self._waiting = cases.pick(in_order(cases.number, len(self._places)))

    def advance(self, until: float) -> None:
        self._reach(self._changes)
        self._changes = []
        self._serve(until)
        self._served_to = until

    def close(self, number: int, now: float) -> Waiting:
        _must_hold([number], self._open)
        self._reach([change for change in self._changes if change[1] == number])
        self._changes = [change for change in self._changes if change[1] != number]
        self._serve(now, [number])
        cases = self._waiting
        a, b = np.searchsorted(cases.number, (number, number + 1)).tolist()
        self._waiting = cases.part(slice(0, a)).followed_by(cases.part(slice(b, None)))
        self._set_places(number, np.empty(0))
        self._open.remove(number)
        return cases.row[a:b], cases.deadline[a:b], cases.service[a:b]

    def waiting(self, numbers: Sequence[int]) -> int:
        _must_hold(numbers, self._open)
        return int(self._count(self._waiting.number)[numbers].sum())

    def rows(self, numbers: Sequence[int]) -> Rows:
        _must_hold(numbers, self._open)
        return self._waiting.row[self._of(numbers, self._waiting.number)[0]]

    def uncounted(self, numbers: Sequence[int]) -> int:
        _must_hold(numbers, self._known)
        return sum([int(self._count(done.number)[numbers].sum()) for done in self._done])

    def take_done(self, numbers: Sequence[int]) -> tuple[NDArray[np.int64], Rows, FloatArray]:
        _must_hold(numbers, self._known)
        number, row, day = map(np.concatenate, zip(NOTHING, *self._done, strict=True))
        taken, at = self._of(numbers, number)
        left = np.delete(np.arange(len(row)), taken)
        self._done = [Done(number[left], row[left], day[left])] if len(left) else []
        self._known.difference_update(set(numbers) - self._open)
        return at, row[taken], day[taken]

    def ahead(self, numbers: Sequence[int], now: float) -> Sequence[int]:
        _must_hold(numbers, self._open)
        waiting = self._count(self._waiting.number)
        idle = sizes((self._free_at <= now).nonzero()[0].searchsorted(self._places.cumsum()))
        idle = np.where(waiting > 0, idle, np.minimum(idle, 1))
        return [*(waiting - idle)[numbers].tolist()]

    def _serve(self, until: float, numbers: Sequence[int] | None = None) -> None:
        """Serve some queues, or all of them, up to a day."""
        if until <= self._served_to or not len(self._waiting.row):
            return
        if numbers is None:
            served = serve(self._waiting, until, self._places, self._free_at)
            self._free_at = served.free_at
            self._note(served, np.arange(len(served.start)))
        else:
            chosen = np.zeros(len(self._places), bool)
            chosen[numbers] = True
            mine, theirs = chosen[self._waiting.number], np.repeat(chosen, self._places)
            cases = self._waiting.pick(np.flatnonzero(mine))
            served = serve(cases, until, np.where(chosen, self._places, 0), self._free_at[theirs])
            self._free_at[theirs] = served.free_at
            self._note(served, np.flatnonzero(mine))

    def _note(self, served: Served, at: NDArray[np.intp]) -> None:
        """Who begins or leaves is done; ``at`` is where the cases served lie among the waiting."""
        done = (served.begun | served.gone).nonzero()[0]
        days = np.where(served.gone, GONE, served.start)[done]
        done = at[done]
        self._done.append(Done(self._waiting.number[done], self._waiting.row[done], days))
        stays = np.ones(len(self._waiting.row), bool)
        stays[done] = False
        self._waiting = self._waiting.pick(stays.nonzero()[0])

    def _reach(self, changes: list[tuple[float, int, int]]) -> None:
        """Add and take away places, each from its own day on: those that fall free first are taken first."""
        for day, of_the_day in groupby(changes, itemgetter(0)):
            those = [(number, more) for _, number, more in of_the_day]
            self._serve(day, [number for number, _ in those])
            for number, more in those:
                end = int(self._places[: number + 1].sum())
                free_at = self._free_at[end - self._places[number] : end]
                changed = np.append(free_at, np.full(more, day)) if more > 0 else np.sort(free_at)[-more:]
                self._set_places(number, changed)

    def _set_places(self, number: int, free_at: FloatArray) -> None:
        end = int(self._places[: number + 1].sum())
        before, after = self._free_at[: end - self._places[number]], self._free_at[end:]
        self._free_at = np.concatenate((before, free_at, after))
        self._places[number] = len(free_at)

    def _count(self, numbers: IntArray) -> IntArray:
        return np.bincount(numbers, minlength=len(self._places))

    def _of(self, numbers: Sequence[int], number: IntArray) -> tuple[NDArray[np.intp], IntArray]:
        """Which items are of some queues, queue by queue; and the queue of each, by its place among the numbers."""
        place = np.full(len(self._places), -1)
        place[numbers] = np.arange(len(numbers))
        at = place[number]
        found = np.flatnonzero(at >= 0)
        found = found[in_order(at[found], len(self._places))]
        return found, at[found]


def _must_hold(numbers: Collection[int], there: set[int]) -> None:
    """Raise KeyError unless there is a queue of every number."""
    if not there.issuperset(numbers):
        raise KeyError(min(set(numbers) - there))
