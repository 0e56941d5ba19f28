"""Whatever is asked of the queues, plain and compiled ones answer the same, to the last digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.market.queues import AllQueues
from tests.support import kernel

DAYS = st.floats(0.0, 40.0, allow_subnormal=False)
CASE = st.tuples(st.integers(0, 5), DAYS, st.floats(0.0, 90.0), st.floats(0.0, 60.0))
STEP = st.one_of(
    st.tuples(st.just("open"), st.integers(0, 4)),
    st.tuples(st.just("cases"), st.lists(CASE, max_size=12)),
    st.tuples(st.just("places"), st.integers(0, 5), st.integers(0, 4)),
    st.tuples(st.just("advance"), DAYS),
    st.tuples(st.just("close"), st.integers(0, 5)),
    st.tuples(st.just("count")),
)


def play(queues: AllQueues, steps: list[Any]) -> list[Any]:
    """All answers of a script of steps; what a step cannot be done to is left out."""
    said: list[Any] = []
    places: dict[int, int] = {}  # of the open
    closed: list[int] = []
    now, opened, rows = 0.0, 0, 0
    for kind, *what in [("open", 1), *steps, ("advance", 500.0), ("count",)]:
        if kind == "open":
            queues.open(opened, what[0], now)
            places[opened] = what[0]
            opened += 1
        elif kind == "cases":
            cases = sorted((now + day, number, wait, service) for number, day, wait, service in what[0])
            cases = [case for case in cases if case[1] in places]
            columns = np.array(cases).reshape(-1, 4).T
            at = np.arange(rows, rows + len(cases))
            queues.join(columns[1].astype(np.int32), at, columns[0], columns[0] + columns[2], columns[3])
            rows += len(cases)
            now = max([now, *(day for day, *_ in cases)])
        elif kind == "places" and what[0] in places:
            queues.change_places(what[0], what[1] - places[what[0]], now)
            places[what[0]] = what[1]
        elif kind == "advance":
            now += what[0]
            queues.advance(now)
            said += [queues.waiting([*places]), queues.rows([*places]).tolist(), [*queues.ahead([*places], now)]]
        elif kind == "close" and what[0] in places:
            said += [column.tolist() for column in queues.close(what[0], now)]
            del places[what[0]]
            closed.append(what[0])
        elif kind == "count":
            numbers = [*places, *closed]
            said.append(queues.uncounted(numbers))
            said += [column.tobytes() for column in queues.take_done(numbers)]
            closed.clear()
    return said


@settings(max_examples=300, deadline=None)
@given(steps=st.lists(STEP, max_size=25))
def test_plain_and_compiled_queues_say_the_same(steps: list[Any]) -> None:
    plain, compiled = (play(kernel.queues(kind), steps) for kind in kernel.KINDS)
    assert plain == compiled


@pytest.mark.parametrize("kind", kernel.KINDS)
def test_nobody_joins_a_queue_that_is_not_open(kind: str) -> None:
    queues = kernel.queues(kind)
    queues.open(0, 1, 0.0)
    queues.close(0, 1.0)
    for number in (0, 1):
        with pytest.raises(KeyError):
            queues.change_places(number, 1, 2.0)
        with pytest.raises(KeyError):
            queues.close(number, 2.0)
        with pytest.raises(KeyError):
            queues.ahead([number], 2.0)
        with pytest.raises(KeyError):
            queues.join(np.array([number], np.int32), np.array([7]), *np.array([[2.0], [3.0], [1.0]]))


@pytest.mark.parametrize("kind", kernel.KINDS)
def test_what_was_done_at_a_closed_queue_is_kept_until_it_is_taken_there(kind: str) -> None:
    queues = kernel.queues(kind)
    for number in (0, 1):
        queues.open(number, 1, 0.0)
        queues.join(np.array([number], np.int32), np.array([7 + number]), *np.array([[1.0], [9.0], [2.0]]))
        queues.close(number, 3.0)
    for number in (0, 1):
        assert queues.take_done([number])[1].tolist() == [7 + number]
        with pytest.raises(KeyError):
            queues.take_done([number])
