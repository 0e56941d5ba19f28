"""All queues over one window at once: who begins when, and who leaves.

First come, first served is a recursion, one case after another (``sim.market.queue``). But a service takes longer
than a window nearly always, so no place serves twice in it: then the n-th case of a queue that begins gets the
place that falls free n-th. Only those who leave are in doubt, for they take no place from those behind them. They
are found by repetition: whoever cannot begin in time, given those thought to leave ahead, is thought to leave; each
round is right for one more of them at least, and for nearly all after two or three. Where a place may serve twice,
the recursion is asked.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.market.queue import Queue

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_IN_16_BITS = np.iinfo(np.int16).max
IDLE, NEVER = -inf, inf  # in place of the day a place falls free: before any case came that it can serve; or none


class Cases(NamedTuple):
    """Waiting cases, one an element: by the number of their queue, first come first."""

    number: IntArray
    row: IntArray
    arrival: FloatArray
    deadline: FloatArray
    service: FloatArray

    @classmethod
    def none(cls) -> Cases:
        """No cases."""
        whole, days = np.empty(0, np.int64), np.empty(0)
        return cls(whole, whole, days, days, days)

    def pick(self, at: NDArray[np.intp]) -> Cases:
        """Some of them."""
        number, row, arrival, deadline, service = self
        return Cases(number[at], row[at], arrival[at], deadline[at], service[at])

    def part(self, of: slice) -> Cases:
        """Those that lie together."""
        number, row, arrival, deadline, service = self
        return Cases(number[of], row[of], arrival[of], deadline[of], service[of])

    def followed_by(self, more: Cases) -> Cases:
        """These and then others."""
        return Cases(
            np.concatenate((self.number, more.number)),
            np.concatenate((self.row, more.row)),
            np.concatenate((self.arrival, more.arrival)),
            np.concatenate((self.deadline, more.deadline)),
            np.concatenate((self.service, more.service)),
        )


class Served(NamedTuple):
    """What a window brings: whether each case begins and when, whether it leaves; and when each place falls free."""

    start: FloatArray
    begun: NDArray[np.bool_]
    gone: NDArray[np.bool_]
    free_at: FloatArray


def in_order(number: NDArray[np.integer], n_queues: int) -> NDArray[np.intp]:
    """What puts queue after queue, and leaves the order in each of them."""
    small = n_queues <= _MOST_IN_16_BITS  # such numbers are sorted without comparing
    return (number.astype(np.int16) if small else number).argsort(kind="stable")


def sizes(ends: IntArray) -> IntArray:
    """How many lie before each end and not before the one ahead of it."""
    n = ends.copy()
    n[1:] -= ends[:-1]
    return n


def serve(cases: Cases, until: float, places: IntArray, free_at: FloatArray) -> Served:
    """Serve up to a day, not included.

    Args:
        cases: the waiting; any that wait for an idle place come later than it fell free.
        places: of each queue, as their numbers count.
        free_at: the day each place falls free, or IDLE; queue by queue.
    """
    queues = np.arange(len(places))
    # Which places fall free before the day (some of them idle already), and the days at which the others do.
    free = (free_at < until).nonzero()[0]
    day = free_at[free]
    busy = (day > IDLE).nonzero()[0]
    day = day[busy]
    free_end = free.searchsorted(places.cumsum())
    busy_end = busy.searchsorted(free_end)
    n_free, n_busy = sizes(free_end), sizes(busy_end)
    queue, by_day = queues.repeat(n_busy), day.argsort()
    day = day[by_day[in_order(queue[by_day], len(places))]]
    # The days that a queue can offer, each queue's in order of time, between IDLE and NEVER.
    idle, never = busy_end - n_busy + 2 * queues, busy_end + 2 * queues + 1
    days = np.full(len(day) + 2 * len(places), NEVER)
    days[idle] = IDLE
    days[np.arange(len(day)) + 2 * queue + 1] = day

    number = cases.number
    n = np.bincount(number, minlength=len(places))
    end = n.cumsum()
    lowest, highest, first = idle[number], never[number], (end - n)[number]
    # Where the day offered to each lies, if nobody ahead leaves: the idle places are offered before any other.
    place = np.arange(len(number)) + (idle + 1 - (n_free - n_busy) - end + n)[number]
    may_leave = cases.deadline < until
    gone, mine = np.zeros(len(place), bool), place
    while True:
        offered = days[np.minimum(np.maximum(mine, lowest), highest)]
        start = np.maximum(cases.arrival, offered)
        leaves = (start > cases.deadline) & may_leave
        if (leaves == gone).all():
            break
        gone = leaves
        gone_before = gone.cumsum() - gone
        mine = place - gone_before + gone_before[first]
    begun = (start < until) & ~gone

    beginning = begun.nonzero()[0]
    begun_end = beginning.searchsorted(end)
    n_begun = sizes(begun_end)
    falls_free = start[beginning] + cases.service[beginning]
    taken = np.arange(len(beginning)) + (free_end - n_free - begun_end + n_begun).repeat(n_begun)
    after = free_at.copy()
    after[free] = IDLE
    after[free[taken]] = falls_free
    served = Served(start, begun, gone, after)

    # A place that falls free again before the last of its queue was offered one may serve twice.
    short = (falls_free < until).nonzero()[0]
    queue = number[beginning[short]]
    for i in sorted({*queue[falls_free[short] < offered[end[queue] - 1]].tolist()}):
        those = free[free_end[i] - n_free[i] : free_end[i]]
        _serve_one(served, cases, until, slice(end[i] - n[i], end[i]), free_at, those)
    return served


def _serve_one(
    served: Served, cases: Cases, until: float, here: slice, free_at: FloatArray, places: NDArray[np.intp]
) -> None:
    """Serve one queue by the recursion; its places that fall free before the day are given."""
    queue = Queue.of_places(np.sort(free_at[places]).tolist())
    columns = (column[here].tolist() for column in (cases.arrival, cases.deadline, cases.service))
    queue.join([*range(here.stop - here.start)], *columns)
    queue.advance(until)
    done, days = np.array(queue.done_rows, np.intp), np.array(queue.done_days)
    left = np.isnan(days)  # GONE
    for marks, those in ((served.begun, ~left), (served.gone, left)):
        marks[here] = False
        marks[here][done[those]] = True
    served.start[here][done] = days
    served.free_at[places] = queue.free_at
