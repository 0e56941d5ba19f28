"""Mesa's event scheduler: a desk is an agent, a customer a number, and each arrival and end of service an event.

An arrival schedules the next, so that the list of events stays short.
"""

from __future__ import annotations

from collections import deque
from math import nan

from mesa import Agent, Model
from mesa.experimental.devs import DEVSimulator

from tests.benchmarks.peers.work import Run, Work, outcome_of


class _Desks(Model):  # type: ignore[misc]
    """The desks, the customers on their way, and what became of them."""

    def __init__(self, work: Work, simulator: DEVSimulator) -> None:
        super().__init__(seed=1)
        self.work, self.simulator = work, simulator
        self.start_days, self.left = [nan] * work.customers, list[int]()
        self.desks = [_Desk(self, places) for places in work.places]
        self.row = 0  # who comes next

    def arrive(self) -> None:
        row = self.row
        self.row = row + 1
        if self.row < self.work.customers:
            self.simulator.schedule_event_absolute(self.arrive, self.work.arrivals[self.row])
        self.desks[self.work.desks[row]].take(row)


class _Desk(Agent):  # type: ignore[misc]
    """A desk with idle places and a queue of numbers."""

    def __init__(self, model: _Desks, places: int) -> None:
        super().__init__(model)
        self.idle = places
        self.queue: deque[int] = deque()

    def take(self, row: int) -> None:
        if self.idle:
            self.idle -= 1
            self.begin(row)
        else:
            self.queue.append(row)

    def begin(self, row: int) -> None:
        model = self.model
        model.start_days[row] = model.simulator.time
        model.simulator.schedule_event_relative(self.finish, model.work.services[row])

    def finish(self) -> None:
        """The place takes the first who has not left; who is too late is passed over."""
        model, queue = self.model, self.queue
        now, deadlines = model.simulator.time, model.work.deadlines
        while queue:
            row = queue.popleft()
            if now <= deadlines[row]:
                self.begin(row)
                return
            model.left.append(row)
        self.idle += 1


def prepare(work: Work) -> Run:
    """The desks, with the first arrival scheduled."""
    simulator = DEVSimulator()
    model = _Desks(work, simulator)
    simulator.setup(model)
    simulator.schedule_event_absolute(model.arrive, work.arrivals[0])

    def too_late() -> list[int]:
        """Those who left, with those whom no place has come to yet."""
        waiting = [row for desk in model.desks for row in desk.queue]
        return model.left + [row for row in waiting if work.deadlines[row] < work.end_day]

    return Run(lambda: simulator.run_until(work.end_day), lambda: outcome_of(work, model.start_days, too_late()))
