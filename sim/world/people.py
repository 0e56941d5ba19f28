"""People: who starts supervision where and when, for how long, and which needs call for a specialist.

Starts are an exact Poisson process per area and service, by unit-rate exponential gaps, drawn a quarter at a
time in vectors and streamed, so memory does not grow with the horizon. Every draw is keyed by the person (or
the person and the category): the same people exist under every policy. This module must not know who helps
them, or whether anyone does: no desk, no contract, no policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, Calendar, first_of_next_month
from sim.categories import (
    AGE_BANDS,
    CATEGORIES,
    CATEGORY_INDEX,
    CRC_SERVICE,
    N_CATEGORIES,
    NPS_SERVICE,
    SERVICES,
)
from sim.kernel import Kernel
from sim.parameters.demand import Demand
from sim.randomness import (
    Luck,
    Uint64Array,
    as_uniforms,
    draws_below,
    entity_id,
    normals,
    uniforms,
)
from sim.world.needs import COMPLEXITY_BINS, ReferralBatch, case_of, draw_needs, need_table
from sim.world.places import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

YOUNG = AGE_BANDS.index("18_to_24")
_ROUNDING = 1e-9  # far more than logarithms and exponentials can be off by, as a share
_BLOCK = 16_384  # people whose needs are drawn together: their columns stay in the processor's cache


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
        self._uniforms, self._needs_drawn = (kernel.uniforms, kernel.needs) if kernel else (uniforms, draw_needs)
        self._n_areas = len(world.areas)
        # A stream is a (service, area): index service * areas + area.
        self._base = np.array(
            [
                entity_id("person", area.code, SERVICES[service]) & 0xFFFFFFFF00000000
                for service in (CRC_SERVICE, NPS_SERVICE)
                for area in world.areas
            ],
            np.uint64,
        )
        crc_rate = np.array(world.caseload_of_area, np.float64)
        crc_rate *= demand.crc_starts_per_person_supervised * demand.people_scale / DAYS_PER_YEAR
        self._rate_per_day = np.concatenate((crc_rate, crc_rate * demand.nps_starts_per_crc_start))
        months = (demand.supervision_months_crc, demand.supervision_months_nps)
        self._mean_supervision_days = np.repeat(np.array(months, np.float64), self._n_areas) * DAYS_PER_MONTH
        self._next_index = np.zeros(len(self._base), np.int64)
        self._last_sum = np.zeros(len(self._base))

        edges = _month_edges(calendar, demand.stock_years)
        self._edges = np.array(edges, np.float64)
        heads = np.array([_cumulative_heads(edge, demand) for edge in edges])
        self._heads = heads - heads[0]
        self._drawn = 0  # index of the month edge up to which starts have been drawn

        # Row 0 of the counts is before day 0, row m + 1 is month m, the last row is after the end.
        days = np.arange(edges[0], edges[-1] + 1)
        self._row_of_day = np.searchsorted(calendar.month_edges, days, side="right")
        rows, streams = calendar.n_months + 2, len(self._base)
        self._starts = np.zeros((rows, 2), np.int64)
        self._needs = np.zeros((rows * 2 * 2, N_CATEGORIES), np.int64)  # by (row, service, sex)
        self._change = np.zeros((rows, streams), np.int64)
        self._end_of_month = calendar.month_edges[1:]

        # Chances by category and complexity, and the whole draws below them: of a need, and of one for a specialist.
        need = need_table(demand.need_share, demand.complexity_correlation)
        self._called_chance = need * np.array(demand.specialist_share)[:, None]
        self._need_tables = (
            np.array([luck.key("need", name) for name in CATEGORIES], np.uint64),
            np.ascontiguousarray(draws_below(need).T),
            np.ascontiguousarray(draws_below(self._called_chance).T),
            CATEGORY_INDEX["women"],
            CATEGORY_INDEX["young_adults"],
        )
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
        return PeopleCounts(self._starts[month + 1], needs, caseload)

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
        person, stream, reached = self._draw_starts(last)
        # Referrals come within the assessment window: whoever starts before this is stock only.
        stock_only = self._edges[last] <= self.begin_day - self._demand.assessment_window_days
        if stock_only:
            stays = self._may_stay(person, stream, -float(self._edges[last]))
            person, stream, reached = person[stays], stream[stays], reached[stays]
        start = np.interp(reached / self._rate_per_day[stream], self._heads, self._edges)
        length = self._supervision_days(person, stream)
        end = start + length
        service = stream // self._n_areas
        row = self._row(start)
        streams = len(self._base)
        cells = self._change.size
        self._change += np.bincount(row * streams + stream, minlength=cells).reshape(self._change.shape)
        self._change -= np.bincount(self._row(end) * streams + stream, minlength=cells).reshape(self._change.shape)
        self._starts += np.bincount(row * 2 + service, minlength=self._starts.size).reshape(-1, 2)
        if not stock_only:
            self._draw_needs(person, stream, start, end, row)

    def _may_stay(self, person: Uint64Array, stream: IntArray, days: float) -> NDArray[np.intp]:
        """Who may be supervised for so many days: the others are not, whatever their second draw.

        A lognormal length reaches them where its normal exceeds z; by Box and Muller that is at most
        sqrt(-2 log u) of the first draw u, so it cannot where u > exp(-z^2 / 2). Who starts and ends before day 0 is
        in no count.
        """
        log_sd = self._demand.supervision_log_sd
        if log_sd == 0.0 or days <= 0.0:
            return np.arange(len(person))
        z = (np.log(days / self._mean_supervision_days) + log_sd**2 / 2.0) / log_sd
        below = np.where(z > 0.0, np.exp(-(z**2) / 2.0) * (1.0 + _ROUNDING), 1.0)
        return np.flatnonzero(self._uniforms(self._luck.key("supervision", "radius"), person) <= below[stream])

    def _draw_starts(self, last: int) -> tuple[Uint64Array, IntArray, FloatArray]:
        """Who starts up to a month edge, ordered by (stream, day): person ids, streams, and unit-rate times."""
        target = self._rate_per_day * self._heads[last]
        expected = np.maximum(target - self._last_sum, 0.0)
        spare = 4.0
        while True:
            drawn = np.ceil(expected + spare * np.sqrt(expected) + 8.0).astype(np.int64)
            ends = np.cumsum(drawn)
            begins = ends - drawn
            stream = np.repeat(np.arange(len(drawn)), drawn)
            position = np.arange(len(stream)) - np.repeat(begins, drawn)
            person = np.repeat(self._base + self._next_index.astype(np.uint64), drawn) + position.astype(np.uint64)
            # Sums run along each stream from its own last sum, however the horizon is cut.
            reached = -np.log(self._uniforms(self._luck.key("start"), person))
            reached[begins] += self._last_sum
            for a, b in zip(begins.tolist(), ends.tolist(), strict=True):
                np.add.accumulate(reached[a:b], out=reached[a:b])
            if np.all(reached[ends - 1] >= target):
                break
            spare *= 2.0
        kept = reached < target[stream]
        counts = np.bincount(stream[kept], minlength=len(drawn))
        self._last_sum = np.where(counts > 0, reached[begins + counts - 1], self._last_sum)
        self._next_index += counts
        return person[kept], stream[kept], reached[kept]

    def _supervision_days(self, person: Uint64Array, stream: IntArray) -> FloatArray:
        keys = self._luck.key("supervision", "radius"), self._luck.key("supervision", "angle")
        normal = normals(*keys, person, self._uniforms)
        return _lognormal(self._mean_supervision_days[stream], self._demand.supervision_log_sd, normal)

    def _draw_needs(
        self, person: Uint64Array, stream: IntArray, start: FloatArray, end: FloatArray, row: IntArray
    ) -> None:
        """Count the needs of a quarter's people; those that call for a specialist join the pending."""
        blocks = (slice(first, first + _BLOCK) for first in range(0, max(len(person), 1), _BLOCK))
        parts = [self._needs_of(person[b], stream[b], start[b], end[b], row[b]) for b in blocks]
        if self._pending is not None:
            parts.insert(0, self._pending.pick(slice(self._taken, None)))
        fresh = ReferralBatch.join(parts)
        order = np.argsort(fresh.day)
        day = fresh.day[order]
        if np.any(day[1:] == day[:-1]):  # ties: settled by person, then category
            order = np.lexsort((fresh.category, fresh.person_id, fresh.day))
        self._pending, self._taken = fresh.pick(order), 0

    def _needs_of(
        self, person: Uint64Array, stream: IntArray, start: FloatArray, end: FloatArray, row: IntArray
    ) -> ReferralBatch:
        """The referrals of some people, in any order; their needs are counted."""
        demand, key = self._demand, self._luck.key
        women = self._uniforms(key("sex"), person) < demand.women_share
        u_age = self._uniforms(key("age"), person)
        age = (u_age >= demand.young_adult_share).astype(np.int8)
        age += u_age >= demand.young_adult_share + demand.aged_25_to_39_share
        complexity = (self._uniforms(key("complexity"), person) * COMPLEXITY_BINS).astype(np.uint8)
        service, area = np.divmod(stream, self._n_areas)
        group = (row * 2 + service) * 2 + women
        people = (person, complexity, women, age == YOUNG, group)
        index, category, drawn = self._needs_drawn(*people, *self._need_tables, self._needs)
        case_id = case_of(person[index], category)
        day = start[index] + demand.assessment_window_days * self._uniforms(key("assessment"), case_id)
        inside = np.flatnonzero((day < end[index]) & (day >= self.begin_day))
        index, category = index[inside], category[inside]
        chance = self._called_chance[category, complexity[index]]
        return ReferralBatch(
            day=day[inside],
            case_id=case_id[inside],
            cell=((area[index] * N_CATEGORIES + category) * 2 + service[index]).astype(np.int32),
            sex=women[index].astype(np.int8),
            age_band=age[index],
            supervision_end_day=end[index],
            u_detect=as_uniforms(drawn[inside]) / chance,
        )

    def _row(self, day: FloatArray) -> IntArray:
        """The row of the counts in which each day falls."""
        index = np.floor(day - self._edges[0]).astype(np.int64)
        return np.asarray(self._row_of_day[np.minimum(index, len(self._row_of_day) - 1)])


def _lognormal(mean: float | FloatArray, log_sd: float, normal: FloatArray) -> FloatArray:
    return np.asarray(mean * np.exp(log_sd * normal - log_sd**2 / 2.0))


def _month_edges(calendar: Calendar, stock_years: int) -> list[int]:
    """Days of the month starts from some years before the start to the first at or after the end."""
    when = date(calendar.start.year - stock_years, calendar.start.month, 1)
    edges = [calendar.day(when)]
    while edges[-1] < calendar.n_days:
        when = first_of_next_month(when)
        edges.append(calendar.day(when))
    return edges


def _cumulative_heads(day: float, demand: Demand) -> float:
    """Integral from day 0 of heads(t): 1 at first, rising linearly to 1 + growth, then flat; in days."""
    ramp = demand.heads_growth_years * DAYS_PER_YEAR
    inside = min(max(day, 0.0), ramp)
    return day + demand.heads_growth_share * (inside**2 / (2.0 * ramp) + max(day - ramp, 0.0))
