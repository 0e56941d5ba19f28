"""Where runs are made: in this process or in a pool on this machine, as ``concurrent.futures`` executors.

Workers are started afresh (spawn), compute with one thread each, and leave Ctrl-C to the parent, so that it
can stop without leaving a half-written file or a stray process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process, resource_tracker
from pathlib import Path
from typing import Any, Final, TypeVar

from sim.experiment.forks import KNOWN_THREAD

T = TypeVar("T")
CLUSTERS: Final = ("dask", "slurm")
_told: connection.Connection | None = None  # a worker's end of the pipe that its parent closes to say: no more
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Engine:
    """Where and how runs are made.

    Attributes:
        kind: serial, local, dask or slurm.
        workers: processes; None for one a core.
        run_timeout_s: seconds one run may take; None is no limit.
        shared_history: whether runs that differ in policy only are made from one trunk: auto, on or off.
        code: a folder that holds a copy of the package, which workers import instead of the one on the path.
        address: where a dask scheduler listens.
        host: the address of this machine that Slurm's nodes reach.
        queue, account: of Slurm; empty for its defaults.
        memory_gb, walltime_hours: what a Slurm worker asks for.
    """

    kind: str
    workers: int | None = None
    run_timeout_s: float | None = None
    shared_history: str = "auto"
    code: Path | None = None
    address: str = ""
    host: str = ""
    queue: str = ""
    account: str = ""
    memory_gb: float = 2.0
    walltime_hours: float = 1.0


class SerialExecutor(Executor):
    """Runs each call at once, in this process; Ctrl-C passes straight through."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call ``fn`` now; the future holds its result or its exception."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class PoolExecutor(ProcessPoolExecutor):
    """A process pool whose workers ignore Ctrl-C from their first instruction on and import frozen code.

    Args:
        workers: processes.
        code: the folder that holds the copy of the package; None for the one on the path.
    """

    def __init__(self, workers: int, code: Path | None = None) -> None:
        context = get_context("spawn")
        self._ends = context.Pipe(duplex=False)
        super().__init__(max_workers=workers, mp_context=context, initializer=_start_worker, initargs=(self._ends[0],))
        self._code = code

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Queue a call; a worker started here inherits the signal held back and the path of the frozen code."""
        with _ctrl_c_held_back(), _first_on_path(self._code):
            return super().submit(fn, *args, **kwargs)

    def begin_no_more(self) -> None:
        """Let workers finish the run they have in hand, and begin no other one of its group."""
        self._ends[1].close()  # they see it at their end; nothing can be lost on the way, nor left locked

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the workers when they have done what they have in hand."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        for end in self._ends:
            end.close()

    def kill(self) -> None:
        """End the workers now, whatever they are doing."""
        for process in list((self._processes or {}).values()):
            process.terminate()


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worker_count(kind: str, workers: int | None, tasks: int) -> int:
    """Workers for a number of tasks: as asked, or one a core; never idle ones, and one if serial."""
    return 1 if kind == "serial" else max(1, min(workers or cores(), tasks))


def in_hand(executor: Executor, workers: int) -> int:
    """How many runs to hand out at a time: one more than workers, so that none waits for the parent."""
    if isinstance(executor, SerialExecutor):
        return 1
    hands = getattr(executor, "hands", None)
    return workers + 1 if hands is None else int(hands)


@contextmanager
def open_engine(engine: Engine, workers: int, *, apart: bool = False) -> Iterator[Executor]:
    """An executor, closed on leaving.

    A pool of one is this process itself, which starts faster, unless the work must stay ``apart`` from it.
    """
    if engine.kind == "serial" or (engine.kind == "local" and workers == 1 and not apart):
        yield SerialExecutor()
        return
    if engine.kind in CLUSTERS:
        from sim.experiment import cluster

        with cluster.dask_executor(engine) if engine.kind == "dask" else cluster.slurm_executor(engine, workers) as far:
            yield far
        return
    with _one_thread_each():
        pool = PoolExecutor(workers, engine.code)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start_worker(told: connection.Connection) -> None:
    global _told
    _told = told
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name=KNOWN_THREAD, daemon=True).start()


def no_more() -> bool:
    """In a worker: whether its parent wants no further run begun, or is gone."""
    return _told is not None and _told.poll()


def _end_with_parent() -> None:
    """A parent that was killed cannot end its workers; each sees to that itself."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _first_on_path(folder: Path | None) -> Iterator[None]:
    """What is started here looks for packages in this folder first."""
    if folder is None:
        yield
        return
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """A worker started here holds Ctrl-C back from its first instruction on; none that comes meanwhile is lost."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which, were it started below, would undo this
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Workers read these when numpy starts; the parent's own numpy has read them long before."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
