"""The Python front door gives what the command line gives, as pandas, and leaves nothing on the disk."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.settings import SettingsError


@pytest.fixture(scope="module")
def made() -> sim.Experiment:
    return sim.run("world=one_area", "policy=do_nothing,stewardship", replications=2)


def test_importing_sim_costs_nothing() -> None:
    code = "import sys, sim; print([m for m in ('numpy', 'pandas', 'hydra', 'simpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tables_come_back_as_pandas(made: sim.Experiment) -> None:
    assert list(made.verdicts["scenario"]) == ["do_nothing", "stewardship"]
    assert set(made.monthly["scenario"]) == {"do_nothing", "stewardship"}
    assert set(made.comparison["scenario"]) == {"stewardship"}
    assert len(made.monthly["month"].unique()) == 84
    areas = made.table("area")
    assert set(areas.columns) > {"scenario", "replication", "month", "place", "needs_met_share"}
    assert len(areas) == 2 * 2 * 84 * areas["place"].nunique()
    assert "doing nothing" in made.answer.lower()


def test_nothing_is_written_unless_a_folder_is_named(
    made: sim.Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sim.run("world=one_area", replications=1)
    assert list(tmp_path.iterdir()) == []


def test_the_same_settings_give_the_same_as_the_model(made: sim.Experiment) -> None:
    from sim.model import run_replication

    loaded = sim.load("world=one_area")
    again = run_replication(loaded.scenarios[0], seed=loaded.run.seed, replication=2)
    assert again.digests == made.results["do_nothing"][1].digests


def test_compare_pairs_the_same_luck(made: sim.Experiment) -> None:
    one = sim.run("world=one_area", replications=2)
    same = sim.compare(one, one)
    assert np.nanmax(same["difference"].abs()) == 0.0
    other = sim.compare(one, "world=one_area", replications=2)
    assert other["pairs"].max() == 2
    with pytest.raises(ValueError, match="compare takes one scenario a side, got do_nothing, stewardship"):
        sim.compare(made, one)
    with pytest.raises(ValueError, match="the seed was 2015, is 7"):
        sim.compare(one, sim.run("world=one_area", "seed=7", replications=1))


def test_what_is_refused_on_the_command_line_is_refused_here(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did you mean   stewardship"):
        sim.load("policy=stewardhip")
    with pytest.raises(SettingsError):
        sim.run("world=one_area", replications=0)
    with pytest.raises(FileExistsError):
        sim.run("world=one_area", replications=1, folder=tmp_path)
    with pytest.raises(AttributeError):
        sim.nothing_of_the_kind  # noqa: B018
