"""Our form: the model's own desks, joined and served a month at a time, as the flow of cases does."""

from __future__ import annotations

from itertools import pairwise
from math import nan

import numpy as np

from sim.categories import TIER2
from sim.market.desk import Desk
from tests.benchmarks.peers.work import Outcome, Run, Work, outcome_of


def prepare(work: Work) -> Run:
    """Desks without cases, and the windows in which they will come."""
    everywhere = np.zeros(1, np.intp)
    desks = [Desk(d, f"d{d}", 0, TIER2, c, 1.0, everywhere, True, "none") for d, c in enumerate(work.places)]
    ends = work.window_ends
    cuts = [0, *np.searchsorted(np.array(work.arrivals), ends).tolist()]
    windows = list(zip(ends, pairwise(cuts), strict=True))
    go = _one_desk if len(desks) == 1 else _many_desks

    def outcome() -> Outcome:
        start_days, left = [nan] * work.customers, []
        for desk in desks:
            for row, day in zip(desk.done_rows, desk.done_days, strict=True):
                if day == day:
                    start_days[row] = day
                else:
                    left.append(row)
        return outcome_of(work, start_days, left)

    return Run(lambda: go(work, desks, windows), outcome)


def _one_desk(work: Work, desks: list[Desk], windows: list[tuple[float, tuple[int, int]]]) -> None:
    (desk,) = desks
    for end, (a, b) in windows:
        if b > a:
            desk.join(list(range(a, b)), work.arrivals[a:b], work.deadlines[a:b], work.services[a:b])
        desk.advance(end)


def _many_desks(work: Work, desks: list[Desk], windows: list[tuple[float, tuple[int, int]]]) -> None:
    """Each window's cases are sorted by desk first, as the flow does when it delivers them."""
    number, arrivals = np.array(work.desks), np.array(work.arrivals)
    deadlines, services = np.array(work.deadlines), np.array(work.services)
    for end, (a, b) in windows:
        if b > a:
            order = a + np.argsort(number[a:b], kind="stable")
            sent_to = number[order]
            rows, arrival = order.tolist(), arrivals[order].tolist()
            deadline, service = deadlines[order].tolist(), services[order].tolist()
            first = np.flatnonzero(np.diff(sent_to, prepend=-1))
            bounds = [*first.tolist(), len(rows)]
            for desk, (i, j) in zip(sent_to[first].tolist(), pairwise(bounds), strict=True):
                desks[desk].join(rows[i:j], arrival[i:j], deadline[i:j], service[i:j])
        for each in desks:
            each.advance(end)
