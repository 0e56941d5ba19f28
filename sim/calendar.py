"""Real dates and simulation days.

Day 0 is the day the CRC contracts began in the scenario (``horizon.start``); the clock counts days. Months and
quarters are those of the real calendar, so a month boundary is the first of a month and the first and the last
month may be short. This module knows dates only; it must not know what happens on them.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
MONTHS_PER_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a run, from ``start`` to ``end``, both included.

    Attributes:
        start: the date of day 0.
        end: the last date simulated.
        month_edges: day numbers of the month boundaries, first 0 and last the number of days; length months + 1.
        month_names: ISO months (``2015-02``), one a month.
    """

    start: date
    end: date
    month_edges: tuple[int, ...]
    month_names: tuple[str, ...]

    @classmethod
    def between(cls, start: date, end: date) -> Calendar:
        """Build the calendar of a run; raises ValueError when the end lies before the start."""
        if end < start:
            raise ValueError(f"the horizon ends ({end}) before it starts ({start})")
        return cls(start, end, *_months(start, end))

    @property
    def n_days(self) -> int:
        """Days simulated."""
        return self.month_edges[-1]

    @property
    def n_months(self) -> int:
        """Months simulated, a part of a month counted as one."""
        return len(self.month_names)

    def day(self, when: date) -> int:
        """The day number of a date; negative before the start."""
        return (when - self.start).days

    def date_of(self, day: float) -> date:
        """The date on which a day number falls."""
        return self.start + timedelta(days=int(day // 1))

    def month_index(self, day: float) -> int:
        """The index of the month in which a day falls, clipped to the months of the run."""
        return min(max(bisect_right(self.month_edges, day) - 1, 0), self.n_months - 1)

    def month_of_date(self, when: date) -> int:
        """The index of the month of a date, clipped to the months of the run."""
        return self.month_index(self.day(when))


def first_of_next_month(when: date) -> date:
    """The first day of the month after a date."""
    return date(when.year + when.month // 12, when.month % 12 + 1, 1)


def first_of_month_on_or_after(calendar: Calendar, day: float) -> int:
    """The day number of the first month boundary at or after a day, even past the end of the run."""
    when = calendar.date_of(day)
    if when.day == 1 and float(day).is_integer():
        return calendar.day(when)
    return calendar.day(first_of_next_month(when))


def add_months(when: date, months: int) -> date:
    """The same day of a later month (the first of the month when that day does not exist)."""
    index = when.year * 12 + when.month - 1 + months
    day = when.day if when.day <= 28 else 1
    return date(index // 12, index % 12 + 1, day)


@cache  # the runs of a sweep ask ten thousand times for the same few
def _months(start: date, end: date) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The edges and the names of the months of a calendar."""
    edges, names, cursor = [0], [], start
    while cursor <= end:
        names.append(f"{cursor.year:04d}-{cursor.month:02d}")
        cursor = first_of_next_month(cursor)
        edges.append((min(cursor, end + timedelta(days=1)) - start).days)
    return tuple(edges), tuple(names)
