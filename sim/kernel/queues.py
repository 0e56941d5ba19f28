"""The queues of all desks in compiled code: what ``sim.market.queues.Queues`` does, without a Python step a case."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Rows = NDArray[np.int64]

_ADDRESS: Final = ctypes.c_void_p
_COUNT: Final = ctypes.c_int64
_DAY: Final = ctypes.c_double
_NO_SUCH_QUEUE: Final = -1
_FUNCTIONS: Final = {
    "queues_new": (_ADDRESS, ()),
    "queues_free": (None, (_ADDRESS,)),
    "queues_open": (ctypes.c_int, (_ADDRESS, _COUNT, _DAY)),
    "queues_change_places": (ctypes.c_int, (_ADDRESS, _COUNT, _COUNT, _DAY)),
    "queues_join": (ctypes.c_int, (_ADDRESS, _COUNT, *[_ADDRESS] * 5)),
    "queues_advance": (ctypes.c_int, (_ADDRESS, _DAY)),
    "queues_advance_one": (ctypes.c_int, (_ADDRESS, _COUNT, _DAY)),
    "queues_waiting": (_COUNT, (_ADDRESS, _COUNT, _ADDRESS)),
    "queues_look": (None, (_ADDRESS, _COUNT, *[_ADDRESS] * 4)),
    "queues_close": (None, (_ADDRESS, _COUNT)),
    "queues_done": (_COUNT, (_ADDRESS, _COUNT, _ADDRESS)),
    "queues_take_done": (None, (_ADDRESS, _COUNT, *[_ADDRESS] * 4)),
    "queues_ahead": (None, (_ADDRESS, _COUNT, _ADDRESS, _DAY, _ADDRESS)),
}


def declare(library: ctypes.CDLL) -> None:
    """Say what the functions of the queues take and give; raises AttributeError where one is missing."""
    for name, (gives, takes) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = gives, list(takes)


class CompiledQueues:
    """``sim.market.queues.AllQueues`` in compiled code; MemoryError where there is no room for more cases."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._all = library.queues_new()
        _must(self._all)
        self._opened = 0
        self._open: set[int] = set()
        self._closed: set[int] = set()  # closed, and what was done there not yet taken
        weakref.finalize(self, library.queues_free, self._all)

    def open(self, number: int, places: int, now: float) -> None:
        if number != self._opened:
            raise ValueError(f"queues are opened in the order of their numbers: {self._opened}, not {number}")
        _must(self._library.queues_open(self._all, places, now))
        self._opened += 1
        self._open.add(number)

    def change_places(self, number: int, more: int, now: float) -> None:
        self._must_hold([number], self._open)
        _must(self._library.queues_change_places(self._all, number, more, now))

    def join(
        self, numbers: NDArray[np.int32], rows: Rows, arrivals: FloatArray, deadlines: FloatArray, services: FloatArray
    ) -> None:
        which, row = np.ascontiguousarray(numbers, np.int32), np.ascontiguousarray(rows, np.int64)
        days = [np.ascontiguousarray(column, np.float64) for column in (arrivals, deadlines, services)]
        if {len(column) for column in (row, *days)} != {len(which)}:
            raise ValueError("columns of cases that join must be of one length")
        addresses = (which.ctypes.data, row.ctypes.data, *(column.ctypes.data for column in days))
        _must(self._library.queues_join(self._all, len(which), *addresses))

    def advance(self, until: float) -> None:
        _must(self._library.queues_advance(self._all, until))

    def close(self, number: int, now: float) -> tuple[Rows, FloatArray, FloatArray]:
        self._must_hold([number], self._open)
        _must(self._library.queues_advance_one(self._all, number, now))
        waiting = self._look([number])
        self._library.queues_close(self._all, number)
        self._open.remove(number)
        self._closed.add(number)
        return waiting

    def waiting(self, numbers: Sequence[int]) -> int:
        self._must_hold(numbers, self._open)
        which = np.array(numbers, np.int64)
        return int(self._library.queues_waiting(self._all, len(which), which.ctypes.data))

    def rows(self, numbers: Sequence[int]) -> Rows:
        return self._look(numbers)[0]

    def uncounted(self, numbers: Sequence[int]) -> int:
        self._must_hold(numbers, self._open | self._closed)
        which = np.array(numbers, np.int64)
        return int(self._library.queues_done(self._all, len(which), which.ctypes.data))

    def take_done(self, numbers: Sequence[int]) -> tuple[NDArray[np.int64], Rows, FloatArray]:
        n, which = self.uncounted(numbers), np.array(numbers, np.int64)
        at, rows, days = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
        self._library.queues_take_done(
            self._all, len(which), which.ctypes.data, at.ctypes.data, rows.ctypes.data, days.ctypes.data
        )
        self._closed.difference_update(numbers)
        return at, rows, days

    def ahead(self, numbers: Sequence[int], now: float) -> Sequence[int]:
        self._must_hold(numbers, self._open)
        which = np.array(numbers, np.int64)
        out = np.empty(len(which), np.int64)
        self._library.queues_ahead(self._all, len(which), which.ctypes.data, now, out.ctypes.data)
        return [*out.tolist()]

    def _look(self, numbers: Sequence[int]) -> tuple[Rows, FloatArray, FloatArray]:
        n, which = self.waiting(numbers), np.array(numbers, np.int64)
        rows, deadlines, services = np.empty(n, np.int64), np.empty(n), np.empty(n)
        self._library.queues_look(
            self._all, len(which), which.ctypes.data, rows.ctypes.data, deadlines.ctypes.data, services.ctypes.data
        )
        return rows, deadlines, services

    @staticmethod
    def _must_hold(numbers: Sequence[int], there: set[int]) -> None:
        """Raise KeyError unless there is a queue of every number: the C functions believe what they are told."""
        if strangers := set(numbers) - there:
            raise KeyError(min(strangers))


def _must(given: int | None) -> None:
    if not given:
        raise MemoryError("no memory for more cases")
    if given == _NO_SUCH_QUEUE:
        raise KeyError("a case is to join a queue that is not open")
