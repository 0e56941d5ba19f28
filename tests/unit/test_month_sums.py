"""Sums of a month or a year that are taken in few passes are those that one would add up one by one."""

from __future__ import annotations

import numpy as np
import pytest

from sim.categories import FATES, N_CATEGORIES
from sim.market.lot import cases_in
from sim.market.payments import Payments
from sim.market.tally import MonthTally, cases_by_fate
from sim.model import build
from sim.observe.needs import NeedsRecorder
from sim.observe.sheets import Sheets
from sim.settings import load
from sim.system import System
from sim.world.people import PeopleCounts

AREAS, MONTHS = 5, 15
PLACES = {
    "national": ("N",),
    "area": tuple("ABCDE"),
    "category": tuple(f"k{k}" for k in range(N_CATEGORIES)),
    "service": ("crc", "nps"),
    "sex": ("men", "women"),
}
AXIS = {"area": 0, "category": 1, "service": 2, "sex": 3}


def month_of(rng: np.random.Generator) -> MonthTally:
    shape = (AREAS, N_CATEGORIES, 2, 2)
    n = int(rng.integers(0, 40))
    return MonthTally(
        identified=rng.integers(0, 9, shape),
        fates=rng.integers(0, 3, (*shape, len(FATES))),
        wait_days=rng.exponential(30.0, n),
        wait_service=rng.integers(0, 2, n).astype(np.int8),
        nps_purchases=np.zeros(shape[:2], np.int64),
        nps_committed_gbp=np.zeros(shape[:2]),
        nps_started=np.zeros(shape[:2], np.int64),
        nps_started_gbp=np.zeros(shape[:2]),
        nps_trials=np.zeros(AREAS, np.int64),
        nps_successes=np.zeros(AREAS, np.int64),
        open_at_desks=int(rng.integers(0, 100)),
    )


def test_needs_by_place_and_person_are_the_sums_over_all_else() -> None:
    rng = np.random.default_rng(3)
    sheets = Sheets(PLACES, MONTHS)
    recorder, months = NeedsRecorder(sheets, AREAS), [month_of(rng) for _ in range(MONTHS)]
    people = PeopleCounts(
        rng.integers(0, 9, 2), rng.integers(0, 9, (2, N_CATEGORIES, 2)), rng.integers(0, 9, (AREAS, 2))
    )
    for month, tally in enumerate(months):
        sheets.open_month(month)
        recorder.record(tally, cases_by_fate(tally), people)
        sheets.close_month()
    panels = sheets.panels()
    for month, tally in enumerate(months):
        year = sum(t.fates for t in months[max(0, month - 11) : month + 1])
        for level, axis in AXIS.items():
            values = panels[level].values
            others = tuple({0, 1, 2, 3} - {axis})
            assert values["needs_identified"][month].tolist() == tally.identified.sum(axis=others).tolist()
            for index, fate in enumerate(FATES):
                counts = tally.fates[..., index]
                assert values[f"needs_{fate}"][month].tolist() == counts.sum(axis=others).tolist()
                assert panels["national"].values[f"needs_{fate}"][month, 0] == counts.sum()
            of_place = np.asarray(year).sum(axis=others)
            met = of_place[:, :4].sum(axis=1) / of_place.sum(axis=1)
            assert values["needs_met_share"][month].tolist() == met.tolist()
        heads = panels["sex"].values["needs_present"][month]
        assert heads.tolist() == people.needs_present.sum(axis=(0, 1)).tolist()


def test_concentration_adds_in_the_order_in_which_bodies_were_paid() -> None:
    rng = np.random.default_rng(8)
    payments, year = Payments(load(["world=one_area"])[0][0].world), []
    assert payments.concentration() == 0.0
    for _ in range(30):
        paid = {f"B{i:02d}": float(rng.exponential(1e4)) for i in rng.permutation(60)[: rng.integers(0, 40)]}
        payments.by_body = paid
        payments.close_month()
        payments.start_month()
        year = [*year[-11:], paid]
        total: dict[str, float] = {}
        for month in year:
            for code, gbp in month.items():
                total[code] = total.get(code, 0.0) + gbp
        whole = sum(total.values())
        assert payments.concentration() == (sum((gbp / whole) ** 2 for gbp in total.values()) if whole else 0.0)


@pytest.fixture(scope="module")
def division() -> System:
    return build(load(["world=division"])[0][0], seed=3, replication=1)


def test_links_are_pairs_of_a_body_and_an_area(division: System) -> None:
    pairs = {(c.provider.body.code, a) for book in division.books for c in book.contracts for a in c.areas}
    links = [sum(area == a for _, area in pairs) for a in range(len(division.world.areas))]
    assert division.links_by_area().tolist() == links
    assert sum(links) > 20


def test_cases_bought_are_those_of_all_books(division: System) -> None:
    for category in range(N_CATEGORIES):
        for areas in ((0,), (0, 1, 2), tuple(range(len(division.world.areas)))):
            by_book = sum(cases_in(book.contracts, category, areas) for book in division.books)
            assert division.cases_bought(category, areas) == by_book
