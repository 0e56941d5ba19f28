"""Requests to stop (Ctrl-C, SIGTERM) as something to look at between two steps, not as an error in the middle of one.

An error raised wherever the program happens to be could fall between a run's end and its being noted. So the first
request is only noted; the second one, from somebody who will not wait, is raised.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

LOOK_S: Final = 0.2  # how often somebody who waits looks for a request


@dataclass(slots=True)
class Requests:
    """What was asked until now.

    Attributes:
        to_end: whether one of them was SIGTERM.
    """

    count: int = 0
    to_end: bool = False


@contextmanager
def noted() -> Iterator[Requests]:
    """Inside, the first request to stop is noted and every further one raises KeyboardInterrupt."""
    requests = Requests()
    if threading.current_thread() is not threading.main_thread():
        yield requests
        return

    def note(number: int, frame: FrameType | None) -> None:
        requests.count += 1
        requests.to_end = requests.to_end or number == signal.SIGTERM
        if requests.count > 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
