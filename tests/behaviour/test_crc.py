"""A CRC's decisions on small hand-made cases: income, cost, forecast, pressure, budget, squeeze, renewal, tender."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.agents.crc import review
from sim.calendar import DAYS_PER_YEAR
from sim.categories import CRC_SERVICE
from sim.market.contract import Contract
from sim.randomness import Luck
from sim.system import System
from tests.support.worlds import system


@pytest.fixture
def pair() -> System:
    return system()


def test_income_follows_paid_volume_in_bands(pair: System) -> None:
    accounts = pair.crcs[0].accounts
    accounts.shortfall = lambda day: 0.249  # type: ignore[method-assign]
    accounts.receive_month(unmet_share=0.0)
    # 0.751 of the bid rounds to 0.76 in bands of 0.02
    fee = accounts.fee_gbp_per_year / 12 * pair.month_length
    assert accounts.month_income_gbp == pytest.approx(fee * 0.76, abs=0.01)


def test_the_shortfall_passes_through_the_published_figure() -> None:
    as_published = system("world=pair", "demand.shortfall_scale=1", "demand.shortfall_spread=1")
    for crc in as_published.crcs:
        assert crc.accounts.shortfall(2.25 * DAYS_PER_YEAR) == pytest.approx(crc.crc.shortfall_share, abs=1e-9)
        assert crc.accounts.shortfall(0) == 0.0


def test_cost_follows_heads_and_paid_volume_by_their_weights(pair: System) -> None:
    accounts, finance = pair.crcs[0].accounts, pair.scenario.finance
    whole = accounts.in_house_gbp_per_year(0.0, 0.0)
    variable = 1.0 - finance.fixed_cost_share
    fall = whole - accounts.in_house_gbp_per_year(0.4, 0.0)
    assert fall == pytest.approx(whole * variable * finance.variable_follows_paid_share * 0.4)
    pair.heads[0] = 1.2
    rise = accounts.in_house_gbp_per_year(0.0, 0.0) - whole
    assert rise == pytest.approx(whole * variable * (1 - finance.variable_follows_paid_share) * 0.2)


def test_forecast_gives_up_the_hope_of_payment_by_results_when_results_are_in(pair: System) -> None:
    accounts = pair.crcs[0].accounts
    accounts.pbr_gbp_per_month = lambda: 0.0  # type: ignore[method-assign]
    day = pair.calendar.day(pair.scenario.finance.pbr_first_results)
    pair.env.run(until=day - 1.5)
    accounts.renew_forecast(0.0)
    hopeful = accounts.forecast_gbp
    pair.env._now = day + 0.5  # type: ignore[attr-defined]
    accounts.renew_forecast(0.0)
    whole = pair.scenario.finance.pbr_bid_share * accounts.fee_gbp_per_year * 7
    assert hopeful - accounts.forecast_gbp == pytest.approx(whole, rel=0.03)


def test_pressure_is_smooth_in_the_gap_and_stays_below_one(pair: System) -> None:
    accounts = pair.crcs[0].accounts
    levels = []
    for loss in np.linspace(0, 5e7, 11):
        accounts.pressure_share, accounts.result_gbp = 0.0, -float(loss)
        accounts.renew_pressure(1e6)
        levels.append(accounts.pressure_share)
    steps = np.diff(levels)
    assert (steps > 0).all()
    assert max(steps) < 3 * min(steps) + 0.05
    assert levels[-1] < 1.0


def test_budget_shrinks_with_pressure_by_kappa(pair: System) -> None:
    crc, kappa = pair.crcs[0], pair.scenario.supply_chain.pressure_on_budget_share
    crc.accounts.pressure_share = 0.0
    calm = review.budget_gbp_per_year(crc)
    crc.accounts.pressure_share = 0.5
    assert review.budget_gbp_per_year(crc) == pytest.approx(calm * (1 - kappa * 0.5))


def test_a_duty_to_spend_is_a_floor_under_the_budget(pair: System) -> None:
    crc = pair.crcs[0]
    crc.accounts.pressure_share = 0.9
    pair.rules.least_spend_share = 0.3
    assert review.budget_gbp_per_year(crc) == pytest.approx(0.3 * crc.accounts.income_gbp_per_year())


def test_value_for_money_falls_with_price_and_with_the_burden(pair: System) -> None:
    crc = pair.crcs[0]
    contract = crc.book.contracts[0]
    before = review.value_for_money(crc, contract)
    contract.burden_gbp_per_year += 20_000
    burdened = review.value_for_money(crc, contract)
    contract.unit_price_gbp *= 1.5
    assert before > burdened > review.value_for_money(crc, contract)


def test_over_budget_the_worst_value_is_squeezed_first_and_once_a_year(pair: System) -> None:
    crc = pair.crcs[0]
    worst = min(crc.book.contracts, key=lambda c: (review.value_for_money(crc, c), c.code))
    price, staff = worst.unit_price_gbp, worst.staff_fte
    crc.budget_share = 1e-6
    review.review_chain(crc)
    step = pair.scenario.supply_chain.squeeze_step_share
    assert worst.unit_price_gbp == pytest.approx(price * (1 - step))
    assert worst.staff_fte == pytest.approx(staff * (1 - step * pair.scenario.supply_chain.squeeze_to_staff_share))
    review.review_chain(crc)
    assert worst.unit_price_gbp == pytest.approx(price * (1 - step))


def test_within_the_dead_band_nothing_is_touched(pair: System) -> None:
    crc = pair.crcs[0]
    crc.budget_share *= crc.book.value_gbp_per_year() / review.budget_gbp_per_year(crc)
    prices = [c.unit_price_gbp for c in crc.book.contracts]
    review.review_chain(crc)
    assert [c.unit_price_gbp for c in crc.book.contracts] == prices
    assert not any(c.notice_given for c in crc.book.contracts)
    assert crc.tendering_gbp == 0.0


def _renewals(pair: System, pressure: float) -> int:
    crc, kept = pair.crcs[0], 0
    crc.accounts.pressure_share = pressure
    for contract in list(crc.book.contracts):
        review.renew_or_let_go(crc, contract)
        kept += contract.live
    return kept


def test_pressure_makes_renewal_rarer_for_the_same_luck() -> None:
    calm, pressed = system("supply_chain.renewal_intercept=0.5"), system("supply_chain.renewal_intercept=0.5")
    assert _renewals(calm, 0.0) > _renewals(pressed, 1.0)


def test_a_contract_not_renewed_is_brought_in_house_only_where_that_is_cheaper() -> None:
    for ratio, made in ((0.1, True), (5.0, False)):
        pair = system("supply_chain.renewal_intercept=-10", f"supply_chain.in_house_unit_cost_ratio={ratio}")
        crc = pair.crcs[0]
        contract = crc.book.contracts[0]
        before = crc.book.in_house_base.get(contract.category, 0.0)
        places = contract.desk.places
        review.renew_or_let_go(crc, contract)
        assert not contract.live
        gained = crc.book.in_house_base.get(contract.category, 0.0) - before
        assert gained == pytest.approx(0.5 * places if made else 0.0)


def test_the_largest_gap_known_is_tendered_where_everything_is_known(pair: System) -> None:
    crc = pair.crcs[0]
    pair.rules.known_share = 1.0
    pair.seen_unplaced[:] = 1.0
    area = crc.book.areas[1]
    pair.seen_unplaced[area, 3, CRC_SERVICE] = 500.0
    for book in pair.books:
        for contract in list(book.contracts):
            book.end(contract, "test")
    lot = review.largest_known_gap(crc, "X-1")
    assert lot is not None
    assert lot.category == 3
    assert area in lot.areas


def test_a_lot_is_sized_from_the_referrals_of_its_areas(pair: System) -> None:
    from sim.market.lot import size_lot

    crc = pair.crcs[0]
    small = size_lot(pair, crc.index, 0, crc.book.areas[:1], "S", 1.0)
    large = size_lot(pair, crc.index, 0, crc.book.areas[:2], "S", 1.0)
    assert small is not None
    assert large is not None
    seen = pair.seen_referrals[list(crc.book.areas), 0, CRC_SERVICE]
    assert large.cases_per_year / small.cases_per_year == pytest.approx((seen[0] + seen[1]) / seen[0])


def test_an_inherited_contract_under_review_ends_more_often_the_less_it_is_worth() -> None:
    pair = system("supply_chain.legacy_end_value_slope=2")
    crc = pair.crcs[0]

    def ended(price_times: float) -> int:
        count = 0
        for contract in crc.book.contracts:
            contract.notice_given = False
            kept = contract.unit_price_gbp
            contract.unit_price_gbp = kept * price_times
            review.review_legacy(crc, contract)
            contract.unit_price_gbp = kept
            count += contract.notice_given
        return count

    assert ended(3.0) > ended(0.5)


def test_the_contract_variation_shares_its_sum_by_fee_lost(pair: System) -> None:
    pair.env.run(until=700.5)
    pair.ministry.vary_contracts(100e6)
    share = sum(c.accounts.fee_gbp_per_year for c in pair.crcs) / pair.world.national_bid_fee_gbp_per_year
    total = sum(c.accounts.rescue_gbp_per_month * c.accounts.remaining_months() for c in pair.crcs)
    assert total == pytest.approx(100e6 * share)
    lost = [c.accounts.fee_gbp_per_year * c.accounts.shortfall(pair.now) for c in pair.crcs]
    got = [c.accounts.rescue_gbp_per_month for c in pair.crcs]
    assert got[0] / got[1] == pytest.approx(lost[0] / lost[1])


def test_an_ended_contract_leaves_no_trace_in_any_book(pair: System) -> None:
    crc = pair.crcs[0]
    contract: Contract = crc.book.contracts[0]
    crc.book.end(contract, "test")
    assert contract not in crc.book.contracts
    assert contract not in contract.provider.contracts
    assert not math.isinf(contract.value_gbp_per_year)
    assert crc.book.legacy_ended == 1
    crc.book.end(contract, "again")
    assert crc.book.legacy_ended == 1


def test_the_card_prices_cost_overhead_and_markup_that_rises_with_pressure(pair: System) -> None:
    crc, rules = pair.crcs[0], pair.scenario.rate_card
    category = crc.book.contracts[0].category
    unit = np.mean([c.unit_price_gbp for c in crc.book.contracts if c.category == category])
    crc.accounts.pressure_share = 0.5
    crc.card.publish()
    expected = unit * (1 + rules.overhead_share + rules.markup_share + rules.markup_pressure_slope * 0.5)
    assert crc.card.price_gbp[category] == pytest.approx(expected)
    pair.rules.markup_cap_share = 0.01
    crc.card.publish()
    assert crc.card.price_gbp[category] == pytest.approx(unit * (1 + rules.overhead_share + 0.01))
    assert crc.card.version == 2


def test_the_card_holds_only_what_the_crc_delivers_or_buys(pair: System) -> None:
    crc = pair.crcs[0]
    crc.card.publish()
    offered = {c.category for c in crc.book.contracts} | set(crc.book.in_house)
    assert set(np.flatnonzero(crc.card.on_card).tolist()) == offered


@pytest.mark.parametrize("months", [1, 3, 6])
def test_chances_given_a_quarter_do_not_grow_with_the_number_of_reviews(
    months: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = system(f"supply_chain.review_months={months}")
    agent = world.crcs[0]
    asked: list[float] = []
    monkeypatch.setattr(Luck, "happens", lambda luck, chance, *purpose: bool(asked.append(chance)))
    review.open_bid_plan(agent)
    a_quarter = world.scenario.supply_chain.bid_plan_hazard_per_quarter
    assert asked == pytest.approx([a_quarter * months / 3] * len(agent.plan_open))
    assert asked
