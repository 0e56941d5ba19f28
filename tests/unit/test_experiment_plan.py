"""The frozen plan: what runs, in which order, under which key."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.experiment.plan import Plan, folder_names, scenario_hash, source_digest
from sim.settings import load


def test_every_scenario_meets_every_replication_and_pairs_complete_early() -> None:
    scenarios, _ = load(["world=pair", "rate_card=tr_2015,cost_plus"], sweep=True)
    plan = Plan.of(scenarios, seed=1, replications=range(1, 4))
    assert [(t.folder, t.replication) for t in plan.tasks] == [
        (f"rate_card={option}", r) for r in (1, 2, 3) for option in ("tr_2015", "cost_plus")
    ]
    assert len({t.key for t in plan.tasks}) == 6


def test_a_key_changes_with_the_scenario_the_seed_and_the_replication_only() -> None:
    (scenario,), _ = load(["world=pair"])

    def key(scenario: object = scenario, seed: int = 1, replication: int = 1) -> str:
        return Plan.of([scenario], seed=seed, replications=[replication]).tasks[0].key  # type: ignore[list-item]

    renamed = replace(scenario, name="other")
    changed = replace(scenario, rate_card=replace(scenario.rate_card, markup_share=0.141))
    assert key() == key() == key(renamed)
    assert len({key(), key(changed), key(seed=2), key(replication=2)}) == 4


def test_the_hash_of_a_scenario_reads_its_places_too() -> None:
    (scenario,), _ = load(["world=pair"])
    (other,), _ = load(["world=pair", "world.crcs.C09.caseload_people=5001"])
    assert scenario_hash(scenario) != scenario_hash(other)


def test_the_source_digest_follows_the_model_and_not_its_surroundings(tmp_path: Path) -> None:
    for name in ("model.py", "agents/crc.py", "cli.py", "report/page.py", "parameters/register.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x = 1\n")
    before = source_digest(tmp_path)
    (tmp_path / "cli.py").write_bytes(b"x = 2\n")
    (tmp_path / "report/page.py").write_bytes(b"x = 2\n")
    (tmp_path / "parameters/register.py").write_bytes(b"x = 2\n")
    (tmp_path / "model.py").write_bytes(b"x = 1\r\n")
    assert source_digest(tmp_path) == before
    (tmp_path / "agents/crc.py").write_bytes(b"x = 2\n")
    assert source_digest(tmp_path) != before


def test_folder_names_are_safe_and_unique() -> None:
    names = ["do_nothing", "a/../../etc", "..", "x=1,y=2", "Do_Nothing", "a b"]
    folders = folder_names(names)
    assert folders == ("do_nothing", "a-..-..-etc", "scenario", "x=1,y=2", "Do_Nothing-2", "a-b")
    assert all("/" not in folder and not folder.startswith(".") for folder in folders)


def test_two_scenarios_of_one_name_are_refused() -> None:
    (scenario,), _ = load(["world=pair"])
    with pytest.raises(ValueError, match="two scenarios are called 'do_nothing'"):
        Plan.of([scenario, scenario], seed=1, replications=[1])
