"""The functions of the compiled kernel: what they take is checked here, for C believes what it is told."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.kernel.queues import CompiledQueues, declare

_MOST_CATEGORIES: Final = 64  # as kernel.c has room for
_ABI: Final = 3  # as kernel.c says
_ADDRESS: Final = ctypes.c_void_p
_COUNT: Final = ctypes.c_int64

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Uint64Array = NDArray[np.uint64]
# Of referrals: day, case id, stratum, age band, end of supervision, u_detect.
ReferralColumns = tuple[FloatArray, Uint64Array, NDArray[np.int32], NDArray[np.int8], FloatArray, FloatArray]
_REFERRAL_KINDS: Final = (np.float64, np.uint64, np.int32, np.int8, np.float64, np.float64)


class KernelError(RuntimeError):
    """The kernel cannot be built or loaded; the message says why."""


class Kernel:
    """The functions of a compiled kernel.

    Args:
        path: the shared library.

    Raises:
        KernelError: it cannot be loaded, or is not of this version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._library = ctypes.CDLL(str(path))
            self._library.kernel_abi.restype = _COUNT
            abi = self._library.kernel_abi()
            if abi != _ABI:
                raise KernelError(f"{path} is of version {abi}, not {_ABI}")
            self._declare()
        except (OSError, AttributeError) as error:
            raise KernelError(f"{path} cannot be loaded: {error}") from error

    def _declare(self) -> None:
        """Say what the C functions take and give; raises AttributeError where one is missing."""
        declare(self._library)
        self._uniforms = self._library.kernel_uniforms
        self._uniforms.argtypes = [_COUNT, ctypes.c_uint64, _ADDRESS, _ADDRESS]
        self._uniforms.restype = None
        self._referrals = self._library.kernel_referrals
        people, tables, found = [_ADDRESS] * 5, [_ADDRESS] * 6, [_ADDRESS] * 7
        whole, numbers = [_COUNT] * 3, [ctypes.c_double] * 2
        self._referrals.argtypes = [_COUNT, *people, _COUNT, _COUNT, *tables, *whole, *numbers, *found]
        self._referrals.restype = _COUNT
        self._in_order = self._library.kernel_in_order
        self._in_order.argtypes = [_COUNT, ctypes.c_uint64, *[_ADDRESS] * 14]
        self._in_order.restype = None
        self._heads = self._library.kernel_heads
        self._heads.argtypes = [_COUNT, *[_ADDRESS] * 3, ctypes.c_double, _COUNT, *[_ADDRESS] * 4]
        self._heads.restype = None
        self._decide = self._library.kernel_decide
        cases, direct, card, terms = [_ADDRESS] * 4, [_ADDRESS] * 2, [_ADDRESS] * 3, [_ADDRESS] * 3
        self._decide.argtypes = [_COUNT, *cases, _COUNT, _COUNT, *direct, _COUNT, *card, _COUNT, *terms]
        self._decide.argtypes += [_ADDRESS] * 5 + [ctypes.c_int32] * 2 + [_ADDRESS] * 2
        self._decide.restype = _COUNT

    def queues(self) -> CompiledQueues:
        """New queues, none open."""
        return CompiledQueues(self._library)

    def uniforms(self, key: int, ids: Uint64Array) -> FloatArray:
        """As ``sim.randomness.uniforms``."""
        ids = np.ascontiguousarray(ids, np.uint64)
        out = np.empty(ids.shape)
        self._uniforms(ids.size, key, ids.ctypes.data, out.ctypes.data)
        return out

    def referrals(
        self,
        people: Sequence[NDArray[Any]],
        tables: Sequence[NDArray[Any]],
        only_women: int,
        only_young: int,
        window_days: float,
        begin_day: float,
        category_bit: int,
        counts: IntArray,
    ) -> ReferralColumns:
        """As ``sim.world.referrals.draw_referrals``, in another order: person by person.

        Args:
            people: ids, places, starts, ends and rows.
            tables: the first six of ``sim.world.referrals.NeedTables``.

        Raises:
            ValueError: an array is not of the kind or shape that the C function takes.
        """
        n_people, n_keys = len(people[0]), len(tables[0])
        _must_be(people, (np.uint64, np.int32, np.float64, np.float64, np.int64))
        _must_be((*tables, counts), (np.uint64, np.uint64, np.int64, np.int64, np.int64, np.float64, np.int64))
        shapes = {array.shape for array in tables[3:]}
        _belong(
            "referrals",
            {len(array) for array in people} == {n_people},
            [len(array) for array in tables[1:3]] == [4, 3],
            shapes == {(len(tables[3]), n_keys)} and counts.shape[1:] == (n_keys,),
            n_keys <= _MOST_CATEGORIES,
            _within(people[4], len(counts) // 4),
        )
        found = _referral_columns(n_people * n_keys + 1)
        n = self._referrals(
            n_people,
            *(array.ctypes.data for array in people),
            n_keys,
            len(tables[3]),
            *(array.ctypes.data for array in tables),
            only_women,
            only_young,
            category_bit,
            window_days,
            begin_day,
            *(array.ctypes.data for array in (counts, *found)),
        )
        day, case_id, stratum, age_band, until, u_detect = found
        return day[:n], case_id[:n], stratum[:n], age_band[:n], until[:n], u_detect[:n]

    def in_order(self, category_mask: int, columns: ReferralColumns) -> ReferralColumns:
        """As ``sim.world.needs.ReferralBatch.in_order``, of its columns; ``category_mask`` holds a case's category."""
        n = len(columns[0])
        _must_be(columns, _REFERRAL_KINDS)
        _belong("in_order", {len(column) for column in columns} == {n})
        out, scratch = _referral_columns(n), (np.empty(n, np.int64), np.empty(n + 2, np.int64))
        self._in_order(n, category_mask, *(array.ctypes.data for array in (*columns, *scratch, *out)))
        return out

    def heads(
        self,
        people: IntArray,
        start: FloatArray,
        end: FloatArray,
        first_day: float,
        row_of_day: IntArray,
        started: IntArray,
        change: IntArray,
    ) -> IntArray:
        """As ``sim.world.people.count_heads``."""
        row = np.empty(len(start), np.int64)
        _must_be((people, start, end), (np.int64, np.float64, np.float64))
        _must_be((row_of_day, started, change), (np.int64, np.int64, np.int64))
        _belong(
            "heads",
            people.sum() == len(start) == len(end),
            started.shape == change.shape == (len(started), len(people)),
            _within(row_of_day, len(started)),
            min(start.min(initial=first_day), end.min(initial=first_day)) >= first_day,
        )
        self._heads(
            len(people),
            *(array.ctypes.data for array in (people, start, end)),
            first_day,
            len(row_of_day),
            *(array.ctypes.data for array in (row_of_day, started, change, row)),
        )
        return row

    def decide(
        self,
        cases: tuple[Uint64Array, NDArray[np.int32], FloatArray],
        keys: Uint64Array,
        direct: tuple[FloatArray, NDArray[np.int32]],
        card: tuple[FloatArray, NDArray[np.int32], FloatArray],
        terms: tuple[FloatArray, FloatArray, FloatArray],
        alternative: FloatArray,
        division: NDArray[np.int64],
        limit_gbp: FloatArray,
        exhausted: NDArray[np.bool_],
        without_desk: tuple[int, int],
    ) -> tuple[NDArray[np.int32], FloatArray, FloatArray, int]:
        """As ``sim.market.officers`` decides cases for the first time.

        Args:
            cases: names, cells and days, in order of time.
            keys: of the draws of route, purchase and alternative.
            direct: cumulative chances and desk numbers by column and cell.
            card: cumulative chances, desk numbers and willingness by column and place.
            terms: the days from which versions are in force; chances and prices by version and place.
            alternative, division: by place.
            limit_gbp, exhausted: by division; the latter is written.
            without_desk: what stands for unmet, and for an alternative found.

        Returns:
            Desk number or fate, and price, by case; money spent by division; how many purchases.

        Raises:
            ValueError: an array is not of the kind or shape that the C function takes.
        """
        ids, cell, day = cases
        _must_be((ids, cell, day, keys), (np.uint64, np.int32, np.float64, np.uint64))
        _must_be((*direct, *card), (np.float64, np.int32, np.float64, np.int32, np.float64))
        _must_be((*terms, alternative), (np.float64,) * 4)
        _must_be((division, limit_gbp, exhausted), (np.int64, np.float64, np.bool_))
        n, (width, rows), card_width, versions = len(ids), direct[0].shape, len(card[0]), len(terms[0])
        places = {array.shape[-1] for array in (*card, alternative, division)}
        _belong(
            "decide",
            n == len(cell) == len(day) and _within(cell, rows) and len(keys) == 3,
            [array.shape for array in direct] == [(width, rows), (width + 1, rows)],
            [len(array) for array in card[1:]] == [card_width + 1] * 2,
            places == {rows // 2},
            {array.size for array in terms[1:]} == {versions * (rows // 2)},
            _within(division, len(limit_gbp)) and len(exhausted) == len(limit_gbp),
        )
        number, price, spent_gbp = np.empty(n, np.int32), np.empty(n), np.zeros(len(limit_gbp))
        purchases = self._decide(
            n,
            *(array.ctypes.data for array in (ids, cell, day, keys)),
            width,
            rows,
            *(array.ctypes.data for array in direct),
            card_width,
            *(array.ctypes.data for array in card),
            versions,
            *(array.ctypes.data for array in (*terms, alternative, division, limit_gbp, exhausted, spent_gbp)),
            *without_desk,
            *(array.ctypes.data for array in (number, price)),
        )
        return number, price, spent_gbp, purchases


def _referral_columns(n: int) -> ReferralColumns:
    """Columns of n referrals, not filled."""
    return (np.empty(n), np.empty(n, np.uint64), np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n), np.empty(n))


def _must_be(arrays: Sequence[NDArray[Any]], kinds: Sequence[type]) -> None:
    """Raise ValueError unless each array is contiguous and of its kind: the C functions believe what they are told."""
    for array, kind in zip(arrays, kinds, strict=True):
        if array.dtype != kind or not array.flags.c_contiguous:
            raise ValueError(f"the kernel takes a contiguous array of {kind.__name__}, got one of {array.dtype}")


def _belong(function: str, *holds: bool | np.bool_) -> None:
    """Raise ValueError unless all that a C function relies on holds of what it is given."""
    if not all(holds):
        raise ValueError(f"{function}: columns or tables do not belong together")


def _within(index: NDArray[Any], n: int) -> bool:
    """Whether all of an array are indices of n things."""
    return bool(index.min(initial=0) >= 0 and index.max(initial=-1) < n)
