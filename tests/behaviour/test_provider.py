"""A body's decisions on small cases: bid, subsidise, shrink, hand back, close, enter; and owners that fail."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.agents.provider import Provider
from sim.ledger import WORLD
from sim.market.lot import Lot, award
from sim.model import run_replication
from sim.system import System
from sim.world.bodies import LOCAL
from tests.support.worlds import national, scenario, system


@pytest.fixture
def pair() -> System:
    return system("provider.hand_back_chance_per_month=1", "provider.close_chance_per_month=1")


def _idle(pair: System) -> Provider:
    """A body without contracts, large enough for a small lot."""
    return next(p for p in pair.providers if not p.contracts and not p.subs and p.body.turnover_gbp_per_year > 200_000)


def _lot(provider: Provider, **changes: float) -> Lot:
    """A lot that this body can well afford: one staff member at a good price in its home area."""
    category = provider.body.categories[0]
    lot = Lot("test", 0, category, (provider.body.home_area,), 80.0, 80.0, 900.0, 1000.0)
    return replace(lot, **changes)  # type: ignore[arg-type]


def test_a_body_bids_for_a_lot_that_pays_and_not_for_one_that_does_not(pair: System) -> None:
    body = _idle(pair)
    assert body.would_bid(_lot(body))
    assert not body.would_bid(_lot(body, unit_price_gbp=50.0))


def test_the_burden_of_the_agreement_keeps_bidders_away(pair: System) -> None:
    body = _idle(pair)
    assert not body.would_bid(_lot(body, burden_gbp_per_year=100_000.0))


def test_a_body_bids_only_for_what_it_does_where_it_works_and_what_it_can_carry(pair: System) -> None:
    body = next(p for p in pair.providers if p.body.reach == LOCAL and not p.contracts and len(p.body.areas) == 1)
    offered = _lot(body, cases_per_year=8.0, burden_gbp_per_year=0.0)
    away = (body.body.home_area + 3) % len(pair.world.areas)
    other = next(k for k in range(14) if k not in body.body.categories)
    assert body.would_bid(offered)
    assert not body.would_bid(replace(offered, category=other))
    assert not body.would_bid(replace(offered, areas=(away,)))
    assert not body.would_bid(replace(offered, cases_per_year=1e6))
    assert not body.would_bid(replace(offered, least_turnover_gbp=1e12))


def test_a_local_body_needs_a_foothold_in_the_share_of_areas_that_is_set() -> None:
    for share, covers in ((0.5, True), (0.51, False)):
        world = system(f"provider.foothold_share={share}", "provider.neighbour_reach_share=0")
        body = next(p for p in world.providers if p.body.reach == LOCAL)
        home = body.body.home_area
        assert body.covers((home, (home + 1) % len(world.world.areas))) is covers


def test_mission_money_helps_a_bid_as_far_as_it_is_counted_on() -> None:
    for in_bid, of_value, bids in ((0.5, 0.5, True), (0.0, 0.5, False), (0.5, 0.0, False)):
        world = system(
            f"provider.mission_in_bid_share={in_bid}",
            f"provider.mission_of_value_most_share={of_value}",
            "provider.mission_subsidy_share=0.5",
        )
        body = _idle(world)
        lot = _lot(body, burden_gbp_per_year=0.0)
        cost = body.direct_cost_gbp_per_year(lot.staff_fte) * world.scenario.provider.cash_overhead_ratio
        assert body.would_bid(replace(lot, unit_price_gbp=0.9 * cost / lot.cases_per_year)) is bids


def test_a_body_holds_only_so_many_contracts(pair: System) -> None:
    full = next(p for p in pair.providers if len(p.contracts) >= p.contracts_most() and p.body.reach == LOCAL)
    lot = Lot("test", 0, full.body.categories[0], (full.body.home_area,), 8.0, 80.0, 5000.0, 0.0)
    assert not full.would_bid(lot)
    assert full.would_bid(replace(lot, any_number_of_contracts=True))


def test_the_better_body_wins_where_luck_and_size_do_not_count() -> None:
    pair = system("supply_chain.award_noise_sd=0", "supply_chain.award_size_weight=0")
    body = _idle(pair)
    lot = _lot(body)
    bidders = [p for p in pair.providers if p.would_bid(lot)]
    winner = award(pair, lot)
    assert winner is not None
    assert winner.body.quality == max(p.body.quality for p in bidders)


def test_without_bidders_nobody_wins(pair: System) -> None:
    assert award(pair, _lot(_idle(pair), unit_price_gbp=0.01, burden_gbp_per_year=1e6)) is None


def _holder(pair: System) -> Provider:
    return next(p for p in pair.providers if len(p.contracts) == 1 and not p.contracts[0].subs)


def _empty(pair: System, provider: Provider, months: float) -> None:
    """Leave a body with so many months of reserves."""
    want = months * provider.body.turnover_gbp_per_year / 12.0
    pair.ledger.transfer(provider.account, WORLD, provider.reserves_gbp - want, "test")


def test_a_losing_contract_is_shrunk_and_then_handed_back_when_reserves_are_nearly_gone(pair: System) -> None:
    body = _holder(pair)
    contract = body.contracts[0]
    contract.unit_price_gbp *= 0.3
    staff = contract.staff_fte
    _empty(pair, body, 0.2)
    body.close_month()
    assert contract.live
    assert contract.staff_fte == pytest.approx(staff * (1 - pair.scenario.provider.shrink_step_share))
    _empty(pair, body, 0.2)
    body.close_month()
    assert not contract.live
    assert pair.sector.hand_backs == 1
    assert body.alive


def test_with_reserves_a_body_goes_on_subsidising(pair: System) -> None:
    body = _holder(pair)
    contract = body.contracts[0]
    contract.unit_price_gbp *= 0.3
    _empty(pair, body, 3.0)
    before = body.reserves_gbp
    body.close_month()
    assert contract.live
    assert body.reserves_gbp < before


def test_an_exhausted_body_closes_and_its_contract_falls(pair: System) -> None:
    body = _holder(pair)
    contract = body.contracts[0]
    _empty(pair, body, -2.0)
    body.close_month()
    assert not body.alive
    assert not contract.live
    assert body.reserves_gbp == 0.0
    pair.ledger.check("after a closure")


def test_without_shocks_to_the_whole_body_next_to_none_closes() -> None:
    calm = run_replication(scenario("world=pair", "provider.shock_sd_share=0"), seed=1, replication=1)
    rough = run_replication(scenario("world=pair", "provider.shock_sd_share=0.2"), seed=1, replication=1)
    assert national(calm, "bodies_closed")[-1] < national(rough, "bodies_closed")[-1]


def test_bodies_enter_and_the_same_ones_enter_whatever_the_price_of_cards() -> None:
    run = run_replication(scenario("world=pair", "provider.entries_per_year_share=0.2"), seed=1, replication=1)
    assert national(run, "bodies_entered")[-1] > 5
    living = national(run, "bodies_living")
    start = living + national(run, "bodies_closed") - national(run, "bodies_entered")
    assert (start == start[0]).all()


def test_a_slice_is_passed_down_only_where_the_small_body_gains() -> None:
    light = system("world=division", "supply_chain.tier3_passed_burden_share=0", "supply_chain.tier3_margin_share=0")
    heavy = system("world=division", "supply_chain.agreement_burden_gbp_per_year=60000",
                   "supply_chain.tier3_passed_burden_share=1")  # fmt: skip
    slices = [sum(len(c.subs) for b in s.books for c in b.contracts) for s in (light, heavy)]
    assert slices[0] > 0
    assert slices[1] == 0


def test_places_follow_staff_up_and_down(pair: System) -> None:
    body = next(p for p in pair.providers if p.contracts and p.contracts[0].desk.places >= 8)
    contract = body.contracts[0]
    places = contract.desk.places
    body.cut_staff(contract, 0.5)
    assert contract.desk.places == pytest.approx(places / 2, abs=1.01)


def test_a_failing_owner_hands_over_its_crcs_and_bodies_lose_what_they_were_owed() -> None:
    pair = system("finance.novation_share=0.5")
    pair.env.run(until=0.1)
    owner = next(o for o in pair.owners if o.crcs)
    crc = owner.crcs[0]
    before = len(crc.book.contracts)
    owed = {b.contract.provider.body.code for b in crc.book._bills}
    assert owed
    owner.fail()
    assert crc.owner.name == "Caretaker"
    assert len(crc.book.contracts) < before
    assert owed <= pair.bodies_hit
    assert not crc.book._bills


def test_an_owner_bears_losses_up_to_its_tolerance() -> None:
    words = ("world=pair", "finance.owner_tolerance_share=20", "finance.bid_optimism_share=0.2")
    patient = run_replication(scenario(*words), seed=1, replication=1)
    assert national(patient, "owners_failed")[-1] == 0
    assert national(patient, "crc_forecast_gbp")[30] < 0


def test_bodies_are_heavy_tailed_and_most_are_small() -> None:
    turnover = np.array([p.body.turnover_gbp_per_year for p in system("world=national").providers])
    assert 700 < len(turnover) < 1100
    assert turnover.mean() > 1.5 * np.median(turnover)
