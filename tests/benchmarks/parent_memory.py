"""What 10,000 planned runs take in the parent: while they are planned and made, and when every national panel was read.

Run:  python -m tests.benchmarks.parent_memory [runs]                      (default: 10000)

A national run is made up once and its file written anew under the key of every planned run, so that the parent holds
as many results as in a real sweep without hours of making them (three areas only: panels below the national one stay
on the disk). Needs 2 GB of disk.
"""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path

from sim.experiment.engines import Engine
from sim.experiment.keyed import KeyedStore
from sim.experiment.plan import Plan
from sim.experiment.run import execute
from sim.observe.measures import HEADLINE
from sim.settings import load
from tests.benchmarks.resume import fill
from tests.support.synthetic import run

SCENARIOS = 100


def main() -> None:
    """Print peak memory after each step."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    marks = ",".join(f"{i / 1000:g}" for i in range(SCENARIOS))
    scenarios, _ = load([f"rate_card.markup_share={marks}"], sweep=True)
    plan = Plan.of(scenarios, seed=2015, replications=range(1, runs // SCENARIOS + 1))
    _print("planned", len(plan.tasks))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        shared = KeyedStore(home)
        fill(shared, plan, run(1, n_crcs=2, n_areas=3))
        outcome = execute(plan, home / "a/runs", engine=Engine("local", 2), shared=shared)
        assert outcome.reused == len(plan.tasks), outcome.reused
        _print("finished", outcome.finished)
        for results in outcome.results.values():
            for result in results:
                result.panels["national"].values[HEADLINE].sum()
        _print("every national panel read", outcome.finished)


def _print(what: str, n: int) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:28}{n:>8,} runs   peak {peak:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
