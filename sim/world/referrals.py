"""Who has which needs, and for which of them a specialist is called: the draws, a quarter's people at a time.

``sim.kernel.Kernel.referrals`` is the same compiled. This module must not know why people start supervision or end
it, or what becomes of a referral.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.categories import AGE_BANDS, CATEGORIES, CATEGORY_INDEX, N_CATEGORIES
from sim.parameters.demand import Demand
from sim.randomness import Luck, Uint64Array, as_uniforms, draws, draws_below, positions
from sim.world.needs import COMPLEXITY_BINS, ReferralBatch, case_of, category_of, need_table, together

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

YOUNG = AGE_BANDS.index("18_to_24")
_TRAIT_BITS = 8  # of complexity and age band
# People whose needs are drawn together: their columns stay in the processor's cache, and 16 bits count them.
_BLOCK = 16_384


class NeedTables(NamedTuple):
    """What the draws of needs are held against. ``..._below``: the whole draws below it are those that count.

    Attributes:
        keys: of the streams of each category, shape (categories,).
        person_keys: of the streams of sex, age, complexity and the day of assessment.
        person_below: a woman; of the first age band; of the first or the second.
        present_below: a need is there, shape (complexity, categories).
        called_below: it is there and calls for a specialist, the same shape; never above ``present_below``.
        called_chance: the chance of that, the same shape.
        only_women, only_young: the categories that only these can have.
        window_days: within which a need is identified.
        begin_day: what is identified before is left out.
    """

    keys: Uint64Array
    person_keys: Uint64Array
    person_below: IntArray
    present_below: IntArray
    called_below: IntArray
    called_chance: FloatArray
    only_women: int
    only_young: int
    window_days: float
    begin_day: float


def need_tables(demand: Demand, luck: Luck, begin_day: float) -> NeedTables:
    """The tables of one replication."""
    need = need_table(demand.need_share, demand.complexity_correlation)
    called = need * np.array(demand.specialist_share)[:, None]
    ages = demand.young_adult_share, demand.young_adult_share + demand.aged_25_to_39_share
    return NeedTables(
        np.array([luck.key("need", name) for name in CATEGORIES], np.uint64),
        np.array([luck.key(purpose) for purpose in ("sex", "age", "complexity", "assessment")], np.uint64),
        draws_below(np.array([demand.women_share, *ages])).astype(np.int64),
        np.ascontiguousarray(draws_below(need).T.astype(np.int64)),
        np.ascontiguousarray(draws_below(called).T.astype(np.int64)),
        np.ascontiguousarray(called.T),
        CATEGORY_INDEX["women"],
        CATEGORY_INDEX["young_adults"],
        demand.assessment_window_days,
        begin_day,
    )


def draw_referrals(
    tables: NeedTables,
    person: Uint64Array,
    place: NDArray[np.int32],
    start: FloatArray,
    end: FloatArray,
    row: IntArray,
    counts: IntArray,
) -> ReferralBatch:
    """The referrals of people, in any order; all their needs are added to ``counts``.

    Args:
        person: their ids, shape (people,); so of the others.
        place: the stratum of a man's need of category 0.
        start, end: days of supervision.
        row: of the counts, in which they start.
        counts: needs by (row, service, sex) and category.
    """
    blocks = (slice(first, first + _BLOCK) for first in range(0, max(len(person), 1), _BLOCK))
    return ReferralBatch.join(
        [_of_block(tables, person[b], place[b], start[b], end[b], row[b], counts) for b in blocks]
    )


def _of_block(
    tables: NeedTables,
    person: Uint64Array,
    place: NDArray[np.int32],
    start: FloatArray,
    end: FloatArray,
    row: IntArray,
    counts: IntArray,
) -> ReferralBatch:
    at = positions(person)
    sex_key, age_key, complexity_key, assessment_key = tables.person_keys.tolist()
    women_below, young_below, middle_below = tables.person_below.tolist()
    woman = draws(sex_key, at) < women_below
    drawn = draws(age_key, at)
    age = (drawn >= young_below).view(np.int8)
    age += drawn >= middle_below
    complexity = (as_uniforms(draws(complexity_key, at)) * COMPLEXITY_BINS).astype(np.int64)
    np.minimum(complexity, COMPLEXITY_BINS - 1, out=complexity)  # the highest uniform rounds to 1
    who, category, drawn = _called(tables, at, woman, age == YOUNG, complexity, row * 2 + ((place >> 1) & 1), counts)
    traits = (place.astype(np.int64) + woman) << _TRAIT_BITS | complexity << 2 | age
    person, start, ends, traits = together(who, person, start, end, traits)
    case_id = case_of(person, category)
    day = as_uniforms(draws(assessment_key, positions(case_id)))
    day *= tables.window_days
    day += start
    inside = np.flatnonzero((day < ends) & (day >= tables.begin_day))
    day, case_id, ends, traits, drawn = together(inside, day, case_id, ends, traits, drawn)
    category = category_of(case_id)
    stratum = traits >> _TRAIT_BITS
    stratum += category << 2
    chance = tables.called_chance.take(((traits >> 2) & (COMPLEXITY_BINS - 1)) * N_CATEGORIES + category)
    return ReferralBatch(
        day=day,
        case_id=case_id,
        stratum=stratum.astype(np.int32),
        age_band=(traits & 3).astype(np.int8),
        supervision_end_day=ends,
        u_detect=as_uniforms(drawn) / chance,
    )


def _called(
    tables: NeedTables,
    at: Uint64Array,
    woman: NDArray[np.bool_],
    young: NDArray[np.bool_],
    complexity: IntArray,
    group: IntArray,
    counts: IntArray,
) -> tuple[NDArray[np.intp], IntArray, Uint64Array]:
    """Person (an index), category and whole draw of each need that calls for a specialist; ``counts`` grow.

    People are put in order of kind (sex and age), group and complexity first. Then what their draws are held against
    repeats itself, a group's needs are counted in a slice, and in a slice lie those who alone can have a need.
    """
    first_group = int(group.min()) if len(group) else 0
    n_groups = int(group.max(initial=first_group)) - first_group + 1
    kind = 2 * woman + (woman ^ young)  # older men, young men, young women, older women
    cell = ((kind * n_groups + (group - first_group)) * COMPLEXITY_BINS + complexity).astype(np.uint16)
    order = np.argsort(cell, kind="stable")
    people = np.bincount(cell, minlength=4 * n_groups * COMPLEXITY_BINS)
    full = np.flatnonzero(people)
    repeats, bins = people[full], full % COMPLEXITY_BINS
    of_group = people.reshape(-1, COMPLEXITY_BINS).sum(axis=1)
    everybody, women, the_young = (_slices(of_group, n_groups, *kinds) for kinds in ((0, 4), (2, 4), (1, 3)))
    only = {tables.only_women: women, tables.only_young: the_young}
    at = at.take(order)
    parts, drawn = [], []
    found = np.zeros((4 * n_groups, N_CATEGORIES), np.int64)
    for k, key in enumerate(tables.keys.tolist()):
        some, groups, starts = only.get(k, everybody)
        x = draws(key, at[some]).view(np.int64)  # below 2^53: compared faster with a sign
        present = x < np.repeat(tables.present_below[:, k].take(bins), repeats)[some]
        found[groups, k] = np.add.reduceat(present.astype(np.uint16), starts, dtype=np.uint16)
        called = np.flatnonzero(x < np.repeat(tables.called_below[:, k].take(bins), repeats)[some])
        drawn.append(x.take(called))
        called += some.start
        parts.append(called)
    of_sex = found.reshape(2, 2, n_groups, N_CATEGORIES).sum(axis=1)
    counts.reshape(-1, 2, N_CATEGORIES)[first_group : first_group + n_groups] += of_sex.transpose(1, 0, 2)
    category = np.repeat(np.arange(N_CATEGORIES), [len(part) for part in parts])
    return order.take(np.concatenate(parts)), category, np.concatenate(drawn).view(np.uint64)


def _slices(of_group: IntArray, n_groups: int, first: int, last: int) -> tuple[slice, NDArray[np.intp], IntArray]:
    """Where people of some kinds lie: all; the groups of theirs with anybody in them; where each of these begins."""
    ends = of_group.cumsum()
    begins = ends - of_group
    groups = first * n_groups + np.flatnonzero(of_group[first * n_groups : last * n_groups])
    some = slice(int(begins[first * n_groups]), int(ends[last * n_groups - 1]))
    return some, groups, begins[groups] - some.start
