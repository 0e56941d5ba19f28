"""What sharing the run before the first lever date saves: +experiment=recommendations with and without, turn by turn.

Run:  python -m tests.benchmarks.shared_history [replications] [world] [workers]           (default: 2 national 1)

Each replication of all policies is made both ways, each in a fresh process and in turn, and the files must be the same
to the byte before times are compared. Processor seconds are those of the process and of all that it started, imports
and settings left out (with several workers the start of these counts). Memory is the most that all processes of a turn
held together, what they share counted once (the system's proportional set size, looked at four times a second).
Only ratios of one call carry over between machines. Linux only.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

WAYS: Final = {"off": "each run by itself", "auto": "shared history"}
_LOOK_S: Final = 0.25


def measure(way: str, replication: str, world: str, workers: str, home: str) -> dict[str, float]:
    """Make one replication of every policy here and say what it took."""
    from sim.experiment.engines import Engine
    from sim.experiment.plan import Plan
    from sim.experiment.run import execute
    from sim.settings import load_all

    loaded = load_all(["+experiment=recommendations", f"world={world}"], sweep=True)
    plan = Plan.of(loaded.scenarios, seed=loaded.run.seed, replications=[int(replication)])
    engine = Engine("local", int(workers), shared_history=way)
    before = processor_seconds()
    outcome = execute(plan, Path(home), engine=engine)
    assert outcome.finished == outcome.planned, outcome.failures
    return {"seconds": processor_seconds() - before, "clock": outcome.seconds, "runs": outcome.finished}


def processor_seconds() -> float:
    """Of this process and of all its children that have ended, and theirs."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def held_mb(pid: int) -> float:
    """What a process and its descendants hold together, what they share counted once."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, ValueError):
        return 0.0
    kb = next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)
    return kb / 1024 + sum(held_mb(int(child)) for child in children)


def _apart(way: str, *words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.shared_history", "--one", way, *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, held_mb(process.pid))
        time.sleep(_LOOK_S)
    assert process.returncode == 0
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.read())
    return found | {"peak": peak}


def _files(home: Path) -> dict[str, bytes]:
    return {p.relative_to(home).as_posix(): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        print(json.dumps(measure(*words[1:])))
        return
    replications, world, workers = (words + ["2", "national", "1"][len(words) :])[:3]
    turns: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for number in range(1, int(replications) + 1):
        with tempfile.TemporaryDirectory() as name:
            for way in list(WAYS)[:: 1 if number % 2 else -1]:
                turns[way].append(_apart(way, str(number), world, workers, f"{name}/{way}"))
            alone, shared = (_files(Path(name) / way) for way in WAYS)
            assert alone == shared, "the files differ: times mean nothing"
    runs = sum(turn["runs"] for turn in turns["off"])
    print(
        f"+experiment=recommendations, {world} world, {replications} replications, {runs} runs, files equal to the byte"
    )
    print(f"{'':20}{'processor s':>13}{'a run s':>9}{'by the clock s':>16}{'peak MB':>9}")
    spent = {}
    for way, label in WAYS.items():
        spent[way] = sum(turn["seconds"] for turn in turns[way])
        clock, peak = sum(turn["clock"] for turn in turns[way]), max(turn["peak"] for turn in turns[way])
        print(f"{label:20}{spent[way]:>13.1f}{spent[way] / runs:>9.2f}{clock:>16.1f}{peak:>9.0f}")
    ratio = spent["auto"] / spent["off"]
    print(
        f"shared history takes {ratio:.2f} of the processor time: {1 / ratio:.2f} times as many runs in the same time"
    )


if __name__ == "__main__":
    main()
