"""A factorial gives back the effects that were put in, tells full from fractional, and names what it confuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.factorial import Factorial, analyse, effects_table, find_design
from sim.analysis.grid import boundary, find_grid
from sim.analysis.outcomes import OUTCOMES
from sim.scenario import Scenario
from tests.support import sweeps, synthetic
from tests.support.results import bare_run

A, B, C = "stewardship", "joint_commissioning", "needs_data"
D = "contract_accountability"
HEADLINE = OUTCOMES[0]


def measured(scenarios: Sequence[Scenario], value: Callable[[set[str], int], float], n: int = 5) -> dict[str, Ensemble]:
    """Replications whose headline at the end is a known function of the levers that are on and of luck."""
    return {
        s.name: Ensemble.of(
            s.name,
            [
                bare_run(r, {"chain_value_gbp_per_year": np.full(84, value(set(s.name.split("+")), r))}, name=s.name)
                for r in range(1, n + 1)
            ],
        )
        for s in scenarios
    }


def found(scenarios: Sequence[Scenario], value: Callable[[set[str], int], float], n: int = 5) -> Factorial:
    design = find_design(scenarios)
    assert design is not None
    factorial = analyse(design, measured(scenarios, value, n), HEADLINE)
    assert factorial is not None
    return factorial


def known(on: set[str], luck: int) -> float:
    """A brings 10, B 4, both 6 more than their sum; luck moves A's effect a little and every level a lot."""
    a, b = A in on, B in on
    return 100.0 * luck + a * (10 + 0.1 * (luck - 3)) + 4 * b + 6 * (a and b)


def test_known_effects_are_recovered_and_luck_that_is_shared_drops_out() -> None:
    factorial = found(sweeps.on_and_off([A, B, C]), known)
    size = {e.levers: e.size for e in factorial.effects}
    assert size[A,].mean == pytest.approx(10 + 6 / 2)
    assert size[B,].mean == pytest.approx(4 + 6 / 2)
    assert size[C,].mean == pytest.approx(0, abs=1e-9)
    assert size[A, B].mean == pytest.approx(6)
    assert size[A, C].mean == pytest.approx(0, abs=1e-9)
    assert size[A,].half_width < 0.3
    assert factorial.design.words == "all 8 combinations of 3 levers"


def test_the_corners_of_a_pair_say_what_adding_up_would_give() -> None:
    corners = found(sweeps.on_and_off([A, B, C]), known).corners(A, B)
    assert corners[False, False].mean == 0
    assert corners[True, False].mean == pytest.approx(10)
    assert corners[False, True].mean == pytest.approx(4)
    assert corners[True, True].mean == pytest.approx(10 + 4 + 6)


def test_the_interval_is_of_effects_within_replications() -> None:
    factorial = found(sweeps.on_and_off([A, B]), known)
    effect = next(e for e in factorial.effects if e.levers == (A,))
    assert effect.values == pytest.approx([13 + 0.1 * (r - 3) for r in range(1, 6)])
    assert effect.size.n == 5


def test_holm_counts_single_levers_and_pairs_apart() -> None:
    rng = np.random.default_rng(1)
    noise = {
        ("+".join(sorted(s.name.split("+"))), r): rng.normal()
        for s in sweeps.on_and_off([A, B, C])
        for r in range(1, 6)
    }
    factorial = found(sweeps.on_and_off([A, B, C]), lambda on, r: noise["+".join(sorted(on)), r])
    for pair in (False, True):
        family = sorted((e for e in factorial.effects if e.pair is pair), key=lambda e: e.p)
        assert len(family) == 3
        assert family[0].p_holm == pytest.approx(min(1.0, 3 * family[0].p))


def test_half_a_factorial_is_found_and_says_what_it_confuses() -> None:
    half = sweeps.on_and_off([A, B, C, D], keep=lambda on: sum(on) % 2 == 0)
    design = find_design(half)
    assert design is not None
    assert design.share == 0.5
    assert design.confused_with((A,)) == ((1.0, (B, C, D)),)
    assert ((1.0, (C, D))) in design.confused_with((A, B))
    factorial = found(half, known)
    by_levers = {e.levers: e for e in factorial.effects}
    assert by_levers[A,].size.mean == pytest.approx(13)
    assert by_levers[A, B].blurred == ((C, D),)
    assert by_levers[A,].blurred == ()
    table = effects_table([factorial])
    assert table.confused_with[0] == "joint_commissioning x needs_data x contract_accountability"
    assert table.design[0] == "8 of the 16 combinations of 4 levers"


def test_a_pair_that_is_a_single_lever_in_disguise_has_no_row_of_its_own() -> None:
    quarter = sweeps.on_and_off([A, B, C], keep=lambda on: sum(on) % 2 == 0)
    factorial = found(quarter, known)
    assert [e.levers for e in factorial.effects] == [(A,), (B,), (C,)]
    assert factorial.effects[0].blurred == ((B, C),)


@pytest.mark.parametrize(
    "keep",
    [lambda on: sum(on) <= 1, lambda on: on != (True, True, True), lambda on: sum(on) != 1],
    ids=["one at a time", "one missing", "unbalanced"],
)
def test_what_is_no_factorial_is_not_taken_for_one(keep: Callable[[tuple[bool, ...]], bool]) -> None:
    assert find_design(sweeps.on_and_off([A, B, C], keep)) is None


def test_scenarios_that_differ_otherwise_are_no_factorial() -> None:
    scenarios = sweeps.on_and_off([A, B])
    other = replace(scenarios[3], finance=replace(scenarios[3].finance, rescue_gbp=0.0))
    assert find_design([*scenarios[:3], other]) is None
    later = replace(sweeps.shipped_levers()[A], end=synthetic.HORIZON.end)
    assert scenarios[3].policy is not None
    resized = replace(scenarios[3], policy=replace(scenarios[3].policy, levers=(later, sweeps.shipped_levers()[B])))
    assert find_design([*scenarios[:3], resized]) is None
    assert find_design(scenarios) is not None


def test_a_lever_switched_off_counts_as_absent() -> None:
    scenarios = sweeps.on_and_off([A, B])
    policy = scenarios[1].policy
    assert policy is not None
    idle = replace(sweeps.shipped_levers()[A], active=False)
    same = replace(scenarios[1], policy=replace(policy, levers=(*policy.levers, idle)))
    assert find_design([scenarios[0], same, *scenarios[2:]]) is not None


def test_a_missing_scenario_or_no_shared_luck_gives_no_effects() -> None:
    scenarios = sweeps.on_and_off([A, B])
    design = find_design(scenarios)
    assert design is not None
    ensembles = measured(scenarios, known)
    assert analyse(design, {k: v for k, v in ensembles.items() if k != A}, HEADLINE) is None
    lonely = Ensemble.of(A, [bare_run(99, {"chain_value_gbp_per_year": np.ones(84)}, name=A)])
    assert analyse(design, {**ensembles, A: lonely}, HEADLINE) is None


def test_a_grid_is_exactly_two_numbers_in_all_combinations() -> None:
    scenarios = sweeps.grid()
    found_grid = find_grid(scenarios)
    assert found_grid is not None
    assert found_grid.across.name == "finance.pressure_scale"
    assert found_grid.up.name == "rate_card.markup_share"
    assert found_grid.cells[2, 1] == "pressure_scale=2,markup_share=0.3"
    assert find_grid(scenarios[:-1]) is None
    assert find_grid(sweeps.grid(up=(0.1,))) is None
    first = replace(scenarios[0], finance=replace(scenarios[0].finance, rescue_gbp=0.0))
    assert find_grid([first, *scenarios[1:]]) is None
    assert find_grid(sweeps.on_and_off([A, B])) is None


def test_the_boundary_runs_where_growth_turns() -> None:
    found_grid = find_grid(sweeps.grid(across=(0.0, 1.0), up=(0.0, 0.3)))
    assert found_grid is not None
    cells = found_grid.cells
    change = {cells[0, 0]: 0.2, cells[1, 0]: -0.1, cells[0, 1]: 0.1, cells[1, 1]: 0.05}
    edges = boundary(found_grid, change)
    assert sorted(edges) == [((1.0, 0.0), (1.0, 1.0)), ((1.0, 1.0), (2.0, 1.0))]
    assert boundary(found_grid, dict.fromkeys(cells.values(), -0.1)) == []
