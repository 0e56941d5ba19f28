"""salabim: a component a customer, and servers that stay. No animation, no trace, no monitors of resources or servers.

Both are in the yield form: the yieldless one, which switches stacks, took a quarter to a half longer. ``run`` looks
once through the frames that called it, which takes some milliseconds however many customers come.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from math import nan
from typing import Any

import salabim

from tests.benchmarks.peers.work import Run, Work, outcome_of

Process = Generator[Any, Any, None]


def _environment() -> salabim.Environment:
    return salabim.Environment(trace=False, random_seed="", set_numpy_random_seed=False, yieldless=False)


def prepare_customers(work: Work) -> Run:
    """A resource a desk, and a component a customer that asks for it, holds and gives it back."""
    env = _environment()
    desks = [salabim.Resource(f"d{i}", capacity=c, monitor=False, env=env) for i, c in enumerate(work.places)]
    start_days, left = [nan] * work.customers, []
    rows = iter(range(work.customers))  # components start in order of arrival; passing a number costs them more

    class Customer(salabim.Component):  # type: ignore[misc]
        def process(self) -> Process:
            row = next(rows)
            yield self.request(desks[work.desks[row]], fail_at=work.deadlines[row])
            if self.failed():
                left.append(row)
                return
            start_days[row] = env.now()
            yield self.hold(work.services[row])
            self.release()

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self) -> Process:
            for arrival in work.arrivals:
                yield self.hold(till=arrival)
                Customer(env=env)

    Source(env=env)
    return Run(lambda: env.run(till=work.end_day), lambda: outcome_of(work, start_days, left))


def prepare_servers(work: Work) -> Run:
    """A component a place, which takes the numbers of customers from a queue; who is too late is passed over."""
    env = _environment()
    start_days, left = [nan] * work.customers, []
    queues: list[deque[int]] = [deque() for _ in work.places]
    idle: list[deque[Server]] = [deque() for _ in work.places]

    class Server(salabim.Component):  # type: ignore[misc]
        def setup(self, desk: int) -> None:
            self.desk = desk

        def process(self) -> Process:
            queue, resting = queues[self.desk], idle[self.desk]
            deadlines, services, now = work.deadlines, work.services, env.now
            while True:
                while queue:
                    row, day = queue.popleft(), now()
                    if day <= deadlines[row]:
                        start_days[row] = day
                        yield self.hold(services[row])
                    else:
                        left.append(row)
                resting.append(self)
                yield self.passivate()

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self) -> Process:
            for row, arrival in enumerate(work.arrivals):
                yield self.hold(till=arrival)
                desk = work.desks[row]
                queues[desk].append(row)
                if idle[desk]:
                    idle[desk].popleft().activate()

    for desk, places in enumerate(work.places):
        for _ in range(places):
            Server(desk=desk, env=env).status.monitor(False)
    Source(env=env).status.monitor(False)

    def too_late() -> list[int]:
        """Those who left, with those whom no server has come to yet."""
        return left + [row for queue in queues for row in queue if work.deadlines[row] < work.end_day]

    return Run(lambda: env.run(till=work.end_day), lambda: outcome_of(work, start_days, too_late()))
