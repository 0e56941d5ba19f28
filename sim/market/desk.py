"""One desk: a first-come-first-served queue with a number of places, solved exactly between two decisions.

A place is known by the day it falls free; a waiting case is given the place that falls free first, provided
that day lies before the end of the window served. A case leaves the queue at its own deadline without
touching it. The desk knows rows (the flow's numbers for cases), days and places; it must not know people or
who refers.
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from itertools import compress
from math import nan
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

CardAccess = Literal["card", "free", "none"]

GONE = nan  # in place of the day a service began: the case left the queue


class Desk:
    """A queue for one service category, delivered under one contract (or in-house).

    Attributes:
        number: its number, never used again in a run.
        fate: what a service begun here counts as: TIER2, TIER3 or IN_HOUSE.
        places: cases it can serve at once.
        quality: quality of the service, 1 for a fair one.
        area_indices: the areas it serves, shape (areas of the desk,).
        crc_access: whether CRC officers may refer to it.
        nps_access: whether NPS officers buy from it by the card, use it free, or have no access.
        posted_wait_days: the wait that officers see.
        started_crc, started_nps: services begun in the month last closed, by the service that referred.
        started_nps_gbp: card money of those begun for the NPS.
    """

    __slots__ = (
        "_arrivals",
        "_changes",
        "_deadlines",
        "_free_at",
        "_rows",
        "_served_to",
        "_services",
        "area_indices",
        "category",
        "crc_access",
        "done_days",
        "done_rows",
        "fate",
        "name",
        "nps_access",
        "number",
        "places",
        "posted_wait_days",
        "quality",
        "started_crc",
        "started_nps",
        "started_nps_gbp",
    )

    def __init__(
        self,
        number: int,
        name: str,
        category: int,
        fate: int,
        places: int,
        quality: float,
        area_indices: NDArray[np.intp],
        crc_access: bool,
        nps_access: CardAccess,
        *,
        now: float = 0.0,
    ) -> None:
        if places < 0:
            raise ValueError(f"desk {name}: places must be 0 or more, got {places}")
        self.number: Final = number
        self.name: Final = name
        self.category: Final = category
        self.fate: Final = fate
        self.places = places
        self.quality = quality
        self.area_indices: Final = area_indices
        self.crc_access: Final = crc_access
        self.nps_access: Final = nps_access
        self.posted_wait_days = 0.0 if places else np.inf
        self.clear_month()
        self._free_at = [now] * places  # a heap: the day each place falls free
        self._changes: list[tuple[float, int]] = []  # changes of places not yet reached: day, places more
        self._served_to = nan  # the day served up to, unless something changed since
        # The queue, first come first.
        self._rows: list[int] = []
        self._arrivals: list[float] = []
        self._deadlines: list[float] = []
        self._services: list[float] = []
        # What happened since the flow last looked: rows begun or gone; the days they began, or GONE.
        self.done_rows: list[int] = []
        self.done_days: list[float] = []

    @property
    def waiting(self) -> int:
        """Cases in the queue as of the last call of ``advance``."""
        return len(self._rows)

    @property
    def waiting_rows(self) -> list[int]:
        """Their rows, first come first."""
        return self._rows

    @property
    def uncounted(self) -> int:
        """Cases begun or gone since the flow last counted."""
        return len(self.done_rows)

    def clear_month(self) -> None:
        """Set the month counters to nothing."""
        self.started_crc = self.started_nps = 0
        self.started_nps_gbp = 0.0

    def join(self, rows: list[int], arrivals: list[float], deadlines: list[float], services: list[float]) -> None:
        """Add cases at the end of the queue, in order of arrival and none before those already there."""
        self._rows += rows
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
                    heappush(self._free_at, day)
                for _ in range(-more):
                    heappop(self._free_at)
            self._changes.clear()
        if self._rows and until != self._served_to:
            self._serve(until)
            self._served_to = until

    def _serve(self, until: float) -> None:
        free_at, deadlines = self._free_at, self._deadlines
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
                self.done_rows += self._rows[:done]
                self.done_days += days
                del self._rows[:done], self._arrivals[:done], deadlines[:done], self._services[:done]
        if deadlines and min(deadlines) < until:
            # No place falls free before `until` for whoever is left: none of them could have begun in time.
            stay = [deadline >= until for deadline in deadlines]
            rows = self._rows
            self._rows = list(compress(rows, stay))
            self.done_rows += [row for row, stays in zip(rows, stay, strict=True) if not stays]
            self.done_days += [GONE] * (len(rows) - len(self._rows))
            self._arrivals = list(compress(self._arrivals, stay))
            self._deadlines = list(compress(deadlines, stay))
            self._services = list(compress(self._services, stay))

    def set_places(self, places: int, now: float) -> None:
        """Change the number of places from a day on, not before any earlier change or the day advanced to.

        New places are free at once. When places are taken away, those that fall free first go first, an idle
        one before any other; a case being served keeps its place to the end of the service.
        """
        if places < 0:
            raise ValueError(f"desk {self.name}: places must be 0 or more, got {places}")
        if places != self.places:
            self._served_to = nan
            self._changes.append((now, places - self.places))
            self.places = places

    def close(self) -> tuple[list[int], list[float], list[float]]:
        """Close the desk, advanced to now: rows, deadlines and services of the waiting, to be decided again.

        Services already begun run to their end.
        """
        waiting = self._rows, self._deadlines, self._services
        self._rows, self._arrivals, self._deadlines, self._services = [], [], [], []
        self._free_at, self.places = [], 0
        return waiting

    def post_wait(self, now: float, mean_service_days: float) -> None:
        """Renew the posted wait, the desk having been advanced to now: none where a place would stay idle."""
        if not self.places:
            self.posted_wait_days = np.inf
            return
        free_at = self._free_at
        idle = 0
        if free_at[0] <= now:
            idle = sum(day <= now for day in free_at) if self._rows else 1
        ahead = len(self._rows) - idle
        self.posted_wait_days = 0.0 if ahead < 0 else (ahead + 1) * mean_service_days / self.places
