"""Parameters are moved within their plausible ranges only, and a scenario moved is a scenario typed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.parameters.register import rows
from sim.settings.loading import load_all
from sim.settings.problems import SettingsError
from sim.settings.vary import parameter_names, value_of, varied
from sim.uncertainty.space import rounded, space_of

LOADED = load_all(["world=pair"])
SCENARIO = LOADED.scenarios[0]
REGISTER = rows(SCENARIO, LOADED.run.figures)


def test_a_value_set_by_varying_equals_the_value_typed() -> None:
    typed = load_all(["world=pair", "finance.bid_optimism_share=0.03", "provider.contracts_most_national=3"])
    moved = varied(SCENARIO, {"finance.bid_optimism_share": 0.03, "provider.contracts_most_national": 3.2})
    assert moved == typed.scenarios[0]


def test_a_figure_of_one_crc_can_be_varied_and_leaves_the_others_alone() -> None:
    first, second = SCENARIO.world.crcs
    moved = varied(SCENARIO, {f"world.{first.code}.book_ratio": 1.5})
    assert moved.world.crcs[0].book_ratio == 1.5
    assert moved.world.crcs[1] == second


def test_every_parameter_offered_has_a_value_and_can_be_set_to_it() -> None:
    for name in parameter_names(SCENARIO):
        value = value_of(name, SCENARIO)
        assert math.isnan(value) or varied(SCENARIO, {name: value}) == SCENARIO, name


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"finance.bid_optimsm_share": 0.1}, "finance.bid_optimism_share"),
        ({"finance.bid_optimism_share": 7.0}, "between"),
        ({"supply_chain.term_months_low": 100}, "term_months_high"),
        ({"world.C99.book_ratio": 1.0}, "world.C99.book_ratio"),
    ],
)
def test_a_value_that_could_not_be_typed_cannot_be_set_by_varying(values: dict[str, float], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        varied(SCENARIO, values)


def test_a_space_takes_the_registers_plausible_ranges() -> None:
    space = space_of({"finance.bid_optimism_share": None}, REGISTER, SCENARIO)
    row = next(row for row in REGISTER if row.name == "finance.bid_optimism_share")
    assert (space.axes[0].low, space.axes[0].high) == (row.plausible_low, row.plausible_high)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([0.05, 0.02], "empty"),
        ([0.02, 0.02], "empty"),
        ([0.0, 0.5], "plausible"),
        ([0.02], "two numbers"),
        ("x", "two"),
    ],
)
def test_a_range_that_is_empty_turned_round_or_too_wide_is_refused_by_name(ends: list[float], words: str) -> None:
    with pytest.raises(SettingsError, match=r"finance\.bid_optimism_share") as error:
        space_of({"finance.bid_optimism_share": ends}, REGISTER, SCENARIO)
    assert words in str(error.value)


def test_all_problems_of_a_space_are_told_at_once() -> None:
    wanted = {"finance.nothing": None, "finance.bid_optimism_share": [0.05, 0.02], "demand.people_scale": None}
    with pytest.raises(SettingsError) as error:
        space_of(wanted, REGISTER, SCENARIO)
    assert len(error.value.problems) == 3


def test_points_fill_the_box_and_whole_numbers_are_whole_and_equally_likely() -> None:
    wanted = {"finance.bid_optimism_share": None, "provider.contracts_most_national": None}
    space = space_of(wanted, REGISTER, SCENARIO)
    points = space.sobol(256, seed=1)
    assert ((points >= space.low - 1e-12) & (points <= space.high + 1e-12)).all()
    counts = np.unique(points[:, 1], return_counts=True)
    assert (counts[0] == np.arange(space.low[1], space.high[1] + 1)).all()
    assert counts[1].min() > 0.8 * 256 / len(counts[0])
    assert np.array_equal(points, space.sobol(256, seed=1))


def test_a_point_is_written_in_four_digits_so_that_what_is_read_back_is_what_was_run() -> None:
    points = np.array([[0.123456, 341_234.0, 2.0]])
    assert rounded(points).tolist() == [[0.1235, 341_200.0, 2.0]]
