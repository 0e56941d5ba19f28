"""A desk and its queue do exactly what their rules say, at the edges too, in plain Python and compiled."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.categories import TIER2
from sim.market.desk import Desk
from tests.support import kernel

FOREVER = math.inf
Case = tuple[float, float, float]  # arrival, deadline, service


class OneDesk:
    """A desk with its queue, and what happened there so far."""

    def __init__(self, kind: str, places: int, cases: list[Case] | None = None) -> None:
        self.desk = Desk(0, "d", 0, TIER2, places, 1.0, np.array([0]), True, "card")
        self.queues = kernel.queues(kind)
        self.queues.open(0, places, 0.0)
        self.begun: dict[int, float] = {}
        self.gone: list[int] = []
        for row, case in enumerate(cases or []):
            self.join(row, case)

    def join(self, row: int, case: Case) -> None:
        number, rows = np.zeros(1, np.int32), np.array([row])
        self.queues.join(number, rows, *(np.array([day]) for day in case))

    def advance(self, until: float) -> None:
        self.queues.advance(until)
        _, rows, days = self.queues.take_done([0])
        for row, day in zip(rows.tolist(), days.tolist(), strict=True):
            if math.isnan(day):
                self.gone.append(row)
            else:
                self.begun[row] = day

    def set_places(self, places: int, now: float) -> None:
        if more := self.desk.set_places(places):
            self.queues.change_places(0, more, now)

    def post_wait(self, now: float, mean_service_days: float) -> None:
        self.desk.post_wait(self.queues.ahead([0], now)[0], mean_service_days)

    @property
    def waiting_rows(self) -> list[int]:
        rows: list[int] = self.queues.rows([0]).tolist()
        assert self.queues.waiting([0]) == len(rows)
        return rows


ADesk = Callable[..., OneDesk]


@pytest.fixture(params=kernel.KINDS)
def a_desk(request: pytest.FixtureRequest) -> ADesk:
    return lambda places, cases=None: OneDesk(request.param, places, cases)


def test_the_first_come_are_the_first_served(a_desk: ADesk) -> None:
    desk = a_desk(1, [(1.0, FOREVER, 10.0), (2.0, FOREVER, 3.0), (40.0, FOREVER, 1.0)])
    desk.advance(100.0)
    assert desk.begun == {0: 1.0, 1: 11.0, 2: 40.0}


def test_who_can_begin_at_the_deadline_begins_and_who_cannot_leaves(a_desk: ADesk) -> None:
    cases = [(0.0, FOREVER, 10.0), (1.0, 9.999, 5.0), (2.0, 10.0, 5.0), (3.0, 14.0, 5.0)]
    desk = a_desk(1, cases)
    desk.advance(100.0)
    assert desk.begun == {0: 0.0, 2: 10.0}
    assert desk.gone == [1, 3]


def test_who_leaves_does_so_at_the_deadline_even_from_the_middle_of_the_queue(a_desk: ADesk) -> None:
    desk = a_desk(1, [(0.0, FOREVER, 50.0), (1.0, FOREVER, 1.0), (2.0, 20.0, 1.0), (3.0, FOREVER, 1.0)])
    desk.advance(20.0)
    assert desk.gone == []  # a deadline at the end of the window belongs to the next one
    desk.advance(20.5)
    assert desk.gone == [2]
    assert desk.waiting_rows == [1, 3]


def test_a_deadline_at_the_end_of_a_window_belongs_to_the_next_at_the_head_too(a_desk: ADesk) -> None:
    desk = a_desk(1, [(0.0, FOREVER, 50.0), (1.0, 20.0, 1.0)])
    desk.advance(20.0)
    assert (desk.waiting_rows, desk.gone) == ([1], [])
    desk.advance(20.5)
    assert (desk.waiting_rows, desk.gone) == ([], [1])


def test_a_place_that_falls_free_at_the_end_of_a_window_serves_in_the_next(a_desk: ADesk) -> None:
    desk = a_desk(1, [(0.0, FOREVER, 10.0), (1.0, FOREVER, 1.0)])
    desk.advance(10.0)
    assert desk.begun == {0: 0.0}
    assert len(desk.waiting_rows) == 1
    desk.advance(10.1)
    assert desk.begun[1] == 10.0


def test_new_places_serve_the_waiting_at_once(a_desk: ADesk) -> None:
    desk = a_desk(1, [(0.0, FOREVER, 100.0), *((1.0, FOREVER, 100.0),) * 3])
    desk.advance(5.0)
    desk.set_places(3, 5.0)
    desk.advance(50.0)
    assert desk.begun == {0: 0.0, 1: 5.0, 2: 5.0}
    assert len(desk.waiting_rows) == 1


def test_shrinking_takes_an_idle_place_first_then_the_one_that_falls_free_first(a_desk: ADesk) -> None:
    desk = a_desk(3, [(0.0, FOREVER, 10.0), (0.0, FOREVER, 30.0)])
    desk.advance(5.0)
    desk.set_places(2, 5.0)  # the idle one
    desk.set_places(1, 6.0)  # the one busy until day 10, which still finishes its case
    desk.join(2, (7.0, FOREVER, 1.0))
    desk.advance(100.0)
    assert desk.begun[2] == 30.0


def test_a_place_retired_while_busy_does_not_delay_one_opened_later(a_desk: ADesk) -> None:
    desk = a_desk(2, [(0.0, FOREVER, 50.0), (0.0, FOREVER, 60.0), (1.0, FOREVER, 1.0)])
    desk.advance(5.0)
    desk.set_places(1, 5.0)
    desk.set_places(2, 8.0)
    desk.advance(100.0)
    assert desk.begun[2] == 8.0


def test_a_desk_without_places_begins_nothing_and_everyone_leaves_in_the_end(a_desk: ADesk) -> None:
    desk = a_desk(0, [(0.0, 10.0, 1.0), (1.0, 5.0, 1.0)])
    desk.advance(5.5)
    assert desk.gone == [1]
    desk.advance(11.0)
    assert sorted(desk.gone) == [0, 1]
    assert desk.begun == {}


def test_a_closed_desk_hands_back_its_queue_in_order_with_deadlines_and_services(a_desk: ADesk) -> None:
    desk = a_desk(1, [(0.0, FOREVER, 10.0), (1.0, 99.0, 2.0), (2.0, 88.0, 3.0)])
    desk.advance(5.0)
    rows, deadlines, services = (column.tolist() for column in desk.queues.close(0, 5.0))
    assert (rows, deadlines, services) == ([1, 2], [99.0, 88.0], [2.0, 3.0])
    desk.advance(500.0)
    assert desk.begun == {0: 0.0}


def test_a_negative_number_of_places_is_refused(a_desk: ADesk) -> None:
    with pytest.raises(ValueError, match="0 or more, got -1"):
        a_desk(-1)
    with pytest.raises(ValueError, match="0 or more, got -2"):
        a_desk(1).set_places(-2, 0.0)


def test_the_posted_wait_is_what_the_next_to_come_would_expect(a_desk: ADesk) -> None:
    desk = a_desk(2)
    desk.post_wait(0.0, 90.0)
    assert desk.desk.posted_wait_days == 0.0
    for row in range(3):
        desk.join(row, (float(row), FOREVER, 100.0))
    desk.advance(10.0)
    desk.post_wait(10.0, 90.0)
    assert desk.desk.posted_wait_days == (1 + 1) * 90.0 / 2
    desk.set_places(3, 10.0)  # takes up the one waiting, and leaves no place idle
    desk.advance(10.0)
    desk.post_wait(10.0, 90.0)
    assert desk.desk.posted_wait_days == (0 + 1) * 90.0 / 3
    desk.set_places(4, 10.0)
    desk.advance(10.0)
    desk.post_wait(10.0, 90.0)
    assert desk.desk.posted_wait_days == 0.0
    desk.set_places(0, 11.0)
    desk.advance(11.0)
    desk.post_wait(11.0, 90.0)
    assert desk.desk.posted_wait_days == math.inf


@st.composite
def queues(draw: st.DrawFn, patient: bool = False) -> list[Case]:
    gaps = draw(st.lists(st.floats(0.0, 20.0), min_size=1, max_size=40))
    arrivals = np.cumsum(gaps).tolist()
    waits = st.just(FOREVER) if patient else st.one_of(st.just(FOREVER), st.floats(0.0, 60.0))
    return [(a, a + draw(waits), draw(st.floats(0.1, 50.0))) for a in arrivals]


@pytest.mark.parametrize("kind", kernel.KINDS)
@given(
    cases=queues(),
    places=st.integers(0, 4),
    cuts=st.lists(st.floats(0.0, 800.0), max_size=8),
    changes=st.lists(st.tuples(st.floats(0.0, 800.0), st.integers(0, 4)), max_size=4),
)
def test_how_the_days_are_cut_into_windows_changes_nothing(
    kind: str, cases: list[Case], places: int, cuts: list[float], changes: list[tuple[float, int]]
) -> None:
    whole, cut = OneDesk(kind, places, cases), OneDesk(kind, places)
    changes.sort()
    for day, to in changes:
        whole.set_places(to, day)
    whole.advance(5000.0)

    waiting = list(enumerate(cases))
    stops: list[tuple[float, int | None]] = [(day, None) for day in cuts]
    stops = sorted([*stops, *changes], key=lambda stop: stop[0])
    for day, more in [*stops, (5000.0, None)]:
        while waiting and waiting[0][1][0] < day:
            row, (arrival, deadline, service) = waiting.pop(0)
            cut.join(row, (arrival, deadline, service))
        cut.advance(day)
        if more is not None:
            cut.set_places(more, day)
    assert cut.begun == whole.begun
    assert sorted(cut.gone) == sorted(whole.gone)


@pytest.mark.parametrize("kind", kernel.KINDS)
@given(cases=queues(patient=True), places=st.integers(1, 4), more=st.integers(1, 3), day=st.floats(0.0, 400.0))
def test_more_places_never_lengthen_a_wait_where_nobody_leaves(
    kind: str, cases: list[Case], places: int, more: int, day: float
) -> None:
    few, many = OneDesk(kind, places, cases), OneDesk(kind, places, cases)
    many.set_places(places + more, day)
    few.advance(1e6)
    many.advance(1e6)
    assert few.begun.keys() == many.begun.keys() == set(range(len(cases)))
    assert all(many.begun[row] <= start + 1e-9 for row, start in few.begun.items())
