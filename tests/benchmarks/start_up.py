"""What a person waits for before anything runs, and every worker before its first run.

Each case is a whole process from its start to its end, and each but the help does what the one before it does and one
step more. The cases take turns; each figure is the best of a few.
"""

from __future__ import annotations

import sys
from typing import Final

from tests.benchmarks.measuring import LOW_IS_GOOD, SECONDS, Bench, Row, process_cost, yardsticks_s

PART: Final = "start_up"
_HELP: Final = "python -m sim --help"


def commands(bench: Bench) -> dict[str, list[str]]:
    """The command of each case."""
    model = "import sim.model"
    settings = f"{model}; from sim.settings import load; scenario = load({bench.words!r})[0][0]"
    world = f"{settings}; sim.model.build(scenario, seed=2015, replication=1)"
    steps = {"python alone": "pass", model: model, "and settings loaded": settings, "and the world built": world}
    return {
        _HELP: [sys.executable, *_HELP.split()[1:]],
        **{case: [sys.executable, "-c", code] for case, code in steps.items()},
    }


def measure(bench: Bench) -> list[Row]:
    """Processor and wall seconds of every case, and what each step adds."""
    asked = commands(bench)
    costs: dict[str, list[tuple[float, float]]] = {case: [] for case in asked}
    for _ in range(bench.times(5)):
        for case, command in asked.items():
            costs[case].append(process_cost(command))
    best = {case: tuple(map(min, zip(*found, strict=True))) for case, found in costs.items()}
    yardsticks = sum(yardsticks_s(bench.times(5)))
    rows = []
    before = 0.0
    for case, (processor, wall) in best.items():
        rows += [Row(PART, case, SECONDS, processor, "s"), Row(PART, case, "seconds by the clock", wall, "s")]
        if case == _HELP:
            rows.append(Row(PART, case, "time over the yardsticks'", processor / yardsticks, LOW_IS_GOOD))
        else:
            rows.append(Row(PART, case, f"{SECONDS} of this step", processor - before, "s"))
            before = processor
    built = best["and the world built"][0]
    rows.append(Row(PART, "and the world built", "time over the yardsticks'", built / yardsticks, LOW_IS_GOOD))
    return rows


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
