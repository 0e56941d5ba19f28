"""An installed copy, used from another folder with files of the user's own: as somebody without the checkout would."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
EXPERIMENT = """\
# @package _global_
# Two sizes of my own idea.
name: sizes
replications: 2
defaults:
  - override /policy: my
  - override /world: pair
  - _self_
sweep:
  policy.levers.stewardship.amount_gbp_per_year: [1_000_000, 2_000_000]
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked where no checkout is."""
    home = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", str(CHECKOUT), "--no-deps", "-q", "-w", str(home)]
    if importlib.util.find_spec("hatchling"):
        command.append("--no-build-isolation")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and ("hatchling" in done.stderr or "No module named pip" in done.stderr):
        pytest.skip("the builder of wheels is neither installed nor to be had")
    assert done.returncode == 0, done.stderr
    (wheel,) = home.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(home / "site")
    return home / "site"


def run(installed: Path, cwd: Path, *typed: str) -> subprocess.CompletedProcess[str]:
    """A command of the installed copy, in a folder of its own."""
    env = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, "-P", "-m", "sim", *typed]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)


def test_a_wheel_runs_policies_and_experiments_of_the_users_own(installed: Path, tmp_path: Path) -> None:
    code = "from sim.settings.sources import shipped_configs; print(shipped_configs())"
    env = {**os.environ, "PYTHONPATH": str(installed)}
    where = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert Path(where.stdout.strip()) == installed / "sim" / "_configs"

    made = run(installed, tmp_path, "new", "my", "--from", "stewardship", "--config-dir", "mine")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "mine" / "policy" / "my.yaml").is_file()

    single = run(installed, tmp_path, "world=pair", "replications=2", "policy=my", "--config-dir", "mine")
    assert single.returncode == 0, single.stderr
    assert "Under my, " in single.stdout
    (folder,) = (tmp_path / "experiments" / "baseline").iterdir()
    assert json.loads((folder / "run.json").read_text())["runs"]["finished"] == 2

    (tmp_path / "mine" / "experiment").mkdir()
    (tmp_path / "mine" / "experiment" / "sizes.yaml").write_text(EXPERIMENT)
    sweep = run(installed, tmp_path, "+experiment=sizes", "--config-dir", "mine", "--quiet")
    assert sweep.returncode == 0, sweep.stderr
    (folder,) = (tmp_path / "experiments" / "sizes").iterdir()
    names = [scenario["name"] for scenario in json.loads((folder / "plan.json").read_text())["scenarios"]]
    assert names == ["amount_gbp_per_year=1000000", "amount_gbp_per_year=2000000"]

    (tmp_path / "mine" / "policy" / "my.yaml").write_text(
        (tmp_path / "mine" / "policy" / "my.yaml").read_text().replace("grants_share: 0.7", "grants_share: 70")
    )
    wrong = run(installed, tmp_path, "world=pair", "policy=my", "--config-dir", "mine")
    assert wrong.returncode == 2
    assert "policy.levers.stewardship.grants_share must be between 0 and 1, got 70" in " ".join(wrong.stderr.split())
    assert "mine/policy/my.yaml, line" in " ".join(wrong.stderr.split())
