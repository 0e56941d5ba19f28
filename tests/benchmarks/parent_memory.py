"""What many planned runs take in the parent: while they are planned and made, and when every national panel was read.

A national run is made up once and its file written anew under the key of every planned run, so that the parent holds
as many results as in a real sweep without hours of making them (three areas only: panels below the national one stay
on the disk). Needs 2 GB of disk.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.benchmarks.measuring import PEAK, Bench, Row, apart, peak_mb

PART: Final = "parent_memory"
SCENARIOS: Final = 100


def run_here(runs: int) -> dict[str, float]:
    """Peak memory of this process, in MB, after each step."""
    from sim.experiment.engines import Engine
    from sim.experiment.keyed import KeyedStore
    from sim.experiment.plan import Plan
    from sim.experiment.run import execute
    from sim.observe.measures import HEADLINE
    from sim.settings import load
    from tests.benchmarks.resume import fill
    from tests.support.synthetic import run

    marks = ",".join(f"{i / 1000:g}" for i in range(SCENARIOS))
    scenarios, _ = load([f"rate_card.markup_share={marks}"], sweep=True)
    plan = Plan.of(scenarios, seed=2015, replications=range(1, runs // SCENARIOS + 1))
    peaks = {"planned": peak_mb()}
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shared = KeyedStore(home)
        fill(shared, plan, run(1, n_crcs=2, n_areas=3))
        outcome = execute(plan, home / "a/runs", engine=Engine("local", 2), shared=shared)
        assert outcome.reused == len(plan.tasks), outcome.reused
        peaks["finished"] = peak_mb()
        for results in outcome.results.values():
            for result in results:
                result.panels["national"].values[HEADLINE].sum()
        peaks["every national panel read"] = peak_mb()
    return peaks


def measure(bench: Bench) -> list[Row]:
    """A row a step."""
    runs = bench.times(10_000, SCENARIOS)
    peaks = apart("tests.benchmarks.parent_memory:run_here", runs=runs)
    return [Row(PART, f"{runs:,} runs", f"{PEAK}, {step}", mb, "MB") for step, mb in peaks.items()]


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
