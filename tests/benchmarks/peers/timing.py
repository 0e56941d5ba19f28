"""Processor seconds of a run, by the best of some turns that all forms take one after the other.

What else the machine does so falls on all of them. A fast form is run again and again within its turn until it can
be measured. What a form needs before it can run is made before the clock starts.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from math import inf

MEASURABLE_SECONDS = 0.2
TURN_SECONDS = 1.0  # enough of a turn, with what is made before each run

Ready = Callable[[], Callable[[], object]]  # makes everything new and returns what is to be timed


def best_seconds(forms: Mapping[str, Ready], turns: int) -> dict[str, float]:
    """The seconds a run of each form takes in its best turn."""
    best = dict.fromkeys(forms, inf)
    for _ in range(turns):
        for name, ready in forms.items():
            best[name] = min(best[name], _turn(ready))
    return best


def _turn(ready: Ready) -> float:
    seconds, runs, turn_began = 0.0, 0, time.process_time()
    gc.collect()
    while seconds < MEASURABLE_SECONDS and time.process_time() - turn_began < TURN_SECONDS:
        go = ready()
        began = time.process_time()
        go()
        seconds += time.process_time() - began
        runs += 1
    return seconds / runs
