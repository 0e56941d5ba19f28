"""Shared history: runs that differ in policy only are one run until their first lever date, and are made as one.

A group of tasks has one trunk, which does nothing. On each first date of the group's policies it is held, and one
child after another is forked from it, adopts a policy, and goes on to the end; the trunk writes what they answer.
Policies that never act are the trunk itself. The files are those that the same runs leave when made one by one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiment import forks
from sim.experiment.deadline import RunTimeout, deadline
from sim.experiment.engines import CLUSTERS, Engine, no_more
from sim.experiment.plan import Task
from sim.experiment.work import Failure, Made, NotMade, Simulate, check_code, failed, one_line, work, write
from sim.observe.results import RunResult

if TYPE_CHECKING:
    from sim.model import Replication
    from sim.scenario import Scenario

Found = Made | NotMade
AUTO, ON, OFF = "auto", "on", "off"  # words of engine.shared_history
GRACE_S = 20.0  # how much longer than it may a child is waited for, before it is ended


def wanted(engine: Engine) -> bool:
    """Whether runs are to be made in groups: on this machine only, and by itself only where it is known to be safe."""
    if engine.shared_history == OFF or engine.kind in CLUSTERS:
        return False
    return forks.possible() if engine.shared_history == ON else forks.LINUX


def grouped(tasks: Sequence[Task], workers: int) -> list[list[Task]]:
    """The tasks in groups that can share a trunk, those that begin to differ first in front.

    Groups that would leave workers idle at the end are cut up; each part then has a trunk of its own.
    """
    groups: dict[object, list[Task]] = {}
    numbers: dict[Scenario, int] = {}  # of what scenarios are without their policies
    known: dict[int, int] = {}  # the same by object: to hash a scenario once a task takes seconds in a large sweep
    for task in tasks:
        this = id(task.scenario)
        if this not in known:
            known[this] = numbers.setdefault(replace(task.scenario, name="", policy=None), len(numbers))
        groups.setdefault((known[this], task.seed, task.replication, task.code), []).append(task)
    units = [sorted(group, key=_first_day) for group in groups.values()]
    last = len(units) % workers
    whole, rest = units[: len(units) - last], units[len(units) - last :]
    return whole + [part for i, unit in enumerate(rest) for part in _cut(unit, workers // last + (i < workers % last))]


def effort(tasks: Sequence[Task], engine: Engine) -> float:
    """How many whole runs making these tasks is about as much work as."""
    if not wanted(engine):
        return float(len({task.key for task in tasks}))
    whole = 0.0
    for unit in _units(tasks):
        begins = [min(1.0, _first_day(task) / task.scenario.horizon.calendar().n_days) for task in unit]
        whole += max(begins) + sum(1.0 - share for share in begins)
    return whole


def shares(tasks: Sequence[Task], engine: Engine) -> bool:
    """Whether any of these tasks are to be made as one until their first lever date."""
    return wanted(engine) and any(len(unit) > 1 for unit in _units(tasks))


def _units(tasks: Sequence[Task]) -> list[list[Task]]:
    """The groups of tasks, those of one content counted once."""
    return grouped(list({task.key: task for task in tasks}.values()), 1)


def _first_day(task: Task) -> float:
    """The first day on which a run can differ from doing nothing; infinite for never."""
    policy, calendar = task.scenario.policy, task.scenario.horizon.calendar()
    first = policy.first_date if policy else None
    if first is None or calendar.day(first) > calendar.n_days:
        return math.inf
    return max(0, calendar.day(first))


def _cut(unit: list[Task], parts: int) -> list[list[Task]]:
    """As many parts of about the same size, none empty."""
    parts = min(parts, len(unit))
    return [unit[i * len(unit) // parts : (i + 1) * len(unit) // parts] for i in range(parts)]


def alone(task: Task, path: Path, simulate: Simulate | None, timeout_s: float | None) -> list[Found]:
    """In a worker: what a run gives that shares nothing."""
    return [work(task, path, simulate, timeout_s)]


def together(
    tasks: Sequence[Task], paths: Sequence[Path], timeout_s: float | None, anyhow: bool, stop_at_failure: bool
) -> list[Found]:
    """In a worker: what the runs of a group give; fewer than asked for when it was told to begin no more."""
    made = made_together(tasks, paths, timeout_s, anyhow=anyhow, stop_at_failure=stop_at_failure, over=no_more)
    return list(made)


def made_together(
    tasks: Sequence[Task],
    paths: Sequence[Path],
    timeout_s: float | None = None,
    *,
    anyhow: bool = False,
    stop_at_failure: bool = False,
    over: Callable[[], bool] = lambda: False,
) -> Iterator[Found]:
    """Make the runs of a group one after the other, in the order of ``grouped``, and write their files.

    Args:
        timeout_s: seconds a run may take, its share of the trunk included.
        anyhow: share histories even where other threads are about.
        stop_at_failure: begin no further run after one that failed.
        over: asked before each run is begun; true to begin no more.
    """
    if anyhow or forks.safe():
        found = _Trunk(timeout_s).runs(tasks, paths)
    else:
        found = (work(task, path, None, timeout_s) for task, path in zip(tasks, paths, strict=True))
    while not over() and (one := next(found, None)) is not None:
        yield one
        if isinstance(one, NotMade) and (one.no_room or (stop_at_failure and not one.lost)):
            return


class _Trunk:
    """The run that a group has in common.

    Attributes:
        used_s: seconds it has taken, the waiting for children not counted.
    """

    def __init__(self, timeout_s: float | None) -> None:
        self.used_s = 0.0
        self._timeout_s = timeout_s

    def runs(self, tasks: Sequence[Task], paths: Sequence[Path]) -> Iterator[Found]:
        """What each task gives. Where the trunk itself fails, so would each run that is left, and does."""
        left = list(zip(tasks, paths, strict=True))
        stage = "code"
        try:
            check_code(tasks[0])
            stage = "start"
            from sim.model import Replication

            stage, first = "run", tasks[0]
            with self._counted():
                bare = replace(first.scenario, policy=None)
                trunk = Replication(bare, seed=first.seed, replication=first.replication)
            while len(left) > 1 and (day := _first_day(left[0][0])) < math.inf:
                with self._counted():
                    trunk.go_on_to(day)
                task, path = left[0]
                found = self._branch(trunk, task, path)
                del left[0]
                yield found
            scenario = left[0][0].scenario
            with self._counted():
                trunk.adopt(scenario)
                result = trunk.finish()
            result = replace(result, seconds=self.used_s)
        except RunTimeout as error:
            yield from [NotMade(failed(task, "timeout", error, str(error))) for task, _ in left]
        except Exception as error:
            yield from [NotMade(failed(task, stage, error, one_line(error))) for task, _ in left]
        else:
            yield from [write(replace(result, scenario=task.scenario.name), task, path) for task, path in left]

    def _branch(self, trunk: Replication, task: Task, path: Path) -> Found:
        """Make the run of one policy in a child, and write its file here."""
        patience_s = None if self._timeout_s is None else self._timeout_s - self.used_s + GRACE_S
        try:
            answer = forks.in_child(lambda: self._finished(trunk, task), patience_s)
        except forks.ChildDied as error:
            return NotMade(failed(task, "worker", error, str(error)), lost=True)
        except OSError:  # no room for a child: without one, then
            return work(task, path, None, self._timeout_s)
        if isinstance(answer, RunResult):
            return write(answer, task, path)
        assert isinstance(answer, Failure)
        return NotMade(answer)

    def _finished(self, trunk: Replication, task: Task) -> RunResult | Failure:
        """In the child: go on under a policy to the end."""
        began = time.perf_counter()
        try:
            with deadline(self._timeout_s, used_s=self.used_s):
                trunk.adopt(task.scenario)
                result = trunk.finish()
        except RunTimeout as error:
            return failed(task, "timeout", error, str(error))
        except Exception as error:
            return failed(task, "run", error, one_line(error))
        return replace(result, seconds=time.perf_counter() - began)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """A part of the trunk, within what is left of its time."""
        began = time.perf_counter()
        try:
            with deadline(self._timeout_s, used_s=self.used_s):
                yield
        finally:
            self.used_s += time.perf_counter() - began
