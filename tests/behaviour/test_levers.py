"""Each lever acts through its mechanism, only from its date, and switched off equals doing nothing exactly."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from sim.market.book import ContractBook
from sim.model import build, run_replication
from sim.observe.results import RunResult
from sim.policy import LEVERS
from tests.support.worlds import national, scenario

LEVER_DATE = "2018-10"


@lru_cache(maxsize=64)
def _run(*overrides: str, replication: int = 1) -> RunResult:
    return run_replication(scenario("world=division", *overrides), seed=2015, replication=replication)


def _set(lever: str, **sizes: object) -> tuple[str, ...]:
    words = (f"policy.levers.{lever}.{key}={str(value).lower()}" for key, value in sizes.items())
    return (f"policy={lever}", *words)


def _last_year(result: RunResult, measure: str) -> float:
    return float(national(result, measure)[-12:].sum())


@pytest.mark.parametrize("lever", LEVERS)
def test_history_before_a_lever_is_untouched_and_after_it_is_not(lever: str) -> None:
    base, other = _run(), _run(f"policy={lever}")
    first = base.months.index(LEVER_DATE)
    assert other.digests[:first] == base.digests[:first]
    assert other.digests[first:] != base.digests[first:]


@pytest.mark.parametrize("lever", LEVERS)
def test_a_lever_switched_off_equals_do_nothing_exactly(lever: str) -> None:
    off, base = _run(*_set(lever, active=False)), _run()
    assert off.digests == base.digests
    for level, panel in base.panels.items():
        for name, values in panel.values.items():
            assert np.array_equal(off.panels[level].values[name], values, equal_nan=True), (level, name)


def test_people_are_the_same_under_every_policy() -> None:
    for lever in LEVERS:
        if lever != "needs_data":
            for measure in ("starts", "needs_present", "needs_identified"):
                assert np.array_equal(national(_run(f"policy={lever}"), measure), national(_run(), measure)), lever


def test_stewardship_liquidity_lengthens_the_lives_of_bodies_near_exhaustion() -> None:
    fund = _set("stewardship", grants_share=0.0, weak_reserves_months=1.0, amount_gbp_per_year=20_000_000)
    base = sum(national(_run(replication=r), "bodies_closed")[-1] for r in (1, 2, 3))
    helped = sum(national(_run(*fund, replication=r), "bodies_closed")[-1] for r in (1, 2, 3))
    assert helped < base
    assert _last_year(_run(*fund), "chain_paid_granted_gbp") == 0.0
    assert _last_year(_run(*fund), "public_cost_gbp") > _last_year(_run(), "public_cost_gbp")


def test_stewardship_grants_buy_places_in_thin_areas_within_the_fund_and_the_size_of_grants() -> None:
    fund = _set("stewardship", grants_share=1.0, thin_area_links=3, amount_gbp_per_year=1_000_000)
    system = build(scenario("world=division", *fund), seed=2015, replication=1)
    system.env.process(system.clock.run(lambda m: system.remember_month(*_close(system, m)), lambda m: None))
    system.env.run(until=2200)
    grants = [c for b in system.books if b.kind == "granted" for c in b.contracts]
    assert grants
    assert all(len(c.areas) == 1 and c.guaranteed_share == 1.0 for c in grants)
    assert all(8_000 <= c.value_gbp_per_year <= 250_000 for c in grants)
    assert sum(c.value_gbp_per_year for c in grants) <= 1_000_000


def _close(system, month):  # type: ignore[no-untyped-def]
    tally = system.flow.close_month(system.now)
    system.flow.post_waits(system.now)
    return tally, system.flow.people.month_counts(month)


def test_joint_boards_are_paid_by_both_services_and_reached_free_by_both() -> None:
    joint = _run(*_set("joint_commissioning", pooled_share=0.5))
    assert _last_year(joint, "chain_paid_joint_gbp") > 0.0
    nps_met = joint.panels["service"].values["needs_tier2"][-12:, 1].sum()
    assert nps_met > _run().panels["service"].values["needs_tier2"][-12:, 1].sum()


def test_smaller_lots_let_more_small_bodies_in() -> None:
    def small_share(lot_areas: int) -> float:
        words = _set("joint_commissioning", pooled_share=0.6, lot_areas=lot_areas)
        runs = [_run(*words, replication=r) for r in (1, 2, 3)]
        by_size = sum(run.panels["body_size"].values["chain_paid_gbp"][-12:].sum(axis=0) for run in runs)
        return float(by_size[:2].sum() / by_size.sum())

    assert small_share(1) > small_share(6)


def test_crc_budgets_fall_only_by_what_its_board_has_signed() -> None:
    from sim.agents.crc import review
    from sim.policy.joint_commissioning import Board

    system = build(scenario("world=pair", *_set("joint_commissioning", pooled_share=0.5)), seed=1, replication=1)
    crc = system.crcs[0]
    lever = system.scenario.policy.levers[0]  # type: ignore[union-attr]
    before = review.budget_gbp_per_year(crc)
    crc.board = Board(system, crc, lever, 0.5, 0.5)  # type: ignore[arg-type]
    assert review.budget_gbp_per_year(crc) == before
    crc.board.book.contracts.append(crc.book.contracts[0])
    assert before - review.budget_gbp_per_year(crc) == pytest.approx(
        crc.book.contracts[0].value_gbp_per_year * crc.board.crc_part()
    )


def test_a_markup_cap_lowers_card_prices_and_raises_purchases() -> None:
    cap = _run(*_set("rate_card_reform", markup_cap_share=0.0, extra_range_share=0.0))
    assert national(cap, "card_price_ratio")[-1] < national(_run(), "card_price_ratio")[-1]
    assert _last_year(cap, "nps_purchases") > _last_year(_run(), "nps_purchases")


def test_a_regulated_price_is_the_price_of_every_card() -> None:
    regulated = _run(*_set("rate_card_reform", markup_cap_share="null", regulated_price_ratio=0.9))
    ratios = regulated.panels["crc"].values["card_price_ratio"][-1]
    np.testing.assert_allclose(ratios, 0.9)


def test_blocks_are_paid_whether_used_or_not_and_used_more() -> None:
    block = _run(*_set("rate_card_reform", markup_cap_share="null", extra_range_share=0, block_share=1.0))
    assert _last_year(block, "nps_purchases") > _last_year(_run(), "nps_purchases")
    assert _last_year(block, "nps_spend_gbp") > _last_year(_run(), "nps_spend_gbp")


@pytest.mark.parametrize("successor", ["none", "block", "pooled"])
def test_an_abolished_card_is_followed_by_its_named_successor(successor: str) -> None:
    gone = _run(
        *_set("rate_card_reform", markup_cap_share="null", extra_range_share=0, abolish=True, successor=successor)
    )
    bought = _last_year(gone, "nps_purchases") > 0
    joint = _last_year(gone, "chain_paid_joint_gbp") > 0
    assert (bought, joint) == {"none": (False, False), "block": (True, False), "pooled": (False, True)}[successor]


def test_needs_data_finds_more_need_among_the_same_people_and_is_paid_for() -> None:
    data = _run(*_set("needs_data", detection_share=0.95))
    assert _last_year(data, "needs_identified") > 1.15 * _last_year(_run(), "needs_identified")
    assert _last_year(data, "needs_present") == _last_year(_run(), "needs_present")
    assert _last_year(data, "public_cost_gbp") > _last_year(_run(), "public_cost_gbp")


def test_a_duty_to_spend_moves_money_and_raises_pressure() -> None:
    duty = _run(*_set("contract_accountability", least_spend_share=0.10))
    assert _last_year(duty, "chain_paid_gbp") > 1.3 * _last_year(_run(), "chain_paid_gbp")
    assert national(duty, "pressure_share")[-1] > national(_run(), "pressure_share")[-1]


def test_credits_take_money_from_whoever_falls_short_of_the_duty() -> None:
    words = {"least_spend_share": 0.5, "lots_per_review": 1}
    soft = _run(*_set("contract_accountability", credit_share=0.0, **words))
    hard = _run(*_set("contract_accountability", credit_share=1.0, **words))
    assert _last_year(hard, "crc_income_gbp") < _last_year(soft, "crc_income_gbp")


def test_proportionate_contracts_cut_the_burden_of_new_and_of_existing_contracts() -> None:
    def burdens(**sizes: object) -> float:
        asked = scenario("world=pair", *_set("proportionate_contracts", variation_months=1, **sizes))
        system = build(asked, seed=1, replication=1)
        system.env.process(system.clock.run(lambda m: system.remember_month(*_close(system, m)), lambda m: None))
        system.env.run(until=1500)
        contracts = [c for b in system.books for c in b.contracts if c.start_day < 1300]
        return max(c.burden_gbp_per_year / c.value_gbp_per_year for c in contracts)

    assert burdens(vary_existing=True) <= 0.0301
    assert burdens(vary_existing=False) > 0.0301


def test_a_fixed_fee_lifts_income_and_lowers_pressure_at_public_cost() -> None:
    fixed = _run(*_set("funding_rebalance", fixed_fee_share=0.8))
    assert _last_year(fixed, "crc_income_gbp") > _last_year(_run(), "crc_income_gbp")
    assert national(fixed, "pressure_share")[-1] < national(_run(), "pressure_share")[-1]
    assert _last_year(fixed, "public_cost_gbp") > _last_year(_run(), "public_cost_gbp")


def test_no_variation_at_all_is_a_rebalance_of_nothing_before_its_date() -> None:
    none = _run(*_set("funding_rebalance", start="2017-08-01", fixed_fee_share=0, variation_gbp=0))
    assert national(none, "public_cost_gbp").sum() < national(_run(), "public_cost_gbp").sum()
    august = none.months.index("2017-08")
    assert none.digests[:august] == _run().digests[:august]


def test_only_large_bodies_lead_national_lots_and_name_partners() -> None:
    words = _set("direct_national_framework", amount_gbp_per_year=5_000_000, lead_turnover_gbp=2_000_000)
    system = build(scenario("world=division", *words), seed=2015, replication=1)
    system.env.process(system.clock.run(lambda m: system.remember_month(*_close(system, m)), lambda m: None))
    system.env.run(until=2300)
    national_lots: list[ContractBook] = [b for b in system.books if b.kind == "national"]
    leads = [c.provider for b in national_lots for c in b.contracts]
    assert leads
    assert all(p.body.turnover_gbp_per_year >= 2_000_000 for p in leads)
    assert sum(b.value_gbp_per_year() for b in national_lots) <= 5_000_000 * 1.0001


def test_a_lever_that_ends_stops_acting() -> None:
    ended = _run(*_set("needs_data", end="2019-10-01"))
    whole = _run("policy=needs_data")
    assert _last_year(ended, "needs_identified") < _last_year(whole, "needs_identified")
    assert _last_year(ended, "needs_identified") == _last_year(_run(), "needs_identified")


def test_levers_compose_in_one_policy() -> None:
    every = _run("policy=all_recommendations")
    assert _last_year(every, "chain_paid_joint_gbp") > 0
    assert _last_year(every, "needs_identified") > _last_year(_run(), "needs_identified")
    assert _last_year(every, "chain_paid_gbp") > _last_year(_run("policy=stewardship"), "chain_paid_gbp")
