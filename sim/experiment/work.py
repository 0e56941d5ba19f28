"""What a worker does: make one run and write its file, or say why not.

Runs in worker processes, here or on a cluster: it must not import pandas, scipy or matplotlib. What goes back is
light: the result itself stays in its file.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sim.experiment import store
from sim.experiment.deadline import RunTimeout, deadline
from sim.experiment.plan import Task, source_digest
from sim.observe.results import RunResult

Simulate = Callable[..., RunResult]
# The code this process holds: hashed when it is first needed here, before the model is imported.
AS_IMPORTED: Final = source_digest()
_NO_ROOM: Final = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that did not finish.

    Attributes:
        stage: start (loading the model), code (the worker holds other code than the plan), run, timeout, write, or
            worker (its process died).
        cause: the error in one line.
    """

    scenario: str
    replication: int
    stage: str
    cause: str
    trace: str


@dataclass(frozen=True, slots=True)
class Made:
    """A run was made and its file written.

    Attributes:
        seconds: wall-clock time of the run.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class NotMade:
    """A run failed.

    Attributes:
        no_room: why no further run could be written either, in words; empty when others may.
        lost: whether its process died while the worker lived on, so that it may be made again apart.
    """

    failure: Failure
    no_room: str = ""
    lost: bool = False


def work(task: Task, path: Path, simulate: Simulate | None = None, timeout_s: float | None = None) -> Made | NotMade:
    """Make one run within a time limit and write its file."""
    stage = "code"
    try:
        check_code(task)
        stage = "start"
        if simulate is None:
            from sim.model import run_replication

            simulate = run_replication
        stage = "run"
        with deadline(timeout_s):
            result = simulate(task.scenario, seed=task.seed, replication=task.replication)
    except RunTimeout as error:
        return NotMade(failed(task, "timeout", error, str(error)))
    except Exception as error:
        return NotMade(failed(task, stage, error, one_line(error)))
    return write(result, task, path)


def check_code(task: Task) -> None:
    """Raise RuntimeError when this process holds other code than the task was planned with."""
    if task.code != AS_IMPORTED:
        raise RuntimeError(
            "this worker holds other code of the model than the plan was made from; start the workers again"
        )


def write(result: RunResult, task: Task, path: Path) -> Made | NotMade:
    """Write the file of a run that was made."""
    try:
        store.write(result, path, key=task.key)
    except Exception as error:
        return NotMade(failed(task, "write", error, one_line(error)), no_room(error))
    return Made(result.seconds)


def failed(task: Task, stage: str, error: BaseException, cause: str) -> Failure:
    """The row of a run that failed."""
    trace = "".join(traceback.format_exception(error))
    return Failure(task.scenario.name, task.replication, stage, cause, trace)


def one_line(error: BaseException) -> str:
    """An error in one line."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def no_room(error: BaseException) -> str:
    """Why nothing more can be written, in words; empty for any other error."""
    return _NO_ROOM.get(error.errno or 0, "") if isinstance(error, OSError) else ""
