"""People: who starts supervision where and when, for how long, and which needs call for a specialist.

Starts are an exact Poisson process per area and service, by unit-rate exponential gaps, drawn a quarter at a
time in vectors and streamed, so memory does not grow with the horizon. Every draw is keyed by the person (or
the person and the category): the same people exist under every policy. This module must not know who helps
them, or whether anyone does: no desk, no contract, no policy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH, Calendar
from sim.categories import N_CATEGORIES
from sim.kernel import Kernel
from sim.parameters.demand import Demand
from sim.randomness import Luck, Uint64Array, normals, uniforms
from sim.world.needs import CATEGORY_BIT, ReferralBatch
from sim.world.places import World
from sim.world.referrals import draw_referrals, need_tables
from sim.world.starts import Starts, month_starts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_ROUNDING = 1e-9  # far more than logarithms and exponentials can be off by, as a share


@dataclass(frozen=True, slots=True)
class PeopleCounts:
    """Heads of one month.

    Attributes:
        starts: people starting supervision in the month, shape (services,).
        needs_present: needs they arrive with, identified or not, shape (services, categories, sexes).
        caseload_people: people under supervision at the end of the month, shape (areas, services).
    """

    starts: IntArray
    needs_present: IntArray
    caseload_people: IntArray


class PeopleStream:
    """The people of one replication.

    Args:
        world: its areas and caseloads.
        demand: volumes, needs and lengths.
        calendar: the days of the run.
        luck: the replication's keyed draws.
        kernel: the compiled kernel; None for the plain loops, which give the same people.

    Attributes:
        begin_day: the first day whose referrals are delivered (before day 0: the desks' warm-up).
    """

    def __init__(
        self, world: World, demand: Demand, calendar: Calendar, luck: Luck, kernel: Kernel | None = None
    ) -> None:
        self.begin_day = -float(demand.warm_up_days)
        self._demand, self._luck = demand, luck
        self._kernel, self._uniforms = kernel, kernel.uniforms if kernel else uniforms
        self._count_heads = kernel.heads if kernel else count_heads
        months = (demand.supervision_months_crc, demand.supervision_months_nps)
        self._n_areas = len(world.areas)
        streams = 2 * self._n_areas  # a stream is a (service, area): index service * areas + area
        self._mean_supervision_days = np.repeat(np.array(months, np.float64), self._n_areas) * DAYS_PER_MONTH
        service, area = np.divmod(np.arange(streams, dtype=np.int32), self._n_areas)
        self._place = (area * N_CATEGORIES * 2 + service) * 2  # the stratum of a man's need of category 0

        self._edges = np.array(month_starts(calendar, demand.stock_years), np.float64)
        self._process = Starts(world, demand, self._edges, luck.key("start"), self._uniforms)
        self._drawn = 0  # index of the month edge up to which starts have been drawn

        # Row 0 of the counts is before day 0, row m + 1 is month m, the last row is after the end.
        days = np.arange(self._edges[0], self._edges[-1] + 1)
        self._row_of_day = np.searchsorted(calendar.month_edges, days, side="right")
        rows = calendar.n_months + 2
        self._needs = np.zeros((rows * 2 * 2, N_CATEGORIES), np.int64)  # by (row, service, sex)
        self._starts = np.zeros((rows, streams), np.int64)
        self._change = np.zeros((rows, streams), np.int64)
        self._end_of_month = calendar.month_edges[1:]
        self._need_tables = need_tables(demand, luck, self.begin_day)
        self._pending: ReferralBatch | None = None
        self._taken = 0

    def take(self, until: float) -> ReferralBatch:
        """The referrals identified since the last call and before a day, in order of time."""
        while (pending := self._pending) is None or self._edges[self._drawn] < until:
            if self._drawn == len(self._edges) - 1:
                raise ValueError(f"people are drawn to day {self._edges[-1]:.0f}, got a call for day {until}")
            self._draw_quarter()
        first = self._taken
        self._taken = first + int(np.searchsorted(pending.day[first:], until))
        return pending.pick(slice(first, self._taken))

    def month_counts(self, month: int) -> PeopleCounts:
        """Starts, needs and caseload of a month of the run, by its index."""
        while self._edges[self._drawn] < self._end_of_month[month]:
            self._draw_quarter()
        caseload = self._change[: month + 2].sum(axis=0).reshape(2, self._n_areas).T
        needs = self._needs.reshape(-1, 2, 2, N_CATEGORIES)[month + 1].transpose(0, 2, 1)
        starts = self._starts[month + 1].reshape(2, self._n_areas).sum(axis=1)
        return PeopleCounts(starts, needs, caseload)

    def decisions(self, case_id: Uint64Array, occurrence: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """``u_route``, ``u_buy``, ``u_alternative`` of cases decided for the n-th time (1 is the first)."""
        route, buy, alternative = (self._uniforms(key, case_id) for key in self.decision_keys(occurrence))
        return route, buy, alternative

    def decision_keys(self, occurrence: int) -> tuple[int, int, int]:
        """Of the streams from which ``decisions`` are read, for who needs only some of them."""
        key = self._luck.key
        return key("route", occurrence), key("buy", occurrence), key("alternative", occurrence)

    def patience_days(self, case_id: Uint64Array) -> FloatArray:
        """How long after referral each person would leave a queue, in days; exponential."""
        return np.asarray(-self._demand.patience_days * np.log(self._uniforms(self._luck.key("patience"), case_id)))

    def service_days(self, case_id: Uint64Array) -> FloatArray:
        """How long each case takes a place, in days; lognormal."""
        keys = self._luck.key("service", "radius"), self._luck.key("service", "angle")
        mean = self._demand.service_months * DAYS_PER_MONTH
        return _lognormal(mean, self._demand.service_log_sd, normals(*keys, case_id, self._uniforms))

    def outcome(self, case_id: Uint64Array) -> FloatArray:
        """A number in (0, 1) a case: the service succeeds where its chance exceeds it."""
        return self._uniforms(self._luck.key("outcome"), case_id)

    def _draw_quarter(self) -> None:
        """Draw the starts of the next three months, count them, and add their referrals to those pending."""
        last = self._drawn = min(self._drawn + 3, len(self._edges) - 1)
        person, people, reached = self._process.until(last)
        # Referrals come within the assessment window: whoever starts before this is stock only.
        stock_only = self._edges[last] <= self.begin_day - self._demand.assessment_window_days
        if stock_only:
            stays = self._may_stay(person, people, -float(self._edges[last]))
            person, reached = person.take(stays), reached.take(stays)
            people = np.diff(stays.searchsorted(people.cumsum()), prepend=0)
        start = self._process.day(reached, people)
        end = start + self._supervision_days(person, people)
        days = float(self._edges[0]), self._row_of_day
        row = self._count_heads(people, start, end, *days, self._starts, self._change)
        if not stock_only:
            self._draw_needs(person, people, start, end, row)

    def _may_stay(self, person: Uint64Array, people: IntArray, days: float) -> NDArray[np.intp]:
        """Who may be supervised for so many days: the others are not, whatever their second draw.

        A lognormal length reaches them where its normal exceeds z; by Box and Muller that is at most
        sqrt(-2 log u) of the first draw u, so it cannot where u > exp(-z^2 / 2). Who starts and ends before day 0 is
        in no count.
        """
        log_sd = self._demand.supervision_log_sd
        if log_sd == 0.0 or days <= 0.0:
            return np.arange(len(person))
        z = (np.log(days / self._mean_supervision_days) + log_sd**2 / 2.0) / log_sd
        most = np.where(z > 0.0, np.exp(-(z**2) / 2.0) * (1.0 + _ROUNDING), 1.0)
        u = self._uniforms(self._luck.key("supervision", "radius"), person)
        return np.flatnonzero(u <= np.repeat(most, people))

    def _supervision_days(self, person: Uint64Array, people: IntArray) -> FloatArray:
        keys = self._luck.key("supervision", "radius"), self._luck.key("supervision", "angle")
        normal = normals(*keys, person, self._uniforms)
        return _lognormal(np.repeat(self._mean_supervision_days, people), self._demand.supervision_log_sd, normal)

    def _draw_needs(
        self, person: Uint64Array, people: IntArray, start: FloatArray, end: FloatArray, row: IntArray
    ) -> None:
        """Count the needs of a quarter's people; those that call for a specialist join the pending."""
        of_people = (person, np.repeat(self._place, people), start, end, row)
        tables = self._need_tables
        if self._kernel:
            only = tables.only_women, tables.only_young, tables.window_days, tables.begin_day
            fresh = ReferralBatch(*self._kernel.referrals(of_people, tables[:6], *only, CATEGORY_BIT, self._needs))
        else:
            fresh = draw_referrals(tables, *of_people, self._needs)
        if self._pending is not None:
            fresh = ReferralBatch.join([self._pending.pick(slice(self._taken, None)), fresh])
        self._pending, self._taken = fresh.in_order(self._kernel), 0


def count_heads(
    people: IntArray,
    start: FloatArray,
    end: FloatArray,
    first_day: float,
    row_of_day: IntArray,
    started: IntArray,
    change: IntArray,
) -> IntArray:
    """Count people where they start and where they end; returns the row of the counts in which each starts.

    ``sim.kernel.Kernel.heads`` is the same compiled.

    Args:
        people: of each stream; the others are in order of their streams.
        start, end: days of supervision.
        row_of_day: the row of each day from ``first_day`` on; the last also of all days after it.
        started: who starts, by (row, stream); grows.
        change: of people under supervision, likewise; grows and falls.
    """
    cells, stream = started.size, np.repeat(np.arange(len(people)), people)
    rows = []
    for day in (start, end):
        since = np.minimum(day - first_day, len(row_of_day) - 1.0)
        rows.append(row_of_day.take(since.astype(np.int64)))
    starts, ends = (np.bincount(row * len(people) + stream, minlength=cells).reshape(started.shape) for row in rows)
    started += starts
    change += starts
    change -= ends
    return rows[0]


def _lognormal(mean: float | FloatArray, log_sd: float, normal: FloatArray) -> FloatArray:
    return np.asarray(mean * np.exp(log_sd * normal - log_sd**2 / 2.0))
