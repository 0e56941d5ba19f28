"""Where the time of a replication goes: an exclusive-time clock around the functions that ``phase_map`` names.

A phase's time is that spent in its functions without the phases they call. Runs with and without the clock take
turns in one process; the shares are those of the fastest run with it. The clock reads the processor's time twice a
call, and some of what that costs falls to the phase called, some to its caller: what it costs in all is a row.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final

from tests.benchmarks.measuring import RATIO, Bench, Row, apart, best_of, forms_of_the_model, processor_s
from tests.benchmarks.phase_map import PHASES, REST, THE_RUN, Place, places_of

PART: Final = "phases"
_THE_CLOCK = "the clock itself"


class PhaseClock:
    """Processor time by phase, each without the phases inside it.

    Attributes:
        seconds, calls: by phase, in the order of ``names``; the first phase is what no other names.
    """

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.seconds = [0.0] * len(names)
        self.calls = [0] * len(names)
        self._inside: list[int] = []  # the phases that were called and have not returned, innermost last
        self._since = 0.0

    def around(self, phase: int, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function with the clock around it."""
        read, seconds, calls, inside = time.process_time, self.seconds, self.calls, self._inside

        @wraps(function)
        def clocked(*args: Any, **options: Any) -> Any:
            now = read()
            if inside:
                seconds[inside[-1]] += now - self._since
            inside.append(phase)
            calls[phase] += 1
            self._since = now
            try:
                return function(*args, **options)
            finally:
                now = read()
                seconds[inside.pop()] += now - self._since
                self._since = now

        return clocked

    @contextmanager
    def ticking(self, places: list[list[Place]]) -> Iterator[None]:
        """Put the clock around the functions of each phase, and take it away on leaving.

        A function of a module is replaced wherever the package has imported it by name.
        """
        replaced: list[Place] = []
        try:
            for phase, functions in enumerate(places):
                for place in functions:
                    clocked = self.around(phase, place.function)
                    for held in [place] if isinstance(place.owner, type) else _imported(place):
                        setattr(held.owner, held.name, clocked)
                        replaced.append(held)
            yield
        finally:
            for held in replaced:
                setattr(held.owner, held.name, held.function)


def _imported(place: Place) -> list[Place]:
    """Wherever a module of the package holds a function."""
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "sim"]
    return [
        Place(module, name, place.function)
        for module in modules
        for name, value in list(vars(module).items())
        if value is place.function
    ]


def clock_cost_s(calls: int = 50_000) -> float:
    """Processor seconds that the clock adds to one call."""

    def nothing() -> None:
        pass

    clocked = PhaseClock(["nothing"]).around(0, nothing)

    def repeat(function: Callable[[], None]) -> Callable[[], None]:
        def all_calls() -> None:
            for _ in range(calls):
                function()

        return all_calls

    return max(0.0, best_of(3, repeat(clocked)) - best_of(3, repeat(nothing))) / calls


def run_here(words: list[str], runs: int) -> dict[str, Any]:
    """Runs with and without the clock, turn by turn; the fastest of each."""
    from sim import model
    from sim.settings import load

    scenario = load(words)[0][0]
    phases = places_of({REST: (THE_RUN,), **PHASES})

    def run() -> None:
        model.run_replication(scenario, seed=2015, replication=1)

    run()  # what is only done once in a process is not part of the shares
    plain, clocked = [], []
    for _ in range(runs):
        plain.append(processor_s(run))
        clock = PhaseClock(list(phases))
        with clock.ticking(list(phases.values())):
            clocked.append((processor_s(run), clock))
    seconds, clock = min(clocked, key=lambda pair: pair[0])
    return {
        "names": clock.names,
        "seconds": clock.seconds,
        "calls": clock.calls,
        "with_clock_s": seconds,
        "without_s": min(plain),
        "cost_s": clock_cost_s(),
    }


def measure(bench: Bench) -> list[Row]:
    """Rows of every phase, the largest first, and what the clock costs; of each form of the model."""
    return [row for says, environment in forms_of_the_model().items() for row in _of(bench, says, environment)]


def _of(bench: Bench, says: str, environment: Mapping[str, str]) -> list[Row]:
    runs = bench.times(3)
    found = apart("tests.benchmarks.phases:run_here", environment=environment, words=bench.words, runs=runs)
    found["names"] = [f"{says}: {name}" for name in found["names"]]
    clock = f"{says}: {_THE_CLOCK}"
    total = sum(found["seconds"])
    rows = []
    for seconds, name in sorted(zip(found["seconds"], found["names"], strict=True), reverse=True):
        rows += [
            Row(PART, name, "share of the time", 100.0 * seconds / total, "%"),
            Row(PART, name, "processor milliseconds", 1000.0 * seconds, "ms"),
        ]
    calls = sum(found["calls"])
    return [
        *rows,
        Row(PART, clock, "calls", calls, ""),
        Row(
            PART,
            clock,
            "processor milliseconds, calls times the cost of one",
            1000.0 * calls * found["cost_s"],
            "ms",
        ),
        Row(PART, clock, "run with it over run without", found["with_clock_s"] / found["without_s"], RATIO),
    ]


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
