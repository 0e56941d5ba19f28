"""How busy the workers of a sweep are: the seconds spent inside runs over the seconds that the workers were there.

One grid of four policies is made by one process and then by the pool; the files must be the same to the byte.
    efficiency       sum of run seconds / (workers x wall seconds of the grid), start of the workers included
    against serial   (serial wall seconds / workers) / wall seconds of the grid: also counts what runs side by side
                     take from each other (memory, caches, clock), and what else the machine is doing
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.settings import load
from tests.benchmarks.measuring import HIGH_IS_GOOD, RATIO, Bench, Row

PART: Final = "sweep"
POLICIES: Final = "policy=do_nothing,stewardship,rate_card_reform,all_recommendations"
WORKERS: Final = 2


def grid(plan: Plan, home: Path, engine: str, workers: int) -> tuple[Outcome, float, dict[str, bytes]]:
    """The outcome, the sum of run seconds, and the files."""
    outcome = execute(plan, home, engine=engine, workers=workers)
    assert outcome.finished == outcome.planned, outcome.failures
    inside = sum(result.seconds for results in outcome.results.values() for result in results)
    return outcome, inside, {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*.parquet")}


def measure(bench: Bench) -> list[Row]:
    """Rows of one process and of the pool."""
    words = ["world=one_area" if bench.quick else "world=national", f"replications={bench.times(6)}", POLICIES]
    scenarios, run = load(words, sweep=True)
    plan = Plan.of(scenarios, seed=run.seed, replications=range(1, run.replications + 1))
    with tempfile.TemporaryDirectory() as home:
        serial, alone, one = grid(plan, Path(home) / "serial", "serial", 1)
        pool, together, many = grid(plan, Path(home) / "pool", "local", WORKERS)
    assert one == many, "the pool and one process differ: times mean nothing"
    rows = []
    for case, outcome, inside, n in (
        ("one process", serial, alone, 1),
        (f"{WORKERS} workers", pool, together, WORKERS),
    ):
        rows += [
            Row(PART, case, "runs", outcome.finished, ""),
            Row(PART, case, "seconds by the clock", outcome.seconds, "s"),
            Row(PART, case, "seconds by the clock of a run", inside / outcome.finished, "s"),
            Row(PART, case, "runs a minute", 60.0 * outcome.finished / outcome.seconds, "1/min"),
            Row(PART, case, "efficiency", inside / (n * outcome.seconds), HIGH_IS_GOOD),
        ]
    rows.append(Row(PART, f"{WORKERS} workers", "against serial", serial.seconds / WORKERS / pool.seconds, RATIO))
    return rows


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
