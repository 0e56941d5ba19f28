"""How busy the workers of a sweep are: the seconds spent inside runs over the seconds that the workers were there.

Run:  python -m tests.benchmarks.sweep_throughput [world] [replications] [workers]      (default: national 6 2)

One grid of four policies is made by one process and then by the pool; the files must be the same to the byte.
    efficiency       sum of run seconds / (workers x wall seconds of the grid), start of the workers included
    against serial   (serial wall seconds / workers) / wall seconds of the grid: also counts what runs side by side
                     take from each other (memory, caches, clock), and what else the machine is doing
Only ratios carry over between machines.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sim.experiment.plan import Plan
from sim.experiment.run import Outcome, execute
from sim.settings import load

POLICIES = "policy=do_nothing,stewardship,rate_card_reform,all_recommendations"


def measure(plan: Plan, home: Path, engine: str, workers: int) -> tuple[Outcome, float, dict[str, bytes]]:
    """The outcome, the sum of run seconds, and the files."""
    outcome = execute(plan, home, engine=engine, workers=workers)
    assert outcome.finished == outcome.planned, outcome.failures
    inside = sum(result.seconds for results in outcome.results.values() for result in results)
    return outcome, inside, {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*.parquet")}


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    world, replications, workers = (words + ["national", "6", "2"][len(words) :])[:3]
    crew = int(workers)
    scenarios, run = load([f"world={world}", f"replications={replications}", POLICIES], sweep=True)
    plan = Plan.of(scenarios, seed=run.seed, replications=range(1, run.replications + 1))
    with tempfile.TemporaryDirectory() as home:
        serial, alone, one = measure(plan, Path(home) / "serial", "serial", 1)
        pool, together, many = measure(plan, Path(home) / "pool", "local", crew)
    assert one == many, "the pool and one process differ: times mean nothing"
    print(f"{world} world, {len(scenarios)} policies x {run.replications} replications, files equal to the byte")
    print(f"{'':16}{'runs':>6}{'wall s':>9}{'in runs s':>11}{'a run s':>9}{'efficiency':>12}{'against serial':>16}")
    rows = (("one process", serial, alone, 1), (f"{crew} workers", pool, together, crew))
    for label, outcome, inside, n in rows:
        efficiency = inside / (n * outcome.seconds)
        against = serial.seconds / n / outcome.seconds
        print(
            f"{label:16}{outcome.finished:>6}{outcome.seconds:>9.1f}{inside:>11.1f}{inside / outcome.finished:>9.2f}"
            f"{efficiency:>12.3f}{against:>16.3f}"
        )


if __name__ == "__main__":
    main()
