"""A request to end (SIGTERM, from a batch system or a shutdown) is met as Ctrl-C is: what is finished is kept."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(slots=True)
class Told:
    """Whether the process was asked to end."""

    to_end: bool = False


@contextmanager
def ended_like_ctrl_c() -> Iterator[Told]:
    """Inside, SIGTERM raises KeyboardInterrupt; what is yielded tells afterwards whether it came."""
    told = Told()
    if threading.current_thread() is not threading.main_thread():
        yield told
        return

    def end(number: int, frame: FrameType | None) -> None:
        told.to_end = True
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield told
    finally:
        signal.signal(signal.SIGTERM, before)
