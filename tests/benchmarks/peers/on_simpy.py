"""Two plain SimPy forms with a process a case: the desk of the project's twin, and SimPy's own resource."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise
from math import inf, nan
from typing import Any

import numpy as np
import simpy

from sim.categories import CRC_SERVICE, TIER2
from tests.benchmarks.peers.work import Run, Work, outcome_of
from tests.oracle.twin import Need, TwinDesk

Process = Generator[simpy.Event, Any, None]


def prepare_twin(work: Work) -> Run:
    """The twin's desks; as in the twin, the processes of a window's cases are started as it begins."""
    env = simpy.Environment()
    everywhere = np.zeros(1, np.intp)
    desks = []
    for number, places in enumerate(work.places):
        desk = TwinDesk(env, number, f"d{number}", 0, TIER2, places, 1.0, everywhere, True, "none")
        desk.idle = places
        desks.append(desk)
    start_days, left = [nan] * work.customers, []
    ends = work.window_ends
    cuts = [0, *np.searchsorted(np.array(work.arrivals), ends).tolist()]

    def life(row: int) -> Process:
        desk, deadline = desks[work.desks[row]], work.deadlines[row]
        yield env.timeout(work.arrivals[row] - env.now)
        need = _need(row, work, env)
        desk.join(need)
        if deadline == inf:
            yield need.called
        else:
            yield need.called | env.timeout(deadline - env.now)
            if not need.called.triggered:
                desk.leave(need)
                left.append(row)
                return
        start_days[row] = env.now
        yield env.timeout(need.service_days)
        desk.finish(need)

    def go() -> None:
        for end, (a, b) in zip(ends, pairwise(cuts), strict=True):
            for row in range(a, b):
                env.process(life(row))
            env.run(until=end)

    return Run(go, lambda: outcome_of(work, start_days, left))


def _need(row: int, work: Work, env: simpy.Environment) -> Need:
    return Need(
        case_id=np.uint64(row),
        person_id=row,
        area=0,
        category=0,
        service=CRC_SERVICE,
        sex=0,
        age_band=0,
        referred_day=work.arrivals[row],
        u_detect=0.0,
        luck=(0.0, 0.0, 0.0),
        service_days=work.services[row],
        deadline=work.deadlines[row],
        ends=False,
        called=env.event(),
    )


def prepare_resource(work: Work) -> Run:
    """A resource a desk, and a source that starts each case's process when it comes."""
    env = simpy.Environment()
    desks = [simpy.Resource(env, places) for places in work.places]
    start_days, left = [nan] * work.customers, []

    def life(row: int) -> Process:
        with desks[work.desks[row]].request() as place:
            deadline = work.deadlines[row]
            if deadline == inf:
                yield place
            else:
                yield place | env.timeout(deadline - env.now)
                if not place.triggered:
                    left.append(row)
                    return
            start_days[row] = env.now
            yield env.timeout(work.services[row])

    def source() -> Process:
        for row, arrival in enumerate(work.arrivals):
            yield env.timeout(arrival - env.now)
            env.process(life(row))

    env.process(source())
    return Run(lambda: env.run(until=work.end_day), lambda: outcome_of(work, start_days, left))
