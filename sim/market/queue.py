"""One queue: first come, first served at a number of places, solved exactly between two decisions.

This is the rule, one case after another; ``sim.market.window`` gives the same for all queues at once.

A place is known by the day it falls free; a waiting case is given the place that falls free first, provided
that day lies before the end of the window served. A case leaves the queue at its own deadline without
touching it. The queue knows rows (the flow's numbers for cases), days and places; it must not know people or
who refers.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from itertools import compress
from math import nan

GONE = nan  # in place of the day a service began: the case left the queue


class Queue:
    """The waiting of one desk, and when its places fall free.

    Args:
        places: cases it can serve at once, all idle.
        now: the day it is.

    Attributes:
        free_at: the day each place falls free, a heap.
        rows: the waiting as of the last call of ``advance``, first come first.
        done_rows, done_days: what happened since the flow last looked: rows begun or gone; the days they began, or
            GONE.
    """

    __slots__ = (
        "_arrivals",
        "_changes",
        "_deadlines",
        "_served_to",
        "_services",
        "done_days",
        "done_rows",
        "free_at",
        "rows",
    )

    def __init__(self, places: int, now: float) -> None:
        self.free_at = [now] * places
        self._changes: list[tuple[float, int]] = []  # changes of places not yet reached: day, places more
        self._served_to = nan  # the day served up to, unless something changed since
        self.rows: list[int] = []
        self._arrivals: list[float] = []
        self._deadlines: list[float] = []
        self._services: list[float] = []
        self.done_rows: list[int] = []
        self.done_days: list[float] = []

    @classmethod
    def of_places(cls, free_at: list[float]) -> Queue:
        """A queue whose places are busy until some days, in order of time."""
        queue = cls(0, nan)
        queue.free_at = free_at
        return queue

    def join(self, rows: list[int], arrivals: list[float], deadlines: list[float], services: list[float]) -> None:
        """Add cases at the end, in order of arrival and none before those already there."""
        self.rows += rows
        self._arrivals += arrivals
        self._deadlines += deadlines
        self._services += services
        self._served_to = nan

    def advance(self, until: float) -> None:
        """Serve up to a day, not included: begin what can begin before it, drop whose deadline passes.

        Cases must have joined up to that day.
        """
        if self._changes:
            for day, more in self._changes:
                self._serve(day)
                for _ in range(more):
                    heappush(self.free_at, day)
                for _ in range(-more):
                    heappop(self.free_at)
            self._changes.clear()
        if self.rows and until != self._served_to:
            self._serve(until)
            self._served_to = until

    def _serve(self, until: float) -> None:
        free_at, deadlines = self.free_at, self._deadlines
        if free_at and free_at[0] < until:
            days: list[float] = []  # of those at the head of the queue: the day each begins, or GONE
            note, replace = days.append, heapreplace
            for arrival, deadline, service in zip(self._arrivals, deadlines, self._services, strict=True):
                start = free_at[0]
                if arrival > start:
                    start = arrival
                if start <= deadline:
                    if start >= until:
                        break
                    replace(free_at, start + service)
                    note(start)
                elif deadline < until:
                    note(GONE)
                else:
                    break
            if days:
                done = len(days)
                self.done_rows += self.rows[:done]
                self.done_days += days
                del self.rows[:done], self._arrivals[:done], deadlines[:done], self._services[:done]
        if deadlines and min(deadlines) < until:
            # No place falls free before `until` for whoever is left: none of them could have begun in time.
            stay = [deadline >= until for deadline in deadlines]
            rows = self.rows
            self.rows = list(compress(rows, stay))
            self.done_rows += [row for row, stays in zip(rows, stay, strict=True) if not stays]
            self.done_days += [GONE] * (len(rows) - len(self.rows))
            self._arrivals = list(compress(self._arrivals, stay))
            self._deadlines = list(compress(deadlines, stay))
            self._services = list(compress(self._services, stay))

    def change_places(self, more: int, now: float) -> None:
        """Add places from a day on, or take some away; not before any earlier change or the day advanced to.

        New places are free at once. When places are taken away, those that fall free first go first, an idle
        one before any other; a case being served keeps its place to the end of the service.
        """
        self._served_to = nan
        self._changes.append((now, more))

    def close(self) -> tuple[list[int], list[float], list[float]]:
        """Close, advanced to now: rows, deadlines and services of the waiting, to be decided again.

        Services already begun run to their end.
        """
        waiting = self.rows, self._deadlines, self._services
        self.rows, self._arrivals, self._deadlines, self._services = [], [], [], []
        self.free_at = []
        return waiting

    def ahead(self, now: float) -> int:
        """Cases waiting less places idle now (any idle place counts as 1 where nobody waits); advanced to now."""
        free_at = self.free_at
        idle = 0
        if free_at and free_at[0] <= now:
            idle = sum(day <= now for day in free_at) if self.rows else 1
        return len(self.rows) - idle
