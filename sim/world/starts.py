"""Who starts supervision where and when.

Starts are an exact Poisson process per stream, an area and a service, by unit-rate exponential gaps. Every gap is
keyed by the person it ends with: the same people start under every policy and over every horizon. This module must
not know how long they stay, or what they need.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_YEAR, Calendar, first_of_next_month
from sim.categories import CRC_SERVICE, NPS_SERVICE, SERVICES
from sim.parameters.demand import Demand
from sim.randomness import Uint64Array, Uniforms, entity_id
from sim.world.places import World

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Starts:
    """The starts of one replication, stream by stream: index service * areas + area.

    Args:
        world: its areas and caseloads.
        demand: volumes.
        edges: days of month starts, from the first start on.
        key: of the draws of the gaps.
        uniforms: what reads them, the plain way or compiled.
    """

    def __init__(self, world: World, demand: Demand, edges: FloatArray, key: int, uniforms: Uniforms) -> None:
        self._key, self._uniforms, self._edges = key, uniforms, edges
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
        heads = np.array([_cumulative_heads(edge, demand) for edge in edges.tolist()])
        self._heads = heads - heads[0]
        streams = len(self._base)
        self._started = np.zeros(streams, np.int64)
        # Drawn, but not asked for yet: sums of unit-rate gaps, from which each stream goes on.
        self._ahead = [np.empty(0)] * streams
        self._drawn = np.zeros(streams, np.int64)
        self._last_sum = np.zeros(streams)

    def until(self, edge: int) -> tuple[Uint64Array, IntArray, FloatArray]:
        """Who starts up to a month edge and was not asked for before, in order of (stream, day).

        Returns:
            Person ids; people of each stream; and how far each is on the stream's unit-rate time.
        """
        target = self._rate_per_day * self._heads[edge]
        while np.any(self._last_sum < target):
            self._draw_ahead(target)
        parts, counts = [], []
        for stream, (ahead, end) in enumerate(zip(self._ahead, target.tolist(), strict=True)):
            n = int(ahead.searchsorted(end))
            parts.append(ahead[:n])
            counts.append(n)
            self._ahead[stream] = ahead[n:]
        people = np.array(counts)
        person = self._ids(self._started, people)
        self._started += people
        return person, people, np.concatenate(parts)

    def day(self, reached: FloatArray, people: IntArray) -> FloatArray:
        """The day on which each start lies, given in unit-rate time, stream by stream."""
        return np.interp(reached / np.repeat(self._rate_per_day, people), self._heads, self._edges)

    def _draw_ahead(self, target: FloatArray) -> None:
        """Draw gaps of the streams that are short of a target, most likely enough of them."""
        expected = np.maximum(target - self._last_sum, 0.0)
        drawn = np.ceil(expected + 4.0 * np.sqrt(expected) + 8.0).astype(np.int64) * (self._last_sum < target)
        person = self._ids(self._drawn, drawn)
        sums = self._uniforms(self._key, person)
        np.log(sums, out=sums)
        np.negative(sums, out=sums)
        short = np.flatnonzero(drawn)
        ends = drawn[short].cumsum()
        begins = ends - drawn[short]
        sums[begins] += self._last_sum[short]  # sums run along each stream, however the horizon is cut
        for stream, begin, end in zip(short.tolist(), begins.tolist(), ends.tolist(), strict=True):
            part = sums[begin:end]
            np.add.accumulate(part, out=part)
            ahead = self._ahead[stream]
            self._ahead[stream] = np.concatenate((ahead, part)) if len(ahead) else part
        self._last_sum[short] = sums[ends - 1]
        self._drawn += drawn

    def _ids(self, first: IntArray, people: IntArray) -> Uint64Array:
        """The ids of so many people of each stream from a first one on."""
        before = people.cumsum() - people
        ids = np.repeat(self._base + (first - before).astype(np.uint64), people)
        ids += np.arange(len(ids), dtype=np.uint64)
        return ids


def month_starts(calendar: Calendar, stock_years: int) -> list[int]:
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
