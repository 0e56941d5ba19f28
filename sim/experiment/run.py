"""Makes the runs of a plan that are not there yet. A run that fails becomes a row with its stage and trace.

Workers write files; what they made is read back from those, never from memory, so that nothing counts as finished
that a later look-up would not find.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sim.experiment import store
from sim.experiment.engines import Engine, PoolExecutor, in_hand, open_engine, worker_count
from sim.experiment.interrupts import LOOK_S, Requests, noted
from sim.experiment.keyed import KeyedStore, place
from sim.experiment.lazy import Shelf
from sim.experiment.plan import Plan, Task
from sim.experiment.store import Head
from sim.experiment.work import Failure, Made, NotMade, Simulate, failed, no_room, one_line, work
from sim.observe.results import RunResult

GO_ON, STOP = "go_on", "stop"
_PATIENCE_S: Final = 20.0  # how often a cluster's runs are counted from their files, and overdue ones looked for


@dataclass(slots=True)
class Outcome:
    """What became of a plan.

    Attributes:
        results: finished runs by scenario, in the plan's order, replications ascending; panels are read on demand.
        reused: how many of them were there before.
        interrupted: whether it was stopped by Ctrl-C or a signal.
        terminated: whether that was SIGTERM.
        halted: why it stopped by itself, in words; empty when it did not.
        ends: scenario -> replication -> last value of the headline, in GBP a year.
        seconds: wall-clock time.
    """

    results: dict[str, list[RunResult]]
    planned: int
    failures: list[Failure] = field(default_factory=list)
    reused: int = 0
    interrupted: bool = False
    terminated: bool = False
    halted: str = ""
    ends: dict[str, dict[int, float]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def finished(self) -> int:
        """Runs that gave a result."""
        return sum(len(results) for results in self.results.values())

    @property
    def ended(self) -> int:
        """Runs that gave a result or failed."""
        return self.finished + len(self.failures)


Progress = Callable[[Outcome], None]


def execute(
    plan: Plan,
    runs: Path,
    *,
    engine: Engine | str,
    workers: int | None = None,
    shared: KeyedStore | None = None,
    on_failure: str = GO_ON,
    progress: Progress = lambda outcome: None,
    stopping: Callable[[int], None] = lambda running: None,
    simulate: Simulate | None = None,
    more: Callable[[Outcome], Plan | None] = lambda outcome: None,
) -> Outcome:
    """Make every run of the plan that is not there yet; all of them get a file below ``runs``.

    Args:
        engine: where runs are made; its kind alone for one that needs no more.
        shared: the finished runs of all experiments, looked up first and added to; None to do without.
        on_failure: whether the other runs ``go_on`` when one fails, or ``stop``.
        progress: called after each run with the outcome so far.
        stopping: called on Ctrl-C with the number of runs still in hand, which are finished first.
        simulate: what makes a run; None for the model (tests pass their own).
        more: called when all runs are made; a further plan of the same scenarios to go on with, or None to end.
    """
    began = time.perf_counter()
    outcome = Outcome({scenario.name: [] for scenario in plan.scenarios}, len(plan.tasks))
    where = engine if isinstance(engine, Engine) else Engine(engine, workers)
    with noted() as requests:
        crew = _Crew(
            runs, shared, simulate, outcome, progress, stopping, on_failure == STOP, where.run_timeout_s, requests
        )
        try:
            _drain_all(plan, crew, where, more)
        except KeyboardInterrupt:
            outcome.interrupted = True
        if outcome.interrupted:
            crew.recount()
    outcome.terminated = requests.to_end
    for results in outcome.results.values():
        results.sort(key=lambda result: result.replication)
    outcome.failures.sort(key=lambda failure: (failure.replication, failure.scenario))
    outcome.seconds = time.perf_counter() - began
    return outcome


def _drain_all(plan: Plan, crew: _Crew, engine: Engine, more: Callable[[Outcome], Plan | None]) -> None:
    """Work through the plan, and through what is added to it, on as many executors as dying workers ask for."""
    waiting = crew.sift(plan.tasks) or crew.further(more)
    while waiting and not crew.over:
        count = worker_count(engine.kind, engine.workers, len(waiting))
        with open_engine(engine, count) as executor:
            hands = in_hand(executor, count)
            suspects, waiting = crew.drain(executor, waiting, hands)
            while not (waiting or suspects or crew.over) and (waiting := crew.further(more)):
                suspects, waiting = crew.drain(executor, waiting, hands)
        for task in suspects:
            if not crew.over:
                with open_engine(engine, 1, apart=True) as executor:
                    crew.drain(executor, [task], 1, alone=True)
        if suspects and not waiting:
            waiting = crew.further(more)


@dataclass(slots=True)
class _Crew:
    """Works through tasks on one executor after another."""

    runs: Path
    shared: KeyedStore | None
    simulate: Simulate | None
    outcome: Outcome
    progress: Progress
    stopping: Callable[[int], None]
    stop_at_failure: bool
    run_timeout_s: float | None
    requests: Requests
    planned: list[Task] = field(default_factory=list)
    twins: dict[str, list[Task]] = field(default_factory=dict)
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def over(self) -> bool:
        """Whether no further run is to be begun."""
        return self.outcome.interrupted or bool(self.outcome.halted)

    def sift(self, tasks: Sequence[Task]) -> list[Task]:
        """Take what is there already; the tasks to be made, one of each content."""
        self.planned += tasks
        found = self.shared.find_all(tasks) if self.shared is not None else {}
        missing: list[Task] = []
        for task in tasks:
            if task.key in found:
                self.outcome.reused += self.keep(task, found[task.key])
            elif self.shared is not None and task.key in self.twins:
                self.twins[task.key].append(task)
            else:
                self.twins[task.key] = [task]
                missing.append(task)
        for key in found:
            self.forget(key)
        if self.outcome.reused:
            self.progress(self.outcome)
        return missing

    def drain(
        self, executor: Executor, tasks: list[Task], hands: int, *, alone: bool = False
    ) -> tuple[list[Task], list[Task]]:
        """Make these runs, with so many in ``hands`` at a time.

        Returns:
            When a worker process died, the tasks then in hand (one is to blame) and those not yet begun.
        """
        running: dict[Future[Made | NotMade], tuple[Task, float]] = {}
        suspects: list[Task] = []
        upcoming = iter(tasks)
        task = next(upcoming, None)
        last = time.perf_counter()
        try:
            while True:
                while task is not None and not (suspects or self.over) and len(running) < hands:
                    try:
                        running[self.submit(executor, task)] = task, time.perf_counter()
                    except BrokenProcessPool:
                        break
                    task = next(upcoming, None)
                if not running:
                    return suspects, [] if task is None or self.over else [task, *upcoming]
                done, _ = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    self.collect(future, running.pop(future)[0], None if alone else suspects)
                    self.progress(self.outcome)
                if self.requests.count:
                    raise KeyboardInterrupt
                if done:
                    last = time.perf_counter()
                elif time.perf_counter() - last > self.patience:
                    last = time.perf_counter()
                    self.look_round(executor, running, alone=alone)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
            self.stop(executor, {future: task for future, (task, _) in running.items()})
            return [], []

    def submit(self, executor: Executor, task: Task) -> Future[Made | NotMade]:
        """Hand one run to a worker."""
        return executor.submit(work, task, self.target(task), self.simulate, self.run_timeout_s)

    def target(self, task: Task) -> Path:
        """The file a worker writes."""
        if self.shared is not None:
            return self.shared.path(task.key)
        return store.run_path(self.runs, task.folder, task.replication)

    @property
    def patience(self) -> float:
        """Seconds after which to look round when no run ends."""
        return min(_PATIENCE_S, self.run_timeout_s or _PATIENCE_S)

    def look_round(
        self, executor: Executor, running: dict[Future[Made | NotMade], tuple[Task, float]], *, alone: bool
    ) -> None:
        """No run has ended for a while: count from the files, and end a worker that no time limit reaches."""
        now = time.perf_counter()
        for future, (task, _) in list(running.items()):
            if not isinstance(executor, PoolExecutor) and self.seen(task) is not None:
                del running[future]  # made, although the cluster has not said so
                self.take(task, Made(0.0))
                self.progress(self.outcome)
        if self.run_timeout_s is None or not isinstance(executor, PoolExecutor):
            return
        # A run may wait for another one before it begins; both have then had the limit, and a while to start.
        allowed = (1 if alone else 2) * self.run_timeout_s + _PATIENCE_S
        if any(now - since > allowed for _, since in running.values()):
            executor.kill()

    def further(self, more: Callable[[Outcome], Plan | None]) -> list[Task]:
        """The runs to go on with when all others are made."""
        while not self.over and (plan := more(self.outcome)) is not None:
            self.outcome.planned += len(plan.tasks)
            if tasks := self.sift(plan.tasks):
                return tasks
        return []

    def collect(self, future: Future[Made | NotMade], task: Task, suspects: list[Task] | None) -> None:
        """Keep what a task gave; one whose worker died joins the suspects, or has failed if it ran alone."""
        try:
            found = future.result()
        except Exception as error:
            if self.seen(task):  # the answer did not arrive, but the file did
                self.take(task, Made(0.0))
                return
            if not _worker_died(error):
                self.take(task, NotMade(failed(task, "worker", error, one_line(error))))
                return
            if suspects is not None:
                suspects.append(task)
                return
            cause = "its process died, perhaps for want of memory"
            if self.run_timeout_s is not None:
                cause += ", or was ended because it went beyond engine.run_timeout_s and did not listen"
            found = NotMade(failed(task, "worker", error, cause))
        self.take(task, found)

    def take(self, task: Task, found: Made | NotMade) -> None:
        """Keep a run for every scenario of its content, or note that it failed."""
        twins = self.twins.pop(task.key, [task])
        if isinstance(found, Made):
            head = self.seen(task)
            if head is not None:
                for twin in twins:
                    self.keep(twin, head, found.seconds)
                self.forget(task.key)
                return
            error = FileNotFoundError("the worker wrote the run, but its file cannot be seen from here")
            found = NotMade(failed(task, "write", error, f"{error}; workers need the same output folder"))
        self.outcome.halted = self.outcome.halted or found.no_room
        if self.stop_at_failure and not self.outcome.halted:
            self.outcome.halted = "a run failed, and on_failure is stop"
        for twin in twins:
            name, failure = twin.scenario.name, found.failure
            self.outcome.failures.append(Failure(name, twin.replication, failure.stage, failure.cause, failure.trace))

    def recount(self) -> None:
        """Take every file that is there: Ctrl-C may have come between a run's end and its being noted."""
        noted = {(name, result.replication) for name, results in self.outcome.results.items() for result in results}
        noted |= {(failure.scenario, failure.replication) for failure in self.outcome.failures}
        for task in self.planned:
            if (task.scenario.name, task.replication) not in noted and (head := self.seen(task)) is not None:
                self.keep(task, head)

    def seen(self, task: Task) -> Head | None:
        """What the file of a run says, if it is there and sound."""
        if self.shared is not None:
            return self.shared.find(task.key)
        try:
            return store.checked(self.target(task), task.key)[0]
        except (FileNotFoundError, store.DamagedFile):
            return None

    def forget(self, key: str) -> None:
        """What the file of a run said is among the results now."""
        if self.shared is not None:
            self.shared.forget(key)

    def keep(self, task: Task, head: Head, seconds: float = 0.0) -> int:
        """Put a run into the folder and among the results; 1 if that could be done."""
        path = store.run_path(self.runs, task.folder, task.replication)
        if self.shared is not None:
            try:
                place(self.shared.path(task.key), path, head)
            except OSError as error:
                self.outcome.halted = self.outcome.halted or no_room(error)
                self.outcome.failures.append(failed(task, "write", error, one_line(error)))
                return 0
        name = task.scenario.name
        self.outcome.results[name].append(self.shelf.result(path, head, name, seconds))
        self.outcome.ends.setdefault(name, {})[task.replication] = head.headline
        return 1

    def stop(self, executor: Executor, running: dict[Future[Made | NotMade], Task]) -> None:
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
            if not future.done() or future.cancelled() or _worker_died(future.exception()):
                continue  # its worker was stopped too; it is no failure
            self.collect(future, task, None)


def _worker_died(error: BaseException | None) -> bool:
    """Whether the process that made a run was lost, here or on a cluster (dask's own error is told by its name)."""
    return isinstance(error, BrokenProcessPool | CancelledError) or type(error).__name__ == "KilledWorker"
