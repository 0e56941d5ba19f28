"""Finished runs by their key: made once, found again, never trusted when damaged, never needed by a folder."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.experiment import keyed, store
from sim.experiment.keyed import STORE, KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.scenario import Scenario
from sim.settings import load
from tests.support import made_up_model as model


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(["world=pair"])[0][0]


def run(home: Path, folder: str, *scenarios: Scenario, seed: int = 5, replications: int = 3) -> Outcome:
    plan = Plan.of(scenarios, seed=seed, replications=range(1, replications + 1))
    runs = home / folder / "runs"
    return execute(plan, runs, engine="serial", shared=KeyedStore(home), simulate=model.quick)


def made(outcome: Outcome) -> tuple[int, int]:
    return outcome.finished, outcome.reused


def test_the_same_again_is_a_look_up_and_more_makes_only_what_is_missing(scenario: Scenario, tmp_path: Path) -> None:
    other = replace(scenario, name="other", rate_card=replace(scenario.rate_card, markup_share=0.141))
    assert made(run(tmp_path, "a", scenario)) == (3, 0)
    assert made(run(tmp_path, "b", scenario)) == (3, 3)
    assert made(run(tmp_path, "c", scenario, replications=5)) == (5, 3)
    assert made(run(tmp_path, "d", scenario, other)) == (6, 3)
    assert made(run(tmp_path, "e", scenario, seed=6)) == (3, 0)
    for folder in "bcd":
        for number in (1, 2, 3):
            paths = [store.run_path(tmp_path / f / "runs", "do_nothing", number) for f in ("a", folder)]
            assert paths[0].read_bytes() == paths[1].read_bytes()


def test_scenarios_of_one_content_share_runs_and_keep_their_names(scenario: Scenario, tmp_path: Path) -> None:
    twin = replace(scenario, name="twin")
    outcome = run(tmp_path, "a", scenario, twin)
    assert made(outcome) == (6, 0)
    assert len(list((tmp_path / STORE).rglob("*.parquet"))) == 3
    assert [r.scenario for r in outcome.results["twin"]] == ["twin"] * 3
    assert store.read(store.run_path(tmp_path / "a/runs", "twin", 2)).scenario == "twin"


def test_results_on_the_disk_read_as_those_in_memory(scenario: Scenario, tmp_path: Path) -> None:
    outcome = run(tmp_path, "a", scenario)
    for lazy in outcome.results["do_nothing"]:
        whole = model.quick(scenario, seed=5, replication=lazy.replication)
        assert (lazy.months, lazy.figures, lazy.digests) == (whole.months, whole.figures, whole.digests)
        for level, panel in whole.panels.items():
            assert lazy.panels[level].places == panel.places
            assert list(lazy.panels[level].values) == list(panel.values)
            for name, values in panel.values.items():
                np.testing.assert_array_equal(lazy.panels[level].values[name], values)


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "swap", "text"])
def test_a_damaged_file_is_noticed_and_made_again(scenario: Scenario, tmp_path: Path, harm: str) -> None:
    run(tmp_path, "a", scenario)
    first, second, _ = sorted((tmp_path / STORE).rglob("*.parquet"))
    sound = first.read_bytes()
    damage = {
        "cut": sound[: len(sound) // 2],
        "flip": sound[:500] + bytes([sound[500] ^ 1]) + sound[501:],
        "empty": b"",
        "swap": second.read_bytes(),
        "text": b"not a run",
    }[harm]
    first.unlink()
    first.write_bytes(damage)
    shared = KeyedStore(tmp_path)
    plan = Plan.of([scenario], seed=5, replications=range(1, 4))
    outcome = execute(plan, tmp_path / "b/runs", engine="serial", shared=shared, simulate=model.quick)
    assert made(outcome) == (3, 2)
    assert len(shared.damaged) == 1
    assert "made again" in shared.damaged[0]
    assert first.read_bytes() == sound


def test_every_byte_of_a_file_is_covered(scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "r01.parquet"
    store.write(model.quick(scenario, seed=1, replication=1), path, key="k")
    sound = path.read_bytes()
    rng = np.random.default_rng(1)
    for place in [0, 3, len(sound) - 1, len(sound) - 5, *rng.integers(0, len(sound), 200).tolist()]:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 0x55]) + sound[place + 1 :])
        with pytest.raises(store.DamagedFile):
            store.checked(path)


def test_the_store_may_be_deleted_at_any_time(scenario: Scenario, tmp_path: Path) -> None:
    outcome = run(tmp_path, "a", scenario)
    shutil.rmtree(tmp_path / STORE)
    assert outcome.results["do_nothing"][0].panels["national"].values["chain_paid_gbp"].shape == (12, 1)
    assert store.read(store.run_path(tmp_path / "a/runs", "do_nothing", 3)).replication == 3
    assert made(run(tmp_path, "b", scenario)) == (3, 0)


def test_a_disk_without_links_gets_copies(scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: object, target: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert made(run(tmp_path, "a", scenario)) == (3, 0)
    assert store.run_path(tmp_path / "a/runs", "do_nothing", 1).stat().st_nlink == 1


def test_only_what_dead_processes_left_half_written_is_swept_up(tmp_path: Path) -> None:
    shared = KeyedStore(tmp_path)
    home = shared.path("ab" * 16).parent
    home.mkdir(parents=True)
    mine, dead, elsewhere = (
        home / f".ab.parquet.{who}.7.part" for who in (f"{store.host_word()}.{os.getpid()}",
                                                       f"{store.host_word()}.99999999", "another-machine.99999999")
    )  # fmt: skip
    for path in (mine, dead, elsewhere):
        path.write_text("half")
    shared.sweep_up()
    assert mine.exists()
    assert elsewhere.exists()
    assert not dead.exists()
    assert not keyed.is_abandoned(store.part_path(home / "x.parquet"))
