"""Makes the runs of a plan on an engine. A run that fails becomes a row with its stage and trace; the others go on."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from sim.experiment import store
from sim.experiment.engines import PoolExecutor, open_engine, worker_count
from sim.experiment.plan import Plan, Task
from sim.observe.results import RunResult

Simulate = Callable[..., RunResult]
_ATTEMPTS: Final = 2  # a run whose worker died is tried once more, since it may not have been its own fault


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that did not finish.

    Attributes:
        stage: start (loading the model), run, write, or worker (its process died).
        cause: the error in one line.
    """

    scenario: str
    replication: int
    stage: str
    cause: str
    trace: str


@dataclass(slots=True)
class Outcome:
    """What became of a plan.

    Attributes:
        results: finished runs by scenario, in the plan's order, replications ascending.
        interrupted: whether it was stopped by Ctrl-C.
        seconds: wall-clock time.
    """

    results: dict[str, list[RunResult]]
    planned: int
    failures: list[Failure] = field(default_factory=list)
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def finished(self) -> int:
        """Runs that gave a result."""
        return sum(len(results) for results in self.results.values())


Progress = Callable[[Outcome], None]


def execute(
    plan: Plan,
    runs: Path,
    *,
    engine: str,
    workers: int | None = None,
    progress: Progress = lambda outcome: None,
    stopping: Callable[[int], None] = lambda running: None,
    simulate: Simulate | None = None,
) -> Outcome:
    """Make every run of the plan, each writing its own file below ``runs``.

    Args:
        progress: called after each run with the outcome so far.
        stopping: called on Ctrl-C with the number of runs still in hand, which are finished first.
        simulate: what makes a run; None for the model (tests pass their own).
    """
    began = time.perf_counter()
    outcome = Outcome({scenario.name: [] for scenario in plan.scenarios}, len(plan.tasks))
    count = worker_count(engine, workers, len(plan.tasks))
    waiting, attempts = list(plan.tasks), 0
    while waiting and not outcome.interrupted and attempts < _ATTEMPTS:
        attempts += 1
        last = attempts == _ATTEMPTS
        with open_engine(engine, count) as executor:
            waiting = _drain(executor, waiting, count, runs, simulate, outcome, progress, stopping, last=last)
    for results in outcome.results.values():
        results.sort(key=lambda result: result.replication)
    outcome.failures.sort(key=lambda failure: (failure.replication, failure.scenario))
    outcome.seconds = time.perf_counter() - began
    return outcome


def _drain(
    executor: Executor,
    tasks: Iterable[Task],
    workers: int,
    runs: Path,
    simulate: Simulate | None,
    outcome: Outcome,
    progress: Progress,
    stopping: Callable[[int], None],
    *,
    last: bool,
) -> list[Task]:
    """Work through the tasks with one more in hand than workers; returns those whose worker died."""
    running: dict[Future[RunResult | Failure], Task] = {}
    died: list[Task] = []
    upcoming: Iterator[Task] = iter(tasks)
    try:
        while True:
            broken = bool(died)
            while not broken and len(running) < (workers + 1 if workers > 1 else 1):
                task = next(upcoming, None)
                if task is None:
                    break
                try:
                    running[executor.submit(work, task, runs, simulate)] = task
                except BrokenProcessPool:
                    died.append(task)
                    broken = True
            if not running:
                return died + list(upcoming)
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                _collect(future, running.pop(future), outcome, died, last=last)
                progress(outcome)
    except KeyboardInterrupt:
        outcome.interrupted = True
        _stop(executor, running, outcome, stopping)
        return []


def _collect(
    future: Future[RunResult | Failure], task: Task, outcome: Outcome, died: list[Task], *, last: bool
) -> None:
    try:
        found = future.result()
    except BrokenProcessPool as error:
        if not last:
            died.append(task)
            return
        words = "the worker process died, perhaps for want of memory"
        found = Failure(task.scenario.name, task.replication, "worker", words, str(error))
    except (
        Exception
    ) as error:  # not the run's own error, which ``work`` turns into a row: the result did not arrive
        trace = "".join(traceback.format_exception(error))
        found = Failure(task.scenario.name, task.replication, "worker", _one_line(error), trace)
    if isinstance(found, Failure):
        outcome.failures.append(found)
    else:
        outcome.results[task.scenario.name].append(found)


def _stop(
    executor: Executor,
    running: dict[Future[RunResult | Failure], Task],
    outcome: Outcome,
    stopping: Callable[[int], None],
) -> None:
    """Finish what workers have in hand and keep it; a second Ctrl-C drops it."""
    for future in [future for future in running if future.cancel()]:
        del running[future]
    try:
        stopping(len(running))
        wait(running)
    except KeyboardInterrupt:
        if isinstance(executor, PoolExecutor):
            executor.kill()
        return
    for future, task in running.items():
        _collect(future, task, outcome, [], last=True)


def work(task: Task, runs: Path, simulate: Simulate | None = None) -> RunResult | Failure:
    """Make one run and write its file. Runs in a worker: it must not import pandas, scipy or matplotlib.

    The result travels back without its cases, which are large and stand in their own file.
    """
    stage = "start"
    try:
        if simulate is None:
            from sim.model import run_replication

            simulate = run_replication
        stage = "run"
        result = simulate(task.scenario, seed=task.seed, replication=task.replication)
        stage = "write"
        store.write(result, store.run_path(runs, task.folder, task.replication), key=task.key)
        return replace(result, cases={})
    except Exception as error:
        return Failure(task.scenario.name, task.replication, stage, _one_line(error), traceback.format_exc())


def _one_line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
