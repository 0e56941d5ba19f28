"""The case flow and its plain SimPy twin agree person by person, whatever organisations do to the desks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.categories import (
    ALTERNATIVE,
    IN_HOUSE,
    LEFT_QUEUE,
    N_CATEGORIES,
    SUPERVISION_ENDED,
    TIER2,
    TIER3,
    UNMET,
)
from sim.market.caseflow import CaseFlow
from sim.market.tally import MonthTally
from sim.parameters.demand import Demand
from sim.randomness import Luck
from sim.world.people import PeopleStream
from tests.oracle.twin import TwinFlow
from tests.support.small_world import calendar, demand, world

ACCOMMODATION, EMPLOYMENT, WOMEN = 0, 1, 9
NORTH, SOUTH = (0, 1, 2), (3, 4)
DEFAULT = -1e9  # before anything

Step = tuple[Any, ...]  # (day, what, ...)


@dataclass
class Played:
    months: list[MonthTally]
    counters: list[list[tuple[int, int, float]]]
    posted: list[list[float]]
    budgets: list[list[float]]
    looks: list[int]
    cases: dict[str, Any]


def play(flow_class: Any, volumes: Demand, script: list[Step], n_months: int, seed: int = 7) -> Played:
    """Run a list of organisational events on a flow, posting waits and closing the books every month."""
    days, places = calendar(n_months), world()
    luck = Luck(seed, 0)
    people = PeopleStream(places, volumes, days, luck)
    flow = flow_class(places, volumes, days, luck, people, record_cases=True, success_share_at_quality_one=0.6)
    desks: list[Any] = []
    looks: list[int] = []
    open_desks: list[Any] = []
    begin = flow.now
    shape = (len(places.areas), N_CATEGORIES)

    def act(day: float, what: str, *how: Any) -> None:
        now = max(day, begin)
        if what == "look":
            flow.advance(now)
            looks.append(flow.open_at_desks)
        elif what == "open":
            category, areas, fate, size, crc, nps, quality = how
            desks.append(flow.open_desk(f"d{len(desks)}", category, fate, size, quality, areas, crc, nps, now))
            open_desks.append(desks[-1])
        elif what == "places" and open_desks:
            flow.set_places(open_desks[how[0] % len(open_desks)], how[1], now)
        elif what == "close" and open_desks:
            flow.close_desk(open_desks.pop(how[0] % len(open_desks)), now)
        elif what == "terms":
            flow.set_purchase_terms(np.full(shape, how[0]), np.full(shape, how[1]), now)
        elif what == "alternatives":
            flow.set_alternatives(np.full(shape, how[0]), now)
        elif what == "budget":
            flow.release_budget(how[0], how[1], now)
        elif what == "detection":
            flow.set_detection(np.linspace(how[0], how[1], shape[0]), now)
        elif what == "post":
            flow.post_waits(now)

    months, counters, posted, budgets = [], [], [], []
    todo = sorted(script, key=lambda step: step[0])
    for edge in days.month_edges[1:]:
        while todo and todo[0][0] < edge:
            act(*todo.pop(0))
        months.append(flow.close_month(float(edge)))
        counters.append([(d.started_crc, d.started_nps, round(d.started_nps_gbp, 6)) for d in desks])
        flow.post_waits(float(edge))
        posted.append([d.posted_wait_days for d in open_desks])
        budgets.append(flow.budget_left_gbp.tolist())
    return Played(months, counters, posted, budgets, looks, flow.cases)


def assert_same(a: Played, b: Played) -> None:
    """Everything two flows say is the same: counts exactly, days to 1e-9, money to a millionth of a pound."""
    for one, other in zip(a.months, b.months, strict=True):
        for counted in ("identified", "fates", "nps_purchases", "nps_started", "nps_trials", "nps_successes"):
            np.testing.assert_array_equal(getattr(one, counted), getattr(other, counted), counted)
        for money in ("nps_committed_gbp", "nps_started_gbp"):
            np.testing.assert_allclose(getattr(one, money), getattr(other, money), rtol=0, atol=1e-6)
        assert one.open_at_desks == other.open_at_desks
        for service in (0, 1):
            waits = [np.sort(t.wait_days[t.wait_service == service]) for t in (one, other)]
            np.testing.assert_allclose(waits[0], waits[1], rtol=0, atol=1e-9)
    assert a.counters == b.counters
    assert a.looks == b.looks
    for one_posted, other_posted in zip(a.posted, b.posted, strict=True):
        np.testing.assert_allclose(one_posted, other_posted, rtol=1e-12)
    np.testing.assert_allclose(a.budgets, b.budgets, rtol=0, atol=1e-6)
    assert set(a.cases) == set(b.cases)
    for name, column in a.cases.items():
        if column.dtype.kind == "f":
            np.testing.assert_allclose(column, b.cases[name], rtol=0, atol=1e-9, err_msg=name)
        else:
            np.testing.assert_array_equal(column, b.cases[name], name)


def desk(
    day: float,
    category: int,
    areas: tuple[int, ...],
    places: int,
    *,
    fate: int = TIER2,
    crc: bool = True,
    nps: str = "card",
    quality: float = 1.0,
) -> Step:
    return day, "open", category, areas, fate, places, crc, nps, quality


EVENTFUL: list[Step] = [
    # Legacy desks and in-house delivery, in place before the warm-up.
    desk(DEFAULT, ACCOMMODATION, NORTH, 60, quality=1.4),
    desk(DEFAULT, ACCOMMODATION, (1, 2), 5, quality=0.7),
    desk(DEFAULT, EMPLOYMENT, NORTH, 50),
    desk(DEFAULT, ACCOMMODATION, NORTH, 6, fate=IN_HOUSE),
    desk(DEFAULT, WOMEN, SOUTH, 3, fate=TIER3),
    desk(DEFAULT, ACCOMMODATION, SOUTH, 0),
    desk(DEFAULT, EMPLOYMENT, SOUTH, 4, fate=IN_HOUSE),
    desk(DEFAULT, EMPLOYMENT, (0, 1, 2, 3, 4), 30, crc=False),
    desk(DEFAULT, ACCOMMODATION, (0, 1, 2, 3, 4), 20, crc=False, quality=2.0),
    (DEFAULT, "alternatives", 0.25),
    (DEFAULT, "terms", 0.7, 481.37),
    (-100.0, "post"),
    (-60.0, "places", 0, 70),
    (-30.5, "close", 4),
    (0.0, "budget", 0, 12 * 481.37),
    (0.0, "budget", 1, 5000.0),
    (3.25, "places", 1, 0),
    (20.0, "places", 1, 9),
    (28.0, "post"),
    (28.0, "places", 0, 85),
    (28.0, "places", 0, 60),
    (41.9, "places", 2, 1),
    (55.5, "budget", 0, 481.37),
    (61.0, "close", 0),
    (61.0, "close", 0),
    desk(61.0, ACCOMMODATION, (0,), 45),
    desk(61.0, WOMEN, (0, 3), 4, fate=TIER3),
    (75.0, "detection", 0.3, 1.0),
    (80.0, "terms", 0.9, 200.5),
    (90.0, "budget", 0, 1e6),
    (90.0, "budget", 1, 1e6),
    desk(100.0, EMPLOYMENT, (0, 1, 2, 3, 4), 6, crc=False, nps="free"),
    desk(100.0, EMPLOYMENT, (0, 1, 2, 3, 4), 5, fate=IN_HOUSE, crc=False, nps="free"),
    desk(120.0, EMPLOYMENT, SOUTH, 7, nps="none"),
    desk(121.0, EMPLOYMENT, SOUTH, 25),
    (130.0, "places", 3, 40),
    (160.2, "alternatives", 0.0),
    (170.0, "close", 1),
    (200.0, "close", 2),
    (220.0, "places", 0, 2),
    (230.0, "terms", 0.0, 0.0),
    *((55.0 + i, "look") for i in range(30)),
    *((170.0 + i, "look") for i in range(60)),
]


def test_flow_and_twin_agree_through_openings_growth_shrinkage_and_closures() -> None:
    volumes = demand(patience_days=60.0, people_scale=2.0)
    flow, twin = (play(kind, volumes, EVENTFUL, 10) for kind in (CaseFlow, TwinFlow))
    assert_same(flow, twin)
    fates = sum(month.fates.sum(axis=(0, 1, 2, 3)) for month in flow.months)
    for fate in (TIER2, TIER3, IN_HOUSE, ALTERNATIVE, LEFT_QUEUE, UNMET):
        assert fates[fate] > 0, fate  # the script exercises what it claims to
    bought = sum(month.nps_purchases.sum() for month in flow.months)
    begun = sum(month.nps_trials.sum() for month in flow.months)
    assert bought > begun > sum(month.nps_successes.sum() for month in flow.months) > 50
    assert min(min(month) for month in flow.budgets[:2]) < 481.37  # a division ran out
    assert len(set(flow.cases["desk"])) > 8


def test_flow_and_twin_agree_where_supervision_ends_while_people_wait() -> None:
    volumes = demand(supervision_months_crc=3.0, supervision_months_nps=4.0, patience_days=2000.0)
    script = [desk(DEFAULT, 0, NORTH, 3), (40.0, "places", 0, 0), (70.0, "places", 0, 5), (120.0, "close", 0)]
    flow, twin = (play(kind, volumes, script, 6) for kind in (CaseFlow, TwinFlow))
    assert_same(flow, twin)
    assert sum(month.fates[..., SUPERVISION_ENDED].sum() for month in flow.months) > 50


def test_flow_and_twin_agree_without_a_warm_up_and_when_all_assessments_are_immediate() -> None:
    volumes = demand(warm_up_days=0, assessment_window_days=0.0, complexity_correlation=0.9)
    script = [desk(DEFAULT, k, NORTH + SOUTH, 2) for k in range(N_CATEGORIES)]
    flow, twin = (play(kind, volumes, script, 3) for kind in (CaseFlow, TwinFlow))
    assert_same(flow, twin)
    assert len(np.unique(flow.cases["referred_day"])) < len(flow.cases["referred_day"])  # ties in time


AREAS = st.sets(st.integers(0, 4), min_size=1).map(lambda areas: tuple(sorted(areas)))
DAYS = st.one_of(st.floats(-90.0, 119.0), st.sampled_from([-90.0, 0.0, 28.0, 28.5, 59.0, 59.0, 89.0]))
STEPS = st.one_of(
    st.tuples(
        DAYS,
        st.just("open"),
        st.sampled_from([ACCOMMODATION, EMPLOYMENT]),
        AREAS,
        st.sampled_from([TIER2, TIER3, IN_HOUSE]),
        st.integers(0, 12),
        st.booleans(),
        st.sampled_from(["card", "free", "none"]),
        st.floats(0.2, 2.5),
    ),
    st.tuples(DAYS, st.just("places"), st.integers(0, 9), st.integers(0, 15)),
    st.tuples(DAYS, st.just("close"), st.integers(0, 9)),
    st.tuples(DAYS, st.just("terms"), st.floats(0.0, 1.0), st.floats(0.0, 900.0)),
    st.tuples(DAYS, st.just("alternatives"), st.floats(0.0, 1.0)),
    st.tuples(DAYS, st.just("budget"), st.integers(0, 1), st.floats(0.0, 20000.0)),
    st.tuples(DAYS, st.just("detection"), st.floats(0.0, 1.0), st.floats(0.0, 1.0)),
    st.tuples(DAYS, st.just("post")),
    st.tuples(DAYS, st.just("look")),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    script=st.lists(STEPS, min_size=3, max_size=25),
    seed=st.integers(0, 2**31),
    patience=st.sampled_from([5.0, 60.0, 1000.0]),
    supervision=st.sampled_from([2.0, 15.0]),
)
def test_flow_and_twin_agree_on_any_script(script: list[Step], seed: int, patience: float, supervision: float) -> None:
    volumes = demand(
        warm_up_days=90,
        patience_days=patience,
        supervision_months_crc=supervision,
        need_share=(0.5, 0.6, *(0.0,) * 12),
    )
    legacy = [desk(DEFAULT, ACCOMMODATION, NORTH, 8), desk(DEFAULT, EMPLOYMENT, NORTH + SOUTH, 8)]
    flow, twin = (play(kind, volumes, [*legacy, *script], 4, seed) for kind in (CaseFlow, TwinFlow))
    assert_same(flow, twin)
