"""Each form of the comparison with other simulators does the same work to the same answers, or is said not to."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from math import inf, nan

import numpy as np
import pytest

from tests.benchmarks.peers.comparing import compare, difference
from tests.benchmarks.peers.forms import OURS, PEERS, Form
from tests.benchmarks.peers.pair_world import routed
from tests.benchmarks.peers.rows import table
from tests.benchmarks.peers.whole_flow import whole_flow
from tests.benchmarks.peers.work import Outcome, Run, Work, mmc, outcome_of


@cache
def works() -> tuple[Work, ...]:
    return mmc(300, 5), mmc(400, 12, load=1.2, patience_days=90.0), routed(1500)


@cache
def by_our_desk(number: int) -> Outcome:
    return by(OURS, works()[number])


def by(form: Form, work: Work) -> Outcome:
    run = form.prepare(work)
    run.go()
    return run.outcome()


@pytest.mark.parametrize("form", PEERS, ids=lambda form: form.name)
def test_every_installed_form_begins_the_same_cases_on_the_same_days(form: Form) -> None:
    if form.package:
        pytest.importorskip(form.package, reason=f'{form.package} is not installed: pip install -e ".[bench]"')
    for number, work in enumerate(works()):
        try:
            found = by(form, work)
        except ModuleNotFoundError as missing:
            pytest.skip(f"{missing}: {form.get}")
        assert difference(by_our_desk(number), found) == "", work.name


def test_the_works_hold_what_they_claim_to() -> None:
    small, left_by_some, pair = (by_our_desk(number) for number in range(3))
    assert not small.left.any()
    assert left_by_some.left.sum() > 20
    assert len(works()[2].places) > 20
    assert pair.left.any()
    for number, work in enumerate(works()):
        waits = by_our_desk(number).start_days - np.array(work.arrivals)
        assert (waits > 1.0).sum() > 20, work.name  # there is a queue to get wrong


def test_our_desks_make_of_the_pair_world_what_the_model_recorded() -> None:
    work = routed(4000)
    assert work.recorded is not None
    rows, recorded = work.recorded
    found = by(OURS, work).of(rows)
    assert (~np.isnan(recorded.start_days)).sum() > 1000
    assert recorded.left.sum() > 50
    assert difference(recorded, found) == ""


def last_come_first_served(work: Work) -> Run:
    """Wrong on purpose: one place that takes whoever came last."""
    start_days, left, free_at, waiting = [nan] * work.customers, list[int](), 0.0, list[int]()
    for row, arrival in enumerate([*work.arrivals, inf]):
        while waiting and free_at < arrival:
            taken = waiting.pop()
            start_days[taken] = max(free_at, work.arrivals[taken])
            free_at = start_days[taken] + work.services[taken]
        waiting.append(row)
    return Run(lambda: None, lambda: outcome_of(work, start_days, left))


def test_a_form_that_differs_is_said_to_and_gets_no_ratio() -> None:
    work = mmc(200, 1)
    ours, wrong, right = compare(
        [work], [Form("planted", last_come_first_served), Form("again", OURS.prepare)], turns=1
    )
    assert wrong.checked.startswith("differs: ")
    assert (wrong.seconds, wrong.seconds_per_1000, wrong.times_ours) == (None, None, None)
    assert ours.seconds is not None
    assert right.times_ours is not None
    assert "differs: " in table([ours, wrong, right])


def test_a_start_late_by_a_minute_and_a_fate_are_differences() -> None:
    one = Outcome(np.array([1.0, 2.0, nan]), np.array([False, False, True]))
    assert difference(one, one) == ""
    late = Outcome(np.array([1.0, 2.0 + 1 / 1440, nan]), one.left)
    assert difference(one, late) == "differs: 0 fates and 1 starts by 0.00069 days at most, of 3 cases"
    stayed = Outcome(one.start_days, np.array([False, False, False]))
    assert difference(one, stayed) == "differs: 1 fates and 0 starts, of 3 cases"


def test_a_form_whose_package_is_missing_is_a_row_that_names_it() -> None:
    def prepare(work: Work) -> Run:
        raise ModuleNotFoundError("No module named 'nowhere'", name="nowhere")

    _, row = compare([mmc(50, 1)], [Form("missing", prepare, "nowhere")], turns=1)
    assert row.checked == 'not installed: nowhere (pip install -e ".[bench]")'
    assert row.times_ours is None


def test_the_comparison_is_imported_without_any_peer() -> None:
    peers = sorted({form.package for form in PEERS if form.package})
    assert peers == ["ciw", "mesa", "salabim"]
    code = f"import sys, tests.benchmarks.peers.__main__; print([p for p in {peers} if p in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_the_whole_flow_and_its_twin_leave_the_same_record() -> None:
    ours, twin, others = whole_flow(300, turns=1)
    assert "cases equal in desk, fate and start" in twin.checked
    assert ours.customers == twin.customers >= 300
    assert others.seconds is None
