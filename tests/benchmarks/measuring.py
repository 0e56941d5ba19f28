"""What every part of the suite shares: rows, how large the work is, fresh processes, memory and the yardsticks.

``python -m tests.benchmarks.measuring MODULE:FUNCTION JSON`` is how a part measures something in a process of its
own: what ran before it can then neither warm it nor hold its memory. This module imports nothing heavy, so that it
adds next to nothing to what is measured beside it.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from sim.kernel.library import SWITCH, find

ROOT: Final = Path(__file__).resolve().parents[2]

# Units of the ratios that carry over between machines: these are held against the recorded ones.
HIGH_IS_GOOD, LOW_IS_GOOD = "ratio, high is good", "ratio, low is good"
RATIO: Final = "ratio"  # one that says something here, and nothing elsewhere

PLAIN: Final = {SWITCH: "off"}
COMPILED: Final = {SWITCH: "on"}

SECONDS, PEAK = "processor seconds", "peak memory"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        part: of the suite.
        case: what was measured.
        quantity: which of its quantities.
        unit: of the value; ``HIGH_IS_GOOD`` and ``LOW_IS_GOOD`` mark the ratios that are recorded.
    """

    part: str
    case: str
    quantity: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Bench:
    """How large the work is.

    Attributes:
        quick: a small world and few repetitions, to see that everything works; its figures mean nothing.
        twin: whether the plain twin is run, which takes a hundred times as long as the model.
    """

    quick: bool = False
    twin: bool = True

    @property
    def world(self) -> str:
        """The world of the parts that take one."""
        return "pair" if self.quick else "national"

    @property
    def last_day(self) -> str:
        """The last day simulated."""
        return "2015-12-31" if self.quick else "2022-01-31"

    @property
    def words(self) -> list[str]:
        """World and horizon as typed words."""
        return [f"world={self.world}", f"horizon.end={self.last_day}"]

    def times(self, full: int, quick: int = 1) -> int:
        """How often something is repeated for its best, or how many of it are made."""
        return min(full, quick) if self.quick else full


def apart(function: str, *, environment: Mapping[str, str] | None = None, **options: Any) -> Any:
    """What ``module:function`` returns when it is called in a fresh process, without the compiled kernel.

    Args:
        function: takes keywords and returns what JSON can hold.
        environment: variables set for the process (``COMPILED``: with the kernel).
        options: the keywords.
    """
    command = [sys.executable, "-m", "tests.benchmarks.measuring", function, json.dumps(options)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=os.environ | dict(environment or PLAIN), check=False
    )
    if done.returncode:
        raise RuntimeError(f"{function} failed in its own process:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def forms_of_the_model() -> dict[str, Mapping[str, str]]:
    """What the model is run as -> the environment for it; the compiled form where the kernel has been built."""
    return {"the model": PLAIN} | ({"the model, compiled kernel": COMPILED} if find() else {})


def look_up(spec: str) -> Any:
    """The object that ``module:name`` or ``module:Class.name`` stands for."""
    module, _, path = spec.partition(":")
    found = import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def process_cost(command: Sequence[str]) -> tuple[float, float]:
    """Processor seconds and wall seconds of one command, from its start to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{said.decode()}")
    return used.ru_utime + used.ru_stime, wall


def peak_mb() -> float:
    """The most memory this process has held, in MB.

    Linux's ``ru_maxrss`` of a process begins at what its parent held, so the kernel's own mark is read where it is.
    """
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        unit = 1024**2 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def processor_s(work: Callable[[], object]) -> float:
    """Seconds of the processor that one call takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def best_of(times: int, work: Callable[[], object]) -> float:
    """Processor seconds of the fastest of several calls: what it takes when nothing else gets in the way."""
    return min(processor_s(work) for _ in range(times))


def value_of(rows: Iterable[Row], case: str, quantity: str) -> float:
    """The value of one row; raises StopIteration when it is not there."""
    return next(row.value for row in rows if (row.case, row.quantity) == (case, quantity))


# The yardsticks: fixed work, by which figures of machines of different speed can be related.


def python_yardstick() -> int:
    """A fixed loop in plain Python: whole numbers, a list and a call."""
    held, x = [0] * 1024, 1
    for i in range(400_000):
        x = (x * 1_103_515_245 + 12_345) & 0x7FFFFFFF
        held[x & 1023] = max(held[i & 1023], x)
    return sum(held)


def numpy_yardstick() -> float:
    """A fixed loop in numpy: logarithms, a sort and a count over columns that fit the cache."""
    import numpy as np

    column, total = (np.arange(16_384, dtype=np.float64) * 0.7548776662466927) % 1.0 + 1e-3, 0.0
    for _ in range(100):
        total += float(-np.log(column).sum())
        column = column[np.argsort(column % 0.37, kind="stable")]
        total += float(np.bincount((column * 64.0).astype(np.intp)).max())
    return total


def yardsticks_s(times: int = 5) -> tuple[float, float]:
    """Processor seconds of the Python and the numpy yardstick, the best of a few."""
    return best_of(times, python_yardstick), best_of(times, numpy_yardstick)


if __name__ == "__main__":
    print(json.dumps(look_up(sys.argv[1])(**json.loads(sys.argv[2]))))
