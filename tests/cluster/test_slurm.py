"""engine=slurm against a real Slurm of one node, started here; skipped, and why, where it cannot be had."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.start_slurm import NoSlurm, running_slurm
from tests.cluster.test_dask import CHECKOUT, files


@pytest.fixture(scope="module")
def slurm() -> Iterator[dict[str, str]]:
    """The environment in which Slurm's commands find the cluster."""
    try:
        with running_slurm(cpus=2) as conf:
            yield os.environ | {"SLURM_CONF": str(conf)}
    except NoSlurm as why:
        pytest.skip(f"no Slurm here: {why}")


def sim(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sim", "world=one_area", "horizon.end=2015-12-31", "replications=3", "--quiet"]
    return subprocess.run(
        [*command, *words], cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def test_the_command_moves_to_slurm_by_one_switch_and_leaves_no_job(slurm: dict[str, str], tmp_path: Path) -> None:
    here = sim(slurm, "engine=serial", f"output={tmp_path / 'here'}")
    there = sim(slurm, "engine=slurm", "engine.workers=2", "engine.memory_gb=1", f"output={tmp_path / 'far'}")
    assert here.returncode == 0, here.stderr
    assert there.returncode == 0, there.stderr
    assert files(tmp_path / "here" / ".store") == files(tmp_path / "far" / ".store")
    left = subprocess.run(["squeue", "-h", "-t", "R,PD"], env=slurm, capture_output=True, text=True, check=True)
    assert left.stdout.strip() == ""


def test_a_partition_that_is_not_there_is_one_clear_message(slurm: dict[str, str], tmp_path: Path) -> None:
    done = sim(slurm, "engine=slurm", "engine.queue=nowhere", f"output={tmp_path / 'x'}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "invalid partition" in done.stderr.lower()
