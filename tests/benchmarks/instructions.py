"""Instructions of one replication, counted by valgrind: the same on a busy machine as on a quiet one.

Seconds swing with what else a machine does; instructions do not, to a tenth of a per cent. They are no seconds (a
sort and a loop of Python differ in how many a second they do), and they depend on the libraries and on what the
processor offers them, so compare figures of one machine only. Needs valgrind; takes minutes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from tests.benchmarks.measuring import LOW_IS_GOOD, ROOT, Bench, Row, forms_of_the_model

PART: Final = "instructions"
_COUNTED: Final = re.compile(r"I\s+refs:\s+([\d,]+)")
_SCRIPT: Final = """
import sys
from sim.model import run_replication
from sim.settings import load
scenario = load(sys.argv[2:])[0][0]
for _ in range(int(sys.argv[1])):
    run_replication(scenario, seed=2015, replication=1)
"""


def measure(bench: Bench) -> list[Row]:
    """Rows of each form of the model; raises ModuleNotFoundError where there is no valgrind."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        raise ModuleNotFoundError("valgrind is not installed")
    rows: list[Row] = []
    for says, environment in forms_of_the_model().items():
        start_up, whole = (counted(valgrind, runs, bench.words, environment) for runs in (0, 1))
        rows.append(Row(PART, says, "of one replication", (whole - start_up) / 1e9, "thousand million"))
    first, *others = rows
    for row in others:
        rows.append(Row(PART, row.case, "over the model's", row.value / first.value, LOW_IS_GOOD))
    return rows


def counted(valgrind: str, runs: int, words: list[str], environment: Mapping[str, str]) -> int:
    """Instructions of a process that makes so many runs, its start included."""
    count = [valgrind, "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
    done = subprocess.run(
        [*count, sys.executable, "-c", _SCRIPT, str(runs), *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "0"} | dict(environment),
        check=False,
    )
    found = _COUNTED.search(done.stderr)
    if done.returncode or found is None:
        raise RuntimeError(f"nothing was counted:\n{done.stderr}")
    return int(found[1].replace(",", ""))


if __name__ == "__main__":
    from tests.benchmarks.suite import main

    raise SystemExit(main(["--only", PART, *sys.argv[1:]]))
