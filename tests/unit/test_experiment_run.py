"""Making the runs of a plan: failures are rows, stopping keeps what is finished, engines agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.experiment import store
from sim.experiment.engines import Engine, SerialExecutor, open_engine, worker_count
from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.settings import load
from tests.support import made_up_model as model


@pytest.fixture(scope="module")
def plan() -> Plan:
    (scenario,), _ = load(["world=pair"])
    return Plan.of([scenario], seed=5, replications=range(1, 5))


def files(runs: Path) -> dict[str, bytes]:
    return {p.relative_to(runs).as_posix(): p.read_bytes() for p in sorted(runs.rglob("*")) if p.is_file()}


def test_a_pool_gives_the_same_bytes_as_one_process(plan: Plan, tmp_path: Path) -> None:
    serial = execute(plan, tmp_path / "serial", engine="serial", simulate=model.quick)
    pool = execute(plan, tmp_path / "pool", engine="local", workers=2, simulate=model.quick)
    assert serial.finished == pool.finished == 4
    assert files(tmp_path / "serial") == files(tmp_path / "pool")
    assert list(files(tmp_path / "pool")) == [f"do_nothing/r0{r}.parquet" for r in range(1, 5)]
    assert [r.replication for r in pool.results["do_nothing"]] == [1, 2, 3, 4]


@pytest.mark.parametrize(("engine", "workers"), [("serial", None), ("local", 2)])
def test_a_run_that_fails_is_a_row_and_the_others_go_on(
    plan: Plan, tmp_path: Path, engine: str, workers: int | None
) -> None:
    outcome = execute(plan, tmp_path, engine=engine, workers=workers, simulate=model.third_fails)
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 2, 4]
    (failure,) = outcome.failures
    assert (failure.scenario, failure.replication, failure.stage) == ("do_nothing", 3, "run")
    assert failure.cause == "ArithmeticError: money was created in June 2019"
    assert "third_fails" in failure.trace
    assert "do_nothing/r03.parquet" not in files(tmp_path)


def test_a_result_that_cannot_be_written_is_a_failure_of_that_stage(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "do_nothing").write_text("in the way")
    outcome = execute(plan, tmp_path, engine="serial", simulate=model.quick)
    assert {failure.stage for failure in outcome.failures} == {"write"}
    assert outcome.finished == 0


def test_a_worker_that_dies_costs_its_own_run_only(plan: Plan, tmp_path: Path) -> None:
    outcome = execute(plan, tmp_path, engine="local", workers=2, simulate=model.second_kills_its_process)
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 3, 4]
    assert [(f.replication, f.stage) for f in outcome.failures] == [(2, "worker")]


def test_ctrl_c_keeps_what_is_finished(plan: Plan, tmp_path: Path) -> None:
    outcome = execute(plan, tmp_path, engine="serial", simulate=model.interrupted_at_third)
    assert outcome.interrupted
    assert [r.replication for r in outcome.results["do_nothing"]] == [1, 2]
    assert list(files(tmp_path)) == ["do_nothing/r01.parquet", "do_nothing/r02.parquet"]


def test_ctrl_c_lets_a_pool_finish_what_it_has_in_hand(plan: Plan, tmp_path: Path) -> None:
    def press(outcome: Outcome) -> None:
        raise KeyboardInterrupt

    told: list[int] = []
    outcome = execute(
        plan, tmp_path, engine="local", workers=2, simulate=model.quick, progress=press, stopping=told.append
    )
    assert outcome.interrupted
    assert told
    assert 1 <= outcome.finished <= 4
    assert len(files(tmp_path)) == outcome.finished
    assert all(name.endswith(".parquet") and "/r" in name for name in files(tmp_path))


def test_progress_is_told_after_every_run(plan: Plan, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def note(outcome: Outcome) -> None:
        seen.append((outcome.finished, len(outcome.failures)))

    execute(plan, tmp_path, engine="serial", simulate=model.third_fails, progress=note)
    assert seen == [(1, 0), (2, 0), (2, 1), (3, 1)]


def test_workers_import_nothing_heavy_and_compute_with_one_thread(plan: Plan, tmp_path: Path) -> None:
    outcome = execute(plan, tmp_path, engine="local", workers=2, simulate=model.heavy_imports)
    for result in outcome.results["do_nothing"]:
        assert result.figures == {"pandas": 0, "scipy": 0, "matplotlib": 0, "hydra": 0, "threads": 1}
    # The files were written in the workers, so writing does not need pandas either.
    assert store.read(store.run_path(tmp_path, "do_nothing", 1)).replication == 1


def test_workers_are_never_idle_by_plan() -> None:
    assert worker_count("serial", 8, 100) == 1
    assert worker_count("local", 8, 3) == 3
    assert worker_count("local", 2, 100) == 2
    assert worker_count("local", None, 10_000) >= 1


def test_a_pool_of_one_is_this_process() -> None:
    with open_engine(Engine("local"), 1) as executor:
        assert isinstance(executor, SerialExecutor)
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 7, 0).result()
