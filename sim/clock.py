"""The month end, in phases: everybody closes the month in the same order, before anything else of that day.

Agents wait on a phase (``yield clock.wait(Phase.CRCS)``) and are resumed in the order in which they began to wait.
Phases are scheduled at SimPy's urgent priority, so a lever, a tender or a publication dated on a month boundary acts
on a month that is already closed. Levers begin next, before all else of their day, at a priority of their own: their
place in the day does not depend on how long before it they were made known.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from typing import Any, Final

import simpy
from simpy.events import URGENT, EventPriority

from sim.calendar import Calendar

Process = Generator[simpy.Event, Any, None]

# Between SimPy's urgent (0) and normal (1): month ends come before, everything else of the day after.
_PAUSE: Final = EventPriority(URGENT + 0.25)  # type: ignore[arg-type]
_LEVER: Final = EventPriority(URGENT + 0.5)  # type: ignore[arg-type]


class Phase(IntEnum):
    """The order of a month end."""

    SETTLE = 0  # cases are counted; services of the month are invoiced and paid
    BODIES = 1  # third-sector bodies close their month
    MINISTRY = 2  # CRCs are paid
    CRCS = 3  # CRCs close their month
    OWNERS = 4  # owners pool and judge
    REVIEWS = 5  # CRCs renew, review, tender
    DIVISIONS = 6  # NPS divisions learn and renew what officers see
    RECORD = 7  # the month is recorded and its books are checked


class Clock:
    """Drives the month ends of a run.

    Args:
        env: the SimPy environment.
        calendar: the dates of the run.
    """

    def __init__(self, env: simpy.Environment, calendar: Calendar) -> None:
        self.env = env
        self.calendar = calendar
        self.month = 0  # index of the month now running
        self._phases = {phase: env.event() for phase in Phase}

    def wait(self, phase: Phase) -> simpy.Event:
        """The event of the next time this phase comes."""
        return self._phases[phase]

    def lever_day(self, day: float) -> simpy.Event:
        """The event of a day's levers: after a month end of that day, before all else; in the order asked for."""
        return self._at(day, _LEVER)

    def pause(self, day: float) -> simpy.Event:
        """The event just before that day's levers, at which a run may be held."""
        return self._at(day, _PAUSE)

    def run(self, before: Callable[[int], None], after: Callable[[int], None]) -> Process:
        """The clock's own process: every month end, all phases, in order.

        Args:
            before: called before the first phase, with the index of the month now ending.
            after: called after the last phase, with the same index.
        """
        for month, edge in enumerate(self.calendar.month_edges[1:]):
            yield self._at(edge, URGENT)
            before(month)
            for phase in Phase:
                event, self._phases[phase] = self._phases[phase], self.env.event()
                event._ok = True
                event._value = month
                self.env.schedule(event, priority=URGENT)
                yield event
            after(month)
            self.month = month + 1

    def let_go(self) -> None:
        """Let nobody wait any longer: whoever waits and what is waited for hold one another in memory."""
        for event in self._phases.values():
            event.callbacks = []

    def _at(self, day: float, priority: EventPriority) -> simpy.Event:
        if day < self.env.now:
            raise ValueError(f"day {day:g} is over: it is day {self.env.now:g}")
        event = self.env.event()
        event._ok = True
        event._value = None
        self.env.schedule(event, priority=priority, delay=day - self.env.now)
        return event
