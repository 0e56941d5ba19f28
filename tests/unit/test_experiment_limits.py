"""Time limits, stopping at the first failure, code that changes, and what is told of it."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from sim.commands.console import Pace, stopped_text
from sim.experiment import manifest, work
from sim.experiment.deadline import RunTimeout, deadline
from sim.experiment.earlier import made_by_other_code
from sim.experiment.engines import Engine
from sim.experiment.folder import ExperimentFolder
from sim.experiment.frozen import CodeChanged, freeze, thaw
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan, source_digest
from sim.experiment.run import Outcome, execute
from sim.settings import load
from tests.support import made_up_model as model

NOW = datetime(2026, 11, 22, 17, 31, 5)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan.of(load(["world=pair"])[0], seed=5, replications=range(1, 6))


def test_a_run_beyond_its_time_is_a_row_and_the_others_go_on(plan: Plan, tmp_path: Path) -> None:
    engine = Engine("serial", run_timeout_s=0.5)
    outcome = execute(plan, tmp_path, engine=engine, simulate=model.third_sleeps_for_ever)
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 2, 4, 5]
    (failure,) = outcome.failures
    assert (failure.replication, failure.stage) == (3, "timeout")
    assert failure.cause == "it took longer than engine.run_timeout_s allows, 0.5 s"


def test_a_limit_holds_outside_the_main_thread_too() -> None:
    seen: list[BaseException] = []

    def endless() -> None:
        try:
            with deadline(0.05):
                while True:
                    time.sleep(0.005)
        except RunTimeout as error:
            seen.append(error)

    thread = threading.Thread(target=endless)
    thread.start()
    thread.join()
    assert "0.05 s" in str(seen[0])


def test_a_limit_that_is_not_reached_changes_nothing() -> None:
    for limit in (None, 60.0):
        with deadline(limit):
            pass


def test_a_sweep_may_stop_at_its_first_failure(plan: Plan, tmp_path: Path) -> None:
    outcome = execute(plan, tmp_path, engine="serial", on_failure="stop", simulate=model.third_fails)
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 2]
    assert outcome.halted == "a run failed, and on_failure is stop"
    assert "STOPPED: a run failed, and on_failure is stop. 2 of 5 runs kept" in stopped_text(outcome, None)
    with_folder = stopped_text(outcome, Path("some where/baseline"))
    assert "probsim report" not in stopped_text(outcome, None)
    assert with_folder.endswith("'")  # quoted, as it can be typed
    assert "Look now: probsim report '" in with_folder
    deep = stopped_text(outcome, Path("/".join(["some where a long way down"] * 9)))
    assert "Look now: probsim report 'some where a long way down/" in deep.splitlines()[-1]  # in one piece


def test_a_worker_that_holds_other_code_makes_no_run(plan: Plan, tmp_path: Path) -> None:
    task = replace(plan.tasks[0], code="0" * 64)
    found = work.work(task, tmp_path / "r01.parquet", model.quick)
    assert isinstance(found, work.NotMade)
    assert found.failure.stage == "code"
    assert "other code of the model than the plan was made from" in found.failure.cause
    assert not list(tmp_path.iterdir())


def test_the_code_is_copied_at_launch_and_checked_against_the_plan(tmp_path: Path) -> None:
    copy = freeze(tmp_path, source_digest())
    assert source_digest(copy / "sim") == source_digest()
    thaw(tmp_path)
    assert not copy.exists()
    with pytest.raises(CodeChanged, match="changed while the sweep was being planned"):
        freeze(tmp_path, "0" * 64)


def test_workers_import_the_copy(plan: Plan, tmp_path: Path) -> None:
    copy = freeze(tmp_path, plan.source_digest)
    engine = Engine("local", 2, code=copy)
    outcome = execute(plan, tmp_path / "runs", engine=engine, simulate=model.tells_where_its_code_is)
    assert {r.figures["from_copy"] for r in outcome.results["do_nothing"]} == {1.0}


def test_runs_of_other_code_are_told_of_and_not_mixed_in(plan: Plan, tmp_path: Path) -> None:
    folder = ExperimentFolder.make(tmp_path, "x", NOW)
    shared = KeyedStore(tmp_path)
    execute(plan, folder.runs, engine="serial", shared=shared, simulate=model.quick)
    content = manifest.plan_content(plan, [[]])
    folder.write_json("plan.json", content)
    assert made_by_other_code(tmp_path / "x", plan) is None
    content["model_source_sha256"] = "0" * 64
    content["model_source_files"]["model.py"] = "0" * 64
    folder.write_json("plan.json", content)
    earlier = made_by_other_code(tmp_path / "x", plan)
    assert earlier is not None
    assert earlier.runs == 5
    assert earlier.changed.startswith("sim/model.py changed ")
    other = replace(plan, source_digest="1" * 64)
    assert shared.find_all(other.tasks) == {}
    folder.write_text("plan.json", json.dumps({"seed": 5, "scenarios": "nonsense"}))
    assert made_by_other_code(tmp_path / "x", plan) is None


def test_the_pace_counts_only_runs_made_now() -> None:
    clock = iter([0.0, 10.0, 20.0])
    pace = Pace(lambda: next(clock))
    outcome = Outcome({"a": [None] * 12}, planned=30, reused=10)  # type: ignore[list-item]
    assert pace.words(outcome) == "12/30   0.2 a second   90 s left   0 failed"
    outcome.results["a"] = [None] * 30  # type: ignore[list-item]
    assert pace.words(outcome) == "30/30   1.0 a second   0 failed"
