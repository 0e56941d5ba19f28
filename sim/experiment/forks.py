"""A computation in a forked child: it begins with everything this process holds, and only its answer comes back.

Forking copies the process as it stands, running generators included, which nothing else can. What makes it safe here:
the caller's is the only thread that does anything, the child computes and answers and does nothing else (no files, no
libraries with threads of their own), it leaves without ceremony, and it never outlives its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pickle
import select
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Collection
from typing import BinaryIO, Final, NoReturn

KNOWN_THREAD: Final = "ends with its parent"  # a worker's second thread: it waits for one thing and holds no lock
LINUX: Final = sys.platform.startswith("linux")
_LIBC: Final = ctypes.CDLL(None) if LINUX else None
_PR_SET_PDEATHSIG: Final = 1
_STOPS: Final = (signal.SIGINT, signal.SIGTERM)
_MANY_FILES: Final = 4096  # no process here has more open
_LOOKS: Final = 1000  # at a child that should be leaving
_LOOK_S: Final = 0.002


class ChildDied(RuntimeError):
    """A child ended without an answer; the message says how."""


def possible() -> bool:
    """Whether this system can fork at all."""
    return hasattr(os, "fork")


def safe() -> bool:
    """Whether a child forked here and now can wait for no lock: Linux, main thread, no thread that is not known."""
    here = threading.main_thread()
    others = [thread for thread in threading.enumerate() if thread is not here]
    alone = threading.current_thread() is here and all(thread.name == KNOWN_THREAD for thread in others)
    return LINUX and possible() and alone


def in_child(compute: Callable[[], object], patience_s: float | None = None) -> object:
    """What ``compute`` gives in a child forked now; it must raise nothing and be answered with what can be pickled.

    Args:
        patience_s: seconds after which a child that has not answered is ended; None to wait for ever.

    Raises:
        ChildDied: it gave no answer.
        OSError: there was no room for a child.
    """
    parent, (here, there) = os.getpid(), os.pipe()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)  # until each side is ready for them
    try:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 counts threads, known ones too
                pid = os.fork()
            if pid == 0:
                _be_child(compute, there, parent, held)
        finally:
            os.close(there)
    except OSError:
        os.close(here)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        raise
    return _answer(pid, os.fdopen(here, "rb"), patience_s, held)


def _be_child(compute: Callable[[], object], there: int, parent: int, held: Collection[int]) -> NoReturn:
    """All that happens in a child. It ends here whatever comes, and nothing of the parent's is tidied up twice."""
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # stopping is the parent's business
        if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(status)  # it went before we could ask to be ended with it
        _close_all_but(there)  # a pipe held open here would hide the end of whoever else holds it
        with os.fdopen(there, "wb") as pipe:
            pickle.dump(compute(), pipe, pickle.HIGHEST_PROTOCOL)
        status = 0
    except BaseException:
        pass  # whatever it was: the parent sees that no answer came
    finally:
        os._exit(status)


def _close_all_but(kept: int) -> None:
    """Close what this process has open beyond the standard streams, but for one; by number where none can be listed."""
    try:
        numbers = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        most = os.sysconf("SC_OPEN_MAX")
        numbers = list(range(_MANY_FILES if most < 0 else min(most, _MANY_FILES)))
    for number in numbers:
        if number > 2 and number != kept:
            with contextlib.suppress(OSError):
                os.close(number)


def _answer(pid: int, pipe: BinaryIO, patience_s: float | None, held: Collection[int]) -> object:
    """Wait for a child's answer and its end; a child that gives none, or for which nobody waits any more, is ended."""
    answered, late, lingers, status = False, False, False, None
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        with pipe:
            late = not select.select([pipe], [], [], patience_s)[0]
            if not late:
                answer = pickle.load(pipe)
                answered = True
    except (EOFError, pickle.UnpicklingError):
        status = _left_by_itself(pid)  # it has closed its end, so it is about to leave, and how it does tells why
        lingers = status is None
    finally:
        if status is None:
            if not answered:
                os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
    if answered:
        return answer
    if late:
        raise ChildDied("it went beyond engine.run_timeout_s, did not listen, and was ended")
    if lingers:
        raise ChildDied("its process closed its pipe without an answer, did not end, and was ended")
    if os.WIFSIGNALED(status):
        raise ChildDied(f"its process died ({signal.Signals(os.WTERMSIG(status)).name}), perhaps for want of memory")
    raise ChildDied("its process ended without an answer, perhaps for want of memory")


def _left_by_itself(pid: int) -> int | None:
    """The status of a child that leaves within a moment; None for one that does not."""
    for _ in range(_LOOKS):
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(_LOOK_S)
    return None
