"""Speed and memory of people, routing and desks on a made-up world of national size, without agents.

Run it with ``python -m tests.benchmarks.national_flow [changes of desks in the run, 400 by default]``.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from sim.categories import CATEGORY_INDEX, IN_HOUSE, N_CATEGORIES, TIER2
from sim.market.caseflow import CaseFlow
from sim.market.desk import Desk
from sim.randomness import Luck
from sim.world.people import PeopleStream
from sim.world.places import Area, Crc, World
from tests.support.small_world import DEMAND, calendar

N_CONTRACTS = 200


def made_up_world() -> World:
    """21 CRCs, 108 areas, 155,000 people supervised."""
    luck = np.random.default_rng(1)
    size = luck.uniform(0.4, 2.2, 21)
    size *= 155_000 / size.sum()
    crcs = []
    for c in range(21):
        n = 6 if c < 3 else 5
        code = f"C{c + 1:02d}"
        areas = tuple(Area(f"{code}-{i + 1}", code, code, 1.0 / n, 1.0) for i in range(n))
        crcs.append(Crc(code, code, f"O{c % 8}", f"D{c % 7}", size[c], 0.3, 0.1, 2e7, 1.0, areas))
    return World("made-up", tuple(crcs), 4.5e8, 7400.0)


def run(changes: int) -> tuple[int, int, int]:
    """Seven years; returns starts, referrals identified, and services begun at desks."""
    world, days, luck = made_up_world(), calendar(84), Luck(1, 0)
    people = PeopleStream(world, DEMAND, days, luck)
    flow = CaseFlow(world, DEMAND, days, luck, people)
    n_areas = len(world.areas)
    need = np.array(DEMAND.need_share) * np.array(DEMAND.specialist_share) * DEMAND.detection_share
    need[CATEGORY_INDEX["women"]] *= DEMAND.women_share
    need[CATEGORY_INDEX["young_adults"]] *= DEMAND.young_adult_share
    referrals = np.outer(np.array(world.caseload_of_area) * 0.7 * 1.36, need)  # a year
    draw = np.random.default_rng(2)

    def open_contract(now: float) -> None:
        category = int(draw.choice(N_CATEGORIES, p=need / need.sum()))
        first = int(draw.integers(0, n_areas - 4))
        areas = list(range(first, first + int(draw.integers(1, 5))))
        places = max(1, int(referrals[areas, category].sum() / 4 * draw.uniform(0.5, 1.2)))
        name = f"contract-{now:.0f}"
        desks.append(flow.open_desk(name, category, TIER2, places, 1.0, areas, True, "card", now))

    desks: list[Desk] = []
    for c in range(len(world.crcs)):
        areas = [a for a in range(n_areas) if world.crc_of_area[a] == c]
        for k in range(N_CATEGORIES):
            places = max(1, int(referrals[areas, k].sum() / 4 * 0.3))
            flow.open_desk(f"in-house-{c}-{k}", k, IN_HOUSE, places, 0.8, areas, True, "card", flow.now)
    for _ in range(N_CONTRACTS):
        open_contract(flow.now)
    shape = (n_areas, N_CATEGORIES)
    flow.set_alternatives(np.full(shape, 0.2))
    flow.set_purchase_terms(np.full(shape, 0.3), np.full(shape, 450.0))
    when = sorted(draw.uniform(0.0, days.n_days, changes).tolist())
    starts = identified = begun = 0
    for month, edge in enumerate(days.month_edges[1:]):
        while when and when[0] < edge:
            day = when.pop(0)
            which = int(draw.integers(len(desks)))
            if draw.uniform() < 0.15:
                flow.close_desk(desks.pop(which), day)
                open_contract(day)
            else:
                places = max(0, desks[which].places + int(draw.integers(-2, 3)))
                flow.set_places(desks[which], places, day)
        tally = flow.close_month(float(edge))
        for division in range(len(world.divisions)):
            flow.release_budget(division, 1e5)
        flow.post_waits(float(edge))
        starts += int(people.month_counts(month).starts.sum())
        identified += int(tally.identified.sum())
        begun += len(tally.wait_days)
    return starts, identified, begun


def main() -> None:
    changes = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began, seconds = time.perf_counter(), time.process_time()
    starts, identified, begun = run(changes)
    seconds, wall = time.process_time() - seconds, time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{starts:,} starts, {identified:,} referrals, {begun:,} services begun, {changes:,} changes of desks")
    print(
        f"{seconds:.2f} s of processor time, {wall:.2f} s by the clock; {before:.0f} MB before, {peak:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
