"""A time limit for one run, kept by the process that makes it.

In a main thread the system's alarm interrupts even a sleep; in another thread (dask) the error is raised at the
next step of Python. Neither ends a computation that never returns to Python: the parent does, by ending the worker.
"""

from __future__ import annotations

import ctypes
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class RunTimeout(BaseException):
    """A run took longer than it may; not an Exception, so that no code of the model can take it for one of its own."""


@contextmanager
def deadline(seconds: float | None, *, used_s: float = 0.0) -> Iterator[None]:
    """Raise RunTimeout inside when it takes longer than ``seconds``; None is no limit.

    Args:
        used_s: how much of that was used up elsewhere.
    """
    if seconds is None:
        yield
        return
    left, words = seconds - used_s, f"it took longer than engine.run_timeout_s allows, {seconds:g} s"
    if left <= 0.0:
        raise RunTimeout(words)
    if threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer"):
        with _alarm(left, words):
            yield
    else:
        with _thrown(left, words):
            yield


@contextmanager
def _alarm(seconds: float, words: str) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise RunTimeout(words)

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _thrown(seconds: float, words: str) -> Iterator[None]:
    thread, lock, over = threading.get_ident(), threading.Lock(), False

    def throw() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(RunTimeout))

    timer = threading.Timer(seconds, throw)
    timer.daemon = True
    timer.start()
    try:
        yield
    except RunTimeout:
        raise RunTimeout(words) from None
    finally:
        timer.cancel()
        with lock:
            over = True
