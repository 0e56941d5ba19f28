"""Ready experiments: a file declares its sweep, which expands as if typed and gives way to what is typed."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from sim.cli import main
from sim.policy import LEVERS
from sim.settings import load, load_all
from sim.settings.names import scenario_names
from sim.settings.problems import SettingsError
from sim.settings.sources import Sources, shipped_configs

INSPECTORATE = (
    "stewardship",
    "joint_commissioning",
    "rate_card_reform",
    "needs_data",
    "contract_accountability",
    "proportionate_contracts",
)


def own(tmp_path: Path, text: str, name: str = "mine") -> Path:
    """A user's folder with one experiment in it."""
    folder = tmp_path / "own" / "experiment"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(f"# @package _global_\n{text}\n")
    return tmp_path / "own"


STUDIES = ("calibrate", "sensitivity")
SWEEPS = [name for name in Sources(shipped_configs()).options("experiment") if name not in STUDIES]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_is_no_sweep_and_says_how_it_is_run(name: str) -> None:
    with pytest.raises(SettingsError, match=f"python -m sim \\+experiment={name}"):
        load([f"+experiment={name}"])


@pytest.mark.parametrize("name", SWEEPS)
@pytest.mark.parametrize("sweep", [True, False])
def test_every_ready_experiment_loads_with_and_without_m(name: str, sweep: bool) -> None:
    scenarios, run = load([f"+experiment={name}", "world=pair"], sweep=sweep)
    assert run.name == name
    assert len(scenarios) > 1
    assert len({scenario.name for scenario in scenarios}) == len(scenarios)


def test_recommendations_holds_each_of_the_inspectorates_list_and_the_two_beside_it() -> None:
    scenarios, run = load(["+experiment=recommendations"])
    names = [scenario.name for scenario in scenarios]
    beside = ["funding_rebalance", "direct_national_framework"]
    assert names == ["do_nothing", *INSPECTORATE, "all_recommendations", *beside]
    assert run.replications == 30
    for scenario in scenarios:
        assert scenario.policy is not None
        theirs = not scenario.policy.recommendation.startswith("none")
        assert theirs == (scenario.name in (*INSPECTORATE, "all_recommendations"))


def test_a_ready_experiment_equals_the_same_sweep_typed() -> None:
    ready = load(["+experiment=recommendations", "world=pair"])[0]
    names = ",".join(scenario.name for scenario in ready)
    assert ready == load(["world=pair", f"policy={names}"], sweep=True)[0]


def test_what_is_typed_replaces_what_the_file_says() -> None:
    scenarios, run = load(["+experiment=recommendations", "replications=4", "world=division", "name=quick"])
    assert (run.replications, run.name, len(scenarios)) == (4, "quick", 10)
    assert {scenario.world.name for scenario in scenarios} == {"division"}
    two, _ = load(["+experiment=recommendations", "policy=do_nothing,needs_data"], sweep=True)
    assert [scenario.name for scenario in two] == ["do_nothing", "needs_data"]
    (one,), _ = load(["+experiment=recommendations", "policy=stewardship"])
    assert one.name == "stewardship"


def test_the_factorial_is_every_combination_of_the_six_levers() -> None:
    scenarios, _ = load(["+experiment=factorial", "world=pair"])
    kinds = {kind: name for name, kind in LEVERS.items()}
    sets = {tuple(kinds[type(lever)] for lever in s.policy.levers): s.name for s in scenarios if s.policy}
    assert set(sets) == {on for k in range(7) for on in combinations(INSPECTORATE, k)}
    assert scenarios[0].name == "do_nothing"
    assert sets[()] == "do_nothing"
    assert sets[INSPECTORATE] == "all_recommendations"
    assert sets["stewardship", "needs_data"] == "stewardship+needs_data"


def test_a_single_lever_of_the_factorial_is_the_policy_of_that_name() -> None:
    by_name = {scenario.name: scenario for scenario in load(["+experiment=factorial", "world=pair"])[0]}
    for name in INSPECTORATE:
        (alone,), _ = load(["world=pair", f"policy={name}"])
        assert by_name[name].policy is not None
        assert alone.policy is not None
        assert by_name[name].policy.levers == alone.policy.levers


def test_the_half_factorial_confuses_no_lever_or_pair_with_another() -> None:
    """Resolution VI: every two columns of levers and pairs of levers are orthogonal."""
    loaded = load_all(["+experiment=factorial_half", "world=pair"])
    levels = [[1 if tree["policy"]["levers"][name]["active"] else -1 for name in INSPECTORATE] for tree in loaded.trees]
    assert len(levels) == 32
    assert {"do_nothing", "all_recommendations"} < {scenario.name for scenario in loaded.scenarios}
    columns = {(name,): [row[i] for row in levels] for i, name in enumerate(INSPECTORATE)}
    for a, b in combinations(INSPECTORATE, 2):
        columns[a, b] = [x * y for x, y in zip(columns[(a,)], columns[(b,)], strict=True)]
    for one, two in combinations(columns.values(), 2):
        assert sum(x * y for x, y in zip(one, two, strict=True)) == 0
    assert all(sum(column) == 0 for column in columns.values())


def test_the_pressure_map_starts_with_the_world_as_it_was() -> None:
    scenarios, run = load(["+experiment=pressure_map"])
    (base,), _ = load([])
    assert len(scenarios) == 25
    assert run.replications == 6
    assert scenarios[0].name == "pressure_scale=1,markup_share=0.107"
    assert (scenarios[0].finance, scenarios[0].rate_card) == (base.finance, base.rate_card)
    assert "do_nothing" not in [scenario.name for scenario in scenarios]


def test_an_experiment_tells_do_nothing_or_the_unchanged_world_first(tmp_path: Path) -> None:
    folder = own(tmp_path, "name: a\nsweep:\n  finance: [severe, tr_2015, stable]", "money")
    found = load(["+experiment=money"], config_dir=folder)[0]
    assert [s.name for s in found] == ["finance=tr_2015", "finance=severe", "finance=stable"]
    own(tmp_path, "name: b\nsweep:\n  policy: [needs_data, do_nothing]", "rules")
    assert [s.name for s in load(["+experiment=rules"], config_dir=folder)[0]] == ["do_nothing", "needs_data"]
    own(tmp_path, "name: c\nsweep:\n  finance.pressure_scale: [0.5, 2]", "apart")
    assert [s.name for s in load(["+experiment=apart"], config_dir=folder)[0]] == [
        "pressure_scale=0.5",
        "pressure_scale=2",
    ]
    typed = load(["finance=severe,tr_2015"], sweep=True)[0]
    assert [s.name for s in typed] == ["finance=severe", "finance=tr_2015"]


def test_a_users_experiment_may_build_on_a_shipped_one_and_set_values(tmp_path: Path) -> None:
    folder = own(
        tmp_path,
        "defaults:\n  - recommendations\n  - override /world: pair\n  - _self_\n"
        "name: mine\nreplications: 3\nfinance:\n  pressure_scale: 1.5",
    )
    scenarios, run = load(["+experiment=mine"], config_dir=folder)
    assert (len(scenarios), run.name, run.replications) == (10, "mine", 3)
    assert {scenario.finance.pressure_scale for scenario in scenarios} == {1.5}
    assert {scenario.world.name for scenario in scenarios} == {"pair"}


def test_values_an_experiment_sets_in_a_group_it_sweeps_are_kept(tmp_path: Path) -> None:
    folder = own(
        tmp_path,
        "defaults:\n  - override /world: pair\n  - _self_\nfinance:\n  pressure_scale: 1.5\n"
        "sweep:\n  finance: [tr_2015, severe]",
    )
    scenarios, _ = load(["+experiment=mine"], config_dir=folder)
    assert [s.finance.pressure_scale for s in scenarios] == [1.5, 1.5]
    assert len({s.finance.rescue_gbp for s in scenarios}) == 2


def test_an_experiment_without_a_sweep_is_a_set_of_values(tmp_path: Path) -> None:
    folder = own(tmp_path, "name: calm\nworld:\n  keep: [C03]\nrate_card:\n  markup_share: 0.0")
    (scenario,), run = load(["+experiment=mine"], config_dir=folder)
    assert (scenario.rate_card.markup_share, run.name) == (0.0, "calm")


def test_levers_switched_beside_another_setting_are_named_with_it() -> None:
    found = load(
        ["policy=all_recommendations", "policy.levers.needs_data.active=true,false", "finance.pressure_scale=1,2"],
        sweep=True,
    )[0]
    less = "+".join(name for name in INSPECTORATE if name != "needs_data")
    assert {s.name for s in found} == {
        f"{policy},pressure_scale={k}" for policy in ("all_recommendations", less) for k in (1, 2)
    }


def test_names_without_levers_stay_as_they_were() -> None:
    loaded = load_all(["policy=do_nothing,stewardship", "finance=tr_2015,severe"], sweep=True)
    assert loaded.scenarios[0].name == "do_nothing,finance=tr_2015"
    assert scenario_names([()], ["do_nothing"]) == ["do_nothing"]


def test_check_counts_the_runs_of_an_experiment_and_makes_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "+experiment=factorial", "replications=2"]) == 0
    assert "It would make 128 runs. Nothing was run." in capsys.readouterr().out


def test_experiments_are_listed_with_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "experiment"]) == 0
    out = capsys.readouterr().out
    assert "recommendations" in out
    assert "Every recommendation of the inspectorate" in out
