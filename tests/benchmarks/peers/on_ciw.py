"""Ciw: a network with a node a desk, and distributions that give each customer its own luck.

Plain floats, no tracker, no deadlock detector, no progress bar: the fastest of what it offers. A custom
distribution is how its guide passes on times of one's own; customers are numbered in order of arrival.
"""

from __future__ import annotations

from math import inf, nan

import ciw
import numpy as np

from tests.benchmarks.peers.work import Outcome, Run, Work, outcome_of


class _Arrivals(ciw.dists.Distribution):
    """Gaps between the days on which customers come to one desk."""

    def __init__(self, days: list[float]) -> None:
        self.days = days
        self.taken = 0

    def sample(self, t: float = 0.0, ind: ciw.Individual | None = None) -> float:
        if self.taken == len(self.days):
            return inf
        self.taken += 1
        return self.days[self.taken - 1] - t


class _Services(ciw.dists.Distribution):
    """The length of each customer's service."""

    def __init__(self, days: list[float]) -> None:
        self.days = days

    def __deepcopy__(self, memo: dict[int, object]) -> _Services:
        return self  # a simulation copies its distributions: the list is only read

    def sample(self, t: float = 0.0, ind: ciw.Individual | None = None) -> float:
        assert ind is not None
        return self.days[ind.id_number - 1]


class _Patience(_Services):
    """How long each customer waits at most."""

    def sample(self, t: float = 0.0, ind: ciw.Individual | None = None) -> float:
        assert ind is not None
        return self.days[ind.id_number - 1] - t


def prepare(work: Work) -> Run:
    """A network of desks that customers leave after one service."""
    network = ciw.create_network(
        arrival_distributions=[_Arrivals(days) for days in _days_by_desk(work)],
        service_distributions=[_Services(work.services) for _ in work.places],
        number_of_servers=list(work.places),
        routing=ciw.routing.NetworkRouting(routers=[ciw.routing.Leave() for _ in work.places]),
        reneging_time_distributions=None if work.patient else [_Patience(work.deadlines) for _ in work.places],
    )
    simulation = ciw.Simulation(network)

    def outcome() -> Outcome:
        start_days, left = [nan] * work.customers, []
        for record in simulation.get_all_records(include_incomplete=True):  # incomplete: who is still there
            row = record.id_number - 1
            if record.record_type == "renege":
                left.append(row)
            elif record.service_start_date is not None:
                start_days[row] = record.service_start_date
        return outcome_of(work, start_days, left)

    return Run(lambda: simulation.simulate_until_max_time(work.end_day), outcome)


def prepare_apart(work: Work) -> Run:
    """A network for each desk, which spares Ciw from looking at every desk at every event."""
    parts = [work.at(desk) for desk in range(len(work.places)) if desk in work.desks]
    runs = [prepare(alone) for _, alone in parts]

    def go() -> None:
        for run in runs:
            run.go()

    def outcome() -> Outcome:
        whole = Outcome(np.full(work.customers, nan), np.zeros(work.customers, np.bool_))
        for (rows, _), run in zip(parts, runs, strict=True):
            whole.start_days[rows], whole.left[rows] = run.outcome()
        return whole

    return Run(go, outcome)


def _days_by_desk(work: Work) -> list[list[float]]:
    days: list[list[float]] = [[] for _ in work.places]
    for desk, arrival in zip(work.desks, work.arrivals, strict=True):
        days[desk].append(arrival)
    return days
