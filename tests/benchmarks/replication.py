"""One replication of the whole model: seconds, peak memory, referrals a second, and the ratio to the plain twin.

Run:  python -m tests.benchmarks.replication [world] [last day]      (default: national 2022-01-31)

Both forms run the same agents on the same draws, one after the other, each in a fresh process, and must leave the
same digests before their times are compared. Only ratios carry over between machines.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time


def measure(form: str, world: str, last_day: str) -> dict[str, object]:
    """Run one replication here and say what it took."""
    from sim.model import run_replication
    from sim.settings import load

    asked = load([f"world={world}", f"horizon.end={last_day}"])[0][0]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    if form == "twin":
        from tests.oracle.twin import TwinFlow

        run = run_replication(asked, seed=2015, replication=1, flow_class=TwinFlow)  # type: ignore[arg-type]
    else:
        run = run_replication(asked, seed=2015, replication=1)
    seconds = time.perf_counter() - began
    return {
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "before_mb": before,
        "referrals": run.figures["referrals"],
        "digests": run.digests,
    }


def _apart(form: str, world: str, last_day: str) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.benchmarks.replication", "--one", form, world, last_day]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the table."""
    words = sys.argv[1:]
    if words[:1] == ["--one"]:
        print(json.dumps(measure(*words[1:])))
        return
    world = words[0] if words else "national"
    last_day = words[1] if len(words) > 1 else "2022-01-31"
    rows = {form: _apart(form, world, last_day) for form in ("model", "twin")}
    assert rows["model"]["digests"] == rows["twin"]["digests"], "the two forms differ: times mean nothing"
    print(f"{world} world to {last_day}, one replication, same draws, same digests")
    print(f"{'form':8}{'seconds':>10}{'peak MB':>10}{'referrals/s':>14}")
    for form, row in rows.items():
        rate = float(str(row["referrals"])) / float(str(row["seconds"]))
        print(f"{form:8}{float(str(row['seconds'])):>10.2f}{float(str(row['peak_mb'])):>10.0f}{rate:>14,.0f}")
    ratio = float(str(rows["twin"]["seconds"])) / float(str(rows["model"]["seconds"]))
    print(f"the plain twin takes {ratio:.1f} times as long")


if __name__ == "__main__":
    main()
