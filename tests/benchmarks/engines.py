"""What each engine costs beside the runs themselves, and what a second worker brings.

Run:  python -m tests.benchmarks.engines [runs] [seconds a run]            (default: 60 0.5)

    overhead   what a run costs its worker beyond the run itself: (wall x workers - runs x seconds) / runs
    efficiency runs x seconds / (workers x wall)
The start of the workers is taken out of the wall time. A run sleeps, so that this measures the
engine and not the machine's second core; sweep_throughput has real runs.
The dask engine talks to a real scheduler with two worker processes, started here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.settings import load
from tests.cluster.start_dask import running_dask
from tests.support import made_up_model as model


def steady(engine: Engine, runs: int, seconds: float) -> tuple[float, Outcome]:
    """Wall seconds from the first run's end to the last one's, over the share of runs that lie between."""
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
    return (ends[-1] - ends[1]) * runs / (runs - 2), outcome


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    runs, seconds = int([*words, "60"][0]), float(words[1] if len(words) > 1 else "0.5")
    print(f"{runs} runs of {seconds:g} s each")
    print(f"{'':10}{'workers':>8}{'wall s':>9}{'overhead ms a run':>20}{'efficiency':>12}")
    with running_dask(2) as address:
        for engine, workers in (
            (Engine("serial"), 1),
            (Engine("local", 2), 2),
            (Engine("dask", address=address), 2),
        ):
            wall, _ = steady(engine, runs, seconds)
            overhead = (wall * workers - runs * seconds) / runs
            efficiency = runs * seconds / (workers * wall)
            print(f"{engine.kind:10}{workers:>8}{wall:>9.2f}{1000 * overhead:>20.1f}{efficiency:>12.3f}", flush=True)


if __name__ == "__main__":
    main()
