"""Every scenario meets the same worlds; luck and inputs are told apart; a verdict says in how many worlds it holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.analysis.ensemble import Ensemble
from sim.analysis.worlds import against_nothing, luck_and_inputs
from sim.settings.loading import load
from sim.settings.problems import SettingsError
from sim.settings.worlds import LINK, MEMBER, ParameterWorld, held, in_worlds, read_members, split_name
from tests.support.results import valued

SCENARIO = load(["world=pair"])[0][0]
POINT = ParameterWorld("w01", MEMBER, (("finance.bid_optimism_share", SCENARIO.finance.bid_optimism_share),))


def test_a_scenario_in_another_world_has_its_values_and_says_so_in_its_name() -> None:
    world = ParameterWorld("w02", MEMBER, (("finance.bid_optimism_share", 0.02),))
    [found] = in_worlds([SCENARIO], [POINT, world], point=POINT)
    assert split_name(found.name) == ("do_nothing", "w02")
    assert found.finance.bid_optimism_share == 0.02


def test_what_was_set_on_purpose_stays_as_set_in_every_world() -> None:
    own = load(["world=pair", "finance.bid_optimism_share=0.05"])[0][0]
    world = ParameterWorld("w02", MEMBER, (("finance.bid_optimism_share", 0.02), ("finance.pbr_bid_share", 0.06)))
    point = ParameterWorld("w01", MEMBER, (*POINT.values, ("finance.pbr_bid_share", SCENARIO.finance.pbr_bid_share)))
    [found] = in_worlds([own], [world], point=point)
    assert found.finance.bid_optimism_share == 0.05
    assert found.finance.pbr_bid_share == 0.06
    assert held(own, point) == ("finance.bid_optimism_share",)


def test_the_ends_of_a_link_are_worlds_too() -> None:
    ends = [ParameterWorld(f"link {v}", LINK, (("supply_chain.pressure_on_budget_share", v),)) for v in (0.3, 0.6)]
    found = in_worlds([SCENARIO], ends, point=None)
    assert [s.supply_chain.pressure_on_budget_share for s in found] == [0.3, 0.6]


def test_an_ensemble_file_gives_its_members_in_order(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text(
        "# made by hand\nworld,worst_implausibility,patterns_reproduced,"
        "finance.bid_optimism_share,world.C07.book_ratio\n"
        "w01,1.0,14,0.03,2.6\nw02,1.5,13,0.04,2.7\n"
    )
    members = read_members(path, SCENARIO)
    assert [m.id for m in members] == ["w01", "w02"]
    assert members[1].values == (("finance.bid_optimism_share", 0.04),), "a CRC outside this world is left out"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("world,finance.bid_optimism_share\nw01,lots\n", "line 2"),
        ("world,finance.bid_optimsm_share\nw01,0.1\n", "finance.bid_optimism_share"),
        ("world,finance.bid_optimism_share\nw01,0.1\nw01,0.2\n", "name of its own"),
        ("id,finance.bid_optimism_share\nw01,0.1\n", "column world"),
        ("world,finance.bid_optimism_share\nw01,nan\n", "finite"),
        ("", "must have a column world"),
    ],
)
def test_a_broken_ensemble_file_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_members(path, SCENARIO)


def test_luck_and_inputs_are_parted() -> None:
    random = np.random.default_rng(1)
    worlds = random.normal(0.0, 3.0, (400, 1))
    values = worlds + random.normal(0.0, 2.0, (400, 4))
    luck, inputs = luck_and_inputs(values)
    assert luck == pytest.approx(4.0, rel=0.1)
    assert inputs == pytest.approx(9.0, rel=0.15)
    luck, inputs = luck_and_inputs(random.normal(0.0, 2.0, (400, 4)))
    assert inputs < 0.2 * luck


def _ensembles(levels: list[float]) -> dict[str, Ensemble]:
    return {f"w{k:02d}": valued([level, level * 1.01]) for k, level in enumerate(levels, 1)}


def test_a_verdict_says_in_how_many_worlds_it_holds() -> None:
    base = _ensembles([10e6, 10e6, 10e6, 10e6])
    policy = _ensembles([12e6, 11e6, 10.1e6, 8e6])
    found = against_nothing(base, policy, "p", 0.05)
    assert found is not None
    assert found.counts == {"more": 2, "no different": 1, "less": 1}
    assert found.word == "undecided"
    assert found.change == pytest.approx((0.2, 0.1, 0.01, -0.2), abs=1e-6)


def test_one_world_or_none_in_common_gives_no_such_verdict() -> None:
    base = _ensembles([10e6])
    assert against_nothing(base, base, "p", 0.05) is None


def test_luck_that_all_worlds_share_does_not_spread_them() -> None:
    random = np.random.default_rng(3)
    shared = random.normal(0.0, 5.0, (1, 2))
    values = random.normal(0.0, 3.0, (400, 1)) + shared + random.normal(0.0, 1.0, (400, 2))
    _, inputs = luck_and_inputs(values)
    assert inputs == pytest.approx(9.0, rel=0.2)


def test_a_world_that_lost_a_replication_is_left_out_and_not_paired_with_another_ones() -> None:
    base, policy = _ensembles([10e6] * 4), _ensembles([12e6] * 4)
    policy["w03"] = Ensemble.of("x", policy["w03"].runs[1:])
    found = against_nothing(base, policy, "p", 0.05)
    assert found is not None
    assert found.worlds == ("w01", "w02", "w04")
    assert found.replications == 2


def test_worlds_are_moved_by_what_their_few_replications_differ_from_all_of_the_point_worlds() -> None:
    base, policy = _ensembles([10e6] * 3), _ensembles([12e6] * 3)
    base["w01"] = valued([10e6, 10.1e6, 10e6, 10e6])
    policy["w01"] = valued([12e6, 12.12e6, 11e6, 11e6])
    found = against_nothing(base, policy, "p", 0.05)
    assert found is not None
    assert found.change == pytest.approx((0.1501, 0.1501, 0.1501), abs=1e-3)


def test_an_ensemble_whose_best_world_is_not_the_settings_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ensemble").mkdir()
    (tmp_path / "ensemble" / "mine.csv").write_text("world,finance.bid_optimism_share\nw01,0.02\nw02,0.03\n")
    (tmp_path / "ensemble" / "mine.yaml").write_text(
        "members: mine.csv\nworlds: null\nreplications: 1\nlink_replications: 0\n"
    )
    with pytest.raises(SettingsError, match="first world of the ensemble"):
        load(["world=pair", "ensemble=mine"], config_dir=tmp_path)
