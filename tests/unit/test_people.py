"""The people of a run: as many as asked for, at random times, with the needs asked for, the same in every world."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy import stats

from sim.calendar import DAYS_PER_MONTH, DAYS_PER_YEAR, Calendar
from sim.categories import CATEGORIES, CRC_SERVICE, N_CATEGORIES, NPS_SERVICE
from sim.parameters.demand import Demand
from sim.randomness import Luck, uniforms
from sim.world.needs import COMPLEXITY_BINS, ReferralBatch, need_table
from sim.world.people import PeopleStream
from sim.world.places import World
from tests.support.kernel import compiled
from tests.support.small_world import DEMAND, SPECIALIST_SHARE, calendar, demand, one_area, only, world

SMALL = 1e-4  # chance of a false alarm of a statistical test; the seeds are fixed


def stream(volumes: Demand = DEMAND, places: World | None = None, months: int = 12, seed: int = 1) -> PeopleStream:
    return PeopleStream(places or world(), volumes, calendar(months), Luck(seed, 0))


def everyone(people: PeopleStream, months: int = 12) -> ReferralBatch:
    return people.take(float(calendar(months).n_days))


def columns(batch: ReferralBatch) -> dict[str, list[object]]:
    return {name: getattr(batch, name).tolist() for name in ReferralBatch.__dataclass_fields__}


# --- who starts, and when ---------------------------------------------------------------------------------------


def test_starts_come_at_the_rate_of_the_place_and_grow_as_asked() -> None:
    volumes = demand(heads_growth_share=0.5, heads_growth_years=1.0)
    people, months = stream(volumes, one_area(60_000.0), 36), calendar(36)
    counts = [people.month_counts(m).starts for m in range(36)]
    for month, edges in enumerate(zip(months.month_edges[:-1], months.month_edges[1:], strict=True)):
        middle = sum(edges) / 2.0 / DAYS_PER_YEAR
        heads = 1.0 + 0.5 * min(middle, 1.0)
        expected = 60_000 * 0.7 * heads * (edges[1] - edges[0]) / DAYS_PER_YEAR
        assert counts[month][CRC_SERVICE] == pytest.approx(expected, abs=4.5 * expected**0.5)
        assert counts[month][NPS_SERVICE] == pytest.approx(0.36 * expected, abs=4.5 * (0.36 * expected) ** 0.5)


def test_starts_are_a_poisson_process() -> None:
    volumes = demand(heads_growth_share=0.0, assessment_window_days=0.0, **only("employment"))
    batch = everyone(stream(volumes, months=24), 24)
    one = batch.day[(batch.area == 0) & (batch.service == CRC_SERVICE)]
    gaps = np.diff(one) * 1500 * 0.7 / DAYS_PER_YEAR  # area 0 holds half of 3,000 people
    assert len(gaps) > 2000
    assert stats.kstest(gaps, "expon").pvalue > SMALL
    low, high = stats.norm.interval(1 - SMALL, 0.0, len(gaps) ** -0.5)
    assert low < np.corrcoef(gaps[:-1], gaps[1:])[0, 1] < high  # no memory
    weekly = np.bincount(((batch.day - batch.day[0]) // 7).astype(int))[:-1]
    dispersion = weekly.var(ddof=1) / weekly.mean() * (len(weekly) - 1)
    assert SMALL < stats.chi2.cdf(dispersion, len(weekly) - 1) < 1 - SMALL


def test_the_start_of_a_person_is_the_sum_of_the_gaps_up_to_theirs() -> None:
    volumes = demand(heads_growth_share=0.0, assessment_window_days=0.0, **only("employment"))
    batch = everyone(stream(volumes))
    mine = (batch.area == 0) & (batch.service == CRC_SERVICE)
    index = (batch.person_id[mine] & np.uint64(0xFFFFFFFF)).astype(int)
    everybody = (batch.person_id[mine][0] >> np.uint64(32) << np.uint64(32)) + np.arange(20_000, dtype=np.uint64)
    sums = np.cumsum(-np.log(uniforms(Luck(1, 0).key("start"), everybody)))
    first_day = (date(2009, 2, 1) - date(2015, 2, 1)).days  # the stock reaches six years back
    days = first_day + sums / (1500 * 0.7 / DAYS_PER_YEAR)
    assert np.all(np.diff(index) == 1)
    np.testing.assert_allclose(batch.day[mine], days[index], rtol=0, atol=1e-7)


def test_areas_and_services_start_people_independently() -> None:
    people = stream(months=60)
    starts = np.array([people.month_counts(m).starts for m in range(60)])
    days = np.diff(calendar(60).month_edges)
    rate = starts / days[:, None]
    detrended = rate[12:] - rate[12:].mean(axis=0)
    assert abs(np.corrcoef(detrended.T)[0, 1]) < 4.0 / len(detrended) ** 0.5


def test_the_stock_under_supervision_on_day_0_is_starts_times_length() -> None:
    people = stream(demand(warm_up_days=0), one_area(50_000.0))
    counts = people.month_counts(0)
    for service, months, starts in ((CRC_SERVICE, 15, 50_000 * 0.7), (NPS_SERVICE, 24, 50_000 * 0.7 * 0.36)):
        expected = starts * months / 12.0
        # A little below for whoever is supervised longer than the stock reaches back, above for a month's growth.
        assert counts.caseload_people[0, service] == pytest.approx(expected, rel=0.02)


def test_the_caseload_moves_by_those_who_start_and_those_who_end() -> None:
    volumes = demand(assessment_window_days=0.0, **only("employment"))
    people = stream(volumes, months=24)
    batch = everyone(people, 24)  # everybody is referred on the day of the start
    edges = calendar(24).month_edges
    for month in (3, 12, 23):
        change = people.month_counts(month).caseload_people - people.month_counts(month - 1).caseload_people
        starts = (batch.day >= edges[month]) & (batch.day < edges[month + 1])
        assert people.month_counts(month).starts.sum() == starts.sum()
        # Those who ended but started before the referrals begin are not seen here: an inequality is left.
        ends = (batch.supervision_end_day >= edges[month]) & (batch.supervision_end_day < edges[month + 1])
        assert change.sum() <= starts.sum() - ends.sum()
    assert change.sum() == pytest.approx(starts.sum() - ends.sum(), abs=0.1 * starts.sum())


def test_supervision_has_the_mean_length_asked_for() -> None:
    volumes = demand(assessment_window_days=0.0, heads_growth_share=0.0, **only("employment"))
    batch = everyone(stream(volumes, one_area(20_000.0)))
    length = (batch.supervision_end_day - batch.day) / DAYS_PER_MONTH
    for service, mean in ((CRC_SERVICE, 15.0), (NPS_SERVICE, 24.0)):
        some = length[batch.service == service]
        assert some.mean() == pytest.approx(mean, abs=4 * some.std() / len(some) ** 0.5)
        assert np.log(some).std() == pytest.approx(0.5, rel=0.03)


# --- with which needs -------------------------------------------------------------------------------------------


def test_the_share_with_each_need_is_kept_exactly_whatever_the_correlation() -> None:
    shares = (0.0, 1.0, 0.001, 0.03, 0.39, 0.5, 0.72, 0.999)
    for correlation in (0.0, 0.5, 0.95):
        table = need_table(shares, correlation)
        assert table.shape == (len(shares), COMPLEXITY_BINS)
        assert table.mean(axis=1) == pytest.approx(shares, abs=1e-12)
        assert np.all((table >= 0.0) & (table <= 1.0))
        assert np.all(np.diff(table, axis=1) >= 0.0)  # a more complex person has every need more often
    assert np.ptp(need_table((0.4,), 0.0)) < 1e-9


def test_people_have_the_needs_asked_for() -> None:
    people = stream(places=one_area(60_000.0))
    counts = [people.month_counts(m) for m in range(12)]
    present = np.sum([c.needs_present for c in counts], axis=0).sum(axis=0)
    n = sum(int(c.starts.sum()) for c in counts)
    for k, name in enumerate(CATEGORIES):
        # Women's and young adults' needs are shares of women and of those under 25.
        share = DEMAND.need_share[k] * {"women": 0.1, "young_adults": 0.25}.get(name, 1.0)
        assert present[k].sum() / n == pytest.approx(share, abs=4 * (share * (1 - share) / n) ** 0.5), name
        if name != "women":
            assert present[k, 1] / present[k].sum() == pytest.approx(0.1, abs=4 * 0.3 / present[k].sum() ** 0.5)


def test_services_for_women_and_young_adults_are_needed_by_nobody_else() -> None:
    batch = everyone(stream())
    women, young = CATEGORIES.index("women"), CATEGORIES.index("young_adults")
    assert set(batch.sex[batch.category == women]) == {1}
    assert set(batch.age_band[batch.category == young]) == {0}
    assert set(batch.sex) == {0, 1}
    assert set(batch.age_band) == {0, 1, 2}


def test_needs_cluster_in_the_same_people() -> None:
    everything = {"specialist_share": (1.0,) * N_CATEGORIES}
    spread = []
    for correlation in (0.0, 0.5):
        batch = everyone(stream(demand(complexity_correlation=correlation, **everything)))
        _, needs = np.unique(batch.person_id, return_counts=True)
        spread.append(needs.std())
    assert spread[1] > 1.4 * spread[0]


def test_the_share_of_needs_referred_and_detected_is_the_one_asked_for() -> None:
    people = stream(places=one_area(60_000.0), months=24)
    batch = everyone(people, 24)
    present = np.sum([people.month_counts(m).needs_present for m in range(24)], axis=0).sum(axis=(0, 2))
    referred = np.bincount(batch.category[batch.day >= 0.0], minlength=N_CATEGORIES)
    for k in range(N_CATEGORIES):
        # Assessed up to 30 days later, and a few are over by then.
        share = referred[k] / present[k]
        assert share == pytest.approx(SPECIALIST_SHARE[k], rel=0.02, abs=4 * (0.25 / present[k]) ** 0.5)
    assert stats.kstest(batch.u_detect, "uniform").pvalue > SMALL


def test_a_need_is_identified_within_the_assessment_window_and_during_supervision() -> None:
    volumes = demand(assessment_window_days=45.0, supervision_months_crc=1.0)
    late, prompt = everyone(stream(volumes)), everyone(stream(replace(volumes, assessment_window_days=0.0)))
    assert np.all(late.day < late.supervision_end_day)
    start_of = dict(zip(prompt.case_id.tolist(), prompt.day.tolist(), strict=True))
    delays = [
        day - start_of[case] for case, day in zip(late.case_id.tolist(), late.day, strict=True) if case in start_of
    ]
    assert len(delays) > 0.9 * len(late)
    assert min(delays) > 0.0
    assert 44.0 < max(delays) < 45.0


# --- the same people everywhere ---------------------------------------------------------------------------------


def test_referrals_are_the_same_however_the_days_are_asked_for() -> None:
    whole = everyone(stream())
    people, parts = stream(), []
    stops = [-300.0, -240.0, -239.5, -100.0, 0.0, 0.0, 1.25, 28.0, 59.0, 180.0, 181.0, 364.9, 365.0]
    for until in stops:
        part = people.take(until)
        assert np.all(part.day < until)
        parts.append(part)
    assert columns(ReferralBatch.join(parts)) == columns(whole)
    order = np.lexsort((whole.category, whole.person_id, whole.day))
    assert np.array_equal(order, np.arange(len(whole)))
    assert whole.day[0] >= -240.0


def test_ties_in_time_are_settled_by_person_and_category() -> None:
    batch = everyone(stream(demand(assessment_window_days=0.0)))
    tied = np.flatnonzero(np.diff(batch.day) == 0.0)
    assert len(tied) > 100
    assert np.all(batch.person_id[tied] == batch.person_id[tied + 1])
    assert np.all(batch.category[tied] < batch.category[tied + 1])


def test_a_place_has_the_same_people_in_any_world_and_over_any_horizon() -> None:
    big = world()
    crc = big.crcs[1]
    alone = World("south", (crc,), 4.5e8, 7400.0)
    in_big = everyone(stream(places=big))
    in_big = in_big.pick(np.flatnonzero(in_big.area >= 3))
    in_small = everyone(stream(places=alone, months=30))  # a longer horizon as well
    assert in_small.case_id.tolist() == in_big.case_id.tolist()
    assert in_small.day.tolist() == in_big.day.tolist()
    assert in_small.u_detect.tolist() == in_big.u_detect.tolist()


def test_a_higher_need_adds_people_and_changes_nobody() -> None:
    few = everyone(stream())
    more = everyone(stream(demand(specialist_share=tuple(min(1.0, 1.5 * s) for s in SPECIALIST_SHARE))))
    few_of = dict(zip(few.case_id.tolist(), few.day.tolist(), strict=True))
    more_of = dict(zip(more.case_id.tolist(), more.day.tolist(), strict=True))
    assert few_of.items() < more_of.items()


def test_another_replication_has_other_people() -> None:
    one, other = everyone(stream(seed=1)), everyone(stream(seed=2))
    assert not set(one.day.tolist()) & set(other.day.tolist())


def test_no_two_cases_share_a_name() -> None:
    batch = everyone(stream(demand(specialist_share=(1.0,) * N_CATEGORIES)))
    assert len(set(batch.case_id.tolist())) == len(batch)


@pytest.mark.parametrize(
    "volumes",
    [
        DEMAND,
        demand(assessment_window_days=0.0),  # ties in time
        demand(people_scale=0.0),
        demand(specialist_share=(1.0,) * N_CATEGORIES, women_share=0.5, young_adult_share=1.0),
    ],
)
def test_the_compiled_kernel_draws_the_same_people(volumes: Demand) -> None:
    plain, fast = (PeopleStream(world(), volumes, calendar(12), Luck(1, 0), kernel) for kernel in (None, compiled()))
    for month, edge in enumerate(calendar(12).month_edges[1:]):
        one, other = plain.take(edge - 3.5), fast.take(edge - 3.5)
        assert columns(one) == columns(other)
        assert [c.dtype for c in one.columns] == [c.dtype for c in other.columns]
        counts, others = plain.month_counts(month), fast.month_counts(month)
        assert np.array_equal(counts.starts, others.starts)
        assert np.array_equal(counts.needs_present, others.needs_present)
        assert np.array_equal(counts.caseload_people, others.caseload_people)


def test_referrals_too_close_in_time_to_tell_apart_at_a_glance_are_put_in_order() -> None:
    days = np.array([3.0, 1e6, 2.0, np.nextafter(2.0, 3.0), 2.0, -1e6, np.nextafter(2.0, 1.0)])
    cases = np.array([5, 1, 7, 3, 7 | 1 << 28, 2, 9], np.uint64)
    zeros = np.zeros(len(days))
    stratum = ((cases >> np.uint64(28)).astype(np.int32) << 2).astype(np.int32)
    batch = ReferralBatch(days, cases, stratum, zeros.astype(np.int8), zeros, zeros)
    for kernel in (None, compiled()):
        ordered = batch.in_order(kernel)
        assert ordered.case_id.tolist() == [2, 9, 7, 7 | 1 << 28, 3, 5, 1]
        assert ordered.day.tolist() == sorted(days.tolist())


# --- extremes ---------------------------------------------------------------------------------------------------


def test_nobody_at_all_is_a_world_too() -> None:
    people = stream(demand(people_scale=0.0))
    assert len(everyone(people)) == 0
    counts = people.month_counts(11)
    assert counts.starts.sum() == counts.needs_present.sum() == counts.caseload_people.sum() == 0


def test_people_without_needs_are_counted_but_never_referred() -> None:
    people = stream(demand(need_share=(0.0,) * N_CATEGORIES))
    assert len(everyone(people)) == 0
    assert people.month_counts(5).starts.sum() > 100


def test_a_run_of_one_day_in_the_middle_of_a_month_has_people() -> None:
    days = Calendar.between(date(2016, 2, 29), date(2016, 2, 29))
    people = PeopleStream(world(100_000.0), demand(warm_up_days=0), days, Luck(1, 0))
    batch = people.take(1.0)
    assert len(batch) > 50
    assert np.all((batch.day >= 0.0) & (batch.day < 1.0))
    assert people.month_counts(0).starts.sum() == pytest.approx(170_000 * 0.7 * 1.36 / DAYS_PER_YEAR, rel=0.2)


def test_asking_beyond_the_end_is_refused() -> None:
    people = stream(months=3)
    with pytest.raises(ValueError, match="people are drawn to day 89, got a call for day 200"):
        people.take(200.0)


def test_memory_does_not_grow_with_the_horizon() -> None:
    peaks = []
    for months in (24, 72):
        tracemalloc.start()
        people = stream(places=one_area(20_000.0), months=months)
        for edge in calendar(months).month_edges:
            people.take(float(edge))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]  # heads grow by a fifth meanwhile; three times the people pass through
