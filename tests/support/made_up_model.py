"""Stand-ins for the model, importable by worker processes: quick, keyed by replication, and able to fail."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import Any

from sim.observe.results import RunResult
from sim.scenario import Scenario
from tests.support.synthetic import run


def quick(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """A made-up run of a world of three areas."""
    return run(replication, scenario.name, months=12, n_crcs=2, n_areas=3, seed=seed)


def third_fails(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but replication 3 raises."""
    if replication == 3:
        raise ArithmeticError("money was created\nin June 2019")
    return quick(scenario, seed=seed, replication=replication)


def second_kills_its_process(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but replication 2 takes its worker down, as a lack of memory would."""
    if replication == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(scenario, seed=seed, replication=replication)


def interrupted_at_third(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but somebody presses Ctrl-C during replication 3."""
    if replication == 3:
        raise KeyboardInterrupt
    return quick(scenario, seed=seed, replication=replication)


def heavy_imports(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, reporting as figures which heavy packages this process has imported."""
    result = quick(scenario, seed=seed, replication=replication)
    found: dict[str, Any] = {name: float(name in sys.modules) for name in ("pandas", "scipy", "matplotlib", "hydra")}
    found["threads"] = float(os.environ.get("OMP_NUM_THREADS", "0"))
    result.figures.clear()
    result.figures.update(found)
    return result


def fourth_never_ends(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but replication 4 goes round for ever."""
    while replication == 4:
        time.sleep(0.01)
    return quick(scenario, seed=seed, replication=replication)


def takes_a_moment(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but takes long enough to be met in the middle."""
    time.sleep(0.15)
    return quick(scenario, seed=seed, replication=replication)


def third_sleeps_for_ever(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, but replication 3 waits for something that never comes."""
    if replication == 3:
        time.sleep(1e6)
    return quick(scenario, seed=seed, replication=replication)


def tells_where_its_code_is(scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """As ``quick``, reporting whether this process imported the copy of the package taken at launch."""
    result = quick(scenario, seed=seed, replication=replication)
    result.figures["from_copy"] = float(".code" in str(sys.modules["sim.experiment.work"].__file__))
    return result


def sleeps(seconds: float, scenario: Scenario, *, seed: int, replication: int) -> RunResult:
    """A tiny run that takes so long."""
    time.sleep(seconds)
    return run(replication, scenario.name, months=1, n_crcs=1, n_areas=1, seed=seed)
