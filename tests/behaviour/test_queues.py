"""Queues behave as queueing theory says, and officers, budgets and closures as the model says."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR
from sim.categories import (
    ALTERNATIVE,
    CRC_SERVICE,
    IN_HOUSE,
    LEFT_QUEUE,
    N_CATEGORIES,
    NPS_SERVICE,
    TIER2,
    UNMET,
)
from sim.market.caseflow import CaseFlow
from sim.market.desk import Desk
from sim.market.queue import Queue
from sim.market.tally import PeopleBalanceError
from sim.parameters.demand import Demand
from sim.randomness import Luck
from sim.world.people import PeopleStream
from sim.world.places import World
from tests.support.small_world import calendar, demand, one_area, only, world

ACCOMMODATION = 0
ALWAYS = 1e9  # patience, or balking, of people and officers who never give up


# --- a desk against closed forms --------------------------------------------------------------------------------


def serve(places: int, load: float, n: int, patience: float = math.inf, seed: int = 1) -> tuple[Any, Any]:
    """Waits of those served and the share that left: Poisson arrivals, exponential services of mean 1."""
    luck = np.random.default_rng(seed)
    arrivals = np.cumsum(luck.exponential(1.0 / (places * load), n))
    services = luck.exponential(1.0, n)
    deadlines = arrivals + (luck.exponential(patience, n) if math.isfinite(patience) else math.inf)
    queue = Queue(places, 0.0)
    queue.join(list(range(n)), arrivals.tolist(), deadlines.tolist(), services.tolist())
    queue.advance(math.inf)
    days = np.array(queue.done_days)
    begun = ~np.isnan(days)
    return days[begun] - arrivals[np.array(queue.done_rows)[begun]], 1.0 - begun.mean()


def erlang_c_wait(places: int, load: float) -> float:
    """Mean wait of an M/M/c queue in mean services (Erlang 1917)."""
    offered = places * load
    blocked = 1.0  # Erlang B, by its recursion
    for c in range(1, places + 1):
        blocked = offered * blocked / (c + offered * blocked)
    waits = blocked / (1.0 - load * (1.0 - blocked))
    return waits / (places * (1.0 - load))


@pytest.mark.parametrize(("places", "load"), [(1, 0.5), (1, 0.8), (3, 0.8), (12, 0.9)])
def test_mean_wait_is_that_of_erlang_c(places: int, load: float) -> None:
    means = [serve(places, load, 100_000, seed=seed)[0].mean() for seed in range(8)]
    error = np.std(means, ddof=1) / 8**0.5
    expected = erlang_c_wait(places, load)
    assert np.mean(means) == pytest.approx(expected, abs=4.5 * error)
    assert error < 0.05 * expected  # so that the line above can fail


@pytest.mark.parametrize(("places", "load", "patience"), [(1, 0.9, 1.0), (4, 1.3, 0.5), (10, 1.1, 3.0)])
def test_the_share_that_leaves_is_that_of_erlang_a(places: int, load: float, patience: float) -> None:
    """Palm's M/M/c+M queue, by its birth and death equations."""
    arrival, chances = places * load, [1.0]
    for n in range(1, 400):
        chances.append(chances[-1] * arrival / (min(n, places) + max(n - places, 0) / patience))
    waiting = sum(max(n - places, 0) * chance for n, chance in enumerate(chances)) / sum(chances)
    expected = waiting / patience / arrival
    shares = [serve(places, load, 50_000, patience, seed)[1] for seed in range(8)]
    error = np.std(shares, ddof=1) / 8**0.5
    assert np.mean(shares) == pytest.approx(expected, abs=4.5 * error)
    assert error < 0.05 * expected


# --- the flow, in one area with one service ---------------------------------------------------------------------


def flow_of(volumes: Demand, places: World, months: int, **options: Any) -> CaseFlow:
    days, luck = calendar(months), Luck(3, 0)
    return CaseFlow(places, volumes, days, luck, PeopleStream(places, volumes, days, luck), **options)


def patient(**changes: Any) -> Demand:
    """Everybody needs housing help, and neither people nor officers ever give up."""
    settled = {
        "heads_growth_share": 0.0,
        "nps_starts_per_crc_start": 0.0,
        "supervision_months_crc": 1e6,
        "patience_days": ALWAYS,
        "balk_days": ALWAYS,
        "assessment_window_days": 0.0,
        "warm_up_days": 720,
    }
    return demand(**(only("accommodation") | settled | changes))


def open_desk(flow: CaseFlow, places: int, areas: tuple[int, ...] = (0,), **options: Any) -> Desk:
    given: dict[str, Any] = {
        "fate": TIER2,
        "quality": 1.0,
        "crc_access": True,
        "nps_access": "card",
        "now": flow.now,
    } | options
    return flow.open_desk("d", ACCOMMODATION, places=places, area_indices=areas, **given)


def test_mean_wait_of_the_flow_is_that_of_pollaczek_and_khinchine() -> None:
    volumes = patient(service_months=0.1, service_log_sd=0.5)
    mean, load = 0.1 * DAYS_PER_MONTH, 0.7
    people = load / mean * DAYS_PER_YEAR / 0.7
    flow = flow_of(volumes, one_area(people), 600)
    open_desk(flow, 1)
    waits = np.concatenate([flow.close_month(float(edge)).wait_days for edge in flow.calendar.month_edges[1:]])
    expected = load / (1.0 - load) * mean * math.exp(0.5**2) / 2.0  # second moment of a lognormal
    blocks = [block.mean() for block in np.array_split(waits, 40)]
    error = np.std(blocks, ddof=1) / 40**0.5
    assert waits.mean() == pytest.approx(expected, abs=4.5 * error)
    assert error < 0.06 * expected


def test_the_mean_queue_is_arrivals_times_the_mean_wait() -> None:
    """Little's law, from queues seen every day and waits written down when service begins."""
    volumes = patient(service_months=1.0)
    flow = flow_of(volumes, one_area(20 * 12 * 0.95 / 0.7), 240)
    open_desk(flow, 20)
    queue, waits = [], []
    for month, edge in enumerate(flow.calendar.month_edges[1:]):
        for day in range(flow.calendar.month_edges[month], edge):
            flow.advance(day + 0.5)
            queue.append(flow.open_at_desks)
        waits.append(flow.close_month(float(edge)).wait_days)
    per_day = sum(map(len, waits)) / flow.calendar.n_days
    assert np.mean(queue) > 3.0
    assert np.mean(queue) == pytest.approx(per_day * np.concatenate(waits).mean(), rel=0.02)


def test_a_warm_desk_is_already_in_use_on_day_0() -> None:
    flow = flow_of(patient(service_months=3.0), one_area(400.0), 1)
    desk = open_desk(flow, 50)  # 280 starts a year need 70 places
    flow.advance(0.0)
    assert flow.open_at_desks > 100
    flow.check_balance()
    tally = flow.close_month(28.0)
    assert tally.wait_days.min() > 30.0
    assert desk.started_crc == len(tally.wait_days) > 0


# --- officers ---------------------------------------------------------------------------------------------------


def test_officers_who_see_no_wait_refer_and_who_see_no_place_do_not() -> None:
    for places, fate in ((10_000, TIER2), (0, UNMET)):
        flow = flow_of(patient(), one_area(2000.0), 1)
        open_desk(flow, places)
        tally = flow.close_month(28.0)
        assert tally.identified.sum() > 50
        assert tally.fates[..., fate].sum() == tally.fates.sum() == tally.identified.sum()


def test_referrals_are_shared_by_places_and_posted_waits() -> None:
    flow = flow_of(patient(balk_days=60.0, warm_up_days=0), one_area(60_000.0), 1)
    waits, places = (0.0, 30.0, 90.0), (10, 20, 40)
    desks = [open_desk(flow, n) for n in places]
    in_house = open_desk(flow, 7, fate=IN_HOUSE)
    for desk, wait in zip((*desks, in_house), (*waits, 45.0), strict=True):
        desk.posted_wait_days = wait
    flow.set_alternatives(np.full((1, N_CATEGORIES), 0.3))
    tally = flow.close_month(28.0)
    waiting = flow._desks._queues.waiting
    counts = [waiting([desk.number]) + desk.started_crc for desk in (*desks, in_house)]
    counts += [int(tally.fates[..., fate].sum()) for fate in (ALTERNATIVE, UNMET)]

    willing = np.exp(-np.array(waits) / 60.0)
    weight = willing * places
    to_desk = weight / weight.sum() * willing
    rest = 1.0 - to_desk.sum()
    in_house_share = rest * math.exp(-45.0 / 60.0)
    rest -= in_house_share
    expected = np.array([*to_desk, in_house_share, 0.3 * rest, 0.7 * rest]) * sum(counts)
    assert sum(counts) > 3000
    assert ((counts - expected) ** 2 / expected).sum() < 25.7  # chi-square, 5 degrees of freedom, 1 in 10,000


def bought(share: float, months: int = 3, budget_gbp: float = 1e9, price_gbp: float = 500.0) -> Any:
    """Who is bought for, in a world where the NPS has only the card."""
    volumes = demand(**only("accommodation"), warm_up_days=0)
    flow = flow_of(volumes, world(), months, record_cases=True)
    open_desk(flow, 10_000, (0, 1, 2, 3, 4), crc_access=False)
    shape = (5, N_CATEGORIES)
    flow.set_purchase_terms(np.full(shape, share), np.full(shape, price_gbp))
    for division in (0, 1):
        flow.release_budget(division, budget_gbp)
    tallies = [flow.close_month(float(edge)) for edge in flow.calendar.month_edges[1:]]
    cases: dict[str, Any] = flow.cases
    served = cases["desk"] >= 0
    assert set(cases["service"][served].tolist()) <= {NPS_SERVICE}
    return set(cases["person_id"][served].tolist()), cases, tallies, flow


def test_a_lower_price_never_turns_a_purchase_into_a_refusal() -> None:
    buyers = [bought(share)[0] for share in (0.0, 0.2, 0.5, 1.0)]
    assert buyers[0] == set()
    assert buyers[0] < buyers[1] < buyers[2] < buyers[3]


def test_a_division_commits_its_money_in_order_of_time_and_then_stops() -> None:
    _, cases, tallies, flow = bought(1.0, budget_gbp=20 * 500.0)
    committed = sum(tally.nps_committed_gbp.sum() for tally in tallies)
    assert committed == 2 * 20 * 500.0
    assert flow.budget_left_gbp.tolist() == [0.0, 0.0]
    for areas in ([0, 1, 2], [3, 4]):
        mine = np.isin(cases["area"], areas) & (cases["service"] == NPS_SERVICE)
        served = cases["desk"][mine] >= 0  # in order of referral
        assert len(served) > 30
        assert served.tolist() == [True] * 20 + [False] * (len(served) - 20)


def test_a_division_that_cannot_pay_one_purchase_makes_no_cheaper_one_before_the_next_release() -> None:
    volumes = demand(**only("accommodation"), warm_up_days=0)
    flow = flow_of(volumes, world(), 3)
    open_desk(flow, 10_000, (0, 1, 2, 3, 4), crc_access=False)
    shape = (5, N_CATEGORIES)
    flow.set_purchase_terms(np.ones(shape), np.full(shape, 1000.0))
    flow.release_budget(0, 999.0)
    assert flow.close_month(28.0).nps_purchases.sum() == 0
    flow.set_purchase_terms(np.ones(shape), np.full(shape, 100.0))
    assert flow.close_month(59.0).nps_purchases.sum() == 0
    flow.release_budget(0, 1.0)
    assert flow.close_month(89.0).nps_committed_gbp.sum() == 1000.0


def test_purchases_succeed_as_often_as_quality_says() -> None:
    for quality, expected in ((0.0, 0.0), (0.5, 0.3), (1.0, 0.6), (3.0, 1.0)):
        volumes = demand(**only("accommodation"), warm_up_days=0)
        flow = flow_of(volumes, one_area(40_000.0), 1, success_share_at_quality_one=0.6)
        desk = open_desk(flow, 10_000, quality=quality)
        flow.set_purchase_terms(np.ones((1, N_CATEGORIES)), np.full((1, N_CATEGORIES), 500.0))
        flow.release_budget(0, 1e9)
        tally = flow.close_month(28.0)
        n = int(tally.nps_trials.sum())
        assert n == tally.nps_started.sum() == desk.started_nps > 200
        assert tally.nps_started_gbp.sum() == desk.started_nps_gbp == n * 500.0
        share = tally.nps_successes.sum() / n
        assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / n) ** 0.5)


def test_needs_not_detected_are_not_referred_and_better_detection_adds_to_the_same_ones() -> None:
    seen = []
    for share in (0.0, 0.4, 0.9):
        flow = flow_of(demand(warm_up_days=0), world(), 3, record_cases=True)
        flow.set_detection(np.full(5, share))
        total = sum(flow.close_month(float(edge)).identified.sum() for edge in flow.calendar.month_edges[1:])
        cases = flow.cases
        names = set(zip(cases["person_id"].tolist(), cases["category"].tolist(), strict=True)) if cases else set()
        assert total == len(names)
        seen.append(names)
    assert seen[0] == set()
    assert seen[1] < seen[2]
    assert len(seen[1]) / len(seen[2]) == pytest.approx(4 / 9, abs=0.08)


# --- closures, and what does not spread -------------------------------------------------------------------------


def test_who_waits_at_a_closed_desk_is_decided_again_and_keeps_the_wait_so_far() -> None:
    flow = flow_of(patient(service_months=6.0), one_area(400.0), 3)
    old = open_desk(flow, 10)
    flow.close_month(28.0)
    waiting = flow.open_at_desks
    new = open_desk(flow, 10_000, now=28.0)
    flow.close_desk(old, 28.0)
    tally = flow.close_month(59.0)
    assert waiting > 100
    assert flow.open_at_desks == 0
    assert old.started_crc == 0
    assert new.started_crc == waiting + tally.identified.sum()
    assert (tally.wait_days > 0.0).sum() == waiting
    assert tally.wait_days.max() > 300.0  # since the referral in the warm-up, not since the closure


def test_month_counters_of_a_desk_are_those_of_the_month_last_closed() -> None:
    flow = flow_of(patient(), one_area(3000.0), 4)
    first, second = open_desk(flow, 10_000), open_desk(flow, 10_000)
    assert first.started_crc == 0
    tally = flow.close_month(28.0)
    flow.post_waits(28.0)
    assert first.started_crc + second.started_crc == tally.fates[..., TIER2].sum()
    flow.close_desk(first, 40.0)
    assert flow.close_month(59.0).fates[..., TIER2].sum() == first.started_crc + second.started_crc
    assert first.started_crc > 0  # served until the closure
    flow.close_month(89.0)
    assert first.started_crc == 0 < second.started_crc


def test_a_desk_opened_elsewhere_changes_nobodys_luck_here() -> None:
    records = []
    for elsewhere in (False, True):
        flow = flow_of(demand(), world(), 6, record_cases=True)
        open_desk(flow, 6, (0, 1))
        if elsewhere:
            open_desk(flow, 3, (3, 4), now=10.0)
        for edge in flow.calendar.month_edges[1:]:
            flow.close_month(float(edge))
            flow.post_waits(float(edge))
        records.append(flow.cases)
    for name in records[0]:
        here, still_here = (record[name][record["area"] < 3] for record in records)
        np.testing.assert_array_equal(here, still_here)
    assert not np.array_equal(records[0]["fate"], records[1]["fate"])


def test_the_past_cannot_be_changed() -> None:
    flow = flow_of(demand(), world(), 2)
    flow.advance(10.0)
    with pytest.raises(ValueError, match="already at day 10, got a call for day 9"):
        open_desk(flow, 1, now=9.0)


def test_a_lost_case_is_noticed() -> None:
    flow = flow_of(patient(service_months=6.0), one_area(400.0), 2)
    desk = open_desk(flow, 10)
    flow.close_month(28.0)
    queues = flow._desks._queues
    assert queues.waiting([desk.number])
    queues._waiting = queues._waiting.part(slice(-1))  # somebody vanishes
    with pytest.raises(PeopleBalanceError, match=r"should leave \d+ waiting, but \d+ are"):
        flow.close_month(59.0)


def test_impatience_and_the_end_of_supervision_are_told_apart() -> None:
    short = demand(**only("accommodation"), patience_days=20.0, supervision_months_crc=200.0, balk_days=ALWAYS)
    flow = flow_of(short, one_area(2000.0), 6)
    open_desk(flow, 5)
    fates = [flow.close_month(float(edge)).fates for edge in flow.calendar.month_edges[1:]]
    crc = np.sum(fates, axis=0)[:, :, CRC_SERVICE].sum(axis=(0, 1, 2))
    assert crc[LEFT_QUEUE] > 50 * max(1, crc.sum() - crc[LEFT_QUEUE] - crc[TIER2])


@settings(max_examples=25, deadline=None)
@given(places=st.integers(1, 30), more=st.integers(1, 30), day=st.floats(0.0, 150.0))
def test_more_places_never_lengthen_a_wait_in_the_flow_where_nobody_leaves_or_balks(
    places: int, more: int, day: float
) -> None:
    starts = []
    for extra in (0, more):
        flow = flow_of(patient(service_months=2.0), one_area(150.0), 6, record_cases=True)
        desk = open_desk(flow, places)
        edges = [float(edge) for edge in flow.calendar.month_edges[1:]]
        for edge in sorted([*edges, day]):
            if edge == day:
                flow.set_places(desk, places + extra, day)
            if edge in edges:
                flow.close_month(edge)
        cases = flow.cases
        starts.append(np.where(np.isnan(cases["start_day"]), math.inf, cases["start_day"]))
    # Those already served before day 0 are in neither record: both histories are the same until the change.
    assert len(starts[0]) == len(starts[1])
    assert np.all(starts[1] <= starts[0] + 1e-9)
