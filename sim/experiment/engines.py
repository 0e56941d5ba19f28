"""Where runs are made: in this process or in a pool on this machine, as ``concurrent.futures`` executors.

Workers are started afresh (spawn), compute with one thread each, and leave Ctrl-C to the parent, so that it
can stop without leaving a half-written file or a stray process.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, Final, TypeVar

T = TypeVar("T")
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


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
    """A process pool whose workers ignore Ctrl-C from their first instruction on."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Queue a call; a worker started here inherits the ignored signal."""
        with _ctrl_c_ignored():
            return super().submit(fn, *args, **kwargs)

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


@contextmanager
def open_engine(kind: str, workers: int, *, apart: bool = False) -> Iterator[Executor]:
    """An executor, closed on leaving.

    A pool of one is this process itself, which starts faster, unless the work must stay ``apart`` from it.
    """
    if not apart and (kind == "serial" or workers == 1):
        yield SerialExecutor()
        return
    with _one_thread_each():
        pool = PoolExecutor(max_workers=workers, mp_context=get_context("spawn"), initializer=_start_worker)
        try:
            yield pool
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _ctrl_c_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
