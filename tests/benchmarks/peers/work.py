"""What every form is given: cases sent to desks, with the luck of each; and what it must give back.

The cases are drawn from the project's own keyed luck, so no form draws anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calendar import DAYS_PER_MONTH
from sim.randomness import Luck, uniforms

FloatArray = NDArray[np.float64]

ARRIVALS_PER_MONTH = 12.0  # a national run brings a desk 14 a delivery, about one a month
PATIENCE_DAYS = 120.0  # that of the shipped demand


class Outcome(NamedTuple):
    """What became of each case by the end of the work: the day its service began (else NaN); whether it left."""

    start_days: FloatArray
    left: NDArray[np.bool_]

    def of(self, rows: NDArray[np.intp]) -> Outcome:
        """That of some cases."""
        return Outcome(self.start_days[rows], self.left[rows])


class Recorded(NamedTuple):
    """What the model itself made of some of the cases, by their rows."""

    rows: NDArray[np.intp]
    outcome: Outcome


@dataclass(frozen=True)
class Work:
    """Cases at desks, first come first served; days count from 0, one element a case, in order of arrival.

    Attributes:
        places: cases each desk can serve at once.
        desks: the desk each case is sent to.
        deadlines: the day each leaves the queue if it was not begun by then; infinite for who never gives up.
        end_day: what happens from here on is left out.
        recorded: what the model made of the cases, where it did; our own form is held against it.
    """

    name: str
    places: tuple[int, ...]
    desks: list[int]
    arrivals: list[float]
    deadlines: list[float]
    services: list[float]
    end_day: float
    recorded: Recorded | None = None

    @property
    def customers(self) -> int:
        """Cases sent to desks."""
        return len(self.arrivals)

    @property
    def patient(self) -> bool:
        """Whether nobody ever leaves a queue."""
        return min(self.deadlines) == inf

    @property
    def window_ends(self) -> list[float]:
        """The days to which a form served in windows is served: months, as in the model, and the end."""
        months = int(self.end_day / DAYS_PER_MONTH)
        ends = [DAYS_PER_MONTH * (month + 1) for month in range(months)]
        return [*ends, self.end_day] if not ends or ends[-1] < self.end_day else ends

    def first(self, customers: int) -> Work:
        """The same work for those who come first, until the next would come."""
        if customers >= self.customers:
            return self
        end_day, recorded = self.arrivals[customers], self.recorded
        if recorded is not None:
            rows = recorded.rows[recorded.rows < customers]
            start_days, left = recorded.outcome.of(np.arange(len(rows)))
            left = left & (np.array(self.deadlines)[rows] < end_day)
            recorded = Recorded(rows, Outcome(np.where(start_days < end_day, start_days, nan), left))
        cut = slice(customers)
        return Work(
            self.name,
            self.places,
            self.desks[cut],
            self.arrivals[cut],
            self.deadlines[cut],
            self.services[cut],
            end_day,
            recorded,
        )

    def at(self, desk: int) -> tuple[list[int], Work]:
        """The rows of one desk's cases, and the work of that desk alone."""
        rows = [row for row, sent_to in enumerate(self.desks) if sent_to == desk]
        arrivals, deadlines, services = (
            [column[row] for row in rows] for column in (self.arrivals, self.deadlines, self.services)
        )
        return rows, Work(self.name, (self.places[desk],), [0] * len(rows), arrivals, deadlines, services, self.end_day)


class Run(NamedTuple):
    """A form ready to run: the part that is timed, and the reading of what it found, which is not."""

    go: Callable[[], object]
    outcome: Callable[[], Outcome]


Prepare = Callable[[Work], Run]


def outcome_of(work: Work, start_days: list[float], left: list[int]) -> Outcome:
    """The outcome from the day each began (NaN where none did) and the cases that left."""
    gone = np.zeros(work.customers, np.bool_)
    gone[left] = True
    return Outcome(np.array(start_days, np.float64), gone)


def mmc(customers: int, places: int, *, load: float = 0.9, patience_days: float = inf) -> Work:
    """A desk of c places with exponential gaps, services and patience (M/M/c, and M/M/c+M where they give up)."""
    luck = Luck(2015, 1)
    ids = np.arange(customers, dtype=np.uint64)

    def drawn(purpose: str, mean: float) -> FloatArray:
        return np.asarray(-mean * np.log(uniforms(luck.key("peers", purpose, places), ids)))

    gap_days = DAYS_PER_MONTH / ARRIVALS_PER_MONTH
    arrivals = np.cumsum(drawn("gap", gap_days))
    services = drawn("service", places * load * gap_days)
    patience = drawn("patience", patience_days) if patience_days < inf else np.full(customers, inf)
    leaving = f", leaving after {patience_days:.0f} days" if patience_days < inf else ""
    return Work(
        f"M/M/{places}{leaving}",
        (places,),
        [0] * customers,
        arrivals.tolist(),
        (arrivals + patience).tolist(),
        services.tolist(),
        float(arrivals[-1]) + gap_days,
    )
