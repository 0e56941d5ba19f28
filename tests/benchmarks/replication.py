"""One replication of the whole model: seconds, peak memory, how both grow, and the ratio to the plain twin.

Run:  python -m tests.benchmarks.replication [world] [last day] [no-twin]      (default: national 2022-01-31)

The forms are run one after the other, each in a fresh process; seconds are those of the processor, the best of a
few runs, and the peak is that of the first. The model and the twin run the same agents on the same draws and must
leave the same digests before their times are compared. Only ratios of one call carry over between machines, and busy
ones add to every figure.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from datetime import date
from typing import Any

RUNS = {"model": 4, "tenfold": 1, "half": 1, "twin": 1}  # how many runs each form's best is taken of
SAYS = {
    "model": "the model",
    "tenfold": "ten times the people",
    "half": "half the horizon",
    "twin": "the plain twin",
}


def measure(form: str, world: str, last_day: str) -> dict[str, Any]:
    """Run replications here and say what the best one took."""
    from sim.model import run_replication
    from sim.settings import load

    words = [f"world={world}", f"horizon.end={last_day}"]
    scenario = load([*words, "demand.people_scale=10"] if form == "tenfold" else words)[0][0]
    options: dict[str, Any] = {}
    if form == "twin":
        from tests.oracle.twin import TwinFlow

        options["flow_class"] = TwinFlow
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds, peaks_mb = [], []
    for _ in range(RUNS[form]):
        began = time.process_time()
        run = run_replication(scenario, seed=2015, replication=1, **options)
        seconds.append(time.process_time() - began)
        peaks_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {
        "seconds": min(seconds),
        "peak_mb": peaks_mb[0],
        "before_mb": before,
        "referrals": run.figures["referrals"],
        "digests": run.digests,
    }


def _apart(form: str, world: str, last_day: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.replication", "--one", form, world, last_day]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> None:
    """Print the table."""
    words = [word for word in sys.argv[1:] if word != "no-twin"]
    if words[:1] == ["--one"]:
        print(json.dumps(measure(*words[1:])))
        return
    world = words[0] if words else "national"
    last_day = words[1] if len(words) > 1 else "2022-01-31"
    half_way = date.fromordinal((date(2015, 2, 1).toordinal() + date.fromisoformat(last_day).toordinal()) // 2)
    forms = [form for form in RUNS if form != "twin" or "no-twin" not in sys.argv]
    rows = {form: _apart(form, world, str(half_way) if form == "half" else last_day) for form in forms}
    print(f"{world} world to {last_day}, one replication")
    print(f"{'':22}{'seconds':>10}{'peak MB':>10}{'before MB':>11}{'referrals':>12}{'a second':>10}")
    for form, row in rows.items():
        rate = row["referrals"] / row["seconds"]
        print(
            f"{SAYS[form]:22}{row['seconds']:>10.2f}{row['peak_mb']:>10.0f}{row['before_mb']:>11.0f}"
            f"{row['referrals']:>12,.0f}{rate:>10,.0f}"
        )
    print(f"ten times the people take {rows['tenfold']['seconds'] / rows['model']['seconds']:.1f} times as long")
    if "twin" in rows:
        assert rows["model"]["digests"] == rows["twin"]["digests"], "the two forms differ: times mean nothing"
        ratio = rows["twin"]["seconds"] / rows["model"]["seconds"]
        print(f"the plain twin takes {ratio:.1f} times as long, with the same digests")


if __name__ == "__main__":
    main()
