"""The cases of the pair world as its own officers sent them to the desks that CRCs open with.

The model is built and its cases run from the start of the warm-up, without agents after day 0, so that no desk
opens, grows or closes; every case that joins a desk is noted, with its deadline and service.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np

from sim.categories import LEFT_QUEUE, SUPERVISION_ENDED
from sim.market.queues import Queues
from sim.model import build
from sim.settings import load
from tests.benchmarks.peers.work import Outcome, Recorded, Work

SETTINGS = ("world=pair", "record.cases=true")
Joined = tuple[float, int, float, float]  # arrival, desk, deadline, service


def routed(customers: int) -> Work:
    """The first cases sent to desks, and what the flow recorded of them from day 0 on."""
    scenario = load(list(SETTINGS))[0][0]
    joined: list[Joined] = []
    with _noting(joined):
        flow = build(scenario, seed=2015, replication=1).flow
        places = {desk.number: desk.places for desk in flow._desks}
        begin_day = flow.people.begin_day
        for edge in flow.calendar.month_edges[1:]:
            if len(joined) >= customers:
                break
            flow.close_month(float(edge))
            flow.post_waits(float(edge))
    joined.sort()
    used = sorted({desk for _, desk, _, _ in joined})
    number = {desk: i for i, desk in enumerate(used)}
    return Work(
        f"pair world, {len(used)} desks",
        tuple(places[desk] for desk in used),
        [number[desk] for _, desk, _, _ in joined],
        [arrival - begin_day for arrival, _, _, _ in joined],
        [deadline - begin_day for _, _, deadline, _ in joined],
        [service for _, _, _, service in joined],
        flow.now - begin_day,
        _recorded(joined, flow.cases, begin_day),
    ).first(customers)


def _recorded(joined: list[Joined], cases: dict[str, Any], begin_day: float) -> Recorded:
    """What the flow recorded, from day 0 on; no two referrals are of the same moment."""
    at = {day: i for i, day in enumerate(cases["referred_day"].tolist())} if cases else {}
    assert not cases or len(at) == len(cases["referred_day"]), "two cases were referred at the same moment"
    rows = [row for row, (arrival, *_) in enumerate(joined) if arrival in at]
    if not rows:
        return Recorded(np.empty(0, np.intp), Outcome(np.empty(0), np.empty(0, np.bool_)))
    found = [at[joined[row][0]] for row in rows]
    left = np.isin(cases["fate"][found], (LEFT_QUEUE, SUPERVISION_ENDED))
    return Recorded(np.array(rows), Outcome(cases["start_day"][found] - begin_day, left))


@contextmanager
def _noting(joined: list[Joined]) -> Iterator[None]:
    """Note who joins which desk, and see that no desk changes or closes."""
    join = Queues.join

    def noting(queues: Queues, numbers: Any, rows: Any, arrivals: Any, deadlines: Any, services: Any) -> None:
        columns = (column.tolist() for column in (arrivals, numbers, deadlines, services))
        joined.extend(zip(*columns, strict=True))
        join(queues, numbers, rows, arrivals, deadlines, services)

    def refused(*_: object) -> None:
        raise AssertionError("a desk changed: the cases cannot be given again to desks that stay as they are")

    with (
        patch.object(Queues, "join", noting),
        patch.object(Queues, "close", refused),
        patch.object(Queues, "change_places", refused),
    ):
        yield
