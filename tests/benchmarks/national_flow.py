"""Speed and memory of people, routing and desks on a made-up world of national size, without agents."""

from __future__ import annotations

import sys
import time
from typing import Final

import numpy as np

from sim.categories import CATEGORY_INDEX, IN_HOUSE, N_CATEGORIES, TIER2
from sim.market.caseflow import CaseFlow
from sim.market.desk import Desk
from sim.randomness import Luck
from sim.world.people import PeopleStream
from sim.world.places import Area, Crc, World
from tests.benchmarks.measuring import PEAK, SECONDS, Bench, Row, apart, peak_mb
from tests.support.small_world import DEMAND, calendar

PART: Final = "flow"
N_CONTRACTS: Final = 200


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


def run(months: int, changes: int) -> tuple[int, int, int]:
    """Some months from day 0; returns starts, referrals identified, and services begun at desks."""
    world, days, luck = made_up_world(), calendar(months), Luck(1, 0)
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


def run_here(months: int, changes: int) -> dict[str, float]:
    """Run it in this process and say what that took."""
    before = peak_mb()
    began = time.process_time()
    starts, identified, begun = run(months, changes)
    seconds = time.process_time() - began
    return {
        "starts": starts,
        "referrals": identified,
        "services begun": begun,
        "seconds": seconds,
        "before": before,
        "peak": peak_mb(),
    }


def measure(bench: Bench) -> list[Row]:
    """Rows of one run."""
    months, changes = (6, 30) if bench.quick else (84, 400)
    found = apart("tests.benchmarks.national_flow:run_here", months=months, changes=changes)
    case = f"{months} months, {changes} changes of desks"
    counts = [Row(PART, case, name, found[name], "") for name in ("starts", "referrals", "services begun")]
    return [
        *counts,
        Row(PART, case, SECONDS, found["seconds"], "s"),
        Row(PART, case, "memory before", found["before"], "MB"),
        Row(PART, case, PEAK, found["peak"], "MB"),
        Row(PART, case, "referrals a second", found["referrals"] / found["seconds"], "1/s"),
    ]


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
