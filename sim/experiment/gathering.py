"""What there is of a plan: runs taken from their files, and failures, each noted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiment import store
from sim.experiment.keyed import KeyedStore, place
from sim.experiment.lazy import Shelf
from sim.experiment.plan import Task
from sim.experiment.store import Head
from sim.experiment.work import Failure, Made, NotMade, failed, no_room, one_line

if TYPE_CHECKING:
    from sim.experiment.run import Outcome


@dataclass(slots=True)
class Gathering:
    """Fills an outcome.

    Attributes:
        runs: the experiment's own files.
        shared: the finished runs of all experiments; None to do without.
        stop_at_failure: whether a failure halts the others.
    """

    outcome: Outcome
    runs: Path
    shared: KeyedStore | None
    stop_at_failure: bool
    planned: list[Task] = field(default_factory=list)
    twins: dict[str, list[Task]] = field(default_factory=dict)
    untimed: dict[str, list[Task]] = field(default_factory=dict)  # taken from a file before its worker told the time
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
            elif self.shared is None:  # each writes a file of its own
                missing.append(task)
            elif task.key in self.twins:
                self.twins[task.key].append(task)
            else:
                self.twins[task.key] = [task]
                missing.append(task)
        for key in found:
            self.forget(key)
        return missing

    def target(self, task: Task) -> Path:
        """The file a worker writes."""
        if self.shared is not None:
            return self.shared.path(task.key)
        return store.run_path(self.runs, task.folder, task.replication)

    def take(self, task: Task, found: Made | NotMade) -> None:
        """Keep a run for every scenario of its content, or note that it failed."""
        twins = self.twins.pop(task.key, [task])
        if isinstance(found, Made):
            head = self.seen(task)
            if head is not None:
                for twin in twins:
                    self.keep(twin, head, found.seconds)
                if not found.seconds:
                    self.untimed[task.key] = twins
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

    def missed(self, task: Task) -> bool:
        """Whether nothing came of a run: its answer did not arrive, nor is its file there."""
        if self.seen(task):
            self.take(task, Made(0.0))
            return False
        return True

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

    def timed(self, task: Task, seconds: float) -> None:
        """A run that was taken from its file: how long it took is told later, for every scenario of its content."""
        for twin in self.untimed.pop(task.key, []):
            results = self.outcome.results[twin.scenario.name]
            for i, result in enumerate(results):
                if result.replication == twin.replication:
                    results[i] = replace(result, seconds=seconds)
