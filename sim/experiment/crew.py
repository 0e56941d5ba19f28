"""Hands the runs of a plan to workers, takes what they made, and knows what to do when one dies or is late."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.experiment import trunks
from sim.experiment.engines import Engine, PoolExecutor, SerialExecutor
from sim.experiment.gathering import Gathering
from sim.experiment.interrupts import LOOK_S, Requests
from sim.experiment.plan import Plan, Task
from sim.experiment.trunks import GRACE_S, Found, made_together
from sim.experiment.work import Made, NotMade, Simulate, failed, one_line

if TYPE_CHECKING:
    from sim.experiment.run import Outcome, Progress


class Hand:
    """A unit in the hands of a worker.

    Attributes:
        left: its runs of which nothing is known yet.
        since: when it was handed out.
    """

    __slots__ = ("left", "since", "unit")

    def __init__(self, unit: list[Task], since: float) -> None:
        self.unit, self.left, self.since = unit, list(unit), since


@dataclass(slots=True)
class Crew:
    """Works through tasks on one executor after another."""

    gathering: Gathering
    engine: Engine
    simulate: Simulate | None
    progress: Progress
    stopping: Callable[[int], None]
    requests: Requests

    @property
    def anyhow(self) -> bool:
        """Whether histories are shared even where it is not known to be safe."""
        return self.engine.shared_history == trunks.ON

    @property
    def over(self) -> bool:
        """Whether no further run is to be begun."""
        return self.gathering.over

    @property
    def outcome(self) -> Outcome:
        """What became of the plan so far."""
        return self.gathering.outcome

    def sift(self, tasks: Sequence[Task]) -> list[Task]:
        """Take what is there already; the tasks to be made, one of each content."""
        missing = self.gathering.sift(tasks)
        if self.outcome.reused:
            self.progress(self.outcome)
        return missing

    def units(self, tasks: Sequence[Task], workers: int) -> list[list[Task]]:
        """What is handed out at a time: groups that share their history where that is wanted, else single runs."""
        if self.simulate is None and trunks.wanted(self.engine):
            return trunks.grouped(tasks, workers)
        return [[task] for task in tasks]

    def drain(
        self, executor: Executor, units: Sequence[list[Task]], hands: int, *, alone: bool = False
    ) -> tuple[list[Task], list[Task]]:
        """Make these runs, with so many units in ``hands`` at a time.

        Returns:
            When a worker process died, the runs it and the others were at (one is to blame) and those not yet begun.
        """
        running: dict[Future[list[Found]], Hand] = {}
        suspects: list[Task] = []
        again: list[Task] = []
        waiting = deque(units)
        last = time.perf_counter()
        try:
            while True:
                while waiting and not (suspects or self.over) and len(running) < hands:
                    if isinstance(executor, SerialExecutor) and len(waiting[0]) > 1:
                        self.make_here(waiting.popleft(), suspects)
                        continue
                    try:
                        running[self.submit(executor, waiting[0])] = Hand(waiting[0], time.perf_counter())
                    except BrokenProcessPool:
                        break
                    waiting.popleft()
                if not running:
                    return suspects, [] if self.over else again + [task for unit in waiting for task in unit]
                if self.over and isinstance(executor, PoolExecutor):
                    executor.begin_no_more()
                done, _ = wait(running, timeout=LOOK_S, return_when=FIRST_COMPLETED)
                for future in done:
                    again += self.collect(future, running.pop(future), None if alone else suspects)
                    self.progress(self.outcome)
                if self.look_at_files(running.values()) or done:
                    last = time.perf_counter()
                if self.requests.count:
                    raise KeyboardInterrupt
                if time.perf_counter() - last > self.patience:
                    last = time.perf_counter()
                    self.look_round(executor, running, alone=alone)
        except KeyboardInterrupt:
            self.outcome.interrupted = True
            self.stop(executor, running)
            return [], []

    def submit(self, executor: Executor, unit: list[Task]) -> Future[list[Found]]:
        """Hand one unit to a worker."""
        paths = [self.gathering.target(task) for task in unit]
        limit = self.engine.run_timeout_s
        if len(unit) == 1:
            return executor.submit(trunks.alone, unit[0], paths[0], self.simulate, limit)
        return executor.submit(trunks.together, unit, paths, limit, self.anyhow, self.gathering.stop_at_failure)

    def make_here(self, unit: list[Task], suspects: list[Task]) -> None:
        """Make a group in this process, and tell of each run as it ends."""
        left = list(unit)
        made = made_together(
            unit,
            [self.gathering.target(task) for task in unit],
            self.engine.run_timeout_s,
            anyhow=self.anyhow,
            stop_at_failure=self.gathering.stop_at_failure,
            over=lambda: self.over or bool(self.requests.count),
        )
        for found in made:
            self.accept(left.pop(0), found, suspects)
            self.progress(self.outcome)
        if self.requests.count:
            raise KeyboardInterrupt

    @property
    def patience(self) -> float:
        """Seconds after which to look round when no run ends."""
        return min(GRACE_S, self.engine.run_timeout_s or GRACE_S)

    def look_at_files(self, hands: Iterable[Hand]) -> bool:
        """Take the runs of groups in hand whose files are there already, so that progress is told run by run."""
        found = False
        for hand in hands:
            for task in [*hand.left] if len(hand.unit) > 1 else ():
                if self.gathering.target(task).is_file() and self.gathering.seen(task) is not None:
                    hand.left.remove(task)
                    self.gathering.take(task, Made(0.0))
                    self.progress(self.outcome)
                    found = True
        return found

    def look_round(self, executor: Executor, running: dict[Future[list[Found]], Hand], *, alone: bool) -> None:
        """No run has ended for a while: count from the files, and end a worker that no time limit reaches."""
        now, limit = time.perf_counter(), self.engine.run_timeout_s
        for future, hand in list(running.items()):
            if not isinstance(executor, PoolExecutor) and self.gathering.seen(hand.unit[0]) is not None:
                del running[future]  # made, although the cluster has not said so
                self.gathering.take(hand.unit[0], Made(0.0))
                self.progress(self.outcome)
        if limit is None or not isinstance(executor, PoolExecutor):
            return
        # A unit may wait for another one before it begins; the runs of both have then had the limit, and a while to
        # start or to be ended.
        longest = max((len(hand.unit) for hand in running.values()), default=1)
        allowed = longest * ((1 if alone else 2) * limit + GRACE_S)
        if any(now - hand.since > allowed for hand in running.values()):
            executor.kill()

    def further(self, more: Callable[[Outcome], Plan | None]) -> list[Task]:
        """The runs to go on with when all others are made."""
        while not self.over and (plan := more(self.outcome)) is not None:
            self.outcome.planned += len(plan.tasks)
            if tasks := self.sift(plan.tasks):
                return tasks
        return []

    def collect(self, future: Future[list[Found]], hand: Hand, suspects: list[Task] | None) -> list[Task]:
        """Keep what a unit gave; a run whose worker died joins the suspects, or has failed if it ran alone.

        Returns:
            The runs of a group that the dead worker had not come to: they may go into a group again.
        """
        try:
            answers = future.result()
        except Exception as error:
            missing = [task for task in hand.left if self.gathering.missed(task)]
            if suspects is not None and _worker_died(error):
                suspects += missing[:1]
                return missing[1:]
            for task in missing:
                self.gathering.take(task, NotMade(failed(task, "worker", error, self.cause_of(error))))
            return []
        for task, found in zip(hand.unit, answers, strict=False):  # fewer answers when it was told to begin no more
            if task in hand.left:
                self.accept(task, found, suspects)
            elif isinstance(found, Made):
                self.gathering.timed(task, found.seconds)
        if not self.over and suspects is not None:
            suspects += [task for task in hand.unit[len(answers) :] if task in hand.left]
        return []

    def accept(self, task: Task, found: Found, suspects: list[Task] | None) -> None:
        """Keep what a run gave; one whose own process died is made again apart, where there is an apart."""
        if isinstance(found, NotMade) and found.lost and suspects is not None and self.engine.kind != "serial":
            suspects.append(task)
        else:
            self.gathering.take(task, found)

    def cause_of(self, error: Exception) -> str:
        """Why no answer came, in one line."""
        if not _worker_died(error):
            return one_line(error)
        cause = "its process died, perhaps for want of memory"
        if self.engine.run_timeout_s is not None:
            cause += ", or was ended because it went beyond engine.run_timeout_s and did not listen"
        return cause

    def stop(self, executor: Executor, running: dict[Future[list[Found]], Hand]) -> None:
        """Finish what workers have in hand and keep it, of a group the run it is at; a second Ctrl-C drops it."""
        for future in [future for future in running if future.cancel()]:
            del running[future]
        try:
            if isinstance(executor, PoolExecutor):
                executor.begin_no_more()
            self.stopping(len(running))
            wait(running)
        except KeyboardInterrupt:
            if isinstance(executor, PoolExecutor):
                executor.kill()
            return
        for future, hand in running.items():
            if not future.done() or future.cancelled() or _worker_died(future.exception()):
                continue  # its worker was stopped too; it is no failure
            self.collect(future, hand, None)


def _worker_died(error: BaseException | None) -> bool:
    """Whether the process that made a run was lost, here or on a cluster (dask's own error is told by its name)."""
    return isinstance(error, BrokenProcessPool | CancelledError) or type(error).__name__ == "KilledWorker"
