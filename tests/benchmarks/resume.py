"""How long the same command takes when all its runs are there already.

A national run is made up once and written under the key of every planned run; then a fresh folder is filled from the
store by ``execute``. The report, which reads the panels, comes on top.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from sim.experiment import store
from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.observe.results import RunResult
from sim.settings import load
from tests.benchmarks.measuring import SECONDS, Bench, Row
from tests.support.synthetic import run

PART: Final = "resume"


def fill(shared: KeyedStore, plan: Plan, made: RunResult) -> None:
    """Put one run under the key of every task: written once, then copied with another key and checksum."""
    first = plan.tasks[0].key
    store.write(made, shared.path(first), key=first)
    data = shared.path(first).read_bytes()
    for task in plan.tasks[1:]:
        path = shared.path(task.key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(store.resummed(data.replace(first.encode(), task.key.encode())))


def measure(bench: Bench) -> list[Row]:
    """Rows of one resumed plan."""
    runs = bench.times(1000, 10)
    plan = Plan.of(load([])[0], seed=2015, replications=range(1, runs + 1))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        fill(KeyedStore(home), plan, run(1))
        size = sum(path.stat().st_size for path in (home / ".store").rglob("*.parquet"))
        began, busy = time.perf_counter(), time.process_time()
        plan = Plan.of(plan.scenarios, seed=2015, replications=plan.replications)
        outcome = execute(plan, home / "a/runs", engine=Engine("local", 2), shared=KeyedStore(home))
        seconds, processor = time.perf_counter() - began, time.process_time() - busy
    assert outcome.reused == runs
    case = f"{runs:,} finished runs verified, placed and opened"
    return [
        Row(PART, case, "size", size / 1e6, "MB"),
        Row(PART, case, "seconds by the clock", seconds, "s"),
        Row(PART, case, SECONDS, processor, "s"),
    ]


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
