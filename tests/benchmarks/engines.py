"""What each engine costs beside the runs themselves, and what a second worker brings.

    overhead   what a run costs its worker beyond the run itself: (wall x workers - runs x seconds) / runs
    efficiency runs x seconds / (workers x wall)
The start of the workers is taken out of the wall time. A run sleeps, so that this measures the
engine and not the machine's second core; the sweep has real runs.
The dask engine talks to a real scheduler with two worker processes, started here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.settings import load
from tests.benchmarks.measuring import HIGH_IS_GOOD, Bench, Row
from tests.cluster.start_dask import running_dask
from tests.support import made_up_model as model

PART: Final = "engines"
_RUN_S: Final = 0.5


def steady_s(engine: Engine, runs: int, seconds: float) -> float:
    """Wall seconds from the second run's end to the last one's, over the share of runs that lie between."""
    plan = Plan.of(load(["world=pair"])[0], seed=5, replications=range(1, runs + 1))
    ends: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        outcome = execute(
            plan,
            home / "a/runs",
            engine=engine,
            shared=KeyedStore(home),
            simulate=partial(model.sleeps, seconds),
            progress=lambda outcome: ends.append(time.perf_counter()),
        )
    assert outcome.finished == runs, outcome.failures
    return (ends[-1] - ends[1]) * runs / (runs - 2)


@contextmanager
def engines(bench: Bench) -> Iterator[dict[Engine, int]]:
    """The engines and their workers; dask where it is installed."""
    here = {Engine("serial"): 1, Engine("local", 2): 2}
    if bench.quick or not find_spec("distributed"):
        yield here
        return
    with running_dask(2) as address:
        yield {**here, Engine("dask", address=address): 2}


def measure(bench: Bench) -> list[Row]:
    """Rows of every engine."""
    runs, seconds = (6, 0.02) if bench.quick else (60, _RUN_S)
    rows = []
    with engines(bench) as crew:
        for engine, workers in crew.items():
            wall = steady_s(engine, runs, seconds)
            overhead = (wall * workers - runs * seconds) / runs
            case = f"{engine.kind}, {workers} worker{'s' * (workers > 1)}"
            rows += [
                Row(PART, case, f"seconds by the clock, {runs} runs of {seconds:g} s", wall, "s"),
                Row(PART, case, "overhead a run", 1000.0 * overhead, "ms"),
                Row(PART, case, "efficiency", runs * seconds / (workers * wall), HIGH_IS_GOOD),
            ]
    return rows


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
