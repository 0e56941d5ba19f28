"""Counting cases: the open ones by row, what happened in a month, and the balance that must always hold.

Opening + identified - fates = open, at every month end. This module counts; it must not decide or route.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.categories import LEFT_QUEUE, N_CATEGORIES, N_FATES, SUPERVISION_ENDED
from sim.market.cases import OpenCases, case_rows
from sim.market.desk import Desk
from sim.randomness import Uint64Array

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class PeopleBalanceError(RuntimeError):
    """A case was lost or counted twice."""


@dataclass(frozen=True, slots=True)
class MonthTally:
    """What happened to cases in one month.

    Attributes:
        identified: needs identified that call for a specialist, shape (areas, categories, services, sexes).
        fates: by the month in which the fate fell, shape (areas, categories, services, sexes, fates).
        wait_days: days from referral to the beginning of service, of services begun at desks in the month.
        wait_service: the service (CRC or NPS) that referred, shape of ``wait_days``.
        nps_purchases: purchases decided, shape (areas, categories).
        nps_committed_gbp: their price, shape (areas, categories).
        nps_started: purchased services begun, shape (areas, categories).
        nps_started_gbp: their price, shape (areas, categories).
        nps_trials, nps_successes: purchased services begun and, of them, those that succeed, shape (areas,).
        open_at_desks: cases waiting at a desk at the month end.
    """

    identified: IntArray
    fates: IntArray
    wait_days: FloatArray
    wait_service: NDArray[np.int8]
    nps_purchases: IntArray
    nps_committed_gbp: FloatArray
    nps_started: IntArray
    nps_started_gbp: FloatArray
    nps_trials: IntArray
    nps_successes: IntArray
    open_at_desks: int


def cases_by_fate(tally: MonthTally) -> IntArray:
    """The needs identified in a month and, after them, those of each fate, each kind in one piece of memory.

    Sums over areas or persons then run along the memory, not across the fates.

    Returns:
        Shape (1 + fates, areas, categories, services, sexes).
    """
    cases = np.empty((1 + N_FATES, *tally.identified.shape), np.int64)
    cases[0] = tally.identified
    cases.reshape(1 + N_FATES, -1)[1:] = tally.fates.reshape(-1, N_FATES).T
    return cases


class Tally:
    """Counts since the last month end, and the totals behind the balance.

    Args:
        n_areas: areas of the world.
        success_share_at_quality_one: chance that a purchased service of quality 1 succeeds.
        record_cases: keep one row a case.
    """

    def __init__(self, n_areas: int, success_share_at_quality_one: float, record_cases: bool) -> None:
        self.success_share_at_quality_one = success_share_at_quality_one
        self._shape = (n_areas, N_CATEGORIES, 2, 2)
        self._record = record_cases
        self._log: list[dict[str, NDArray[np.generic]]] = []
        self.start(0)

    def start(self, open_at_desks: int) -> None:
        """Begin to count, with so many cases open."""
        self._opening, self._total_identified, self._total_fates = open_at_desks, 0, 0
        self._log.clear()
        self._clear()

    def _clear(self) -> None:
        self._identified: list[NDArray[np.int32]] = []
        self._fates: list[NDArray[np.int32]] = []
        self._waits: list[FloatArray] = []
        self._wait_service: list[NDArray[np.int8]] = []
        places = self._shape[:2]
        self._purchases = np.zeros(places, np.int64)
        self._committed = np.zeros(places)
        self._started = np.zeros(places, np.int64)
        self._started_gbp = np.zeros(places)
        self._outcomes = np.zeros((self._shape[0], 2), np.int64)

    def identify(self, stratum: NDArray[np.int32]) -> None:
        """Count needs identified."""
        self._identified.append(stratum)
        self._total_identified += len(stratum)

    def settle(self, stratum: NDArray[np.int32], fate: NDArray[np.integer] | int) -> None:
        """Count fates."""
        self._fates.append(np.asarray(stratum * N_FATES + fate, np.int32))
        self._total_fates += len(stratum)

    def purchase(self, place: NDArray[np.integer], price_gbp: FloatArray) -> None:
        """Count purchases decided; place = area * categories + category."""
        _add(self._purchases, place)
        _add(self._committed, place, price_gbp)

    def note(
        self,
        case_id: Uint64Array,
        stratum: NDArray[np.int32],
        age_band: NDArray[np.int8],
        referred_day: FloatArray,
        desk: NDArray[np.integer] | int,
        start_day: FloatArray | float,
        fate: NDArray[np.integer] | int,
    ) -> None:
        """Write cases into the record, if one is kept."""
        if self._record and len(case_id):
            self._log.append(case_rows(case_id, stratum, age_band, referred_day, desk, start_day, fate))

    def collect(
        self,
        desks: Sequence[Desk],
        at: NDArray[np.int64],
        done: NDArray[np.int64],
        days: FloatArray,
        cases: OpenCases,
        u_outcome_of: Callable[[Uint64Array], FloatArray],
    ) -> None:
        """Count what happened at desks since the last call, and set their counters of the month.

        Args:
            at, done, days: which desk (by its place among ``desks``), row, and the day it began or GONE; one a case.
        """
        left = np.isnan(days)  # GONE
        began = np.flatnonzero(~left)
        gone, rows, days, at = done[np.flatnonzero(left)], done[began], days[began], at[began]
        fate = np.array([desk.fate for desk in desks], np.int8)[at]
        stratum, referred_day = cases.stratum[rows], cases.referred_day[rows]
        service = ((stratum >> 1) & 1).astype(np.int8)
        self.settle(stratum, fate)
        self._waits.append(days - referred_day)
        self._wait_service.append(service)
        if self._record:
            number = np.array([desk.number for desk in desks], np.int32)[at]
            self.note(cases.case_id[rows], stratum, cases.age_band[rows], referred_day, number, days, fate)

        bought = np.flatnonzero(cases.bought[rows])
        bought_rows, bought_at, place = rows[bought], at[bought], stratum[bought] >> 2
        price = cases.price_gbp[bought_rows]
        _add(self._started, place)
        _add(self._started_gbp, place, price)
        chance = self.success_share_at_quality_one * np.array([desk.quality for desk in desks])[bought_at]
        success = np.flatnonzero(u_outcome_of(cases.case_id[bought_rows]) < np.minimum(chance, 1.0))
        area = place // N_CATEGORIES
        self._outcomes[:, 0] += np.bincount(area, minlength=len(self._outcomes))
        self._outcomes[:, 1] += np.bincount(area[success], minlength=len(self._outcomes))

        by_desk = np.bincount(at * 2 + service, minlength=2 * len(desks)).reshape(-1, 2).tolist()
        gbp = np.bincount(bought_at, price, len(desks)).tolist()
        for desk, (crc, nps), spent in zip(desks, by_desk, gbp, strict=True):
            desk.started_crc, desk.started_nps, desk.started_nps_gbp = crc, nps, spent
        reason = np.where(cases.ends[gone], SUPERVISION_ENDED, LEFT_QUEUE)
        self.settle(cases.stratum[gone], reason)
        if self._record:
            who = cases.case_id[gone], cases.stratum[gone], cases.age_band[gone], cases.referred_day[gone]
            self.note(*who, desk=-1, start_day=np.nan, fate=reason)
        cases.release(np.concatenate((rows, gone)))

    def close(self, open_at_desks: int) -> MonthTally:
        """The counts since the last month end."""
        month = MonthTally(
            identified=_count(self._identified, self._shape),
            fates=_count(self._fates, (*self._shape, N_FATES)),
            wait_days=np.concatenate([np.empty(0), *self._waits]),
            wait_service=np.concatenate([np.empty(0, np.int8), *self._wait_service]),
            nps_purchases=self._purchases,
            nps_committed_gbp=self._committed,
            nps_started=self._started,
            nps_started_gbp=self._started_gbp,
            nps_trials=self._outcomes[:, 0],
            nps_successes=self._outcomes[:, 1],
            open_at_desks=open_at_desks,
        )
        self._clear()
        return month

    def check_balance(self, day: float, open_at_desks: int) -> None:
        """Raise PeopleBalanceError unless opening + identified - fates = open."""
        expected = self._opening + self._total_identified - self._total_fates
        if expected != open_at_desks:
            raise PeopleBalanceError(
                f"day {day:g}: {self._opening} open at the start + {self._total_identified} identified"
                f" - {self._total_fates} with a fate should leave {expected} waiting, but {open_at_desks} are"
            )

    @property
    def record(self) -> list[dict[str, NDArray[np.generic]]]:
        """Parts of the case record so far; empty unless recorded."""
        return self._log


def _count(parts: list[NDArray[np.int32]], shape: tuple[int, ...]) -> IntArray:
    size = int(np.prod(shape))
    flat = np.concatenate([np.empty(0, np.int32), *parts])
    return np.bincount(flat, minlength=size).reshape(shape)


def _add(counts: IntArray | FloatArray, place: NDArray[np.integer], amount: FloatArray | None = None) -> None:
    """Add 1, or an amount, for every place (area * categories + category)."""
    counts += np.bincount(place, amount, counts.size).reshape(counts.shape).astype(counts.dtype, copy=False)
