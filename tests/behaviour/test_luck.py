"""The same person meets the same luck: by seed and name, never by the order in which things are asked."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from sim.model import run_replication
from sim.observe.results import RunResult
from tests.support.worlds import national, scenario


def _run(replication: int) -> RunResult:
    return run_replication(scenario("world=pair"), seed=11, replication=replication)


def _same(a: RunResult, b: RunResult) -> bool:
    return a.digests == b.digests and all(
        np.array_equal(a.panels[level].values[name], values, equal_nan=True)
        for level, panel in b.panels.items()
        for name, values in panel.values.items()
    )


def test_one_seed_gives_the_same_run_twice_and_in_any_order_and_in_a_pool() -> None:
    one, two = _run(1), _run(2)
    again_two, again_one = _run(2), _run(1)
    assert _same(one, again_one)
    assert _same(two, again_two)
    assert not _same(one, two)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        far_two, far_one = pool.map(_run, [2, 1])
    assert _same(one, far_one)
    assert _same(two, far_two)


def test_another_price_leaves_the_people_as_they_were() -> None:
    dear = run_replication(scenario("world=pair", "rate_card.markup_share=0.9"), seed=11, replication=1)
    for measure in ("starts", "needs_present", "needs_identified", "caseload_people"):
        assert np.array_equal(national(dear, measure), national(_run(1), measure))
    assert not np.array_equal(national(dear, "nps_purchases"), national(_run(1), "nps_purchases"))


def test_history_before_a_changed_date_is_untouched() -> None:
    base = _run(1)
    late = run_replication(scenario("world=pair", "finance.rescue_date=2018-02-01"), seed=11, replication=1)
    august_2017 = base.months.index("2017-08")
    assert late.digests[:august_2017] == base.digests[:august_2017]
    assert late.digests[august_2017] != base.digests[august_2017]


def test_a_digest_covers_events_money_and_people() -> None:
    base = _run(1)
    fewer = run_replication(scenario("world=pair", "provider.shock_sd_share=0.0901"), seed=11, replication=1)
    assert base.digests[0] != fewer.digests[0]
    assert len(set(base.digests)) == len(base.months)
