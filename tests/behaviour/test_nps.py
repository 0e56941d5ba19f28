"""Officers of the NPS on small hand-made cases: gates, price, belief, awareness, budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.model import run_replication
from sim.system import System
from tests.support.worlds import national, scenario, system

OPEN_DOORS = ("nps.ban_share=0", "rate_card.publication_months=0.5", "rate_card.publication_log_sd=0")


@pytest.fixture(scope="module")
def pair() -> System:
    return system(*OPEN_DOORS)


def _aware(pair: System) -> None:
    pair.purchasers.awareness[:] = 0.8


def _chance(pair: System, ratio: float) -> np.ndarray:
    return pair.purchasers.purchase_chance(np.full((len(pair.world.areas), 14), ratio))


@given(low=st.floats(0.1, 4.0), more=st.floats(0.001, 3.0))
def test_a_lower_price_never_makes_an_officer_less_willing(pair: System, low: float, more: float) -> None:
    _aware(pair)
    assert (_chance(pair, low) >= _chance(pair, low + more)).all()


def test_a_lower_price_never_turns_a_purchase_into_a_refusal_while_there_is_money() -> None:
    """Same people, same luck, money for all: whoever buys at the high price buys at the low one."""
    words = ("world=pair", *OPEN_DOORS, "nps.budget_of_plan_share=5", "horizon.end=2016-01-31", "record=cases")
    words = (*words, "nps.belief_prior_weight=1000", "nps.plan_share=1", "demand.balk_days=5000")
    bought = []
    for markup in (0.6, 0.0):
        run = run_replication(scenario(*words, f"rate_card.markup_share={markup}"), seed=2, replication=1)
        bought.append(national(run, "nps_purchases"))
    dear, cheap = bought
    assert dear.sum() > 20
    assert cheap.sum() > dear.sum()
    assert (cheap >= dear).all()


def test_what_is_not_on_the_card_is_not_bought(pair: System) -> None:
    _aware(pair)
    assert (_chance(pair, float("nan")) == 0).all()


def test_an_area_whose_head_forbids_buying_buys_nothing_until_the_ban_is_lifted() -> None:
    banned = system("nps.ban_share=1")
    _aware(banned)
    assert (_chance(banned, 1.0) == 0).all()
    banned.env._now = banned.calendar.day(banned.scenario.nps.ban_lifted) + 0.5  # type: ignore[attr-defined,arg-type]
    assert (_chance(banned, 1.0) > 0).all()


def test_seeing_success_makes_an_area_more_willing_and_failure_less(pair: System) -> None:
    officers = pair.purchasers
    _aware(pair)
    before = _chance(pair, 1.2)
    trials, successes = officers.trials.copy(), officers.successes.copy()
    officers.trials += 10
    worse = _chance(pair, 1.2)
    officers.successes += 10
    better = _chance(pair, 1.2)
    officers.trials, officers.successes = trials, successes
    assert (worse < before).all()
    assert (better > before).all()


def test_who_does_not_buy_does_not_learn() -> None:
    run = run_replication(scenario("world=pair", "nps.ban_share=1", "nps.ban_lifted=null"), seed=2, replication=1)
    believed = national(run, "believed_success_share")
    assert (believed == believed[0]).all()
    assert national(run, "nps_purchases").sum() == 0


def test_awareness_starts_with_publication_spreads_by_contact_and_fades() -> None:
    run = run_replication(scenario("world=pair", *OPEN_DOORS), seed=2, replication=1)
    aware = national(run, "awareness_share")
    assert 0 < aware[0] < 0.1
    assert (np.diff(aware[:36]) > 0).all()
    assert aware[-1] < 1.0
    forgetful = run_replication(
        scenario("world=pair", *OPEN_DOORS, "nps.awareness_fade_per_month=1"), seed=2, replication=1
    )
    assert national(forgetful, "awareness_share")[-1] < aware[-1]


def test_a_division_without_money_buys_nothing() -> None:
    run = run_replication(scenario("world=pair", *OPEN_DOORS, "nps.budget_of_plan_share=0"), seed=2, replication=1)
    assert national(run, "nps_purchases").sum() == 0


def test_terms_renewed_in_some_areas_are_those_that_renewing_all_gives_there(pair: System) -> None:
    officers = pair.purchasers
    _aware(pair)
    ratio = np.linspace(0.5, 2.0, len(pair.world.areas) * 14).reshape(-1, 14)
    ratio[:, 3] = float("nan")
    together = officers.purchase_chance(ratio)
    for some in (np.array([0]), np.arange(1, len(ratio)), np.arange(len(ratio))[::-1]):
        assert officers.purchase_chance(ratio[some], some).tobytes() == together[some].tobytes()


def test_blocks_bought_drop_price_and_reluctance(pair: System) -> None:
    _aware(pair)
    case_by_case = _chance(pair, 3.0)
    pair.rules.block_share = 1.0
    in_block = _chance(pair, 3.0)
    pair.rules.block_share = 0.0
    assert (in_block > case_by_case).all()
