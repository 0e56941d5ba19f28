"""Makes the runs of a plan. A run that fails becomes a row with its stage and trace; the others go on."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.experiment import store
from sim.experiment.engines import PoolExecutor, open_engine, worker_count
from sim.experiment.plan import Plan, Task
from sim.observe.results import RunResult

Simulate = Callable[..., RunResult]


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
    more: Callable[[Outcome], Plan | None] = lambda outcome: None,
) -> Outcome:
    """Make every run of the plan, each writing its own file below ``runs``.

    Args:
        progress: called after each run with the outcome so far.
        stopping: called on Ctrl-C with the number of runs still in hand, which are finished first.
        simulate: what makes a run; None for the model (tests pass their own).
        more: called when all runs are made; a further plan of the same scenarios to go on with, or None to end.
    """
    began = time.perf_counter()
    outcome = Outcome({scenario.name: [] for scenario in plan.scenarios}, len(plan.tasks))
    count = worker_count(engine, workers, len(plan.tasks))
    crew = _Crew(runs, simulate, outcome, progress, stopping)
    waiting: list[Task] = list(plan.tasks)
    while waiting and not outcome.interrupted:
        with open_engine(engine, count) as executor:
            suspects, waiting = crew.drain(executor, waiting, count)
            while not (waiting or suspects) and (waiting := crew.further(more)):
                suspects, waiting = crew.drain(executor, waiting, count)
        for task in suspects:
            if not outcome.interrupted:
                with open_engine(engine, 1, apart=True) as executor:
                    crew.drain(executor, [task], 1, alone=True)
        if suspects and not waiting:
            waiting = crew.further(more)
    for results in outcome.results.values():
        results.sort(key=lambda result: result.replication)
    outcome.failures.sort(key=lambda failure: (failure.replication, failure.scenario))
    outcome.seconds = time.perf_counter() - began
    return outcome


@dataclass(slots=True)
class _Crew:
    """Works through tasks on one executor after another."""

    runs: Path
    simulate: Simulate | None
    outcome: Outcome
    progress: Progress
    stopping: Callable[[int], None]

    def drain(
        self, executor: Executor, tasks: list[Task], workers: int, *, alone: bool = False
    ) -> tuple[list[Task], list[Task]]:
        """Make these runs, with one more in hand than workers.

        Returns:
            When a worker process died, the tasks then in hand (one is to blame) and those not yet begun.
        """
        running: dict[Future[RunResult | Failure], Task] = {}
        suspects: list[Task] = []
        upcoming = iter(tasks)
        task = next(upcoming, None)
        try:
            while True:
                while task is not None and not suspects and len(running) < (workers + 1 if workers > 1 else 1):
                    try:
                        running[executor.submit(work, task, self.runs, self.simulate)] = task
                    except BrokenProcessPool:
                        break
                    task = next(upcoming, None)
                if not running:
                    return suspects, [] if task is None else [task, *upcoming]
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    self.collect(future, running.pop(future), None if alone else suspects)
                    self.progress(self.outcome)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
            self.stop(executor, running)
            return [], []

    def further(self, more: Callable[[Outcome], Plan | None]) -> list[Task]:
        """The runs to go on with when all others are made; none after Ctrl-C."""
        if self.outcome.interrupted:
            return []
        try:
            plan = more(self.outcome)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
            return []
        tasks = list(plan.tasks) if plan is not None else []
        self.outcome.planned += len(tasks)
        return tasks

    def collect(self, future: Future[RunResult | Failure], task: Task, suspects: list[Task] | None) -> None:
        """Keep what a task gave; one whose worker died joins the suspects, or has failed if it ran alone."""
        try:
            found = future.result()
        except BrokenProcessPool as error:
            if suspects is not None:
                suspects.append(task)
                return
            found = _failed(task, "worker", error, "its process died, perhaps for want of memory")
        except Exception as error:  # the result did not arrive; the run's own errors come as failures
            found = _failed(task, "worker", error, _one_line(error))
        if isinstance(found, Failure):
            self.outcome.failures.append(found)
        else:
            self.outcome.results[task.scenario.name].append(found)

    def stop(self, executor: Executor, running: dict[Future[RunResult | Failure], Task]) -> None:
        """Finish what workers have in hand and keep it; a second Ctrl-C drops it."""
        for future in [future for future in running if future.cancel()]:
            del running[future]
        try:
            self.stopping(len(running))
            wait(running)
        except KeyboardInterrupt:
            if isinstance(executor, PoolExecutor):
                executor.kill()
            return
        for future, task in running.items():
            self.collect(future, task, None)


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
        return _failed(task, stage, error, _one_line(error))


def _failed(task: Task, stage: str, error: BaseException, cause: str) -> Failure:
    trace = "".join(traceback.format_exception(error))
    return Failure(task.scenario.name, task.replication, stage, cause, trace)


def _one_line(error: BaseException) -> str:
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
