"""How long the same command takes when all its runs are there already.

Run:  python -m tests.benchmarks.resume [runs]                             (default: 1000)

A national run is made up once and written under the key of every planned run; then a fresh folder is filled from the
store by ``execute``. The report, which reads the panels, comes on top.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from sim.experiment import store
from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.settings import load
from tests.support.synthetic import run


def main() -> None:
    """Print one line."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    plan = Plan.of(load([])[0], seed=2015, replications=range(1, runs + 1))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shared, made = KeyedStore(home), run(1)
        for task in plan.tasks:
            store.write(replace(made, replication=task.replication), shared.path(task.key), key=task.key)
        size = sum(path.stat().st_size for path in (home / ".store").rglob("*.parquet"))
        began = time.perf_counter()
        plan = Plan.of(plan.scenarios, seed=2015, replications=plan.replications)
        outcome = execute(plan, home / "a/runs", engine=Engine("local", 2), shared=KeyedStore(home))
        seconds = time.perf_counter() - began
    assert outcome.reused == runs
    print(f"{runs:,} finished national runs ({size / 1e6:.0f} MB) verified, placed and opened in {seconds:.2f} s")


if __name__ == "__main__":
    main()
