"""What is done together for speed gives, to the last digit, what doing it one by one gives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.agents.sector import Sector
from sim.categories import ALTERNATIVE, IN_HOUSE, N_CATEGORIES, TIER2, UNMET
from sim.kernel import Kernel
from sim.ledger import WORLD, Ledger
from sim.market import routing
from sim.market.desk import CardAccess, Desk
from sim.market.lot import Lot
from sim.market.officers import Officers
from sim.market.tally import Tally
from sim.model import build, run_replication
from sim.observe.results import RunResult
from sim.randomness import Luck, Uint64Array, uniforms
from sim.settings import load
from sim.world import people, referrals
from sim.world.bodies import LOCAL, bodies_at_start, draw_bodies
from sim.world.needs import CATEGORY_BIT
from tests.support.kernel import compiled
from tests.support.small_world import world as small_world


def run(kernel: Kernel | None = None) -> RunResult:
    words = ["world=pair", "horizon.end=2019-06-30", "policy=all_recommendations", "record.cases=true"]
    return run_replication(load(words)[0][0], seed=7, replication=3, kernel=kernel)


@pytest.fixture(scope="module")
def fast() -> RunResult:
    return run()


def assert_same(fast: RunResult, slow: RunResult) -> None:
    assert slow.digests == fast.digests
    assert {name: column.tobytes() for name, column in slow.cases.items()} == {
        name: column.tobytes() for name, column in fast.cases.items()
    }
    for level, panel in slow.panels.items():
        for name, values in panel.values.items():
            assert values.tobytes() == fast.panels[level].values[name].tobytes(), (level, name)


def test_the_compiled_kernel_gives_the_same_run(fast: RunResult) -> None:
    assert_same(fast, run(compiled()))


def test_what_the_kernel_draws_is_what_is_drawn_without_it() -> None:
    ids = np.array([0, 1, 2**63, 2**64 - 1, *range(10**15, 10**15 + 1000)], np.uint64)
    for key in (0, 1, 2**64 - 1, Luck(5, 2).key("a purpose")):
        assert compiled().uniforms(key, ids).tobytes() == uniforms(key, ids).tobytes()


def test_what_does_not_belong_together_is_not_given_to_the_kernel() -> None:
    kernel, zeros, row = compiled(), np.zeros((3, 2), np.int64), np.zeros(10, np.int64)
    people, days = np.array([1, 1]), np.array([0.0, 4.0])
    assert kernel.heads(people, days, days, 0.0, row, zeros, zeros.copy()).tolist() == [0, 0]
    for wrong in (
        (np.array([500, 1]), days, days, 0.0, row, zeros, zeros),
        (people, days, days[:1], 0.0, row, zeros, zeros),
        (people, days, days, 1.0, row, zeros, zeros),  # somebody starts before the first day
        (people, days, days, 0.0, row + 3, zeros, zeros),
        (people, days, days, 0.0, row, zeros, zeros[:2]),
    ):
        with pytest.raises(ValueError, match="heads: columns or tables do not belong together"):
            kernel.heads(*wrong)
    long, short = np.zeros(3), np.zeros(2)
    case_id, stratum, age_band = (np.zeros(3, kind) for kind in (np.uint64, np.int32, np.int8))
    with pytest.raises(ValueError, match="in_order: columns or tables do not belong together"):
        kernel.in_order(0, (long, case_id, stratum, age_band, long, short))
    with pytest.raises(ValueError, match="of one length"):
        kernel.queues().join(np.zeros(2, np.int32), np.zeros(2, np.int64), short, short, np.zeros(1))


def test_the_highest_draw_of_all_has_the_highest_complexity() -> None:
    """Its uniform rounds to 1, which no other does: one draw in 2^53."""
    counts, kept = [], []
    for kernel in (None, compiled()):
        tables = referrals.need_tables(load(["world=pair"])[0][0].demand, Luck(5, 2), 0.0)
        ids = np.array([5], np.uint64)
        tables.person_keys[2] = _key_drawing(5, 2**53 - 1)
        assert uniforms(int(tables.person_keys[2]), ids).tolist() == [1.0]
        of_people = (ids, np.zeros(1, np.int32), np.zeros(1), np.full(1, 900.0), np.zeros(1, np.int64))
        count = np.zeros((8, N_CATEGORIES), np.int64)
        if kernel:
            only = tables.only_women, tables.only_young, tables.window_days, tables.begin_day
            kept.append(kernel.referrals(of_people, tables[:6], *only, CATEGORY_BIT, count)[1].tolist())
        else:
            kept.append(referrals.draw_referrals(tables, *of_people, count).case_id.tolist())
        counts.append(count.tolist())
    assert counts[0] == counts[1]
    assert sorted(kept[0]) == sorted(kept[1])
    assert sum(map(sum, counts[0][:4])) > 0 == sum(map(sum, counts[0][4:]))  # and in no other group's cells


def _key_drawing(at: int, drawn: int) -> int:
    """The key of a stream from which an id draws this whole number: the mix undone."""
    word, mask = drawn << 11, 2**64 - 1

    def undo(x: int, by: int) -> int:
        y = x
        for _ in range(64 // by + 1):
            y = x ^ (y >> by)
        return y

    word = undo(word, 31) * pow(0x94D049BB133111EB, -1, 2**64) & mask
    word = undo(word, 27) * pow(0xBF58476D1CE4E5B9, -1, 2**64) & mask
    word = undo(word, 30)
    return (word - (at + 1) * 0x9E3779B97F4A7C15) & mask


def test_bodies_within_reach_of_a_lot_are_those_that_size_and_areas_let_bid() -> None:
    system = build(load(["world=division"])[0][0], seed=3, replication=1)
    bids = 0
    for contract in (contract for book in system.books for contract in book.contracts):
        lot = Lot("x", contract.crc, contract.category, contract.areas, 90.0, 80.0, 500.0, 1000.0)
        one_by_one = [p for p in system.providers if p.would_bid(lot)]
        assert list(system.sector.bidders(lot)) == one_by_one
        bids += len(one_by_one)
    assert bids > 20


def test_local_bodies_of_an_area_are_those_that_are_local_work_there_and_offer_the_service() -> None:
    system = build(load(["world=pair"])[0][0], seed=3, replication=1)
    found = 0
    for category, area in product(range(N_CATEGORIES), range(len(system.world.areas))):
        bodies = [p.body for p in system.sector.local_bodies(category, area)]
        local = [p.body for p in system.providers if p.body.reach == LOCAL]
        assert bodies == [body for body in local if category in body.categories and area in body.areas]
        found += len(bodies)
    assert found > 20


def test_bodies_drawn_together_are_those_drawn_one_at_a_time() -> None:
    scenario = load(["world=pair"])[0][0]
    world, parameters, luck = scenario.world, scenario.provider, Luck(3, 1)
    together = bodies_at_start(world, parameters, luck)
    labels = [body.code.rsplit("-", 1)[1] for body in together]
    one_by_one = [
        draw_bodies(world, [body.home_area], [label], parameters, luck)[0]
        for body, label in zip(together, labels, strict=True)
    ]
    assert together == one_by_one
    assert len(together) > 20
    assert draw_bodies(world, [], [], parameters, luck) == []


def test_people_drawn_a_few_at_a_time_are_the_same_people(fast: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(referrals, "_BLOCK", 97)
    assert_same(fast, run())


def test_who_cannot_be_supervised_still_on_day_0_is_left_out_without_a_trace(
    fast: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_out = []

    def everybody(stream: people.PeopleStream, person: Uint64Array, *more: object) -> NDArray[np.intp]:
        left_out.append(len(person) - len(may_stay(stream, person, *more)))
        return np.arange(len(person))

    may_stay = people.PeopleStream._may_stay
    monkeypatch.setattr(people.PeopleStream, "_may_stay", everybody)
    assert_same(fast, run())
    assert sum(left_out) > 10_000


def test_tables_filled_category_by_category_are_the_same(fast: RunResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_ONE_BY_ONE", N_CATEGORIES)
    assert_same(fast, run())


def test_bodies_that_close_their_month_one_by_one_end_the_same(
    fast: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_by_one(sector: Sector) -> None:
        living = [body for body in sector._system.providers if sector._all_alive[body.number]]
        for body, other_result_gbp in zip(living, sector._other_results.tolist(), strict=True):
            if body.alive:
                sector._system.ledger.transfer(WORLD, body.account, other_result_gbp, "other result")
                body.close_month()

    monkeypatch.setattr(Sector, "_close_months", one_by_one)
    slow = run()
    assert_same(fast, slow)
    assert slow.figures == fast.figures  # the number of transfers among them


def test_transfers_to_many_are_as_many_transfers() -> None:
    together, apart = Ledger(checked=True), Ledger(checked=True)
    names, sums = ["a", "b", "c", "d"], [1.005, -2.675, 0.004, 0.125]
    together.transfer(WORLD, "b", 3.0, "gift")
    together.keep_in_rows(names[:2])
    together.keep_in_rows(names[2:])
    together.transfer_each(WORLD, np.arange(4), np.array(sums), "gift")
    together.transfer("b", "c", 1.5, "gift")
    apart.transfer(WORLD, "b", 3.0, "gift")
    apart.keep_in_rows(["d", "a", "c", "b"])
    for name, gbp in zip(names, sums, strict=True):
        apart.transfer(WORLD, name, gbp, "gift")
    apart.transfer("b", "c", 1.5, "gift")
    assert together.digest() == apart.digest()
    assert together.transfers == apart.transfers
    assert together.close_month() == apart.close_month()
    balances = [apart.balance_gbp(name) for name in names]
    assert together.balances_gbp(np.arange(4)).tolist() == balances
    assert [together.balance_gbp(name) for name in names] == balances


@pytest.mark.parametrize("crowd", [0, 500])
def test_officers_decide_the_same_compiled_or_not(crowd: int) -> None:
    world, draw = small_world(), np.random.default_rng(11)
    n_areas, n = len(world.areas), 20_000
    places = n_areas * N_CATEGORIES
    plain, fast = (Officers(world, 60.0, kernel) for kernel in (None, compiled()))
    tallies = Tally(n_areas, 1.0, False), Tally(n_areas, 1.0, False)
    case_id = draw.integers(0, 2**63, n).astype(np.uint64)
    cell = draw.integers(0, 2 * places, n).astype(np.int32)
    day = np.sort(draw.uniform(0.0, 30.0, n))
    for number in range(90 + crowd):
        access: CardAccess = ("card", "free", "none")[number % 7 % 3]
        areas = np.sort(draw.choice(n_areas, draw.integers(1, n_areas + 1), replace=False))
        category = number % 13 if number < 90 else 0  # the crowd's: as no shipped setting brings about
        fate, crc = (TIER2, IN_HOUSE)[number % 4 == 0], number % 5 > 0
        desk = Desk(number, "desk", category, fate, number % 6, 1.0, areas, crc, access)
        desk.posted_wait_days = float(draw.uniform(0.0, 90.0))
        for officers in (plain, fast):
            officers.tables.add(desk)
    terms = [(draw.uniform(-0.3, 1.0, places), draw.uniform(1.0, 900.0, places)) for _ in range(4)]
    for officers in (plain, fast):
        for version, (chance, price) in enumerate(terms):
            officers.terms.renew(np.maximum(chance, 0.0), price, 8.0 * version)
        officers.alternative = np.linspace(0.0, 1.0, places)
        for division, gbp in enumerate((1e9, 2e5)):
            officers.purses.release(division, gbp)
    for times in range(2):  # the second time, a division has no money left
        slow, quick = (
            officers.decide(tally, case_id, cell, day, (1, 2, 3 + times))
            for officers, tally in zip((plain, fast), tallies, strict=True)
        )
        assert [column.tobytes() for column in quick] == [column.tobytes() for column in slow]
        assert fast.purses.left_gbp.tobytes() == plain.purses.left_gbp.tobytes()
        assert fast.purses.exhausted.tolist() == plain.purses.exhausted.tolist() == [False, True]
    months = [tally.close(0) for tally in tallies]
    assert months[0].nps_committed_gbp.tobytes() == months[1].nps_committed_gbp.tobytes()
    assert months[0].nps_purchases.sum() == months[1].nps_purchases.sum() > 500
    assert {-1 - UNMET, -1 - ALTERNATIVE} < set(slow[0].tolist())
