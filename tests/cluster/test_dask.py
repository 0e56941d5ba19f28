"""engine=dask against a real scheduler with two worker processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.settings import load
from tests.cluster.start_dask import CHECKOUT, running_dask
from tests.support import made_up_model as model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_dask(2) as where:
        yield where


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.of(load(["world=pair"])[0], seed=5, replications=range(1, 7))


def far(plan: Plan, home: Path, address: str, simulate: object = model.quick, **how: object) -> Outcome:
    engine = Engine("dask", address=address, **how)  # type: ignore[arg-type]
    return execute(plan, home / "runs", engine=engine, shared=KeyedStore(home), simulate=simulate)  # type: ignore[arg-type]


def files(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*.parquet")}


def test_dask_gives_the_same_bytes_as_this_process(plan: Plan, tmp_path: Path, address: str) -> None:
    here = execute(plan, tmp_path / "a/runs", engine="serial", shared=KeyedStore(tmp_path / "a"), simulate=model.quick)
    there = far(plan, tmp_path / "b", address)
    assert here.finished == there.finished == 6
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_run_that_raises_is_a_row(plan: Plan, tmp_path: Path, address: str) -> None:
    outcome = far(plan, tmp_path, address, model.third_fails)
    assert outcome.finished == 5
    assert [(f.replication, f.stage, f.cause) for f in outcome.failures] == [
        (3, "run", "ArithmeticError: money was created in June 2019")
    ]


def test_a_run_that_always_kills_its_worker_costs_itself_only(plan: Plan, tmp_path: Path, address: str) -> None:
    outcome = far(plan, tmp_path, address, model.second_kills_its_process)
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 3, 4, 5, 6]
    assert [(f.replication, f.stage) for f in outcome.failures] == [(2, "worker")]


def test_a_run_beyond_its_time_is_a_row(plan: Plan, tmp_path: Path, address: str) -> None:
    outcome = far(plan, tmp_path, address, model.fourth_never_ends, run_timeout_s=1.0)
    assert outcome.finished == 5
    assert [(f.replication, f.stage) for f in outcome.failures] == [(4, "timeout")]


def test_the_command_moves_to_dask_by_one_switch(tmp_path: Path, address: str) -> None:
    command = [sys.executable, "-m", "sim", "world=one_area", "horizon.end=2015-12-31", "replications=3", "--quiet"]
    for name, engine in (("here", ["engine=serial"]), ("far", ["engine=dask", f"engine.address={address}"])):
        done = subprocess.run(
            [*command, *engine, f"output={tmp_path / name}"],
            cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / "here" / ".store") == files(tmp_path / "far" / ".store")


def test_no_scheduler_at_the_address_is_one_clear_message(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "world=one_area", "engine=dask", "engine.address=tcp://127.0.0.1:9",
         f"output={tmp_path / 'x'}"],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no dask scheduler answers at tcp://127.0.0.1:9" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "x").exists()
